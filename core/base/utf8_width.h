/* The width table behind utf8_width(); not for use elsewhere. */
#ifndef CORE_BASE_UTF8_WIDTH_H
#define CORE_BASE_UTF8_WIDTH_H

#include <stdint.h>

/* Code points from `first` up to the next run's `first` are `columns` wide (-1: unsafe). */
struct utf8_run {
    uint32_t first : 24;
    int32_t columns : 8;
};

enum { UTF8_WIDTH_RUNS = 1948 };

extern const struct utf8_run utf8_width_runs[UTF8_WIDTH_RUNS];

#endif
