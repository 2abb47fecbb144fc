// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/query/calendar.h"

/* Written with strftime(3) and date(1), TZ=UTC. */
static void test_formats(void **state)
{
    static const struct {
        const char *at, *format, *zone, *text;
    } cases[] = {
        {"2025-03-01T09:05:07Z",    "%Y-%m-%d %H:%M:%S",       "UTC",    "2025-03-01 09:05:07"},
        {"2025-03-01T09:05:07.25Z", "%F %T.%L %f",             "UTC",
         "2025-03-01 09:05:07.250 "
         "250000"                                                                             },
        {"2025-03-01T09:05:07Z",    "%a %A %b %B %e|%j|%u|%w", "Z",
         "Sat Saturday Mar March  "
         "1|060|6|6"                                                                          },
        {"2024-12-31T23:59:59Z",    "%D %R %I %p %j %s %y",    "GMT",
         "12/31/24 23:59 11 PM "
         "366 1735689599 24"                                                                  },
        {"2024-12-31T23:59:59Z",    "%F %T %z %Z",             "+05:30",
         "2025-01-01 05:29:59 "
         "+0530 +05:30"                                                                       },
        {"2024-12-31T23:59:59Z",    "%F %H %z %Z",             "-0800",
         "2024-12-31 15 -0800 "
         "-08:00"                                                                             },
        {"2024-12-31T00:30:00Z",    "%I %p%%%n%t%h",           "UTC",    "12 AM%\n\tDec"      },
        {"1969-12-31T23:59:59.5Z",  "%F %T.%L %s",             "UTC",
         "1969-12-31 23:59:59.500 "
         "-1"                                                                                 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer text = {0};
        int64_t at, shift;
        size_t bad;

        assert_true(instant_parse(bytes_of(cases[i].at), &at));
        assert_true(calendar_zone(bytes_of(cases[i].zone), &shift));
        assert_true(calendar_format_is_good(bytes_of(cases[i].format), &bad));
        calendar_write(&text, at, bytes_of(cases[i].format), shift);
        assert_string_equal(buffer_cstr(&text), cases[i].text);
        buffer_deinit(&text);
    }
}

static void test_patterns(void **state)
{
    static const struct {
        const char *text, *pattern, *zone, *at; /* NULL: no match */
    } cases[] = {
        {"2025-03-01",                     "yyyy-MM-dd",                      "UTC",    "2025-03-01T00:00:00Z"  },
        {"2025-03-01T09:05:07.123+02:00",  "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",    "UTC",
         "2025-03-01T07:05:07.123Z"                                                                             },
        {"2025-03-01T09:05:07Z",           "uuuu-MM-dd'T'HH:mm:ssX",          "+05:00", "2025-03-01T09:05:07Z"  },
        {"2025-03-01 09:05",               "yyyy-MM-dd HH:mm",                "+05:00", "2025-03-01T04:05:00Z"  },
        {"1 Mar 25, 12:30 am",             "d MMM yy, h:mm a",                "UTC",    "2025-03-01T00:30:00Z"  },
        {"Sat 01/March/2025 o'clock 7 PM", "EEE dd/MMMM/yyyy 'o''clock' h a", "UTC",
         "2025-03-01T19:00:00Z"                                                                                 },
        {"Sat 01/March/2025 o 7 PM",       "EEE dd/MMMM/yyyy 'o' h a",        "UTC",    "2025-03-01T19:00:00Z"  },
        {"01.03.2025 GMT",                 "dd.MM.yyyy z",                    "UTC",    "2025-03-01T00:00:00Z"  },
        {"09:05:07.5",                     "HH:mm:ss.S",                      "UTC",    "1970-01-01T09:05:07.5Z"},
        {"2025-02-30",                     "yyyy-MM-dd",                      "UTC",    NULL                    },
        {"2025-03-01x",                    "yyyy-MM-dd",                      "UTC",    NULL                    },
        {"2025-3-1",                       "yyyy-MM-dd",                      "UTC",    NULL                    },
        {"2025-3-1",                       "yyyy-M-d",                        "UTC",    "2025-03-01T00:00:00Z"  },
        {"24:00",                          "HH:mm",                           "UTC",    NULL                    },
        {"13 PM",                          "h a",                             "UTC",    NULL                    },
        {"",                               "yyyy",                            "UTC",    NULL                    },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t at = 0, wanted = 0, shift;
        size_t bad;
        bool found;

        assert_true(calendar_zone(bytes_of(cases[i].zone), &shift));
        assert_true(calendar_pattern_is_good(bytes_of(cases[i].pattern), &bad));
        found = calendar_parse(bytes_of(cases[i].text), bytes_of(cases[i].pattern), shift, &at);
        if (found != (cases[i].at != NULL))
            fail_msg("%s by %s", cases[i].text, cases[i].pattern);
        if (found) {
            assert_true(instant_parse(bytes_of(cases[i].at), &wanted));
            if (at != wanted)
                fail_msg("%s by %s: %lld", cases[i].text, cases[i].pattern, (long long)at);
        }
    }
}

static void test_what_is_not_known_is_named(void **state)
{
    size_t bad = 99;
    int64_t shift;

    (void)state;
    assert_false(calendar_format_is_good(bytes_of("%Y %q"), &bad));
    assert_int_equal(bad, 3);
    assert_false(calendar_format_is_good(bytes_of("%Y%"), &bad));
    assert_int_equal(bad, 2);
    assert_false(calendar_pattern_is_good(bytes_of("yyyy QQ"), &bad));
    assert_int_equal(bad, 5);
    assert_false(calendar_pattern_is_good(bytes_of("yyyy'T"), &bad));
    assert_int_equal(bad, 4);
    assert_false(calendar_pattern_is_good(bytes_of("yyyyy"), &bad));
    assert_false(calendar_pattern_is_good(bytes_of("[yyyy]"), &bad));
    assert_false(calendar_zone(bytes_of("Europe/Berlin"), &shift));
    assert_false(calendar_zone(bytes_of("+99:00"), &shift));
    assert_false(calendar_zone(bytes_of("+2"), &shift));
    assert_true(calendar_zone(bytes_of("-03:30"), &shift));
    assert_int_equal(shift, -(3 * INSTANT_HOUR + 30 * INSTANT_MINUTE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_what_is_not_known_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
