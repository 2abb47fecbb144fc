#include "core/asking/table_count.h"

#include "core/asking/counts.h"
#include "core/query/query_names.h"

/* True when every aggregate below is count(*). */
static bool counts_rows_only(const struct expr *e)
{
    if (e->kind == EXPR_CALL && function_is_aggregate(e->function))
        return e->function == FUNCTION_COUNT &&
               (e->n_args == 0 || e->args[0]->kind == EXPR_STAR);
    for (size_t i = 0; i < e->n_args; i++) {
        if (!counts_rows_only(e->args[i]))
            return false;
    }
    return true;
}

static bool is_column(const struct run *r, const struct expr *e, enum field_id *out)
{
    e = expr_target(e);
    if (e->kind != EXPR_NAME || (e->name.kind != NAME_FIELD && e->name.kind != NAME_NATIVE))
        return false;
    *out = e->name.field;
    return counting_can(*out) &&
           (e->name.kind == NAME_FIELD || !index_holds(r->index, ~e->name.formats));
}

static struct datum key_datum(struct run *r, enum field_id field, uint32_t id)
{
    if (id < DICTIONARY_FIRST_TEXT)
        return datum_of_state((enum value_state)id);
    return datum_of_text(dictionary_text(store_dictionaries(r->index->store)[field], id));
}

static bool count_fields(struct run *r, struct pool *p, const struct command *stats,
                         struct groups *g)
{
    enum field_id fields[COUNTS_MAX_KEYS];
    struct datum keys[COUNTS_MAX_KEYS];
    struct counting_job job;

    if (stats->n_by > COUNTS_MAX_KEYS)
        return false;
    for (size_t i = 0; i < stats->n_by; i++) {
        if (!is_column(r, stats->by[i].expr, &fields[i]))
            return false;
    }
    if (stats->n_by == 2 && fields[0] == fields[1])
        return false;
    counting_init(&job, r->selection, fields, stats->n_by);
    job.job.within = r->job;
    pool_run(p, &job.job);
    for (size_t i = 0; i < job.n_items; i++) {
        for (size_t k = 0; k < stats->n_by; k++)
            keys[k] = key_datum(r, fields[k], job.items[i].ids[k]);
        groups_add_counted(g, &r->rows.eval, keys, job.items[i].count);
    }
    counting_deinit(&job);
    return true;
}

bool counts_only(const struct command *stats)
{
    for (size_t i = 0; i < stats->n_items; i++) {
        if (!counts_rows_only(stats->items[i].expr))
            return false;
    }
    return true;
}

bool count_rows(struct run *r, struct pool *p, const struct command *stats, struct groups *g)
{
    if (!counts_only(stats))
        return false;
    if (stats->n_by == 0) {
        groups_add_counted(g, &r->rows.eval, NULL, r->selection->n_rows);
        return true;
    }
    return count_fields(r, p, stats, g);
}
