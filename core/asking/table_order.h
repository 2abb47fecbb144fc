/* What the parts of a table share while a query runs. Private to table.c and table_order.c. */
#ifndef CORE_ASKING_TABLE_ORDER_H
#define CORE_ASKING_TABLE_ORDER_H

#include "core/asking/rows.h"
#include "core/asking/scan.h"

/* Columns and rows of values, between stages. */
struct grid {
    struct bytes *names;
    size_t n_columns;
    struct datum **rows;
    size_t n_rows, rows_cap;
};

struct table;

struct run {
    const struct query *query;
    struct index *index;
    struct table *table;
    struct query_error *error;
    struct rows rows;
    struct selection *selection;
    const struct job *job;     /* whose cancelling ends the query; may be NULL */
    struct progress *progress; /* may be NULL */
    uint64_t looked;           /* rows since the progress was told */
    struct archive *archive;   /* the next two as in table.h */
    struct load *load;
    uint64_t n_undecided, n_unlooked, n_unread; /* see table.h; records not read again */
    size_t first_stats; /* number of the command; n_commands when there is none */
    size_t notices_cap;
};

/* Makes ready to evaluate the query's expressions, on any thread. */
void run_rows_init(const struct run *r, struct rows *rows);

/* Turns to row `number` of the grid, or without one to an event. */
void run_turn(struct run *r, const struct grid *g, uint64_t number);

/* Before each row that is looked at. False when the query was cancelled: what is made after it
 * means nothing, and table_run() throws it away. */
bool run_goes_on(struct run *r);

/* Numbers of the events, or of the rows of a grid made by `stats`, in the order of the query:
 * the caller frees them. */
uint64_t *order_events(struct run *r);
uint64_t *order_grid(struct run *r, const struct grid *g, const struct command *stats);

/* Keeps the first of each combination that dedup names; rows with a missing value are all kept.
 * Returns how many stay. */
uint64_t order_dedup(struct run *r, const struct grid *g, uint64_t *order, uint64_t count);

#endif
