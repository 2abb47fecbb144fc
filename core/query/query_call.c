/* Calls of functions in a query: how many arguments, which kinds, and where they may stand. */
#include "core/query/address.h"
#include "core/query/calendar.h"
#include "core/query/query_check.h"
#include "core/query/query_names.h"

static enum err check_period_argument(struct check *c, struct expr *call, size_t i)
{
    if (call->args[i]->kind == EXPR_PERIOD)
        return ERR_OK;
    return query_fail(c->query, c->error, call->args[i]->offset, call->args[i]->length,
                      "%.*s() expects a period such as 5m or 1h here", (int)call->text.len,
                      call->text.ptr);
}

/* A network that cannot be would match nothing, without a word about it. */
static enum err check_subnet(struct check *c, const struct expr *call)
{
    const struct expr *arg = call->args[1];
    unsigned f = call->function;
    struct subnet s;
    bool good;

    if (arg->kind == EXPR_NAME || arg->kind == EXPR_CALL)
        return ERR_OK;
    good = arg->kind == EXPR_STRING && subnet_parse(arg->text, &s);
    if (good && (f == FUNCTION_IN_SUBNET || (f == FUNCTION_IN_SUBNET4) == s.base.is_v4))
        return ERR_OK;
    return query_fail(c->query, c->error, arg->offset, arg->length,
                      "no %ssubnet: expected an address or address/bits such as \"%s\"",
                      f == FUNCTION_IN_SUBNET4   ? "IPv4 "
                      : f == FUNCTION_IN_SUBNET6 ? "IPv6 "
                                                 : "",
                      f == FUNCTION_IN_SUBNET6 ? "2001:db8::/32" : "203.0.113.0/24");
}

/* formatDate() and parseDate(): what does not depend on the event is looked at once, here. */
static enum err check_date(struct check *c, const struct expr *call)
{
    bool writes = call->function == FUNCTION_FORMAT_DATE;
    const struct expr *form = call->args[1];
    size_t bad = 0;
    int64_t shift;

    for (size_t i = 1; i < call->n_args; i++) {
        if (call->args[i]->kind != EXPR_STRING)
            return query_fail(c->query, c->error, call->args[i]->offset, call->args[i]->length,
                              "%.*s() expects a text in quotes here", (int)call->text.len,
                              call->text.ptr);
    }
    if (writes ? !calendar_format_is_good(form->text, &bad)
               : !calendar_pattern_is_good(form->text, &bad))
        return query_fail(c->query, c->error, form->offset, form->length,
                          "%.*s is not supported in a date %s; %s",
                          (int)(form->text.len - bad < 2 ? form->text.len - bad : 2),
                          form->text.ptr + bad, writes ? "format" : "pattern",
                          writes ? "expected directives such as %Y-%m-%d %H:%M:%S"
                                 : "expected letters such as yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    if (call->n_args > 2 && !calendar_zone(call->args[2]->text, &shift))
        return query_fail(c->query, c->error, call->args[2]->offset, call->args[2]->length,
                          "unknown time zone: expected \"UTC\" or an offset such as "
                          "\"+02:00\"");
    return ERR_OK;
}

/* The second argument of regexReplace() is a pattern, in quotes or between slashes. */
static enum err check_replace(struct check *c, const struct expr *call)
{
    struct expr *pattern = call->args[1];

    if (pattern->kind != EXPR_STRING && pattern->kind != EXPR_REGEX)
        return query_fail(c->query, c->error, pattern->offset, pattern->length,
                          "regexReplace() expects a regular expression here, in quotes or "
                          "between slashes");
    pattern->kind = EXPR_REGEX;
    return check_pattern(c, pattern);
}

static enum err check_arguments(struct check *c, const struct expr *call)
{
    switch (call->function) {
    case FUNCTION_IN_SUBNET:
    case FUNCTION_IN_SUBNET4:
    case FUNCTION_IN_SUBNET6:
        return check_subnet(c, call);
    case FUNCTION_FORMAT_DATE:
    case FUNCTION_PARSE_DATE:
        return check_date(c, call);
    case FUNCTION_REGEX_REPLACE:
        return check_replace(c, call);
    default:
        return ERR_OK;
    }
}

static enum err check_percent(struct check *c, const struct expr *e)
{
    if (e->kind != EXPR_NEGATE && (e->kind != EXPR_NUMBER || e->number <= 100))
        return ERR_OK;
    return query_fail(c->query, c->error, e->offset, e->length,
                      "pct() takes a percent from 0 to 100, such as pct(status, 95)");
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
    if (row->function == FUNCTION_PCT)
        TRY(check_percent(c, e->args[1]));
    return check_arguments(c, e);
}

static enum err unknown_function(struct check *c, const struct expr *e)
{
    for (size_t i = 0; i < function_foreign_count(); i++) {
        if (bytes_equal_nocase(e->text, bytes_of(function_foreign_get(i))))
            return query_fail(c->query, c->error, e->offset, e->length,
                              "the function %s() is not supported", function_foreign_get(i));
    }
    if (bytes_equal_nocase(e->text, bytes_of("ago")) ||
        bytes_equal_nocase(e->text, bytes_of("hour")))
        return query_fail(c->query, c->error, e->offset, e->length,
                          "unknown function %.*s(): write datefloor(@timestamp, 1h), or a time "
                          "range such as last:2h",
                          (int)e->text.len, e->text.ptr);
    return check_fail_name(c, e, "is no function");
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

enum err check_call(struct check *c, struct expr *e)
{
    const char *notice;
    const struct function_row *row = function_find(e->text, &notice);

    if (!row)
        return unknown_function(c, e);
    e->function = row->function;
    e->text = bytes_of(row->name);
    TRY(check_call_form(c, e, row));
    if (function_is_aggregate(e->function))
        return take_written(c, e) ? ERR_OK : check_aggregate(c, e);
    for (size_t i = 0; i < e->n_args; i++) {
        if (e->function != FUNCTION_REGEX_REPLACE || i != 1)
            TRY(check_expr(c, e->args[i]));
    }
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
