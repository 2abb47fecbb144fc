/* Runs a plan over one chunk, in words of 64 rows. Private to scans and tables. */
#ifndef CORE_ASKING_BITMAP_H
#define CORE_ASKING_BITMAP_H

#include "core/asking/plan.h"

enum {
    BITMAP_WORDS = CHUNK_ROWS / 64,
    BITMAP_KEPT_LEAVES = 16, /* leaves on records whose answers are kept for a chunk */
};

/* Which outcomes of a leaf count as yes. */
enum bitmap_mode {
    BITMAP_STRICT,    /* true ones */
    BITMAP_MISSING,   /* and missing values under a negation */
    BITMAP_UNDECIDED, /* and undecided matches */
};

/* One thread's way to run a plan. */
struct bitmap_runner {
    const struct plan *plan;
    struct eval eval;
    struct value_reader values; /* for row-by-row leaves */
    size_t chunk_number;
    const struct chunk *chunk;
    enum bitmap_mode mode;
    bool saw_missing;            /* a negated leaf met a missing value in the last run */
    bool saw_undecided;          /* a match reached its limit in the last run */
    const struct expr *one_name; /* for entries: every name has the value `one` */
    struct datum one;
    const struct job
        *job; /* may be NULL; whether it is cancelled is looked at between records */
    /* For leaves on records, per row: 0 or 1 + what the leaf said, so that another mode does
     * not read the record again. */
    unsigned char *known[BITMAP_KEPT_LEAVES];
    uint64_t *levels; /* scratch bitmaps, one pair per depth of the plan */
};

void bitmap_runner_init(struct bitmap_runner *r, const struct plan *p, const struct job *job);
void bitmap_runner_deinit(struct bitmap_runner *r);

/* Sets in `out` (BITMAP_WORDS) the rows of the chunk that the plan selects in `mode`. Of one
 * chunk BITMAP_STRICT comes first. When it should end (bitmap_ends()), `out` means nothing. */
void bitmap_run(struct bitmap_runner *r, size_t chunk_number, enum bitmap_mode mode,
                uint64_t *out);

/* True when the job was cancelled or its asker has enough. */
bool bitmap_ends(const struct bitmap_runner *r);

/* Records that could not be read again so far. */
uint64_t bitmap_unread(const struct bitmap_runner *r);

#endif
