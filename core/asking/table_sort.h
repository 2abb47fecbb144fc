/* The order of rows by the values of a sort key. Private to tables.
 *
 * Most rows share their values with others: each different value gets a number by its place in
 * the order of datum_compare() once, and rows are then sorted by numbers, in linear time. */
#ifndef CORE_ASKING_TABLE_SORT_H
#define CORE_ASKING_TABLE_SORT_H

#include "core/base/arena.h"
#include "core/base/pool.h"

#include "core/asking/datum.h"

struct sort_value;

/* The values of one key. Zero-initialised is empty and valid. */
struct sort_column {
    struct sort_value *values; /* each different one */
    size_t n_values, values_cap;
    uint32_t *slots; /* number of a value + 1, by hash */
    size_t n_slots;
    uint32_t *rows; /* the value of each row */
    size_t n_rows, rows_cap;
    struct arena memory;
};

/* Adds the value of the next row; its text is copied. */
void sort_column_add(struct sort_column *c, struct datum d);
void sort_column_deinit(struct sort_column *c);

/* Sorts the numbers of rows in `order`, `count` of them and below 2^32, by the column; rows
 * with equal values keep their order. So columns that matter less are sorted by first. `job`
 * may be NULL; when it is cancelled, the order means nothing. */
void sort_column_apply(struct sort_column *c, bool descending, uint64_t *order, size_t count,
                       const struct job *job);

#endif
