#include "core/base/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/mem.h"

struct pool {
    pthread_mutex_t mutex;
    pthread_cond_t work, idle;
    struct job *queue;    /* still wants workers, oldest first */
    struct job *finished; /* wants its `done` */
    struct job *active;   /* running but no longer in `queue` */
    pthread_t *threads;
    unsigned workers;
    unsigned busy;
    bool stopping;
    int wake[2];
};

void lock_init(struct lock *l)
{
    pthread_mutex_init(&l->mutex, NULL);
}

void lock_deinit(struct lock *l)
{
    pthread_mutex_destroy(&l->mutex);
}

void lock_take(struct lock *l)
{
    pthread_mutex_lock(&l->mutex);
}

void lock_give(struct lock *l)
{
    pthread_mutex_unlock(&l->mutex);
}

void bell_init(struct bell *b)
{
    pthread_cond_init(&b->cond, NULL);
}

void bell_deinit(struct bell *b)
{
    pthread_cond_destroy(&b->cond);
}

void bell_wait(struct bell *b, struct lock *l)
{
    pthread_cond_wait(&b->cond, &l->mutex);
}

void bell_ring(struct bell *b)
{
    pthread_cond_broadcast(&b->cond);
}

unsigned pool_cores(void)
{
    cpu_set_t set;
    int count = 1;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    return count < 1 ? 1 : (unsigned)count;
}

void pool_nudge(struct pool *p)
{
    /* A full pipe is as good as one more byte: the owner will wake either way. */
    while (write(p->wake[1], "", 1) < 0 && errno == EINTR)
        continue;
}

static void unlink_job(struct job **list, struct job *job)
{
    while (*list && *list != job)
        list = &(*list)->next;
    if (*list)
        *list = job->next;
    job->next = NULL;
}

static void append_job(struct job **list, struct job *job)
{
    job->next = NULL;
    while (*list)
        list = &(*list)->next;
    *list = job;
}

static void *worker_main(void *arg)
{
    struct pool *p = arg;

    pthread_mutex_lock(&p->mutex);
    for (;;) {
        struct job *job = p->queue;
        unsigned number;

        if (!job) {
            if (p->stopping)
                break;
            pthread_cond_wait(&p->work, &p->mutex);
            continue;
        }
        number = job->started++;
        job->running++;
        if (job->started == job->workers) {
            unlink_job(&p->queue, job);
            append_job(&p->active, job);
        }
        pthread_mutex_unlock(&p->mutex);
        job->run(job, number);
        pthread_mutex_lock(&p->mutex);
        /* The input is shared: whoever returns found it used up, so no one else need start. */
        if (job->started < job->workers) {
            unlink_job(&p->queue, job);
            append_job(&p->active, job);
            job->workers = job->started;
        }
        if (--job->running == 0) {
            unlink_job(&p->active, job);
            if (job->awaited) {
                job->ended = true;
                p->busy--;
            } else {
                append_job(&p->finished, job);
                pool_nudge(p);
            }
            pthread_cond_broadcast(&p->idle);
        }
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

struct pool *pool_new(unsigned workers)
{
    struct pool *p = mem_alloc(sizeof *p);
    sigset_t all, before;

    if (workers == 0)
        workers = 1;
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->idle, NULL);
    if (pipe2(p->wake, O_CLOEXEC | O_NONBLOCK) != 0)
        p->wake[0] = p->wake[1] = -1;
    p->threads = mem_array(workers, sizeof *p->threads);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (p->workers < workers &&
           pthread_create(&p->threads[p->workers], NULL, worker_main, p) == 0)
        p->workers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return p;
}

unsigned pool_workers(const struct pool *p)
{
    return p->workers;
}

/* With the mutex held. */
static void enqueue(struct pool *p, struct job *job, bool awaited)
{
    job->started = job->running = 0;
    job->awaited = awaited;
    job->ended = false;
    if (job->workers == 0 || job->workers > p->workers)
        job->workers = p->workers;
    append_job(&p->queue, job);
    p->busy++;
    pthread_cond_broadcast(&p->work);
}

void pool_start(struct pool *p, struct job *job)
{
    pthread_mutex_lock(&p->mutex);
    enqueue(p, job, false);
    pthread_mutex_unlock(&p->mutex);
}

void pool_run(struct pool *p, struct job *job)
{
    pthread_mutex_lock(&p->mutex);
    enqueue(p, job, true);
    while (!job->ended)
        pthread_cond_wait(&p->idle, &p->mutex);
    pthread_mutex_unlock(&p->mutex);
}

static struct job *take_finished(struct pool *p, struct job *wanted)
{
    struct job *job = wanted ? wanted : p->finished;

    if (job) {
        unlink_job(&p->finished, job);
        p->busy--;
    }
    return job;
}

unsigned pool_drain(struct pool *p)
{
    char sink[64];
    unsigned count = 0;

    while (p->wake[0] >= 0 && read(p->wake[0], sink, sizeof sink) > 0)
        continue;
    for (;;) {
        struct job *job;

        pthread_mutex_lock(&p->mutex);
        job = take_finished(p, NULL);
        pthread_mutex_unlock(&p->mutex);
        if (!job)
            return count;
        count++;
        if (job->done)
            job->done(job);
    }
}

void pool_wait(struct pool *p, struct job *job)
{
    bool there = false;

    pthread_mutex_lock(&p->mutex);
    while (!there) {
        for (struct job *f = p->finished; f; f = f->next)
            there |= f == job;
        if (!there)
            pthread_cond_wait(&p->idle, &p->mutex);
    }
    take_finished(p, job);
    pthread_mutex_unlock(&p->mutex);
    if (job->done)
        job->done(job);
}

unsigned pool_busy(struct pool *p)
{
    unsigned busy;

    pthread_mutex_lock(&p->mutex);
    busy = p->busy;
    pthread_mutex_unlock(&p->mutex);
    return busy;
}

int pool_wake_fd(const struct pool *p)
{
    return p->wake[0];
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->stopping = true;
    for (struct job *job = p->queue; job; job = job->next)
        atomic_store(&job->cancelled, true);
    for (struct job *job = p->active; job; job = job->next)
        atomic_store(&job->cancelled, true);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->mutex);
    for (unsigned i = 0; i < p->workers; i++)
        pthread_join(p->threads[i], NULL);
    (void)pool_drain(p);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->idle);
    pthread_mutex_destroy(&p->mutex);
    if (p->wake[0] >= 0)
        close(p->wake[0]);
    if (p->wake[1] >= 0)
        close(p->wake[1]);
    mem_free(p->threads);
    mem_free(p);
}
