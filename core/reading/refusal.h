/* Every error code that is known by name: how the event ended, why, and what that means to an
 * investigator. Sources stand beside the rows in refusal.c.
 * Threads: any. */
#ifndef CORE_READING_REFUSAL_H
#define CORE_READING_REFUSAL_H

#include "core/reading/field.h"

struct refusal {
    const char *code; /* errorCode; of a code without a row, the part that told */
    enum outcome outcome;
    enum reason reason;
    const char *meaning; /* a sentence */
};

/* Never NULL: a code without a row is judged by the form of its name. */
const struct refusal *refusal_find(struct bytes code);

/* Row number `i` of the named codes; NULL past the end. */
const struct refusal *refusal_get(size_t i);

/* What the message tells beyond the code (NotAuthorizedException above all), or NULL when it
 * does not. */
const struct refusal *refusal_split(struct bytes code, struct bytes message);

#endif
