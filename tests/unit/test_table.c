// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/filters.h"
#include "core/asking/table.h"

/* Cases of parts of the language that are refused by name. A case that is not listed has to
 * pass. */
static const char *const unsupported[] = {"L078"};

static bool is_unsupported(const char *id)
{
    for (size_t i = 0; i < ARRAY_LEN(unsupported); i++) {
        if (strcmp(unsupported[i], id) == 0)
            return true;
    }
    return false;
}

struct world {
    struct archive *archive;
    struct store *store;
    struct pool *pool;
    struct load *load;
    struct index *index;
};

static struct world *world_of(const char *const *names, const struct bytes *contents,
                              size_t count)
{
    struct world *w = mem_alloc(sizeof *w);
    atomic_bool cancelled = false;

    w->archive = archive_new();
    for (size_t i = 0; i < count; i++)
        archive_add_memory(w->archive, bytes_of(names[i]), contents[i]);
    w->store = store_new();
    w->pool = pool_new(2);
    w->load = load_new(w->archive, w->store, block_default_limits(), NULL);
    load_start(w->load, w->pool, NULL, NULL);
    while (!load_is_finished(w->load))
        (void)pool_drain(w->pool);
    w->index = index_build(w->store, store_count(w->store), true, &cancelled);
    return w;
}

static struct world *world_new(const char *name, struct bytes content)
{
    return world_of(&name, &content, 1);
}

static void world_free(struct world *w)
{
    index_release(w->index);
    pool_free(w->pool);
    load_free(w->load);
    store_free(w->store);
    archive_free(w->archive);
    mem_free(w);
}

/* Runs a query; NULL when it was refused, with the words in `message`. */
static struct table *ask(struct world *w, const char *text, struct buffer *message)
{
    struct query_options o = {.last_event_us = INSTANT_NONE};
    struct table_source source = {.index = w->index, .archive = w->archive, .load = w->load};
    struct query *q = NULL;
    struct query_error e;
    struct table *t = NULL;

    if (!instant_parse(bytes_of("2025-03-01T11:00:00Z"), &o.now_us))
        return NULL;
    if (query_parse(bytes_of(text), &o, &q, &e) != ERR_OK ||
        table_run(q, &source, w->pool, true, &t, &e) != ERR_OK)
        buffer_add(message, buffer_bytes(&e.message));
    query_error_deinit(&e);
    query_free(q);
    return t;
}

static bool row_is(const struct table *t, size_t row, const cJSON *wanted)
{
    size_t present = 0;

    for (size_t i = 0; i < t->n_columns; i++) {
        const struct cell *cell = &t->cells[row * t->n_columns + i];
        char name[400];
        const cJSON *value;

        (void)snprintf(name, sizeof name, "%.*s", (int)t->columns[i].len, t->columns[i].ptr);
        value = cJSON_GetObjectItemCaseSensitive(wanted, name);
        if (cell->present != (value != NULL))
            return false;
        if (value && !bytes_are(cell->text, value->valuestring))
            return false;
        present += cell->present;
    }
    return (int)present == cJSON_GetArraySize(wanted);
}

static bool rows_are(const struct table *t, const cJSON *rows, bool ordered)
{
    size_t n = (size_t)cJSON_GetArraySize(rows);
    bool *used = mem_array(n, sizeof *used), same = t->n_rows == n;

    for (size_t i = 0; same && i < n; i++) {
        bool found = false;

        for (size_t j = ordered ? i : 0; !found && j < (ordered ? i + 1 : n); j++) {
            found = !used[j] && row_is(t, i, cJSON_GetArrayItem(rows, (int)j));
            used[j] = used[j] || found;
        }
        same = found;
    }
    mem_free(used);
    return same;
}

static bool columns_are(const struct table *t, const cJSON *columns)
{
    if (!columns)
        return true;
    if ((size_t)cJSON_GetArraySize(columns) != t->n_columns)
        return false;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (!bytes_are(t->columns[i], cJSON_GetArrayItem(columns, (int)i)->valuestring))
            return false;
    }
    return true;
}

static bool has_notice(const struct table *t, const char *part)
{
    for (size_t i = 0; i < t->n_notices; i++) {
        if (bytes_find(t->notices[i], bytes_of(part)) != SIZE_MAX)
            return true;
    }
    return false;
}

static void show(const struct table *t)
{
    for (size_t i = 0; i < t->n_rows && i < 12; i++) {
        for (size_t j = 0; j < t->n_columns; j++)
            print_message("  %.*s=%.*s", (int)t->columns[j].len, t->columns[j].ptr,
                          (int)t->cells[i * t->n_columns + j].text.len,
                          t->cells[i * t->n_columns + j].text.ptr
                              ? t->cells[i * t->n_columns + j].text.ptr
                              : "");
        print_message("\n");
    }
}

static bool run_case(struct world *w, const cJSON *c)
{
    const cJSON *expect = cJSON_GetObjectItem(c, "expect");
    const cJSON *error = cJSON_GetObjectItem(expect, "error"), *note;
    struct buffer message = {0};
    struct table *t = ask(w, cJSON_GetObjectItem(c, "query")->valuestring, &message);
    bool good;

    if (!t || error) {
        good = !t && error;
        if (!good)
            print_message("%s\n", t ? "accepted" : buffer_cstr(&message));
        buffer_deinit(&message);
        table_free(t);
        return good;
    }
    good = rows_are(t, cJSON_GetObjectItem(expect, "rows"),
                    cJSON_IsTrue(cJSON_GetObjectItem(expect, "ordered"))) &&
           columns_are(t, cJSON_GetObjectItem(expect, "columns"));
    cJSON_ArrayForEach(note, cJSON_GetObjectItem(expect, "notes"))
    {
        good = good && has_notice(t, note->valuestring);
    }
    if (!good)
        show(t);
    table_free(t);
    return good;
}

/* The array behind `"ct":` as it is written, blanks taken out: numbers keep their digits. */
static struct bytes find_set(struct bytes minified, const char *start)
{
    size_t from = bytes_find(minified, bytes_of(start)) + strlen(start) - 1, depth = 0;
    bool string = false;

    for (size_t i = from; i < minified.len; i++) {
        char c = minified.ptr[i];

        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == '[' || c == '{'))
            depth++;
        else if (!string && (c == ']' || c == '}') && --depth == 0)
            return bytes_slice(minified, from, i + 1);
    }
    return (struct bytes){0};
}

/* Events that are only a time and a text come as CloudWatch Logs gives them back. */
static void add_log_event(struct buffer *out, const cJSON *event)
{
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(event, "@message"));
    int64_t at_us = 0;

    assert_true(
        instant_parse(bytes_of(cJSON_GetObjectItem(event, "@timestamp")->valuestring), &at_us));
    buffer_printf(out,
                  "%s{\"logStreamName\":\"s\",\"timestamp\":%lld,\"message\":%s,"
                  "\"ingestionTime\":1,\"eventId\":\"1\"}",
                  out->ptr[out->len - 1] == '[' ? "" : ",", (long long)(at_us / 1000), text);
    cJSON_free(text);
}

/* `minified` is the text of all cases, in which records keep their digits. */
static struct world *world_of_set(struct bytes minified, const cJSON *set)
{
    struct buffer wrapped = {0}, start = {0};
    const cJSON *event;
    struct world *w;

    if (cJSON_GetObjectItem(set->child, "@message")) {
        buffer_add_text(&wrapped, "{\"events\":[");
        cJSON_ArrayForEach(event, set)
        {
            add_log_event(&wrapped, event);
        }
        buffer_add_text(&wrapped, "],\"searchedLogStreams\":[]}");
    } else {
        buffer_printf(&start, "\"%s\":[", set->string);
        buffer_add_text(&wrapped, "{\"Records\":");
        buffer_add(&wrapped, find_set(minified, buffer_cstr(&start)));
        buffer_add_text(&wrapped, "}");
    }
    w = world_new("set.json", buffer_bytes(&wrapped));
    buffer_deinit(&start);
    buffer_deinit(&wrapped);
    return w;
}

static cJSON *read_cases(struct buffer *text)
{
    FILE *f = fopen(COGTRAIL_SHARED "/cases/query-cases.json", "rb");
    cJSON *json;

    if (!f)
        return NULL;
    for (;;) {
        size_t got = fread(buffer_room(text, 65536), 1, 65536, f);

        text->len += got;
        if (got == 0)
            break;
    }
    (void)fclose(f);
    json = cJSON_ParseWithLength(text->ptr, text->len);
    return json;
}

static size_t run_cases(struct world *w, const cJSON *cases, const char *set, size_t *passed)
{
    const cJSON *c;
    size_t failed = 0;

    cJSON_ArrayForEach(c, cases)
    {
        const char *id = cJSON_GetObjectItem(c, "id")->valuestring;

        if (strcmp(cJSON_GetObjectItem(c, "events")->valuestring, set) != 0)
            continue;
        if (is_unsupported(id)) {
            print_message("case %s is not supported\n", id);
        } else if (run_case(w, c)) {
            ++*passed;
        } else {
            print_message("case %s fails: %s\n", id,
                          cJSON_GetObjectItem(c, "query")->valuestring);
            failed++;
        }
    }
    return failed;
}

static void test_acceptance_cases(void **state)
{
    struct buffer text = {0};
    cJSON *json = read_cases(&text);
    const cJSON *set;
    size_t passed = 0, failed = 0;

    (void)state;
    if (!json) {
        print_message("no acceptance cases beside the checkout: skipped\n");
        skip();
    }
    (void)buffer_cstr(&text);
    cJSON_Minify(text.ptr);
    cJSON_ArrayForEach(set, cJSON_GetObjectItem(json, "event_sets"))
    {
        struct world *w = world_of_set(bytes_of(text.ptr), set);

        failed += run_cases(w, cJSON_GetObjectItem(json, "cases"), set->string, &passed);
        world_free(w);
    }
    print_message("%zu cases pass\n", passed);
    assert_int_equal(failed, 0);
    cJSON_Delete(json);
    buffer_deinit(&text);
}

/* ---- the same without anything beside the checkout ---- */

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

/* The table as text: cells parted by commas, - for a missing one, rows by |. */
static void expect(struct world *w, const char *query, const char *wanted)
{
    struct buffer text = {0}, message = {0};
    struct table *t = ask(w, query, &message);

    if (!t)
        fail_msg("%s: %s", query, buffer_cstr(&message));
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t j = 0; j < t->n_columns; j++) {
            const struct cell *c = &t->cells[i * t->n_columns + j];

            buffer_add_text(&text, j ? "," : i ? "|" : "");
            if (c->present)
                buffer_add(&text, c->text);
            else
                buffer_add_char(&text, '-');
        }
    }
    if (!bytes_are(buffer_bytes(&text), wanted))
        fail_msg("%s:\n  gives    %s\n  expected %s", query, buffer_cstr(&text), wanted);
    buffer_deinit(&text);
    buffer_deinit(&message);
    table_free(t);
}

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
        cmocka_unit_test(test_acceptance_cases),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_filters_on_files),
        cmocka_unit_test(test_records_of_a_big_file),
        cmocka_unit_test(test_a_cancelled_query_makes_no_table),
        cmocka_unit_test(test_a_stopped_query_says_what_it_left_out),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
