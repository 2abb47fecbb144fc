#include "core/base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Above the window that is made for every file: many small files would fetch theirs from the
 * system each time. */
enum { LARGE_BYTES = 288 * 1024, SPARE_BYTES = 1024 * 1024 };

static void (*exhausted_hook)(void);

void mem_init(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); /* a fixed one no longer moves by itself */
    (void)mallopt(M_TRIM_THRESHOLD, SPARE_BYTES); /* would be too small, and fixed too */
#endif
}

void mem_on_exhausted(void (*hook)(void))
{
    exhausted_hook = hook;
}

_Noreturn void mem_exhausted(void)
{
    static const char message[] = "cogtrail: out of memory\n";

    if (exhausted_hook)
        exhausted_hook();
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(4);
    _exit(4);
}

void *mem_alloc(size_t size)
{
    return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size ? size : 1);

    if (!ptr)
        mem_exhausted();
    return ptr;
}

void *mem_resize(void *ptr, size_t count, size_t size)
{
    size_t bytes;
    void *moved;

    if (__builtin_mul_overflow(count, size, &bytes))
        mem_exhausted();
    moved = realloc(ptr, bytes ? bytes : 1);
    if (!moved)
        mem_exhausted();
    return moved;
}

void mem_free(void *ptr)
{
    free(ptr);
}

char *mem_text(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1);

    if (len)
        memcpy(copy, text, len);
    return copy;
}

void mem_grow(void *items, size_t *cap, size_t need, size_t item_size)
{
    void **array = items;
    size_t want = *cap;

    if (need <= *cap)
        return;
    while (want < need)
        want = want < 8 ? 8 : want + want / 2 + 1;
    *array = mem_resize(*array, want, item_size);
    *cap = want;
}
