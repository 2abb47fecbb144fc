#include "core/asking/query_check.h"

#include "core/base/mem.h"

#include "core/asking/address.h"
#include "core/asking/query_names.h"
#include "core/asking/query_period.h"
#include "core/asking/query_write.h"

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

static enum err fail_name(struct check *c, const struct expr *e, const char *why)
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
    if (is_slip(c, e))
        note_path(c, e);
    return ERR_OK;
}

static enum err check_name(struct check *c, struct expr *e)
{
    const struct scope *scope = c->place == PLACE_RESULT ? c->result : &c->rows;
    const struct binding *b = scope_find(scope, e->text);

    if (b && b->target) {
        e->name = (struct name){.kind = NAME_ALIAS, .target = b->target};
        return ERR_OK;
    }
    if (b) {
        e->name = (struct name){.kind = NAME_COLUMN, .column = b->column};
        return ERR_OK;
    }
    if (c->place == PLACE_RESULT)
        return fail_name(c, e,
                         "is neither grouped by nor counted: behind stats only its "
                         "columns are left");
    if (c->stats_seen)
        return fail_name(c, e,
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

static enum err check_period_argument(struct check *c, struct expr *call, size_t i)
{
    if (call->args[i]->kind == EXPR_PERIOD)
        return ERR_OK;
    return query_fail(c->query, c->error, call->args[i]->offset, call->args[i]->length,
                      "%.*s() expects a period such as 5m or 1h here", (int)call->text.len,
                      call->text.ptr);
}

static enum err check_subnet(struct check *c, const struct expr *call)
{
    const struct expr *arg = call->args[1];
    struct subnet s;

    if (arg->kind != EXPR_STRING || subnet_parse(arg->text, &s))
        return ERR_OK;
    return query_fail(c->query, c->error, arg->offset, arg->length,
                      "no subnet: expected an address or address/bits such as "
                      "\"203.0.113.0/24\"");
}

static enum err check_call_form(struct check *c, struct expr *e, const struct function_row *row)
{
    size_t count = e->n_args;
    bool star = count && e->args[0]->kind == EXPR_STAR;

    if (star && row->function != FUNCTION_COUNT)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "%s(*) has no meaning: only count(*)", row->name);
    if (star)
        count--;
    if (count < row->min_args || count > row->max_args)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "%s() takes %u%s argument%s, not %zu", row->name, row->min_args,
                          row->max_args > row->min_args ? " or more" : "",
                          row->min_args == 1 && row->max_args == 1 ? "" : "s", count);
    for (size_t i = 0; i < e->n_args; i++) {
        bool period =
            (row->function == FUNCTION_BIN && i == 0) ||
            ((row->function == FUNCTION_DATEFLOOR || row->function == FUNCTION_DATECEIL) &&
             i == 1);

        if (period)
            TRY(check_period_argument(c, e, i));
        if (!period && e->args[i]->kind == EXPR_PERIOD)
            return query_fail(c->query, c->error, e->args[i]->offset, e->args[i]->length,
                              "a period is expected only in bin(), datefloor() and dateceil()");
    }
    if (row->function >= FUNCTION_IN_SUBNET && row->function <= FUNCTION_IN_SUBNET6)
        return check_subnet(c, e);
    return ERR_OK;
}

static enum err unknown_function(struct check *c, const struct expr *e)
{
    if (function_is_foreign(e->text))
        return query_fail(c->query, c->error, e->offset, e->length,
                          "the function %.*s() is not supported", (int)e->text.len,
                          e->text.ptr);
    if (bytes_equal_nocase(e->text, bytes_of("ago")) ||
        bytes_equal_nocase(e->text, bytes_of("hour")))
        return query_fail(c->query, c->error, e->offset, e->length,
                          "unknown function %.*s(): write datefloor(@timestamp, 1h), or a time "
                          "range such as last:2h",
                          (int)e->text.len, e->text.ptr);
    return fail_name(c, e, "is no function");
}

static enum err check_aggregate(struct check *c, struct expr *e)
{
    struct scope *result = c->result;

    if (c->place != PLACE_RESULT)
        return query_fail(c->query, c->error, e->offset, e->length,
                          c->place == PLACE_AGGREGATE
                              ? "%.*s() cannot stand inside another count"
                              : "%.*s() counts over many events: it can stand only in stats",
                          (int)e->text.len, e->text.ptr);
    c->place = PLACE_AGGREGATE;
    for (size_t i = 0; i < e->n_args; i++) {
        if (e->args[i]->kind != EXPR_STAR)
            TRY(check_expr(c, e->args[i]));
    }
    c->place = PLACE_RESULT;
    c->result = result;
    return ERR_OK;
}

const struct binding *check_find_written(struct check *c, const struct expr *e)
{
    struct bytes text = check_written(c, e);

    for (size_t i = 0; i < c->columns.count; i++) {
        if (bytes_equal_nocase(c->columns.items[i].written, text))
            return &c->columns.items[i];
    }
    return NULL;
}

/* Behind stats `count(*)` names the column that is called so. */
static bool take_written(struct check *c, struct expr *e)
{
    const struct binding *b;

    if (!c->stats_seen || c->place != PLACE_ROW)
        return false;
    b = check_find_written(c, e);
    if (!b)
        return false;
    e->kind = EXPR_NAME;
    e->text = b->name;
    e->name = (struct name){.kind = NAME_COLUMN, .column = b->column};
    return true;
}

static enum err check_call(struct check *c, struct expr *e)
{
    const struct function_row *row = function_find(e->text);

    if (!row)
        return unknown_function(c, e);
    e->function = row->function;
    e->text = bytes_of(row->name);
    TRY(check_call_form(c, e, row));
    if (function_is_aggregate(e->function))
        return take_written(c, e) ? ERR_OK : check_aggregate(c, e);
    for (size_t i = 0; i < e->n_args; i++)
        TRY(check_expr(c, e->args[i]));
    if (take_written(c, e))
        return ERR_OK;
    if (row->function == FUNCTION_BIN && c->place == PLACE_ROW && c->stats_seen)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "bin() needs @timestamp, which stats removed: use datefloor(column, "
                          "1h)");
    if (row->function == FUNCTION_BIN && c->place == PLACE_RESULT)
        return query_fail(c->query, c->error, e->offset, e->length,
                          "bin() can stand behind by or inside a count");
    return ERR_OK;
}

static enum err check_like(struct check *c, struct expr *e)
{
    bool before = c->in_like;

    c->in_like = e->args[0]->kind == EXPR_NAME;
    TRY(check_expr(c, e->args[0]));
    c->in_like = before;
    if (e->args[1]->kind == EXPR_REGEX)
        return check_pattern(c, e->args[1]);
    if (e->args[1]->kind == EXPR_NAME && e->args[0]->kind == EXPR_NAME &&
        name_resolve(e->args[1]->text).kind == NAME_PATH &&
        !scope_find(&c->rows, e->args[1]->text))
        return query_fail(c->query, c->error, e->args[1]->offset, e->args[1]->length,
                          "text needs quotes: \"%.*s\"", (int)e->args[1]->text.len,
                          e->args[1]->text.ptr);
    return check_expr(c, e->args[1]);
}

/* `error = AccessDenied`: most likely the quotes were forgotten. */
static enum err check_compare(struct check *c, struct expr *e)
{
    const struct expr *right = e->args[1];

    if (right->kind == EXPR_REGEX)
        return query_fail(c->query, c->error, right->offset, right->length,
                          "a regular expression stands behind like or =~, not behind =");
    if (right->kind == EXPR_NAME && e->args[0]->kind == EXPR_NAME && !c->stats_seen &&
        !scope_find(&c->rows, right->text) && is_slip(c, right) &&
        name_resolve(e->args[0]->text).kind != NAME_PATH)
        return query_fail(c->query, c->error, right->offset, right->length,
                          "%.*s is no field; text needs quotes: \"%.*s\", and a path of the "
                          "records backticks",
                          (int)right->text.len, right->text.ptr, (int)right->text.len,
                          right->text.ptr);
    TRY(check_expr(c, e->args[0]));
    return check_expr(c, e->args[1]);
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
