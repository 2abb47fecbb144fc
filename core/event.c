#include "core/event.h"

#include "core/base/mem.h"

#include "core/foreign.h"
#include "core/outcome.h"
#include "core/tree.h"

/* No record holds more rows than fields.def has. */
enum { ROWS_MAX = 256 };

/* What stands at the path of one row. Escaped text is decoded into the scratch buffer, which
 * may move while it grows, so its place is kept as an offset. */
struct found {
    const char *ptr; /* NULL: in the scratch */
    size_t at, len;
    uint8_t state; /* enum value_state */
    bool listed;   /* in `seen` */
};

struct event_reader {
    struct arena arena;
    struct tree_node root;
    struct found found[ROWS_MAX];
    uint16_t seen[ROWS_MAX]; /* rows met in this record */
    size_t n_seen;
    uint32_t record; /* number of the record, for tree_node.last_met */
    uint64_t signs;
    uint8_t flags;
    struct buffer scratch, key;
    size_t row_result, row_login, row_response, row_asked, row_challenges, row_service;
};

static size_t row_of(enum field_id field, const char *path)
{
    size_t i = 0;

    while (path_get(i)->field != field || !bytes_are(bytes_of(path), path_get(i)->path))
        i++;
    return i;
}

struct event_reader *event_reader_new(void)
{
    struct event_reader *r = mem_alloc(sizeof *r);
    const char *path;
    uint64_t sign;

    tree_add_rows(&r->arena, &r->root);
    for (size_t i = 0; (path = foreign_sign(i, &sign)); i++)
        tree_add(&r->arena, &r->root, path)->signs |= sign;
    tree_seal(&r->arena, &r->root);
    r->row_result = row_of(FIELD_OUTCOME, "responseElements.authenticationResult");
    r->row_login = row_of(FIELD_OUTCOME, "responseElements.ConsoleLogin");
    r->row_response = row_of(FIELD_OUTCOME, "message.eventResponse");
    r->row_asked = row_of(FIELD_CHALLENGE, "responseElements.challengeName");
    r->row_challenges = row_of(FIELD_REASON, "message.challenges");
    r->row_service = row_of(FIELD_SERVICE, "eventSource");
    return r;
}

void event_reader_free(struct event_reader *r)
{
    if (!r)
        return;
    arena_deinit(&r->arena);
    buffer_deinit(&r->scratch);
    buffer_deinit(&r->key);
    mem_free(r);
}

/* ---- texts ---- */

/* A text and the state that it has as a value. */
struct text {
    struct bytes bytes;
    bool in_scratch;
    enum value_state state;
};

static bool is_mask(struct bytes text)
{
    return bytes_are(text, "HIDDEN_DUE_TO_SECURITY_REASONS") ||
           bytes_are(text, "HIDDEN_FOR_SECURITY_REASONS");
}

static struct bytes found_text(const struct event_reader *r, const struct found *f)
{
    return bytes_make(f->ptr ? f->ptr : r->scratch.ptr + f->at, f->len);
}

/* Texts travel by pointer: copying a struct whose bytes were just written one by one stalls. */
static inline void put(struct event_reader *r, size_t row, const struct text *text)
{
    struct found *f = &r->found[row];

    if (!f->listed) {
        f->listed = true;
        r->seen[r->n_seen++] = (uint16_t)row;
    }
    f->state = (uint8_t)text->state;
    f->len = text->bytes.len;
    f->ptr = text->bytes.ptr;
    if (text->in_scratch) {
        f->ptr = NULL;
        f->at = (size_t)(text->bytes.ptr - r->scratch.ptr);
    }
}

static void decode(struct event_reader *r, const struct cursor_text *from, struct text *out)
{
    size_t start = r->scratch.len;

    cursor_decode(*from, &r->scratch);
    out->bytes = bytes_slice(buffer_bytes(&r->scratch), start, r->scratch.len);
    out->in_scratch = true;
}

static inline void text_of(struct event_reader *r, const struct cursor_text *from,
                           struct text *out)
{
    out->bytes = from->raw;
    out->in_scratch = false;
    out->state = VALUE_TEXT;
    if (from->escaped)
        decode(r, from, out);
    if (out->bytes.len == 0)
        out->state = VALUE_EMPTY;
    else if (out->bytes.ptr[0] == 'H' && is_mask(out->bytes))
        out->state = VALUE_REDACTED;
}

/* Cuts the view; an empty rest is no value. */
static struct text part_of(struct text text, size_t from, size_t to)
{
    text.bytes = bytes_slice(text.bytes, from, to);
    text.state = text.bytes.len ? VALUE_TEXT : VALUE_ABSENT;
    return text;
}

static size_t find_from(struct bytes text, size_t from, const char *any)
{
    while (from < text.len && !memchr(any, text.ptr[from], strlen(any)))
        from++;
    return from;
}

/* 8-4-4-4-12; `strict` wants hexadecimal digits, else any letters and digits (examples in the
 * documentation end in EXAMPLE). */
static bool is_uuid(struct bytes text, bool strict)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        char c = text.ptr[i], lower = (char)(c | 0x20);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? c != '-'
                 : !((c >= '0' && c <= '9') || (lower >= 'a' && lower <= (strict ? 'f' : 'z'))))
            return false;
    }
    return true;
}

/* ["authenticated","cognito-idp.R.amazonaws.com/POOL","…/POOL:CognitoSignIn:SUB"]: kept as
 * text inside the record. */
static struct text amr_part(struct text text, const char *before, const char *after)
{
    size_t at = bytes_find(text.bytes, bytes_of(before));

    if (at == SIZE_MAX)
        return part_of(text, 0, 0);
    at += strlen(before);
    return part_of(text, at, find_from(text.bytes, at, after));
}

static struct text amr_pool(struct text text)
{
    struct text host = amr_part(text, "cognito-idp.", "\"");
    size_t slash = find_from(host.bytes, 0, "/");

    return part_of(host, slash + 1, find_from(host.bytes, slash + 1, ":"));
}

/* cognito-idp.REGION.amazonaws.com/POOL as a key of `logins`. */
static struct text login_pool(struct text key)
{
    if (!bytes_starts(key.bytes, "cognito-idp."))
        return part_of(key, 0, 0);
    return part_of(key, find_from(key.bytes, 0, "/") + 1, key.bytes.len);
}

static struct text region_part(struct text text)
{
    size_t end = find_from(text.bytes, 0, "_");

    return part_of(text, 0, end < text.bytes.len ? end : 0);
}

static struct text identity_form(struct text text)
{
    size_t colon = find_from(text.bytes, 0, ":");
    struct bytes rest = bytes_slice(text.bytes, colon + 1, text.bytes.len);

    return is_uuid(rest, false) ? text : part_of(text, 0, 0);
}

/* A scalar, or a container as its source text, for one row. */
static struct text by_via(enum via via, struct text text, bool container)
{
    struct text none = part_of(text, 0, 0);
    bool known = text.state == VALUE_TEXT;

    switch (via) {
    case VIA_DIRECT:
    case VIA_FIRST:
        return text;
    case VIA_JSON:
        return container || text.state != VALUE_TEXT ? text : none;
    case VIA_PRESENT:
        if (text.state == VALUE_REDACTED)
            text.state = VALUE_TEXT; /* hidden, but there */
        return text;
    case VIA_UUID:
        return known && is_uuid(text.bytes, true) ? text : none;
    case VIA_IDENTITY:
        return known && !container ? identity_form(text) : none;
    case VIA_AMR_SUB:
        return known ? amr_part(text, ":CognitoSignIn:", "\",]") : text;
    case VIA_AMR_POOL:
        return known ? amr_pool(text) : text;
    case VIA_REGION:
        return known && !container ? region_part(text) : none;
    case VIA_TIME:
    case VIA_EPOCH:
        return container ? none : text;
    case VIA_LOGINS:
    case VIA_LOGIN_KEY:
        return container || known ? none : text;
    }
    return none;
}

/* ---- the walk ---- */

/* Everything below a node is hidden when a mask stands where an object is expected. */
static void redact_below(struct event_reader *r, const struct tree_node *node, struct text mask)
{
    for (const struct tree_node *child = node->child; child; child = child->sibling) {
        for (size_t i = 0; i < child->n_rows; i++) {
            enum via via = path_get(child->rows[i])->via;

            if (via != VIA_UUID && via != VIA_IDENTITY && via != VIA_PRESENT)
                put(r, child->rows[i], &mask);
        }
        redact_below(r, child, mask);
    }
}

/* A key that stands twice: what the first one held does not count. */
static void forget(struct event_reader *r, const struct tree_node *node)
{
    for (size_t i = 0; i < node->n_rows; i++)
        r->found[node->rows[i]].state = VALUE_ABSENT;
    for (struct tree_node *child = node->child; child; child = child->sibling) {
        child->last_met = 0;
        forget(r, child);
    }
}

static void take(struct event_reader *r, const struct tree_node *node, const struct text *text,
                 bool container)
{
    for (size_t i = 0; i < node->n_rows; i++) {
        enum via via = path_get(node->rows[i])->via;
        struct text got;

        if (via == VIA_DIRECT) {
            put(r, node->rows[i], text);
            continue;
        }
        got = by_via(via, *text, container);
        if (got.state != VALUE_ABSENT)
            put(r, node->rows[i], &got);
    }
    if (text->state == VALUE_REDACTED && node->child)
        redact_below(r, node, *text);
}

static bool read_value(struct event_reader *r, struct cursor *c, struct tree_node *node);

static inline struct bytes plain_key(struct event_reader *r, const struct cursor_text *key)
{
    if (!key->escaped)
        return key->raw;
    buffer_clear(&r->key);
    cursor_decode(*key, &r->key);
    return buffer_bytes(&r->key);
}

/* Rows that read the keys of an object: the first one that fits counts. */
static void take_key(struct event_reader *r, const struct tree_node *node,
                     const struct cursor_text *raw)
{
    struct text key;

    text_of(r, raw, &key);
    for (size_t i = 0; i < node->n_rows; i++) {
        size_t row = node->rows[i];
        enum via via = path_get(row)->via;
        struct text got = key;

        if (via == VIA_LOGINS)
            got = login_pool(key);
        else if (via != VIA_LOGIN_KEY)
            continue;
        if (got.state != VALUE_ABSENT && r->found[row].state == VALUE_ABSENT)
            put(r, row, &got);
    }
}

static bool walk_object(struct event_reader *r, struct cursor *c, struct tree_node *node)
{
    struct cursor_text key;

    if (!cursor_enter_object(c))
        return false;
    for (bool first = true; cursor_next_key(c, &key, first); first = false) {
        struct tree_node *child = tree_child(node, plain_key(r, &key));

        if (node->keys)
            take_key(r, node, &key);
        if (!(child ? read_value(r, c, child) : cursor_skip(c, NULL)))
            return false;
    }
    return c->fault == CURSOR_FINE;
}

static struct tree_node *position_child(const struct tree_node *node, uint64_t position)
{
    uint64_t number;

    for (struct tree_node *child = node->child; child; child = child->sibling)
        if (bytes_to_u64(child->key, &number) && number == position)
            return child;
    return NULL;
}

static bool read_scalar(struct event_reader *r, struct cursor *c, enum cursor_kind kind,
                        struct text *out)
{
    struct cursor_text string;

    if (kind == CURSOR_STRING) {
        if (!cursor_string(c, &string))
            return false;
        text_of(r, &string, out);
        return true;
    }
    *out = (struct text){.state = VALUE_TEXT};
    if (kind == CURSOR_NUMBER)
        return cursor_number(c, &out->bytes);
    if (kind == CURSOR_NULL)
        out->state = VALUE_NULL;
    else
        out->bytes = bytes_of(kind == CURSOR_TRUE ? "true" : "false");
    return cursor_literal(c);
}

/* Element 0 of an array for the rows that want it; nested containers as source text. */
static bool read_element(struct event_reader *r, struct cursor *c, const struct tree_node *node)
{
    enum cursor_kind kind;
    struct text text = {.state = VALUE_TEXT};

    if (!cursor_peek(c, &kind))
        return false;
    if (!(kind == CURSOR_OBJECT || kind == CURSOR_ARRAY ? cursor_skip(c, &text.bytes)
                                                        : read_scalar(r, c, kind, &text)))
        return false;
    for (size_t i = 0; i < node->n_rows; i++)
        if (path_get(node->rows[i])->via == VIA_FIRST)
            put(r, node->rows[i], &text);
    return true;
}

static bool walk_array(struct event_reader *r, struct cursor *c, const struct tree_node *node)
{
    uint64_t position = 0;

    if (!cursor_enter_array(c))
        return false;
    for (bool first = true; cursor_next_item(c, first); first = false, position++) {
        struct tree_node *child = node->positions ? position_child(node, position) : NULL;
        bool fine = child                             ? read_value(r, c, child)
                    : position == 0 && node->elements ? read_element(r, c, node)
                                                      : cursor_skip(c, NULL);

        if (!fine)
            return false;
    }
    return c->fault == CURSOR_FINE;
}

static bool is_empty_container(struct bytes source)
{
    for (size_t i = 1; i + 1 < source.len; i++)
        if (source.ptr[i] != ' ' && source.ptr[i] != '\n' && source.ptr[i] != '\t' &&
            source.ptr[i] != '\r')
            return false;
    return true;
}

static bool read_container(struct event_reader *r, struct cursor *c, struct tree_node *node,
                           enum cursor_kind kind)
{
    const char *start = c->at;
    struct text text = {.state = VALUE_TEXT};
    bool fine;

    if (kind == CURSOR_OBJECT)
        fine = node->child || node->keys ? walk_object(r, c, node) : cursor_skip(c, NULL);
    else
        fine =
            node->positions || node->elements ? walk_array(r, c, node) : cursor_skip(c, NULL);
    if (!fine)
        return false;
    if (node->n_rows == 0)
        return true;
    text.bytes = bytes_make(start, (size_t)(c->at - start));
    if (is_empty_container(text.bytes))
        text.state = VALUE_EMPTY;
    else if (kind == CURSOR_ARRAY && node->elements)
        return true; /* element 0 was taken */
    take(r, node, &text, true);
    return true;
}

static bool read_value(struct event_reader *r, struct cursor *c, struct tree_node *node)
{
    enum cursor_kind kind;
    struct text text;

    if (!cursor_peek(c, &kind))
        return false;
    if (node->last_met == r->record) {
        r->flags |= EVENT_DUPLICATE_KEY;
        forget(r, node);
    }
    node->last_met = r->record;
    r->signs |= node->signs;
    if (kind == CURSOR_OBJECT || kind == CURSOR_ARRAY)
        return read_container(r, c, node, kind);
    if (!read_scalar(r, c, kind, &text))
        return false;
    take(r, node, &text, false);
    return true;
}

/* ---- from rows to fields ---- */

/* What some logs write for "nothing known". Source: AdminListUserAuthEvents example (city
 * "null"), user activity example (device "Other, Other"). */
static void fix_unknown(struct value *v)
{
    if (bytes_are(v->text, "null") || bytes_are(v->text, "Other, Other"))
        v->state = VALUE_EMPTY;
}

/* 200, 200.0 and "200" are one status. */
static void fix_status(struct value *v)
{
    size_t dot = find_from(v->text, 0, "."), zeros = dot + 1;

    while (zeros < v->text.len && v->text.ptr[zeros] == '0')
        zeros++;
    if (dot && dot < v->text.len && zeros == v->text.len)
        v->text.len = dot;
}

struct spelling {
    const char *seen, *word;
};

static void respell(struct value *v, const struct spelling *spellings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal_nocase(v->text, bytes_of(spellings[i].seen))) {
            v->text = bytes_of(spellings[i].word);
            return;
        }
}

/* The export and the API enumerations spell them differently; words without a row stay. */
static void fix_risk(struct value *v)
{
    static const struct spelling words[] = {
        {"none",   "none"  },
        {"norisk", "none"  },
        {"low",    "low"   },
        {"medium", "medium"},
        {"high",   "high"  },
    };

    respell(v, words, ARRAY_LEN(words));
}

static void fix_decision(struct value *v)
{
    static const struct spelling words[] = {
        {"pass",             "pass"            },
        {"norisk",           "pass"            },
        {"allow",            "pass"            },
        {"block",            "block"           },
        {"blocked",          "block"           },
        {"challenge",        "challenge"       },
        {"mfa",              "challenge"       },
        {"accounttakeover",  "account-takeover"},
        {"account_takeover", "account-takeover"},
    };

    respell(v, words, ARRAY_LEN(words));
}

static void fix_compromised(struct value *v)
{
    static const struct spelling words[] = {
        {"true",  "yes"},
        {"yes",   "yes"},
        {"false", "no" },
        {"no",    "no" },
    };

    respell(v, words, ARRAY_LEN(words));
}

static void (*const FIXES[FIELD_COUNT])(struct value *) = {
    [FIELD_IP] = fix_unknown,
    [FIELD_CITY] = fix_unknown,
    [FIELD_COUNTRY] = fix_unknown,
    [FIELD_DEVICE] = fix_unknown,
    [FIELD_TIMEZONE] = fix_unknown,
    [FIELD_STATUS] = fix_status,
    [FIELD_RISK] = fix_risk,
    [FIELD_DECISION] = fix_decision,
    [FIELD_COMPROMISED] = fix_compromised,
};

static bool parse_time(struct bytes text, enum via via, int64_t *out_us)
{
    const char *unit;

    return (via == VIA_TIME && instant_parse(text, out_us)) ||
           instant_from_epoch(text, out_us, &unit);
}

/* The first row that holds a usable time gives it; the others are compared with it. */
static void decide_time(struct event_reader *r, struct event *e)
{
    int64_t other_us;
    size_t best = SIZE_MAX;

    e->time_us = INSTANT_NONE;
    for (size_t i = 0; i < r->n_seen; i++) {
        const struct path_row *row = path_get(r->seen[i]);
        const struct found *f = &r->found[r->seen[i]];

        if (row->field != FIELD_TIME || f->state != VALUE_TEXT ||
            !(row->formats & 1u << e->format) ||
            !parse_time(found_text(r, f), row->via, &other_us))
            continue;
        if (e->time_us != INSTANT_NONE &&
            (e->time_us - other_us > INSTANT_DAY || other_us - e->time_us > INSTANT_DAY))
            e->flags |= EVENT_TWO_TIMES;
        if (r->seen[i] < best) {
            best = r->seen[i];
            e->time_us = other_us;
        }
    }
    if (e->time_us == INSTANT_NONE)
        e->flags |= EVENT_NO_TIME;
}

/* A value beats redacted beats empty beats null; among equals the earlier row. */
static void decide_values(struct event_reader *r, struct event *e)
{
    for (size_t i = 0; i < r->n_seen; i++) {
        size_t number = r->seen[i];
        const struct path_row *row = path_get(number);
        const struct found *f = &r->found[number];
        struct value *best = &e->values[row->field], old = *best;

        if (!(row->formats & 1u << e->format) || f->state < old.state ||
            (f->state == old.state && (f->state == VALUE_ABSENT || old.path < number)) ||
            row->field == FIELD_TIME)
            continue;
        best->path = (uint16_t)number;
        best->state = f->state;
        best->text = f->state == VALUE_TEXT ? found_text(r, f) : (struct bytes){0};
        if (f->state != VALUE_TEXT || !FIXES[row->field])
            continue;
        FIXES[row->field](best);
        if (best->state < old.state || (best->state == old.state && old.path < number))
            *best = old; /* counted for less than it looked */
        else if (best->state != VALUE_TEXT)
            best->text = (struct bytes){0};
    }
}

static void put_word(struct event *e, enum field_id field, const char *word)
{
    e->values[field].state = VALUE_TEXT;
    e->values[field].text = bytes_of(word);
}

static void decide_outcome(struct event_reader *r, struct event *e)
{
    const struct found *response =
        &r->found[e->format == FORMAT_CLOUDTRAIL ? r->row_login : r->row_response];
    const struct found *challenges = &r->found[r->row_challenges];
    struct outcome_facts facts = {
        .has_result = r->found[r->row_result].state == VALUE_TEXT,
        .has_challenge = r->found[r->row_asked].state > VALUE_EMPTY,
    };
    struct outcome_verdict verdict;

    if (response->state == VALUE_TEXT)
        facts.response = found_text(r, response);
    if (challenges->state == VALUE_TEXT)
        facts.challenges = found_text(r, challenges);
    verdict = outcome_decide(e->format, e->values, &facts);
    e->stage = verdict.stage;
    e->outcome = verdict.outcome;
    e->reason = verdict.reason;
    put_word(e, FIELD_FORMAT, format_name(e->format));
    put_word(e, FIELD_STAGE, stage_name(e->stage));
    put_word(e, FIELD_OUTCOME, outcome_name(e->outcome));
    put_word(e, FIELD_REASON, reason_name(e->reason));
}

static void start_record(struct event_reader *r)
{
    for (size_t i = 0; i < r->n_seen; i++)
        r->found[r->seen[i]] = (struct found){0};
    r->n_seen = 0;
    r->signs = 0;
    r->flags = 0;
    buffer_clear(&r->scratch);
    /* 0 means "never met": after the numbers have wrapped round, nothing is remembered. */
    if (++r->record == 0) {
        forget(r, &r->root);
        r->record = 1;
    }
}

enum event_verdict event_read(struct event_reader *r, struct cursor *c, struct event *out,
                              const char **seems)
{
    enum cursor_kind kind;
    const char *start;
    struct bytes service = {0};

    start_record(r);
    c->bad_utf8 = false;
    if (!cursor_peek(c, &kind))
        return c->fault == CURSOR_MORE ? EVENT_MORE : EVENT_MALFORMED;
    start = c->at;
    if (!(kind == CURSOR_OBJECT ? walk_object(r, c, &r->root) : cursor_skip(c, NULL)))
        return c->fault == CURSOR_MORE ? EVENT_MORE : EVENT_MALFORMED;
    if (r->found[r->row_service].state == VALUE_TEXT)
        service = found_text(r, &r->found[r->row_service]);
    if (!foreign_format(r->signs, service, &out->format)) {
        if (seems)
            *seems = kind == CURSOR_OBJECT ? foreign_seems(r->signs, service)
                                           : "a JSON value that is no object";
        return EVENT_FOREIGN;
    }
    out->flags = r->flags | (c->bad_utf8 ? EVENT_BAD_UTF8 : 0);
    out->raw = bytes_make(start, (size_t)(c->at - start));
    memset(out->values, 0, sizeof out->values);
    decide_time(r, out);
    decide_values(r, out);
    decide_outcome(r, out);
    return EVENT_READ;
}
