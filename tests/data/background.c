#include <stddef.h>

#include "tests/data/calls.h"

/* How busy each hour of the day is (UTC): sessions start in proportion. */
static const unsigned char busy[24] = {2, 1, 1,  1, 1, 2,  3, 6, 9, 10, 10, 9,
                                       8, 9, 10, 9, 9, 10, 9, 8, 7, 6,  4,  3};

enum { BUSIEST = 10 };

static int64_t busy_time(struct story *s)
{
    for (;;) {
        int64_t t = random_between(&s->random, s->plan.start_s, s->plan.end_s - 3600);
        if (random_below(&s->random, BUSIEST) < busy[t / 3600 % 24])
            return t;
    }
}

static int64_t pause(struct story *s, int64_t from_s, int64_t to_s)
{
    return random_between(&s->random, from_s, to_s);
}

/* Profile look-ups and refreshes of one session, up to an hour apart. */
static void use_session(struct story *s, int64_t t, struct visit v)
{
    uint32_t refreshes = random_below(&s->random, 4);
    call_with_token(s, t + 2, v, "GetUser", "{\"accessToken\":" MASKED_JSON "}");
    for (uint32_t i = 0; i < refreshes; i++) {
        t += pause(s, 2400, 3700);
        if (t > s->plan.end_s)
            return;
        struct story_event *e = call_initiate(s, t, v, "REFRESH_TOKEN_AUTH");
        if (random_chance(&s->random, 4)) {
            answer_error(e, "NotAuthorizedException", "Refresh Token has expired");
            return;
        }
        answer_tokens(e, false);
        if (random_chance(&s->random, 50))
            call_with_token(s, t + 1, v, "GetUser", "{\"accessToken\":" MASKED_JSON "}");
    }
}

/* Returns when it ended, or 0 when the person gave up. */
static int64_t sign_in_srp(struct story *s, int64_t t, struct visit v)
{
    uint32_t wrong = random_chance(&s->random, 14) ? 1 + random_below(&s->random, 2) : 0;
    for (uint32_t attempt = 0;; attempt++, t += pause(s, 8, 40)) {
        answer_challenge(call_initiate(s, t, v, "USER_SRP_AUTH"), CHALLENGE_PASSWORD_VERIFIER);
        struct story_event *e = call_respond(s, ++t, v, "PASSWORD_VERIFIER");
        if (attempt < wrong) {
            answer_error(e, "NotAuthorizedException", "Incorrect username or password.");
            export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
            continue;
        }
        if (!v.person->mfa) {
            answer_tokens(e, true);
            export_activity(e, "SignIn", "Pass", PASSWORD_PASSED);
            return t;
        }
        answer_challenge(e, CHALLENGE_TOTP);
        break;
    }
    t += pause(s, 6, 25);
    if (random_chance(&s->random, 15)) {
        struct story_event *e = call_respond(s, t, v, "SOFTWARE_TOKEN_MFA");
        answer_error(e, "CodeMismatchException", "Invalid code or auth state for the user.");
        export_activity(e, "SignIn", "Fail", MFA_FAILED);
        t += pause(s, 8, 30);
    }
    struct story_event *e = call_respond(s, t, v, "SOFTWARE_TOKEN_MFA");
    answer_tokens(e, true);
    export_activity(e, "SignIn", "Pass", MFA_PASSED);
    return t;
}

static void session_spa(struct story *s, int64_t t, struct visit v)
{
    use_session(s, sign_in_srp(s, t, v), v);
    if (random_chance(&s->random, 30))
        call_with_token(s, t + pause(s, 300, 2000), v, "GlobalSignOut",
                        "{\"accessToken\":" MASKED_JSON "}");
}

#define AUTHORIZE                                                                              \
    "\"redirect_uri\":[\"https://shop.example.com/callback\"],\"response_type\":[\"code\"],"
#define FORM "\"_csrf\":[" MASKED_JSON "],\"username\":[" MASKED_JSON "],"

static void session_hosted(struct story *s, int64_t t, struct visit v)
{
    call_hosted(s, t, v, "Login_GET", AUTHORIZE, 200)->record.read_only = true;
    t += pause(s, 5, 40);
    if (random_chance(&s->random, 12)) {
        struct story_event *e = call_hosted(
            s, t, v, "Login_POST", FORM "\"password\":[" MASKED_JSON "]," AUTHORIZE, 302);
        export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
        call_hosted(s, t + 1, v, "Error_GET", AUTHORIZE, 200)->record.read_only = true;
        t += pause(s, 10, 40);
    }
    struct story_event *e = call_hosted(s, t, v, "Login_POST",
                                        FORM "\"password\":[" MASKED_JSON "]," AUTHORIZE, 302);
    export_activity(e, "SignIn", "Pass", PASSWORD_PASSED);
    call_hosted(s, t + 1, v, "Token_POST",
                "\"code\":[" MASKED_JSON "],\"grant_type\":[\"authorization_code\"],"
                "\"redirect_uri\":[\"https://shop.example.com/callback\"],",
                200);
    call_with_token(s, t + 2, v, "GetUser", "{\"accessToken\":" MASKED_JSON "}");
    for (uint32_t i = random_below(&s->random, 3); i > 0 && t < s->plan.end_s - 3700; i--) {
        t += pause(s, 2400, 3600);
        call_hosted(s, t, v, "Token_POST",
                    "\"refresh_token\":[" MASKED_JSON "],\"grant_type\":[\"refresh_token\"],",
                    200);
    }
}

/* Signs in or comes back with a refresh, then fetches files with AWS credentials. */
static void session_mobile(struct story *s, int64_t t, struct visit v)
{
    if (random_chance(&s->random, 40))
        t = sign_in_srp(s, t, v);
    else
        answer_tokens(call_initiate(s, t, v, "REFRESH_TOKEN_AUTH"), false);
    call_identity(s, ++t, v, "GetId");
    const char *key = new_access_key(s);
    struct story_event *e = call_identity(s, ++t, v, "GetCredentialsForIdentity");
    if (random_chance(&s->random, 6)) {
        answer_error(e, "NotAuthorizedException", "Invalid login token. Token expired");
        return;
    }
    e->record.response = keep_printf(
        &s->keep,
        "{\"identityId\":\"" STORY_REGION ":%s\",\"credentials\":{\"accessKeyId\":\"%s\","
        "\"sessionToken\":" MASKED_JSON ",\"expiration\":\"%s\"}}",
        v.person->identity, key, keep_time(&s->keep, TIME_LOCALE, t + 3600));
    for (uint32_t i = 1 + random_below(&s->random, 4); i > 0; i--) {
        t += pause(s, 2, 40);
        call_s3(s, t, v, key, "GetObject",
                keep_printf(&s->keep, "private/%s/photo-%02u.jpg", v.person->identity,
                            random_below(&s->random, 40)));
    }
}

static void session_legacy(struct story *s, int64_t t, struct visit v)
{
    if (random_chance(&s->random, 12)) {
        struct story_event *e = call_initiate(s, t, v, "USER_PASSWORD_AUTH");
        answer_error(e, "NotAuthorizedException", "Incorrect username or password.");
        export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
        t += pause(s, 5, 30);
    }
    struct story_event *e = call_initiate(s, t, v, "USER_PASSWORD_AUTH");
    if (v.person->mfa) {
        answer_challenge(e, CHALLENGE_TOTP);
        e = call_respond(s, t += pause(s, 5, 20), v, "SOFTWARE_TOKEN_MFA");
    }
    answer_tokens(e, true);
    export_activity(e, "SignIn", "Pass", v.person->mfa ? MFA_PASSED : PASSWORD_PASSED);
    use_session(s, t, v);
}

static void reset_password(struct story *s, int64_t t, struct visit v)
{
    struct story_event *e = call_by_name(s, t, v, "ForgotPassword", "");
    e->record.response = "{\"codeDeliveryDetails\":{\"destination\":" MASKED_JSON
                         ",\"deliveryMedium\":\"EMAIL\",\"attributeName\":\"email\"}}";
    export_activity(e, "ForgotPassword", "InProgress", "[]");
    t += pause(s, 40, 200);
    if (random_chance(&s->random, 25)) {
        answer_error(
            call_by_name(s, t, v, "ConfirmForgotPassword",
                         ",\"confirmationCode\":" MASKED_JSON ",\"password\":" MASKED_JSON),
            "ExpiredCodeException", "Invalid code provided, please request a code again.");
        return;
    }
    e = call_by_name(s, t, v, "ConfirmForgotPassword",
                     ",\"confirmationCode\":" MASKED_JSON ",\"password\":" MASKED_JSON);
    export_activity(e, "PasswordChange", "Pass", "[]");
}

static void sign_up(struct story *s, int64_t t, struct visit v)
{
    struct story_event *e = call_by_name(
        s, t, v, "SignUp", ",\"password\":" MASKED_JSON ",\"userAttributes\":" MASKED_JSON);
    if (random_chance(&s->random, 30)) {
        e->has_sub = false;
        e->record.additional = NULL;
        answer_error(e, "UsernameExistsException", "User already exists");
        return;
    }
    e->record.response =
        keep_printf(&s->keep,
                    "{\"userConfirmed\":false,\"codeDeliveryDetails\":{"
                    "\"destination\":" MASKED_JSON
                    ",\"deliveryMedium\":\"EMAIL\",\"attributeName\":\"email\"},"
                    "\"userSub\":\"%s\"}",
                    v.person->sub);
    export_activity(e, "SignUp", "InProgress", "[]");
    call_by_name(s, t + pause(s, 40, 300), v, "ConfirmSignUp",
                 ",\"confirmationCode\":" MASKED_JSON);
}

static void machines(struct story *s)
{
    static const struct {
        enum app app;
        const char *ip, *agent;
        int64_t every_s;
    } machine[] = {
        {APP_BILLING, "192.0.2.40", "okhttp/4.12.0",      3300},
        {APP_SYNC,    "192.0.2.41", "Go-http-client/2.0", 720 },
    };
    for (size_t i = 0; i < sizeof(machine) / sizeof(*machine); i++) {
        struct visit v = {NULL, machine[i].ip, machine[i].agent, s->clients[machine[i].app]};
        for (int64_t t = s->plan.start_s + 60; t < s->plan.end_s; t += machine[i].every_s)
            call_hosted(s, t + pause(s, 0, 20), v, "Token_POST",
                        "\"grant_type\":[\"client_credentials\"],", 200);
    }
}

static void administrators(struct story *s)
{
    const struct caller ops = {.kind = CALLER_ROLE,
                               .name = "IdentityOps",
                               .session = "j.ortega",
                               .id = "AROAEXAMPLEIDENTOPS01",
                               .access_key = "ASIAEXAMPLEOPS000001",
                               .since_s = STORY_HOUR(9)};
    const char *about_pool =
        keep_printf(&s->keep, "{\"userPoolId\":\"%s\",\"username\":" MASKED_JSON "}", s->pool);
    const char *pool_only = keep_printf(&s->keep, "{\"userPoolId\":\"%s\"}", s->pool);
    for (size_t i = 0; i < 9; i++) {
        const struct person *p = &s->people[45 + i];
        int64_t t = STORY_HOUR(10) + (int64_t)i * 2900;
        call_admin(s, t, ops, "AdminGetUser", about_pool, p)->record.read_only = true;
        if (i % 3 == 0)
            call_admin(s, t + 40, ops, "AdminResetUserPassword", about_pool, p);
        if (i % 4 == 1)
            call_admin(s, t + 70, ops, "AdminAddUserToGroup", about_pool, p);
    }
    if (s->plan.scattered)
        return;
    struct story_event *e = call_admin(
        s, STORY_HOUR(14) + 320, ops, "UpdateUserPoolClient",
        keep_printf(
            &s->keep,
            "{\"userPoolId\":\"%s\",\"clientId\":\"%s\",\"clientName\":\"shop-mobile\","
            "\"refreshTokenValidity\":30,\"explicitAuthFlows\":[\"ALLOW_USER_SRP_AUTH\","
            "\"ALLOW_REFRESH_TOKEN_AUTH\"]}",
            s->pool, s->clients[APP_MOBILE]),
        NULL);
    e->client = s->clients[APP_MOBILE];
    call_admin(s, STORY_HOUR(14) + 290, ops, "DescribeUserPool", pool_only, NULL)
        ->record.read_only = true;
}

static void console_sign_ins(struct story *s)
{
    for (int64_t hour = 9; hour < 38; hour += 6) {
        struct story_event *e = story_add(s, STORY_HOUR(hour) + 4);
        struct record *r = &e->record;
        r->service = "signin";
        r->name = "ConsoleLogin";
        r->type = "AwsConsoleSignIn";
        r->region = "us-east-1";
        r->ip = "192.0.2.10";
        r->agent = s->people[0].agent;
        r->caller = (struct caller){.kind = CALLER_USER,
                                    .name = "j.ortega",
                                    .id = "AIDAEXAMPLEORTEGA0001",
                                    .access_key = ""};
        r->additional = "{\"LoginTo\":\"https://console.aws.amazon.com/console/home\","
                        "\"MobileVersion\":\"No\",\"MFAUsed\":\"Yes\"}";
        r->response = "{\"ConsoleLogin\":\"Success\"}";
        r->tls_host = "signin.aws.amazon.com";
        if (hour == 21) { /* such a failure has a message and no code */
            r->response = "{\"ConsoleLogin\":\"Failure\"}";
            r->message = "Failed authentication";
        }
    }
}

void story_background(struct story *s)
{
    static void (*const session[])(struct story *, int64_t, struct visit) = {
        [APP_WEB] = session_hosted,
        [APP_SPA] = session_spa,
        [APP_MOBILE] = session_mobile,
        [APP_LEGACY] = session_legacy,
    };
    for (size_t i = 0; i < s->plan.n_sessions; i++) {
        const struct person *p = &s->people[i % s->plan.n_people];
        int64_t t = busy_time(s);
        session[p->app](s, t, visit_of(s, p));
    }
    for (size_t i = 0; i < 14; i++) {
        const struct person *p = &s->people[20 + 2 * i];
        reset_password(s, busy_time(s), visit_of(s, p));
    }
    for (size_t i = 0; i < 10; i++)
        sign_up(s, STORY_HOUR(7) + (int64_t)i * 3100, visit_of(s, &s->people[50 + i]));
    machines(s);
    administrators(s);
    console_sign_ins(s);
}
