/* What completion offers at the caret of an unfinished line. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/query/query_hint.h"

static const struct {
    const char *line;
    enum hint_kind kind;
    const char *prefix;
    enum field_id field; /* of HINT_VALUE */
    bool quick;
} lines[] = {
  /* quick terms */
    {"",                                       HINT_TERM,      "",       0,           false},
    {"err",                                    HINT_TERM,      "err",    0,           false},
    {"ip=10.0.0.1 -er",                        HINT_TERM,      "er",     0,           false},
    {"error=Not",                              HINT_VALUE,     "Not",    FIELD_ERROR, true },
    {"error = Not",                            HINT_VALUE,     "Not",    FIELD_ERROR, true },
    {"error:Not",                              HINT_VALUE,     "Not",    FIELD_ERROR, true },
    {"-error!=Not",                            HINT_VALUE,     "Not",    FIELD_ERROR, true },
    {"error:A,B",                              HINT_VALUE,     "B",      FIELD_ERROR, true },
    {"agent=\"curl 7",                         HINT_VALUE,     "curl 7", FIELD_AGENT, true },
    {"(ip=1",                                  HINT_VALUE,     "1",      FIELD_IP,    true },
    {"nofield=x",                              HINT_NONE,      "",       0,           false},
    {"\"free te",                              HINT_NONE,      "",       0,           false},
    {"filter",                                 HINT_TERM,      "filter", 0,           false},
 /* commands */
    {"ip=1 | sta",                             HINT_COMMAND,   "sta",    0,           false},
    {"filter ",                                HINT_EXPR,      "",       0,           false},
    {"filter err",                             HINT_EXPR,      "err",    0,           false},
    {"filter error = \"Not",                   HINT_VALUE,     "Not",    FIELD_ERROR, false},
    {"filter error = Not",                     HINT_VALUE,     "Not",    FIELD_ERROR, false},
    {"filter ip like \"203.",                  HINT_VALUE,     "203.",   FIELD_IP,    false},
    {"filter ip not in [\"a\", \"b",           HINT_VALUE,     "b",      FIELD_IP,    false},
    {"filter ip in [\"a\",",                   HINT_VALUE,     "",       FIELD_IP,    false},
    {"filter a = \"|\" and error=\"N",         HINT_VALUE,     "N",      FIELD_ERROR, false},
    {"stats co",                               HINT_AGGREGATE, "co",     0,           false},
    {"stats count(*) as n, su",                HINT_AGGREGATE, "su",     0,           false},
    {"stats count_distinct(i",                 HINT_EXPR,      "i",      0,           false},
    {"stats count(*) as n",                    HINT_NONE,      "",       0,           false},
    {"stats count(*) by ",                     HINT_EXPR,      "",       0,           false},
    {"stats count(*) by i",                    HINT_EXPR,      "i",      0,           false},
    {"fields @timestamp | filter x | limit 1", HINT_NONE,      "",       0,           false},
};

static void tells_what_can_follow(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct bytes line = bytes_of(lines[i].line);
        struct hint hint = query_hint(line);

        if (hint.kind != lines[i].kind || !bytes_are(hint.prefix, lines[i].prefix))
            fail_msg("%s: kind %d, prefix %.*s", lines[i].line, hint.kind, (int)hint.prefix.len,
                     hint.prefix.len ? hint.prefix.ptr : "");
        assert_true(hint.from <= line.len);
        if (hint.kind == HINT_VALUE) {
            assert_int_equal(hint.field, lines[i].field);
            assert_int_equal(hint.quick, lines[i].quick);
        }
    }
}

/* What completion writes is read as that value again. */
static void writes_values_that_read_back(void **state)
{
    static const char *const values[] = {"plain", "two words",   "a\"b", "a,b",     "x|y",
                                         "st*r",  "caf\xc3\xa9", "(x)",  "\x1b[31m"};
    struct query_options options = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        struct query_error error = {0};
        struct query *quick = NULL, *query = NULL;
        struct buffer text = {0};

        buffer_add_text(&text, "agent=");
        query_hint_write(&text, bytes_of(values[i]), true);
        assert_int_equal(query_parse(buffer_bytes(&text), &options, &quick, &error), ERR_OK);
        buffer_clear(&text);
        buffer_add_text(&text, "filter agent = ");
        query_hint_write(&text, bytes_of(values[i]), false);
        assert_int_equal(query_parse(buffer_bytes(&text), &options, &query, &error), ERR_OK);
        assert_true(query_is_filter(quick) && query_is_filter(query));
        query_free(quick);
        query_free(query);
        buffer_deinit(&text);
    }
}

static void words_are_those_of_the_language(void **state)
{
    struct hint_word word;
    bool stats = false, bin = false, count = false;

    (void)state;
    for (size_t i = 0; query_hint_word(i, &word); i++) {
        stats |= word.kind == HINT_COMMAND && bytes_are(word.name, "stats");
        bin |= word.kind == HINT_EXPR && bytes_are(word.name, "bin");
        count |= word.kind == HINT_AGGREGATE && bytes_are(word.name, "count");
        assert_false(bytes_are(word.name, "join"));
    }
    assert_true(stats && bin && count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_can_follow),
        cmocka_unit_test(writes_values_that_read_back),
        cmocka_unit_test(words_are_those_of_the_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
