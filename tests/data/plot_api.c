/* Plots about the API behind the sign-in. */
#include <string.h>

#include "tests/data/scene.h"

static const char *const PATHS[] = {"/orders", "/orders/{id}", "/profile", "/cart", "/search"};

static const char *any_path(struct scene *s)
{
    return PATHS[random_below(scene_random(s), sizeof(PATHS) / sizeof(*PATHS))];
}

/* Everybody who gets tokens calls the API with them within the hour: from hosted pages too,
 * whose records name nobody, and machines, whose sub is their client. */
static void ordinary_calls(struct scene *s)
{
    struct story *story = scene_story(s);
    size_t n = story->n_events;
    for (size_t i = 0; i < n; i++) {
        const struct story_event e = story->events[i]; /* the array grows below */
        bool gives = (e.record.response && strstr(e.record.response, "authenticationResult")) ||
                     strcmp(e.record.name, "Token_POST") == 0;
        if (!gives || e.record.error || !e.client)
            continue;
        struct visit v = {e.person, e.record.ip, e.record.agent, e.client};
        for (uint32_t k = 1 + random_below(&story->random, 3); k > 0; k--)
            call_api(story, e.record.time_s + random_between(&story->random, 1, 3500), v,
                     any_path(s));
    }
}

/* n calls with the tokens of somebody who signed in nowhere. */
void plot_api_theft(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct person *victim = scene_people(s, 1);
    ordinary_calls(s);
    s->client = story->clients[APP_SPA];
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++)
        call_api(story, scene_time(s, i, s->plot->n), scene_visit(s, victim), any_path(s));
    scene_mark(s, from);
}

/* Ordinary calls, and n people who signed in before the records begin. */
void plot_api_quiet(struct scene *s)
{
    struct story *story = scene_story(s);
    struct random *r = scene_random(s);
    const struct person *people = scene_people(s, s->plot->n);
    ordinary_calls(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct visit v = visit_of(story, &people[i]);
        v.client = story->clients[APP_SPA];
        for (uint32_t k = 0; k < 6; k++)
            call_api(story, story->plan.start_s + random_between(r, 60, 20 * 3600), v,
                     any_path(s));
    }
}
