#include "core/reading/unwrap.h"

#include "core/base/mem.h"

#include "core/reading/cursor.h"
#include "core/reading/parts.h"
#include "core/reading/skeleton.h"

/* Keys of an outer object that matter. */
enum member {
    MEMBER_CLOUDTRAIL_TEXT, /* in order of preference: what may hold the record */
    MEMBER_CLOUD_TRAIL_TEXT,
    MEMBER_EVENT_JSON,
    MEMBER_AT_MESSAGE,
    MEMBER_DETAIL,
    MEMBER_DATA,
    MEMBER_INPUT,
    MEMBER_MESSAGE,
    MEMBER_BODY,
    MEMBER_LAMBDA_BODY,
    MEMBER_NOTICE,
    MEMBER_SNS,
    MEMBER_HOLDERS, /* the others tell what the object is */
    MEMBER_DETAIL_TYPE = MEMBER_HOLDERS,
    MEMBER_HANDLE,
    MEMBER_LAMBDA_HANDLE,
    MEMBER_TOPIC,
    MEMBER_TIMESTAMP,
    MEMBER_AT_TIMESTAMP,
    MEMBER_INGESTION,
    MEMBER_STREAM,
    MEMBER_AT_STREAM,
    MEMBER_AT_LOG,
    MEMBER_AT_INGESTION,
    MEMBER_LOG_ID,
    MEMBER_ID,
    MEMBER_OUTER_TIME,
    MEMBER_OUTER_SOURCE,
    MEMBER_OUTER_NAME,
    MEMBER_OUTER_ID,
    MEMBER_OUTER_READ_ONLY,
    MEMBER_OUTER_USER,
    MEMBER_OUTER_KEY,
    MEMBER_OUTER_RESOURCES,
    MEMBER_COUNT
};

/* Sources: LookupEvents reference of CloudTrail; FilterLogEvents, GetLogEvents and
 * GetQueryResults of CloudWatch Logs; "Real-time processing of log data with subscriptions";
 * "CloudTrail Lake event schema" (eventJson); EventBridge "Events structure"; ReceiveMessage of
 * SQS, "HTTP/HTTPS notification JSON format" of SNS, and the events that Lambda gets of both
 * (2026). Seen in
 * published logs: cloud_trail_event, input.message, an envelope below `data`. */
static const char *const MEMBERS[MEMBER_COUNT] = {
    [MEMBER_CLOUDTRAIL_TEXT] = "CloudTrailEvent",
    [MEMBER_CLOUD_TRAIL_TEXT] = "cloud_trail_event",
    [MEMBER_EVENT_JSON] = "eventJson",
    [MEMBER_AT_MESSAGE] = "@message",
    [MEMBER_DETAIL] = "detail",
    [MEMBER_DATA] = "data",
    [MEMBER_INPUT] = "input",
    [MEMBER_MESSAGE] = "message",
    [MEMBER_BODY] = "Body",
    [MEMBER_LAMBDA_BODY] = "body",
    [MEMBER_NOTICE] = "Message",
    [MEMBER_SNS] = "Sns",
    [MEMBER_DETAIL_TYPE] = "detail-type",
    [MEMBER_HANDLE] = "ReceiptHandle",
    [MEMBER_LAMBDA_HANDLE] = "receiptHandle",
    [MEMBER_TOPIC] = "TopicArn",
    [MEMBER_TIMESTAMP] = "timestamp",
    [MEMBER_AT_TIMESTAMP] = "@timestamp",
    [MEMBER_INGESTION] = "ingestionTime",
    [MEMBER_STREAM] = "logStreamName",
    [MEMBER_AT_STREAM] = "@logStream",
    [MEMBER_AT_LOG] = "@log",
    [MEMBER_AT_INGESTION] = "@ingestionTime",
    [MEMBER_LOG_ID] = "eventId",
    [MEMBER_ID] = "id",
    [MEMBER_OUTER_TIME] = "EventTime",
    [MEMBER_OUTER_SOURCE] = "EventSource",
    [MEMBER_OUTER_NAME] = "EventName",
    [MEMBER_OUTER_ID] = "EventId",
    [MEMBER_OUTER_READ_ONLY] = "ReadOnly",
    [MEMBER_OUTER_USER] = "Username",
    [MEMBER_OUTER_KEY] = "AccessKeyId",
    [MEMBER_OUTER_RESOURCES] = "Resources",
};

/* What stands at a key; of keys that stand twice the last one counts. */
struct place {
    bool there;
    enum cursor_kind kind;
    struct bytes source;     /* of the whole value */
    struct cursor_text text; /* of strings */
};

static struct cursor cursor_on(struct bytes text)
{
    struct cursor c;

    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    return c;
}

static bool take_value(struct cursor *c, struct place *out)
{
    const char *start;

    if (!cursor_peek(c, &out->kind))
        return false;
    start = c->at;
    if (!(out->kind == CURSOR_STRING ? cursor_string(c, &out->text) : cursor_skip(c, NULL)))
        return false;
    out->source = bytes_make(start, (size_t)(c->at - start));
    out->there = out->kind != CURSOR_NULL;
    return true;
}

/* Keys with escapes are none of ours. */
static bool collect(struct bytes object, const char *const *keys, size_t n_keys,
                    struct place *places)
{
    struct cursor c = cursor_on(object);
    struct cursor_text key;

    if (!cursor_enter_object(&c))
        return false;
    for (bool first = true; cursor_next_key(&c, &key, first); first = false) {
        size_t i = 0;

        while (i < n_keys && !bytes_are(key.raw, keys[i]))
            i++;
        if (!(i < n_keys ? take_value(&c, &places[i]) : cursor_skip(&c, NULL)))
            return false;
    }
    return c.fault == CURSOR_FINE;
}

/* The text of a string, or the source of an object. */
static struct bytes text_of(const struct place *p, struct buffer *scratch)
{
    if (p->kind != CURSOR_STRING)
        return p->source;
    if (!p->text.escaped)
        return p->text.raw;
    buffer_clear(scratch);
    cursor_decode(p->text, scratch);
    return buffer_bytes(scratch);
}

static bool holds_records(struct bytes text)
{
    struct cursor c = cursor_on(text);
    enum cursor_kind kind;

    return cursor_peek(&c, &kind) && kind == CURSOR_OBJECT && cursor_skip(&c, NULL) &&
           (cursor_at_end(&c) || parts_are(text));
}

/* Ids of log events are long numbers; that of a control message is empty. */
static bool is_log_id(const struct place *p)
{
    uint64_t number;

    return p->there && p->kind == CURSOR_STRING &&
           (p->text.raw.len == 0 ||
            (p->text.raw.len > 16 && bytes_to_u64(bytes_slice(p->text.raw, 0, 16), &number)));
}

/* An event of CloudWatch Logs: a time, a text, and something that only such events have. */
static bool is_log_event(const struct place *places)
{
    return places[MEMBER_MESSAGE].there && places[MEMBER_MESSAGE].kind == CURSOR_STRING &&
           places[MEMBER_TIMESTAMP].there && places[MEMBER_TIMESTAMP].kind == CURSOR_NUMBER &&
           (places[MEMBER_INGESTION].there || places[MEMBER_STREAM].there ||
            is_log_id(&places[MEMBER_LOG_ID]) || is_log_id(&places[MEMBER_ID]));
}

/* May the member hold a record, in this company? */
static bool is_holder(const struct place *places, enum member m)
{
    const struct place *p = &places[m];
    bool object = p->kind == CURSOR_OBJECT;

    if (!p->there || !(object || p->kind == CURSOR_STRING))
        return false;
    if (m == MEMBER_DETAIL)
        return object && places[MEMBER_DETAIL_TYPE].there;
    if (m == MEMBER_DATA || m == MEMBER_INPUT || m == MEMBER_SNS)
        return object;
    if (m == MEMBER_BODY || m == MEMBER_LAMBDA_BODY)
        return !object && (places[MEMBER_HANDLE].there || places[MEMBER_LAMBDA_HANDLE].there);
    if (m == MEMBER_NOTICE)
        return !object && places[MEMBER_TOPIC].there;
    if (m == MEMBER_MESSAGE)
        return !object && (places[MEMBER_AT_TIMESTAMP].there || is_log_event(places));
    return true;
}

static void add_member(struct buffer *out, const struct place *p, const char *key)
{
    if (!p->there)
        return;
    buffer_printf(out, "%s\"%s\":", out->ptr[out->len - 1] == '{' ? "" : ",", key);
    buffer_add(out, p->source);
}

/* The elements of LookupEvents that say what the record would. */
static enum wrapping summarise(const struct place *places, struct buffer *scratch,
                               struct bytes *inner)
{
    if (!places[MEMBER_OUTER_NAME].there || !places[MEMBER_OUTER_SOURCE].there)
        return WRAPPING_NONE;
    buffer_clear(scratch);
    buffer_add_char(scratch, '{');
    add_member(scratch, &places[MEMBER_OUTER_TIME], "eventTime");
    add_member(scratch, &places[MEMBER_OUTER_SOURCE], "eventSource");
    add_member(scratch, &places[MEMBER_OUTER_NAME], "eventName");
    add_member(scratch, &places[MEMBER_OUTER_ID], "eventID");
    add_member(scratch, &places[MEMBER_OUTER_READ_ONLY], "readOnly");
    if (places[MEMBER_OUTER_USER].there || places[MEMBER_OUTER_KEY].there) {
        buffer_add_text(scratch, ",\"userIdentity\":{");
        add_member(scratch, &places[MEMBER_OUTER_USER], "userName");
        add_member(scratch, &places[MEMBER_OUTER_KEY], "accessKeyId");
        buffer_add_char(scratch, '}');
    }
    add_member(scratch, &places[MEMBER_OUTER_RESOURCES], "resources");
    buffer_add_char(scratch, '}');
    *inner = buffer_bytes(scratch);
    return WRAPPING_SUMMARY;
}

/* ---- columns: names that are paths, as results of queries have them ---- */

struct columns {
    struct arena memory;
    struct skeleton skeleton;
    struct filling *values;
    size_t cap;
    struct buffer name;
};

static bool add_column(struct columns *t, struct cursor_text name, struct bytes source)
{
    buffer_clear(&t->name);
    cursor_decode(name, &t->name);
    mem_grow(&t->values, &t->cap, t->skeleton.n_holes + 1, sizeof *t->values);
    t->values[t->skeleton.n_holes] = (struct filling){FILLING_SOURCE, source};
    return skeleton_add(&t->skeleton, &t->memory, buffer_bytes(&t->name));
}

static bool add_members(struct columns *t, struct bytes object)
{
    struct cursor c = cursor_on(object);
    struct cursor_text key;
    struct bytes source;

    if (!cursor_enter_object(&c))
        return false;
    for (bool first = true; cursor_next_key(&c, &key, first); first = false)
        if (!cursor_skip(&c, &source) || !add_column(t, key, source))
            return false;
    return c.fault == CURSOR_FINE;
}

/* A row of GetQueryResults of CloudWatch Logs is a list of {"field":NAME,"value":TEXT}, one of
 * CloudTrail Lake a list of {NAME:TEXT}. */
static bool add_cells(struct columns *t, struct bytes row)
{
    static const char *const pair[] = {"field", "value"};
    struct cursor c = cursor_on(row);
    struct bytes cell;

    if (!cursor_enter_array(&c))
        return false;
    for (bool first = true; cursor_next_item(&c, first); first = false) {
        struct place p[ARRAY_LEN(pair)] = {0};
        bool fine = cursor_skip(&c, &cell) && collect(cell, pair, ARRAY_LEN(pair), p);

        if (fine && p[0].there && p[0].kind == CURSOR_STRING && p[1].source.len)
            fine = add_column(t, p[0].text, p[1].source);
        else
            fine = fine && add_members(t, cell);
        if (!fine)
            return false;
    }
    return c.fault == CURSOR_FINE;
}

/* Lays the columns of `outer` out as one object. */
static enum wrapping lay_out(struct bytes outer,
                             bool (*add)(struct columns *t, struct bytes of),
                             struct buffer *scratch, struct bytes *inner)
{
    struct columns t = {0};
    bool fine = add(&t, outer) && t.skeleton.n_holes > 0;

    if (fine) {
        buffer_clear(scratch);
        skeleton_write(&t.skeleton, t.values, scratch);
        *inner = buffer_bytes(scratch);
    }
    arena_deinit(&t.memory);
    buffer_deinit(&t.name);
    mem_free(t.values);
    return fine ? WRAPPING_RECORD : WRAPPING_NONE;
}

static bool is_path(struct bytes key)
{
    return key.len > 0 && memchr(key.ptr, '.', key.len);
}

static bool is_call(struct bytes key)
{
    return bytes_ends(key, ")") && memchr(key.ptr, '(', key.len) && key.ptr[0] != '(';
}

bool unwrap_is_flat(struct bytes object)
{
    struct cursor c = cursor_on(object);
    struct cursor_text key;

    if (!cursor_enter_object(&c))
        return false;
    for (bool first = true; cursor_next_key(&c, &key, first); first = false)
        if (is_path(key.raw))
            return true;
        else if (!cursor_skip(&c, NULL))
            break;
    return false;
}

/* Keys of a record whose values are plain. Source: "CloudTrail record contents" (2026). */
static bool is_of_record(struct bytes key)
{
    static const char *const keys[] = {
        "eventTime",
        "eventSource",
        "eventName",
        "eventID",
        "eventType",
        "eventCategory",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "requestID",
        "apiVersion",
        "recipientAccountId",
        "sharedEventID",
        "vpcEndpointId",
        "readOnly",
        "vpcEndpointAccountId",
        "managementEvent",
        "requestParameters",
        "responseElements",
        "additionalEventData",
        "serviceEventDetails",
        "resources",
    };

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (bytes_are(key, keys[i]))
            return true;
    return false;
}

static bool is_number(const struct place *value)
{
    struct bytes text = value->kind == CURSOR_STRING ? value->text.raw : value->source;
    unsigned points = 0;

    for (size_t i = 0; i < text.len; i++)
        points += text.ptr[i] == '.';
    return value->there && text.len > 0 && points <= 1 &&
           bytes_made_of(text, "-+.0123456789eE") && memchr("-0123456789", text.ptr[0], 11);
}

bool unwrap_is_count(struct bytes object)
{
    struct cursor c = cursor_on(object);
    struct cursor_text key;
    bool counts = false;

    if (!cursor_enter_object(&c))
        return false;
    for (bool first = true; cursor_next_key(&c, &key, first); first = false) {
        struct place value = {0};

        /* With a version or an identity it is a record. */
        if (bytes_are(key.raw, "eventVersion") || bytes_are(key.raw, "userIdentity") ||
            !take_value(&c, &value) || value.kind == CURSOR_OBJECT ||
            value.kind == CURSOR_ARRAY)
            return false;
        counts |= is_call(key.raw) ||
                  (is_number(&value) && !is_of_record(key.raw) && !is_path(key.raw));
    }
    return counts && c.fault == CURSOR_FINE;
}

/* A text one object further in: input.message, Sns.Message. NULL when there is none. */
static const struct place *look_within(const struct place *p, enum member m, struct place *out)
{
    static const char *const input[] = {"message"}, *const sns[] = {"Message"};

    *out = (struct place){0};
    return collect(p->source, m == MEMBER_SNS ? sns : input, 1, out) && out->there ? out : NULL;
}

/* A text without escapes, or a number. */
static struct bytes plain_value(const struct place *p)
{
    if (!p->there || (p->kind != CURSOR_STRING && p->kind != CURSOR_NUMBER))
        return (struct bytes){0};
    return p->kind == CURSOR_NUMBER ? p->source
           : p->text.escaped        ? (struct bytes){0}
                                    : p->text.raw;
}

static struct bytes first_value(const struct place *one, const struct place *other)
{
    return plain_value(one->there ? one : other);
}

static struct log_place place_of(const struct place *places)
{
    return (struct log_place){
        .log = plain_value(&places[MEMBER_AT_LOG]),
        .stream = first_value(&places[MEMBER_STREAM], &places[MEMBER_AT_STREAM]),
        .ingested = first_value(&places[MEMBER_INGESTION], &places[MEMBER_AT_INGESTION]),
    };
}

static enum wrapping unwrap_object(struct bytes outer, struct buffer *scratch,
                                   struct bytes *inner, struct log_place *place)
{
    struct place places[MEMBER_COUNT] = {0}, deeper = {0};

    if (!collect(outer, MEMBERS, MEMBER_COUNT, places))
        return WRAPPING_NONE;
    for (enum member m = 0; m < MEMBER_HOLDERS; m++) {
        const struct place *p = &places[m];
        bool log = (m == MEMBER_MESSAGE && is_log_event(places)) ||
                   (m == MEMBER_AT_MESSAGE && places[MEMBER_AT_TIMESTAMP].there);

        if (!is_holder(places, m))
            continue;
        if ((m == MEMBER_INPUT || m == MEMBER_SNS) && !(p = look_within(p, m, &deeper)))
            continue;
        *inner = text_of(p, scratch);
        if (log && place)
            *place = place_of(places);
        if (log || holds_records(*inner))
            return log ? WRAPPING_LOG : WRAPPING_RECORD;
    }
    if (places[MEMBER_AT_TIMESTAMP].there && unwrap_is_flat(outer))
        return lay_out(outer, add_members, scratch, inner);
    return summarise(places, scratch, inner);
}

enum wrapping unwrap_layer(struct bytes outer, struct buffer *scratch, struct bytes *inner,
                           struct log_place *place)
{
    struct cursor c = cursor_on(outer);
    enum cursor_kind kind;

    if (!cursor_peek(&c, &kind))
        return WRAPPING_NONE;
    if (kind == CURSOR_OBJECT)
        return unwrap_object(outer, scratch, inner, place);
    return kind == CURSOR_ARRAY ? lay_out(outer, add_cells, scratch, inner) : WRAPPING_NONE;
}

void unwrapper_deinit(struct unwrapper *u)
{
    for (unsigned i = 0; i < UNWRAP_MAX_LAYERS; i++)
        buffer_deinit(&u->texts[i]);
}

static struct bytes part_of(struct bytes text, unsigned part)
{
    struct bytes found = text;
    struct parts parts;

    parts_init(&parts, text);
    for (unsigned i = 0; i <= part; i++)
        if (!parts_next(&parts, &found))
            return text;
    return found;
}

struct bytes unwrap(struct unwrapper *u, struct bytes outer, struct wrapped where)
{
    for (unsigned i = 0; i < where.layers && i < UNWRAP_MAX_LAYERS; i++) {
        struct bytes inner;

        if (unwrap_layer(outer, &u->texts[i], &inner, NULL) == WRAPPING_NONE)
            break;
        outer = where.split == i + 1 ? part_of(inner, where.part) : inner;
    }
    return outer;
}
