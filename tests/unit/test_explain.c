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
        "An entry of another log, about the user \"alice\" (sub s1) of tenant t.");
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
        "Somebody called InitiateAuth to start a sign-in as the user with the sub s1, from "
        "203.0.113.7 with app client abc. It was refused (NotAuthorizedException). A wrong "
        "password, or an "
        "unknown user where the pool hides which users exist.");
    expect(
        "{\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":\"AdminSetUserPassword\","
        "\"eventVersion\":\"1.08\",\"userIdentity\":{\"arn\":\"arn:aws:iam::1:user/Eve\"},"
        "\"requestParameters\":{\"userPoolId\":\"p1\",\"username\":\"alice\"}}",
        "The IAM user Eve of account 1 called AdminSetUserPassword to set a user's password, "
        "for the user \"alice\", in pool p1. It worked. Whoever set it can sign in as that "
        "user.");
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
        "Somebody tried to sign in as the user \"alice\" (sub s1) from 192.0.2.1 (Lima, Peru) "
        "in "
        "pool p1. It "
        "was "
        "refused: wrong password, or an unknown user on a pool that hides existence. Threat "
        "protection rated the risk high. The password stands in a list of leaked ones.");
    expect(
        "{\"eventSource\":\"USER_NOTIFICATION\",\"message\":{\"details\":\"no SMS.\"},"
        "\"logSourceId\":{\"userPoolId\":\"p1\"}}",
        "A message to a user could not be delivered in pool p1: no SMS. Whoever waits for the "
        "code cannot go on; many at once point to a spending limit or to SMS pumping.");
}

/* One call of a user pool, with what the case is about. */
static void expect_call(const char *operation, const char *rest, const char *want)
{
    char record[1024];

    (void)snprintf(record, sizeof record,
                   "{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","
                   "\"eventName\":\"%s\",\"sourceIPAddress\":\"192.0.2.1\",%s}",
                   operation, rest);
    expect(record, want);
}

/* What a step that is pending tells depends on the flow. */
static void pending_steps(void **state)
{
    static const char sub[] = "\"additionalEventData\":{\"sub\":\"s1\"},";
    char rest[512];

    (void)state;
    (void)snprintf(rest, sizeof rest,
                   "%s\"requestParameters\":{\"authFlow\":\"USER_PASSWORD_AUTH\"},"
                   "\"responseElements\":{\"challengeName\":\"SMS_MFA\"}",
                   sub);
    expect_call("InitiateAuth", rest,
                "Somebody called InitiateAuth to start a sign-in (USER_PASSWORD_AUTH) as the "
                "user with the sub s1, from 192.0.2.1. Another step follows: SMS_MFA. The "
                "password was right.");
    (void)snprintf(rest, sizeof rest,
                   "%s\"requestParameters\":{\"authFlow\":\"USER_SRP_AUTH\"},"
                   "\"responseElements\":{\"challengeName\":\"PASSWORD_VERIFIER\"}",
                   sub);
    expect_call(
        "InitiateAuth", rest,
        "Somebody called InitiateAuth to start a sign-in (USER_SRP_AUTH) as the user "
        "with the sub s1, from 192.0.2.1. Another step follows: PASSWORD_VERIFIER. Only "
        "tokens in the answer are a sign-in: with SRP and custom flows this step goes "
        "through whatever the password is, and where a pool hides which users exist, "
        "for unknown ones too.");
    (void)snprintf(rest, sizeof rest,
                   "%s\"requestParameters\":{\"challengeName\":\"PASSWORD_VERIFIER\"},"
                   "\"responseElements\":{\"challengeName\":\"SOFTWARE_TOKEN_MFA\"}",
                   sub);
    expect_call("RespondToAuthChallenge", rest,
                "Somebody called RespondToAuthChallenge to answer a sign-in challenge as the "
                "user with the sub s1, from 192.0.2.1. Another step follows: "
                "SOFTWARE_TOKEN_MFA. The step before, as a rule the password, was passed.");
    (void)snprintf(rest, sizeof rest,
                   "%s\"requestParameters\":{\"challengeName\":\"SMS_MFA\"},"
                   "\"errorCode\":\"CodeMismatchException\"",
                   sub);
    expect_call(
        "RespondToAuthChallenge", rest,
        "Somebody called RespondToAuthChallenge to answer a sign-in challenge (SMS_MFA) "
        "as the user with the sub s1, from 192.0.2.1. It was refused "
        "(CodeMismatchException). The code was wrong; repeats for one user are "
        "guessing, and right after a correct password an attempt to get past MFA.");
    /* The challenges of an export were answered: none of them is the next step. */
    expect("{\"EventId\":\"e\",\"EventType\":\"SignIn\",\"EventResponse\":\"InProgress\","
           "\"ChallengeResponses\":[{\"ChallengeName\":\"Password\"}]}",
           "Somebody whom the log does not name tried to sign in. Another step follows.");
}

/* The code that means most things means here what the call could be refused for. */
static void refusals_by_stage(void **state)
{
    static const char code[] = "\"errorCode\":\"NotAuthorizedException\"";
    char record[512];

    (void)state;
    expect_call("GetUser", code,
                "Somebody whom the log does not name called GetUser to read the signed-in "
                "user's own attributes, from 192.0.2.1. It was refused "
                "(NotAuthorizedException). The token or the rights of the caller were not "
                "accepted; the message may tell more.");
    (void)snprintf(record, sizeof record,
                   "%s,\"requestParameters\":{\"authFlow\":\"REFRESH_TOKEN_AUTH\"}", code);
    expect_call("InitiateAuth", record,
                "Somebody whom the log does not name called InitiateAuth to exchange a refresh "
                "token for new tokens, from 192.0.2.1. It was refused "
                "(NotAuthorizedException). The refresh token has expired, was revoked or is "
                "not of this client; the message may tell which.");
    (void)snprintf(record, sizeof record,
                   "{\"eventVersion\":\"1.08\",\"eventSource\":"
                   "\"cognito-identity.amazonaws.com\",\"eventName\":\"GetId\",%s}",
                   code);
    expect(record,
           "Somebody whom the log does not name called GetId to get an identity of an identity "
           "pool. It was refused (NotAuthorizedException). The identity pool takes no guests, "
           "the login token is wrong or has expired, or there is no role to give; the message "
           "may tell more.");
    expect_call("ForgotPassword",
                "\"additionalEventData\":{\"sub\":\"s1\"},\"errorCode\":"
                "\"LimitExceededException\",\"errorMessage\":\"Attempt limit exceeded, please "
                "try after some time.\"",
                "Somebody called ForgotPassword to ask for a password reset, for the user with "
                "the sub s1, from 192.0.2.1. It was refused by a limit "
                "(LimitExceededException). Too many tries at a reset or code for one user: "
                "strong sign of guessing or reset abuse.");
}

/* A server of the application signs users in: the address is its own, and its role acts. */
static void servers(void **state)
{
    (void)state;
    expect_call(
        "AdminInitiateAuth",
        "\"userIdentity\":{\"arn\":\"arn:aws:sts::1:assumed-role/R/fn\"},\"requestParameters\":"
        "{\"authFlow\":\"ADMIN_USER_PASSWORD_AUTH\",\"clientId\":\"c\"},"
        "\"additionalEventData\":"
        "{\"sub\":\"s1\"},\"responseElements\":{\"authenticationResult\":{\"expiresIn\":1}}",
        "The role R (session fn) of account 1 called AdminInitiateAuth to start a sign-in "
        "through a server (ADMIN_USER_PASSWORD_AUTH) as the user with the sub s1, from "
        "192.0.2.1, which may be the server's own address, with app client c. The sign-in "
        "succeeded: tokens were issued.");
}

static void access_lines(void **state)
{
    (void)state;
    expect("{\"requestId\":\"r\",\"ip\":\"192.0.2.1\",\"routeKey\":\"GET /me\",\"status\":"
           "\"403\"}",
           "Somebody whom the log does not name called GET /me from 192.0.2.1. It was refused "
           "(status 403): a permission is missing, or credentials are bad or expired.");
}

/* A name may hold any words. */
static void names_end_where_they_end(void **state)
{
    (void)state;
    expect("{\"request_id\":\"r\",\"subject\":\"s1\",\"username\":\"a\\\" of tenant \\\\\"}",
           "An entry of another log, about the user \"a\\\" of tenant \\\\\" (sub s1).");
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
        cmocka_unit_test(sentences),
        cmocka_unit_test(what_is_no_call),
        cmocka_unit_test(actors),
        cmocka_unit_test(sentences_of_exports),
        cmocka_unit_test(pending_steps),
        cmocka_unit_test(refusals_by_stage),
        cmocka_unit_test(servers),
        cmocka_unit_test(access_lines),
        cmocka_unit_test(names_end_where_they_end),
        cmocka_unit_test(nothing_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
