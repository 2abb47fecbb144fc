/* Selected rows of a chunk, a cache-sized batch at a time, and their columns side by side.
 * Threads: any; chunks are only read. */
#ifndef CORE_ASKING_BATCH_H
#define CORE_ASKING_BATCH_H

#include "core/index/chunk.h"

enum { BATCH_ROWS = 2048 };

struct batch {
    const struct chunk *chunk;
    const uint64_t *bits;
    uint32_t next; /* first row that was not looked at */
    uint32_t n;
    bool dense; /* rows follow one another without a gap */
    uint16_t rows[BATCH_ROWS];
};

/* `bits` are the selected rows, NULL for none. */
void batch_start(struct batch *b, const struct chunk *chunk, const uint64_t *bits);

/* The next rows; false when there are none left. */
bool batch_next(struct batch *b);

/* The values of one column for the rows of the batch, `n` of them. */
void batch_ids(const struct batch *b, enum field_id field, uint32_t *out);
void batch_times(const struct batch *b, int64_t *out);
void batch_outcomes(const struct batch *b, uint8_t *out);

#endif
