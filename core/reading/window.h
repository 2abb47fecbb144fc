/* A window that slides over the unpacked text of a file.
 *
 * Whoever reads takes from `at` on and says by moving `at` what is done with; more text comes
 * behind, the window grows only when a single piece needs it.
 * Threads: a window belongs to one thread. */
#ifndef CORE_READING_WINDOW_H
#define CORE_READING_WINDOW_H

#include "core/evidence/block.h"

enum { WINDOW_BYTES = 256 * 1024, WINDOW_MAX_BYTES = 32 * 1024 * 1024 };

struct window {
    struct block *block; /* the caller's */
    char *ptr;           /* owned */
    size_t cap, len;
    size_t at;     /* what stands before it is done with, and goes with the next filling */
    uint64_t base; /* offset of ptr[0] in the unpacked text */
    bool final;    /* nothing follows the window */
};

void window_init(struct window *w, struct block *b);
void window_deinit(struct window *w);

/* Where `at` stands in the unpacked text. */
static inline uint64_t window_offset(const struct window *w)
{
    return w->base + w->at;
}

/* What is not done with; valid until the next window_more(). */
static inline struct bytes window_rest(const struct window *w)
{
    return bytes_make(w->ptr + w->at, w->len - w->at);
}

/* Drops what is done with and fills the window up, doubling it when the rest fills it whole.
 * True when there is more to see than before, be it only that the text ends. False when
 * the end was known already, or when the rest has WINDOW_MAX_BYTES. */
bool window_more(struct window *w);

#endif
