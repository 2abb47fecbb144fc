#include "tui/complete.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "tui/ui.h"

enum { MAX_CANDIDATES = 200 };

static bool starts_nocase(struct bytes text, struct bytes prefix)
{
    return text.len >= prefix.len &&
           bytes_equal_nocase(bytes_slice(text, 0, prefix.len), prefix);
}

static void complete_fields(struct bytes word, struct candidates *out)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        const struct field *field = field_get((enum field_id)i);
        struct buffer item = {0};

        if (starts_nocase(bytes_of(field->name), word)) {
            buffer_printf(&item, "%s:", field->name);
            candidates_add(out, buffer_bytes(&item), bytes_of(field->meaning));
        }
        buffer_deinit(&item);
    }
}

/* A value as it can stand in a quick term. */
static void add_term_value(struct buffer *out, struct bytes value)
{
    bool plain = value.len > 0;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        plain &= c > ' ' && c != '"' && c != '\'' && c != '(' && c != ')' && c != ',' &&
                 c != '|' && c != '*' && c != '/' && c != '\\' && c < 0x7f;
    }
    if (plain) {
        buffer_add(out, value);
        return;
    }
    buffer_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, value.ptr[i]);
    }
    buffer_add_char(out, '"');
}

static int by_item(const void *a, const void *b)
{
    return bytes_compare(buffer_bytes(a), buffer_bytes(b));
}

static void complete_values(struct ui *ui, enum field_id field, struct bytes prefix,
                            struct candidates *out)
{
    struct dictionary *d = store_dictionaries(session_store(ui->session))[field];
    uint32_t count = d ? dictionary_count(d) : 0;

    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count && out->count < MAX_CANDIDATES; id++) {
        struct bytes text = dictionary_text(d, id);
        struct buffer item = {0};

        if (text.len <= 200 && starts_nocase(text, prefix)) {
            add_term_value(&item, text);
            candidates_add(out, buffer_bytes(&item), bytes_of(""));
        }
        buffer_deinit(&item);
    }
    /* Ids come in the order of reading, which differs from run to run. */
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_item);
}

void complete_filter(struct ui *ui, struct bytes line, size_t from, struct candidates *out)
{
    struct bytes word = bytes_slice(line, from, line.len);
    size_t name_end = from, name_start;
    enum field_id field;

    /* "error:Not" and "error = Not" complete values of error. */
    while (name_end > 0 && (line.ptr[name_end - 1] == ' ' || line.ptr[name_end - 1] == '"'))
        name_end--;
    if (name_end > 0 && (line.ptr[name_end - 1] == ':' || line.ptr[name_end - 1] == '=')) {
        name_end--;
        while (name_end > 0 && line.ptr[name_end - 1] == ' ')
            name_end--;
        name_start = name_end;
        while (name_start > 0 && line.ptr[name_start - 1] != ' ' &&
               line.ptr[name_start - 1] != '(' && line.ptr[name_start - 1] != '-')
            name_start--;
        if (field_find(bytes_slice(line, name_start, name_end), &field)) {
            complete_values(ui, field, word, out);
            return;
        }
    }
    complete_fields(word, out);
}
