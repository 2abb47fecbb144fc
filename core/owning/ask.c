#include "core/owning/ask.h"

#include "core/base/mem.h"

static void forget(struct asks *asks, const struct ask *a)
{
    struct ask **at = &asks->first;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    asks->n--;
}

static void ended(struct job *job)
{
    struct ask *a = (struct ask *)job;
    bool wanted = !a->unwanted && !a->among->ending; /* whoever asked may be gone by then */

    forget(a->among, a);
    if (wanted)
        a->among->answered = true;
    a->kind->end(a, wanted);
    mem_free(a);
}

struct ask *ask_start(struct ask *a, const struct ask_kind *kind, struct asks *among,
                      struct pool *pool, void *context)
{
    a->kind = kind;
    a->among = among;
    a->context = context;
    a->as.job.done = ended;
    a->next = among->first;
    among->first = a;
    among->n++;
    pool_start(pool, &a->as.job);
    return a;
}

void asks_take_parts(struct asks *asks)
{
    for (struct ask *a = asks->first, *next; a; a = next) {
        struct selection *part = a->on_part && a->kind->part ? a->kind->part(a) : NULL;

        next = a->next; /* whoever takes it may cancel the question, which stays in the list */
        if (part && !a->unwanted) {
            a->on_part(a->context, part);
            asks->answered = true;
        } else {
            selection_release(part);
        }
    }
}

void ask_cancel(struct ask *a)
{
    if (!a)
        return;
    a->unwanted = true;
    atomic_store(&a->as.job.cancelled, true);
}

void ask_parts(struct ask *a, void (*part)(void *context, struct selection *part))
{
    if (a)
        a->on_part = part;
}

void ask_stop(struct ask *a)
{
    atomic_store(&a->progress.enough, true);
}

const struct progress *ask_progress(const struct ask *a)
{
    return &a->progress;
}
