#include "core/concluding/suspect.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

/* ---- a number for each key ---- */

/* Numbers pairs from 1 in the order of their first signal. */
struct pair_table {
    uint64_t *pairs; /* 0: free */
    uint32_t *numbers;
    uint32_t size, count;
};

static uint32_t pair_slot(const struct pair_table *t, uint64_t pair)
{
    uint32_t at = (uint32_t)hash_u64(pair) & (t->size - 1);

    while (t->pairs[at] && t->pairs[at] != pair)
        at = (at + 1) & (t->size - 1);
    return at;
}

static void pair_table_grow(struct pair_table *t)
{
    struct pair_table grown = {.size = t->size ? t->size * 2 : 256, .count = t->count};

    grown.pairs = mem_array(grown.size, sizeof *grown.pairs);
    grown.numbers = mem_array(grown.size, sizeof *grown.numbers);
    for (uint32_t i = 0; i < t->size; i++) {
        uint32_t at = t->pairs[i] ? pair_slot(&grown, t->pairs[i]) : 0;

        if (!t->pairs[i])
            continue;
        grown.pairs[at] = t->pairs[i];
        grown.numbers[at] = t->numbers[i];
    }
    mem_free(t->pairs);
    mem_free(t->numbers);
    *t = grown;
}

static uint32_t pair_number(struct pair_table *t, uint32_t a, uint32_t b)
{
    uint64_t pair = (uint64_t)a << 32 | b;
    uint32_t at;

    if (t->count >= t->size / 2)
        pair_table_grow(t);
    at = pair_slot(t, pair);
    if (!t->pairs[at]) {
        t->pairs[at] = pair;
        t->numbers[at] = ++t->count;
    }
    return t->numbers[at];
}

/* What a signal is grouped by: 0 where it has no such key. */
struct numbering {
    const struct signals *s;
    enum rule_key key;
    uint32_t n_actors;
    struct pair_table pairs;
    uint32_t count; /* numbers are below it */
};

static void numbering_start(struct numbering *n, const struct signals *s, enum rule_key key)
{
    struct dictionary *const *d = store_dictionaries(s->index->store);

    *n = (struct numbering){.s = s, .key = key};
    n->n_actors = dictionary_count(d[FIELD_ACTOR]);
    if (key == KEY_IP)
        n->count = dictionary_count(d[FIELD_IP]);
    else if (key == KEY_NETWORK)
        n->count = s->n_networks + 1;
    else if (key == KEY_ACCOUNT)
        n->count = roster_accounts(s);
    else if (key == KEY_CLIENT)
        n->count = dictionary_count(d[FIELD_CLIENT]);
    else if (key == KEY_ACTOR)
        n->count = n->n_actors + dictionary_count(d[FIELD_IP]);
    else
        n->count = 2;
}

static uint32_t number_of(struct numbering *n, const struct signal *s)
{
    switch (n->key) {
    case KEY_IP:
        return s->ip;
    case KEY_NETWORK:
        return s->network;
    case KEY_AGENT_CLIENT:
        return s->agent && s->client ? pair_number(&n->pairs, s->agent, s->client) : 0;
    case KEY_ACCOUNT:
        return roster_account(n->s, s);
    case KEY_CLIENT:
        return s->client;
    case KEY_ACTOR:
        return s->actor ? s->actor : s->ip ? n->n_actors + s->ip : 0;
    case KEY_ALL:
        return 1;
    case KEY_NONE:
    case KEY_COUNT:
        break;
    }
    return 0;
}

/* ---- groups of one key ---- */

/* The work on one key, its result apart from that on others. */
struct sorting {
    struct suspects *out;
    const struct signals *signals;
    const struct rules *rules;
    const struct crew *crew;
    struct suspect *items[KEY_COUNT];
    size_t counts[KEY_COUNT], caps[KEY_COUNT];
};

/* Rules that group by the key. */
static uint64_t rules_by(enum rule_key key)
{
    uint64_t rules = 0;

    for (size_t r = 0; r < rule_count(); r++)
        for (size_t i = 0; i < RULE_MAX_KEYS; i++)
            if (rule_get(r)->keys[i] == key)
                rules |= UINT64_C(1) << r;
    return rules;
}

static void make_roster(struct sorting *w, enum rule_key key, uint64_t rules)
{
    const struct signals *s = w->signals;
    const struct sieve *v = &w->out->sieve;
    uint32_t *numbers = mem_resize(NULL, (size_t)s->count + 1, sizeof *numbers);
    struct numbering n;

    numbering_start(&n, s, key);
    for (uint32_t i = 0; i < s->count; i++)
        numbers[i] = (v->hits[i] | sieve_goods(v, &s->items[i])) & rules
                         ? number_of(&n, &s->items[i])
                         : 0;
    if (key == KEY_AGENT_CLIENT)
        n.count = n.pairs.count + 1;
    roster_make_of(&w->out->by[key], numbers, s->count, n.count);
    mem_free(n.pairs.pairs);
    mem_free(n.pairs.numbers);
    mem_free(numbers);
}

/* How many hits of each rule a group has. */
struct tally_of_rules {
    uint64_t seen; /* rules whose counts are not left over from an earlier group */
    uint32_t counts[RULES_MAX], first[RULES_MAX];
};

static void count_hits(struct tally_of_rules *t, const uint64_t *hits, const uint32_t *places,
                       uint32_t count, uint64_t rules)
{
    t->seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint64_t left = hits[places[i]] & rules; left; left &= left - 1) {
            unsigned r = (unsigned)__builtin_ctzll(left);

            if (!(t->seen >> r & 1)) {
                t->counts[r] = 0;
                t->first[r] = places[i];
            }
            t->seen |= UINT64_C(1) << r;
            t->counts[r]++;
        }
    }
}

static uint32_t place_of_key(const struct rule *r, enum rule_key key)
{
    uint32_t place = 0;

    while (r->keys[place] != key)
        place++;
    return place;
}

static void sort_key(void *context, size_t part, unsigned worker)
{
    struct sorting *w = context;
    enum rule_key key = (enum rule_key)(part + 1);
    struct roster *roster = &w->out->by[key];
    uint64_t rules = rules_by(key);
    struct tally_of_rules t;

    (void)worker;
    make_roster(w, key, rules);
    for (uint32_t g = 1; g < roster->count; g++) {
        uint32_t start = roster->starts[g];

        if (g % 65536 == 0 && crew_is_stopped(w->crew))
            return;
        count_hits(&t, w->out->sieve.hits, roster->positions + start,
                   roster->starts[g + 1] - start, rules);
        for (uint64_t left = t.seen; left; left &= left - 1) {
            unsigned r = (unsigned)__builtin_ctzll(left);

            if (t.counts[r] < w->rules->limits[r].events)
                continue;
            mem_grow(&w->items[key], &w->caps[key], w->counts[key] + 1, sizeof **w->items);
            w->items[key][w->counts[key]++] = (struct suspect){
                r, key, place_of_key(rule_get(r), key), g, t.first[r], t.counts[r]};
        }
    }
}

static int by_rule(const void *a, const void *b)
{
    const struct suspect *x = a, *y = b;

    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->first_hit > y->first_hit) - (x->first_hit < y->first_hit);
}

void suspects_find(struct suspects *out, const struct signals *s, const struct rules *rules,
                   const struct crew *crew)
{
    struct sorting w = {.out = out, .signals = s, .rules = rules, .crew = crew};

    *out = (struct suspects){.count = 0};
    sieve_make(&out->sieve, s, rules, crew);
    crew_each(crew, KEY_COUNT - 1, sort_key, &w);
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        if (w.counts[key]) {
            mem_grow(&out->items, &out->cap, out->count + w.counts[key], sizeof *out->items);
            memcpy(out->items + out->count, w.items[key], w.counts[key] * sizeof *out->items);
            out->count += w.counts[key];
        }
        mem_free(w.items[key]);
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_rule);
}

void suspects_deinit(struct suspects *u)
{
    sieve_deinit(&u->sieve);
    for (unsigned key = 0; key < KEY_COUNT; key++)
        roster_deinit(&u->by[key]);
    mem_free(u->items);
    *u = (struct suspects){0};
}
