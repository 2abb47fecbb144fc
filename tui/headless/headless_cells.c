#include "tui/headless/headless_cells.h"

#include <inttypes.h>

struct writer_cell cells_keep(struct cells *c, enum writer_type type, struct buffer *text)
{
    struct writer_cell cell = {text->len ? type : WRITER_MISSING,
                               arena_copy(&c->arena, buffer_bytes(text))};

    buffer_deinit(text);
    return cell;
}

struct writer_cell cells_word(struct bytes text)
{
    return (struct writer_cell){text.len ? WRITER_STRING : WRITER_MISSING, text};
}

struct writer_cell cells_number(struct cells *c, uint64_t value)
{
    struct buffer text = {0};

    buffer_printf(&text, "%" PRIu64, value);
    return cells_keep(c, WRITER_NUMBER, &text);
}

struct writer_cell cells_bool(bool yes)
{
    return (struct writer_cell){WRITER_RAW, bytes_of(yes ? "true" : "false")};
}

struct writer_cell cells_time(struct cells *c, int64_t at_us)
{
    struct buffer text = {0};

    instant_add(&text, at_us, INSTANT_ISO, 0);
    return cells_keep(c, WRITER_STRING, &text);
}

static void add_event(struct cells *c, struct buffer *out, row_id row)
{
    char scratch[UNIQUE_TEXT_BYTES];
    enum value_state state;
    struct bytes id = store_text(c->store, row, FIELD_EVENT_ID, scratch, &state);
    struct buffer place = {0};

    if (state != VALUE_TEXT)
        id = store_text(c->store, row, FIELD_REQUEST_ID, scratch, &state);
    if (state != VALUE_TEXT) {
        struct row_place at = store_place(c->store, row);

        buffer_add(&place, archive_file(session_archive(c->session), at.file)->path);
        buffer_printf(&place, ":%" PRIu64, at.offset_bytes);
        id = buffer_bytes(&place);
    }
    writer_add_json(out, id);
    buffer_deinit(&place);
}

struct writer_cell cells_events(struct cells *c, const row_id *rows, uint32_t n)
{
    struct buffer text = {0};

    if (!c->json)
        return cells_number(c, n);
    buffer_add_char(&text, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buffer_add_char(&text, ',');
        add_event(c, &text, rows[i]);
    }
    buffer_add_char(&text, ']');
    return cells_keep(c, WRITER_RAW, &text);
}
