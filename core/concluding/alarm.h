/* Alarms on the metrics, replayed along the timeline: when each would have paged, for how long.
 *
 * Periods are aligned to 1970 in UTC, as CloudWatch does; an alarm is on for a period whose
 * value is strictly greater than the threshold, and a period in which nothing was attempted is
 * never one. Periods that follow one another make one page. Each pool and client has alarms of
 * its own, as each has metrics of its own. */
#ifndef CORE_CONCLUDING_ALARM_H
#define CORE_CONCLUDING_ALARM_H

#include "core/concluding/metric.h"

enum alarm { ALARM_FAILURE_RATE, ALARM_THROTTLES, ALARM_REFRESH_FAILURES, ALARM_COUNT };

/* What is measured in a period. */
enum alarm_value {
    ALARM_PERCENT_FAILED, /* of attempts */
    ALARM_EVENTS,         /* of the metric */
    ALARM_FAILED,         /* attempts that failed */
};

struct alarm_rule {
    const char *name;    /* "failure-rate", … */
    const char *meaning; /* a line for people */
    const char *unit;    /* behind the value: "%" or "" */
    enum metric metric;
    enum alarm_value value;
    uint64_t threshold;
    int64_t period_us;
};

/* The rules as they are without anyone's changes. */
struct alarm_rule alarm_default(enum alarm alarm);

/* Sets threshold and period (kept when the text names none) from NAME=THRESHOLD[/PERIOD], the
 * period as 30s, 5m, 1h, 1d: at most 30 days. False, with a reason in `message`, for anything
 * else. `rules` has ALARM_COUNT. */
bool alarm_parse(struct bytes text, struct alarm_rule *rules, struct buffer *message);

/* One time that an alarm was on for one target. */
struct alarm_page {
    enum alarm alarm;
    uint32_t target;
    int64_t from_us, to_us; /* start of the first period, end of the last */
    uint64_t periods;
    double peak;                 /* the largest value of a period */
    uint64_t attempts, failures; /* in all its periods; of throttles `failures` of them */
};

struct alarm_sum {
    uint64_t pages, targets;      /* and how many targets they were for */
    uint64_t periods_on, periods; /* periods with the alarm on, of those with a value */
    int64_t longest_us;
    double peak; /* of all periods, whether on or not; 0 where there is no value */
};

struct alarms {
    struct alarm_rule rules[ALARM_COUNT];
    struct alarm_page *pages; /* by time, alarm, target */
    size_t n_pages;
    struct alarm_sum sums[ALARM_COUNT];
};

/* Threads: any. */
void alarms_replay(const struct metrics *m, const struct alarm_rule *rules, struct alarms *out);
void alarms_deinit(struct alarms *a);

/* The events that made a page. Appends; see metrics_rows(). */
size_t alarm_rows(const struct metrics *m, const struct alarms *a,
                  const struct alarm_page *page, row_id **rows, size_t n_rows, size_t *cap);

#endif
