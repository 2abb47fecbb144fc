/* Which time bin an instant falls into, by multiplication instead of division. */
#ifndef CORE_ASKING_BINS_H
#define CORE_ASKING_BINS_H

#include "core/base/instant.h"

/* Equal bins of time. The reciprocal saves a division per row; what rounding does to a time at
 * the edge of a bin is put right. */
struct bins {
    int64_t from_us, width_us;
    double per_us;
};

static inline struct bins bins_make(int64_t from_us, int64_t width_us)
{
    return (struct bins){from_us, width_us, 1.0 / (double)width_us};
}

static inline size_t bins_find(const struct bins *b, int64_t at_us)
{
    int64_t past = at_us - b->from_us;
    int64_t bin = (int64_t)((double)past * b->per_us);
    int64_t over = past - bin * b->width_us;

    return (size_t)(bin - (over < 0) + (over >= b->width_us));
}

#endif
