#include "core/reading/dialect.h"

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/reading/cursor.h"
#include "core/reading/lambda.h"
#include "core/reading/skeleton.h"

enum { ISO_BYTES = 24, EPOCH_BYTES = 13 };

struct dialect {
    enum { DIALECT_LOG, DIALECT_LAMBDA, DIALECT_SHEET, DIALECT_ACCESS, DIALECT_MENDED } kind;
    struct sheet *sheet;           /* of DIALECT_SHEET */
    const struct template *format; /* of DIALECT_ACCESS */
    struct template *owned;        /* the same, unless it is the user's */
    const struct config *config;   /* with formats for the texts of a log */
    size_t time_bytes;             /* of the time that lines of a log begin with */
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

/* The line fits a format: the user's first, then those of the console. */
static bool is_access(struct bytes line, struct dialect *d)
{
    const struct template *format;
    struct buffer rendered = {0};

    for (size_t i = 0; !d->format && (format = config_format(d->config, i)); i++)
        if (template_render(format, line, &rendered))
            d->format = format;
    buffer_deinit(&rendered);
    if (!d->format)
        d->format = d->owned = template_find(line);
    return d->format;
}

static bool is_json(struct bytes line)
{
    struct cursor c;

    cursor_init(&c, line, true);
    c.lenient_utf8 = true;
    return cursor_skip(&c, NULL) && cursor_at_end(&c);
}

static bool is_mendable(struct bytes line)
{
    struct buffer rendered = {0};
    bool mendable = bytes_starts(line, "{") && !is_json(line) && template_mend(line, &rendered);

    buffer_deinit(&rendered);
    return mendable;
}

struct dialect *dialect_new(struct bytes head, bool final, const struct config *config,
                            size_t *heading)
{
    struct dialect d = {.config = config}, *made;
    size_t end = line_end(head);
    bool whole = final || (end > 0 && head.ptr[end - 1] == '\n');
    struct bytes line = csv_trim(bytes_slice(head, 0, end));

    *heading = 0;
    if (is_log(head, &d.time_bytes))
        d.kind = DIALECT_LOG;
    else if (lambda_begins(head))
        d.kind = DIALECT_LAMBDA;
    else if (whole && line.len > 0 && is_access(line, &d))
        d.kind = DIALECT_ACCESS;
    else if (!bytes_starts(line, "{") && (d.sheet = sheet_new(head, final, heading)))
        d.kind = DIALECT_SHEET;
    else if (whole && is_mendable(line))
        d.kind = DIALECT_MENDED;
    else
        return NULL;
    made = mem_alloc(sizeof *made);
    *made = d;
    return made;
}

void dialect_free(struct dialect *d)
{
    if (!d)
        return;
    sheet_free(d->sheet);
    template_free(d->owned);
    mem_free(d);
}

const char *dialect_name(const struct dialect *d)
{
    static const char *const names[] = {
        [DIALECT_LOG] = "lines of a CloudWatch Logs export task",
        [DIALECT_LAMBDA] = "lines of a Lambda function's log",
        [DIALECT_ACCESS] = "lines of an API Gateway access log",
        [DIALECT_MENDED] = "lines of an API Gateway access log in broken JSON",
    };

    return d->kind == DIALECT_SHEET ? sheet_name(d->sheet) : names[d->kind];
}

const char *dialect_lacks(const struct dialect *d)
{
    return d->kind == DIALECT_SHEET ? sheet_lacks(d->sheet) : NULL;
}

static bool goes_on_over_lines(const struct dialect *d)
{
    return d->kind == DIALECT_LOG || d->kind == DIALECT_LAMBDA;
}

/* Of the dialects whose rows may go on over lines: what begins one. */
static bool begins_entry(const struct dialect *d, struct bytes text)
{
    return d->kind == DIALECT_LAMBDA ? lambda_begins(text) : begins_line(text, d->time_bytes);
}

static bool is_blank_line(struct bytes text)
{
    return bytes_starts(text, "\n") || bytes_starts(text, "\r\n");
}

/* What stands behind the first line of an entry, and is no part of it: files put one behind the
 * other have that. Only a line that looks like a whole record is taken to end its entry early.
 */
struct sequel {
    const struct dialect *d;
    struct bytes first;
    enum { FIRST_UNSEEN, FIRST_RECORD, FIRST_TEXT } is;
    bool past; /* a line with words was seen behind it */
};

static bool holds_record(struct sequel *s)
{
    if (s->is == FIRST_UNSEEN) {
        struct bytes text = csv_trim(bytes_slice(s->first, s->d->time_bytes + 1, s->first.len));

        s->is = bytes_starts(text, "{") && is_json(text) ? FIRST_RECORD : FIRST_TEXT;
    }
    return s->is == FIRST_RECORD;
}

/* Whether what begins with the line `rest` is of another file. */
static bool is_other(struct sequel *s, struct bytes rest, bool final)
{
    size_t time_bytes = s->d->time_bytes == ISO_BYTES ? EPOCH_BYTES : ISO_BYTES, heading;
    struct sheet *sheet;

    if (s->d->kind != DIALECT_LOG || is_blank_line(rest))
        return false;
    if (begins_line(rest, time_bytes))
        return (rest.len > time_bytes + 1 && rest.ptr[time_bytes + 1] == '{') ||
               holds_record(s);
    if (s->past)
        return false;
    s->past = true;
    if (rest.ptr[0] == '{' || !holds_record(s) || !(sheet = sheet_new(rest, final, &heading)))
        return false;
    sheet_free(sheet);
    return true;
}

enum csv_end dialect_row(const struct dialect *d, struct bytes text, bool final, size_t *length)
{
    struct sequel sequel;
    size_t at = 0;

    if (d->kind == DIALECT_SHEET)
        return csv_row(text, final, sheet_separator(d->sheet), length);
    if (is_blank_line(text) || !goes_on_over_lines(d)) {
        *length = line_end(text);
        return final || (*length > 0 && text.ptr[*length - 1] == '\n') ? CSV_ROW : CSV_MORE;
    }
    sequel = (struct sequel){.d = d, .first = bytes_slice(text, 0, line_end(text))};
    for (;;) {
        struct bytes rest;

        at += line_end(bytes_slice(text, at, text.len));
        rest = bytes_slice(text, at, text.len);
        /* The line behind it tells whether this one goes on. */
        if (!final && (rest.len < ROW_PREFIX_BYTES || text.ptr[at - 1] != '\n'))
            return CSV_MORE;
        if (rest.len > 0 && !begins_entry(d, rest) && !is_other(&sequel, rest, final))
            continue;
        *length = at;
        return CSV_ROW;
    }
}

bool dialect_joins_lines(const struct dialect *d)
{
    /* What a function logs may hold lines that look like records, and are none. */
    return d->kind == DIALECT_LOG;
}

bool dialect_begins_row(const struct dialect *d, struct bytes text)
{
    return !goes_on_over_lines(d) || begins_entry(d, text) || is_blank_line(text);
}

bool dialect_is_heading(const struct dialect *d, struct bytes row)
{
    return csv_trim(row).len == 0 ||
           (d->kind == DIALECT_SHEET && sheet_is_heading(d->sheet, row));
}

/* A text of a log by one of the user's formats, else in the shape that Logs Insights gives an
 * event. */
static bool render_line(const struct dialect *d, struct bytes row, struct buffer *out,
                        const char **why)
{
    struct bytes time = bytes_slice(row, 0, d->time_bytes), text;
    const struct template *format;
    const char *unit;
    int64_t at_us;

    if (!begins_line(row, d->time_bytes) ||
        !(d->time_bytes == ISO_BYTES ? instant_parse(time, &at_us)
                                     : instant_from_epoch(time, &at_us, &unit))) {
        *why = "a line that begins with no time";
        return false;
    }
    text = bytes_slice(row, d->time_bytes + 1, row.len);
    for (size_t i = 0; (format = config_format(d->config, i)); i++)
        if (template_render(format, text, out))
            return true;
    buffer_printf(out, "{\"@timestamp\":%lld,\"@message\":", (long long)(at_us / 1000));
    skeleton_text(out, text);
    buffer_add_char(out, '}');
    return true;
}

/* The same for a line of Lambda; those of the platform have no time. */
static bool render_lambda(struct bytes row, struct buffer *out)
{
    struct lambda_line line;

    if (!lambda_read(row, &line))
        return false;
    buffer_add_text(out, "{\"@timestamp\":");
    skeleton_text(out, line.time);
    buffer_add_text(out, ",\"@message\":");
    skeleton_text(out, row);
    buffer_add_char(out, '}');
    return true;
}

/* Lines that are whole stand as they are. */
static bool render_mended(struct bytes row, struct buffer *out, struct sheet_mends *mends)
{
    if (is_json(row)) {
        buffer_add(out, row);
        return true;
    }
    if (!template_mend(row, out))
        return false;
    if (mends)
        mends->broken_json++;
    return true;
}

bool dialect_render(const struct dialect *d, struct bytes row, struct buffer *out,
                    struct sheet_mends *mends, const char **why)
{
    row = d->kind == DIALECT_SHEET ? row : csv_trim(row);
    *why = "a line that its format does not fit";
    switch (d->kind) {
    case DIALECT_SHEET:
        return sheet_render(d->sheet, row, out, mends, why);
    case DIALECT_ACCESS:
        return template_render(d->format, row, out);
    case DIALECT_MENDED:
        return render_mended(row, out, mends);
    case DIALECT_LAMBDA:
        return render_lambda(row, out);
    case DIALECT_LOG:
        break;
    }
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
