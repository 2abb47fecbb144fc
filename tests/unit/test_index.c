/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/radix.h"

#include "core/index/index.h"

/* What a row was made from. */
struct source {
    int64_t time_us;
    uint32_t file;
    uint64_t offset;
    unsigned id, account, user; /* 0: absent */
    const char *record;         /* may be NULL */
    row_id row;
};

struct random {
    uint64_t state;
};

static unsigned draw(struct random *r, unsigned below)
{
    r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(r->state >> 33) % below;
}

static void set(struct event *e, enum field_id field, char *store, const char *start,
                unsigned n)
{
    int len;

    if (n == 0)
        return;
    len = snprintf(store, 40, "%s%012u", start, n);
    e->values[field] =
        (struct value){.text = bytes_make(store, (size_t)len), .state = VALUE_TEXT};
}

/* Publishes the rows as chunks of `rows_per_chunk`. */
static struct store *store_of(struct source *rows, size_t n, size_t rows_per_chunk)
{
    struct store *s = store_new();
    struct chunk_builder *b = chunk_builder_new(store_dictionaries(s));

    for (size_t i = 0; i < n; i++) {
        struct event e = {.time_us = rows[i].time_us};
        char id[40], account[40], user[40];

        /* Odd ids are no UUIDs. */
        set(&e, FIELD_EVENT_ID, id, rows[i].id % 2 ? "id " : "00000000-0000-4000-8000-",
            rows[i].id);
        set(&e, FIELD_ACCOUNT, account, "", rows[i].account);
        set(&e, FIELD_USER, user, "user ", rows[i].user);
        if (rows[i].record)
            e.content = bytes_of(rows[i].record);
        rows[i].row = row_make(i / rows_per_chunk, i % rows_per_chunk);
        chunk_builder_add(b, &e, rows[i].file, rows[i].offset, 100);
        if ((i + 1) % rows_per_chunk == 0 || i + 1 == n)
            assert_true(store_publish(s, chunk_builder_finish(b)));
    }
    chunk_builder_free(b);
    return s;
}

static struct index *build(const struct store *s)
{
    atomic_bool cancelled = false;

    return index_build(s, store_count(s), true, &cancelled);
}

static int by_place(const void *pa, const void *pb)
{
    const struct source *a = pa, *b = pb;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static int by_time(const void *pa, const void *pb)
{
    const struct source *a = pa, *b = pb;

    if ((a->time_us == INSTANT_NONE) != (b->time_us == INSTANT_NONE))
        return a->time_us == INSTANT_NONE ? 1 : -1;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return by_place(a, b);
}

static bool same_values(const struct source *a, const struct source *b)
{
    return a->time_us == b->time_us && a->user == b->user && a->record == b->record;
}

/* Looks at every pair; leaves `rows` in the order of places. */
static void expect_duplicates(const struct index *index, struct source *rows, size_t n)
{
    uint64_t n_duplicates = 0, n_conflicts = 0;

    qsort(rows, n, sizeof *rows, by_place);
    for (size_t i = 0; i < n; i++) {
        bool duplicate = false, known = false;

        for (size_t j = 0; rows[i].id && j < i; j++) {
            if (rows[j].id != rows[i].id || rows[j].account != rows[i].account)
                continue;
            known = true;
            duplicate |= same_values(&rows[j], &rows[i]);
        }
        n_duplicates += duplicate;
        n_conflicts += known && !duplicate;
        assert_int_equal(index_is_duplicate(index, rows[i].row), duplicate);
    }
    assert_int_equal(index->n_duplicates, n_duplicates);
    assert_int_equal(index->n_conflicts, n_conflicts);
}

static void expect_order(const struct index *index, struct source *rows, size_t n)
{
    qsort(rows, n, sizeof *rows, by_time);
    assert_int_equal(index->n_rows, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(index->order[i], rows[i].row);
}

static void an_empty_store(void **state)
{
    struct store *s = store_new();
    struct index *index = build(s);

    (void)state;
    assert_non_null(index);
    assert_int_equal(index->n_rows, 0);
    assert_int_equal(index->n_chunks, 0);
    assert_int_equal(index->first_us, INSTANT_NONE);
    assert_int_equal(index->last_us, INSTANT_NONE);
    assert_true(index->complete);
    index_release(index);
    store_free(s);
}

static int64_t any_time(struct random *r, unsigned kind)
{
    if (draw(r, 20) == 0)
        return INSTANT_NONE;
    if (kind == 0)
        return draw(r, 50);
    if (kind == 1)
        return (int64_t)draw(r, 3000000) * INSTANT_SECOND;
    if (kind == 2)
        return ((int64_t)draw(r, 1u << 31) << 28) - ((int64_t)1 << 58);
    return 7;
}

static const char *const RECORDS[] = {NULL, "{}"};

/* Small and wide spans of time, places in any order, many rows of one id. */
static void agrees_with_plain_search(void **state)
{
    enum { ROWS = 1200 };
    struct source *rows = malloc(ROWS * sizeof *rows);
    struct random r = {7};

    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        size_t n = 1 + draw(&r, ROWS), per_chunk = 1 + draw(&r, round % 2 ? 40 : ROWS);
        unsigned ids = 1 + draw(&r, 600);
        struct store *s;
        struct index *index;

        for (size_t i = 0; i < n; i++)
            rows[i] = (struct source){any_time(&r, round % 4),
                                      round % 3 ? draw(&r, 5) : (uint32_t)(i / 100),
                                      (round % 3 ? (uint64_t)draw(&r, 1u << 30) << 20 : 0) + i,
                                      draw(&r, ids),
                                      draw(&r, 3),
                                      1 + draw(&r, 2),
                                      RECORDS[draw(&r, 8) == 0],
                                      0};
        s = store_of(rows, n, per_chunk);
        index = build(s);
        assert_non_null(index);
        expect_order(index, rows, n);
        if (rows[0].time_us == INSTANT_NONE)
            assert_int_equal(index->first_us, INSTANT_NONE);
        else
            assert_int_equal(index->first_us, rows[0].time_us);
        expect_duplicates(index, rows, n);
        index_release(index);
        store_free(s);
    }
    free(rows);
}

/* More rows than one part of the search takes; each id twice, some with another value. */
static void finds_duplicates_far_apart(void **state)
{
    enum { PAIRS = 300000, EVERY = 1000 };
    struct source *rows = calloc(PAIRS, 2 * sizeof *rows);
    struct store *s;
    struct index *index;

    (void)state;
    for (unsigned i = 0; i < 2 * PAIRS; i++) {
        unsigned pair = i % PAIRS;

        rows[i] = (struct source){pair, i / PAIRS, pair, pair + 1, 1, 1, NULL, 0};
        if (i >= PAIRS && pair % EVERY == 0)
            rows[i].user = 2;
    }
    s = store_of(rows, (size_t)2 * PAIRS, CHUNK_ROWS);
    index = build(s);
    assert_int_equal(index->n_conflicts, PAIRS / EVERY);
    assert_int_equal(index->n_duplicates, PAIRS - PAIRS / EVERY);
    for (unsigned i = 0; i < 2 * PAIRS; i++)
        assert_int_equal(index_is_duplicate(index, rows[i].row),
                         i >= PAIRS && rows[i].user == 1);
    for (unsigned i = 0; i < 2 * PAIRS; i++)
        assert_int_equal(index->order[i], rows[(i % 2) * PAIRS + i / 2].row);
    index_release(index);
    store_free(s);
    free(rows);
}

/* Pairs that agree in id, account and every field; some differ in what no field holds. */
static void content_decides(void **state)
{
    static const struct {
        const char *first, *second;
        bool duplicate;
    } cases[] = {
        {"{\"id\":\"a\",\"mfa\":\"OFF\"}", "{\"id\":\"a\",\"mfa\":\"OFF\"}",              true },
        {"{\"id\":\"a\",\"mfa\":\"OFF\"}", "{\"id\":\"a\",\"mfa\":\"ON\"}",               false},
        {"{\"at\":\"yesterday\"}",         "{\"at\":\"tomorrow!\"}",                      false},
 /* White space between tokens says nothing. */
        {"{\"id\":\"a b\",\"n\":[1,2]}",   "{\n\t\"id\" : \"a b\",\r\n \"n\": [1, 2 ] }", true },
        {"{\"id\":\"a b\",\"n\":[1,2]}",   "{\"id\": \"a b\", \"n\": [1, 2]}",            true },
        {"{\"a\\\\\":\"\\\" b\"}",         "{ \"a\\\\\": \"\\\" b\" }",                   true },
        {"{\"id\":\"\xff \xc3\xa9\"}",     "{ \"id\":\"\xff \xc3\xa9\"}",                 true },
        {"{}",                             "{ }",                                         true },
 /* Inside strings it does. */
        {"{\"id\":\"a b\"}",               "{ \"id\": \"ab\" }",                          false},
        {"{ \"id\": \"a  b\" }",           "{ \"id\": \"a b\" }",                         false},
        {"{ \"id\": \"\\\" \" }",          "{ \"id\": \"\\\"\" }",                        false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        /* A third row takes the way of more than two. */
        for (size_t n = 2; n <= 3; n++) {
            struct source rows[] = {
                {5, 0, 0, 2, 1, 1, cases[i].first,  0},
                {5, 0, 9, 2, 1, 1, cases[i].second, 0},
                {5, 1, 0, 2, 1, 1, cases[i].first,  0},
            };
            struct store *s = store_of(rows, n, 2);
            struct index *index = build(s);

            assert_int_equal(index_is_duplicate(index, rows[1].row), cases[i].duplicate);
            assert_int_equal(index->n_duplicates, cases[i].duplicate + (n == 3));
            assert_int_equal(index->n_conflicts, !cases[i].duplicate);
            index_release(index);
            store_free(s);
        }
    }
}

static void takes_only_the_chunks_of_its_moment(void **state)
{
    struct source rows[] = {
        {3, 0, 0, 2, 1, 1, NULL, 0},
        {2, 0, 1, 4, 1, 1, NULL, 0},
        {1, 1, 0, 2, 1, 1, NULL, 0}
    };
    struct store *s = store_of(rows, 3, 1);
    atomic_bool cancelled = false;
    struct index *index = index_build(s, 2, false, &cancelled);

    (void)state;
    assert_false(index->complete);
    assert_int_equal(index->n_rows, 2);
    assert_int_equal(index->order[0], rows[1].row);
    assert_int_equal(index->first_us, 2);
    assert_int_equal(index->last_us, 3);
    index_release(index_hold(index));
    assert_int_equal(index->order[1], rows[0].row);
    index_release(index);
    store_free(s);
}

static void stops_when_cancelled(void **state)
{
    struct source rows[] = {
        {3, 0, 0, 2, 1, 1, NULL, 0},
        {2, 0, 1, 4, 1, 1, NULL, 0}
    };
    struct store *s = store_of(rows, 2, 1);
    atomic_bool cancelled = true;

    (void)state;
    assert_null(index_build(s, 2, true, &cancelled));
    store_free(s);
}

static void sorts_by_some_bits_and_keeps_ties(void **state)
{
    enum { COUNT = 5000 };
    static uint64_t items[COUNT], scratch[COUNT];
    struct random r = {3};

    (void)state;
    for (unsigned bits = 1; bits <= 48; bits += 5) {
        for (uint64_t i = 0; i < COUNT; i++)
            items[i] =
                (uint64_t)draw(&r, 1u << 31) << 33 | (uint64_t)draw(&r, 1u << 31) << 16 | i;
        radix_sort(items, scratch, COUNT, 16, bits);
        for (size_t i = 1; i < COUNT; i++) {
            uint64_t mask = (UINT64_C(1) << bits) - 1;
            uint64_t before = items[i - 1] >> 16 & mask, here = items[i] >> 16 & mask;

            assert_true(before < here ||
                        (before == here && (items[i - 1] & 0xffff) < (items[i] & 0xffff)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_store),
        cmocka_unit_test(agrees_with_plain_search),
        cmocka_unit_test(finds_duplicates_far_apart),
        cmocka_unit_test(content_decides),
        cmocka_unit_test(takes_only_the_chunks_of_its_moment),
        cmocka_unit_test(stops_when_cancelled),
        cmocka_unit_test(sorts_by_some_bits_and_keeps_ties),
    };

    hash_seed();
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
