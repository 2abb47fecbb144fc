#include "core/base/crew.h"

bool crew_is_stopped(const struct crew *c)
{
    return atomic_load_explicit(c->cancelled, memory_order_relaxed);
}

unsigned crew_size(const struct crew *c)
{
    return c->pool ? pool_workers(c->pool) : 1;
}

struct shared_task {
    struct job job; /* first */
    const struct crew *crew;
    size_t count;
    _Atomic size_t next;
    void (*each)(void *context, size_t part, unsigned worker);
    void *context;
};

static void run_parts(struct job *job, unsigned worker)
{
    struct shared_task *t = (struct shared_task *)job;
    size_t part;

    while (!crew_is_stopped(t->crew) && !job_is_cancelled(job) &&
           (part = atomic_fetch_add(&t->next, 1)) < t->count)
        t->each(t->context, part, worker);
}

void crew_each(const struct crew *c, size_t count,
               void (*each)(void *context, size_t part, unsigned worker), void *context)
{
    struct shared_task t = {.crew = c, .count = count, .each = each, .context = context};

    t.job.run = run_parts;
    /* One part is not worth waking a thread for. */
    if (c->pool && count > 1)
        pool_run(c->pool, &t.job);
    else
        run_parts(&t.job, 0);
}
