#include "tests/data/story.h"

#include <stdlib.h>
#include <string.h>

static const char lower[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static const char *const given[] = {
    "alice", "bruno", "chiara", "dmitri", "elena",  "farid",  "greta",  "hiro",
    "ines",  "jamal", "katya",  "liam",   "mei",    "noah",   "olivia", "pablo",
    "quinn", "rosa",  "samir",  "tessa",  "uma",    "victor", "wanda",  "xavier",
    "yuki",  "zoe",   "anton",  "bianca", "carlos", "dana",
};

static const char *const family[] = {
    "moreau", "lopez", "tanaka", "okafor", "novak", "berg",  "silva",
    "hughes", "kaya",  "dubois", "rossi",  "meyer", "singh",
};

static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "aws-amplify/6.15.1 auth/4 framework/2 Android/15 Pixel-8",
};

static const char *const devices[] = {
    "Chrome 142, Windows 10",
    "Safari 18, Mac OS X",
    "Firefox 145, Linux",
    "Other, Android 15",
};

static const char *const places[][2] = {
    {"Seattle",  "United States"},
    {"Portland", "United States"},
    {"Denver",   "United States"},
    {"Toronto",  "Canada"       },
    {"Berlin",   "Germany"      },
    {"Lisbon",   "Portugal"     },
    {"null",     "United States"},
};

const struct story_plan story_demo = {.n_people = STORY_PEOPLE,
                                      .n_sessions = 390,
                                      .start_s = STORY_HOUR(2),
                                      .end_s = STORY_HOUR(38)};

static const char *address_of(struct story *s, size_t i)
{
    unsigned n = (unsigned)i;
    /* Every seventh person comes over IPv6. */
    if (i % 7 == 3)
        return keep_printf(&s->keep, "2001:db8:%x:%x::%x", 0x40u + n,
                           random_below(&s->random, 0xffff),
                           1 + random_below(&s->random, 0xff));
    if (s->plan.scattered)
        return keep_printf(&s->keep, "198.18.%u.%u", n % 256, 10 + n / 256);
    return keep_printf(&s->keep, "198.51.100.%u", 10 + n);
}

void story_person(struct story *s, size_t i, struct person *p)
{
    struct random *r = &s->random;
    random_uuid(r, p->sub);
    random_uuid(r, p->identity);
    const char *first = given[i % (sizeof(given) / sizeof(*given))];
    const char *last = family[i % (sizeof(family) / sizeof(*family))];
    p->user = i < sizeof(given) / sizeof(*given) * (sizeof(family) / sizeof(*family))
                  ? keep_printf(&s->keep, "%s.%s@example.com", first, last)
                  : keep_printf(&s->keep, "%s.%s.%zu@example.com", first, last, i);
    p->app = (enum app)(i % (APP_LEGACY + 1));
    p->mfa = i % 5 == 2;
    p->ip = address_of(s, i);
    size_t agent = p->app == APP_MOBILE ? 3 : random_below(r, 3);
    p->agent = agents[agent];
    p->device = devices[agent];
    size_t place = random_below(r, sizeof(places) / sizeof(*places));
    p->city = places[place][0];
    p->country = places[place][1];
}

void story_init(struct story *s, const struct story_plan *plan, uint64_t seed)
{
    static const char *const attackers[STORY_ATTACKERS] = {
        "203.0.113.7",  "203.0.113.9",  "203.0.113.44", "203.0.113.21",
        "203.0.113.45", "203.0.113.46", "203.0.113.90",
    };
    *s = (struct story){.plan = *plan, .random = random_make(seed, 0)};
    for (size_t i = 0; i < APP_COUNT; i++)
        random_text(&s->random, lower, CLIENT_TEXT_BYTES, s->clients[i]);
    s->pool = STORY_REGION "_Kq7dPlm3X";
    s->identity_pool = STORY_REGION ":6f1c2a58-90be-4d27-8c4e-1b7f3e5a9d06";
    s->domain = "shop-example.auth." STORY_REGION ".amazoncognito.com";
    memcpy(s->attackers, attackers, sizeof(attackers));
    s->people = must_grow(NULL, plan->n_people * sizeof(*s->people));
    for (size_t i = 0; i < plan->n_people; i++)
        story_person(s, i, &s->people[i]);
}

void story_deinit(struct story *s)
{
    keep_drop(&s->keep);
    free(s->people);
    free(s->events);
}

struct story_event *story_add(struct story *s, int64_t time_s)
{
    if (s->n_events == s->events_cap) {
        s->events_cap = s->events_cap ? s->events_cap * 2 : 1024;
        s->events = must_grow(s->events, s->events_cap * sizeof(*s->events));
    }
    struct story_event *e = &s->events[s->n_events++];
    *e = (struct story_event){
        .record = {.time_s = time_s,
                   .service = "cognito-idp",
                   .region = STORY_REGION,
                   .account = STORY_ACCOUNT}
    };
    random_uuid(&s->random, e->record.request_id);
    random_uuid(&s->random, e->record.event_id);
    return e;
}

static int by_time(const void *a, const void *b)
{
    const struct record *left = &((const struct story_event *)a)->record;
    const struct record *right = &((const struct story_event *)b)->record;
    if (left->time_s != right->time_s)
        return left->time_s < right->time_s ? -1 : 1;
    return strcmp(left->event_id, right->event_id);
}

void story_sort(struct story *s)
{
    char taken[UUID_TEXT_BYTES + 1];
    memcpy(taken, s->events[s->taken_event].record.event_id, sizeof(taken));
    qsort(s->events, s->n_events, sizeof(*s->events), by_time);
    s->taken_event = 0;
    while (strcmp(s->events[s->taken_event].record.event_id, taken) != 0)
        s->taken_event++;
}
