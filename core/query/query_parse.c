#include "core/query/query_parse.h"

#include <stdio.h>

#include "core/query/query_names.h"

void parser_init(struct parser *p, struct query *q, struct query_error *error, size_t at)
{
    *p = (struct parser){.query = q, .error = error};
    p->lexer = (struct lexer){.query = q, .error = error, .text = q->source, .at = at};
}

static bool is_quick(const struct parser *p)
{
    return p->quick && p->depth == 0;
}

enum err parser_advance(struct parser *p, bool operand)
{
    size_t at = p->lexer.at;
    enum err err = lexer_next(&p->lexer, operand, &p->token);

    p->end = at;
    p->operand = operand;
    /* What follows a condition among quick terms need not be a token of the language. */
    if (err != ERR_OK && is_quick(p) && !operand) {
        buffer_clear(&p->error->message);
        p->lexer.at = at;
        p->token = (struct token){.kind = TOKEN_END, .offset = at};
        return ERR_OK;
    }
    return err;
}

/* The token again, now that an operand is known to stand there: / may start a pattern. */
static enum err as_operand(struct parser *p)
{
    if (p->operand || p->token.kind != TOKEN_ARITH || p->token.op != OP_DIV)
        return ERR_OK;
    p->lexer.at = p->token.offset;
    return parser_advance(p, true);
}

bool parser_is_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_NAME && bytes_equal_nocase(p->token.text, bytes_of(word));
}

static bool is_op(const struct parser *p, enum token_kind kind, enum expr_op op)
{
    return p->token.kind == kind && p->token.op == op;
}

/* "found X, expected Y" with a hint for known slips. */
enum err parser_unexpected(struct parser *p, const char *expected)
{
    const struct token *t = &p->token;
    struct bytes found = bytes_slice(p->query->source, t->offset, t->offset + t->length);
    const char *hint = "";

    if (found.len > 60)
        found.len = 60;
    if (t->kind == TOKEN_END)
        return query_fail(p->query, p->error, t->offset, 0, "the query ends here, expected %s",
                          expected);
    if (parser_is_word(p, "group") || parser_is_word(p, "select") ||
        parser_is_word(p, "having") || parser_is_word(p, "from"))
        hint = " (no SQL here: stats ... by ... groups, filter selects)";
    else if (parser_is_word(p, "between"))
        hint = " (write a >= 1 and a <= 9)";
    else if (parser_is_word(p, "is"))
        hint = " (write ispresent(field) or not ispresent(field))";
    else if (parser_is_word(p, "when") || parser_is_word(p, "then"))
        hint = " (write case(condition, value, ..., otherwise))";
    else if (t->kind == TOKEN_NAME || t->kind == TOKEN_NUMBER)
        hint = " (text needs quotes, a name with signs like - or : needs backticks)";
    return query_fail(p->query, p->error, t->offset, t->length, "found %.*s, expected %s%s",
                      (int)found.len, found.ptr, expected, hint);
}

static enum err expect(struct parser *p, enum token_kind kind, const char *what, bool operand)
{
    if (p->token.kind != kind)
        return parser_unexpected(p, what);
    return parser_advance(p, operand);
}

static enum err guard_size(struct parser *p, const struct expr *e)
{
    if (e->depth > QUERY_MAX_DEPTH || p->depth > QUERY_MAX_DEPTH)
        return query_fail(p->query, p->error, e->offset, 1, "nested too deep (over %d levels)",
                          QUERY_MAX_DEPTH);
    return ERR_OK;
}

static enum err parse_list(struct parser *p, enum token_kind close, const char *what,
                           struct expr *list)
{
    while (p->token.kind != close) {
        struct expr *item;

        TRY(parse_expr(p, &item));
        expr_add(p->query, list, item);
        TRY(guard_size(p, list));
        if (p->token.kind == TOKEN_COMMA) {
            TRY(parser_advance(p, true));
            continue;
        }
        if (p->token.kind != close)
            return parser_unexpected(p, what);
    }
    list->length = p->token.offset + p->token.length - list->offset;
    return parser_advance(p, false);
}

static enum err parse_call(struct parser *p, const struct token *name, struct expr **out)
{
    struct expr *call = expr_new(p->query, EXPR_CALL, name->offset, name->length);
    const char *notice;

    call->text = name->text;
    if (function_find(name->text, &notice) && notice)
        query_notice_add(p->query, "%s", notice);
    TRY(parser_advance(p, true)); /* the parenthesis */
    if (is_op(p, TOKEN_ARITH, OP_MUL)) {
        expr_add(p->query, call, expr_new(p->query, EXPR_STAR, p->token.offset, 1));
        TRY(parser_advance(p, false));
        if (p->token.kind != TOKEN_CLOSE)
            return parser_unexpected(p, ")");
    }
    *out = call;
    return parse_list(p, TOKEN_CLOSE, ", or )", call);
}

static enum err parse_name(struct parser *p, struct expr **out)
{
    struct token name = p->token;
    struct expr *e;

    TRY(parser_advance(p, false));
    if (p->token.kind == TOKEN_OPEN && name.kind == TOKEN_NAME)
        return parse_call(p, &name, out);
    if (name.kind == TOKEN_NAME && (bytes_equal_nocase(name.text, bytes_of("true")) ||
                                    bytes_equal_nocase(name.text, bytes_of("false")))) {
        e = expr_new(p->query, EXPR_BOOL, name.offset, name.length);
        e->number = bytes_equal_nocase(name.text, bytes_of("true"));
    } else {
        e = expr_new(p->query, EXPR_NAME, name.offset, name.length);
        e->text = name.text;
        e->is_quoted = name.kind == TOKEN_QUOTED_NAME;
    }
    *out = e;
    return ERR_OK;
}

static enum err parse_literal(struct parser *p, enum expr_kind kind, struct expr **out)
{
    struct expr *e = expr_new(p->query, kind, p->token.offset, p->token.length);

    e->text = p->token.text;
    e->number = p->token.number;
    e->caseless = p->token.caseless;
    *out = e;
    return parser_advance(p, false);
}

static enum err parse_primary(struct parser *p, struct expr **out)
{
    size_t offset = p->token.offset;

    TRY(as_operand(p));
    switch (p->token.kind) {
    case TOKEN_NAME:
    case TOKEN_QUOTED_NAME:
        return parse_name(p, out);
    case TOKEN_STRING:
        return parse_literal(p, EXPR_STRING, out);
    case TOKEN_NUMBER:
        return parse_literal(p, EXPR_NUMBER, out);
    case TOKEN_PERIOD:
        return parse_literal(p, EXPR_PERIOD, out);
    case TOKEN_REGEX:
        return parse_literal(p, EXPR_REGEX, out);
    case TOKEN_OPEN_LIST:
        *out = expr_new(p->query, EXPR_LIST, offset, 1);
        TRY(parser_advance(p, true));
        return parse_list(p, TOKEN_CLOSE_LIST, ", or ]", *out);
    case TOKEN_OPEN:
        if (++p->depth > QUERY_MAX_DEPTH)
            return query_fail(p->query, p->error, offset, 1, "nested too deep (over %d levels)",
                              QUERY_MAX_DEPTH);
        TRY(parser_advance(p, true));
        TRY(parse_expr(p, out));
        p->depth--;
        return expect(p, TOKEN_CLOSE, ")", false);
    case TOKEN_END:
    case TOKEN_PIPE:
    case TOKEN_COMMA:
    case TOKEN_CLOSE:
    case TOKEN_CLOSE_LIST:
    case TOKEN_COMPARE:
    case TOKEN_MATCH:
    case TOKEN_NO_MATCH:
    case TOKEN_ARITH:
        break;
    }
    return parser_unexpected(p, "a field, a value or a function");
}

static enum err parse_unary(struct parser *p, struct expr **out);

static enum err parse_power(struct parser *p, struct expr **out)
{
    TRY(parse_primary(p, out));
    if (is_op(p, TOKEN_ARITH, OP_POW)) {
        struct expr *right;

        TRY(parser_advance(p, true));
        TRY(parse_unary(p, &right));
        *out = expr_with(p->query, EXPR_ARITH, OP_POW, *out, right);
        return guard_size(p, *out);
    }
    return ERR_OK;
}

static enum err parse_unary(struct parser *p, struct expr **out)
{
    size_t offset = p->token.offset;

    if (!is_op(p, TOKEN_ARITH, OP_SUB))
        return parse_power(p, out);
    if (++p->depth > QUERY_MAX_DEPTH)
        return query_fail(p->query, p->error, offset, 1, "nested too deep (over %d levels)",
                          QUERY_MAX_DEPTH);
    TRY(parser_advance(p, true));
    TRY(parse_unary(p, out));
    p->depth--;
    *out = expr_with(p->query, EXPR_NEGATE, OP_SUB, *out, NULL);
    (*out)->length += (*out)->offset - offset;
    (*out)->offset = offset;
    return guard_size(p, *out);
}

static enum err parse_product(struct parser *p, struct expr **out)
{
    TRY(parse_unary(p, out));
    while (p->token.kind == TOKEN_ARITH && p->token.op >= OP_MUL && p->token.op <= OP_MOD) {
        enum expr_op op = p->token.op;
        struct expr *right;

        TRY(parser_advance(p, true));
        TRY(parse_unary(p, &right));
        *out = expr_with(p->query, EXPR_ARITH, op, *out, right);
        TRY(guard_size(p, *out));
    }
    return ERR_OK;
}

static enum err parse_sum(struct parser *p, struct expr **out)
{
    TRY(parse_product(p, out));
    while (is_op(p, TOKEN_ARITH, OP_ADD) || is_op(p, TOKEN_ARITH, OP_SUB)) {
        enum expr_op op = p->token.op;
        struct expr *right;

        TRY(parser_advance(p, true));
        TRY(parse_product(p, &right));
        *out = expr_with(p->query, EXPR_ARITH, op, *out, right);
        TRY(guard_size(p, *out));
    }
    return ERR_OK;
}

static struct expr *negated(struct parser *p, struct expr *e, bool negate)
{
    return negate ? expr_with(p->query, EXPR_NOT, OP_EQ, e, NULL) : e;
}

static bool ends_path(char c)
{
    return strchr(" \t\r\n|),", c) != NULL;
}

/* `@path` or `@"path"` behind in: the lines of a file. The lexer stands at the @. */
static enum err parse_file_list(struct parser *p, const struct expr *name, struct expr **out)
{
    struct lexer *l = &p->lexer;
    size_t from = l->at++, end = l->at;
    struct buffer message = {0}, path = {0};
    struct token token = {0};
    enum err err = ERR_OK;

    if (end < l->text.len && l->text.ptr[end] == '"') {
        TRY(lexer_string(l, &token));
    } else {
        while (end < l->text.len && !ends_path(l->text.ptr[end]))
            end++;
        token.text = bytes_slice(l->text, l->at, end);
        l->at = end;
    }
    *out = expr_new(p->query, EXPR_LIST, from, l->at - from);
    buffer_add(&path, token.text);
    if (!p->query->options.reads_lists)
        err = query_fail(p->query, p->error, from, l->at - from,
                         "lists of indicators cannot be read here");
    else if (token.text.len == 0 || memchr(token.text.ptr, '\0', token.text.len))
        err = query_fail(p->query, p->error, from, l->at - from,
                         "expected the name of a file behind @");
    else if (indicators_read(buffer_cstr(&path), &(*out)->indicators, &message) != ERR_OK)
        err = query_fail(p->query, p->error, from, l->at - from, "%.*s: %.*s",
                         (int)(path.len < 200 ? path.len : 200), path.ptr, (int)message.len,
                         message.ptr);
    else
        query_own_list(p->query, (*out)->indicators, name);
    buffer_deinit(&path);
    buffer_deinit(&message);
    return err != ERR_OK ? err : parser_advance(p, false);
}

static enum err parse_in(struct parser *p, struct expr **out, bool negate)
{
    struct expr *list;
    size_t offset;

    lexer_skip_blank(&p->lexer);
    if (p->lexer.at < p->lexer.text.len && p->lexer.text.ptr[p->lexer.at] == '@') {
        TRY(parse_file_list(p, *out, &list));
        *out = negated(p, expr_with(p->query, EXPR_IN, OP_EQ, *out, list), negate);
        return ERR_OK;
    }
    TRY(parser_advance(p, true));
    offset = p->token.offset;
    if (p->token.kind == TOKEN_OPEN) {
        query_shim_add(p->query, SHIM_ROUND_LIST);
        list = expr_new(p->query, EXPR_LIST, offset, 1);
        TRY(parser_advance(p, true));
        TRY(parse_list(p, TOKEN_CLOSE, ", or )", list));
    } else if (p->token.kind == TOKEN_OPEN_LIST) {
        TRY(parse_primary(p, &list));
    } else {
        return parser_unexpected(p, "a list [\"a\", \"b\"] or a file of lines, @path");
    }
    *out = negated(p, expr_with(p->query, EXPR_IN, OP_EQ, *out, list), negate);
    return ERR_OK;
}

/* One side of a comparison. */
static enum err parse_side(struct parser *p, struct expr **out)
{
    return is_quick(p) ? parse_primary(p, out) : parse_sum(p, out);
}

static enum err parse_like(struct parser *p, struct expr **out, bool negate)
{
    struct expr *right;

    TRY(parser_advance(p, true));
    TRY(parse_side(p, &right));
    *out = negated(p, expr_with(p->query, EXPR_LIKE, OP_EQ, *out, right), negate);
    return ERR_OK;
}

/* Postfix `exists`, met in AWS playbooks: read as ispresent(). */
static enum err parse_exists(struct parser *p, struct expr **out, bool negate)
{
    struct expr *call = expr_new(p->query, EXPR_CALL, (*out)->offset,
                                 p->token.offset + p->token.length - (*out)->offset);

    query_shim_add(p->query, SHIM_EXISTS);
    call->text = bytes_of("ispresent");
    expr_add(p->query, call, *out);
    *out = negated(p, call, negate);
    return parser_advance(p, false);
}

/* `not` in front of like, in or exists; among quick terms it may belong to the next term. */
static enum err parse_infix_not(struct parser *p, bool *negate)
{
    struct parser before = *p;

    *negate = parser_is_word(p, "not");
    if (!*negate)
        return ERR_OK;
    TRY(parser_advance(p, false));
    if (parser_is_word(p, "like") || parser_is_word(p, "in") || parser_is_word(p, "exists"))
        return ERR_OK;
    if (!is_quick(p))
        return parser_unexpected(p, "like, in or exists behind not");
    *p = before;
    *negate = false;
    return ERR_OK;
}

static enum err parse_one_comparison(struct parser *p, struct expr **out, bool *found)
{
    enum expr_op op = p->token.op;
    struct expr *right;
    bool negate;

    *found = true;
    if (p->token.kind == TOKEN_COMPARE) {
        TRY(parser_advance(p, true));
        TRY(parse_side(p, &right));
        *out = expr_with(p->query, EXPR_COMPARE, op, *out, right);
        return ERR_OK;
    }
    if (p->token.kind == TOKEN_MATCH || p->token.kind == TOKEN_NO_MATCH)
        return parse_like(p, out, p->token.kind == TOKEN_NO_MATCH);
    TRY(parse_infix_not(p, &negate));
    if (parser_is_word(p, "like"))
        return parse_like(p, out, negate);
    if (parser_is_word(p, "in"))
        return parse_in(p, out, negate);
    if (parser_is_word(p, "exists"))
        return parse_exists(p, out, negate);
    *found = false;
    return ERR_OK;
}

static enum err parse_comparison(struct parser *p, struct expr **out)
{
    bool found = true;

    TRY(parse_side(p, out));
    while (found) {
        TRY(parse_one_comparison(p, out, &found));
        TRY(guard_size(p, *out));
        if (is_quick(p))
            return ERR_OK;
    }
    return ERR_OK;
}

static enum err parse_not(struct parser *p, struct expr **out)
{
    size_t offset = p->token.offset;

    if (!parser_is_word(p, "not"))
        return parse_comparison(p, out);
    if (++p->depth > QUERY_MAX_DEPTH)
        return query_fail(p->query, p->error, offset, 3, "nested too deep (over %d levels)",
                          QUERY_MAX_DEPTH);
    TRY(parser_advance(p, true));
    TRY(parse_not(p, out));
    p->depth--;
    *out = expr_with(p->query, EXPR_NOT, OP_EQ, *out, NULL);
    (*out)->length += (*out)->offset - offset;
    (*out)->offset = offset;
    return guard_size(p, *out);
}

static enum err parse_and(struct parser *p, struct expr **out)
{
    TRY(parse_not(p, out));
    if (!parser_is_word(p, "and"))
        return ERR_OK;
    *out = expr_with(p->query, EXPR_AND, OP_EQ, *out, NULL);
    while (parser_is_word(p, "and")) {
        struct expr *right;

        TRY(parser_advance(p, true));
        TRY(parse_not(p, &right));
        expr_add(p->query, *out, right);
        (*out)->length = right->offset + right->length - (*out)->offset;
    }
    return guard_size(p, *out);
}

enum err parse_expr(struct parser *p, struct expr **out)
{
    if (++p->depth > QUERY_MAX_DEPTH)
        return query_fail(p->query, p->error, p->token.offset, 1,
                          "nested too deep (over %d levels)", QUERY_MAX_DEPTH);
    TRY(parse_and(p, out));
    if (parser_is_word(p, "or")) {
        *out = expr_with(p->query, EXPR_OR, OP_EQ, *out, NULL);
        while (parser_is_word(p, "or")) {
            struct expr *right;

            TRY(parser_advance(p, true));
            TRY(parse_and(p, &right));
            expr_add(p->query, *out, right);
            (*out)->length = right->offset + right->length - (*out)->offset;
        }
    }
    p->depth--;
    return guard_size(p, *out);
}

enum err parse_condition(struct parser *p, struct expr **out)
{
    p->quick = true;
    TRY(parser_advance(p, true));
    TRY(parse_comparison(p, out));
    p->lexer.at = p->token.offset;
    return ERR_OK;
}
