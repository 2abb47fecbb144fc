/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/operation.h"

static const struct operation *user_pool(const char *name)
{
    return operation_find(bytes_of("cognito-idp.amazonaws.com"), bytes_of(name));
}

static void every_row_is_found_and_complete(void **state)
{
    const struct operation *row;
    const char *service;
    size_t n = 0;

    (void)state;
    for (; (row = operation_get(n, &service)); n++) {
        assert_ptr_equal(operation_find(bytes_of(service), bytes_of(row->name)), row);
        assert_true(strlen(row->purpose) > 0);
        assert_false(bytes_ends(bytes_of(row->purpose), "."));
        if (row->matters)
            assert_true(bytes_ends(bytes_of(row->matters), "."));
        assert_true((row->answer == ANSWER_PAGE) == (row->stage == STAGE_VIEW));
    }
    assert_true(n > 180);
    assert_null(operation_get(n, NULL));
}

/* The lists of the developer guide and the 32 unsigned operations of the model. */
static void the_known_operations_have_rows(void **state)
{
    static const char *const names[] = {
        "Login_GET",
        "CognitoAuthentication",
        "OAuth2_Authorize_GET",
        "Beta_Authorize_GET",
        "OAuth2Response_GET",
        "OAuth2Response_POST",
        "SAML2Response_POST",
        "Beta_SAML2Response_POST",
        "Login_OIDC_SAML_POST",
        "Token_POST",
        "Beta_Token_POST",
        "Signup_GET",
        "Signup_POST",
        "Confirm_GET",
        "Confirm_POST",
        "ResendCode_POST",
        "ForgotPassword_GET",
        "ForgotPassword_POST",
        "ConfirmForgotPassword_GET",
        "ConfirmForgotPassword_POST",
        "ResetPassword_GET",
        "ResetPassword_POST",
        "Mfa_GET",
        "Mfa_POST",
        "MfaOption_GET",
        "MfaOption_POST",
        "MfaRegister_GET",
        "MfaRegister_POST",
        "Logout",
        "SAML2Logout_POST",
        "Error_GET",
        "UserInfo_GET",
        "UserInfo_POST",
        "Confirm_With_Link_GET",
        "Event_Feedback_GET",
        "login_POST",
        "login_continue_POST",
        "forgotPassword_POST",
        "selectChallenge_POST",
        "confirmUser_GET",
        "mfa_back_POST",
        "mfa_options_POST",
        "mfa_phone_register_POST",
        "mfa_phone_verify_POST",
        "mfa_phone_resendCode_POST",
        "mfa_totp_POST",
        "signup_POST",
        "signup_confirm_POST",
        "verifyCode_POST",
        "passkeys_add_POST",
        "passkeys_add_GET",
        "login_passkey_POST",
        "AssociateSoftwareToken",
        "ChangePassword",
        "CompleteWebAuthnRegistration",
        "ConfirmDevice",
        "ConfirmForgotPassword",
        "ConfirmSignUp",
        "DeleteUser",
        "DeleteUserAttributes",
        "DeleteWebAuthnCredential",
        "ForgetDevice",
        "ForgotPassword",
        "GetDevice",
        "GetTokensFromRefreshToken",
        "GetUser",
        "GetUserAttributeVerificationCode",
        "GetUserAuthFactors",
        "GlobalSignOut",
        "InitiateAuth",
        "ListDevices",
        "ListWebAuthnCredentials",
        "ResendConfirmationCode",
        "RespondToAuthChallenge",
        "RevokeToken",
        "SetUserMFAPreference",
        "SetUserSettings",
        "SignUp",
        "StartWebAuthnRegistration",
        "UpdateAuthEventFeedback",
        "UpdateDeviceStatus",
        "UpdateUserAttributes",
        "VerifySoftwareToken",
        "VerifyUserAttribute",
        "AdminAddUserToGroup",
        "AdminConfirmSignUp",
        "AdminCreateUser",
        "AdminDeleteUser",
        "AdminDeleteUserAttributes",
        "AdminDisableProviderForUser",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminForgetDevice",
        "AdminGetDevice",
        "AdminGetUser",
        "AdminGetUserAuthFactors",
        "AdminInitiateAuth",
        "AdminLinkProviderForUser",
        "AdminListDevices",
        "AdminListGroupsForUser",
        "AdminListUserAuthEvents",
        "AdminRemoveUserFromGroup",
        "AdminResetUserPassword",
        "AdminRespondToAuthChallenge",
        "AdminSetUserMFAPreference",
        "AdminSetUserPassword",
        "AdminSetUserSettings",
        "AdminUpdateAuthEventFeedback",
        "AdminUpdateDeviceStatus",
        "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut",
        "CreateIdentityProvider",
        "CreateUserPoolClient",
        "DeleteUserPool",
        "DescribeUserPoolClient",
        "ListUsers",
        "SetLogDeliveryConfiguration",
        "SetRiskConfiguration",
        "SetUserPoolMfaConfig",
        "UpdateIdentityProvider",
        "UpdateUserPool",
        "UpdateUserPoolClient",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!user_pool(names[i]))
            fail_msg("no row for %s", names[i]);
}

static void case_tells_operations_apart(void **state)
{
    (void)state;
    assert_ptr_not_equal(user_pool("Signup_POST"), user_pool("signup_POST"));
    assert_int_equal(user_pool("Signup_POST")->stage, user_pool("signup_POST")->stage);
    assert_null(user_pool("SIGNUP_POST"));
    assert_null(user_pool(""));
    assert_null(operation_find(bytes_of("s3.amazonaws.com"), bytes_of("InitiateAuth")));
}

static void stages_without_a_row(void **state)
{
    static const struct {
        const char *service, *name;
        enum stage want;
    } cases[] = {
        {"cognito-idp.amazonaws.com",      "newPage_GET",      STAGE_VIEW         },
        {"cognito-idp.amazonaws.com",      "newPage_POST",     STAGE_API          },
        {"cognito-idp.amazonaws.com",      "AdminDoSomething", STAGE_ADMIN_USER   },
        {"cognito-idp.amazonaws.com",      "TagResource",      STAGE_CONFIG       },
        {"cognito-identity.amazonaws.com", "TagResource",      STAGE_IDENTITY_POOL},
        {"cloudtrail.amazonaws.com",       "DescribeTrails",   STAGE_OTHER        },
        {"ec2.amazonaws.com",              "RunInstances",     STAGE_OTHER        },
        {"",                               "",                 STAGE_OTHER        },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(operation_stage(bytes_of(cases[i].service), bytes_of(cases[i].name)),
                         cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_and_complete),
        cmocka_unit_test(the_known_operations_have_rows),
        cmocka_unit_test(case_tells_operations_apart),
        cmocka_unit_test(stages_without_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
