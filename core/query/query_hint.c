#include "core/query/query_hint.h"

#include "core/query/query_commands.h"
#include "core/query/query_names.h"
#include "core/query/query_write.h"

/* Where the caret stands, after one walk over the line. */
struct place {
    struct bytes text;
    size_t stage;   /* start of the command or terms that the caret is in */
    size_t quote;   /* of the text that is open; SIZE_MAX: none */
    unsigned depth; /* open parentheses */
    bool first;     /* no | before */
    bool behind_by; /* stats … by */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c)
{
    return lexer_is_name_char(c) || c == '`';
}

static struct place walk(struct bytes text)
{
    struct place p = {.text = text, .quote = SIZE_MAX, .first = true};

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (p.quote != SIZE_MAX) {
            if (c == '\\')
                i++;
            else if (c == text.ptr[p.quote])
                p.quote = SIZE_MAX;
        } else if (c == '"' || (c == '\'' && (i == 0 || !is_name(text.ptr[i - 1])))) {
            p.quote = i;
        } else if (c == '|') {
            p.stage = i + 1;
            p.first = p.behind_by = false;
            p.depth = 0;
        } else if (c == '(' || c == '[') {
            p.depth++;
        } else if (c == ')' || c == ']') {
            p.depth -= p.depth > 0;
        } else if (c == ' ' && bytes_ends(bytes_slice(text, p.stage, i), " by")) {
            p.behind_by = true;
        }
    }
    while (p.stage < text.len && is_blank(text.ptr[p.stage]))
        p.stage++;
    return p;
}

/* The start of the name that ends at `at`. */
static size_t name_start(struct bytes text, size_t least, size_t at)
{
    while (at > least && is_name(text.ptr[at - 1]))
        at--;
    return at;
}

static size_t before_blank(struct bytes text, size_t least, size_t at)
{
    while (at > least && is_blank(text.ptr[at - 1]))
        at--;
    return at;
}

/* The word that ends at `at`, if it is the given one. */
static bool ends_word(struct bytes text, size_t least, size_t at, const char *word)
{
    size_t from = name_start(text, least, at);

    return bytes_equal_nocase(bytes_slice(text, from, at), bytes_of(word));
}

/* Back over the values of a list, `"a", "b", `, to before its bracket. */
static size_t before_list(struct bytes text, size_t least, size_t at)
{
    while (at > least && text.ptr[at - 1] != '[' && text.ptr[at - 1] != '|')
        at--;
    return at > least && text.ptr[at - 1] == '[' ? before_blank(text, least, at - 1) : least;
}

/* True when what ends at `at` asks for a value of a field: `error =`, `error in [`, … */
static bool asks_value(const struct place *p, size_t at, bool quick, enum field_id *field)
{
    static const char *const words[] = {"like", "in"};
    struct bytes text = p->text;
    size_t end;
    bool sign = false;

    at = before_blank(text, p->stage, at);
    if (at > p->stage && (text.ptr[at - 1] == '[' || (!quick && text.ptr[at - 1] == ',')))
        at = before_list(text, p->stage, at);
    while (at > p->stage &&
           (strchr("=~!<>", text.ptr[at - 1]) || (quick && text.ptr[at - 1] == ':' && !sign))) {
        sign = true;
        at--;
    }
    for (size_t i = 0; !sign && i < ARRAY_LEN(words); i++) {
        if (ends_word(text, p->stage, at, words[i])) {
            at = before_blank(text, p->stage, at - strlen(words[i]));
            if (ends_word(text, p->stage, at, "not"))
                at -= 3;
            sign = true;
        }
    }
    if (!sign)
        return false;
    end = before_blank(text, p->stage, at);
    return field_find(bytes_slice(text, name_start(text, p->stage, end), end), field);
}

static struct hint value_hint(enum field_id field, bool quick, struct bytes text, size_t from,
                              size_t prefix)
{
    return (struct hint){.kind = HINT_VALUE,
                         .field = field,
                         .quick = quick,
                         .from = from,
                         .prefix = bytes_slice(text, prefix, text.len)};
}

static struct hint name_hint(enum hint_kind kind, struct bytes text, size_t from)
{
    return (struct hint){
        .kind = kind, .from = from, .prefix = bytes_slice(text, from, text.len)};
}

/* Within quick terms. */
static struct hint term_hint(const struct place *p)
{
    struct bytes text = p->text;
    size_t from = text.len, sign;
    enum field_id field;
    struct hint hint;

    if (p->quote != SIZE_MAX)
        return asks_value(p, p->quote, true, &field)
                   ? value_hint(field, true, text, p->quote, p->quote + 1)
                   : (struct hint){0};
    while (from > p->stage && !is_blank(text.ptr[from - 1]) && text.ptr[from - 1] != '(')
        from--;
    /* error:A,B completes B. */
    for (sign = from; sign < text.len && !strchr(":=~<>", text.ptr[sign]); sign++)
        ;
    if (sign < text.len && sign > from) {
        size_t value = sign + 1;

        while (value < text.len && strchr("=<>~", text.ptr[value]))
            value++;
        if (!asks_value(p, value, true, &field))
            return (struct hint){0};
        for (size_t i = value; i < text.len; i++)
            value = text.ptr[i] == ',' ? i + 1 : value;
        return value_hint(field, true, text, value, value);
    }
    if (asks_value(p, from, true, &field))
        return value_hint(field, true, text, from, from);
    while (from < text.len && text.ptr[from] == '-')
        from++;
    hint = name_hint(HINT_TERM, text, from);
    hint.at_start = from == p->stage;
    return hint;
}

static bool knows_command(struct bytes name)
{
    struct hint_word word;

    for (size_t i = 0; query_hint_word(i, &word); i++) {
        if (word.kind == HINT_COMMAND && bytes_equal_nocase(word.name, name))
            return true;
    }
    return false;
}

/* Within a command of the language. */
static struct hint stage_hint(const struct place *p)
{
    struct bytes text = p->text;
    size_t end = p->stage, from = name_start(text, p->stage, text.len);
    struct bytes command;
    enum field_id field;
    bool stats;

    while (end < text.len && is_name(text.ptr[end]))
        end++;
    if (end == text.len)
        return name_hint(HINT_COMMAND, text, p->stage);
    command = bytes_slice(text, p->stage, end);
    if (!knows_command(command))
        return (struct hint){0};
    if (p->quote != SIZE_MAX)
        return asks_value(p, p->quote, false, &field)
                   ? value_hint(field, false, text, p->quote, p->quote + 1)
                   : (struct hint){0};
    if (asks_value(p, from, false, &field))
        return value_hint(field, false, text, from, from);
    if (ends_word(text, p->stage, before_blank(text, p->stage, from), "as") ||
        bytes_equal_nocase(command, bytes_of("limit")) ||
        (from < text.len && text.ptr[from] >= '0' && text.ptr[from] <= '9'))
        return (struct hint){0};
    stats = bytes_equal_nocase(command, bytes_of("stats"));
    return name_hint(stats && !p->behind_by && p->depth == 0 ? HINT_AGGREGATE : HINT_EXPR, text,
                     from);
}

struct hint query_hint(struct bytes before)
{
    struct place p = walk(before);
    size_t end = p.stage;

    while (end < before.len && is_name(before.ptr[end]))
        end++;
    if (p.first && (end == before.len || !is_blank(before.ptr[end]) ||
                    !knows_command(bytes_slice(before, p.stage, end))))
        return term_hint(&p);
    return stage_hint(&p);
}

bool query_hint_word(size_t i, struct hint_word *out)
{
    const struct function_row *row;
    const char *command = command_word(i);
    size_t commands = 0;

    if (command) {
        *out = (struct hint_word){.name = bytes_of(command), .kind = HINT_COMMAND};
        return true;
    }
    while (command_word(commands))
        commands++;
    row = function_get(i - commands);
    if (!row)
        return false;
    *out = (struct hint_word){
        .name = bytes_of(row->name),
        .kind = function_is_aggregate(row->function) ? HINT_AGGREGATE : HINT_EXPR,
        .min_args = row->min_args,
        .max_args = row->max_args,
    };
    return true;
}

void query_hint_write(struct buffer *out, struct bytes value, bool quick)
{
    bool plain = quick && value.len > 0;

    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        plain &= c > ' ' && c < 0x7f && !strchr("\"'(),|*/\\", c);
    }
    if (plain)
        buffer_add(out, value);
    else
        write_string(out, value);
}
