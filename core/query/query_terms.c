#include "core/query/query_terms.h"

#include "core/query/address.h"
#include "core/query/query_names.h"
#include "core/query/query_quick.h"

static char char_at(const struct terms *t, size_t at)
{
    return at < t->lexer.text.len ? t->lexer.text.ptr[at] : '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_value(const struct terms *t, size_t at)
{
    char c = char_at(t, at);

    return at >= t->lexer.text.len || is_blank(c) || c == ')' || c == '|';
}

static void skip_blank(struct terms *t)
{
    while (t->lexer.at < t->lexer.text.len && is_blank(t->lexer.text.ptr[t->lexer.at]))
        t->lexer.at++;
}

/* One value behind `field:`, quoted or bare; a bare one ends at a comma too. */
static enum err read_value(struct terms *t, bool list, struct bytes *out, bool *quoted)
{
    size_t from = t->lexer.at;
    char c = char_at(t, from);

    *quoted = c == '"' || c == '\'';
    if (*quoted) {
        struct token token;

        TRY(lexer_string(&t->lexer, &token));
        *out = token.text;
        return ERR_OK;
    }
    while (!ends_value(t, t->lexer.at) && !(list && char_at(t, t->lexer.at) == ','))
        t->lexer.at++;
    *out = bytes_slice(t->lexer.text, from, t->lexer.at);
    return ERR_OK;
}

static bool read_order(struct terms *t, enum expr_op *op)
{
    char c = char_at(t, t->lexer.at);
    bool equal = char_at(t, t->lexer.at + 1) == '=';

    if (c != '<' && c != '>')
        return false;
    if (c == '<')
        *op = equal ? OP_LE : OP_LT;
    else
        *op = equal ? OP_GE : OP_GT;
    t->lexer.at += equal ? 2 : 1;
    return true;
}

static enum err regex_term(struct terms *t, struct bytes name, size_t from, struct expr **out)
{
    struct token token;
    struct expr *regex;

    TRY(lexer_regex(&t->lexer, &token));
    regex = expr_new(t->query, EXPR_REGEX, token.offset, token.length);
    regex->text = token.text;
    regex->caseless = token.caseless;
    *out = expr_with(t->query, EXPR_LIKE, OP_EQ, quick_name(t, name, from), regex);
    return ERR_OK;
}

/* An address or network that cannot be would match nothing, without a word about it. */
static enum err check_network(struct terms *t, struct bytes text, size_t at)
{
    struct subnet subnet;

    if (subnet_parse(text, &subnet) || !subnet_is_meant(text))
        return ERR_OK;
    return query_fail(t->query, t->error, at, text.len,
                      "no address or network: %.*s (write 203.0.113.7, 203.0.113.0/24 or "
                      "2001:db8::/32)",
                      (int)(text.len < 60 ? text.len : 60), text.ptr);
}

/* What follows `<`, `>`, `<=`, `>=`. */
static enum err order_term(struct terms *t, struct bytes name, enum expr_op op, size_t from,
                           struct expr **out)
{
    size_t at;
    struct bytes value;
    bool quoted, is_time = bytes_are(name, "time") || bytes_are(name, "@timestamp");

    skip_blank(t);
    at = t->lexer.at;
    TRY(read_value(t, false, &value, &quoted));
    if (value.len == 0)
        return query_fail(t->query, t->error, t->lexer.at, 1,
                          "expected a value to compare with");
    if (is_time)
        return times_compare(t, op, value, at, out);
    if (bytes_are(name, "status") && !bytes_made_of(value, "0123456789."))
        return query_fail(t->query, t->error, at, t->lexer.at - at,
                          "status is a number: write status:>399");
    *out = expr_with(t->query, EXPR_COMPARE, op, quick_name(t, name, from),
                     quick_value(t, value, from));
    return ERR_OK;
}

static enum err equal_terms(struct terms *t, struct bytes name, size_t from, struct expr **out)
{
    bool is_time = bytes_are(name, "time") || bytes_are(name, "@timestamp");
    struct expr *any = NULL, *one;
    struct bytes value;
    bool quoted;

    for (;;) {
        size_t at = t->lexer.at;

        TRY(read_value(t, true, &value, &quoted));
        if (value.len == 0 && !quoted)
            return query_fail(t->query, t->error, t->lexer.at, 1, "expected a value");
        if (bytes_are(name, "ip"))
            TRY(check_network(t, value, at));
        if (is_time)
            TRY(times_compare(t, OP_EQ, value, at, &one));
        else
            one = quick_equal(t, name, value, quoted, from);
        if (any)
            expr_add(t->query, any, one);
        if (char_at(t, t->lexer.at) != ',')
            break;
        t->lexer.at++;
        if (!any)
            any = expr_with(t->query, EXPR_OR, OP_EQ, one, NULL);
    }
    if (!ends_value(t, t->lexer.at))
        return query_fail(t->query, t->error, t->lexer.at, 1,
                          "expected a blank behind the value");
    *out = any ? any : one;
    return ERR_OK;
}

/* `field:` and what follows it. */
static enum err colon_term(struct terms *t, struct bytes name, size_t from, struct expr **out)
{
    enum expr_op op;

    if (bytes_are(name, "last")) {
        size_t at = t->lexer.at;
        struct bytes value;
        bool quoted;

        TRY(read_value(t, false, &value, &quoted));
        return times_last(t, value, at, out);
    }
    if (ends_value(t, t->lexer.at)) {
        *out = quick_call(t, "ispresent", quick_name(t, name, from));
        return ERR_OK;
    }
    if (read_order(t, &op))
        return order_term(t, name, op, from, out);
    if (char_at(t, t->lexer.at) == '/')
        return regex_term(t, name, from, out);
    return equal_terms(t, name, from, out);
}

/* `field~part`: a pattern between slashes, else text anywhere in the field. */
static enum err tilde_term(struct terms *t, struct bytes name, size_t from, struct expr **out)
{
    struct bytes value;
    bool quoted;

    if (char_at(t, t->lexer.at) == '/')
        return regex_term(t, name, from, out);
    TRY(read_value(t, false, &value, &quoted));
    *out = quick_part(t, name, value, !quoted, from);
    return ERR_OK;
}

static bool word_follows(const struct terms *t, size_t at, const char *word)
{
    size_t len = strlen(word);

    return bytes_equal_nocase(bytes_slice(t->lexer.text, at, at + len), bytes_of(word)) &&
           !lexer_is_name_char(char_at(t, at + len));
}

static size_t past_blank(const struct terms *t, size_t at)
{
    while (is_blank(char_at(t, at)))
        at++;
    return at;
}

/* Is what stands behind a name (at `at`) a condition of the language? Then its value is
 * quoted, a list or a pattern. */
static bool is_condition(const struct terms *t, size_t at)
{
    static const char *const signs[] = {"=~", "!~", "==", "!=", "<>",
                                        "<=", ">=", "=",  "<",  ">"};

    at = past_blank(t, at);
    if (word_follows(t, at, "not"))
        at = past_blank(t, at + 3);
    if (word_follows(t, at, "exists"))
        return true;
    if (word_follows(t, at, "like") || word_follows(t, at, "in")) {
        bool is_in = word_follows(t, at, "in");

        at = past_blank(t, at + (is_in ? 2 : 4));
        return char_at(t, at) && strchr(is_in ? "\"'/[(@" : "\"'/[(", char_at(t, at));
    }
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (bytes_starts(bytes_slice(t->lexer.text, at, t->lexer.text.len), signs[i])) {
            at = past_blank(t, at + strlen(signs[i]));
            return char_at(t, at) &&
                   (strchr("\"'", char_at(t, at)) || (char_at(t, at) == '/' && i < 2));
        }
    }
    return false;
}

static enum err condition_term(struct terms *t, size_t from, struct expr **out)
{
    struct parser parser;

    parser_init(&parser, t->query, t->error, from);
    TRY(parse_condition(&parser, out));
    t->lexer.at = parser.lexer.at;
    return ERR_OK;
}

static struct bytes long_name(struct bytes name)
{
    static const struct {
        const char *shortcut, *name;
    } shortcuts[] = {
        {"err", "error"    },
        {"ev",  "operation"}
    };

    for (size_t i = 0; i < ARRAY_LEN(shortcuts); i++) {
        if (bytes_are(name, shortcuts[i].shortcut))
            return bytes_of(shortcuts[i].name);
    }
    return name;
}

/* A name close to a field is a slip; in backticks it was meant. */
static enum err check_name(struct terms *t, const struct token *name)
{
    struct buffer near = {0};
    struct bytes rest = name->text, first;
    enum err err = ERR_OK;

    /* Of several steps, one may well be called like a field. */
    if (!path_step(&rest, &first) || rest.len)
        return ERR_OK;
    if (bytes_are(name->text, "last") || t->lexer.text.ptr[name->offset] == '`' ||
        name_resolve(long_name(name->text)).kind != NAME_PATH ||
        name_is_likely_path(name->text))
        return ERR_OK;
    name_add_nearest(&near, name->text);
    if (near.len)
        err =
            query_fail(t->query, t->error, name->offset, name->length,
                       "unknown field %.*s%.*s; to search for the text itself put it in quotes",
                       (int)(name->text.len < 60 ? name->text.len : 60), name->text.ptr,
                       (int)near.len, near.ptr);
    buffer_deinit(&near);
    return err;
}

/* `field=x`, `field!=x`, `field~x`, `field>x`, blanks around the sign allowed. */
static enum err sign_term(struct terms *t, const struct token *name, struct expr **out,
                          bool *found)
{
    struct bytes field = long_name(name->text);
    size_t before = t->lexer.at;
    bool negative = false;
    enum expr_op op;
    char c;

    skip_blank(t);
    c = char_at(t, t->lexer.at);
    *found = true;
    if (c == '!' &&
        (char_at(t, t->lexer.at + 1) == '=' || char_at(t, t->lexer.at + 1) == '~')) {
        negative = true;
        c = char_at(t, ++t->lexer.at);
    }
    if (c != '=' && c != '~' && c != '<' && c != '>') {
        t->lexer.at = before;
        *found = false;
        return ERR_OK;
    }
    TRY(check_name(t, name));
    if (read_order(t, &op))
        return order_term(t, field, op, name->offset, out);
    t->lexer.at++;
    if (c == '=' && char_at(t, t->lexer.at) == '=')
        t->lexer.at++;
    skip_blank(t);
    if (c == '~')
        TRY(tilde_term(t, field, name->offset, out));
    else
        TRY(equal_terms(t, field, name->offset, out));
    if (negative)
        *out = quick_negate(t, *out);
    return ERR_OK;
}

/* A run of signs without meaning of its own: text to look for, a time range or an address. */
static enum err word_term(struct terms *t, size_t from, struct expr **out)
{
    struct subnet subnet;
    struct bytes word;

    t->lexer.at = from;
    while (!ends_value(t, t->lexer.at) && char_at(t, t->lexer.at) != '(')
        t->lexer.at++;
    word = bytes_slice(t->lexer.text, from, t->lexer.at);
    if (word.len == 0)
        return query_fail(t->query, t->error, from, 1, "expected a word, a field or (");
    if (times_range(t, word, from, out))
        return ERR_OK;
    if (bytes_find(word, bytes_of("..")) != SIZE_MAX &&
        bytes_made_of(word, "0123456789:.-TZ") && memchr(word.ptr, ':', word.len))
        return query_fail(t->query, t->error, from, word.len,
                          "no range of times: %.*s (write 09:10..09:15 or "
                          "2026-11-18T09:10..2026-11-18T09:15)",
                          (int)(word.len < 60 ? word.len : 60), word.ptr);
    if (bytes_are(word, "-"))
        return query_fail(
            t->query, t->error, from, 1,
            "nothing behind the -; to search for the sign itself put it in quotes");
    if (subnet_parse(word, &subnet))
        *out = quick_equal(t, bytes_of("ip"), word, false, from);
    else
        *out = quick_word(t, word, true, from);
    return ERR_OK;
}

static bool is_colon_name(const struct terms *t, const struct token *name)
{
    size_t at = name->offset + name->length;
    struct address address;
    struct bytes word;
    size_t end = at;

    if (char_at(t, at) != ':' ||
        (name->text.len && name->text.ptr[0] >= '0' && name->text.ptr[0] <= '9'))
        return false;
    if (char_at(t, at + 1) == ':' || (char_at(t, at + 1) == '/' && char_at(t, at + 2) == '/') ||
        (bytes_are(name->text, "arn") &&
         bytes_starts(bytes_slice(t->lexer.text, at, t->lexer.text.len), ":aws")))
        return false;
    while (!ends_value(t, end))
        end++;
    word = bytes_slice(t->lexer.text, name->offset, end);
    return !address_parse(word, &address);
}

static enum err name_term(struct terms *t, struct expr **out)
{
    size_t from = t->lexer.at;
    struct token name;
    const char *notice;
    bool found;

    TRY(lexer_name(&t->lexer, &name));
    if (is_colon_name(t, &name)) {
        TRY(check_name(t, &name));
        t->lexer.at++;
        return colon_term(t, long_name(name.text), from, out);
    }
    if ((char_at(t, t->lexer.at) == '(' && function_find(name.text, &notice)) ||
        is_condition(t, t->lexer.at)) {
        if (char_at(t, t->lexer.at) != '(')
            TRY(check_name(t, &name));
        return condition_term(t, from, out);
    }
    TRY(sign_term(t, &name, out, &found));
    return found ? ERR_OK : word_term(t, from, out);
}

static enum err parse_any(struct terms *t, bool negated, struct expr **out);

static enum err parse_term(struct terms *t, bool negated, struct expr **out)
{
    size_t from = t->lexer.at;
    char c = char_at(t, from);

    if (c == '(') {
        if (++t->depth > QUERY_MAX_DEPTH / 4)
            return query_fail(t->query, t->error, from, 1, "nested too deep");
        t->lexer.at++;
        TRY(parse_any(t, negated, out));
        t->depth--;
        if (char_at(t, t->lexer.at) != ')')
            return query_fail(t->query, t->error, from, 1, "the closing ) is missing");
        t->lexer.at++;
        return *out ? ERR_OK : query_fail(t->query, t->error, from, 2, "nothing between ( )");
    }
    if (c == '"' || c == '\'') {
        struct token token;

        TRY(lexer_string(&t->lexer, &token));
        *out = quick_word(t, token.text, false, from);
    } else if (c == '/') {
        TRY(regex_term(t, bytes_of("@message"), from, out));
    } else if ((lexer_is_name_char(c) && !(c >= '0' && c <= '9')) || c == '`') {
        TRY(name_term(t, out));
    } else {
        TRY(word_term(t, from, out));
    }
    if (negated)
        *out = quick_negate(t, *out);
    return ERR_OK;
}

static enum err parse_signed(struct terms *t, bool negated, struct expr **out)
{
    for (;;) {
        size_t at = t->lexer.at;

        bool found;

        TRY(times_window(t, out, &found));
        if (found) {
            *out = negated ? quick_negate(t, *out) : *out;
            return ERR_OK;
        }
        if (char_at(t, at) == '-' && !ends_value(t, at + 1)) {
            t->lexer.at++;
        } else if (word_follows(t, at, "not") &&
                   (is_blank(char_at(t, at + 3)) || char_at(t, at + 3) == '(')) {
            t->lexer.at += 3;
            lexer_skip_blank(&t->lexer);
        } else {
            return parse_term(t, negated, out);
        }
        negated = !negated;
    }
}

/* Terms side by side: all of them, or under a negation any of them (De Morgan). */
static enum err parse_all(struct terms *t, bool negated, struct expr **out)
{
    struct expr *all = NULL, *one;
    size_t count = 0;

    *out = NULL;
    for (;;) {
        lexer_skip_blank(&t->lexer);
        if (t->lexer.at >= t->lexer.text.len || char_at(t, t->lexer.at) == ')' ||
            char_at(t, t->lexer.at) == '|' || word_follows(t, t->lexer.at, "or"))
            break;
        if (count && word_follows(t, t->lexer.at, "and")) {
            t->lexer.at += 3;
            lexer_skip_blank(&t->lexer);
        }
        TRY(parse_signed(t, negated, &one));
        if (one->depth > QUERY_MAX_DEPTH)
            return query_fail(t->query, t->error, one->offset, 1, "nested too deep");
        if (count == 1)
            all = expr_with(t->query, negated ? EXPR_OR : EXPR_AND, OP_EQ, *out, one);
        else if (count > 1)
            expr_add(t->query, all, one);
        *out = all ? all : one;
        count++;
    }
    return ERR_OK;
}

static enum err parse_any(struct terms *t, bool negated, struct expr **out)
{
    struct expr *any = NULL, *one;

    TRY(parse_all(t, negated, out));
    while (word_follows(t, t->lexer.at, "or")) {
        size_t at = t->lexer.at;

        t->lexer.at += 2;
        TRY(parse_all(t, negated, &one));
        if (!*out || !one)
            return query_fail(t->query, t->error, at, 2, "expected a term on both sides of or");
        if (!any)
            any = *out = expr_with(t->query, negated ? EXPR_AND : EXPR_OR, OP_EQ, *out, one);
        else
            expr_add(t->query, any, one);
    }
    return ERR_OK;
}

enum err terms_parse(struct query *q, struct query_error *error, size_t *at, struct expr **out)
{
    struct terms t = {.query = q, .error = error};

    t.lexer = (struct lexer){.query = q, .error = error, .text = q->source, .at = *at};
    TRY(parse_any(&t, false, out));
    if (char_at(&t, t.lexer.at) == ')')
        return query_fail(q, error, t.lexer.at, 1, "a ) without its (");
    *at = t.lexer.at;
    return ERR_OK;
}
