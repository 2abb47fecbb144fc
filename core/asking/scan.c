#include "core/asking/scan.h"

#include <time.h>

#include "core/base/mem.h"

#include "core/asking/bitmap.h"

enum { MS_BETWEEN_PARTS = 1000 };

struct scan_state {
    struct plan plan;
    const struct expr **filters;
    size_t n_filters;
    struct selection *selection;
    _Atomic size_t next;
    _Atomic unsigned working; /* workers inside */
    atomic_bool *done;        /* chunks of the selection that are final */
    _Atomic int64_t part_due_ms;
    atomic_bool ended;
    _Atomic uint64_t n_unknown, n_undecided, n_unread, n_duplicates, n_rows;
    _Atomic uint64_t outcomes[OUTCOME_COUNT];
};

struct selection *selection_hold(struct selection *s)
{
    atomic_fetch_add(&s->uses, 1);
    return s;
}

void selection_release(struct selection *s)
{
    if (!s || atomic_fetch_sub(&s->uses, 1) != 1)
        return;
    for (size_t i = 0; i < s->index->n_chunks; i++)
        mem_free(s->bits[i]);
    mem_free(s->bits_owned);
    mem_free(s->rows_owned);
    index_release(s->index);
    mem_free(s);
}

bool selection_has(const struct selection *s, row_id row)
{
    size_t chunk = row_chunk(row), i = row_in_chunk(row);

    return chunk < s->index->n_chunks && (s->bits[chunk][i / 64] >> (i % 64) & 1);
}

uint64_t selection_find(const struct selection *s, row_id row)
{
    uint64_t low = 0, high = s->n_rows;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (index_compare(s->index->store, s->rows[middle], row) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t count_bits(const struct chunk *c, const uint64_t *bits)
{
    uint64_t total = 0;

    for (size_t w = 0; w < (c->n_rows + 63) / 64; w++)
        total += (uint64_t)__builtin_popcountll(bits[w]);
    return total;
}

/* Rows that are all selected are counted in turns, as adding to one number again and again
 * waits for the sum before. */
static void count_outcomes(uint64_t *outcomes, const struct chunk *c, const uint64_t *bits)
{
    enum { TURNS = 4, IDS = DICTIONARY_FIRST_TEXT + OUTCOME_COUNT };
    uint32_t counts[TURNS][UINT8_MAX + 1] = {0};
    const struct column *column = &c->ids[FIELD_OUTCOME];
    const uint8_t *ids = column->width == 1 ? column->data : NULL;

    for (size_t w = 0; w < (c->n_rows + 63) / 64; w++) {
        if (ids && bits[w] == UINT64_MAX) {
            for (size_t i = 0; i < 64; i++)
                counts[i % TURNS][ids[w * 64 + i]]++;
            continue;
        }
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            uint64_t id = column_get(column, w * 64 + (size_t)__builtin_ctzll(left));

            if (id < IDS)
                counts[0][id]++;
        }
    }
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        for (size_t turn = 0; turn < TURNS; turn++)
            outcomes[i] += counts[turn][DICTIONARY_FIRST_TEXT + i];
    }
}

/* Rows of `more` beyond `bits`, hidden duplicates left out. */
static uint64_t count_beyond(const uint64_t *more, const uint64_t *bits, const uint64_t *hidden)
{
    uint64_t count = 0;

    for (size_t w = 0; w < BITMAP_WORDS; w++)
        count += (uint64_t)__builtin_popcountll(more[w] & ~bits[w] &
                                                (hidden ? ~hidden[w] : UINT64_MAX));
    return count;
}

static uint64_t hide(uint64_t *bits, const uint64_t *hidden)
{
    uint64_t count = 0;

    for (size_t w = 0; hidden && w < BITMAP_WORDS; w++) {
        count += (uint64_t)__builtin_popcountll(bits[w] & hidden[w]);
        bits[w] &= ~hidden[w];
    }
    return count;
}

static void give_chunk(struct scan_state *state, size_t number, uint64_t *bits)
{
    state->selection->bits_owned[number] = bits;
    atomic_store_explicit(&state->done[number], true, memory_order_release);
}

/* Leaves only rows that every set of rows among the filters names. False when none is left. */
static bool keep_named(const struct scan *s, size_t chunk, uint64_t *bits)
{
    bool left = true;

    for (size_t i = 0; i < s->request.n_filters; i++) {
        const struct query *q = s->request.filters[i];

        for (size_t k = 0; k < q->n_row_sets; k++)
            left &= row_set_keep(q->row_sets[k], chunk, bits);
    }
    return left;
}

/* Chunks without a named row need not be looked at. */
static bool may_select(const struct scan *s, size_t chunk)
{
    uint64_t bits[BITMAP_WORDS] = {0};

    return keep_named(s, chunk, bits);
}

/* False when it has to end: nothing of the chunk counts. */
static bool scan_chunk(struct scan *s, struct bitmap_runner *r, size_t number)
{
    struct scan_state *state = s->state;
    const struct index *index = s->request.index;
    const uint64_t *hidden =
        s->request.with_duplicates || !index->duplicates ? NULL : index->duplicates[number];
    uint64_t *bits = mem_array(BITMAP_WORDS, sizeof *bits), more[BITMAP_WORDS];
    uint64_t unread = decider_unread(&r->decider), n_unknown = 0, n_undecided = 0;
    uint64_t outcomes[OUTCOME_COUNT] = {0};
    bool missing;

    if (!may_select(s, number)) {
        progress_rows(s->request.progress, store_chunk(index->store, number)->n_rows);
        give_chunk(state, number, bits);
        return true;
    }
    bitmap_run(r, number, BITMAP_STRICT, bits);
    keep_named(s, number, bits);
    missing = r->saw_missing;
    if (r->saw_undecided) {
        bitmap_run(r, number, BITMAP_UNDECIDED, more);
        keep_named(s, number, more);
        n_undecided = count_beyond(more, bits, hidden);
    }
    if (missing) {
        bitmap_run(r, number, BITMAP_MISSING, more);
        keep_named(s, number, more);
        if (s->request.keep_unknown)
            memcpy(bits, more, sizeof more);
        else
            n_unknown = count_beyond(more, bits, hidden);
    }
    if (decider_ends(&r->decider)) {
        mem_free(bits);
        return false;
    }
    atomic_fetch_add(&state->n_undecided, n_undecided);
    atomic_fetch_add(&state->n_unknown, n_unknown);
    atomic_fetch_add(&state->n_unread, decider_unread(&r->decider) - unread);
    atomic_fetch_add(&state->n_duplicates, hide(bits, hidden));
    atomic_fetch_add(&state->n_rows, count_bits(r->decider.chunk, bits));
    if (!s->request.bits_only)
        count_outcomes(outcomes, r->decider.chunk, bits);
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        atomic_fetch_add(&state->outcomes[i], outcomes[i]);
    progress_rows(s->request.progress, r->decider.chunk->n_rows);
    give_chunk(state, number, bits);
    return true;
}

/* Puts the selected rows in time order: one pass over the order of the index. */
static void order_rows(struct selection *s)
{
    const struct index *index = s->index;
    row_id *rows;
    uint64_t count = 0;

    s->rows = index->order;
    if (s->n_rows == index->n_rows)
        return;
    rows = mem_resize(NULL, s->n_rows + 1, sizeof *rows);
    for (uint64_t i = 0; i < index->n_rows && count < s->n_rows; i++) {
        row_id row = index->order[i];
        size_t at = row_in_chunk(row);

        /* Written always, counted when selected: no branch to mispredict. */
        rows[count] = row;
        count += s->bits[row_chunk(row)][at / 64] >> (at % 64) & 1;
    }
    s->rows = s->rows_owned = rows;
}

static void find_span(struct selection *s)
{
    const struct store *store = s->index->store;
    uint64_t low = 0, high = s->n_rows;

    s->first_us = s->last_us = INSTANT_NONE;
    /* Rows without a time stand at the end. */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (store_time(store, s->rows[middle]) != INSTANT_NONE)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return;
    s->first_us = store_time(store, s->rows[0]);
    s->last_us = store_time(store, s->rows[low - 1]);
}

/* Chunks that were not looked at select nothing; true when there are some. */
static uint64_t close_gaps(struct selection *s)
{
    uint64_t unlooked = 0;

    for (size_t i = 0; i < s->index->n_chunks; i++) {
        if (s->bits_owned[i])
            continue;
        s->bits_owned[i] = mem_array(BITMAP_WORDS, sizeof *s->bits_owned[i]);
        unlooked += store_chunk(s->index->store, i)->n_rows;
    }
    return unlooked;
}

static void finish(struct scan *s)
{
    struct scan_state *state = s->state;
    struct selection *selection = state->selection;

    selection->n_unlooked = close_gaps(selection);
    selection->n_rows = state->n_rows;
    selection->n_unknown = state->n_unknown;
    selection->n_undecided = state->n_undecided;
    selection->n_unread = state->n_unread;
    selection->n_duplicates = state->n_duplicates;
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        selection->outcomes[i] = state->outcomes[i];
    if (!s->request.bits_only) {
        order_rows(selection);
        find_span(selection);
    }
    state->selection = NULL;
    s->result = selection;
}

/* ---- parts ---- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A selection of its own from the chunks that are final. */
static struct selection *make_part(const struct scan_state *state)
{
    const struct selection *whole = state->selection;
    struct selection *part = mem_alloc(sizeof *part);
    size_t n_chunks = whole->index->n_chunks;

    part->index = index_hold(whole->index);
    part->bits_owned = mem_array(n_chunks, sizeof *part->bits_owned);
    part->bits = part->bits_owned;
    part->uses = 1;
    for (size_t i = 0; i < n_chunks; i++) {
        const struct chunk *c = store_chunk(whole->index->store, i);

        if (!atomic_load_explicit(&state->done[i], memory_order_acquire))
            continue;
        part->bits_owned[i] = mem_resize(NULL, BITMAP_WORDS, sizeof *part->bits_owned[i]);
        memcpy(part->bits_owned[i], whole->bits_owned[i], BITMAP_WORDS * sizeof(uint64_t));
        part->n_rows += count_bits(c, part->bits_owned[i]);
        count_outcomes(part->outcomes, c, part->bits_owned[i]);
    }
    part->n_unlooked = close_gaps(part);
    part->n_unknown = state->n_unknown;
    part->n_undecided = state->n_undecided;
    part->n_unread = state->n_unread;
    part->n_duplicates = state->n_duplicates;
    order_rows(part);
    find_span(part);
    return part;
}

/* After a chunk: shows what was found, when the question takes long and the last part is a
 * while ago. */
static void show_part(struct scan *s)
{
    struct scan_state *state = s->state;
    int64_t now = now_ms(), due = atomic_load(&state->part_due_ms);

    if (!s->request.parts_to || now < due || job_is_cancelled(&s->job) ||
        !atomic_compare_exchange_strong(&state->part_due_ms, &due, now + MS_BETWEEN_PARTS))
        return;
    selection_release(atomic_exchange(&s->part, make_part(state)));
    pool_nudge(s->request.parts_to);
}

struct selection *scan_take_part(struct scan *s)
{
    return atomic_exchange(&s->part, NULL);
}

/* A worker that leaves while no other is inside ends the scan: by then either all chunks are
 * handed out and done, or nobody will take another. */
static void leave(struct scan *s)
{
    struct scan_state *state = s->state;
    bool through = atomic_load(&state->next) >= s->request.index->n_chunks ||
                   progress_is_enough(s->request.progress);

    if (atomic_fetch_sub(&state->working, 1) == 1 && through && !job_is_cancelled(&s->job) &&
        !atomic_exchange(&state->ended, true))
        finish(s);
}

static void scan_run(struct job *job, unsigned worker)
{
    struct scan *s = (struct scan *)job;
    struct scan_state *state = s->state;
    size_t n_chunks = s->request.index->n_chunks;
    struct bitmap_runner runner;

    (void)worker;
    atomic_fetch_add(&state->working, 1);
    if (atomic_load(&state->next) < n_chunks) {
        bitmap_runner_init(&runner, &state->plan, job);
        while (!decider_ends(&runner.decider)) {
            size_t number = atomic_fetch_add(&state->next, 1);

            if (number >= n_chunks || !scan_chunk(s, &runner, number))
                break;
            show_part(s);
        }
        bitmap_runner_deinit(&runner);
    }
    leave(s);
}

static void collect_filters(struct scan_state *state, const struct scan_request *request)
{
    size_t count = 0;

    for (size_t i = 0; i < request->n_filters; i++)
        count += request->filters[i]->n_commands;
    state->filters = mem_array(count, sizeof(struct expr *));
    for (size_t i = 0; i < request->n_filters; i++) {
        const struct query *q = request->filters[i];

        for (size_t j = 0; j < q->n_commands; j++) {
            if (q->commands[j]->kind == COMMAND_FILTER && q->commands[j]->expr)
                state->filters[state->n_filters++] = q->commands[j]->expr;
        }
    }
}

void scan_init(struct scan *s, const struct scan_request *request)
{
    struct scan_state *state = mem_alloc(sizeof *state);
    struct selection *selection = mem_alloc(sizeof *selection);
    size_t n_chunks = request->index->n_chunks;
    struct reread from = {.archive = request->archive,
                          .load = request->load,
                          .recall = request->recall,
                          .progress = request->progress};

    *s = (struct scan){.request = *request, .state = state};
    s->job.run = scan_run;
    index_hold(request->index);
    collect_filters(state, request);
    plan_init(&state->plan, request->index, &from, state->filters, state->n_filters);
    selection->index = index_hold(request->index);
    selection->bits_owned = mem_array(n_chunks, sizeof *selection->bits_owned);
    selection->bits = selection->bits_owned;
    selection->first_us = selection->last_us = INSTANT_NONE;
    selection->uses = 1;
    state->selection = selection;
    state->done = mem_array(n_chunks, sizeof *state->done);
    state->part_due_ms = now_ms() + request->parts_after_ms;
    progress_expect(request->progress, request->index->n_rows);
}

static void free_flags(struct scan_state *state)
{
    void *flags = (void *)(uintptr_t)state->done;

    mem_free(flags);
}

void scan_deinit(struct scan *s)
{
    struct scan_state *state = s->state;

    if (!state)
        return;
    selection_release(s->result);
    selection_release(state->selection);
    selection_release(s->part);
    free_flags(state);
    plan_deinit(&state->plan);
    mem_free(state->filters);
    mem_free(state);
    index_release(s->request.index);
    s->state = NULL;
    s->result = NULL;
}
