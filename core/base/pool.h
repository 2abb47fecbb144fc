/* Workers, jobs and the only locks of the program.
 *
 * A job runs on one or more workers at once; they share its input through an atomic counter
 * or a lock of the job's own. When the last worker leaves it, the job goes to the finished
 * list and one byte to the wake pipe; the owner (the main thread) then runs `done` in
 * pool_drain(). Nothing else crosses threads. */
#ifndef CORE_BASE_POOL_H
#define CORE_BASE_POOL_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/bytes.h"

struct lock {
    pthread_mutex_t mutex;
};

void lock_init(struct lock *l);
void lock_deinit(struct lock *l);
void lock_take(struct lock *l);
void lock_give(struct lock *l);

/* Waiting for another worker. The lock is held by who calls, and given up while it waits. */
struct bell {
    pthread_cond_t cond;
};

void bell_init(struct bell *b);
void bell_deinit(struct bell *b);
void bell_wait(struct bell *b, struct lock *l);

/* Wakes all who wait. */
void bell_ring(struct bell *b);

struct pool;

/* Embedded as the first member of the caller's own struct. The caller owns it and keeps it
 * until `done` ran or pool_wait() returned. */
struct job {
    /* Called once on each of up to `workers` workers, at the same time. `worker` is
     * 0 … workers - 1. Must return soon after `cancelled` is set. */
    void (*run)(struct job *job, unsigned worker);
    /* Called on the owner's thread from pool_drain() or pool_wait(); may be NULL and may free
     * the job. */
    void (*done)(struct job *job);
    unsigned workers; /* how many may run it at once; 0: as many as the pool has */
    atomic_bool cancelled;
    const struct job *within; /* a job that waits for this one; when it is cancelled, so is
                               * this. May be NULL */

    /* The pool's own. */
    struct job *next;
    unsigned started, running;
    bool awaited, ended; /* by pool_run() */
};

/* True when the job should end. Threads: any. */
static inline bool job_is_cancelled(const struct job *job)
{
    for (; job; job = job->within) {
        if (atomic_load_explicit(&job->cancelled, memory_order_relaxed))
            return true;
    }
    return false;
}

/* `workers` threads (at least 1). Signals are blocked in them. */
struct pool *pool_new(unsigned workers);

/* Cancels what runs, waits for it and joins the workers. `done` is run for what finished. */
void pool_free(struct pool *p);
unsigned pool_workers(const struct pool *p);

/* Queues the job behind those already there. */
void pool_start(struct pool *p, struct job *job);

/* Runs `done` of every finished job; returns how many. Owner's thread only. */
unsigned pool_drain(struct pool *p);

/* Waits until `job` has finished, draining on the way. Owner's thread only. */
void pool_wait(struct pool *p, struct job *job);

/* Starts the job and waits until it has ended; `done` is not run and the owner is not woken.
 * Threads: any but the pool's own workers. */
void pool_run(struct pool *p, struct job *job);

/* Jobs queued, running or not yet drained. */
unsigned pool_busy(struct pool *p);

/* Readable whenever pool_drain() has something to do. */
int pool_wake_fd(const struct pool *p);

/* From a worker: makes the owner's poll() return, as a note that there is something to see. */
void pool_nudge(struct pool *p);

/* Online processors, at least 1. */
unsigned pool_cores(void);

#endif
