/* Tokens of the query language. */
#ifndef CORE_QUERY_QUERY_LEX_H
#define CORE_QUERY_QUERY_LEX_H

#include "core/query/query_tree.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_QUOTED_NAME, /* in backticks: never a keyword or a function */
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_PERIOD, /* 5m, 1hr */
    TOKEN_REGEX,
    TOKEN_PIPE,
    TOKEN_COMMA,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_LIST,
    TOKEN_CLOSE_LIST,
    TOKEN_COMPARE,  /* op: = != < <= > >= */
    TOKEN_MATCH,    /* =~ */
    TOKEN_NO_MATCH, /* !~ */
    TOKEN_ARITH,    /* op: + - * / % ^ */
};

struct token {
    enum token_kind kind;
    enum expr_op op;
    bool caseless;         /* regex */
    size_t offset, length; /* in the text */
    struct bytes text;     /* name, decoded string, pattern, digits; in the query's arena */
    double number;
};

struct lexer {
    struct query *query; /* arena and notices */
    struct query_error *error;
    struct bytes text;
    size_t at;
};

/* The next token. `operand`: an operand may stand here, so `/` starts a regular expression. */
enum err lexer_next(struct lexer *l, bool operand, struct token *out) MUST_CHECK;

/* Passes blanks and comments. */
void lexer_skip_blank(struct lexer *l);

/* The string whose quote stands at `l->at`. */
enum err lexer_string(struct lexer *l, struct token *out) MUST_CHECK;

/* The regular expression whose slash stands at `l->at`, its flags included. */
enum err lexer_regex(struct lexer *l, struct token *out) MUST_CHECK;

/* The name at `l->at`, backticks and array positions included. */
enum err lexer_name(struct lexer *l, struct token *out) MUST_CHECK;

/* A name of one word as names are written in the tree: in backticks when it holds other signs.
 */
struct bytes lexer_canonical(struct lexer *l, struct bytes name);

/* Characters of names: letters, digits, _ @ and all beyond ASCII. */
bool lexer_is_name_char(char c);

#endif
