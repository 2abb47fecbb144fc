#include "core/asking/drill.h"

#include "core/asking/query_tree.h"
#include "core/asking/query_write.h"

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

static void write_join(struct buffer *out, size_t start)
{
    buffer_add_text(out, out->len > start ? " and " : "filter ");
}

bool drill_write(struct buffer *out, const struct query *q, const struct table *t, size_t row)
{
    const struct command *stats = only_stats(q);
    size_t start = out->len;
    bool behind = false;

    if (!stats || row >= t->n_rows)
        return false;
    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];

        behind |= c == stats;
        /* A condition on results says nothing about events. */
        if (c->kind != COMMAND_FILTER || (behind && !c->hoisted))
            continue;
        write_join(out, start);
        buffer_add_char(out, '(');
        write_expr(out, expr_target(c->expr));
        buffer_add_char(out, ')');
    }
    for (size_t i = 0; i < stats->n_by; i++) {
        const struct cell *cell = &t->cells[row * t->n_columns + i];
        const struct expr *by = expr_target(stats->by[i].expr);

        write_join(out, start);
        if (!cell->present) {
            buffer_add_text(out, "not ispresent(");
            write_expr(out, by);
            buffer_add_char(out, ')');
        } else {
            write_expr(out, by);
            buffer_add_text(out, " = ");
            write_string(out, cell->text);
        }
    }
    /* No condition at all: everything, said so that it parses. */
    if (out->len == start)
        buffer_add_text(out, "filter ispresent(@timestamp) or not ispresent(@timestamp)");
    return true;
}
