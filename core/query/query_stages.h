/* The stages of a query: what each command may name, and in which order they act.
 *
 * Commands are not a pipeline from left to right: filters act before sort and limit wherever
 * they stand, as CloudWatch's own samples need it. */
#ifndef CORE_QUERY_QUERY_STAGES_H
#define CORE_QUERY_QUERY_STAGES_H

#include "core/query/query_check.h"

enum err stages_check(struct query *q, struct query_error *error) MUST_CHECK;

/* Sets q->from_us and q->to_us from comparisons of @timestamp that must hold. */
void stages_find_range(struct query *q);

/* Gives now(), queryStartTime() and their kin the numbers they have in this query. */
void stages_fix_times(struct query *q);

#endif
