/* Counts of rows by fields, from columns: most of what is asked with stats. Private to
 * tables. */
#ifndef CORE_ASKING_TABLE_COUNT_H
#define CORE_ASKING_TABLE_COUNT_H

#include "core/asking/group.h"
#include "core/asking/table_order.h"

/* True when all that the stats ask for are counts of rows. */
bool counts_only(const struct command *stats);

/* Counts the selected rows into `g`, which is new. False, and nothing done, when `stats` asks
 * for more than counts of rows by one or two fields. */
bool count_rows(struct run *r, struct pool *p, const struct command *stats, struct groups *g);

#endif
