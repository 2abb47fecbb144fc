/* Questions under way: jobs whose answers come back on the thread that asked.
 *
 * Whoever asks may be gone before the job ends: a cancelled question runs to its end and its
 * answer is freed unseen. One thread owns the list and calls all of this but what a job runs.
 */
#ifndef CORE_OWNING_ASK_H
#define CORE_OWNING_ASK_H

#include "core/asking/progress.h"
#include "core/asking/scan.h"
#include "core/asking/stats.h"

/* The questions of one owner. */
struct asks {
    struct ask *first;
    unsigned n;    /* whose job has not come back */
    bool answered; /* since the owner last set it to false */
    bool ending;   /* no answer is given any more */
};

struct ask_kind {
    /* Gives the answer to whoever asked, if it is `wanted` and there is one; frees all that the
     * question holds beside itself. */
    void (*end)(struct ask *a, bool wanted);

    /* The next part of an answer that takes long, the caller's; NULL when there is nothing new.
     * NULL for questions that are answered at once. */
    struct selection *(*part)(struct ask *a);
};

/* The first member of each kind of question. */
struct ask {
    union {
        struct job job; /* the first member of the others */
        struct scan scan;
        struct grouping_job grouping;
    } as;
    const struct ask_kind *kind;
    struct asks *among;
    struct ask *next;
    bool unwanted;
    struct progress progress;
    void (*on_part)(void *context, struct selection *part);
    void *context; /* of whoever asked */
};

/* Starts the question's job on `pool`; `a` is on the heap and lives until its answer was given.
 * Returns `a`. */
struct ask *ask_start(struct ask *a, const struct ask_kind *kind, struct asks *among,
                      struct pool *pool, void *context);

/* Gives on the parts of answers that have come. */
void asks_take_parts(struct asks *asks);

/* No answer comes any more. */
void ask_cancel(struct ask *a);

/* Of a question whose answer takes long: what was found until now, again and again before the
 * answer; its n_unlooked is not 0. The receiver's, with the context of the answer. */
void ask_parts(struct ask *a, void (*part)(void *context, struct selection *part));

/* Has enough: an answer that takes long comes soon, with what was found until now and the count
 * of events that were not looked at. */
void ask_stop(struct ask *a);

/* How far it has come; valid as long as the handle. */
const struct progress *ask_progress(const struct ask *a);

#endif
