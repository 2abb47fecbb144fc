/* Sorting numbers by some of their bits, in linear time.
 *
 * Stable: items that agree in these bits keep their order, so a key wider than an item is
 * sorted part by part, the least part first. */
#ifndef CORE_BASE_RADIX_H
#define CORE_BASE_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Sorts `count` items by the `bits` bits above the lowest `from`. `scratch` has room for as
 * many; what is in it afterwards means nothing. Threads: any. */
void radix_sort(uint64_t *items, uint64_t *scratch, size_t count, unsigned from, unsigned bits);

#endif
