/* Plots about what keeps an account: resets, tokens, codes, messages. */
#include <string.h>

#include "tests/data/scene.h"

#define CODE_SENT                                                                              \
    "{\"codeDeliveryDetails\":{\"destination\":" MASKED_JSON                                   \
    ",\"deliveryMedium\":\"EMAIL\",\"attributeName\":\"email\"}}"
#define NEW_PASSWORD ",\"confirmationCode\":" MASKED_JSON ",\"password\":" MASKED_JSON

static void ask_reset(struct scene *s, int64_t t, struct visit v, bool limit)
{
    struct story *story = scene_story(s);
    struct story_event *e;
    if (s->plot->manner == MANNER_HOSTED) {
        e = call_hosted(story, t, v, "ForgotPassword_POST", SCENE_FORM, 302);
        export_activity(e, "ForgotPassword", "InProgress", "[]");
        return;
    }
    e = call_by_name(story, t, v, "ForgotPassword", "");
    if (limit) {
        answer_error(e, "LimitExceededException",
                     "Attempt limit exceeded, please try after some time.");
        return;
    }
    e->record.response = CODE_SENT;
    export_activity(e, "ForgotPassword", "InProgress", "[]");
}

/* Codes asked for in n names. */
void plot_reset_many(struct scene *s)
{
    size_t from = scene_here(s);
    uint32_t n = s->plot->n;
    for (uint32_t i = 0; i < n; i++)
        ask_reset(s, scene_time(s, i, n), scene_visit(s, scene_pick(s, i)), i > n * 6 / 10);
    scene_mark(s, from);
}

/* n codes for one person, wrong guesses at them, and one that fits. */
void plot_reset_one(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct person *victim = scene_anyone(s);
    size_t from = scene_here(s);
    int64_t t = s->begin_s;
    for (uint32_t i = 0; i < s->plot->n; i++)
        ask_reset(s, t = scene_time(s, i, s->plot->n), scene_visit(s, victim), false);
    struct visit v = scene_visit(s, victim);
    for (uint32_t i = 0; i < 5; i++)
        answer_error(call_by_name(story, t += 20, v, "ConfirmForgotPassword", NEW_PASSWORD),
                     "CodeMismatchException",
                     "Invalid verification code provided, please try again.");
    export_activity(call_by_name(story, t += 25, v, "ConfirmForgotPassword", NEW_PASSWORD),
                    "PasswordChange", "Pass", "[]");
    attempt_succeed(story, MANNER_PASSWORD, t + 30, v);
    scene_mark(s, from);
}

/* Somebody with a home, who signed in there a while ago. */
static struct visit owner_signed_in(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct person *owner = scene_pick(s, 3);
    while ((owner->app != APP_SPA && owner->app != APP_MOBILE) || strchr(owner->ip, ':'))
        owner++; /* apps and kinds of addresses alternate: one is near */
    struct visit home = visit_of(story, owner);
    attempt_succeed(story, MANNER_SRP, s->begin_s - 5400, home);
    attempt_succeed(story, MANNER_SRP, s->begin_s - 90000, home);
    s->client = home.client;
    return home;
}

static void refresh(struct scene *s, int64_t t, struct visit v)
{
    answer_tokens(call_initiate(scene_story(s), t, v, "REFRESH_TOKEN_AUTH"), false);
}

/* n refreshes from where the person never signed in, while they go on at home. */
void plot_refresh_elsewhere(struct scene *s)
{
    struct visit home = owner_signed_in(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        int64_t t = scene_time(s, i, s->plot->n);
        size_t from = scene_here(s);
        refresh(s, t, scene_visit(s, home.person));
        scene_mark(s, from);
        if (i % 3 == 0)
            refresh(s, t + 700, home);
    }
}

/* A token that had been replaced is used again.
 * Source: developer guide, "Refresh token rotation". */
void plot_refresh_reuse(struct scene *s)
{
    struct visit home = owner_signed_in(s);
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = scene_visit(s, home.person);
        struct story_event *e =
            call_initiate(scene_story(s), scene_time(s, i, s->plot->n), v, "");
        e->record.name = "GetTokensFromRefreshToken";
        e->record.request =
            keep_printf(&scene_story(s)->keep,
                        "{\"refreshToken\":" MASKED_JSON ",\"clientId\":\"%s\"}", v.client);
        answer_error(e, "RefreshTokenReuseException", "Refresh token has been used already");
    }
    scene_mark(s, from);
}

void plot_refresh_after_sign_out(struct scene *s)
{
    struct visit home = owner_signed_in(s);
    call_with_token(scene_story(s), s->begin_s - 60, home, "GlobalSignOut",
                    "{\"accessToken\":" MASKED_JSON "}");
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++)
        answer_error(call_initiate(scene_story(s), scene_time(s, i, s->plot->n),
                                   scene_visit(s, home.person), "REFRESH_TOKEN_AUTH"),
                     "NotAuthorizedException", "Refresh Token has been revoked");
    scene_mark(s, from);
}

/* Home and elsewhere within minutes, again and again. */
void plot_refresh_two_networks(struct scene *s)
{
    struct visit home = owner_signed_in(s);
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        int64_t t = scene_time(s, i, s->plot->n);
        refresh(s, t, home);
        refresh(s, t + 40, scene_visit(s, home.person));
    }
    scene_mark(s, from);
}

/* The same with the owner's own program: a copy of it runs elsewhere. */
void plot_refresh_same_program(struct scene *s)
{
    struct visit home = owner_signed_in(s);
    size_t from = scene_here(s);
    s->agent = home.agent;
    for (uint32_t i = 0; i < s->plot->n; i++) {
        int64_t t = scene_time(s, i, s->plot->n);
        refresh(s, t, home);
        refresh(s, t + 40, scene_visit(s, home.person));
    }
    scene_mark(s, from);
}

/* The password was right; n codes were not. */
void plot_code_mfa(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct person *victim = scene_anyone(s);
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        int64_t t = scene_time(s, i, s->plot->n);
        struct visit v = scene_visit(s, victim);
        if (i % 3 == 0)
            answer_challenge(call_initiate(story, t, v, "USER_PASSWORD_AUTH"), CHALLENGE_TOTP);
        struct story_event *e = call_respond(story, t + 2, v, "SOFTWARE_TOKEN_MFA");
        answer_error(e, "CodeMismatchException", "Invalid code received for user");
        export_activity(e, "SignIn", "Fail", MFA_FAILED);
    }
    scene_mark(s, from);
}

/* One reset code asked for, n guesses at it. */
void plot_code_reset(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct person *victim = scene_anyone(s);
    size_t from = scene_here(s);
    ask_reset(s, s->begin_s - 30, scene_visit(s, victim), false);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        bool enough = i > s->plot->n * 7 / 10;
        struct story_event *e =
            call_by_name(story, scene_time(s, i, s->plot->n), scene_visit(s, victim),
                         "ConfirmForgotPassword", NEW_PASSWORD);
        answer_error(e, enough ? "TooManyFailedAttemptsException" : "CodeMismatchException",
                     enough ? "Attempt limit exceeded, please try after some time."
                            : "Invalid verification code provided, please try again.");
    }
    scene_mark(s, from);
}

/* Phone numbers registered one after the other: each gets a message. */
void plot_sms_register(struct scene *s)
{
    size_t from = scene_here(s);
    s->client = scene_story(s)->clients[APP_WEB];
    for (uint32_t i = 0; i < s->plot->n; i++)
        call_hosted(scene_story(s), scene_time(s, i, s->plot->n), scene_visit(s, NULL),
                    i % 4 == 3 ? "mfa_phone_resendCode_POST" : "mfa_phone_register_POST",
                    SCENE_FORM, 302);
    scene_mark(s, from);
}

/* Accounts made to have codes sent to them, again and again. */
void plot_sms_resend(struct scene *s)
{
    struct story *story = scene_story(s);
    enum { ACCOUNTS = 12 };
    const struct person *made = scene_people(s, ACCOUNTS);
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = scene_visit(s, &made[i % ACCOUNTS]);
        struct story_event *e =
            call_by_name(story, scene_time(s, i, s->plot->n), v, "ResendConfirmationCode", "");
        if (i > s->plot->n * 8 / 10) {
            answer_error(e, "LimitExceededException",
                         "Attempt limit exceeded, please try after some time.");
            continue;
        }
        e->record.response = "{\"codeDeliveryDetails\":{\"destination\":" MASKED_JSON
                             ",\"deliveryMedium\":\"SMS\",\"attributeName\":\"phone_number\"}}";
        export_activity(e, "ResendCode", "Pass", "[]");
    }
    scene_mark(s, from);
}
