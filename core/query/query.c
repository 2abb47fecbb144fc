#include "core/query/query.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/base/mem.h"

#include "core/query/query_tree.h"

struct expr *expr_new(struct query *q, enum expr_kind kind, size_t offset, size_t length)
{
    struct expr *e = arena_alloc(&q->arena, sizeof *e);

    e->kind = kind;
    e->offset = offset;
    e->length = length;
    e->depth = 1;
    q->n_nodes++;
    return e;
}

void expr_add(struct query *q, struct expr *e, struct expr *arg)
{
    /* Room grows by doubling inside the arena: at every power of two the list moves. */
    if ((e->n_args & (e->n_args - 1)) == 0) {
        struct expr **moved =
            arena_alloc(&q->arena, (e->n_args ? e->n_args * 2 : 1) * sizeof(struct expr *));

        if (e->n_args)
            memcpy(moved, e->args, e->n_args * sizeof(struct expr *));
        e->args = moved;
    }
    e->args[e->n_args++] = arg;
    if (arg->depth >= e->depth)
        e->depth = arg->depth + 1;
}

struct expr *expr_with(struct query *q, enum expr_kind kind, enum expr_op op, struct expr *a,
                       struct expr *b)
{
    struct expr *e = expr_new(q, kind, a->offset, a->length);

    e->op = op;
    expr_add(q, e, a);
    if (b) {
        expr_add(q, e, b);
        if (b->offset + b->length > e->offset)
            e->length = b->offset + b->length - e->offset;
    }
    return e;
}

const struct expr *expr_target(const struct expr *e)
{
    while (e->kind == EXPR_NAME && e->name.kind == NAME_ALIAS)
        e = e->name.target;
    return e;
}

const struct expr *expr_source(const struct expr *e)
{
    return e->kind == EXPR_NAME ? e->name.target : NULL;
}

bool expr_uses_item(const struct expr *e)
{
    const struct expr *source = expr_source(e);

    if (e->kind == EXPR_NAME && e->name.kind == NAME_ITEM)
        return true;
    if (source && expr_uses_item(source))
        return true;
    for (size_t i = 0; i < e->n_args; i++) {
        if (expr_uses_item(e->args[i]))
            return true;
    }
    return false;
}

struct command *query_add_command(struct query *q, enum command_kind kind, size_t offset,
                                  size_t length)
{
    struct command *c = arena_alloc(&q->arena, sizeof *c);

    c->kind = kind;
    c->offset = offset;
    c->length = length;
    mem_grow(&q->commands, &q->commands_cap, q->n_commands + 1, sizeof *q->commands);
    q->commands[q->n_commands++] = c;
    return c;
}

/* Says what was read, and which lines can never match. */
static void note_list(struct query *q, const struct indicators *list, const struct expr *name)
{
    size_t count = indicators_count(list), others = count - indicators_networks(list),
           first = 0;
    struct buffer text = {0};

    buffer_printf(&text, "%.*s: %zu indicators, %zu of them addresses or networks",
                  (int)indicators_name(list).len, indicators_name(list).ptr, count,
                  count - others);
    if (indicators_repeats(list))
        buffer_printf(&text, ", %zu lines said twice", indicators_repeats(list));
    if (others && name->kind == EXPR_NAME && bytes_are(name->text, "ip")) {
        while (indicators_get(list, first)->is_network)
            first++;
        buffer_printf(&text, "; %zu can be no ip (first: line %zu)", others,
                      indicators_get(list, first)->line);
    }
    query_notice_add(q, "%.*s", (int)text.len, text.ptr);
    buffer_deinit(&text);
}

void query_own_list(struct query *q, struct indicators *list, const struct expr *name)
{
    mem_grow(&q->lists, &q->lists_cap, q->n_lists + 1, sizeof *q->lists);
    q->lists[q->n_lists++] = (struct query_list){list, name};
    note_list(q, list, name);
}

bool query_indicators(const struct query *q, enum field_id *field, struct indicators **out)
{
    for (size_t i = 0; i < q->n_lists; i++) {
        const struct expr *name = expr_target(q->lists[i].name);

        if (name->kind == EXPR_NAME && name->name.kind == NAME_FIELD) {
            *field = name->name.field;
            *out = q->lists[i].list;
            return true;
        }
    }
    return false;
}

void query_notice_add(struct query *q, const char *format, ...)
{
    char text[400];
    struct bytes notice;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0)
        return;
    notice = bytes_make(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
    for (size_t i = 0; i < q->n_notices; i++) {
        if (bytes_equal(q->notices[i], notice))
            return;
    }
    mem_grow(&q->notices, &q->notices_cap, q->n_notices + 1, sizeof *q->notices);
    q->notices[q->n_notices++] = arena_copy(&q->arena, notice);
}

void query_shim_add(struct query *q, enum query_shim shim)
{
    static const char *const notices[] = {
#define WORD(name, kind, starter, arguments, what)
#define OTHER_WORD(name, kind, starter, notice)
#define FOREIGN_WORD(name)
#define SHIM(id, met, notice) notice,
#include "core/query/query_words.def"
#undef WORD
#undef OTHER_WORD
#undef FOREIGN_WORD
#undef SHIM
    };

    query_notice_add(q, "%s", notices[shim]);
}

enum err query_fail(const struct query *q, struct query_error *error, size_t offset,
                    size_t length, const char *format, ...)
{
    char text[600];
    va_list args;
    int len;

    if (error->message.len)
        return ERR_QUERY;
    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0)
        buffer_add(&error->message,
                   bytes_make(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1));
    else
        buffer_add_text(&error->message, err_text(ERR_QUERY));
    error->offset = offset < q->source.len ? offset : q->source.len;
    error->length = length;
    if (length > q->source.len - error->offset)
        error->length = q->source.len - error->offset;
    error->line = error->column = 1;
    for (size_t i = 0; i < error->offset; i++) {
        unsigned char c = (unsigned char)q->source.ptr[i];

        if (c == '\n') {
            error->line++;
            error->column = 1;
        } else if ((c & 0xC0) != 0x80) {
            error->column++;
        }
    }
    return ERR_QUERY;
}

enum err query_fail_placeholder(const struct query *q, struct query_error *error,
                                const struct placeholder *p)
{
    enum err err =
        query_fail(q, error, p->offset, p->length,
                   "%.*s waits for a value: write it there, a text in quotes",
                   (int)(p->length < 80 ? p->length : 80), q->source.ptr + p->offset);

    if (error->offset == p->offset)
        error->placeholder = p->name;
    return err;
}

void query_error_deinit(struct query_error *e)
{
    buffer_deinit(&e->message);
}

struct query *query_hold(struct query *q)
{
    atomic_fetch_add(&q->holds, 1);
    return q;
}

void query_free(struct query *q)
{
    if (!q || atomic_fetch_sub(&q->holds, 1) > 0)
        return;
    for (size_t i = 0; i < q->n_lists; i++)
        indicators_release(q->lists[i].list);
    mem_free(q->lists);
    for (size_t i = 0; i < q->n_row_sets; i++)
        row_set_release(q->row_sets[i]);
    mem_free(q->row_sets);
    mem_free(q->commands);
    mem_free(q->notices);
    arena_deinit(&q->arena);
    mem_free(q);
}

static void add_row_set(struct query *q, struct row_set *rows)
{
    mem_grow(&q->row_sets, &q->row_sets_cap, q->n_row_sets + 1, sizeof *q->row_sets);
    q->row_sets[q->n_row_sets++] = rows;
}

struct query *query_of_rows(struct bytes label, const row_id *rows, size_t n_rows)
{
    struct query *q = mem_alloc(sizeof *q);

    q->source = q->text = arena_copy(&q->arena, label);
    q->from_us = q->to_us = INSTANT_NONE;
    q->is_filter = true;
    add_row_set(q, row_set_new(rows, n_rows));
    return q;
}

bool query_is_rows(const struct query *q)
{
    return q->is_filter && q->n_commands == 0 && q->n_row_sets > 0;
}

void query_within(struct query *q, const struct query *rows)
{
    for (size_t i = 0; i < rows->n_row_sets; i++)
        add_row_set(q, row_set_hold(rows->row_sets[i]));
}

bool query_is_filter(const struct query *q)
{
    return q->is_filter;
}

bool query_is_relative(const struct query *q)
{
    return q->is_relative;
}

struct bytes query_text(const struct query *q)
{
    return q->text;
}

size_t query_notice_count(const struct query *q)
{
    return q->n_notices;
}

struct bytes query_notice(const struct query *q, size_t i)
{
    return q->notices[i];
}

void query_time_range(const struct query *q, int64_t *from_us, int64_t *to_us)
{
    *from_us = q->from_us;
    *to_us = q->to_us;
}
