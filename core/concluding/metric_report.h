/* All that a screen of metrics shows, made in one go: totals, bins, and the alarms on them. */
#ifndef CORE_CONCLUDING_METRIC_REPORT_H
#define CORE_CONCLUDING_METRIC_REPORT_H

#include "core/concluding/alarm.h"

struct metric_request {
    struct alarm_rule rules[ALARM_COUNT];
    int64_t width_us;      /* of `bins` */
    struct metrics *known; /* taken over; counted anew unless of the index that is asked */
};

/* One series in one bin: what was attempted, and what was throttled beside it. */
struct metric_row {
    int64_t from_us;
    uint32_t series;
    enum metric
        metric; /* no throttles: they stand in the row of what they kept from happening */
    uint64_t attempts, successes, throttles;
};

struct metric_rows {
    struct metric_row *items; /* by time, metric, series */
    size_t n;
};

/* Immutable but for its owner. */
struct metric_report {
    struct metrics *metrics; /* held */
    struct alarms alarms;
    struct metric_rows totals; /* one bin of everything */
    struct metric_rows bins;
    int64_t width_us; /* of the bins */
};

/* NULL when cancelled. Lets `request->known` go in any case. Threads: any. */
struct metric_report *metric_report_new(struct index *index, bool with_duplicates,
                                        struct metric_request *request,
                                        const atomic_bool *cancelled);
void metric_report_free(struct metric_report *r);

/* The throttles of a metric, which has attempts; METRIC_COUNT for what has none. */
enum metric metric_throttles_of(enum metric metric);

#endif
