// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/query/match.h"

static enum match_result try_match(enum match_kind kind, struct bytes pattern, bool caseless,
                                   struct bytes text)
{
    struct match *m = NULL;
    struct match_scratch *s = match_scratch_new();
    struct buffer message = {0};
    size_t offset;
    enum match_result result;

    assert_int_equal(match_new(kind, pattern, caseless, &m, &message, &offset), ERR_OK);
    result = match_test(m, s, text);
    match_free(m);
    match_scratch_free(s);
    buffer_deinit(&message);
    return result;
}

static enum match_result match_of(enum match_kind kind, const char *pattern, bool caseless,
                                  const char *text)
{
    return try_match(kind, bytes_of(pattern), caseless, bytes_of(text));
}

static void test_regex(void **state)
{
    (void)state;
    assert_int_equal(match_of(MATCH_REGEX, "Not.*Exc", false, "xNotAuthorizedException"),
                     MATCH_YES);
    assert_int_equal(match_of(MATCH_REGEX, "exception", false, "Exception"), MATCH_NO);
    assert_int_equal(match_of(MATCH_REGEX, "(?i)exception", false, "EXCEPTION"), MATCH_YES);
    assert_int_equal(match_of(MATCH_REGEX, "exception", true, "EXCEPTION"), MATCH_YES);
    assert_int_equal(match_of(MATCH_REGEX, "(?!a)b(?=c)", false, "bc"), MATCH_YES);
    assert_int_equal(match_of(MATCH_REGEX, "", false, ""), MATCH_YES);
}

static void test_literals(void **state)
{
    (void)state;
    assert_int_equal(match_of(MATCH_SUBSTRING, "a.c", false, "xa.cx"), MATCH_YES);
    assert_int_equal(match_of(MATCH_SUBSTRING, "a.c", false, "xabcx"), MATCH_NO);
    assert_int_equal(match_of(MATCH_SUBSTRING, "A.C", true, "xa.cx"), MATCH_YES);
    assert_int_equal(match_of(MATCH_SUBSTRING, "\u00c9", true, "caf\u00e9"), MATCH_YES);
    assert_int_equal(match_of(MATCH_EQUAL, "abc", false, "abc"), MATCH_YES);
    assert_int_equal(match_of(MATCH_EQUAL, "abc", false, "abcd"), MATCH_NO);
    assert_int_equal(match_of(MATCH_EQUAL, "ABC", true, "abc"), MATCH_YES);
    assert_int_equal(match_of(MATCH_EQUAL, "ABC", true, "abc\n"), MATCH_NO);
    assert_int_equal(match_of(MATCH_SUBSTRING, "", true, ""), MATCH_YES);
}

static void test_wildcards(void **state)
{
    (void)state;
    assert_int_equal(match_of(MATCH_WILDCARD, "Not*", false, "NotAuthorized"), MATCH_YES);
    assert_int_equal(match_of(MATCH_WILDCARD, "Not*", false, "xNotAuthorized"), MATCH_NO);
    assert_int_equal(match_of(MATCH_WILDCARD, "*ed", false, "Not\nAuthorized"), MATCH_YES);
    assert_int_equal(match_of(MATCH_WILDCARD, "a?c", false, "a\u00e9c"), MATCH_YES);
    assert_int_equal(match_of(MATCH_WILDCARD, "a(b*", false, "a(bcd"), MATCH_YES);
    assert_int_equal(match_of(MATCH_WILDCARD, "*", false, ""), MATCH_YES);
}

static void test_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    assert_int_equal(
        try_match(MATCH_REGEX, bytes_of("tail"), false, bytes_make("\xff\xfe tail\0x", 9)),
        MATCH_YES);
    assert_int_equal(
        try_match(MATCH_SUBSTRING, bytes_make("\xff\0", 2), false, bytes_make("a\xff\0b", 4)),
        MATCH_YES);
    assert_int_equal(try_match(MATCH_REGEX, bytes_of("^.$"), false, bytes_make("\xff", 1)),
                     MATCH_NO);
}

static void test_hostile_patterns_end_undecided(void **state)
{
    static const char *const patterns[] = {"(a+)+$", "(a|aa)+$", "(a|a?)+$",
                                           "^(([a-z])+.)+[A-Z]([a-z])+$"};
    char text[4096];

    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        assert_int_equal(
            try_match(MATCH_REGEX, bytes_of(patterns[i]), false, bytes_make(text, sizeof text)),
            MATCH_UNDECIDED);
}

static void test_scratch_is_fit_after_a_limit(void **state)
{
    struct match_scratch *s = match_scratch_new();
    struct match *bad = NULL, *good = NULL;
    struct buffer message = {0};
    char text[2048];
    size_t offset;

    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(match_new(MATCH_REGEX, bytes_of("(a+)+$"), false, &bad, &message, &offset),
                     ERR_OK);
    assert_int_equal(match_new(MATCH_REGEX, bytes_of("a{5}"), false, &good, &message, &offset),
                     ERR_OK);
    text[sizeof text - 1] = '!';
    for (int i = 0; i < 3; i++) {
        assert_int_equal(match_test(bad, s, bytes_make(text, sizeof text)), MATCH_UNDECIDED);
        assert_int_equal(match_test(good, s, bytes_make(text, sizeof text)), MATCH_YES);
    }
    match_free(bad);
    match_free(good);
    match_scratch_free(s);
    buffer_deinit(&message);
}

static void test_errors_have_a_place(void **state)
{
    struct match *m = NULL;
    struct buffer message = {0};
    size_t offset = 99;

    (void)state;
    assert_int_equal(match_new(MATCH_REGEX, bytes_of("ab(cd"), false, &m, &message, &offset),
                     ERR_QUERY);
    assert_null(m);
    assert_true(message.len > 0);
    assert_int_equal(offset, 5);
    buffer_deinit(&message);
}

static void test_named_groups(void **state)
{
    struct match *m = NULL;
    struct match_scratch *s = match_scratch_new();
    struct match_group named[4];
    struct bytes groups[4];
    struct buffer message = {0};
    size_t offset;

    (void)state;
    assert_int_equal(match_new(MATCH_REGEX, bytes_of("u=(?<user>\\w+)( m=(?<m>\\d+))?"), false,
                               &m, &message, &offset),
                     ERR_OK);
    assert_int_equal(match_groups(m, named, ARRAY_LEN(named)), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(bytes_are(named[i].name, named[i].number == 1 ? "user" : "m"));
    assert_int_equal(match_capture(m, s, bytes_of("x u=bob"), 0, groups, 4), MATCH_YES);
    assert_true(bytes_are(groups[0], "u=bob"));
    assert_true(bytes_are(groups[1], "bob"));
    assert_null(groups[3].ptr);
    match_free(m);
    match_scratch_free(s);
    buffer_deinit(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regex),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_bytes_that_are_not_utf8),
        cmocka_unit_test(test_hostile_patterns_end_undecided),
        cmocka_unit_test(test_scratch_is_fit_after_a_limit),
        cmocka_unit_test(test_errors_have_a_place),
        cmocka_unit_test(test_named_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
