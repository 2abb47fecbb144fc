/* The whole of triage over one index: signals, attempts, findings.
 *
 * Spread over a crew, with the same result however many work. Time and memory grow with the
 * events. Signals and attempts do not depend on the limits: triage that is done again with
 * others takes them over. Immutable once made and shared by use count. */
#ifndef CORE_CONCLUDING_TRIAGE_H
#define CORE_CONCLUDING_TRIAGE_H

#include "core/base/crew.h"

#include "core/concluding/finding.h"

struct triage {
    struct index *index; /* held */
    struct signals *signals;
    struct attempts *attempts;
    struct findings findings;
    struct rules rules; /* the limits that were in force */
    _Atomic unsigned uses;
};

/* NULL when the crew was stopped. `before` (may be NULL) is taken from where it is of the same
 * index. `done` (may be NULL) goes from 0 to 1,000. */
struct triage *triage_new(struct index *index, const struct rules *rules,
                          const struct triage *before, const struct crew *crew,
                          _Atomic unsigned *done);
struct triage *triage_hold(struct triage *t);
void triage_release(struct triage *t);

#endif
