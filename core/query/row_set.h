/* Rows named one by one: what a filter in words cannot say, such as the evidence of a finding
 * or the events that a metric counted.
 * Rows keep their ids as long as the store, so a set outlives the index that it was made of.
 * Immutable; shared by use count. Threads: any. */
#ifndef CORE_QUERY_ROW_SET_H
#define CORE_QUERY_ROW_SET_H

#include "core/index/chunk.h"

struct row_set;

/* The rows are copied; order and repetitions do not matter. */
struct row_set *row_set_new(const row_id *rows, size_t n_rows);
struct row_set *row_set_hold(struct row_set *s);
void row_set_release(struct row_set *s);
size_t row_set_count(const struct row_set *s);

/* Takes away from `bits` (CHUNK_ROWS of them) what is not in the set. False when nothing can be
 * left, as no row of the chunk is in it. */
bool row_set_keep(const struct row_set *s, size_t chunk, uint64_t *bits);

#endif
