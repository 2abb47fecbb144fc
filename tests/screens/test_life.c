/* Sizes, signals, lost connections: the terminal is left as it was found, and the program
 * neither hangs nor spins. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <cmocka.h>
// clang-format on

#include "core/base/bytes.h"

static const char *const demo[] = {"--demo", NULL};

static void expect_modes(const struct terminal *t, const struct termios *wanted)
{
    struct termios seen;

    terminal_modes(t, &seen);
    assert_int_equal(seen.c_iflag, wanted->c_iflag);
    assert_int_equal(seen.c_oflag, wanted->c_oflag);
    assert_int_equal(seen.c_lflag, wanted->c_lflag);
    assert_int_equal(seen.c_cflag, wanted->c_cflag);
    assert_memory_equal(seen.c_cc, wanted->c_cc, sizeof seen.c_cc);
}

/* Modes of a terminal that nobody touched. */
static void fresh_modes(struct termios *out)
{
    static const char *const version[] = {"--version", NULL};
    struct terminal *t =
        terminal_new(&(struct terminal_start){.rows = 24, .cols = 80, .arguments = version});

    terminal_modes(t, out);
    assert_int_equal(terminal_wait(t), 0);
    terminal_free(t);
}

static void expect_restored(struct terminal *t, const struct termios *modes)
{
    assert_false(terminal_on_alternate(t));
    assert_true(terminal_cursor_shown(t));
    expect_modes(t, modes);
}

static void sizes(void **state)
{
    static const unsigned sizes[][2] = {
        {24,  80 },
        {15,  60 },
        {16,  61 },
        {19,  80 },
        {20,  79 },
        {36,  119},
        {200, 500},
        {200, 60 },
        {15,  500},
        {40,  140}
    };
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        terminal_resize(t, sizes[i][0], sizes[i][1]);
        terminal_type(t, "j");
        if (!terminal_shows(t, "events"))
            fail_msg("nothing of the list at %ux%u", sizes[i][1], sizes[i][0]);
        assert_non_null(strstr(terminal_row(t, sizes[i][0] - 1), "help"));
        terminal_type(t, "pi");
        terminal_type(t, "\r\r");
        terminal_type(t, "R");
        terminal_type(t, "1?");
        terminal_type(t, "\033");
        terminal_type(t, "x");
        terminal_type(t, "\033");
        terminal_type(t, "F");
        terminal_type(t, "qds");
        terminal_type(t, "1|");
        terminal_type(t, "\033");
        terminal_type(t, ":so\t");
        terminal_type(t, "\033");
    }
    terminal_free(t);
}

static void too_small(void **state)
{
    static const unsigned sizes[][2] = {
        {14, 80},
        {24, 59},
        {2,  30},
        {1,  40},
        {1,  1 },
        {3,  2 }
    };
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        terminal_resize(t, sizes[i][0], sizes[i][1]);
        terminal_type(t, "jjkpi");
        terminal_type(t, "q?");
        terminal_type(t, "\033");
        terminal_type(t, "fx");
        terminal_type(t, "\t");
        terminal_type(t, "\033");
        if (sizes[i][1] >= 40)
            assert_string_equal(terminal_row(t, 0), "window too small (60x15 needed)");
    }
    terminal_resize(t, 24, 80);
    terminal_type(t, "");
    assert_true(terminal_shows(t, "events"));
    terminal_free(t);
}

/* The row of the caret without its mark. */
static const char *caret_row(struct terminal *t)
{
    unsigned row, col;

    terminal_cursor(t, &row, &col);
    return terminal_row(t, row);
}

static void resize_storm(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer before = {0};

    (void)state;
    terminal_type(t, "\004\004jjj");
    buffer_add_text(&before, caret_row(t));
    assert_non_null(strstr(buffer_cstr(&before), ":"));
    for (unsigned i = 0; i < 200; i++)
        terminal_resize(t, 10 + i * 7 % 50, 40 + i * 13 % 160);
    terminal_resize(t, 24, 80);
    terminal_type(t, "");
    /* The same event under the caret, the frame in its place. */
    assert_string_equal(caret_row(t), buffer_cstr(&before));
    assert_non_null(strstr(terminal_row(t, 0), "events"));
    assert_non_null(strstr(terminal_row(t, 23), "help"));
    buffer_deinit(&before);
    terminal_free(t);
}

static void suspend_and_go_on(void **state)
{
    struct terminal *t = terminal_new(
        &(struct terminal_start){.rows = 24, .cols = 80, .arguments = demo, .job = true});
    struct termios fresh;

    (void)state;
    fresh_modes(&fresh);
    terminal_type(t, "");
    terminal_type(t, "jj");
    for (int round = 0; round < 3; round++) {
        bool stopped = false;

        if (round == 0)
            terminal_send(t, "\032");
        else if (round == 1)
            terminal_signal(t, SIGTSTP);
        else
            terminal_send(t, "fab\032"); /* in a prompt */
        /* On a busy machine one stop in some hundred was seen to have no effect, for a reason
         * that is not known: a person would press the key again. */
        if (!terminal_stopped(t) && terminal_settle(t))
            terminal_signal(t, SIGTSTP);
        else
            stopped = true;
        if (!stopped && !terminal_stopped(t)) {
            struct buffer text = {0};

            terminal_text(t, &text);
            fail_msg("round %d: not stopped (it ended: %s) but\n%s", round,
                     terminal_settle(t) ? "no" : "yes", buffer_cstr(&text));
        }
        expect_restored(t, &fresh);
        terminal_resize(t, 30, 90);
        terminal_resume(t);
        terminal_type(t, "");
        assert_true(terminal_on_alternate(t));
        if (round == 2) {
            assert_true(terminal_shows(t, ": ab"));
            terminal_type(t, "\033");
        }
        if (strncmp(terminal_row(t, 28), " 3/3,", 5) != 0)
            fail_msg("round %d: the status row is '%s'", round, terminal_row(t, 28));
        assert_non_null(strstr(terminal_row(t, 29), "help"));
        terminal_resize(t, 24, 80);
    }
    terminal_send(t, "Q");
    assert_int_equal(terminal_wait(t), 1);
    expect_restored(t, &fresh);
    terminal_free(t);
}

/* Without a shell that could continue it, Ctrl-Z must not stop the program for ever. */
static void no_suspend_without_a_shell(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_type(t, "\032");
    terminal_type(t, "jj");
    assert_true(terminal_shows(t, "3/3,"));
    terminal_free(t);
}

/* Stopped and continued from outside, as with kill -STOP. */
static void continued_from_outside(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer before = {0}, after = {0};

    (void)state;
    terminal_text(t, &before);
    terminal_signal(t, SIGSTOP);
    terminal_forget(t);
    terminal_signal(t, SIGCONT);
    terminal_type(t, "");
    terminal_text(t, &after);
    assert_true(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
    buffer_deinit(&before);
    buffer_deinit(&after);
    terminal_free(t);
}

static void ways_to_end(void **state)
{
    /* What is sent, how often, what the program leaves with. */
    static const struct {
        int signal;
        unsigned times;
        int status;
    } rows[] = {
        {SIGTERM, 1, 1            },
        {SIGHUP,  1, 1            },
        {SIGINT,  2, 1            },
        {SIGABRT, 1, 128 + SIGABRT},
        {SIGSEGV, 1, 128 + SIGSEGV},
    };
    struct termios fresh;

    (void)state;
    fresh_modes(&fresh);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct terminal *t = terminal_demo(24, 80, NULL);
        int status;

        terminal_type(t, "f"); /* with bracketed paste and the cursor on */
        for (unsigned k = 0; k < rows[i].times; k++) {
            if (k)
                assert_true(terminal_settle(t));
            terminal_signal(t, rows[i].signal);
        }
        status = terminal_wait(t);
        if (rows[i].signal == SIGSEGV && status == 1)
            status = rows[i].status; /* a sanitizer's own handler */
        assert_int_equal(status, rows[i].status);
        expect_restored(t, &fresh);
        assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("\033[?2004l")), SIZE_MAX);
        terminal_free(t);
    }
}

/* One SIGINT from outside does not kill. */
static void one_interrupt(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    terminal_signal(t, SIGINT);
    terminal_type(t, "");
    assert_true(terminal_shows(t, "events"));
    terminal_type(t, "\003");
    terminal_type(t, "\003");
    assert_true(terminal_shows(t, "events"));
    terminal_free(t);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The window is closed, the connection lost: an end within a second, without spinning. */
static void hang_up(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct rusage before, after;
    int64_t began_ms, cpu_ms;

    (void)state;
    getrusage(RUSAGE_CHILDREN, &before);
    began_ms = now_ms();
    assert_int_equal(terminal_hang_up(t), 1);
    getrusage(RUSAGE_CHILDREN, &after);
    print_message("ended after %d ms\n", (int)(now_ms() - began_ms));
    assert_true(now_ms() - began_ms < 5000);
    /* All its life in here, the reading of the demo included. */
    cpu_ms = (int64_t)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000 +
             (after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1000;
    assert_true(cpu_ms < 4000);
    terminal_free(t);
}

/* nohup(1): the signal is ignored, reading from the terminal fails. */
static void hang_up_ignored(void **state)
{
    struct terminal *t;
    int64_t began_ms;

    (void)state;
    (void)signal(SIGHUP, SIG_IGN);
    t = terminal_demo(24, 80, NULL);
    (void)signal(SIGHUP, SIG_DFL);
    began_ms = now_ms();
    assert_int_equal(terminal_hang_up(t), 1);
    assert_true(now_ms() - began_ms < 5000);
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(too_small),
        cmocka_unit_test(resize_storm),
        cmocka_unit_test(suspend_and_go_on),
        cmocka_unit_test(no_suspend_without_a_shell),
        cmocka_unit_test(continued_from_outside),
        cmocka_unit_test(ways_to_end),
        cmocka_unit_test(one_interrupt),
        cmocka_unit_test(hang_up),
        cmocka_unit_test(hang_up_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
