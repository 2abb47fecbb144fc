/* The command line: what is taken, what is refused and with which words. */

#include "core/base/mem.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "tui/option.h"

enum { MAX_WORDS = 10 };

/* Splits at blanks; "%s" words cannot hold any. */
static bool parse(const char *line, struct options *out, struct buffer *message)
{
    static char copy[500];
    char *words[MAX_WORDS] = {copy};
    int count = 0;
    bool fine;

    (void)snprintf(copy, sizeof copy, "cogtrail %s", line);
    for (char *word = strtok(copy, " "); word && count < MAX_WORDS; word = strtok(NULL, " "))
        words[count++] = word;
    buffer_clear(message);
    fine = options_parse(count, words, out, message);
    return fine;
}

static void expect_refused(const char *line, const char *words)
{
    struct buffer message = {0};
    struct options o;

    if (parse(line, &o, &message))
        fail_msg("taken: %s", line);
    if (!strstr(buffer_cstr(&message), words) || !strstr(message.ptr, "--help"))
        fail_msg("%s: %s", line, message.ptr);
    assert_null(strchr(message.ptr, '\n'));
    for (size_t i = 0; i < message.len; i++)
        assert_in_range((unsigned char)message.ptr[i], 0x20, 0x7e);
    buffer_deinit(&message);
    options_deinit(&o);
}

static struct options expect_taken(const char *line)
{
    struct buffer message = {0};
    struct options o;

    if (!parse(line, &o, &message))
        fail_msg("%s: %s", line, buffer_cstr(&message));
    buffer_deinit(&message);
    return o;
}

static void test_paths(void **state)
{
    struct options o = expect_taken("a - b");

    (void)state;
    assert_int_equal(o.mode, MODE_EXPLORE);
    assert_int_equal(o.n_paths, 3);
    assert_string_equal(o.paths[1], "-");
    options_deinit(&o);
    o = expect_taken("--ascii -- --files -x");
    assert_true(o.ascii);
    assert_int_equal(o.mode, MODE_EXPLORE);
    assert_int_equal(o.n_paths, 2);
    assert_string_equal(o.paths[0], "--files");
    options_deinit(&o);
}

static void test_values(void **state)
{
    struct options o = expect_taken("-q ip:1.2.3.4 --format=jsonl a");

    (void)state;
    assert_int_equal(o.mode, MODE_QUERY);
    assert_string_equal(o.query, "ip:1.2.3.4");
    assert_int_equal(o.format, WRITER_JSONL);
    assert_true(o.format_given);
    options_deinit(&o);
    o = expect_taken("-qstats --format csv --color=always a");
    assert_string_equal(o.query, "stats");
    assert_int_equal(o.color, COLOR_WHEN_ALWAYS);
    options_deinit(&o);
    o = expect_taken("--color=never --keymap=vim --demo");
    assert_int_equal(o.color, COLOR_WHEN_NEVER);
    assert_string_equal(o.keymap, "vim");
    assert_true(o.demo);
    options_deinit(&o);
    o = expect_taken("--metrics --bin=1h --alarm throttles=5 --alarm=failure-rate=9/1m a");
    assert_int_equal(o.mode, MODE_METRICS);
    assert_string_equal(o.bin, "1h");
    assert_int_equal(o.n_alarms, 2);
    assert_string_equal(o.alarms[1], "failure-rate=9/1m");
    options_deinit(&o);
    o = expect_taken("--color=auto --fil a");
    assert_int_equal(o.color, COLOR_WHEN_AUTO);
    assert_int_equal(o.mode, MODE_FILES);
    options_deinit(&o);
}

static void test_help_wins(void **state)
{
    struct options o = expect_taken("--help --files a");

    (void)state;
    assert_int_equal(o.mode, MODE_HELP);
    options_deinit(&o);
    o = expect_taken("--files a -h");
    assert_int_equal(o.mode, MODE_HELP);
    options_deinit(&o);
    o = expect_taken("--version");
    assert_int_equal(o.mode, MODE_VERSION);
    options_deinit(&o);
}

static void test_refusals(void **state)
{
    (void)state;
    expect_refused("--nonsense a", "'--nonsense'");
    expect_refused("-Z a", "'-Z'");
    expect_refused("--no\033[31m\nx a", "'--no\\u001b[31m\\nx'");
    expect_refused("-q", "missing");
    expect_refused("--keymap", "missing");
    expect_refused("--ascii=yes a", "no value");
    expect_refused("--color=blue a", "auto|always|never");
    expect_refused("--format=xml -q x a", "text|csv|json|jsonl");
    expect_refused("--format=csv a", "--format");
    expect_refused("--demo a", "--demo");
    expect_refused("--files -q x a", "do not go together");
    expect_refused("-q x a --files", "do not go together");
    expect_refused("--f a", "ambiguous");
    expect_refused("--metrics --files a", "--metrics and --files");
    expect_refused("--files --bin=5m a", "--bin");
    expect_refused("-q x --alarm=throttles=5 a", "--alarm");
    expect_refused("--alarm", "missing");
    expect_refused("--sett a", "'--sett'"); /* what is not for users has no short form */
}

static void test_help_is_narrow_and_whole(void **state)
{
    struct buffer help = {0};
    size_t cols = 0;

    (void)state;
    options_help(&help);
    assert_true(bytes_starts(buffer_bytes(&help), "Example: "));
    for (size_t i = 0; i < help.len; i++) {
        cols = help.ptr[i] == '\n' ? 0 : cols + 1;
        assert_true(cols < 80);
    }
    for (size_t i = 0; i < option_count(); i++) {
        struct buffer name = {0};

        buffer_printf(&name, "--%s", option_get(i)->name);
        assert_true((bytes_find(buffer_bytes(&help), buffer_bytes(&name)) != SIZE_MAX) ==
                    (option_get(i)->help != NULL));
        buffer_deinit(&name);
    }
    buffer_deinit(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_help_wins),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_help_is_narrow_and_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
