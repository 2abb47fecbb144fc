// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdatomic.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/recall.h"

enum { ROWS = 1000, ROOM = 1 << 20 };

static void fill(uint32_t *ids, uint32_t kinds, uint32_t add)
{
    for (uint32_t i = 0; i < ROWS; i++)
        ids[i] = i % kinds + add;
}

static void keeps_columns_of_every_width(void **state)
{
    static const struct {
        uint32_t kinds, add, width;
    } cases[] = {
        {1,    7,     0},
        {200,  0,     1},
        {1000, 300,   2},
        {1000, 70000, 4}
    };
    struct recall *r = recall_new(ROOM);
    struct recalled *k = recall_hold(r, RECALL_PATH, bytes_of("a.b"));
    uint32_t ids[ROWS];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct column *c;

        assert_null(recalled_column(k, i));
        fill(ids, cases[i].kinds, cases[i].add);
        c = recall_keep(r, k, i, ids, ROWS);
        assert_non_null(c);
        assert_ptr_equal(c, recalled_column(k, i));
        assert_int_equal(c->width, cases[i].width);
        for (uint32_t row = 0; row < ROWS; row++)
            assert_int_equal(column_get(c, row), ids[row]);
    }
    recall_release(r, k);
    recall_free(r);
}

/* The first to bring a chunk wins; the other's is dropped. */
static void keeps_one_column_a_chunk(void **state)
{
    struct recall *r = recall_new(ROOM);
    struct recalled *k = recall_hold(r, RECALL_PATH, bytes_of("a"));
    const struct column *first;
    uint32_t ids[ROWS];

    (void)state;
    fill(ids, 3, 4);
    first = recall_keep(r, k, 0, ids, ROWS);
    assert_ptr_equal(recall_keep(r, k, 0, ids, ROWS), first);
    recall_release(r, k);
    recall_free(r);
}

static void tells_kinds_and_keys_apart(void **state)
{
    struct recall *r = recall_new(ROOM);
    struct recalled *path = recall_hold(r, RECALL_PATH, bytes_of("a"));
    struct recalled *other = recall_hold(r, RECALL_PATH, bytes_of("b"));
    struct recalled *condition = recall_hold(r, RECALL_CONDITION, bytes_of("a"));
    struct recalled *again = recall_hold(r, RECALL_PATH, bytes_of("a"));

    (void)state;
    assert_ptr_equal(path, again);
    assert_ptr_not_equal(path, other);
    assert_ptr_not_equal(path, condition);
    recall_release(r, path);
    recall_release(r, again);
    recall_release(r, other);
    recall_release(r, condition);
    recall_free(r);
}

/* Conditions take 64 KiB a chunk: three have room, and the one used longest ago goes. */
static void drops_what_was_not_used_for_longest(void **state)
{
    static const char *const keys[] = {"a", "b", "c", "d"};
    struct recall *r = recall_new(3 * CHUNK_ROWS + CHUNK_ROWS / 2);
    struct recalled *k;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        k = recall_hold(r, RECALL_CONDITION, bytes_of(keys[i]));
        atomic_store(&recall_rows(r, k, 0)[5], (unsigned char)(i + 1));
        recall_release(r, k);
    }
    k = recall_hold(r, RECALL_CONDITION, bytes_of("a"));
    assert_int_equal(recall_rows(r, k, 0)[5], 1);
    recall_release(r, k);
    k = recall_hold(r, RECALL_CONDITION, bytes_of(keys[3]));
    assert_non_null(recall_rows(r, k, 0));
    recall_release(r, k);
    k = recall_hold(r, RECALL_CONDITION, bytes_of("a"));
    assert_int_equal(recall_rows(r, k, 0)[5], 1);
    recall_release(r, k);
    k = recall_hold(r, RECALL_CONDITION, bytes_of("b"));
    assert_int_equal(recall_rows(r, k, 0)[5], 0);
    recall_release(r, k);
    assert_true(recall_bytes(r) <= 3 * CHUNK_ROWS + CHUNK_ROWS / 2);
    recall_free(r);
}

static void never_drops_what_is_in_use(void **state)
{
    struct recall *r = recall_new(CHUNK_ROWS + CHUNK_ROWS / 2);
    struct recalled *a = recall_hold(r, RECALL_CONDITION, bytes_of("a"));
    struct recalled *b = recall_hold(r, RECALL_CONDITION, bytes_of("b"));

    (void)state;
    assert_non_null(recall_rows(r, a, 0));
    assert_true(recall_has_room(r, b));
    assert_null(recall_rows(r, b, 0));
    assert_false(recall_has_room(r, b));
    assert_null(recall_rows(r, b, 1));
    assert_int_equal(recall_rows(r, a, 0)[0], 0);
    recall_release(r, a);
    recall_release(r, b);
    recall_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_columns_of_every_width),
        cmocka_unit_test(keeps_one_column_a_chunk),
        cmocka_unit_test(tells_kinds_and_keys_apart),
        cmocka_unit_test(drops_what_was_not_used_for_longest),
        cmocka_unit_test(never_drops_what_is_in_use),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
