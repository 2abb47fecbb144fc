/* Groups of rows and what is counted over them, for stats. */
#ifndef CORE_ASKING_GROUP_H
#define CORE_ASKING_GROUP_H

#include "core/asking/eval.h"
#include "core/index/index.h"

struct groups;

/* `by` and `items` are those of a stats command. `store` is that of the rows to come; NULL when
 * they are no events. */
struct groups *groups_new(const struct command *stats, const struct store *store);
void groups_free(struct groups *g);

/* Where a row stands among the others: decides earliest(), latest() and which of equal values
 * is kept, so that the order of adding does not show. */
struct group_place {
    int64_t time_us; /* INSTANT_NONE comes last */
    row_id row;      /* without a store: numbers that rise */
};

/* Adds the present row of `e`. Keeps copies of what it needs. Rows with the same `memo` have
 * the same by-columns, which are then looked at once; 0 tells nothing. False when a condition
 * inside was undecided and the row could not be counted everywhere. */
bool groups_add(struct groups *g, struct eval *e, struct group_place place, uint64_t memo);

/* Adds everything of `from`, made for the same stats and store, which is of no use afterwards
 * but to be freed. */
void groups_merge(struct groups *into, struct groups *from);

/* Adds `count` rows whose by-columns have the values `keys`, for stats that ask for no more
 * than counts of rows. */
void groups_add_counted(struct groups *g, struct eval *e, const struct datum *keys,
                        uint64_t count);

size_t groups_count(const struct groups *g);

/* Values of the by-columns, then of the items, of one group into `out`. Texts live as long as
 * the groups or the eval's memory. `e` is used with its row replaced. */
void groups_result(struct groups *g, size_t group, struct eval *e, struct datum *out);

#endif
