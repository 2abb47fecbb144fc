/* Groups of rows and what is counted over them, for stats. */
#ifndef CORE_ASKING_GROUP_H
#define CORE_ASKING_GROUP_H

#include "core/asking/eval.h"

struct groups;

/* `by` and `items` are those of a stats command. */
struct groups *groups_new(const struct command *stats);
void groups_free(struct groups *g);

/* Adds the present row of `e`. `time_us` is its time, for earliest() and latest(); rows come in
 * time order, those without a time last. Keeps copies of what it needs. False when a condition
 * inside was undecided and the row could not be counted everywhere. */
bool groups_add(struct groups *g, struct eval *e, int64_t time_us);

/* Adds `count` rows whose by-columns have the values `keys`, for stats that ask for no more
 * than counts of rows. */
void groups_add_counted(struct groups *g, struct eval *e, const struct datum *keys,
                        uint64_t count);

size_t groups_count(const struct groups *g);

/* Values of the by-columns, then of the items, of one group into `out`. Texts live as long as
 * the groups or the eval's memory. `e` is used with its row replaced. */
void groups_result(struct groups *g, size_t group, struct eval *e, struct datum *out);

#endif
