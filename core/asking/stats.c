#include "core/asking/stats.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/bins.h"
#include "core/asking/tally.h"

static_assert((int)STATS_SPARK_BINS == (int)TALLY_BINS, "one bin count");
static_assert((int)STATS_MAX_SPARKS == (int)TALLY_SPARKS, "one spark limit");

/* Different values per group: one set for all workers, of 64-bit hashes of group and value.
 * With the random seed two pairs out of 10 million agree once in 400,000 runs. */
struct pair_set {
    _Atomic uint64_t *cells; /* 0 is free */
    uint64_t n_cells;        /* a power of two, above the number of pairs there can be */
};

static inline _Atomic uint64_t *pair_set_cell(const struct pair_set *set, uint64_t hash)
{
    return &set->cells[hash & (set->n_cells - 1)];
}

/* True when it was not there before. `hash` is not 0. Threads: any. */
static bool pair_set_add(struct pair_set *set, uint64_t hash)
{
    uint64_t i;

    for (i = hash & (set->n_cells - 1);; i = (i + 1) & (set->n_cells - 1)) {
        uint64_t there = atomic_load_explicit(&set->cells[i], memory_order_relaxed);

        if (there == 0 &&
            atomic_compare_exchange_strong_explicit(&set->cells[i], &there, hash,
                                                    memory_order_relaxed, memory_order_relaxed))
            return true;
        if (there == hash)
            return false;
    }
}

/* Grouping */

enum { RECENT_PAIRS = 1 << 14 };

/* What one worker brings. */
struct share {
    struct share *next;
    struct tally tally;
    uint64_t *recent; /* pairs seen lately, by hash: spares most visits to the common set */
    /* Of the batch at hand; here because to clear them on the stack for every batch costs as
     * much as to fill them. */
    struct batch batch;
    uint32_t slots[BATCH_ROWS], ids[BATCH_ROWS];
    uint64_t hashes[BATCH_ROWS];
    int64_t times[BATCH_ROWS];
    uint8_t outcomes[BATCH_ROWS];
};

struct grouping_state {
    atomic_size_t next_chunk;
    struct lock lock;
    /* Under the lock. */
    bool ready;
    struct share *shares; /* of workers that are through */
    size_t n_counted;     /* chunks in them */
    /* Fixed once ready. */
    struct pair_set pairs; /* no cells when nothing is counted */
    bool distinct_is_unique;
    bool with_sparks;
    struct bins spark_bins;
    uint32_t n_ids[STATS_MAX_KEYS];
};

/* Room for a hash per pair that can be: at most one per row, and no more than both dictionaries
 * allow. */
static void pair_set_init(struct pair_set *set, const struct grouping_job *j,
                          const struct grouping_state *state, const struct dictionary *values)
{
    uint64_t limit = j->selection->n_rows, groups = 1, n = 1024;

    for (size_t k = 0; k < j->n_fields; k++) {
        if (field_get(j->fields[k])->kind == FIELD_UNIQUE || groups > limit)
            groups = limit;
        else
            groups *= state->n_ids[k];
    }
    if (!state->distinct_is_unique && groups <= limit &&
        groups * dictionary_count(values) < limit)
        limit = groups * dictionary_count(values);
    while (n < limit + limit / 3)
        n *= 2;
    set->cells = mem_array(n, sizeof *set->cells);
    set->n_cells = n;
}

static void prepare(struct grouping_job *j)
{
    const struct selection *s = j->selection;
    struct dictionary *const *dictionaries = store_dictionaries(s->index->store);
    struct grouping_state *state = j->state;
    bool timed = s->first_us != INSTANT_NONE && s->first_us <= s->last_us;

    for (size_t k = 0; k < j->n_fields; k++)
        state->n_ids[k] = dictionary_count(dictionaries[j->fields[k]]);
    if (timed)
        state->spark_bins =
            bins_make(s->first_us, (s->last_us - s->first_us) / STATS_SPARK_BINS + 1);
    state->with_sparks = timed;
    if (j->distinct_of == FIELD_COUNT)
        return;
    state->distinct_is_unique = field_get(j->distinct_of)->kind == FIELD_UNIQUE;
    pair_set_init(&state->pairs, j, state, dictionaries[j->distinct_of]);
}

static void share_free(struct share *share)
{
    tally_deinit(&share->tally);
    mem_free(share->recent);
    mem_free(share);
}

static inline void spark_add(struct tally_spark *spark, size_t bin, unsigned outcome)
{
    const unsigned failed = 1u << OUTCOME_FAILURE | 1u << OUTCOME_THROTTLED |
                            1u << OUTCOME_BLOCKED | 1u << OUTCOME_FAULT;

    spark->all[bin]++;
    spark->failed[bin] += failed >> outcome & 1;
}

static void count_times(struct share *share, const struct grouping_state *state)
{
    struct tally *t = &share->tally;
    const int64_t *times = share->times;

    batch_times(&share->batch, share->times);
    for (uint32_t i = 0; i < share->batch.n; i++) {
        uint32_t slot = share->slots[i];
        struct tally_extent *extent = &t->extents[slot];

        if (times[i] == INSTANT_NONE)
            continue;
        extent->first_us = times[i] < extent->first_us ? times[i] : extent->first_us;
        extent->last_us = times[i] > extent->last_us ? times[i] : extent->last_us;
        if (t->with_sparks)
            spark_add(&t->sparks[slot], bins_find(&state->spark_bins, times[i]),
                      share->outcomes[i]);
    }
}

/* A hash of group and value per row, 0 where there is no value or the pair was seen lately. */
static void hash_pairs(struct share *share, const struct grouping_job *j)
{
    const struct grouping_state *state = j->state;
    const struct batch *b = &share->batch;

    batch_ids(b, j->distinct_of, share->ids);
    for (uint32_t i = 0; i < b->n; i++) {
        uint64_t hash = share->ids[i] * UINT64_C(0x9e3779b97f4a7c15), *recent;

        share->hashes[i] = 0;
        if (share->ids[i] < VALUE_TEXT)
            continue;
        if (state->distinct_is_unique && share->ids[i] == VALUE_TEXT) {
            const struct unique *u = chunk_unique(b->chunk, b->rows[i], j->distinct_of);

            hash = hash_bytes(bytes_make(u->uuid, sizeof u->uuid));
        }
        hash = hash_u64(share->tally.extents[share->slots[i]].hash ^ hash);
        hash += hash == 0;
        recent = &share->recent[hash >> 40 & (RECENT_PAIRS - 1)];
        if (*recent == hash)
            continue;
        *recent = share->hashes[i] = hash;
        __builtin_prefetch(pair_set_cell(&state->pairs, hash), 1);
    }
}

static void count_distinct(struct share *share, struct grouping_job *j)
{
    struct grouping_state *state = j->state;

    hash_pairs(share, j);
    for (uint32_t i = 0; i < share->batch.n; i++) {
        if (share->hashes[i] && pair_set_add(&state->pairs, share->hashes[i]))
            share->tally.extents[share->slots[i]].distinct++;
    }
}

static void count_chunk(struct share *share, struct grouping_job *j, size_t number)
{
    const struct selection *s = j->selection;
    const struct grouping_state *state = j->state;
    struct tally *t = &share->tally;

    batch_start(&share->batch, store_chunk(s->index->store, number), s->bits[number]);
    while (batch_next(&share->batch)) {
        tally_slots(t, &share->batch, share->slots);
        batch_outcomes(&share->batch, share->outcomes);
        for (uint32_t i = 0; i < share->batch.n; i++)
            t->outcomes[share->slots[i]][share->outcomes[i]]++;
        count_times(share, state);
        if (state->pairs.n_cells)
            count_distinct(share, j);
    }
}

/* Results */

static int compare_keys(const struct group *x, const struct group *y)
{
    for (size_t k = 0; k < STATS_MAX_KEYS; k++) {
        int order = (int)x->keys[k].state - (int)y->keys[k].state;

        if (order == 0)
            order = bytes_compare(x->keys[k].text, y->keys[k].text);
        if (order)
            return order;
    }
    return 0;
}

/* What decides the order of most groups, close together: with many groups the texts are
 * scattered over memory, and most of them tie in their count. */
struct place {
    uint64_t count;
    uint64_t start; /* of the first key's text, behind what all of them begin with */
    const struct group *group;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return compare_keys(x->group, y->group);
}

/* How many bytes all texts of the first key have in common at their start. */
static size_t common_start(const struct grouping *g)
{
    struct bytes common = {0};
    bool any = false;

    for (size_t i = 0; i < g->n_groups; i++) {
        const struct group_key *key = &g->groups[i].keys[0];
        size_t n = 0;

        if (key->state != VALUE_TEXT)
            continue;
        if (!any)
            common = key->text;
        any = true;
        while (n < common.len && n < key->text.len && common.ptr[n] == key->text.ptr[n])
            n++;
        common.len = n;
    }
    return common.len;
}

/* Eight bytes as a number that sorts like them. */
static uint64_t start_of(struct bytes text)
{
    uint64_t start = 0;

    for (size_t i = 0; i < 8; i++)
        start = start << 8 | (i < text.len ? (unsigned char)text.ptr[i] : 0);
    return start;
}

static void sort_groups(struct grouping *g)
{
    struct place *places = mem_array(g->n_groups, sizeof *places);
    struct group *sorted = mem_array(g->n_groups, sizeof *sorted);
    size_t common = common_start(g);

    for (size_t i = 0; i < g->n_groups; i++) {
        struct bytes text = g->groups[i].keys[0].text;

        places[i].count = g->groups[i].count;
        places[i].start = start_of(bytes_slice(text, common, text.len));
        places[i].group = &g->groups[i];
    }
    qsort(places, g->n_groups, sizeof *places, compare_places);
    for (size_t i = 0; i < g->n_groups; i++)
        sorted[i] = *places[i].group;
    mem_free(places);
    mem_free(g->groups);
    g->groups = sorted;
}

static struct group_key key_of(struct grouping *g, const struct tally *t, unsigned key,
                               uint32_t slot)
{
    struct dictionary *const *dictionaries = store_dictionaries(g->selection->index->store);
    const struct unique *uuid;
    uint32_t id;

    tally_code(t, key, slot, &id, &uuid);
    if (uuid) {
        char *text = arena_alloc(&g->arena, UNIQUE_TEXT_BYTES);

        unique_write(uuid, text);
        return (struct group_key){VALUE_TEXT, bytes_make(text, UNIQUE_TEXT_BYTES)};
    }
    if (id < VALUE_TEXT)
        return (struct group_key){(enum value_state)id, bytes_make("", 0)};
    return (struct group_key){VALUE_TEXT, dictionary_text(dictionaries[t->fields[key]], id)};
}

static void fill_group(struct grouping *g, const struct tally *t, uint32_t slot)
{
    static const uint32_t nothing[STATS_SPARK_BINS];
    const struct tally_extent *extent = &t->extents[slot];
    struct group *group = &g->groups[slot];
    bool timed = extent->first_us <= extent->last_us;

    for (unsigned k = 0; k < t->n_keys; k++)
        group->keys[k] = key_of(g, t, k, slot);
    for (size_t o = 0; o < OUTCOME_COUNT; o++) {
        group->outcomes[o] = t->outcomes[slot][o];
        group->count += t->outcomes[slot][o];
    }
    group->distinct = extent->distinct;
    group->first_us = timed ? extent->first_us : INSTANT_NONE;
    group->last_us = timed ? extent->last_us : INSTANT_NONE;
    group->spark = group->spark_failures = nothing;
    group->slot = slot;
    g->n_rows += group->count;
}

/* The sparks of the groups that stand first, when there were too many groups to keep one for
 * each: reads the rows once more. */
static void count_top_sparks(struct grouping_job *j, struct tally *t, const uint32_t *ranks,
                             struct tally_spark *sparks)
{
    const struct selection *s = j->selection;
    const struct grouping_state *state = j->state;

    for (size_t i = 0; i < s->index->n_chunks && !job_is_cancelled(&j->job); i++) {
        uint32_t slots[BATCH_ROWS];
        int64_t times[BATCH_ROWS];
        uint8_t outcomes[BATCH_ROWS];
        struct batch b;

        batch_start(&b, store_chunk(s->index->store, i), s->bits[i]);
        while (batch_next(&b)) {
            tally_slots(t, &b, slots);
            batch_times(&b, times);
            batch_outcomes(&b, outcomes);
            for (uint32_t r = 0; r < b.n; r++) {
                if (times[r] != INSTANT_NONE && ranks[slots[r]] < STATS_MAX_SPARKS)
                    spark_add(&sparks[ranks[slots[r]]], bins_find(&state->spark_bins, times[r]),
                              outcomes[r]);
            }
        }
    }
}

static void add_sparks(struct grouping *g, struct grouping_job *j, struct tally *t)
{
    size_t n = g->n_groups < STATS_MAX_SPARKS ? g->n_groups : STATS_MAX_SPARKS;
    struct tally_spark *sparks = arena_alloc(&g->arena, n * sizeof *sparks);

    if (t->with_sparks) {
        for (size_t i = 0; i < n; i++)
            sparks[i] = t->sparks[g->groups[i].slot];
    } else {
        uint32_t *ranks = mem_array(t->n, sizeof *ranks);

        for (size_t i = 0; i < g->n_groups; i++)
            ranks[g->groups[i].slot] = (uint32_t)i;
        count_top_sparks(j, t, ranks, sparks);
        mem_free(ranks);
    }
    for (size_t i = 0; i < n; i++) {
        g->groups[i].spark = sparks[i].all;
        g->groups[i].spark_failures = sparks[i].failed;
    }
}

static struct grouping *make_result(struct grouping_job *j, struct tally *t)
{
    const struct grouping_state *state = j->state;
    struct grouping *g = mem_alloc(sizeof *g);

    g->selection = selection_hold(j->selection);
    memcpy(g->fields, j->fields, sizeof g->fields);
    g->n_fields = j->n_fields;
    g->distinct_of = j->distinct_of;
    g->spark_from_us = state->with_sparks ? state->spark_bins.from_us : INSTANT_NONE;
    g->spark_bin_us = state->with_sparks ? state->spark_bins.width_us : 0;
    g->n_groups = t->n;
    g->groups = mem_array(t->n, sizeof *g->groups);
    for (uint32_t slot = 0; slot < t->n; slot++)
        fill_group(g, t, slot);
    sort_groups(g);
    if (state->with_sparks)
        add_sparks(g, j, t);
    return g;
}

/* Called by the worker that is through last; nobody else touches the state any more. */
static void finish(struct grouping_job *j)
{
    struct grouping_state *state = j->state;
    struct share *whole = state->shares;
    struct grouping *result;

    for (struct share *s = whole->next; s && !job_is_cancelled(&j->job); s = s->next)
        tally_merge(&whole->tally, &s->tally);
    if (job_is_cancelled(&j->job))
        return;
    result = make_result(j, &whole->tally);
    if (job_is_cancelled(&j->job))
        grouping_free(result);
    else
        j->result = result;
}

/* Adds a worker's share; true when all chunks are counted with it. */
static bool hand_in(struct grouping_state *state, struct share *share, size_t n_counted,
                    size_t n_chunks)
{
    bool last;

    lock_take(&state->lock);
    share->next = state->shares;
    state->shares = share;
    state->n_counted += n_counted;
    last = state->n_counted == n_chunks;
    lock_give(&state->lock);
    return last;
}

static void grouping_run(struct job *job, unsigned worker)
{
    struct grouping_job *j = (struct grouping_job *)job;
    struct grouping_state *state = j->state;
    size_t n_chunks = j->selection->index->n_chunks, n_counted = 0;
    size_t next = atomic_fetch_add(&state->next_chunk, 1);
    struct share *share;

    /* Whoever comes when all is handed out has nothing to add, except to nothing. */
    if (next >= n_chunks && !(n_chunks == 0 && worker == 0))
        return;
    lock_take(&state->lock);
    if (!state->ready)
        prepare(j);
    state->ready = true;
    lock_give(&state->lock);

    share = mem_alloc(sizeof *share);
    tally_init(&share->tally, j->fields, (unsigned)j->n_fields, state->n_ids,
               state->with_sparks);
    if (state->pairs.n_cells)
        share->recent = mem_array(RECENT_PAIRS, sizeof *share->recent);
    while (next < n_chunks && !job_is_cancelled(job)) {
        count_chunk(share, j, next);
        n_counted++;
        next = atomic_fetch_add(&state->next_chunk, 1);
    }
    if (hand_in(state, share, n_counted, n_chunks))
        finish(j);
}

void grouping_init(struct grouping_job *j, struct selection *s, const enum field_id *fields,
                   size_t n_fields, enum field_id distinct_of)
{
    struct grouping_state *state = mem_alloc(sizeof *state);

    assert(n_fields >= 1 && n_fields <= STATS_MAX_KEYS);
    assert(distinct_of == FIELD_COUNT || store_dictionaries(s->index->store)[distinct_of]);
    *j = (struct grouping_job){.job.run = grouping_run, .distinct_of = distinct_of};
    j->selection = selection_hold(s);
    for (size_t k = 0; k < n_fields; k++) {
        assert(store_dictionaries(s->index->store)[fields[k]]);
        j->fields[k] = fields[k];
    }
    j->n_fields = n_fields;
    j->state = state;
    lock_init(&state->lock);
}

void grouping_deinit(struct grouping_job *j)
{
    struct grouping_state *state = j->state;

    for (struct share *share = state->shares, *next; share; share = next) {
        next = share->next;
        share_free(share);
    }
    mem_free(state->pairs.cells);
    lock_deinit(&state->lock);
    mem_free(state);
    grouping_free(j->result);
    selection_release(j->selection);
    *j = (struct grouping_job){0};
}

void grouping_free(struct grouping *g)
{
    if (!g)
        return;
    selection_release(g->selection);
    mem_free(g->groups);
    arena_deinit(&g->arena);
    mem_free(g);
}
