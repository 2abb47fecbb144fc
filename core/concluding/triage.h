/* The whole of triage over one index: signals, attempts, findings.
 *
 * Made by one worker in time that grows with the events; immutable once made and shared by use
 * count. */
#ifndef CORE_CONCLUDING_TRIAGE_H
#define CORE_CONCLUDING_TRIAGE_H

#include "core/base/pool.h"

#include "core/concluding/finding.h"

struct triage {
    struct index *index; /* held */
    struct signals *signals;
    struct attempts *attempts;
    struct findings findings;
    struct rules rules; /* the limits that were in force */
    _Atomic unsigned uses;
};

/* NULL when cancelled. `done` (may be NULL) goes from 0 to 1,000. */
struct triage *triage_new(struct index *index, const struct rules *rules,
                          const atomic_bool *cancelled, _Atomic unsigned *done);
struct triage *triage_hold(struct triage *t);
void triage_release(struct triage *t);

#endif
