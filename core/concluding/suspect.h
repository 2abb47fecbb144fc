/* The groups that have enough hits of a rule to be looked at.
 *
 * For each key that rules group by, the hits and successes of all rules are put in groups once;
 * a walk over a group counts its hits of every rule. Most groups fall out here.
 * Memory: 4 bytes for each signal and key, 24 for each suspect. Immutable once made. */
#ifndef CORE_CONCLUDING_SUSPECT_H
#define CORE_CONCLUDING_SUSPECT_H

#include "core/concluding/roster.h"
#include "core/concluding/sieve.h"

struct suspect {
    uint32_t rule;
    enum rule_key key;
    uint32_t place;     /* of the key among those of the rule */
    uint32_t group;     /* in the roster of the key */
    uint32_t first_hit; /* position */
    uint32_t n_hits;
};

struct suspects {
    struct sieve sieve;
    struct roster by[KEY_COUNT]; /* hits and successes of any rule */
    struct suspect *items;       /* by rule, place of the key, first hit */
    size_t count, cap;
};

void suspects_find(struct suspects *out, const struct signals *s, const struct rules *rules,
                   const struct crew *crew);
void suspects_deinit(struct suspects *u);

#endif
