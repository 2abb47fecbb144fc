/* From a row of a query's result back to the events behind it. */
#ifndef CORE_ASKING_DRILL_H
#define CORE_ASKING_DRILL_H

#include "core/asking/table.h"

/* Appends a filter that selects exactly the events that the row of a `stats` counts: the
 * query's own filters and the values of the row's group columns. False (and `out` untouched)
 * when the query does more than a filter can say: several stats, parse, dedup or display before
 * the row. Rows that are events have their row id in the table instead. */
bool drill_write(struct buffer *out, const struct query *q, const struct table *t, size_t row);

/* Which column of the result of `stats … by bin(5m)` holds the bins; SIZE_MAX when none does.
 */
size_t drill_bin_column(const struct query *q);

#endif
