/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/base/instant.h"

#include "core/evidence/ledger.h"

static void test_new_row_is_empty(void **state)
{
    struct file *f = file_new(bytes_make("a\0b", 3));

    (void)state;
    assert_true(bytes_equal(f->path, bytes_make("a\0b", 3)));
    assert_int_equal(f->status, FILE_WAITING);
    assert_int_equal(f->fd, -1);
    assert_true(f->first_us == INSTANT_NONE && f->last_us == INSTANT_NONE);
    assert_false(file_is_finished(f));
    assert_int_equal(file_verdict(f), FILE_READ);
    file_free(f);
    file_free(NULL);
}

static void test_problem_copies_its_detail(void **state)
{
    struct file *f = file_new(bytes_of("x"));
    char detail[] = "before";

    (void)state;
    file_problem(f,
                 (struct problem){
                     .code = ERR_SYNTAX, .offset = 7, .length = 3, .detail = bytes_of(detail)});
    memcpy(detail, "behind", 6);
    assert_int_equal(f->n_problems, 1);
    assert_int_equal(f->problems[0].offset, 7);
    assert_true(bytes_are(f->problems[0].detail, "before"));
    file_free(f);
}

static void test_problems_are_bounded_and_counted(void **state)
{
    struct file *f = file_new(bytes_of("x"));
    struct ledger_totals totals = {0};

    (void)state;
    for (unsigned i = 0; i < 5000; i++)
        file_problem(f, (struct problem){.code = ERR_SYNTAX, .offset = i, .length = 2});
    assert_int_equal(f->n_problems, 1000);
    assert_int_equal(f->problems[999].offset, 999);
    assert_int_equal(f->problems[999].folded, 4000);
    assert_int_equal(f->problems[999].length, 2 * 4001);
    file_problem(f, (struct problem){.code = ERR_SYNTAX, .length = UINT64_MAX});
    assert_true(f->problems[999].length == UINT64_MAX);
    file_finish(f, FILE_DAMAGED);
    ledger_add(&totals, f);
    assert_int_equal(totals.problems, 5001);
    file_free(f);
}

static void test_verdicts(void **state)
{
    struct file *f = file_new(bytes_of("x"));

    (void)state;
    file_problem(f, (struct problem){.code = ERR_EMPTY});
    assert_int_equal(file_verdict(f), FILE_READ);
    file_problem(f, (struct problem){.code = ERR_TRUNCATED});
    assert_int_equal(file_verdict(f), FILE_SKIPPED);
    f->events = 3;
    assert_int_equal(file_verdict(f), FILE_DAMAGED);
    file_free(f);

    f = file_new(bytes_of("y"));
    f->rejected = 1;
    assert_int_equal(file_verdict(f), FILE_DAMAGED);
    file_free(f);
}

/* What is of another kind altogether was not damaged. */
static void test_verdict_of_foreign_files(void **state)
{
    static const enum err foreign[] = {ERR_NOT_LOGS, ERR_UNKNOWN_FORMAT, ERR_ASIDE};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        struct file *f = file_new(bytes_of("x"));

        f->rejected = foreign[i] == ERR_UNKNOWN_FORMAT;
        file_problem(f, (struct problem){.code = foreign[i]});
        assert_int_equal(file_verdict(f), FILE_SKIPPED);
        f->events = 1;
        assert_int_equal(file_verdict(f), foreign[i] == ERR_ASIDE ? FILE_READ : FILE_DAMAGED);
        f->events = 0;
        f->rejected = 2;
        file_problem(f, (struct problem){.code = ERR_CUT});
        assert_int_equal(file_verdict(f), FILE_DAMAGED);
        file_free(f);
    }
}

static void test_names_of_status(void **state)
{
    (void)state;
    assert_string_equal(file_status_name(FILE_READ), "read");
    assert_string_equal(file_status_name(FILE_DAMAGED), "damaged");
    assert_string_equal(file_status_name(FILE_SKIPPED), "skipped");
    assert_string_equal(file_status_name(FILE_STOPPED), "stopped");
}

static void test_totals(void **state)
{
    static const enum file_status statuses[] = {FILE_WAITING, FILE_READING, FILE_READ,
                                                FILE_DAMAGED, FILE_SKIPPED, FILE_STOPPED};
    struct ledger_totals totals = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct file *f = file_new(bytes_of("x"));

        f->packed_bytes = 10;
        f->packed_read_bytes = 5;
        f->bytes = 100;
        f->events = 2;
        f->rejected = 1;
        f->record_bytes = 7;
        file_finish(f, statuses[i]);
        ledger_add(&totals, f);
        file_free(f);
    }
    assert_int_equal(totals.files, 6);
    assert_int_equal(totals.waiting, 2);
    assert_int_equal(totals.read, 1);
    assert_int_equal(totals.damaged, 1);
    assert_int_equal(totals.skipped, 1);
    assert_int_equal(totals.stopped, 1);
    assert_int_equal(totals.packed_bytes, 60);
    assert_int_equal(totals.packed_read_bytes, 30);
    assert_int_equal(totals.events, 12);
    /* What a worker may still be writing is left out. */
    assert_int_equal(totals.rejected, 4);
    assert_int_equal(totals.record_bytes, 28);
}

static void test_partial(void **state)
{
    struct ledger_totals whole = {.files = 3, .read = 3, .events = 9, .notes = 1};

    (void)state;
    assert_false(ledger_is_partial(&whole));
    assert_true(ledger_is_partial(&(struct ledger_totals){.files = 1, .waiting = 1}));
    assert_true(ledger_is_partial(&(struct ledger_totals){.files = 1, .damaged = 1}));
    /* A file that was skipped counts by its problem. */
    assert_false(
        ledger_is_partial(&(struct ledger_totals){.files = 1, .skipped = 1, .notes = 1}));
    assert_true(
        ledger_is_partial(&(struct ledger_totals){.files = 1, .skipped = 1, .problems = 1}));
    assert_true(ledger_is_partial(&(struct ledger_totals){.files = 1, .stopped = 1}));
    assert_true(
        ledger_is_partial(&(struct ledger_totals){.files = 1, .read = 1, .rejected = 1}));
    assert_true(
        ledger_is_partial(&(struct ledger_totals){.files = 1, .read = 1, .problems = 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_row_is_empty),
        cmocka_unit_test(test_problem_copies_its_detail),
        cmocka_unit_test(test_problems_are_bounded_and_counted),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_verdict_of_foreign_files),
        cmocka_unit_test(test_names_of_status),
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_partial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
