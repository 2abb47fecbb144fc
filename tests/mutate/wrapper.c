#include "tests/mutate/wrapper.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

unsigned wrapper_draw(uint64_t *random, size_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*random >> 33) % below);
}

/* What stands around all records, and around each. `as_text`: the record is a JSON string. */
struct wrapper {
    const char *name, *head, *before, *after, *between, *tail;
    bool as_text;
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

// clang-format off
static const struct wrapper wrappers[] = {
    {"Records",       "{\"Records\":[", "", "", ",", "]}", false},
    {"list",          "\xEF\xBB\xBF[\n", " ", "", " ,\n", "\n]\n", false},
    {"lines",         "", "", "", "\n", "\n", false},
    {"concatenated",  "", "", "", "", "", false},
    {"event bus",     "", BUS, "}", "", "", false},
    {"below data",    "[", "{\"data\":" BUS, "}}", ",", "]", false},
    {"lookup",        "{\"Events\":[", LOOKUP, "}", ",", "]}", true},
    {"subscription",  SUBSCRIPTION, "{\"id\":\"36840000000000000000000000000000000000000000000000000000\",\"timestamp\":1740999999000,\"message\":", "}", ",", "]}", true},
    {"filter",        "{\n  \"events\": [", "{\"logStreamName\":\"s\",\"timestamp\":1740999999000,\"message\": ",
                      ",\"ingestionTime\":1740999999500,\"eventId\":\"1\"}", ",\n", "],\"searchedLogStreams\":[]}", true},
    {"get",           "{\"nextForwardToken\":\"f/1\",\"events\":[", "{\"timestamp\":1740999999000,\"message\":",
                      ",\"ingestionTime\":1}", ",", "],\"nextBackwardToken\":\"b/1\"}", true},
    {"query results", "{\"results\":[", ROW, "}]", ",", "],\"status\":\"Complete\"}", true},
    {"Logstash",      "", "{\"@timestamp\":\"2026-03-02T00:00:00Z\",\"@version\":\"1\",\"message\":", "}", "\n", "\n", true},
};
// clang-format on

size_t wrapper_count(void)
{
    return ARRAY_LEN(wrappers);
}

const char *wrapper_name(size_t wrapper)
{
    return wrappers[wrapper].name;
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

void wrapper_write(struct buffer *out, size_t wrapper, uint64_t first, unsigned n)
{
    const struct wrapper *w = &wrappers[wrapper];
    struct buffer record = {0};

    buffer_add_text(out, w->head);
    for (unsigned i = 0; i < n; i++) {
        if (i)
            buffer_add_text(out, w->between);
        buffer_add_text(out, w->before);
        buffer_clear(&record);
        add_record(&record, first + i);
        if (w->as_text)
            add_string(out, buffer_bytes(&record));
        else
            buffer_add(out, buffer_bytes(&record));
        buffer_add_text(out, w->after);
    }
    buffer_add_text(out, w->tail);
    buffer_deinit(&record);
}

static void pack(struct buffer *out, struct bytes text)
{
    z_stream z = {0};
    size_t room;
    union {
        const char *borrowed;
        unsigned char *next;
    } in = {text.ptr};

    if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    room = deflateBound(&z, text.len);
    z.next_in = in.next;
    z.avail_in = (unsigned)text.len;
    z.avail_out = (unsigned)room;
    z.next_out = (unsigned char *)buffer_room(out, room);
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    out->len += room - z.avail_out;
    (void)deflateEnd(&z);
}

void wrapper_pack(struct buffer *out, struct bytes text, enum packing packing, uint64_t *random)
{
    struct buffer once = {0};
    size_t cut;

    switch (packing) {
    case PACKING_NONE:
        buffer_add(out, text);
        break;
    case PACKING_GZIP:
        pack(out, text);
        break;
    case PACKING_MEMBERS:
        cut = wrapper_draw(random, text.len + 1);
        pack(out, bytes_slice(text, 0, cut));
        pack(out, bytes_slice(text, cut, text.len));
        break;
    case PACKING_TWICE:
        pack(&once, text);
        pack(out, buffer_bytes(&once));
        break;
    case PACKING_COUNT:
        break;
    }
    buffer_deinit(&once);
}
