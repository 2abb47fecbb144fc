#include "core/reading/event.h"

#include <assert.h>

#include "core/base/mem.h"

#include "core/reading/foreign.h"
#include "core/reading/outcome.h"
#include "core/reading/tree.h"
#include "core/reading/via.h"

/* No record holds more rows than fields.def and the user's configuration have. */
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
    const struct config *config; /* the caller's */
    struct arena arena;
    struct tree_node root;
    struct path_row rows[ROWS_MAX]; /* those of config_path() */
    struct found found[ROWS_MAX];
    uint16_t seen[ROWS_MAX]; /* rows met in this record */
    size_t n_seen;
    uint32_t record; /* number of the record, for tree_node.last_met */
    uint64_t signs;
    uint8_t flags;
    bool record_is_row; /* something could be taken off, be it no record */
    struct buffer scratch, key;
    struct buffer route;    /* method and resource */
    struct unwrapper inner; /* what stands in wrappers */
    size_t row_result, row_login, row_response, row_asked, row_challenges, row_service,
        row_method;
    size_t row_auth_response, row_auth_challenges;
};

static size_t row_of(enum field_id field, const char *path)
{
    size_t i = 0;

    while (i < path_count() &&
           (path_get(i)->field != field || !bytes_are(bytes_of(path), path_get(i)->path)))
        i++;
    assert(i < path_count());
    return i;
}

struct event_reader *event_reader_new(const struct config *config)
{
    struct event_reader *r = mem_alloc(sizeof *r);
    const char *path;
    uint64_t sign;

    r->config = config;
    assert(config_path_count(config) <= ROWS_MAX);
    for (size_t i = 0; i < config_path_count(config); i++)
        r->rows[i] = *config_path(config, i);
    tree_add_rows(&r->arena, &r->root, config);
    for (size_t i = 0; (path = foreign_sign(i, &sign)); i++)
        tree_add(&r->arena, &r->root, path)->signs |= sign;
    tree_seal(&r->arena, &r->root);
    r->row_result = row_of(FIELD_OUTCOME, "responseElements.authenticationResult");
    r->row_login = row_of(FIELD_OUTCOME, "responseElements.ConsoleLogin");
    r->row_response = row_of(FIELD_OUTCOME, "message.eventResponse");
    r->row_asked = row_of(FIELD_CHALLENGE, "responseElements.challengeName");
    r->row_challenges = row_of(FIELD_REASON, "message.challenges");
    r->row_auth_response = row_of(FIELD_OUTCOME, "EventResponse");
    r->row_auth_challenges = row_of(FIELD_REASON, "ChallengeResponses");
    r->row_service = row_of(FIELD_SERVICE, "eventSource");
    r->row_method = row_of(FIELD_OUTCOME, "httpMethod");
    return r;
}

const struct config *event_reader_config(const struct event_reader *r)
{
    return r->config;
}

void event_reader_free(struct event_reader *r)
{
    if (!r)
        return;
    arena_deinit(&r->arena);
    buffer_deinit(&r->scratch);
    buffer_deinit(&r->route);
    buffer_deinit(&r->key);
    unwrapper_deinit(&r->inner);
    mem_free(r);
}

/* ---- texts ---- */

static struct bytes found_text(const struct event_reader *r, const struct found *f)
{
    return bytes_make(f->ptr ? f->ptr : r->scratch.ptr + f->at, f->len);
}

static inline struct found *found_at(struct event_reader *r, size_t row)
{
    struct found *f = &r->found[row];

    if (!f->listed) {
        f->listed = true;
        r->seen[r->n_seen++] = (uint16_t)row;
    }
    return f;
}

/* Texts travel by pointer: copying a struct whose bytes were just written one by one stalls. */
static inline void put(struct event_reader *r, size_t row, const struct via_text *text)
{
    struct found *f = found_at(r, row);

    f->state = (uint8_t)text->state;
    f->len = text->bytes.len;
    f->ptr = text->bytes.ptr;
    if (text->in_scratch) {
        f->ptr = NULL;
        f->at = (size_t)(text->bytes.ptr - r->scratch.ptr);
    }
}

static void decode(struct event_reader *r, const struct cursor_text *from, struct via_text *out)
{
    size_t start = r->scratch.len;

    cursor_decode(*from, &r->scratch);
    out->bytes = bytes_slice(buffer_bytes(&r->scratch), start, r->scratch.len);
    out->in_scratch = true;
}

static inline void text_of(struct event_reader *r, const struct cursor_text *from,
                           struct via_text *out)
{
    out->bytes = from->raw;
    out->in_scratch = false;
    out->state = VALUE_TEXT;
    if (from->escaped)
        decode(r, from, out);
    if (out->bytes.len == 0)
        out->state = VALUE_EMPTY;
    else if (out->bytes.ptr[0] == 'H' && via_is_mask(out->bytes))
        out->state = VALUE_REDACTED;
}

/* ---- the walk ---- */

/* Everything below a node is hidden when a mask stands where an object is expected. */
static void redact_below(struct event_reader *r, const struct tree_node *node,
                         struct via_text mask)
{
    for (const struct tree_node *child = node->child; child; child = child->sibling) {
        for (size_t i = 0; i < child->n_rows; i++) {
            enum via via = r->rows[child->rows[i]].via;

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

static void take(struct event_reader *r, const struct tree_node *node,
                 const struct via_text *text, bool container)
{
    for (size_t i = 0; i < node->n_rows; i++) {
        enum via via = r->rows[node->rows[i]].via;
        struct via_text got;

        if (via == VIA_DIRECT) {
            put(r, node->rows[i], text);
            continue;
        }
        got = via_take(via, *text, container);
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
    struct via_text key;

    text_of(r, raw, &key);
    for (size_t i = 0; i < node->n_rows; i++) {
        size_t row = node->rows[i];
        enum via via = r->rows[row].via;
        struct via_text got = key;

        if (via == VIA_LOGINS)
            got = via_login_pool(key);
        else if (via != VIA_LOGIN_KEY)
            continue;
        if (got.state != VALUE_ABSENT && r->found[row].state == VALUE_ABSENT)
            put(r, row, &got);
    }
}

/* The next member of the object: its node, or NULL when no path has its key. False at the end
 * or on a fault. */
static inline bool next_member(struct event_reader *r, struct cursor *c, struct tree_node *node,
                               struct tree_node *before, struct tree_node **child, bool first)
{
    struct tree_node **expected = before ? &before->follower : &node->leader;
    struct cursor_text key;

    *child = *expected;
    if (*child && cursor_pass_member(c, (*child)->member, first))
        return true;
    if (!cursor_next_key(c, &key, first))
        return false;
    *child = tree_child(node, plain_key(r, &key));
    if (node->keys)
        take_key(r, node, &key);
    else if (*child)
        *expected = *child;
    return true;
}

static bool walk_object(struct event_reader *r, struct cursor *c, struct tree_node *node)
{
    struct tree_node *before = NULL, *child;

    if (!cursor_enter_object(c))
        return false;
    for (bool first = true; next_member(r, c, node, before, &child, first); first = false) {
        if (!(child ? read_value(r, c, child) : cursor_skip(c, NULL)))
            return false;
        before = child ? child : before;
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
                        struct via_text *out)
{
    struct cursor_text string;

    if (kind == CURSOR_STRING) {
        if (!cursor_string(c, &string))
            return false;
        text_of(r, &string, out);
        return true;
    }
    *out = (struct via_text){.state = VALUE_TEXT};
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
    struct via_text text = {.state = VALUE_TEXT};

    if (!cursor_peek(c, &kind))
        return false;
    if (!(kind == CURSOR_OBJECT || kind == CURSOR_ARRAY ? cursor_skip(c, &text.bytes)
                                                        : read_scalar(r, c, kind, &text)))
        return false;
    for (size_t i = 0; i < node->n_rows; i++)
        if (r->rows[node->rows[i]].via == VIA_FIRST)
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

static bool read_container(struct event_reader *r, struct cursor *c, struct tree_node *node,
                           enum cursor_kind kind)
{
    const char *start = c->at;
    struct via_text text = {.state = VALUE_TEXT};
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
    if (via_is_empty(text.bytes))
        text.state = VALUE_EMPTY;
    else if (kind == CURSOR_ARRAY && node->elements)
        return true; /* element 0 was taken */
    take(r, node, &text, true);
    return true;
}

/* The short way for what most values are: a plain string that is taken as it stands. */
static bool read_string(struct event_reader *r, struct cursor *c, const struct tree_node *node)
{
    struct cursor_text string;
    struct via_text text;

    if (!cursor_string(c, &string))
        return false;
    if (node->converts || string.escaped || string.raw.len == 0 || string.raw.ptr[0] == 'H') {
        text_of(r, &string, &text);
        take(r, node, &text, false);
        return true;
    }
    for (size_t i = 0; i < node->n_rows; i++) {
        struct found *f = found_at(r, node->rows[i]);

        f->ptr = string.raw.ptr;
        f->len = string.raw.len;
        f->state = VALUE_TEXT;
    }
    return true;
}

static bool read_value(struct event_reader *r, struct cursor *c, struct tree_node *node)
{
    bool is_string = cursor_at_quote(c);
    enum cursor_kind kind;
    struct via_text text;

    if (!is_string && !cursor_peek(c, &kind))
        return false;
    if (node->last_met == r->record && (node->n_rows || node->child)) {
        r->flags |= EVENT_DUPLICATE_KEY;
        forget(r, node);
    }
    node->last_met = r->record;
    r->signs |= node->signs;
    if (is_string)
        return read_string(r, c, node);
    if (kind == CURSOR_OBJECT || kind == CURSOR_ARRAY)
        return read_container(r, c, node, kind);
    if (!read_scalar(r, c, kind, &text))
        return false;
    take(r, node, &text, false);
    return true;
}

/* ---- from rows to fields ---- */

/* The first row that holds a usable time gives it; the others are compared with it. */
static void decide_time(struct event_reader *r, struct event *e)
{
    int64_t other_us;
    size_t best = SIZE_MAX;

    e->time_us = INSTANT_NONE;
    for (size_t i = 0; i < r->n_seen; i++) {
        const struct path_row *row = &r->rows[r->seen[i]];
        const struct found *f = &r->found[r->seen[i]];

        if (row->field != FIELD_TIME || f->state != VALUE_TEXT ||
            !(row->formats & 1u << e->format) ||
            !via_time(row->via, found_text(r, f), &other_us))
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

/* What API Gateway writes for a variable that has no value. */
static bool is_dash(const struct event_reader *r, const struct found *f)
{
    return f->state == VALUE_TEXT && f->len == 1 && found_text(r, f).ptr[0] == '-';
}

/* A value beats redacted beats empty beats null; among equals the earlier row. */
static void decide_values(struct event_reader *r, struct event *e)
{
    for (size_t i = 0; i < r->n_seen; i++) {
        size_t number = r->seen[i];
        const struct path_row *row = &r->rows[number];
        const struct found *f = &r->found[number];
        struct value *best = &e->values[row->field];
        struct value v = {.state = f->state, .path = (uint16_t)number};

        if (!(row->formats & 1u << e->format) || row->field == FIELD_TIME ||
            f->state < best->state || (e->format == FORMAT_API_ACCESS && is_dash(r, f)))
            continue;
        if (v.state == VALUE_TEXT) {
            v.text = found_text(r, f);
            via_fix(row->field, &v); /* may find that it counts for less than it looked */
        }
        if (v.state < best->state || (v.state == best->state && best->path < number) ||
            v.state == VALUE_ABSENT)
            continue;
        *best = v;
        if (v.state != VALUE_TEXT)
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
    bool auth = e->format == FORMAT_AUTH_EVENT;
    const struct found *response = &r->found[e->format == FORMAT_CLOUDTRAIL ? r->row_login
                                             : auth ? r->row_auth_response
                                                    : r->row_response];
    const struct found *challenges =
        &r->found[auth ? r->row_auth_challenges : r->row_challenges];
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
    if (e->format == FORMAT_API_ACCESS) /* and not the method, which is a row of it too */
        e->values[FIELD_OUTCOME].path = e->values[FIELD_STATUS].path;
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

/* REST APIs log method and resource apart, HTTP APIs as one route: both become "GET /pets". */
static void join_method(struct event_reader *r, struct event *e)
{
    struct value *operation = &e->values[FIELD_OPERATION];
    const struct found *method = &r->found[r->row_method];

    if (operation->state != VALUE_TEXT || method->state != VALUE_TEXT || is_dash(r, method) ||
        operation->text.ptr[0] != '/')
        return;
    buffer_clear(&r->route);
    buffer_add(&r->route, found_text(r, method));
    buffer_add_char(&r->route, ' ');
    buffer_add(&r->route, operation->text);
    operation->text = buffer_bytes(&r->route);
}

/* Takes what the record that was walked says. */
static void decide(struct event_reader *r, const struct cursor *c, struct event *out)
{
    out->torn = false;
    out->flags = r->flags | (c->bad_utf8 ? EVENT_BAD_UTF8 : 0) |
                 (foreign_is_update(r->signs) ? EVENT_UPDATE : 0);
    memset(out->values, 0, sizeof out->values);
    decide_time(r, out);
    decide_values(r, out);
    if (out->format == FORMAT_API_ACCESS)
        join_method(r, out);
    decide_outcome(r, out);
}

/* eventSource of what was walked; empty without one. */
static struct bytes service_of(const struct event_reader *r)
{
    const struct found *f = &r->found[r->row_service];

    return f->state == VALUE_TEXT ? found_text(r, f) : (struct bytes){0};
}

/* A record of a format that is read, by what the walk met. */
static bool is_record(const struct event_reader *r, enum format *format)
{
    return foreign_format(r->signs, service_of(r), format);
}

static const char *seems_to_be(const struct event_reader *r)
{
    return foreign_seems(r->signs, service_of(r));
}

/* Some path of the user's gave something: that makes a record of any object. */
static bool has_user_path(const struct event_reader *r)
{
    for (size_t i = 0; i < r->n_seen; i++)
        if (r->seen[i] >= path_count() && r->found[r->seen[i]].state > VALUE_NULL)
            return true;
    return false;
}

/* Walks the object in `text` from its start; false when it is no JSON object. */
static bool walk_text(struct event_reader *r, struct bytes text, struct cursor *c)
{
    enum cursor_kind kind;

    start_record(r);
    cursor_init(c, text, true);
    c->lenient_utf8 = true;
    return cursor_peek(c, &kind) && kind == CURSOR_OBJECT && walk_object(r, c, &r->root) &&
           cursor_at_end(c);
}

/* The time of the wrapper that was walked, for records without one. */
static int64_t wrapper_time(struct event_reader *r)
{
    struct event wrapper = {.format = FORMAT_APP_LOG};

    decide_time(r, &wrapper);
    return wrapper.time_us;
}

static void use_time(struct event *e, int64_t at_us)
{
    if (at_us == INSTANT_NONE)
        return;
    e->time_us = at_us;
    e->flags &= (uint8_t)~EVENT_NO_TIME;
}

/* Logs drop or cut what is too long for them. Both keys stand in every record. */
static bool begins_as_record(struct bytes text)
{
    static const char *const keys[] = {"\"eventVersion\"", "\"eventSource\""};

    for (size_t i = 0; bytes_starts(text, "{") && i < ARRAY_LEN(keys); i++)
        if (bytes_find(text, bytes_of(keys[i])) < text.len)
            return true;
    return false;
}

/* An event of a log whose text is no record: `layers` stand around that text. */
static void read_log_text(struct event_reader *r, struct event *out, unsigned layers,
                          int64_t at_us)
{
    struct bytes text = unwrap(&r->inner, out->raw, layers);
    struct cursor c;
    bool json = walk_text(r, text, &c);

    if (!json)
        start_record(r);
    out->format = FORMAT_APP_LOG;
    decide(r, &c, out);
    out->torn = !json && begins_as_record(text);
    use_time(out, at_us);
    out->flags |= (uint8_t)(layers * EVENT_LAYER);
}

/* Rows that count are made of the same columns as rows that are events, but nothing says when.
 */
static bool is_statistic(const struct event *e)
{
    return e->time_us == INSTANT_NONE && e->values[FIELD_EVENT_ID].state != VALUE_TEXT;
}

static const char *const STATISTIC =
    "a row of a query's result that counts or sums up, no event";

/* What stands in the object that was walked. Where that, or a layer, could be a record and
 * also holds one, the inner one is meant with `inmost`: columns that were asked for beside
 * @message repeat what it says. False when there is nothing; `seems` may know more then. */
static bool read_wrapped(struct event_reader *r, struct event *out, bool inmost,
                         const char **seems)
{
    struct bytes text = out->raw;
    int64_t at_us = INSTANT_NONE, log_us = INSTANT_NONE;
    unsigned log_layers = 0;
    bool passed = inmost && is_record(r, &out->format);

    for (unsigned layers = 1; layers <= UNWRAP_MAX_LAYERS; layers++) {
        int64_t here_us = wrapper_time(r);
        bool row = bytes_starts(text, "[");
        enum wrapping wrapping = unwrap_layer(text, &r->inner.texts[(layers - 1) % 2], &text);
        struct cursor c;
        int64_t own_us;

        r->record_is_row |= layers == 1 && wrapping != WRAPPING_NONE;
        if (wrapping == WRAPPING_NONE)
            break;
        at_us = here_us != INSTANT_NONE ? here_us : at_us;
        if (wrapping == WRAPPING_LOG) {
            if (foreign_is_control(text, seems))
                return false;
            log_layers = layers;
            log_us = at_us;
        }
        if (!walk_text(r, text, &c))
            break;
        if (!is_record(r, &out->format)) {
            *seems = *seems ? *seems : seems_to_be(r);
            continue;
        }
        if (inmost && foreign_is_holder(r->signs)) {
            passed = true;
            continue;
        }
        own_us = wrapper_time(r); /* of a row laid out: @timestamp */
        decide(r, &c, out);
        if (out->time_us == INSTANT_NONE)
            use_time(out, own_us != INSTANT_NONE ? own_us : at_us);
        if (row && is_statistic(out)) {
            *seems = STATISTIC;
            return false;
        }
        out->content = text;
        out->flags |= (uint8_t)(layers * EVENT_LAYER);
        if (wrapping == WRAPPING_SUMMARY)
            out->flags |= EVENT_SUMMARY;
        return true;
    }
    if (log_layers == 0 || passed)
        return false;
    read_log_text(r, out, log_layers, log_us);
    return true;
}

/* Rows of a result were laid out as objects to see what they are. */
static const char *unknown_kind(enum cursor_kind kind, const struct event_reader *r)
{
    if (kind == CURSOR_OBJECT)
        return "a JSON object of an unknown kind";
    return kind == CURSOR_ARRAY && r->record_is_row
               ? "a row of a query's result without a record"
               : "a JSON value that is no object";
}

/* Walks the whole of the record once more, when what stands in it was no better; a list has
 * nothing to be met. */
static bool walk_again(struct event_reader *r, struct bytes text)
{
    struct cursor c;

    return walk_text(r, text, &c) || bytes_starts(text, "[");
}

/* A record without a wrapper of its own. */
static enum event_verdict read_bare(struct event_reader *r, const struct cursor *c,
                                    struct event *out, const char **seems)
{
    decide(r, c, out);
    if (!is_statistic(out) || !unwrap_has_call(out->raw))
        return EVENT_READ;
    if (seems)
        *seems = STATISTIC;
    return EVENT_FOREIGN;
}

enum event_verdict event_read(struct event_reader *r, struct cursor *c, struct event *out,
                              const char **seems)
{
    enum cursor_kind kind;
    const char *start, *foreign;
    bool bare_log, record;

    r->record_is_row = false;
    start_record(r);
    c->bad_utf8 = false;
    if (!cursor_peek(c, &kind))
        return c->fault == CURSOR_MORE ? EVENT_MORE : EVENT_MALFORMED;
    start = c->at;
    if (!(kind == CURSOR_OBJECT ? walk_object(r, c, &r->root) : cursor_skip(c, NULL)))
        return c->fault == CURSOR_MORE ? EVENT_MORE : EVENT_MALFORMED;
    out->raw = out->content = bytes_make(start, (size_t)(c->at - start));
    record =
        is_record(r, &out->format) && !(foreign_is_row(r->signs) && unwrap_is_flat(out->raw));
    if (record && !foreign_is_holder(r->signs))
        return read_bare(r, c, out, seems);
    foreign = kind == CURSOR_OBJECT ? seems_to_be(r) : NULL;
    bare_log = foreign_is_app_log(r->signs) || has_user_path(r);
    if (read_wrapped(r, out, true, &foreign) ||
        (!record && walk_again(r, out->raw) && read_wrapped(r, out, false, &foreign))) {
        out->flags |= c->bad_utf8 ? EVENT_BAD_UTF8 : 0;
        return EVENT_READ;
    }
    if (record && walk_again(r, out->raw) && is_record(r, &out->format))
        return read_bare(r, c, out, seems);
    if (bare_log) {
        read_log_text(r, out, 0, INSTANT_NONE);
        return EVENT_READ;
    }
    if (seems)
        *seems = foreign ? foreign : unknown_kind(kind, r);
    return EVENT_FOREIGN;
}
