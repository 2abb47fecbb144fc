/* Metrics and alarms on the screen: what is counted, thresholds that are changed, and the
 * events behind each number. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static void pictures(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "a");
    terminal_expect(t, "metrics-80x24");
    terminal_type(t, "jjjj");
    terminal_type(t, "\rs");
    terminal_expect(t, "metric-bins-80x24");
    terminal_type(t, "q");
    terminal_type(t, "g\r");
    terminal_expect(t, "alarm-80x24");
    terminal_free(t);
    t = terminal_demo(40, 140, NULL);
    terminal_type(t, "a");
    terminal_expect(t, "metrics-140x40");
    terminal_free(t);
}

/* Another threshold gives other pages at once, in every view of them. */
static void thresholds_are_edited(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "a");
    assert_true(terminal_shows(t, "> 20% in 5m       33"));
    terminal_type(t, "e");
    assert_true(terminal_shows(t, "alarm failure-rate=20/5m"));
    terminal_type(t, "\025"); /* the line away */
    terminal_type(t, "alarm failure-rate=90/15m\r");
    assert_true(terminal_shows(t, "> 90% in 15m"));
    assert_false(terminal_shows(t, "> 20%"));
    terminal_type(t, "j:alarm throttles=5\r");
    assert_true(terminal_shows(t, "> 5 in 1m"));
    terminal_type(t, ":alarm nothing=5\r");
    assert_true(terminal_shows(t, "there is no such alarm"));
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "1 page"));
    assert_true(terminal_shows(t, "2026-11-18 09:12:00"));
    terminal_free(t);
}

/* A number opens as many events as it says. */
static void numbers_open_their_events(void **state)
{
    struct terminal *t = terminal_demo(24, 100, NULL);

    (void)state;
    terminal_type(t, "a");
    terminal_type(t, "jjjj");
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "all of it                  366"));
    terminal_type(t, ",,"); /* from FAILED to ATTEMPTS */
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "366 of 3,059 events"));
    terminal_type(t, "q");
    terminal_type(t, ","); /* round to THROTTLED */
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "23 of 3,059 events"));
    assert_true(terminal_shows(t, "TooManyReq"));
    terminal_type(t, "pi"); /* the rows are a filter like any other */
    assert_true(terminal_shows(t, "23 events"));
    terminal_free(t);
}

/* A refresh by a changed width of bins keeps the metric. */
static void widths_are_changed(void **state)
{
    struct terminal *t = terminal_demo(24, 100, NULL);

    (void)state;
    terminal_type(t, "a");
    terminal_type(t, "jjjj");
    terminal_type(t, "\r>");
    assert_true(terminal_shows(t, "bins of 15m"));
    terminal_type(t, ":bin-size 7h\r");
    assert_true(terminal_shows(t, "bins of 7h"));
    assert_true(terminal_shows(t, "all of it                  366"));
    terminal_type(t, ":bin-size 40d\r");
    assert_true(terminal_shows(t, "No width of a bin"));
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures),
        cmocka_unit_test(thresholds_are_edited),
        cmocka_unit_test(numbers_open_their_events),
        cmocka_unit_test(widths_are_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
