/* Allocation with one end for failure.
 *
 * None of these return NULL: when memory is exhausted the hook runs (it restores the
 * terminal) and the process exits with status 4. Sizes that come from input are bounded by
 * the caller before they get here.
 * Threads: any. */
#ifndef CORE_BASE_MEM_H
#define CORE_BASE_MEM_H

#include <stddef.h>

/* Makes the C library return large blocks to the system when they are freed. Left alone, it
 * keeps ever larger ones in heaps full of holes: 8 bytes an event at a million events. Called
 * once, before anything is allocated; a C library without the setting stays as it is. */
void mem_init(void);

/* `size` bytes, zeroed. */
void *mem_alloc(size_t size);

/* Room for `count` items of `size` bytes, zeroed; ends like exhaustion on overflow. */
void *mem_array(size_t count, size_t size);

/* Like realloc(3) for `count` items; new space is not cleared. */
void *mem_resize(void *ptr, size_t count, size_t size);
void mem_free(void *ptr);

/* A copy of `len` bytes with a NUL behind them. */
char *mem_text(const char *text, size_t len);

/* Ends as exhaustion does: for libraries that could not allocate what they need. */
_Noreturn void mem_exhausted(void);

/* Runs once, before the process ends for want of memory. Set by main, before threads. */
void mem_on_exhausted(void (*hook)(void));

/* Grows the array `*items` (of `*cap` items) so that `need` items fit; doubles. */
void mem_grow(void *items, size_t *cap, size_t need, size_t item_size);

#endif
