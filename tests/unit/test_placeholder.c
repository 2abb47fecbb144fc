// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/query/placeholder.h"
#include "core/query/query.h"

static void test_a_query_waits_for_values(void **state)
{
    static const struct {
        const char *text, *name;
        size_t column;
    } cases[] = {
        {"filter ip = {{ip}}",                        "ip",            13},
        {"filter ip = \"{{ source ip }}\"",           "source ip",     14},
        {"# {{no}}\nfilter ip like /{{part}}/",       "part",          17},
        {"filter userIdentity.arn = <your-role-arn>", "your-role-arn", 27},
        {"filter ip in [<first ip>, \"x\"]",          "first ip",      15},
        {"stats count(*) by <field>",                 "field",         19},
        {"limit {{n}}",                               "n",             7 },
        {"ip:{{ip}}",                                 "ip",            4 },
    };
    struct query_options o = {.last_event_us = INSTANT_NONE};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bytes text = bytes_of(cases[i].text);
        struct query_error e;
        struct query *q;

        if (query_parse(text, &o, &q, &e) == ERR_OK)
            fail_msg("accepted: %s", cases[i].text);
        if (!bytes_are(e.placeholder, cases[i].name) || e.column != cases[i].column)
            fail_msg("%s: column %zu, %s", cases[i].text, e.column, buffer_cstr(&e.message));
        /* A view into the text that the caller has. */
        assert_true(e.placeholder.ptr > text.ptr && e.placeholder.ptr < text.ptr + text.len);
        query_error_deinit(&e);
    }
}

static void test_what_only_looks_so(void **state)
{
    static const char *const cases[] = {
        "filter a < b and c > d",
        "filter a <> b",
        "filter x = \"<script>\"",
        "filter x like /<a>/",
        "filter x like /a{2}/",
        "filter x = \"{{7*7}}\"",
        "filter x = \"\\x7b{config}}\"",
        "filter x like /\\{{config}}/",
        "{{7*7}}",
        "filter `{{a}}` = 1",
        "# <x> {{y}}\nfilter a = 1",
    };
    struct query_options o = {.last_event_us = INSTANT_NONE};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct query_error e;
        struct query *q, *again;

        if (query_parse(bytes_of(cases[i]), &o, &q, &e) != ERR_OK)
            fail_msg("%s: %s", cases[i], buffer_cstr(&e.message));
        if (query_parse(query_text(q), &o, &again, &e) != ERR_OK)
            fail_msg("%s written: %s", cases[i], buffer_cstr(&e.message));
        query_free(q);
        query_free(again);
    }
}

static void test_values_are_filled_in(void **state)
{
    static const struct {
        const char *text, *value, *filled;
    } cases[] = {
        {"ip = {{x}}",            "203.0.113.5", "ip = \"203.0.113.5\""              },
        {"status = {{x}}",        "400",         "status = 400"                      },
        {"n > {{x}}",             "1.5",         "n > 1.5"                           },
        {"ip = <x>",              "cognito",     "ip = \"cognito\""                  },
        {"ip = <x> or <x> = ip",  "a\"b\\",      "ip = \"a\\\"b\\\\\" or a\"b\\ = ip"},
        {"ip = \"{{x}}\"",        "a\"b",        "ip = \"a\\\"b\""                   },
        {"ip = '{{x}}'",          "a'b\"",       "ip = 'a\\'b\"'"                    },
        {"ip = <x>",              "\"quoted\"",  "ip = \"quoted\""                   },
        {"a in [<x>, <x>]",       "b",           "a in [\"b\", \"b\"]"               },
        {"a like /{{x}}.*/",      "b/c\\d",      "a like /b\\/c\\d.*/"               },
        {"a like <x>",            "b",           "a like \"b\""                      },
        {"a like <x>",            "/b/",         "a like /b/"                        },
        {"limit {{x}}",           "5",           "limit 5"                           },
        {"stats count(*) by <x>", "ip",          "stats count(*) by ip"              },
        {"bin({{x}})",            "5m",          "bin(5m)"                           },
        {"ip:{{x}}",              "10.0.0.0/8",  "ip:10.0.0.0/8"                     },
        {"user:{{x}}",            "a b",         "user:\"a b\""                      },
        {"a = {{y}} # {{x}}",     "1",           "a = {{y}} # {{x}}"                 },
        {"a = \"<x>\"",           "1",           "a = \"<x>\""                       },
        {"a = {{ x }}",           "",            "a = \"\""                          },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out = {0};

        placeholder_fill(&out, bytes_of(cases[i].text), bytes_of("x"),
                         bytes_of(cases[i].value));
        assert_string_equal(buffer_cstr(&out), cases[i].filled);
        buffer_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_query_waits_for_values),
        cmocka_unit_test(test_what_only_looks_so),
        cmocka_unit_test(test_values_are_filled_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
