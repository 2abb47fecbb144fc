/* The detectors as data: what counts as a hit, what it is grouped by, and the limits.
 *
 * A rule slides a window over the hits of each group. Its limits are what the user sees and
 * edits; the rest stands in the table of rule.c. Several rules can lead to one scenario. */
#ifndef CORE_CONCLUDING_RULE_H
#define CORE_CONCLUDING_RULE_H

#include "core/base/instant.h"

#include "core/concluding/scenario.h"

enum rule_key {
    KEY_NONE, /* ends a list */
    KEY_IP,
    KEY_NETWORK, /* /24 of IPv4, /48 of IPv6 */
    KEY_AGENT_CLIENT,
    KEY_ACCOUNT,
    KEY_CLIENT,
    KEY_ACTOR,
    KEY_ALL,
    KEY_COUNT
};

const char *rule_key_name(enum rule_key k); /* "address", "network", … */

/* How a rule looks at its group when it counts in no window: each is code that any number of
 * rows can use. What is said of one event (a break-in, a text in clear) needs more than rows.
 */
enum rule_look {
    LOOK_WINDOW,     /* it does count in a window, by its keys */
    LOOK_ELSEWHERE,  /* novelty.h: hits by a network and a program that are none of the group's
                      * habits */
    LOOK_TWO_PLACES, /* novelty.h: hits of one program in two networks at once, again and again
                      * within the window */
    LOOK_TRAVEL,     /* novelty.h: a hit in another country than the one before, too soon */
    LOOK_UNFOUNDED,  /* api_use.h: an account is active that was given no token */
    LOOK_BREAK_IN,   /* breakin.h */
    LOOK_IN_CLEAR,   /* exposure.h */
};

/* What the user may change. A limit of 0 does not limit. */
struct rule_limits {
    int64_t window_us;
    uint32_t events;      /* hits within the window, at least */
    uint32_t accounts;    /* different accounts among them, at least; hits that name none count
                           * as one each */
    uint32_t per_account; /* hits per account on average, at most */
    uint32_t share;       /* hits of hits and successes, in percent; below it the finding is
                           * reported low */
    uint32_t factor;      /* times the group's own earlier rate, at least */
    bool on;
};

/* RULES_MAX: the engine has a bit for each. */
enum { RULE_MAX_KEYS = 5, RULE_MAX_REASONS = 10, RULES_MAX = 64 };

struct rule {
    const char *name; /* as in the configuration: "credential-stuffing" or "….slow" */
    enum scenario scenario;
    enum severity severity;                /* when nothing speaks for a benign reading */
    uint32_t stages, outcomes;             /* bits 1 << enum; 0: any */
    enum reason reasons[RULE_MAX_REASONS]; /* REASON_NONE ends; none at all: any */
    const char *operations;                /* names with blanks between; NULL: any */
    uint8_t flags;                         /* enum signal_flag that a hit must have */
    bool nameless;                         /* only hits that name no account */
    bool few_accounts;                     /* `accounts` is the most, not the least */
    bool needs_past;                       /* `factor` must be known to hold */
    uint32_t good_stages;                  /* successes of these speak for the group, or make
                                            * its habits */
    enum rule_key keys[RULE_MAX_KEYS];     /* narrow to broad; KEY_NONE ends; of windows only */
    enum rule_look look;
    enum rule_key group;       /* what a look goes over: an account, a client */
    uint32_t habits;           /* successes that make a group's habits, at least */
    uint32_t common;           /* a program that so many accounts sign in with is no news */
    const char *one, *many;    /* what a hit is called: "refresh", "refreshes" */
    struct rule_limits limits; /* the defaults */
};

size_t rule_count(void);
const struct rule *rule_get(size_t i);

/* The position of the rule with this name; SIZE_MAX when there is none. */
size_t rule_find(struct bytes name);

/* The reasons of a hit as bits; 0: any. */
uint64_t rule_reasons(const struct rule *r);

/* All rules' limits, as the user has them. */
struct rules {
    struct rule_limits *limits; /* rule_count() of them */
};

void rules_init(struct rules *r); /* the defaults */
void rules_copy(struct rules *to, const struct rules *from);
void rules_deinit(struct rules *r);

bool rule_limits_same(const struct rule_limits *a, const struct rule_limits *b);
bool rules_are_default(const struct rules *r);
size_t rules_on(const struct rules *r);

#endif
