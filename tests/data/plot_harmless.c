/* Plots that look like attacks and are none. Nothing here is evidence. */
#include "tests/data/scene.h"

#define OFFICE_IP "192.0.2.200"
#define CODE_SENT                                                                              \
    "{\"codeDeliveryDetails\":{\"destination\":" MASKED_JSON                                   \
    ",\"deliveryMedium\":\"EMAIL\",\"attributeName\":\"email\"}}"
#define NEW_PASSWORD ",\"confirmationCode\":" MASKED_JSON ",\"password\":" MASKED_JSON

void plot_quiet(struct scene *s)
{
    (void)s;
}

/* A person's visit from behind a shared address. */
static struct visit visit_behind(struct scene *s, const struct person *p, const char *ip)
{
    struct visit v = visit_of(scene_story(s), p);
    v.ip = ip;
    v.client = s->client;
    return v;
}

/* n people behind one address; some mistype, few mistype their names. */
void plot_nat(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, s->plot->n);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        int64_t t = scene_time(s, i, s->plot->n);
        struct visit v = visit_behind(s, &people[i], OFFICE_IP);
        if (random_chance(r, 4)) {
            struct visit unknown = v;
            unknown.person = NULL;
            t = attempt_fail(story, s->plot->manner, t, unknown) + 9;
        }
        for (uint32_t wrong = random_chance(r, 13) ? 1 + random_below(r, 2) : 0; wrong; wrong--)
            t = attempt_fail(story, s->plot->manner, t, v) + random_between(r, 5, 25);
        attempt_succeed(story, s->plot->manner, t, v);
    }
}

/* n sign-ins of forty test accounts by a load generator; the pool's rate is touched. */
void plot_load_test(struct scene *s)
{
    enum { ACCOUNTS = 40 };
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, ACCOUNTS);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = {&people[i % ACCOUNTS], "192.0.2.60", "k6/1.3.0 (https://k6.io/)",
                          s->client};
        int64_t t = scene_time(s, i, s->plot->n);
        if (random_chance(r, 2))
            answer_error(call_initiate(story, t, v, "USER_PASSWORD_AUTH"),
                         "TooManyRequestsException", "Rate exceeded");
        else
            attempt_succeed(story, s->plot->manner, t, v);
    }
}

/* n people who mistype two to four times at home and then get in. */
void plot_mistype(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = visit_of(story, scene_pick(s, i));
        v.client = s->client;
        attempt_succeed(story, s->plot->manner, s->begin_s - 80000 + i * 60, v);
        int64_t t = scene_time(s, i, s->plot->n);
        for (uint32_t wrong = 2 + random_below(r, 3); wrong > 0; wrong--)
            t = attempt_fail(story, s->plot->manner, t, v) + random_between(r, 8, 50);
        attempt_succeed(story, s->plot->manner, t, v);
    }
}

/* A new secret; the machine needs some minutes, then works as before. */
void plot_rotation(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct caller ops = {.kind = CALLER_ROLE,
                               .name = "IdentityOps",
                               .session = "j.ortega",
                               .id = "AROAEXAMPLEIDENTOPS01",
                               .access_key = "ASIAEXAMPLEOPS000001",
                               .since_s = s->begin_s - 300};
    struct visit v = {NULL, "192.0.2.40", "okhttp/4.12.0", story->clients[APP_BILLING]};
    call_admin(story, s->begin_s, ops, "AddUserPoolClientSecret",
               keep_printf(&story->keep, "{\"userPoolId\":\"%s\",\"clientId\":\"%s\"}",
                           story->pool, v.client),
               NULL);
    for (uint32_t i = 0; i < s->plot->n; i++)
        call_hosted(story, scene_time(s, i, s->plot->n), v, "Token_POST",
                    "\"grant_type\":[\"client_credentials\"],", 400);
    for (int64_t i = 0; i < 3; i++)
        call_hosted(story, s->begin_s + s->plot->span_s + 20 + i * 3300, v, "Token_POST",
                    "\"grant_type\":[\"client_credentials\"],", 200);
}

/* n colleagues behind the office's address, whose passwords expired over the weekend. */
void plot_monday(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, s->plot->n);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = visit_behind(s, &people[i], OFFICE_IP);
        attempt_succeed(story, s->plot->manner, s->begin_s - 86400 + (int64_t)i * 90, v);
        int64_t t = scene_time(s, i, s->plot->n);
        if (random_chance(r, 60)) {
            for (uint32_t wrong = 1 + random_below(r, 3); wrong > 0; wrong--)
                t = attempt_fail(story, s->plot->manner, t, v) + random_between(r, 6, 30);
            struct story_event *e = call_by_name(story, t += 20, v, "ForgotPassword", "");
            e->record.response = CODE_SENT;
            export_activity(e, "ForgotPassword", "InProgress", "[]");
            export_activity(
                call_by_name(story, t += 90, v, "ConfirmForgotPassword", NEW_PASSWORD),
                "PasswordChange", "Pass", "[]");
            t += 15;
        }
        attempt_succeed(story, s->plot->manner, t, v);
    }
}

/* n phones that leave home: a refresh by the carrier's network right after one at home, and the
 * other way round in the evening, sometimes once more at the edge of the wireless network. */
void plot_handover(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, s->plot->n);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = visit_of(story, &people[i]);
        int64_t t = scene_time(s, i, s->plot->n);
        const char *carrier = keep_printf(&story->keep, "198.18.%u.%u",
                                          200 + random_below(r, 16), 1 + random_below(r, 254));
        v.client = story->clients[APP_MOBILE];
        v.agent = "ShopApp/7.4 CFNetwork/3826 Darwin/25.1.0";
        attempt_succeed(story, MANNER_SRP, t - 7200, v);
        for (uint32_t change = random_chance(r, 30) ? 3 : 2; change > 0; change--) {
            answer_tokens(call_initiate(story, t, v, "REFRESH_TOKEN_AUTH"), false);
            v.ip = v.ip == carrier ? people[i].ip : carrier;
            t += random_between(r, 20, 200);
            answer_tokens(call_initiate(story, t, v, "REFRESH_TOKEN_AUTH"), false);
            t += change > 2 ? 240 : random_between(r, 2400, 3600);
        }
    }
}

/* n devices that have an address of IPv4 and one of IPv6 and use whichever answers first. */
void plot_dual_stack(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, s->plot->n);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = visit_of(story, &people[i]);
        const char *ips[2] = {
            keep_printf(&story->keep, "198.18.%u.%u", 220 + random_below(r, 16), 1 + i),
            keep_printf(&story->keep, "2001:db8:%x:1::%x", 0x2000 + i, 1 + i)};
        int64_t t = scene_time(s, i, s->plot->n);
        v.client = story->clients[APP_MOBILE];
        v.agent = "ShopApp/7.4 CFNetwork/3826 Darwin/25.1.0";
        v.ip = ips[0];
        attempt_succeed(story, MANNER_SRP, t, v);
        for (uint32_t k = 0; k < 16; k++) {
            v.ip = ips[random_below(r, 2)];
            answer_tokens(
                call_initiate(story, t += random_between(r, 60, 240), v, "REFRESH_TOKEN_AUTH"),
                false);
        }
    }
}

/* n phones of a carrier that gives them another address every time. */
void plot_carrier(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, s->plot->n);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = {&people[i], NULL, "ShopApp/7.4 CFNetwork/3826 Darwin/25.1.0",
                          story->clients[APP_MOBILE]};
        int64_t t = scene_time(s, i, s->plot->n);
        for (uint32_t k = 0; k < 14; k++) {
            v.ip = keep_printf(&story->keep, "198.18.%u.%u", 200 + random_below(r, 16),
                               1 + random_below(r, 254));
            if (k == 0)
                attempt_succeed(story, MANNER_SRP, t, v);
            else
                answer_tokens(call_initiate(story, t, v, "REFRESH_TOKEN_AUTH"), false);
            t += random_between(r, 600, 3400);
        }
    }
}
