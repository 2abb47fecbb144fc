/* Sets a labelled incident into ordinary days, delivers its evidence and writes its truth. */
#include "tests/data/scene.h"

#include <stdlib.h>
#include <string.h>

#include "tests/data/pack.h"

/* Three days and a half of ordinary use before, around and after. */
static const struct story_plan ORDINARY = {.n_people = 130,
                                           .n_sessions = 900,
                                           .start_s = STORY_HOUR(-46),
                                           .end_s = STORY_HOUR(38),
                                           .scattered = true};

struct story *scene_story(struct scene *s)
{
    return &s->incident.story;
}

struct random *scene_random(struct scene *s)
{
    return &s->incident.story.random;
}

static void find_addresses(struct scene *s)
{
    struct random *r = scene_random(s);
    struct keep *k = &s->incident.story.keep;
    unsigned own = 5 + random_below(r, 240);
    switch (s->plot->network) {
    case NETWORK_ONE:
        s->ips[s->n_ips++] = keep_printf(k, "203.0.113.%u", own);
        break;
    case NETWORK_ONE_V6:
        s->ips[s->n_ips++] = keep_printf(k, "2001:db8:bad:%x::%x", own, own);
        break;
    case NETWORK_SUBNET:
        for (unsigned i = 0; i < 40; i++)
            s->ips[s->n_ips++] = keep_printf(k, "203.0.113.%u", 3 + i * 6);
        break;
    case NETWORK_SPREAD:
        for (unsigned i = 0; i < 120; i++)
            s->ips[s->n_ips++] =
                keep_printf(k, "198.19.%u.%u", i * 2 + own % 2, 1 + random_below(r, 254));
        break;
    case NETWORK_IPV6:
        for (unsigned i = 0; i < 60; i++)
            s->ips[s->n_ips++] =
                keep_printf(k, "2001:db8:bad:%x::%x", i * 7 + 1, 1 + random_below(r, 0xfffe));
        break;
    }
}

/* At night or by day, on the second or third day, so that there is a before and an after. */
static void find_begin(struct scene *s)
{
    int64_t span = s->plot->span_s, room = STORY_HOUR(36) - STORY_HOUR(-20) - span;
    struct random *r = scene_random(s);
    s->begin_s =
        room > 0 ? STORY_HOUR(-20) + random_between(r, 0, room) : STORY_HOUR(37) - span;
    if (s->plot->at_edge)
        s->begin_s = STORY_HOUR(random_between(r, 2, 30)) - span / 2;
}

int64_t scene_time(struct scene *s, uint32_t i, uint32_t n)
{
    int64_t step = s->plot->span_s / (n ? n : 1);
    int64_t at = s->plot->span_s * i / (n ? n : 1);
    return s->begin_s + at + (step > 1 ? random_between(scene_random(s), 0, step - 1) : 0);
}

const char *scene_ip(struct scene *s)
{
    return s->ips[random_below(scene_random(s), (uint32_t)s->n_ips)];
}

struct visit scene_visit(struct scene *s, const struct person *p)
{
    return (struct visit){p, scene_ip(s), s->agent, s->client};
}

const struct person *scene_anyone(struct scene *s)
{
    struct story *story = scene_story(s);
    return &story->people[random_below(&story->random, (uint32_t)story->plan.n_people)];
}

const struct person *scene_pick(struct scene *s, uint32_t i)
{
    const struct story *story = scene_story(s);
    size_t n = story->plan.n_people;
    /* 37 and 130 have no common divisor: every person once in each round. */
    return &story->people[(i * 37 + s->seed % n) % n];
}

struct person *scene_people(struct scene *s, size_t n)
{
    struct story *story = scene_story(s);
    s->extra = must_grow(s->extra, n * sizeof(*s->extra));
    for (size_t i = 0; i < n; i++)
        story_person(story, story->plan.n_people + i, &s->extra[i]);
    return s->extra;
}

size_t scene_here(struct scene *s)
{
    return scene_story(s)->n_events;
}

void scene_mark(struct scene *s, size_t from)
{
    struct story *story = scene_story(s);
    for (size_t i = from; i < story->n_events; i++)
        story->events[i].attack = true;
}

int64_t scene_fail(struct scene *s, int64_t t, struct visit v)
{
    size_t from = scene_here(s);
    t = attempt_fail(scene_story(s), s->plot->manner, t, v);
    scene_mark(s, from);
    return t;
}

int64_t scene_succeed(struct scene *s, int64_t t, struct visit v)
{
    size_t from = scene_here(s);
    t = attempt_succeed(scene_story(s), s->plot->manner, t, v);
    scene_mark(s, from);
    return t;
}

void scene_make(struct scene *s, const struct plot *plot, uint64_t seed)
{
    *s = (struct scene){.plot = plot, .seed = seed};
    struct story *story = scene_story(s);
    story_init(story, &ORDINARY, seed);
    story_background(story);
    find_addresses(s);
    find_begin(s);
    s->agent = SCENE_SCRIPT;
    s->client =
        story->clients[plot->manner == MANNER_HOSTED || plot->manner == MANNER_MANAGED ? APP_WEB
                       : plot->manner == MANNER_SRP                                    ? APP_SPA
                                                    : APP_LEGACY];
    plot->play(s);
    struct delivery_plan delivery = {.no_trail = plot->logs == LOGS_ACTIVITY};
    if (plot->logs != LOGS_TRAIL) {
        delivery.activity_from_s = ORDINARY.start_s;
        delivery.activity_to_s = ORDINARY.end_s + 3600;
    }
    incident_deliver(&s->incident, &delivery);
}

void scene_deinit(struct scene *s)
{
    free(s->extra);
    incident_deinit(&s->incident);
}

void scene_each_id(const struct scene *s, void (*take)(void *context, const char *id),
                   void *context)
{
    const struct incident *in = &s->incident;
    for (size_t i = 0; i < in->n_deliveries; i++) {
        const struct delivery *d = &in->deliveries[i];
        const struct story_event *e = &in->story.events[d->event];
        if (e->attack)
            take(context, d->activity ? e->activity_id
                          : e->api    ? e->record.request_id
                                      : e->record.event_id);
    }
}

/* Different texts in the order of their first appearance. */
struct names {
    const char **items;
    size_t n;
};

static void names_add(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->items[i], name) == 0)
            return;
    names->items = must_grow(names->items, (names->n + 1) * sizeof(*names->items));
    names->items[names->n++] = name;
}

static void names_write(struct names *names, struct text *out, const char *key, bool first)
{
    text_printf(out, "%s\n  \"%s\":[", first ? "" : ",", key);
    for (size_t i = 0; i < names->n; i++)
        text_printf(out, "%s\"%s\"", i ? "," : "", names->items[i]);
    text_add(out, "]");
    free(names->items);
    *names = (struct names){0};
}

static void add_id(void *context, const char *id)
{
    struct text *out = context;
    text_printf(out, "%s\n  \"%s\"", out->len ? "," : "", id);
}

static void write_truth(struct scene *s, struct text *out)
{
    const struct plot *p = s->plot;
    const struct story *story = scene_story(s);
    struct keep *k = &scene_story(s)->keep;
    struct names subs = {0}, ips = {0}, clients = {0};
    struct text ids = {0};
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < story->n_events; i++) {
        const struct story_event *e = &story->events[i];
        if (!e->attack || (p->logs == LOGS_ACTIVITY && !*e->activity_id))
            continue;
        first = e->record.time_s < first ? e->record.time_s : first;
        last = e->record.time_s > last ? e->record.time_s : last;
        names_add(&ips, e->record.ip);
        if (e->client)
            names_add(&clients, e->client);
        if (e->person && (e->has_sub || *e->activity_id))
            names_add(&subs, e->person->sub);
    }
    text_printf(out, "{\"scenario\":\"%s\",\"variant\":\"%s\",\"seed\":%llu,\"harmless\":%s",
                p->scenario, p->variant, (unsigned long long)s->seed,
                p->harmless ? "true" : "false");
    text_printf(out, ",\"%s_severity\":\"%s\"", p->harmless ? "maximum" : "minimum",
                p->severity);
    if (p->also)
        text_printf(out, ",\"also\":\"%s\"", p->also);
    if (first <= last)
        text_printf(out, ",\"first\":\"%s\",\"last\":\"%s\"", keep_time(k, TIME_ISO, first),
                    keep_time(k, TIME_ISO, last));
    text_add(out, ",\n\"entities\":{");
    names_write(&subs, out, "sub", true);
    names_write(&ips, out, "ip", false);
    names_write(&clients, out, "client", false);
    text_printf(out, ",\n  \"pool\":[\"%s\"]},\n\"events\":[", story->pool);
    scene_each_id(s, add_id, &ids);
    text_add_bytes(out, ids.ptr ? ids.ptr : "", ids.len);
    text_add(out, "]}\n");
    text_deinit(&ids);
}

void scene_write(struct scene *s, const char *folder)
{
    struct text truth = {0};
    struct keep *k = &scene_story(s)->keep;
    incident_write(&s->incident, keep_printf(k, "%s/evidence", folder));
    write_truth(s, &truth);
    pack_write_file(keep_printf(k, "%s/truth.json", folder), truth.ptr, truth.len);
    text_deinit(&truth);
}
