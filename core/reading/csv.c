#include "core/reading/csv.h"

/* Behind the quoted part that begins at `at`, which is behind its first quote; SIZE_MAX when
 * it is not closed. */
static size_t quoted_end(struct bytes text, size_t at, bool *doubled)
{
    while (at < text.len) {
        const char *quote = memchr(text.ptr + at, '"', text.len - at);

        if (!quote)
            return SIZE_MAX;
        at = (size_t)(quote - text.ptr) + 1;
        if (at == text.len || text.ptr[at] != '"')
            return at;
        *doubled = true;
        at++;
    }
    return SIZE_MAX;
}

enum csv_end csv_row(struct bytes text, bool final, char separator, size_t *length)
{
    bool doubled = false, start = true;
    size_t at = 0;

    while (at < text.len) {
        char byte = text.ptr[at];

        if (start && byte == '"') {
            at = quoted_end(text, at + 1, &doubled);
            if (at == SIZE_MAX)
                return final ? CSV_UNDONE : CSV_MORE;
            start = false;
            continue;
        }
        at++;
        if (byte == '\n') {
            *length = at;
            return CSV_ROW;
        }
        start = byte == separator;
    }
    *length = text.len;
    return final ? CSV_ROW : CSV_MORE;
}

struct bytes csv_trim(struct bytes row)
{
    if (row.len > 0 && row.ptr[row.len - 1] == '\n')
        row.len--;
    if (row.len > 0 && row.ptr[row.len - 1] == '\r')
        row.len--;
    return row;
}

bool csv_next(struct bytes *rest, char separator, struct csv_cell *out)
{
    struct bytes text = *rest;
    size_t end = 0, from = 0;
    const char *stop;

    if (!text.ptr)
        return false;
    *out = (struct csv_cell){0};
    if (text.len > 0 && text.ptr[0] == '"') {
        from = 1;
        out->quoted = true;
        end = quoted_end(text, 1, &out->doubled);
        if (end == SIZE_MAX)
            end = text.len;
    }
    stop = end < text.len ? memchr(text.ptr + end, separator, text.len - end) : NULL;
    *rest = stop ? bytes_make(stop + 1, text.len - (size_t)(stop + 1 - text.ptr))
                 : (struct bytes){0};
    if (stop)
        text.len = (size_t)(stop - text.ptr);
    if (out->quoted && end == text.len && end > 1 && text.ptr[end - 1] == '"') {
        text.len--;
    } else if (out->quoted) {
        out->doubled = true; /* something behind the closing quote: decoding drops the quote */
    }
    out->raw = bytes_slice(text, from, text.len);
    return true;
}

void csv_decode(const struct csv_cell *cell, struct buffer *out)
{
    size_t at = 0;
    bool inside = true;

    if (!cell->doubled) {
        buffer_add(out, cell->raw);
        return;
    }
    while (at < cell->raw.len) {
        struct bytes rest = bytes_slice(cell->raw, at, cell->raw.len);
        const char *quote = inside ? memchr(rest.ptr, '"', rest.len) : NULL;
        size_t used = quote ? (size_t)(quote - rest.ptr) : rest.len;

        buffer_add(out, bytes_slice(rest, 0, used));
        at += used;
        if (!quote)
            break;
        at++;
        if (at < cell->raw.len && cell->raw.ptr[at] == '"')
            buffer_add_char(out, cell->raw.ptr[at++]);
        else
            inside = false;
    }
}
