/* The whole of core on the demo incident: every figure of the truth file comes out of a
 * session, nothing lost and nothing counted twice. */
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

#include "core/owning/session.h"

#include "tests/data/demo.h"

struct fixture {
    struct session *session;
    cJSON *truth;
};

static cJSON *read_truth(void)
{
    struct buffer text = {0};
    FILE *f = fopen(COGTRAIL_DEMO_TRUTH, "rb");
    assert_non_null(f);
    size_t got;
    do {
        enum { STEP = 1 << 14 };
        got = fread(buffer_room(&text, STEP), 1, STEP, f);
        text.len += got;
    } while (got > 0);
    fclose(f);
    cJSON *truth = cJSON_ParseWithLength(text.ptr, text.len);
    assert_non_null(truth);
    buffer_deinit(&text);
    return truth;
}

static int load_demo(void **state)
{
    static struct fixture f;
    f.truth = read_truth();
    f.session = session_new();
    for (size_t i = 0; i < demo_file_count; i++)
        archive_add_memory(session_archive(f.session), bytes_of(demo_files[i].name),
                           bytes_make(demo_files[i].data, demo_files[i].len));
    session_start(f.session);
    session_wait(f.session);
    *state = &f;
    return 0;
}

static int drop_demo(void **state)
{
    struct fixture *f = *state;
    session_free(f->session);
    cJSON_Delete(f->truth);
    return 0;
}

static uint64_t number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_true(cJSON_IsNumber(item));
    return (uint64_t)item->valuedouble;
}

static const cJSON *part(const struct fixture *f, const char *section, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(cJSON_GetObjectItem(f->truth, section), key);
    assert_non_null(item);
    return item;
}

static void test_totals(void **state)
{
    struct fixture *f = *state;
    const cJSON *truth = cJSON_GetObjectItem(f->truth, "totals");
    const struct index *index = session_index(f->session);
    struct ledger_totals totals;
    session_totals(f->session, &totals);
    assert_int_equal(totals.files, number(truth, "files"));
    assert_int_equal(totals.damaged + totals.skipped,
                     number(truth, "damaged") + number(truth, "skipped"));
    assert_int_equal(totals.events, number(truth, "events"));
    assert_int_equal(index->n_rows, number(truth, "events"));
    assert_int_equal(index->n_duplicates, number(truth, "copies"));
    assert_int_equal(index->n_conflicts, 0);
    assert_int_equal(totals.bytes,
                     totals.record_bytes + totals.wrapper_bytes + totals.problem_bytes);
    assert_true(session_is_partial(f->session));
}

static void test_each_file(void **state)
{
    struct fixture *f = *state;
    struct archive *archive = session_archive(f->session);
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(f->truth, "files"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(row, "name"));
        const struct file *found = NULL;
        for (size_t i = 0; i < archive_count(archive); i++)
            if (bytes_ends(archive_file(archive, i)->path, name))
                found = archive_file(archive, i);
        assert_non_null(found);
        assert_int_equal(found->events, number(row, "events"));
        /* Whether foreign JSON counts as damaged or skipped is the ledger's to say. */
        bool whole =
            strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(row, "status")), "read") == 0;
        assert_int_equal(found->status == FILE_READ, whole);
    }
}

/* The events that a text selects; counted, then grouped by `field`. */
static struct grouping *ask(struct fixture *f, const char *text, enum field_id field)
{
    struct query_options options = session_query_options(f->session);
    struct query_error error = {0};
    struct query *query;
    assert_int_equal(query_parse(bytes_of(text), &options, &query, &error), ERR_OK);
    struct scan scan;
    struct scan_request request = {.index = session_index(f->session),
                                   .filters = (const struct query *const[]){query},
                                   .n_filters = 1};
    struct pool *pool = session_pool(f->session);
    scan_init(&scan, &request);
    pool_start(pool, &scan.job);
    pool_wait(pool, &scan.job);
    struct grouping_job job;
    grouping_init(&job, scan.result, &field, 1, FIELD_SUB);
    pool_start(pool, &job.job);
    pool_wait(pool, &job.job);
    struct grouping *result = job.result;
    job.result = NULL;
    grouping_deinit(&job);
    scan_deinit(&scan);
    query_free(query);
    query_error_deinit(&error);
    return result;
}

/* Groups and truth hold the same texts with the same counts. */
static void expect_groups(const struct grouping *g, const cJSON *truth)
{
    size_t seen = 0;
    for (size_t i = 0; i < g->n_groups; i++) {
        const struct group *group = &g->groups[i];
        if (group->keys[0].state != VALUE_TEXT)
            continue;
        char key[256];
        snprintf(key, sizeof(key), "%.*s", (int)group->keys[0].text.len,
                 group->keys[0].text.ptr);
        assert_int_equal(group->count, number(truth, key));
        seen++;
    }
    assert_int_equal(seen, (size_t)cJSON_GetArraySize(truth));
}

static void test_groups(void **state)
{
    static const struct {
        const char *query, *section, *key;
        enum field_id field;
    } cases[] = {
        {"format:cloudtrail",                              "cloudtrail", "operations",           FIELD_OPERATION},
        {"format:cloudtrail",                              "cloudtrail", "errors",               FIELD_ERROR    },
        {"format:cloudtrail",                              "cloudtrail", "ips",                  FIELD_IP       },
        {"format:cloudtrail",                              "cloudtrail", "subs",                 FIELD_SUB      },
        {"format:cloudtrail error:NotAuthorizedException", "cloudtrail", "not_authorized_by_ip",
         FIELD_IP                                                                                               },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct grouping *g = ask(f, cases[i].query, cases[i].field);
        expect_groups(g, part(f, cases[i].section, cases[i].key));
        grouping_free(g);
    }
}

static void test_the_takeover_can_be_opened(void **state)
{
    struct fixture *f = *state;
    char text[128];
    snprintf(text, sizeof(text), "filter event_id = \"%s\"",
             cJSON_GetStringValue(part(f, "taken", "event_id")));
    struct grouping *g = ask(f, text, FIELD_OUTCOME);
    assert_int_equal(g->n_rows, 1);
    assert_true(bytes_are(g->groups[0].keys[0].text, "success"));
    grouping_free(g);
}

/* Each record read again from the evidence is the JSON object that was indexed. */
static void test_every_record_can_be_opened(void **state)
{
    struct fixture *f = *state;
    const struct index *index = session_index(f->session);
    struct buffer record = {0};
    for (uint64_t i = 0; i < index->n_rows; i++) {
        buffer_clear(&record);
        assert_int_equal(session_record(f->session, index->order[i], &record), ERR_OK);
        assert_true(record.len > 2 && record.ptr[0] == '{' &&
                    record.ptr[record.len - 1] == '}');
        char scratch[64];
        enum value_state kind;
        struct bytes id = store_text(session_store(f->session), index->order[i], FIELD_EVENT_ID,
                                     scratch, &kind);
        if (kind == VALUE_TEXT)
            assert_true(bytes_find(buffer_bytes(&record), id) != SIZE_MAX);
    }
    buffer_deinit(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_each_file),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_the_takeover_can_be_opened),
        cmocka_unit_test(test_every_record_can_be_opened),
    };
    return cmocka_run_group_tests(tests, load_demo, drop_demo);
}
