/* Bursts against the query that says the same: every number of every bin, on the demo. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "core/base/hash.h"

#include "core/owning/session.h"

#include "tests/data/demo.h"
#include "tests/unit/settle.h"

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

static struct table *run_query(struct session *s, const char *text)
{
    struct query_options options = session_query_options(s);
    struct table_source source = {.index = session_index(s), .archive = session_archive(s)};
    struct query_error error = {0};
    struct table *table = NULL;
    struct query *q;

    if (query_parse(bytes_of(text), &options, &q, &error) != ERR_OK ||
        table_run(q, &source, session_pool(s), false, &table, &error) != ERR_OK)
        fail_msg("%s: %.*s", text, (int)error.message.len, error.message.ptr);
    query_free(q);
    return table;
}

static uint64_t number(const struct table *t, size_t row, const char *column)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        const struct cell *cell = &t->cells[row * t->n_columns + c];
        uint64_t value = 0;

        if (bytes_are(t->columns[c], column)) {
            assert_true(!cell->present || bytes_to_u64(cell->text, &value));
            return value;
        }
    }
    fail_msg("no column %s", column);
    return 0;
}

/* The row of the table for a burst. */
static size_t find_row(const struct table *t, const struct burst *b, bool keyed)
{
    struct buffer from = {0};
    size_t row;

    instant_add(&from, b->from_us, INSTANT_INSIGHTS, 0);
    for (row = 0; row < t->n_rows; row++) {
        const struct cell *cells = &t->cells[row * t->n_columns];

        if (bytes_equal(cells[0].text, buffer_bytes(&from)) &&
            (!keyed || (cells[1].present == (b->key.state == VALUE_TEXT) &&
                        bytes_equal(cells[1].text, b->key.text))))
            break;
    }
    if (row == t->n_rows)
        fail_msg("no row for %.*s %.*s", (int)from.len, from.ptr, (int)b->key.text.len,
                 b->key.text.len ? b->key.text.ptr : "");
    buffer_deinit(&from);
    return row;
}

static void check(struct session *s, const struct selection *selection, const char *width,
                  enum field_id field, enum burst_order order)
{
    struct burst_request request = {.field = field, .order = order};
    struct buffer text = {0};
    struct bursts *b;
    struct table *t;
    uint64_t sum = 0;

    assert_true(instant_parse_span(bytes_of(width), &request.bin_us));
    b = bursts_new(selection, &request, NULL);
    buffer_printf(
        &text,
        "fields if(outcome in [\"failure\", \"throttled\", \"blocked\", \"fault\"], 1, 0) as "
        "bad, "
        "if(outcome = \"success\", 1, 0) as good, if(outcome = \"throttled\", 1, 0) as slow "
        "| stats count(*) as n, sum(bad) as failed, sum(good) as ok, sum(slow) as throttled, "
        "count_distinct(ip) as ips, count_distinct(sub) as subs, count_distinct(client) as "
        "clients by bin(%s)%s%s | limit 10000",
        width, field == FIELD_COUNT ? "" : ", ",
        field == FIELD_COUNT ? "" : field_get(field)->name);
    t = run_query(s, buffer_cstr(&text));
    assert_true(b->n_items > 10);
    assert_int_equal(b->n_items, t->n_rows);
    assert_int_equal(b->n_all, t->n_rows);
    for (size_t i = 0; i < b->n_items; i++) {
        const struct burst *burst = &b->items[i];
        size_t row = find_row(t, burst, field != FIELD_COUNT);

        sum += burst->count;
        assert_int_equal(burst->count, number(t, row, "n"));
        assert_int_equal(burst->failed, number(t, row, "failed"));
        assert_int_equal(burst->outcomes[OUTCOME_SUCCESS], number(t, row, "ok"));
        assert_int_equal(burst->outcomes[OUTCOME_THROTTLED], number(t, row, "throttled"));
        assert_int_equal(burst->ips, number(t, row, "ips"));
        assert_int_equal(burst->subs, number(t, row, "subs"));
        assert_int_equal(burst->clients, number(t, row, "clients"));
        if (i > 0 && order == BURST_FAILED)
            assert_true(burst->failed <= burst[-1].failed);
        if (i > 0 && order == BURST_TIME)
            assert_true(burst->from_us >= burst[-1].from_us);
        if (i > 0 && order == BURST_SUBS)
            assert_true(burst->subs <= burst[-1].subs);
    }
    assert_int_equal(sum + b->n_no_time, selection->n_rows);
    table_free(t);
    bursts_free(b);
    buffer_deinit(&text);
}

static void counts_like_queries(void **state)
{
    struct session *s = *state;
    struct selection *all = settle_select_all(s);

    check(s, all, "5m", FIELD_COUNT, BURST_FAILED);
    check(s, all, "7m", FIELD_COUNT, BURST_SUBS);
    check(s, all, "1h", FIELD_COUNT, BURST_TIME);
    check(s, all, "30m", FIELD_IP, BURST_FAILED);
    check(s, all, "10m", FIELD_ERROR, BURST_SUBS);
    check(s, all, "1h", FIELD_CLIENT, BURST_FAILED);
    check(s, all, "2h", FIELD_OUTCOME, BURST_TIME);
    selection_release(all);
}

static void keep_count(void *context, struct selection *selection)
{
    *(uint64_t *)context = selection->n_rows;
    selection_release(selection);
}

/* What Enter opens has as many events as the row says, and what it names is the worst. */
static void conditions_select_the_events(void **state)
{
    struct session *s = *state;
    struct query_options options = session_query_options(s);
    struct selection *all = settle_select_all(s);
    enum field_id fields[] = {FIELD_COUNT, FIELD_IP, FIELD_SUB, FIELD_COUNT, FIELD_IP};
    int64_t widths[] = {5 * INSTANT_MINUTE, 5 * INSTANT_MINUTE, 2 * INSTANT_HOUR,
                        7 * INSTANT_SECOND, INSTANT_DAY};
    struct filters *none = filters_new();

    for (size_t f = 0; f < ARRAY_LEN(fields); f++) {
        struct burst_request request = {.bin_us = widths[f], .field = fields[f]};
        struct bursts *b = bursts_new(all, &request, NULL);

        for (size_t i = 0; i < b->n_items; i += b->n_items / 7 + 1) {
            struct query_error error = {0};
            struct buffer text = {0};
            struct filters *made;
            uint64_t count = 0;

            burst_write(&text, b, i);
            assert_int_equal(filters_add(none, buffer_bytes(&text), &options, &made, &error),
                             ERR_OK);
            (void)session_select(s, made, keep_count, &count);
            (void)settle(s);
            assert_int_equal(count, b->items[i].count);
            filters_release(made);
            buffer_deinit(&text);
        }
        bursts_free(b);
    }
    filters_release(none);
    selection_release(all);
}

static void names_the_worst(void **state)
{
    struct session *s = *state;
    struct selection *all = settle_select_all(s);
    struct burst_request request = {.bin_us = 5 * INSTANT_MINUTE, .field = FIELD_COUNT};
    struct bursts *b = bursts_new(all, &request, NULL);
    struct table *t;

    t = run_query(s, "filter @timestamp >= \"2026-11-18T09:10:00Z\" and @timestamp < "
                     "\"2026-11-18T09:15:00Z\" and outcome in [\"failure\", \"throttled\", "
                     "\"blocked\", \"fault\"] | stats count(*) as n by ip | sort n desc, ip");
    assert_true(bytes_equal(b->items[0].top_ip, t->cells[0].text));
    assert_true(bytes_are(b->items[0].top_error, "NotAuthorizedException"));
    table_free(t);
    bursts_free(b);
    selection_release(all);
}

static void stops_when_cancelled(void **state)
{
    struct session *s = *state;
    struct selection *all = settle_select_all(s);
    struct burst_request request = {.bin_us = INSTANT_MINUTE, .field = FIELD_COUNT};
    atomic_bool cancelled = true;

    assert_null(bursts_new(all, &request, &cancelled));
    selection_release(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_like_queries),
        cmocka_unit_test(conditions_select_the_events),
        cmocka_unit_test(names_the_worst),
        cmocka_unit_test(stops_when_cancelled),
    };

    return cmocka_run_group_tests(tests, open_demo, close_demo);
}
