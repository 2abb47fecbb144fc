#include "core/query/query_commands.h"

#include <stdio.h>

enum starter { START_NAME, START_EXPR, START_NUMBER, START_ANY };

static const struct word {
    const char *name;
    enum command_kind kind;
    enum starter starter;
    bool supported;
    const char *notice; /* of a word that is read as another */
} words[] = {
#define WORD(name, kind, starter, arguments, what)                                             \
    {name, COMMAND_##kind, START_##starter, true, NULL},
#define OTHER_WORD(name, kind, starter, notice)                                                \
    {name, COMMAND_##kind, START_##starter, true, notice},
#define FOREIGN_WORD(name) {name, COMMAND_FIELDS, START_ANY, false, NULL},
#define SHIM(id, met, notice)
#include "core/query/query_words.def"
#undef WORD
#undef OTHER_WORD
#undef FOREIGN_WORD
#undef SHIM
};

static const struct word *find_word(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (bytes_equal_nocase(name, bytes_of(words[i].name)))
            return &words[i];
    }
    return NULL;
}

const char *command_word(size_t i)
{
    for (size_t k = 0; k < ARRAY_LEN(words); k++) {
        if (words[k].supported && !words[k].notice && i-- == 0)
            return words[k].name;
    }
    return NULL;
}

/* A command word at the start of a line may stand without its `|`. */
static bool starts_line(const struct parser *p)
{
    size_t at = p->token.offset;

    if (p->token.kind != TOKEN_NAME || !find_word(p->token.text))
        return false;
    while (at > 0 &&
           (p->query->source.ptr[at - 1] == ' ' || p->query->source.ptr[at - 1] == '\t'))
        at--;
    return at == 0 || p->query->source.ptr[at - 1] == '\n';
}

static char char_at(struct bytes text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static size_t skip_blank(struct bytes text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]))
        at++;
    return at;
}

static bool can_start(enum starter starter, struct bytes text, size_t at)
{
    char c = char_at(text, at);
    bool digit = c >= '0' && c <= '9';
    bool name = (lexer_is_name_char(c) && !digit) || c == '`';

    if (at >= text.len || c == ':')
        return false;
    switch (starter) {
    case START_NAME:
        return name || c == '(';
    case START_NUMBER:
        return digit || bytes_equal_nocase(bytes_slice(text, at, at + 3), bytes_of("any"));
    case START_EXPR:
        return name || digit || strchr("\"'(-[", c);
    case START_ANY:
        return name || strchr("\"'/", c);
    }
    return false;
}

/* `select … from`: refused as what it is, not looked for word by word. */
static bool is_sql(struct bytes name, struct bytes rest)
{
    static const char from[] = " from ";

    if (!bytes_equal_nocase(name, bytes_of("select")))
        return false;
    for (size_t i = 0; i + sizeof from - 1 <= rest.len; i++) {
        if (bytes_equal_nocase(bytes_slice(rest, i, i + sizeof from - 1), bytes_of(from)))
            return true;
    }
    return false;
}

/* A command without its argument, or with one that cannot be: `limit -1` is no search. */
static bool is_broken(struct bytes text, size_t at)
{
    return at >= text.len || strchr("!,*[]|.&-+", text.ptr[at]);
}

bool parse_is_query(struct bytes text, size_t at)
{
    size_t end = at;
    struct bytes name;
    const struct word *word;

    if (char_at(text, at) == '|')
        return true;
    while (end < text.len && lexer_is_name_char(text.ptr[end]))
        end++;
    name = bytes_slice(text, at, end);
    if (bytes_equal_nocase(name, bytes_of("source")))
        return end < text.len && (text.ptr[end] == ' ' || text.ptr[end] == '\n') &&
               char_at(text, skip_blank(text, end)) != ':';
    if (is_sql(name, bytes_slice(text, end, text.len)))
        return true;
    word = find_word(name);
    if (!word)
        return false;
    /* limit-exceeded is one word. */
    if (end < text.len && char_at(text, end) == '-')
        return false;
    end = skip_blank(text, end);
    return can_start(word->starter, text, end) || is_broken(text, end);
}

/* A piece of the query as it is written; a name all of which stands in backticks without them.
 */
static struct bytes written_whole(const struct parser *p, size_t from, size_t to)
{
    struct bytes text = bytes_slice(p->query->source, from, to);

    while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
        text.len--;
    if (text.len > 2 && text.ptr[0] == '`' && text.ptr[text.len - 1] == '`' &&
        !memchr(text.ptr + 1, '`', text.len - 2))
        return bytes_slice(text, 1, text.len - 1);
    return text;
}

/* The name that stands behind as or into. */
static enum err parse_alias(struct parser *p, struct item *item)
{
    bool is_string;

    TRY(parser_advance(p, false));
    is_string = p->token.kind == TOKEN_STRING && p->token.text.len &&
                !memchr(p->token.text.ptr, '`', p->token.text.len);
    if (p->token.kind != TOKEN_NAME && p->token.kind != TOKEN_QUOTED_NAME && !is_string)
        return parser_unexpected(p, "a name");
    item->name = item->key = p->token.text;
    if (is_string)
        item->key = lexer_canonical(&p->lexer, item->name);
    if (p->token.kind == TOKEN_QUOTED_NAME)
        item->name = written_whole(p, p->token.offset, p->token.offset + p->token.length);
    item->has_alias = true;
    item->offset = p->token.offset;
    item->length = p->token.length;
    return parser_advance(p, false);
}

static enum err parse_item(struct parser *p, struct item *item)
{
    size_t from = p->token.offset;

    TRY(parse_expr(p, &item->expr));
    item->offset = from;
    item->name = written_whole(p, from, p->end);
    item->length = item->name.len;
    if (parser_is_word(p, "as"))
        return parse_alias(p, item);
    return ERR_OK;
}

static void add_item(struct parser *p, struct item **items, size_t *count, struct item item)
{
    struct item *moved;

    if ((*count & (*count - 1)) == 0) {
        moved = arena_alloc(&p->query->arena, (*count ? *count * 2 : 1) * sizeof *moved);
        if (*count)
            memcpy(moved, *items, *count * sizeof *moved);
        *items = moved;
    }
    (*items)[(*count)++] = item;
}

static enum err parse_items(struct parser *p, struct item **items, size_t *count)
{
    for (;;) {
        struct item item = {0};

        TRY(parse_item(p, &item));
        add_item(p, items, count, item);
        if (p->token.kind != TOKEN_COMMA)
            return ERR_OK;
        TRY(parser_advance(p, true));
    }
}

static enum err parse_stats(struct parser *p, struct command *c)
{
    TRY(parse_items(p, &c->items, &c->n_items));
    if (!parser_is_word(p, "by"))
        return ERR_OK;
    TRY(parser_advance(p, true));
    TRY(parse_items(p, &c->by, &c->n_by));
    if (parser_is_word(p, "offset"))
        return query_fail(p->query, p->error, p->token.offset, p->token.length,
                          "offset behind stats is not supported");
    return ERR_OK;
}

static enum err parse_sort(struct parser *p, struct command *c)
{
    if (parser_is_word(p, "by")) {
        query_shim_add(p->query, SHIM_SORT_BY);
        TRY(parser_advance(p, true));
    }
    for (;;) {
        struct item item = {0};

        TRY(parse_item(p, &item));
        if (parser_is_word(p, "desc") || parser_is_word(p, "asc")) {
            item.descending = parser_is_word(p, "desc");
            TRY(parser_advance(p, false));
        }
        add_item(p, &c->items, &c->n_items, item);
        if (p->token.kind != TOKEN_COMMA)
            return ERR_OK;
        TRY(parser_advance(p, true));
    }
}

static enum err parse_limit(struct parser *p, struct command *c)
{
    if (parser_is_word(p, "any"))
        TRY(parser_advance(p, true));
    if (p->token.kind != TOKEN_NUMBER || !bytes_to_u64(p->token.text, &c->limit))
        return parser_unexpected(p, "a whole number");
    return parser_advance(p, false);
}

static enum err parse_capture_names(struct parser *p, struct command *c)
{
    for (;;) {
        struct item item = {.offset = p->token.offset, .length = p->token.length};

        if (p->token.kind != TOKEN_NAME && p->token.kind != TOKEN_QUOTED_NAME)
            return parser_unexpected(p, "a name for each wildcard");
        item.name = item.key = p->token.text;
        item.has_alias = true;
        add_item(p, &c->items, &c->n_items, item);
        TRY(parser_advance(p, false));
        if (p->token.kind != TOKEN_COMMA)
            return ERR_OK;
        TRY(parser_advance(p, false));
    }
}

/* parse [field] "glob *" as a, b   |   parse [field] /(?<a>...)/ */
static enum err parse_parse(struct parser *p, struct command *c)
{
    if (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_QUOTED_NAME) {
        c->expr = expr_new(p->query, EXPR_NAME, p->token.offset, p->token.length);
        c->expr->text = p->token.text;
        TRY(parser_advance(p, true));
    }
    if (p->token.kind != TOKEN_STRING && p->token.kind != TOKEN_REGEX)
        return parser_unexpected(p, "a pattern: \"text *\" as name, or /(?<name>...)/");
    c->pattern = expr_new(p->query, p->token.kind == TOKEN_STRING ? EXPR_STRING : EXPR_REGEX,
                          p->token.offset, p->token.length);
    c->pattern->text = p->token.text;
    c->pattern->caseless = p->token.caseless;
    TRY(parser_advance(p, false));
    if (parser_is_word(p, "as")) {
        TRY(parser_advance(p, false));
        return parse_capture_names(p, c);
    }
    if (c->pattern->kind == EXPR_STRING && !starts_line(p) &&
        (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_QUOTED_NAME)) {
        query_shim_add(p->query, SHIM_PARSE_AS);
        return parse_capture_names(p, c);
    }
    return ERR_OK;
}

/* unnest list into name */
static enum err parse_unnest(struct parser *p, struct command *c)
{
    struct item item = {0};

    TRY(parse_expr(p, &c->expr));
    if (!parser_is_word(p, "into"))
        return parser_unexpected(p, "into and a name: unnest list into name");
    TRY(parse_alias(p, &item));
    add_item(p, &c->items, &c->n_items, item);
    return ERR_OK;
}

/* START= and END= of a SOURCE, in milliseconds: said, and how to ask for the same here. */
static void note_range(struct parser *p, bool is_end)
{
    struct buffer at = {0};

    if (p->token.kind != TOKEN_NUMBER || !(p->token.number < 9e15))
        return;
    instant_add(&at, (int64_t)p->token.number * 1000, INSTANT_ISO, 0);
    query_notice_add(p->query, "%s of SOURCE is not applied: filter @timestamp %s \"%.*s\" is",
                     is_end ? "END" : "START", is_end ? "<=" : ">=", (int)at.len, at.ptr);
    buffer_deinit(&at);
}

/* SOURCE up to the next top-level |: the files were named on the command line. */
static enum err skip_source(struct parser *p)
{
    query_shim_add(p->query, SHIM_SOURCE);
    while (p->token.kind != TOKEN_PIPE && p->token.kind != TOKEN_END) {
        bool start = parser_is_word(p, "START"), end = parser_is_word(p, "END");

        /* namePrefix: [...] is no part of the language proper. */
        lexer_skip_blank(&p->lexer);
        if (p->lexer.at < p->lexer.text.len && p->lexer.text.ptr[p->lexer.at] == ':')
            p->lexer.at++;
        TRY(parser_advance(p, false));
        if ((start || end) && p->token.kind == TOKEN_COMPARE && p->token.op == OP_EQ) {
            TRY(parser_advance(p, true));
            note_range(p, end);
        }
    }
    return ERR_OK;
}

static enum err parse_arguments(struct parser *p, struct command *c)
{
    switch (c->kind) {
    case COMMAND_FIELDS:
    case COMMAND_DISPLAY:
    case COMMAND_DEDUP:
        return parse_items(p, &c->items, &c->n_items);
    case COMMAND_FILTER:
        return parse_expr(p, &c->expr);
    case COMMAND_STATS:
        return parse_stats(p, c);
    case COMMAND_SORT:
        return parse_sort(p, c);
    case COMMAND_LIMIT:
        return parse_limit(p, c);
    case COMMAND_PARSE:
        return parse_parse(p, c);
    case COMMAND_UNNEST:
        return parse_unnest(p, c);
    }
    return ERR_OK;
}

static enum err unknown_command(struct parser *p)
{
    struct token *t = &p->token;

    if (parser_is_word(p, "select"))
        return query_fail(
            p->query, p->error, t->offset, t->length,
            "unknown command %.*s: this is no SQL; write fields, filter, stats ... "
            "by ..., sort, limit with | between them",
            (int)t->text.len, t->text.ptr);
    return query_fail(p->query, p->error, t->offset, t->length,
                      "unknown command %.*s, expected fields, display, filter, stats, sort, "
                      "limit, dedup, parse or unnest",
                      (int)(t->text.len < 60 ? t->text.len : 60), t->text.ptr);
}

static enum err parse_command(struct parser *p)
{
    struct token name = p->token;
    const struct word *word;
    struct command *c;

    if (name.kind != TOKEN_NAME)
        return parser_unexpected(p, "a command");
    if (bytes_equal_nocase(name.text, bytes_of("source")))
        return skip_source(p);
    word = find_word(name.text);
    if (!word)
        return unknown_command(p);
    if (!word->supported)
        return query_fail(p->query, p->error, name.offset, name.length,
                          "the command %s is not supported", word->name);
    if (word->notice)
        query_notice_add(p->query, "%s", word->notice);
    c = query_add_command(p->query, word->kind, name.offset, name.length);
    TRY(parser_advance(p, true));
    return parse_arguments(p, c);
}

enum err parse_commands(struct parser *p)
{
    TRY(parser_advance(p, false));
    if (p->token.kind == TOKEN_PIPE)
        TRY(parser_advance(p, false));
    while (p->token.kind != TOKEN_END) {
        TRY(parse_command(p));
        if (p->token.kind == TOKEN_END)
            break;
        if (starts_line(p)) {
            query_shim_add(p->query, SHIM_PIPE);
            continue;
        }
        if (p->token.kind != TOKEN_PIPE)
            return parser_unexpected(p, "| or the end of the query");
        TRY(parser_advance(p, false));
        if (p->token.kind == TOKEN_END)
            return parser_unexpected(p, "a command behind |");
        if (p->token.kind == TOKEN_PIPE && p->token.offset == p->end)
            return query_fail(p->query, p->error, p->end - 1, 2, "|| is written or");
    }
    return ERR_OK;
}
