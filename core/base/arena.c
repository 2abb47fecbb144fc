#include "core/base/arena.h"

#include <stdalign.h>

#include "core/base/mem.h"

enum { FIRST_PAGE_BYTES = 4096, LAST_PAGE_BYTES = 256 * 1024 };

struct arena_page {
    struct arena_page *older;
    size_t cap;
    alignas(max_align_t) char data[];
};

void arena_deinit(struct arena *a)
{
    while (a->page) {
        struct arena_page *older = a->page->older;

        mem_free(a->page);
        a->page = older;
    }
    *a = (struct arena){0};
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *at;

    if (!a->page || a->page->cap - a->used_bytes < need) {
        size_t cap = a->page ? a->page->cap * 2 : FIRST_PAGE_BYTES;
        struct arena_page *page;

        if (cap > LAST_PAGE_BYTES)
            cap = LAST_PAGE_BYTES;
        if (cap < need)
            cap = need;
        page = mem_alloc(sizeof *page + cap);
        page->cap = cap;
        page->older = a->page;
        a->page = page;
        a->used_bytes = 0;
        a->total_bytes += cap;
    }
    at = a->page->data + a->used_bytes;
    a->used_bytes += need;
    return at;
}

void arena_adopt(struct arena *a, struct arena *from)
{
    struct arena_page **end = &from->page;

    if (!from->page)
        return;
    /* The newest page of `a` stays the newest: it may have room left. */
    if (a->page) {
        while (*end)
            end = &(*end)->older;
        *end = a->page->older;
        a->page->older = from->page;
    } else {
        a->page = from->page;
        a->used_bytes = from->used_bytes;
    }
    a->total_bytes += from->total_bytes;
    *from = (struct arena){0};
}

struct bytes arena_copy(struct arena *a, struct bytes text)
{
    char *copy = arena_alloc(a, text.len ? text.len : 1);

    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return bytes_make(copy, text.len);
}
