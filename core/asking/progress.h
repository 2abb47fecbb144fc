/* How far a question has come: workers count, its owner looks at any time, and says when it is
 * enough. */
#ifndef CORE_ASKING_PROGRESS_H
#define CORE_ASKING_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    /* Rows looked at, and of how many so far known: each pass over the rows adds its own. */
    _Atomic uint64_t rows, of_rows;
    _Atomic uint64_t files; /* unpacked again, in whole or in part */
    atomic_bool enough;     /* the owner takes what there is: scans end soon, with that */
};

/* `p` may be NULL. */
static inline void progress_expect(struct progress *p, uint64_t rows)
{
    if (p)
        atomic_fetch_add_explicit(&p->of_rows, rows, memory_order_relaxed);
}

static inline void progress_rows(struct progress *p, uint64_t rows)
{
    if (p)
        atomic_fetch_add_explicit(&p->rows, rows, memory_order_relaxed);
}

static inline void progress_file(struct progress *p)
{
    if (p)
        atomic_fetch_add_explicit(&p->files, 1, memory_order_relaxed);
}

static inline bool progress_is_enough(const struct progress *p)
{
    return p && atomic_load_explicit(&p->enough, memory_order_relaxed);
}

#endif
