#include "core/query/query_write.h"

#include "core/base/utf8.h"

void write_string(struct buffer *out, struct bytes text)
{
    buffer_add_char(out, '"');
    while (text.len) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);

        if (code == '"' || code == '\\')
            buffer_printf(out, "\\%c", (char)code);
        else if (code == '\n')
            buffer_add_text(out, "\\n");
        else if (code == '\t')
            buffer_add_text(out, "\\t");
        else if (code == '\r')
            buffer_add_text(out, "\\r");
        else if (code == UTF8_INVALID || code < 0x20 || code == 0x7f ||
                 bytes_starts(text, "{{")) /* no placeholder */
            buffer_printf(out, "\\x%02x", (unsigned char)text.ptr[0]);
        else
            buffer_add(out, bytes_slice(text, 0, used));
        text = bytes_slice(text, used, text.len);
    }
    buffer_add_char(out, '"');
}

static void write_regex(struct buffer *out, const struct expr *e)
{
    buffer_add_char(out, '/');
    if (e->caseless)
        buffer_add_text(out, "(?i)");
    for (size_t i = 0; i < e->text.len; i++) {
        if (e->text.ptr[i] == '\\' && i + 1 < e->text.len)
            buffer_add_char(out, e->text.ptr[i++]);
        else if (e->text.ptr[i] == '/')
            buffer_add_char(out, '\\');
        buffer_add_char(out, e->text.ptr[i]);
    }
    buffer_add_char(out, '/');
}

static const char *op_text(enum expr_op op)
{
    static const char *const signs[] = {
        "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "^"};

    return signs[op];
}

/* How tightly an expression binds: higher binds tighter, see the grammar. */
static int level(const struct expr *e)
{
    switch (e->kind) {
    case EXPR_OR:
        return e->n_args > 1 ? 1 : level(e->args[0]);
    case EXPR_AND:
        return e->n_args > 1 ? 2 : level(e->args[0]);
    case EXPR_NOT:
        /* `a not like b` is a comparison to whoever looks at it from outside. */
        return e->args[0]->kind == EXPR_LIKE || e->args[0]->kind == EXPR_IN ? 4 : 3;
    case EXPR_COMPARE:
    case EXPR_LIKE:
    case EXPR_IN:
        return 4;
    case EXPR_ARITH:
        if (e->op == OP_POW)
            return 8;
        return e->op == OP_ADD || e->op == OP_SUB ? 5 : 6;
    case EXPR_NEGATE:
        return 7;
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
        break;
    }
    return 9;
}

static void write_at(struct buffer *out, const struct expr *e, int least)
{
    bool open = level(e) < least;

    if (open)
        buffer_add_char(out, '(');
    write_expr(out, e);
    if (open)
        buffer_add_char(out, ')');
}

static void write_joined(struct buffer *out, const struct expr *e, const char *between,
                         int least)
{
    for (size_t i = 0; i < e->n_args; i++) {
        if (i)
            buffer_add_text(out, between);
        write_at(out, e->args[i], least);
    }
}

static void write_pair(struct buffer *out, const struct expr *e, const char *between, int left,
                       int right)
{
    write_at(out, e->args[0], left);
    buffer_add_text(out, between);
    write_at(out, e->args[1], right);
}

static void write_infix(struct buffer *out, const struct expr *e)
{
    int own = level(e), left = own, right = own + 1;

    if (e->kind == EXPR_COMPARE)
        left = right = 5;
    else if (e->op == OP_POW)
        left = 9;
    right = e->op == OP_POW ? 7 : right;
    write_at(out, e->args[0], left);
    buffer_printf(out, " %s ", op_text(e->op));
    write_at(out, e->args[1], right);
}

static void write_not(struct buffer *out, const struct expr *e)
{
    const struct expr *inner = e->args[0];

    if (inner->kind == EXPR_LIKE) {
        write_pair(out, inner, " not like ", 5, 5);
    } else if (inner->kind == EXPR_IN) {
        write_pair(out, inner, " not in ", 5, 5);
    } else {
        buffer_add_text(out, "not ");
        write_at(out, inner, 3);
    }
}

static void write_time(struct buffer *out, int64_t at_us)
{
    buffer_add_char(out, '"');
    instant_add(out, at_us, INSTANT_ISO, 0);
    buffer_add_char(out, '"');
}

/* A first step that would read as a word of the language or as a number stands in backticks,
 * and what stood so and might be taken for a slip. */
static void write_name(struct buffer *out, const struct expr *e)
{
    static const char *const words[] = {"not", "and",    "or",   "like",  "in",  "as",
                                        "by",  "exists", "true", "false", "asc", "desc"};
    struct bytes name = e->text;
    size_t end = bytes_find(name, bytes_of("."));
    struct bytes first = bytes_slice(name, 0, end);
    bool quote = first.len && first.ptr[0] >= '0' && first.ptr[0] <= '9';

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        quote = quote || bytes_equal_nocase(first, bytes_of(words[i]));
    if (!quote && !e->is_quoted) {
        buffer_add(out, name);
        return;
    }
    /* Dots inside backticks part steps when nothing stands beside them. */
    if (bytes_find(name, bytes_of("`")) == SIZE_MAX) {
        first = name;
    } else if (!quote) {
        buffer_add(out, name);
        return;
    }
    buffer_add_char(out, '`');
    buffer_add(out, first);
    buffer_add_char(out, '`');
    buffer_add(out, bytes_slice(name, first.len, name.len));
}

void write_expr(struct buffer *out, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_STRING:
        write_string(out, e->text);
        break;
    case EXPR_NAME:
        write_name(out, e);
        break;
    case EXPR_NUMBER:
    case EXPR_PERIOD:
        buffer_add(out, e->text);
        break;
    case EXPR_REGEX:
        write_regex(out, e);
        break;
    case EXPR_BOOL:
        buffer_add_text(out, e->number != 0 ? "true" : "false");
        break;
    case EXPR_TIME:
        write_time(out, e->time_us);
        break;
    case EXPR_LIST:
        if (e->indicators) {
            buffer_add_char(out, '@');
            write_string(out, indicators_name(e->indicators));
            break;
        }
        buffer_add_char(out, '[');
        write_joined(out, e, ", ", 0);
        buffer_add_char(out, ']');
        break;
    case EXPR_CALL:
        buffer_add(out, e->text);
        buffer_add_char(out, '(');
        write_joined(out, e, ", ", 0);
        buffer_add_char(out, ')');
        break;
    case EXPR_STAR:
        buffer_add_char(out, '*');
        break;
    case EXPR_NEGATE:
        buffer_add_char(out, '-');
        write_at(out, e->args[0], 7);
        break;
    case EXPR_ARITH:
    case EXPR_COMPARE:
        write_infix(out, e);
        break;
    case EXPR_LIKE:
        write_pair(out, e, " like ", 5, 5);
        break;
    case EXPR_IN:
        write_pair(out, e, " in ", 5, 5);
        break;
    case EXPR_NOT:
        write_not(out, e);
        break;
    case EXPR_AND:
        write_joined(out, e, " and ", 3);
        break;
    case EXPR_OR:
        write_joined(out, e, " or ", 2);
        break;
    }
}

static void write_items(struct buffer *out, const struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            buffer_add_text(out, ", ");
        if (items[i].expr)
            write_expr(out, items[i].expr);
        if (items[i].has_alias) {
            buffer_add_text(out, items[i].expr ? " as " : "");
            buffer_add(out, items[i].key);
        }
        if (items[i].descending)
            buffer_add_text(out, " desc");
    }
}

static void write_parse(struct buffer *out, const struct command *c)
{
    buffer_add_text(out, "parse ");
    if (c->expr) {
        write_expr(out, c->expr);
        buffer_add_char(out, ' ');
    }
    write_expr(out, c->pattern);
    if (c->pattern->kind == EXPR_STRING && c->n_items) {
        buffer_add_text(out, " as ");
        write_items(out, c->items, c->n_items);
    }
}

static void write_unnest(struct buffer *out, const struct command *c)
{
    write_expr(out, c->expr);
    buffer_add_text(out, " into ");
    buffer_add(out, c->items[0].key);
}

static void write_command(struct buffer *out, const struct command *c)
{
    static const char *const names[] = {"fields ", "display ", "filter ", "stats ", "sort ",
                                        "limit ",  "dedup ",   "parse ",  "unnest "};

    if (c->kind == COMMAND_PARSE) {
        write_parse(out, c);
        return;
    }
    buffer_add_text(out, names[c->kind]);
    if (c->kind == COMMAND_LIMIT)
        buffer_printf(out, "%llu", (unsigned long long)c->limit);
    else if (c->kind == COMMAND_FILTER)
        write_expr(out, c->expr);
    else if (c->kind == COMMAND_UNNEST)
        write_unnest(out, c);
    else
        write_items(out, c->items, c->n_items);
    if (c->n_by) {
        buffer_add_text(out, " by ");
        write_items(out, c->by, c->n_by);
    }
}

void write_commands(struct buffer *out, const struct query *q)
{
    for (size_t i = 0; i < q->n_commands; i++) {
        if (i)
            buffer_add_text(out, " | ");
        write_command(out, q->commands[i]);
    }
}

void query_write_path_term(struct buffer *out, struct bytes path, enum value_state state,
                           struct bytes value, bool negated)
{
    const char *test = state == VALUE_ABSENT     ? "isabsent"
                       : state == VALUE_NULL     ? "isnull"
                       : state == VALUE_REDACTED ? "isredacted"
                                                 : NULL;

    if (negated)
        buffer_add_text(out, "not ");
    if (test) {
        buffer_printf(out, "%s(", test);
        buffer_add(out, path);
        buffer_add_char(out, ')');
        return;
    }
    buffer_add(out, path);
    buffer_add_text(out, " = ");
    write_string(out, state == VALUE_EMPTY ? bytes_of("") : value);
}

void query_write_term(struct buffer *out, enum field_id field, enum value_state state,
                      struct bytes value, bool negated)
{
    query_write_path_term(out, bytes_of(field_get(field)->name), state, value, negated);
}
