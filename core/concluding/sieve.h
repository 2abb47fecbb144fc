/* Which signals are hits of which rules.
 *
 * What a rule asks of a signal is turned around: for each stage, outcome, reason, operation and
 * set of flags, the rules that take it. A signal's rules are then five look-ups, however many
 * rules there are.
 * Memory: 8 bytes per signal. Immutable once made. Threads: any. */
#ifndef CORE_CONCLUDING_SIEVE_H
#define CORE_CONCLUDING_SIEVE_H

#include "core/base/crew.h"

#include "core/concluding/rule.h"
#include "core/concluding/signal.h"

struct sieve {
    uint64_t *hits;               /* by signal: a bit for each rule that it is a hit of */
    uint64_t stages[STAGE_COUNT]; /* the rules that a stage lets through, and so on */
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t reasons[REASON_COUNT];
    uint64_t flags[UINT8_MAX + 1];
    uint64_t named;                    /* rules that take signals which name an account */
    uint64_t *operations;              /* by id */
    uint64_t good_stages[STAGE_COUNT]; /* rules that a success at the stage speaks for */
};

/* Of the rules that are on and slide windows. What a stopped crew leaves is good for
 * sieve_deinit() alone. */
void sieve_make(struct sieve *v, const struct signals *s, const struct rules *rules,
                const struct crew *crew);
void sieve_deinit(struct sieve *v);

/* Rules that the signal speaks for as a success. */
static inline uint64_t sieve_goods(const struct sieve *v, const struct signal *s)
{
    if (s->flags & SIGNAL_TWIN || s->outcome != OUTCOME_SUCCESS)
        return 0;
    return v->good_stages[s->stage];
}

#endif
