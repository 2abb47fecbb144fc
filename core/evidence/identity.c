#include "core/evidence/identity.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

/* The capacity is a power of two and at most half of it is used, so a free slot is near. */
static size_t identity_slot(const struct identity_set *set, struct identity id)
{
    uint64_t key = hash_u64((uint64_t)id.inode) ^ hash_u64(~(uint64_t)id.device);
    size_t slot = (size_t)key & (set->cap - 1);

    while (set->used[slot] &&
           (set->items[slot].inode != id.inode || set->items[slot].device != id.device))
        slot = (slot + 1) & (set->cap - 1);
    return slot;
}

void identity_deinit(struct identity_set *set)
{
    mem_free(set->items);
    mem_free(set->used);
    *set = (struct identity_set){0};
}

bool identity_has(const struct identity_set *set, struct identity id)
{
    return set->n > 0 && set->used[identity_slot(set, id)];
}

static void identity_widen(struct identity_set *set)
{
    struct identity_set wider = {.cap = set->cap ? set->cap * 2 : 64};

    wider.items = mem_array(wider.cap, sizeof *wider.items);
    wider.used = mem_array(wider.cap, sizeof *wider.used);
    for (size_t i = 0; i < set->cap; i++)
        if (set->used[i])
            (void)identity_add(&wider, set->items[i]);
    identity_deinit(set);
    *set = wider;
}

bool identity_add(struct identity_set *set, struct identity id)
{
    size_t slot;

    if ((set->n + 1) * 2 > set->cap)
        identity_widen(set);
    slot = identity_slot(set, id);
    if (set->used[slot])
        return false;
    set->used[slot] = true;
    set->items[slot] = id;
    set->n++;
    return true;
}
