/* What a key press sends to the terminal: a slow line must stay pleasant. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

#include "core/base/bytes.h"

enum { PRESSES = 15 };

static int compare_sizes(const void *a, const void *b)
{
    const size_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* The median cost of the key over some presses. */
static size_t median_cost(struct terminal *t, const char *key)
{
    size_t costs[PRESSES];

    for (size_t i = 0; i < PRESSES; i++) {
        terminal_forget(t);
        terminal_type(t, key);
        costs[i] = terminal_cost(t);
    }
    qsort(costs, PRESSES, sizeof *costs, compare_sizes);
    return costs[PRESSES / 2];
}

static void expect_cost(struct terminal *t, const char *what, const char *key, size_t most)
{
    size_t cost = median_cost(t, key);

    assert_true(cost > 0);
    print_message("%-28s %5zu of at most %zu bytes\n", what, cost, most);
    if (cost > most)
        fail_msg("%s costs %zu bytes, at most %zu are allowed", what, cost, most);
}

static void list_80x24(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    expect_cost(t, "list, cursor down", "j", 320);
    terminal_type(t, "\004");
    expect_cost(t, "list, cursor up", "k", 320);
    terminal_type(t, "G");
    terminal_type(t, "g");
    terminal_type(t, "\006");
    terminal_type(t, "\006");
    terminal_type(t, "jjjjjjjjjjjjjjjj");
    expect_cost(t, "list, scroll", "j", 260);
    expect_cost(t, "list, page", "\006", 1200);
    terminal_free(t);
}

static void list_140x40(void **state)
{
    struct terminal *t = terminal_demo(40, 140, NULL);

    (void)state;
    expect_cost(t, "wide list, cursor", "j", 400);
    /* 33 rows with user agents, which differ in every column. */
    expect_cost(t, "wide list, page", "\006", 3200);
    terminal_free(t);
}

static void other_views(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "pa");
    expect_cost(t, "pivot, cursor", "j", 320);
    terminal_type(t, "q\r");
    expect_cost(t, "event, cursor", "j", 320);
    terminal_type(t, "qF");
    expect_cost(t, "files, cursor", "j", 320);
    terminal_type(t, "q?");
    expect_cost(t, "help, cursor", "j", 320);
    terminal_type(t, "\033");
    terminal_type(t, "f");
    expect_cost(t, "prompt, character", "a", 100);
    terminal_free(t);
}

/* Once everything is read nothing is sent without a key. */
static void nothing_while_idle(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_forget(t);
    assert_false(terminal_sends(t, 700));
    assert_int_equal(terminal_cost(t), 0);
    terminal_type(t, "pi");
    terminal_forget(t);
    assert_false(terminal_sends(t, 700));
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_80x24),
        cmocka_unit_test(list_140x40),
        cmocka_unit_test(other_views),
        cmocka_unit_test(nothing_while_idle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
