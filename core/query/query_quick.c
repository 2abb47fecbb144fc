#include "core/query/query_quick.h"

#include "core/query/address.h"
#include "core/query/query_names.h"

static struct expr *node(struct terms *t, enum expr_kind kind, size_t from)
{
    return expr_new(t->query, kind, from, t->lexer.at > from ? t->lexer.at - from : 1);
}

struct expr *quick_name(struct terms *t, struct bytes name, size_t from)
{
    struct expr *e = node(t, EXPR_NAME, from);

    e->text = name;
    return e;
}

static struct expr *string_node(struct terms *t, struct bytes text, size_t from)
{
    struct expr *e = node(t, EXPR_STRING, from);

    e->text = text;
    return e;
}

struct expr *quick_call(struct terms *t, const char *function, struct expr *arg)
{
    struct expr *e = expr_new(t->query, EXPR_CALL, arg->offset, arg->length);

    e->text = bytes_of(function);
    expr_add(t->query, e, arg);
    return e;
}

static struct expr *not_node(struct terms *t, struct expr *e)
{
    return expr_with(t->query, EXPR_NOT, OP_EQ, e, NULL);
}

/* A pattern for caseless comparison; `whole`: of the whole text, `stars`: * is any run. */
static struct expr *pattern_node(struct terms *t, struct bytes text, bool whole, bool stars,
                                 size_t from)
{
    struct buffer pattern = {0};
    struct expr *e = node(t, EXPR_REGEX, from);

    buffer_add_text(&pattern, whole ? "(?is)\\A" : "(?is)");
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '*' && stars)
            buffer_add_text(&pattern, ".*");
        else if (c < 0x20 || c == 0x7f)
            buffer_printf(&pattern, "\\x%02x", c);
        else if (strchr("\\^$.|?*+()[]{}/", c))
            buffer_printf(&pattern, c == '/' ? "%c" : "\\%c", c);
        else
            buffer_add_char(&pattern, (char)c);
    }
    if (whole)
        buffer_add_text(&pattern, "\\z");
    e->text = arena_copy(&t->query->arena, buffer_bytes(&pattern));
    buffer_deinit(&pattern);
    return e;
}

struct expr *quick_word(struct terms *t, struct bytes text, bool stars, size_t from)
{
    return expr_with(t->query, EXPR_LIKE, OP_EQ, quick_name(t, bytes_of("@message"), from),
                     pattern_node(t, text, false, stars, from));
}

/* Names that a condition reads, each once. */
static void collect_names(const struct expr *e, const struct expr **names, size_t *count,
                          size_t cap)
{
    if (e->kind == EXPR_NAME) {
        for (size_t i = 0; i < *count; i++) {
            if (bytes_equal(names[i]->text, e->text))
                return;
        }
        if (*count < cap)
            names[(*count)++] = e;
    }
    for (size_t i = 0; i < e->n_args; i++)
        collect_names(e->args[i], names, count, cap);
}

static bool is_total(const struct expr *e)
{
    const char *notice;
    const struct function_row *row =
        e->kind == EXPR_CALL ? function_find(e->text, &notice) : NULL;

    if (e->kind == EXPR_NOT)
        return is_total(e->args[0]);
    return row && function_is_total(row->function);
}

struct expr *quick_negate(struct terms *t, struct expr *e)
{
    const struct expr *names[16];
    struct expr *either;
    size_t count = 0;

    collect_names(e, names, &count, ARRAY_LEN(names));
    /* Every event has its text. */
    if (is_total(e) || count == 0 || bytes_are(names[0]->text, "@message"))
        return not_node(t, e);
    either = expr_new(t->query, EXPR_OR, e->offset, e->length);
    for (size_t i = 0; i < count; i++) {
        struct expr *name = expr_new(t->query, EXPR_NAME, e->offset, e->length);

        name->text = names[i]->text;
        expr_add(t->query, either, not_node(t, quick_call(t, "ispresent", name)));
    }
    if (e->kind == EXPR_COMPARE && e->op == OP_EQ)
        e->op = OP_NE;
    else
        e = not_node(t, e);
    expr_add(t->query, either, e);
    return either;
}

static bool has_letters(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80)
            return true;
    }
    return false;
}

static bool is_number(struct bytes text)
{
    bool digits = false, dot = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c >= '0' && c <= '9')
            digits = true;
        else if (c == '.' && !dot && digits && i + 1 < text.len)
            dot = true;
        else if (!(c == '-' && i == 0))
            return false;
    }
    return digits && text.len < 40;
}

static double number_of(struct bytes text)
{
    double value = 0, scale = 0;
    bool minus = text.len && text.ptr[0] == '-';

    for (size_t i = minus; i < text.len; i++) {
        if (text.ptr[i] == '.') {
            scale = 1;
            continue;
        }
        value = value * 10 + (text.ptr[i] - '0');
        scale *= 10;
    }
    if (scale > 0)
        value /= scale;
    return minus ? -value : value;
}

/* Equality in the sense of quick terms: case does not matter, * is any run, addresses by value.
 */
struct expr *quick_equal(struct terms *t, struct bytes name, struct bytes value, bool quoted,
                         size_t from)
{
    struct expr *field = quick_name(t, name, from);
    struct subnet subnet;
    bool stars = !quoted && value.len && memchr(value.ptr, '*', value.len);

    if (bytes_are(name, "ip") && subnet_parse(value, &subnet) &&
        (!subnet.base.is_v4 || memchr(value.ptr, '/', value.len))) {
        struct expr *call = quick_call(t, "isIpInSubnet", field);

        expr_add(t->query, call, string_node(t, value, from));
        return call;
    }
    if (stars || has_letters(value))
        return expr_with(t->query, EXPR_LIKE, OP_EQ, field,
                         pattern_node(t, value, true, stars, from));
    return expr_with(t->query, EXPR_COMPARE, OP_EQ, field, string_node(t, value, from));
}

struct expr *quick_value(struct terms *t, struct bytes value, size_t from)
{
    struct expr *e;

    if (!is_number(value))
        return string_node(t, value, from);
    e = node(t, EXPR_NUMBER, from);
    e->text = value;
    e->number = number_of(value);
    return e;
}

struct expr *quick_part(struct terms *t, struct bytes name, struct bytes text, bool stars,
                        size_t from)
{
    return expr_with(t->query, EXPR_LIKE, OP_EQ, quick_name(t, name, from),
                     pattern_node(t, text, false, stars, from));
}
