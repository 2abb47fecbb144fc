/* The ten published queries of the runbook on the demo incident: zlib and cJSON read the
 * built-in files again, and plain loops over the records work out what each query should give.
 */
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
#include <zlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/runbook.h"

#include "tests/data/demo.h"
#include "tests/unit/world.h"

enum { MAX_RECORDS = 8192, MAX_GROUPS = 2048, NAME_BYTES = 200, SEEDS = 10 };

struct fixture {
    struct world *world;
    cJSON *records[MAX_RECORDS];
    size_t n;
};

static void unpack(const struct demo_file *file, struct buffer *out)
{
    z_stream z = {0};
    int result;

    if (file->len < 2 || file->data[0] != 0x1f || file->data[1] != 0x8b) {
        buffer_add(out, bytes_make(file->data, file->len));
        return;
    }
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)file->data;
    z.avail_in = (uInt)file->len;
    do {
        enum { STEP = 1 << 14 };

        z.next_out = (Bytef *)buffer_room(out, STEP);
        z.avail_out = STEP;
        result = inflate(&z, Z_SYNC_FLUSH);
        out->len += STEP - z.avail_out;
    } while (result == Z_OK);
    inflateEnd(&z);
}

/* The whole records of a CloudTrail file, also when the file breaks off. */
static void read_records(struct fixture *f, const struct demo_file *file)
{
    struct buffer unpacked = {0};
    const char *at;

    unpack(file, &unpacked);
    at = buffer_cstr(&unpacked);
    at += strncmp(at, "{\"Records\":[", 12) == 0 ? 12 : 0;
    while (*at == '{') {
        const char *end = NULL;
        cJSON *record = cJSON_ParseWithOpts(at, &end, false);

        if (!record)
            break;
        assert_true(f->n < MAX_RECORDS);
        f->records[f->n++] = record;
        at = end + strspn(end, ",\n");
    }
    buffer_deinit(&unpacked);
}

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    const char **names = mem_array(demo_file_count, sizeof *names);
    struct bytes *contents = mem_array(demo_file_count, sizeof *contents);

    for (size_t i = 0; i < demo_file_count; i++) {
        names[i] = demo_files[i].name;
        contents[i] = bytes_make(demo_files[i].data, demo_files[i].len);
        if (strstr(names[i], "/CloudTrail/"))
            read_records(f, &demo_files[i]);
    }
    f->world = world_of(names, contents, demo_file_count);
    mem_free(names);
    mem_free(contents);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < f->n; i++)
        cJSON_Delete(f->records[i]);
    world_free(f->world);
    mem_free(f);
    return 0;
}

/* NULL when there is none, or null. */
static const char *text_of(const cJSON *record, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, key));
}

static bool is(const cJSON *record, const char *key, const char *wanted)
{
    const char *value = text_of(record, key);

    return value && strcmp(value, wanted) == 0;
}

static bool has(const cJSON *record, const char *key, const char *part)
{
    const char *value = text_of(record, key);

    return value && strstr(value, part);
}

static bool from_cognito(const cJSON *r)
{
    return is(r, "eventSource", "cognito-idp.amazonaws.com");
}

static bool has_exception(const cJSON *r)
{
    char *whole = cJSON_PrintUnformatted(r);
    bool found = strstr(whole, "Exception");

    cJSON_free(whole);
    return from_cognito(r) && found;
}

static bool not_authorized(const cJSON *r)
{
    return from_cognito(r) && is(r, "errorCode", "NotAuthorizedException");
}

static bool forgot(const cJSON *r)
{
    return from_cognito(r) && is(r, "eventName", "ForgotPassword");
}

static bool failed_initiate(const cJSON *r)
{
    return from_cognito(r) && is(r, "eventName", "InitiateAuth") && text_of(r, "errorCode");
}

static bool token_failure(const cJSON *r)
{
    return from_cognito(r) && is(r, "eventName", "InitiateAuth") &&
           has(r, "errorCode", "Token");
}

static bool with_code(const cJSON *r)
{
    return from_cognito(r) && text_of(r, "errorCode");
}

static bool token_event(const cJSON *r)
{
    return from_cognito(r) && is(r, "eventName", "Token");
}

/* What each query selects, and by which keys it counts; "bin" is the start of five minutes. */
static const struct seed {
    bool (*selects)(const cJSON *record);
    const char *keys[2];
    size_t limit;
    bool by_count; /* most first */
} seeds[SEEDS] = {
    {from_cognito,    {NULL, NULL},                     25,    false},
    {has_exception,   {NULL, NULL},                     25,    false},
    {not_authorized,  {NULL, NULL},                     25,    false},
    {from_cognito,    {"sourceIPAddress", "eventName"}, 10000, false},
    {not_authorized,  {"sourceIPAddress", "eventName"}, 25,    true },
    {forgot,          {"sourceIPAddress", NULL},        25,    true },
    {failed_initiate, {"errorCode", "sourceIPAddress"}, 50,    true },
    {token_failure,   {"bin", NULL},                    10000, false},
    {with_code,       {"sourceIPAddress", NULL},        20,    true },
    {token_event,     {"clientId", NULL},               10000, true },
};

struct counted {
    char key[2 * NAME_BYTES];
    size_t count;
};

static int most_first(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;

    return (y->count > x->count) - (y->count < x->count);
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(text_of(*(cJSON *const *)b, "eventTime"),
                  text_of(*(cJSON *const *)a, "eventTime"));
}

/* 2026-11-18T09:13:20Z to 2026-11-18 09:10:00.000 */
static void add_key(char *out, const cJSON *record, const char *key)
{
    const char *value = text_of(record, strcmp(key, "bin") == 0 ? "eventTime" : key);

    if (strcmp(key, "bin") == 0 && value)
        (void)snprintf(out + strlen(out), NAME_BYTES, "%.10s %.2s:%c%c:00.000|", value,
                       value + 11, value[14], value[15] >= '5' ? '5' : '0');
    else
        (void)snprintf(out + strlen(out), NAME_BYTES, "%s|", value ? value : "");
}

static size_t count_groups(const struct fixture *f, const struct seed *seed,
                           struct counted *groups)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        struct counted *next = &groups[n];
        size_t at = 0;

        if (!seed->selects(f->records[i]))
            continue;
        *next = (struct counted){0};
        for (size_t k = 0; k < 2 && seed->keys[k]; k++)
            add_key(next->key, f->records[i], seed->keys[k]);
        while (strcmp(groups[at].key, next->key) != 0)
            at++;
        n += at == n;
        assert_true(n < MAX_GROUPS);
        groups[at].count++;
    }
    qsort(groups, n, sizeof *groups, most_first);
    return n;
}

static void cell_text(const struct cell *cell, char *out)
{
    (void)snprintf(out + strlen(out), NAME_BYTES, "%.*s|", (int)cell->text.len,
                   cell->present && cell->text.len ? cell->text.ptr : "");
}

static void check_groups(const struct table *t, const struct seed *seed,
                         const struct counted *groups, size_t n)
{
    size_t n_keys = seed->keys[1] ? 2 : 1;

    assert_int_equal(t->n_rows, n < seed->limit ? n : seed->limit);
    assert_int_equal(t->n_columns, n_keys + 1);
    for (size_t row = 0; row < t->n_rows; row++) {
        const struct cell *cells = &t->cells[row * t->n_columns];
        char key[2 * NAME_BYTES] = "";
        uint64_t count;
        size_t at = 0;

        for (size_t k = 0; k < n_keys; k++)
            cell_text(&cells[k], key);
        assert_true(bytes_to_u64(cells[n_keys].text, &count));
        while (at < n && strcmp(groups[at].key, key) != 0)
            at++;
        if (at == n || groups[at].count != count)
            fail_msg("%s: %zu instead of %zu", key, (size_t)count,
                     at < n ? groups[at].count : 0);
        /* Of equal counts any may stand there. */
        if (seed->by_count)
            assert_int_equal(groups[row].count, count);
    }
}

static void check_newest(struct fixture *f, const struct table *t, const struct seed *seed)
{
    cJSON **chosen = mem_array(f->n, sizeof(cJSON *));
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        if (seed->selects(f->records[i]))
            chosen[n++] = f->records[i];
    }
    qsort(chosen, n, sizeof(cJSON *), newest_first);
    assert_int_equal(t->n_matching, n);
    assert_int_equal(t->n_rows, n < seed->limit ? n : seed->limit);
    for (size_t row = 0; row < t->n_rows; row++) {
        const char *time = text_of(chosen[row], "eventTime");
        char wanted[40];

        (void)snprintf(wanted, sizeof wanted, "%.10s %.8s.000", time, time + 11);
        assert_true(bytes_are(t->cells[row * t->n_columns].text, wanted));
    }
    mem_free(chosen);
}

static void test_published_queries_on_the_demo(void **state)
{
    struct fixture *f = *state;
    struct counted *groups = mem_array(MAX_GROUPS, sizeof *groups);

    assert_int_equal(runbook_count(), SEEDS);
    for (size_t i = 0; i < SEEDS; i++) {
        struct buffer message = {0};
        struct table *t = ask(f->world, runbook_get(i)->query, &message);

        if (!t)
            fail_msg("%s: %s", runbook_get(i)->query, buffer_cstr(&message));
        if (seeds[i].keys[0])
            check_groups(t, &seeds[i], groups, count_groups(f, &seeds[i], groups));
        else
            check_newest(f, t, &seeds[i]);
        table_free(t);
        buffer_deinit(&message);
    }
    mem_free(groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_published_queries_on_the_demo, setup, teardown),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
