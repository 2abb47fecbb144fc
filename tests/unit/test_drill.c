/* From a row of a result back to its events: the filter that drill_write() makes selects
 * exactly as many as the row counts. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <poll.h>
#include <stdlib.h>

#include "core/base/hash.h"

#include "core/asking/drill.h"
#include "core/owning/session.h"

#include "tests/data/demo.h"

static int open_demo(void **state)
{
    struct session *s;

    hash_seed(); /* before anything is hashed */
    s = session_new();
    for (size_t i = 0; i < demo_file_count; i++)
        archive_add_memory(session_archive(s), bytes_of(demo_files[i].name),
                           bytes_make(demo_files[i].data, demo_files[i].len));
    session_start(s);
    session_wait(s);
    *state = s;
    return 0;
}

static int close_demo(void **state)
{
    session_free(*state);
    return 0;
}

struct waiting {
    bool done;
    struct table *table;
    uint64_t selected;
};

static void take_table(void *context, struct table *table, const struct query_error *error)
{
    struct waiting *w = context;

    if (!table)
        fail_msg("%.*s", (int)error->message.len, error->message.ptr);
    w->table = table;
    w->done = true;
}

static void take_selection(void *context, struct selection *selection)
{
    struct waiting *w = context;

    w->selected = selection->n_rows;
    w->done = true;
    selection_release(selection);
}

static void wait_for(struct session *s, struct waiting *w)
{
    struct pollfd wakes[SESSION_WAKES];

    for (unsigned i = 0; i < SESSION_WAKES; i++)
        wakes[i] = (struct pollfd){.fd = session_wake_fd(s, i), .events = POLLIN};
    for (;;) {
        (void)session_poll(s);
        if (w->done)
            return;
        (void)poll(wakes, SESSION_WAKES, -1);
    }
}

static uint64_t count_selected(struct session *s, struct bytes text)
{
    struct query_options options = session_query_options(s);
    struct filters *none = filters_new(), *made;
    struct query_error error = {0};
    struct waiting w = {0};

    if (filters_add(none, text, &options, &made, &error) != ERR_OK)
        fail_msg("%.*s: %.*s", (int)text.len, text.ptr, (int)error.message.len,
                 error.message.ptr);
    assert_non_null(session_select(s, made, take_selection, &w));
    wait_for(s, &w);
    filters_release(made);
    filters_release(none);
    query_error_deinit(&error);
    return w.selected;
}

/* The column n holds count(*). */
static void check(struct session *s, const char *text, bool can)
{
    struct query_options options = session_query_options(s);
    struct query_error error = {0};
    struct waiting w = {0};
    struct query *q;
    size_t count = 0;

    assert_int_equal(query_parse(bytes_of(text), &options, &q, &error), ERR_OK);
    assert_non_null(session_table(s, q, take_table, &w));
    wait_for(s, &w);
    while (count < w.table->n_columns && !bytes_are(w.table->columns[count], "n"))
        count++;
    assert_true(w.table->n_rows > 0);
    for (size_t row = 0; row < w.table->n_rows; row++) {
        struct buffer filter = {0};
        uint64_t wanted;

        assert_int_equal(drill_write(&filter, q, w.table, row), can);
        if (can) {
            assert_true(
                bytes_to_u64(w.table->cells[row * w.table->n_columns + count].text, &wanted));
            if (count_selected(s, buffer_bytes(&filter)) != wanted)
                fail_msg("%s, row %zu: %zu, not %zu events behind %.*s", text, row,
                         (size_t)count_selected(s, buffer_bytes(&filter)), (size_t)wanted,
                         (int)filter.len, filter.ptr);
        } else {
            assert_int_equal(filter.len, 0);
        }
        buffer_deinit(&filter);
    }
    table_free(w.table);
    query_free(q);
    query_error_deinit(&error);
}

static void rows_open_what_they_count(void **state)
{
    static const char *const queries[] = {
        "stats count(*) as n by error",
        "stats count(*) as n by ip, operation | limit 60",
        "stats count(*) as n by bin(1h)",
        "stats count(*) as n by bin(5m) as t, outcome | limit 40",
        "filter errorCode = \"NotAuthorizedException\" | stats count(*) as n by "
        "sourceIPAddress",
        "error:NotAuth* -ip:203.0.113.0/24 | stats count(*) as n by sub",
        "stats count(*) as n, count_distinct(sub) as subs by ip | filter n > 40",
        "stats count(*) as n by strlen(user)",
        "filter outcome = \"failure\" | stats count(*) as n",
        "fields errorCode as e, strlen(e) as l | filter l > 20 | stats count(*) as n by e",
        "stats count(*) as n by requestParameters.clientId as c | filter c like /[a-z]/",
        "stats count(*) as n",
    };

    for (size_t i = 0; i < ARRAY_LEN(queries); i++)
        check(*state, queries[i], true);
}

static void what_a_filter_cannot_say_is_refused(void **state)
{
    check(*state, "stats count(*) as c by ip | stats count(*) as n by c", false);
    check(*state, "fields jsonParse(@message) as j | stats count(*) as n by j.eventName",
          false);
    check(*state,
          "filter ispresent(operation) | stats count(*) as n by strlen(operation) * 0.1234567",
          false);
    check(*state, "parse agent /(?<tool>[a-z]+)/ | stats count(*) as n by tool", false);
}

/* Words stand anywhere in the record, not only in fields that have a column. The figures were
 * counted in the demo's files by another reader. */
static void words_are_looked_for_in_whole_records(void **state)
{
    assert_int_equal(count_selected(*state, bytes_of("csrf")), 112);
    assert_int_equal(count_selected(*state, bytes_of("-csrf")), 2947);
    assert_int_equal(count_selected(*state, bytes_of("tls_aes")), 2101);
    assert_int_equal(count_selected(*state, bytes_of("ip:203.0.113.7 getobject")),
                     count_selected(*state, bytes_of("ip:203.0.113.7 ev:GetObject")));
}

/* Only a column of bins is a time to draw over: a first or last time is none. */
static void finds_the_bins(void **state)
{
    static const struct {
        const char *text;
        size_t column;
    } cases[] = {
        {"stats count(*) as n by ip, bin(5m)",               1       },
        {"stats count(*) as n by bin(1h) as hour",           0       },
        {"stats count(*) as n by datefloor(@timestamp, 1h)", 0       },
        {"stats min(@timestamp) as first by ip",             SIZE_MAX},
        {"filter ip = \"10.0.0.1\"",                         SIZE_MAX},
        {"stats count(*) as n by bin(5m) | stats max(n)",    SIZE_MAX},
    };
    struct query_options options = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct query_error error = {0};
        struct query *q;

        assert_int_equal(query_parse(bytes_of(cases[i].text), &options, &q, &error), ERR_OK);
        assert_int_equal(drill_bin_column(q), cases[i].column);
        query_free(q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_bins),
        cmocka_unit_test(rows_open_what_they_count),
        cmocka_unit_test(what_a_filter_cannot_say_is_refused),
        cmocka_unit_test(words_are_looked_for_in_whole_records),
    };

    return cmocka_run_group_tests(tests, open_demo, close_demo);
}
