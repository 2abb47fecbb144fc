/* Public sample logs, compared with what another program counted in them.
 *
 * The figures below were counted by a separate reader (Python's json and gzip over the same
 * files: values one after another, lists and {"Records":[…]} opened, lists in
 * Records, events, Events, logEvents, AuthEvents and objects in data and detail opened, texts
 * in message and CloudTrailEvent read as JSON; a record being an object with eventName and one
 * of eventSource, eventVersion, userIdentity, with a `message` of the Cognito exports, with
 * insightDetails, or of the events of AdminListUserAuthEvents). Only figures stand here; the
 * logs stay where they are. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <unistd.h>

#include "core/base/hash.h"

#include "settle.h"

#define DATA COGTRAIL_SHARED "/data"

/* The session over all the logs; NULL when they are not there. */
static int setup_logs(void **state)
{
    struct session *s;

    if (access(DATA, R_OK) != 0) {
        printf("%s is not there: skipped\n", DATA);
        return 0;
    }
    s = session_new();
    archive_add_path(session_archive(s), bytes_of(DATA));
    session_start(s);
    session_wait(s);
    *state = s;
    return 0;
}

static int teardown_logs(void **state)
{
    session_free(*state);
    return 0;
}

static struct session *need(void **state)
{
    if (!*state)
        skip();
    return *state;
}

/* The part of a path below the folder of the logs. */
static struct bytes below(const struct file *f)
{
    return bytes_slice(f->path, strlen(DATA "/"), f->path.len);
}

static void events_of_each_folder(void **state)
{
    static const struct {
        const char *folder;
        uint64_t files, events;
    } wanted[] = {
        {"01_sans504_sample/",                20, 27 },
        {"03_stratus_detonation_logs/",       35, 310},
        {"05_otrf_security_datasets/",        1,  103},
        {"08_plaso/",                         1,  6  },
        {"09_trailscraper/",                  2,  4  },
        {"10_cloudgrep/",                     2,  2  },
        {"11_streamalert_rule_tests/",        15, 57 },
        {"13_awsdocs_cognito_2023/",          10, 10 },
        {"13b_aws_cognito_docs_current/",     9,  9  },
        {"14_awsdocs_cloudtrail_guide_2023/", 23, 25 },
        {"15_cloudtrail_console_csv/",        2,  82 },
        {"17_cloudwatch_console_exports/",    2,  53 },
        {"19_apigateway_logs/",               4,  8  },
        {"20_cognito_observed_shapes/",       8,  8  },
    };
    struct session *s = need(state);
    struct archive *a = session_archive(s);

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        uint64_t files = 0, events = 0;

        for (size_t id = 0; id < archive_count(a); id++) {
            const struct file *f = archive_file(a, id);

            if (bytes_starts(below(f), wanted[i].folder) && f->events) {
                files++;
                events += f->events;
            }
        }
        assert_int_equal(files, wanted[i].files);
        assert_int_equal(events, wanted[i].events);
    }
}

static void sums_over_all(void **state)
{
    struct session *s = need(state);
    const struct index *index = session_index(s);
    struct ledger_totals t;

    session_totals(s, &t);
    assert_int_equal(t.events, 704);
    assert_int_equal(index->n_rows, 704);
    assert_int_equal(t.read, 135);
    /* One record cut short, and four examples of the guide that are no JSON. */
    assert_int_equal(t.damaged, 5);
    assert_int_equal(t.files, t.read + t.damaged + t.skipped);
    assert_int_equal(t.waiting + t.stopped, 0);
    /* Rule tests have "..." and other texts for ids, one for many records; the guide gives two
     * of its sign-ins the id of another. Each set of further content is a conflict. One
     * download of the console holds another one, 35 rows. */
    assert_int_equal(index->n_duplicates, 37);
    assert_int_equal(index->n_conflicts, 47);
    assert_true(session_is_partial(s));
}

struct count {
    const char *value; /* NULL for a field that the record has not */
    uint64_t events;
};

static void keep_grouping(void *context, struct grouping *grouping)
{
    *(struct grouping **)context = grouping;
}

static uint64_t count_of(const struct grouping *g, const char *value)
{
    for (size_t i = 0; i < g->n_groups; i++) {
        const struct group_key *key = &g->groups[i].keys[0];

        if (value ? key->state == VALUE_TEXT && bytes_are(key->text, value)
                  : key->state == VALUE_ABSENT)
            return g->groups[i].count;
    }
    return 0;
}

/* Groups all events, duplicates too. */
static void expect_groups(struct session *s, enum field_id field, size_t different,
                          const struct count *wanted, size_t n_wanted)
{
    struct selection *all;
    struct grouping *grouping = NULL;
    size_t texts = 0;

    session_show_duplicates(s, true);
    all = settle_select_all(s);
    (void)session_group(s, all, &field, 1, FIELD_COUNT, keep_grouping, &grouping);
    (void)settle(s);
    assert_non_null(grouping);
    assert_int_equal(grouping->n_rows, 704);
    for (size_t i = 0; i < grouping->n_groups; i++)
        texts += grouping->groups[i].keys[0].state == VALUE_TEXT;
    assert_int_equal(texts, different);
    for (size_t i = 0; i < n_wanted; i++)
        assert_int_equal(count_of(grouping, wanted[i].value), wanted[i].events);
    grouping_free(grouping);
    selection_release(all);
}

static void counts_of_values(void **state)
{
    static const struct count operations[] = {
        {"DescribeInstanceInformation", 112},
        {"DescribeInstances",           45 },
        {"GetPasswordData",             30 },
        {"GetSecretValue",              20 },
        {"AssumeRole",                  24 },
        {"DescribeInstanceAttribute",   19 },
        {"ListFunctions20150331",       11 },
        {NULL,                          55 }, /* a notification, events of another log */
    };
    static const struct count errors[] = {
        {"Client.UnauthorizedOperation",           46 },
        {"AccessDenied",                           13 },
        {"EntityTemporarilyUnmodifiableException", 1  },
        {"TrailNotFoundException",                 1  },
        {"NotAuthorizedException",                 1  },
        {"EntityAlreadyExists",                    1  },
        {NULL,                                     640},
    };
    static const struct count addresses[] = {
        {"253.252.51.07",   56}, /* not an address, yet what the log says */
        {"...",             48}, /* of rule tests */
        {"18.236.253.47",   45},
        {"251.228.255.218", 35},
        {"200.249.253.51",  34},
        {NULL,              65},
    };
    static const struct count types[] = {
        {"IAMUser",       354},
        {"AssumedRole",   86 },
        {"Root",          29 },
        {"AWSService",    13 },
        {"Unknown",       8  },
        {"FederatedUser", 1  },
        {NULL,            169},
    };
    static const struct count formats[] = {
        {"cloudtrail",        633},
        {"app-log",           53 },
        {"api-access",        8  },
        {"insight",           6  },
        {"auth-event",        2  },
        {"user-activity",     1  },
        {"user-notification", 1  },
    };
    struct session *s = need(state);

    expect_groups(s, FIELD_OPERATION, 162, operations, ARRAY_LEN(operations));
    /* One more is the empty text. */
    expect_groups(s, FIELD_ERROR, 6, errors, ARRAY_LEN(errors));
    expect_groups(s, FIELD_IP, 61, addresses, ARRAY_LEN(addresses));
    expect_groups(s, FIELD_ACTOR_TYPE, 9, types, ARRAY_LEN(types));
    expect_groups(s, FIELD_FORMAT, 7, formats, ARRAY_LEN(formats));
    expect_groups(s, FIELD_EVENT_ID, 551, NULL, 0);
}

/* From the log of 2014 to an entry of 2026. */
static void times(void **state)
{
    struct session *s = need(state);
    const struct index *index = session_index(s);
    struct buffer text = {0};

    instant_add(&text, index->first_us, INSTANT_ISO, 0);
    buffer_add_char(&text, ' ');
    instant_add(&text, index->last_us, INSTANT_ISO, 0);
    assert_true(bytes_are(buffer_bytes(&text), "2014-03-06T17:10:34Z 2026-05-31T13:11:28Z"));
    buffer_deinit(&text);
}

/* What is not read says what it is. */
static void foreign_files_are_named(void **state)
{
    static const struct {
        const char *end, *seems; /* of the path; the words begin so */
        enum err code;
        enum file_status status;
    } wanted[] = {
        {"/ec2_proxy_s3_exfiltration.zip",           "ZIP archive, 1 entry,",                         ERR_ASIDE,          FILE_READ   },
        {"/aliyun_actiontrail.json",                 "an Alibaba Cloud ActionTrail event, 4 records",
         ERR_UNKNOWN_FORMAT,                                                                                              FILE_SKIPPED},
        {"/bad_cloudtrail.json",                     "952 bytes of a record without its end",         ERR_CUT,
         FILE_DAMAGED                                                                                                                 },
        {"/event_history.csv",                       "CSV table from the CloudTrail console: ",       ERR_LACKS,          FILE_READ   },
        {"insights-json/logs-insights-results.json",
         "a row of a CloudWatch Logs Insights result without a record, 13 records",                   ERR_UNKNOWN_FORMAT, FILE_SKIPPED},
        {"/admin_list_user_auth_events_cli.json",    "there was more",                                ERR_PAGE,           FILE_READ   },
        {"/view-insights-events-cli_02.json",        "there was more",                                ERR_PAGE,           FILE_READ   },
        {"-digest-file-structure_02.json",           "a CloudTrail digest, 1 record",                 ERR_ASIDE,
         FILE_SKIPPED                                                                                                                 },
        {"_success_responseElements.fragment.json",  "part of a CloudTrail record, 1 record",
         ERR_UNKNOWN_FORMAT,                                                                                              FILE_SKIPPED},
        {"03_stratus_detonation_logs/LICENSE",       "plain text",                                    ERR_NOT_LOGS,       FILE_SKIPPED},
    };
    struct archive *a = session_archive(need(state));

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        unsigned found = 0;

        for (size_t id = 0; id < archive_count(a); id++) {
            const struct file *f = archive_file(a, id);

            if (!bytes_ends(f->path, wanted[i].end))
                continue;
            found++;
            assert_int_equal(f->status, wanted[i].status);
            assert_int_equal(f->n_problems, 1);
            assert_int_equal(f->problems[0].code, wanted[i].code);
            assert_true(bytes_starts(f->problems[0].detail, wanted[i].seems));
        }
        assert_int_equal(found, 1);
    }
}

/* Every row leads back to a record that reads as one event. */
static void every_record_is_found_again(void **state)
{
    struct session *s = need(state);
    const struct index *index = session_index(s);
    struct event_reader *reader = event_reader_new(NULL);
    struct buffer text = {0};

    for (uint64_t i = 0; i < index->n_rows; i++) {
        struct event event;
        struct cursor c;

        buffer_clear(&text);
        assert_int_equal(session_record(s, index->order[i], &text), ERR_OK);
        cursor_init(&c, buffer_bytes(&text), true);
        assert_int_equal(event_read(reader, &c, &event, NULL), EVENT_READ);
        assert_true(cursor_at_end(&c));
        assert_int_equal(event.time_us, store_time(session_store(s), index->order[i]));
    }
    buffer_deinit(&text);
    event_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_each_folder),
        cmocka_unit_test(sums_over_all),
        cmocka_unit_test(counts_of_values),
        cmocka_unit_test(times),
        cmocka_unit_test(foreign_files_are_named),
        cmocka_unit_test(every_record_is_found_again),
    };

    hash_seed();
    return cmocka_run_group_tests_name("real", tests, setup_logs, teardown_logs);
}
