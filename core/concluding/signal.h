/* The events that triage weighs, in time order, each with what the detectors look at.
 *
 * Hidden duplicates, pages that were only shown (but for error pages) and calls of other
 * services are left out; so are events without a time, which no window can hold. An activity
 * record that tells of the same request as a CloudTrail record is its twin: it lends the
 * CloudTrail record its result and its account where that one lacks them, and counts in no
 * threshold.
 * Memory: 56 bytes per signal. Immutable once made, but for what attempts.h adds. */
#ifndef CORE_CONCLUDING_SIGNAL_H
#define CORE_CONCLUDING_SIGNAL_H

#include "core/base/crew.h"

#include "core/concluding/link.h"

enum signal_flag {
    SIGNAL_TWIN = 1,     /* a second record of a request that counts elsewhere */
    SIGNAL_DERIVED = 2,  /* outcome is concluded from another record, not said by this one */
    SIGNAL_NAMELESS = 4, /* the account's id is that of a user name, not of a sub */
    SIGNAL_ERROR_PAGE = 8,
    SIGNAL_PAGE = 16,         /* a hosted page or form: the result shows elsewhere */
    SIGNAL_NEW_PASSWORD = 64, /* a password was set with a code that was sent */
    SIGNAL_RISKY = 32, /* high risk, a leaked password, or a decision other than to let pass */
};

struct signal {
    int64_t time_us;
    row_id row;
    uint32_t account; /* sub, or with SIGNAL_NAMELESS user name; 0 when the record names none */
    uint32_t ip, network, agent, client, operation; /* dictionary ids; 0 for none. `network`
                                                     * numbers /24s and /48s from 1 */
    uint32_t actor;
    uint32_t twin; /* position of the other record of the request; SIGNAL_NONE */
    uint8_t format, stage, outcome, reason, flags;
};

#define SIGNAL_NONE UINT32_MAX

struct signals {
    struct index *index; /* held */
    struct signal *items;
    uint32_t count;
    struct links *links;
    uint32_t *networks; /* by IP id */
    uint32_t n_networks;
    uint32_t n_twins;
    uint64_t n_timeless; /* events that no window can hold: counted, and said */
    _Atomic unsigned uses;
};

/* NULL when the crew was stopped. */
struct signals *signals_new(struct index *index, const struct crew *crew);
struct signals *signals_hold(struct signals *s);
void signals_release(struct signals *s);

/* "203.0.113.0/24" or "2001:db8:1::/48" of an address; false when the text is none. */
bool signal_network(struct bytes ip, struct buffer *out);

#endif
