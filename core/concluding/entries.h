/* Who got in, from any events: sign-ins that worked where those events had been refused.
 *
 * What the eye needs first in a burst: from the first refusal on, every success from an address
 * that was refused there, and every success into an account that was, from an address with
 * which it had not got in before. No judgement: an owner who travels is among them, and one
 * whose address was taken over is not (breakin.h weighs more). */
#ifndef CORE_CONCLUDING_ENTRIES_H
#define CORE_CONCLUDING_ENTRIES_H

#include "core/asking/scan.h"

struct entries {
    row_id *rows; /* in time order */
    size_t count, cap;
    uint64_t n_refused;               /* of the events that were looked at */
    uint64_t n_addresses, n_accounts; /* that were refused */
    int64_t first_us;                 /* the first refusal; INSTANT_NONE without one */
};

/* One pass over the events and one over the index behind them, a few milliseconds per million.
 * The caller's; free with entries_deinit(). Threads: any. */
void entries_find(const struct selection *s, struct entries *out);
void entries_deinit(struct entries *e);

#endif
