/* Groups, counts and time bins over a selection: pivots, strips and value cards.
 *
 * Runs as a job; results are immutable. Groups that tie are ordered by their text, so output
 * never depends on dictionary ids. */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include "core/scan.h"

enum { STATS_SPARK_BINS = 64, STATS_MAX_KEYS = 2 };

/* One value of one field; for UNIQUE fields the text is made at need. */
struct group_key {
    enum value_state state;
    struct bytes text; /* lives as long as the result */
};

struct group {
    struct group_key keys[STATS_MAX_KEYS];
    uint64_t count;
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t distinct; /* different values of the counted field, states below TEXT left out */
    int64_t first_us, last_us;                /* INSTANT_NONE when no row has a time */
    uint32_t spark[STATS_SPARK_BINS];         /* events per bin over the selection's span */
    uint32_t spark_failures[STATS_SPARK_BINS];
};

struct grouping {
    struct selection *selection; /* held */
    enum field_id fields[STATS_MAX_KEYS];
    size_t n_fields;
    enum field_id distinct_of; /* what `distinct` counts */
    struct group *groups;      /* by count, largest first; ties by text */
    size_t n_groups;
    uint64_t n_rows; /* grouped: the sum of counts */
    int64_t spark_from_us, spark_bin_us;
    struct arena arena;
};

void grouping_free(struct grouping *g);

struct grouping_job {
    struct job job; /* first */
    struct selection *selection; /* held from init to deinit */
    enum field_id fields[STATS_MAX_KEYS];
    size_t n_fields;
    enum field_id distinct_of;
    struct grouping *result; /* NULL when cancelled */
    void *context;
    void *state;
};

void grouping_init(struct grouping_job *j, struct selection *s, const enum field_id *fields,
                   size_t n_fields, enum field_id distinct_of);
void grouping_deinit(struct grouping_job *j);

/* Events per time bin and outcome: the strip. */
struct histogram {
    int64_t from_us, bin_us;
    size_t n_bins;
    uint64_t (*bins)[OUTCOME_COUNT];
    uint64_t n_no_time;
};

/* Bins of a round width (1 s … 1 d and up) so that at most `max_bins` cover the selection.
 * Fast enough for the screen's thread only below a few million rows: run it from a job. */
struct histogram *histogram_new(const struct selection *s, size_t max_bins);
void histogram_free(struct histogram *h);

#endif
