/* The unnest command: each event once for every element of a list. Private to tables. */
#ifndef CORE_ASKING_TABLE_UNNEST_H
#define CORE_ASKING_TABLE_UNNEST_H

#include "core/asking/group.h"
#include "core/asking/table_order.h"

/* More rows than this are refused rather than shown in part. */
enum { UNNEST_MAX_ROWS = 5000000 };

/* Fills r->unnested from the selection, in its order: what is no list counts as a list with one
 * element, and an empty list gives no row. Conditions on elements are applied.
 * Errors: ERR_QUERY with r->error filled when there would be too many. */
enum err unnest_rows(struct run *r) MUST_CHECK;

/* The first stats of a query, over r->unnested. The caller frees the groups. */
struct groups *unnest_stats(struct run *r, const struct command *stats);

#endif
