/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/outcome.h"

/* One rule in one row; NULL is an absent text. */
struct rule {
    const char *service, *operation, *flow, *error, *message, *status;
    bool has_result, has_challenge;
    enum stage stage;
    enum outcome outcome;
    enum reason reason;
};

static void set(struct value *values, enum field_id field, const char *text)
{
    if (!text)
        return;
    values[field].text = bytes_of(text);
    values[field].state = *text ? VALUE_TEXT : VALUE_EMPTY;
}

static void check(const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *r = &rules[i];
        struct outcome_facts facts = {.has_result = r->has_result,
                                      .has_challenge = r->has_challenge};
        struct value values[FIELD_COUNT] = {0};
        struct outcome_verdict v;

        set(values, FIELD_SERVICE, r->service ? r->service : "cognito-idp.amazonaws.com");
        set(values, FIELD_OPERATION, r->operation);
        set(values, FIELD_FLOW, r->flow);
        set(values, FIELD_ERROR, r->error);
        set(values, FIELD_ERROR_MESSAGE, r->message);
        set(values, FIELD_STATUS, r->status);
        v = outcome_decide(FORMAT_CLOUDTRAIL, values, &facts);
        if (v.stage != r->stage || v.outcome != r->outcome || v.reason != r->reason)
            fail_msg("rule %zu, %s: %s, %s, %s", i, r->operation, stage_name(v.stage),
                     outcome_name(v.outcome), reason_name(v.reason));
    }
}

// clang-format off
static void sign_in_needs_tokens(void **state)
{
    static const struct rule rules[] = {
        {.operation = "InitiateAuth", .flow = "USER_PASSWORD_AUTH", .has_result = true,
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_SUCCESS},
        {.operation = "InitiateAuth", .flow = "USER_PASSWORD_AUTH", .has_challenge = true,
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_CHALLENGE},
        {.operation = "InitiateAuth", .flow = "USER_PASSWORD_AUTH",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_UNKNOWN},
        {.operation = "InitiateAuth", .flow = "USER_SRP_AUTH",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_CHALLENGE},
        {.operation = "AdminInitiateAuth", .flow = "CUSTOM_AUTH",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_CHALLENGE},
        {.operation = "InitiateAuth", .flow = "USER_AUTH", .error = "",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_CHALLENGE},
        {.operation = "RespondToAuthChallenge", .has_result = true,
         .stage = STAGE_CHALLENGE, .outcome = OUTCOME_SUCCESS},
        {.operation = "RespondToAuthChallenge", .has_challenge = true,
         .stage = STAGE_CHALLENGE, .outcome = OUTCOME_CHALLENGE},
        {.operation = "AdminRespondToAuthChallenge",
         .stage = STAGE_CHALLENGE, .outcome = OUTCOME_UNKNOWN},
    };

    (void)state;
    check(rules, ARRAY_LEN(rules));
}

static void flows_name_the_stage(void **state)
{
    static const struct rule rules[] = {
        {.operation = "InitiateAuth", .flow = "REFRESH_TOKEN_AUTH",
         .stage = STAGE_REFRESH, .outcome = OUTCOME_SUCCESS},
        {.operation = "AdminInitiateAuth", .flow = "REFRESH_TOKEN", .has_result = true,
         .stage = STAGE_REFRESH, .outcome = OUTCOME_SUCCESS},
        {.operation = "GetTokensFromRefreshToken",
         .stage = STAGE_REFRESH, .outcome = OUTCOME_SUCCESS},
        {.operation = "Token_POST", .flow = "refresh_token", .status = "200",
         .stage = STAGE_REFRESH, .outcome = OUTCOME_SUCCESS},
        {.operation = "Token_POST", .flow = "client_credentials", .status = "200",
         .stage = STAGE_M2M, .outcome = OUTCOME_SUCCESS},
        {.operation = "Token_POST", .flow = "authorization_code", .status = "200",
         .stage = STAGE_TOKEN, .outcome = OUTCOME_SUCCESS},
        {.operation = "SignUp", .flow = "REFRESH_TOKEN_AUTH",
         .stage = STAGE_SIGN_UP, .outcome = OUTCOME_SUCCESS},
    };

    (void)state;
    check(rules, ARRAY_LEN(rules));
}

static void pages_and_forms(void **state)
{
    static const struct rule rules[] = {
        {.operation = "Login_GET", .status = "200", .error = "",
         .stage = STAGE_VIEW, .outcome = OUTCOME_NONE},
        {.operation = "Error_GET", .status = "200",
         .stage = STAGE_VIEW, .outcome = OUTCOME_NONE},
        {.operation = "OAuth2_Authorize_GET", .status = "400",
         .stage = STAGE_VIEW, .outcome = OUTCOME_FAILURE, .reason = REASON_BAD_REQUEST},
        {.operation = "login_POST", .status = "302",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_UNKNOWN},
        {.operation = "login_POST", .status = "200",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_UNKNOWN},
        {.operation = "login_POST",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_UNKNOWN},
        {.operation = "signup_POST", .status = "429",
         .stage = STAGE_SIGN_UP, .outcome = OUTCOME_THROTTLED, .reason = REASON_REQUEST_RATE},
        {.operation = "Signup_POST", .status = "500",
         .stage = STAGE_SIGN_UP, .outcome = OUTCOME_FAULT, .reason = REASON_SERVICE},
        {.operation = "Token_POST", .status = "400",
         .stage = STAGE_TOKEN, .outcome = OUTCOME_FAILURE, .reason = REASON_OTHER},
        {.operation = "Token_POST",
         .stage = STAGE_TOKEN, .outcome = OUTCOME_UNKNOWN},
        {.operation = "Logout", .status = "302",
         .stage = STAGE_SIGN_OUT, .outcome = OUTCOME_SUCCESS},
        {.operation = "brandNew_POST", .status = "200",
         .stage = STAGE_API, .outcome = OUTCOME_UNKNOWN},
        {.operation = "brandNew_GET", .status = "200",
         .stage = STAGE_VIEW, .outcome = OUTCOME_NONE},
    };

    (void)state;
    check(rules, ARRAY_LEN(rules));
}

static void not_authorized_splits(void **state)
{
    static const struct rule rules[] = {
        {.operation = "InitiateAuth", .flow = "USER_PASSWORD_AUTH",
         .error = "NotAuthorizedException", .message = "Incorrect username or password.",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAILURE, .reason = REASON_WRONG_PASSWORD},
        {.operation = "RespondToAuthChallenge", .error = "NotAuthorizedException",
         .message = "Password attempts exceeded",
         .stage = STAGE_CHALLENGE, .outcome = OUTCOME_FAILURE, .reason = REASON_LOCKED_OUT},
        {.operation = "InitiateAuth", .error = "NotAuthorizedException",
         .message = "Unable to verify secret hash for client abc",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAULT, .reason = REASON_SECRET_HASH},
        {.operation = "InitiateAuth", .flow = "USER_PASSWORD_AUTH",
         .error = "NotAuthorizedException",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAILURE, .reason = REASON_NOT_AUTHORIZED},
        {.operation = "InitiateAuth", .flow = "REFRESH_TOKEN_AUTH",
         .error = "NotAuthorizedException",
         .stage = STAGE_REFRESH, .outcome = OUTCOME_FAILURE, .reason = REASON_REFRESH_REVOKED},
        {.operation = "InitiateAuth", .flow = "REFRESH_TOKEN_AUTH",
         .error = "NotAuthorizedException", .message = "Refresh Token has expired",
         .stage = STAGE_REFRESH, .outcome = OUTCOME_FAILURE, .reason = REASON_REFRESH_EXPIRED},
        {.operation = "InitiateAuth", .error = "InvalidParameterException",
         .message = "USER_PASSWORD_AUTH flow not enabled for this client",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAULT, .reason = REASON_FLOW_DISABLED},
        {.service = "cognito-identity.amazonaws.com", .operation = "GetId",
         .error = "NotAuthorizedException",
         .message = "Invalid login token. Token expired: 1 >= 0",
         .stage = STAGE_IDENTITY_POOL, .outcome = OUTCOME_FAILURE,
         .reason = REASON_TOKEN_EXPIRED},
    };

    (void)state;
    check(rules, ARRAY_LEN(rules));
}

/* AWS asks IAM before it asks the pool: what fails there is no try of a user's. */
static void the_caller_is_no_user(void **state)
{
    static const struct rule rules[] = {
        {.operation = "AdminInitiateAuth", .error = "AccessDeniedException",
         .message = "User: arn:aws:iam::111122223333:user/bot is not authorized to perform: "
                    "cognito-idp:AdminInitiateAuth",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAULT, .reason = REASON_PERMISSION},
        {.operation = "AdminInitiateAuth", .error = "NotAuthorizedException",
         .message = "bot is not authorized to perform: cognito-idp:AdminInitiateAuth",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAULT, .reason = REASON_PERMISSION},
        {.operation = "AdminRespondToAuthChallenge", .error = "ExpiredTokenException",
         .stage = STAGE_CHALLENGE, .outcome = OUTCOME_FAULT, .reason = REASON_PERMISSION},
        {.operation = "AdminInitiateAuth", .flow = "REFRESH_TOKEN_AUTH",
         .error = "UnrecognizedClientException",
         .stage = STAGE_REFRESH, .outcome = OUTCOME_FAULT, .reason = REASON_PERMISSION},
        {.operation = "InitiateAuth", .error = "NotAuthorizedException",
         .message = "Incorrect username or password.",
         .stage = STAGE_SIGN_IN, .outcome = OUTCOME_FAILURE, .reason = REASON_WRONG_PASSWORD},
        {.operation = "UpdateUserPool", .error = "AccessDeniedException",
         .stage = STAGE_CONFIG, .outcome = OUTCOME_FAILURE, .reason = REASON_PERMISSION},
    };

    (void)state;
    check(rules, ARRAY_LEN(rules));
}

static void other_services(void **state)
{
    static const struct rule rules[] = {
        {.service = "cloudtrail.amazonaws.com", .operation = "StopLogging",
         .stage = STAGE_CONFIG, .outcome = OUTCOME_SUCCESS},
        {.service = "cloudtrail.amazonaws.com", .operation = "DeleteTrail",
         .error = "AccessDenied",
         .stage = STAGE_CONFIG, .outcome = OUTCOME_FAILURE, .reason = REASON_PERMISSION},
        {.service = "cognito-identity.amazonaws.com", .operation = "GetId",
         .stage = STAGE_IDENTITY_POOL, .outcome = OUTCOME_SUCCESS},
        {.service = "cognito-identity.amazonaws.com", .operation = "SetIdentityPoolRoles",
         .stage = STAGE_CONFIG, .outcome = OUTCOME_SUCCESS},
        {.service = "ec2.amazonaws.com", .operation = "RunInstances",
         .stage = STAGE_OTHER, .outcome = OUTCOME_SUCCESS},
        {.service = "ec2.amazonaws.com", .operation = "RunInstances",
         .error = "Client.UnauthorizedOperation",
         .stage = STAGE_OTHER, .outcome = OUTCOME_FAILURE, .reason = REASON_PERMISSION},
    };

    (void)state;
    check(rules, ARRAY_LEN(rules));
}
// clang-format on

static struct outcome_verdict console(const char *response)
{
    struct value values[FIELD_COUNT] = {0};
    struct outcome_facts facts = {.response = bytes_of(response)};

    set(values, FIELD_SERVICE, "signin.amazonaws.com");
    set(values, FIELD_OPERATION, "ConsoleLogin");
    return outcome_decide(FORMAT_CLOUDTRAIL, values, &facts);
}

static void console_sign_in(void **state)
{
    (void)state;
    assert_int_equal(console("Success").outcome, OUTCOME_SUCCESS);
    assert_int_equal(console("Failure").outcome, OUTCOME_FAILURE);
    assert_int_equal(console("Failure").reason, REASON_CONSOLE_LOGIN);
    assert_int_equal(console("").outcome, OUTCOME_UNKNOWN);
}

static struct outcome_verdict activity(const char *type, const char *response,
                                       const char *challenges, const char *decision)
{
    struct value values[FIELD_COUNT] = {0};
    struct outcome_facts facts = {.response = bytes_of(response),
                                  .challenges = bytes_of(challenges)};

    set(values, FIELD_OPERATION, type);
    set(values, FIELD_DECISION, decision);
    return outcome_decide(FORMAT_USER_ACTIVITY, values, &facts);
}

static void user_activity(void **state)
{
    const char *mfa = "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Success\"},"
                      "{\"challengeResponse\":\"Failure\",\"challengeName\":\"Mfa\"}]";
    struct outcome_verdict v = activity("SignIn", "Fail", mfa, NULL);

    (void)state;
    assert_int_equal(v.stage, STAGE_SIGN_IN);
    assert_int_equal(v.outcome, OUTCOME_FAILURE);
    assert_int_equal(v.reason, REASON_WRONG_CODE);
    assert_int_equal(activity("SignIn", "Fail", "[]", NULL).reason, REASON_NOT_AUTHORIZED);
    assert_int_equal(activity("SignIn", "Pass", mfa, NULL).outcome, OUTCOME_SUCCESS);
    assert_int_equal(activity("SignUp", "InProgress", "", NULL).outcome, OUTCOME_CHALLENGE);
    assert_int_equal(activity("SignUp", "InProgress", "", NULL).stage, STAGE_SIGN_UP);
    assert_int_equal(activity("PasswordChange", "Pass", "", NULL).stage, STAGE_RESET);
    assert_int_equal(activity("ResendCode", "Pass", "", NULL).stage, STAGE_CONFIRM);
    assert_int_equal(activity("SignIn", "", "", NULL).outcome, OUTCOME_UNKNOWN);
    v = activity("SignIn", "Fail", "", "block");
    assert_int_equal(v.outcome, OUTCOME_BLOCKED);
    assert_int_equal(v.reason, REASON_RISK);
}

static void a_hidden_error_code_tells_nothing(void **state)
{
    struct value values[FIELD_COUNT] = {0};
    struct outcome_facts facts = {0};

    (void)state;
    set(values, FIELD_SERVICE, "cognito-idp.amazonaws.com");
    set(values, FIELD_OPERATION, "SignUp");
    values[FIELD_ERROR].state = VALUE_REDACTED;
    assert_int_equal(outcome_decide(FORMAT_CLOUDTRAIL, values, &facts).outcome,
                     OUTCOME_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_in_needs_tokens),
        cmocka_unit_test(flows_name_the_stage),
        cmocka_unit_test(pages_and_forms),
        cmocka_unit_test(not_authorized_splits),
        cmocka_unit_test(the_caller_is_no_user),
        cmocka_unit_test(other_services),
        cmocka_unit_test(console_sign_in),
        cmocka_unit_test(user_activity),
        cmocka_unit_test(a_hidden_error_code_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
