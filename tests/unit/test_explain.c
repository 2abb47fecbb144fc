/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>

#include "core/reading/event.h"
#include "core/reading/explain.h"

static void expect(const char *record, const char *want)
{
    struct event_reader *reader = event_reader_new(NULL);
    struct buffer out = {0};
    struct event event;
    struct cursor c;

    cursor_init(&c, bytes_of(record), true);
    assert_int_equal(event_read(reader, &c, &event, NULL), EVENT_READ);
    explain_event(event.values, &out);
    assert_string_equal(buffer_cstr(&out), want);
    buffer_deinit(&out);
    event_reader_free(reader);
}

static void what_is_no_call(void **state)
{
    (void)state;
    expect(
        "{\"eventType\":\"AwsCloudTrailInsight\",\"insightDetails\":{\"eventName\":"
        "\"RunInstances\",\"eventSource\":\"ec2.amazonaws.com\",\"errorCode\":"
        "\"AccessDenied\"}}",
        "CloudTrail Insights marks where an unusual number of calls of RunInstances of "
        "ec2.amazonaws.com that failed with AccessDenied begins or ends. This is a statistic, "
        "no call; insightDetails has the figures.");
    expect("{\"timeWindow\":{},\"summary\":{}}",
           "CloudTrail summed up calls of some minutes. This is no call: the calls themselves "
           "stand in the log files.");
    expect(
        "{\"request_id\":\"r\",\"subject\":\"s1\",\"username\":\"alice\",\"tenant_id\":\"t\"}",
        "An entry of another log, about the user alice (sub s1) of tenant t.");
    expect("{\"timestamp\":1740805205000,\"message\":\"START\",\"ingestionTime\":1}",
           "An entry of another log.");
    expect("{\"EventId\":\"e\",\"EventType\":\"SignIn\",\"EventResponse\":\"Pass\","
           "\"EventContextData\":{\"IpAddress\":\"192.0.2.1\",\"City\":\"Seattle\"}}",
           "Somebody whom the log does not name tried to sign in from 192.0.2.1 (Seattle). The "
           "sign-in succeeded.");
}

static void sentences(void **state)
{
    (void)state;
    expect(
        "{\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\","
        "\"eventVersion\":\"1.08\",\"sourceIPAddress\":\"203.0.113.7\",\"errorCode\":"
        "\"NotAuthorizedException\",\"errorMessage\":\"Incorrect username or password.\","
        "\"requestParameters\":{\"clientId\":\"abc\"},\"additionalEventData\":{\"sub\":\"s1\"}"
        "}",
        "The user with the sub s1 called InitiateAuth to start a sign-in, from 203.0.113.7 "
        "with "
        "app client abc. It was refused (NotAuthorizedException). A wrong password, or an "
        "unknown user on a pool that hides which users exist.");
    expect(
        "{\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":\"AdminSetUserPassword\","
        "\"eventVersion\":\"1.08\",\"userIdentity\":{\"arn\":\"arn:aws:iam::1:user/Eve\"},"
        "\"requestParameters\":{\"userPoolId\":\"p1\",\"username\":\"alice\"}}",
        "The IAM user Eve of account 1 called AdminSetUserPassword to set a user's password, "
        "for the "
        "user alice, in pool p1. It worked. Whoever set it can sign in as that user.");
    expect(
        "{\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":\"Token_POST\","
        "\"eventVersion\":\"1.08\",\"sourceIPAddress\":\"192.0.2.1\",\"additionalEventData\":{"
        "\"clientId\":\"abc\",\"requestParameters\":{\"grant_type\":[\"client_credentials\"]},"
        "\"responseParameters\":{\"status\":200}}}",
        "The machine client abc called Token_POST to get a token for itself, from "
        "192.0.2.1. It worked.");
    expect(
        "{\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":\"Login_GET\","
        "\"eventVersion\":\"1.08\",\"sourceIPAddress\":\"192.0.2.1\"}",
        "Somebody whom the log does not name called Login_GET to open the hosted UI's sign-in "
        "page, from 192.0.2.1.");
    expect("{\"eventSource\":\"ec2.amazonaws.com\",\"eventName\":\"RunInstances\","
           "\"userIdentity\":{\"arn\":\"arn:x\"}}",
           "arn:x called RunInstances of ec2.amazonaws.com. It worked.");
    expect("{\"eventSource\":\"signin.amazonaws.com\",\"eventName\":\"ConsoleLogin\","
           "\"userIdentity\":{\"principalId\":\"AID1\"},\"errorMessage\":\"Failed "
           "authentication\",\"responseElements\":{\"ConsoleLogin\":\"Failure\"}}",
           "AID1 called ConsoleLogin to sign in to the AWS console. It was refused: Failed "
           "authentication.");
}

/* How whoever calls is called. */
static void actors(void **state)
{
    static const struct {
        const char *actor, *words;
    } rows[] = {
        {"arn:aws:iam::1:user/path/Eve",          "The IAM user path/Eve of account 1"    },
        {"arn:aws:iam::1:root",                   "The root user of account 1"            },
        {"arn:aws-cn:sts::1:assumed-role/R/me@x", "The role R (session me@x) of account 1"},
        {"arn:aws:sts::1:federated-user/F",       "The federated user F of account 1"     },
        {"arn:aws:sts::1:assumed-role/R",         "The role R of account 1"               },
        {"arn:aws:s3:::bucket",                   "arn:aws:s3:::bucket"                   },
        {"arn:",                                  "arn:"                                  },
        {"config.amazonaws.com",                  "The service config.amazonaws.com"      },
        {"AWS Internal",                          "AWS Internal"                          },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char record[512], want[512];

        (void)snprintf(record, sizeof record,
                       "{\"eventSource\":\"x.amazonaws.com\",\"eventName\":\"Do\","
                       "\"userIdentity\":{\"arn\":\"%s\"},\"errorCode\":\"Odd\","
                       "\"sourceIPAddress\":\"y.amazonaws.com\"}",
                       rows[i].actor);
        (void)snprintf(want, sizeof want,
                       "%s called Do of x.amazonaws.com through y.amazonaws.com. It was "
                       "refused (Odd).",
                       rows[i].words);
        expect(record, want);
    }
}

static void sentences_of_exports(void **state)
{
    (void)state;
    expect(
        "{\"message\":{\"eventType\":\"SignIn\",\"eventId\":\"e\",\"userSub\":\"s1\","
        "\"userName\":"
        "\"alice\",\"eventResponse\":\"Fail\",\"riskLevel\":\"High\",\"ipAddress\":\"192.0.2."
        "1\","
        "\"city\":\"Lima\",\"country\":\"Peru\",\"compromisedCredentialDetected\":\"true\","
        "\"challenges\":[{\"challengeName\":\"Password\",\"challengeResponse\":\"Failure\"}]},"
        "\"logSourceId\":{\"userPoolId\":\"p1\"}}",
        "The user alice (sub s1) tried to sign in from 192.0.2.1 (Lima, Peru) in pool p1. It "
        "was "
        "refused: wrong password, or an unknown user on a pool that hides existence. Threat "
        "protection rated the risk high. The password stands in a list of leaked ones.");
    expect(
        "{\"eventSource\":\"USER_NOTIFICATION\",\"message\":{\"details\":\"no SMS.\"},"
        "\"logSourceId\":{\"userPoolId\":\"p1\"}}",
        "A message to a user could not be delivered in pool p1: no SMS. Whoever waits for the "
        "code cannot go on; many at once point to a spending limit or to SMS pumping.");
}

static void single_words(void **state)
{
    struct buffer out = {0};

    (void)state;
    explain_operation(bytes_of("cognito-idp.amazonaws.com"), bytes_of("Error_GET"), &out);
    assert_string_equal(
        buffer_cstr(&out),
        "Error_GET: see the hosted UI's error page. A hint that the request just "
        "before it from the same address failed.");
    buffer_clear(&out);
    explain_operation(bytes_of("x.amazonaws.com"), bytes_of("y"), &out);
    assert_int_equal(out.len, 0);
    explain_error(bytes_of("ForbiddenException"), bytes_of(""), &out);
    assert_string_equal(buffer_cstr(&out),
                        "The web ACL blocked the request; no statement about "
                        "the credentials.");
    buffer_deinit(&out);
}

/* Values of a stored row may all be missing. */
static void nothing_is_known(void **state)
{
    struct value values[FIELD_COUNT] = {0};
    struct buffer out = {0};

    (void)state;
    explain_event(values, &out);
    assert_string_equal(
        buffer_cstr(&out),
        "Somebody whom the log does not name made a call that the record does not "
        "name. The record does not tell whether it worked.");
    buffer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences),    cmocka_unit_test(what_is_no_call),
        cmocka_unit_test(actors),       cmocka_unit_test(sentences_of_exports),
        cmocka_unit_test(single_words), cmocka_unit_test(nothing_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
