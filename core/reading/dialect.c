#include "core/reading/dialect.h"

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/reading/skeleton.h"

enum { ISO_BYTES = 24, EPOCH_BYTES = 13 };

struct dialect {
    struct sheet *sheet; /* NULL: lines */
    size_t time_bytes;   /* of the time that lines begin with */
};

/* 2021-07-30T16:35:01.000Z and a blank, or thirteen digits and a blank: nothing else that
 * begins lines looks so. */
static bool begins_line(struct bytes text, size_t time_bytes)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";

    if (text.len <= time_bytes || text.ptr[time_bytes] != ' ')
        return false;
    for (size_t i = 0; i < time_bytes; i++) {
        bool digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        char wanted = time_bytes == ISO_BYTES ? form[i] : '0';

        if (wanted == '0' ? !digit : text.ptr[i] != wanted)
            return false;
    }
    return true;
}

/* Behind the first line; the text's length when it has but one. */
static size_t line_end(struct bytes text)
{
    const char *newline = memchr(text.ptr, '\n', text.len);

    return newline ? (size_t)(newline - text.ptr) + 1 : text.len;
}

/* A bare number is a time only when a record follows it, or another such line. */
static bool is_log(struct bytes head, size_t *time_bytes)
{
    size_t next;
    int64_t at_us;

    *time_bytes = ISO_BYTES;
    if (begins_line(head, ISO_BYTES))
        return instant_parse(bytes_slice(head, 0, ISO_BYTES), &at_us);
    *time_bytes = EPOCH_BYTES;
    if (!begins_line(head, EPOCH_BYTES))
        return false;
    next = line_end(head);
    return (head.len > EPOCH_BYTES + 1 && head.ptr[EPOCH_BYTES + 1] == '{') ||
           begins_line(bytes_slice(head, next, head.len), EPOCH_BYTES);
}

struct dialect *dialect_new(struct bytes head, bool final, size_t *heading)
{
    struct dialect d = {0}, *made;

    *heading = 0;
    if (head.len == 0 ||
        (!is_log(head, &d.time_bytes) && !(d.sheet = sheet_new(head, final, heading))))
        return NULL;
    made = mem_alloc(sizeof *made);
    *made = d;
    return made;
}

void dialect_free(struct dialect *d)
{
    if (d)
        sheet_free(d->sheet);
    mem_free(d);
}

const char *dialect_name(const struct dialect *d)
{
    return d->sheet ? sheet_name(d->sheet) : "lines of a CloudWatch Logs export task";
}

const char *dialect_lacks(const struct dialect *d)
{
    return d->sheet ? sheet_lacks(d->sheet) : NULL;
}

static bool is_blank_line(struct bytes text)
{
    return bytes_starts(text, "\n") || bytes_starts(text, "\r\n");
}

enum csv_end dialect_row(const struct dialect *d, struct bytes text, bool final, size_t *length)
{
    size_t at = 0;

    if (d->sheet)
        return csv_row(text, final, sheet_separator(d->sheet), length);
    if (is_blank_line(text)) {
        *length = line_end(text);
        return CSV_ROW;
    }
    for (;;) {
        struct bytes rest;

        at += line_end(bytes_slice(text, at, text.len));
        rest = bytes_slice(text, at, text.len);
        /* The line behind it tells whether this one goes on. */
        if (!final && (rest.len < ROW_PREFIX_BYTES || text.ptr[at - 1] != '\n'))
            return CSV_MORE;
        if (rest.len > 0 && !begins_line(rest, d->time_bytes))
            continue;
        *length = at;
        return CSV_ROW;
    }
}

bool dialect_joins_lines(const struct dialect *d)
{
    return !d->sheet;
}

bool dialect_begins_row(const struct dialect *d, struct bytes text)
{
    return d->sheet || begins_line(text, d->time_bytes) || is_blank_line(text);
}

bool dialect_is_heading(const struct dialect *d, struct bytes row)
{
    return csv_trim(row).len == 0 || (d->sheet && sheet_is_heading(d->sheet, row));
}

/* In the shape that Logs Insights gives an event. */
static bool render_line(const struct dialect *d, struct bytes row, struct buffer *out,
                        const char **why)
{
    struct bytes time = bytes_slice(row, 0, d->time_bytes);
    const char *unit;
    int64_t at_us;

    row = csv_trim(row);
    if (!begins_line(row, d->time_bytes) ||
        !(d->time_bytes == ISO_BYTES ? instant_parse(time, &at_us)
                                     : instant_from_epoch(time, &at_us, &unit))) {
        *why = "a line that begins with no time";
        return false;
    }
    buffer_printf(out, "{\"@timestamp\":%lld,\"@message\":", (long long)(at_us / 1000));
    skeleton_text(out, bytes_slice(row, d->time_bytes + 1, row.len));
    buffer_add_char(out, '}');
    return true;
}

bool dialect_render(const struct dialect *d, struct bytes row, struct buffer *out,
                    struct sheet_mends *mends, const char **why)
{
    if (d->sheet)
        return sheet_render(d->sheet, row, out, mends, why);
    return render_line(d, row, out, why);
}

void dialects_deinit(struct dialects *d)
{
    for (size_t i = 0; i < d->n; i++)
        dialect_free(d->spans[i].dialect);
    mem_free(d->spans);
    *d = (struct dialects){0};
}

void dialects_add(struct dialects *d, uint64_t from, struct dialect *dialect)
{
    mem_grow(&d->spans, &d->cap, d->n + 1, sizeof *d->spans);
    d->spans[d->n++] = (struct dialect_span){from, UINT64_MAX, dialect};
}

/* The last stretch that does not begin behind `offset`, or NULL. */
static const struct dialect_span *span_at(const struct dialects *d, uint64_t offset)
{
    size_t low = 0, high = d->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (d->spans[middle].from <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &d->spans[low - 1] : NULL;
}

bool dialects_render(const struct dialects *d, uint64_t offset, struct bytes raw,
                     struct buffer *out)
{
    const struct dialect_span *span = span_at(d, offset);
    const char *why;

    return span && offset < span->to && dialect_render(span->dialect, raw, out, NULL, &why);
}
