/* The tasks of a responder, typed key by key on the demo incident: the screens are golden
 * texts, the key counts are budgets. */
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

static const char *const demo[] = {"--demo", NULL};

static struct terminal *start(unsigned rows, unsigned cols)
{
    struct terminal *t =
        terminal_new(&(struct terminal_start){.rows = rows, .cols = cols, .arguments = demo});

    terminal_type(t, "");
    return t;
}

/* Which row of the screen begins with the mark of the caret? */
static const char *caret_row(struct terminal *t)
{
    for (unsigned row = 0; row < 24; row++) {
        const char *text = terminal_row(t, row);

        if (strncmp(text, "▶", strlen("▶")) == 0)
            return text;
    }
    return "";
}

static void list_80x24(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_expect(t, "list-80x24");
    terminal_expect_clean(t);
    terminal_free(t);
}

static void list_140x40(void **state)
{
    struct terminal *t = start(40, 140);

    (void)state;
    terminal_expect(t, "list-140x40");
    terminal_free(t);
}

/* T1: the addresses with most NotAuthorizedException, in 4 keys typed without waiting. */
static void t1_top_addresses(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "pepi");
    assert_true(terminal_shows(t, "error = \"NotAuthorizedException\""));
    assert_non_null(strstr(caret_row(t), "203.0.113.7"));
    terminal_expect(t, "t1-80x24");
    terminal_free(t);
}

/* T2: everything of one address in time order, in 2 keys. */
static void t2_all_of_an_address(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "oi");
    assert_true(terminal_shows(t, "Filters: ip = "));
    terminal_expect(t, "t2-80x24");
    terminal_free(t);
}

/* T3: addresses and clients of one user, in 2 keys. */
static void t3_card_of_a_user(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "fip:203.0.113.7 sub:\r");
    terminal_type(t, "ds");
    assert_true(terminal_shows(t, "IP  "));
    assert_true(terminal_shows(t, "CLIENT  "));
    terminal_expect(t, "t3-80x24");
    terminal_free(t);
}

/* T4: the events of the worst 5 minutes, in 3 keys typed without waiting. */
static void t4_worst_bin(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "b\t\r");
    assert_true(terminal_shows(t, "at least 234 of"));
    assert_non_null(strstr(caret_row(t), "11-18 09:10:"));
    terminal_type(t, "q");
    terminal_expect(t, "t4-80x24");
    terminal_type(t, "Pi>");
    assert_true(terminal_shows(t, "bursts by ip"));
    assert_true(terminal_shows(t, "bins of 10m"));
    terminal_free(t);
}

/* T5: one event; copy a field, or filter by it, in 2 keys. */
/* From the worst bin to whom it let in. */
static void who_got_in(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "b\t\rW");
    assert_true(terminal_shows(t, "by sub"));
    assert_true(terminal_shows(t, "ee7d21aa"));
    assert_true(terminal_shows(t, "4 values"));
    terminal_free(t);
}

static void t5_event_copy_and_filter(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "fip:203.0.113.7\r");
    terminal_forget(t);
    terminal_type(t, "\ry");
    terminal_expect(t, "t5-80x24");
    /* 203.0.113.7 in base64 */
    assert_int_not_equal(
        bytes_find(terminal_raw(t), bytes_of("\033]52;c;MjAzLjAuMTEzLjc=\033\\")), SIZE_MAX);
    terminal_type(t, "=");
    assert_true(terminal_shows(t, "ip = \"203.0.113.7\""));
    terminal_free(t);
}

/* Back finds every step as it was left. */
static void back_keeps_the_place(void **state)
{
    struct terminal *t = start(24, 80);
    struct buffer before = {0}, after = {0};

    (void)state;
    terminal_type(t, "\004\004jjj");
    terminal_text(t, &before);
    terminal_type(t, "\rjjqpiqdiq");
    terminal_text(t, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.ptr, after.ptr, before.len);
    buffer_deinit(&before);
    buffer_deinit(&after);
    terminal_free(t);
}

static void undo_and_redo_filters(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "ferror:NotAuth*\r");
    assert_true(terminal_shows(t, "error:NotAuth*"));
    terminal_type(t, "u");
    assert_true(terminal_shows(t, "Filters: none"));
    terminal_type(t, "\022");
    assert_true(terminal_shows(t, "error:NotAuth*"));
    terminal_type(t, "x ");
    assert_true(terminal_shows(t, "[off]"));
    terminal_type(t, "\033");
    terminal_type(t, "c");
    assert_true(terminal_shows(t, "Filters: none"));
    terminal_free(t);
}

static void quit_asks_once(void **state)
{
    struct terminal *t = start(24, 80);

    (void)state;
    terminal_type(t, "q");
    assert_true(terminal_shows(t, "again"));
    terminal_send(t, "q");
    assert_int_equal(terminal_wait(t), 1); /* the demo holds a damaged file */
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_80x24),           cmocka_unit_test(list_140x40),
        cmocka_unit_test(t1_top_addresses),     cmocka_unit_test(t2_all_of_an_address),
        cmocka_unit_test(t3_card_of_a_user),    cmocka_unit_test(t4_worst_bin),
        cmocka_unit_test(who_got_in),           cmocka_unit_test(t5_event_copy_and_filter),
        cmocka_unit_test(back_keeps_the_place), cmocka_unit_test(undo_and_redo_filters),
        cmocka_unit_test(quit_asks_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
