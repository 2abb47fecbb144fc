#include "core/base/radix.h"

#include <string.h>

/* 2,048 counters fit the first cache level beside what they count. */
enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

void radix_sort(uint64_t *items, uint64_t *scratch, size_t count, unsigned from, unsigned bits)
{
    uint64_t *source = items, *target = scratch;
    size_t starts[DIGITS];

    for (unsigned done = 0; done < bits && count; done += DIGIT_BITS) {
        unsigned width = bits - done < DIGIT_BITS ? bits - done : DIGIT_BITS;
        unsigned shift = from + done;
        uint64_t mask = (UINT64_C(1) << width) - 1, *swap;
        size_t sum = 0;

        memset(starts, 0, sizeof starts);
        for (size_t i = 0; i < count; i++)
            starts[source[i] >> shift & mask]++;
        if (starts[source[0] >> shift & mask] == count)
            continue;
        for (size_t digit = 0; digit <= mask; digit++) {
            size_t here = starts[digit];

            starts[digit] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            target[starts[source[i] >> shift & mask]++] = source[i];
        swap = source;
        source = target;
        target = swap;
    }
    if (source != items)
        memcpy(items, source, count * sizeof *items);
}
