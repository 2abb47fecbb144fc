/* Which rows stand in the evidence more than once?
 *
 * The terms are those of index.h. Rows are split by a hash of their identity into parts that
 * are looked at one after the other, so the memory needed stays small beside the rows'. */
#ifndef CORE_INDEX_DUPLICATE_H
#define CORE_INDEX_DUPLICATE_H

#include <stdatomic.h>

#include "core/index/store.h"

struct duplicates {
    uint64_t **bits; /* one for each chunk: a bit for each row, or NULL when it has none */
    size_t n_chunks;
    uint64_t n_duplicates, n_conflicts;
};

/* Looks through the first `n_chunks` chunks. False, and nothing to free, when `*cancelled`
 * got true. The counts and bits do not depend on the order of chunks. Threads: any. */
bool duplicates_find(struct duplicates *d, const struct store *s, size_t n_chunks,
                     const atomic_bool *cancelled);
void duplicates_deinit(struct duplicates *d);

#endif
