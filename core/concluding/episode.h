/* The one engine behind the detectors that count: windows that slide over the hits of a rule.
 *
 * Hits are grouped by a key (an address, a network, an account, …). Within a group a window
 * moves from hit to hit, so that no edge of a bin can hide a burst; while it holds enough, an
 * episode lasts. Groups with too few hits in all are dropped before anything else is done (see
 * suspect.h), so time and memory grow with the signals: 4 bytes per hit of an episode. */
#ifndef CORE_CONCLUDING_EPISODE_H
#define CORE_CONCLUDING_EPISODE_H

#include "core/base/crew.h"

#include "core/concluding/rule.h"
#include "core/concluding/signal.h"

enum { EPISODE_EXCUSES = 3 };

struct episode {
    size_t rule;
    enum rule_key key;
    uint32_t *hits; /* positions in the signals, in time order */
    uint32_t n_hits;
    uint32_t peers;    /* different accounts that hits name; of an account, addresses */
    uint32_t nameless; /* hits that name none */
    uint32_t familiar; /* of the peers, those with a success in this group: at any time, but of
                        * an account only before the first hit, and where a group has sources of
                        * many kinds (a program, a client, everything) from the hit's network */
    uint32_t familiar_hits; /* hits of familiar peers */
    uint32_t goods;    /* successes of the group from the first hit to a window past the last */
    uint32_t excuses;  /* of these, what speaks for the group: EPISODE_EXCUSES of one account at
                        * most, so that who signs in between with an own account hides nothing;
                        * of those that name none, no more than there are hits */
    uint32_t peak;     /* hits in the fullest window */
    int64_t peak_us;   /* where that begins */
    int64_t before_us; /* how long the group's records reach back before the first hit, earlier
                        * episodes that nothing excuses aside: an attack is not what is usual */
    uint32_t before;   /* hits in that time */
    bool is_again;     /* there are such earlier episodes */
};

struct episodes {
    struct episode *items;
    size_t count, cap;
};

/* Appends the episodes of all rules in their order, each by its keys from narrow to broad. */
void episodes_find(const struct signals *s, const struct rules *rules, struct episodes *out,
                   const struct crew *crew);
void episodes_deinit(struct episodes *e);

/* True for groups that are a source of their own, or an account: a success in them speaks for
 * its peer. In the others everybody gets in. */
bool episode_is_place(enum rule_key key);

/* The key of a signal; 0 where it has none. */
uint64_t episode_key(const struct signal *s, enum rule_key key);

/* Hits per window that the group's own past leads to expect; below 0 when there is too little
 * of it to tell. */
double episode_expected(const struct episode *e, int64_t window_us);

/* Hits of hits and successes that speak for the group, in percent. */
unsigned episode_share(const struct episode *e);

#endif
