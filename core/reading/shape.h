/* What can be read, for people: the manual and the tests have it from here.
 * Threads: any. */
#ifndef CORE_READING_SHAPE_H
#define CORE_READING_SHAPE_H

#include "core/reading/field.h"

struct shape {
    const char *name, *where; /* where it comes from; of kinds that are left out, why */
    const char *example;
    enum format format; /* of its events */
    unsigned events;    /* in the example; 0 for a kind that is left out, or holds names */
    bool names;         /* of users: they become known by sub */
};

/* Row number `i`, those with events first, then those with names; NULL past the end. */
const struct shape *shape_get(size_t i);

#endif
