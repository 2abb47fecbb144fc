#include "core/index/known.h"

#include <assert.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

enum {
    FIRST_SLOTS = 64,
    NUMBER_BITS = 20,
    /* More than these are forgotten at the end of a chunk, so that fields with a value of
     * their own in each event keep no memory for it. */
    MAX_KEPT = 40 * 1024,
};
#define NUMBER_MASK ((UINT32_C(1) << NUMBER_BITS) - 1)
#define NO_CODE UINT32_C(0xFFFFFFFF)

struct known_text {
    const char *ptr; /* in the arena of new texts, or, once settled, in the dictionary */
    uint32_t len;
    uint32_t hash;
    uint32_t id;
    uint32_t code; /* NO_CODE: not in this chunk so far */
};

void known_deinit(struct known_texts *k)
{
    mem_free(k->texts);
    mem_free(k->slots);
    mem_free(k->used);
    *k = (struct known_texts){0};
}

static void put_slot(struct known_texts *k, uint32_t number)
{
    uint32_t hash = k->texts[number].hash, at = hash & (k->n_slots - 1);

    while (k->slots[at])
        at = (at + 1) & (k->n_slots - 1);
    k->slots[at] = (hash & ~NUMBER_MASK) | (number + 1);
}

static void grow_slots(struct known_texts *k)
{
    k->n_slots = k->n_slots ? k->n_slots * 2 : FIRST_SLOTS;
    mem_free(k->slots);
    k->slots = mem_array(k->n_slots, sizeof *k->slots);
    for (uint32_t i = 0; i < k->n_texts; i++)
        put_slot(k, i);
}

static uint32_t add_text(struct known_texts *k, struct bytes text, uint32_t hash,
                         struct arena *arena)
{
    uint32_t number = (uint32_t)k->n_texts;

    assert(k->n_texts < NUMBER_MASK - 1);
    mem_grow(&k->texts, &k->texts_cap, k->n_texts + 1, sizeof *k->texts);
    k->texts[k->n_texts++] = (struct known_text){
        .ptr = arena_copy(arena, text).ptr,
        .len = (uint32_t)text.len,
        .hash = hash,
        .code = NO_CODE,
    };
    if ((k->n_texts + 1) * 3 > (size_t)k->n_slots * 2)
        grow_slots(k);
    else
        put_slot(k, number);
    return number;
}

/* The number of a text, NUMBER_MASK when it is not known. */
static uint32_t find_text(const struct known_texts *k, struct bytes text, uint32_t hash)
{
    uint32_t at = hash & (k->n_slots - 1);

    if (k->n_slots == 0)
        return NUMBER_MASK;
    for (;; at = (at + 1) & (k->n_slots - 1)) {
        uint32_t slot = k->slots[at], number = (slot & NUMBER_MASK) - 1;

        if (slot == 0)
            return NUMBER_MASK;
        if ((slot ^ hash) >> NUMBER_BITS == 0 && k->texts[number].hash == hash &&
            bytes_equal(bytes_make(k->texts[number].ptr, k->texts[number].len), text))
            return number;
    }
}

uint32_t known_code(struct known_texts *k, struct bytes text, struct arena *arena)
{
    uint32_t hash, number;
    struct known_text *known;

    /* Neighbours in a log often agree. */
    if (k->n_used && bytes_equal(k->last, text))
        return k->last_code;
    hash = (uint32_t)hash_bytes(text);
    number = find_text(k, text, hash);
    if (number == NUMBER_MASK)
        number = add_text(k, text, hash, arena);
    known = &k->texts[number];
    if (known->code == NO_CODE) {
        if (k->n_used == k->used_cap)
            mem_grow(&k->used, &k->used_cap, k->n_used + 1, sizeof *k->used);
        known->code = (uint32_t)k->n_used;
        k->used[k->n_used++] = number;
    }
    k->last = bytes_make(known->ptr, known->len);
    k->last_code = known->code;
    return known->code;
}

struct known_mark known_mark(const struct known_texts *k)
{
    return (struct known_mark){k->n_texts, k->n_used};
}

void known_cut(struct known_texts *k, struct known_mark mark)
{
    if (k->n_used == mark.n_used)
        return; /* every new text is used */
    while (k->n_used > mark.n_used)
        k->texts[k->used[--k->n_used]].code = NO_CODE;
    k->n_texts = mark.n_texts;
    k->last = (struct bytes){0};
    memset(k->slots, 0, k->n_slots * sizeof *k->slots);
    for (uint32_t i = 0; i < k->n_texts; i++)
        put_slot(k, i);
}

/* Asks the dictionary for all new texts at once. False when it has no room for some. */
static bool settle_new(struct known_texts *k, struct dictionary *d)
{
    size_t n = k->n_texts - k->n_settled;
    struct known_text *fresh = k->texts + k->n_settled;
    struct bytes *texts;
    uint64_t *hashes;
    uint32_t *ids;
    bool all = true;

    if (n == 0)
        return true;
    texts = mem_resize(NULL, n, sizeof *texts);
    hashes = mem_resize(NULL, n, sizeof *hashes);
    ids = mem_resize(NULL, n, sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        texts[i] = bytes_make(fresh[i].ptr, fresh[i].len);
        hashes[i] = hash_bytes(texts[i]);
    }
    dictionary_add(d, texts, hashes, n, ids);
    for (size_t i = 0; i < n; i++) {
        fresh[i].id = ids[i];
        all &= ids[i] != DICTIONARY_FULL;
        if (ids[i] != DICTIONARY_FULL)
            fresh[i].ptr = dictionary_text(d, ids[i]).ptr;
    }
    mem_free(texts);
    mem_free(hashes);
    mem_free(ids);
    k->n_settled = k->n_texts;
    return all;
}

void known_settle(struct known_texts *k, struct dictionary *d, uint32_t *ids)
{
    bool keep = settle_new(k, d) && k->n_texts <= MAX_KEPT;

    for (size_t i = 0; i < k->n_used; i++) {
        ids[i] = k->texts[k->used[i]].id;
        k->texts[k->used[i]].code = NO_CODE;
    }
    k->n_used = 0;
    if (!keep)
        known_deinit(k);
}
