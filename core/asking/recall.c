#include "core/asking/recall.h"

#include "core/base/mem.h"
#include "core/base/pool.h"

#include "core/index/store.h"

struct recalled {
    struct recalled *next;
    enum recall_kind kind;
    struct bytes key; /* own copy */
    struct dictionary *dictionary;
    void *_Atomic *chunks; /* STORE_MAX_CHUNKS; what is not used costs no memory */
    _Atomic size_t bytes;  /* of the chunks */
    uint64_t last_use;
    unsigned uses;
    bool full; /* found no room once: gets no more */
};

struct recall {
    struct lock lock; /* of the list and what is in it, but for chunks */
    struct recalled *first;
    size_t budget_bytes;
    uint64_t clock;
};

/* A column with its numbers behind it. */
struct packed {
    struct column column; /* first */
    uint32_t numbers[];
};

struct recall *recall_new(size_t budget_bytes)
{
    struct recall *r = mem_alloc(sizeof *r);

    lock_init(&r->lock);
    r->budget_bytes = budget_bytes;
    return r;
}

static void recalled_free(struct recalled *k)
{
    void *chunks = (void *)(uintptr_t)k->chunks;

    for (size_t i = 0; i < STORE_MAX_CHUNKS; i++) {
        void *chunk = atomic_load_explicit(&k->chunks[i], memory_order_relaxed);

        mem_free(chunk);
    }
    dictionary_free(k->dictionary);
    mem_free(chunks);
    mem_free((void *)(uintptr_t)k->key.ptr);
    mem_free(k);
}

void recall_free(struct recall *r)
{
    if (!r)
        return;
    while (r->first) {
        struct recalled *k = r->first;

        r->first = k->next;
        recalled_free(k);
    }
    lock_deinit(&r->lock);
    mem_free(r);
}

struct recalled *recall_hold(struct recall *r, enum recall_kind kind, struct bytes key)
{
    struct recalled *k;

    lock_take(&r->lock);
    for (k = r->first; k; k = k->next) {
        if (k->kind == kind && bytes_equal(k->key, key))
            break;
    }
    if (!k) {
        k = mem_alloc(sizeof *k);
        k->kind = kind;
        k->key = bytes_make(mem_text(key.ptr, key.len), key.len);
        k->dictionary = kind == RECALL_PATH ? dictionary_new(FIELD_COUNT) : NULL;
        k->chunks = mem_array(STORE_MAX_CHUNKS, sizeof *k->chunks);
        k->next = r->first;
        r->first = k;
    }
    k->uses++;
    k->last_use = ++r->clock;
    lock_give(&r->lock);
    return k;
}

void recall_release(struct recall *r, struct recalled *k)
{
    if (!k)
        return;
    lock_take(&r->lock);
    k->uses--;
    k->last_use = ++r->clock;
    lock_give(&r->lock);
}

static size_t recalled_bytes(const struct recalled *k)
{
    return sizeof *k + atomic_load_explicit(&k->bytes, memory_order_relaxed) +
           (k->dictionary ? dictionary_bytes(k->dictionary) : 0);
}

/* With the lock held. */
static size_t sum_bytes(const struct recall *r)
{
    size_t sum = 0;

    for (const struct recalled *k = r->first; k; k = k->next)
        sum += recalled_bytes(k);
    return sum;
}

/* With the lock held. What nobody uses and was used before all others; NULL for none. */
static struct recalled *take_oldest(struct recall *r)
{
    struct recalled **oldest = NULL, *taken;

    for (struct recalled **at = &r->first; *at; at = &(*at)->next) {
        if ((*at)->uses == 0 && (!oldest || (*at)->last_use < (*oldest)->last_use))
            oldest = at;
    }
    if (!oldest)
        return NULL;
    taken = *oldest;
    *oldest = taken->next;
    return taken;
}

/* Makes room for `more` bytes of `k`. False, for good, when what is in use leaves none. */
static bool make_room(struct recall *r, struct recalled *k, size_t more)
{
    struct recalled *gone = NULL;
    bool fits;

    lock_take(&r->lock);
    while (!k->full && sum_bytes(r) + more > r->budget_bytes) {
        struct recalled *oldest = take_oldest(r);

        if (!oldest) {
            k->full = true;
            break;
        }
        oldest->next = gone;
        gone = oldest;
    }
    fits = !k->full;
    lock_give(&r->lock);
    while (gone) {
        struct recalled *next = gone->next;

        recalled_free(gone);
        gone = next;
    }
    return fits;
}

/* Gives a chunk its memory (taken over), unless another worker was first; returns what is there
 * then. */
static void *put(struct recalled *k, size_t chunk, void *memory, size_t bytes)
{
    void *there = NULL;

    if (!atomic_compare_exchange_strong(&k->chunks[chunk], &there, memory)) {
        mem_free(memory);
        return there;
    }
    atomic_fetch_add_explicit(&k->bytes, bytes, memory_order_relaxed);
    return memory;
}

const struct column *recalled_column(const struct recalled *k, size_t chunk)
{
    return atomic_load_explicit(&k->chunks[chunk], memory_order_acquire);
}

struct dictionary *recalled_dictionary(const struct recalled *k)
{
    return k->dictionary;
}

static uint8_t width_for(const uint32_t *ids, uint32_t n_rows)
{
    uint32_t largest = 0;
    bool same = true;

    for (uint32_t i = 0; i < n_rows; i++) {
        largest = ids[i] > largest ? ids[i] : largest;
        same &= ids[i] == ids[0];
    }
    if (same)
        return 0;
    return largest <= UINT8_MAX ? 1 : largest <= UINT16_MAX ? 2 : 4;
}

static void fill(void *numbers, uint8_t width, const uint32_t *ids, uint32_t n_rows)
{
    for (uint32_t i = 0; i < n_rows && width == 1; i++)
        ((uint8_t *)numbers)[i] = (uint8_t)ids[i];
    for (uint32_t i = 0; i < n_rows && width == 2; i++)
        ((uint16_t *)numbers)[i] = (uint16_t)ids[i];
    for (uint32_t i = 0; i < n_rows && width == 4; i++)
        ((uint32_t *)numbers)[i] = ids[i];
}

const struct column *recall_keep(struct recall *r, struct recalled *k, size_t chunk,
                                 const uint32_t *ids, uint32_t n_rows)
{
    uint8_t width = width_for(ids, n_rows);
    size_t bytes = sizeof(struct packed) + (size_t)width * n_rows;
    struct packed *p;

    if (!make_room(r, k, bytes))
        return NULL;
    p = mem_alloc(bytes);
    p->column = (struct column){.base = width || n_rows == 0 ? 0 : ids[0],
                                .data = width ? p->numbers : NULL,
                                .width = width};
    fill(p->numbers, width, ids, n_rows);
    return put(k, chunk, p, bytes);
}

bool recall_has_room(struct recall *r, struct recalled *k)
{
    return make_room(r, k, 0);
}

_Atomic unsigned char *recall_rows(struct recall *r, struct recalled *k, size_t chunk)
{
    void *there = atomic_load_explicit(&k->chunks[chunk], memory_order_acquire);

    if (there)
        return there;
    if (!make_room(r, k, CHUNK_ROWS))
        return NULL;
    return put(k, chunk, mem_alloc(CHUNK_ROWS), CHUNK_ROWS);
}

size_t recall_bytes(struct recall *r)
{
    size_t sum;

    lock_take(&r->lock);
    sum = sum_bytes(r);
    lock_give(&r->lock);
    return sum;
}
