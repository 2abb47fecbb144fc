/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/refusal.h"

static void every_row_is_found_and_complete(void **state)
{
    const struct refusal *row;
    size_t n = 0;

    (void)state;
    for (; (row = refusal_get(n)); n++) {
        assert_ptr_equal(refusal_find(bytes_of(row->code)), row);
        assert_true(bytes_ends(bytes_of(row->meaning), "."));
        assert_true(row->outcome != OUTCOME_SUCCESS && row->outcome != OUTCOME_NONE);
        assert_int_not_equal(row->reason, REASON_NONE);
    }
    assert_true(n > 60);
}

// clang-format off
/* The classes that triage rests on. */
static void classes_of_codes(void **state)
{
    static const struct {
        const char *code;
        enum outcome outcome;
        enum reason reason;
    } cases[] = {
        {"TooManyRequestsException", OUTCOME_THROTTLED, REASON_REQUEST_RATE},
        {"LimitExceededException", OUTCOME_THROTTLED, REASON_MESSAGE_LIMIT},
        {"TooManyFailedAttemptsException", OUTCOME_THROTTLED, REASON_TOO_MANY_CODES},
        {"ForbiddenException", OUTCOME_BLOCKED, REASON_WAF},
        {"UserNotFoundException", OUTCOME_FAILURE, REASON_USER_UNKNOWN},
        {"UsernameExistsException", OUTCOME_FAILURE, REASON_USER_EXISTS},
        {"UserNotConfirmedException", OUTCOME_FAILURE, REASON_UNCONFIRMED},
        {"PasswordResetRequiredException", OUTCOME_FAILURE, REASON_RESET_REQUIRED},
        {"CodeMismatchException", OUTCOME_FAILURE, REASON_WRONG_CODE},
        {"ExpiredCodeException", OUTCOME_FAILURE, REASON_EXPIRED_CODE},
        {"RefreshTokenReuseException", OUTCOME_FAILURE, REASON_REFRESH_REUSED},
        {"UnexpectedLambdaException", OUTCOME_FAULT, REASON_TRIGGER},
        {"UserLambdaValidationException", OUTCOME_FAILURE, REASON_TRIGGER_REFUSED},
        {"InternalErrorException", OUTCOME_FAULT, REASON_SERVICE},
        {"CodeDeliveryFailureException", OUTCOME_FAULT, REASON_DELIVERY},
        {"AccessDenied", OUTCOME_FAILURE, REASON_PERMISSION},
        {"Client.UnauthorizedOperation", OUTCOME_FAILURE, REASON_PERMISSION},
        {"VpceAccessDenied", OUTCOME_FAILURE, REASON_PERMISSION},
        {"ProvisionedThroughputThrottled", OUTCOME_THROTTLED, REASON_REQUEST_RATE},
        {"NoSuchBucket", OUTCOME_FAILURE, REASON_NOT_FOUND},
        {"Server.InternalError", OUTCOME_FAULT, REASON_SERVICE},
        {"SomethingElse", OUTCOME_FAILURE, REASON_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct refusal *row = refusal_find(bytes_of(cases[i].code));

        if (row->outcome != cases[i].outcome || row->reason != cases[i].reason)
            fail_msg("%s: %s, %s", cases[i].code, outcome_name(row->outcome),
                     reason_name(row->reason));
    }
}

static void messages_split_a_code(void **state)
{
    static const struct {
        const char *message;
        enum outcome outcome;
        enum reason reason;
    } cases[] = {
        {"Incorrect username or password.", OUTCOME_FAILURE, REASON_WRONG_PASSWORD},
        {"incorrect USERNAME or password", OUTCOME_FAILURE, REASON_WRONG_PASSWORD},
        {"Password attempts exceeded", OUTCOME_FAILURE, REASON_LOCKED_OUT},
        {"User is disabled.", OUTCOME_FAILURE, REASON_USER_DISABLED},
        {"Refresh Token has expired", OUTCOME_FAILURE, REASON_REFRESH_EXPIRED},
        {"Refresh Token has been revoked", OUTCOME_FAILURE, REASON_REFRESH_REVOKED},
        {"Invalid Refresh Token", OUTCOME_FAILURE, REASON_REFRESH_REVOKED},
        {"Access Token has expired", OUTCOME_FAILURE, REASON_TOKEN_EXPIRED},
        {"Access Token has been revoked", OUTCOME_FAILURE, REASON_TOKEN_REVOKED},
        {"Unable to verify secret hash for client x", OUTCOME_FAULT, REASON_SECRET_HASH},
        {"Client x is configured with secret but SECRET_HASH was not received",
         OUTCOME_FAULT, REASON_SECRET_HASH},
        {"Invalid session for the user, session is expired.",
         OUTCOME_FAILURE, REASON_STALE_SESSION},
    };
    struct bytes code = bytes_of("NotAuthorizedException");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct refusal *row = refusal_split(code, bytes_of(cases[i].message));

        assert_non_null(row);
        assert_int_equal(row->outcome, cases[i].outcome);
        assert_int_equal(row->reason, cases[i].reason);
    }
    assert_null(refusal_split(code, bytes_of("")));
    assert_null(refusal_split(code, bytes_of("Something new")));
    assert_null(refusal_split(bytes_of("AccessDenied"), bytes_of("User is disabled.")));
}

// clang-format on
/* Every code that the service models declare for user pools. */
static void declared_codes_have_rows(void **state)
{
    static const char *const codes[] = {
        "AccessDeniedException",
        "AliasExistsException",
        "CodeDeliveryFailureException",
        "CodeMismatchException",
        "ConcurrentModificationException",
        "EnableSoftwareTokenMFAException",
        "ExpiredCodeException",
        "ForbiddenException",
        "InternalErrorException",
        "InvalidEmailRoleAccessPolicyException",
        "InvalidLambdaResponseException",
        "InvalidParameterException",
        "InvalidPasswordException",
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
        "InvalidUserPoolConfigurationException",
        "LimitExceededException",
        "MFAMethodNotFoundException",
        "NotAuthorizedException",
        "PasswordHistoryPolicyViolationException",
        "PasswordResetRequiredException",
        "RefreshTokenReuseException",
        "ResourceNotFoundException",
        "SoftwareTokenMFANotFoundException",
        "TooManyFailedAttemptsException",
        "TooManyRequestsException",
        "UnauthorizedException",
        "UnexpectedLambdaException",
        "UnsupportedOperationException",
        "UnsupportedTokenTypeException",
        "UnsupportedUserStateException",
        "UserLambdaValidationException",
        "UserNotConfirmedException",
        "UserNotFoundException",
        "UserPoolAddOnNotEnabledException",
        "UsernameExistsException",
        "DeviceKeyExistsException",
        "DuplicateProviderException",
        "FeatureUnavailableInTierException",
        "GroupExistsException",
        "InternalServerException",
        "InvalidOAuthFlowException",
        "ManagedLoginBrandingExistsException",
        "OperationNotEnabledException",
        "PreconditionNotMetException",
        "ScopeDoesNotExistException",
        "ServiceQuotaExceededException",
        "TermsExistsException",
        "TierChangeNotAllowedException",
        "UnsupportedIdentityProviderException",
        "UserImportInProgressException",
        "UserPoolTaggingException",
        "WebAuthnChallengeNotFoundException",
        "WebAuthnClientMismatchException",
        "WebAuthnConfigurationMissingException",
        "WebAuthnCredentialNotSupportedException",
        "WebAuthnNotEnabledException",
        "WebAuthnOriginNotAllowedException",
        "WebAuthnRelyingPartyMismatchException",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (!bytes_are(bytes_of(codes[i]), refusal_find(bytes_of(codes[i]))->code))
            fail_msg("no row for %s", codes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_and_complete),
        cmocka_unit_test(classes_of_codes),
        cmocka_unit_test(messages_split_a_code),
        cmocka_unit_test(declared_codes_have_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
