#include "core/asking/table_count.h"

#include "core/asking/query_names.h"
#include "core/asking/query_period.h"
#include "core/asking/stats.h"

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

/* The column speaks for every row, so that a native name is the same as its field. */
static bool speaks_for_all(const struct index *index, uint32_t formats)
{
    for (size_t i = 0; i < index->n_chunks; i++) {
        const struct chunk *c = store_chunk(index->store, i);
        const struct column *column = &c->ids[FIELD_FORMAT];
        size_t rows = column->width == 0 && c->n_rows ? 1 : c->n_rows;

        for (size_t row = 0; row < rows; row++) {
            uint64_t format = column_get(column, row) - DICTIONARY_FIRST_TEXT;

            if (!value_speaks(formats, (enum format)format))
                return false;
        }
    }
    return true;
}

static bool is_column(const struct run *r, const struct expr *e, enum field_id *out)
{
    enum field_kind kind;

    e = expr_target(e);
    if (e->kind != EXPR_NAME || (e->name.kind != NAME_FIELD && e->name.kind != NAME_NATIVE))
        return false;
    *out = e->name.field;
    kind = field_get(*out)->kind;
    return (kind == FIELD_TEXT || kind == FIELD_CHOICE || kind == FIELD_UNIQUE) &&
           (e->name.kind == NAME_FIELD || speaks_for_all(r->index, e->name.formats));
}

static struct datum key_datum(const struct group_key *key)
{
    return key->state == VALUE_TEXT ? datum_of_text(key->text) : value_of_state(key->state);
}

static bool count_fields(struct run *r, struct pool *p, const struct command *stats,
                         struct groups *g)
{
    enum field_id fields[STATS_MAX_KEYS];
    struct datum keys[STATS_MAX_KEYS];
    struct grouping_job job;

    if (stats->n_by > STATS_MAX_KEYS)
        return false;
    for (size_t i = 0; i < stats->n_by; i++) {
        if (!is_column(r, stats->by[i].expr, &fields[i]))
            return false;
    }
    if (stats->n_by == 2 && fields[0] == fields[1])
        return false;
    grouping_init(&job, r->selection, fields, stats->n_by, FIELD_COUNT);
    job.counts_only = true;
    job.job.within = r->job;
    pool_run(p, &job.job);
    for (size_t i = 0; job.result && i < job.result->n_groups; i++) {
        const struct group *group = &job.result->groups[i];

        for (size_t k = 0; k < stats->n_by; k++)
            keys[k] = key_datum(&group->keys[k]);
        groups_add_counted(g, &r->rows.eval, keys, group->count);
    }
    grouping_deinit(&job);
    return true;
}

/* Rows stand in the order of time: each bin is one run of them. */
static bool count_bins(struct run *r, const struct command *stats, struct groups *g)
{
    const struct expr *bin = expr_target(stats->by[0].expr);
    const struct selection *s = r->selection;
    struct datum key = {.kind = DATUM_MISSING};
    struct period p;
    uint64_t from = 0;

    if (stats->n_by != 1 || bin->kind != EXPR_CALL || bin->function != FUNCTION_BIN)
        return false;
    p = (struct period){.width_us = bin->args[0]->time_us, .months = bin->args[0]->months};
    for (uint64_t i = 0; i < s->n_rows; i++) {
        int64_t at = store_time(s->index->store, s->rows[i]);
        struct datum d = datum_of_time(at == INSTANT_NONE ? at : period_floor(p, at));

        if (i > from && (d.kind != key.kind || d.time_us != key.time_us)) {
            groups_add_counted(g, &r->rows.eval, &key, i - from);
            from = i;
        }
        key = d;
    }
    if (s->n_rows > from)
        groups_add_counted(g, &r->rows.eval, &key, s->n_rows - from);
    return true;
}

bool count_rows(struct run *r, struct pool *p, const struct command *stats, struct groups *g)
{
    for (size_t i = 0; i < stats->n_items; i++) {
        if (!counts_rows_only(stats->items[i].expr))
            return false;
    }
    if (stats->n_by == 0) {
        groups_add_counted(g, &r->rows.eval, NULL, r->selection->n_rows);
        return true;
    }
    return count_bins(r, stats, g) || count_fields(r, p, stats, g);
}
