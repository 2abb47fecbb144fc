/* Jobs: each worker runs one once, an owner takes what ended, a waiting thread gets its own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <poll.h>

#include "core/base/pool.h"

struct counting {
    struct job job;
    atomic_uint runs, numbers; /* `numbers`: bits of the worker numbers seen */
    unsigned done;
};

static void count(struct job *job, unsigned worker)
{
    struct counting *c = (struct counting *)job;

    atomic_fetch_add(&c->runs, 1);
    atomic_fetch_or(&c->numbers, 1u << worker);
}

static void count_done(struct job *job)
{
    ((struct counting *)job)->done++;
}

static void runs_and_is_drained_once(void **state)
{
    struct pool *p = pool_new(3);
    struct counting c = {
        .job = {.run = count, .done = count_done, .workers = 1}
    };
    struct pollfd wake = {.fd = pool_wake_fd(p), .events = POLLIN};

    (void)state;
    pool_start(p, &c.job);
    assert_int_equal(pool_busy(p), 1);
    assert_int_equal(poll(&wake, 1, 30000), 1);
    assert_int_equal(pool_drain(p), 1);
    assert_int_equal(pool_drain(p), 0);
    assert_int_equal(c.runs, 1);
    assert_int_equal(c.numbers, 1);
    assert_int_equal(c.done, 1);
    assert_int_equal(pool_busy(p), 0);
    pool_free(p);
}

static void wait_runs_done(void **state)
{
    struct pool *p = pool_new(2);
    struct counting c = {
        .job = {.run = count, .done = count_done}
    };

    (void)state;
    for (unsigned i = 1; i <= 200; i++) {
        c.job.workers = 0;
        pool_start(p, &c.job);
        pool_wait(p, &c.job);
        assert_int_equal(c.done, i);
    }
    assert_true(c.runs >= 200 && c.runs <= 400);
    pool_free(p);
}

/* A job that asks another pool and waits there, while the owner drains that pool. */
struct asking {
    struct job job;
    struct pool *other;
    struct counting inner;
};

static void ask(struct job *job, unsigned worker)
{
    struct asking *a = (struct asking *)job;

    (void)worker;
    for (unsigned i = 0; i < 100; i++) {
        a->inner.job.workers = 0;
        pool_run(a->other, &a->inner.job);
    }
}

static void a_worker_may_wait_for_another_pool(void **state)
{
    struct pool *outer = pool_new(1), *inner = pool_new(2);
    struct asking a = {
        .job = {.run = ask, .workers = 1},
        .other = inner,
        .inner = {.job = {.run = count, .done = count_done}         }
    };

    (void)state;
    pool_start(outer, &a.job);
    while (pool_busy(outer)) {
        (void)pool_drain(inner);
        (void)pool_drain(outer);
    }
    assert_true(a.inner.runs >= 100);
    assert_int_equal(a.inner.done, 0);
    assert_int_equal(pool_busy(inner), 0);
    pool_free(outer);
    pool_free(inner);
}

static void until_cancelled(struct job *job, unsigned worker)
{
    struct pollfd none = {.fd = -1};

    (void)worker;
    while (!atomic_load(&job->cancelled))
        (void)poll(&none, 1, 1);
}

static void free_cancels_what_runs(void **state)
{
    struct pool *p = pool_new(2);
    struct counting c = {
        .job = {.run = until_cancelled, .done = count_done}
    };

    (void)state;
    pool_start(p, &c.job);
    pool_free(p);
    assert_int_equal(c.done, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_and_is_drained_once),
        cmocka_unit_test(wait_runs_done),
        cmocka_unit_test(a_worker_may_wait_for_another_pool),
        cmocka_unit_test(free_cancels_what_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
