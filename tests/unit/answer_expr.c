/* Expressions of the plain evaluator: made at random, written, and worked out. */
#include <math.h>
#include <stdio.h>

#include "core/base/mem.h"

#include "tests/unit/answer.h"

enum op {
    FIELD,
    CONST_TEXT,
    CONST_NUMBER,
    LEAVES,
    PLUS = LEAVES,
    MINUS,
    TIMES,
    DIVIDE,
    MODULO,
    SQUARE,
    NEGATE,
    COALESCE,
    CONCAT,
    GREATEST,
    LEAST,
    STRLEN,
    SIZE,
    UPPER,
    LOWER,
    ABS,
    FLOOR,
    CEIL,
    ROUND,
    SQRT,
    TO_NUMBER,
    TO_INT,
    TRIM,
    LTRIM,
    RTRIM,
    SUBSTR,
    REPLACE,
    REGEX_REPLACE,
    PARTS,
    JSON_SIZE,
    BELOW,
    TO_HEX,
    BASE64,
    URL,
    IF,
    CASE,
    VALUES,
    EQ = VALUES,
    NE,
    LT,
    LE,
    GT,
    GE,
    LIKE,
    NOT_LIKE,
    MATCH,
    IN,
    NOT_IN,
    PRESENT,
    EMPTY,
    BLANK,
    NUMERIC,
    CONTAINS,
    STARTS,
    ENDS,
    HAS,
    BARE,
    NOT,
    AND,
    OR,
    OPS
};

struct node {
    enum op op;
    struct node *a, *b, *c;
    unsigned field, choice;
    const char *text;
    double number;
};

/* Operators and functions that only stand between, before or around their operands. */
static const struct {
    const char *sign, *call; /* between, or a function's name */
    unsigned args;
} forms[OPS] = {
    [PLUS] = {"+",   NULL,            2},
    [MINUS] = {"-",   NULL,            2},
    [TIMES] = {"*",   NULL,            2},
    [DIVIDE] = {"/",   NULL,            2},
    [MODULO] = {"%",   NULL,            2},
    [COALESCE] = {NULL,  "coalesce",      2},
    [CONCAT] = {NULL,  "concat",        2},
    [GREATEST] = {NULL,  "greatest",      2},
    [LEAST] = {NULL,  "least",         2},
    [STRLEN] = {NULL,  "strlen",        1},
    [SIZE] = {NULL,  "messageSize",   1},
    [UPPER] = {NULL,  "toupper",       1},
    [LOWER] = {NULL,  "tolower",       1},
    [ABS] = {NULL,  "abs",           1},
    [FLOOR] = {NULL,  "floor",         1},
    [CEIL] = {NULL,  "ceil",          1},
    [ROUND] = {NULL,  "round",         1},
    [SQRT] = {NULL,  "sqrt",          1},
    [TO_NUMBER] = {NULL,  "toNumber",      1},
    [TO_INT] = {NULL,  "toLong",        1},
    [TRIM] = {NULL,  "trim",          1},
    [LTRIM] = {NULL,  "ltrim",         1},
    [RTRIM] = {NULL,  "rtrim",         1},
    [NEGATE] = {NULL,  "-",             1},
    [JSON_SIZE] = {NULL,  "jsonArraySize", 1},
    [TO_HEX] = {NULL,  "decToHex",      1},
    [EQ] = {"=",   NULL,            2},
    [NE] = {"!=",  NULL,            2},
    [LT] = {"<",   NULL,            2},
    [LE] = {"<=",  NULL,            2},
    [GT] = {">",   NULL,            2},
    [GE] = {">=",  NULL,            2},
    [PRESENT] = {NULL,  "ispresent",     1},
    [EMPTY] = {NULL,  "isempty",       1},
    [BLANK] = {NULL,  "isblank",       1},
    [NUMERIC] = {NULL,  "isNumeric",     1},
    [NOT] = {NULL,  "not ",          1},
    [AND] = {"and", NULL,            2},
    [OR] = {"or",  NULL,            2},
};

static const char *const patterns[] = {"^a", "[0-9]+$", "(?i)B", "x? ?y"};
static const char *const paths[] = {"k", "l.0", "0"};

unsigned draw(uint64_t *r, unsigned below)
{
    *r = *r * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*r >> 33) % below;
}

struct node *nodes_new(void)
{
    return mem_array(NODES, sizeof(struct node));
}

static struct node *new_node(struct maker *m, const struct names *names, enum op op)
{
    struct node *n = &m->nodes[m->count++];

    *n = (struct node){.op = op, .field = draw(&m->r, (unsigned)names->count)};
    n->text = pool_text(draw(&m->r, pool_count()));
    n->number = (double)draw(&m->r, 40) / (draw(&m->r, 3) ? 1 : 4);
    n->choice = draw(&m->r, 12);
    return n;
}

struct node *make_field(struct maker *m, const struct names *names)
{
    return new_node(m, names, FIELD);
}

struct node *make_value(struct maker *m, const struct names *names, unsigned depth)
{
    unsigned pick = draw(&m->r, 10);
    struct node *n;

    if (depth == 0 || m->count > NODES - 40 || pick < 5)
        return new_node(m, names, pick == 0 ? CONST_NUMBER : pick == 1 ? CONST_TEXT : FIELD);
    n = new_node(m, names, (enum op)(LEAVES + draw(&m->r, VALUES - LEAVES)));
    if ((n->op == BELOW && names->json_base == 0) || (n->op == JSON_SIZE && !names->from_pool))
        n->op = TRIM;
    if (n->op == BELOW)
        n->field = draw(&m->r, (unsigned)names->json_base);
    if (n->op == IF || n->op == CASE) {
        n->c = make_condition(m, names, depth - 1);
        n->a = make_value(m, names, 0);
        n->b = make_value(m, names, 0);
        return n;
    }
    /* Only of the samples it is written down what they are as JSON. */
    n->a = n->op == JSON_SIZE ? make_field(m, names)
                              : make_value(m, names, n->op == SQUARE ? 0 : depth - 1);
    n->b = make_value(m, names, depth - 1);
    return n;
}

struct node *make_condition(struct maker *m, const struct names *names, unsigned depth)
{
    unsigned pick = draw(&m->r, 10);
    struct node *n;

    if (depth > 0 && m->count < NODES - 40 && pick < 4) {
        n = new_node(m, names, (enum op)(NOT + draw(&m->r, 3)));
        n->a = make_condition(m, names, depth - 1);
        n->b = n->op == NOT ? NULL : make_condition(m, names, depth - 1);
        return n;
    }
    n = new_node(m, names, (enum op)(VALUES + draw(&m->r, NOT - VALUES)));
    if (n->op == HAS && !names->from_pool)
        n->op = CONTAINS;
    n->a = pick < 7 || n->op == HAS ? new_node(m, names, FIELD)
                                    : make_value(m, names, depth ? 2 : 0);
    n->b = draw(&m->r, 2) ? new_node(m, names, draw(&m->r, 2) ? CONST_NUMBER : CONST_TEXT)
                          : make_value(m, names, 1);
    return n;
}

/* ---- written ---- */

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

/* `before` A `between` TEXT `behind` */
static void write_with_text(struct buffer *out, const struct names *names, const struct node *n,
                            const char *before, const char *between, const char *behind)
{
    buffer_add_text(out, before);
    write_node(out, names, n->a);
    buffer_add_text(out, between);
    write_text(out, n->text);
    buffer_add_text(out, behind);
}

static void write_around(struct buffer *out, const struct names *names, const struct node *n,
                         const char *before, const char *behind)
{
    buffer_add_text(out, before);
    write_node(out, names, n->a);
    buffer_add_text(out, behind);
}

static void write_choice(struct buffer *out, const struct names *names, const struct node *n)
{
    buffer_add_text(out, n->op == IF ? "if(" : "case(");
    write_node(out, names, n->c);
    buffer_add_text(out, ", ");
    write_node(out, names, n->a);
    buffer_add_text(out, ", ");
    write_node(out, names, n->b);
    buffer_add_char(out, ')');
}

static void write_form(struct buffer *out, const struct names *names, const struct node *n)
{
    if (forms[n->op].call)
        buffer_add_text(out, forms[n->op].call);
    buffer_add_char(out, '(');
    write_node(out, names, n->a);
    if (forms[n->op].args > 1) {
        if (forms[n->op].sign)
            buffer_printf(out, " %s ", forms[n->op].sign);
        else
            buffer_add_text(out, ", ");
        write_node(out, names, n->b);
    }
    buffer_add_char(out, ')');
}

void write_node(struct buffer *out, const struct names *names, const struct node *n)
{
    char behind[40];

    if (forms[n->op].args) {
        write_form(out, names, n);
        return;
    }
    switch ((int)n->op) {
    case FIELD:
        buffer_add_text(out, names->text[n->field]);
        break;
    case CONST_TEXT:
        write_text(out, n->text);
        break;
    case CONST_NUMBER:
        buffer_printf(out, "%g", n->number);
        break;
    case SQUARE:
        write_around(out, names, n, "((", ") ^ 2)");
        break;
    case SUBSTR:
        (void)snprintf(behind, sizeof behind, ", %u, %u)", n->choice, n->choice / 2 + 1);
        write_around(out, names, n, "substr(", behind);
        break;
    case REPLACE:
        write_with_text(out, names, n, "replace(", ", \"a\", ", ")");
        break;
    case REGEX_REPLACE:
        write_around(out, names, n, "regexReplace(", ", \"[0-9]+\", \"<$0>\")");
        break;
    case PARTS:
        write_around(out, names, n, "jsonArraySize(split(", ", \"1\"))");
        break;
    case BELOW:
        buffer_printf(out, "j%u.%s", n->field, paths[n->choice % 3]);
        break;
    case BASE64:
        write_around(out, names, n, "base64decode(base64encode(", "))");
        break;
    case URL:
        write_around(out, names, n, "urldecode(urlencode(", "))");
        break;
    case IF:
    case CASE:
        write_choice(out, names, n);
        break;
    case LIKE:
        write_with_text(out, names, n, "(", " like ", ")");
        break;
    case NOT_LIKE:
        write_with_text(out, names, n, "(", " not like ", ")");
        break;
    case MATCH:
        (void)snprintf(behind, sizeof behind, " %s /%s/)", n->choice < 6 ? "=~" : "like",
                       patterns[n->choice % 4]);
        write_around(out, names, n, "(", behind);
        break;
    case IN:
        write_with_text(out, names, n, "(", " in [", ", 10])");
        break;
    case NOT_IN:
        write_with_text(out, names, n, "(", " not in [", ", 10])");
        break;
    case CONTAINS:
        write_with_text(out, names, n, "strcontains(", ", ", n->choice < 6 ? ")" : ", true)");
        break;
    case STARTS:
        write_with_text(out, names, n, "startsWith(", ", ", ")");
        break;
    case ENDS:
        write_with_text(out, names, n, "endsWith(", ", ", ")");
        break;
    case HAS:
        write_with_text(out, names, n, "jsonArrayContains(", ", ", ")");
        break;
    default: /* BARE */
        write_node(out, names, n->a);
        break;
    }
}

/* ---- worked out ---- */

static void change_case(char *s, bool upper)
{
    for (; *s; s++) {
        if (upper ? *s >= 'a' && *s <= 'z' : *s >= 'A' && *s <= 'Z')
            *s = (char)(*s ^ 32);
    }
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static struct val trimmed(char *s, bool left, bool right)
{
    size_t len = strlen(s);

    while (right && len && is_white(s[len - 1]))
        s[--len] = '\0';
    while (left && is_white(*s))
        s++;
    return text_val(s);
}

static struct val replaced(const char *s, const char *to)
{
    char out[TEXT_BYTES];
    size_t len = 0;

    for (; *s && len + strlen(to) + 1 < sizeof out; s++) {
        if (*s == 'a')
            len += (size_t)snprintf(out + len, sizeof out - len, "%s", to);
        else
            out[len++] = *s;
    }
    out[len] = '\0';
    return text_val(out);
}

static struct val marked(const char *s)
{
    char out[TEXT_BYTES];
    size_t len = 0;

    while (*s && len + 4 < sizeof out) {
        size_t digits = strspn(s, "0123456789");

        if (digits) {
            len += (size_t)snprintf(out + len, sizeof out - len, "<%.*s>", (int)digits, s);
            s += digits;
        } else {
            out[len++] = *s++;
        }
    }
    out[len] = '\0';
    return text_val(out);
}

static struct val json_size(const struct val *v)
{
    const struct json_sample *j = v->kind == TEXT ? json_of(v->text) : NULL;
    size_t n = 0;

    if (!j || !j->is_list)
        return none;
    while (j->elements[n])
        n++;
    return number_val((double)n);
}

static struct val below(const struct val *v, unsigned path)
{
    const struct json_sample *j = v->kind == TEXT ? json_of(v->text) : NULL;
    const char *part = !j ? NULL : path == 0 ? j->k : path == 1 ? j->l0 : j->first;

    return part ? text_val(part) : none;
}

static struct val number_value(const struct node *n, double x)
{
    char hex[TEXT_BYTES];

    switch ((int)n->op) {
    case NEGATE:
        return number_val(-x);
    case SQUARE:
        return number_val(x * x);
    case ABS:
        return number_val(fabs(x));
    case FLOOR:
        return number_val(floor(x));
    case CEIL:
        return number_val(ceil(x));
    case ROUND:
        return number_val(round(x));
    case SQRT:
        return number_val(sqrt(x));
    case TO_INT:
        return number_val(trunc(x));
    case TO_HEX:
        (void)snprintf(hex, sizeof hex, "%s0x%llx", trunc(x) < 0 ? "-" : "",
                       (unsigned long long)fabs(trunc(x)));
        return fabs(x) < 0x1p63 ? text_val(hex) : none;
    default: /* toNumber() */
        return number_val(x);
    }
}

static struct val pair_value(const struct node *n, double x, double y)
{
    switch ((int)n->op) {
    case PLUS:
        return number_val(x + y);
    case MINUS:
        return number_val(x - y);
    case TIMES:
        return number_val(x * y);
    case DIVIDE:
        return y != 0 ? number_val(x / y) : none;
    default:
        return y != 0 ? number_val(fmod(x, y)) : none;
    }
}

/* Of one text that is there. */
static struct val text_value(const struct node *n, char *s)
{
    size_t len = strlen(s), parts = 1;
    char part[TEXT_BYTES];

    switch ((int)n->op) {
    case STRLEN:
    case SIZE:
        return number_val((double)len);
    case UPPER:
    case LOWER:
        change_case(s, n->op == UPPER);
        return text_val(s);
    case TRIM:
    case LTRIM:
    case RTRIM:
        return trimmed(s, n->op != RTRIM, n->op != LTRIM);
    case SUBSTR:
        (void)snprintf(part, sizeof part, "%.*s", (int)(n->choice / 2 + 1),
                       len > n->choice ? s + n->choice : "");
        return text_val(part);
    case REPLACE:
        return replaced(s, n->text);
    case REGEX_REPLACE:
        return marked(s);
    case PARTS:
        for (; *s; s++)
            parts += *s == '1';
        return number_val((double)parts);
    default: /* there and back */
        return text_val(s);
    }
}

struct val value(const struct node *n, const struct val *row)
{
    struct val a = n->a && n->op < VALUES ? value(n->a, row) : none;
    struct val b = n->b && n->op < VALUES ? value(n->b, row) : none;
    struct val v;
    double x = 0, y = 0;
    char s[TEXT_BYTES], t[TEXT_BYTES], joined[2 * TEXT_BYTES];

    show(&a, s);
    show(&b, t);
    if (n->op >= VALUES) {
        enum tri answer = truth(n, row);

        v = number_val(answer == YES);
        v.is_truth = true;
        return answer == UNKNOWN ? none : v;
    }
    switch ((int)n->op) {
    case FIELD:
        return row[n->field];
    case CONST_TEXT:
        return text_val(n->text);
    case CONST_NUMBER:
        return number_val(n->number);
    case PLUS:
    case MINUS:
    case TIMES:
    case DIVIDE:
    case MODULO:
        return as_number(&a, &x) && as_number(&b, &y) ? pair_value(n, x, y) : none;
    case NEGATE:
    case SQUARE:
    case ABS:
    case FLOOR:
    case CEIL:
    case ROUND:
    case SQRT:
    case TO_NUMBER:
    case TO_INT:
    case TO_HEX:
        return as_number(&a, &x) ? number_value(n, x) : none;
    case COALESCE:
        return a.kind == NONE ? b : a;
    case CONCAT:
        (void)snprintf(joined, sizeof joined, "%s%s", s, t);
        return text_val(joined);
    case JSON_SIZE:
        return json_size(&a);
    case BELOW:
        return below(&row[n->field], n->choice % 3);
    case IF:
    case CASE:
        return truth(n->c, row) == YES ? a : b;
    case GREATEST:
    case LEAST:
        if (a.kind == NONE || b.kind == NONE)
            return none;
        return (n->op == GREATEST ? order_of(&b, &a) > 0 : order_of(&b, &a) < 0) ? b : a;
    default:
        return a.kind == NONE ? none : text_value(n, s);
    }
}

/* JSON's true and false, as texts, equal truths and the numbers 1 and 0. */
static bool as_truth(enum op op, const struct val *word, const struct val *other, double *x)
{
    bool meets = other->is_truth || (other->kind == NUMBER && (op == EQ || op == NE));

    if (word->kind != TEXT || !meets)
        return false;
    *x = strcmp(word->text, "true") == 0;
    return *x != 0 || strcmp(word->text, "false") == 0;
}

/* Of a time with more digits of a second than it is shown with, the zeros at the end. */
static void cut_zeros(char *time)
{
    enum { SHOWN = 23, DIGITS = 29 };
    size_t len = strlen(time);

    if (len <= SHOWN || len > DIGITS || time[SHOWN - 4] != '.' ||
        strspn(time + SHOWN, "0123456789") != len - SHOWN)
        return;
    while (len > SHOWN && time[len - 1] == '0')
        time[--len] = '\0';
}

static enum tri compare(enum op op, const struct val *a, const struct val *b)
{
    char s[TEXT_BYTES], t[TEXT_BYTES];
    double x, y;
    bool numbers = as_number(a, &x) & as_number(b, &y);
    int order;

    if (a->kind == NONE || b->kind == NONE)
        return UNKNOWN;
    numbers = numbers || as_truth(op, a, b, &x) || as_truth(op, b, a, &y);
    show(a, s);
    show(b, t);
    if (a->kind == TIME || b->kind == TIME) {
        cut_zeros(s);
        cut_zeros(t);
    }
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

static enum tri of(bool yes)
{
    return yes ? YES : NO;
}

static enum tri opposite(enum tri t)
{
    return t == UNKNOWN ? UNKNOWN : of(t == NO);
}

/* The patterns, each by hand. */
static bool matches(unsigned pattern, const char *s)
{
    size_t len = strlen(s);

    switch (pattern) {
    case 0:
        return *s == 'a';
    case 1:
        return len && s[len - 1] >= '0' && s[len - 1] <= '9';
    case 2:
        return strpbrk(s, "bB") != NULL;
    default:
        return strchr(s, 'y') != NULL;
    }
}

static enum tri in_list(const struct val *a, const char *word)
{
    struct val ten = number_val(10), text = text_val(word);
    enum tri p = compare(EQ, a, &text);

    return p == YES ? p : compare(EQ, a, &ten);
}

static bool has_part(const struct node *n, char *s)
{
    size_t len = strlen(s), wanted = strlen(n->text);
    char part[TEXT_BYTES];

    if (n->op == STARTS)
        return strncmp(s, n->text, wanted) == 0;
    if (n->op == ENDS)
        return len >= wanted && strcmp(s + len - wanted, n->text) == 0;
    (void)snprintf(part, sizeof part, "%s", n->text);
    if (n->op == CONTAINS && n->choice >= 6) {
        change_case(s, false);
        change_case(part, false);
    }
    return strstr(s, part) != NULL;
}

static bool has_element(const struct val *v, const char *wanted)
{
    const struct json_sample *j = v->kind == TEXT ? json_of(v->text) : NULL;

    for (size_t i = 0; j && j->is_list && j->elements[i]; i++) {
        if (strcmp(j->elements[i], "null") != 0 && strcmp(j->elements[i], wanted) == 0)
            return true;
    }
    return false;
}

static enum tri joined_truth(const struct node *n, const struct val *row)
{
    enum tri p = truth(n->a, row), q;

    if (n->op == NOT)
        return opposite(p);
    q = truth(n->b, row);
    if (n->op == AND)
        return p == NO || q == NO ? NO : p == YES && q == YES ? YES : UNKNOWN;
    return p == YES || q == YES ? YES : p == NO && q == NO ? NO : UNKNOWN;
}

/* Of a value that is there. */
static enum tri value_truth(const struct node *n, const struct val *a, char *s)
{
    switch ((int)n->op) {
    case LIKE:
        return of(strstr(s, n->text) != NULL);
    case NOT_LIKE:
        return of(strstr(s, n->text) == NULL);
    case MATCH:
        return of(matches(n->choice % 4, s));
    case IN:
        return in_list(a, n->text);
    case NOT_IN:
        return opposite(in_list(a, n->text));
    case CONTAINS:
    case STARTS:
    case ENDS:
        return of(has_part(n, s));
    case HAS:
        return of(has_element(a, n->text));
    default:
        if (a->kind == NUMBER)
            return of(a->number != 0);
        return of(s[0] != '\0' && strcmp(s, "0") != 0 && strcmp(s, "false") != 0);
    }
}

enum tri truth(const struct node *n, const struct val *row)
{
    struct val a, b;
    char s[TEXT_BYTES];
    double x;

    if (n->op >= NOT)
        return joined_truth(n, row);
    a = n->op < VALUES ? value(n, row) : value(n->a, row);
    show(&a, s);
    switch ((int)n->op) {
    case PRESENT:
        return of(a.kind != NONE);
    case EMPTY:
        return of(a.kind == NONE || (a.kind == TEXT && s[0] == '\0'));
    case BLANK:
        return of(a.kind == NONE || (a.kind == TEXT && s[strspn(s, " \t\n\v\f\r")] == '\0'));
    case NUMERIC:
        return of(!a.is_truth && a.kind != NONE && a.kind != TIME && as_number(&a, &x));
    case EQ:
    case NE:
    case LT:
    case LE:
    case GT:
    case GE:
        b = value(n->b, row);
        return compare(n->op, &a, &b);
    case BARE:
        /* A condition in brackets is itself. */
        return a.kind == NONE ? UNKNOWN : value_truth(n, &a, s);
    default:
        return a.kind == NONE ? UNKNOWN : value_truth(n, &a, s);
    }
}
