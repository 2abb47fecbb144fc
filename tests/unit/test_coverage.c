/* What is there and what is not: hours without files, delays, values, notices. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdio.h>

#include "core/base/hash.h"
#include "core/base/instant.h"

#include "core/concluding/coverage.h"

#include "settle.h"

/* A log file delivered at `stamp` (HHMM of the day) with one event at `event` (HH:MM:SS). */
static void add_log(struct session *s, const char *region, const char *stamp, const char *event,
                    unsigned number, const char *call)
{
    struct buffer text = {0};
    char name[256];

    (void)snprintf(name, sizeof name,
                   "AWSLogs/111122223333/CloudTrail/%s/2026/11/18/"
                   "111122223333_CloudTrail_%s_20261118T%sZ_x%u.json",
                   region, region, stamp, number);
    buffer_printf(&text,
                  "{\"Records\":[{\"eventVersion\":\"1.08\",\"eventSource\":"
                  "\"cognito-idp.amazonaws.com\",\"eventName\":\"%s\",\"awsRegion\":\"%s\","
                  "\"eventTime\":\"2026-11-18T%sZ\",\"recipientAccountId\":\"111122223333\","
                  "\"eventID\":\"00000000-0000-4000-8000-%012u\"}]}",
                  call, region, event, number);
    archive_add_memory(session_archive(s), bytes_of(name), buffer_bytes(&text));
    buffer_deinit(&text);
}

static const struct coverage_line *find(struct coverage *c, const char *words)
{
    size_t n;
    const struct coverage_line *lines = coverage_lines(c, &n);

    for (size_t i = 0; i < n; i++)
        if (bytes_find(lines[i].text, bytes_of(words)) != SIZE_MAX)
            return &lines[i];
    return NULL;
}

static void hours_and_delays(void **state)
{
    struct session *s = session_new();
    const struct coverage_stream *stream;
    const struct coverage_line *line;
    struct coverage *c;

    (void)state;
    add_log(s, "eu-west-1", "0105", "01:04:00", 1, "InitiateAuth"); /* 1 min */
    add_log(s, "eu-west-1", "0155", "01:50:00", 2, "InitiateAuth"); /* 5 min */
    add_log(s, "eu-west-1", "0500", "04:50:00", 3, "InitiateAuth"); /* 10 min */
    add_log(s, "eu-west-1", "0610", "06:10:20", 4, "InitiateAuth"); /* within the stamp */
    add_log(s, "us-east-1", "0900", "09:20:00", 5, "InitiateAuth"); /* newer than it */
    archive_add_memory(session_archive(s),
                       bytes_of("AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/18/"
                                "111122223333_CloudTrail-Digest_eu-west-1_a_b_eu-west-1_"
                                "20261118T030000Z.json.gz"),
                       bytes_of("{\"digestStartTime\":\"x\",\"logFiles\":[]}"));
    session_start(s);
    session_wait(s);
    c = coverage_new(session_archive(s), session_index(s));
    assert_int_equal(c->n_streams, 2);
    stream = &c->streams[0];
    assert_true(bytes_are(stream->account, "111122223333"));
    assert_true(bytes_are(stream->region, "eu-west-1"));
    assert_int_equal(stream->files, 4); /* the digest at three is none */
    assert_int_equal(stream->hours, 6);
    assert_int_equal(stream->empty_hours, 3);
    assert_int_equal(stream->n_gaps, 1);
    assert_int_equal(stream->gaps[0].to_us - stream->gaps[0].from_us, 3 * INSTANT_HOUR);
    assert_int_equal(c->streams[1].empty_hours, 0);
    assert_int_equal(c->delay.files, 5);
    assert_int_equal(c->delay.early, 1);
    assert_int_equal(c->delay.median_us, INSTANT_MINUTE);
    assert_int_equal(c->delay.p99_us, 10 * INSTANT_MINUTE);
    assert_int_equal(c->delay.max_us, 10 * INSTANT_MINUTE);
    assert_true(bytes_find(c->delay.slowest->path, bytes_of("T0500Z")) != SIZE_MAX);
    line = find(c, "no file delivered from 2026-11-18 02:00:00 to 2026-11-18 05:00:00 (3 h)");
    assert_non_null(line);
    assert_true(line->warns);
    assert_int_equal(line->to_us - line->from_us, 3 * INSTANT_HOUR);
    assert_non_null(find(c, "4 log files delivered in 3 of 6 hours"));
    assert_non_null(find(c, "1 hold events newer than the minute"));
    coverage_free(c);
    session_free(s);
}

static void values_and_copies(void **state)
{
    struct session *s = session_new();
    struct coverage *c;

    (void)state;
    add_log(s, "eu-west-1", "0105", "01:04:00", 1, "InitiateAuth");
    add_log(s, "eu-west-1", "0106", "01:04:00", 1, "InitiateAuth"); /* a copy */
    add_log(s, "eu-west-1", "0107", "01:05:00", 2, "InitiateAuth");
    add_log(s, "us-east-1", "0108", "01:03:00", 3, "InitiateAuth");
    session_start(s);
    session_wait(s);
    c = coverage_new(session_archive(s), session_index(s));
    assert_int_equal(c->rows, 4);
    assert_int_equal(c->duplicates, 1);
    assert_int_equal(c->n_values[COVERAGE_REGION], 2);
    assert_true(bytes_are(c->values[COVERAGE_REGION][0].text, "eu-west-1"));
    assert_int_equal(c->values[COVERAGE_REGION][0].events, 2);
    assert_int_equal(c->values[COVERAGE_REGION][0].last_us -
                         c->values[COVERAGE_REGION][0].first_us,
                     INSTANT_MINUTE);
    assert_int_equal(c->values[COVERAGE_REGION][1].events, 1);
    assert_int_equal(c->n_values[COVERAGE_POOL], 1);
    assert_int_equal(c->values[COVERAGE_POOL][0].state, VALUE_ABSENT);
    assert_int_equal(c->values[COVERAGE_POOL][0].events, 3);
    coverage_free(c);
    session_free(s);
}

/* A notice appears exactly when what it speaks of is missing, or there. */
static void notices(void **state)
{
    static const struct {
        const char *call;
        bool identity;
    } rows[] = {
        {"InitiateAuth",              true },
        {"GetCredentialsForIdentity", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct session *s = session_new();
        struct coverage *c;

        add_log(s, "eu-west-1", "0105", "01:04:00", 1, rows[i].call);
        session_start(s);
        session_wait(s);
        c = coverage_new(session_archive(s), session_index(s));
        assert_int_equal(find(c, "put-event-selectors") != NULL, rows[i].identity);
        assert_non_null(find(c, "No export of user activity is here"));
        assert_null(find(c, "lower bounds"));
        coverage_free(c);
        session_free(s);
    }
}

static void nothing(void **state)
{
    struct session *s = session_new();
    struct coverage *c = coverage_new(session_archive(s), NULL);

    (void)state;
    assert_non_null(find(c, "0 files = 0 read + 0 damaged + 0 skipped + 0 not read"));
    assert_int_equal(c->n_streams, 0);
    coverage_free(c);
    session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_and_delays),
        cmocka_unit_test(values_and_copies),
        cmocka_unit_test(notices),
        cmocka_unit_test(nothing),
    };

    hash_seed();
    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
