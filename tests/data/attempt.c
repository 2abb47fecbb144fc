/* One attempt at a password, in the shapes that the flows leave in the logs. */
#include "tests/data/scene.h"

/* A pool that hides who exists answers all alike and names nobody.
 * Source: developer guide, "Managing user existence error responses". */
static void hide(struct story_event *e)
{
    e->has_sub = false;
    e->record.additional = NULL;
}

static const char *first_flow(enum manner m)
{
    return m == MANNER_SRP      ? "USER_SRP_AUTH"
           : m == MANNER_CUSTOM ? "CUSTOM_AUTH"
                                : "USER_PASSWORD_AUTH";
}

static struct story_event *post(struct story *s, enum manner m, int64_t t, struct visit v)
{
    return call_hosted(s, t, v, m == MANNER_HOSTED ? "Login_POST" : "login_POST",
                       SCENE_FORM "\"password\":[" MASKED_JSON "],", 302);
}

static int64_t fail_hosted(struct story *s, enum manner m, int64_t t, struct visit v)
{
    struct story_event *e = post(s, m, t, v);
    if (v.person)
        export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
    call_hosted(s, ++t, v, m == MANNER_HOSTED ? "Error_GET" : "error_GET", "", 200)
        ->record.read_only = true;
    return t;
}

int64_t attempt_fail(struct story *s, enum manner m, int64_t t, struct visit v)
{
    if (m == MANNER_HOSTED || m == MANNER_MANAGED)
        return fail_hosted(s, m, t, v);
    struct story_event *e = call_initiate(s, t, v, first_flow(m));
    if (!v.person && m != MANNER_HARDENED) {
        answer_error(e, "UserNotFoundException", "User does not exist.");
        return t;
    }
    if (m == MANNER_SRP || m == MANNER_CUSTOM) {
        answer_challenge(e, m == MANNER_SRP ? CHALLENGE_PASSWORD_VERIFIER
                                            : "{\"challengeName\":\"CUSTOM_CHALLENGE\","
                                              "\"challengeParameters\":" MASKED_JSON "}");
        e = call_respond(s, ++t, v, m == MANNER_SRP ? "PASSWORD_VERIFIER" : "CUSTOM_CHALLENGE");
    }
    answer_error(e, "NotAuthorizedException", "Incorrect username or password.");
    if (v.person)
        export_activity(e, "SignIn", "Fail", PASSWORD_FAILED);
    if (m == MANNER_HARDENED)
        hide(e);
    return t;
}

static int64_t succeed_hosted(struct story *s, enum manner m, int64_t t, struct visit v)
{
    export_activity(post(s, m, t, v), "SignIn", "Pass", PASSWORD_PASSED);
    call_hosted(s, ++t, v, "Token_POST",
                "\"code\":[" MASKED_JSON "],\"grant_type\":[\"authorization_code\"],"
                "\"redirect_uri\":[\"https://shop.example.com/callback\"],",
                200);
    return t;
}

int64_t attempt_succeed(struct story *s, enum manner m, int64_t t, struct visit v)
{
    if (m == MANNER_HOSTED || m == MANNER_MANAGED)
        return succeed_hosted(s, m, t, v);
    struct story_event *e = call_initiate(s, t, v, first_flow(m));
    if (m == MANNER_SRP || m == MANNER_CUSTOM) {
        answer_challenge(e, m == MANNER_SRP ? CHALLENGE_PASSWORD_VERIFIER
                                            : "{\"challengeName\":\"CUSTOM_CHALLENGE\","
                                              "\"challengeParameters\":" MASKED_JSON "}");
        e = call_respond(s, ++t, v, m == MANNER_SRP ? "PASSWORD_VERIFIER" : "CUSTOM_CHALLENGE");
    }
    answer_tokens(e, true);
    export_activity(e, "SignIn", "Pass", PASSWORD_PASSED);
    return t;
}
