/* The sums of a proof, and the sentences that say what they mean. */
#ifndef CORE_PROVING_CONCLUSION_H
#define CORE_PROVING_CONCLUSION_H

#include "core/proving/claim.h"

struct proof_totals {
    uint64_t logs;                           /* log files that are here; the sum of: */
    uint64_t by_status[RULING_COUNT];        /* (missing ones and gaps are none of these) */
    uint64_t intact_by_level[RULING_LEVELS]; /* of the intact ones */
    uint64_t logs_missing;
    uint64_t digests; /* that are here; the sum of: */
    uint64_t digests_by_status[RULING_COUNT];
    uint64_t digests_by_level[RULING_LEVELS]; /* of the intact ones */
    uint64_t digests_missing, gaps;
    uint64_t others, others_unread, misfits;
    uint64_t empty_digests; /* they prove that nothing was delivered */
    uint64_t keys;
    bool keys_given, keys_found;
    int64_t first_us, last_us; /* hours that digests cover */
    struct claim_counts claims;
};

/* Fills the sums that follow from the rulings; keys and claims are the caller's to fill. */
void conclusion_count(const struct rulings *v, struct proof_totals *out);

/* True when every log file is vouched for, nothing is missing and nothing is wrong. */
bool conclusion_holds(const struct proof_totals *t);

/* Appends the sentences, each with a newline behind it. */
void conclusion_write(const struct proof_totals *t, struct buffer *out);

#endif
