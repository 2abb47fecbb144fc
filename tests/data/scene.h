/* Labelled incidents: one attack, or something harmless that looks like one, over ordinary
 * days, with the truth beside it. What a triage must find, or must leave alone.
 *
 * Attackers come from 203.0.113.0/24, 198.19.0.0/16 and 2001:db8:bad::/48, ordinary people
 * from 198.18.0.0/16 and other parts of 2001:db8::/32 (RFC 2544, RFC 3849, RFC 5737). */
#ifndef TESTS_DATA_SCENE_H
#define TESTS_DATA_SCENE_H

#include "tests/data/calls.h"
#include "tests/data/incident.h"

/* How a password is tried. */
enum manner {
    MANNER_PASSWORD, /* InitiateAuth with USER_PASSWORD_AUTH; the pool tells unknown users */
    MANNER_HARDENED, /* the same on a pool that hides who exists: no sub in the record */
    MANNER_SRP,      /* the failure stands on RespondToAuthChallenge */
    MANNER_CUSTOM,   /* CUSTOM_AUTH, likewise */
    MANNER_HOSTED,   /* Login_POST of the hosted UI, and its error page */
    MANNER_MANAGED,  /* login_POST of managed login, and its error page */
};

/* Where attempts come from. */
enum network {
    NETWORK_ONE,
    NETWORK_SUBNET, /* many addresses of one /24 */
    NETWORK_SPREAD, /* addresses in as many networks */
    NETWORK_IPV6,   /* many /64 of one /48 */
    NETWORK_ONE_V6, /* one address of it */
};

enum logs {
    LOGS_TRAIL,
    LOGS_BOTH,     /* and the user-activity export */
    LOGS_ACTIVITY, /* the export alone */
};

struct scene;

/* One kind of incident in one variant. Rows of a table. */
struct plot {
    const char *scenario; /* slug; for harmless ones the name of what it is */
    const char *variant;
    void (*play)(struct scene *s);
    uint32_t n;     /* attempts, users, calls: what `play` counts */
    int64_t span_s; /* over which they are spread */
    enum manner manner;
    enum network network;
    enum logs logs;
    const char *severity; /* a finding must be at least this; for harmless ones at most */
    const char *also;     /* a scenario that names it as well, or NULL */
    bool harmless;
    bool at_edge; /* half before and half after a full hour */
};

/* Row number `i`, NULL past the end. */
const struct plot *plot_get(size_t i);

struct scene {
    const struct plot *plot;
    uint64_t seed;
    struct incident incident;
    struct person *extra; /* people beyond the ordinary ones, see scene_people() */
    int64_t begin_s;      /* when it starts */
    const char *ips[256]; /* the attacker's */
    size_t n_ips;
    const char *agent; /* the attacker's */
    const char *client;
};

/* Plays the plot and delivers the evidence. The same seed gives the same bytes. */
void scene_make(struct scene *s, const struct plot *plot, uint64_t seed);
void scene_deinit(struct scene *s);

/* Writes FOLDER/evidence/… and FOLDER/truth.json. */
void scene_write(struct scene *s, const char *folder);

/* The evidence: ids of the delivered records that the label names, one call for each. */
void scene_each_id(const struct scene *s, void (*take)(void *context, const char *id),
                   void *context);

/* For plots. The story, and its source of numbers. */
struct story *scene_story(struct scene *s);
struct random *scene_random(struct scene *s);

/* Number `i` of `n` moments spread over the plot's span, in order, not quite even. */
int64_t scene_time(struct scene *s, uint32_t i, uint32_t n);

/* One of the attacker's addresses. */
const char *scene_ip(struct scene *s);

/* The attacker's visit in the name of `p`, NULL for somebody unknown to the pool. */
struct visit scene_visit(struct scene *s, const struct person *p);

/* One of the ordinary people. */
const struct person *scene_anyone(struct scene *s);

/* `n` ordinary people, in an order of the seed's; past the last it starts over. */
const struct person *scene_pick(struct scene *s, uint32_t i);

/* `n` more people who appear in the plot alone; valid as long as the scene. */
struct person *scene_people(struct scene *s, size_t n);

/* Where the events of the label begin: every event from here to scene_mark() is evidence. */
size_t scene_here(struct scene *s);
void scene_mark(struct scene *s, size_t from);

/* One attempt at a password in the plot's manner; evidence. `p` NULL: an unknown user. Returns
 * when it ended. */
int64_t scene_fail(struct scene *s, int64_t t, struct visit v);
int64_t scene_succeed(struct scene *s, int64_t t, struct visit v);

/* The same, without becoming evidence. */
int64_t attempt_fail(struct story *s, enum manner m, int64_t t, struct visit v);
int64_t attempt_succeed(struct story *s, enum manner m, int64_t t, struct visit v);

#define SCENE_FORM "\"_csrf\":[" MASKED_JSON "],\"username\":[" MASKED_JSON "],"
#define SCENE_SCRIPT "python-requests/2.31.0"

/* The plots. */
void plot_takeover(struct scene *s);
void plot_stuffing(struct scene *s);
void plot_stuffing_hits(struct scene *s);
void plot_spraying(struct scene *s);
void plot_brute_force(struct scene *s);
void plot_enumeration(struct scene *s);
void plot_enumeration_sign_up(struct scene *s);
void plot_reset_many(struct scene *s);
void plot_reset_one(struct scene *s);
void plot_refresh_elsewhere(struct scene *s);
void plot_refresh_reuse(struct scene *s);
void plot_refresh_after_sign_out(struct scene *s);
void plot_refresh_two_networks(struct scene *s);
void plot_refresh_same_program(struct scene *s);
void plot_api_theft(struct scene *s);
void plot_api_quiet(struct scene *s);
void plot_handover(struct scene *s);
void plot_dual_stack(struct scene *s);
void plot_machine_burst(struct scene *s);
void plot_machine_elsewhere(struct scene *s);
void plot_machine_refused(struct scene *s);
void plot_code_mfa(struct scene *s);
void plot_code_reset(struct scene *s);
void plot_sms_register(struct scene *s);
void plot_sms_resend(struct scene *s);
void plot_throttling(struct scene *s);
void plot_tamper(struct scene *s);
void plot_risk(struct scene *s);
void plot_travel(struct scene *s);
void plot_callback(struct scene *s);
void plot_over_logging(struct scene *s);
void plot_quiet(struct scene *s);
void plot_nat(struct scene *s);
void plot_load_test(struct scene *s);
void plot_mistype(struct scene *s);
void plot_rotation(struct scene *s);
void plot_monday(struct scene *s);
void plot_carrier(struct scene *s);

#endif
