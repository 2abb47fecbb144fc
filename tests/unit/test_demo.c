/* The demo incident holds what its generator says that it holds: zlib and cJSON read the
 * built-in files, and each figure of the truth file is counted again from their bytes. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "core/base/bytes.h"

#include "tests/data/demo.h"

/* What stands in one file. */
struct content {
    cJSON *records[512];
    size_t n_records;
    bool broken;
};

static cJSON *read_truth(void)
{
    FILE *f = fopen(COGTRAIL_DEMO_TRUTH, "rb");
    assert_non_null(f);
    static char text[1 << 18];
    size_t len = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[len] = '\0';
    cJSON *truth = cJSON_Parse(text);
    assert_non_null(truth);
    return truth;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static const char *text(const cJSON *object, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return value ? value : "";
}

static bool unpack(const struct demo_file *file, struct buffer *out)
{
    z_stream z = {0};
    if (file->len < 2 || file->data[0] != 0x1f || file->data[1] != 0x8b) {
        buffer_add(out, bytes_make(file->data, file->len));
        return true;
    }
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)file->data;
    z.avail_in = (uInt)file->len;
    int result;
    do {
        enum { STEP = 1 << 14 };
        z.next_out = (Bytef *)buffer_room(out, STEP);
        z.avail_out = STEP;
        result = inflate(&z, Z_SYNC_FLUSH);
        out->len += STEP - z.avail_out;
    } while (result == Z_OK);
    inflateEnd(&z);
    return result == Z_STREAM_END;
}

/* Whole records one after another: those of Records, or one a line. */
static void read_content(const struct demo_file *file, struct content *out)
{
    struct buffer unpacked = {0};
    *out = (struct content){.broken = !unpack(file, &unpacked)};
    const char *at = buffer_cstr(&unpacked);
    if (strncmp(at, "{\"Records\":[", 12) == 0)
        at += 12;
    while (*at == '{') {
        const char *end = NULL;
        cJSON *record = cJSON_ParseWithOpts(at, &end, false);
        if (!record)
            break;
        assert_true(out->n_records < ARRAY_LEN(out->records));
        out->records[out->n_records++] = record;
        at = end + strspn(end, ",\n");
    }
    buffer_deinit(&unpacked);
}

static void drop_content(struct content *c)
{
    for (size_t i = 0; i < c->n_records; i++)
        cJSON_Delete(c->records[i]);
}

/* Calls `visit` on every CloudTrail record, copies of a file left out. */
static void each_record(void (*visit)(void *context, const cJSON *record), void *context)
{
    for (size_t i = 0; i < demo_file_count; i++) {
        bool copy = i > 0 && demo_files[i].len == demo_files[i - 1].len &&
                    memcmp(demo_files[i].data, demo_files[i - 1].data, demo_files[i].len) == 0;
        if (copy || !strstr(demo_files[i].name, "/CloudTrail/"))
            continue;
        struct content c;
        read_content(&demo_files[i], &c);
        for (size_t k = 0; k < c.n_records; k++)
            visit(context, c.records[k]);
        drop_content(&c);
    }
}

static void test_each_file_holds_what_is_promised(void **state)
{
    cJSON *truth = read_truth();
    const cJSON *files = cJSON_GetObjectItem(truth, "files");
    (void)state;
    assert_int_equal((size_t)cJSON_GetArraySize(files), demo_file_count);
    for (size_t i = 0; i < demo_file_count; i++) {
        const cJSON *row = cJSON_GetArrayItem(files, (int)i);
        struct content c;
        read_content(&demo_files[i], &c);
        assert_string_equal(demo_files[i].name + strlen("dump/"), text(row, "name"));
        assert_int_equal(c.broken, strcmp(text(row, "status"), "damaged") == 0);
        if (strcmp(text(row, "status"), "skipped") != 0)
            assert_int_equal(c.n_records, (size_t)number(row, "events"));
        drop_content(&c);
    }
    cJSON_Delete(truth);
}

struct recount {
    cJSON *errors, *operations, *failures;
    size_t n;
};

static void count(cJSON *counts, const char *key)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(counts, key);
    if (item)
        cJSON_SetNumberValue(item, item->valuedouble + 1);
    else
        cJSON_AddNumberToObject(counts, key, 1);
}

static void recount(void *context, const cJSON *record)
{
    struct recount *r = context;
    const char *error = text(record, "errorCode");
    r->n++;
    count(r->operations, text(record, "eventName"));
    if (*error)
        count(r->errors, error);
    if (strcmp(error, "NotAuthorizedException") == 0)
        count(r->failures, text(record, "sourceIPAddress"));
}

static void test_counts_are_those_of_the_bytes(void **state)
{
    cJSON *truth = read_truth();
    const cJSON *trail = cJSON_GetObjectItem(truth, "cloudtrail");
    struct recount r = {cJSON_CreateObject(), cJSON_CreateObject(), cJSON_CreateObject(), 0};
    (void)state;
    each_record(recount, &r);
    assert_int_equal(r.n, (size_t)number(cJSON_GetObjectItem(truth, "totals"), "cloudtrail"));
    assert_true(cJSON_Compare(r.errors, cJSON_GetObjectItem(trail, "errors"), true));
    assert_true(cJSON_Compare(r.operations, cJSON_GetObjectItem(trail, "operations"), true));
    assert_true(
        cJSON_Compare(r.failures, cJSON_GetObjectItem(trail, "not_authorized_by_ip"), true));
    cJSON_Delete(r.errors);
    cJSON_Delete(r.operations);
    cJSON_Delete(r.failures);
    cJSON_Delete(truth);
}

struct takeover {
    const char *sub, *ip, *time;
    size_t failures, successes;
};

static void follow_takeover(void *context, const cJSON *record)
{
    struct takeover *t = context;
    const cJSON *more = cJSON_GetObjectItem(record, "additionalEventData");
    const cJSON *response = cJSON_GetObjectItem(record, "responseElements");
    if (strcmp(text(record, "sourceIPAddress"), t->ip) != 0 ||
        strcmp(text(more, "sub"), t->sub) != 0 ||
        strcmp(text(record, "eventName"), "InitiateAuth"))
        return;
    if (strcmp(text(record, "errorCode"), "NotAuthorizedException") == 0)
        t->failures += strcmp(text(record, "eventTime"), t->time) < 0;
    else if (cJSON_GetObjectItem(response, "authenticationResult"))
        t->successes += strcmp(text(record, "eventTime"), t->time) == 0;
}

static void test_the_account_is_taken_after_failures(void **state)
{
    cJSON *truth = read_truth();
    const cJSON *taken = cJSON_GetObjectItem(truth, "taken");
    struct takeover t = {
        .sub = text(taken, "sub"), .ip = text(taken, "ip"), .time = text(taken, "time")};
    (void)state;
    each_record(follow_takeover, &t);
    assert_int_equal(t.successes, 1);
    assert_true(t.failures >= 10);
    assert_int_equal(t.failures, (size_t)number(taken, "failures_before"));
    cJSON_Delete(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_file_holds_what_is_promised),
        cmocka_unit_test(test_counts_are_those_of_the_bytes),
        cmocka_unit_test(test_the_account_is_taken_after_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
