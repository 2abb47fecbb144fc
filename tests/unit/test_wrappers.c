/* One set of records in every wrapper that is known: the same events each time. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdlib.h>
#include <zlib.h>

#include "core/base/hash.h"

#include "settle.h"

/* Escapes, characters beyond ASCII, masks, numbers of any spelling, empty and null values. */
static const char *const RECORDS[] = {
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"Unknown\",\"principalId\":"
    "\"Anonymous\"},\"eventTime\":\"2025-03-01T10:00:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"awsRegion\":\"eu-west-1\","
    "\"sourceIPAddress\":\"192.0.2.1\",\"userAgent\":\"a \\\"b\\\" \\\\ c\\n\\u00e9\xc3\xa9\","
    "\"errorCode\":\"NotAuthorizedException\",\"errorMessage\":\"Incorrect username or "
    "password.\",\"requestParameters\":{\"clientId\":\"1abc\",\"authFlow\":"
    "\"USER_PASSWORD_AUTH\",\"authParameters\":\"HIDDEN_DUE_TO_SECURITY_REASONS\"},"
    "\"responseElements\":null,\"additionalEventData\":{\"sub\":"
    "\"aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb\"},\"requestID\":"
    "\"00000000-0000-4000-8000-00000000000a\",\"eventID\":"
    "\"00000000-0000-4000-8000-000000000001\",\"readOnly\":false,\"eventType\":\"AwsApiCall\","
    "\"recipientAccountId\":\"123456789012\"}",
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"Root\",\"arn\":"
    "\"arn:aws:iam::123456789012:root\"},\"eventTime\":\"2025-03-01T10:00:01Z\","
    "\"eventSource\":\"signin.amazonaws.com\",\"eventName\":\"ConsoleLogin\",\"awsRegion\":"
    "\"us-east-1\",\"sourceIPAddress\":\"2001:db8::1\",\"userAgent\":\"\","
    "\"requestParameters\":"
    "null,\"responseElements\":{\"ConsoleLogin\":\"Success\"},\"additionalEventData\":{\"n\":"
    "1.50e+3,\"deep\":[[],{},[{\"a\":[\"{\\\"x\\\":1}\"]}]]},\"eventID\":"
    "\"00000000-0000-4000-8000-000000000002\",\"recipientAccountId\":\"123456789012\"}",
    "{\"eventTimestamp\":\"1740823202000\",\"eventSource\":\"USER_ACTIVITY\",\"logLevel\":"
    "\"INFO\",\"message\":{\"version\":\"1\",\"eventId\":"
    "\"00000000-0000-4000-8000-000000000003\",\"eventType\":\"SignIn\",\"userSub\":"
    "\"aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb\",\"userName\":\"\xe6\x9d\x8e \\ud83d\\ude00\","
    "\"userPoolId\":\"eu-west-1_Pool\",\"clientId\":\"1abc\",\"creationDate\":"
    "\"Sat Mar 01 10:00:02 UTC 2025\",\"eventResponse\":\"Pass\",\"riskLevel\":\"Low\","
    "\"challenges\":[],\"ipAddress\":\"192.0.2.1\",\"requestId\":"
    "\"00000000-0000-4000-8000-00000000000b\",\"city\":\"null\",\"country\":null},"
    "\"logSourceId\":{\"userPoolId\":\"eu-west-1_Pool\"}}",
    "{\"eventTimestamp\":\"1740823203000\",\"eventSource\":\"USER_NOTIFICATION\",\"logLevel\":"
    "\"ERROR\",\"message\":{\"details\":\"no\\tSMS\"},\"logSourceId\":{\"userPoolId\":"
    "\"eu-west-1_Pool\"}}",
    "{\"eventVersion\":\"1.07\",\"eventTime\":\"2025-03-01T10:00:04Z\",\"awsRegion\":"
    "\"us-east-1\",\"eventID\":\"00000000-0000-4000-8000-000000000005\",\"eventType\":"
    "\"AwsCloudTrailInsight\",\"recipientAccountId\":\"123456789012\",\"sharedEventID\":"
    "\"00000000-0000-4000-8000-00000000000c\",\"insightDetails\":{\"state\":\"Start\","
    "\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"ListUsers\"},\"eventCategory\":"
    "\"Insight\"}",
    "{\"eventVersion\":\"1.0\",\"accountId\":\"123456789012\",\"eventId\":"
    "\"00000000-0000-4000-8000-000000000006\",\"eventType\":\"AwsAggregatedEvent\","
    "\"eventCategory\":\"Aggregated\",\"timeWindow\":{\"windowStart\":"
    "\"2025-03-01T10:00:05Z\",\"windowEnd\":\"2025-03-01T10:05:05Z\"},\"summary\":{}}",
    "{\"EventId\":\"00000000-0000-4000-8000-000000000007\",\"EventType\":\"SignIn\","
    "\"CreationDate\":1740823206.25,\"EventResponse\":\"Fail\",\"EventRisk\":{\"RiskDecision\":"
    "\"Block\",\"RiskLevel\":\"High\",\"CompromisedCredentialsDetected\":true},"
    "\"ChallengeResponses\":[{\"ChallengeName\":\"Password\",\"ChallengeResponse\":"
    "\"Success\"}],\"EventContextData\":{\"IpAddress\":\"192.0.2.7\",\"City\":\"null\","
    "\"Timezone\":\"-07:00\"}}",
    "{\"eventVersion\":\"1.09\",\"eventCategory\":\"NetworkActivity\",\"eventType\":"
    "\"AwsVpceEvent\",\"eventTime\":\"2025-03-01T10:00:07Z\",\"eventSource\":"
    "\"kms.amazonaws.com\",\"eventName\":\"Decrypt\",\"errorCode\":\"VpceAccessDenied\","
    "\"vpcEndpointAccountId\":\"123456789012\",\"eventID\":"
    "\"00000000-0000-4000-8000-000000000008\",\"recipientAccountId\":\"123456789012\","
    "\"addendum\":{\"reason\":\"UPDATED_DATA\",\"originalEventID\":\"x\"}}",
};

enum { N_RECORDS = ARRAY_LEN(RECORDS) };

/* As a string of JSON. */
static void add_string(struct buffer *out, const char *text)
{
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void add_lines(struct buffer *out, const char *before, const char *after, bool as_text)
{
    for (size_t i = 0; i < N_RECORDS; i++) {
        buffer_add_text(out, before);
        if (as_text)
            add_string(out, RECORDS[i]);
        else
            buffer_add_text(out, RECORDS[i]);
        buffer_add_text(out, after);
    }
}

/* A list of objects, or of what `before` and `after` make of them. */
static void add_list(struct buffer *out, const char *before, const char *after, bool as_text)
{
    add_lines(out, before, after, as_text);
    while (out->ptr[out->len - 1] != ',')
        out->len--;
    out->len--;
}

static void records(struct buffer *out)
{
    buffer_add_text(out, "{\"Records\":[");
    add_list(out, "", ",", false);
    buffer_add_text(out, "]}");
}

static void bare_list(struct buffer *out)
{
    buffer_add_text(out, "\xEF\xBB\xBF[\n");
    add_list(out, " ", " ,\n", false);
    buffer_add_text(out, "\n]\n");
}

static void lines(struct buffer *out)
{
    add_lines(out, "", "\n", false);
}

static void concatenated(struct buffer *out)
{
    add_lines(out, "", "", false);
}

#define BUS                                                                                    \
    "{\"version\":\"0\",\"id\":\"a309e823-553e-926e-64c1-c229204bb084\",\"detail-type\":"      \
    "\"AWS API Call via CloudTrail\",\"source\":\"aws.x\",\"account\":\"123456789012\","       \
    "\"time\":\"2025-03-01T11:00:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":"

static void event_bridge(struct buffer *out)
{
    add_lines(out, BUS, "}", false);
}

static void below_data(struct buffer *out)
{
    buffer_add_text(out, "[");
    add_list(out, "{\"data\":" BUS, "},\"description\":\"x\"},", false);
    buffer_add_text(out, "]");
}

static void list_below_data(struct buffer *out)
{
    buffer_add_text(out, "[{\"data\":{\"Records\":[");
    add_list(out, "", ",", false);
    buffer_add_text(out, "]},\"log\":\"cloudtrail:events\"}]");
}

static void lookup_events(struct buffer *out)
{
    buffer_add_text(out, "{\"Events\":[");
    add_list(out,
             "{\"EventId\":\"1\",\"EventName\":\"other\",\"ReadOnly\":\"true\",\"EventTime\":"
             "1424476529.0,\"EventSource\":\"s\",\"Username\":\"u\",\"Resources\":[],"
             "\"CloudTrailEvent\":",
             "},", true);
    buffer_add_text(out, "]}");
}

static void cloud_trail_event(struct buffer *out)
{
    add_lines(out, "{\"name\":\"x\",\"cloud_trail_event\":", "}\n", true);
}

static void input_message(struct buffer *out)
{
    add_lines(out, "{\"type\":\"log\",\"input\":{\"message\":", "}}\n", true);
}

static void logstash(struct buffer *out)
{
    add_lines(out,
              "{\"@timestamp\":\"2025-03-02T00:00:00Z\",\"@version\":\"1\",\"message\":", "}\n",
              true);
}

#define SUBSCRIPTION(type)                                                                     \
    "{\"messageType\":\"" type "\",\"owner\":\"123456789012\",\"logGroup\":\"g\","             \
    "\"logStream\":\"s\",\"subscriptionFilters\":[\"f\"],\"logEvents\":["
#define LOG_ID "\"36840000000000000000000000000000000000000000000000000000\""

static void subscription(struct buffer *out)
{
    buffer_add_text(out, SUBSCRIPTION("CONTROL_MESSAGE") "{\"id\":\"\",\"timestamp\":"
                                                         "1740823200000,\"message\":\"CWL "
                                                         "CONTROL MESSAGE: Checking health of "
                                                         "destination Firehose.\"}]}");
    buffer_add_text(out, SUBSCRIPTION("DATA_MESSAGE") "]}" SUBSCRIPTION("DATA_MESSAGE"));
    add_list(out, "{\"id\":" LOG_ID ",\"timestamp\":1740999999000,\"message\":", "},", true);
    buffer_add_text(out, "]}");
}

/* Each record in a subscription of its own, each of these a gzip member. */
static void subscription_members(struct buffer *out)
{
    for (size_t i = 0; i < N_RECORDS; i++) {
        struct buffer text = {0};
        z_stream z = {0};
        size_t room;

        buffer_add_text(&text, SUBSCRIPTION("DATA_MESSAGE"));
        buffer_add_text(&text, "{\"id\":" LOG_ID ",\"timestamp\":1740999999000,\"message\":");
        add_string(&text, RECORDS[i]);
        buffer_add_text(&text, "}]}");
        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
        room = deflateBound(&z, text.len);
        z.next_out = (unsigned char *)buffer_room(out, room);
        z.avail_out = (unsigned)room;
        z.next_in = (unsigned char *)text.ptr;
        z.avail_in = (unsigned)text.len;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        out->len += z.total_out;
        (void)deflateEnd(&z);
        buffer_deinit(&text);
    }
}

static void filter_log_events(struct buffer *out)
{
    buffer_add_text(out, "{\n  \"events\": [");
    add_list(out, "{\"logStreamName\":\"s\",\"timestamp\":1740999999000,\"message\": ",
             ",\"ingestionTime\":1740999999500,\"eventId\":" LOG_ID "},\n", true);
    buffer_add_text(out, "],\"searchedLogStreams\":[],\"nextToken\":\"\"}");
}

static void get_log_events(struct buffer *out)
{
    buffer_add_text(out, "{\"nextForwardToken\":\"f/1\",\"events\":[");
    add_list(out, "{\"timestamp\":1740999999000,\"message\":", ",\"ingestionTime\":1},", true);
    buffer_add_text(out, "],\"nextBackwardToken\":\"b/1\"}");
}

#define ROW                                                                                    \
    "[{\"field\":\"@timestamp\",\"value\":\"2026-02-20 22:20:53.168\"},{\"field\":"            \
    "\"@message\",\"value\":"

static void query_results(struct buffer *out)
{
    buffer_add_text(out, "{\"results\":[");
    add_list(out, ROW, "},{\"field\":\"@ptr\",\"value\":\"p\"}],", true);
    buffer_add_text(out, "],\"statistics\":{\"recordsMatched\":1.0},\"status\":\"Complete\"}");
}

static void bare_rows(struct buffer *out)
{
    buffer_add_text(out, "[");
    add_list(out, ROW, "}],\n", true);
    buffer_add_text(out, "]");
}

static void console_text(struct buffer *out)
{
    buffer_add_text(out, "[");
    add_list(out, "{\"@timestamp\":\"2026-02-20 22:20:53.168\",\"@message\":", "},", true);
    buffer_add_text(out, "]");
}

static void console_parsed(struct buffer *out)
{
    buffer_add_text(out, "[");
    add_list(out, "{\"@ptr\":\"x\",\"@message\":", ",\"@timestamp\":\"2026-02-20 22:20:53\"},",
             false);
    buffer_add_text(out, "]");
}

static void lake_rows(struct buffer *out)
{
    buffer_add_text(out, "{\"QueryStatus\":\"FINISHED\",\"QueryResultRows\":[");
    add_list(out, "[{\"eventTime\":\"x\"},{\"eventJson\":", "}],", true);
    buffer_add_text(out, "]}");
}

/* Columns that were asked for beside the record look like one, and say less. */
static void query_columns(struct buffer *out)
{
    buffer_add_text(out, "{\"results\":[");
    add_list(out,
             "[{\"field\":\"@timestamp\",\"value\":\"2026-02-20 22:20:53.168\"},{\"field\":"
             "\"eventSource\",\"value\":\"s\"},{\"field\":\"eventName\",\"value\":\"n\"},"
             "{\"field\":\"@message\",\"value\":",
             "}],", true);
    buffer_add_text(out, "],\"status\":\"Complete\"}");
}

static void console_columns(struct buffer *out)
{
    buffer_add_text(out, "[");
    add_list(out,
             "{\"@timestamp\":\"2026-02-20 22:20:53.168\",\"eventSource\":\"s\","
             "\"eventName\":\"n\",\"eventVersion\":\"1\",\"@message\":",
             "},", true);
    buffer_add_text(out, "]");
}

static void lake_columns(struct buffer *out)
{
    buffer_add_text(out, "{\"QueryStatus\":\"FINISHED\",\"QueryResultRows\":[");
    add_list(out,
             "[{\"eventTime\":\"2026-02-20 22:20:53.168\"},{\"eventSource\":\"s\"},"
             "{\"eventName\":\"n\"},{\"eventJson\":",
             "}],", true);
    buffer_add_text(out, "]}");
}

/* A bus delivers to a log group, and its stream to a file: two layers. */
static void two_layers(struct buffer *out)
{
    buffer_add_text(out, SUBSCRIPTION("DATA_MESSAGE"));
    for (size_t i = 0; i < N_RECORDS; i++) {
        struct buffer inner = {0};

        buffer_add_text(&inner, BUS);
        buffer_add_text(&inner, RECORDS[i]);
        buffer_add_char(&inner, '}');
        buffer_add_text(out, i ? "," : "");
        buffer_add_text(out, "{\"id\":" LOG_ID ",\"timestamp\":1740999999000,\"message\":");
        add_string(out, buffer_cstr(&inner));
        buffer_add_char(out, '}');
        buffer_deinit(&inner);
    }
    buffer_add_text(out, "]}");
}

/* ---- several records in one text ---- */

/* The list stands behind many other keys. */
static void late_records(struct buffer *out)
{
    buffer_add_char(out, '{');
    for (unsigned i = 0; i < 40; i++)
        buffer_printf(out, "\"key%u\":{\"Records\":%u},", i, i);
    buffer_add_text(out, "\"Records\":[");
    add_list(out, "", ",", false);
    buffer_add_text(out, "],\"more\":1}");
}

/* What `write` makes, as a text within something else. */
static void wrap_text(struct buffer *out, const char *before, void (*write)(struct buffer *out),
                      const char *after)
{
    struct buffer inner = {0};

    write(&inner);
    buffer_add_text(out, before);
    add_string(out, buffer_cstr(&inner));
    buffer_add_text(out, after);
    buffer_deinit(&inner);
}

#define LOG_EVENT "{\"id\":" LOG_ID ",\"timestamp\":1740999999000,\"message\":"

static void list_in_message(struct buffer *out)
{
    wrap_text(out, SUBSCRIPTION("DATA_MESSAGE") LOG_EVENT, records, "}]}");
}

static void objects_in_message(struct buffer *out)
{
    wrap_text(out, SUBSCRIPTION("DATA_MESSAGE") LOG_EVENT, concatenated, "}]}");
}

static void list_in_line(struct buffer *out)
{
    buffer_add_text(out, "2025-03-02T00:00:00.123Z ");
    records(out);
    buffer_add_char(out, '\n');
}

/* Messages of a queue, as a function gets them. */
#define MESSAGE                                                                                \
    "{\"messageId\":\"m\",\"receiptHandle\":\"h\",\"attributes\":{},\"eventSource\":"          \
    "\"aws:sqs\",\"body\":"
#define NOTICE                                                                                 \
    "{\"Type\":\"Notification\",\"MessageId\":\"m\",\"TopicArn\":\"arn:aws:sns:a\","           \
    "\"Timestamp\":\"2025-03-02T00:00:00.000Z\",\"Message\":"

static void queue(struct buffer *out)
{
    buffer_add_text(out, "{\"Records\":[");
    add_list(out, MESSAGE, "},", true);
    buffer_add_text(out, "]}");
}

static void received_messages(struct buffer *out)
{
    buffer_add_text(out, "{\"Messages\":[");
    add_list(out, "{\"MessageId\":\"m\",\"ReceiptHandle\":\"h\",\"Body\":", "},", true);
    buffer_add_text(out, "]}");
}

static void list_in_queue(struct buffer *out)
{
    wrap_text(out, "{\"Records\":[" MESSAGE, records, "}]}");
}

static void subscription_in_queue(struct buffer *out)
{
    wrap_text(out, "{\"Records\":[" MESSAGE, get_log_events, "}]}");
}

static void topic(struct buffer *out)
{
    buffer_add_text(out, "{\"Records\":[");
    add_list(out, "{\"EventSource\":\"aws:sns\",\"Sns\":" NOTICE, "}},", true);
    buffer_add_text(out, "]}");
}

/* A bus to a topic to a queue. */
static void bus_in_notice(struct buffer *out)
{
    struct buffer inner = {0};

    for (size_t i = 0; i < N_RECORDS; i++) {
        struct buffer bus = {0};

        buffer_printf(&bus, "%s%s}", BUS, RECORDS[i]);
        buffer_clear(&inner);
        buffer_add_text(&inner, NOTICE);
        add_string(&inner, buffer_cstr(&bus));
        buffer_add_char(&inner, '}');
        buffer_add_text(out, MESSAGE);
        add_string(out, buffer_cstr(&inner));
        buffer_add_text(out, "}\n");
        buffer_deinit(&bus);
    }
    buffer_deinit(&inner);
}

/* ---- text ---- */

static void export_lines(struct buffer *out)
{
    add_lines(out, "2025-03-02T00:00:00.123Z ", "\n", false);
}

static void epoch_lines(struct buffer *out)
{
    add_lines(out, "1740999999000 ", "\r\n", false);
}

/* As a cell in quotes. */
static void add_cell(struct buffer *out, const char *text)
{
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void add_table(struct buffer *out, const char *heading, const char *before,
                      const char *after)
{
    buffer_add_text(out, heading);
    for (size_t i = 0; i < N_RECORDS; i++) {
        buffer_add_text(out, before);
        add_cell(out, RECORDS[i]);
        buffer_add_text(out, after);
    }
}

static void log_events_table(struct buffer *out)
{
    add_table(out, "timestamp,message\n", "1740999999000,", "\n");
}

static void insights_table(struct buffer *out)
{
    add_table(out, "@timestamp,@message,@logStream\r\n", "2025-03-02 00:00:00.000,", ",s\r\n");
}

static void spreadsheet_table(struct buffer *out)
{
    add_table(out, "@log;@message;@timestamp\n", "\"a;b\";", ";2025-03-02 00:00:00.000\n");
}

static void lake_table(struct buffer *out)
{
    add_table(out, "eventID\teventJson\n", "x\t", "\n");
}

static const struct {
    const char *name;
    void (*write)(struct buffer *out);
    unsigned layers;
    unsigned notes; /* problems that take nothing away */
} WRAPPERS[] = {
    {"records",              records,               0, 0},
    {"bare_list",            bare_list,             0, 0},
    {"lines",                lines,                 0, 0},
    {"concatenated",         concatenated,          0, 0},
    {"event_bridge",         event_bridge,          1, 0},
    {"below_data",           below_data,            2, 0},
    {"list_below_data",      list_below_data,       0, 0},
    {"lookup_events",        lookup_events,         1, 0},
    {"cloud_trail_event",    cloud_trail_event,     1, 0},
    {"input_message",        input_message,         1, 0},
    {"logstash",             logstash,              1, 0},
    {"subscription",         subscription,          1, 1},
    {"subscription_members", subscription_members,  1, 0},
    {"filter_log_events",    filter_log_events,     1, 0},
    {"get_log_events",       get_log_events,        1, 0},
    {"query_results",        query_results,         2, 0},
    {"bare_rows",            bare_rows,             2, 0},
    {"console_text",         console_text,          1, 0},
    {"console_parsed",       console_parsed,        1, 0},
    {"lake_rows",            lake_rows,             2, 0},
    {"query_columns",        query_columns,         2, 0},
    {"console_columns",      console_columns,       1, 0},
    {"lake_columns",         lake_columns,          2, 0},
    {"two_layers",           two_layers,            2, 0},
    {"late_records",         late_records,          0, 0},
    {"list_in_message",      list_in_message,       1, 0},
    {"objects_in_message",   objects_in_message,    1, 0},
    {"queue",                queue,                 1, 0},
    {"received_messages",    received_messages,     1, 0},
    {"list_in_queue",        list_in_queue,         1, 0},
    {"subscription_queue",   subscription_in_queue, 2, 0},
    {"topic",                topic,                 1, 0},
    {"bus_in_notice",        bus_in_notice,         3, 0},
    {"export_lines",         export_lines,          1, 0},
    {"list_in_line",         list_in_line,          1, 0},
    {"epoch_lines",          epoch_lines,           1, 0},
    {"log_events_table",     log_events_table,      1, 0},
    {"insights_table",       insights_table,        1, 0},
    {"spreadsheet_table",    spreadsheet_table,     1, 0},
    {"lake_table",           lake_table,            1, 0},
};

enum { FIRST_TEXT = ARRAY_LEN(WRAPPERS) - 7 };

static struct session *load_wrapper(size_t wrapper)
{
    struct session *s = session_new();
    struct buffer text = {0};

    WRAPPERS[wrapper].write(&text);
    archive_add_memory(session_archive(s), bytes_of(WRAPPERS[wrapper].name),
                       buffer_bytes(&text));
    session_start(s);
    session_wait(s);
    buffer_deinit(&text);
    return s;
}

/* Rows stand in the order of reading, which is that of the records. */
static void compare_rows(struct session *plain, struct session *wrapped, const char *name)
{
    const struct store *a = session_store(plain), *b = session_store(wrapped);

    assert_int_equal(store_rows(b), N_RECORDS);
    for (row_id row = 0; row < N_RECORDS; row++) {
        const struct chunk *chunk_a = store_chunk(a, 0), *chunk_b = store_chunk(b, 0);

        assert_true(store_time(a, row) == store_time(b, row));
        if (column_get(&chunk_a->content, row) != column_get(&chunk_b->content, row))
            fail_msg("%s, record %u: other content", name, row);
        for (enum field_id f = 0; f < FIELD_COUNT; f++) {
            char text_a[UNIQUE_TEXT_BYTES], text_b[UNIQUE_TEXT_BYTES];
            enum value_state state_a, state_b;
            struct bytes got, wanted;

            if (field_get(f)->kind == FIELD_INSTANT || field_get(f)->kind == FIELD_POSITION)
                continue;
            wanted = store_text(a, row, f, text_a, &state_a);
            got = store_text(b, row, f, text_b, &state_b);
            if (state_a != state_b || !bytes_equal(got, wanted))
                fail_msg("%s, record %u, %s: '%.*s' (%d) instead of '%.*s' (%d)", name, row,
                         field_get(f)->name, (int)got.len, got.ptr, (int)state_b,
                         (int)wanted.len, wanted.ptr, (int)state_a);
        }
    }
}

/* What drilling in and any-path queries see is the record, byte for byte. */
static void compare_texts(struct session *s, size_t wrapper)
{
    const struct chunk *chunk = store_chunk(session_store(s), 0);
    struct unwrapper u = {0};
    struct buffer text = {0};

    for (row_id row = 0; row < N_RECORDS; row++) {
        struct wrapped where = event_wrapped((uint32_t)column_get(&chunk->flags, row));

        assert_int_equal(where.layers, WRAPPERS[wrapper].layers);
        buffer_clear(&text);
        assert_int_equal(session_record(s, row, &text), ERR_OK);
        if (!bytes_are(unwrap(&u, buffer_bytes(&text), where), RECORDS[row]))
            fail_msg("%s, record %u: %.*s", WRAPPERS[wrapper].name, row, (int)text.len,
                     text.ptr);
    }
    unwrapper_deinit(&u);
    buffer_deinit(&text);
}

static void check_ledger(struct session *s, size_t wrapper)
{
    const struct file *f = archive_file(session_archive(s), 0);

    if (f->status != FILE_READ || f->n_problems != WRAPPERS[wrapper].notes)
        fail_msg("%s: %s, %.*s", WRAPPERS[wrapper].name, file_status_name(f->status),
                 f->n_problems ? (int)f->problems[0].detail.len : 0,
                 f->n_problems ? f->problems[0].detail.ptr : "");
    assert_int_equal(f->events, N_RECORDS);
    assert_int_equal(f->rejected, 0);
    assert_int_equal(f->updates, 1);
    assert_int_equal(f->summaries, 0);
    assert_int_equal(f->n_problems, WRAPPERS[wrapper].notes);
    assert_int_equal(f->bytes, f->record_bytes + f->wrapper_bytes + f->problem_bytes);
}

static void the_same_events_in_every_wrapper(void **state)
{
    struct session *plain = load_wrapper(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(WRAPPERS); i++) {
        struct session *s = load_wrapper(i);

        if (store_rows(session_store(s)) != N_RECORDS)
            fail_msg("%s: %u events", WRAPPERS[i].name, (unsigned)store_rows(session_store(s)));
        check_ledger(s, i);
        compare_rows(plain, s, WRAPPERS[i].name);
        compare_texts(s, i);
        session_free(s);
    }
    session_free(plain);
}

/* All wrappers in one file, and in one archive: one event each, the others are copies. Only
 * the notification has no id, so that its copies cannot be told from others like it. */
static void copies_in_other_wrappers_are_duplicates(void **state)
{
    enum { COPIES = ARRAY_LEN(WRAPPERS) + ARRAY_LEN(WRAPPERS) - FIRST_TEXT };
    struct session *s = session_new();
    struct buffer all = {0};

    (void)state;
    for (size_t i = 0; i < FIRST_TEXT; i++)
        if (WRAPPERS[i].write != subscription_members && WRAPPERS[i].write != bare_list)
            WRAPPERS[i].write(&all);
    archive_add_memory(session_archive(s), bytes_of("all"), buffer_bytes(&all));
    for (size_t i = FIRST_TEXT; i < ARRAY_LEN(WRAPPERS); i++) {
        buffer_clear(&all);
        WRAPPERS[i].write(&all);
        records(&all); /* JSON behind rows and lines is found */
        archive_add_memory(session_archive(s), bytes_of(WRAPPERS[i].name), buffer_bytes(&all));
    }
    buffer_clear(&all);
    subscription_members(&all);
    archive_add_memory(session_archive(s), bytes_of("members"), buffer_bytes(&all));
    buffer_clear(&all);
    bare_list(&all);
    archive_add_memory(session_archive(s), bytes_of("list"), buffer_bytes(&all));
    buffer_deinit(&all);
    session_start(s);
    session_wait(s);
    assert_int_equal(session_index(s)->n_rows, N_RECORDS * COPIES);
    assert_int_equal(session_index(s)->n_duplicates, (N_RECORDS - 1) * (COPIES - 1));
    assert_int_equal(session_index(s)->n_conflicts, 0);
    session_free(s);
}

/* Loads one text; the caller frees the session. */
static struct session *load_text(const char *text)
{
    struct session *s = session_new();

    archive_add_memory(session_archive(s), bytes_of("text"), bytes_of(text));
    session_start(s);
    session_wait(s);
    return s;
}

/* `stats count(*) by eventSource, eventName` gives columns of records, and no records. */
static void rows_that_count_are_no_events(void **state)
{
    static const char *const texts[] = {
        "{\"results\":[[{\"field\":\"eventSource\",\"value\":\"iam.amazonaws.com\"},{\"field\":"
        "\"eventName\",\"value\":\"GetUser\"},{\"field\":\"n\",\"value\":\"120\"}]],"
        "\"statistics\":{},\"status\":\"Complete\"}",
        "[{\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"GetUser\",\"count(*)\":"
        "\"120\"}]",
        "{\"QueryStatus\":\"FINISHED\",\"QueryResultRows\":[[{\"eventSource\":"
        "\"iam.amazonaws.com\"},{\"eventName\":\"GetUser\"},{\"_col2\":\"120\"}]]}",
        "[{\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"GetUser\",\"events\":"
        "\"120\"}]",
        "[{\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"GetUser\",\"avg\":1.5}]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct session *s = load_text(texts[i]);
        const struct file *f = archive_file(session_archive(s), 0);

        assert_int_equal(f->events, 0);
        assert_int_equal(f->rejected, 0);
        assert_int_equal(f->n_problems, 1);
        assert_int_equal(f->problems[0].code, ERR_ASIDE);
        assert_true(
            bytes_starts(f->problems[0].detail, "a row of a query's result that counts"));
        session_free(s);
    }
}

/* Files of which the screen and every output say that there was more. */
static uint64_t lacking_files(struct session *s)
{
    struct ledger_totals t;

    session_totals(s, &t);
    assert_true(t.rejected > 0 || !ledger_is_partial(&t));
    return t.lacking;
}

static void a_query_that_had_not_ended_is_told(void **state)
{
    static const char *const texts[] = {
        "{\"results\":[[{\"field\":\"@timestamp\",\"value\":\"2026-02-20 22:20:53.168\"},"
        "{\"field\":\"@message\",\"value\":\"x\"}]],\"status\":\"Running\"}",
        "{\"QueryStatus\":\"TIMED_OUT\",\"QueryResultRows\":[[{\"eventName\":\"GetUser\"},"
        "{\"eventSource\":\"s\"},{\"eventTime\":\"2026-02-20 22:20:53.168\"}]]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct session *s = load_text(texts[i]);
        const struct file *f = archive_file(session_archive(s), 0);

        assert_int_equal(f->events, 1);
        assert_int_equal(f->n_problems, 1);
        assert_int_equal(f->problems[0].code, ERR_PAGE);
        assert_true(bytes_starts(f->problems[0].detail, "there may be more"));
        assert_int_equal(lacking_files(s), 1);
        session_free(s);
    }
}

/* What stands beside records in one text is counted and named; a text without any stays one
 * entry of its log. */
static void what_stands_beside_records_is_told(void **state)
{
#define CALL "{\\\"eventSource\\\":\\\"iam.amazonaws.com\\\",\\\"eventName\\\":\\\"GetUser\\\"}"
#define TORN                                                                                   \
    "1 entry of a log begins as a CloudTrail record and does not end as such: read as text, "  \
    "without fields; the last one stands before this place"
#define ENTRY(text)                                                                            \
    "{\"events\":[{\"timestamp\":1740999999000,\"ingestionTime\":1,\"message\":\"" text "\"}]" \
    "}"
    static const struct {
        const char *text;
        unsigned events, rejected;
        const char *problem; /* NULL: none */
        format_mask formats;
    } cases[] = {
        {ENTRY(CALL CALL),                                                                                2, 0, NULL,                                 FORMATS_CLOUDTRAIL},
        {ENTRY(CALL "\\n" CALL "\\n"),                                                                    2, 0, NULL,                                 FORMATS_CLOUDTRAIL},
        {ENTRY("[" CALL "]"),                                                                             1, 0, NULL,                                 FORMATS_CLOUDTRAIL},
        {ENTRY("[" CALL ",1,{}]"),                                                                        1, 2, "JSON of an unknown kind, 2 records",
         FORMATS_CLOUDTRAIL                                                                                                                                             },
        {ENTRY(CALL CALL "{\\\"eventN"),                                                                  2, 1, "a record without its end, 1 record",
         FORMATS_CLOUDTRAIL                                                                                                                                             },
        {ENTRY(CALL CALL "done"),                                                                         2, 1, "text that is no record, 1 record",   FORMATS_CLOUDTRAIL},
        {ENTRY("{\\\"Records\\\":[" CALL ",{\\\"eventSource\\\":\\\"aws:s3\\\"}]}"),                      1, 0,
         "an S3 event notification, 1 record",                                                                                                        FORMATS_CLOUDTRAIL},
        {ENTRY("{\\\"Records\\\":[]}"),                                                                   1, 0, NULL,                                 FORMATS_APP_LOG   },
        {ENTRY("[1,2]"),                                                                                  1, 0, NULL,                                 FORMATS_APP_LOG   },
        {ENTRY("{} {}"),                                                                                  1, 0, NULL,                                 FORMATS_APP_LOG   },
        {ENTRY("done: " CALL),                                                                            1, 0, NULL,                                 FORMATS_APP_LOG   },
        {ENTRY(CALL " done"),                                                                             1, 0, TORN,                                 FORMATS_APP_LOG   },
        {"{\"Records\":[{\"messageId\":\"m\",\"receiptHandle\":\"h\",\"eventSource\":"
         "\"aws:sqs\",\"body\":\"{\\\"Records\\\":[{\\\"eventSource\\\":\\\"aws:s3\\\"}]}\"}]}", 0, 0, "an S3 event notification, 1 record", 0                 },
        {"{\"Records\":[{\"messageId\":\"m\",\"receiptHandle\":\"h\",\"eventSource\":"
         "\"aws:sqs\",\"body\":\"hello\"}]}",                                                    0, 1, "an SQS message, 1 record",           0                 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct session *s = load_text(cases[i].text);
        const struct file *f = archive_file(session_archive(s), 0);

        if (f->events != cases[i].events || f->rejected != cases[i].rejected ||
            f->formats != cases[i].formats || f->n_problems != (cases[i].problem != NULL) ||
            (cases[i].problem && !bytes_are(f->problems[0].detail, cases[i].problem)))
            fail_msg("%s: %u events, %u rejected, %.*s", cases[i].text, (unsigned)f->events,
                     (unsigned)f->rejected, f->n_problems ? (int)f->problems[0].detail.len : 0,
                     f->n_problems ? f->problems[0].detail.ptr : "");
        assert_int_equal(f->bytes, f->record_bytes + f->wrapper_bytes + f->problem_bytes);
        assert_int_equal(lacking_files(s),
                         cases[i].problem && strcmp(cases[i].problem, TORN) == 0);
        session_free(s);
    }
}

/* Drilling in reads a text anew for each record in it. */
static void more_than_the_most_records_of_one_text_are_told(void **state)
{
    enum { RECORDS_IN_TEXT = 4100 };
    struct buffer text = {0};
    struct session *s;
    const struct file *f;

    (void)state;
    buffer_add_text(&text, "{\"events\":[{\"timestamp\":1,\"ingestionTime\":1,\"message\":\"");
    for (unsigned i = 0; i < RECORDS_IN_TEXT; i++)
        buffer_add_text(&text, CALL);
    buffer_add_text(&text, "\"}]}");
    s = load_text(buffer_cstr(&text));
    f = archive_file(session_archive(s), 0);
    assert_int_equal(f->events, 4096);
    assert_int_equal(f->rejected, 4);
    assert_int_equal(f->n_problems, 1);
    assert_true(bytes_are(f->problems[0].detail,
                          "records behind the first 4,096 in one text, 4 records"));
    session_free(s);
    buffer_deinit(&text);
}

/* Subscriptions and export tasks hand on what the log kept, cut or not. */
static void records_that_a_log_cut_are_told(void **state)
{
    static const char *const texts[] = {
        "{\"events\":[{\"timestamp\":1740999999000,\"ingestionTime\":1,\"message\":"
        "\"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventName\\\":\\\"GetU\"}]}",
        "2021-07-30T16:35:01.000Z {\"eventVersion\":\"1.08\",\"eventName\":\"GetU\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct session *s = load_text(texts[i]);
        const struct file *f = archive_file(session_archive(s), 0);

        assert_int_equal(f->events, 1);
        assert_int_equal(f->formats, UINT32_C(1) << FORMAT_APP_LOG);
        assert_int_equal(f->n_problems, 1);
        assert_int_equal(f->problems[0].code, ERR_LACKS);
        session_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_events_in_every_wrapper),
        cmocka_unit_test(copies_in_other_wrappers_are_duplicates),
        cmocka_unit_test(rows_that_count_are_no_events),
        cmocka_unit_test(a_query_that_had_not_ended_is_told),
        cmocka_unit_test(what_stands_beside_records_is_told),
        cmocka_unit_test(more_than_the_most_records_of_one_text_are_told),
        cmocka_unit_test(records_that_a_log_cut_are_told),
    };

    hash_seed();
    return cmocka_run_group_tests_name("wrappers", tests, NULL, NULL);
}
