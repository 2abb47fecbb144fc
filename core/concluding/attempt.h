/* Sign-ins as wholes: the calls, pages and activity records of one attempt, and its verdict.
 *
 * A sign-in is spread over records: InitiateAuth and the answers to its challenges, or the
 * hosted pages and the exchange of the code, and the activity record of the same request. They
 * are stitched by account, client and address within the life of a challenge session; of several
 * that await an answer the newest gets it. Hosted forms do not say how they ended; there the
 * verdict follows, in this order, from the activity record of the same request, from an exchange
 * of the code (by a server, only where one open form of the client can be meant), from an error
 * page next to the form, or from the form being sent again. Such verdicts are marked as derived,
 * and the last two are no more than signs. Refreshes and machine tokens are attempts of one
 * record each. Immutable once made. Threads: any. */
#ifndef CORE_CONCLUDING_ATTEMPT_H
#define CORE_CONCLUDING_ATTEMPT_H

#include "core/concluding/signal.h"

enum verdict {
    VERDICT_SUCCESS,
    VERDICT_WRONG_PASSWORD,
    VERDICT_UNKNOWN_USER,
    VERDICT_LOCKED,
    VERDICT_MFA_FAILED,
    VERDICT_REFUSED, /* for another reason: disabled, not confirmed, revoked token, … */
    VERDICT_THROTTLED,
    VERDICT_BLOCKED,
    VERDICT_MISCONFIGURED, /* the client's fault */
    VERDICT_FAULT,         /* of the service or a trigger */
    VERDICT_ABANDONED,     /* a step was asked for that never came */
    VERDICT_UNDECIDED,     /* the records do not tell, or end before it ends */
    VERDICT_COUNT
};

const char *verdict_name(enum verdict v);    /* "wrong password" */
const char *verdict_meaning(enum verdict v); /* a sentence */

struct attempt {
    uint32_t first_member, n_members; /* in `members`, in time order */
    uint32_t deciding;                /* signal that the verdict is of */
    uint8_t verdict;
    bool derived;  /* the verdict is inference: see the head of this file */
    uint8_t stage; /* of the first record: sign-in, token, refresh, m2m, … */
};

struct attempts {
    struct attempt *items; /* in the order of their first records */
    uint32_t count;
    uint32_t *members; /* positions in the signals */
    uint32_t n_members;
    uint32_t verdicts[VERDICT_COUNT];
    _Atomic unsigned uses;
};

/* Stitches, and writes concluded outcomes of hosted forms into the signals (SIGNAL_DERIVED).
 * NULL when cancelled. */
struct attempts *attempts_new(struct signals *signals, const atomic_bool *cancelled);
struct attempts *attempts_hold(struct attempts *a);
void attempts_release(struct attempts *a);

#endif
