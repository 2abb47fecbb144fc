#include "core/asking/drill.h"

#include "core/query/query_names.h"
#include "core/query/query_tree.h"
#include "core/query/query_write.h"

/* The only stats of the query; NULL when there is another shape. */
static const struct command *only_stats(const struct query *q)
{
    const struct command *stats = NULL;

    for (size_t i = 0; i < q->n_commands; i++) {
        switch (q->commands[i]->kind) {
        case COMMAND_STATS:
            if (stats)
                return NULL;
            stats = q->commands[i];
            break;
        case COMMAND_PARSE:
        case COMMAND_UNNEST:
        case COMMAND_DEDUP:
        case COMMAND_DISPLAY:
            return NULL;
        case COMMAND_FIELDS:
        case COMMAND_FILTER:
        case COMMAND_SORT:
        case COMMAND_LIMIT:
            break;
        }
    }
    return stats;
}

/* A copy in which every alias is replaced by what it stands for, as the filter stands alone.
 * NULL when something in it has no words of its own: an element, a path below what a function
 * made, a group of a parse. */
static struct expr *expanded(struct arena *memory, const struct expr *e)
{
    struct expr *copy;

    e = expr_target(e);
    if (expr_source(e))
        return NULL;
    copy = arena_alloc(memory, sizeof *copy);
    *copy = *e;
    copy->args = arena_alloc(memory, (e->n_args + 1) * sizeof(struct expr *));
    for (size_t i = 0; i < e->n_args; i++) {
        copy->args[i] = expanded(memory, e->args[i]);
        if (!copy->args[i])
            return NULL;
    }
    return copy;
}

static void write_join(struct buffer *out, size_t start)
{
    buffer_add_text(out, out->len > start ? " and " : "filter ");
}

static bool write_filter(struct buffer *out, struct arena *memory, const struct expr *condition)
{
    const struct expr *e = expanded(memory, condition);

    if (!e)
        return false;
    buffer_add_char(out, '(');
    write_expr(out, e);
    buffer_add_char(out, ')');
    return true;
}

/* The group's value of one by-column. A number that was rounded to be shown says no longer
 * which it was. */
static bool write_group(struct buffer *out, struct arena *memory, const struct expr *by,
                        const struct cell *cell)
{
    const struct expr *e = expanded(memory, by);
    bool exact = e && (e->kind == EXPR_NAME || e->kind == EXPR_CALL ||
                       bytes_made_of(cell->text, "-0123456789"));

    if (!e || (cell->present && !exact))
        return false;
    if (!cell->present) {
        buffer_add_text(out, "not ispresent(");
        write_expr(out, e);
        buffer_add_char(out, ')');
    } else {
        write_expr(out, e);
        buffer_add_text(out, " = ");
        write_string(out, cell->text);
    }
    return true;
}

static bool write_conditions(struct buffer *out, struct arena *memory, const struct query *q,
                             const struct command *stats, const struct cell *cells)
{
    size_t start = out->len;
    bool behind = false;

    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];

        behind |= c == stats;
        /* A condition on results says nothing about events. */
        if (c->kind != COMMAND_FILTER || !c->expr || (behind && !c->hoisted))
            continue;
        write_join(out, start);
        if (!write_filter(out, memory, c->expr))
            return false;
    }
    for (size_t i = 0; i < stats->n_by; i++) {
        write_join(out, start);
        if (!write_group(out, memory, stats->by[i].expr, &cells[i]))
            return false;
    }
    /* No condition at all: everything, said so that it parses. */
    if (out->len == start)
        buffer_add_text(out, "filter ispresent(@timestamp) or not ispresent(@timestamp)");
    return true;
}

bool drill_write(struct buffer *out, const struct query *q, const struct table *t, size_t row)
{
    const struct command *stats = only_stats(q);
    size_t start = out->len;
    struct arena memory = {0};
    bool good;

    if (!stats || row >= t->n_rows)
        return false;
    good = write_conditions(out, &memory, q, stats, t->cells + row * t->n_columns);
    arena_deinit(&memory);
    if (!good)
        out->len = start;
    return good;
}

size_t drill_bin_column(const struct query *q)
{
    const struct command *stats = only_stats(q);

    for (size_t i = 0; stats && i < stats->n_by; i++) {
        const struct expr *by = expr_target(stats->by[i].expr);

        if (by->kind == EXPR_CALL &&
            (by->function == FUNCTION_BIN || by->function == FUNCTION_DATEFLOOR))
            return i;
    }
    return SIZE_MAX;
}
