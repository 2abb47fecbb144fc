/* The rows of a selection in the order of a field.
 *
 * Stable: rows with the same value stay in time order. Values come in the order absent, null,
 * empty, redacted, then whole numbers by size, then other texts by their bytes; in a field of
 * ids UUIDs come before other texts. Files come in the order of reading, each by offset.
 * By time, descending is the exact reverse. */
#ifndef CORE_ASKING_SORT_H
#define CORE_ASKING_SORT_H

#include "core/asking/scan.h"

/* `n_rows` row ids, the caller's (mem_free()). NULL when `*cancelled` became true. */
row_id *sort_rows(const struct selection *s, enum field_id field, bool descending,
                  const atomic_bool *cancelled);

#endif
