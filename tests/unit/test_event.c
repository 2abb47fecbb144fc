/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/reading/event.h"

#define SUB "11111111-2222-3333-4444-555555555555"
#define MASK "\"HIDDEN_DUE_TO_SECURITY_REASONS\""
/* What makes a record of a call to a user pool, without its end. */
#define CALL(name)                                                                             \
    "{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","                \
    "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventName\":\"" name "\""
#define POOL_CALL(name, rest) CALL(name) "," rest "}"

struct reading {
    struct event_reader *reader;
    struct event event;
    const char *seems;
};

static int setup(void **state)
{
    struct reading *r = calloc(1, sizeof *r);

    r->reader = event_reader_new(NULL);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct reading *r = *state;

    event_reader_free(r->reader);
    free(r);
    return 0;
}

static enum event_verdict read_text(struct reading *r, const char *text)
{
    struct cursor c;

    cursor_init(&c, bytes_of(text), true);
    c.lenient_utf8 = true;
    r->seems = NULL;
    return event_read(r->reader, &c, &r->event, &r->seems);
}

static void read_event(struct reading *r, const char *text)
{
    assert_int_equal(read_text(r, text), EVENT_READ);
}

static void expect(struct reading *r, enum field_id field, const char *want)
{
    const struct value *v = &r->event.values[field];

    if (v->state != VALUE_TEXT || !bytes_are(v->text, want))
        fail_msg("%s: state %d, \"%.*s\" instead of \"%s\"", field_get(field)->name, v->state,
                 (int)v->text.len, v->text.ptr ? v->text.ptr : "", want);
}

static void expect_state(struct reading *r, enum field_id field, enum value_state want)
{
    assert_int_equal(r->event.values[field].state, want);
}

static void b1_unsigned_call(void **state)
{
    struct reading *r = *state;

    read_event(
        r, POOL_CALL("InitiateAuth",
                     "\"userIdentity\":{\"type\":\"Unknown\",\"principalId\":\"Anonymous\"},"
                     "\"sourceIPAddress\":\"203.0.113.7\",\"awsRegion\":\"eu-west-1\","
                     "\"errorCode\":\"NotAuthorizedException\",\"errorMessage\":\"Incorrect "
                     "username or password.\",\"requestParameters\":{\"authFlow\":"
                     "\"USER_PASSWORD_AUTH\",\"authParameters\":" MASK
                     ",\"clientId\":\"abc\",\"username\":" MASK
                     "},\"additionalEventData\":{\"sub\":\"" SUB "\"}"));
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_CLIENT, "abc");
    expect(r, FIELD_IP, "203.0.113.7");
    expect(r, FIELD_ACTOR, "Anonymous");
    expect(r, FIELD_ACTOR_TYPE, "Unknown");
    expect(r, FIELD_FLOW, "USER_PASSWORD_AUTH");
    expect(r, FIELD_FORMAT, "cloudtrail");
    expect(r, FIELD_STAGE, "sign-in");
    expect(r, FIELD_OUTCOME, "failure");
    expect(r, FIELD_REASON, "wrong-password");
    expect_state(r, FIELD_USER, VALUE_REDACTED);
    expect_state(r, FIELD_POOL, VALUE_ABSENT);
    assert_true(r->event.time_us == INT64_C(1767323045) * INSTANT_SECOND);
    assert_int_equal(r->event.flags, 0);
}

static void b2_challenge(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("RespondToAuthChallenge",
                            "\"requestParameters\":{\"challengeName\":\"PASSWORD_VERIFIER\","
                            "\"clientId\":\"abc\",\"challengeResponses\":" MASK
                            "},\"responseElements\":{\"challengeParameters\":" MASK
                            ",\"authenticationResult\":{\"accessToken\":" MASK "}}"));
    expect(r, FIELD_OUTCOME, "success");
    expect(r, FIELD_CHALLENGE, "PASSWORD_VERIFIER");
    expect(r, FIELD_STAGE, "challenge");
    read_event(r, POOL_CALL("RespondToAuthChallenge",
                            "\"requestParameters\":{\"challengeName\":\"PASSWORD_VERIFIER\"},"
                            "\"responseElements\":{\"challengeName\":\"SMS_MFA\"}"));
    expect(r, FIELD_CHALLENGE, "SMS_MFA");
    expect(r, FIELD_OUTCOME, "challenge");
}

static void b3_token_authorised(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("GetUser", "\"requestParameters\":{\"accessToken\":" MASK
                                       "},\"additionalEventData\":{\"sub\":\"" SUB
                                       "\",\"userPoolId\":\"eu-west-1_AbC\"}"));
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_POOL, "eu-west-1_AbC");
    expect_state(r, FIELD_CLIENT, VALUE_ABSENT);
}

static void b4_admin_call(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("AdminGetUser",
                            "\"requestParameters\":{\"username\":\"" SUB
                            "\",\"userPoolId\":\"eu-west-1_AbC\"},\"userIdentity\":{\"type\":"
                            "\"AssumedRole\",\"arn\":\"arn:x\",\"principalId\":\"P\","
                            "\"accessKeyId\":\"ASIA1\",\"accountId\":\"1\"}"));
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_USER, SUB);
    expect(r, FIELD_POOL, "eu-west-1_AbC");
    expect(r, FIELD_ACTOR, "arn:x");
    expect(r, FIELD_ACCESS_KEY, "ASIA1");
    expect(r, FIELD_ACCOUNT, "1");
    /* A name that is no UUID is no sub, and a hidden name hides no sub. */
    read_event(r, POOL_CALL("AdminGetUser", "\"requestParameters\":{\"username\":\"alice\"}"));
    expect(r, FIELD_USER, "alice");
    expect_state(r, FIELD_SUB, VALUE_ABSENT);
    read_event(r, POOL_CALL("AdminGetUser", "\"requestParameters\":{\"username\":" MASK "}"));
    expect_state(r, FIELD_USER, VALUE_REDACTED);
    expect_state(r, FIELD_SUB, VALUE_ABSENT);
}

static void b5_hosted_ui_early(void **state)
{
    struct reading *r = *state;

    read_event(r,
               POOL_CALL("Confirm_POST",
                         "\"requestParameters\":null,\"errorCode\":\"\",\"eventType\":"
                         "\"AwsServiceEvent\",\"additionalEventData\":{\"responseParameters\":"
                         "{\"status\":302.0},\"requestParameters\":{\"sub\":[\"" SUB
                         "\"],\"client_id\":[\"abc\"],\"username\":[" MASK
                         "],\"confirm\":[\"\"]},\"userPoolId\":\"eu-west-1_AbC\"}"));
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_CLIENT, "abc");
    expect(r, FIELD_STATUS, "302");
    expect(r, FIELD_OUTCOME, "unknown");
    expect_state(r, FIELD_USER, VALUE_REDACTED);
    expect_state(r, FIELD_ERROR, VALUE_EMPTY);
}

static void b6_b7_b8_later_shapes(void **state)
{
    struct reading *r = *state;

    read_event(
        r, POOL_CALL("Token_POST",
                     "\"additionalEventData\":{\"responseParameters\":{\"status\":\"200\"},"
                     "\"clientId\":\"later\",\"requestParameters\":{\"client_id\":\"early\","
                     "\"grant_type\":[\"client_credentials\"]}}"));
    expect(r, FIELD_CLIENT, "later");
    expect(r, FIELD_FLOW, "client_credentials");
    expect(r, FIELD_STATUS, "200");
    expect(r, FIELD_STAGE, "m2m");
    expect(r, FIELD_OUTCOME, "success");
    read_event(r, POOL_CALL("login_POST",
                            "\"additionalEventData\":{\"responseParameters\":{\"status\":200},"
                            "\"requestParameters\":{\"client_id\":\"scalar\",\"grant_type\":"
                            "\"refresh_token\"}}"));
    expect(r, FIELD_CLIENT, "scalar");
    expect(r, FIELD_FLOW, "refresh_token");
    expect(r, FIELD_STATUS, "200");
}

static void b9_b11_identity_pool(void **state)
{
    struct reading *r = *state;

    read_event(r,
               "{\"eventSource\":\"cognito-identity.amazonaws.com\",\"eventName\":"
               "\"GetCredentialsForIdentity\",\"eventVersion\":\"1.08\",\"requestParameters\":"
               "{\"logins\":{\"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC\":" MASK
               "},\"identityId\":\"eu-west-1:" SUB "\"},\"responseElements\":{\"credentials\":{"
               "\"accessKeyId\":\"ASIA2\"}}}");
    expect(r, FIELD_POOL, "eu-west-1_AbC");
    expect(r, FIELD_IDP, "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC");
    expect(r, FIELD_IDENTITY, "eu-west-1:" SUB);
    expect(r, FIELD_ACCESS_KEY, "ASIA2");
    expect(r, FIELD_STAGE, "identity-pool");
    assert_int_equal(r->event.flags, EVENT_NO_TIME);
}

static void b12_call_of_an_identity(void **state)
{
    struct reading *r = *state;

    read_event(
        r, "{\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"PutObject\","
           "\"userIdentity\":{\"sessionContext\":{\"webIdFederationData\":{"
           "\"federatedProvider\":\"cognito-identity.amazonaws.com\",\"attributes\":{"
           "\"cognito-identity.amazonaws.com:amr\":\"[\\\"authenticated\\\",\\\"cognito-idp."
           "us-east-1.amazonaws.com/us-east-1_Ex\\\",\\\"cognito-idp.us-east-1.amazonaws.com/"
           "us-east-1_Ex:CognitoSignIn:" SUB "\\\"]\",\"cognito-identity.amazonaws.com:sub\":"
           "\"us-east-1:" SUB "\"}}}}}");
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_POOL, "us-east-1_Ex");
    expect(r, FIELD_IDENTITY, "us-east-1:" SUB);
    expect(r, FIELD_IDP, "cognito-identity.amazonaws.com");
    expect(r, FIELD_STAGE, "other");
    expect(r, FIELD_OUTCOME, "success");
}

static void b13_web_identity_user(void **state)
{
    struct reading *r = *state;

    read_event(
        r,
        "{\"eventSource\":\"sts.amazonaws.com\",\"eventName\":"
        "\"AssumeRoleWithWebIdentity\",\"eventVersion\":\"1.08\",\"userIdentity\":{"
        "\"type\":\"WebIdentityUser\",\"principalId\":\"i:a:u\",\"userName\":\"us-east-1:" SUB
        "\",\"identityProvider\":\"cognito-identity.amazon.com\"}}");
    expect(r, FIELD_IDENTITY, "us-east-1:" SUB);
    expect(r, FIELD_IDP, "cognito-identity.amazon.com");
    expect(r, FIELD_ACTOR, "i:a:u");
    read_event(r, "{\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"ListUsers\","
                  "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"bob\"}}");
    expect_state(r, FIELD_IDENTITY, VALUE_ABSENT);
    expect(r, FIELD_ACTOR, "bob");
}

#define ACTIVITY(source, more)                                                                 \
    "{\"eventTimestamp\":\"1687297330677\",\"eventSource\":\"" source                          \
    "\",\"message\":{\"eventId\":\"e\",\"eventType\":\"SignIn\",\"userSub\":\"" SUB            \
    "\",\"userName\":\"alice\",\"userPoolId\":\"us-west-2_Ex\",\"clientId\":\"abc\"," more     \
    "},\"logSourceId\":{\"userPoolId\":\"us-west-2_Ex\"}}"

static void b14_user_activity(void **state)
{
    struct reading *r = *state;

    read_event(r,
               ACTIVITY("USER_ACTIVITY",
                        "\"creationDate\":\"Wed Jul 17 17:25:55 UTC 2024\",\"eventResponse\":"
                        "\"Fail\",\"riskLevel\":\"High\",\"riskDecision\":\"PASS\","
                        "\"challenges\":[{\"challengeName\":\"Password\",\"challengeResponse\":"
                        "\"Failure\"}],\"deviceName\":\"Other, Other\",\"ipAddress\":"
                        "\"192.0.2.1\",\"requestId\":\"q\",\"idpName\":\"\","
                        "\"compromisedCredentialDetected\":\"false\",\"city\":\"null\","
                        "\"country\":\"Peru\""));
    expect(r, FIELD_FORMAT, "user-activity");
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_USER, "alice");
    expect(r, FIELD_CLIENT, "abc");
    expect(r, FIELD_POOL, "us-west-2_Ex");
    expect(r, FIELD_REGION, "us-west-2");
    expect(r, FIELD_OPERATION, "SignIn");
    expect(r, FIELD_REQUEST_ID, "q");
    expect(r, FIELD_RISK, "high");
    expect(r, FIELD_DECISION, "pass");
    expect(r, FIELD_COMPROMISED, "no");
    expect(r, FIELD_COUNTRY, "Peru");
    expect(r, FIELD_CHALLENGE, "Password");
    expect(r, FIELD_OUTCOME, "failure");
    expect(r, FIELD_REASON, "wrong-password");
    expect_state(r, FIELD_CITY, VALUE_EMPTY);
    expect_state(r, FIELD_DEVICE, VALUE_EMPTY);
    expect_state(r, FIELD_IDP, VALUE_EMPTY);
    /* The two times differ by a year: the creation date counts, and it is said. */
    assert_int_equal(r->event.flags, EVENT_TWO_TIMES);
    assert_true(r->event.time_us == INT64_C(1721237155) * INSTANT_SECOND);
    /* Known by its shape, whatever its source is called. */
    read_event(r, ACTIVITY("USER_AUTH_EVENTS", "\"eventResponse\":\"Pass\",\"city\":null"));
    expect(r, FIELD_OUTCOME, "success");
    expect_state(r, FIELD_CITY, VALUE_NULL);
    assert_true(r->event.time_us == INT64_C(1687297330677000));
}

static void event_of_a_log(void **state)
{
    struct reading *r = *state;
    struct unwrapper u = {0};

    /* A record inside the text counts as that record, at its own time. */
    read_event(r, "{\"logStreamName\":\"s\",\"timestamp\":1740805205000,\"message\":"
                  "\"{\\\"eventVersion\\\":\\\"1.08\\\",\\\"eventTime\\\":"
                  "\\\"2025-03-01T10:00:00Z\\\",\\\"eventSource\\\":\\\"x.amazonaws.com\\\","
                  "\\\"eventName\\\":\\\"A\\\",\\\"awsRegion\\\":\\\"\\u00e9\\\"}\","
                  "\"ingestionTime\":1740805206000,\"eventId\":\"1\"}");
    expect(r, FIELD_FORMAT, "cloudtrail");
    expect(r, FIELD_OPERATION, "A");
    expect(r, FIELD_REGION, "\xc3\xa9");
    assert_true(r->event.time_us == INT64_C(1740823200) * INSTANT_SECOND);
    /* Its bytes are all of it; its text is the record. */
    assert_true(bytes_starts(r->event.raw, "{\"logStreamName"));
    assert_int_equal(event_wrapped(r->event.flags).layers, 1);
    assert_true(
        bytes_starts(unwrap(&u, r->event.raw, (struct wrapped){1, 0, 0}), "{\"eventVersion"));
    assert_true(
        bytes_equal(r->event.content, unwrap(&u, r->event.raw, (struct wrapped){1, 0, 0})));
    /* Any other text has the time of the log and no field of its own. */
    read_event(r, "{\"timestamp\":1740805205000,\"message\":\"{\\\"sub\\\":1}\","
                  "\"ingestionTime\":1}");
    expect(r, FIELD_FORMAT, "app-log");
    assert_true(bytes_equal(r->event.content, r->event.raw));
    expect(r, FIELD_OUTCOME, "unknown");
    expect(r, FIELD_SUB, "1");
    assert_int_equal(r->event.flags, EVENT_LAYER);
    assert_true(r->event.time_us == INT64_C(1740805205) * INSTANT_SECOND);
    assert_true(bytes_are(unwrap(&u, r->event.raw, (struct wrapped){1, 0, 0}), "{\"sub\":1}"));
    assert_true(
        bytes_are(unwrap(&u, bytes_of("{\"message\":\"a\"}"), (struct wrapped){1, 0, 0}),
                  "{\"message\":\"a\"}"));
    unwrapper_deinit(&u);
}

/* Columns of results are paths; the time of the row stands in for the record's. */
static void rows_of_results(void **state)
{
    struct reading *r = *state;
    struct unwrapper u = {0};

    read_event(r,
               "[{\"field\":\"@timestamp\",\"value\":\"2026-02-20 22:20:53.168\"},{\"field\":"
               "\"eventName\",\"value\":\"GetUser\"},{\"field\":\"userIdentity.userName\","
               "\"value\":\"b\\\"b\"}]");
    expect(r, FIELD_FORMAT, "cloudtrail");
    expect(r, FIELD_ACTOR, "b\"b");
    assert_int_equal(event_wrapped(r->event.flags).layers, 1);
    assert_true(r->event.time_us == INT64_C(1771626053168000));
    assert_true(bytes_are(unwrap(&u, r->event.raw, (struct wrapped){1, 0, 0}),
                          "{\"@timestamp\":\"2026-02-20 22:20:53.168\",\"eventName\":"
                          "\"GetUser\",\"userIdentity\":{\"userName\":\"b\\\"b\"}}"));
    read_event(r, "[{\"eventTime\":\"2026-02-21 10:00:00.000\"},{\"eventName\":\"A\"},"
                  "{\"eventSource\":\"a.com\"},{\"errorCode\":null}]");
    expect(r, FIELD_OPERATION, "A");
    expect_state(r, FIELD_ERROR, VALUE_NULL);
    /* Keys with dots beside @timestamp, and the same without: not a row then. */
    read_event(r, "{\"@timestamp\":\"2026-02-20\",\"eventName\":\"A\",\"eventSource\":\"a\","
                  "\"requestParameters.clientId\":\"c\"}");
    expect(r, FIELD_CLIENT, "c");
    read_event(r,
               "{\"eventName\":\"A\",\"eventSource\":\"a\",\"requestParameters.clientId\":1}");
    expect_state(r, FIELD_CLIENT, VALUE_ABSENT);
    /* The line of a log in a row has the row's time. */
    read_event(r, "[{\"field\":\"@message\",\"value\":\"START\"},{\"field\":\"@timestamp\","
                  "\"value\":\"2026-02-20 22:20:53.168\"}]");
    expect(r, FIELD_FORMAT, "app-log");
    assert_true(r->event.time_us == INT64_C(1771626053168000));
    assert_int_equal(read_text(r, "[{\"field\":\"count(*)\",\"value\":\"7\"}]"), EVENT_FOREIGN);
    assert_string_equal(r->seems, "a row of a query's result without a record");
    unwrapper_deinit(&u);
}

/* Words around a record that is missing or cut. */
static void summaries(void **state)
{
    struct reading *r = *state;

    read_event(r, "{\"EventId\":\"e-1\",\"EventName\":\"GetUser\",\"EventTime\":1424476529.5,"
                  "\"EventSource\":\"iam.amazonaws.com\",\"Username\":\"bob\",\"AccessKeyId\":"
                  "\"AKIA\",\"CloudTrailEvent\":\"{\\\"eventName\\\":\\\"cut\"}");
    assert_int_equal(r->event.flags & EVENT_SUMMARY, EVENT_SUMMARY);
    expect(r, FIELD_OPERATION, "GetUser");
    expect(r, FIELD_EVENT_ID, "e-1");
    expect(r, FIELD_ACTOR, "bob");
    expect(r, FIELD_ACCESS_KEY, "AKIA");
    assert_true(r->event.time_us == INT64_C(1424476529500000));
    /* The record wins where it is there. */
    read_event(r, "{\"EventName\":\"other\",\"EventSource\":\"s\",\"CloudTrailEvent\":"
                  "\"{\\\"eventName\\\":\\\"A\\\",\\\"eventSource\\\":\\\"a\\\"}\"}");
    expect(r, FIELD_OPERATION, "A");
    assert_int_equal(r->event.flags & EVENT_SUMMARY, 0);
    /* A record that completes another one says so. */
    read_event(r, "{\"eventName\":\"A\",\"eventSource\":\"a\",\"addendum\":{\"reason\":"
                  "\"UPDATED_DATA\"}}");
    assert_int_equal(r->event.flags & EVENT_UPDATE, EVENT_UPDATE);
}

static void claims_of_an_application(void **state)
{
    struct reading *r = *state;

    read_event(r, "{\"request_id\":\"r\",\"subject\":\"" SUB "\",\"username\":\"alice\","
                  "\"tenant_id\":\"acme\"}");
    expect(r, FIELD_FORMAT, "app-log");
    expect(r, FIELD_SUB, SUB);
    expect(r, FIELD_USER, "alice");
    expect(r, FIELD_TENANT, "acme");
    expect(r, FIELD_REQUEST_ID, "r");
    read_event(
        r,
        "{\"requestContext\":{\"requestId\":\"r\",\"http\":{\"sourceIp\":\"192.0.2.1\"},"
        "\"authorizer\":{\"jwt\":{\"claims\":{\"sub\":\"s\",\"custom:tenant_id\":\"t\"}}}}}");
    expect(r, FIELD_SUB, "s");
    expect(r, FIELD_TENANT, "t");
    expect(r, FIELD_IP, "192.0.2.1");
}

static void notification(void **state)
{
    struct reading *r = *state;

    read_event(r,
               "{\"eventTimestamp\":\"1687297330677\",\"eventSource\":\"USER_NOTIFICATION\","
               "\"logLevel\":\"ERROR\",\"message\":{\"details\":\"no SMS\"},\"logSourceId\":{"
               "\"userPoolId\":\"us-west-2_Ex\"}}");
    expect(r, FIELD_FORMAT, "user-notification");
    expect(r, FIELD_ERROR_MESSAGE, "no SMS");
    expect(r, FIELD_STAGE, "notification");
    expect(r, FIELD_POOL, "us-west-2_Ex");
}

static void masks_where_objects_are_expected(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("InitiateAuth",
                            "\"requestParameters\":" MASK ",\"additionalEventData\":null"));
    expect_state(r, FIELD_CLIENT, VALUE_REDACTED);
    expect_state(r, FIELD_FLOW, VALUE_REDACTED);
    expect_state(r, FIELD_SUB, VALUE_ABSENT);
    /* The older wording, and a value elsewhere that beats it. */
    read_event(r, POOL_CALL("InitiateAuth",
                            "\"requestParameters\":\"HIDDEN_FOR_SECURITY_REASONS\","
                            "\"additionalEventData\":{\"clientId\":\"abc\"}"));
    expect(r, FIELD_CLIENT, "abc");
    read_event(r, POOL_CALL("InitiateAuth",
                            "\"responseElements\":{\"authenticationResult\":" MASK "}"));
    expect(r, FIELD_OUTCOME, "success");
}

static void odd_types(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("InitiateAuth",
                            "\"requestParameters\":\"text\",\"responseElements\":[1,{\"a\":2}],"
                            "\"sourceIPAddress\":{\"a\": 1},\"userAgent\":[],\"errorCode\":{},"
                            "\"recipientAccountId\":123456789012,\"awsRegion\":true,"
                            "\"additionalEventData\":{\"requestParameters\":{\"client_id\":[],"
                            "\"grant_type\":[[\"x\"]],\"sub\":[null]}}"));
    expect(r, FIELD_IP, "{\"a\": 1}");
    expect(r, FIELD_ACCOUNT, "123456789012");
    expect(r, FIELD_REGION, "true");
    expect(r, FIELD_FLOW, "[\"x\"]");
    expect_state(r, FIELD_AGENT, VALUE_EMPTY);
    expect_state(r, FIELD_ERROR, VALUE_EMPTY);
    expect_state(r, FIELD_CLIENT, VALUE_EMPTY);
    expect_state(r, FIELD_SUB, VALUE_NULL);
}

static void preference_of_values(void **state)
{
    struct reading *r = *state;

    /* The first row wins whatever the order in the record is. */
    read_event(r, POOL_CALL("X", "\"requestParameters\":{\"clientId\":\"second\"},"
                                 "\"additionalEventData\":{\"clientId\":\"first\"}"));
    expect(r, FIELD_CLIENT, "first");
    assert_string_equal(path_get(r->event.values[FIELD_CLIENT].path)->path,
                        "additionalEventData.clientId");
    /* Value, redacted, empty, null. */
    read_event(r, POOL_CALL("X", "\"additionalEventData\":{\"clientId\":" MASK
                                 "},\"requestParameters\":{\"clientId\":\"second\"}"));
    expect(r, FIELD_CLIENT, "second");
    read_event(r, POOL_CALL("X", "\"additionalEventData\":{\"clientId\":\"\"},"
                                 "\"requestParameters\":{\"clientId\":" MASK "}"));
    expect_state(r, FIELD_CLIENT, VALUE_REDACTED);
    read_event(r, POOL_CALL("X", "\"additionalEventData\":{\"clientId\":null},"
                                 "\"requestParameters\":{\"clientId\":\"\"}"));
    expect_state(r, FIELD_CLIENT, VALUE_EMPTY);
}

static void escapes_in_keys_and_values(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("InitiateAuth", "\"user\\u0041gent\":\"a\\n\\u00e9\\\"\","
                                            "\"errorMessage\":\"b\\\\c\""));
    expect(r, FIELD_AGENT, "a\n\xc3\xa9\"");
    expect(r, FIELD_ERROR_MESSAGE, "b\\c");
}

static void keys_that_stand_twice(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("InitiateAuth", "\"userAgent\":\"a\",\"userAgent\":\"b\""));
    expect(r, FIELD_AGENT, "b");
    assert_int_equal(r->event.flags, EVENT_DUPLICATE_KEY);
    read_event(r, POOL_CALL("InitiateAuth", "\"requestParameters\":{\"clientId\":\"a\"},"
                                            "\"requestParameters\":{\"authFlow\":\"f\"}"));
    expect_state(r, FIELD_CLIENT, VALUE_ABSENT);
    expect(r, FIELD_FLOW, "f");
    assert_int_equal(r->event.flags, EVENT_DUPLICATE_KEY);
    read_event(r, POOL_CALL("InitiateAuth", "\"requestParameters\":{\"clientId\":\"a\"}"));
    assert_int_equal(r->event.flags, 0);
}

static void bytes_that_are_not_utf8(void **state)
{
    struct reading *r = *state;

    read_event(r, POOL_CALL("InitiateAuth", "\"apiVersion\":\"\xff\""));
    assert_int_equal(r->event.flags, EVENT_BAD_UTF8);
    read_event(r, POOL_CALL("InitiateAuth", "\"apiVersion\":\"\xc3\xa9\""));
    assert_int_equal(r->event.flags, 0);
}

static void windows_that_end_early(void **state)
{
    struct reading *r = *state;
    const char *text = POOL_CALL("InitiateAuth", "\"requestParameters\":{\"clientId\":\"a\"}");
    struct cursor c;

    for (size_t len = 0; len < strlen(text); len++) {
        cursor_init(&c, bytes_make(text, len), false);
        assert_int_equal(event_read(r->reader, &c, &r->event, NULL), EVENT_MORE);
        cursor_init(&c, bytes_make(text, len), true);
        assert_int_equal(event_read(r->reader, &c, &r->event, NULL), EVENT_MALFORMED);
    }
    read_event(r, text);
    expect(r, FIELD_CLIENT, "a");
    assert_int_equal(r->event.raw.len, strlen(text));
    assert_int_equal(read_text(r, CALL("X") ",\"unknown\":{\"a\":[1,}}"), EVENT_MALFORMED);
}

// clang-format off
static void foreign_objects_are_named(void **state)
{
    static const struct {
        const char *text, *seems;
    } cases[] = {
        {"{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:"
         "Put\","
         "\"userIdentity\":{\"principalId\":\"x\"},\"s3\":{}}",
         "an S3 event notification"},
        {"{\"messageId\":\"m\",\"receiptHandle\":\"h\",\"body\":\"\",\"eventSource\":\"aws:"
         "sqs\"}",
         "an SQS message"},
        {"{\"detail-type\":\"EC2 Instance State-change Notification\",\"detail\":{\"state\":1}}",
         "an EventBridge event"},
        {"{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[]}",
         "CloudWatch Logs subscription data"},
        {"{\"EventId\":\"1\",\"EventName\":\"X\",\"Username\":\"u\"}",
         "output of aws cloudtrail lookup-events"},
        {"{\"digestStartTime\":\"x\",\"logFiles\":[]}",
         "a CloudTrail digest"},
        {"{\"eventVersion\":\"1\",\"eventName\":\"X\",\"eventSource\":\"ecs.aliyuncs.com\"}",
         "an Alibaba Cloud ActionTrail event"},
        {"{\"timestamp\":1740805205000,\"message\":\"CWL CONTROL MESSAGE: Checking health\","
         "\"id\":\"00000000000000000000\"}",
         "a control message of CloudWatch Logs"},
        {"{\"@timestamp\":\"2025-04-06 19:12:03.545\",\"LogLevel\":\"INFO\"}",
         "a row of a CloudWatch Logs Insights result without a record"},
        {"{\"CloudTrailEvent\":\"{}\"}",
         "an object that held a CloudTrail record as text"},
        {"{\"requestId\":\"1\",\"ip\":\"::1\",\"httpMethod\":\"GET\"}",
         "part of an API Gateway access log record"},
        {"{\"metadata\":{},\"class_uid\":3002}",
         "an OCSF event"},
        {"{\"interface_id\":\"eni-1\",\"srcaddr\":\"10.0.0.1\"}",
         "a VPC flow log record"},
        {"{\"responseElements\":{\"authenticationResult\":{}}}",
         "part of a CloudTrail record"},
        {"{\"eventSource\":\"USER_ACTIVITY\",\"message\":\"text\"}",
         "a JSON object of an unknown kind"},
        {"{}",
         "a JSON object of an unknown kind"},
        {"[1]",
         "a JSON value that is no object"},
    };
    // clang-format on
    struct reading *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(read_text(r, cases[i].text), EVENT_FOREIGN);
        assert_string_equal(r->seems, cases[i].seems);
    }
}

/* ---- real files, where they are at hand ---- */

struct tally {
    unsigned files, read, foreign;
};

static void read_whole_file(struct reading *r, const char *path, struct tally *tally)
{
    static char text[1 << 20];
    FILE *f = fopen(path, "rb");
    struct cursor c;
    enum cursor_kind kind;
    size_t len;

    assert_non_null(f);
    len = fread(text, 1, sizeof text, f);
    assert_true(len < sizeof text);
    fclose(f);
    cursor_init(&c, bytes_make(text, len), true);
    assert_true(cursor_peek(&c, &kind));
    tally->files++;
    if (kind == CURSOR_ARRAY)
        assert_true(cursor_enter_array(&c));
    for (bool first = true; kind == CURSOR_OBJECT ? first : cursor_next_item(&c, first);
         first = false) {
        enum event_verdict verdict = event_read(r->reader, &c, &r->event, NULL);

        if (verdict != EVENT_READ && verdict != EVENT_FOREIGN)
            fail_msg("%s: verdict %d", path, verdict);
        if (verdict == EVENT_FOREIGN) {
            tally->foreign++;
            continue;
        }
        tally->read++;
        expect_state(r, FIELD_OUTCOME, VALUE_TEXT);
        if (r->event.format != FORMAT_USER_NOTIFICATION)
            expect_state(r, FIELD_OPERATION, VALUE_TEXT);
    }
    assert_int_equal(c.fault, CURSOR_FINE);
}

static struct tally read_folder(struct reading *r, const char *folder)
{
    struct tally tally = {0};
    char path[4096];
    DIR *dir = opendir(folder);

    if (!dir) {
        print_message("no %s: skipped\n", folder);
        skip();
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!bytes_ends(bytes_of(entry->d_name), ".json"))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        read_whole_file(r, path, &tally);
    }
    closedir(dir);
    return tally;
}

static void expect_tally(struct tally got, unsigned files, unsigned read, unsigned foreign)
{
    assert_int_equal(got.files, files);
    assert_int_equal(got.read, read);
    assert_int_equal(got.foreign, foreign);
}

static void real_files(void **state)
{
    struct reading *r = *state;

    expect_tally(read_folder(r, COGTRAIL_SHARED "/data/13_awsdocs_cognito_2023"), 10, 10, 0);
    /* Two outputs of admin-list-user-auth-events, whose events stand in a list. */
    expect_tally(read_folder(r, COGTRAIL_SHARED "/data/13b_aws_cognito_docs_current"), 9, 7, 2);
    /* A lone responseElements. */
    expect_tally(read_folder(r, COGTRAIL_SHARED "/data/20_cognito_observed_shapes"), 9, 8, 1);
    expect_tally(
        read_folder(r, COGTRAIL_SHARED "/data/03_stratus_detonation_logs/docs/detonation-logs"),
        35, 310, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(b1_unsigned_call),
        TEST(b2_challenge),
        TEST(b3_token_authorised),
        TEST(b4_admin_call),
        TEST(b5_hosted_ui_early),
        TEST(b6_b7_b8_later_shapes),
        TEST(b9_b11_identity_pool),
        TEST(b12_call_of_an_identity),
        TEST(b13_web_identity_user),
        TEST(b14_user_activity),
        TEST(notification),
        TEST(rows_of_results),
        TEST(summaries),
        TEST(claims_of_an_application),
        TEST(event_of_a_log),
        TEST(masks_where_objects_are_expected),
        TEST(odd_types),
        TEST(preference_of_values),
        TEST(escapes_in_keys_and_values),
        TEST(keys_that_stand_twice),
        TEST(bytes_that_are_not_utf8),
        TEST(windows_that_end_early),
        TEST(foreign_objects_are_named),
        TEST(real_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
