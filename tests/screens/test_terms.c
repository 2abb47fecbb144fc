/* Kinds of terminals, colours and character sets. */
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

#include "core/base/bytes.h"

static const char *const demo[] = {"--demo", NULL};

/* The list, a pivot, an event, the palette and back, settled after each. */
static void walk(struct terminal *t)
{
    static const char *const keys[] = {"",     "jj",     "pe",   "j",      "\r",   "\r",   "jj",
                                       "R",    "1di",    "1D",   "1F",     "1|",   "\033", "?",
                                       "\033", "1:so\t", "\033", "1fer\t", "\033", "1"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        terminal_type(t, keys[i]);
    assert_true(terminal_shows(t, "events"));
}

/* Is there an SGR sequence that sets a colour? */
static bool has_color_sequence(struct bytes raw)
{
    size_t at;

    while ((at = bytes_find(raw, bytes_of("\033["))) != SIZE_MAX) {
        unsigned number = 0;

        raw = bytes_slice(raw, at + 2, raw.len);
        for (size_t i = 0; i < raw.len; i++) {
            char c = raw.ptr[i];

            if (c >= '0' && c <= '9' && number < 1000) {
                number = number * 10 + (unsigned)(c - '0');
                continue;
            }
            if ((c == ';' || c == 'm') && number >= 30 && number <= 107 && c == 'm')
                return true;
            if ((number == 38 || number == 48) && c == ';')
                return true;
            if (c != ';')
                break;
            number = 0;
        }
    }
    return false;
}

static void colors(void **state)
{
    static const struct {
        const char *option, *setting;
        bool color;
    } rows[] = {
        {"--color=auto",   "NO_COLOR",    true },
        {"--color=auto",   "NO_COLOR=",   true },
        {"--color=auto",   "NO_COLOR=1",  false},
        {"--color=always", "NO_COLOR=1",  true },
        {"--color=never",  "NO_COLOR",    false},
        {"--color=auto",   "TERM=vt220",  false},
        {"--color=always", "TERM=vt220",  false},
        {"--color=auto",   "TERM=linux",  true },
        {"--color=auto",   "TERM=screen", true },
        {"--color=auto",   "TERM=xterm",  true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *arguments[] = {"--demo", rows[i].option, NULL};
        const char *environment[] = {rows[i].setting, NULL};
        struct terminal *t = terminal_new(&(struct terminal_start){
            .rows = 24, .cols = 80, .arguments = arguments, .environment = environment});

        walk(t);
        if (has_color_sequence(terminal_raw(t)) != rows[i].color)
            fail_msg("%s with %s: colours are %s", rows[i].option, rows[i].setting,
                     rows[i].color ? "missing" : "there");
        terminal_free(t);
    }
}

static void known_terminals(void **state)
{
    static const char *const kinds[] = {
        "TERM=vt100",  "TERM=vt220",           "TERM=linux",
        "TERM=screen", "TERM=screen-256color", "TERM=tmux-256color",
        "TERM=xterm",  "TERM=xterm-mono",      "TERM=rxvt"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const char *environment[] = {kinds[i], NULL};
        struct terminal *t = terminal_new(&(struct terminal_start){
            .rows = 24, .cols = 80, .arguments = demo, .environment = environment});

        print_message("%s\n", kinds[i]);
        walk(t);
        terminal_send(t, "Q");
        assert_int_equal(terminal_wait(t), 1);
        terminal_free(t);
    }
}

/* Refused with one sentence, and nothing else is sent. */
static void expect_refused(const char *setting, const char *words)
{
    const char *environment[] = {setting, NULL};
    struct terminal *t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = demo, .environment = environment});

    assert_int_equal(terminal_wait(t), 2);
    assert_true(bytes_starts(terminal_raw(t), "cogtrail: "));
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of(words)), SIZE_MAX);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("TERM=xterm-256color")),
                         SIZE_MAX);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("-q")), SIZE_MAX);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);
}

static void terminals_that_will_not_do(void **state)
{
    (void)state;
    expect_refused("TERM", "TERM is unset");
    expect_refused("TERM=", "TERM is unset");
    expect_refused("TERM=dumb", "dumb");
}

static void unknown_terminal(void **state)
{
    static const char *const environment[] = {"TERM=x\033[31m", NULL};
    struct terminal *t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 120, .arguments = demo, .environment = environment});

    (void)state;
    terminal_type(t, "");
    assert_true(terminal_shows(t, "is unknown: using xterm-256color"));
    terminal_expect_clean(t);
    walk(t);
    terminal_free(t);
}

static void no_terminal_descriptions(void **state)
{
    static const char *const environment[] = {"TERM=xterm-kitty", "TERMINFO=/nonexistent",
                                              "TERMINFO_DIRS=/nonexistent", NULL};
    struct terminal *t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = demo, .environment = environment});

    (void)state;
    /* Where the library looks elsewhere too, it starts; where not, it says why not. */
    if (terminal_settle(t))
        assert_true(terminal_shows(t, "is unknown: using"));
    else
        assert_int_equal(terminal_wait(t), 2);
    terminal_free(t);
}

static void expect_ascii(const char *option, const char *setting, unsigned rows, unsigned cols)
{
    const char *arguments[] = {"--demo", option, NULL};
    const char *environment[] = {setting, NULL};
    struct terminal *t = terminal_new(&(struct terminal_start){
        .rows = rows, .cols = cols, .arguments = arguments, .environment = environment});
    struct bytes raw;

    walk(t);
    raw = terminal_raw(t);
    for (size_t i = 0; i < raw.len; i++) {
        if ((unsigned char)raw.ptr[i] >= 0x80)
            fail_msg("%s: byte %02x behind '%.*s'", setting, (unsigned char)raw.ptr[i],
                     (int)(i < 60 ? i : 60), raw.ptr + (i < 60 ? 0 : i - 60));
    }
    terminal_free(t);
}

static void ascii_only(void **state)
{
    (void)state;
    expect_ascii("--ascii", "LANG=C.UTF-8", 24, 80);
    expect_ascii(NULL, "LANG=C", 40, 140);
    expect_ascii(NULL, "LANG=xx_YY.UTF-8", 24, 80);
    expect_ascii(NULL, "LC_ALL=POSIX", 24, 80);
}

/* Without colours, signs and words still tell apart what colours tell apart. */
static void words_double_colors(void **state)
{
    static const char *const options[] = {"--color=never", "--ascii", NULL};
    struct terminal *t = terminal_demo(24, 80, options);
    unsigned marks = 0;

    (void)state;
    terminal_type(t, "ferror:*\r");
    for (unsigned row = 0; row < 24; row++)
        marks += terminal_row(t, row)[0] == '>';
    assert_int_equal(marks, 1);
    assert_true(terminal_shows(t, "NotAuth"));
    terminal_type(t, "m");
    assert_int_equal(terminal_row(t, 6)[1] == '*' || terminal_row(t, 7)[1] == '*', 1);
    assert_false(terminal_has_color(t));
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colors),
        cmocka_unit_test(known_terminals),
        cmocka_unit_test(terminals_that_will_not_do),
        cmocka_unit_test(unknown_terminal),
        cmocka_unit_test(no_terminal_descriptions),
        cmocka_unit_test(ascii_only),
        cmocka_unit_test(words_double_colors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
