#include "core/asking/eval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/asking/json.h"
#include "core/query/query_names.h"

enum { MEMORY_KEPT_BYTES = 1 << 20 };

static const struct datum missing = {.kind = DATUM_MISSING};
static const struct datum undecided = {.kind = DATUM_UNDECIDED};

void eval_patterns_add(struct eval_patterns *p, const struct expr *e)
{
    if (expr_source(e))
        eval_patterns_add(p, expr_source(e));
    if (e->kind == EXPR_REGEX) {
        struct buffer message = {0};
        struct match *m = NULL;
        size_t offset;

        /* The check compiled it already: it is good. */
        if (match_new(MATCH_REGEX, e->text, e->caseless, &m, &message, &offset) == ERR_OK) {
            mem_grow(&p->items, &p->cap, p->count + 1, sizeof *p->items);
            p->items[p->count++] = (struct eval_pattern){e, m};
        }
        buffer_deinit(&message);
    }
    for (size_t i = 0; i < e->n_args; i++)
        eval_patterns_add(p, e->args[i]);
}

static int compare_patterns(const void *a, const void *b)
{
    const struct eval_pattern *pa = a, *pb = b;

    return (pa->regex > pb->regex) - (pa->regex < pb->regex);
}

void eval_patterns_seal(struct eval_patterns *p)
{
    if (p->count)
        qsort(p->items, p->count, sizeof *p->items, compare_patterns);
}

void eval_patterns_deinit(struct eval_patterns *p)
{
    for (size_t i = 0; i < p->count; i++)
        match_free(p->items[i].match);
    mem_free(p->items);
    *p = (struct eval_patterns){0};
}

const struct match *eval_match(const struct eval *e, const struct expr *regex)
{
    struct eval_pattern key = {.regex = regex};
    const struct eval_pattern *found;

    if (e->patterns->count == 0)
        return NULL;
    found = bsearch(&key, e->patterns->items, e->patterns->count, sizeof key, compare_patterns);
    return found ? found->match : NULL;
}

void eval_init(struct eval *e, const struct eval_patterns *patterns, eval_name *name)
{
    *e = (struct eval){.patterns = patterns, .name = name};
    e->scratch = match_scratch_new();
}

void eval_deinit(struct eval *e)
{
    match_scratch_free(e->scratch);
    arena_deinit(&e->memory);
}

void eval_next_row(struct eval *e)
{
    if (e->memory.total_bytes > MEMORY_KEPT_BYTES)
        arena_deinit(&e->memory);
}

static struct datum datum_of_truth(enum truth t)
{
    if (t == TRUTH_UNKNOWN)
        return missing;
    if (t == TRUTH_UNDECIDED)
        return undecided;
    return datum_of_bool(t == TRUTH_YES);
}

static struct bytes number_text(struct eval *e, double number)
{
    char text[400];
    int len;

    if (number == floor(number) && fabs(number) < 1e15) {
        len = snprintf(text, sizeof text, "%.0f", number == 0 ? 0.0 : number);
    } else {
        len = snprintf(text, sizeof text, "%.4f", number);
        while (len > 1 && text[len - 1] == '0')
            len--;
        if (len > 1 && text[len - 1] == '.')
            len--;
        if (len == 2 && memcmp(text, "-0", 2) == 0)
            return bytes_of("0"); /* too small to show */
    }
    return arena_copy(&e->memory, bytes_make(text, (size_t)(len < 0 ? 0 : len)));
}

struct bytes eval_text(struct eval *e, struct datum d)
{
    struct buffer text = {0};
    struct bytes kept;

    switch (d.kind) {
    case DATUM_TEXT:
        return d.text;
    case DATUM_NUMBER:
        return d.text.len ? d.text : number_text(e, d.number);
    case DATUM_BOOL:
        return bytes_of(d.number != 0 ? "1" : "0");
    case DATUM_TIME:
        instant_add(&text, d.time_us, d.iso ? INSTANT_ISO : INSTANT_INSIGHTS, 0);
        kept = arena_copy(&e->memory, buffer_bytes(&text));
        buffer_deinit(&text);
        return kept;
    case DATUM_MISSING:
    case DATUM_UNDECIDED:
        break;
    }
    return (struct bytes){0};
}

struct datum eval_take(struct eval *e, struct buffer *b)
{
    struct datum d = datum_of_text(arena_copy(&e->memory, buffer_bytes(b)));

    buffer_deinit(b);
    return d;
}

/* Both as instants, when one is a time and the other can be read as one. */
static bool as_times(struct datum a, struct datum b, int64_t *time_a, int64_t *time_b)
{
    const struct datum *sides[2] = {&a, &b};
    int64_t times[2];

    if (a.kind != DATUM_TIME && b.kind != DATUM_TIME)
        return false;
    for (int i = 0; i < 2; i++) {
        double number;

        if (sides[i]->kind == DATUM_TIME)
            times[i] = sides[i]->time_us;
        else if (sides[i]->kind == DATUM_TEXT && instant_parse(sides[i]->text, &times[i]))
            continue;
        else if (datum_number(*sides[i], &number) && fabs(number) < 9e15)
            times[i] = (int64_t)(number * 1000);
        else
            return false;
    }
    *time_a = times[0];
    *time_b = times[1];
    return true;
}

static enum truth holds(enum expr_op op, int order)
{
    bool yes = false;

    switch (op) {
    case OP_EQ:
        yes = order == 0;
        break;
    case OP_NE:
        yes = order != 0;
        break;
    case OP_LT:
        yes = order < 0;
        break;
    case OP_LE:
        yes = order <= 0;
        break;
    case OP_GT:
        yes = order > 0;
        break;
    case OP_GE:
        yes = order >= 0;
        break;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_MOD:
    case OP_POW:
        break;
    }
    return yes ? TRUTH_YES : TRUTH_NO;
}

/* The other spelling of a redaction in AWS's documents means the same. */
static struct bytes one_mask(struct bytes text)
{
    if (bytes_are(text, "HIDDEN_FOR_SECURITY_REASONS"))
        return bytes_of("HIDDEN_DUE_TO_SECURITY_REASONS");
    return text;
}

static int compare_texts(struct datum a, struct datum b, enum expr_op op)
{
    double x, y;
    bool ordered = op != OP_EQ && op != OP_NE;

    if (ordered && datum_text_number(a.text, &x) && datum_text_number(b.text, &y))
        return datum_compare_numbers(a, x, b, y);
    if (a.state == VALUE_REDACTED || b.state == VALUE_REDACTED) {
        a.text = one_mask(a.text);
        b.text = one_mask(b.text);
    }
    return bytes_compare(a.text, b.text);
}

static bool is_bool_word(struct datum d, const char *word)
{
    return d.kind == DATUM_TEXT && bytes_are(d.text, word);
}

/* `b` is the word true or false and `a` something that it can equal. */
static bool meets_bool_word(enum expr_op op, struct datum a, struct datum b)
{
    bool equality = op == OP_EQ || op == OP_NE;

    return (a.kind == DATUM_BOOL || (a.kind == DATUM_NUMBER && equality)) &&
           (is_bool_word(b, "true") || is_bool_word(b, "false"));
}

enum truth eval_compare(struct eval *e, enum expr_op op, struct datum a, struct datum b)
{
    int64_t time_a, time_b;
    double x, y;

    if (a.kind == DATUM_UNDECIDED || b.kind == DATUM_UNDECIDED)
        return TRUTH_UNDECIDED;
    if (a.kind == DATUM_MISSING || b.kind == DATUM_MISSING)
        return TRUTH_UNKNOWN;
    if (a.kind == DATUM_TEXT && b.kind == DATUM_TEXT)
        return holds(op, compare_texts(a, b, op));
    if (as_times(a, b, &time_a, &time_b))
        return holds(op, (time_a > time_b) - (time_a < time_b));
    /* JSON's true stands as the text true in columns; it equals true, "true" and 1. */
    if (meets_bool_word(op, a, b))
        b = datum_of_number(is_bool_word(b, "true"));
    else if (meets_bool_word(op, b, a))
        a = datum_of_number(is_bool_word(a, "true"));
    if (a.kind != DATUM_TIME && b.kind != DATUM_TIME && datum_number(a, &x) &&
        datum_number(b, &y))
        return holds(op, datum_compare_numbers(a, x, b, y));
    return holds(op, bytes_compare(eval_text(e, a), eval_text(e, b)));
}

static enum truth truth_of(struct datum d)
{
    switch (d.kind) {
    case DATUM_MISSING:
        return TRUTH_UNKNOWN;
    case DATUM_UNDECIDED:
        return TRUTH_UNDECIDED;
    case DATUM_NUMBER:
    case DATUM_BOOL:
        return d.number != 0 ? TRUTH_YES : TRUTH_NO;
    case DATUM_TIME:
        return TRUTH_YES;
    case DATUM_TEXT:
        break;
    }
    return d.text.len == 0 || bytes_are(d.text, "0") || bytes_are(d.text, "false") ? TRUTH_NO
                                                                                   : TRUTH_YES;
}

static enum truth eval_like(struct eval *e, const struct expr *x)
{
    struct datum left = eval_value(e, x->args[0]), right;
    const struct match *m;

    if (left.kind == DATUM_UNDECIDED)
        return TRUTH_UNDECIDED;
    if (left.kind == DATUM_MISSING)
        return TRUTH_UNKNOWN;
    if (x->args[1]->kind != EXPR_REGEX) {
        right = eval_value(e, x->args[1]);
        if (right.kind == DATUM_UNDECIDED)
            return TRUTH_UNDECIDED;
        if (right.kind == DATUM_MISSING)
            return TRUTH_UNKNOWN;
        return bytes_find(eval_text(e, left), eval_text(e, right)) != SIZE_MAX ? TRUTH_YES
                                                                               : TRUTH_NO;
    }
    m = eval_match(e, x->args[1]);
    if (!m)
        return TRUTH_UNDECIDED;
    switch (match_test(m, e->scratch, eval_text(e, left))) {
    case MATCH_YES:
        return TRUTH_YES;
    case MATCH_NO:
        return TRUTH_NO;
    case MATCH_UNDECIDED:
        break;
    }
    return TRUTH_UNDECIDED;
}

/* Like a = x or a = y or …: a hit decides, whatever the others are. */
static enum truth eval_in(struct eval *e, const struct expr *x)
{
    struct datum left = eval_value(e, x->args[0]);
    const struct expr *list = x->args[1];
    enum truth result = TRUTH_NO;

    if (left.kind == DATUM_MISSING)
        return TRUTH_UNKNOWN;
    if (list->indicators && left.kind != DATUM_UNDECIDED)
        return indicators_have(list->indicators, eval_text(e, left)) ? TRUTH_YES : TRUTH_NO;
    if (list->indicators)
        return TRUTH_UNDECIDED;
    for (size_t i = 0; i < list->n_args; i++) {
        enum truth one = eval_compare(e, OP_EQ, left, eval_value(e, list->args[i]));

        if (one == TRUTH_YES)
            return one;
        if (one != TRUTH_NO && result != TRUTH_UNDECIDED)
            result = one;
    }
    return result;
}

static enum truth eval_all(struct eval *e, const struct expr *x, enum truth decides)
{
    enum truth result = decides == TRUTH_NO ? TRUTH_YES : TRUTH_NO;

    for (size_t i = 0; i < x->n_args; i++) {
        enum truth one = eval_truth(e, x->args[i]);

        if (one == decides)
            return one;
        if (one == TRUTH_UNDECIDED || (one == TRUTH_UNKNOWN && result != TRUTH_UNDECIDED))
            result = one;
    }
    return result;
}

enum truth eval_truth(struct eval *e, const struct expr *x)
{
    enum truth t;

    switch (x->kind) {
    case EXPR_AND:
        return eval_all(e, x, TRUTH_NO);
    case EXPR_OR:
        return eval_all(e, x, TRUTH_YES);
    case EXPR_NOT:
        t = eval_truth(e, x->args[0]);
        if (t == TRUTH_YES)
            return TRUTH_NO;
        return t == TRUTH_NO ? TRUTH_YES : t;
    case EXPR_COMPARE:
        return eval_compare(e, x->op, eval_value(e, x->args[0]), eval_value(e, x->args[1]));
    case EXPR_LIKE:
        return eval_like(e, x);
    case EXPR_IN:
        return eval_in(e, x);
    case EXPR_STRING:
    case EXPR_NUMBER:
    case EXPR_REGEX:
    case EXPR_PERIOD:
    case EXPR_BOOL:
    case EXPR_TIME:
    case EXPR_NAME:
    case EXPR_LIST:
    case EXPR_CALL:
    case EXPR_STAR:
    case EXPR_NEGATE:
    case EXPR_ARITH:
        break;
    }
    return truth_of(eval_value(e, x));
}

static double arith(enum expr_op op, double x, double y)
{
    switch (op) {
    case OP_ADD:
        return x + y;
    case OP_SUB:
        return x - y;
    case OP_MUL:
        return x * y;
    case OP_DIV:
        return y == 0 ? (double)NAN : x / y;
    case OP_MOD:
        return y == 0 ? (double)NAN : fmod(x, y);
    case OP_POW:
        return pow(x, y);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        break;
    }
    return (double)NAN;
}

static struct datum eval_arith(struct eval *e, const struct expr *x)
{
    struct datum a = eval_value(e, x->args[0]), b;
    double p, q;

    if (a.kind == DATUM_UNDECIDED)
        return a;
    if (x->kind == EXPR_NEGATE)
        return datum_number(a, &p) ? datum_of_number(-p) : missing;
    b = eval_value(e, x->args[1]);
    if (b.kind == DATUM_UNDECIDED)
        return undecided;
    if (!datum_number(a, &p) || !datum_number(b, &q))
        return missing;
    return datum_of_number(arith(x->op, p, q));
}

/* A group of a parse; no match leaves it missing. */
static struct datum eval_capture(struct eval *e, const struct expr *name)
{
    const struct expr *call = name->name.target;
    struct bytes groups[MATCH_MAX_GROUPS];
    const struct match *m = eval_match(e, call->args[1]);
    struct datum text = eval_value(e, call->args[0]);
    enum match_result result;

    if (text.kind == DATUM_MISSING || text.kind == DATUM_UNDECIDED || !m ||
        name->name.column >= MATCH_MAX_GROUPS)
        return text.kind == DATUM_UNDECIDED ? undecided : missing;
    result = match_capture(m, e->scratch, eval_text(e, text), 0, groups, name->name.column + 1);
    if (result == MATCH_UNDECIDED)
        return undecided;
    if (result == MATCH_NO || !groups[name->name.column].ptr)
        return missing;
    return datum_of_text(groups[name->name.column]);
}

/* A path below a map or list; below anything else there is nothing. */
static struct datum eval_below(struct eval *e, const struct expr *name)
{
    struct datum d = eval_value(e, name->name.target);

    if (d.kind == DATUM_UNDECIDED)
        return d;
    if (d.kind != DATUM_TEXT || d.text.len == 0 || !strchr("{[", d.text.ptr[0]))
        return missing;
    return json_find(d.text, name->name.path, &e->memory);
}

struct datum eval_value(struct eval *e, const struct expr *x)
{
    switch (x->kind) {
    case EXPR_STRING:
        return datum_of_text(x->text);
    case EXPR_NUMBER:
        return datum_of_literal(x->number, x->text);
    case EXPR_BOOL:
        return datum_of_truth(x->number != 0 ? TRUTH_YES : TRUTH_NO);
    case EXPR_TIME:
        return datum_of_time(x->time_us);
    case EXPR_NAME:
        if (x->name.kind == NAME_ALIAS)
            return eval_value(e, x->name.target);
        if (x->name.kind == NAME_CAPTURE)
            return eval_capture(e, x);
        if (x->name.kind == NAME_BELOW)
            return eval_below(e, x);
        return e->name(e, x);
    case EXPR_CALL:
        return eval_call(e, x);
    case EXPR_NEGATE:
    case EXPR_ARITH:
        return eval_arith(e, x);
    case EXPR_COMPARE:
    case EXPR_LIKE:
    case EXPR_IN:
    case EXPR_NOT:
    case EXPR_AND:
    case EXPR_OR:
        return datum_of_truth(eval_truth(e, x));
    case EXPR_REGEX:
    case EXPR_PERIOD:
    case EXPR_LIST:
    case EXPR_STAR:
        break;
    }
    return missing;
}
