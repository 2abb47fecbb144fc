/* Values of the plain evaluator. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/answer.h"

const struct val none = {.kind = NONE};

static const struct json_sample samples[] = {
    {"[1,\"a\",10]",                {"1", "a", "10", NULL}, true,  NULL,  NULL, "1"  },
    {"[]",                          {NULL},                 true,  NULL,  NULL, NULL },
    {"[\"9\",null]",                {"9", "null", NULL},    true,  NULL,  NULL, "9"  },
    {"{\"k\":\"a10\",\"l\":[3,9]}", {NULL},                 false, "a10", "3",  NULL },
    {"{\"k\":-5}",                  {NULL},                 false, "-5",  NULL, NULL },
    {"[2]",                         {"2", NULL},            true,  NULL,  NULL, "2"  },
    {"[[2]]",                       {"[2]", NULL},          true,  NULL,  NULL, "[2]"},
};

static const char *const pool[] = {
    "a", "B",     "10",  "9",  "a10", "a9", "200",      "-5",  "0",    "1.5",   "x y", "a9b",
    "A", "a10c2", "3 4", "1-", "ab",  "-",  "Pa\"ss\\", "100", "true", "false", " a ", "\t"};

unsigned pool_count(void)
{
    return ARRAY_LEN(pool) + ARRAY_LEN(samples);
}

const char *pool_text(unsigned n)
{
    return n < ARRAY_LEN(pool) ? pool[n] : samples[n - ARRAY_LEN(pool)].text;
}

const struct json_sample *json_of(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        if (strcmp(samples[i].text, text) == 0)
            return &samples[i];
    }
    return NULL;
}

struct val text_val(const char *text)
{
    struct val v = {.kind = TEXT};

    (void)snprintf(v.text, sizeof v.text, "%s", text);
    return v;
}

struct val number_val(double x)
{
    if (!isfinite(x))
        return none;
    return (struct val){.kind = NUMBER, .number = x};
}

struct val time_val(int64_t time_us)
{
    if (time_us == INSTANT_NONE)
        return none;
    return (struct val){.kind = TIME, .time_us = time_us};
}

bool as_number(const struct val *v, double *x)
{
    char *end;

    *x = v->number;
    if (v->kind == NUMBER)
        return true;
    if (v->kind == TIME)
        *x = (double)(v->time_us / 1000);
    if (v->kind != TEXT || v->text[0] == '\0' ||
        v->text[strspn(v->text, "0123456789.-+eE")] != '\0')
        return v->kind == TIME;
    *x = strtod(v->text, &end);
    return *end == '\0';
}

void show(const struct val *v, char *out)
{
    struct buffer time = {0};

    out[0] = '\0';
    if (v->kind == TEXT)
        (void)snprintf(out, TEXT_BYTES, "%s", v->text);
    if (v->kind == NUMBER && v->number == floor(v->number)) {
        (void)snprintf(out, TEXT_BYTES, "%.0f", v->number + 0.0);
    } else if (v->kind == NUMBER) {
        (void)snprintf(out, TEXT_BYTES, "%.4f", v->number);
        while (out[strlen(out) - 1] == '0')
            out[strlen(out) - 1] = '\0';
        if (out[strlen(out) - 1] == '.')
            out[strlen(out) - 1] = '\0';
    }
    if (v->kind == NUMBER && strcmp(out, "-0") == 0)
        (void)snprintf(out, TEXT_BYTES, "0");
    if (v->kind == TIME) {
        instant_add(&time, v->time_us, INSTANT_INSIGHTS, 0);
        (void)snprintf(out, TEXT_BYTES, "%s", buffer_cstr(&time));
        buffer_deinit(&time);
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int natural(const char *a, const char *b)
{
    while (*a && *b) {
        size_t n = 0, m = 0;
        int order;

        while (a[n] && is_digit(a[n]) == is_digit(*a))
            n++;
        while (b[m] && is_digit(b[m]) == is_digit(*b))
            m++;
        if (is_digit(*a) && is_digit(*b) && n != m)
            return n < m ? -1 : 1;
        order = memcmp(a, b, n < m ? n : m);
        if (order)
            return order;
        if (n != m)
            return n < m ? -1 : 1;
        a += n;
        b += m;
    }
    return (*a != '\0') - (*b != '\0');
}

static int rank_of(const struct val *v, double *x)
{
    if (v->kind == NONE)
        return 0;
    return as_number(v, x) ? 2 : 1;
}

int order_of(const struct val *a, const struct val *b)
{
    double x = 0, y = 0;
    int p = rank_of(a, &x), q = rank_of(b, &y);

    if (p != q || p == 0)
        return p - q;
    if (p == 2 && x != y)
        return x < y ? -1 : 1;
    if (a->kind != TEXT || b->kind != TEXT)
        return 0;
    return p == 2 ? strcmp(a->text, b->text) : natural(a->text, b->text);
}

void add_identity(char *out, size_t room, const struct val *v)
{
    char text[TEXT_BYTES];
    enum kind kind = v->kind;

    show(v, text);
    if (kind == NUMBER && v->number == floor(v->number))
        kind = TEXT;
    (void)snprintf(out, room, "%d/%s/%a;", (int)kind, text, kind == NUMBER ? v->number : 0);
}
