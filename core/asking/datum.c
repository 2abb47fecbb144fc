#include "core/asking/datum.h"

#include <math.h>
#include <stdlib.h>

static const struct datum missing = {.kind = DATUM_MISSING};

struct datum datum_of_number(double number)
{
    if (!isfinite(number))
        return missing;
    return (struct datum){.kind = DATUM_NUMBER, .state = VALUE_TEXT, .number = number};
}

/* Whole numbers from here on are further apart than 1 as doubles. */
static const double exact_end = 0x1p53;

struct datum datum_of_literal(double number, struct bytes text)
{
    struct datum d = datum_of_number(number);

    if (d.kind == DATUM_NUMBER && fabs(number) >= exact_end)
        d.text = text;
    return d;
}

struct datum datum_of_text(struct bytes text)
{
    return (struct datum){
        .kind = DATUM_TEXT, .state = text.len ? VALUE_TEXT : VALUE_EMPTY, .text = text};
}

struct datum datum_of_state(enum value_state state)
{
    struct datum d = {.state = state};

    if (state == VALUE_EMPTY) {
        d.kind = DATUM_TEXT;
    } else if (state == VALUE_REDACTED) {
        d.kind = DATUM_TEXT;
        d.text = bytes_of("HIDDEN_DUE_TO_SECURITY_REASONS");
    }
    return d;
}

struct datum datum_of_time(int64_t time_us)
{
    if (time_us == INSTANT_NONE)
        return missing;
    return (struct datum){.kind = DATUM_TIME, .state = VALUE_TEXT, .time_us = time_us};
}

struct datum datum_of_bool(bool yes)
{
    return (struct datum){.kind = DATUM_BOOL, .state = VALUE_TEXT, .number = yes};
}

bool datum_text_number(struct bytes text, double *out)
{
    char copy[48];
    char *end;
    double value;

    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' ||
              c == 'E'))
            return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    value = strtod(copy, &end);
    if (end != copy + text.len || !isfinite(value))
        return false;
    *out = value;
    return true;
}

bool datum_number(struct datum d, double *out)
{
    switch (d.kind) {
    case DATUM_NUMBER:
    case DATUM_BOOL:
        *out = d.number;
        return true;
    case DATUM_TIME:
        *out = (double)instant_floor(d.time_us, 1000) / 1000;
        return true;
    case DATUM_TEXT:
        return datum_text_number(d.text, out);
    case DATUM_MISSING:
    case DATUM_UNDECIDED:
        break;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits of a whole number without sign and leading zeros; none when it is written with a
 * point or an exponent. */
static struct bytes whole_digits(struct datum d)
{
    struct bytes digits = d.text;

    if (digits.len && (digits.ptr[0] == '-' || digits.ptr[0] == '+'))
        digits = bytes_slice(digits, 1, digits.len);
    while (digits.len > 1 && digits.ptr[0] == '0')
        digits = bytes_slice(digits, 1, digits.len);
    for (size_t i = 0; i < digits.len; i++)
        if (!is_digit(digits.ptr[i]))
            return (struct bytes){0};
    return digits;
}

int datum_compare_numbers(struct datum a, double x, struct datum b, double y)
{
    if (x == y && fabs(x) >= exact_end) {
        struct bytes digits_a = whole_digits(a), digits_b = whole_digits(b);
        int order = (digits_a.len > digits_b.len) - (digits_a.len < digits_b.len);

        if (digits_a.len == 0 || digits_b.len == 0)
            return 0;
        if (order == 0)
            order = bytes_compare(digits_a, digits_b);
        return x < 0 ? -order : order;
    }
    return (x > y) - (x < y);
}

static size_t run_length(struct bytes text, bool digits)
{
    size_t len = 0;

    while (len < text.len && is_digit(text.ptr[len]) == digits)
        len++;
    return len;
}

/* Digit runs by length, then value; the rest by code point (which is byte order in UTF-8). */
static int compare_natural(struct bytes a, struct bytes b)
{
    while (a.len && b.len) {
        bool digits_a = is_digit(a.ptr[0]), digits_b = is_digit(b.ptr[0]);
        size_t len_a = run_length(a, digits_a), len_b = run_length(b, digits_b);
        int order;

        if (digits_a && digits_b && len_a != len_b)
            return len_a < len_b ? -1 : 1;
        order = bytes_compare(bytes_slice(a, 0, len_a), bytes_slice(b, 0, len_b));
        if (order)
            return order;
        a = bytes_slice(a, len_a, a.len);
        b = bytes_slice(b, len_b, b.len);
    }
    return (a.len > 0) - (b.len > 0);
}

/* Missing values first, then texts, then what is a number. */
static int rank(struct datum d, double *number)
{
    if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
        return 0;
    return datum_number(d, number) ? 2 : 1;
}

int datum_compare(struct datum a, struct datum b)
{
    double x = 0, y = 0;
    int rank_a, rank_b;

    if (a.kind == DATUM_TIME && b.kind == DATUM_TIME)
        return (a.time_us > b.time_us) - (a.time_us < b.time_us);
    rank_a = rank(a, &x);
    rank_b = rank(b, &y);
    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    if (rank_a == 2) {
        int order = datum_compare_numbers(a, x, b, y);

        if (order)
            return order;
    }
    if (rank_a == 0 || a.kind != DATUM_TEXT || b.kind != DATUM_TEXT)
        return 0;
    /* Of equal numbers 01 comes before 1, as on the page. */
    if (rank_a == 2)
        return bytes_compare(a.text, b.text);
    return compare_natural(a.text, b.text);
}
