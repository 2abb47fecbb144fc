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

/* An event once for each element that unnest took from it. */
struct unnested_row {
    row_id row;
    const struct datum *items;
};

struct run {
    const struct query *query;
    struct index *index;
    struct table *table;
    struct query_error *error;
    struct rows rows;
    struct selection *selection;
    const struct job *job; /* whose cancelling ends the query; may be NULL */
    uint64_t looked;       /* rows since the progress was told */
    struct reread from;
    uint64_t n_undecided, n_unlooked, n_unread; /* see table.h; records not read again */
    struct unnested_row *unnested; /* stand for the rows of `selection` when `has_unnest` */
    size_t n_unnested, unnested_cap;
    uint64_t n_unknown; /* that conditions on elements and results left out */
    /* Rows for which something was undecided: in a key of sort or dedup, inside stats, in a
     * cell. */
    uint64_t n_unsorted, n_uncounted, n_unclear;
    struct arena unnested_memory;
    bool has_unnest;
    size_t first_stats; /* number of the command; n_commands when there is none */
    size_t notices_cap;
    bool keep_unknown; /* conditions that a missing value leaves open hold */
};

/* Makes ready to evaluate the query's expressions, on any thread. */
void run_rows_init(const struct run *r, struct rows *rows);

/* How many events there are, elements counted each; the event of such a row. */
uint64_t run_count(const struct run *r);
row_id run_row(const struct run *r, uint64_t number);

/* Turns to row `number` of the grid, or without one to an event. */
void run_turn(struct run *r, const struct grid *g, uint64_t number);

/* Before each row that is looked at. False when the query was cancelled: what is made after it
 * means nothing, and table_run() throws it away. */
bool run_goes_on(struct run *r);

/* The record of the present row cannot be read again, which is counted by itself. */
bool run_is_unread(const struct run *r);

/* The condition holds on the present row; counts a row that it leaves open. */
bool run_passes(struct run *r, const struct expr *condition);

/* Numbers of the events, or of the rows of a grid made by `stats`, in the order of the query:
 * the caller frees them. */
uint64_t *order_events(struct run *r);
uint64_t *order_grid(struct run *r, const struct grid *g, const struct command *stats);

/* Keeps the first of each combination that dedup names; rows with a missing value are all kept.
 * Returns how many stay. */
uint64_t order_dedup(struct run *r, const struct grid *g, uint64_t *order, uint64_t count);

#endif
