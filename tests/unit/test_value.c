/* What names that begin with @ are worth: from what stands around a record, else its file. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/base/hash.h"

#include "world.h"

#define CALL(name)                                                                             \
    "{\\\"eventSource\\\":\\\"iam.amazonaws.com\\\",\\\"eventName\\\":\\\"" name "\\\"}"
#define ENTRY(name)                                                                            \
    "{\"id\":\"36840000000000000000000000000000000000000000000000000000\",\"timestamp\":"      \
    "1763456801000,\"message\":\"" CALL(name) "\"}"
#define FIELDS "fields @log, @logStream, @ingestionTime, eventName"

static void subscriptions_name_their_log(void **state)
{
    struct world *w = world_new(
        "f",
        bytes_of(
            "{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"111122223333\",\"logGroup\":\"g\","
            "\"logStream\":\"s1\",\"logEvents\":[" ENTRY("A") "," ENTRY(
                "B") "]}"
                     "{\"owner\":\"111122223333\",\"logGroup\":\"g\",\"logStream\":\"s2\","
                     "\"logEvents\":[" ENTRY("C") "]}"
                                                  "{\"logEvents\":[" ENTRY(
                                                      "D") "]}"
                                                           "{\"Records\":[{\"eventSource\":"
                                                           "\"a\",\"eventName\":\"E\"}]}"));

    (void)state;
    expect(
        w, FIELDS " | sort eventName",
        "111122223333:g,s1,-,A|111122223333:g,s1,-,B|111122223333:g,s2,-,C|:f,f,-,D|:f,f,-,E");
    expect(w, "filter @logStream = \"s1\" | stats count(*) as n", "2");
    expect(w, "filter @log like \"1111\" | stats count(*) as n", "3");
    expect(w, "stats count(*) as n by @logStream | sort @logStream", "f,2|s1,2|s2,1");
    world_free(w);
}

static void commands_name_streams_and_arrival(void **state)
{
    struct world *w = world_new(
        "f", bytes_of("{\"events\":[{\"logStreamName\":\"s3\",\"timestamp\":1763456801000,"
                      "\"ingestionTime\":1763456804000,\"message\":\"" CALL(
                          "A") "\"},"
                               "{\"timestamp\":1763456801000,\"ingestionTime\":1763456805000,"
                               "\"message\":\"START\"}]}"));

    (void)state;
    expect(w, FIELDS " | sort @ingestionTime",
           ":f,s3,2025-11-18 09:06:44.000,A|:f,f,2025-11-18 09:06:45.000,-");
    expect(w, "filter @ingestionTime < 1763456805000 | stats count(*) as n", "1");
    world_free(w);
}

static void rows_of_results_name_all(void **state)
{
    static const char *const texts[] = {
        "{\"results\":[[{\"field\":\"@timestamp\",\"value\":\"2025-11-18 09:06:41.000\"},"
        "{\"field\":\"@log\",\"value\":\"1:g\"},{\"field\":\"@logStream\",\"value\":\"s\"},"
        "{\"field\":\"@ingestionTime\",\"value\":\"2025-11-18 09:06:44.000\"},"
        "{\"field\":\"@message\",\"value\":\"" CALL("A") "\"}]]}",
        "@timestamp,@log,@logStream,@ingestionTime,@message\n"
        "2025-11-18 09:06:41.000,1:g,s,2025-11-18 09:06:44.000,"
        "\"{\"\"eventSource\"\":\"\"a\"\",\"\"eventName\"\":\"\"A\"\"}\"\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct world *w = world_new("f", bytes_of(texts[i]));

        expect(w, FIELDS, "1:g,s,2025-11-18 09:06:44.000,A");
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscriptions_name_their_log),
        cmocka_unit_test(commands_name_streams_and_arrival),
        cmocka_unit_test(rows_of_results_name_all),
    };

    hash_seed();
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
