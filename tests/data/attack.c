#include <stddef.h>

#include "tests/data/calls.h"

#define PYTHON "python-requests/2.31.0"
#define SCRIPT "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux lang/python#3.12.11"

enum { WRONG_PASSWORDS = 224, UNKNOWN_USERS = 58, THROTTLED = 26, PROBES_OF_TAKEN = 12 };

/* Attempts come thick at first and thin out. */
static int64_t burst_time(struct story *s)
{
    uint32_t a = random_below(&s->random, STORY_BURST_LASTS_S);
    uint32_t b = random_below(&s->random, STORY_BURST_LASTS_S);
    return STORY_BURST_S + (a < b ? a : b);
}

/* The first address does about a third of the work, the last hardly any. */
static const char *attacker(struct story *s)
{
    static const unsigned char share[STORY_ATTACKERS] = {36, 22, 14, 13, 6, 6, 3};
    uint32_t n = random_below(&s->random, 100);
    for (size_t i = 0; i < STORY_ATTACKERS; i++) {
        if (n < share[i])
            return s->attackers[i];
        n -= share[i];
    }
    return s->attackers[0];
}

static struct story_event *attempt(struct story *s, int64_t t, const char *ip,
                                   const struct person *p)
{
    struct visit v = {p, ip, PYTHON, s->clients[APP_LEGACY]};
    struct story_event *e = call_initiate(s, t, v, "USER_PASSWORD_AUTH");
    e->attack = true;
    return e;
}

static void mark_risk(struct story_event *e, const char *level, const char *decision)
{
    e->risk = level;
    e->decision = decision;
}

static void burst(struct story *s)
{
    for (uint32_t i = 0; i < WRONG_PASSWORDS; i++) {
        const struct person *p =
            &s->people[i < STORY_VICTIMS ? i : random_below(&s->random, 40)];
        struct story_event *e = attempt(s, burst_time(s), attacker(s), p);
        if (i == 11)
            answer_error(e, "UserNotConfirmedException", "User is not confirmed.");
        else if (i == 29)
            answer_error(e, "PasswordResetRequiredException",
                         "Password reset required for the user");
        else
            answer_error(e, "NotAuthorizedException", "Incorrect username or password.");
        export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
        if (e->record.ip == s->attackers[0])
            mark_risk(e, "High", "AccountTakeover");
    }
    for (uint32_t i = 0; i < UNKNOWN_USERS; i++)
        answer_error(attempt(s, burst_time(s), attacker(s), NULL), "UserNotFoundException",
                     "User does not exist.");
    for (uint32_t i = 0; i < THROTTLED; i++)
        answer_error(
            attempt(s, STORY_BURST_S + random_between(&s->random, 60, 400), attacker(s), NULL),
            "TooManyRequestsException", "Rate exceeded");
}

/* Returns when the attacker was in. */
static int64_t break_in(struct story *s)
{
    const struct person *taken = &s->people[STORY_TAKEN];
    int64_t t = STORY_BURST_S + 630;
    for (uint32_t i = 0; i < PROBES_OF_TAKEN; i++) {
        struct story_event *e = attempt(s, t, s->attackers[0], taken);
        bool locked = i >= 8;
        answer_error(e, "NotAuthorizedException",
                     locked ? "Password attempts exceeded" : "Incorrect username or password.");
        export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
        mark_risk(e, "High", "AccountTakeover");
        t += random_between(&s->random, locked ? 30 : 12, locked ? 45 : 26);
    }
    t = STORY_BURST_S + 1001; /* 09:26:41 */
    struct story_event *e = attempt(s, t, s->attackers[0], taken);
    answer_tokens(e, true);
    export_activity(e, "SignIn", "Pass", PASSWORD_PASSED);
    mark_risk(e, "High", "AccountTakeover");
    e->aftermath = true;
    s->taken_event = s->n_events - 1;
    return t;
}

static struct story_event *with_token(struct story *s, int64_t t, struct visit v,
                                      const char *name, const char *request)
{
    struct story_event *e = call_with_token(s, t, v, name, request);
    e->aftermath = true;
    return e;
}

/* E-mail address and second factor become the attacker's. */
static void take_over(struct story *s, int64_t t, struct visit v)
{
    with_token(s, t + 3, v, "GetUser", "{\"accessToken\":" MASKED_JSON "}");
    with_token(s, t + 39, v, "UpdateUserAttributes",
               "{\"accessToken\":" MASKED_JSON ",\"userAttributes\":" MASKED_JSON "}")
        ->record.response = "{\"codeDeliveryDetailsList\":[{\"destination\":\"x***@m***\","
                            "\"deliveryMedium\":\"EMAIL\",\"attributeName\":\"email\"}]}";
    with_token(s, t + 82, v, "VerifyUserAttribute",
               "{\"accessToken\":" MASKED_JSON
               ",\"attributeName\":\"email\",\"code\":" MASKED_JSON "}");
    with_token(s, t + 110, v, "AssociateSoftwareToken", "{\"accessToken\":" MASKED_JSON "}")
        ->record.response = "{\"secretCode\":" MASKED_JSON "}";
    with_token(s, t + 129, v, "VerifySoftwareToken",
               "{\"accessToken\":" MASKED_JSON ",\"userCode\":" MASKED_JSON
               ",\"friendlyDeviceName\":\"phone\"}")
        ->record.response = "{\"status\":\"SUCCESS\"}";
    with_token(s, t + 141, v, "SetUserMFAPreference",
               "{\"accessToken\":" MASKED_JSON
               ",\"softwareTokenMfaSettings\":{\"enabled\":true,"
               "\"preferredMfa\":true}}");
}

/* AWS credentials from the identity pool, and what they were tried on. */
static void take_files(struct story *s, int64_t t, struct visit v)
{
    const char *key = new_access_key(s);
    v.agent = SCRIPT;
    call_identity(s, t, v, "GetId")->aftermath = true;
    struct story_event *e = call_identity(s, t + 1, v, "GetCredentialsForIdentity");
    e->aftermath = true;
    e->record.response = keep_printf(
        &s->keep,
        "{\"identityId\":\"" STORY_REGION ":%s\",\"credentials\":{\"accessKeyId\":\"%s\","
        "\"sessionToken\":" MASKED_JSON ",\"expiration\":\"%s\"}}",
        v.person->identity, key, keep_time(&s->keep, TIME_LOCALE, t + 3601));
    e = call_s3(s, t + 25, v, key, "ListBuckets", NULL);
    e->aftermath = true;
    answer_error(e, "AccessDenied", "Access Denied");
    for (unsigned i = 0; i < 12; i++)
        call_s3(s, t + 60 + i * 3, v, key, "GetObject",
                keep_printf(&s->keep, "private/%s/invoice-2026-%02u.pdf", v.person->identity,
                            i + 1))
            ->aftermath = true;
    e = call_admin(s, t + 290, cognito_caller(s, v.person, key, t + 1), "ListUsers",
                   keep_printf(&s->keep, "{\"userPoolId\":\"%s\"}", s->pool), v.person);
    e->aftermath = true;
    e->has_sub = true; /* by the amr text of the caller */
    e->record.additional = NULL;
    e->record.ip = v.ip;
    e->record.agent = v.agent;
    e->record.read_only = true;
    answer_error(
        e, "AccessDeniedException",
        keep_printf(&s->keep,
                    "User: arn:aws:sts::" STORY_ACCOUNT ":assumed-role/shop-authenticated/"
                    "CognitoIdentityCredentials is not authorized to perform: "
                    "cognito-idp:ListUsers on resource: arn:aws:cognito-idp:" STORY_REGION
                    ":" STORY_ACCOUNT ":userpool/%s",
                    s->pool));
}

/* Refreshes from another network, until the account is taken back. */
static void linger(struct story *s, struct visit v)
{
    const struct person *taken = v.person;
    static const int64_t refreshes[] = {STORY_HOUR(33) + 2711, STORY_HOUR(34) + 1874,
                                        STORY_HOUR(35) + 1203};
    v.ip = s->attackers[1];
    for (size_t i = 0; i < sizeof(refreshes) / sizeof(*refreshes); i++) {
        struct story_event *e = call_initiate(s, refreshes[i], v, "REFRESH_TOKEN_AUTH");
        answer_tokens(e, false);
        e->aftermath = true;
    }
    /* The owner cannot pass the new second factor and calls the help desk. */
    struct visit owner = visit_of(s, taken);
    int64_t t = STORY_HOUR(36) + 310;
    answer_challenge(call_initiate(s, t, owner, "USER_SRP_AUTH"), CHALLENGE_PASSWORD_VERIFIER);
    answer_challenge(call_respond(s, t + 1, owner, "PASSWORD_VERIFIER"), CHALLENGE_TOTP);
    for (int64_t i = 0; i < 2; i++)
        answer_error(call_respond(s, t + 20 + i * 25, owner, "SOFTWARE_TOKEN_MFA"),
                     "CodeMismatchException", "Invalid code or auth state for the user.");
    const struct caller ops = {.kind = CALLER_ROLE,
                               .name = "IdentityOps",
                               .session = "j.ortega",
                               .id = "AROAEXAMPLEIDENTOPS01",
                               .access_key = "ASIAEXAMPLEOPS000002",
                               .since_s = STORY_HOUR(36)};
    const char *about =
        keep_printf(&s->keep, "{\"userPoolId\":\"%s\",\"username\":" MASKED_JSON "}", s->pool);
    static const char *const containment[] = {"AdminUserGlobalSignOut", "AdminDisableUser",
                                              "AdminResetUserPassword", "AdminEnableUser"};
    for (size_t i = 0; i < sizeof(containment) / sizeof(*containment); i++)
        call_admin(s, STORY_HOUR(36) + 2460 + (int64_t)i * 33, ops, containment[i], about,
                   taken);
    struct story_event *e = call_initiate(s, STORY_HOUR(37) + 140, v, "REFRESH_TOKEN_AUTH");
    e->aftermath = true;
    answer_error(e, "NotAuthorizedException", "Refresh Token has been revoked");
}

/* Codes asked for in other people's names, until the limit on messages. */
static void reset_abuse(struct story *s)
{
    enum { ASKED = 14, LIMIT_REACHED = 9 };
    for (size_t i = 0; i < ASKED; i++) {
        struct visit v = {&s->people[20 + i], s->attackers[6], PYTHON, s->clients[APP_LEGACY]};
        int64_t t = STORY_HOUR(34) + 2400 + (int64_t)i * 17;
        struct story_event *e = call_by_name(s, t, v, "ForgotPassword", "");
        if (i >= LIMIT_REACHED) {
            answer_error(e, "LimitExceededException",
                         "Attempt limit exceeded, please try after some time.");
            continue;
        }
        e->record.response = "{\"codeDeliveryDetails\":{\"destination\":" MASKED_JSON
                             ",\"deliveryMedium\":\"EMAIL\",\"attributeName\":\"email\"}}";
        export_activity(e, "ForgotPassword", "InProgress", "[]");
    }
}

/* One late attempt whose user agent tries to drive the reader's terminal: colours, a window
 * title, text from right to left, a NUL. */
static void hostile_agent(struct story *s)
{
    struct story_event *e =
        attempt(s, STORY_HOUR(33) + 3140, s->attackers[0], &s->people[STORY_TAKEN + 4]);
    e->attack = false;
    e->record.agent = NULL;
    e->record.agent_json = "\"evil \\u001b[31mRED\\u001b[0m\\u001b]0;pwned\\u0007 "
                           "\xe2\x80\xaegnp.exe\xe2\x80\xac \xf0\x9f\x98\x80 "
                           "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \\u0000nul \\u009b2J\"";
    answer_error(e, "NotAuthorizedException", "Incorrect username or password.");
    export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
    mark_risk(e, "High", "AccountTakeover");
}

void story_attack(struct story *s)
{
    burst(s);
    int64_t t = break_in(s);
    struct visit v = {&s->people[STORY_TAKEN], s->attackers[0], PYTHON, s->clients[APP_LEGACY]};
    take_over(s, t, v);
    take_files(s, t + 274, v);
    linger(s, v);
    reset_abuse(s);
    hostile_agent(s);
}
