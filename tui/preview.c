#include "tui/preview.h"

#include "core/reading/explain.h"

/* The sentence, then `field  value`; not yet sanitised. */
static void add_event(const struct ui *ui, row_id row, struct buffer *out)
{
    const struct store *store = session_store(ui->session);
    struct value values[FIELD_COUNT];
    char scratch[FIELD_COUNT][UNIQUE_TEXT_BYTES];

    store_values(store, row, values, scratch);
    explain_event(values, out);
    buffer_add_text(out, "\n\n");
    buffer_printf(out, "%-14s ", field_get(FIELD_TIME)->name);
    ui_add_time(ui, out, store_time(store, row), INSTANT_TABLE);
    buffer_add_char(out, '\n');
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (values[f].state == VALUE_ABSENT)
            continue;
        buffer_printf(out, "%-14s ", field_get((enum field_id)f)->name);
        if (values[f].state == VALUE_TEXT)
            buffer_add(out, values[f].text);
        else
            ui_add_value(ui, out, (enum value_state)values[f].state, bytes_of(""), 20);
        buffer_add_char(out, '\n');
    }
}

void preview_draw(struct preview *p, const struct ui *ui, struct canvas *c, struct area area,
                  row_id row)
{
    struct bytes text;
    unsigned line_row = area.row;

    if (!p->has_row || p->row != row) {
        buffer_clear(&p->text);
        add_event(ui, row, &p->text);
        p->row = row;
        p->has_row = true;
    }
    for (unsigned i = 0; i < area.rows; i++)
        canvas_text(c, area.row + i, area.col, 1, STYLE_DIM,
                    glyph_text(GLYPH_VERTICAL, c->ascii));
    text = buffer_bytes(&p->text);
    while (text.len && line_row < area.row + area.rows) {
        size_t end = bytes_find(text, bytes_of("\n"));
        struct bytes line = bytes_slice(text, 0, end);

        canvas_put(c, line_row, area.col + 2, area.cols - 2,
                   line_row == area.row ? STYLE_TITLE : STYLE_PLAIN, line);
        line_row++;
        text = end == SIZE_MAX ? bytes_slice(text, text.len, text.len)
                               : bytes_slice(text, end + 1, text.len);
    }
}

void preview_deinit(struct preview *p)
{
    buffer_deinit(&p->text);
}
