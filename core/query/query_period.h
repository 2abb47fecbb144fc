/* Periods of bin(), datefloor() and dateceil(). */
#ifndef CORE_QUERY_QUERY_PERIOD_H
#define CORE_QUERY_QUERY_PERIOD_H

#include "core/base/instant.h"

/* Either a fixed width or a number of calendar months. */
struct period {
    int64_t width_us;
    unsigned months;
    bool capped; /* above the largest value of its unit, and cut to it */
};

/* 100ms, 30s, 5m, 1h, 1d, 1w, 1mo, 1q, 1y and the longer spellings of the units.
 * Source: CloudWatch Logs user guide, "Supported operations and functions" (2026). */
bool period_parse(struct bytes text, struct period *out);

/* Start of the period that holds `at_us`, UTC; weeks start on Monday. */
int64_t period_floor(struct period p, int64_t at_us);

/* Start of the first period that is not before `at_us`. */
int64_t period_ceil(struct period p, int64_t at_us);

#endif
