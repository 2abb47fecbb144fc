// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/table.h"
#include "core/query/filters.h"

#include "tests/unit/world.h"

static const char small[] =
    "{\"Records\":["
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:00:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"awsRegion\":\"eu-west-1\","
    "\"sourceIPAddress\":\"203.0.113.5\",\"errorCode\":\"NotAuthorizedException\",\"eventID\":"
    "\"00000000-0000-4000-8000-000000000001\",\"eventType\":\"AwsApiCall\","
    "\"requestParameters\":{"
    "\"authFlow\":\"USER_PASSWORD_AUTH\",\"items\":[{\"n\":1},{\"n\":25}],\"a b\":\"x\\ny\"}},"
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:07:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"awsRegion\":\"eu-west-1\","
    "\"sourceIPAddress\":\"203.0.113.6\",\"eventID\":\"00000000-0000-4000-8000-000000000002\","
    "\"eventType\":\"AwsApiCall\",\"requestParameters\":{\"items\":[{\"n\":3}],\"n\":null}},"
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T11:00:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"SignUp\",\"awsRegion\":\"eu-west-1\","
    "\"sourceIPAddress\":\"203.0.113.5\",\"errorCode\":\"NotAuthorizedException\",\"eventID\":"
    "\"00000000-0000-4000-8000-000000000003\",\"eventType\":\"AwsApiCall\","
    "\"requestParameters\":{"
    "\"items\":[]}}]}";

static void test_tables(void **state)
{
    struct world *w = world_new("small.json", bytes_of(small));

    (void)state;
    expect(w, "fields ip, error",
           "203.0.113.5,NotAuthorizedException|203.0.113.6,-|"
           "203.0.113.5,NotAuthorizedException");
    expect(w, "fields @timestamp | sort @timestamp asc | limit 1", "2025-03-01 10:00:00.000");
    expect(w, "stats count(*) as n by ip | sort n desc, ip", "203.0.113.5,2|203.0.113.6,1");
    expect(w, "stats count(*) as n, count_distinct(ip) as i by bin(1h)",
           "2025-03-01 11:00:00.000,1,1|2025-03-01 10:00:00.000,2,2");
    expect(w, "filter ip = \"9.9.9.9\" | stats count(*), sum(status)", "0,-");
    expect(w, "filter ip = \"9.9.9.9\" | stats count(*) by ip", "");
    expect(w, "stats count(error), count(*)/2 as half, earliest(ip), latest(operation)",
           "2,1.5,203.0.113.5,SignUp");
    expect(w,
           "filter @explanation like /was refused/ and operation = \"SignUp\""
           " | stats count(*) as n by @explanation",
           "Somebody whom the log does not name called SignUp to register an account, "
           "from 203.0.113.5. It was refused (NotAuthorizedException). The pool's settings or "
           "the state of the account do not allow it; the message may tell more.,1");
    expect(w, "stats count(*) as n by error | filter n > 1", "NotAuthorizedException,2");
    expect(w, "stats count(*) as n by ip | filter error = \"x\"", "");
    expect(w, "fields requestParameters.items.1.n as n | filter n > 3", "25");
    expect(w, "filter requestParameters.`a b` like /x.y/ | stats count(*)", "0");
    expect(w, "filter requestParameters.`a b` like /(?s)x.y/ | stats count(*)", "1");
    expect(w, "filter isnull(requestParameters.n) | fields eventID",
           "00000000-0000-4000-8000-000000000002");
    expect(w, "filter @message like /USER_PASSWORD/ | fields requestParameters.items as i",
           "[{\"n\":1},{\"n\":25}]");
    expect(w,
           "parse @message /\"eventName\":\"(?<e>[A-Z])/ | stats count(*) as n by e | sort e",
           "I,2|S,1");
    expect(w, "parse ip \"*.*\" as a, b | fields a, b | sort b | limit 1", "203,0.113.5");
    expect(w,
           "stats pct(requestParameters.items.0.n, 50), median(requestParameters.items.0.n), "
           "max(requestParameters.items.0.n), stddev(requestParameters.items.0.n)",
           "1,1,3,1");
    expect(w, "fields ip | dedup ip", "203.0.113.5|203.0.113.6");
    expect(w, "stats count(*) as n by ip, error | stats max(n) as m, count(*) as k", "2,2");
    expect(w, "fields @logStream | limit 1", "small.json");
    expect(w,
           "fields strlen(ip) + 1 as l, toupper(operation) as o, if(error = \"x\", 1, 2) as c, "
           "coalesce(error, \"none\") as e | limit 2",
           "12,SIGNUP,2,NotAuthorizedException|12,INITIATEAUTH,2,none");
    expect(w, "err:notauth* | stats count(*)", "2");
    expect(w,
           "fields jsonArraySize(requestParameters.items) as n, "
           "jsonArrayContains(\"[1,\\\"b\\\",25]\", \"b\") as c, jsonParse(\"{x\") as bad, "
           "jsonStringify(jsonParse(requestParameters.items)) as j | limit 2",
           "0,1,-,[]|1,1,-,[{\"n\":3}]");
    expect(w,
           "fields toInt(\"-3.9\") as i, urldecode(\"a%20b+c%2\") as u, "
           "base64decode(\"aGk=\") as b, base64decode(\"?\") as no, ipv4ToNumber(\"0.0.1.2\") "
           "as p, isPrivateIP(\"10.9.9.9\") as r, isPublicIP(ip) as q, isReservedIP(ip) as s, "
           "unmask(ip) as t | limit 1",
           "-3,a b c%2,hi,-,258,1,0,1,203.0.113.5");
    world_free(w);
}

/* Entries of other logs may hold any key: a native name means there what the record says. */
static void test_native_names_in_mixed_logs(void **state)
{
    static const char mixed[] =
        "{\"eventSource\":\"a\",\"eventName\":\"A\",\"awsRegion\":\"eu-a\",\"userAgent\":\"x\"}"
        "\n"
        "{\"eventSource\":\"a\",\"eventName\":\"B\"}\n"
        "{\"request_id\":\"1\",\"sub\":\"s\",\"awsRegion\":\"eu-b\",\"userAgent\":\"y\"}\n"
        "{\"request_id\":\"2\",\"sub\":\"s\",\"eventName\":1.50,\"errorCode\":null}\n";
    struct world *w = world_new("mixed.json", bytes_of(mixed));

    (void)state;
    expect(w, "filter awsRegion = \"eu-b\" | stats count(*)", "1");
    expect(w, "filter awsRegion like /^eu/ | fields awsRegion | sort awsRegion", "eu-a|eu-b");
    expect(w, "filter not (awsRegion = \"eu-a\") | stats count(*)", "1");
    expect(w, "-awsRegion=eu-a | stats count(*)", "3");
    expect(w, "-awsRegion=eu-b userAgent=x | stats count(*)", "1");
    expect(w, "stats count(*) as n by awsRegion | sort awsRegion", "-,2|eu-a,1|eu-b,1");
    expect(w, "filter eventName = 1.5 or eventName = \"A\" | fields eventName | sort eventName",
           "A|1.50");
    expect(w, "filter isnull(errorCode) | fields request_id", "2");
    expect(w, "filter userAgent = \"y\" and awsRegion = userAgent | stats count(*)", "0");
    expect(w, "filter userAgent != awsRegion | stats count(*)", "2");
    world_free(w);
}

/* How many rows a list of one filter selects, as the screen asks. */
static uint64_t select_by(struct world *w, struct bytes text, struct archive *archive)
{
    struct query_options o = {.last_event_us = INSTANT_NONE};
    struct filters *none = filters_new(), *list = NULL;
    struct query_error error = {0};
    const struct query *queries[1];
    struct scan_request request = {
        .index = w->index, .archive = archive, .filters = queries, .with_duplicates = true};
    struct scan scan;
    uint64_t count;

    if (filters_add(none, text, &o, &list, &error) != ERR_OK)
        fail_msg("%s", buffer_cstr(&error.message));
    request.n_filters = filters_enabled_queries(list, queries);
    scan_init(&scan, &request);
    pool_start(w->pool, &scan.job);
    pool_wait(w->pool, &scan.job);
    count = scan.result->n_rows;
    scan_deinit(&scan);
    filters_release(list);
    filters_release(none);
    return count;
}

static void test_filters_on_files(void **state)
{
    static const char *const names[] = {"logs/a \"b\".json", "logs/123_CloudTrail_eu-west-1_"
                                                             "20250301T1005Z_x.json"};
    const struct bytes contents[] = {bytes_of(small), bytes_of(small)};
    static const struct {
        const char *text;
        uint64_t count;
    } cases[] = {
        {"filter @logStream like /CloudTrail/",                                       3},
        {"filter not file like /CloudTrail/",                                         3},
        {"file:logs/a*",                                                              3},
        {"-file:logs/a*",                                                             3},
        {"filter file != \"x\" and ip = \"203.0.113.6\"",                             2},
        {"filter strlen(file) > 20",                                                  3},
        {"filter @ingestionTime >= \"2025-03-01T10:05:00Z\"",                         3},
        {"filter isabsent(@ingestionTime)",                                           3},
        {"filter concat(file, ip) like \"json203.0.113.6\"",                          2},
        {"filter @log like /:logs.a/ and offset < 20",                                1},
        {"filter @message like /USER_PASSWORD/",                                      2},
        {"filter @message not like /USER_PASSWORD/ and ip = \"203.0.113.5\"",         2},
        {"filter requestParameters.items.0.n < 3 or ip = \"203.0.113.6\"",            4},
        {"filter requestParameters.items.0.n != 1",                                   2},
        {"filter not (requestParameters.items.0.n = 1 and file like /CloudTrail/)",   4},
        {"filter isabsent(requestParameters.items.0) or isnull(requestParameters.n)", 4},
        {"requestParameters.items.1.n:25",                                            2},
        {"-requestParameters.items.1.n:25",                                           4},
        {"filter concat(event_id, request_id) = event_id",                            6},
    };
    struct world *w = world_of(names, contents, 2);
    struct buffer term = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buffer_clear(&term);
        query_write_term(&term, FIELD_FILE, VALUE_TEXT, bytes_of(names[i]), false);
        assert_int_equal(select_by(w, buffer_bytes(&term), w->archive), 3);
        assert_int_equal(select_by(w, buffer_bytes(&term), NULL), 0);
        buffer_clear(&term);
        query_write_term(&term, FIELD_FILE, VALUE_TEXT, bytes_of(names[i]), true);
        assert_int_equal(select_by(w, buffer_bytes(&term), w->archive), 3);
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (select_by(w, bytes_of(cases[i].text), w->archive) != cases[i].count)
            fail_msg("%s", cases[i].text);
    }
    buffer_deinit(&term);
    world_free(w);
}

/* A file that unpacks to more than is kept whole: its records come from stretches of it. */
static void test_records_of_a_big_file(void **state)
{
    struct buffer text = {0};
    enum { RECORDS = 12000 };
    struct world *w;

    (void)state;
    buffer_add_text(&text, "{\"Records\":[");
    for (int i = 0; i < RECORDS; i++) {
        buffer_printf(&text,
                      "%s{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:%02d:00Z\","
                      "\"eventSource\":\"x.amazonaws.com\",\"eventName\":\"E%d\","
                      "\"requestParameters\":{\"i\":%d,\"t\":\"",
                      i ? "," : "", i % 60, i % 3, i);
        for (int j = 0; j < 12; j++)
            buffer_add_text(&text,
                            "0123456789012345678901234567890123456789012345678901234567");
        buffer_add_text(&text, "\"}}");
    }
    buffer_add_text(&text, "]}");
    w = world_new("big.json", buffer_bytes(&text));
    assert_int_equal(select_by(w, bytes_of("filter requestParameters.i >= 11000"), w->archive),
                     1000);
    assert_int_equal(
        select_by(w, bytes_of("filter operation = \"E1\" and @message like /\"i\":[0-9]*7,/"),
                  w->archive),
        400);
    expect(w,
           "filter requestParameters.i % 4000 = 3999 | fields requestParameters.i as i | "
           "sort i",
           "3999|7999|11999");
    world_free(w);
    buffer_deinit(&text);
}

static enum err run_within(struct world *w, struct job *job, struct progress *progress,
                           struct table **out)
{
    struct query_options o = {.now_us = INSTANT_NONE, .last_event_us = INSTANT_NONE};
    struct table_source source = {.index = w->index,
                                  .archive = w->archive,
                                  .load = w->load,
                                  .job = job,
                                  .progress = progress};
    struct query *q = NULL;
    struct query_error e = {0};
    enum err err;

    assert_int_equal(query_parse(bytes_of("stats count(*) as n by eventName"), &o, &q, &e),
                     ERR_OK);
    err = table_run(q, &source, w->pool, true, out, &e);
    query_error_deinit(&e);
    query_free(q);
    return err;
}

/* How many files a query had to unpack again. */
static uint64_t files_read(struct world *w, struct recall *recall, const char *text)
{
    struct query_options o = {.now_us = INSTANT_NONE, .last_event_us = INSTANT_NONE};
    struct progress progress = {0};
    struct table_source source = {.index = w->index,
                                  .archive = w->archive,
                                  .load = w->load,
                                  .recall = recall,
                                  .progress = &progress};
    struct query *q = NULL;
    struct query_error e = {0};
    struct table *t = NULL;

    assert_int_equal(query_parse(bytes_of(text), &o, &q, &e), ERR_OK);
    assert_int_equal(table_run(q, &source, w->pool, true, &t, &e), ERR_OK);
    table_free(t);
    query_free(q);
    return progress.files;
}

static void test_what_was_read_is_kept(void **state)
{
    static const char *const queries[] = {
        "stats count(*) by requestParameters.k",
        "filter @message like /deep/ | stats count(*)",
        "filter strlen(@message) > 10 and requestParameters.k like /a/ | stats count(*)",
        "sort requestParameters.none | stats count(*)",
    };
    static const char text[] =
        "{\"Records\":["
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:00:00Z\",\"eventName\":\"A\","
        "\"eventSource\":\"x.amazonaws.com\",\"requestParameters\":{\"k\":\"a\"}},"
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:00:01Z\",\"eventName\":\"B\","
        "\"eventSource\":\"x.amazonaws.com\",\"requestParameters\":{\"k\":{\"deep\":1}}}]}";
    struct world *w = world_new("small.json", bytes_of(text));

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        struct recall *none = recall_new(0), *some = recall_new(1 << 20);
        uint64_t first = files_read(w, some, queries[i]);

        assert_int_equal(files_read(w, some, queries[i]), 0);
        assert_int_equal(files_read(w, none, queries[i]), first);
        assert_int_equal(files_read(w, none, queries[i]), first);
        recall_free(none);
        recall_free(some);
    }
    world_free(w);
}

/* The same words of two parses mean different things. */
static void test_conditions_are_told_apart(void **state)
{
    struct world *w = world_new("small.json", bytes_of(small));

    (void)state;
    expect(w,
           "parse @message \"\\\"eventName\\\":\\\"*\\\"\" as x | filter x like /./ | stats "
           "count(*) as n",
           "3");
    expect(w,
           "parse @message \"\\\"nowhere\\\":\\\"*\\\"\" as x | filter x like /./ | stats "
           "count(*) as n",
           "0");
    world_free(w);
}

static void test_a_cancelled_query_makes_no_table(void **state)
{
    struct world *w = world_new("small.json", bytes_of(small));
    struct job job = {.cancelled = true};
    struct table *t = NULL;

    (void)state;
    assert_int_equal(run_within(w, &job, NULL, &t), ERR_CANCELLED);
    assert_null(t);
    world_free(w);
}

static void test_a_stopped_query_says_what_it_left_out(void **state)
{
    struct world *w = world_new("small.json", bytes_of(small));
    struct progress progress = {.enough = true};
    struct table *t = NULL;

    (void)state;
    assert_int_equal(run_within(w, NULL, &progress, &t), ERR_OK);
    assert_int_equal(t->n_unlooked, w->index->n_rows);
    assert_int_equal(t->n_notices, 1);
    assert_true(bytes_find(t->notices[0], bytes_of("were not looked at")) != SIZE_MAX);
    table_free(t);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_native_names_in_mixed_logs),
        cmocka_unit_test(test_filters_on_files),
        cmocka_unit_test(test_records_of_a_big_file),
        cmocka_unit_test(test_what_was_read_is_kept),
        cmocka_unit_test(test_conditions_are_told_apart),
        cmocka_unit_test(test_a_cancelled_query_makes_no_table),
        cmocka_unit_test(test_a_stopped_query_says_what_it_left_out),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
