#include "tests/mutate/wrapper.h"

#include <inttypes.h>

#include "core/reading/shape.h"

#include "tests/data/holder.h"

unsigned wrapper_draw(uint64_t *random, size_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*random >> 33) % below);
}

/* How the record stands in what is around it. */
enum form {
    AS_IT_IS,
    AS_STRING, /* of JSON */
    AS_TEXT,   /* all of them, and what is around each, in one such string */
    AS_CELL,   /* of CSV */
    AS_ROW,    /* not at all: `before` is a row of its own, without an id of the record */
};

/* What stands around all records, and around each. In `before`, %m is a minute and a second,
 * %i the number of the record. */
struct wrapper {
    const char *name, *head, *before, *after, *between, *tail;
    enum form form;
};

#define BUS                                                                                    \
    "{\"version\":\"0\",\"id\":\"a309e823-553e-926e-64c1-c229204bb084\",\"detail-type\":"      \
    "\"AWS API Call via CloudTrail\",\"source\":\"aws.iam\",\"account\":\"123456789012\","     \
    "\"time\":\"2026-03-01T11:00:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":"
#define SUBSCRIPTION                                                                           \
    "{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"123456789012\",\"logGroup\":\"g\","         \
    "\"logStream\":\"s\",\"subscriptionFilters\":[\"f\"],\"logEvents\":["
#define LOOKUP                                                                                 \
    "{\"EventId\":\"1\",\"EventName\":\"ListUsers\",\"ReadOnly\":\"true\",\"EventTime\":"      \
    "1424476529.0,\"EventSource\":\"s\",\"Username\":\"u\",\"Resources\":[],"                  \
    "\"CloudTrailEvent\":"
#define ROW                                                                                    \
    "[{\"field\":\"@timestamp\",\"value\":\"2026-02-20 22:20:53.168\"},{\"field\":"            \
    "\"@message\",\"value\":"

#define MESSAGE                                                                                \
    "{\"messageId\":\"m\",\"receiptHandle\":\"h\",\"eventSource\":\"aws:sqs\",\"body\":"
#define NOTICE                                                                                 \
    "{\"EventSource\":\"aws:sns\",\"Sns\":{\"Type\":\"Notification\",\"TopicArn\":\"t\","      \
    "\"Timestamp\":\"2026-03-02T00:00:00.000Z\",\"Message\":"

// clang-format off
static const struct wrapper wrappers[] = {
    {"Records",       "{\"Records\":[", "", "", ",", "]}", AS_IT_IS},
    {"list",          "\xEF\xBB\xBF[\n", " ", "", " ,\n", "\n]\n", AS_IT_IS},
    {"lines",         "", "", "", "\n", "\n", AS_IT_IS},
    {"concatenated",  "", "", "", "", "", AS_IT_IS},
    {"event bus",     "", BUS, "}", "", "", AS_IT_IS},
    {"below data",    "[", "{\"data\":" BUS, "}}", ",", "]", AS_IT_IS},
    {"lookup",        "{\"Events\":[", LOOKUP, "}", ",", "]}", AS_STRING},
    {"subscription",  SUBSCRIPTION, "{\"id\":\"36840000000000000000000000000000000000000000000000000000\",\"timestamp\":1740999999000,\"message\":", "}", ",", "]}", AS_STRING},
    {"filter",        "{\n  \"events\": [", "{\"logStreamName\":\"s\",\"timestamp\":1740999999000,\"message\": ",
                      ",\"ingestionTime\":1740999999500,\"eventId\":\"1\"}", ",\n", "],\"searchedLogStreams\":[]}", AS_STRING},
    {"get",           "{\"nextForwardToken\":\"f/1\",\"events\":[", "{\"timestamp\":1740999999000,\"message\":",
                      ",\"ingestionTime\":1}", ",", "],\"nextBackwardToken\":\"b/1\"}", AS_STRING},
    {"query results", "{\"results\":[", ROW, "}]", ",", "],\"status\":\"Complete\"}", AS_STRING},
    {"Logstash",      "", "{\"@timestamp\":\"2026-03-02T00:00:00Z\",\"@version\":\"1\",\"message\":", "}", "\n", "\n", AS_STRING},
    {"queue",         "{\"Records\":[", MESSAGE, "}", ",", "]}", AS_STRING},
    {"topic",         "{\"Records\":[", NOTICE, "}}", ",", "]}", AS_STRING},
    {"lists in a queue", "{\"Records\":[" MESSAGE, "{\"Records\":[", "]}", " ", "}]}", AS_TEXT},
    {"several in a message", SUBSCRIPTION "{\"id\":\"36840000000000000000000000000000000000000000000000000000\",\"timestamp\":1740999999000,\"message\":",
                      "", "", "", "}]}", AS_TEXT},
    {"application",   "", "{\"@timestamp\":\"2026-03-01T10:%m.000Z\",\"level\":\"info\",\"input\":{\"message\":", "}}", "\n", "\n", AS_STRING},
    {"export lines",  "", "2026-03-01T10:%m.123Z ", "", "\n", "\n", AS_IT_IS},
    {"query CSV",     "@timestamp,@message\n", "2026-03-01 10:%m.000,", "", "\n", "\n", AS_CELL},
    {"lake CSV",      "eventID,eventJson\n", "00000000-0000-4000-8000-%i,", "", "\n", "\n", AS_CELL},
    {"event CSV",     "\xEF\xBB\xBF" "timestamp,message\r\n", "1740999999000,", "", "\r\n", "\r\n", AS_CELL},
    {"columns",       "eventTime,eventName,eventSource,eventID,sourceIPAddress\n", "2026-03-01 10:%m.000,ListUsers,iam.amazonaws.com,00000000-0000-4000-8000-%i,192.0.2.1", "", "\n", "\n", AS_ROW},
    {"history CSV",   "User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,User agent,Event ID\n",
                      "alice,,2026-03-01T10:%mZ,iam.amazonaws.com,ListUsers,us-east-1,192.0.2.1,\"a \"\"b\"\", c\",00000000-0000-4000-8000-%i", "", "\n", "\n", AS_ROW},
    {"access JSON",   "", "{\"requestId\":\"%i\",\"ip\":\"192.0.2.1\",\"requestTime\":\"01/Mar/2026:10:%m +0000\",\"httpMethod\":\"GET\",\"resourcePath\":\"/pets\",\"status\":\"200\"}", "", "\n", "\n", AS_ROW},
    {"broken access", "", "{\"requestId\":\"%i\",\"routeKey\":\"GET /\",\"status\":\"500\",\"error\":\"no \"x\" here\"}", "", "\n", "\n", AS_ROW},
    {"access CLF",    "", "192.0.2.1 - - [01/Mar/2026:10:%m +0000] \"GET /pets HTTP/1.1\" 200 17 %i %i", "", "\n", "\n", AS_ROW},
    {"own format",    "", "REQ %i from 192.0.2.1 at 01/Mar/2026:10:%m +0000: GET /pets gave 200", "", "\n", "\n", AS_ROW},
    {"activity",      "", "{\"eventTimestamp\":\"1763456801000\",\"eventSource\":\"USER_ACTIVITY\",\"message\":{\"eventId\":\"00000000-0000-4000-8000-%i\",\"eventType\":\"SignIn\",\"userName\":\"alice\",\"eventResponse\":\"Pass\"},\"logSourceId\":{\"userPoolId\":\"eu-west-1_Example\"}}",
                      "", "\n", "\n", AS_ROW},
    {"auth events",   "{\"AuthEvents\":[", "{\"EventId\":\"00000000-0000-4000-8000-%i\",\"EventType\":\"SignIn\",\"EventResponse\":\"Pass\",\"CreationDate\":1763456801.5}", "", ",", "]}", AS_ROW},
    {"log entries",   "", "2026-03-01T10:%m.123Z START RequestId: %i", "", "\n", "\n", AS_ROW},
};
// clang-format on

const char *wrapper_template(void)
{
    return "REQ $context.requestId from $context.identity.sourceIp at $context.requestTime: "
           "$context.httpMethod $context.resourcePath gave $context.status";
}

static size_t n_shapes(void)
{
    size_t n = 0;

    while (shape_get(n))
        n++;
    return n;
}

size_t wrapper_count(void)
{
    return ARRAY_LEN(wrappers) + n_shapes();
}

const char *wrapper_name(size_t wrapper)
{
    return wrapper < ARRAY_LEN(wrappers) ? wrappers[wrapper].name
                                         : shape_get(wrapper - ARRAY_LEN(wrappers))->name;
}

bool wrapper_has_ids(size_t wrapper)
{
    return wrapper < ARRAY_LEN(wrappers) && wrappers[wrapper].form != AS_ROW;
}

static void add_record(struct buffer *out, uint64_t number)
{
    buffer_printf(
        out,
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-01T10:%02u:%02uZ\","
        "\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"ListUsers\","
        "\"sourceIPAddress\":\"192.0.2.%u\",\"userAgent\":\"a \\\"b\\\" "
        "\\\\ c\\u00e9\xc3\xa9\",\"requestParameters\":{\"list\":[1,-2.5e3,null,true,"
        "\"x\",{}]},\"responseElements\":null,\"eventType\":\"AwsApiCall\",\"eventID\":"
        "\"00000000-0000-4000-8000-%012" PRIx64 "\","
        "\"recipientAccountId\":\"123456789012\"}",
        (unsigned)(number / 60 % 60), (unsigned)(number % 60), (unsigned)(number % 250),
        number);
}

static void add_string(struct buffer *out, struct bytes text)
{
    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, text.ptr[i]);
    }
    buffer_add_char(out, '"');
}

static void add_cell(struct buffer *out, struct bytes text)
{
    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, text.ptr[i]);
    }
    buffer_add_char(out, '"');
}

static void add_before(struct buffer *out, const char *before, uint64_t number)
{
    for (; *before; before++) {
        if (before[0] == '%' && before[1] == 'm')
            buffer_printf(out, "%02u:%02u", (unsigned)(number / 60 % 60),
                          (unsigned)(number % 60));
        else if (before[0] == '%' && before[1] == 'i')
            buffer_printf(out, "%012" PRIx64, number);
        else
            buffer_add_char(out, *before);
        before += before[0] == '%';
    }
}

static void add_all(struct buffer *out, const struct wrapper *w, uint64_t first, unsigned n)
{
    struct buffer record = {0};

    for (unsigned i = 0; i < n; i++) {
        if (i)
            buffer_add_text(out, w->between);
        add_before(out, w->before, first + i);
        buffer_clear(&record);
        add_record(&record, first + i);
        if (w->form == AS_STRING)
            add_string(out, buffer_bytes(&record));
        else if (w->form == AS_CELL)
            add_cell(out, buffer_bytes(&record));
        else if (w->form == AS_IT_IS || w->form == AS_TEXT)
            buffer_add(out, buffer_bytes(&record));
        buffer_add_text(out, w->after);
    }
    buffer_deinit(&record);
}

unsigned wrapper_write(struct buffer *out, size_t wrapper, uint64_t first, unsigned n)
{
    const struct wrapper *w;
    struct buffer all = {0};

    if (wrapper >= ARRAY_LEN(wrappers)) {
        const struct shape *shape = shape_get(wrapper - ARRAY_LEN(wrappers));

        buffer_add_text(out, shape->example);
        return shape->events;
    }
    w = &wrappers[wrapper];
    buffer_add_text(out, w->head);
    if (w->form == AS_TEXT) {
        add_all(&all, w, first, n);
        add_string(out, buffer_bytes(&all));
    } else {
        add_all(out, w, first, n);
    }
    buffer_add_text(out, w->tail);
    buffer_deinit(&all);
    return n;
}

/* One file as it would be stored; members are cut anywhere. */
static void pack(struct buffer *out, struct bytes text, enum packing packing, uint64_t *random)
{
    struct buffer once = {0};
    size_t cut;

    switch (packing) {
    case PACKING_GZIP:
        holder_deflate(out, text, false);
        break;
    case PACKING_MEMBERS:
        cut = wrapper_draw(random, text.len + 1);
        holder_deflate(out, bytes_slice(text, 0, cut), false);
        holder_deflate(out, bytes_slice(text, cut, text.len), false);
        break;
    case PACKING_TWICE:
        holder_deflate(&once, text, false);
        holder_deflate(out, buffer_bytes(&once), false);
        break;
    case PACKING_NONE:
    case PACKING_COUNT:
        buffer_add(out, text);
    }
    buffer_deinit(&once);
}

void wrapper_hold(struct buffer *out, const struct buffer texts[], unsigned n,
                  enum packing packing, enum holding holding, uint64_t *random)
{
    struct holder h = {0};

    for (unsigned i = 0; i < n; i++) {
        char name[] = "0.json";
        struct buffer stored = {0};

        name[0] = (char)('0' + i);
        pack(&stored, buffer_bytes(&texts[i]), packing, random);
        if (holding == HOLDING_NONE)
            buffer_add(out, buffer_bytes(&stored));
        else if (holding == HOLDING_ZIP)
            holder_zip_add(&h, name, buffer_bytes(&stored),
                           wrapper_draw(random, 2) ? HOLDER_DEFLATED : HOLDER_STORED,
                           wrapper_draw(random, 8) << 1);
        else
            holder_tar_add(&h, name, buffer_bytes(&stored), '0');
        buffer_deinit(&stored);
    }
    if (holding == HOLDING_ZIP)
        holder_zip_end(&h, wrapper_draw(random, 2));
    else if (holding != HOLDING_NONE)
        holder_tar_end(&h);
    if (holding == HOLDING_TAR_GZIP)
        holder_deflate(out, buffer_bytes(&h.out), false);
    else
        buffer_add(out, buffer_bytes(&h.out));
    holder_deinit(&h);
}
