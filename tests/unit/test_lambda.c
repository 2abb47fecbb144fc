/* Lines of Lambda functions: what they say, and that they never pass for records. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/base/hash.h"

#include "core/reading/lambda.h"

#include "world.h"

#define ID "79b4f56e-95b1-4643-9700-2807f4e68189"
#define TIME "2026-03-01T10:00:00.123Z"
#define RECORD                                                                                 \
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-01T10:00:00Z\",\"eventSource\":"       \
    "\"iam.amazonaws.com\",\"eventName\":\"CreateUser\",\"eventID\":\"e\"}"

static void headings_and_objects(void **state)
{
    static const struct {
        const char *text, *time, *id, *object;
    } cases[] = {
        {TIME "\t" ID "\tINFO\t{\"sub\":\"a\"}\n",                           TIME, ID, "{\"sub\":\"a\"}"},
        {TIME "\t" ID "\tERROR\tInvoke Error \t{\"errorType\":\"E\"}",       TIME, ID,
         "{\"errorType\":\"E\"}"                                                                        },
        {TIME "\tundefined\tINFO\tstart",                                    TIME, "", ""               },
        {"[INFO]\t" TIME "\t" ID "\tuser {x} is {\"sub\":{\"a\":1}} now {}", TIME, ID,
         "{\"sub\":{\"a\":1}}"                                                                          },
        {"[WARNING]\t" TIME "\t" ID "\t",                                    TIME, ID, ""               },
        {"START RequestId: " ID " Version: $LATEST\n",                       "",   ID, ""               },
        {"REPORT RequestId: " ID "\tDuration: 3.20 ms",                      "",   ID, ""               },
        {"RequestId: " ID " Error: Runtime exited",                          "",   ID, ""               },
        {"END RequestId: ",                                                  "",   "", ""               },
    };
    static const char *const others[] = {
        "", "[INFO] " TIME, "[INFO]\tno time", TIME " " ID, "{\"sub\":\"a\"}", "START",
    };
    struct lambda_line line;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(lambda_read(bytes_of(cases[i].text), &line));
        assert_true(bytes_are(line.time, cases[i].time));
        assert_true(bytes_are(line.request_id, cases[i].id));
        if (!bytes_are(line.object, cases[i].object))
            fail_msg("%s: '%.*s'", cases[i].text, (int)line.object.len, line.object.ptr);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(lambda_read(bytes_of(others[i]), &line));
}

/* The work on a line is bounded, however many braces it has. */
static void braces_without_end(void **state)
{
    enum { BRACES = 1 << 20 };
    struct buffer text = {0};
    struct lambda_line line;

    (void)state;
    buffer_add_text(&text, TIME "\t" ID "\tINFO\t");
    for (unsigned i = 0; i < BRACES; i++)
        buffer_add_text(&text, "{\"a\":");
    assert_true(lambda_read(buffer_bytes(&text), &line));
    assert_int_equal(line.object.len, 0);
    buffer_deinit(&text);
}

#define STREAM(text)                                                                           \
    "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{\"id\":"                                \
    "\"36840000000000000000000000000000000000000000000000000000\",\"timestamp\":"              \
    "1772359201000,\"message\":\"" text "\"}]}"

static void fields_come_from_the_object(void **state)
{
    static const char *const texts[] = {
        STREAM("2026-03-01T10:00:00.123Z\\t" ID "\\tINFO\\t{\\\"subject\\\":\\\"4f6a\\\","
                                                "\\\"ip\\\":\\\"192.0.2.1\\\",\\\"n\\\":7}"),
        "2026-03-01T10:00:01.000Z " TIME "\t" ID
        "\tINFO\t{\"subject\":\"4f6a\",\"ip\":\"192.0.2.1\",\"n\":7}\n",
        TIME "\t" ID "\tINFO\t{\"subject\":\"4f6a\",\"ip\":\"192.0.2.1\",\"n\":7}\n"
             "2026-03-01 a line that goes on\n",
        "[INFO]\t" TIME "\t" ID
        "\tclaims: {\"subject\":\"4f6a\",\"ip\":\"192.0.2.1\",\"n\":7}\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct world *w = world_new("log", bytes_of(texts[i]));

        assert_int_equal(w->index->n_rows, 1);
        expect(w, "fields format, sub, ip, request_id, n", "app-log,4f6a,192.0.2.1," ID ",7");
        expect(w, "filter n = 7 | stats count(*) as c", "1");
        expect(w, "filter @message like \"INFO\" | stats count(*) as c", "1");
        assert_true(w->index->first_us != INSTANT_NONE);
        world_free(w);
    }
}

/* Whoever makes a function log a record has made an entry of its log. */
static void a_line_is_never_a_record(void **state)
{
    static const char *const texts[] = {
        TIME "\t" ID "\tINFO\t" RECORD "\n",
        TIME "\t" ID "\tINFO\tx\n" RECORD "\n",
        "[INFO]\t" TIME "\t" ID "\tx\n{\"Records\":[" RECORD "]}\n",
        "2026-03-01T10:00:01.000Z " TIME "\t" ID "\tINFO\t" RECORD "\n",
        "START RequestId: " ID " Version: $LATEST\n" RECORD "\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct world *w = world_new("log", bytes_of(texts[i]));

        expect(w, "stats count(*) as n by format", "app-log,1");
        world_free(w);
    }
}

static void logs_in_json_format(void **state)
{
    struct world *w = world_new(
        "log",
        bytes_of("{\"timestamp\":\"" TIME "\",\"level\":\"INFO\",\"requestId\":\"" ID
                 "\",\"message\":{\"sub\":\"4f6a\",\"username\":\"al\",\"ip\":\"::1\"}}"));

    (void)state;
    if (w->index->n_rows == 0)
        fail_msg("not read");
    expect(w, "fields format, sub, user, ip, request_id", "app-log,4f6a,al,::1," ID);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings_and_objects),
        cmocka_unit_test(braces_without_end),
        cmocka_unit_test(fields_come_from_the_object),
        cmocka_unit_test(a_line_is_never_a_record),
        cmocka_unit_test(logs_in_json_format),
    };

    hash_seed();
    return cmocka_run_group_tests_name("lambda", tests, NULL, NULL);
}
