/* The first stats of a query, over events: on all workers, each with groups of its own. Private
 * to tables. */
#ifndef CORE_ASKING_TABLE_STATS_H
#define CORE_ASKING_TABLE_STATS_H

#include "core/asking/group.h"
#include "core/asking/table_order.h"

/* Groups the selected events; only the bits of the selection are used. Counts in the table what
 * was undecided, and what was not looked at when the asker had enough. The caller frees the
 * groups; when cancelled they mean nothing. */
struct groups *stats_over_events(struct run *r, struct pool *p, const struct command *stats);

/* Gives the paths that the query reads columns where most of the selected events' records have
 * to be read for them: for what goes through the events one by one. */
void run_read_paths(struct run *r, struct pool *p);

#endif
