#include "core/reading/operation.h"

/* Rows of a service stand in byte order of their names: they are searched by halves. */

// clang-format off
/* Sources: Amazon Cognito Developer Guide, "Amazon Cognito logging in AWS CloudTrail" (hosted
 * UI and managed login operations, August 2026); the 32 unsigned operations and the
 * administrator's from botocore's service description of cognito-idp (commit 0e6e2404).
 * Login_POST and login_GET are in no list and stand here for the forms of their names. */
static const struct operation USER_POOL[] = {
    {"AddCustomAttributes", STAGE_CONFIG, ANSWER_CALL, "add custom attributes to the pool",
     NULL},
    {"AdminAddUserToGroup", STAGE_ADMIN_USER, ANSWER_CALL, "add a user to a group",
     "Groups carry roles: this can raise privileges."},
    {"AdminConfirmSignUp", STAGE_ADMIN_USER, ANSWER_CALL, "confirm an account without a code",
     NULL},
    {"AdminCreateUser", STAGE_ADMIN_USER, ANSWER_CALL, "create an account as administrator",
     "Unexpected accounts are a way to stay in."},
    {"AdminDeleteUser", STAGE_ADMIN_USER, ANSWER_CALL, "delete an account", NULL},
    {"AdminDeleteUserAttributes", STAGE_ADMIN_USER, ANSWER_CALL, "delete attributes of a user",
     NULL},
    {"AdminDisableProviderForUser", STAGE_ADMIN_USER, ANSWER_CALL,
     "unlink an outside identity from a user",
     NULL},
    {"AdminDisableUser", STAGE_ADMIN_USER, ANSWER_CALL, "disable an account", NULL},
    {"AdminEnableUser", STAGE_ADMIN_USER, ANSWER_CALL, "enable an account",
     "An account that was disabled for a reason is usable again."},
    {"AdminForgetDevice", STAGE_ADMIN_USER, ANSWER_CALL, "remove a user's remembered device",
     NULL},
    {"AdminGetDevice", STAGE_ADMIN_USER, ANSWER_CALL, "read one of a user's devices", NULL},
    {"AdminGetUser", STAGE_ADMIN_USER, ANSWER_CALL, "read a user's attributes", NULL},
    {"AdminGetUserAuthFactors", STAGE_ADMIN_USER, ANSWER_CALL,
     "list the ways in which a user can sign in",
     NULL},
    {"AdminInitiateAuth", STAGE_SIGN_IN, ANSWER_AUTH, "start a sign-in through a server",
     "Only tokens in the answer are a sign-in: with SRP and custom flows this step goes "
     "through whatever the password is."},
    {"AdminLinkProviderForUser", STAGE_ADMIN_USER, ANSWER_CALL,
     "link an outside identity to a user",
     "Whoever holds the outside identity signs in as that user."},
    {"AdminListDevices", STAGE_ADMIN_USER, ANSWER_CALL, "list a user's devices", NULL},
    {"AdminListGroupsForUser", STAGE_ADMIN_USER, ANSWER_CALL, "list a user's groups", NULL},
    {"AdminListUserAuthEvents", STAGE_ADMIN_USER, ANSWER_CALL, "read a user's sign-in history",
     NULL},
    {"AdminRemoveUserFromGroup", STAGE_ADMIN_USER, ANSWER_CALL, "remove a user from a group",
     NULL},
    {"AdminResetUserPassword", STAGE_ADMIN_USER, ANSWER_CALL,
     "force a user to reset the password",
     NULL},
    {"AdminRespondToAuthChallenge", STAGE_CHALLENGE, ANSWER_AUTH,
     "answer a sign-in challenge through a server",
     "Whoever gets through holds tokens."},
    {"AdminSetUserMFAPreference", STAGE_ADMIN_USER, ANSWER_CALL, "change a user's MFA methods",
     "Switching MFA off opens the account to a stolen password."},
    {"AdminSetUserPassword", STAGE_ADMIN_USER, ANSWER_CALL, "set a user's password",
     "Whoever set it can sign in as that user."},
    {"AdminSetUserSettings", STAGE_ADMIN_USER, ANSWER_CALL,
     "change a user's MFA setting by the old call",
     "Switching MFA off opens the account to a stolen password."},
    {"AdminUpdateAuthEventFeedback", STAGE_ADMIN_USER, ANSWER_CALL,
     "record feedback on a user's sign-in",
     NULL},
    {"AdminUpdateDeviceStatus", STAGE_ADMIN_USER, ANSWER_CALL,
     "change whether a user's device is remembered",
     NULL},
    {"AdminUpdateUserAttributes", STAGE_ADMIN_USER, ANSWER_CALL, "change a user's attributes",
     "A changed e-mail, phone number or role attribute can hand the account over."},
    {"AdminUserGlobalSignOut", STAGE_ADMIN_USER, ANSWER_CALL, "end all sessions of a user",
     NULL},
    {"AssociateSoftwareToken", STAGE_MFA_SETUP, ANSWER_CALL,
     "begin to set up an authenticator app",
     "A second factor set up right after a suspicious sign-in keeps an intruder in."},
    {"Beta_Authorize_GET", STAGE_VIEW, ANSWER_PAGE,
     "open the authorize endpoint, where a browser sign-in begins",
     NULL},
    {"Beta_SAML2Response_POST", STAGE_SIGN_IN, ANSWER_FORM,
     "come back from a SAML provider with its assertion",
     NULL},
    {"Beta_Token_POST", STAGE_TOKEN, ANSWER_STATUS, "ask the token endpoint for tokens",
     "Here a browser sign-in ends: whoever succeeds holds tokens."},
    {"ChangePassword", STAGE_RESET, ANSWER_CALL, "change the password of a signed-in user",
     "After a suspicious sign-in this locks the owner out."},
    {"CognitoAuthentication", STAGE_SIGN_IN, ANSWER_FORM,
     "send credentials to the hosted UI's sign-in page",
     "A refused form may answer like an accepted one, so look for an Error_GET next to it."},
    {"CompleteWebAuthnRegistration", STAGE_PASSKEY, ANSWER_CALL, "register a passkey",
     "A passkey added after a takeover keeps an intruder in."},
    {"ConfirmDevice", STAGE_MFA_SETUP, ANSWER_CALL, "make a device remembered",
     "A remembered device can skip MFA later."},
    {"ConfirmForgotPassword", STAGE_RESET, ANSWER_CALL, "set a new password with a reset code",
     "A success that the owner did not ask for is a takeover."},
    {"ConfirmForgotPassword_GET", STAGE_VIEW, ANSWER_PAGE,
     "open the page that asks for a reset code",
     NULL},
    {"ConfirmForgotPassword_POST", STAGE_RESET, ANSWER_FORM,
     "send a reset code in the hosted UI",
     "Repeats for one account are guesses at the code; a success gives the account away."},
    {"ConfirmSignUp", STAGE_CONFIRM, ANSWER_CALL, "confirm an account with a code", NULL},
    {"Confirm_GET", STAGE_VIEW, ANSWER_PAGE,
     "open the page that asks for a confirmation code",
     NULL},
    {"Confirm_POST", STAGE_CONFIRM, ANSWER_FORM, "send a confirmation code in the hosted UI",
     "Repeats for one account are guesses at the code."},
    {"Confirm_With_Link_GET", STAGE_CONFIRM, ANSWER_FORM,
     "follow a confirmation link from an e-mail",
     NULL},
    {"CreateGroup", STAGE_CONFIG, ANSWER_CALL, "create a group", NULL},
    {"CreateIdentityProvider", STAGE_CONFIG, ANSWER_CALL, "add an outside identity provider",
     "Whoever runs that provider can sign users in."},
    {"CreateResourceServer", STAGE_CONFIG, ANSWER_CALL, "add a resource server with scopes",
     NULL},
    {"CreateUserImportJob", STAGE_ADMIN_USER, ANSWER_CALL, "make a job that imports users",
     NULL},
    {"CreateUserPool", STAGE_CONFIG, ANSWER_CALL, "create a user pool", NULL},
    {"CreateUserPoolClient", STAGE_CONFIG, ANSWER_CALL, "create an app client",
     "A new client can allow weaker flows or foreign redirect addresses."},
    {"CreateUserPoolDomain", STAGE_CONFIG, ANSWER_CALL, "add a domain for sign-in pages",
     NULL},
    {"DeleteGroup", STAGE_CONFIG, ANSWER_CALL, "delete a group", NULL},
    {"DeleteIdentityProvider", STAGE_CONFIG, ANSWER_CALL,
     "remove an outside identity provider",
     NULL},
    {"DeleteResourceServer", STAGE_CONFIG, ANSWER_CALL, "delete a resource server", NULL},
    {"DeleteUser", STAGE_USER_INFO, ANSWER_CALL, "delete the signed-in user's own account",
     NULL},
    {"DeleteUserAttributes", STAGE_USER_INFO, ANSWER_CALL,
     "delete attributes of the signed-in user",
     NULL},
    {"DeleteUserPool", STAGE_CONFIG, ANSWER_CALL, "delete a user pool", NULL},
    {"DeleteUserPoolClient", STAGE_CONFIG, ANSWER_CALL, "delete an app client", NULL},
    {"DeleteUserPoolDomain", STAGE_CONFIG, ANSWER_CALL, "delete the domain of sign-in pages",
     NULL},
    {"DeleteWebAuthnCredential", STAGE_PASSKEY, ANSWER_CALL, "delete a passkey", NULL},
    {"DescribeUserPool", STAGE_CONFIG, ANSWER_CALL, "read a user pool's settings", NULL},
    {"DescribeUserPoolClient", STAGE_CONFIG, ANSWER_CALL, "read an app client's settings",
     "The answer holds the client secret."},
    {"Error_GET", STAGE_VIEW, ANSWER_PAGE, "see the hosted UI's error page",
     "A hint that the request just before it from the same address failed."},
    {"Event_Feedback_GET", STAGE_USER_INFO, ANSWER_STATUS,
     "follow a feedback link from a warning about a sign-in",
     "The owner said whether the sign-in was theirs."},
    {"ForgetDevice", STAGE_MFA_SETUP, ANSWER_CALL, "remove a remembered device", NULL},
    {"ForgotPassword", STAGE_RESET, ANSWER_CALL, "ask for a password reset",
     "Resets that the owner did not ask for come before a takeover. Pools that hide which "
     "users exist accept this for unknown ones too."},
    {"ForgotPassword_GET", STAGE_VIEW, ANSWER_PAGE, "open the forgotten-password page", NULL},
    {"ForgotPassword_POST", STAGE_RESET, ANSWER_FORM,
     "ask for a password reset in the hosted UI",
     "Resets that the owner did not ask for come before a takeover."},
    {"GetDevice", STAGE_USER_INFO, ANSWER_CALL, "read one remembered device", NULL},
    {"GetTokensFromRefreshToken", STAGE_REFRESH, ANSWER_CALL,
     "exchange a refresh token for new tokens",
     "A refresh from a network that never signed in is a sign of a stolen token."},
    {"GetUser", STAGE_USER_INFO, ANSWER_CALL, "read the signed-in user's own attributes", NULL},
    {"GetUserAttributeVerificationCode", STAGE_CONFIRM, ANSWER_CALL,
     "ask for a code to verify an attribute",
     "Each one sends a message: bursts are SMS pumping."},
    {"GetUserAuthFactors", STAGE_USER_INFO, ANSWER_CALL,
     "list the ways in which the signed-in user can sign in",
     NULL},
    {"GlobalSignOut", STAGE_SIGN_OUT, ANSWER_CALL, "sign out of all sessions", NULL},
    {"InitiateAuth", STAGE_SIGN_IN, ANSWER_AUTH, "start a sign-in",
     "Only tokens in the answer are a sign-in: with SRP and custom flows this step goes "
     "through whatever the password is, and where a pool hides which users exist, for "
     "unknown ones too."},
    {"ListDevices", STAGE_USER_INFO, ANSWER_CALL, "list the remembered devices", NULL},
    {"ListUsers", STAGE_ADMIN_USER, ANSWER_CALL, "list users of the pool",
     "In bulk this is how a user directory leaves."},
    {"ListUsersInGroup", STAGE_ADMIN_USER, ANSWER_CALL, "list the users of a group", NULL},
    {"ListWebAuthnCredentials", STAGE_PASSKEY, ANSWER_CALL, "list the passkeys", NULL},
    {"Login_GET", STAGE_VIEW, ANSWER_PAGE, "open the hosted UI's sign-in page", NULL},
    {"Login_OIDC_SAML_POST", STAGE_SIGN_IN, ANSWER_FORM,
     "enter a name that leads to an outside identity provider",
     NULL},
    {"Login_POST", STAGE_SIGN_IN, ANSWER_FORM,
     "send credentials to the hosted UI's sign-in page",
     "A refused form may answer like an accepted one, so look for an Error_GET next to it."},
    {"Logout", STAGE_SIGN_OUT, ANSWER_STATUS, "sign out at the logout endpoint", NULL},
    {"MfaOption_GET", STAGE_VIEW, ANSWER_PAGE, "open the page that offers MFA methods", NULL},
    {"MfaOption_POST", STAGE_CHALLENGE, ANSWER_FORM, "choose an MFA method in the hosted UI",
     NULL},
    {"MfaRegister_GET", STAGE_VIEW, ANSWER_PAGE, "open the page that sets up MFA", NULL},
    {"MfaRegister_POST", STAGE_MFA_SETUP, ANSWER_FORM,
     "send a code to set up MFA in the hosted UI",
     "A second factor set up right after a suspicious sign-in keeps an intruder in."},
    {"Mfa_GET", STAGE_VIEW, ANSWER_PAGE, "see the page that asks for an MFA code",
     "The password had been accepted by then."},
    {"Mfa_POST", STAGE_CHALLENGE, ANSWER_FORM, "send an MFA code in the hosted UI",
     "Repeats after a right password are attempts to get past MFA."},
    {"OAuth2Response_GET", STAGE_SIGN_IN, ANSWER_FORM,
     "come back from an OpenID Connect provider with its answer",
     NULL},
    {"OAuth2Response_POST", STAGE_SIGN_IN, ANSWER_FORM,
     "come back from an OpenID Connect provider with its answer",
     NULL},
    {"OAuth2_Authorize_GET", STAGE_VIEW, ANSWER_PAGE,
     "open the authorize endpoint, where a browser sign-in begins",
     NULL},
    {"ResendCode_POST", STAGE_CONFIRM, ANSWER_FORM,
     "ask for a confirmation code to be sent again",
     "Each one sends a message: bursts are SMS pumping or harassment."},
    {"ResendConfirmationCode", STAGE_CONFIRM, ANSWER_CALL,
     "ask for a confirmation code to be sent again",
     "Each one sends a message: bursts are SMS pumping or harassment."},
    {"ResetPassword_GET", STAGE_VIEW, ANSWER_PAGE, "open the page for a new password", NULL},
    {"ResetPassword_POST", STAGE_RESET, ANSWER_FORM, "send a new password in the hosted UI",
     NULL},
    {"RespondToAuthChallenge", STAGE_CHALLENGE, ANSWER_AUTH, "answer a sign-in challenge",
     "Whoever gets through holds tokens."},
    {"RevokeToken", STAGE_SIGN_OUT, ANSWER_CALL, "revoke a refresh token", NULL},
    {"SAML2Logout_POST", STAGE_SIGN_OUT, ANSWER_STATUS,
     "sign out at the SAML logout endpoint",
     NULL},
    {"SAML2Response_POST", STAGE_SIGN_IN, ANSWER_FORM,
     "come back from a SAML provider with its assertion",
     NULL},
    {"SetLogDeliveryConfiguration", STAGE_CONFIG, ANSWER_CALL,
     "change where the pool's logs go",
     "Activity logs may end or go elsewhere from here on."},
    {"SetRiskConfiguration", STAGE_CONFIG, ANSWER_CALL,
     "change the threat-protection settings",
     "Loosened reactions let risky sign-ins through."},
    {"SetUICustomization", STAGE_CONFIG, ANSWER_CALL, "change the look of the sign-in pages",
     NULL},
    {"SetUserMFAPreference", STAGE_MFA_SETUP, ANSWER_CALL, "change which MFA methods are used",
     "Switching MFA off after a suspicious sign-in is a sign of takeover."},
    {"SetUserPoolMfaConfig", STAGE_CONFIG, ANSWER_CALL, "change the pool's MFA settings",
     "MFA made optional or switched off weakens every account."},
    {"SetUserSettings", STAGE_MFA_SETUP, ANSWER_CALL, "change the MFA setting by the old call",
     "Switching MFA off after a suspicious sign-in is a sign of takeover."},
    {"SignUp", STAGE_SIGN_UP, ANSWER_CALL, "register an account",
     "Sign-ups in bulk from one address point to fake accounts or name probing."},
    {"Signup_GET", STAGE_VIEW, ANSWER_PAGE, "open the hosted UI's sign-up page", NULL},
    {"Signup_POST", STAGE_SIGN_UP, ANSWER_FORM, "send the hosted UI's sign-up form",
     "Sign-ups in bulk from one address point to fake accounts or name probing."},
    {"StartUserImportJob", STAGE_ADMIN_USER, ANSWER_CALL, "start an import of users", NULL},
    {"StartWebAuthnRegistration", STAGE_PASSKEY, ANSWER_CALL, "begin to register a passkey",
     "A passkey added after a takeover keeps an intruder in."},
    {"Token_POST", STAGE_TOKEN, ANSWER_STATUS, "ask the token endpoint for tokens",
     "Here a browser sign-in ends: whoever succeeds holds tokens."},
    {"UpdateAuthEventFeedback", STAGE_USER_INFO, ANSWER_CALL,
     "say whether a sign-in was one's own",
     NULL},
    {"UpdateDeviceStatus", STAGE_MFA_SETUP, ANSWER_CALL,
     "change whether a device is remembered",
     "A remembered device can skip MFA later."},
    {"UpdateGroup", STAGE_CONFIG, ANSWER_CALL, "change a group",
     "A group's role can be raised here."},
    {"UpdateIdentityProvider", STAGE_CONFIG, ANSWER_CALL,
     "change an outside identity provider",
     "Changed metadata or attribute mapping can let others in."},
    {"UpdateResourceServer", STAGE_CONFIG, ANSWER_CALL, "change a resource server's scopes",
     NULL},
    {"UpdateUserAttributes", STAGE_USER_INFO, ANSWER_CALL,
     "change the signed-in user's attributes",
     "A changed e-mail or phone number redirects later resets."},
    {"UpdateUserPool", STAGE_CONFIG, ANSWER_CALL, "change a user pool's settings",
     "Password policy, MFA, triggers and deletion protection are set here; what is left "
     "out falls back to its default."},
    {"UpdateUserPoolClient", STAGE_CONFIG, ANSWER_CALL, "change an app client",
     "Flows, redirect addresses and token lifetimes are set here."},
    {"UpdateUserPoolDomain", STAGE_CONFIG, ANSWER_CALL, "change the domain of sign-in pages",
     NULL},
    {"UserInfo_GET", STAGE_USER_INFO, ANSWER_STATUS,
     "read the user's claims at the userInfo endpoint",
     NULL},
    {"UserInfo_POST", STAGE_USER_INFO, ANSWER_STATUS,
     "read the user's claims at the userInfo endpoint",
     NULL},
    {"VerifySoftwareToken", STAGE_MFA_SETUP, ANSWER_CALL,
     "finish setting up an authenticator app",
     "A second factor set up right after a suspicious sign-in keeps an intruder in."},
    {"VerifyUserAttribute", STAGE_CONFIRM, ANSWER_CALL, "verify an attribute with a code",
     "A verified new e-mail or phone number redirects later resets."},
    {"confirmUser_GET", STAGE_CONFIRM, ANSWER_FORM, "open the link of a confirmation e-mail",
     NULL},
    {"forgotPassword_POST", STAGE_RESET, ANSWER_FORM,
     "ask for a password reset on the managed page",
     "Resets that the owner did not ask for come before a takeover."},
    {"login_GET", STAGE_VIEW, ANSWER_PAGE, "open the managed sign-in page", NULL},
    {"login_POST", STAGE_SIGN_IN, ANSWER_FORM, "send credentials to the managed sign-in page",
     "A refused form may answer like an accepted one, so look at the activity export for "
     "the same request."},
    {"login_continue_POST", STAGE_SIGN_IN, ANSWER_FORM,
     "go on with a session that had signed in before",
     NULL},
    {"login_passkey_POST", STAGE_SIGN_IN, ANSWER_FORM, "sign in with a passkey", NULL},
    {"mfa_back_POST", STAGE_CHALLENGE, ANSWER_FORM, "go back from an MFA prompt", NULL},
    {"mfa_options_POST", STAGE_CHALLENGE, ANSWER_FORM,
     "choose an MFA method on the managed page",
     NULL},
    {"mfa_phone_register_POST", STAGE_MFA_SETUP, ANSWER_FORM,
     "give a phone number for MFA, to which a code was sent",
     "Each one sends an SMS: bursts are SMS pumping."},
    {"mfa_phone_resendCode_POST", STAGE_MFA_SETUP, ANSWER_FORM,
     "ask for an MFA code to be sent again to a phone",
     "Each one sends an SMS: bursts are SMS pumping."},
    {"mfa_phone_verify_POST", STAGE_MFA_SETUP, ANSWER_FORM,
     "send the MFA code that a phone received",
     "Repeats for one account are guesses at the code."},
    {"mfa_totp_POST", STAGE_CHALLENGE, ANSWER_FORM, "send a code of an authenticator app",
     "Repeats after a right password are attempts to get past MFA."},
    {"passkeys_add_GET", STAGE_VIEW, ANSWER_PAGE, "open the page for registering a passkey",
     NULL},
    {"passkeys_add_POST", STAGE_PASSKEY, ANSWER_FORM, "ask to register a new passkey",
     "A passkey added after a takeover keeps an intruder in."},
    {"selectChallenge_POST", STAGE_CHALLENGE, ANSWER_FORM,
     "answer a sign-in challenge on the managed page",
     "Repeats for one account are guesses."},
    {"signup_POST", STAGE_SIGN_UP, ANSWER_FORM, "send the managed sign-up form",
     "Sign-ups in bulk from one address point to fake accounts or name probing."},
    {"signup_confirm_POST", STAGE_CONFIRM, ANSWER_FORM,
     "send a sign-up's confirmation code on the managed page",
     "Repeats for one account are guesses at the code."},
    {"verifyCode_POST", STAGE_CHALLENGE, ANSWER_FORM,
     "send a one-time password instead of a password",
     "Repeats for one account are guesses at the code."},
};

/* Sources: Developer Guide, "Identity pools events"; botocore, cognito-identity. GetId,
 * GetCredentialsForIdentity, GetOpenIdToken, GetOpenIdTokenForDeveloperIdentity and
 * UnlinkIdentity are data events: their absence means "not logged". */
static const struct operation IDENTITY_POOL[] = {
    {"CreateIdentityPool", STAGE_CONFIG, ANSWER_CALL, "create an identity pool", NULL},
    {"DeleteIdentities", STAGE_IDENTITY_POOL, ANSWER_CALL, "delete identities", NULL},
    {"DeleteIdentityPool", STAGE_CONFIG, ANSWER_CALL, "delete an identity pool", NULL},
    {"DescribeIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL, "read an identity", NULL},
    {"DescribeIdentityPool", STAGE_CONFIG, ANSWER_CALL, "read an identity pool's settings",
     NULL},
    {"GetCredentialsForIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "get AWS credentials for an identity",
     "The access key that was issued links this to later AWS calls."},
    {"GetId", STAGE_IDENTITY_POOL, ANSWER_CALL, "get an identity of an identity pool",
     "A request that shows no login is a guest's."},
    {"GetIdentityPoolRoles", STAGE_CONFIG, ANSWER_CALL, "read the roles of an identity pool",
     NULL},
    {"GetOpenIdToken", STAGE_IDENTITY_POOL, ANSWER_CALL, "get an OpenID token for an identity",
     NULL},
    {"GetOpenIdTokenForDeveloperIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "get an OpenID token for a user of the caller's own provider",
     NULL},
    {"GetPrincipalTagAttributeMap", STAGE_CONFIG, ANSWER_CALL,
     "read which claims become session tags",
     NULL},
    {"ListIdentities", STAGE_IDENTITY_POOL, ANSWER_CALL, "list identities of a pool", NULL},
    {"ListIdentityPools", STAGE_CONFIG, ANSWER_CALL, "list identity pools", NULL},
    {"ListTagsForResource", STAGE_CONFIG, ANSWER_CALL, "read the tags of an identity pool",
     NULL},
    {"LookupDeveloperIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "look up an identity by developer login",
     NULL},
    {"MergeDeveloperIdentities", STAGE_IDENTITY_POOL, ANSWER_CALL, "merge two identities",
     NULL},
    {"SetIdentityPoolRoles", STAGE_CONFIG, ANSWER_CALL,
     "change the roles that an identity pool gives out",
     "A stronger role for guests or users raises everybody's privileges."},
    {"SetPrincipalTagAttributeMap", STAGE_CONFIG, ANSWER_CALL,
     "change which claims become session tags",
     NULL},
    {"TagResource", STAGE_CONFIG, ANSWER_CALL, "tag an identity pool", NULL},
    {"UnlinkDeveloperIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "unlink a developer login from an identity",
     NULL},
    {"UnlinkIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL, "unlink a login from an identity",
     NULL},
    {"UntagResource", STAGE_CONFIG, ANSWER_CALL, "take tags from an identity pool", NULL},
    {"UpdateIdentityPool", STAGE_CONFIG, ANSWER_CALL, "change an identity pool",
     "Guest access and trusted providers are set here."},
};

/* Source: botocore, cognito-sync. */
static const struct operation SYNC[] = {
    {"BulkPublish", STAGE_IDENTITY_POOL, ANSWER_CALL, "publish all data sets of a pool",
     NULL},
    {"DeleteDataset", STAGE_IDENTITY_POOL, ANSWER_CALL, "delete a data set of an identity",
     NULL},
    {"DescribeDataset", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "read what is known of a data set",
     NULL},
    {"DescribeIdentityPoolUsage", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "read how much an identity pool synchronises",
     NULL},
    {"DescribeIdentityUsage", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "read how much an identity synchronises",
     NULL},
    {"GetBulkPublishDetails", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "read how far a publishing of data sets is",
     NULL},
    {"GetCognitoEvents", STAGE_CONFIG, ANSWER_CALL,
     "read which trigger synchronisation runs",
     NULL},
    {"GetIdentityPoolConfiguration", STAGE_CONFIG, ANSWER_CALL,
     "read the settings of synchronisation",
     NULL},
    {"ListDatasets", STAGE_IDENTITY_POOL, ANSWER_CALL, "list the data sets of an identity",
     NULL},
    {"ListIdentityPoolUsage", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "list how much identity pools synchronise",
     NULL},
    {"ListRecords", STAGE_IDENTITY_POOL, ANSWER_CALL, "read records of a data set", NULL},
    {"RegisterDevice", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "register a device for push synchronisation",
     NULL},
    {"SetCognitoEvents", STAGE_CONFIG, ANSWER_CALL,
     "change the trigger that synchronisation runs",
     NULL},
    {"SetIdentityPoolConfiguration", STAGE_CONFIG, ANSWER_CALL,
     "change the settings of synchronisation",
     NULL},
    {"SubscribeToDataset", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "be told of changes of a data set",
     NULL},
    {"UnsubscribeFromDataset", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "be told no longer of changes of a data set",
     NULL},
    {"UpdateRecords", STAGE_IDENTITY_POOL, ANSWER_CALL, "change records of a data set", NULL},
};

/* Source: AWS CloudTrail API Reference. */
static const struct operation TRAIL[] = {
    {"CreateTrail", STAGE_CONFIG, ANSWER_CALL, "create a trail", NULL},
    {"DeleteEventDataStore", STAGE_CONFIG, ANSWER_CALL, "delete an event data store", NULL},
    {"DeleteTrail", STAGE_CONFIG, ANSWER_CALL, "delete a trail",
     "From here on its log files end."},
    {"PutEventSelectors", STAGE_CONFIG, ANSWER_CALL, "change which events a trail records",
     "Identity-pool data events appear only while a selector asks for them."},
    {"PutInsightSelectors", STAGE_CONFIG, ANSWER_CALL, "change which insights a trail records",
     NULL},
    {"StartLogging", STAGE_CONFIG, ANSWER_CALL, "start a trail", NULL},
    {"StopEventDataStoreIngestion", STAGE_CONFIG, ANSWER_CALL,
     "stop filling an event data store",
     NULL},
    {"StopLogging", STAGE_CONFIG, ANSWER_CALL, "stop a trail",
     "From here on its log files end."},
    {"UpdateEventDataStore", STAGE_CONFIG, ANSWER_CALL, "change an event data store", NULL},
    {"UpdateTrail", STAGE_CONFIG, ANSWER_CALL, "change a trail",
     "Its files may go elsewhere or lack regions from here on."},
};

/* Source: Amazon CloudWatch Logs API Reference; pool logs travel by these deliveries. */
static const struct operation LOGS[] = {
    {"CreateDelivery", STAGE_CONFIG, ANSWER_CALL, "start a log delivery", NULL},
    {"DeleteDelivery", STAGE_CONFIG, ANSWER_CALL, "end a log delivery",
     "Pool activity logs may end from here on."},
    {"DeleteDeliveryDestination", STAGE_CONFIG, ANSWER_CALL, "remove a target of log delivery",
     "Pool activity logs may end from here on."},
    {"DeleteDeliverySource", STAGE_CONFIG, ANSWER_CALL, "remove a source of log delivery",
     "Pool activity logs may end from here on."},
    {"DeleteLogGroup", STAGE_CONFIG, ANSWER_CALL, "delete a log group",
     "What it held is gone."},
    {"DeleteLogStream", STAGE_CONFIG, ANSWER_CALL, "delete a log stream",
     "What it held is gone."},
    {"DeleteSubscriptionFilter", STAGE_CONFIG, ANSWER_CALL,
     "remove a subscription of a log group",
     NULL},
    {"PutDeliveryDestination", STAGE_CONFIG, ANSWER_CALL, "set a target of log delivery", NULL},
    {"PutDeliverySource", STAGE_CONFIG, ANSWER_CALL, "set a source of log delivery", NULL},
    {"PutRetentionPolicy", STAGE_CONFIG, ANSWER_CALL, "change how long a log group is kept",
     NULL},
    {"UpdateDeliveryConfiguration", STAGE_CONFIG, ANSWER_CALL, "change a log delivery", NULL},
};

/* Source: AWS WAFV2 API Reference. */
static const struct operation WAF[] = {
    {"AssociateWebACL", STAGE_CONFIG, ANSWER_CALL, "put a web ACL in front of a resource",
     NULL},
    {"DeleteWebACL", STAGE_CONFIG, ANSWER_CALL, "delete a web ACL", NULL},
    {"DisassociateWebACL", STAGE_CONFIG, ANSWER_CALL, "take the web ACL away from a resource",
     "A pool without its web ACL is open to floods."},
    {"UpdateWebACL", STAGE_CONFIG, ANSWER_CALL, "change a web ACL", NULL},
};

/* What gives or keeps access, of IAM's many. Source: AWS IAM API Reference. */
static const struct operation IAM[] = {
    {"AddUserToGroup", STAGE_OTHER, ANSWER_CALL, "add an IAM user to a group",
     "Groups carry policies: this can raise privileges."},
    {"AttachRolePolicy", STAGE_OTHER, ANSWER_CALL, "attach a policy to a role",
     "This can raise privileges."},
    {"AttachUserPolicy", STAGE_OTHER, ANSWER_CALL, "attach a policy to an IAM user",
     "This can raise privileges."},
    {"CreateAccessKey", STAGE_OTHER, ANSWER_CALL, "make an access key for an IAM user",
     "A key of one's own for another's user is a way to stay in."},
    {"CreateLoginProfile", STAGE_OTHER, ANSWER_CALL, "give an IAM user a console password",
     "This is a way to stay in."},
    {"CreateRole", STAGE_OTHER, ANSWER_CALL, "create a role", NULL},
    {"CreateUser", STAGE_OTHER, ANSWER_CALL, "create an IAM user",
     "Unexpected users are a way to stay in."},
    {"DeactivateMFADevice", STAGE_OTHER, ANSWER_CALL, "switch off an MFA device",
     "From here on the password alone is enough."},
    {"DeleteLoginProfile", STAGE_OTHER, ANSWER_CALL, "take the console password from an IAM user",
     NULL},
    {"EnableMFADevice", STAGE_OTHER, ANSWER_CALL, "switch on an MFA device", NULL},
    {"PutRolePolicy", STAGE_OTHER, ANSWER_CALL, "write a policy into a role",
     "This can raise privileges."},
    {"PutUserPolicy", STAGE_OTHER, ANSWER_CALL, "write a policy into an IAM user",
     "This can raise privileges."},
    {"UpdateAssumeRolePolicy", STAGE_OTHER, ANSWER_CALL, "change who may take a role",
     "A role that trusts another account is a way to stay in."},
    {"UpdateLoginProfile", STAGE_OTHER, ANSWER_CALL, "set the console password of an IAM user",
     "Whoever set it can sign in as that user."},
};

/* Source: AWS STS API Reference. */
static const struct operation STS[] = {
    {"AssumeRole", STAGE_OTHER, ANSWER_CALL, "get the credentials of a role", NULL},
    {"AssumeRoleWithWebIdentity", STAGE_IDENTITY_POOL, ANSWER_CALL,
     "exchange a web identity token for AWS credentials",
     "The access key that was issued links this to later AWS calls."},
    {"GetCallerIdentity", STAGE_OTHER, ANSWER_CALL, "learn whose credentials these are",
     "The usual first call of whoever found a key."},
    {"GetFederationToken", STAGE_OTHER, ANSWER_CALL,
     "get short-lived credentials from an IAM user's",
     "They stay valid when the access key that asked for them is deleted."},
};

/* Source: AWS CloudTrail User Guide, "AWS Management Console sign-in events". */
static const struct operation CONSOLE[] = {
    {"CheckMfa", STAGE_CHALLENGE, ANSWER_CALL, "pass MFA at the AWS console", NULL},
    {"ConsoleLogin", STAGE_SIGN_IN, ANSWER_LOGIN, "sign in to the AWS console", NULL},
};

/* Source: EventType of the cognito-idp model; the result stands in message.eventResponse. */
static const struct operation ACTIVITY[] = {
    {"ForgotPassword", STAGE_RESET, ANSWER_CALL, "ask for a password reset",
     "Resets that the owner did not ask for come before a takeover."},
    {"PasswordChange", STAGE_RESET, ANSWER_CALL, "change the password",
     "After a suspicious sign-in this locks the owner out."},
    {"ResendCode", STAGE_CONFIRM, ANSWER_CALL, "ask for a code to be sent again",
     "Each one sends a message: bursts are SMS pumping."},
    {"SignIn", STAGE_SIGN_IN, ANSWER_CALL, "sign in", NULL},
    {"SignUp", STAGE_SIGN_UP, ANSWER_CALL, "sign up", NULL},
};
// clang-format on

/* `rest` is the stage of operations without a row. */
static const struct service {
    const char *name; /* eventSource without .amazonaws.com */
    enum stage rest;
    const struct operation *rows;
    size_t count;
} SERVICES[] = {
    {"cognito-idp",      STAGE_CONFIG,        USER_POOL,     ARRAY_LEN(USER_POOL)    },
    {"cognito-identity", STAGE_IDENTITY_POOL, IDENTITY_POOL, ARRAY_LEN(IDENTITY_POOL)},
    {"cognito-sync",     STAGE_IDENTITY_POOL, SYNC,          ARRAY_LEN(SYNC)         },
    {"cloudtrail",       STAGE_OTHER,         TRAIL,         ARRAY_LEN(TRAIL)        },
    {"logs",             STAGE_OTHER,         LOGS,          ARRAY_LEN(LOGS)         },
    {"wafv2",            STAGE_OTHER,         WAF,           ARRAY_LEN(WAF)          },
    {"iam",              STAGE_OTHER,         IAM,           ARRAY_LEN(IAM)          },
    {"sts",              STAGE_OTHER,         STS,           ARRAY_LEN(STS)          },
    {"signin",           STAGE_OTHER,         CONSOLE,       ARRAY_LEN(CONSOLE)      },
    {"USER_ACTIVITY",    STAGE_OTHER,         ACTIVITY,      ARRAY_LEN(ACTIVITY)     },
};

static const struct service *service_of(struct bytes service)
{
    size_t dot = 0;

    while (dot < service.len && service.ptr[dot] != '.')
        dot++;
    service.len = dot;
    for (size_t i = 0; i < ARRAY_LEN(SERVICES); i++)
        if (bytes_are(service, SERVICES[i].name))
            return &SERVICES[i];
    return NULL;
}

const struct operation *operation_find(struct bytes service, struct bytes name)
{
    const struct service *s = service_of(service);
    size_t from = 0, to = s ? s->count : 0;

    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = bytes_compare(name, bytes_of(s->rows[middle].name));

        if (order == 0)
            return &s->rows[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

/* The list of hosted pages is open, so their stage must not depend on a row. */
enum stage operation_stage(struct bytes service, struct bytes name)
{
    const struct service *s = service_of(service);

    if (!s)
        return STAGE_OTHER;
    if (s->rows != USER_POOL)
        return s->rest;
    if (bytes_ends(name, "_GET"))
        return STAGE_VIEW;
    if (bytes_ends(name, "_POST"))
        return STAGE_API;
    return bytes_starts(name, "Admin") ? STAGE_ADMIN_USER : s->rest;
}

const struct operation *operation_get(size_t i, const char **service)
{
    for (size_t s = 0; s < ARRAY_LEN(SERVICES); i -= SERVICES[s++].count)
        if (i < SERVICES[s].count) {
            if (service)
                *service = SERVICES[s].name;
            return &SERVICES[s].rows[i];
        }
    return NULL;
}
