#include "core/reading/window.h"

#include "core/base/mem.h"

void window_init(struct window *w, struct block *b)
{
    *w = (struct window){.block = b};
    if (!b)
        return;
    w->cap = WINDOW_BYTES;
    w->ptr = mem_resize(NULL, w->cap, 1); /* not cleared: it is filled before it is read */
}

void window_deinit(struct window *w)
{
    if (w->block)
        mem_free(w->ptr);
    buffer_deinit(&w->ahead);
    *w = (struct window){0};
}

void window_borrow(struct window *w, struct bytes text, uint64_t offset_bytes)
{
    *w = (struct window){.ptr = (char *)(uintptr_t)text.ptr,
                         .cap = text.len,
                         .len = text.len,
                         .base = offset_bytes};
}

/* The text behind the window. */
static size_t read_on(struct window *w, char *out, size_t cap)
{
    size_t n = w->ahead.len - w->ahead_at;

    if (n == 0)
        return block_read(w->block, out, cap);
    n = n < cap ? n : cap;
    memcpy(out, w->ahead.ptr + w->ahead_at, n);
    w->ahead_at += n;
    if (w->ahead_at == w->ahead.len) {
        buffer_deinit(&w->ahead);
        w->ahead_at = 0;
    }
    return n;
}

bool window_more(struct window *w)
{
    if (w->final || !w->block)
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
        size_t got = read_on(w, w->ptr + w->len, w->cap - w->len);

        w->len += got;
        w->final = got == 0;
    }
    return true;
}

size_t window_take(struct window *w, char *out, size_t cap)
{
    size_t n = w->len - w->at;

    if (n == 0 && w->final)
        return 0;
    if (n > 0) {
        n = n < cap ? n : cap;
        memcpy(out, w->ptr + w->at, n);
        w->at += n;
        return n;
    }
    n = read_on(w, out, cap < WINDOW_BYTES ? cap : WINDOW_BYTES);
    w->base += w->len + n;
    w->len = w->at = 0;
    w->final = n == 0;
    return n;
}

void window_put_back(struct window *w, struct bytes text)
{
    struct buffer ahead = {0};

    if (text.len == 0)
        return;
    buffer_add(&ahead, text);
    buffer_add(&ahead, bytes_make(w->ptr + w->at, w->len - w->at));
    buffer_add(&ahead, bytes_slice(buffer_bytes(&w->ahead), w->ahead_at, w->ahead.len));
    buffer_deinit(&w->ahead);
    w->ahead = ahead;
    w->ahead_at = 0;
    w->base += w->at - text.len;
    w->len = w->at = 0;
    w->final = false;
}
