/* Whole queries against a plain evaluator of their own grammar: random queries over random
 * events. COGTRAIL_QUERIES in the environment sets how many (100000 for a long run). */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/table.h"

enum { EVENTS = 160, PER_CHUNK = 60, QUERIES = 4000, NODES = 64, FIELDS = 4, TEXT_BYTES = 120 };

static unsigned draw(uint64_t *r, unsigned below)
{
    *r = *r * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*r >> 33) % below;
}

static const struct {
    enum field_id id;
    const char *name;
} fields[FIELDS] = {
    {FIELD_SUB,    "sub"      },
    {FIELD_USER,   "user"     },
    {FIELD_ERROR,  "errorCode"},
    {FIELD_STATUS, "status"   },
};

static const char *const pool[] = {"a",   "B",  "10",  "9",   "a10",      "a9", "200",
                                   "-5",  "0",  "1.5", "x y", "a9b",      "A",  "a10c2",
                                   "3 4", "1-", "ab",  "-",   "Pa\"ss\\", "100"};

static const char masked[] = "HIDDEN_DUE_TO_SECURITY_REASONS";

struct plain_event {
    const char *values[FIELDS]; /* NULL: missing */
    int64_t time_us;
};

/* ---- values ---- */

enum kind { NONE, TEXT, NUMBER, TIME };

struct val {
    enum kind kind;
    char text[TEXT_BYTES];
    double number;
    int64_t time_us;
};

static const struct val none = {.kind = NONE};

static struct val text_val(const char *text)
{
    struct val v = {.kind = TEXT};

    (void)snprintf(v.text, sizeof v.text, "%s", text);
    return v;
}

static struct val number_val(double x)
{
    if (!isfinite(x))
        return none;
    return (struct val){.kind = NUMBER, .number = x};
}

static bool as_number(const struct val *v, double *x)
{
    char *end;

    *x = v->number;
    if (v->kind == NUMBER)
        return true;
    if (v->kind == TIME)
        *x = (double)(v->time_us / 1000);
    if (v->kind != TEXT || v->text[0] == '\0' || v->text[0] == ' ')
        return v->kind == TIME;
    *x = strtod(v->text, &end);
    return *end == '\0';
}

/* As results show it. */
static void show(const struct val *v, char *out)
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

static int order_of(const struct val *a, const struct val *b)
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

/* ---- expressions ---- */

enum op {
    FIELD,
    CONST_TEXT,
    CONST_NUMBER,
    PLUS,
    MINUS,
    TIMES,
    DIVIDE,
    MODULO,
    COALESCE,
    STRLEN,
    CONCAT,
    UPPER,
    IF,
    ABS,
    FLOOR,
    SUBSTR,
    GREATEST,
    LEAST,
    VALUES,
    EQ = VALUES,
    NE,
    LT,
    LE,
    GT,
    GE,
    LIKE,
    IN,
    PRESENT,
    EMPTY,
    BARE,
    NOT,
    AND,
    OR,
    OPS
};

struct node {
    enum op op;
    struct node *a, *b, *c;
    unsigned field;
    const char *text;
    double number;
};

struct maker {
    struct node nodes[NODES];
    size_t count;
    uint64_t r;
};

static struct node *new_node(struct maker *m, enum op op)
{
    struct node *n = &m->nodes[m->count++];

    *n = (struct node){.op = op, .field = draw(&m->r, FIELDS)};
    n->text = pool[draw(&m->r, ARRAY_LEN(pool))];
    n->number = (double)draw(&m->r, 40) / (draw(&m->r, 3) ? 1 : 4);
    return n;
}

static struct node *make_condition(struct maker *m, unsigned depth);

static struct node *make_value(struct maker *m, unsigned depth)
{
    unsigned pick = draw(&m->r, 10);
    struct node *n;

    if (depth == 0 || m->count > NODES - 30 || pick < 5)
        return new_node(m, pick == 0 ? CONST_NUMBER : pick == 1 ? CONST_TEXT : FIELD);
    n = new_node(m, (enum op)(PLUS + draw(&m->r, VALUES - PLUS)));
    if (n->op == IF) {
        n->c = make_condition(m, depth - 1);
        n->a = make_value(m, 0);
        n->b = make_value(m, 0);
        return n;
    }
    n->a = make_value(m, depth - 1);
    n->b = make_value(m, depth - 1);
    return n;
}

static struct node *make_condition(struct maker *m, unsigned depth)
{
    unsigned pick = draw(&m->r, 10);
    struct node *n;

    if (depth > 0 && m->count < NODES - 30 && pick < 4) {
        n = new_node(m, (enum op)(NOT + draw(&m->r, 3)));
        n->a = make_condition(m, depth - 1);
        n->b = n->op == NOT ? NULL : make_condition(m, depth - 1);
        return n;
    }
    n = new_node(m, (enum op)(EQ + draw(&m->r, NOT - EQ)));
    n->a = pick < 7 ? new_node(m, FIELD) : make_value(m, depth ? 2 : 0);
    n->b = draw(&m->r, 2) ? new_node(m, draw(&m->r, 2) ? CONST_NUMBER : CONST_TEXT)
                          : make_value(m, 1);
    return n;
}

static void write_text(struct buffer *out, const char *text)
{
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void write_node(struct buffer *out, const struct node *n);

static void write_infix(struct buffer *out, const struct node *n, const char *sign)
{
    buffer_add_char(out, '(');
    write_node(out, n->a);
    buffer_printf(out, " %s ", sign);
    write_node(out, n->b);
    buffer_add_char(out, ')');
}

static void write_call(struct buffer *out, const char *name, const struct node *a,
                       const struct node *b)
{
    buffer_printf(out, "%s(", name);
    write_node(out, a);
    if (b)
        buffer_add_text(out, ", ");
    if (b)
        write_node(out, b);
    buffer_add_char(out, ')');
}

static void write_node(struct buffer *out, const struct node *n)
{
    static const char *const signs[OPS] = {
        [PLUS] = "+", [MINUS] = "-", [TIMES] = "*", [DIVIDE] = "/", [MODULO] = "%",
        [EQ] = "=",   [NE] = "!=",   [LT] = "<",    [LE] = "<=",    [GT] = ">",
        [GE] = ">=",  [AND] = "and", [OR] = "or"};
    static const char *const calls[OPS] = {
        [COALESCE] = "coalesce", [STRLEN] = "strlen", [CONCAT] = "concat",
        [UPPER] = "toupper",     [ABS] = "abs",       [FLOOR] = "floor",
        [GREATEST] = "greatest", [LEAST] = "least",   [PRESENT] = "ispresent",
        [EMPTY] = "isempty",     [NOT] = "not "};
    bool two = n->op == COALESCE || n->op == CONCAT || n->op == GREATEST || n->op == LEAST;

    if (n->op == FIELD) {
        buffer_add_text(out, fields[n->field].name);
    } else if (n->op == CONST_TEXT) {
        write_text(out, n->text);
    } else if (n->op == CONST_NUMBER) {
        buffer_printf(out, "%g", n->number);
    } else if (signs[n->op]) {
        write_infix(out, n, signs[n->op]);
    } else if (calls[n->op]) {
        write_call(out, calls[n->op], n->a, two ? n->b : NULL);
    } else if (n->op == IF) {
        write_call(out, "if", n->c, n->a);
        out->len--;
        buffer_add_text(out, ", ");
        write_node(out, n->b);
        buffer_add_char(out, ')');
    } else if (n->op == SUBSTR) {
        write_call(out, "substr", n->a, NULL);
        out->len--;
        buffer_printf(out, ", %u, %u)", n->field, n->field / 2 + 1);
    } else if (n->op == BARE) {
        write_node(out, n->a);
    } else {
        buffer_add_char(out, '(');
        write_node(out, n->a);
        buffer_add_text(out, n->op == LIKE ? " like " : " in [");
        write_text(out, n->text);
        buffer_add_text(out, n->op == LIKE ? "" : ", 10]");
        buffer_add_char(out, ')');
    }
}

/* ---- the plain evaluator ---- */

enum tri { NO, YES, UNKNOWN };

static enum tri truth(const struct node *n, const struct plain_event *e);

static struct val value(const struct node *n, const struct plain_event *e)
{
    struct val a = n->a && n->op < VALUES ? value(n->a, e) : none;
    struct val b = n->b && n->op < VALUES ? value(n->b, e) : none;
    double x = 0, y = 0;
    bool both = as_number(&a, &x) & as_number(&b, &y);
    char s[TEXT_BYTES], t[TEXT_BYTES], joined[2 * TEXT_BYTES];

    show(&a, s);
    show(&b, t);
    if (n->op >= VALUES) {
        enum tri answer = truth(n, e);

        return answer == UNKNOWN ? none : number_val(answer == YES);
    }
    switch ((int)n->op) {
    case FIELD:
        return e->values[n->field] ? text_val(e->values[n->field]) : none;
    case CONST_TEXT:
        return text_val(n->text);
    case CONST_NUMBER:
        return number_val(n->number);
    case PLUS:
        return both ? number_val(x + y) : none;
    case MINUS:
        return both ? number_val(x - y) : none;
    case TIMES:
        return both ? number_val(x * y) : none;
    case DIVIDE:
        return both && y != 0 ? number_val(x / y) : none;
    case MODULO:
        return both && y != 0 ? number_val(fmod(x, y)) : none;
    case COALESCE:
        return a.kind == NONE ? b : a;
    case STRLEN:
        return a.kind == NONE ? none : number_val((double)strlen(s));
    case CONCAT:
        (void)snprintf(joined, sizeof joined, "%s%s", s, t);
        return text_val(joined);
    case UPPER:
        for (char *c = s; *c; c++)
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
        return a.kind == NONE ? none : text_val(s);
    case IF:
        return truth(n->c, e) == YES ? a : b;
    case ABS:
        return as_number(&a, &x) ? number_val(fabs(x)) : none;
    case FLOOR:
        return as_number(&a, &x) ? number_val(floor(x)) : none;
    case SUBSTR:
        if (a.kind == NONE)
            return none;
        (void)snprintf(t, sizeof t, "%.*s", (int)(n->field / 2 + 1),
                       strlen(s) > n->field ? s + n->field : "");
        return text_val(t);
    default:
        if (a.kind == NONE || b.kind == NONE)
            return none;
        return (n->op == GREATEST ? order_of(&b, &a) > 0 : order_of(&b, &a) < 0) ? b : a;
    }
}

static enum tri compare(enum op op, const struct val *a, const struct val *b)
{
    char s[TEXT_BYTES], t[TEXT_BYTES];
    double x, y;
    bool numbers = as_number(a, &x) & as_number(b, &y);
    int order;

    if (a->kind == NONE || b->kind == NONE)
        return UNKNOWN;
    show(a, s);
    show(b, t);
    order = strcmp(s, t);
    if (numbers && (a->kind == NUMBER || b->kind == NUMBER || (op != EQ && op != NE)))
        order = (x > y) - (x < y);
    return (op == EQ   ? order == 0
            : op == NE ? order != 0
            : op == LT ? order < 0
            : op == LE ? order <= 0
            : op == GT ? order > 0
                       : order >= 0)
               ? YES
               : NO;
}

static enum tri truth(const struct node *n, const struct plain_event *e)
{
    struct val a, b, ten = number_val(10), text;
    char s[TEXT_BYTES];
    enum tri p, q;

    if (n->op >= NOT) {
        p = truth(n->a, e);
        if (n->op == NOT)
            return p == UNKNOWN ? UNKNOWN : p == YES ? NO : YES;
        q = truth(n->b, e);
        if (n->op == AND)
            return p == NO || q == NO ? NO : p == YES && q == YES ? YES : UNKNOWN;
        return p == YES || q == YES ? YES : p == NO && q == NO ? NO : UNKNOWN;
    }
    a = n->op < VALUES ? value(n, e) : value(n->a, e);
    show(&a, s);
    switch ((int)n->op) {
    case PRESENT:
        return a.kind != NONE ? YES : NO;
    case EMPTY:
        return a.kind == NONE || (a.kind == TEXT && s[0] == '\0') ? YES : NO;
    case LIKE:
        return a.kind == NONE ? UNKNOWN : strstr(s, n->text) ? YES : NO;
    case IN:
        text = text_val(n->text);
        p = compare(EQ, &a, &text);
        return p == YES ? p : compare(EQ, &a, &ten);
    case EQ:
    case NE:
    case LT:
    case LE:
    case GT:
    case GE:
        b = value(n->b, e);
        return compare(n->op, &a, &b);
    default:
        if (a.kind == NONE)
            return UNKNOWN;
        if (a.kind == NUMBER)
            return a.number != 0 ? YES : NO;
        return s[0] == '\0' || strcmp(s, "0") == 0 || strcmp(s, "false") == 0 ? NO : YES;
    }
}

/* ---- queries ---- */

enum { ITEMS = 3, KEYS = 2 };

enum aggregate {
    COUNT_ALL,
    COUNT,
    DISTINCT,
    SUM,
    AVG,
    MIN,
    MAX,
    EARLIEST,
    LATEST,
    PCT,
    MEDIAN,
    AGGREGATES
};

static const char *const aggregate_names[] = {
    "count(*)", "count",    "count_distinct", "sum", "avg",   "min",
    "max",      "earliest", "latest",         "pct", "median"};

struct plan_item {
    enum aggregate function;
    struct node *e;
    unsigned percent;
};

struct plain_query {
    struct maker maker;
    struct node *filters[2], *keys[KEYS];
    struct plan_item items[ITEMS];
    size_t n_filters, n_keys, n_items, n_sort, n_bins;
    unsigned sort[2]; /* columns */
    bool descending[2];
    bool stats, having;
    unsigned having_above;
    unsigned limit;
    int64_t bin_us;
};

static void make_query(struct plain_query *q, uint64_t r)
{
    struct maker *m = &q->maker;
    size_t columns;

    *q = (struct plain_query){.maker = {.r = r}};
    q->n_filters = draw(&m->r, 3);
    for (size_t i = 0; i < q->n_filters; i++)
        q->filters[i] = make_condition(m, 2);
    q->stats = draw(&m->r, 3) > 0;
    q->n_bins = q->stats && draw(&m->r, 4) == 0;
    q->bin_us = draw(&m->r, 2) ? INSTANT_MINUTE : 5 * INSTANT_MINUTE;
    q->n_keys = q->stats ? draw(&m->r, KEYS + 1) : 0;
    for (size_t i = 0; i < q->n_keys; i++)
        q->keys[i] = draw(&m->r, 3) ? new_node(m, FIELD) : make_value(m, 1);
    q->n_items = 1 + draw(&m->r, ITEMS);
    for (size_t i = 0; i < q->n_items; i++)
        q->items[i] = (struct plan_item){(enum aggregate)draw(&m->r, AGGREGATES),
                                         make_value(m, q->stats ? 1 : 2), draw(&m->r, 5) * 25};
    q->items[0].function = q->stats ? COUNT_ALL : q->items[0].function;
    q->having = q->stats && draw(&m->r, 4) == 0;
    q->having_above = draw(&m->r, 12);
    columns = q->n_bins + q->n_keys + q->n_items;
    q->n_sort = draw(&m->r, 3);
    for (size_t i = 0; i < q->n_sort; i++) {
        q->sort[i] = draw(&m->r, (unsigned)columns);
        q->descending[i] = draw(&m->r, 2);
    }
    q->limit = draw(&m->r, 3) ? 10000 : 1 + draw(&m->r, 20);
}

static void write_item(struct buffer *out, const struct plain_query *q, size_t i)
{
    const struct plan_item *item = &q->items[i];

    if (!q->stats) {
        write_node(out, item->e);
    } else if (item->function == COUNT_ALL) {
        buffer_add_text(out, "count(*)");
    } else {
        write_call(out, aggregate_names[item->function], item->e, NULL);
        if (item->function == PCT) {
            out->len--;
            buffer_printf(out, ", %u)", item->percent);
        }
    }
}

/* Columns are called c0, c1 … in the order of the result. */
static void write_query(struct buffer *out, const struct plain_query *q)
{
    size_t by = q->n_bins + q->n_keys;

    for (size_t i = 0; i < q->n_filters; i++) {
        buffer_add_text(out, "filter ");
        write_node(out, q->filters[i]);
        buffer_add_text(out, " | ");
    }
    buffer_add_text(out, q->stats ? "stats " : "fields ");
    for (size_t i = 0; i < q->n_items; i++) {
        buffer_add_text(out, i ? ", " : "");
        write_item(out, q, i);
        buffer_printf(out, " as c%zu", by + i);
    }
    if (q->n_bins)
        buffer_printf(out, " by bin(%um) as c0", (unsigned)(q->bin_us / INSTANT_MINUTE));
    for (size_t i = 0; i < q->n_keys; i++) {
        buffer_add_text(out, i + q->n_bins ? ", " : " by ");
        write_node(out, q->keys[i]);
        buffer_printf(out, " as c%zu", q->n_bins + i);
    }
    if (q->having)
        buffer_printf(out, " | filter c%zu > %u", by, q->having_above);
    for (size_t i = 0; i < q->n_sort; i++)
        buffer_printf(out, "%s c%u %s", i ? "," : " | sort", q->sort[i],
                      q->descending[i] ? "desc" : "asc");
    if (q->limit < 10000)
        buffer_printf(out, " | limit %u", q->limit);
}

/* ---- what it should give ---- */

enum { COLUMNS = 1 + KEYS + ITEMS };

struct plain_row {
    struct val cells[COLUMNS];
    size_t members[EVENTS]; /* of a group: numbers of its events, in time order */
    size_t n_members, number;
    char key[COLUMNS * (TEXT_BYTES + 40)];
};

struct plain_table {
    struct plain_row rows[EVENTS + 1];
    size_t n_rows, n_columns;
};

static void add_identity(char *out, size_t room, const struct val *v)
{
    char text[TEXT_BYTES];
    enum kind kind = v->kind;

    show(v, text);
    if (kind == NUMBER && v->number == floor(v->number))
        kind = TEXT;
    (void)snprintf(out, room, "%d/%s/%a;", (int)kind, text, kind == NUMBER ? v->number : 0);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static struct val percentile(double *numbers, size_t count, unsigned percent)
{
    size_t rank = (size_t)ceil(percent / 100.0 * (double)count);

    if (count == 0)
        return none;
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    return number_val(numbers[rank ? rank - 1 : 0]);
}

static struct val aggregate(const struct plan_item *item, const struct plain_row *row,
                            const struct plain_event *events)
{
    static char seen[EVENTS][TEXT_BYTES + 40];
    double numbers[EVENTS], sum = 0, x;
    size_t n_numbers = 0, n_values = 0, n_seen = 0;
    struct val best = none;
    bool timed = false;

    if (item->function == COUNT_ALL)
        return number_val((double)row->n_members);
    for (size_t i = 0; i < row->n_members; i++) {
        const struct plain_event *e = &events[row->members[i]];
        struct val v = value(item->e, e);
        bool better = best.kind == NONE;
        size_t at = 0;

        if (v.kind == NONE)
            continue;
        n_values++;
        if (as_number(&v, &x)) {
            numbers[n_numbers++] = x;
            sum += x;
        }
        add_identity(seen[n_seen], sizeof seen[0], &v);
        while (strcmp(seen[at], seen[n_seen]) != 0)
            at++;
        n_seen += at == n_seen;
        if (item->function == MIN)
            better = better || order_of(&v, &best) < 0;
        else if (item->function == MAX)
            better = better || order_of(&v, &best) > 0;
        else if (item->function == LATEST)
            better = better || e->time_us != INSTANT_NONE || !timed;
        timed = timed || e->time_us != INSTANT_NONE;
        if (better)
            best = v;
    }
    switch (item->function) {
    case COUNT:
        return number_val((double)n_values);
    case DISTINCT:
        return number_val((double)n_seen);
    case SUM:
        return n_numbers ? number_val(sum) : none;
    case AVG:
        return n_numbers ? number_val(sum / (double)n_numbers) : none;
    case PCT:
        return percentile(numbers, n_numbers, item->percent);
    case MEDIAN:
        return percentile(numbers, n_numbers, 50);
    case COUNT_ALL:
    case MIN:
    case MAX:
    case EARLIEST:
    case LATEST:
    case AGGREGATES:
        break;
    }
    return best;
}

static void add_to_group(const struct plain_query *q, struct plain_table *t,
                         const struct plain_event *events, size_t number)
{
    struct plain_row *row = &t->rows[t->n_rows];
    const struct plain_event *e = &events[number];
    size_t len = 0, at = 0;

    row->n_members = 0;
    row->key[0] = '\0';
    for (size_t i = 0; i < q->n_bins + q->n_keys; i++) {
        if (i < q->n_bins)
            row->cells[i] = e->time_us == INSTANT_NONE
                                ? none
                                : (struct val){.kind = TIME,
                                               .time_us = e->time_us - e->time_us % q->bin_us};
        else
            row->cells[i] = value(q->keys[i - q->n_bins], e);
        add_identity(row->key + len, sizeof row->key - len, &row->cells[i]);
        len += strlen(row->key + len);
    }
    while (strcmp(t->rows[at].key, row->key) != 0)
        at++;
    t->n_rows += at == t->n_rows;
    t->rows[at].members[t->rows[at].n_members++] = number;
}

static int compare_rows(const void *pa, const void *pb, void *context)
{
    const struct plain_row *a = pa, *b = pb;
    const struct plain_query *q = *(const struct plain_query **)context;
    size_t by = q->n_bins + q->n_keys;

    for (size_t i = 0; i < q->n_sort; i++) {
        int order = order_of(&a->cells[q->sort[i]], &b->cells[q->sort[i]]);

        if (order)
            return q->descending[i] ? -order : order;
    }
    for (size_t i = 0; q->stats && i < by; i++) {
        int order = order_of(&a->cells[i], &b->cells[i]);

        if (order)
            return i < q->n_bins ? -order : order;
    }
    return (a->number > b->number) - (a->number < b->number);
}

/* Events stand in time order, those without a time last. */
static void run_plain(const struct plain_query *q, const struct plain_event *events,
                      struct plain_table *t)
{
    size_t by = q->n_bins + q->n_keys, kept = 0;

    t->n_rows = 0;
    t->n_columns = by + q->n_items;
    for (size_t i = 0; i < EVENTS; i++) {
        bool passes = true;

        for (size_t k = 0; k < q->n_filters; k++)
            passes = passes && truth(q->filters[k], &events[i]) == YES;
        if (passes && q->stats)
            add_to_group(q, t, events, i);
        if (!passes || q->stats)
            continue;
        for (size_t k = 0; k < q->n_items; k++)
            t->rows[t->n_rows].cells[k] = value(q->items[k].e, &events[i]);
        /* Newest first without a sort; those without a time stay last. */
        t->rows[t->n_rows].number =
            q->n_sort || events[i].time_us == INSTANT_NONE ? EVENTS + i : EVENTS - i;
        t->n_rows++;
    }
    if (q->stats && by == 0 && t->n_rows == 0)
        t->rows[t->n_rows++].n_members = 0;
    for (size_t i = 0; q->stats && i < t->n_rows; i++) {
        for (size_t k = 0; k < q->n_items; k++)
            t->rows[i].cells[by + k] = aggregate(&q->items[k], &t->rows[i], events);
        t->rows[i].number = i;
        if (q->having && t->rows[i].cells[by].number <= q->having_above)
            continue;
        if (kept != i)
            t->rows[kept] = t->rows[i];
        kept++;
    }
    if (q->stats)
        t->n_rows = kept;
    qsort_r(t->rows, t->n_rows, sizeof t->rows[0], compare_rows, &q);
    if (t->n_rows > q->limit)
        t->n_rows = q->limit;
}

/* ---- the two together ---- */

struct fixture {
    struct archive *archive;
    struct store *store;
    struct pool *pool;
    struct index *index;
    struct plain_event events[EVENTS];
};

static int compare_events(const void *pa, const void *pb)
{
    const struct plain_event *a = pa, *b = pb;
    bool no_a = a->time_us == INSTANT_NONE, no_b = b->time_us == INSTANT_NONE;

    if (no_a != no_b)
        return no_a ? 1 : -1;
    return (a->time_us > b->time_us) - (a->time_us < b->time_us);
}

/* Events stand in the store by time, so that their numbers are those of the plain list. */
static void fill(struct fixture *f, uint64_t *r)
{
    struct chunk_builder *b = chunk_builder_new(store_dictionaries(f->store));
    bool mixed = draw(r, 2);

    for (size_t i = 0; i < EVENTS; i++)
        f->events[i].time_us =
            draw(r, 12) ? (int64_t)(100 + i) * 7 * INSTANT_SECOND : INSTANT_NONE;
    qsort(f->events, EVENTS, sizeof f->events[0], compare_events);
    for (size_t i = 0; i < EVENTS; i++) {
        struct event e = {.time_us = f->events[i].time_us};

        /* A native name says nothing about events of other formats. */
        e.format = mixed && draw(r, 3) == 0 ? FORMAT_USER_ACTIVITY : FORMAT_CLOUDTRAIL;
        e.values[FIELD_FORMAT] = (struct value){bytes_of(format_name(e.format)), VALUE_TEXT, 0};

        for (size_t k = 0; k < FIELDS; k++) {
            unsigned v = draw(r, VALUE_TEXT + 12);

            f->events[i].values[k] = v == VALUE_EMPTY      ? ""
                                     : v == VALUE_REDACTED ? masked
                                     : v < VALUE_TEXT      ? NULL
                                                           : pool[draw(r, ARRAY_LEN(pool))];
            e.values[fields[k].id].state = (uint8_t)(v < VALUE_TEXT ? v : VALUE_TEXT);
            if (v >= VALUE_TEXT)
                e.values[fields[k].id].text = bytes_of(f->events[i].values[k]);
            if (fields[k].id == FIELD_ERROR && e.format != FORMAT_CLOUDTRAIL)
                f->events[i].values[k] = NULL;
        }
        chunk_builder_add(b, &e, 0, i * 100, 100);
        if ((i + 1) % PER_CHUNK == 0 || i + 1 == EVENTS)
            assert_true(store_publish(f->store, chunk_builder_finish(b)));
    }
    chunk_builder_free(b);
}

static struct fixture *fixture_new(uint64_t *r)
{
    struct fixture *f = mem_alloc(sizeof *f);
    atomic_bool cancelled = false;

    f->archive = archive_new();
    f->store = store_new();
    f->pool = pool_new(3);
    fill(f, r);
    f->index = index_build(f->store, store_count(f->store), true, &cancelled);
    return f;
}

static void fixture_free(struct fixture *f)
{
    index_release(f->index);
    pool_free(f->pool);
    store_free(f->store);
    archive_free(f->archive);
    mem_free(f);
}

static void check_cells(const struct table *t, const struct plain_table *wanted,
                        const char *text)
{
    if (t->n_rows != wanted->n_rows || t->n_columns != wanted->n_columns)
        fail_msg("%s:\n  %zu rows instead of %zu", text, t->n_rows, wanted->n_rows);
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t k = 0; k < t->n_columns; k++) {
            const struct cell *cell = &t->cells[i * t->n_columns + k];
            const struct val *v = &wanted->rows[i].cells[k];
            char shown[TEXT_BYTES];

            show(v, shown);
            if (cell->present != (v->kind != NONE) ||
                (cell->present && !bytes_are(cell->text, shown)))
                fail_msg("%s:\n  row %zu, c%zu: %.*s%s instead of %s%s", text, i, k,
                         (int)cell->text.len, cell->text.len ? cell->text.ptr : "",
                         cell->present ? "" : "(missing)", shown,
                         v->kind == NONE ? "(missing)" : "");
        }
    }
}

static void check_query(struct fixture *f, uint64_t r, struct plain_query *q,
                        struct plain_table *wanted)
{
    struct query_options options = {.now_us = 0, .last_event_us = INSTANT_NONE};
    struct table_source source = {.index = f->index, .archive = f->archive};
    struct buffer text = {0};
    struct query_error error = {0};
    struct query *parsed = NULL;
    struct table *t = NULL;

    make_query(q, r);
    write_query(&text, q);
    run_plain(q, f->events, wanted);
    if (query_parse(buffer_bytes(&text), &options, &parsed, &error) != ERR_OK ||
        table_run(parsed, &source, f->pool, true, &t, &error) != ERR_OK)
        fail_msg("%s: %s", buffer_cstr(&text), buffer_cstr(&error.message));
    check_cells(t, wanted, buffer_cstr(&text));
    table_free(t);
    query_free(parsed);
    buffer_deinit(&text);
}

static void test_whole_queries_agree_with_a_plain_evaluator(void **state)
{
    const char *wish = getenv("COGTRAIL_QUERIES");
    long count = wish ? strtol(wish, NULL, 10) : QUERIES;
    struct plain_query *q = mem_alloc(sizeof *q);
    struct plain_table *wanted = mem_alloc(sizeof *wanted);
    struct fixture *f = NULL;
    uint64_t r = 1;

    (void)state;
    for (long i = 0; i < count; i++) {
        if (i % 500 == 0) {
            if (f)
                fixture_free(f);
            f = fixture_new(&r);
        }
        (void)draw(&r, 2);
        check_query(f, r, q, wanted);
    }
    if (f)
        fixture_free(f);
    mem_free(q);
    mem_free(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_queries_agree_with_a_plain_evaluator),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
