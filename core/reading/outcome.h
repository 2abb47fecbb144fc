/* Stage, outcome and reason of an event: what step of a sign-in it was and how it ended.
 *
 * Rules and their sources stand beside the tables in outcome.c, operation.c and refusal.c.
 * Deterministic; depends on what is passed alone.
 * Threads: any. */
#ifndef CORE_READING_OUTCOME_H
#define CORE_READING_OUTCOME_H

#include "core/reading/field.h"

/* Facts that only the walk over the record knows. Texts are empty where there is none. */
struct outcome_facts {
    bool has_result;         /* responseElements.authenticationResult is there and not null */
    bool has_challenge;      /* responseElements.challengeName is there and not null */
    struct bytes response;   /* message.eventResponse, EventResponse or
                              * responseElements.ConsoleLogin */
    struct bytes challenges; /* message.challenges as source text */
};

struct outcome_verdict {
    enum stage stage;
    enum outcome outcome;
    enum reason reason;
};

/* `values` are those of one event, FIELD_COUNT of them. */
struct outcome_verdict outcome_decide(enum format format, const struct value *values,
                                      const struct outcome_facts *facts);

/* Failures and what stands for them: failure, throttled, blocked, fault. */
uint64_t outcomes_failed(const uint64_t outcomes[OUTCOME_COUNT]);

#endif
