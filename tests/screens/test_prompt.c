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

#include <stdlib.h>
#include <unistd.h>

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

/* The filters become one query, which can be gone on from, kept and run again. */
static void filters_become_a_query(void **state)
{
    char home[] = "/tmp/cogtrail-home.XXXXXX", variable[64];
    const char *environment[] = {variable, NULL};
    static const char *const arguments[] = {"--demo", NULL};
    struct terminal *t;

    (void)state;
    assert_non_null(mkdtemp(home));
    (void)snprintf(variable, sizeof variable, "XDG_CONFIG_HOME=%s", home);
    t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = arguments, .environment = environment});
    terminal_type(t, "fip=203.0.113.7\r");
    terminal_type(t, "foutcome=success\r");
    terminal_type(t, "E");
    terminal_type(t, "stats count(*) as n by operation\r");
    assert_true(terminal_shows(t, "filter ip = \"203.0.113.7\" | filter outcome"));
    assert_true(terminal_shows(t, "operation"));
    /* Editing takes the whole query: nothing is joined to it again. */
    terminal_type(t, "e\025filter ip = \"203.0.113.9\" | stats count(*) as n\r");
    assert_false(terminal_shows(t, "203.0.113.7"));
    terminal_type(t, "qq");
    /* From the list of filters: kept under a name, and found in the runbook. */
    terminal_type(t, "xw");
    terminal_type(t, "who got in\r");
    assert_true(terminal_shows(t, "Kept: the runbook"));
    terminal_type(t, "\033");
    terminal_type(t, "r");
    assert_true(terminal_shows(t, "who got in"));
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "(3 filters)"));
    /* As it is offered, with a | behind it for more. */
    terminal_type(t, "E\r");
    assert_false(terminal_shows(t, "expected a command"));
    terminal_free(t);
    (void)snprintf(variable, sizeof variable, "rm -r %s", home);
    assert_int_equal(system(variable), 0);
}

/* The number in the first row of a result. */
static long first_number(struct terminal *t)
{
    for (unsigned row = 0; row < 24; row++) {
        const char *text = terminal_row(t, row);

        if (strncmp(text, "▶", strlen("▶")) == 0)
            return strtol(text + strlen("▶"), NULL, 10);
    }
    fail_msg("no row under the caret");
    return 0;
}

/* Events without an error are left out by error != …, said, and counted in by one key. */
static void missing_fields_count_in(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    long without, all;

    (void)state;
    terminal_type(t, "ffilter error != \"NotAuthorizedException\" | stats count(*) as n\r");
    without = first_number(t);
    terminal_type(t, "j");
    assert_true(terminal_shows(t, "2,710 left out: no field (~ adds them)"));
    terminal_type(t, "~");
    assert_true(terminal_shows(t, "missing fields count in"));
    assert_int_equal(first_number(t), without + 2710);
    terminal_type(t, "qfstats count(*) as n\r");
    all = first_number(t);
    terminal_type(t, "qferror=NotAuthorizedException | stats count(*) as n\r");
    assert_int_equal(first_number(t), all - without - 2710);
    terminal_free(t);
}

static void draws_bins_over_time(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "ffilter outcome = \"failure\" | stats count(*) as n by bin(10m)\r");
    terminal_expect(t, "prompt-bins-80x24");
    terminal_free(t);
}

/* A list of indicators: filter, then hits line by line. */
static void shows_hits_per_line(void **state)
{
    char path[] = "/tmp/cogtrail-list.XXXXXX", line[80];
    struct terminal *t = terminal_demo(24, 80, NULL);
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "203.0.113.7\n10.1.2.3 # quiet\n", 30), 30);
    (void)close(fd);
    terminal_type(t, "I");
    (void)snprintf(line, sizeof line, "%s\r", path);
    terminal_type(t, line);
    assert_true(terminal_shows(t, "I hits per line"));
    terminal_type(t, "I");
    assert_true(terminal_shows(t, "1 of 2 lines met in 3,059 events"));
    assert_true(terminal_shows(t, "10.1.2.3"));
    assert_true(terminal_shows(t, "not met"));
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "at least 214 of 3,059 events"));
    terminal_free(t);
    (void)unlink(path);
}

/* The card opened on an event tells what was never met before it. */
static void card_marks_what_is_new(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    /* Typed ahead in one go: the keys behind Enter act on the filtered list. */
    terminal_type(t, "ferror=NotAuth* ip=203.0.113.7\rjjds");
    assert_true(terminal_shows(t, "IP  6, 5 new"));
    terminal_expect(t, "prompt-card-80x24");
    terminal_free(t);
}

/* Each placeholder of a query is asked for, then the whole runs. */
static void asks_for_placeholders(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "ffilter ip = <address> and outcome = \"{{how}}\"\r");
    assert_non_null(strstr(last_row(t), "Value of how"));
    terminal_type(t, "success\r");
    assert_non_null(strstr(last_row(t), "Value of address"));
    terminal_type(t, "203.0.113.7\r");
    assert_true(terminal_shows(t, "ip = \"203.0.113.7\" and outcome = \"success\""));
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completes_values_with_counts),
        cmocka_unit_test(completes_queries),
        cmocka_unit_test(says_what_terms_mean),
        cmocka_unit_test(remembers_lines),
        cmocka_unit_test(filters_become_a_query),
        cmocka_unit_test(missing_fields_count_in),
        cmocka_unit_test(draws_bins_over_time),
        cmocka_unit_test(shows_hits_per_line),
        cmocka_unit_test(asks_for_placeholders),
        cmocka_unit_test(card_marks_what_is_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
