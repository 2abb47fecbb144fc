/* Runs a plan over one chunk, in words of 64 rows. Private to scans and tables. */
#ifndef CORE_ASKING_BITMAP_H
#define CORE_ASKING_BITMAP_H

#include "core/asking/decide.h"

enum { BITMAP_WORDS = CHUNK_ROWS / 64 };

/* Which outcomes of a leaf count as yes. */
enum bitmap_mode {
    BITMAP_STRICT,    /* true ones */
    BITMAP_MISSING,   /* and missing values under a negation */
    BITMAP_UNDECIDED, /* and undecided matches */
};

/* One thread's way to run a plan. */
struct bitmap_runner {
    struct decider decider;
    enum bitmap_mode mode;
    bool saw_missing;   /* a negated leaf met a missing value in the last run */
    bool saw_undecided; /* a match reached its limit in the last run */
    uint64_t *levels;   /* scratch bitmaps, one pair per depth of the plan */
};

void bitmap_runner_init(struct bitmap_runner *r, const struct plan *p, const struct job *job);
void bitmap_runner_deinit(struct bitmap_runner *r);

/* Sets in `out` (BITMAP_WORDS) the rows of the chunk that the plan selects in `mode`. Of one
 * chunk BITMAP_STRICT comes first. When it should end (decider_ends()), `out` means nothing. */
void bitmap_run(struct bitmap_runner *r, size_t chunk_number, enum bitmap_mode mode,
                uint64_t *out);

#endif
