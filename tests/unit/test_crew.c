/* Crews: every part once, whoever works; nothing more once they are stopped. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/base/crew.h"

enum { PARTS = 1000 };

struct task {
    atomic_uint calls[PARTS];
    unsigned workers;    /* how many there are */
    atomic_bool strange; /* a worker number beyond them was seen */
    atomic_bool stop;
    size_t stop_at;
};

static void count(void *context, size_t part, unsigned worker)
{
    struct task *t = context;

    atomic_fetch_add(&t->calls[part], 1);
    if (worker >= t->workers)
        atomic_store(&t->strange, true);
    if (part == t->stop_at)
        atomic_store(&t->stop, true);
}

static size_t sum(struct task *t)
{
    size_t calls = 0;

    for (size_t i = 0; i < PARTS; i++) {
        assert_in_range(t->calls[i], 0, 1);
        calls += t->calls[i];
    }
    return calls;
}

static void does_every_part_once(void **state)
{
    struct pool *pools[] = {NULL, pool_new(1), pool_new(4)};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pools); i++) {
        struct task t = {.stop_at = PARTS};
        struct crew crew = {pools[i], &t.stop};

        t.workers = crew_size(&crew);
        crew_each(&crew, PARTS, count, &t);
        assert_int_equal(sum(&t), PARTS);
        crew_each(&crew, 0, count, &t);
        assert_int_equal(sum(&t), PARTS);
        assert_false(t.strange);
        if (pools[i])
            pool_free(pools[i]);
    }
}

static void leaves_the_rest_when_stopped(void **state)
{
    struct task alone = {.stop_at = 10, .workers = 1}, many = {.stop_at = 0, .workers = 4};
    struct pool *pool = pool_new(4);
    struct crew one = {NULL, &alone.stop}, four = {pool, &many.stop};

    (void)state;
    crew_each(&one, PARTS, count, &alone);
    assert_int_equal(sum(&alone), 11);
    assert_true(crew_is_stopped(&one));
    crew_each(&four, PARTS, count, &many);
    assert_in_range(sum(&many), 1, PARTS);
    crew_each(&four, PARTS, count, &alone);
    assert_int_equal(sum(&alone), 11);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_every_part_once),
        cmocka_unit_test(leaves_the_rest_when_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
