/* A story: people, apps, and what they call in the course of time. The demo incident is one.
 *
 * All names, ids and addresses are made up; addresses are of the documentation ranges
 * (RFC 5737, RFC 3849) and account ids those that AWS uses in examples. */
#ifndef TESTS_DATA_STORY_H
#define TESTS_DATA_STORY_H

#include "tests/data/record.h"

enum {
    STORY_PEOPLE = 60,
    STORY_VICTIMS = 40, /* people 0 … 39 are on the attacker's list */
    STORY_TAKEN = 17,   /* the person whose account is taken over */
    STORY_ATTACKERS = 7,
    CLIENT_TEXT_BYTES = 26,
    KEY_TEXT_BYTES = 20,
};

/* Seconds since 1970 of 2026-11-17 00:00 UTC; the demo runs from 02:00 that day. */
#define STORY_EPOCH_S ((int64_t)1794873600)
#define STORY_HOUR(hour) (STORY_EPOCH_S + (hour) * (int64_t)3600)
#define STORY_BURST_S (STORY_HOUR(33) + 600) /* 2026-11-18 09:10 */
#define STORY_BURST_LASTS_S 1200

#define STORY_REGION "us-west-2"
#define STORY_ACCOUNT "111122223333"

enum app {
    APP_WEB,     /* hosted UI */
    APP_SPA,     /* SRP in the browser */
    APP_MOBILE,  /* SRP, refreshes, identity pool */
    APP_LEGACY,  /* USER_PASSWORD_AUTH, tells which users exist */
    APP_BILLING, /* client_credentials, caches its tokens */
    APP_SYNC,    /* client_credentials, asks far too often */
    APP_COUNT
};

struct person {
    char sub[UUID_TEXT_BYTES + 1], identity[UUID_TEXT_BYTES + 1];
    const char *user; /* e-mail address, the user name */
    const char *ip, *agent, *device, *city, *country;
    enum app app;
    bool mfa;
};

struct story_event {
    struct record record;
    const struct person *person; /* who is behind it; NULL: nobody whom the pool knows */
    bool has_sub;                /* the record names the person's sub */
    const char *client;          /* NULL: none */
    bool attack;                 /* of the stuffing burst */
    bool aftermath;              /* done with the taken account */
    /* The line in the user-activity export; `activity` NULL: none. */
    const char *activity, *activity_response, *risk, *decision, *challenges;
    const char *compromised, *city, *country; /* NULL: "false", the person's own or the usual */
    const char *api; /* what was called behind the sign-in: a line in the access log of API
                      * Gateway instead of a CloudTrail record; NULL: no such call */
    char activity_id[UUID_TEXT_BYTES + 1];    /* filled at delivery; empty when not delivered */
};

/* How large a story is. */
struct story_plan {
    size_t n_people, n_sessions;
    int64_t start_s, end_s;
    bool scattered; /* each person in a network of their own, and no setting is changed */
};

/* The demo's. */
extern const struct story_plan story_demo;

struct story {
    struct story_plan plan;
    struct random random;
    struct keep keep;
    char clients[APP_COUNT][CLIENT_TEXT_BYTES + 1];
    const char *pool, *identity_pool, *domain;
    struct person *people;
    const char *attackers[STORY_ATTACKERS]; /* addresses; the first leads */
    struct story_event *events;
    size_t n_events, events_cap;
    size_t taken_event; /* the attacker's first success, as a position in `events` */
};

/* Fills people and apps, no events. */
void story_init(struct story *s, const struct story_plan *plan, uint64_t seed);
void story_deinit(struct story *s);

/* A new event with ids, region and account filled. Valid until the next one is added. */
struct story_event *story_add(struct story *s, int64_t time_s);

/* Puts the events in order of time; `taken_event` moves along. */
void story_sort(struct story *s);

/* Adds an invented person, who uses the app of this number (see story.c) and comes from an
 * address that belongs to the number. */
void story_person(struct story *s, size_t i, struct person *out);

/* Day and night of ordinary users, machines and administrators. At least 60 people. */
void story_background(struct story *s);

/* The burst, the takeover and what followed. */
void story_attack(struct story *s);

#endif
