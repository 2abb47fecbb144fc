#include "core/asking/rows.h"

static struct datum rows_name(struct eval *e, const struct expr *name)
{
    struct rows *r = e->row;

    if (name->name.kind == NAME_COLUMN)
        return r->columns ? r->columns[name->name.column] : (struct datum){0};
    if (r->columns)
        return (struct datum){.kind = DATUM_MISSING};
    if (name->name.kind == NAME_ITEM)
        return r->items ? r->items[name->name.column] : (struct datum){0};
    return value_of(&r->values, name);
}

static void add_expr(struct rows *r, const struct expr *e)
{
    eval_patterns_add(&r->patterns, e);
    paths_add(&r->paths, e);
}

void rows_init(struct rows *r, const struct query *q, const struct index *index,
               const struct reread *from)
{
    *r = (struct rows){.paths.recall = from->recall};
    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];

        if (c->expr && (c->kind == COMMAND_FILTER || c->kind == COMMAND_UNNEST))
            add_expr(r, c->expr);
        for (size_t j = 0; j < c->n_items; j++) {
            if (c->items[j].expr)
                add_expr(r, c->items[j].expr);
        }
        for (size_t j = 0; j < c->n_by; j++)
            add_expr(r, c->by[j].expr);
    }
    eval_patterns_seal(&r->patterns);
    eval_init(&r->eval, &r->patterns, rows_name);
    r->eval.row = r;
    value_reader_init(&r->values, index->store, from->archive, extract_new(index->store, from),
                      &r->eval.memory);
    r->values.paths = &r->paths;
}

void rows_deinit(struct rows *r)
{
    eval_deinit(&r->eval);
    eval_patterns_deinit(&r->patterns);
    extract_free(r->values.records);
    value_reader_deinit(&r->values);
    paths_deinit(&r->paths);
}

void rows_turn(struct rows *r, row_id row)
{
    value_turn(&r->values, row_chunk(row), row_in_chunk(row));
    r->columns = NULL;
    r->items = NULL;
}

void rows_turn_result(struct rows *r, const struct datum *columns)
{
    r->columns = columns;
}
