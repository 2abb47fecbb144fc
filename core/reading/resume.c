#include "core/reading/resume.h"

#include "core/reading/opening.h"

enum {
    LOOK_BACK = 64, /* white space passed over around a brace that may begin a record */
    RETRY_MAX_BYTES = 1024 * 1024, /* longest record that reading can begin again with */
    RETRY_WORK = 16, /* bytes of candidates that may be read for each byte of damage */
};

struct cursor resume_cursor(const struct window *w, size_t ahead, size_t limit)
{
    struct bytes rest = window_rest(w);
    struct bytes part = bytes_slice(rest, ahead, ahead + limit);
    struct cursor c;

    cursor_init(&c, part, w->final && ahead + part.len == rest.len);
    c.lenient_utf8 = true;
    return c;
}

enum trial { TRIAL_NO, TRIAL_YES, TRIAL_MORE };

/* Could a record begin at the brace `ahead` of the window's rest, judged by the bytes around
 * it? `line` tells that it begins a line. */
static enum trial look_around(const struct window *w, size_t ahead, bool *line)
{
    struct bytes rest = window_rest(w);
    size_t back = ahead, next = ahead + 1;
    bool fits = false;

    *line = rest.ptr[ahead - 1] == '\n' || rest.ptr[ahead - 1] == '\r';
    while (back > 0 && ahead - back < LOOK_BACK && !fits) {
        char byte = rest.ptr[--back];

        fits = memchr(",[}\r\n", byte, 5) != NULL;
        if (!fits && byte != ' ' && byte != '\t')
            break;
    }
    if (!fits)
        return TRIAL_NO;
    while (next < rest.len && next - ahead < LOOK_BACK && memchr(" \t\r\n", rest.ptr[next], 4))
        next++;
    if (next == rest.len)
        return w->final ? TRIAL_NO : TRIAL_MORE;
    return rest.ptr[next] == '"' ? TRIAL_YES : TRIAL_NO;
}

/* Does a record or a wrapper begin there? `work` gets how many bytes were read to tell. */
static enum trial try_start(struct window *w, struct event_reader *reader, struct event *spare,
                            size_t ahead, bool line, size_t *work)
{
    struct cursor c = resume_cursor(w, ahead, RETRY_MAX_BYTES);
    const char *start = c.at;
    bool limited = c.end - c.at == RETRY_MAX_BYTES;
    struct opened opened;

    switch (opening_find(c, &opened)) {
    case OPENING_WRAPPER:
        return TRIAL_YES;
    case OPENING_MORE:
        *work = (size_t)(c.end - start);
        return limited ? TRIAL_NO : TRIAL_MORE;
    case OPENING_RECORD:
        break;
    }
    switch (event_read(reader, &c, spare, NULL)) {
    case EVENT_READ:
    case EVENT_USER:
        return TRIAL_YES;
    case EVENT_MORE:
        *work = (size_t)(c.end - start);
        return limited ? TRIAL_NO : TRIAL_MORE;
    case EVENT_FOREIGN:
        *work = (size_t)(c.at - start);
        return line ? TRIAL_YES : TRIAL_NO;
    case EVENT_MALFORMED:
        break;
    }
    *work = (size_t)(c.at - start);
    return TRIAL_NO;
}

/* When candidates cost more than RETRY_WORK times the bytes passed, those within the last one
 * are not tried. */
bool resume_find(struct window *w, struct event_reader *reader, struct event *spare,
                 bool lines_only)
{
    int64_t credit = RETRY_MAX_BYTES;
    size_t ahead = 1;

    for (;;) {
        struct bytes rest = window_rest(w);
        const char *brace = NULL;
        size_t place, keep, work = 0;
        bool line;
        enum trial trial = TRIAL_MORE;

        if (ahead < rest.len)
            brace = memchr(rest.ptr + ahead, '{', rest.len - ahead);
        place = brace ? (size_t)(brace - rest.ptr) : rest.len;
        if (brace)
            trial = look_around(w, place, &line);
        if (trial == TRIAL_YES && lines_only && !line)
            trial = TRIAL_NO;
        if (trial == TRIAL_YES)
            trial = try_start(w, reader, spare, place, line, &work);
        if (trial == TRIAL_YES) {
            w->at += place;
            return true;
        }
        if (trial == TRIAL_MORE) {
            credit += (int64_t)(place > ahead ? place - ahead : 0) * RETRY_WORK;
            keep = place < LOOK_BACK ? place : LOOK_BACK;
            w->at += place - keep;
            ahead = place < ahead ? keep + (ahead - place) : keep;
            if (!window_more(w)) {
                w->at = w->len;
                return false;
            }
            continue;
        }
        credit += (int64_t)(place + 1 - ahead) * RETRY_WORK - (int64_t)work;
        ahead = place + 1;
        if (credit < 0) {
            ahead = place + (work ? work : 1);
            credit = 0;
        }
    }
}
