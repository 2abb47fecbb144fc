#include "core/asking/tally.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

enum { FIRST_BUCKETS = 1024, DENSE_PAIRS_MAX = 1 << 20 };

static struct bytes unique_bytes(const struct unique *u)
{
    return bytes_make(u->uuid, sizeof u->uuid);
}

/* UUIDs */

static void uuids_grow(struct uuid_list *l)
{
    uint32_t n = l->n_buckets ? l->n_buckets * 2 : FIRST_BUCKETS;

    mem_free(l->buckets);
    l->buckets = mem_array(n, sizeof *l->buckets);
    l->n_buckets = n;
    for (uint32_t k = 0; k < l->n; k++) {
        uint32_t i = (uint32_t)hash_bytes(unique_bytes(&l->items[k])) & (n - 1);

        while (l->buckets[i])
            i = (i + 1) & (n - 1);
        l->buckets[i] = k + 1;
    }
}

static uint32_t uuids_add(struct uuid_list *l, const struct unique *u)
{
    uint32_t i;

    if (l->n >= l->n_buckets / 2)
        uuids_grow(l);
    i = (uint32_t)hash_bytes(unique_bytes(u)) & (l->n_buckets - 1);
    for (; l->buckets[i]; i = (i + 1) & (l->n_buckets - 1)) {
        if (memcmp(&l->items[l->buckets[i] - 1], u, sizeof *u) == 0)
            return l->buckets[i] - 1;
    }
    if (l->n == l->cap)
        mem_grow(&l->items, &l->cap, (size_t)l->n + 1, sizeof *l->items);
    l->items[l->n] = *u;
    l->buckets[i] = ++l->n;
    return l->n - 1;
}

/* Table */

void tally_init(struct tally *t, const enum field_id *fields, unsigned n_keys,
                const uint32_t *n_ids, bool with_sparks)
{
    bool dense = true;

    *t = (struct tally){.n_keys = n_keys, .with_sparks = with_sparks};
    for (unsigned k = 0; k < n_keys; k++) {
        t->fields[k] = fields[k];
        t->unique[k] = field_get(fields[k])->kind == FIELD_UNIQUE;
        dense &= n_keys == 1 || !t->unique[k];
    }
    if (n_keys > 1)
        t->second = mem_array(BATCH_ROWS, sizeof *t->second);
    t->pitch = n_keys == 1 ? 1 : n_ids[1];
    if (!dense || (n_keys > 1 && n_ids[0] * t->pitch > DENSE_PAIRS_MAX)) {
        t->pitch = 0;
        return;
    }
    t->n_dense = n_ids[0] * t->pitch * (t->unique[0] ? 2 : 1);
    t->dense = mem_array(t->n_dense, sizeof *t->dense);
}

void tally_deinit(struct tally *t)
{
    for (unsigned k = 0; k < t->n_keys; k++) {
        mem_free(t->uuids[k].items);
        mem_free(t->uuids[k].buckets);
    }
    mem_free(t->second);
    mem_free(t->dense);
    mem_free(t->buckets);
    mem_free(t->keys);
    mem_free(t->outcomes);
    mem_free(t->extents);
    mem_free(t->sparks);
    *t = (struct tally){0};
}

void tally_code(const struct tally *t, unsigned key, uint32_t slot, uint32_t *id,
                const struct unique **uuid)
{
    uint32_t code = (uint32_t)(t->keys[slot] >> 32 * key);
    bool is_uuid = t->unique[key] && code & 1;

    *uuid = is_uuid ? &t->uuids[key].items[code >> 1] : NULL;
    *id = is_uuid ? VALUE_TEXT : t->unique[key] ? code >> 1 : code;
}

static uint64_t keys_hash(const struct tally *t, uint32_t slot)
{
    uint64_t hash = 0;

    for (unsigned k = 0; k < t->n_keys; k++) {
        const struct unique *uuid;
        uint32_t id;

        tally_code(t, k, slot, &id, &uuid);
        hash = hash_u64(hash + k) ^ (uuid ? hash_bytes(unique_bytes(uuid)) : hash_u64(id));
    }
    return hash;
}

static void grow_slots(struct tally *t)
{
    size_t cap = t->cap ? t->cap * 2 : 256;

    t->keys = mem_resize(t->keys, cap, sizeof *t->keys);
    t->outcomes = mem_resize(t->outcomes, cap, sizeof *t->outcomes);
    t->extents = mem_resize(t->extents, cap, sizeof *t->extents);
    if (t->with_sparks)
        t->sparks = mem_resize(t->sparks, cap, sizeof *t->sparks);
    t->cap = cap;
}

static uint32_t add_slot(struct tally *t, uint64_t key)
{
    uint32_t slot = t->n;

    if (t->with_sparks && slot >= TALLY_SPARKS) {
        mem_free(t->sparks);
        t->sparks = NULL;
        t->with_sparks = false;
    }
    if (slot == t->cap)
        grow_slots(t);
    t->n++;
    t->keys[slot] = key;
    memset(t->outcomes[slot], 0, sizeof t->outcomes[slot]);
    t->extents[slot] = (struct tally_extent){.first_us = INT64_MAX, .last_us = INT64_MIN};
    t->extents[slot].hash = keys_hash(t, slot);
    if (t->with_sparks)
        memset(&t->sparks[slot], 0, sizeof t->sparks[slot]);
    return slot;
}

static void grow_buckets(struct tally *t)
{
    uint32_t n = t->n_buckets ? t->n_buckets * 2 : FIRST_BUCKETS;

    mem_free(t->buckets);
    t->buckets = mem_array(n, sizeof *t->buckets);
    t->n_buckets = n;
    for (uint32_t slot = 0; slot < t->n; slot++) {
        uint32_t i = (uint32_t)hash_u64(t->keys[slot]) & (n - 1);

        while (t->buckets[i])
            i = (i + 1) & (n - 1);
        t->buckets[i] = slot + 1;
    }
}

static uint32_t find_hashed(struct tally *t, uint64_t key)
{
    uint32_t i;

    if (t->n >= t->n_buckets / 2)
        grow_buckets(t);
    i = (uint32_t)hash_u64(key) & (t->n_buckets - 1);
    for (; t->buckets[i]; i = (i + 1) & (t->n_buckets - 1)) {
        if (t->keys[t->buckets[i] - 1] == key)
            return t->buckets[i] - 1;
    }
    t->buckets[i] = t->n + 1;
    return add_slot(t, key);
}

static uint32_t find_dense(struct tally *t, uint64_t key)
{
    uint64_t index = (uint32_t)key * t->pitch + (key >> 32);

    if (index >= t->n_dense) {
        size_t n = index < 1024 ? 2048 : (size_t)index * 2;

        t->dense = mem_resize(t->dense, n, sizeof *t->dense);
        memset(t->dense + t->n_dense, 0, (n - t->n_dense) * sizeof *t->dense);
        t->n_dense = n;
    }
    if (!t->dense[index])
        t->dense[index] = add_slot(t, key) + 1;
    return t->dense[index] - 1;
}

static uint32_t find_slot(struct tally *t, uint64_t key)
{
    return t->pitch ? find_dense(t, key) : find_hashed(t, key);
}

/* Codes of one key for the rows of a batch. */
static void codes(struct tally *t, unsigned key, const struct batch *b, uint32_t *out)
{
    batch_ids(b, t->fields[key], out);
    if (!t->unique[key])
        return;
    for (uint32_t i = 0; i < b->n; i++) {
        if (out[i] < VALUE_TEXT) {
            out[i] *= 2;
        } else if (out[i] > VALUE_TEXT) {
            out[i] = (out[i] - 1) * 2;
        } else {
            const struct unique *u = chunk_unique(b->chunk, b->rows[i], t->fields[key]);

            out[i] = uuids_add(&t->uuids[key], u) * 2 + 1;
        }
    }
}

void tally_slots(struct tally *t, const struct batch *b, uint32_t *slots)
{
    const uint32_t *second = t->second;

    codes(t, 0, b, slots);
    if (t->n_keys == 1) {
        for (uint32_t i = 0; i < b->n; i++) {
            uint32_t code = slots[i];

            if (code < t->n_dense && t->dense[code])
                slots[i] = t->dense[code] - 1;
            else
                slots[i] = find_dense(t, code);
        }
        return;
    }
    codes(t, 1, b, t->second);
    for (uint32_t i = 0; i < b->n; i++) {
        uint64_t index = slots[i] * t->pitch + second[i];

        if (t->pitch && index < t->n_dense && t->dense[index])
            slots[i] = t->dense[index] - 1;
        else
            slots[i] = find_slot(t, slots[i] | (uint64_t)second[i] << 32);
    }
}

static void merge_slot(struct tally *into, uint32_t slot, const struct tally *from, uint32_t i)
{
    struct tally_extent *a = &into->extents[slot];
    const struct tally_extent *b = &from->extents[i];

    for (size_t o = 0; o < OUTCOME_COUNT; o++)
        into->outcomes[slot][o] += from->outcomes[i][o];
    a->first_us = b->first_us < a->first_us ? b->first_us : a->first_us;
    a->last_us = b->last_us > a->last_us ? b->last_us : a->last_us;
    a->distinct += b->distinct;
    if (!into->with_sparks)
        return;
    for (size_t k = 0; k < TALLY_BINS; k++) {
        into->sparks[slot].all[k] += from->sparks[i].all[k];
        into->sparks[slot].failed[k] += from->sparks[i].failed[k];
    }
}

void tally_merge(struct tally *into, const struct tally *from)
{
    uint32_t *moved[TALLY_KEYS] = {NULL};

    if (!from->with_sparks) {
        mem_free(into->sparks);
        into->sparks = NULL;
        into->with_sparks = false;
    }
    for (unsigned k = 0; k < from->n_keys; k++) {
        const struct uuid_list *list = &from->uuids[k];

        moved[k] = mem_array(list->n, sizeof *moved[k]);
        for (uint32_t i = 0; i < list->n; i++)
            moved[k][i] = uuids_add(&into->uuids[k], &list->items[i]) * 2 + 1;
    }
    for (uint32_t i = 0; i < from->n; i++) {
        uint64_t key = 0;

        for (unsigned k = 0; k < from->n_keys; k++) {
            uint32_t code = (uint32_t)(from->keys[i] >> 32 * k);

            if (from->unique[k] && code & 1)
                code = moved[k][code >> 1];
            key |= (uint64_t)code << 32 * k;
        }
        merge_slot(into, find_slot(into, key), from, i);
    }
    for (unsigned k = 0; k < from->n_keys; k++)
        mem_free(moved[k]);
}
