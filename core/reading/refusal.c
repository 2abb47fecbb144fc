#include "core/reading/refusal.h"

// clang-format off
/* In byte order of the codes: searched by halves. Sources: codes declared by cognito-idp and
 * cognito-identity in botocore's service descriptions (commit 0e6e2404), the common errors of
 * the AWS APIs, and Client.… and Server.… of the EC2 API Reference. TooManyRequests,
 * LimitExceeded and TooManyFailedAttempts count as throttles, as in the metrics. */
static const struct refusal CODES[] = {
    {"AccessDenied", OUTCOME_FAILURE, REASON_PERMISSION,
     "The caller lacks the IAM permission."},
    {"AccessDeniedException", OUTCOME_FAILURE, REASON_PERMISSION,
     "The caller lacks the IAM permission."},
    {"AliasExistsException", OUTCOME_FAILURE, REASON_ALIAS_EXISTS,
     "The e-mail or phone number is another account's alias; may be an attempt to claim it."},
    {"AlreadyStreamedException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The data sets are published already, or were a short time ago."},
    {"Client.RequestLimitExceeded", OUTCOME_THROTTLED, REASON_REQUEST_RATE,
     "The request rate of the account was reached."},
    {"Client.UnauthorizedOperation", OUTCOME_FAILURE, REASON_PERMISSION,
     "The caller lacks the IAM permission."},
    {"CodeDeliveryFailureException", OUTCOME_FAULT, REASON_DELIVERY,
     "The code could not be delivered; the notification export may say why."},
    {"CodeMismatchException", OUTCOME_FAILURE, REASON_WRONG_CODE,
     "The code was wrong; repeats for one user are guessing, and right after a correct "
     "password an attempt to get past MFA."},
    {"ConcurrentModificationException", OUTCOME_FAULT, REASON_SERVICE,
     "Two changes met; the caller is expected to try again."},
    {"DeveloperUserAlreadyRegisteredException", OUTCOME_FAILURE, REASON_OTHER,
     "The developer login belongs to another identity already."},
    {"DeviceKeyExistsException", OUTCOME_FAILURE, REASON_OTHER,
     "The device was registered before."},
    {"DuplicateProviderException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The pool has such an identity provider already."},
    {"DuplicateRequestException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The same is being done already."},
    {"EnableSoftwareTokenMFAException", OUTCOME_FAILURE, REASON_WRONG_CODE,
     "The code that should set up an authenticator app was wrong."},
    {"ExpiredCodeException", OUTCOME_FAILURE, REASON_EXPIRED_CODE,
     "The code has expired or was used; pools that hide which users exist answer so for "
     "unknown ones too."},
    {"ExpiredToken", OUTCOME_FAILURE, REASON_TOKEN_EXPIRED,
     "The temporary AWS credentials have expired."},
    {"ExpiredTokenException", OUTCOME_FAILURE, REASON_TOKEN_EXPIRED,
     "The temporary AWS credentials have expired."},
    {"ExternalServiceException", OUTCOME_FAULT, REASON_SERVICE,
     "An outside identity provider could not be reached."},
    {"FeatureUnavailableInTierException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The pool's feature plan lacks what was asked for."},
    {"ForbiddenException", OUTCOME_BLOCKED, REASON_WAF,
     "The web ACL blocked the request; no statement about the credentials."},
    {"GroupExistsException", OUTCOME_FAILURE, REASON_BAD_REQUEST, "The group exists already."},
    {"InternalErrorException", OUTCOME_FAULT, REASON_SERVICE,
     "A fault inside the service, not of the user."},
    {"InternalServerException", OUTCOME_FAULT, REASON_SERVICE,
     "A fault inside the service, not of the user."},
    {"InvalidClientTokenId", OUTCOME_FAILURE, REASON_PERMISSION,
     "The AWS access key does not exist."},
    {"InvalidConfigurationException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The pool is not set up for this."},
    {"InvalidEmailRoleAccessPolicyException", OUTCOME_FAULT, REASON_DELIVERY,
     "The pool may not use its e-mail identity."},
    {"InvalidIdentityPoolConfigurationException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The identity pool has no role for this identity."},
    {"InvalidLambdaFunctionOutputException", OUTCOME_FAULT, REASON_TRIGGER,
     "A Lambda trigger answered in a form that cannot be read; in numbers an outage."},
    {"InvalidLambdaResponseException", OUTCOME_FAULT, REASON_TRIGGER,
     "A Lambda trigger answered in a form that cannot be read; in numbers an outage."},
    {"InvalidOAuthFlowException", OUTCOME_FAULT, REASON_FLOW_DISABLED,
     "The OAuth flow is not valid for the client."},
    {"InvalidParameterException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "Parameters were wrong: a misconfigured client, or a scanner."},
    {"InvalidPasswordException", OUTCOME_FAILURE, REASON_PASSWORD_POLICY,
     "The new password breaks the pool's policy."},
    {"InvalidSignatureException", OUTCOME_FAILURE, REASON_PERMISSION,
     "The request's AWS signature was wrong."},
    {"InvalidSmsRoleAccessPolicyException", OUTCOME_FAULT, REASON_DELIVERY,
     "The pool's SMS role may not send messages."},
    {"InvalidSmsRoleTrustRelationshipException", OUTCOME_FAULT, REASON_DELIVERY,
     "The pool's SMS role does not trust the service."},
    {"InvalidUserPoolConfigurationException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The pool's configuration is invalid."},
    {"LambdaThrottledException", OUTCOME_THROTTLED, REASON_REQUEST_RATE,
     "A Lambda trigger was called too often."},
    {"LimitExceededException", OUTCOME_THROTTLED, REASON_MESSAGE_LIMIT,
     "A limit of messages or of a resource was reached; on resets and codes a sign of SMS "
     "pumping or reset abuse."},
    {"MFAMethodNotFoundException", OUTCOME_FAILURE, REASON_OTHER,
     "The user has no MFA method that can be used."},
    {"ManagedLoginBrandingExistsException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The client has a managed-login style already."},
    {"NotAuthorizedException", OUTCOME_FAILURE, REASON_NOT_AUTHORIZED,
     "A wrong password, an unknown user where the pool hides which users exist, or a bad "
     "token; the message may tell which."},
    {"OperationNotEnabledException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The operation is not available for this pool or region."},
    {"PasswordHistoryPolicyViolationException", OUTCOME_FAILURE, REASON_PASSWORD_POLICY,
     "The new password was used before."},
    {"PasswordResetRequiredException", OUTCOME_FAILURE, REASON_RESET_REQUIRED,
     "The password must be reset first; proves that the account exists."},
    {"PreconditionNotMetException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "A condition for the call is not met."},
    {"RefreshTokenReuseException", OUTCOME_FAILURE, REASON_REFRESH_REUSED,
     "A refresh token that had been replaced was used again: somebody replays a stolen one, "
     "or a client races itself."},
    {"RequestLimitExceeded", OUTCOME_THROTTLED, REASON_REQUEST_RATE,
     "The request rate of the account was reached."},
    {"ResourceConflictException", OUTCOME_FAILURE, REASON_OTHER,
     "The login is linked to another identity already."},
    {"ResourceNotFoundException", OUTCOME_FAULT, REASON_NOT_FOUND,
     "No such pool, client or other resource: an outdated client, or probing with guessed "
     "ids."},
    {"ScopeDoesNotExistException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The scope does not exist."},
    {"ServiceQuotaExceededException", OUTCOME_THROTTLED, REASON_MESSAGE_LIMIT,
     "A quota of the account was reached."},
    {"SoftwareTokenMFANotFoundException", OUTCOME_FAILURE, REASON_OTHER,
     "The user has no authenticator app set up."},
    {"TermsExistsException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The client has such a terms document already."},
    {"Throttling", OUTCOME_THROTTLED, REASON_REQUEST_RATE,
     "The request rate of the account was reached."},
    {"ThrottlingException", OUTCOME_THROTTLED, REASON_REQUEST_RATE,
     "The request rate of the account was reached."},
    {"TierChangeNotAllowedException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The feature plan of the pool cannot be changed so."},
    {"TooManyFailedAttemptsException", OUTCOME_THROTTLED, REASON_TOO_MANY_CODES,
     "Too many failed tries at a code or reset for one user: strong sign of guessing."},
    {"TooManyRequestsException", OUTCOME_THROTTLED, REASON_REQUEST_RATE,
     "The request rate of the pool or account was reached; one address behind a spike is an "
     "attack or a looping client."},
    {"UnauthorizedException", OUTCOME_FAILURE, REASON_TOKEN_REVOKED,
     "The token of the call is not valid."},
    {"UnexpectedLambdaException", OUTCOME_FAULT, REASON_TRIGGER,
     "A Lambda trigger failed or took too long; in numbers an outage."},
    {"UnrecognizedClientException", OUTCOME_FAILURE, REASON_PERMISSION,
     "The AWS credentials are not known."},
    {"UnsupportedIdentityProviderException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The identity provider is not supported."},
    {"UnsupportedOperationException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The client is not set up for this call."},
    {"UnsupportedTokenTypeException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The call takes another kind of token."},
    {"UnsupportedUserStateException", OUTCOME_FAILURE, REASON_OTHER,
     "The state of the account does not allow this."},
    {"UserImportInProgressException", OUTCOME_FAULT, REASON_OTHER,
     "An import of users is running."},
    {"UserLambdaValidationException", OUTCOME_FAILURE, REASON_TRIGGER_REFUSED,
     "A Lambda trigger refused the request; the message is the pool owner's own."},
    {"UserNotConfirmedException", OUTCOME_FAILURE, REASON_UNCONFIRMED,
     "The account was never confirmed; proves that it exists."},
    {"UserNotFoundException", OUTCOME_FAILURE, REASON_USER_UNKNOWN,
     "No such user: many from one address are enumeration, single ones on administrator "
     "calls a slip."},
    {"UserPoolAddOnNotEnabledException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "Threat protection is not switched on for the pool."},
    {"UserPoolTaggingException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The pool's tags cannot be set."},
    {"UsernameExistsException", OUTCOME_FAILURE, REASON_USER_EXISTS,
     "The name is taken: sign-ups in numbers with this answer are enumeration."},
    {"WebAuthnChallengeNotFoundException", OUTCOME_FAILURE, REASON_STALE_SESSION,
     "The registration of the passkey has expired."},
    {"WebAuthnClientMismatchException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The passkey registration was begun by another client."},
    {"WebAuthnConfigurationMissingException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "The pool has no relying party for passkeys."},
    {"WebAuthnCredentialNotSupportedException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The passkey comes from a device that is not supported."},
    {"WebAuthnNotEnabledException", OUTCOME_FAULT, REASON_BAD_REQUEST,
     "Passkeys are not switched on for the pool."},
    {"WebAuthnOriginNotAllowedException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The passkey belongs to another site; may be phishing."},
    {"WebAuthnRelyingPartyMismatchException", OUTCOME_FAILURE, REASON_BAD_REQUEST,
     "The passkey belongs to another relying party."},
};

/* For codes without a row, of other services above all: the first part that the code holds. */
static const struct refusal PARTS[] = {
    {"AccessDenied", OUTCOME_FAILURE, REASON_PERMISSION, "The caller lacks a permission."},
    {"Unauthorized", OUTCOME_FAILURE, REASON_PERMISSION, "The caller lacks a permission."},
    {"NotAuthorized", OUTCOME_FAILURE, REASON_PERMISSION, "The caller lacks a permission."},
    {"Throttl", OUTCOME_THROTTLED, REASON_REQUEST_RATE, "Too many requests."},
    {"TooManyRequests", OUTCOME_THROTTLED, REASON_REQUEST_RATE, "Too many requests."},
    {"RequestLimit", OUTCOME_THROTTLED, REASON_REQUEST_RATE, "Too many requests."},
    {"SlowDown", OUTCOME_THROTTLED, REASON_REQUEST_RATE, "Too many requests."},
    {"LimitExceeded", OUTCOME_THROTTLED, REASON_MESSAGE_LIMIT, "A limit was reached."},
    {"QuotaExceeded", OUTCOME_THROTTLED, REASON_MESSAGE_LIMIT, "A quota was reached."},
    {"Server.", OUTCOME_FAULT, REASON_SERVICE, "A fault inside the service."},
    {"Internal", OUTCOME_FAULT, REASON_SERVICE, "A fault inside the service."},
    {"Unavailable", OUTCOME_FAULT, REASON_SERVICE, "The service was not available."},
    {"NoSuch", OUTCOME_FAILURE, REASON_NOT_FOUND, "What was asked for does not exist."},
    {"NotFound", OUTCOME_FAILURE, REASON_NOT_FOUND, "What was asked for does not exist."},
    {"Expired", OUTCOME_FAILURE, REASON_TOKEN_EXPIRED, "A token or request has expired."},
    {"Signature", OUTCOME_FAILURE, REASON_PERMISSION, "The request's signature was wrong."},
    {"Invalid", OUTCOME_FAILURE, REASON_BAD_REQUEST, "Parameters were wrong."},
    {"Validation", OUTCOME_FAILURE, REASON_BAD_REQUEST, "Parameters were wrong."},
    {"Malformed", OUTCOME_FAILURE, REASON_BAD_REQUEST, "Parameters were wrong."},
    {"Missing", OUTCOME_FAILURE, REASON_BAD_REQUEST, "Parameters were missing."},
};

static const struct refusal OTHER = {
    "", OUTCOME_FAILURE, REASON_OTHER, "The call was refused."};

/* Messages, compared without regard to case; the first row counts. Seen in records or quoted in
 * AWS pages: wrong password, attempts exceeded, SECRET_HASH. The others are general knowledge
 * of the service, so the raw text is always shown beside them. */
static const struct {
    const char *code, *part;
    struct refusal says;
} MESSAGES[] = {
    {"NotAuthorizedException", "Password attempts exceeded",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_LOCKED_OUT,
      "The account is locked for a while after too many wrong passwords: somebody kept "
      "guessing."}},
    {"NotAuthorizedException", "User is disabled",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_USER_DISABLED,
      "The account is disabled; proves that it exists."}},
    {"NotAuthorizedException", "Refresh Token has expired",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_REFRESH_EXPIRED,
      "The refresh token has expired: the user has to sign in again."}},
    {"NotAuthorizedException", "Refresh Token has been revoked",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_REFRESH_REVOKED,
      "The refresh token was revoked; whoever used it holds an ended session."}},
    {"NotAuthorizedException", "Invalid Refresh Token",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_REFRESH_REVOKED,
      "The refresh token is not valid, or not of this client."}},
    {"NotAuthorizedException", "Access Token has expired",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_TOKEN_EXPIRED,
      "The access token has expired."}},
    {"NotAuthorizedException", "Access Token has been revoked",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_TOKEN_REVOKED,
      "The access token was revoked; whoever used it holds an ended session."}},
    {"NotAuthorizedException", "Invalid Access Token",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_TOKEN_REVOKED,
      "The access token is not valid."}},
    {"NotAuthorizedException", "SECRET_HASH",
     {"NotAuthorizedException", OUTCOME_FAULT, REASON_SECRET_HASH,
      "The client did not send its secret: a misconfiguration, not an attack on a user."}},
    {"NotAuthorizedException", "secret hash",
     {"NotAuthorizedException", OUTCOME_FAULT, REASON_SECRET_HASH,
      "The client sent a wrong secret: a misconfiguration, not an attack on a user."}},
    {"NotAuthorizedException", "Invalid session",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_STALE_SESSION,
      "The challenge came too late or belongs to another session."}},
    {"NotAuthorizedException", "session is expired",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_STALE_SESSION,
      "The challenge came too late."}},
    {"NotAuthorizedException", "session can only be used once",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_STALE_SESSION,
      "The challenge had been answered before."}},
    {"NotAuthorizedException", "not authorized to perform",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_PERMISSION,
      "The caller lacks the IAM permission."}},
    {"NotAuthorizedException", "not enabled for",
     {"NotAuthorizedException", OUTCOME_FAULT, REASON_FLOW_DISABLED,
      "The flow is not switched on for the client: a misconfiguration."}},
    {"NotAuthorizedException", "SignUp is not permitted",
     {"NotAuthorizedException", OUTCOME_FAULT, REASON_FLOW_DISABLED,
      "The pool lets only administrators create accounts."}},
    {"NotAuthorizedException", "security reasons",
     {"NotAuthorizedException", OUTCOME_BLOCKED, REASON_RISK,
      "Adaptive authentication blocked the sign-in."}},
    {"NotAuthorizedException", "Incorrect username or password",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_WRONG_PASSWORD,
      "A wrong password, or an unknown user where the pool hides which users exist."}},
    {"NotAuthorizedException", "Temporary password has expired",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_RESET_REQUIRED,
      "The temporary password has expired; an administrator must set a new one."}},
    {"NotAuthorizedException", "Invalid login token. Token expired",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_TOKEN_EXPIRED,
      "The login token for the identity pool has expired."}},
    {"NotAuthorizedException", "Unauthenticated access is not supported",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_NOT_AUTHORIZED,
      "A guest asked, and the identity pool takes no guests."}},
    {"NotAuthorizedException", "not from a supported provider",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_NOT_AUTHORIZED,
      "The login token comes from a provider that the identity pool does not trust."}},
    {"NotAuthorizedException", "cannot be reset in the current state",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_OTHER,
      "The state of the account allows no reset; proves that it exists."}},
    {"NotAuthorizedException", "User cannot be confirmed",
     {"NotAuthorizedException", OUTCOME_FAILURE, REASON_OTHER,
      "The account needs no confirmation; proves that it exists."}},
    {"InvalidParameterException", "already confirmed",
     {"InvalidParameterException", OUTCOME_FAILURE, REASON_OTHER,
      "The account is confirmed already; proves that it exists."}},
    {"InvalidParameterException", "no registered/verified",
     {"InvalidParameterException", OUTCOME_FAILURE, REASON_DELIVERY,
      "The account has no verified address to send a code to; proves that it exists."}},
    {"InvalidParameterException", "not enabled for",
     {"InvalidParameterException", OUTCOME_FAULT, REASON_FLOW_DISABLED,
      "The flow is not switched on for the client: a misconfiguration, or a tool that tries "
      "flows."}},
    {"LimitExceededException", "Attempt limit exceeded",
     {"LimitExceededException", OUTCOME_THROTTLED, REASON_TOO_MANY_CODES,
      "Too many tries at a reset or code for one user: strong sign of guessing or reset "
      "abuse."}},
};
// clang-format on

/* Offset of `part` in `text` without regard to ASCII case, or SIZE_MAX. */
static size_t find_nocase(struct bytes text, struct bytes part)
{
    for (size_t at = 0; at + part.len <= text.len; at++)
        if (bytes_equal_nocase(bytes_slice(text, at, at + part.len), part))
            return at;
    return SIZE_MAX;
}

const struct refusal *refusal_find(struct bytes code)
{
    size_t from = 0, to = ARRAY_LEN(CODES);

    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = bytes_compare(code, bytes_of(CODES[middle].code));

        if (order == 0)
            return &CODES[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++)
        if (bytes_find(code, bytes_of(PARTS[i].code)) != SIZE_MAX)
            return &PARTS[i];
    return &OTHER;
}

const struct refusal *refusal_get(size_t i)
{
    return i < ARRAY_LEN(CODES) ? &CODES[i] : NULL;
}

const struct refusal *refusal_split(struct bytes code, struct bytes message)
{
    for (size_t i = 0; i < ARRAY_LEN(MESSAGES) && message.len; i++)
        if (bytes_are(code, MESSAGES[i].code) &&
            find_nocase(message, bytes_of(MESSAGES[i].part)) != SIZE_MAX)
            return &MESSAGES[i].says;
    return NULL;
}
