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
#include "core/base/mem.h"

#include "settle.h"

struct fixture {
    struct session *session;
    struct selection *all;
    struct buffer text; /* JSON Lines */
    unsigned n;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->session = session_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    selection_release(f->all);
    session_free(f->session);
    buffer_deinit(&f->text);
    free(f);
    return 0;
}

/* One more event, a second later; `members` go into its record as they stand. */
static void add(struct fixture *f, const char *members)
{
    buffer_printf(&f->text,
                  "{\"eventVersion\":\"1.08\",\"eventSource\":\"iam.amazonaws.com\","
                  "\"eventName\":\"Call%u\",\"eventTime\":\"2026-01-01T%02u:%02u:%02uZ\"%s}\n",
                  f->n, f->n / 3600 % 24, f->n / 60 % 60, f->n % 60, members);
    f->n++;
}

static void load(struct fixture *f)
{
    archive_add_memory(session_archive(f->session), bytes_of("a.json"), buffer_bytes(&f->text));
    session_start(f->session);
    session_wait(f->session);
    f->all = settle_select_all(f->session);
    assert_non_null(f->all);
    assert_int_equal(f->all->n_rows, f->n);
}

static void keep_rows(void *context, row_id *rows)
{
    *(row_id **)context = rows;
}

static row_id *sorted(struct fixture *f, enum field_id field, bool descending)
{
    row_id *rows = NULL;

    (void)session_sort(f->session, f->all, field, descending, keep_rows, &rows);
    (void)settle(f->session);
    assert_non_null(rows);
    return rows;
}

static struct bytes text_at(struct fixture *f, row_id row, enum field_id field, char *scratch,
                            enum value_state *state)
{
    return store_text(session_store(f->session), row, field, scratch, state);
}

/* Sorts by `field` and expects the events with these numbers, in this order. */
static void expect_order(struct fixture *f, enum field_id field, bool descending,
                         const unsigned *wanted)
{
    row_id *rows = sorted(f, field, descending);

    for (unsigned i = 0; i < f->n; i++) {
        char scratch[UNIQUE_TEXT_BYTES], name[32];
        enum value_state state;
        struct bytes text = text_at(f, rows[i], FIELD_OPERATION, scratch, &state);

        (void)snprintf(name, sizeof name, "Call%u", wanted[i]);
        assert_true(bytes_are(text, name));
    }
    mem_free(rows);
}

static void orders_states_then_numbers_then_texts(void **state)
{
    static const unsigned up[] = {1, 5, 4, 8, 2, 6, 3, 9, 0, 7};
    static const unsigned down[] = {7, 0, 9, 3, 6, 2, 8, 4, 5, 1};
    struct fixture *f = *state;

    add(f, ",\"errorCode\":\"B\"");                              /* 0 */
    add(f, "");                                                  /* 1: absent */
    add(f, ",\"errorCode\":\"9\"");                              /* 2 */
    add(f, ",\"errorCode\":\"1a\"");                             /* 3 */
    add(f, ",\"errorCode\":\"\"");                               /* 4: empty */
    add(f, ",\"errorCode\":null");                               /* 5 */
    add(f, ",\"errorCode\":\"10\"");                             /* 6 */
    add(f, ",\"errorCode\":\"b\"");                              /* 7 */
    add(f, ",\"errorCode\":\"HIDDEN_DUE_TO_SECURITY_REASONS\""); /* 8 */
    add(f, ",\"errorCode\":\"9z\"");                             /* 9 */
    load(f);
    expect_order(f, FIELD_ERROR, false, up);
    expect_order(f, FIELD_ERROR, true, down);
}

static void keeps_the_order_of_time_among_equals(void **state)
{
    static const unsigned up[] = {1, 4, 0, 2, 3, 5}, down[] = {0, 2, 3, 5, 1, 4};
    struct fixture *f = *state;

    add(f, ",\"errorCode\":\"X\"");
    add(f, ",\"errorCode\":\"A\"");
    add(f, ",\"errorCode\":\"X\"");
    add(f, ",\"errorCode\":\"X\"");
    add(f, ",\"errorCode\":\"A\"");
    add(f, ",\"errorCode\":\"X\"");
    load(f);
    expect_order(f, FIELD_ERROR, false, up);
    expect_order(f, FIELD_ERROR, true, down);
}

/* All 128 bits count, the lowest of the first eight bytes too. */
static void orders_ids(void **state)
{
    static const unsigned up[] = {4, 3, 1, 0, 2, 5}, down[] = {5, 2, 0, 1, 3, 4};
    struct fixture *f = *state;

    add(f, ",\"eventID\":\"00000000-0000-0001-0000-000000000000\"");
    add(f, ",\"eventID\":\"00000000-0000-0000-ffff-ffffffffffff\"");
    add(f, ",\"eventID\":\"ffffffff-ffff-ffff-ffff-ffffffffffff\"");
    add(f, ",\"eventID\":\"00000000-0000-0000-0000-000000000000\"");
    add(f, "");
    add(f, ",\"eventID\":\"0 is no UUID\"");
    load(f);
    expect_order(f, FIELD_EVENT_ID, false, up);
    expect_order(f, FIELD_EVENT_ID, true, down);
}

static void orders_by_time_and_place(void **state)
{
    static const unsigned up[] = {0, 1, 2, 3}, down[] = {3, 2, 1, 0};
    struct fixture *f = *state;

    for (unsigned i = 0; i < 4; i++)
        add(f, "");
    load(f);
    expect_order(f, FIELD_TIME, false, up);
    expect_order(f, FIELD_TIME, true, down);
    expect_order(f, FIELD_OFFSET, false, up);
    expect_order(f, FIELD_OFFSET, true, down);
    expect_order(f, FIELD_FILE, false, up);
}

/* Any two neighbours are in order, whatever texts stand beside each other. */
static void any_texts_get_one_order(void **state)
{
    enum { EVENTS = 3000 };
    struct fixture *f = *state;
    uint64_t random = 7;
    row_id *rows;

    for (unsigned i = 0; i < EVENTS; i++) {
        char members[64];

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        (void)snprintf(members, sizeof members, ",\"errorCode\":\"%.*s%u%.*s\"",
                       (int)(random >> 40 & 1), "a", (unsigned)(random >> 33) % 130,
                       (int)(random >> 41 & 1), "b");
        add(f, members);
    }
    load(f);
    rows = sorted(f, FIELD_ERROR, false);
    for (unsigned i = 1; i < EVENTS; i++) {
        char one_scratch[UNIQUE_TEXT_BYTES], two_scratch[UNIQUE_TEXT_BYTES];
        enum value_state one_state, two_state;
        struct bytes one = text_at(f, rows[i - 1], FIELD_ERROR, one_scratch, &one_state);
        struct bytes two = text_at(f, rows[i], FIELD_ERROR, two_scratch, &two_state);
        uint64_t x = 0, y = 0;
        bool counts = bytes_to_u64(one, &x);

        if (bytes_to_u64(two, &y)) {
            assert_true(counts);
            assert_true(x <= y);
        } else if (!counts) {
            assert_true(bytes_compare(one, two) <= 0);
        }
        if (bytes_equal(one, two))
            assert_true(store_time(session_store(f->session), rows[i - 1]) <
                        store_time(session_store(f->session), rows[i]));
    }
    mem_free(rows);
}

/* Ids that differ in one digit somewhere, each several times: whatever a sort looks at first
 * leaves most of them undecided. */
static void ids_that_look_alike_get_one_order(void **state)
{
    enum { EVENTS = 2000 };
    struct fixture *f = *state;
    uint64_t random = 11;

    for (unsigned i = 0; i < EVENTS; i++) {
        char id[] = "00000000-0000-0000-0000-000000000000", members[64];
        size_t digit;

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        digit = (random >> 33) % UNIQUE_TEXT_BYTES;
        if (id[digit] != '-')
            id[digit] = "0123456789abcdef"[random >> 60];
        (void)snprintf(members, sizeof members, ",\"eventID\":\"%s\"", id);
        add(f, members);
    }
    load(f);
    for (int down = 0; down < 2; down++) {
        row_id *rows = sorted(f, FIELD_EVENT_ID, down);

        for (unsigned i = 1; i < EVENTS; i++) {
            char one_scratch[UNIQUE_TEXT_BYTES], two_scratch[UNIQUE_TEXT_BYTES];
            enum value_state one_state, two_state;
            struct bytes one = text_at(f, rows[i - 1], FIELD_EVENT_ID, one_scratch, &one_state);
            struct bytes two = text_at(f, rows[i], FIELD_EVENT_ID, two_scratch, &two_state);
            int order = bytes_compare(one, two);

            assert_true(down ? order >= 0 : order <= 0);
            if (order == 0)
                assert_true(store_time(session_store(f->session), rows[i - 1]) <
                            store_time(session_store(f->session), rows[i]));
        }
        mem_free(rows);
    }
}

static void nothing_sorts_to_nothing(void **state)
{
    struct fixture *f = *state;

    load(f);
    mem_free(sorted(f, FIELD_ERROR, false));
    mem_free(sorted(f, FIELD_TIME, true));
}

static void a_cancelled_sort_gives_nothing(void **state)
{
    struct fixture *f = *state;
    atomic_bool cancelled = true;

    add(f, "");
    load(f);
    assert_null(sort_rows(f->all, FIELD_ERROR, false, &cancelled));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(orders_states_then_numbers_then_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_the_order_of_time_among_equals, setup, teardown),
        cmocka_unit_test_setup_teardown(orders_ids, setup, teardown),
        cmocka_unit_test_setup_teardown(orders_by_time_and_place, setup, teardown),
        cmocka_unit_test_setup_teardown(any_texts_get_one_order, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_that_look_alike_get_one_order, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_sorts_to_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_sort_gives_nothing, setup, teardown),
    };

    hash_seed();
    return cmocka_run_group_tests_name("sort", tests, NULL, NULL);
}
