/* Plots about passwords and who exists: takeover, stuffing, spraying, brute force, enumeration.
 */
#include <string.h>

#include "tests/data/scene.h"

/* What an intruder does first: look around, change the address, add a factor. */
static void make_oneself_at_home(struct scene *s, int64_t t, struct visit v)
{
    static const struct {
        const char *name, *request;
    } steps[] = {
        {"GetUser",                "{\"accessToken\":" MASKED_JSON "}"         },
        {"UpdateUserAttributes",
         "{\"accessToken\":" MASKED_JSON ",\"userAttributes\":" MASKED_JSON "}"},
        {"AssociateSoftwareToken", "{\"accessToken\":" MASKED_JSON "}"         },
        {"VerifySoftwareToken",
         "{\"accessToken\":" MASKED_JSON ",\"userCode\":" MASKED_JSON "}"      },
    };
    size_t from = scene_here(s);
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
        call_with_token(scene_story(s), t + 5 + (int64_t)i * 31, v, steps[i].name,
                        steps[i].request);
    scene_mark(s, from);
}

/* n failures for one account, then in: from the address of the last failure. */
void plot_takeover(struct scene *s)
{
    const struct person *victim = scene_anyone(s);
    struct visit v = scene_visit(s, victim);
    int64_t t = s->begin_s;
    for (uint32_t i = 0; i < s->plot->n; i++) {
        v = scene_visit(s, victim);
        t = scene_fail(s, scene_time(s, i, s->plot->n), v);
    }
    t = scene_succeed(s, t + random_between(scene_random(s), 8, 45), v);
    if (s->plot->logs != LOGS_ACTIVITY)
        make_oneself_at_home(s, t, v);
}

/* n names of a list, some of them known, each tried once to three times. */
static void try_list(struct scene *s, uint32_t most_tries)
{
    struct random *r = scene_random(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        const struct person *p = random_chance(r, 55) ? scene_pick(s, i) : NULL;
        int64_t t = scene_time(s, i, s->plot->n);
        for (uint32_t tries = 1 + random_below(r, most_tries); tries > 0; tries--)
            t = 2 + scene_fail(s, t, scene_visit(s, p));
    }
}

void plot_stuffing(struct scene *s)
{
    try_list(s, 2);
}

/* A list of which two pairs were right. */
void plot_stuffing_hits(struct scene *s)
{
    try_list(s, 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct visit v = scene_visit(s, scene_pick(s, 300 + i));
        int64_t t = scene_time(s, s->plot->n / 2 + i * 5, s->plot->n);
        make_oneself_at_home(s, scene_succeed(s, t, v), v);
    }
}

/* One password over everybody, and again. */
void plot_spraying(struct scene *s)
{
    for (uint32_t i = 0; i < s->plot->n; i++)
        scene_fail(s, scene_time(s, i, s->plot->n), scene_visit(s, scene_pick(s, i)));
}

/* n passwords for one account; locked for a while now and then. */
void plot_brute_force(struct scene *s)
{
    const struct person *victim = scene_anyone(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        scene_fail(s, scene_time(s, i, s->plot->n), scene_visit(s, victim));
        struct story *story = scene_story(s);
        struct record *last = &story->events[story->n_events - 1].record;
        if (i % 12 >= 9 && last->message && strcmp(last->error, "NotAuthorizedException") == 0)
            last->message = "Password attempts exceeded";
    }
}

/* Names that do not exist, and now and then an answer that proves one does. */
void plot_enumeration(struct scene *s)
{
    for (uint32_t i = 0; i < s->plot->n; i++) {
        scene_fail(s, scene_time(s, i, s->plot->n), scene_visit(s, NULL));
        if (s->plot->manner == MANNER_HARDENED || i % 9 != 4)
            continue;
        size_t from = scene_here(s);
        struct visit v = scene_visit(s, scene_pick(s, i));
        struct story_event *e = call_initiate(scene_story(s), scene_time(s, i, s->plot->n), v,
                                              "USER_PASSWORD_AUTH");
        answer_error(e, i % 2 ? "UserNotConfirmedException" : "PasswordResetRequiredException",
                     i % 2 ? "User is not confirmed." : "Password reset required for the user");
        scene_mark(s, from);
    }
}

/* Sign-ups with names that are taken. */
void plot_enumeration_sign_up(struct scene *s)
{
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct story_event *e = call_by_name(
            scene_story(s), scene_time(s, i, s->plot->n), scene_visit(s, NULL), "SignUp",
            ",\"password\":" MASKED_JSON ",\"userAttributes\":" MASKED_JSON);
        answer_error(e, "UsernameExistsException", "User already exists");
    }
    scene_mark(s, from);
}
