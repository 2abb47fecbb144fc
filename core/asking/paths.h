/* The paths without a column that some expressions read, and their values as far as they are
 * kept (recall.h).
 *
 * Where a question reads most of a chunk's records for a path anyway, the path gets a column
 * for that chunk: all its values, by id of a dictionary.
 * Threads: a `struct paths` is shared once made; each reader has its own `struct extract`. */
#ifndef CORE_ASKING_PATHS_H
#define CORE_ASKING_PATHS_H

#include "core/base/pool.h"

#include "core/asking/extract.h"
#include "core/asking/recall.h"

enum { PATHS_MAX = 64 /* kept for one question; any more are read from the records */ };

struct paths {
    struct recall *recall; /* NULL: nothing is kept */
    struct bytes texts[PATHS_MAX];
    struct recalled *kept[PATHS_MAX];
    size_t n;
};

/* Adds every path below the expression; the texts stay the query's. */
void paths_add(struct paths *p, const struct expr *e);
void paths_deinit(struct paths *p);

/* The number of a path, PATHS_MAX when it is not among them. */
size_t paths_find(const struct paths *p, struct bytes text);

/* The column of a path for a chunk; NULL when there is none. */
const struct column *paths_column(const struct paths *p, size_t path, size_t chunk);

/* What an id of the path stands for. */
struct datum paths_datum(const struct paths *p, size_t path, uint32_t id);

/* Makes the columns that a chunk lacks, if reading the rows in `bits` costs about as much as
 * reading them all. Nothing is kept of a chunk with records that cannot be read again. `job`
 * may be NULL; ends early when it is cancelled or `progress` (may be NULL) has enough. */
void paths_read(const struct paths *p, struct extract *records, const struct store *store,
                size_t chunk, const uint64_t *bits, const struct job *job,
                const struct progress *progress);

#endif
