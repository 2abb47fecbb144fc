/* Time order and duplicates over the chunks of one moment.
 *
 * An index is an immutable picture: made in the background whenever enough new chunks are
 * there, replaced whole, freed when the last user lets go.
 * Order: time, then file, then offset; events without a usable time come last.
 * Duplicate: same event id and recipient account as an event that comes earlier in (file,
 * offset) order, the same values in every field and the same content (see content.h). Same id
 * with other values or another content is a conflict: counted, and not hidden. */
#ifndef CORE_INDEX_INDEX_H
#define CORE_INDEX_INDEX_H

#include <stdatomic.h>

#include "core/index/store.h"

struct index {
    const struct store *store;
    size_t n_chunks;     /* chunks 0 … n_chunks - 1 are in it */
    uint64_t n_rows;     /* all rows of them */
    const row_id *order; /* n_rows of them, in time order, duplicates included */
    uint64_t n_duplicates, n_conflicts;
    uint64_t *const *duplicates; /* per chunk: bit set for a duplicate row; NULL for none */
    int64_t first_us, last_us;   /* INSTANT_NONE when no row has a time */
    bool complete;               /* made after reading ended: no rows will follow */
    _Atomic unsigned uses;
};

/* Makes the picture of the first `n_chunks` chunks. Stops early and returns NULL when
 * `*cancelled` gets true. The result has one use. */
struct index *index_build(const struct store *s, size_t n_chunks, bool complete,
                          const atomic_bool *cancelled);
struct index *index_hold(struct index *i);
void index_release(struct index *i);

/* The order of an index, for two rows: less than, equal to or greater than 0. */
int index_compare(const struct store *s, row_id a, row_id b);

/* True when some row is of one of these formats (bits 1 << enum format). */
bool index_holds(const struct index *i, uint32_t formats);

bool index_is_duplicate(const struct index *i, row_id row);

#endif
