#include "core/asking/hits.h"

#include "core/reading/outcome.h"

static void add(struct hit *hit, const struct group *g)
{
    hit->events += g->count;
    hit->failed += outcomes_failed(g->outcomes);
    hit->values++;
    if (g->first_us == INSTANT_NONE)
        return;
    if (hit->first_us == INSTANT_NONE || g->first_us < hit->first_us)
        hit->first_us = g->first_us;
    if (g->last_us > hit->last_us)
        hit->last_us = g->last_us;
}

size_t hits_count(const struct indicators *list, const struct grouping *g, struct hit *out)
{
    size_t count = 0;

    for (size_t i = 0; i < indicators_count(list); i++)
        out[i] = (struct hit){.first_us = INSTANT_NONE, .last_us = INSTANT_NONE};
    for (size_t i = 0; i < g->n_groups; i++) {
        const struct group_key *key = &g->groups[i].keys[0];
        uint32_t found[INDICATORS_MAX_MATCHES];
        size_t n = key->state == VALUE_TEXT ? indicators_match(list, key->text, found) : 0;

        for (size_t k = 0; k < n; k++)
            add(&out[found[k]], &g->groups[i]);
    }
    for (size_t i = 0; i < indicators_count(list); i++)
        count += out[i].events > 0;
    return count;
}
