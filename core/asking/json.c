#include "core/asking/json.h"

bool json_is_container(struct bytes text, enum cursor_kind *kind)
{
    struct cursor c;

    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    return cursor_peek(&c, kind) && (*kind == CURSOR_OBJECT || *kind == CURSOR_ARRAY) &&
           cursor_skip(&c, NULL) && cursor_at_end(&c);
}

bool json_items_start(struct json_items *items, struct bytes text)
{
    cursor_init(&items->cursor, text, true);
    items->cursor.lenient_utf8 = true;
    items->first = true;
    return cursor_enter_array(&items->cursor);
}

bool json_items_next(struct json_items *items, struct bytes *out)
{
    bool first = items->first;

    items->first = false;
    return cursor_next_item(&items->cursor, first) && cursor_skip(&items->cursor, out);
}

/* Moves to the value of the last key `step`; false when there is none. */
static bool enter_key(struct cursor *c, struct bytes step, struct bytes *value)
{
    struct cursor_text key;
    struct buffer decoded = {0};
    bool found = false, first = true;

    if (!cursor_enter_object(c))
        return false;
    for (; cursor_next_key(c, &key, first); first = false) {
        struct bytes name = key.raw, skipped;

        if (key.escaped) {
            buffer_clear(&decoded);
            cursor_decode(key, &decoded);
            name = buffer_bytes(&decoded);
        }
        if (!cursor_skip(c, &skipped))
            break;
        if (bytes_equal(name, step)) {
            *value = skipped;
            found = true;
        }
    }
    buffer_deinit(&decoded);
    return found;
}

static bool enter_item(struct bytes list, uint64_t wanted, struct bytes *value)
{
    struct json_items items;

    if (!json_items_start(&items, list))
        return false;
    for (uint64_t i = 0; json_items_next(&items, value); i++) {
        if (i == wanted)
            return true;
    }
    return false;
}

static struct datum plain_value(struct bytes value, struct arena *memory)
{
    struct cursor c;
    enum cursor_kind kind;
    struct cursor_text text;
    struct buffer decoded = {0};
    struct datum d = {.kind = DATUM_MISSING};

    cursor_init(&c, value, true);
    c.lenient_utf8 = true;
    if (!cursor_peek(&c, &kind))
        return d;
    if (kind == CURSOR_NULL) {
        d.state = VALUE_NULL;
        return d;
    }
    if (kind != CURSOR_STRING)
        return datum_of_text(value);
    if (!cursor_string(&c, &text))
        return d;
    if (!text.escaped)
        return datum_of_text(text.raw);
    cursor_decode(text, &decoded);
    d = datum_of_text(arena_copy(memory, buffer_bytes(&decoded)));
    buffer_deinit(&decoded);
    return d;
}

struct datum json_kept(struct bytes text)
{
    struct datum d = datum_of_text(text);

    if (bytes_are(text, "HIDDEN_DUE_TO_SECURITY_REASONS") ||
        bytes_are(text, "HIDDEN_FOR_SECURITY_REASONS"))
        d.state = VALUE_REDACTED;
    return d;
}

struct datum json_value(struct bytes value, struct arena *memory)
{
    struct datum d = plain_value(value, memory);

    return d.kind == DATUM_TEXT ? json_kept(d.text) : d;
}

struct datum json_find(struct bytes json, struct bytes path, struct arena *memory)
{
    struct bytes step, value = json;

    while (path_step(&path, &step)) {
        struct cursor c;
        enum cursor_kind kind;
        uint64_t position;
        bool found = false;

        cursor_init(&c, value, true);
        c.lenient_utf8 = true;
        if (!cursor_peek(&c, &kind))
            return (struct datum){.kind = DATUM_MISSING};
        if (kind == CURSOR_OBJECT)
            found = enter_key(&c, step, &value);
        else if (kind == CURSOR_ARRAY && bytes_to_u64(step, &position))
            found = enter_item(value, position, &value);
        if (!found)
            return (struct datum){.kind = DATUM_MISSING};
    }
    return json_value(value, memory);
}

void json_write_string(struct buffer *out, struct bytes text)
{
    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else if (c < 0x20)
            buffer_printf(out, "\\u%04x", c);
        else
            buffer_add_char(out, (char)c);
    }
    buffer_add_char(out, '"');
}
