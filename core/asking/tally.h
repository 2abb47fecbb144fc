/* Groups while they are counted: one table per worker, merged at the end.
 *
 * A key is a code of 32 bits. Fields with a dictionary use its ids. UNIQUE fields use twice the
 * id for states and texts, and twice the position in the table's own list of UUIDs, plus 1, for
 * UUIDs; so such codes mean something only together with their table.
 * Threads: a table belongs to one thread at a time. */
#ifndef CORE_ASKING_TALLY_H
#define CORE_ASKING_TALLY_H

#include "core/asking/batch.h"

enum {
    TALLY_KEYS = 2,
    TALLY_BINS = 64,
    TALLY_SPARKS = 10000, /* groups beyond which no bins are kept */
};

struct uuid_list {
    struct unique *items;
    size_t cap;
    uint32_t n;
    uint32_t *buckets; /* position + 1, 0 for free; a power of two of them */
    uint32_t n_buckets;
};

struct tally_extent {
    int64_t first_us, last_us; /* first > last while no row had a time */
    uint64_t hash;             /* of the keys; the same in every table */
    uint64_t distinct;
};

/* Events per bin, all of them and those that failed. */
struct tally_spark {
    uint32_t all[TALLY_BINS], failed[TALLY_BINS];
};

struct tally {
    enum field_id fields[TALLY_KEYS];
    unsigned n_keys;
    bool unique[TALLY_KEYS];
    struct uuid_list uuids[TALLY_KEYS];
    uint32_t *second; /* codes of the second key in the batch at hand */

    /* From keys to slots: by index (`dense`, slot + 1) where the codes are few, else hashed. */
    uint32_t *dense;
    size_t n_dense;
    uint64_t pitch; /* codes of the second key; 0 when hashed */
    uint32_t *buckets;
    uint32_t n_buckets;

    /* By slot. */
    uint64_t *keys; /* first code | second code << 32 */
    uint32_t (*outcomes)[OUTCOME_COUNT];
    struct tally_extent *extents;
    struct tally_spark *sparks; /* NULL when not wanted or past TALLY_SPARKS groups */
    bool with_sparks;
    uint32_t n;
    size_t cap;
};

/* `n_ids` are the counts of the fields' dictionaries, which all rows to come stay below. */
void tally_init(struct tally *t, const enum field_id *fields, unsigned n_keys,
                const uint32_t *n_ids, bool with_sparks);
void tally_deinit(struct tally *t);

/* The slot of every row of the batch, made where new. */
void tally_slots(struct tally *t, const struct batch *b, uint32_t *slots);

/* Adds everything of `from`, which stays as it is. */
void tally_merge(struct tally *into, const struct tally *from);

/* What a code stands for. `*uuid` is NULL unless it is a UUID; else `*id` is a dictionary id or
 * a state. */
void tally_code(const struct tally *t, unsigned key, uint32_t slot, uint32_t *id,
                const struct unique **uuid);

#endif
