#include "core/asking/table_stats.h"

#include "core/base/mem.h"

#include "core/asking/counts.h"
#include "core/asking/table_count.h"
#include "core/query/query_names.h"
#include "core/query/query_period.h"

enum { CACHED_BINS = 256, CACHED_BIN_SHIFT = 32 /* 71 minutes */ };

/* A bin under way: saves looking for the group of every row. */
struct cached_bin {
    int64_t from_us, to_us;
    uint64_t count;
};

struct stats_job;

/* A by-column that has ids: of a field, or of what is kept of a path. */
struct by_column {
    enum field_id field;
    uint32_t formats; /* for which the field speaks */
    size_t path;      /* PATHS_MAX for a field */
};

/* What one worker brings. */
struct worker {
    struct worker *next;
    struct stats_job *job;
    struct groups *groups;
    struct rows rows;
    uint64_t undecided, looked;
    struct cached_bin bins[CACHED_BINS];
};

struct stats_job {
    struct job job; /* first */
    struct run *run;
    const struct command *stats;
    const struct expr *bin; /* counting by time alone: its bin() */
    struct by_column by[COUNTS_MAX_KEYS];
    bool has_memo;
    bool may_stop;
    _Atomic size_t next;
    struct lock lock;
    struct worker *workers; /* that are through */
};

/* ---- rows ---- */

static bool id_of(const struct worker *w, const struct by_column *by, const struct chunk *c,
                  size_t number, size_t row, uint64_t *out)
{
    const struct column *ids = &c->ids[by->field];
    uint64_t format;

    if (by->path < PATHS_MAX)
        ids = paths_column(&w->rows.paths, by->path, number);
    if (!ids)
        return false;
    *out = column_get(ids, row);
    format = column_get(&c->ids[FIELD_FORMAT], row) - DICTIONARY_FIRST_TEXT;
    if (by->formats != UINT32_MAX && !value_speaks(by->formats, (enum format)format))
        *out = VALUE_ABSENT;
    return true;
}

/* A number that stands for the values of the by-columns; see groups_add(). */
static uint64_t memo_of(const struct worker *w, const struct chunk *c, size_t number,
                        size_t row)
{
    uint64_t memo = 0, id;

    if (!w->job->has_memo)
        return 0;
    for (size_t k = w->job->stats->n_by; k-- > 0;) {
        if (!id_of(w, &w->job->by[k], c, number, row, &id))
            return 0;
        memo = memo << 32 | (id + 1);
    }
    return memo;
}

static bool goes_on(const struct stats_job *j)
{
    return !job_is_cancelled(&j->job) &&
           !(j->may_stop && progress_is_enough(j->run->from.progress));
}

static void add_row(struct worker *w, const struct chunk *c, size_t number, size_t row)
{
    struct group_place place = {chunk_time(c, row), row_make(number, row)};

    rows_turn(&w->rows, place.row);
    eval_next_row(&w->rows.eval);
    w->undecided += !groups_add(w->groups, &w->rows.eval, place, memo_of(w, c, number, row));
    w->looked++;
}

/* ---- bins ---- */

static void flush_bin(struct worker *w, struct cached_bin *bin)
{
    struct datum key = datum_of_time(bin->from_us);

    if (bin->count)
        groups_add_counted(w->groups, &w->rows.eval, &key, bin->count);
    bin->count = 0;
}

static void add_to_bin(struct worker *w, struct period p, int64_t at_us)
{
    struct cached_bin *bin = &w->bins[(uint64_t)at_us >> CACHED_BIN_SHIFT & (CACHED_BINS - 1)];

    if (bin->count == 0 || at_us < bin->from_us || at_us >= bin->to_us) {
        flush_bin(w, bin);
        bin->from_us = period_floor(p, at_us);
        bin->to_us = period_ceil(p, at_us + 1);
    }
    bin->count++;
}

static void add_time(struct worker *w, const struct chunk *c, size_t row)
{
    const struct expr *width = w->job->bin->args[0];
    struct period p = {.width_us = width->time_us, .months = width->months};
    struct datum none = {.kind = DATUM_MISSING};
    int64_t at_us = chunk_time(c, row);

    if (at_us == INSTANT_NONE)
        groups_add_counted(w->groups, &w->rows.eval, &none, 1);
    else
        add_to_bin(w, p, at_us);
    w->looked++;
}

/* ---- chunks ---- */

static void add_chunk(struct worker *w, size_t number)
{
    const struct stats_job *j = w->job;
    const struct chunk *c = store_chunk(j->run->index->store, number);
    const uint64_t *bits = j->run->selection->bits[number];
    uint64_t looked = w->looked;

    paths_read(&w->rows.paths, w->rows.values.records, j->run->index->store, number, bits,
               &j->job, j->may_stop ? j->run->from.progress : NULL);
    for (size_t word = 0; word < (c->n_rows + 63) / 64; word++) {
        for (uint64_t left = bits[word]; left && goes_on(j); left &= left - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(left);

            if (j->bin)
                add_time(w, c, row);
            else
                add_row(w, c, number, row);
        }
    }
    progress_rows(j->run->from.progress, w->looked - looked);
}

static void stats_run(struct job *job, unsigned number)
{
    struct stats_job *j = (struct stats_job *)job;
    size_t n_chunks = j->run->index->n_chunks, next = atomic_fetch_add(&j->next, 1);
    struct worker *w;

    (void)number;
    if (next >= n_chunks)
        return;
    w = mem_alloc(sizeof *w);
    w->job = j;
    w->groups = groups_new(j->stats, j->run->index->store);
    run_rows_init(j->run, &w->rows);
    for (; next < n_chunks && goes_on(j); next = atomic_fetch_add(&j->next, 1))
        add_chunk(w, next);
    for (size_t i = 0; i < CACHED_BINS; i++)
        flush_bin(w, &w->bins[i]);
    lock_take(&j->lock);
    w->next = j->workers;
    j->workers = w;
    lock_give(&j->lock);
}

/* ---- the whole ---- */

static const struct expr *bin_of(const struct command *stats)
{
    const struct expr *by = stats->n_by == 1 ? expr_target(stats->by[0].expr) : NULL;

    return by && by->kind == EXPR_CALL && by->function == FUNCTION_BIN && counts_only(stats)
               ? by
               : NULL;
}

static bool find_memo(struct stats_job *j)
{
    if (j->stats->n_by == 0 || j->stats->n_by > COUNTS_MAX_KEYS)
        return false;
    for (size_t k = 0; k < j->stats->n_by; k++) {
        const struct expr *by = expr_target(j->stats->by[k].expr);
        struct by_column *column = &j->by[k];

        *column = (struct by_column){.formats = UINT32_MAX, .path = PATHS_MAX};
        if (by->kind != EXPR_NAME)
            return false;
        if (by->name.kind == NAME_PATH) {
            /* Every worker adds the same paths in the same order. */
            column->path = paths_find(&j->run->rows.paths, by->text);
            if (column->path == PATHS_MAX)
                return false;
            continue;
        }
        if ((by->name.kind != NAME_FIELD && by->name.kind != NAME_NATIVE) ||
            !counting_can(by->name.field) ||
            (by->name.kind == NAME_NATIVE && index_holds(j->run->index, by->name.others)))
            return false;
        column->field = by->name.field;
        if (by->name.kind == NAME_NATIVE)
            column->formats = by->name.formats;
    }
    return true;
}

static void take_worker(struct run *r, struct groups *groups, struct worker *w)
{
    if (!job_is_cancelled(r->job))
        groups_merge(groups, w->groups);
    r->n_uncounted += w->undecided;
    r->n_unread += extract_failures(w->rows.values.records);
    groups_free(w->groups);
    rows_deinit(&w->rows);
    mem_free(w);
}

struct groups *stats_over_events(struct run *r, struct pool *p, const struct command *stats)
{
    struct groups *groups = groups_new(stats, r->index->store);
    struct stats_job j = {
        .job = {.run = stats_run, .within = r->job},
        .run = r,
        .stats = stats,
        .bin = bin_of(stats),
        .may_stop = r->n_unlooked == 0
    };
    uint64_t looked = 0;

    if (!j.bin && count_rows(r, p, stats, groups))
        return groups;
    j.has_memo = find_memo(&j);
    lock_init(&j.lock);
    progress_expect(r->from.progress, r->selection->n_rows);
    pool_run(p, &j.job);
    while (j.workers) {
        struct worker *w = j.workers;

        j.workers = w->next;
        looked += w->looked;
        take_worker(r, groups, w);
    }
    lock_deinit(&j.lock);
    r->n_unlooked += r->selection->n_rows - looked;
    return groups;
}

/* ---- paths ---- */

struct paths_job {
    struct job job; /* first */
    struct run *run;
    _Atomic size_t next;
};

static void paths_run(struct job *job, unsigned number)
{
    struct paths_job *j = (struct paths_job *)job;
    const struct run *r = j->run;
    struct rows rows;
    size_t next;

    (void)number;
    run_rows_init(r, &rows);
    while (!job_is_cancelled(job) &&
           (next = atomic_fetch_add(&j->next, 1)) < r->index->n_chunks) {
        paths_read(&rows.paths, rows.values.records, r->index->store, next,
                   r->selection->bits[next], job, NULL);
        progress_rows(r->from.progress, store_chunk(r->index->store, next)->n_rows);
    }
    rows_deinit(&rows);
}

void run_read_paths(struct run *r, struct pool *p)
{
    struct paths_job j = {
        .job = {.run = paths_run, .within = r->job},
          .run = r
    };

    if (r->rows.paths.n == 0)
        return;
    progress_expect(r->from.progress, r->index->n_rows);
    pool_run(p, &j.job);
}
