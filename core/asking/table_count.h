/* Counts of rows by fields or by time, from columns: most of what is asked with stats. Private
 * to table.c. */
#ifndef CORE_ASKING_TABLE_COUNT_H
#define CORE_ASKING_TABLE_COUNT_H

#include "core/asking/group.h"
#include "core/asking/table_order.h"

/* Counts the selected rows into `g`, which is new. False, and nothing done, when `stats` asks
 * for more than counts of rows by one or two fields or by bin(). */
bool count_rows(struct run *r, struct pool *p, const struct command *stats, struct groups *g);

#endif
