/* Bursts: bins of time of any width with the worst first, in all or per value of a field.
 *
 * Bins begin at multiples of their width since the epoch, as bin() has them, so every number
 * here is that of a query: stats … by bin(5m), ip. */
#ifndef CORE_ASKING_BURST_H
#define CORE_ASKING_BURST_H

#include <stdatomic.h>

#include "core/asking/stats.h"

/* What comes first; ties by failures, by events, then the earlier bin, then the key's text. */
enum burst_order {
    BURST_FAILED, /* failure, throttled, blocked, fault */
    BURST_EVENTS,
    BURST_SUCCESS,
    BURST_FAILURE,
    BURST_THROTTLED,
    BURST_BLOCKED,
    BURST_FAULT,
    BURST_IPS,
    BURST_SUBS,
    BURST_TIME, /* the earliest */
    BURST_ORDERS,
};

struct burst {
    int64_t from_us;      /* the first instant; the last is before from_us + bin_us */
    struct group_key key; /* of the field; its text lives as long as the store */
    uint64_t count, failed;
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t ips, subs, clients; /* different values */
    struct bytes top_ip;         /* with the most failures in the bin; empty when none has */
    struct bytes top_error;
};

enum { BURSTS_MAX = 10000 };

struct burst_request {
    int64_t bin_us;      /* above 0 */
    enum field_id field; /* TEXT or CHOICE: bins per value; FIELD_COUNT: in all */
    enum burst_order order;
};

struct bursts {
    struct burst_request request;
    struct burst *items; /* the first BURSTS_MAX in the order */
    size_t n_items;
    uint64_t n_all;     /* bins with events, per value */
    uint64_t n_no_time; /* events in no bin */
};

/* Counts in one pass over the rows in time order. NULL when cancelled.
 * Memory: as much as the fullest bin needs, about 100 bytes a row of it. */
struct bursts *bursts_new(const struct selection *s, const struct burst_request *request,
                          const atomic_bool *cancelled);
void bursts_free(struct bursts *b);

/* The number that an order sorts by; 0 for BURST_TIME. */
uint64_t burst_number(const struct burst *b, enum burst_order order);

/* Appends the condition that selects exactly the events of a burst. */
void burst_write(struct buffer *out, const struct bursts *b, size_t i);

#endif
