#include "tui/panes/preview.h"

#include "core/base/arena.h"

#include "core/reading/explain.h"

static struct bytes hide(struct ui *ui, int field, struct bytes text)
{
    return canvas_hide(&ui->canvas, bytes_of(field_get((enum field_id)field)->name), text);
}

void preview_sentence(struct ui *ui, const struct value *values, struct buffer *out)
{
    struct value hidden[FIELD_COUNT];
    struct arena arena = {0};

    memcpy(hidden, values, sizeof hidden);
    for (int f = 0; f < FIELD_COUNT; f++)
        if (hidden[f].state == VALUE_TEXT)
            hidden[f].text = arena_copy(&arena, hide(ui, f, hidden[f].text));
    explain_event(hidden, out);
    arena_deinit(&arena);
}

/* The sentence, then `field  value`; not yet sanitised. */
static void add_event(struct ui *ui, row_id row, struct buffer *out)
{
    const struct store *store = session_store(ui->session);
    struct value values[FIELD_COUNT];
    char scratch[FIELD_COUNT][UNIQUE_TEXT_BYTES];

    store_values(store, row, values, scratch);
    preview_sentence(ui, values, out);
    buffer_add_text(out, "\n\n");
    buffer_printf(out, "%-14s ", field_get(FIELD_TIME)->name);
    ui_add_time(ui, out, store_time(store, row), INSTANT_TABLE);
    buffer_add_char(out, '\n');
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (values[f].state == VALUE_ABSENT)
            continue;
        buffer_printf(out, "%-14s ", field_get((enum field_id)f)->name);
        if (values[f].state == VALUE_TEXT)
            buffer_add(out, hide(ui, f, values[f].text));
        else
            ui_add_value(ui, out, (enum value_state)values[f].state, bytes_of(""), 20);
        buffer_add_char(out, '\n');
    }
}

void preview_draw(struct preview *p, struct ui *ui, struct canvas *c, struct area area,
                  row_id row)
{
    struct bytes text;
    unsigned line_row = area.row;

    if (!p->has_row || p->row != row || p->mask_changes != ui->mask_changes) {
        buffer_clear(&p->text);
        add_event(ui, row, &p->text);
        p->row = row;
        p->has_row = true;
        p->mask_changes = ui->mask_changes;
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
