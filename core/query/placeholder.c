#include "core/query/placeholder.h"

static char char_at(struct bytes text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_name_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ' ' ||
           c == '@';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool placeholder_at(struct bytes text, size_t at, struct placeholder *out)
{
    size_t signs = char_at(text, at) == '{' && char_at(text, at + 1) == '{' ? 2 : 1;
    char close = signs == 2 ? '}' : '>';
    size_t from = at + signs, end = from;

    if (signs == 1 && char_at(text, at) != '<')
        return false;
    while (signs == 2 && char_at(text, from) == ' ')
        from++;
    if (!is_letter(char_at(text, from)))
        return false;
    end = from;
    while (is_name_char(char_at(text, end)))
        end++;
    if (char_at(text, end) != close || (signs == 2 && char_at(text, end + 1) != close))
        return false;
    out->offset = at;
    out->length = end + signs - at;
    while (text.ptr[end - 1] == ' ')
        end--;
    out->name = bytes_slice(text, from, end);
    return true;
}

/* Where in a query a byte stands; follows the text from its start. */
struct walk {
    struct bytes text;
    size_t at;
    char inside;  /* the quote, or / of the expression around `at`, # of a comment; 0: none */
    size_t lists; /* open [ */
    char before;  /* the last sign that is no blank, outside of all that */
    bool like;    /* the last word was like */
};

static bool word_ends(const struct walk *w, const char *word)
{
    size_t len = strlen(word);

    return w->at >= len &&
           bytes_equal_nocase(bytes_slice(w->text, w->at - len, w->at), bytes_of(word)) &&
           (w->at == len || !is_letter(w->text.ptr[w->at - len - 1]));
}

static bool begins_pattern(const struct walk *w)
{
    return w->like || !w->before || strchr("=~(,[|", w->before);
}

/* Inside a word of quick terms the sign is one of its own. */
static bool begins_comment(const struct walk *w)
{
    return w->at == 0 || is_blank(w->text.ptr[w->at - 1]) ||
           strchr("|,()[]", w->text.ptr[w->at - 1]);
}

static bool begins_name(const struct walk *w)
{
    return w->at == 0 || w->text.ptr[w->at - 1] == '.' ||
           !is_name_char(w->text.ptr[w->at - 1]) || is_blank(w->text.ptr[w->at - 1]);
}

/* Passes one byte. */
static void step(struct walk *w)
{
    char c = char_at(w->text, w->at);

    if (w->inside) {
        if (c == '\\' && w->inside != '#' && w->inside != '`')
            w->at++;
        else if (c == w->inside || (w->inside == '#' && c == '\n'))
            w->inside = '\0';
        w->at++;
        return;
    }
    if (c == '"' || c == '\'' || (c == '`' && begins_name(w)) ||
        (c == '/' && begins_pattern(w)) || (c == '#' && begins_comment(w)))
        w->inside = c;
    if (c == '[')
        w->lists++;
    if (c == ']' && w->lists)
        w->lists--;
    w->at++;
    if (!is_blank(c) && c != '#') {
        w->before = c;
        w->like = word_ends(w, "like") || word_ends(w, "parse");
    }
}

static bool may_stand(const struct walk *w, char c)
{
    return (c == '{' && w->inside != '#' && w->inside != '`') || (c == '<' && !w->inside);
}

bool placeholder_find(struct bytes text, struct placeholder *out)
{
    struct walk w = {.text = text};

    while (w.at < text.len) {
        if (may_stand(&w, text.ptr[w.at]) && text.ptr[w.at] == '{' &&
            placeholder_at(text, w.at, out))
            return true;
        step(&w);
    }
    return false;
}

static void add_escaped(struct buffer *out, struct bytes value, char inside)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == inside || (value.ptr[i] == '\\' && inside != '/'))
            buffer_add_char(out, '\\');
        buffer_add_char(out, value.ptr[i]);
    }
}

/* Digits with one point at most: an address such as 203.0.113.7 is a text. */
static bool is_number(struct bytes value)
{
    const char *point = memchr(value.ptr, '.', value.len);
    size_t behind = point ? (size_t)(point - value.ptr) + 1 : value.len;

    return bytes_made_of(value, "0123456789.") &&
           !memchr(value.ptr + behind, '.', value.len - behind);
}

/* A value that would be read as a text without its quotes. */
static bool needs_quotes(const struct walk *w, struct bytes value)
{
    bool wants_text = w->like || w->lists || (w->before && strchr("=<>~", w->before));

    if (value.len == 0 || (w->before == ':' && bytes_find(value, bytes_of(" ")) != SIZE_MAX))
        return true;
    return wants_text && !strchr("\"'/[", value.ptr[0]) && !is_number(value);
}

static void add_value(struct buffer *out, const struct walk *w, struct bytes value)
{
    if (w->inside) {
        add_escaped(out, value, w->inside);
    } else if (needs_quotes(w, value)) {
        buffer_add_char(out, '"');
        add_escaped(out, value, '"');
        buffer_add_char(out, '"');
    } else {
        buffer_add(out, value);
    }
}

void placeholder_fill(struct buffer *out, struct bytes text, struct bytes name,
                      struct bytes value)
{
    struct walk w = {.text = text};
    struct placeholder p;

    while (w.at < text.len) {
        size_t from = w.at;
        char c = text.ptr[from];

        if (may_stand(&w, c) && placeholder_at(text, from, &p) && bytes_equal(p.name, name)) {
            add_value(out, &w, value);
            w.at += p.length;
            if (!w.inside)
                w.before = 'x';
            w.like = false;
        } else {
            step(&w);
            buffer_add(out, bytes_slice(text, from, w.at < text.len ? w.at : text.len));
        }
    }
}
