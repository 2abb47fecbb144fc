#include "core/index/dictionary.h"

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/pool.h"

/* Texts stand one behind the other in blocks, each with its length in front, beginning at
 * even bytes; a position counts pairs of bytes, so 32 bits reach 8 GiB. */
enum {
    BLOCK_BYTES = 64 * 1024,
    BLOCK_SHIFT = 15,
    BLOCK_UNITS = 1 << BLOCK_SHIFT,
    LENGTH_MAX_BYTES = 5,
    PAGE_SHIFT = 14,
    PAGE_IDS = 1 << PAGE_SHIFT, /* entries of 4 bytes: as large as a text block */
};
#define MAX_UNITS (UINT64_C(1) << 32)
#define MAX_IDS ((UINT32_C(1) << 31) - 1) /* builders mark ids that are not final yet */

enum { FIRST_SLOTS = 16 };

/* Blocks that never move, in a directory that may. A reader takes whichever directory it
 * finds: old ones stay until the end and agree on all blocks they hold. */
struct pages {
    char **_Atomic directory;
    size_t n, cap;
    void **owned; /* blocks and outgrown directories */
    size_t n_owned, owned_cap;
};

struct dictionary {
    struct lock lock;
    _Atomic uint32_t count;
    _Atomic size_t used_bytes;
    struct pages texts;   /* BLOCK_BYTES each */
    struct pages entries; /* PAGE_IDS positions each */
    uint64_t end_units;   /* of the text written so far */
    /* Open addressing. A slot holds an id and, in the bits above, the low bits of the hash;
     * 0 is free. */
    uint32_t *slots;
    uint32_t n_slots;
    unsigned id_bits;
};

static void pages_own(struct pages *p, void *memory)
{
    mem_grow(&p->owned, &p->owned_cap, p->n_owned + 1, sizeof *p->owned);
    p->owned[p->n_owned++] = memory;
}

/* Adds `count` blocks that follow one another in memory; returns their start. Not cleared, so
 * that only what is used costs memory. */
static char *pages_add(struct pages *p, size_t count)
{
    char *memory = mem_resize(NULL, count, BLOCK_BYTES);
    char **directory = atomic_load_explicit(&p->directory, memory_order_relaxed);

    if (p->n + count > p->cap) {
        size_t cap = (p->n + count) * 2;
        char **larger = mem_array(cap, sizeof *larger);

        if (directory) {
            memcpy(larger, directory, p->n * sizeof *larger);
            pages_own(p, directory);
        }
        directory = larger;
        p->cap = cap;
        atomic_store_explicit(&p->directory, directory, memory_order_release);
    }
    for (size_t i = 0; i < count; i++)
        directory[p->n++] = memory + i * BLOCK_BYTES;
    pages_own(p, memory);
    return memory;
}

static void pages_deinit(struct pages *p)
{
    for (size_t i = 0; i < p->n_owned; i++)
        mem_free(p->owned[i]);
    mem_free(p->owned);
    mem_free(atomic_load_explicit(&p->directory, memory_order_relaxed));
}

static char *pages_at(const struct pages *p, size_t number)
{
    return atomic_load_explicit(&p->directory, memory_order_acquire)[number];
}

struct bytes dictionary_text(const struct dictionary *d, uint32_t id)
{
    const unsigned char *p;
    uint32_t position;
    uint64_t len = 0;

    if (id < DICTIONARY_FIRST_TEXT)
        return bytes_make("", 0);
    memcpy(&position, pages_at(&d->entries, id >> PAGE_SHIFT) + 4 * (id & (PAGE_IDS - 1)),
           sizeof position);
    p = (const unsigned char *)pages_at(&d->texts, position >> BLOCK_SHIFT) +
        2 * (size_t)(position & (BLOCK_UNITS - 1));
    for (unsigned shift = 0;; shift += 7) {
        len |= (uint64_t)(*p & 0x7f) << shift;
        if (*p++ < 0x80)
            return bytes_make(p, len);
    }
}

static size_t write_length(unsigned char *out, uint64_t len)
{
    size_t n = 0;

    for (; len >= 0x80; len >>= 7)
        out[n++] = (unsigned char)(len | 0x80);
    out[n++] = (unsigned char)len;
    return n;
}

/* Copies the text behind the others. False when there is no room left. */
static bool store_copy(struct dictionary *d, struct bytes text, uint32_t *position)
{
    unsigned char length[LENGTH_MAX_BYTES];
    size_t n_length, need, rest;
    uint64_t start = d->end_units;
    char *at;

    if (text.len > UINT32_MAX)
        return false;
    n_length = write_length(length, text.len);
    need = n_length + text.len;
    rest = (size_t)((uint64_t)d->texts.n * BLOCK_UNITS - start) * 2;
    if (need > rest) {
        size_t blocks = (need + BLOCK_BYTES - 1) / BLOCK_BYTES;

        start = (uint64_t)d->texts.n * BLOCK_UNITS;
        if (start + (uint64_t)blocks * BLOCK_UNITS > MAX_UNITS)
            return false;
        at = pages_add(&d->texts, blocks);
    } else {
        at = pages_at(&d->texts, (size_t)(start >> BLOCK_SHIFT)) +
             2 * (start & (BLOCK_UNITS - 1));
    }
    memcpy(at, length, n_length);
    if (text.len)
        memcpy(at + n_length, text.ptr, text.len);
    *position = (uint32_t)start;
    d->end_units = start + (need + 1) / 2;
    return true;
}

static uint32_t slot_of(const struct dictionary *d, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * d->n_slots >> 32);
}

static uint32_t tag_of(const struct dictionary *d, uint64_t hash)
{
    return d->id_bits < 32 ? (uint32_t)hash << d->id_bits : 0;
}

static uint32_t id_of(const struct dictionary *d, uint32_t slot)
{
    return d->id_bits < 32 ? slot & ((UINT32_C(1) << d->id_bits) - 1) : slot;
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t slot_find(const struct dictionary *d, struct bytes text, uint64_t hash)
{
    uint32_t tag = tag_of(d, hash);

    for (uint32_t i = slot_of(d, hash);; i = i + 1 == d->n_slots ? 0 : i + 1) {
        uint32_t slot = d->slots[i], id = id_of(d, slot);

        if (slot == 0 || (slot - id == tag && bytes_equal(dictionary_text(d, id), text)))
            return i;
    }
}

/* Hashes are not kept: to compute them again costs less than four bytes an entry. */
static void grow_slots(struct dictionary *d, uint32_t count)
{
    d->n_slots = d->n_slots ? d->n_slots + d->n_slots / 2 : FIRST_SLOTS;
    d->id_bits = 32 - (unsigned)__builtin_clz(d->n_slots);
    mem_free(d->slots);
    d->slots = mem_array(d->n_slots, sizeof *d->slots);
    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count; id++) {
        uint64_t hash = hash_bytes(dictionary_text(d, id));
        uint32_t i = slot_of(d, hash);

        while (d->slots[i])
            i = i + 1 == d->n_slots ? 0 : i + 1;
        d->slots[i] = tag_of(d, hash) | id;
    }
}

/* The id of a text, added if new. `*count` is the number of ids so far. */
static uint32_t add_one(struct dictionary *d, struct bytes text, uint64_t hash, uint32_t *count)
{
    uint32_t i = slot_find(d, text, hash), id = *count, position;

    if (d->slots[i])
        return id_of(d, d->slots[i]);
    if (id >= MAX_IDS || !store_copy(d, text, &position))
        return DICTIONARY_FULL;
    if (id >> PAGE_SHIFT >= d->entries.n)
        pages_add(&d->entries, 1);
    memcpy(pages_at(&d->entries, id >> PAGE_SHIFT) + 4 * (id & (PAGE_IDS - 1)), &position,
           sizeof position);
    d->slots[i] = tag_of(d, hash) | id;
    *count = id + 1;
    /* Four of five slots at most are taken, so the search above finds a free one. */
    if ((uint64_t)*count * 5 >= (uint64_t)d->n_slots * 4)
        grow_slots(d, *count);
    return id;
}

void dictionary_add(struct dictionary *d, const struct bytes *texts, const uint64_t *hashes,
                    size_t count, uint32_t *ids)
{
    uint32_t n_ids;

    lock_take(&d->lock);
    n_ids = atomic_load_explicit(&d->count, memory_order_relaxed);
    for (size_t i = 0; i < count; i++)
        ids[i] = add_one(d, texts[i], hashes[i], &n_ids);
    atomic_store_explicit(&d->used_bytes,
                          (size_t)d->end_units * 2 + (size_t)n_ids * 4 +
                              (size_t)d->n_slots * sizeof *d->slots,
                          memory_order_relaxed);
    atomic_store_explicit(&d->count, n_ids, memory_order_release);
    lock_give(&d->lock);
}

struct dictionary *dictionary_new(enum field_id field)
{
    struct dictionary *d = mem_alloc(sizeof *d);
    const char *word;

    lock_init(&d->lock);
    atomic_init(&d->count, DICTIONARY_FIRST_TEXT);
    pages_add(&d->entries, 1);
    grow_slots(d, DICTIONARY_FIRST_TEXT);
    if (field == FIELD_COUNT || field_get(field)->kind != FIELD_CHOICE)
        return d;
    for (unsigned i = 0; (word = field_choice(field, i)); i++) {
        struct bytes text = bytes_of(word);
        uint64_t hash = hash_bytes(text);
        uint32_t id;

        dictionary_add(d, &text, &hash, 1, &id);
    }
    return d;
}

void dictionary_free(struct dictionary *d)
{
    if (!d)
        return;
    pages_deinit(&d->texts);
    pages_deinit(&d->entries);
    lock_deinit(&d->lock);
    mem_free(d->slots);
    mem_free(d);
}

uint32_t dictionary_count(const struct dictionary *d)
{
    return atomic_load_explicit(&d->count, memory_order_acquire);
}

uint32_t dictionary_find(struct dictionary *d, struct bytes text)
{
    uint64_t hash = hash_bytes(text);
    uint32_t id;

    lock_take(&d->lock);
    id = id_of(d, d->slots[slot_find(d, text, hash)]);
    lock_give(&d->lock);
    return id;
}

size_t dictionary_bytes(const struct dictionary *d)
{
    return sizeof *d + atomic_load_explicit(&d->used_bytes, memory_order_relaxed);
}
