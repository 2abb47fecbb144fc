/* Memory that is given back all at once.
 *
 * An arena belongs to one thread at a time and may be handed over whole. */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include "core/base/bytes.h"

struct arena_page;

/* Zero-initialised is empty and valid. */
struct arena {
    struct arena_page *page;
    size_t used_bytes;  /* of the newest page */
    size_t total_bytes; /* allocated from the system, for the memory budget */
};

void arena_deinit(struct arena *a);

/* `size` bytes, zeroed, aligned for any type; valid until arena_deinit(). */
void *arena_alloc(struct arena *a, size_t size);

/* Takes over all that `from` holds, which is empty afterwards. */
void arena_adopt(struct arena *a, struct arena *from);

/* A copy of `text` that lives as long as the arena. */
struct bytes arena_copy(struct arena *a, struct bytes text);

#endif
