/* Stage, outcome and reason of an event: what step of a sign-in it was and how it ended.
 *
 * Rules and their sources stand beside the tables in outcome.c. Deterministic; depends on the
 * event's fields alone.
 * Threads: any. */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include "core/event.h"

/* Facts that only the walk over the record knows. */
struct outcome_facts {
    bool has_result;    /* responseElements.authenticationResult is there and not null */
    bool has_challenge; /* responseElements.challengeName is there and not null */
};

/* Fills stage, outcome and reason of `e` from its other fields. */
void outcome_decide(struct event *e, struct outcome_facts facts);

#endif
