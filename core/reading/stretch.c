#include "core/reading/stretch.h"

#include "core/reading/opening.h"
#include "core/reading/resume.h"

void stretch_init(struct stretch *s, struct passage *p, struct event_reader *reader)
{
    *s = (struct stretch){.passage = p, .reader = reader};
}

void stretch_deinit(struct stretch *s)
{
    buffer_deinit(&s->text);
}

bool stretch_begin(struct stretch *s, struct dialects *all)
{
    struct window *w = &s->passage->window;
    struct dialect *dialect;
    size_t heading;

    if (w->len - w->at < STRETCH_HEADING_BYTES)
        (void)window_more(w);
    dialect = all->n < DIALECTS_MAX ? dialect_new(window_rest(w), w->final,
                                                  event_reader_config(s->reader), &heading)
                                    : NULL;
    if (!dialect)
        return false;
    passage_wrapper(s->passage, heading);
    dialects_add(all, window_offset(w), dialect);
    s->dialect = dialect;
    s->mends = (struct sheet_mends){0};
    return true;
}

static void note(struct stretch *s, enum err code, const char *words, uint64_t count)
{
    struct passage *p = s->passage;

    if (count == 0)
        return;
    buffer_clear(&p->words);
    buffer_printf(&p->words, "%llu %s", (unsigned long long)count, words);
    passage_problem(p, code, window_offset(&p->window), 0);
}

/* What a reader of the results should know about the table as a whole. */
static void stretch_end(struct stretch *s, struct dialects *all)
{
    struct passage *p = s->passage;
    const char *lacks = dialect_lacks(s->dialect);

    if (lacks) {
        buffer_clear(&p->words);
        buffer_printf(&p->words, "%s: %s", dialect_name(s->dialect), lacks);
        passage_problem(p, ERR_LACKS, all->spans[all->n - 1].from, 0);
    }
    note(s, ERR_MENDED,
         "account numbers were rounded by a spreadsheet: the account is unknown there",
         s->mends.lost_digits);
    note(s, ERR_MENDED, "account numbers had lost their leading zeros: put back",
         s->mends.lost_zeros);
    note(s, ERR_MENDED,
         "lines of broken JSON (quotes or braces in a value): read by their keys",
         s->mends.broken_json);
    all->spans[all->n - 1].to = window_offset(&p->window);
    s->dialect = NULL;
}

/* With its line end; 0 when that is not in the text. */
static size_t line_length(struct bytes text)
{
    const char *newline = memchr(text.ptr, '\n', text.len);

    return newline ? (size_t)(newline - text.ptr) + 1 : 0;
}

/* Passes a line, without keeping what of it is not in the window. */
static void pass_line(struct window *w)
{
    size_t line;

    do {
        line = line_length(window_rest(w));
        w->at = line ? w->at + line : w->len;
    } while (!line && window_more(w));
}

/* Whether a row begins where the window stands; a blank line is one. */
static bool begins_row(const struct stretch *s)
{
    struct window *w = &s->passage->window;

    if (w->len - w->at < ROW_PREFIX_BYTES)
        (void)window_more(w);
    return dialect_begins_row(s->dialect, window_rest(w));
}

/* Whether the line where the window stands belongs to the row before it. */
static bool goes_on(const struct stretch *s)
{
    const struct window *w = &s->passage->window;

    return !begins_row(s) && w->at < w->len && w->ptr[w->at] != '{';
}

/* The line is lost, and those that go on with it. */
static void lose_line(struct stretch *s, enum err code, const char *why)
{
    struct passage *p = s->passage;
    struct window *w = &p->window;
    uint64_t start = window_offset(w), length;

    do
        pass_line(w);
    while (goes_on(s));
    length = window_offset(w) - start;
    buffer_clear(&p->words);
    buffer_printf(&p->words, "%s, of %s", why, dialect_name(s->dialect));
    passage_problem(p, code, start, length);
    passage_lost(p, length, 1);
}

/* Whether a JSON record or a list of them stands `ahead` of the window's place. */
static bool is_json_at(struct stretch *s, size_t ahead)
{
    struct cursor c = resume_cursor(&s->passage->window, ahead, ROW_MAX_BYTES);
    struct opened opened;

    if (c.at == c.end || (*c.at != '{' && *c.at != '['))
        return false;
    if (*c.at == '[' ? opening_find_list(c, &opened) == OPENING_WRAPPER
                     : opening_find(c, &opened) == OPENING_WRAPPER)
        return true;
    if (*c.at == '[')
        c.at++;
    return !cursor_at_end(&c) && *c.at == '{' &&
           event_read(s->reader, &c, &s->spare, NULL) == EVENT_READ;
}

enum row_step { ROW_PASSED, ROW_EVENT, ROW_OTHER };

/* A row that is none of this dialect. ROW_OTHER when it is of another one, or JSON: nothing was
 * passed then. */
static enum row_step leave_row(struct stretch *s, const char *why)
{
    struct window *w = &s->passage->window;
    struct dialect *other;
    size_t heading;

    if (is_json_at(s, 0))
        return ROW_OTHER;
    other = dialect_new(window_rest(w), w->final, event_reader_config(s->reader), &heading);
    dialect_free(other);
    if (other)
        return ROW_OTHER;
    lose_line(s, ERR_ROW, why);
    return ROW_PASSED;
}

static enum row_step read_row(struct stretch *s, size_t length, struct event *out)
{
    struct passage *p = s->passage;
    struct bytes row = bytes_slice(window_rest(&p->window), 0, length);
    const char *why = NULL, *seems = NULL;
    struct cursor c;

    if (dialect_is_heading(s->dialect, row)) {
        passage_wrapper(p, length);
        return ROW_PASSED;
    }
    buffer_clear(&s->text);
    if (!dialect_render(s->dialect, row, &s->text, &s->mends, &why))
        return leave_row(s, why);
    cursor_init(&c, buffer_bytes(&s->text), true);
    c.lenient_utf8 = true;
    switch (event_read(s->reader, &c, out, &seems)) {
    case EVENT_READ:
        out->raw = row;
        passage_record(p, length);
        if (out->torn)
            passage_torn(p);
        return ROW_EVENT;
    case EVENT_USER: /* no table has one */
    case EVENT_FOREIGN:
        passage_foreign(p, seems ? seems : dialect_name(s->dialect), length);
        return ROW_PASSED;
    case EVENT_MORE:
    case EVENT_MALFORMED:
        break;
    }
    lose_line(s, ERR_ROW, "a row nested too deep");
    return ROW_PASSED;
}

/* A line in a row of several at which JSON begins: texts joined end to end have that.
 * Returns where the row ends then. */
static size_t before_record(struct stretch *s, size_t length)
{
    struct bytes row = bytes_slice(window_rest(&s->passage->window), 0, length);

    for (size_t at = line_length(row); at > 0 && at < row.len;) {
        size_t line = line_length(bytes_slice(row, at, row.len));

        if (is_json_at(s, at))
            return at;
        at = line ? at + line : row.len;
    }
    return length;
}

/* The bytes of the row that begins at the window's place; 0 when there is none, or when it was
 * lost. An open quote is closed by the next one, so no text makes this look at a byte more
 * than a few times. */
static size_t find_row(struct stretch *s)
{
    struct window *w = &s->passage->window;
    size_t length = 0, tried;
    enum csv_end end;

    do {
        tried = w->len - w->at;
        end = dialect_row(s->dialect, window_rest(w), w->final, &length);
    } while (end == CSV_MORE && tried < ROW_MAX_BYTES && window_more(w));
    if (end == CSV_ROW && length <= ROW_MAX_BYTES)
        return dialect_joins_lines(s->dialect) ? before_record(s, length) : length;
    if (end == CSV_UNDONE)
        lose_line(s, ERR_ROW, "a quote that is never closed");
    else
        lose_line(s, ERR_TOO_LARGE, "a row of over 4 MiB, or a quote that is never closed");
    return 0;
}

bool stretch_next(struct stretch *s, struct dialects *all, struct event *out, size_t *length)
{
    struct window *w = &s->passage->window;

    for (;;) {
        enum row_step step = ROW_PASSED;

        if (w->at == w->len && !window_more(w))
            break;
        if (w->at == w->len)
            continue;
        if (begins_row(s)) {
            *length = find_row(s);
            if (*length > 0)
                step = read_row(s, *length, out);
        } else {
            step = leave_row(s, "a line that begins with no time");
        }
        if (step == ROW_EVENT)
            return true;
        if (step == ROW_OTHER)
            break;
    }
    stretch_end(s, all);
    return false;
}
