/* Large archives for benches and stress tests. Content is invented, sizes and mixture are
 * modelled on real archives. Deterministic whatever the number of processes: each file's text
 * depends on the seed and the file's number alone. */
#ifndef TESTS_DATA_BULK_H
#define TESTS_DATA_BULK_H

#include <stdint.h>

struct bulk_plan {
    const char *target; /* folder or file */
    uint64_t seed;
    uint64_t events; /* for trees: files */
    uint64_t days;   /* the events spread over this many, ending 2026-11-18 */
    uint64_t bytes_per_event;
};

/* CloudTrail files of 300 to 700 events in the layout of S3, two regions. */
void bulk_archive(const struct bulk_plan *plan);

/* One gzipped user-activity export. */
void bulk_activity(const struct bulk_plan *plan);

/* Many files of one to four events. */
void bulk_tree(const struct bulk_plan *plan);

#endif
