/* A result over time: what its rows say per bin, for the strip above it. */
#ifndef TUI_PANES_TREND_H
#define TUI_PANES_TREND_H

#include "core/asking/stats.h"
#include "core/asking/table.h"

/* Time of a cell; INSTANT_NONE when it is none. */
int64_t trend_time(const struct cell *cell);

/* Sums column `value` per bin of column `time`, bins being joined until at most `max_bins` (2
 * or more) are left. NULL when there are not two bins or nothing above 0. Free with
 * histogram_free(). */
struct histogram *trend_new(const struct table *t, size_t time, size_t value, size_t max_bins);

#endif
