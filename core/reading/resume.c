#include "core/reading/resume.h"

enum {
    PROBE_KEYS = 8, /* "Records" must be among the first keys of a wrapper */
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

/* What the first element of a list must look like. */
enum element {
    ELEMENT_ANY,
    ELEMENT_LOG_EVENT, /* an object that begins as an event of CloudWatch Logs does */
    ELEMENT_USER,      /* an object that begins as a user of a pool does */
    ELEMENT_ROW,       /* a list of objects */
};

/* Keys of wrappers below which records stand. Sources: CloudTrail log files; GetLogEvents,
 * FilterLogEvents, GetQueryResults and subscriptions of CloudWatch Logs; LookupEvents and
 * GetQueryResults of CloudTrail; AdminListUserAuthEvents, ListUsers and ListUsersInGroup of
 * Cognito (API references, 2026). */
static const struct {
    const char *key;
    enum element element;
} LISTS[] = {
    {"Records",         ELEMENT_ANY      },
    {"events",          ELEMENT_LOG_EVENT},
    {"logEvents",       ELEMENT_LOG_EVENT},
    {"Events",          ELEMENT_ANY      },
    {"AuthEvents",      ELEMENT_ANY      },
    {"Users",           ELEMENT_USER     },
    {"results",         ELEMENT_ROW      },
    {"QueryResultRows", ELEMENT_ROW      },
};

/* Commands sort keys in their own ways, so any of them may come first. */
static bool begins_as(struct cursor *c, enum element element)
{
    static const char *const log_event[] = {
        "logStreamName", "timestamp", "message", "ingestionTime", "eventId", "id", NULL};
    static const char *const user[] = {
        "Username", "Attributes", "UserCreateDate", "UserLastModifiedDate",
        "Enabled",  "UserStatus", "MFAOptions",     NULL};
    const char *const *keys = element == ELEMENT_USER ? user : log_event;
    struct cursor_text key;

    if (!cursor_enter_object(c) || !cursor_next_key(c, &key, true))
        return false;
    for (size_t i = 0; keys[i]; i++)
        if (bytes_are(key.raw, keys[i]))
            return true;
    return false;
}

/* Does the list at `c` fit? Empty lists do. A fault of the cursor is left in it. */
static bool fits_list(struct cursor *c, enum element element)
{
    enum cursor_kind kind;

    if (!cursor_enter_array(c))
        return false;
    if (element == ELEMENT_ANY)
        return true;
    if (!cursor_next_item(c, true))
        return c->fault == CURSOR_FINE;
    if (!cursor_peek(c, &kind))
        return false;
    if (element != ELEMENT_ROW)
        return kind == CURSOR_OBJECT && begins_as(c, element);
    return kind == CURSOR_ARRAY;
}

bool resume_is_list(struct bytes key, struct cursor *c, char *kind)
{
    struct cursor ahead = *c;
    enum cursor_kind found;
    size_t i = 0;

    while (i < ARRAY_LEN(LISTS) && !bytes_are(key, LISTS[i].key))
        i++;
    if (i == ARRAY_LEN(LISTS) || !cursor_peek(&ahead, &found) || found != CURSOR_ARRAY)
        return false;
    if (!fits_list(&ahead, LISTS[i].element)) {
        if (ahead.fault == CURSOR_MORE)
            *c = ahead; /* nobody can tell yet */
        return false;
    }
    *kind = LISTS[i].element == ELEMENT_ROW ? RESUME_ROWS : '[';
    return cursor_peek(c, &found) && cursor_enter_array(c);
}

/* States of a query that go with a part of its results, or none. Sources: GetQueryResults of
 * CloudWatch Logs and of CloudTrail (API references, 2026). */
static bool is_unfinished(struct bytes state)
{
    static const char *const states[] = {"Scheduled", "Running",   "Failed",   "Cancelled",
                                         "Timeout",   "QUEUED",    "RUNNING",  "FAILED",
                                         "CANCELLED", "TIMED_OUT", "CANCELED", "Unknown"};

    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (bytes_are(state, states[i]))
            return true;
    return false;
}

/* nextForwardToken and nextBackwardToken always come and say nothing. */
const char *resume_more(struct bytes key, struct cursor c)
{
    struct cursor_text text;
    enum cursor_kind kind;
    bool page = bytes_are(key, "NextToken") || bytes_are(key, "nextToken") ||
                bytes_are(key, "PaginationToken");
    bool state = bytes_are(key, "status") || bytes_are(key, "QueryStatus");

    if (!(page || state) || !cursor_peek(&c, &kind) || kind != CURSOR_STRING ||
        !cursor_string(&c, &text))
        return NULL;
    if (page && text.raw.len > 0)
        return "there was more: the output ends with the token of a next page";
    if (state && is_unfinished(text.raw))
        return "there may be more: the query had not ended when its results were saved";
    return NULL;
}

/* `within` tells that the object stands below `data`. */
static enum opening open_object(struct cursor *c, bool within, struct opened *out)
{
    struct cursor_text key;
    enum cursor_kind found;
    char kind;

    if (!cursor_enter_object(c))
        return OPENING_RECORD;
    for (unsigned i = 0; i < PROBE_KEYS && cursor_next_key(c, &key, i == 0); i++) {
        if (bytes_starts(key.raw, "event") && key.raw.len > strlen("events"))
            break;
        if (resume_is_list(key.raw, c, &kind)) {
            out->kinds = kind == '[' ? (within ? "{{[" : "{[") : (within ? "{{r" : "{r");
            return OPENING_WRAPPER;
        }
        out->more = out->more ? out->more : resume_more(key.raw, *c);
        if (!within && bytes_are(key.raw, "data") && cursor_peek(c, &found) &&
            found == CURSOR_OBJECT) {
            struct cursor ahead = *c;

            if (open_object(&ahead, true, out) == OPENING_WRAPPER || ahead.fault) {
                *c = ahead;
                return ahead.fault ? OPENING_RECORD : OPENING_WRAPPER;
            }
        }
        if (!cursor_skip(c, NULL))
            break;
    }
    return OPENING_RECORD;
}

enum opening resume_opening(struct cursor c, struct opened *out)
{
    const char *start = c.at;

    *out = (struct opened){0};
    if (open_object(&c, false, out) == OPENING_WRAPPER) {
        out->length = (size_t)(c.at - start);
        return OPENING_WRAPPER;
    }
    return c.fault == CURSOR_MORE ? OPENING_MORE : OPENING_RECORD;
}

/* Rows of a query's result without the object around them: [[{"field": … */
enum opening resume_list(struct cursor c, struct opened *out)
{
    struct cursor ahead = c;
    struct cursor_text key;
    enum cursor_kind kind;
    bool rows = fits_list(&ahead, ELEMENT_ROW) && ahead.at[-1] != ']' && /* empty */
                cursor_enter_array(&ahead) && cursor_next_item(&ahead, true) &&
                cursor_peek(&ahead, &kind) && kind == CURSOR_OBJECT &&
                cursor_enter_object(&ahead) && cursor_next_key(&ahead, &key, true) &&
                bytes_are(key.raw, "field");

    if (ahead.fault == CURSOR_MORE)
        return OPENING_MORE;
    *out = (struct opened){.length = 1, .kinds = rows ? "r" : "["};
    return OPENING_WRAPPER;
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

    switch (resume_opening(c, &opened)) {
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
