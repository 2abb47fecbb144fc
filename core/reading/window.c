#include "core/reading/window.h"

#include "core/base/mem.h"

void window_init(struct window *w, struct block *b)
{
    *w = (struct window){.block = b, .cap = WINDOW_BYTES};
    w->ptr = mem_resize(NULL, w->cap, 1); /* not cleared: it is filled before it is read */
}

void window_deinit(struct window *w)
{
    mem_free(w->ptr);
    *w = (struct window){0};
}

bool window_more(struct window *w)
{
    if (w->final)
        return false;
    if (w->at > 0) {
        memmove(w->ptr, w->ptr + w->at, w->len - w->at);
        w->base += w->at;
        w->len -= w->at;
        w->at = 0;
    }
    if (w->len == w->cap) {
        if (w->cap >= WINDOW_MAX_BYTES)
            return false;
        w->cap *= 2;
        w->ptr = mem_resize(w->ptr, w->cap, 1);
    }
    /* Filled whole: reading on after each small piece would read a long record over and over.
     */
    while (w->len < w->cap && !w->final) {
        size_t got = block_read(w->block, w->ptr + w->len, w->cap - w->len);

        w->len += got;
        w->final = got == 0;
    }
    return true;
}
