/* The metrics that CloudWatch keeps of a user pool, derived from events.
 *
 * What counts: a sign-in attempt is the call that ends it, (Admin)InitiateAuth or
 * (Admin)RespondToAuthChallenge, with success or failure; a challenge that is pending, a
 * throttled, blocked or faulty call is none. A form of the hosted UI or of managed login whose
 * status does not decide counts where the user-activity export holds its twin (same request
 * id), once, at the time of the CloudTrail event. A line of the export without such a record
 * counts by itself. A sign-in through an outside provider counts as federation. A refresh is
 * a call with a refresh token, a sign-up the SignUp call. Lists of auth events repeat the
 * export and count nowhere.
 *
 * Derived, not the metric itself: CloudTrail may not record throttled calls.
 * Source of names and meaning: Amazon Cognito Developer Guide, "Metrics for user pools" (2026).
 */
#ifndef CORE_CONCLUDING_METRIC_H
#define CORE_CONCLUDING_METRIC_H

#include <stdatomic.h>

#include "core/index/index.h"

enum metric {
    METRIC_SIGN_IN,
    METRIC_REFRESH,
    METRIC_SIGN_UP,
    METRIC_FEDERATION,
    METRIC_SIGN_IN_THROTTLES,
    METRIC_REFRESH_THROTTLES,
    METRIC_SIGN_UP_THROTTLES,
    METRIC_COUNT
};

/* "SignInSuccesses", … */
const char *metric_name(enum metric metric);
bool metric_is_throttles(enum metric metric);

/* One event that counts, once. */
struct metric_event {
    int64_t time_us;
    row_id row;
    uint32_t series;
    uint8_t metric;
    bool success; /* false for throttles */
};

/* Ids of the store's dictionaries; below DICTIONARY_FIRST_TEXT nothing is known. */
struct metric_series {
    uint32_t pool; /* as the records say */
    uint32_t client;
    uint32_t client_pool; /* the pool that other records name together with the client; absent
                           * where there are none or several */
    uint32_t target;      /* number of the target */
};

/* What CloudWatch would keep one metric for: a pool and a client, whichever records say so. */
struct metric_target {
    uint32_t pool, client;
};

/* Immutable. Series and targets are in the order of their texts, pool first. */
struct metrics {
    struct index *index;               /* held */
    const struct metric_event *events; /* in time order */
    size_t n_events;
    const struct metric_series *series;
    size_t n_series;
    const struct metric_target *targets;
    size_t n_targets;
    uint64_t n_no_time;   /* events that would count but have no time: in no bin */
    uint64_t n_undecided; /* forms whose result neither record tells */
    uint64_t n_export;    /* lines of the export that count by themselves */
    bool with_duplicates;
    _Atomic unsigned uses;
};

/* NULL when `*cancelled` got true. Duplicates do not count unless wanted. Shared by use count.
 * Memory: 24 bytes for each event that counts. Threads: any. */
struct metrics *metrics_new(struct index *index, bool with_duplicates,
                            const atomic_bool *cancelled);
struct metrics *metrics_hold(struct metrics *m);
void metrics_release(struct metrics *m);

/* One bin of one metric of one series or target. There is none where nothing happened. */
struct metric_cell {
    int64_t from_us;
    uint32_t of; /* number of the series or target */
    enum metric metric;
    uint64_t attempts, successes; /* of throttles: `attempts` of them */
};

struct metric_cells {
    struct metric_cell *items; /* by time, metric, series or target */
    size_t n;
    int64_t width_us;
};

enum metric_by { METRIC_BY_SERIES, METRIC_BY_TARGET };

/* A width of bins, or a period of alarms: one second to 30 days, as 30s, 5m, 1h, 1d. */
bool metric_parse_width(struct bytes text, int64_t *out_us);

/* Bins of any width from one microsecond on, aligned to 1970 in UTC as CloudWatch does. A width
 * of 0 makes one bin of everything. Threads: any. */
void metrics_cells(const struct metrics *m, enum metric_by by, int64_t width_us,
                   struct metric_cells *out);
void metric_cells_deinit(struct metric_cells *c);

/* Which events stand behind a number. */
struct metric_pick {
    enum metric metric;
    enum metric_by by;
    uint32_t of;
    int64_t from_us, to_us; /* to_us is outside */
    enum metric_part { METRIC_ALL, METRIC_SUCCESSES, METRIC_FAILURES } part;
};

/* Appends the rows, in time order, to an array of mem_grow(). Returns how many it has. */
size_t metrics_rows(const struct metrics *m, const struct metric_pick *pick, row_id **rows,
                    size_t n_rows, size_t *cap);

/* Failures of attempts in percent; false, and nothing written, without attempts. */
bool metric_rate(uint64_t attempts, uint64_t successes, double *percent);

#endif
