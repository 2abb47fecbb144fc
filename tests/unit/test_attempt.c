/* Sign-ins as wholes: every flow, what goes wrong in the middle, and what must not be joined.
 */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/concluding/attempt.h"

#include "tests/unit/world.h"

/* 2026-03-02 00:00 UTC. */
static const int64_t DAY_S = 1772409600;

/* One record. `name` NULL: a line of the activity export, with `answer` as its response. */
struct step {
    int64_t at_s;
    const char *name;
    const char *sub, *ip, *agent, *client; /* NULL: none; 192.0.2.1; app/1; c1 */
    const char *flow, *asked, *answered;   /* authFlow or grant type; challenges */
    const char *error, *message;
    const char *answer; /* "tokens"; of the export Pass, Fail, InProgress */
    unsigned status;    /* of a hosted page; 0: no page */
    unsigned request;   /* number of its request id; 0: none */
};

static void add_line(struct buffer *t, const struct step *s)
{
    buffer_add_text(t, "{\"eventTimestamp\":\"");
    buffer_printf(t, "%lld", (long long)(DAY_S + s->at_s) * 1000);
    buffer_printf(t,
                  "\",\"eventSource\":\"USER_ACTIVITY\",\"message\":{\"eventId\":\"e%lld\","
                  "\"eventType\":\"SignIn\",\"userSub\":\"%s\",\"clientId\":\"%s\","
                  "\"ipAddress\":\"%s\",\"eventResponse\":\"%s\"",
                  (long long)s->at_s, s->sub ? s->sub : "", s->client ? s->client : "c1",
                  s->ip ? s->ip : "192.0.2.1", s->answer);
    if (s->answered)
        buffer_printf(t,
                      ",\"challenges\":[{\"challengeName\":\"%s\",\"challengeResponse\":"
                      "\"Failure\"}]",
                      s->answered);
    if (s->request)
        buffer_printf(t, ",\"requestId\":\"%08x-0000-4000-8000-000000000000\"", s->request);
    buffer_add_text(t, "},\"logSourceId\":{\"userPoolId\":\"eu-west-1_P\"}}\n");
}

static void add_extra(struct buffer *t, const struct step *s)
{
    buffer_add_text(t, ",\"additionalEventData\":{\"x\":1");
    if (s->sub)
        buffer_printf(t, ",\"sub\":\"%s\"", s->sub);
    if (s->status)
        buffer_printf(t, ",\"responseParameters\":{\"status\":%u}", s->status);
    if (s->status && s->flow)
        buffer_printf(t, ",\"requestParameters\":{\"grant_type\":[\"%s\"]}", s->flow);
    if (s->status)
        buffer_printf(t, ",\"clientId\":\"%s\"", s->client ? s->client : "c1");
    buffer_add_char(t, '}');
}

static void add_record(struct buffer *t, const struct step *s)
{
    static unsigned number;

    buffer_add_text(t, "{\"eventVersion\":\"1.08\",\"eventTime\":\"");
    instant_add(t, (DAY_S + s->at_s) * INSTANT_SECOND, INSTANT_ISO, 0);
    buffer_printf(t,
                  "\",\"eventSource\":\"%s.amazonaws.com\",\"eventName\":\"%s\","
                  "\"sourceIPAddress\":\"%s\",\"userAgent\":\"%s\","
                  "\"eventID\":\"%08x-0000-4000-8000-000000000000\"",
                  bytes_are(bytes_of(s->name), "CheckMfa") ? "signin" : "cognito-idp", s->name,
                  s->ip ? s->ip : "192.0.2.1", s->agent ? s->agent : "app/1", ++number);
    if (s->request)
        buffer_printf(t, ",\"requestID\":\"%08x-0000-4000-8000-000000000000\"", s->request);
    if (!s->status) {
        buffer_printf(t, ",\"requestParameters\":{\"clientId\":\"%s\"",
                      s->client ? s->client : "c1");
        if (s->flow)
            buffer_printf(t, ",\"authFlow\":\"%s\"", s->flow);
        if (s->answered)
            buffer_printf(t, ",\"challengeName\":\"%s\"", s->answered);
        buffer_add_char(t, '}');
    }
    if (s->answer)
        buffer_add_text(t,
                        ",\"responseElements\":{\"authenticationResult\":{\"expiresIn\":1}}");
    else if (s->asked)
        buffer_printf(t, ",\"responseElements\":{\"challengeName\":\"%s\"}", s->asked);
    if (s->error)
        buffer_printf(t, ",\"errorCode\":\"%s\",\"errorMessage\":\"%s\"", s->error,
                      s->message ? s->message : "");
    add_extra(t, s);
    buffer_add_text(t, "}\n");
}

/* The attempts as text: verdict, ? where it is concluded, number of records. A last step at
 * `end_s` lets sessions run out. */
static void expect_attempts(const struct step *steps, size_t n, const char *wanted)
{
    static const struct step last = {.at_s = 80000,
                                     .name = "InitiateAuth",
                                     .sub = "last",
                                     .ip = "198.51.100.99",
                                     .client = "last",
                                     .flow = "REFRESH_TOKEN_AUTH"};
    atomic_bool never = false;
    struct crew alone = {NULL, &never};
    struct buffer text = {0}, got = {0};
    struct signals *signals;
    struct attempts *a;
    struct world *w;

    for (size_t i = 0; i < n; i++)
        (steps[i].name ? add_record : add_line)(&text, &steps[i]);
    add_record(&text, &last);
    w = world_new("steps.json", buffer_bytes(&text));
    signals = signals_new(w->index, &alone);
    a = attempts_new(signals, &never);
    for (uint32_t i = 0; i + 1 < a->count; i++)
        buffer_printf(&got, "%s%s%s %u", i ? ", " : "",
                      verdict_name((enum verdict)a->items[i].verdict),
                      a->items[i].derived ? "?" : "", a->items[i].n_members);
    assert_string_equal(buffer_cstr(&got), wanted);
    attempts_release(a);
    signals_release(signals);
    world_free(w);
    buffer_deinit(&text);
    buffer_deinit(&got);
}

#define EXPECT(wanted, ...)                                                                    \
    expect_attempts((const struct step[]){__VA_ARGS__},                                        \
                    ARRAY_LEN(((const struct step[]){__VA_ARGS__})), wanted)

#define INIT .name = "InitiateAuth", .sub = "s1"
#define ANSWER .name = "RespondToAuthChallenge", .sub = "s1"
#define WRONG .error = "NotAuthorizedException", .message = "Incorrect username or password."

static void flows(void **state)
{
    (void)state;
    EXPECT(
        "success 1, wrong password 1, unknown user 1, locked 1",
        {10, INIT, .flow = "USER_PASSWORD_AUTH", .answer = "tokens"},
        {20, INIT, .flow = "USER_PASSWORD_AUTH", WRONG},
        {30, .name = "InitiateAuth", .error = "UserNotFoundException"},
        {40, INIT, .error = "NotAuthorizedException", .message = "Password attempts exceeded"});
    EXPECT("success 2, wrong password 2",
           {10, INIT, .flow = "USER_SRP_AUTH", .asked = "PASSWORD_VERIFIER"},
           {11, ANSWER, .answered = "PASSWORD_VERIFIER", .answer = "tokens"},
           {20, INIT, .flow = "USER_SRP_AUTH", .asked = "PASSWORD_VERIFIER"},
           {21, ANSWER, .answered = "PASSWORD_VERIFIER", WRONG});
    EXPECT("success 4", {10, INIT, .flow = "CUSTOM_AUTH", .asked = "CUSTOM_CHALLENGE"},
           {20, ANSWER, .answered = "CUSTOM_CHALLENGE", .asked = "CUSTOM_CHALLENGE"},
           {30, ANSWER, .answered = "CUSTOM_CHALLENGE", .asked = "CUSTOM_CHALLENGE"},
           {40, ANSWER, .answered = "CUSTOM_CHALLENGE", .answer = "tokens"});
    EXPECT("success 4", {10, INIT, .flow = "USER_AUTH", .asked = "SELECT_CHALLENGE"},
           {20, ANSWER, .answered = "SELECT_CHALLENGE", .asked = "EMAIL_OTP"},
           {30, ANSWER, .answered = "EMAIL_OTP", .error = "CodeMismatchException"},
           {40, ANSWER, .answered = "EMAIL_OTP", .answer = "tokens"});
    EXPECT("success 1, refused 1, success 1",
           {10, INIT, .flow = "REFRESH_TOKEN_AUTH", .answer = "tokens"},
           {20, INIT, .flow = "REFRESH_TOKEN_AUTH", .error = "NotAuthorizedException",
            .message = "Refresh Token has expired"},
           {30, .name = "Token_POST", .flow = "client_credentials", .status = 200});
    EXPECT("throttled 1, blocked 1, misconfigured client 1, misconfigured client 1, fault 1, "
           "refused 1",
           {10, INIT, .error = "TooManyRequestsException"},
           {20, INIT, .error = "ForbiddenException"},
           {30, INIT, .error = "ResourceNotFoundException"},
           {40, INIT, .error = "NotAuthorizedException",
            .message = "Unable to verify secret hash for client c1"},
           {50, INIT, .error = "UnexpectedLambdaException"},
           {60, INIT, .error = "NotAuthorizedException", .message = "User is disabled."});
}

static void in_the_middle(void **state)
{
    (void)state;
    /* A wrong code leaves the session alive, and so does a throttled answer. */
    EXPECT("MFA failed 3", {10, INIT, .asked = "SMS_MFA"},
           {20, ANSWER, .error = "CodeMismatchException"},
           {30, ANSWER, .error = "CodeMismatchException"});
    EXPECT("success 3", {10, INIT, .asked = "SMS_MFA"},
           {20, ANSWER, .error = "TooManyRequestsException"}, {21, ANSWER, .answer = "tokens"});
    EXPECT("success 3", {10, INIT, .asked = "SMS_MFA"},
           {20, ANSWER, .error = "UnexpectedLambdaException"},
           {21, ANSWER, .answer = "tokens"});
    EXPECT("success 3", {10, INIT, .asked = "NEW_PASSWORD_REQUIRED"},
           {20, ANSWER, .error = "InvalidPasswordException"}, {30, ANSWER, .answer = "tokens"});
    /* A throttled start has no session that could be answered. */
    EXPECT("abandoned 1, throttled 1", {10, INIT, .asked = "SMS_MFA"},
           {20, INIT, .error = "TooManyRequestsException"});
    EXPECT("success 2, throttled 1", {10, INIT, .asked = "SMS_MFA"},
           {20, INIT, .error = "TooManyRequestsException"}, {30, ANSWER, .answer = "tokens"});
    EXPECT("abandoned 2, success 1", {10, INIT, .asked = "SMS_MFA"},
           {20, ANSWER, .asked = "SOFTWARE_TOKEN_MFA"},
           {20 + 16 * 60, ANSWER, .answer = "tokens"});
}

/* Two at once from the same program: each start gets one answer. */
static void side_by_side(void **state)
{
    (void)state;
    EXPECT("wrong password 2, wrong password 2", {10, INIT, .asked = "PASSWORD_VERIFIER"},
           {11, INIT, .asked = "PASSWORD_VERIFIER"}, {12, ANSWER, WRONG}, {13, ANSWER, WRONG});
    EXPECT("success 2, wrong password 2",
           {10, .name = "InitiateAuth", .asked = "PASSWORD_VERIFIER"},
           {11, .name = "InitiateAuth", .asked = "PASSWORD_VERIFIER"},
           {12, .name = "RespondToAuthChallenge", WRONG},
           {13, .name = "RespondToAuthChallenge", .answer = "tokens"});
    EXPECT("abandoned 1, success 2",
           {10, .name = "InitiateAuth", .sub = "s2", .asked = "SMS_MFA"},
           {11, INIT, .asked = "SMS_MFA"}, {12, ANSWER, .answer = "tokens"});
    /* The start names nobody, the answer does. */
    EXPECT("success 2", {10, .name = "InitiateAuth", .asked = "PASSWORD_VERIFIER"},
           {11, ANSWER, .answer = "tokens"});
    EXPECT("abandoned 1, success 1", {10, INIT, .asked = "PASSWORD_VERIFIER"},
           {11, ANSWER, .client = "c2", .answer = "tokens"});
}

/* Within one second records stand in any order. */
static void in_one_second(void **state)
{
    (void)state;
    EXPECT("success 2", {10, ANSWER, .answered = "PASSWORD_VERIFIER", .answer = "tokens"},
           {10, INIT, .flow = "USER_SRP_AUTH", .asked = "PASSWORD_VERIFIER"});
    EXPECT("success 3", {10, ANSWER, .answered = "SMS_MFA", .answer = "tokens"},
           {10, ANSWER, .answered = "PASSWORD_VERIFIER", .asked = "SMS_MFA"},
           {10, INIT, .flow = "USER_SRP_AUTH", .asked = "PASSWORD_VERIFIER"});
    EXPECT("wrong password 2, success 2", {10, INIT, .asked = "PASSWORD_VERIFIER"},
           {10, ANSWER, WRONG}, {10, INIT, .asked = "PASSWORD_VERIFIER"},
           {10, ANSWER, .answer = "tokens"});
    EXPECT("success 1, abandoned 1", {10, ANSWER, .answer = "tokens"},
           {11, INIT, .asked = "PASSWORD_VERIFIER"});
    EXPECT("success? 2",
           {10, .name = "Token_POST", .flow = "authorization_code", .status = 200},
           {10, .name = "login_POST", .status = 302});
    EXPECT("wrong password? 2", {10, .name = "Error_GET", .status = 200},
           {10, .name = "login_POST", .status = 302});
}

#define FORM .status = 302
#define LOGIN .name = "login_POST", FORM
#define CODE .name = "Token_POST", .flow = "authorization_code"

static void hosted_pages(void **state)
{
    (void)state;
    EXPECT("success? 3", {10, LOGIN}, {20, .name = "mfa_totp_POST", FORM},
           {21, CODE, .status = 200});
    EXPECT("MFA failed? 3", {10, LOGIN}, {20, .name = "mfa_totp_POST", FORM},
           {21, .name = "Error_GET", .status = 200});
    /* The same code form again: the code before was not taken. */
    EXPECT("success? 4", {10, LOGIN}, {20, .name = "mfa_totp_POST", FORM},
           {30, .name = "mfa_totp_POST", FORM}, {31, CODE, .status = 200});
    EXPECT("undecided 3", {10, LOGIN}, {20, .name = "mfa_totp_POST", FORM},
           {30, .name = "mfa_totp_POST", FORM});
    EXPECT("wrong password? 1, success? 2", {10, LOGIN}, {20, LOGIN},
           {21, CODE, .status = 200});
    /* Another form is no second try of the first. */
    EXPECT("undecided 1, undecided 1", {10, LOGIN}, {20, .name = "login_passkey_POST", FORM});
    EXPECT("undecided 1, undecided 1", {10, .name = "login_continue_POST", FORM},
           {20, .name = "login_continue_POST", FORM});
    /* Nor is the form of another application, or of another user. */
    EXPECT("undecided 1, undecided 1", {10, LOGIN}, {20, LOGIN, .client = "c2"});
    EXPECT("undecided 1, undecided 1", {10, LOGIN, .sub = "s1"}, {20, LOGIN, .sub = "s2"});
    /* Through an outside provider: one sign-in, and no password was wrong. */
    EXPECT("success? 3", {10, .name = "Login_OIDC_SAML_POST", FORM},
           {40, .name = "SAML2Response_POST", FORM}, {41, CODE, .status = 200});
    EXPECT("refused? 3", {10, .name = "Login_OIDC_SAML_POST", FORM},
           {40, .name = "SAML2Response_POST", FORM}, {41, .name = "Error_GET", .status = 200});
    /* An exchange that fails later takes no success back. */
    EXPECT("success? 2, refused 1", {10, LOGIN}, {11, CODE, .status = 200},
           {20, CODE, .status = 400});
    EXPECT("refused 2", {10, LOGIN}, {11, CODE, .status = 400});
    /* The step before a console sign-in is none of its own. */
    EXPECT("", {10, .name = "CheckMfa"});
}

#define SERVER .ip = "203.0.113.1", .agent = "srv", CODE, .status = 200

/* A site's server exchanges the code: only time and client tell whose it is. */
static void exchanged_by_a_server(void **state)
{
    (void)state;
    EXPECT("success? 2", {10, LOGIN}, {40, SERVER});
    EXPECT("undecided 1, success 1", {10, LOGIN}, {80, SERVER});
    EXPECT("undecided 1, success? 2", {10, LOGIN}, {30, LOGIN, .ip = "192.0.2.2"},
           {31, SERVER});
    EXPECT("undecided 1, undecided 1, success 1", {30, LOGIN}, {30, LOGIN, .ip = "192.0.2.2"},
           {31, SERVER});
    EXPECT("success? 2, success? 2", {10, LOGIN}, {11, SERVER}, {30, LOGIN, .ip = "192.0.2.2"},
           {31, SERVER});
    EXPECT("undecided 1, success 1", {10, LOGIN}, {11, SERVER, .client = "c2"});
}

static void the_export(void **state)
{
    (void)state;
    /* Alone: what goes on is one, what begins anew is another. */
    EXPECT("success 2, wrong password 1, success 1", {10, .sub = "s1", .answer = "InProgress"},
           {20, .sub = "s1", .answer = "Pass"},
           {30, .sub = "s1", .answer = "Fail", .answered = "Password"},
           {40, .sub = "s1", .answer = "Pass"});
    EXPECT("MFA failed 2, wrong password 1", {10, .sub = "s1", .answer = "InProgress"},
           {20, .sub = "s1", .answer = "Fail", .answered = "Mfa"},
           {30, .sub = "s1", .answer = "Fail", .answered = "Password"});
    /* Beside CloudTrail: one sign-in with its twin, whatever comes first. */
    EXPECT("wrong password 2, success? 2", {10, INIT, WRONG, .request = 1},
           {10, .sub = "s1", .answer = "Fail", .answered = "Password", .request = 1},
           {19, .sub = "s1", .answer = "Pass", .request = 2}, {20, LOGIN, .request = 2});
    EXPECT("success? 5", {10, LOGIN}, {20, .name = "mfa_totp_POST", FORM, .request = 3},
           {20, .sub = "s1", .answer = "Fail", .answered = "Mfa", .request = 3},
           {30, .name = "mfa_totp_POST", FORM, .request = 4},
           {30, .sub = "s1", .answer = "Pass", .request = 4});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flows),        cmocka_unit_test(in_the_middle),
        cmocka_unit_test(side_by_side), cmocka_unit_test(in_one_second),
        cmocka_unit_test(hosted_pages), cmocka_unit_test(exchanged_by_a_server),
        cmocka_unit_test(the_export),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
