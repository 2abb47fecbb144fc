/* Ways through a list of events by their times: gaps and bins. */
#ifndef TUI_PANES_ROW_TIME_H
#define TUI_PANES_ROW_TIME_H

#include "core/index/store.h"

/* Rows in the order shown; borrowed. */
struct row_times {
    const struct store *store;
    const row_id *rows;
    size_t count;
};

/* The time of the row at a position; INSTANT_NONE when it has none. */
int64_t row_time(const struct row_times *t, size_t at);

/* The next (or previous) row that stands over a minute from its neighbour; `at` when there is
 * none. */
size_t row_time_gap(const struct row_times *t, size_t at, bool forward);

/* The first row of the next (or the previous) bin of this width that has rows; the last (or
 * first) row when there is none. Rows without a time are a bin of their own. */
size_t row_time_bin(const struct row_times *t, size_t at, int64_t width_us, bool forward);

#endif
