/* What each function of the query language gives for one event; those over texts, times and
 * other notations stand in files of their own. */
#include <math.h>

#include "core/asking/eval.h"
#include "core/query/address.h"
#include "core/query/query_names.h"

static const struct datum missing = {.kind = DATUM_MISSING};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_all_blank(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_space(text.ptr[i]))
            return false;
    }
    return true;
}

/* ispresent() and its kin: what kind of value is there; never unknown. */
static struct datum call_state(struct eval *e, unsigned function, const struct expr *arg)
{
    struct datum d = eval_value(e, arg);
    bool none = d.kind == DATUM_MISSING;

    if (d.kind == DATUM_UNDECIDED)
        return d;
    switch (function) {
    case FUNCTION_ISPRESENT:
        return datum_of_bool(!none);
    case FUNCTION_ISEMPTY:
        return datum_of_bool(none || (d.kind == DATUM_TEXT && d.text.len == 0));
    case FUNCTION_ISBLANK:
        return datum_of_bool(none || (d.kind == DATUM_TEXT && is_all_blank(d.text)));
    case FUNCTION_ISNULL:
        return datum_of_bool(none && d.state == VALUE_NULL);
    case FUNCTION_ISABSENT:
        return datum_of_bool(none && d.state != VALUE_NULL);
    default:
        return datum_of_bool(d.state == VALUE_REDACTED);
    }
}

static struct datum call_address(struct eval *e, unsigned function, const struct expr *arg)
{
    struct datum d = eval_value(e, arg);
    struct address a;
    bool good;

    if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
        return d;
    good = address_parse(eval_text(e, d), &a);
    if (function == FUNCTION_IS_IPV4)
        good = good && a.is_v4;
    else if (function == FUNCTION_IS_IPV6)
        good = good && !a.is_v4;
    return datum_of_bool(good);
}

/* A value that is no address lies in no subnet; a subnet that is none is a missing operand. */
static struct datum call_subnet(struct eval *e, unsigned function, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]), s = eval_value(e, call->args[1]);
    struct address a;
    struct subnet subnet;

    if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
        return d;
    if (s.kind == DATUM_MISSING || s.kind == DATUM_UNDECIDED)
        return s;
    if (!subnet_parse(eval_text(e, s), &subnet))
        return missing;
    if (!address_parse(eval_text(e, d), &a))
        return datum_of_bool(false);
    if ((function == FUNCTION_IN_SUBNET4 && !a.is_v4) ||
        (function == FUNCTION_IN_SUBNET6 && a.is_v4))
        return datum_of_bool(false);
    return datum_of_bool(subnet_has(&subnet, &a));
}

/* The network that an address is in, by default of 24 bits (IPv4) or 48 (IPv6). */
static struct datum call_network(struct eval *e, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]);
    struct address a;
    struct subnet subnet;
    struct buffer text = {0};
    double bits;

    if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
        return d;
    if (!address_parse(eval_text(e, d), &a))
        return missing;
    bits = a.is_v4 ? 24 : 48;
    if (call->n_args > (a.is_v4 ? 1 : 2)) {
        d = eval_value(e, call->args[a.is_v4 ? 1 : 2]);
        if (!datum_number(d, &bits))
            return d.kind == DATUM_UNDECIDED ? d : missing;
    }
    if (!(bits >= 0 && bits <= (a.is_v4 ? 32 : 128)))
        return missing;
    subnet = subnet_of(&a, (unsigned)bits);
    subnet_write(&text, &subnet);
    return eval_take(e, &text);
}

static struct datum call_round(struct eval *e, double x, const struct expr *call)
{
    struct datum places = datum_of_number(0);
    double digits, scale;

    if (call->n_args > 1)
        places = eval_value(e, call->args[1]);
    if (!datum_number(places, &digits))
        return places.kind == DATUM_UNDECIDED ? places : missing;
    scale = pow(10, digits);
    return datum_of_number(round(x * scale) / scale);
}

/* Great-circle distance in kilometres; the mean radius of the earth is taken as 6371. */
static struct datum call_haversine(struct eval *e, const struct expr *call)
{
    double degrees[4], radians[4], h;

    for (size_t i = 0; i < ARRAY_LEN(degrees); i++) {
        struct datum d = eval_value(e, call->args[i]);

        if (!datum_number(d, &degrees[i]))
            return d.kind == DATUM_UNDECIDED ? d : missing;
        radians[i] = degrees[i] * M_PI / 180;
    }
    h = pow(sin((radians[2] - radians[0]) / 2), 2) +
        cos(radians[0]) * cos(radians[2]) * pow(sin((radians[3] - radians[1]) / 2), 2);
    return datum_of_number(2 * 6371 * asin(fmin(1, sqrt(h))));
}

static struct datum call_number(struct eval *e, unsigned function, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]);
    double x;

    if (d.kind == DATUM_UNDECIDED)
        return d;
    if (!datum_number(d, &x))
        return missing;
    switch (function) {
    case FUNCTION_ABS:
        return datum_of_number(fabs(x));
    case FUNCTION_CEIL:
        return datum_of_number(ceil(x));
    case FUNCTION_FLOOR:
        return datum_of_number(floor(x));
    case FUNCTION_SQRT:
        return datum_of_number(sqrt(x));
    case FUNCTION_LOG:
        return datum_of_number(log(x));
    case FUNCTION_TO_WHOLE:
        return datum_of_number(trunc(x));
    case FUNCTION_ROUND:
        return call_round(e, x, call);
    default:
        return datum_of_number(x);
    }
}

static struct datum call_extreme(struct eval *e, bool greatest, const struct expr *call)
{
    struct datum best = missing;

    for (size_t i = 0; i < call->n_args; i++) {
        struct datum d = eval_value(e, call->args[i]);

        if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
            return d;
        if (i == 0 || (greatest ? datum_compare(d, best) > 0 : datum_compare(d, best) < 0))
            best = d;
    }
    return best;
}

static struct datum is_numeric(struct datum d)
{
    double number;

    if (d.kind == DATUM_UNDECIDED)
        return d;
    return datum_of_bool(d.kind == DATUM_NUMBER ||
                         (d.kind == DATUM_TEXT && datum_text_number(d.text, &number)));
}

static struct datum call_number_group(struct eval *e, const struct expr *call)
{
    switch (call->function) {
    case FUNCTION_GREATEST:
    case FUNCTION_LEAST:
        return call_extreme(e, call->function == FUNCTION_GREATEST, call);
    case FUNCTION_HAVERSINE:
        return call_haversine(e, call);
    case FUNCTION_IS_NUMERIC:
        return is_numeric(eval_value(e, call->args[0]));
    default:
        return call_number(e, call->function, call);
    }
}

static struct datum call_address_group(struct eval *e, const struct expr *call)
{
    unsigned f = call->function;

    if (f <= FUNCTION_IS_IPV6)
        return call_address(e, f, call->args[0]);
    if (f <= FUNCTION_IN_SUBNET6)
        return call_subnet(e, f, call);
    return f == FUNCTION_SUBNET ? call_network(e, call) : eval_convert(e, call);
}

static struct datum call_choice(struct eval *e, const struct expr *call)
{
    size_t i = 0;

    for (; i + 1 < call->n_args; i += 2) {
        enum truth t = eval_truth(e, call->args[i]);

        if (t == TRUTH_UNDECIDED)
            return (struct datum){.kind = DATUM_UNDECIDED};
        if (t == TRUTH_YES)
            return eval_value(e, call->args[i + 1]);
    }
    return i < call->n_args ? eval_value(e, call->args[i]) : missing;
}

static struct datum call_coalesce(struct eval *e, const struct expr *call)
{
    struct datum d = missing;

    for (size_t i = 0; i < call->n_args && d.kind == DATUM_MISSING; i++)
        d = eval_value(e, call->args[i]);
    return d;
}

struct datum eval_call(struct eval *e, const struct expr *call)
{
    switch (function_get(call->function)->group) {
    case FUNCTION_STATE:
        return call_state(e, call->function, call->args[0]);
    case FUNCTION_CHOICE:
        return call->function == FUNCTION_COALESCE ? call_coalesce(e, call)
                                                   : call_choice(e, call);
    case FUNCTION_TEXT:
        return eval_call_text(e, call);
    case FUNCTION_ADDRESS:
        return call_address_group(e, call);
    case FUNCTION_NOTATION:
        return eval_convert(e, call);
    case FUNCTION_NUMBER:
        return call_number_group(e, call);
    case FUNCTION_TIME:
        return eval_call_time(e, call);
    case FUNCTION_AGGREGATE:
        return e->aggregate ? e->aggregate(e, call) : missing;
    case FUNCTION_GROUP_COUNT:
        break;
    }
    return missing;
}
