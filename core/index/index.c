#include "core/index/index.h"

#include "core/base/mem.h"
#include "core/base/radix.h"

#include "core/index/duplicate.h"

enum { ROWS_BETWEEN_LOOKS = 16 * 1024 /* at `cancelled` */ };

/* The rows of one chunk in order, on their way into the whole. */
struct run {
    const struct chunk *chunk;
    const uint16_t *rows; /* NULL: they stand in order already */
    uint32_t at;
    uint32_t number;
    uint64_t key; /* of the row at `at` */
};

struct build {
    const struct store *store;
    size_t n_chunks;
    const atomic_bool *cancelled;
    struct run *runs;
    uint32_t *heap; /* of run numbers, the least row on top */
    size_t n_heap;
    uint16_t *rows;
    uint64_t *items, *scratch; /* CHUNK_ROWS */
};

/* The index with what it owns. */
struct built {
    struct index index; /* first */
    row_id *order;
    struct duplicates duplicates;
};

/* Times as unsigned numbers in the same order; none comes last. */
static uint64_t time_key(const struct chunk *c, size_t row)
{
    int64_t at_us = chunk_time(c, row);

    return at_us == INSTANT_NONE ? UINT64_MAX : (uint64_t)at_us ^ UINT64_C(1) << 63;
}

static int compare_places(const struct chunk *a, size_t row_a, const struct chunk *b,
                          size_t row_b)
{
    uint64_t x = column_get(&a->file, row_a), y = column_get(&b->file, row_b);

    if (x == y) {
        x = column_get(&a->offset, row_a);
        y = column_get(&b->offset, row_b);
    }
    return (x > y) - (x < y);
}

enum key { KEY_OFFSET, KEY_FILE, KEY_TIME };

static uint64_t sort_key(const struct chunk *c, size_t row, enum key key)
{
    if (key == KEY_OFFSET)
        return column_get(&c->offset, row) - c->offset.base;
    if (key == KEY_FILE)
        return column_get(&c->file, row) - c->file.base;
    /* `time_none` is the value behind the last, or there is no other. */
    return column_get(&c->time, row) - c->time.base;
}

/* Stable, by one key. Items hold half of a key above a row number. */
static void sort_rows(struct build *b, const struct chunk *c, uint16_t *rows, enum key key)
{
    uint64_t all = 0;

    for (unsigned half = 0; half < 64; half += 32) {
        if (half && !(all >> 32))
            return;
        for (size_t i = 0; i < c->n_rows; i++) {
            uint64_t value = sort_key(c, rows[i], key);

            all |= value;
            b->items[i] = (value >> half & UINT32_MAX) << CHUNK_SHIFT | rows[i];
        }
        radix_sort(b->items, b->scratch, c->n_rows, CHUNK_SHIFT, 32);
        for (size_t i = 0; i < c->n_rows; i++)
            rows[i] = (uint16_t)b->items[i];
    }
}

/* Brings the rows of a chunk in order. NULL when they are. */
static const uint16_t *order_chunk(struct build *b, const struct chunk *c, uint16_t *rows)
{
    bool places_rise = true, all_rise = true;

    for (size_t i = 1; i < c->n_rows; i++) {
        bool rises = compare_places(c, i - 1, c, i) <= 0;
        uint64_t before = time_key(c, i - 1), here = time_key(c, i);

        places_rise &= rises;
        all_rise &= before < here || (before == here && rises);
    }
    if (all_rise)
        return NULL;
    for (size_t i = 0; i < c->n_rows; i++)
        rows[i] = (uint16_t)i;
    if (!places_rise) {
        sort_rows(b, c, rows, KEY_OFFSET);
        sort_rows(b, c, rows, KEY_FILE);
    }
    sort_rows(b, c, rows, KEY_TIME);
    return rows;
}

static size_t run_row(const struct run *r)
{
    return r->rows ? r->rows[r->at] : r->at;
}

static bool run_before(const struct run *a, const struct run *b)
{
    int order;

    if (a->key != b->key)
        return a->key < b->key;
    order = compare_places(a->chunk, run_row(a), b->chunk, run_row(b));
    return order ? order < 0 : a->number < b->number;
}

static void sift_down(struct build *b, size_t i)
{
    uint32_t moving = b->heap[i];

    for (size_t child; (child = 2 * i + 1) < b->n_heap; i = child) {
        if (child + 1 < b->n_heap &&
            run_before(&b->runs[b->heap[child + 1]], &b->runs[b->heap[child]]))
            child++;
        if (!run_before(&b->runs[b->heap[child]], &b->runs[moving]))
            break;
        b->heap[i] = b->heap[child];
    }
    b->heap[i] = moving;
}

/* Neighbouring chunks overlap and far ones do not, so the top mostly stays on top. */
static bool merge(struct build *b, row_id *order, uint64_t n_rows)
{
    for (size_t i = b->n_heap / 2; i-- > 0;)
        sift_down(b, i);
    for (uint64_t n = 0; n < n_rows; n++) {
        struct run *top = &b->runs[b->heap[0]];

        if (n % ROWS_BETWEEN_LOOKS == 0 &&
            atomic_load_explicit(b->cancelled, memory_order_relaxed))
            return false;
        order[n] = row_make(top->number, run_row(top));
        if (++top->at == top->chunk->n_rows)
            b->heap[0] = b->heap[--b->n_heap];
        else
            top->key = time_key(top->chunk, run_row(top));
        if (b->n_heap)
            sift_down(b, 0);
    }
    return true;
}

static bool order_rows(struct build *b, row_id *order, uint64_t n_rows)
{
    uint16_t *rows = b->rows;

    for (size_t i = 0; i < b->n_chunks; i++) {
        struct run *r = &b->runs[i];

        if (atomic_load_explicit(b->cancelled, memory_order_relaxed))
            return false;
        r->chunk = store_chunk(b->store, i);
        r->number = (uint32_t)i;
        r->rows = order_chunk(b, r->chunk, rows);
        r->key = time_key(r->chunk, run_row(r));
        rows += r->chunk->n_rows;
        b->heap[b->n_heap++] = (uint32_t)i;
    }
    return merge(b, order, n_rows);
}

/* The order in new memory, NULL when cancelled. */
static row_id *make_order(const struct store *s, size_t n_chunks, uint64_t n_rows,
                          const atomic_bool *cancelled)
{
    struct build b = {.store = s, .n_chunks = n_chunks, .cancelled = cancelled};
    row_id *order = mem_resize(NULL, n_rows, sizeof *order);
    bool finished;

    b.runs = mem_array(n_chunks, sizeof *b.runs);
    b.heap = mem_array(n_chunks, sizeof *b.heap);
    b.rows = mem_resize(NULL, n_rows, sizeof *b.rows);
    b.items = mem_resize(NULL, CHUNK_ROWS, sizeof *b.items);
    b.scratch = mem_resize(NULL, CHUNK_ROWS, sizeof *b.scratch);
    finished = order_rows(&b, order, n_rows);
    mem_free(b.runs);
    mem_free(b.heap);
    mem_free(b.rows);
    mem_free(b.items);
    mem_free(b.scratch);
    if (finished)
        return order;
    mem_free(order);
    return NULL;
}

struct index *index_build(const struct store *s, size_t n_chunks, bool complete,
                          const atomic_bool *cancelled)
{
    struct built *b = mem_alloc(sizeof *b);
    struct index *index = &b->index;

    *index = (struct index){.store = s,
                            .n_chunks = n_chunks,
                            .first_us = INSTANT_NONE,
                            .last_us = INSTANT_NONE,
                            .complete = complete,
                            .uses = 1};
    for (size_t i = 0; i < n_chunks; i++) {
        const struct chunk *c = store_chunk(s, i);

        index->n_rows += c->n_rows;
        if (c->first_us > c->last_us)
            continue;
        if (index->first_us == INSTANT_NONE || c->first_us < index->first_us)
            index->first_us = c->first_us;
        if (index->last_us == INSTANT_NONE || c->last_us > index->last_us)
            index->last_us = c->last_us;
    }
    b->order = make_order(s, n_chunks, index->n_rows, cancelled);
    if (!b->order || !duplicates_find(&b->duplicates, s, n_chunks, cancelled)) {
        index_release(index);
        return NULL;
    }
    index->order = b->order;
    index->duplicates = b->duplicates.bits;
    index->n_duplicates = b->duplicates.n_duplicates;
    index->n_conflicts = b->duplicates.n_conflicts;
    return index;
}

struct index *index_hold(struct index *i)
{
    atomic_fetch_add_explicit(&i->uses, 1, memory_order_relaxed);
    return i;
}

void index_release(struct index *i)
{
    struct built *b = (struct built *)i;

    if (!i || atomic_fetch_sub_explicit(&i->uses, 1, memory_order_acq_rel) > 1)
        return;
    duplicates_deinit(&b->duplicates);
    mem_free(b->order);
    mem_free(b);
}

int index_compare(const struct store *s, row_id a, row_id b)
{
    int64_t time_a = store_time(s, a), time_b = store_time(s, b);
    struct row_place place_a, place_b;

    if (time_a != time_b) {
        if (time_a == INSTANT_NONE || time_b == INSTANT_NONE)
            return time_a == INSTANT_NONE ? 1 : -1;
        return time_a < time_b ? -1 : 1;
    }
    place_a = store_place(s, a);
    place_b = store_place(s, b);
    if (place_a.file != place_b.file)
        return place_a.file < place_b.file ? -1 : 1;
    if (place_a.offset_bytes != place_b.offset_bytes)
        return place_a.offset_bytes < place_b.offset_bytes ? -1 : 1;
    return (a > b) - (a < b); /* in one record */
}

bool index_holds(const struct index *i, uint32_t formats)
{
    for (size_t number = 0; formats && number < i->n_chunks; number++)
        if (store_chunk(i->store, number)->formats & formats)
            return true;
    return false;
}

bool index_is_duplicate(const struct index *i, row_id row)
{
    const uint64_t *bits = i->duplicates[row_chunk(row)];

    return bits && (bits[row_in_chunk(row) / 64] >> row_in_chunk(row) % 64 & 1);
}
