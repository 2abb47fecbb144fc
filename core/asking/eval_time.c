/* The functions over times.
 * Source: CloudWatch Logs user guide, "Datetime functions" (2026). */
#include <math.h>

#include "core/asking/eval.h"
#include "core/query/calendar.h"
#include "core/query/query_names.h"
#include "core/query/query_period.h"

static const struct datum missing = {.kind = DATUM_MISSING};

/* Times as they are; texts that are times; numbers as epoch milliseconds. */
static bool as_time(struct datum d, int64_t *out_us)
{
    double number;

    if (d.kind == DATUM_TIME) {
        *out_us = d.time_us;
        return true;
    }
    if (d.kind == DATUM_TEXT && instant_parse(d.text, out_us))
        return true;
    if (!datum_number(d, &number) || fabs(number) > 9e15)
        return false;
    *out_us = (int64_t)(number * 1000);
    return true;
}

static struct datum call_period(struct eval *e, unsigned function, const struct expr *call)
{
    const struct expr *width = call->args[call->n_args - 1];
    struct period p = {.width_us = width->time_us, .months = width->months};
    struct datum d;
    struct expr timestamp = {.kind = EXPR_NAME, .name = {.kind = NAME_TIME}};
    int64_t at;

    d = function == FUNCTION_BIN ? e->name(e, &timestamp) : eval_value(e, call->args[0]);
    if (d.kind == DATUM_UNDECIDED || !as_time(d, &at))
        return d.kind == DATUM_UNDECIDED ? d : missing;
    switch (function) {
    case FUNCTION_TO_MILLIS:
        return datum_of_number(floor((double)at / 1000));
    case FUNCTION_FROM_MILLIS:
        return datum_of_time(at);
    case FUNCTION_DATECEIL:
        return datum_of_time(period_ceil(p, at));
    default:
        return datum_of_time(period_floor(p, at));
    }
}

/* The zone that the check found good; UTC without one. */
static int64_t zone_of(const struct expr *call)
{
    int64_t shift_us = 0;

    if (call->n_args > 2)
        (void)calendar_zone(call->args[2]->text, &shift_us);
    return shift_us;
}

static struct datum call_date(struct eval *e, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]);
    struct buffer text = {0};
    int64_t at;

    if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
        return d;
    if (call->function == FUNCTION_PARSE_DATE)
        return calendar_parse(eval_text(e, d), call->args[1]->text, zone_of(call), &at)
                   ? datum_of_number(floor((double)at / 1000))
                   : missing;
    if (!as_time(d, &at))
        return missing;
    calendar_write(&text, at, call->args[1]->text, zone_of(call));
    return eval_take(e, &text);
}

struct datum eval_call_time(struct eval *e, const struct expr *call)
{
    switch (call->function) {
    case FUNCTION_FORMAT_DATE:
    case FUNCTION_PARSE_DATE:
        return call_date(e, call);
    case FUNCTION_NOW:
    case FUNCTION_QUERY_START:
    case FUNCTION_QUERY_END:
    case FUNCTION_QUERY_RANGE:
        return datum_of_number(call->number); /* set by the check */
    default:
        return call_period(e, call->function, call);
    }
}
