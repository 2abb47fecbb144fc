#include "core/reading/opening.h"

/* Where the list of a wrapper must begin: by keys and by bytes from its start. */
enum { PROBE_KEYS = 64, PROBE_BYTES = 64 * 1024 };

/* What the first element of a list must look like. */
enum element {
    ELEMENT_ANY,
    ELEMENT_LOG_EVENT, /* an object that begins as an event of CloudWatch Logs does */
    ELEMENT_MESSAGE,   /* an object that begins as a message of a queue does */
    ELEMENT_USER,      /* an object that begins as a user of a pool does */
    ELEMENT_ROW,       /* a list of objects */
};

/* Keys of wrappers below which records stand. Sources: CloudTrail log files; GetLogEvents,
 * FilterLogEvents, GetQueryResults and subscriptions of CloudWatch Logs; LookupEvents and
 * GetQueryResults of CloudTrail; AdminListUserAuthEvents, ListUsers and ListUsersInGroup of
 * Cognito; ReceiveMessage of SQS (API references, 2026). */
static const struct {
    const char *key;
    enum element element;
} LISTS[] = {
    {"Records",         ELEMENT_ANY      },
    {"events",          ELEMENT_LOG_EVENT},
    {"logEvents",       ELEMENT_LOG_EVENT},
    {"Events",          ELEMENT_ANY      },
    {"AuthEvents",      ELEMENT_ANY      },
    {"Messages",        ELEMENT_MESSAGE  },
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
    static const char *const message[] = {"MessageId", "ReceiptHandle", "MD5OfBody",
                                          "Body",      "Attributes",    NULL};
    const char *const *keys = element == ELEMENT_USER      ? user
                              : element == ELEMENT_MESSAGE ? message
                                                           : log_event;
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

bool opening_is_list(struct bytes key, struct cursor *c, char *kind)
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
    *kind = LISTS[i].element == ELEMENT_ROW ? OPENING_ROWS : '[';
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
const char *opening_more(struct bytes key, struct cursor c)
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

/* Names of a log stand before its events. Source: "Subscription filters", CloudWatch Logs User
 * Guide (2026). */
static void take_name(struct bytes key, struct cursor c, struct opened *out)
{
    struct bytes *to = bytes_are(key, "owner")       ? &out->owner
                       : bytes_are(key, "logGroup")  ? &out->group
                       : bytes_are(key, "logStream") ? &out->stream
                                                     : NULL;
    struct cursor_text text;
    enum cursor_kind kind;

    if (to && cursor_peek(&c, &kind) && kind == CURSOR_STRING && cursor_string(&c, &text) &&
        !text.escaped)
        *to = text.raw;
}

/* `within` tells that the object stands below `data`. */
static enum opening open_object(struct cursor *c, bool within, struct opened *out)
{
    const char *start = c->at;
    struct cursor_text key;
    enum cursor_kind found;
    char kind;

    if (!cursor_enter_object(c))
        return OPENING_RECORD;
    for (unsigned i = 0; i < PROBE_KEYS && cursor_next_key(c, &key, i == 0); i++) {
        if (c->at - start > PROBE_BYTES)
            break;
        if (bytes_starts(key.raw, "event") && key.raw.len > strlen("events"))
            break;
        if (opening_is_list(key.raw, c, &kind)) {
            out->kinds = kind == '[' ? (within ? "{{[" : "{[") : (within ? "{{r" : "{r");
            return OPENING_WRAPPER;
        }
        take_name(key.raw, *c, out);
        out->more = out->more ? out->more : opening_more(key.raw, *c);
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

enum opening opening_find(struct cursor c, struct opened *out)
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
enum opening opening_find_list(struct cursor c, struct opened *out)
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
