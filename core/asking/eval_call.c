/* What each function of the query language gives for one event. */
#include <math.h>

#include "core/asking/address.h"
#include "core/asking/eval.h"
#include "core/asking/query_names.h"
#include "core/asking/query_period.h"

static const struct datum missing = {.kind = DATUM_MISSING};

static struct datum of_bool(bool yes)
{
    return (struct datum){.kind = DATUM_BOOL, .state = VALUE_TEXT, .number = yes};
}

static struct datum of_buffer(struct eval *e, struct buffer *b)
{
    struct datum d = datum_of_text(arena_copy(&e->memory, buffer_bytes(b)));

    buffer_deinit(b);
    return d;
}

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
        return of_bool(!none);
    case FUNCTION_ISEMPTY:
        return of_bool(none || (d.kind == DATUM_TEXT && d.text.len == 0));
    case FUNCTION_ISBLANK:
        return of_bool(none || (d.kind == DATUM_TEXT && is_all_blank(d.text)));
    case FUNCTION_ISNULL:
        return of_bool(none && d.state == VALUE_NULL);
    case FUNCTION_ISABSENT:
        return of_bool(none && d.state != VALUE_NULL);
    default:
        return of_bool(d.state == VALUE_REDACTED);
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
    return of_bool(good);
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
        return of_bool(false);
    if ((function == FUNCTION_IN_SUBNET4 && !a.is_v4) ||
        (function == FUNCTION_IN_SUBNET6 && a.is_v4))
        return of_bool(false);
    return of_bool(subnet_has(&subnet, &a));
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
    if (call->n_args > (a.is_v4 ? 1 : 2) &&
        !datum_number(eval_value(e, call->args[a.is_v4 ? 1 : 2]), &bits))
        return missing;
    if (!(bits >= 0 && bits <= (a.is_v4 ? 32 : 128)))
        return missing;
    subnet = subnet_of(&a, (unsigned)bits);
    subnet_write(&text, &subnet);
    return of_buffer(e, &text);
}

static struct datum call_concat(struct eval *e, const struct expr *call)
{
    struct buffer text = {0};

    for (size_t i = 0; i < call->n_args; i++) {
        struct datum d = eval_value(e, call->args[i]);

        if (d.kind == DATUM_UNDECIDED) {
            buffer_deinit(&text);
            return d;
        }
        buffer_add(&text, eval_text(e, d));
    }
    return of_buffer(e, &text);
}

static struct datum change_case(struct eval *e, struct bytes text, bool upper)
{
    struct buffer out = {0};

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (upper && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        else if (!upper && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        buffer_add_char(&out, c);
    }
    return of_buffer(e, &out);
}

static size_t count_characters(struct bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* Byte offset of character `index`. */
static size_t character_offset(struct bytes text, double index)
{
    double seen = -1;

    for (size_t i = 0; i < text.len; i++) {
        seen += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
        if (seen >= index)
            return i;
    }
    return text.len;
}

static struct datum call_substr(struct eval *e, struct bytes text, const struct expr *call)
{
    double start, count = INFINITY;

    if (!datum_number(eval_value(e, call->args[1]), &start))
        return missing;
    if (call->n_args > 2 && !datum_number(eval_value(e, call->args[2]), &count))
        return missing;
    if (start < 0)
        start = 0;
    text = bytes_slice(text, character_offset(text, floor(start)), text.len);
    if (count < 0)
        count = 0;
    return datum_of_text(bytes_slice(text, 0, character_offset(text, floor(count))));
}

static struct datum call_replace(struct eval *e, struct bytes text, struct bytes from,
                                 struct bytes to)
{
    struct buffer out = {0};

    while (from.len) {
        size_t at = bytes_find(text, from);

        if (at == SIZE_MAX)
            break;
        buffer_add(&out, bytes_slice(text, 0, at));
        buffer_add(&out, to);
        text = bytes_slice(text, at + from.len, text.len);
    }
    buffer_add(&out, text);
    return of_buffer(e, &out);
}

static bool is_in(char c, const struct bytes *set)
{
    return set ? set->len && memchr(set->ptr, c, set->len) : is_space(c);
}

static struct datum call_trim(struct eval *e, unsigned function, struct bytes text,
                              const struct expr *call)
{
    struct bytes set = {0};

    if (call->n_args > 1)
        set = eval_text(e, eval_value(e, call->args[1]));
    while (function != FUNCTION_RTRIM && text.len &&
           is_in(text.ptr[0], call->n_args > 1 ? &set : NULL))
        text = bytes_slice(text, 1, text.len);
    while (function != FUNCTION_LTRIM && text.len &&
           is_in(text.ptr[text.len - 1], call->n_args > 1 ? &set : NULL))
        text.len--;
    return datum_of_text(text);
}

static bool contains(struct eval *e, struct bytes text, struct bytes part,
                     const struct expr *call)
{
    struct datum caseless;

    if (call->n_args > 2) {
        double flag;

        caseless = eval_value(e, call->args[2]);
        if (datum_number(caseless, &flag) && flag != 0) {
            text = change_case(e, text, false).text;
            part = change_case(e, part, false).text;
        }
    }
    return bytes_find(text, part) != SIZE_MAX;
}

static struct datum call_text(struct eval *e, unsigned function, const struct expr *call)
{
    struct datum first = eval_value(e, call->args[0]), second = {0};
    struct bytes text, part = {0};

    if (first.kind == DATUM_MISSING || first.kind == DATUM_UNDECIDED)
        return first;
    text = eval_text(e, first);
    if (call->n_args > 1 && function != FUNCTION_SUBSTR) {
        second = eval_value(e, call->args[1]);
        if (second.kind == DATUM_MISSING || second.kind == DATUM_UNDECIDED)
            return second;
        part = eval_text(e, second);
    }
    switch (function) {
    case FUNCTION_STRLEN:
        return datum_of_number((double)count_characters(text));
    case FUNCTION_TOUPPER:
    case FUNCTION_TOLOWER:
        return change_case(e, text, function == FUNCTION_TOUPPER);
    case FUNCTION_SUBSTR:
        return call_substr(e, text, call);
    case FUNCTION_STRCONTAINS:
        return of_bool(contains(e, text, part, call));
    case FUNCTION_STARTS_WITH:
        return of_bool(bytes_equal(bytes_slice(text, 0, part.len), part));
    case FUNCTION_ENDS_WITH:
        return of_bool(text.len >= part.len &&
                       bytes_equal(bytes_slice(text, text.len - part.len, text.len), part));
    case FUNCTION_REPLACE:
        return call_replace(e, text, part, eval_text(e, eval_value(e, call->args[2])));
    default:
        return call_trim(e, function, text, call);
    }
}

static struct datum call_round(double x, double digits)
{
    double scale = pow(10, digits);

    return datum_of_number(round(x * scale) / scale);
}

static struct datum call_number(struct eval *e, unsigned function, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]);
    double x, digits = 0;

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
    case FUNCTION_ROUND:
        if (call->n_args > 1 && !datum_number(eval_value(e, call->args[1]), &digits))
            return missing;
        return call_round(x, digits);
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

static struct datum call_time(struct eval *e, unsigned function, const struct expr *call)
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
    unsigned f = call->function;
    struct datum d;
    double number;

    if (function_is_aggregate(f))
        return e->aggregate ? e->aggregate(e, call) : missing;
    if (f <= FUNCTION_ISREDACTED)
        return call_state(e, f, call->args[0]);
    if (f == FUNCTION_COALESCE)
        return call_coalesce(e, call);
    if (f <= FUNCTION_IS_IPV6)
        return call_address(e, f, call->args[0]);
    if (f <= FUNCTION_IN_SUBNET6)
        return call_subnet(e, f, call);
    if (f == FUNCTION_SUBNET)
        return call_network(e, call);
    if (f == FUNCTION_CONCAT)
        return call_concat(e, call);
    if (f <= FUNCTION_RTRIM)
        return call_text(e, f, call);
    if (f == FUNCTION_GREATEST || f == FUNCTION_LEAST)
        return call_extreme(e, f == FUNCTION_GREATEST, call);
    if (f == FUNCTION_IS_NUMERIC) {
        d = eval_value(e, call->args[0]);
        return of_bool(d.kind == DATUM_NUMBER ||
                       (d.kind == DATUM_TEXT && text_number(d.text, &number)));
    }
    if (f >= FUNCTION_ABS && f <= FUNCTION_TO_NUMBER)
        return call_number(e, f, call);
    if (f == FUNCTION_NOW)
        return datum_of_number(floor((double)e->query->options.now_us / 1e6));
    if (f >= FUNCTION_BIN && f <= FUNCTION_TO_MILLIS)
        return call_time(e, f, call);
    if (f == FUNCTION_IF || f == FUNCTION_CASE)
        return call_choice(e, call);
    if (f >= FUNCTION_JSON_PARSE && f <= FUNCTION_UNMASK)
        return eval_convert(e, call);
    return missing;
}
