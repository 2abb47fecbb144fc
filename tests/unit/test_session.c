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

static const struct query_options NO_CLOCK = {.now_us = INSTANT_NONE,
                                              .last_event_us = INSTANT_NONE};

static int setup(void **state)
{
    *state = session_new();
    return 0;
}

static int teardown(void **state)
{
    session_free(*state);
    return 0;
}

static void add_record(struct buffer *out, unsigned number)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventSource\":\"iam.amazonaws.com\","
                  "\"eventName\":\"Call%u\",\"eventTime\":\"2026-01-01T%02u:%02u:%02uZ\","
                  "\"sourceIPAddress\":\"192.0.2.%u\","
                  "\"eventID\":\"00000000-0000-4000-8000-%012u\"%s}",
                  number % 3, number / 3600 % 24, number / 60 % 60, number % 60, number % 100,
                  number, number % 4 ? "" : ",\"errorCode\":\"AccessDenied\"");
}

/* A file of the records `from` … `from` + `count` - 1. */
static void add_file(struct session *s, const char *name, unsigned from, unsigned count)
{
    struct buffer text = {0};

    buffer_add_text(&text, "{\"Records\":[");
    for (unsigned i = 0; i < count; i++) {
        if (i)
            buffer_add_char(&text, ',');
        add_record(&text, from + i);
    }
    buffer_add_text(&text, "]}");
    archive_add_memory(session_archive(s), bytes_of(name), buffer_bytes(&text));
    buffer_deinit(&text);
}

static void load(struct session *s)
{
    session_start(s);
    session_wait(s);
}

static void is_empty_before_anything(void **state)
{
    struct session *s = *state;
    struct filters *none = filters_new();

    assert_false(session_is_busy(s));
    assert_false(session_is_loading(s));
    assert_int_equal(session_poll(s), 0);
    assert_null(session_index(s));
    assert_null(session_select(s, none, settle_keep_selection, NULL));
    filters_release(none);
}

static void ends_with_an_index_even_of_nothing(void **state)
{
    struct session *s = *state;

    session_start(s);
    assert_true(session_is_busy(s));
    assert_true(session_is_partial(s));
    session_wait(s);
    assert_true(session_index(s)->complete);
    assert_int_equal(session_index(s)->n_rows, 0);
    assert_int_equal(session_query_options(s).now_us, INSTANT_NONE);
    assert_false(session_is_partial(s));
}

/* What a wait passed is still told by the next poll. */
static void tells_what_changed(void **state)
{
    struct session *s = *state;
    unsigned changes;

    add_file(s, "a.json", 0, 100);
    load(s);
    changes = session_poll(s);
    assert_int_equal(changes & (SESSION_INDEX | SESSION_PROGRESS | SESSION_LOADED),
                     SESSION_INDEX | SESSION_PROGRESS | SESSION_LOADED);
    assert_int_equal(session_poll(s), 0);
    assert_false(session_is_busy(s));
    assert_false(session_is_partial(s));
    assert_int_equal(session_query_options(s).now_us, session_index(s)->last_us);
    selection_release(settle_select_all(s));
}

static void keep_grouping(void *context, struct grouping *grouping)
{
    *(struct grouping **)context = grouping;
}

static void keep_bins(void *context, struct histogram *histogram)
{
    *(struct histogram **)context = histogram;
}

static void keep_rows(void *context, row_id *rows)
{
    *(row_id **)context = rows;
}

static struct selection *select_where(struct session *s, const char *text)
{
    struct filters *none = filters_new(), *filters;
    struct selection *selection = NULL;
    struct query_error error = {0};

    assert_int_equal(filters_add(none, bytes_of(text), &NO_CLOCK, &filters, &error), ERR_OK);
    (void)session_select(s, filters, settle_keep_selection, &selection);
    /* The question holds what it needs. */
    filters_release(filters);
    filters_release(none);
    assert_int_equal(settle(s) & SESSION_ANSWER, SESSION_ANSWER);
    assert_non_null(selection);
    return selection;
}

static void answers_questions(void **state)
{
    static const enum field_id by[] = {FIELD_OPERATION};
    struct session *s = *state;
    struct grouping *grouping = NULL;
    struct histogram *bins = NULL;
    row_id *rows = NULL;
    struct selection *denied;
    uint64_t in_bins = 0;

    add_file(s, "a.json", 0, 120);
    load(s);
    denied = select_where(s, "error = \"AccessDenied\"");
    assert_int_equal(denied->n_rows, 30);
    (void)session_group(s, denied, by, 1, FIELD_IP, keep_grouping, &grouping);
    (void)session_bins(s, denied, 60, keep_bins, &bins);
    (void)session_sort(s, denied, FIELD_OPERATION, false, keep_rows, &rows);
    assert_true(session_is_busy(s));
    (void)settle(s);
    assert_int_equal(grouping->n_groups, 3);
    assert_int_equal(grouping->groups[0].count, 10);
    for (size_t i = 0; i < bins->n_bins; i++)
        for (size_t o = 0; o < OUTCOME_COUNT; o++)
            in_bins += bins->bins[i][o];
    assert_int_equal(in_bins, 30);
    assert_non_null(rows);
    mem_free(rows);
    histogram_free(bins);
    grouping_free(grouping);
    selection_release(denied);
}

static void hides_duplicates_until_asked(void **state)
{
    struct session *s = *state;
    struct selection *once, *all;

    add_file(s, "a.json", 0, 50);
    add_file(s, "b.json", 40, 20);
    load(s);
    assert_int_equal(session_index(s)->n_duplicates, 10);
    assert_false(session_shows_duplicates(s));
    once = settle_select_all(s);
    assert_int_equal(once->n_rows, 60);
    assert_int_equal(once->n_duplicates, 10);
    session_show_duplicates(s, true);
    all = settle_select_all(s);
    assert_int_equal(all->n_rows, 70);
    selection_release(once);
    selection_release(all);
}

static void keeps_unknown_when_told(void **state)
{
    struct session *s = *state;
    struct selection *selection;

    add_file(s, "a.json", 0, 40);
    load(s);
    selection = select_where(s, "error != \"Throttling\"");
    assert_int_equal(selection->n_rows, 10);
    assert_int_equal(selection->n_unknown, 30);
    selection_release(selection);
    session_keep_unknown(s, true);
    assert_true(session_keeps_unknown(s));
    selection = select_where(s, "error != \"Throttling\"");
    assert_int_equal(selection->n_rows, 40);
    selection_release(selection);
}

static struct selection *select_by(struct session *s, struct filters *filters)
{
    struct selection *selection = NULL;

    (void)session_select(s, filters, settle_keep_selection, &selection);
    filters_release(filters);
    (void)settle(s);
    return selection;
}

static void keep_table(void *context, struct table *table, const struct query_error *error)
{
    assert_null(error->message.ptr);
    *(struct table **)context = table;
}

/* Rows can be named one by one, and conditions in words hold beside that. */
static void selects_named_rows(void **state)
{
    enum { COUNT = 70000 };
    struct session *s = *state;
    struct selection *all, *named, *both;
    struct filters *none = filters_new(), *rows, *more;
    struct query_error error = {0};
    struct table *table = NULL;
    struct query *query, *within;
    row_id *list;
    size_t n = 0;

    add_file(s, "a.json", 0, COUNT);
    load(s);
    all = settle_select_all(s);
    assert_int_equal(all->n_rows, COUNT);
    list = mem_array(COUNT, sizeof *list);
    for (size_t i = COUNT; i > 0; i -= 7) /* backwards: order does not matter */
        list[n++] = all->rows[i - 1];
    rows = filters_add_rows(none, bytes_of("every seventh"), list, n);
    assert_true(bytes_are(filters_text(rows, 0), "every seventh"));
    assert_true(query_is_rows(filters_query(rows, 0)));
    assert_int_equal(
        filters_add(rows, bytes_of("error = \"AccessDenied\""), &NO_CLOCK, &more, &error),
        ERR_OK);
    named = select_by(s, filters_hold(rows));
    assert_int_equal(named->n_rows, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(named->rows[i], list[n - 1 - i]);
    both = select_by(s, more);
    assert_int_equal(both->n_rows, COUNT / 28);
    query = query_of_rows(bytes_of("x"), list, n);
    assert_int_equal(query_parse(bytes_of("stats count(*) as n"), &NO_CLOCK, &within, &error),
                     ERR_OK);
    query_within(within, query);
    (void)session_table(s, within, keep_table, &table);
    (void)settle(s);
    assert_true(bytes_are(table->cells[0].text, "10000"));
    table_free(table);
    query_free(query);
    query_free(within);
    selection_release(all);
    selection_release(named);
    selection_release(both);
    filters_release(rows);
    filters_release(none);
    mem_free(list);
}

static void unexpected_selection(void *context, struct selection *selection)
{
    (void)context;
    (void)selection;
    fail();
}

static void unexpected_rows(void *context, row_id *rows)
{
    (void)context;
    (void)rows;
    fail();
}

static void a_cancelled_question_gets_no_answer(void **state)
{
    struct session *s = *state;
    struct filters *none = filters_new();
    struct selection *all;

    add_file(s, "a.json", 0, 5000);
    load(s);
    ask_cancel(session_select(s, none, unexpected_selection, NULL));
    all = settle_select_all(s);
    ask_cancel(session_sort(s, all, FIELD_IP, false, unexpected_rows, NULL));
    ask_cancel(NULL);
    (void)session_poll(s); /* tells of the answer before */
    assert_int_equal(settle(s) & SESSION_ANSWER, 0);
    selection_release(all);
    filters_release(none);
}

/* Whoever asked may be gone before the session is. */
static void no_answer_comes_once_it_ends(void **state)
{
    struct session *s = session_new();
    struct filters *none = filters_new();
    struct selection *all;

    (void)state;
    add_file(s, "a.json", 0, 5000);
    load(s);
    all = settle_select_all(s);
    (void)session_select(s, none, unexpected_selection, NULL);
    (void)session_sort(s, all, FIELD_IP, false, unexpected_rows, NULL);
    selection_release(all);
    filters_release(none);
    session_free(s);
}

static void can_end_while_it_reads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct session *s = session_new();

        for (unsigned k = 0; k < 8; k++)
            add_file(s, "a.json", k * 2000, 2000);
        session_start(s);
        for (unsigned k = 0; k < i; k++)
            (void)session_poll(s);
        session_free(s);
    }
    session_free(NULL);
}

static void stops_on_request(void **state)
{
    struct session *s = *state;
    struct ledger_totals t;

    for (unsigned k = 0; k < 20; k++)
        add_file(s, "a.json", k * 2000, 2000);
    session_start(s);
    session_stop_loading(s);
    session_wait(s);
    assert_true(session_was_stopped(s));
    session_totals(s, &t);
    assert_int_equal(t.read + t.stopped + t.waiting, 20);
    assert_int_equal(t.events, session_index(s)->n_rows);
    assert_int_equal(session_is_partial(s), t.read < 20);
}

static void gives_a_record_back(void **state)
{
    struct session *s = *state;
    struct buffer got = {0}, wanted = {0};

    add_file(s, "a.json", 0, 30);
    load(s);
    for (unsigned i = 0; i < 30; i++) {
        buffer_clear(&got);
        buffer_clear(&wanted);
        add_record(&wanted, i);
        assert_int_equal(session_record(s, session_index(s)->order[i], &got), ERR_OK);
        assert_true(bytes_equal(buffer_bytes(&got), buffer_bytes(&wanted)));
    }
    buffer_deinit(&got);
    buffer_deinit(&wanted);
}

static void marks_rows(void **state)
{
    enum { ROWS = 200 };
    struct session *s = *state;
    bool model[ROWS] = {false};
    uint64_t random = 1;
    size_t marked = 0;

    for (unsigned i = 0; i < 2000; i++) {
        row_id row;
        bool mark;

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        row = (row_id)((random >> 33) % ROWS);
        mark = random >> 62 & 1;
        marked = marked - model[row] + mark;
        model[row] = mark;
        session_mark(s, row, mark);
        assert_int_equal(session_marked(s), marked);
    }
    for (row_id row = 0; row < ROWS; row++)
        assert_int_equal(session_is_marked(s, row), model[row]);
    session_unmark_all(s);
    assert_int_equal(session_marked(s), 0);
    assert_false(session_is_marked(s, 0));
}

/* What is stopped is not started behind the user's back, and can be wanted anew. */
static void weighs_when_wanted(void **state)
{
    struct session *s = *state;
    struct rules rules;
    struct triage *first;

    add_file(s, "a.json", 0, 10);
    load(s);
    session_stop_triage(s);
    assert_null(session_triage(s));
    assert_false(session_is_triaging(s));
    assert_true(session_triage_was_stopped(s));
    session_resume_triage(s);
    assert_true(session_is_triaging(s));
    assert_false(session_triage_was_stopped(s));
    assert_true(settle(s) & SESSION_TRIAGE);
    first = session_triage(s);
    assert_non_null(first);
    assert_int_equal(session_triage_done(s), 1000);
    /* Other limits start it again, whatever was stopped before; what they do not touch stays.
     */
    session_stop_triage(s);
    assert_false(session_triage_was_stopped(s));
    first = triage_hold(first);
    rules_init(&rules);
    session_set_rules(s, &rules);
    rules_deinit(&rules);
    (void)settle(s);
    assert_ptr_not_equal(session_triage(s), first);
    assert_ptr_equal(session_triage(s)->signals, first->signals);
    triage_release(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_empty_before_anything, setup, teardown),
        cmocka_unit_test_setup_teardown(ends_with_an_index_even_of_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_questions, setup, teardown),
        cmocka_unit_test_setup_teardown(hides_duplicates_until_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_unknown_when_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_question_gets_no_answer, setup, teardown),
        cmocka_unit_test(no_answer_comes_once_it_ends),
        cmocka_unit_test(can_end_while_it_reads),
        cmocka_unit_test_setup_teardown(stops_on_request, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_a_record_back, setup, teardown),
        cmocka_unit_test_setup_teardown(marks_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(selects_named_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(weighs_when_wanted, setup, teardown),
    };

    hash_seed();
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
