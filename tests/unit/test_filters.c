// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/query/filters.h"

static const struct query_options NO_CLOCK = {.now_us = INSTANT_NONE,
                                              .last_event_us = INSTANT_NONE};

/* The list with `text` added; `f` is let go. */
static struct filters *added(struct filters *f, const char *text)
{
    struct query_error error = {0};
    struct filters *made = NULL;

    assert_int_equal(filters_add(f, bytes_of(text), &NO_CLOCK, &made, &error), ERR_OK);
    query_error_deinit(&error);
    filters_release(f);
    return made;
}

static void expect(const struct filters *f, size_t i, const char *text, bool enabled)
{
    assert_true(bytes_are(filters_text(f, i), text));
    assert_int_equal(filters_enabled(f, i), enabled);
    assert_true(query_is_filter(filters_query(f, i)));
}

static void collects_conditions(void **state)
{
    struct filters *f = filters_new();
    const struct query *queries[2];

    (void)state;
    assert_int_equal(filters_count(f), 0);
    assert_int_equal(filters_enabled_queries(f, queries), 0);
    f = added(f, "error = \"AccessDenied\"");
    f = added(f, "ip:192.0.2.1");
    assert_int_equal(filters_count(f), 2);
    expect(f, 0, "error = \"AccessDenied\"", true);
    expect(f, 1, "ip:192.0.2.1", true);
    assert_int_equal(filters_enabled_queries(f, queries), 2);
    assert_ptr_equal(queries[0], filters_query(f, 0));
    assert_ptr_equal(queries[1], filters_query(f, 1));
    filters_release(f);
}

/* Each list stays as it was, so that any of them can come back. */
static void every_change_is_a_new_list(void **state)
{
    struct filters *history[5];
    struct query_error error = {0};
    const struct query *queries[2];

    (void)state;
    history[0] = added(filters_new(), "ip:192.0.2.1");
    history[1] = added(filters_hold(history[0]), "error:AccessDenied");
    history[2] = filters_toggle(history[1], 0);
    history[3] = filters_without(history[2], 0);
    assert_int_equal(
        filters_edit(history[2], 0, bytes_of("ip:192.0.2.2"), &NO_CLOCK, &history[4], &error),
        ERR_OK);
    assert_int_equal(filters_count(history[0]), 1);
    assert_int_equal(filters_count(history[1]), 2);
    expect(history[1], 0, "ip:192.0.2.1", true);
    expect(history[2], 0, "ip:192.0.2.1", false);
    expect(history[2], 1, "error:AccessDenied", true);
    assert_int_equal(filters_enabled_queries(history[2], queries), 1);
    assert_ptr_equal(queries[0], filters_query(history[1], 1));
    assert_int_equal(filters_count(history[3]), 1);
    expect(history[3], 0, "error:AccessDenied", true);
    expect(history[4], 0, "ip:192.0.2.2", true);
    expect(history[4], 1, "error:AccessDenied", true);
    /* Let go in any order. */
    filters_release(history[1]);
    filters_release(history[4]);
    expect(history[3], 0, "error:AccessDenied", true);
    filters_release(history[0]);
    filters_release(history[2]);
    filters_release(history[3]);
    filters_release(NULL);
    query_error_deinit(&error);
}

static void the_same_text_counts_once(void **state)
{
    struct filters *f = added(filters_new(), "ip:192.0.2.1"), *off;

    (void)state;
    f = added(f, "ip:192.0.2.1");
    assert_int_equal(filters_count(f), 1);
    off = filters_toggle(f, 0);
    filters_release(f);
    f = added(off, "ip:192.0.2.1");
    assert_int_equal(filters_count(f), 1);
    expect(f, 0, "ip:192.0.2.1", true);
    filters_release(f);
}

/* A text that is no condition is refused with words and changes nothing. */
static void refuses_what_is_no_condition(void **state)
{
    static const char *const texts[] = {"stats count(*) by ip", "filter (",
                                        "ip = ", "fields ip | limit 3"};
    struct filters *f = added(filters_new(), "ip:192.0.2.1");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct query_error error = {0};
        struct filters *made = NULL;

        assert_int_equal(filters_add(f, bytes_of(texts[i]), &NO_CLOCK, &made, &error),
                         ERR_QUERY);
        assert_null(made);
        assert_true(error.message.len > 0);
        assert_true(error.line >= 1 && error.column >= 1);
        query_error_deinit(&error);
        error = (struct query_error){0};
        assert_int_equal(filters_edit(f, 0, bytes_of(texts[i]), &NO_CLOCK, &made, &error),
                         ERR_QUERY);
        assert_null(made);
        query_error_deinit(&error);
        assert_int_equal(filters_count(f), 1);
        expect(f, 0, "ip:192.0.2.1", true);
    }
    filters_release(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collects_conditions),
        cmocka_unit_test(every_change_is_a_new_list),
        cmocka_unit_test(the_same_text_counts_once),
        cmocka_unit_test(refuses_what_is_no_condition),
    };

    return cmocka_run_group_tests_name("filters", tests, NULL, NULL);
}
