/* How often each line of a list of indicators is met: also the lines that are not. */
#ifndef CORE_ASKING_HITS_H
#define CORE_ASKING_HITS_H

#include "core/asking/stats.h"
#include "core/query/indicators.h"

struct hit {
    uint64_t events, failed;
    uint64_t values;           /* different ones that the line matches */
    int64_t first_us, last_us; /* INSTANT_NONE without events */
};

/* Sums a grouping by one field over the lines: `out` has one for each. An event whose value
 * matches two lines counts for both. Returns the lines with events. */
size_t hits_count(const struct indicators *list, const struct grouping *g, struct hit *out);

#endif
