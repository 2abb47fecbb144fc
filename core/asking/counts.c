#include "core/asking/counts.h"

#include <assert.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/batch.h"

enum {
    TURNS =
        4, /* copies of a small table: adding to one number again waits for the sum before */
    FEW_CELLS = 4096,
    MAX_CELLS = 1 << 22,
    FIRST_SLOTS = 4096,
};

/* Pairs of a worker, where most that could be do not occur: open addressing, a count of 0 is
 * free. */
struct pairs {
    struct counted *slots;
    size_t n_slots, n;
};

/* What one worker brings. */
struct share {
    struct share *next;
    uint32_t *cells; /* by first id × pitch + second id; NULL with `pairs` */
    struct pairs pairs;
    struct batch batch;
    uint32_t first[BATCH_ROWS], second[BATCH_ROWS];
};

struct counting_state {
    _Atomic size_t next_chunk;
    _Atomic unsigned working;
    atomic_bool ended;
    uint64_t pitch;   /* ids of the second key; 1 without one */
    uint64_t n_cells; /* 0: too many, they are hashed */
    unsigned turns;   /* tables of n_cells */
    struct lock lock;
    struct share *shares;
};

/* ---- hashed ---- */

static size_t slot_of(const struct pairs *p, uint32_t first, uint32_t second)
{
    size_t i = hash_u64(first | (uint64_t)second << 32) & (p->n_slots - 1);

    while (p->slots[i].count && (p->slots[i].ids[0] != first || p->slots[i].ids[1] != second))
        i = (i + 1) & (p->n_slots - 1);
    return i;
}

static void pairs_grow(struct pairs *p)
{
    struct pairs larger = {.n_slots = p->n_slots ? p->n_slots * 2 : FIRST_SLOTS, .n = p->n};

    larger.slots = mem_array(larger.n_slots, sizeof *larger.slots);
    for (size_t i = 0; i < p->n_slots; i++) {
        const struct counted *c = &p->slots[i];

        if (c->count)
            larger.slots[slot_of(&larger, c->ids[0], c->ids[1])] = *c;
    }
    mem_free(p->slots);
    *p = larger;
}

static void pairs_add(struct pairs *p, uint32_t first, uint32_t second, uint64_t count)
{
    struct counted *slot;

    if (p->n * 2 >= p->n_slots)
        pairs_grow(p);
    slot = &p->slots[slot_of(p, first, second)];
    p->n += slot->count == 0;
    *slot = (struct counted){
        {first, second},
        slot->count + count
    };
}

/* ---- a chunk ---- */

/* The width is passed once more as a constant, so that each case is a loop of its own. */
static inline void count_run(const struct column *c, uint8_t width, uint32_t n_rows,
                             uint32_t *cells, uint64_t n_cells, unsigned turns)
{
    const struct column fixed = {c->base, c->data, width};

    for (uint32_t i = 0; i < n_rows; i++)
        cells[(i & (turns - 1)) * n_cells + column_get(&fixed, i)]++;
}

/* One key, all rows. */
static void count_whole(const struct counting_state *state, const struct column *c,
                        uint32_t n_rows, uint32_t *cells)
{
    switch (c->width) {
    case 0:
        cells[c->base] += n_rows;
        break;
    case 1:
        count_run(c, 1, n_rows, cells, state->n_cells, state->turns);
        break;
    case 2:
        count_run(c, 2, n_rows, cells, state->n_cells, state->turns);
        break;
    default:
        count_run(c, c->width, n_rows, cells, state->n_cells, state->turns);
    }
}

static bool is_whole(const struct chunk *c, const uint64_t *bits)
{
    for (size_t w = 0; w < c->n_rows / 64; w++) {
        if (bits[w] != UINT64_MAX)
            return false;
    }
    return c->n_rows % 64 == 0 || bits[c->n_rows / 64] == (UINT64_C(1) << c->n_rows % 64) - 1;
}

static void count_batch(const struct counting_state *state, struct share *share)
{
    const uint32_t *first = share->first, *second = share->second;

    if (!state->n_cells) {
        for (uint32_t i = 0; i < share->batch.n; i++)
            pairs_add(&share->pairs, first[i], second[i], 1);
        return;
    }
    for (uint32_t i = 0; i < share->batch.n; i++)
        share->cells[(i & (state->turns - 1)) * state->n_cells + first[i] * state->pitch +
                     second[i]]++;
}

static void count_chunk(const struct counting_job *j, struct share *share, size_t number)
{
    const struct counting_state *state = j->state;
    const struct chunk *c = store_chunk(j->selection->index->store, number);
    const uint64_t *bits = j->selection->bits[number];

    if (j->n_fields == 1 && state->n_cells && is_whole(c, bits)) {
        count_whole(state, &c->ids[j->fields[0]], c->n_rows, share->cells);
        return;
    }
    batch_start(&share->batch, c, bits);
    while (batch_next(&share->batch)) {
        batch_ids(&share->batch, j->fields[0], share->first);
        if (j->n_fields > 1)
            batch_ids(&share->batch, j->fields[1], share->second);
        count_batch(state, share);
    }
}

/* ---- the whole ---- */

static void sum_cells(struct counting_job *j)
{
    const struct counting_state *state = j->state;
    uint32_t *all = state->shares->cells;
    size_t n = 0;

    for (const struct share *s = state->shares; s; s = s->next) {
        for (unsigned turn = s == state->shares; turn < state->turns; turn++) {
            for (uint64_t i = 0; i < state->n_cells; i++)
                all[i] += s->cells[turn * state->n_cells + i];
        }
    }
    for (uint64_t i = 0; i < state->n_cells; i++)
        n += all[i] != 0;
    j->items = mem_resize(NULL, n, sizeof *j->items);
    for (uint64_t i = 0; i < state->n_cells; i++) {
        if (all[i])
            j->items[j->n_items++] = (struct counted){
                {(uint32_t)(i / state->pitch), (uint32_t)(i % state->pitch)},
                all[i]
            };
    }
}

static void sum_pairs(struct counting_job *j)
{
    const struct counting_state *state = j->state;
    struct pairs *all = &state->shares->pairs;

    for (const struct share *s = state->shares->next; s; s = s->next) {
        for (size_t i = 0; i < s->pairs.n_slots; i++) {
            const struct counted *c = &s->pairs.slots[i];

            if (c->count)
                pairs_add(all, c->ids[0], c->ids[1], c->count);
        }
    }
    j->items = mem_resize(NULL, all->n, sizeof *j->items);
    for (size_t i = 0; i < all->n_slots; i++) {
        if (all->slots[i].count)
            j->items[j->n_items++] = all->slots[i];
    }
}

/* The last worker to leave sums up; see scan.c. */
static void leave(struct counting_job *j)
{
    struct counting_state *state = j->state;

    if (atomic_fetch_sub(&state->working, 1) != 1 || job_is_cancelled(&j->job) ||
        atomic_exchange(&state->ended, true))
        return;
    if (state->shares && state->n_cells)
        sum_cells(j);
    else if (state->shares)
        sum_pairs(j);
    j->done = true;
}

static void counting_run(struct job *job, unsigned worker)
{
    struct counting_job *j = (struct counting_job *)job;
    struct counting_state *state = j->state;
    size_t n_chunks = j->selection->index->n_chunks, next;
    struct share *share;

    (void)worker;
    atomic_fetch_add(&state->working, 1);
    next = atomic_fetch_add(&state->next_chunk, 1);
    if (next < n_chunks) {
        share = mem_alloc(sizeof *share);
        if (state->n_cells)
            share->cells = mem_array(state->n_cells * state->turns, sizeof *share->cells);
        for (; next < n_chunks && !job_is_cancelled(job);
             next = atomic_fetch_add(&state->next_chunk, 1))
            count_chunk(j, share, next);
        lock_take(&state->lock);
        share->next = state->shares;
        state->shares = share;
        lock_give(&state->lock);
    }
    leave(j);
}

bool counting_can(enum field_id field)
{
    enum field_kind kind = field_get(field)->kind;

    return kind == FIELD_TEXT || kind == FIELD_CHOICE;
}

/* A table by id is faster than hashing, unless it would mostly be clearing it. */
static void choose_table(struct counting_state *state, const struct counting_job *j)
{
    struct dictionary *const *dictionaries = store_dictionaries(j->selection->index->store);
    uint64_t cells = dictionary_count(dictionaries[j->fields[0]]);

    state->pitch = j->n_fields > 1 ? dictionary_count(dictionaries[j->fields[1]]) : 1;
    cells *= state->pitch;
    if (j->n_fields == 1 ||
        (cells <= MAX_CELLS && cells <= FEW_CELLS + 2 * j->selection->n_rows))
        state->n_cells = cells;
    state->turns = cells <= FEW_CELLS ? TURNS : 1;
}

void counting_init(struct counting_job *j, struct selection *s, const enum field_id *fields,
                   size_t n_fields)
{
    struct counting_state *state = mem_alloc(sizeof *state);

    assert(n_fields >= 1 && n_fields <= COUNTS_MAX_KEYS);
    *j = (struct counting_job){.job.run = counting_run, .n_fields = n_fields, .state = state};
    j->selection = selection_hold(s);
    for (size_t k = 0; k < n_fields; k++) {
        assert(counting_can(fields[k]));
        j->fields[k] = fields[k];
    }
    choose_table(state, j);
    lock_init(&state->lock);
}

void counting_deinit(struct counting_job *j)
{
    struct counting_state *state = j->state;

    for (struct share *share = state->shares, *next; share; share = next) {
        next = share->next;
        mem_free(share->cells);
        mem_free(share->pairs.slots);
        mem_free(share);
    }
    lock_deinit(&state->lock);
    mem_free(state);
    mem_free(j->items);
    selection_release(j->selection);
    *j = (struct counting_job){0};
}
