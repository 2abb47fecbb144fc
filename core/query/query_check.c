#include "core/query/query_check.h"

#include "core/base/mem.h"

#include "core/query/address.h"
#include "core/query/query_names.h"
#include "core/query/query_period.h"
#include "core/query/query_write.h"

const struct binding *scope_find(const struct scope *s, struct bytes name)
{
    for (size_t i = s->count; i-- > 0;) {
        if (bytes_equal(s->items[i].name, name))
            return &s->items[i];
    }
    return NULL;
}

void scope_bind(struct scope *s, struct binding b)
{
    mem_grow(&s->items, &s->cap, s->count + 1, sizeof *s->items);
    s->items[s->count++] = b;
}

struct bytes check_written(struct check *c, const struct expr *e)
{
    struct buffer text = {0};
    struct bytes kept;

    write_expr(&text, e);
    kept = arena_copy(&c->query->arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

enum err check_fail_name(struct check *c, const struct expr *e, const char *why)
{
    struct buffer near = {0};
    enum err err;

    name_add_nearest(&near, e->text);
    err = query_fail(c->query, c->error, e->offset, e->length, "%.*s %s%.*s",
                     (int)(e->text.len < 80 ? e->text.len : 80), e->text.ptr, why,
                     (int)near.len, near.len ? near.ptr : "");
    buffer_deinit(&near);
    return err;
}

/* In backticks it was meant. */
static bool is_slip(const struct check *c, const struct expr *e)
{
    return c->query->source.ptr[e->offset] != '`' && name_resolve(e->text).kind == NAME_PATH &&
           !name_is_likely_path(e->text);
}

/* `a-b` reads as a minus b: says so when the whole may be a name. */
static bool beside_hyphen(const struct check *c, const struct expr *e)
{
    struct bytes text = c->query->source;
    size_t end = e->offset + e->length;

    return (end < text.len && text.ptr[end] == '-') ||
           (e->offset > 0 && text.ptr[e->offset - 1] == '-');
}

static void note_path(struct check *c, const struct expr *e)
{
    struct buffer near = {0};

    if (beside_hyphen(c, e))
        buffer_add_text(&near, "; - takes away: a name with a hyphen needs backticks, `a-b`");
    else
        name_add_nearest(&near, e->text);
    query_notice_add(c->query, "%.*s is no field: it is read from the records%.*s",
                     (int)(e->text.len < 80 ? e->text.len : 80), e->text.ptr, (int)near.len,
                     near.len ? near.ptr : "");
    buffer_deinit(&near);
}

static enum err check_event_name(struct check *c, struct expr *e)
{
    e->name = name_resolve(e->text);
    /* The column may hold what a path of the user's gave: only the record knows. */
    if (e->name.kind == NAME_NATIVE && config_adds_to(c->query->options.config, e->name.field))
        e->name = (struct name){.kind = NAME_PATH};
    if (e->name.kind == NAME_ANY && !c->in_like)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "@fields stands for all fields at once: only `@fields like` is "
                          "supported");
    if (e->name.kind == NAME_PATH && bytes_starts(e->text, "@") && !bytes_starts(e->text, "@@"))
        return query_fail(c->query, c->error, e->offset, e->length,
                          "%.*s is not supported: of the fields with @ an archive has "
                          "@timestamp, @message, @logStream, @log, @ingestionTime and "
                          "@explanation (a key of the record that begins with @ is written @@)",
                          (int)(e->text.len < 80 ? e->text.len : 80), e->text.ptr);
    if (is_slip(c, e))
        note_path(c, e);
    return ERR_OK;
}

/* The binding of the longest run of first steps, and the path behind it. */
static const struct binding *scope_above(const struct scope *s, struct bytes name,
                                         struct bytes *rest)
{
    const struct binding *found = NULL;
    struct bytes left = name, step;

    while (path_step(&left, &step) && left.len) {
        size_t dot = (size_t)(left.ptr - name.ptr) - 1;
        const struct binding *b = scope_find(s, bytes_slice(name, 0, dot));

        if (b) {
            found = b;
            *rest = left;
        }
    }
    return found;
}

const struct binding *scope_reach(const struct scope *s, struct bytes name, struct bytes *rest)
{
    const struct binding *b = scope_find(s, name);

    *rest = (struct bytes){0};
    return b ? b : scope_above(s, name, rest);
}

/* Whether a value can be a map or list: what the record says, what a function makes of JSON,
 * and what is chosen among such. */
static bool can_hold_parts(const struct expr *e)
{
    e = expr_target(e);
    if (e->kind == EXPR_NAME)
        return e->name.kind == NAME_PATH || e->name.kind == NAME_NATIVE ||
               e->name.kind == NAME_ITEM || e->name.kind == NAME_BELOW ||
               e->name.kind == NAME_COLUMN;
    if (e->kind != EXPR_CALL)
        return false;
    switch (e->function) {
    case FUNCTION_JSON_PARSE:
    case FUNCTION_SPLIT:
    case FUNCTION_VALUES:
        return true;
    case FUNCTION_COALESCE:
    case FUNCTION_IF:
    case FUNCTION_CASE:
    case FUNCTION_GREATEST:
    case FUNCTION_LEAST:
    case FUNCTION_UNMASK:
    case FUNCTION_MIN:
    case FUNCTION_MAX:
    case FUNCTION_SORTS_FIRST:
    case FUNCTION_SORTS_LAST:
    case FUNCTION_EARLIEST:
    case FUNCTION_LATEST:
        for (size_t i = 0; i < e->n_args; i++) {
            if (can_hold_parts(e->args[i]))
                return true;
        }
        return false;
    default:
        return false;
    }
}

static struct expr *path_name(struct check *c, const struct expr *e, struct bytes path)
{
    struct expr *name = expr_new(c->query, EXPR_NAME, e->offset, e->length);

    name->text = path;
    name->name = name_resolve(path);
    return name;
}

/* The name stands for a path of the record: then the whole is one too; where there is nothing
 * of that kind, the record may have the path as it is written. */
static void below_path(struct check *c, struct expr *e, const struct expr *above,
                       struct bytes rest)
{
    struct buffer path = {0};
    struct expr *own = path_name(c, e, e->text);

    buffer_add(&path, above->text);
    buffer_add_char(&path, '.');
    buffer_add(&path, rest);
    e->kind = EXPR_CALL;
    e->function = FUNCTION_COALESCE;
    e->text = bytes_of(function_get(FUNCTION_COALESCE)->name);
    expr_add(c->query, e, path_name(c, e, arena_copy(&c->query->arena, buffer_bytes(&path))));
    expr_add(c->query, e, own);
    buffer_deinit(&path);
}

/* A path below a name that the query gave. */
static enum err check_below(struct check *c, struct expr *e, const struct binding *b,
                            struct bytes rest)
{
    const struct expr *origin = expr_target(b->target ? b->target : b->origin);
    size_t above = e->text.len - rest.len - 1;

    if (!can_hold_parts(origin))
        return query_fail(c->query, c->error, e->offset, e->length,
                          "%.*s is no map or list, so that %.*s is nothing: of a text "
                          "jsonParse() makes one",
                          (int)above, e->text.ptr, (int)e->text.len, e->text.ptr);
    if (b->target && origin->kind == EXPR_NAME &&
        (origin->name.kind == NAME_PATH || origin->name.kind == NAME_NATIVE)) {
        below_path(c, e, origin, rest);
        return ERR_OK;
    }
    e->name = (struct name){.kind = NAME_BELOW, .target = b->target, .path = rest};
    if (!b->target) {
        struct expr *column = expr_new(c->query, EXPR_NAME, e->offset, above);

        column->text = b->name;
        column->weight = 1;
        column->name = (struct name){.kind = NAME_COLUMN, .column = b->column};
        e->name.target = column;
    }
    return ERR_OK;
}

static enum err check_name(struct check *c, struct expr *e)
{
    const struct scope *scope = c->place == PLACE_RESULT ? c->result : &c->rows;
    struct bytes rest;
    const struct binding *b = scope_reach(scope, e->text, &rest);

    if (b && rest.len)
        return check_below(c, e, b, rest);
    if (b && b->target) {
        e->name = (struct name){.kind = NAME_ALIAS, .target = b->target};
        return ERR_OK;
    }
    if (b) {
        e->name = (struct name){.kind = NAME_COLUMN, .column = b->column};
        return ERR_OK;
    }
    if (c->place == PLACE_RESULT)
        return check_fail_name(c, e,
                               "is neither grouped by nor counted: behind stats only its "
                               "columns are left");
    if (c->stats_seen)
        return check_fail_name(c, e,
                               "is no column of the stats before it: behind stats only its "
                               "columns are left");
    return check_event_name(c, e);
}

enum err check_pattern(struct check *c, const struct expr *e)
{
    struct match *m = NULL;
    struct buffer message = {0};
    size_t offset = 0;
    enum err err = match_new(MATCH_REGEX, e->text, e->caseless, &m, &message, &offset);

    match_free(m);
    if (err != ERR_OK)
        err = query_fail(c->query, c->error, e->offset + 1 + offset,
                         offset + 2 < e->length ? 1 : 0, "regular expression: %.*s",
                         (int)message.len, message.ptr);
    buffer_deinit(&message);
    return err;
}

static enum err check_period(struct check *c, struct expr *e)
{
    struct period p;

    if (!period_parse(e->text, &p))
        return query_fail(c->query, c->error, e->offset, e->length,
                          "no period: %.*s (write 30s, 5m, 1h, 1d, 1w, 1mo, 1q or 1y; text "
                          "needs quotes)",
                          (int)e->text.len, e->text.ptr);
    if (p.capped)
        query_notice_add(c->query,
                         "%.*s is above the largest value of its unit and was cut to "
                         "it, as CloudWatch does",
                         (int)e->text.len, e->text.ptr);
    e->time_us = p.width_us;
    e->months = p.months;
    return ERR_OK;
}

/* Functions by their own names, however they were written. */
static void name_calls(struct expr *e)
{
    const char *notice;
    const struct function_row *row =
        e->kind == EXPR_CALL ? function_find(e->text, &notice) : NULL;

    if (row)
        e->text = bytes_of(row->name);
    for (size_t i = 0; i < e->n_args; i++)
        name_calls(e->args[i]);
}

const struct binding *check_find_written(struct check *c, struct expr *e)
{
    struct bytes text;

    name_calls(e);
    text = check_written(c, e);

    for (size_t i = 0; i < c->columns.count; i++) {
        if (bytes_equal(c->columns.items[i].written, text))
            return &c->columns.items[i];
    }
    return NULL;
}

/* The query itself gave the name, or one above it. */
static bool is_given(const struct check *c, struct bytes name)
{
    struct bytes rest;

    return scope_reach(&c->rows, name, &rest) != NULL;
}

/* What stands in the record as \u00e4 is not met by ä: no wrong none without a word. */
static void note_escapes(struct check *c, const struct expr *left, const struct expr *right)
{
    bool is_message = left->kind == EXPR_NAME && left->name.kind == NAME_MESSAGE;

    for (size_t i = 0; is_message && i < right->text.len; i++) {
        if ((unsigned char)right->text.ptr[i] < 0x80)
            continue;
        query_notice_add(c->query, "@message is searched as the record is written: where signs "
                                   "beyond ASCII stand as \\u00e4, only a condition on the "
                                   "field finds them");
        return;
    }
}

static enum err check_like(struct check *c, struct expr *e)
{
    bool before = c->in_like;

    c->in_like = e->args[0]->kind == EXPR_NAME;
    TRY(check_expr(c, e->args[0]));
    c->in_like = before;
    if (e->args[1]->kind == EXPR_STRING || e->args[1]->kind == EXPR_REGEX)
        note_escapes(c, e->args[0], e->args[1]);
    if (e->args[1]->kind == EXPR_REGEX)
        return check_pattern(c, e->args[1]);
    if (e->args[1]->kind == EXPR_NAME && e->args[0]->kind == EXPR_NAME &&
        name_resolve(e->args[1]->text).kind == NAME_PATH && !is_given(c, e->args[1]->text))
        return query_fail(c->query, c->error, e->args[1]->offset, e->args[1]->length,
                          "text needs quotes: \"%.*s\"", (int)e->args[1]->text.len,
                          e->args[1]->text.ptr);
    /* SQL's habit. */
    if (e->args[1]->kind == EXPR_STRING &&
        (bytes_starts(e->args[1]->text, "%") || bytes_ends(e->args[1]->text, "%")))
        query_notice_add(c->query,
                         "%% in like \"%.*s\" stands for itself: like finds any part of the "
                         "text, like /^.../ its start",
                         (int)(e->args[1]->text.len < 60 ? e->args[1]->text.len : 60),
                         e->args[1]->text.ptr);
    return check_expr(c, e->args[1]);
}

/* An address compared with a network as if both were texts: never equal. */
static enum err check_address(struct check *c, const struct expr *name,
                              const struct expr *value)
{
    if (name->kind != EXPR_NAME || value->kind != EXPR_STRING ||
        (name->name.kind != NAME_FIELD && name->name.kind != NAME_NATIVE) ||
        name->name.field != FIELD_IP || !subnet_is_meant(value->text) ||
        !memchr(value->text.ptr, '/', value->text.len))
        return ERR_OK;
    return query_fail(c->query, c->error, value->offset, value->length,
                      "no address is a network: isIpInSubnet(%.*s, \"%.*s\") asks whether it "
                      "lies in one",
                      (int)name->text.len, name->text.ptr, (int)value->text.len,
                      value->text.ptr);
}

/* A time as it is shown with a blank: @timestamp, a bin, the first or last of such. */
static bool is_time(const struct check *c, const struct expr *e)
{
    const struct binding *b = e->kind == EXPR_NAME ? scope_find(&c->rows, e->text) : NULL;

    if (b && !b->target)
        return b->origin && b->origin != e && is_time(c, b->origin);
    e = expr_target(e);
    if (e->kind == EXPR_NAME)
        return e->name.kind == NAME_TIME || e->name.kind == NAME_INGESTION;
    if (e->kind != EXPR_CALL || e->n_args == 0)
        return false;
    switch (e->function) {
    case FUNCTION_BIN:
    case FUNCTION_DATEFLOOR:
    case FUNCTION_DATECEIL:
    case FUNCTION_FROM_MILLIS:
        return true;
    case FUNCTION_MIN:
    case FUNCTION_MAX:
    case FUNCTION_EARLIEST:
    case FUNCTION_LATEST:
        return e->args[0]->kind == EXPR_NAME && is_time(c, e->args[0]);
    default:
        return false;
    }
}

/* A day or a minute is the instant it begins with; what is no time is compared sign by sign
 * with how times are written, which no one means. */
static void check_time_text(struct check *c, const struct expr *time, struct expr *text)
{
    static const char rest[] = "T00:00:00Z";
    struct buffer whole = {0};
    int64_t at_us;
    bool good;

    if (text->kind != EXPR_STRING || instant_parse(text->text, &at_us) || !is_time(c, time))
        return;
    buffer_add(&whole, text->text);
    if (whole.len && whole.ptr[whole.len - 1] == 'Z')
        whole.len--;
    if (whole.len == 10 || whole.len == 16)
        buffer_add_text(&whole, rest + (whole.len - 10));
    good = instant_parse(buffer_bytes(&whole), &at_us);
    if (good)
        text->text = arena_copy(&c->query->arena, buffer_bytes(&whole));
    buffer_deinit(&whole);
    if (!good && !bytes_made_of(text->text, "0123456789"))
        query_notice_add(c->query,
                         "\"%.*s\" is no time and was compared sign by sign with times as they "
                         "are written: write \"2026-11-18\", \"2026-11-18 09:10\" or "
                         "\"2026-11-18T09:10:00Z\"",
                         (int)(text->text.len < 60 ? text->text.len : 60), text->text.ptr);
}

/* Seconds: now(), sums with it, and numbers that are times of our days as seconds. */
static bool counts_seconds(const struct expr *e)
{
    if (e->kind == EXPR_CALL)
        return e->function == FUNCTION_NOW;
    if (e->kind == EXPR_NUMBER)
        return e->number >= 5e8 && e->number < 5e9;
    return e->kind == EXPR_ARITH && (e->op == OP_ADD || e->op == OP_SUB) &&
           (counts_seconds(e->args[0]) || counts_seconds(e->args[1]));
}

static void note_seconds(struct check *c, const struct expr *time, const struct expr *other)
{
    if (time->kind == EXPR_NAME &&
        (time->name.kind == NAME_TIME || time->name.kind == NAME_TIME_ISO) &&
        counts_seconds(other))
        query_notice_add(c->query, "times compare with numbers as milliseconds since 1970, and "
                                   "this counts seconds: write * 1000 behind it");
}

/* `error = AccessDenied`: most likely the quotes were forgotten. */
static enum err check_compare(struct check *c, struct expr *e)
{
    const struct expr *right = e->args[1];

    if (right->kind == EXPR_REGEX)
        return query_fail(c->query, c->error, right->offset, right->length,
                          "a regular expression stands behind like or =~, not behind =");
    if (right->kind == EXPR_NAME && e->args[0]->kind == EXPR_NAME && !c->stats_seen &&
        !is_given(c, right->text) && is_slip(c, right) &&
        name_resolve(e->args[0]->text).kind != NAME_PATH)
        return query_fail(c->query, c->error, right->offset, right->length,
                          "%.*s is no field; text needs quotes: \"%.*s\", and a path of the "
                          "records backticks",
                          (int)right->text.len, right->text.ptr, (int)right->text.len,
                          right->text.ptr);
    TRY(check_expr(c, e->args[0]));
    TRY(check_expr(c, e->args[1]));
    check_time_text(c, e->args[0], e->args[1]);
    check_time_text(c, e->args[1], e->args[0]);
    note_seconds(c, e->args[0], right);
    note_seconds(c, right, e->args[0]);
    return check_address(c, e->args[0], right);
}

enum err check_expr(struct check *c, struct expr *e)
{
    switch (e->kind) {
    case EXPR_NAME:
        return check_name(c, e);
    case EXPR_CALL:
        return check_call(c, e);
    case EXPR_REGEX:
        return query_fail(c->query, c->error, e->offset, e->length,
                          "a regular expression stands only behind like, =~ and parse");
    case EXPR_STAR:
        return query_fail(c->query, c->error, e->offset, e->length,
                          "* stands only in count(*)");
    case EXPR_PERIOD:
        return check_period(c, e);
    case EXPR_LIST:
        break;
    case EXPR_LIKE:
        return check_like(c, e);
    case EXPR_COMPARE:
        return check_compare(c, e);
    case EXPR_STRING:
    case EXPR_NUMBER:
    case EXPR_BOOL:
    case EXPR_TIME:
    case EXPR_NEGATE:
    case EXPR_ARITH:
    case EXPR_IN:
    case EXPR_NOT:
    case EXPR_AND:
    case EXPR_OR:
        break;
    }
    for (size_t i = 0; i < e->n_args; i++) {
        if (e->args[i]->kind == EXPR_LIST && e->kind != EXPR_IN)
            return query_fail(c->query, c->error, e->args[i]->offset, e->args[i]->length,
                              "a list stands only behind in");
        if (e->args[i]->kind != EXPR_STAR)
            TRY(check_expr(c, e->args[i]));
    }
    for (size_t i = 0; e->kind == EXPR_IN && i < e->args[1]->n_args; i++) {
        check_time_text(c, e->args[0], e->args[1]->args[i]);
        TRY(check_address(c, e->args[0], e->args[1]->args[i]));
    }
    return ERR_OK;
}

/* Depth and number of nodes with names replaced. Names that stand for two names each would
 * double it at every step: the count saturates at the limit. */
static void measure(struct expr *e)
{
    const struct expr *target = e->name.target;

    e->depth = e->weight = 1;
    if (e->kind == EXPR_NAME && target) {
        e->depth += target->depth;
        e->weight += target->weight;
        return;
    }
    for (size_t i = 0; i < e->n_args; i++) {
        measure(e->args[i]);
        if (e->args[i]->depth >= e->depth)
            e->depth = e->args[i]->depth + 1;
        if (e->weight <= QUERY_MAX_NODES)
            e->weight += e->args[i]->weight;
    }
}

enum err check_whole(struct check *c, struct expr *e)
{
    TRY(check_expr(c, e));
    measure(e);
    if (e->depth > QUERY_MAX_DEPTH)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "nested too deep: over %d levels of names and parentheses",
                          QUERY_MAX_DEPTH);
    if (e->weight > QUERY_MAX_NODES)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "too large: over %d parts once names are replaced by what they stand "
                          "for",
                          QUERY_MAX_NODES);
    return ERR_OK;
}
