/* The parser of the query language: tokens to a tree, names still unresolved. */
#ifndef CORE_QUERY_QUERY_PARSE_H
#define CORE_QUERY_QUERY_PARSE_H

#include "core/query/query_lex.h"

struct parser {
    struct lexer lexer;
    struct query *query;
    struct query_error *error;
    struct token token; /* the one that is looked at */
    size_t end;         /* where the one before it ends */
    bool operand;       /* it was read as an operand */
    bool quick;         /* outside parentheses neither arithmetic nor a second comparison */
    unsigned depth;
};

/* Stands before the byte `at` of the query's source. */
void parser_init(struct parser *p, struct query *q, struct query_error *error, size_t at);

/* Looks at the next token. `operand`: an operand may stand there. */
enum err parser_advance(struct parser *p, bool operand) MUST_CHECK;

/* The looked-at token is this word, in any case. */
bool parser_is_word(const struct parser *p, const char *word);

/* "found X, expected Y" at the looked-at token. */
enum err parser_unexpected(struct parser *p, const char *expected);

enum err parse_expr(struct parser *p, struct expr **out) MUST_CHECK;

/* One condition without and, or and not around it, as quick terms hold it. Afterwards the
 * lexer stands behind it. */
enum err parse_condition(struct parser *p, struct expr **out) MUST_CHECK;

#endif
