/* Workers that share one task, and the word to stop: how a long computation is spread without
 * knowing of threads.
 *
 * The parts of a task are numbered. Whichever worker is free takes the next; results belong
 * to the number of the part, never to the worker, so that they are the same however many
 * there are. */
#ifndef CORE_BASE_CREW_H
#define CORE_BASE_CREW_H

#include "core/base/pool.h"

struct crew {
    struct pool *pool;            /* NULL: the caller's own thread does all */
    const atomic_bool *cancelled; /* true: stop soon */
};

bool crew_is_stopped(const struct crew *c);

/* How many workers may call at once, at least 1: each can have scratch memory of its own. */
unsigned crew_size(const struct crew *c);

/* Calls `each` for 0 … count - 1, several at once and in no order; returns when all have ended.
 * Once the crew is stopped the rest is left out. `worker` is below crew_size(). Not from a
 * worker of the pool. */
void crew_each(const struct crew *c, size_t count,
               void (*each)(void *context, size_t part, unsigned worker), void *context);

#endif
