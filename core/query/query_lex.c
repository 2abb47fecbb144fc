#include "core/query/query_lex.h"

#include <stdlib.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool lexer_is_name_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '@' || (unsigned char)c >= 0x80;
}

/* 0 past the end: no token starts with NUL, so one comparison serves both. */
static char peek(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->text.len ? l->text.ptr[l->at + ahead] : '\0';
}

static bool at_line_start(const struct lexer *l)
{
    size_t i = l->at;

    while (i > 0 && (l->text.ptr[i - 1] == ' ' || l->text.ptr[i - 1] == '\t'))
        i--;
    return i == 0 || l->text.ptr[i - 1] == '\n';
}

void lexer_skip_blank(struct lexer *l)
{
    while (l->at < l->text.len) {
        bool dashes = peek(l, 0) == '-' && peek(l, 1) == '-' && at_line_start(l);

        if (is_blank(l->text.ptr[l->at])) {
            l->at++;
            continue;
        }
        if (l->text.ptr[l->at] != '#' && !dashes)
            return;
        if (dashes)
            query_shim_add(l->query, SHIM_DASHES);
        while (l->at < l->text.len && l->text.ptr[l->at] != '\n')
            l->at++;
    }
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes the escape at `l->at` (a backslash) into `out`. Besides the language's own escapes
 * \xNN gives any byte, so that every value of the evidence can be written. */
static void decode_escape(struct lexer *l, struct buffer *out)
{
    char c = peek(l, 1);
    int high, low;

    l->at += 2;
    switch (c) {
    case 'n':
        buffer_add_char(out, '\n');
        return;
    case 't':
        buffer_add_char(out, '\t');
        return;
    case 'r':
        buffer_add_char(out, '\r');
        return;
    case '"':
    case '\'':
    case '\\':
        buffer_add_char(out, c);
        return;
    case 'x':
        high = hex_digit(peek(l, 0));
        low = high < 0 ? -1 : hex_digit(peek(l, 1));
        if (low >= 0) {
            buffer_add_char(out, (char)(high * 16 + low));
            l->at += 2;
            return;
        }
        break;
    default:
        break;
    }
    /* Any other backslash is kept. */
    buffer_add_char(out, '\\');
    if (l->at <= l->text.len)
        buffer_add_char(out, c);
    else
        l->at = l->text.len;
}

enum err lexer_string(struct lexer *l, struct token *out)
{
    size_t start = l->at;
    char quote = l->text.ptr[l->at++];
    struct buffer decoded = {0};

    while (l->at < l->text.len && l->text.ptr[l->at] != quote) {
        if (l->text.ptr[l->at] == '\\')
            decode_escape(l, &decoded);
        else
            buffer_add_char(&decoded, l->text.ptr[l->at++]);
    }
    if (l->at >= l->text.len) {
        buffer_deinit(&decoded);
        return query_fail(l->query, l->error, start, l->text.len - start,
                          "unterminated string: the closing %c is missing", quote);
    }
    l->at++;
    *out = (struct token){.kind = TOKEN_STRING,
                          .offset = start,
                          .length = l->at - start,
                          .text = arena_copy(&l->query->arena, buffer_bytes(&decoded))};
    buffer_deinit(&decoded);
    return ERR_OK;
}

/* End of the pattern that starts at `from`: the next slash that is not escaped; with `classes`
 * slashes inside [...] do not count. SIZE_MAX when there is none. */
static size_t regex_end(struct bytes text, size_t from, bool classes)
{
    bool inside = false;

    for (size_t i = from; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\\')
            i++;
        else if (classes && c == '[' && !inside)
            inside = true;
        else if (classes && c == ']' && inside)
            inside = false;
        else if (c == '/' && !inside)
            return i;
    }
    return SIZE_MAX;
}

enum err lexer_regex(struct lexer *l, struct token *out)
{
    size_t start = l->at, end = regex_end(l->text, start + 1, true);
    struct buffer pattern = {0};

    if (end == SIZE_MAX)
        end = regex_end(l->text, start + 1, false);
    if (end == SIZE_MAX)
        return query_fail(l->query, l->error, start, l->text.len - start,
                          "unterminated regular expression: the closing / is missing");
    for (size_t i = start + 1; i < end; i++) {
        if (l->text.ptr[i] == '\\' && l->text.ptr[i + 1] == '/')
            continue;
        buffer_add_char(&pattern, l->text.ptr[i]);
        if (l->text.ptr[i] == '\\' && i + 1 < end)
            buffer_add_char(&pattern, l->text.ptr[++i]);
    }
    l->at = end + 1;
    *out = (struct token){.kind = TOKEN_REGEX,
                          .text = arena_copy(&l->query->arena, buffer_bytes(&pattern))};
    buffer_deinit(&pattern);
    while (lexer_is_name_char(peek(l, 0))) {
        if (peek(l, 0) != 'i')
            return query_fail(l->query, l->error, l->at, 1,
                              "unknown flag behind the regular expression: only i (ignore "
                              "case) is known");
        out->caseless = true;
        l->at++;
    }
    out->offset = start;
    out->length = l->at - start;
    return ERR_OK;
}

/* Appends one step in its canonical form: in backticks when it holds other characters. */
static void add_step(struct buffer *out, struct bytes step)
{
    bool plain = step.len > 0;

    for (size_t i = 0; i < step.len; i++)
        plain = plain && lexer_is_name_char(step.ptr[i]);
    if (!plain)
        buffer_add_char(out, '`');
    buffer_add(out, step);
    if (!plain)
        buffer_add_char(out, '`');
}

/* Appends a name whose dots part steps. */
static void add_steps(struct buffer *out, struct bytes name)
{
    while (name.len) {
        size_t dot = bytes_find(name, bytes_of("."));

        if (dot == 0 || dot >= name.len - 1)
            break;
        add_step(out, bytes_slice(name, 0, dot));
        buffer_add_char(out, '.');
        name = bytes_slice(name, dot + 1, name.len);
    }
    add_step(out, name);
}

struct bytes lexer_canonical(struct lexer *l, struct bytes name)
{
    struct buffer made = {0};
    struct bytes kept;

    add_steps(&made, name);
    kept = arena_copy(&l->query->arena, buffer_bytes(&made));
    buffer_deinit(&made);
    return kept;
}

/* A part in backticks. `whole`: nothing else belongs to the name, so its dots part steps. */
static enum err quoted_part(struct lexer *l, struct buffer *out, bool first)
{
    size_t start = l->at++, from = l->at;
    struct bytes inner;
    bool whole;

    while (l->at < l->text.len && l->text.ptr[l->at] != '`')
        l->at++;
    if (l->at >= l->text.len)
        return query_fail(l->query, l->error, start, l->text.len - start,
                          "unterminated name: the closing ` is missing");
    inner = bytes_slice(l->text, from, l->at++);
    if (inner.len == 0)
        return query_fail(l->query, l->error, start, 2, "an empty name");
    whole = first && peek(l, 0) != '.' && peek(l, 0) != '[';
    if (whole)
        add_steps(out, inner);
    else
        add_step(out, inner);
    return ERR_OK;
}

enum err lexer_name(struct lexer *l, struct token *out)
{
    size_t start = l->at;
    struct buffer name = {0};
    bool quoted = peek(l, 0) == '`', first = true;
    enum err err = ERR_OK;

    for (;;) {
        if (peek(l, 0) == '`') {
            err = quoted_part(l, &name, first);
            if (err != ERR_OK)
                break;
        }
        while (lexer_is_name_char(peek(l, 0)))
            buffer_add_char(&name, l->text.ptr[l->at++]);
        first = false;
        if (peek(l, 0) == '[' && is_digit(peek(l, 1))) {
            size_t i = 1;

            while (is_digit(peek(l, i)))
                i++;
            if (peek(l, i) == ']') {
                buffer_add_char(&name, '.');
                buffer_add(&name, bytes_slice(l->text, l->at + 1, l->at + i));
                l->at += i + 1;
                if (peek(l, 0) != '.' && peek(l, 0) != '[')
                    break;
                if (peek(l, 0) == '[')
                    continue;
            }
        }
        if (peek(l, 0) != '.' || !(lexer_is_name_char(peek(l, 1)) || peek(l, 1) == '`'))
            break;
        buffer_add_char(&name, '.');
        l->at++;
    }
    *out = (struct token){.kind = quoted ? TOKEN_QUOTED_NAME : TOKEN_NAME,
                          .offset = start,
                          .length = l->at - start,
                          .text = arena_copy(&l->query->arena, buffer_bytes(&name))};
    buffer_deinit(&name);
    return err;
}

/* How far a value reaches that is written without quotes. */
static size_t bare_length(const struct lexer *l, size_t start)
{
    size_t at = start;

    while (at < l->text.len && at - start < 60 &&
           (lexer_is_name_char(l->text.ptr[at]) || strchr(".:/", l->text.ptr[at])))
        at++;
    return at - start;
}

/* 203.0.113.5 or 2001:db8::1 where a number would stand: points and colons behind it. */
static bool is_bare_address(const struct lexer *l, size_t start)
{
    struct bytes bare = bytes_slice(l->text, start, start + bare_length(l, start));

    return peek(l, 0) == '.' || bytes_find(bare, bytes_of(":")) != SIZE_MAX;
}

static enum err number(struct lexer *l, struct token *out)
{
    size_t start = l->at;
    char digits[64];
    size_t len;

    while (is_digit(peek(l, 0)))
        l->at++;
    if (peek(l, 0) == '.' && is_digit(peek(l, 1))) {
        l->at++;
        while (is_digit(peek(l, 0)))
            l->at++;
    }
    if ((peek(l, 0) == 'e' || peek(l, 0) == 'E') &&
        (is_digit(peek(l, 1)) ||
         ((peek(l, 1) == '-' || peek(l, 1) == '+') && is_digit(peek(l, 2))))) {
        l->at += 2;
        while (is_digit(peek(l, 0)))
            l->at++;
    }
    len = l->at - start;
    if (len >= sizeof digits)
        return query_fail(l->query, l->error, start, len, "a number of over 63 digits");
    memcpy(digits, l->text.ptr + start, len);
    digits[len] = '\0';
    *out =
        (struct token){.kind = TOKEN_NUMBER, .offset = start, .number = strtod(digits, NULL)};
    if (is_bare_address(l, start))
        return query_fail(l->query, l->error, start, bare_length(l, start),
                          "text needs quotes, also when it is an address: \"%.*s\"",
                          (int)bare_length(l, start), l->text.ptr + start);
    if (lexer_is_name_char(peek(l, 0))) {
        out->kind = TOKEN_PERIOD;
        while (lexer_is_name_char(peek(l, 0)))
            l->at++;
    }
    out->length = l->at - start;
    out->text = bytes_slice(l->text, start, l->at);
    return ERR_OK;
}

static enum err comparison(struct lexer *l, struct token *out)
{
    char c = peek(l, 0), next = peek(l, 1);
    size_t length = 1;

    out->kind = TOKEN_COMPARE;
    if (c == '=' && next == '~') {
        out->kind = TOKEN_MATCH;
        length = 2;
    } else if (c == '!' && next == '~') {
        out->kind = TOKEN_NO_MATCH;
        length = 2;
        query_shim_add(l->query, SHIM_NOT_MATCH);
    } else if (c == '=') {
        out->op = OP_EQ;
        if (next == '=') {
            length = 2;
            query_shim_add(l->query, SHIM_EQUAL_EQUAL);
        }
    } else if ((c == '!' && next == '=') || (c == '<' && next == '>')) {
        out->op = OP_NE;
        length = 2;
        if (c == '<')
            query_shim_add(l->query, SHIM_LESS_GREATER);
    } else if (c == '<' || c == '>') {
        length = next == '=' ? 2 : 1;
        if (c == '<')
            out->op = next == '=' ? OP_LE : OP_LT;
        else
            out->op = next == '=' ? OP_GE : OP_GT;
    } else {
        return query_fail(l->query, l->error, l->at, 1,
                          "unexpected !: write `not` before the condition, or != for unequal");
    }
    out->offset = l->at;
    out->length = length;
    l->at += length;
    return ERR_OK;
}

static bool punctuation(char c, struct token *out)
{
    static const struct {
        char c;
        enum token_kind kind;
        enum expr_op op;
    } signs[] = {
        {'|', TOKEN_PIPE,       OP_EQ },
        {',', TOKEN_COMMA,      OP_EQ },
        {'(', TOKEN_OPEN,       OP_EQ },
        {')', TOKEN_CLOSE,      OP_EQ },
        {'[', TOKEN_OPEN_LIST,  OP_EQ },
        {']', TOKEN_CLOSE_LIST, OP_EQ },
        {'+', TOKEN_ARITH,      OP_ADD},
        {'-', TOKEN_ARITH,      OP_SUB},
        {'*', TOKEN_ARITH,      OP_MUL},
        {'/', TOKEN_ARITH,      OP_DIV},
        {'%', TOKEN_ARITH,      OP_MOD},
        {'^', TOKEN_ARITH,      OP_POW},
    };

    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (signs[i].c == c) {
            out->kind = signs[i].kind;
            out->op = signs[i].op;
            return true;
        }
    }
    return false;
}

/* What a sign that the language does not have was meant to be. */
static enum err fail_sign(struct lexer *l)
{
    static const struct {
        const char *sign, *hint;
    } slips[] = {
        {"&&",           "&& is written and"                                               },
 /* Typographic quotes come with text from documents and chats. */
        {"\xe2\x80\x98", "text stands between plain quotes, \" or '"                       },
        {"\xe2\x80\x99", "text stands between plain quotes, \" or '"                       },
        {"\xe2\x80\x9c", "text stands between plain quotes, \" or '"                       },
        {"\xe2\x80\x9d", "text stands between plain quotes, \" or '"                       },
        {".",
         "a step of a path needs a name or number: a path with other signs needs backticks"},
    };
    struct bytes rest = bytes_slice(l->text, l->at, l->text.len);
    unsigned char c = (unsigned char)rest.ptr[0];

    for (size_t i = 0; i < ARRAY_LEN(slips); i++) {
        if (bytes_starts(rest, slips[i].sign))
            return query_fail(l->query, l->error, l->at, strlen(slips[i].sign), "%s",
                              slips[i].hint);
    }
    if (c >= 0x20 && c < 0x7f)
        return query_fail(l->query, l->error, l->at, 1,
                          "unexpected %c: text needs quotes, names with other signs than "
                          "letters, digits, _ @ and . need backticks",
                          c);
    return query_fail(l->query, l->error, l->at, 1, "unexpected byte %02x", c);
}

static bool is_typographic_quote(const struct lexer *l)
{
    struct bytes sign = bytes_slice(l->text, l->at, l->at + 3);

    return bytes_are(sign, "\xe2\x80\x98") || bytes_are(sign, "\xe2\x80\x99") ||
           bytes_are(sign, "\xe2\x80\x9c") || bytes_are(sign, "\xe2\x80\x9d");
}

enum err lexer_next(struct lexer *l, bool operand, struct token *out)
{
    struct placeholder waiting;
    char c;

    lexer_skip_blank(l);
    *out = (struct token){.kind = TOKEN_END, .offset = l->at};
    if (l->at >= l->text.len)
        return ERR_OK;
    c = peek(l, 0);
    if (operand && c == '<' && placeholder_at(l->text, l->at, &waiting))
        return query_fail_placeholder(l->query, l->error, &waiting);
    if (c == '"' || c == '\'')
        return lexer_string(l, out);
    if (c == '/' && operand) {
        TRY(lexer_regex(l, out));
        if (out->caseless)
            query_shim_add(l->query, SHIM_PATTERN_FLAG);
        return ERR_OK;
    }
    if (is_digit(c))
        return number(l, out);
    if (is_typographic_quote(l))
        return fail_sign(l);
    if (lexer_is_name_char(c) || c == '`')
        return lexer_name(l, out);
    if (c == '=' || c == '!' || c == '<' || c == '>')
        return comparison(l, out);
    if (punctuation(c, out)) {
        out->length = 1;
        l->at++;
        return ERR_OK;
    }
    return fail_sign(l);
}
