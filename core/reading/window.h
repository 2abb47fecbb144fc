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
    struct block *block; /* the caller's; NULL: the window is over a text of the caller's */
    char *ptr;           /* owned, unless borrowed with that text */
    size_t cap, len;
    size_t at;     /* what stands before it is done with, and goes with the next filling */
    uint64_t base; /* offset of ptr[0] in the unpacked text */
    bool final;    /* nothing follows the window */
    struct buffer ahead; /* text that was taken and put back: it comes before the block's */
    size_t ahead_at;
};

void window_init(struct window *w, struct block *b);
void window_deinit(struct window *w);

/* Makes it a window over a text that begins at `offset_bytes`; what follows is not known. Only
 * without a block. */
void window_borrow(struct window *w, struct bytes text, uint64_t offset_bytes);

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

/* Takes the next bytes of the text out past the window, which has nothing left then: up to
 * `cap`, 0 at the end. The window's place moves along. */
size_t window_take(struct window *w, char *out, size_t cap);

/* Puts back what was taken last. */
void window_put_back(struct window *w, struct bytes text);

#endif
