/* Groups, counts and time bins over a selection: pivots, strips and value cards.
 *
 * Runs as a job (counts.h is faster where counts are all that is asked for); results are
 * immutable. Groups that tie are ordered by their text, so output never depends on dictionary
 * ids. */
#ifndef CORE_ASKING_STATS_H
#define CORE_ASKING_STATS_H

#include "core/asking/scan.h"

enum {
    STATS_SPARK_BINS = 64,
    STATS_MAX_KEYS = 2,
    STATS_MAX_SPARKS = 10000, /* groups with a spark; their counts are the largest */
};

/* One value of one field. */
struct group_key {
    enum value_state state;
    struct bytes text; /* lives as long as the result */
};

struct group {
    struct group_key keys[STATS_MAX_KEYS];
    uint64_t count;
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t distinct; /* different values of the counted field, states below TEXT left out */
    int64_t first_us, last_us; /* INSTANT_NONE when no row has a time */
    /* STATS_SPARK_BINS numbers each: events per bin over the selection's span, all of them and
     * those that were refused or went wrong (failure, throttled, blocked, fault). All 0 from
     * group STATS_MAX_SPARKS on; never NULL. */
    const uint32_t *spark;
    const uint32_t *spark_failures;
    uint32_t slot; /* the grouping's own */
};

struct grouping {
    struct selection *selection; /* held */
    enum field_id fields[STATS_MAX_KEYS];
    size_t n_fields;
    enum field_id distinct_of; /* what `distinct` counts; FIELD_COUNT for nothing */
    struct group *groups;      /* by count, largest first; ties by text */
    size_t n_groups;
    uint64_t n_rows;                     /* grouped: the sum of counts */
    int64_t spark_from_us, spark_bin_us; /* the width is 0 when no row has a time */
    struct arena arena;
};

void grouping_free(struct grouping *g);

struct grouping_job {
    struct job job;              /* first */
    struct selection *selection; /* held from init to deinit */
    enum field_id fields[STATS_MAX_KEYS];
    size_t n_fields;
    enum field_id distinct_of;
    struct grouping *result; /* NULL when cancelled; set it to NULL to keep it */
    void *context;
    void *state;
};

/* Groups by one or two TEXT, CHOICE or UNIQUE fields, `distinct_of` another or FIELD_COUNT.
 * Absent, null, empty and redacted are groups of their own.
 * Memory: about 70 bytes per group and worker; while distinct values are counted, up to 24
 * bytes per selected row. */
void grouping_init(struct grouping_job *j, struct selection *s, const enum field_id *fields,
                   size_t n_fields, enum field_id distinct_of);
void grouping_deinit(struct grouping_job *j);

/* Events per time bin and outcome: the strip. */
struct histogram {
    int64_t from_us, bin_us;
    size_t n_bins;
    uint64_t (*bins)[OUTCOME_COUNT];
    uint64_t n_no_time;
    uint64_t n_before, n_after; /* events in no bin, far from all others: without them the bins
                                 * are several times narrower */
};

/* Bins of a round width (1 s … 1 d and up) so that at most `max_bins` (2 or more; less
 * counts as 2) cover the selection; no bins when no row has a time.
 * Fast enough for the screen's thread only below a few million rows: run it from a job. */
struct histogram *histogram_new(const struct selection *s, size_t max_bins);
void histogram_free(struct histogram *h);

#endif
