/* What the line at the bottom offers while one types: completion with counts, what the line
 * stands for, what is wrong with it. Typed into the demo incident. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

static const char *last_row(struct terminal *t)
{
    return terminal_row(t, 23);
}

static void completes_values_with_counts(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    /* The only value is taken; its count is told. */
    terminal_type(t, "ferror=Not");
    terminal_type(t, "\t");
    assert_non_null(strstr(last_row(t), "error=NotAuthorizedException"));
    assert_true(terminal_shows(t, "257+ events, 257 failed"));
    /* Several are offered, the worst first; Tab goes through them. */
    terminal_type(t, "\025error=");
    terminal_type(t, "\t");
    assert_non_null(strstr(terminal_row(t, 15), "NotAuthorizedException"));
    assert_non_null(strstr(terminal_row(t, 16), "UserNotFoundException"));
    terminal_type(t, "\t\t");
    assert_non_null(strstr(last_row(t), "error=UserNotFoundException"));
    /* Only what is in the view counts. */
    terminal_type(t, "\025ip=203.0.113.7\r");
    terminal_type(t, "ferror=");
    terminal_type(t, "\t");
    assert_false(terminal_shows(t, "257+ events"));
    assert_true(terminal_shows(t, "NotAuthorizedException"));
    /* Text that stands in the middle is found as well. */
    terminal_type(t, "\025agent=requests");
    terminal_type(t, "\t");
    assert_non_null(strstr(last_row(t), "agent=\"python-requests/2.31.0\""));
    terminal_free(t);
}

static void completes_queries(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "fip=203.0.113.7 | sta");
    terminal_type(t, "\t");
    assert_non_null(strstr(last_row(t), "| stats"));
    terminal_type(t, "count_");
    terminal_type(t, "\t");
    assert_non_null(strstr(last_row(t), "stats count_distinct("));
    terminal_type(t, "acc");
    terminal_type(t, "\t");
    assert_true(terminal_shows(t, "account"));
    assert_true(terminal_shows(t, "access_key"));
    terminal_type(t, "\025filter error = \"UserN");
    terminal_type(t, "\t");
    assert_true(terminal_shows(t, "\"UserNotFoundException\""));
    terminal_type(t, "\025filter error in [\"AccessDenied\", Cod");
    terminal_type(t, "\t");
    assert_non_null(strstr(last_row(t), "\"AccessDenied\", \"CodeMismatchException\""));
    terminal_type(t, "\025zzz");
    terminal_type(t, "\t");
    assert_true(terminal_shows(t, "Nothing completes this."));
    terminal_free(t);
}

static void says_what_terms_mean(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "fip=203.0.113.7 -error:");
    assert_true(
        terminal_shows(t, "means: filter ip = \"203.0.113.7\" and not ispresent(error)"));
    /* Ctrl-T makes it the line, and it means the same. */
    terminal_type(t, "\024");
    assert_non_null(
        strstr(last_row(t), "filter ip = \"203.0.113.7\" and not ispresent(error)"));
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "Filters: filter ip = \"203.0.113.7\""));
    /* A line that is none says why. */
    terminal_type(t, "ffilter ip = ");
    assert_true(terminal_shows(t, "expected"));
    terminal_type(t, "\024");
    assert_true(terminal_shows(t, "There is no query to turn this into."));
    terminal_free(t);
}

static void remembers_lines(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "ferror:\r");
    terminal_type(t, "fip=203.0.113.7\r");
    terminal_type(t, "fhalf");
    terminal_type(t, "\020\020");
    assert_non_null(strstr(last_row(t), "query: error:"));
    assert_true(terminal_shows(t, "means: filter ispresent(error)"));
    terminal_type(t, "\016\016");
    assert_non_null(strstr(last_row(t), "query: half"));
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completes_values_with_counts),
        cmocka_unit_test(completes_queries),
        cmocka_unit_test(says_what_terms_mean),
        cmocka_unit_test(remembers_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
