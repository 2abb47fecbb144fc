/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "core/base/instant.h"

#include "tests/unit/corpus.h"

static int64_t parsed(const char *text)
{
    int64_t us = -7;

    if (!instant_parse(bytes_of(text), &us))
        fail_msg("refused: %s", text);
    return us;
}

static void refused(const char *text)
{
    int64_t us = -7;

    if (instant_parse(bytes_of(text), &us))
        fail_msg("taken: %s", text);
    assert_int_equal(us, -7);
}

static void expect(int64_t us, enum instant_style style, int64_t offset_us, const char *wanted)
{
    struct buffer out = {0};

    instant_add(&out, us, style, offset_us);
    if (!bytes_are(buffer_bytes(&out), wanted))
        fail_msg("%.*s instead of %s", (int)out.len, out.ptr, wanted);
    buffer_deinit(&out);
}

static void reads_iso_times(void **state)
{
    const int64_t base = INT64_C(1767225600) * INSTANT_SECOND; /* date -u -d 2026-01-01 +%s */

    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parsed("2026-01-01T00:00:00Z"), base);
    assert_int_equal(parsed("2026-01-01t00:00:00z"), base);
    assert_int_equal(parsed("2026-01-01 00:00:00"), base);
    assert_int_equal(parsed("2026-01-01 00:00:00Z"), base);
    assert_int_equal(parsed("2026-01-01T00:00:00"), base);
    assert_int_equal(parsed("2026-01-01T00:00:00.5Z"), base + 500000);
    assert_int_equal(parsed("2026-01-01T00:00:00.123"), base + 123000);
    assert_int_equal(parsed("2026-01-01T00:00:00.123456789Z"), base + 123456);
    assert_int_equal(parsed("2026-01-01T09:00:00+09:00"), base);
    assert_int_equal(parsed("2026-01-01T09:00:00.25+0900"), base + 250000);
    assert_int_equal(parsed("2025-12-31T18:30:00-05:30"), base);
    assert_int_equal(parsed("1969-12-31T23:59:59.75Z"), -250000);
    assert_int_equal(parsed("2026-06-30T23:59:60Z"), parsed("2026-07-01T00:00:00Z"));
    assert_int_equal(parsed("2026-06-30T23:59:60.9Z"), parsed("2026-07-01T00:00:00Z"));
    assert_int_equal(parsed("0001-01-01T00:00:00Z"), INT64_C(-62135596800) * INSTANT_SECOND);
    assert_int_equal(parsed("9999-12-31T23:59:59Z"), INT64_C(253402300799) * INSTANT_SECOND);
    assert_int_equal(parsed("2000-02-29T00:00:00Z"), INT64_C(951782400) * INSTANT_SECOND);
}

static void reads_other_forms(void **state)
{
    (void)state;
    assert_int_equal(parsed("Wed Jul 17 17:25:55 UTC 2024"), parsed("2024-07-17T17:25:55Z"));
    assert_int_equal(parsed("Wed Jul 17 17:25:55 GMT 2024"), parsed("2024-07-17T17:25:55Z"));
    assert_int_equal(parsed("Wed Jul 17 17:25:55 Z 2024"), parsed("2024-07-17T17:25:55Z"));
    assert_int_equal(parsed("09/Oct/2025:07:34:30 +0000"), parsed("2025-10-09T07:34:30Z"));
    assert_int_equal(parsed("09/Oct/2025:07:34:30 -0130"), parsed("2025-10-09T09:04:30Z"));
}

static void refuses_what_is_no_time(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-01-01",
        "2026-01-01T00:00Z",
        "10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+9",
        "2026-01-01T00:00:00+09",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+09:60",
        "2026-01-01T00:00:00 +09:00",
        "2026-01-01_00:00:00Z",
        "2026-01-01T00-00:00Z",
        "2026/01/01T00:00:00Z",
        "2026-01-01T0a:00:00Z",
        "2026-01-01T00:00:00Q",
        "Wed Jul 17 17:25:55 CEST 2024",
        "Wed Jul 17 17:25:55 XXX 2024",
        "Wed Jul 17 17:25:55  2024 UTC",
        "Xed Jul 17 17:25:55 UTC 2024",
        "Wed Jux 17 17:25:55 UTC 2024",
        "Wed Jul 32 17:25:55 UTC 2024",
        "09/Oct/2025:07:34:30 +9999",
        "09/Okt/2025:07:34:30 +0000",
        "31/Sep/2025:07:34:30 +0000",
        "09/Oct/2025:07:34:30 +00000",
        "09/Oct/2025 07:34:30 +0000",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refused(bad[i]);
    assert_false(instant_parse(bytes_make(NULL, 0), &(int64_t){0}));
}

/* Every length of every good form is read without touching the byte behind it. */
static void reads_no_byte_too_many(void **state)
{
    static const char *const forms[] = {"2026-01-01T00:00:00.123456789+09:00",
                                        "Wed Jul 17 17:25:55 UTC 2024",
                                        "09/Oct/2025:07:34:30 +0000"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        for (size_t len = 1; len <= strlen(forms[i]); len++) {
            char *exact = malloc(len);
            int64_t us;

            memcpy(exact, forms[i], len);
            (void)instant_parse(bytes_make(exact, len), &us);
            free(exact);
        }
    }
}

static void agrees_with_the_corpus(void **state)
{
    /* By the `why` of the row; what is not named here must be refused. */
    static const struct {
        const char *why, *time;
    } wanted[] = {
        {"ok",                   "2026-01-01T00:00:00Z"       },
        {"fraction",             "2026-01-01T00:00:00.123Z"   },
        {"offset",               "2025-12-31T15:00:00Z"       },
        {"leap second",          "2026-07-01T00:00:00Z"       },
        {"leap day",             "2024-02-29T00:00:00Z"       },
        {"year 1",               "0001-01-01T00:00:00Z"       },
        {"year 9999",            "9999-12-31T23:59:59Z"       },
        {"space",                "2026-01-01T00:00:00Z"       },
        {"epoch",                "1970-01-01T00:00:00Z"       },
        {"after 2^31",           "2038-01-19T03:14:08Z"       },
        {"after int64 ns",       "2262-04-11T23:47:17Z"       },
        {"epoch ms string",      "2023-06-20T21:42:10.677Z"   },
        {"epoch s",              "2023-06-20T21:42:10Z"       },
        {"epoch us",             "2023-06-20T21:42:10.677Z"   },
        {"epoch ns",             "2023-06-20T21:42:10.677Z"   },
        {"2^63",                 "2262-04-11T23:47:16.854775Z"},
        {"creationDate",         "2024-07-17T17:25:55Z"       },
        {"$context.requestTime", "2026-01-01T00:00:00Z"       },
    };
    struct buffer file = {0};
    size_t matched = 0;
    cJSON *list;
    const cJSON *row;

    (void)state;
    if (!corpus_read("corpora/own/times.json", &file))
        skip();
    list = cJSON_ParseWithLength(file.ptr, file.len);
    assert_non_null(list);
    cJSON_ArrayForEach(row, list)
    {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(row, "v"));
        const char *why = cJSON_GetStringValue(cJSON_GetObjectItem(row, "why")), *unit;
        const char *time = NULL;
        int64_t us;
        bool good;

        if (!text)
            continue;
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
            time = strcmp(why, wanted[i].why) == 0 ? wanted[i].time : time;
        good = instant_parse(bytes_of(text), &us) ||
               instant_from_epoch(bytes_of(text), &us, &unit);
        if (good != (time != NULL) || (good && us != parsed(time)))
            fail_msg("%s (%s)", text, why);
        matched += good;
    }
    assert_int_equal(matched, ARRAY_LEN(wanted));
    cJSON_Delete(list);
    buffer_deinit(&file);
}

static void reads_epochs(void **state)
{
    static const struct {
        const char *text, *unit;
        int64_t us;
    } good[] = {
        {"100000000",           "s",  INT64_C(100000000000000) },
        {"1687297330",          "s",  INT64_C(1687297330000000)},
        {"1687297330.677",      "s",  INT64_C(1687297330677000)},
        {"9999999999",          "s",  INT64_C(9999999999000000)},
        {"100000000000",        "ms", INT64_C(100000000000000) },
        {"1687297330677",       "ms", INT64_C(1687297330677000)},
        {"9999999999999",       "ms", INT64_C(9999999999999000)},
        {"1687297330677123",    "us", INT64_C(1687297330677123)},
        {"1687297330677123999", "ns", INT64_C(1687297330677123)},
        {"9999999999999999999", "ns", INT64_C(9999999999999999)},
    };
    static const char *const bad[] = {
        "",
        "0",
        "-1",
        "99999999",
        "10000000000",
        "1e400",
        "NaN",
        "12.5",
        "1687297330.",
        "1687297330677.5",
        "18446744073709551616",
        ".5",
        "1 ",
        "+1687297330",
        "1687297330.6x",
        "10000000000000000000",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        const char *unit = NULL;
        int64_t us = 0;

        assert_true(instant_from_epoch(bytes_of(good[i].text), &us, &unit));
        assert_int_equal(us, good[i].us);
        assert_string_equal(unit, good[i].unit);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *unit = NULL;
        int64_t us = -7;

        if (instant_from_epoch(bytes_of(bad[i]), &us, &unit) || us != -7 || unit)
            fail_msg("taken: %s", bad[i]);
    }
}

static void writes_every_style(void **state)
{
    int64_t us = parsed("2026-11-18T09:10:07.120034Z");

    (void)state;
    expect(us, INSTANT_ISO, 0, "2026-11-18T09:10:07.120034Z");
    expect(us - 34, INSTANT_ISO, 0, "2026-11-18T09:10:07.120Z");
    expect(us - 120034, INSTANT_ISO, 0, "2026-11-18T09:10:07Z");
    expect(us - 120034, INSTANT_ISO, 9 * INSTANT_HOUR, "2026-11-18T18:10:07+09:00");
    expect(us - 120034, INSTANT_ISO, -90 * INSTANT_MINUTE, "2026-11-18T07:40:07-01:30");
    expect(us, INSTANT_TABLE, 0, "2026-11-18 09:10:07");
    expect(us, INSTANT_TABLE, -10 * INSTANT_HOUR, "2026-11-17 23:10:07");
    expect(us, INSTANT_SHORT, 0, "11-18 09:10:07");
    expect(us, INSTANT_CLOCK, 0, "09:10:07");
    expect(us, INSTANT_MINUTES, 0, "09:10");
    expect(us, INSTANT_DATE, 0, "2026-11-18");
    expect(us, INSTANT_INSIGHTS, 0, "2026-11-18 09:10:07.120");
    expect(-1, INSTANT_ISO, 0, "1969-12-31T23:59:59.999999Z");
    expect(INSTANT_NONE, INSTANT_TABLE, INSTANT_HOUR, "-");
    expect(parsed("0001-01-01T00:00:00Z"), INSTANT_TABLE, 0, "0001-01-01 00:00:00");
    expect(parsed("9999-12-31T23:59:60Z"), INSTANT_DATE, 0, "10000-01-01");
    expect(INT64_MAX, INSTANT_TABLE, INSTANT_HOUR, "294247-01-10 04:00:54");
    expect(INT64_MIN + 1, INSTANT_TABLE, 0, "-290308-12-21 19:59:05");
}

static void round_trips_every_day(void **state)
{
    int64_t us = parsed("0001-01-01T00:00:00Z"), day;
    struct buffer out = {0};

    (void)state;
    for (; us < parsed("9999-12-31T00:00:00Z"); us += 11 * INSTANT_DAY + 3661000001) {
        buffer_clear(&out);
        instant_add(&out, us, INSTANT_ISO, 0);
        assert_true(instant_parse(buffer_bytes(&out), &day));
        assert_int_equal(day, us);
    }
    buffer_deinit(&out);
    assert_true(instant_from_civil(2024, 2, 29, &day));
    assert_int_equal(day, parsed("2024-02-29T00:00:00Z"));
    assert_false(instant_from_civil(2023, 2, 29, &day));
    assert_false(instant_from_civil(0, 1, 1, &day));
    assert_false(instant_from_civil(2023, 13, 1, &day));
    assert_false(instant_from_civil(2023, 1, -1, &day));
    assert_false(instant_from_civil(10000, 1, 1, &day));
}

static void handles_spans(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } shown[] = {
        {-5,                                        "0s"    },
        {INT64_MIN,                                 "0s"    },
        {42 * INSTANT_SECOND + 999999,              "42s"   },
        {17 * INSTANT_MINUTE + 59 * INSTANT_SECOND, "17m"   },
        {125 * INSTANT_MINUTE,                      "2h 05m"},
        {76 * INSTANT_HOUR,                         "3d 04h"},
    };
    static const char *const bad[] = {"",   "5",   "m",   "5x",
                                      "0s", "-5m", "5 m", "99999999999999w"};
    int64_t us = -7;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        struct buffer out = {0};

        instant_add_span(&out, shown[i].us);
        assert_true(bytes_are(buffer_bytes(&out), shown[i].text));
        buffer_deinit(&out);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(instant_parse_span(bytes_of(bad[i]), &us));
    assert_int_equal(us, -7);
    assert_true(instant_parse_span(bytes_of("300s"), &us));
    assert_int_equal(us, 5 * INSTANT_MINUTE);
    assert_true(instant_parse_span(bytes_of("5m"), &us));
    assert_int_equal(us, 5 * INSTANT_MINUTE);
    assert_true(instant_parse_span(bytes_of("1h"), &us));
    assert_int_equal(us, INSTANT_HOUR);
    assert_true(instant_parse_span(bytes_of("2d"), &us));
    assert_int_equal(us, 2 * INSTANT_DAY);
    assert_true(instant_parse_span(bytes_of("1w"), &us));
    assert_int_equal(us, 7 * INSTANT_DAY);
}

static void floors_on_both_sides_of_the_epoch(void **state)
{
    (void)state;
    assert_int_equal(instant_floor(0, INSTANT_HOUR), 0);
    assert_int_equal(instant_floor(INSTANT_HOUR - 1, INSTANT_HOUR), 0);
    assert_int_equal(instant_floor(INSTANT_HOUR, INSTANT_HOUR), INSTANT_HOUR);
    assert_int_equal(instant_floor(-1, INSTANT_HOUR), -INSTANT_HOUR);
    assert_int_equal(instant_floor(-INSTANT_HOUR, INSTANT_HOUR), -INSTANT_HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_iso_times),
        cmocka_unit_test(reads_other_forms),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(reads_no_byte_too_many),
        cmocka_unit_test(agrees_with_the_corpus),
        cmocka_unit_test(reads_epochs),
        cmocka_unit_test(writes_every_style),
        cmocka_unit_test(round_trips_every_day),
        cmocka_unit_test(handles_spans),
        cmocka_unit_test(floors_on_both_sides_of_the_epoch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
