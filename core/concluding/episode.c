#include "core/concluding/episode.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

uint64_t episode_key(const struct signal *s, enum rule_key key)
{
    switch (key) {
    case KEY_IP:
        return s->ip;
    case KEY_NETWORK:
        return s->network;
    case KEY_AGENT_CLIENT:
        return s->agent && s->client ? (uint64_t)s->agent << 32 | s->client : 0;
    case KEY_ACCOUNT:
        return s->account ? (uint64_t)(s->flags & SIGNAL_NAMELESS) << 32 | s->account : 0;
    case KEY_CLIENT:
        return s->client;
    case KEY_ACTOR:
        return s->actor ? s->actor : s->ip;
    case KEY_ALL:
        return 1;
    case KEY_NONE:
    case KEY_COUNT:
        break;
    }
    return 0;
}

bool episode_is_place(enum rule_key key)
{
    return key != KEY_AGENT_CLIENT && key != KEY_CLIENT && key != KEY_ALL;
}

double episode_expected(const struct episode *e, int64_t window_us)
{
    if (e->before_us < 2 * window_us)
        return -1;
    return (double)e->before * (double)window_us / (double)e->before_us;
}

unsigned episode_share(const struct episode *e)
{
    return (unsigned)(UINT64_C(100) * e->n_hits / ((uint64_t)e->n_hits + e->excuses));
}

/* ---- what is a hit ---- */

struct matcher {
    const struct rule *rule;
    uint64_t reasons;
    bool *operations; /* by id; NULL: any */
    uint32_t *hits;   /* positions, ascending */
    uint32_t *goods;  /* successes that speak for a group; found when one is needed */
    size_t n_hits, hits_cap, n_goods, goods_cap;
    bool has_goods;
};

static void matcher_init(struct matcher *m, const struct signals *s, const struct rule *rule)
{
    const struct dictionary *d = store_dictionaries(s->index->store)[FIELD_OPERATION];
    uint32_t count = dictionary_count(d);

    *m = (struct matcher){.rule = rule, .reasons = rule_reasons(rule)};
    if (!rule->operations)
        return;
    m->operations = mem_array(count, sizeof *m->operations);
    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count; id++)
        m->operations[id] = rule_has_operation(rule, dictionary_text(d, id));
}

static bool is_hit(const struct matcher *m, const struct signal *s)
{
    const struct rule *r = m->rule;

    return !(s->flags & SIGNAL_TWIN) && (!r->stages || r->stages >> s->stage & 1) &&
           (!r->outcomes || r->outcomes >> s->outcome & 1) &&
           (!m->reasons || m->reasons >> s->reason & 1) && (s->flags & r->flags) == r->flags &&
           !(r->nameless && s->account) && (!m->operations || m->operations[s->operation]);
}

static bool is_good(const struct rule *r, const struct signal *s)
{
    return !(s->flags & SIGNAL_TWIN) && s->outcome == OUTCOME_SUCCESS &&
           r->good_stages >> s->stage & 1;
}

static void add_position(uint32_t **items, size_t *n, size_t *cap, uint32_t position)
{
    mem_grow(items, cap, *n + 1, sizeof **items);
    (*items)[(*n)++] = position;
}

/* Of all rules in one pass: the signals are many more than fit in a cache. */
static void find_hits(struct matcher *matchers, const struct rules *rules,
                      const struct signals *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        for (size_t r = 0; r < rule_count(); r++) {
            struct matcher *m = &matchers[r];

            if (rules->limits[r].on && m->rule->keys[0] != KEY_NONE && is_hit(m, &s->items[i]))
                add_position(&m->hits, &m->n_hits, &m->hits_cap, i);
        }
    }
}

static void find_goods(struct matcher *m, const struct signals *s)
{
    for (uint32_t i = 0; !m->has_goods && m->rule->good_stages && i < s->count; i++)
        if (is_good(m->rule, &s->items[i]))
            add_position(&m->goods, &m->n_goods, &m->goods_cap, i);
    m->has_goods = true;
}

/* ---- groups ---- */

/* Numbers keys from 1 in the order of their first hit. */
struct key_table {
    uint64_t *keys;
    uint32_t *numbers;
    uint32_t size, count;
};

static uint32_t key_slot(const struct key_table *t, uint64_t key)
{
    uint32_t at = (uint32_t)hash_u64(key) & (t->size - 1);

    while (t->numbers[at] && t->keys[at] != key)
        at = (at + 1) & (t->size - 1);
    return at;
}

static void key_table_grow(struct key_table *t)
{
    struct key_table grown = {.size = t->size ? t->size * 2 : 256, .count = t->count};

    grown.keys = mem_array(grown.size, sizeof *grown.keys);
    grown.numbers = mem_array(grown.size, sizeof *grown.numbers);
    for (uint32_t i = 0; i < t->size; i++) {
        uint32_t at;

        if (!t->numbers[i])
            continue;
        at = key_slot(&grown, t->keys[i]);
        grown.keys[at] = t->keys[i];
        grown.numbers[at] = t->numbers[i];
    }
    mem_free(t->keys);
    mem_free(t->numbers);
    *t = grown;
}

static uint32_t key_number(struct key_table *t, uint64_t key)
{
    uint32_t at;

    if (t->count >= t->size / 2)
        key_table_grow(t);
    at = key_slot(t, key);
    if (!t->numbers[at]) {
        t->keys[at] = key;
        t->numbers[at] = ++t->count;
    }
    return t->numbers[at];
}

/* The groups of a rule by a key: positions of hits and successes, group by group. */
struct groups {
    uint32_t *positions; /* the top bit tells hits */
    uint32_t *starts;    /* by group; n_groups + 1 of them */
    uint32_t n_groups;
};

static const uint32_t IS_HIT = UINT32_C(1) << 31;

static bool hit_bit(uint32_t position)
{
    return position & IS_HIT;
}

static uint32_t place_of(uint32_t position)
{
    return position & ~IS_HIT;
}

/* Group numbers of those keys that have enough hits, by key number; the rest are 0. */
static uint32_t *keep_large(struct groups *g, const uint32_t *hits_of, uint32_t n_keys,
                            uint32_t least)
{
    uint32_t *group_of = mem_array((size_t)n_keys + 1, sizeof *group_of);

    for (uint32_t key = 1; key <= n_keys; key++)
        if (hits_of[key] >= least)
            group_of[key] = ++g->n_groups;
    return group_of;
}

struct tagged {
    uint32_t position, group;
};

/* Tagged positions in time order to groups in time order. */
static void fill_groups(struct groups *g, const struct tagged *tagged, size_t count)
{
    uint32_t *next;

    g->starts = mem_array((size_t)g->n_groups + 2, sizeof *g->starts);
    g->positions = mem_array(count + 1, sizeof *g->positions);
    for (size_t i = 0; i < count; i++)
        g->starts[tagged[i].group]++;
    for (uint32_t i = 1; i <= g->n_groups; i++)
        g->starts[i] += g->starts[i - 1];
    /* starts[group] is the end of the group numbered so from 1: its start is one below. */
    next = mem_array((size_t)g->n_groups + 1, sizeof *next);
    memcpy(next, g->starts, ((size_t)g->n_groups + 1) * sizeof *next);
    for (size_t i = 0; i < count; i++)
        g->positions[next[tagged[i].group - 1]++] = tagged[i].position;
    mem_free(next);
}

/* The next position of hits and successes together, in order; one that is both is a hit. */
static bool next_position(const struct matcher *m, size_t *hit, size_t *good, uint32_t *out)
{
    if (*hit == m->n_hits && *good == m->n_goods)
        return false;
    if (*good == m->n_goods || (*hit < m->n_hits && m->hits[*hit] <= m->goods[*good])) {
        *good += *good < m->n_goods && m->goods[*good] == m->hits[*hit];
        *out = m->hits[(*hit)++] | IS_HIT;
    } else {
        *out = m->goods[(*good)++];
    }
    return true;
}

static void groups_make(struct groups *g, const struct signals *s, struct matcher *m,
                        enum rule_key key, uint32_t least)
{
    struct key_table table = {0};
    uint32_t *hits_of = NULL, *group_of, position;
    struct tagged *tagged = NULL;
    size_t hits_cap = 0, count = 0, cap = 0, hit = 0, good = 0;

    for (size_t i = 0; i < m->n_hits; i++) {
        uint64_t k = episode_key(&s->items[m->hits[i]], key);
        uint32_t known = table.count, number;

        if (!k)
            continue;
        number = key_number(&table, k);
        mem_grow(&hits_of, &hits_cap, (size_t)number + 1, sizeof *hits_of);
        if (number > known)
            hits_of[number] = 0;
        hits_of[number]++;
    }
    group_of = keep_large(g, hits_of, table.count, least ? least : 1);
    if (g->n_groups)
        find_goods(m, s);
    while (g->n_groups && next_position(m, &hit, &good, &position)) {
        uint64_t k = episode_key(&s->items[place_of(position)], key);
        uint32_t at = k ? key_slot(&table, k) : 0;

        if (!k || !table.numbers[at] || !group_of[table.numbers[at]])
            continue;
        mem_grow(&tagged, &cap, count + 1, sizeof *tagged);
        tagged[count++] = (struct tagged){position, group_of[table.numbers[at]]};
    }
    fill_groups(g, tagged, count);
    mem_free(tagged);
    mem_free(group_of);
    mem_free(hits_of);
    mem_free(table.keys);
    mem_free(table.numbers);
}

/* ---- who is on the other side of one group ---- */

struct peer_count {
    uint64_t key; /* 0: free */
    uint32_t in_window, in_episode;
    bool gets_in;
    int64_t first_good_us;
};

struct peer_table {
    struct peer_count *items;
    size_t size, cap;
};

static void peers_start(struct peer_table *t, uint32_t rows)
{
    t->size = 16;
    while (t->size < (size_t)rows * 2)
        t->size *= 2;
    mem_grow(&t->items, &t->cap, t->size, sizeof *t->items);
    memset(t->items, 0, t->size * sizeof *t->items);
}

static struct peer_count *peer_of(const struct peer_table *t, uint64_t key)
{
    size_t at = (size_t)hash_u64(key) & (t->size - 1);

    while (t->items[at].key && t->items[at].key != key)
        at = (at + 1) & (t->size - 1);
    t->items[at].key = key;
    return &t->items[at];
}

/* ---- windows ---- */

struct slide {
    const struct signals *s;
    const struct rule *rule;
    const struct rule_limits *limits;
    size_t rule_number;
    enum rule_key key;
    const uint32_t *group; /* positions, hits and successes */
    uint32_t n_group;
    uint32_t *hits; /* positions of the hits alone */
    size_t n_hits, hits_cap;
    uint32_t *goods; /* positions of the successes */
    size_t n_goods, goods_cap;
    uint32_t told; /* hits of earlier episodes that nothing excuses, and their time */
    int64_t told_us;
    struct peer_table peers;
    struct peer_table homes; /* peers by network: which of them got in from there */
    uint32_t distinct;       /* peers in the window, nameless hits as one each */
    struct episodes *out;
};

/* Accounts meet addresses, everything else meets accounts. 0: the signal names none. */
static uint64_t peer_key(const struct slide *w, const struct signal *s)
{
    return episode_key(s, w->key == KEY_ACCOUNT ? KEY_IP : KEY_ACCOUNT);
}

/* A peer at a network, as a hash: 0 when either is unknown. */
static uint64_t home_key(const struct slide *w, const struct signal *s)
{
    uint64_t peer = peer_key(w, s);

    return peer && s->network ? hash_u64(hash_u64(peer) ^ s->network) | 1 : 0;
}

static const struct signal *hit_at(const struct slide *w, size_t i)
{
    return &w->s->items[w->hits[i]];
}

static void enter(struct slide *w, size_t i)
{
    uint64_t peer = peer_key(w, hit_at(w, i));

    if (!peer || peer_of(&w->peers, peer)->in_window++ == 0)
        w->distinct++;
}

static void leave(struct slide *w, size_t i)
{
    uint64_t peer = peer_key(w, hit_at(w, i));

    if (!peer || --peer_of(&w->peers, peer)->in_window == 0)
        w->distinct--;
}

static bool is_enough(const struct slide *w, size_t hits)
{
    const struct rule_limits *l = w->limits;

    if (hits < l->events)
        return false;
    if (w->rule->few_accounts)
        return l->accounts == 0 || w->distinct <= l->accounts;
    return w->distinct >= l->accounts;
}

/* How many successes of the group come before a time. */
static size_t goods_before(const struct slide *w, int64_t time_us)
{
    size_t low = 0, high = w->n_goods;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (w->s->items[w->goods[middle]].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Successes around the hits. Of an account the peers are addresses: there nobody but the owner
 * can make them. */
static void count_goods(struct slide *w, struct episode *e)
{
    int64_t first_us = w->s->items[e->hits[0]].time_us;
    int64_t last_us = w->s->items[e->hits[e->n_hits - 1]].time_us;
    size_t from = goods_before(w, first_us);
    size_t to = goods_before(w, last_us + w->limits->window_us + 1);

    e->goods = (uint32_t)(to - from);
    for (size_t i = from; i < to; i++) {
        uint64_t key = peer_key(w, &w->s->items[w->goods[i]]);

        e->excuses += !key || w->key == KEY_ACCOUNT || w->key == KEY_ALL ||
                      peer_of(&w->peers, key)->in_episode++ < EPISODE_EXCUSES;
    }
    for (size_t i = from; i < to; i++) {
        uint64_t key = peer_key(w, &w->s->items[w->goods[i]]);

        if (key)
            peer_of(&w->peers, key)->in_episode = 0;
    }
}

static bool is_familiar(const struct slide *w, const struct signal *hit,
                        const struct peer_count *peer, int64_t first_us)
{
    uint64_t home = episode_is_place(w->key) ? 0 : home_key(w, hit);

    if (!episode_is_place(w->key))
        return home && peer_of(&w->homes, home)->gets_in;
    return peer->gets_in && (w->key != KEY_ACCOUNT || peer->first_good_us < first_us);
}

static void count_peers(struct slide *w, struct episode *e)
{
    int64_t first_us = w->s->items[e->hits[0]].time_us;

    for (uint32_t i = 0; i < e->n_hits; i++) {
        uint64_t key = peer_key(w, &w->s->items[e->hits[i]]);
        struct peer_count *peer = key ? peer_of(&w->peers, key) : NULL;

        bool familiar = peer && is_familiar(w, &w->s->items[e->hits[i]], peer, first_us);

        e->familiar_hits += familiar;
        if (!peer) {
            e->nameless++;
        } else if (peer->in_episode++ == 0) {
            e->peers++;
            e->familiar += familiar;
        }
    }
    for (uint32_t i = 0; i < e->n_hits; i++) {
        uint64_t key = peer_key(w, &w->s->items[e->hits[i]]);

        if (key)
            peer_of(&w->peers, key)->in_episode = 0;
    }
}

static void find_peak(const struct slide *w, struct episode *e)
{
    uint32_t from = 0;

    for (uint32_t to = 0; to < e->n_hits; to++) {
        while (w->s->items[e->hits[to]].time_us - w->s->items[e->hits[from]].time_us >
               w->limits->window_us)
            from++;
        if (to - from + 1 > e->peak) {
            e->peak = to - from + 1;
            e->peak_us = w->s->items[e->hits[from]].time_us;
        }
    }
}

static bool is_worth_telling(const struct slide *w, const struct episode *e)
{
    const struct rule_limits *l = w->limits;
    double expected = episode_expected(e, l->window_us);

    /* An average: one account among many that is tried more often is brute force's business. */
    if (l->per_account && e->n_hits > l->per_account * (e->peers + e->nameless))
        return false;
    if (l->factor && (expected < 0 ? w->rule->needs_past : expected * l->factor > e->peak))
        return false;
    return episode_share(e) * 2 >= l->share;
}

static void emit(struct slide *w, size_t first, size_t last)
{
    struct episode e = {.rule = w->rule_number, .key = w->key};

    e.n_hits = (uint32_t)(last - first + 1);
    e.hits = mem_array(e.n_hits, sizeof *e.hits);
    memcpy(e.hits, w->hits + first, e.n_hits * sizeof *e.hits);
    e.before = (uint32_t)first - w->told;
    e.before_us = w->s->items[e.hits[0]].time_us - w->s->items[0].time_us - w->told_us;
    e.is_again = w->told > 0;
    count_goods(w, &e);
    count_peers(w, &e);
    find_peak(w, &e);
    if (!is_worth_telling(w, &e)) {
        mem_free(e.hits);
        return;
    }
    mem_grow(&w->out->items, &w->out->cap, w->out->count + 1, sizeof *w->out->items);
    w->out->items[w->out->count++] = e;
    if (episode_share(&e) < w->limits->share)
        return;
    w->told += e.n_hits;
    w->told_us += w->s->items[e.hits[e.n_hits - 1]].time_us - w->s->items[e.hits[0]].time_us;
}

static void learn_good(struct slide *w, const struct signal *s)
{
    uint64_t key = peer_key(w, s);
    struct peer_count *peer = key ? peer_of(&w->peers, key) : NULL;
    uint64_t home = episode_is_place(w->key) ? 0 : home_key(w, s);

    if (home)
        peer_of(&w->homes, home)->gets_in = true;
    if (!peer || peer->gets_in)
        return;
    peer->gets_in = true;
    peer->first_good_us = s->time_us;
}

/* Parts hits from successes, and learns who of the group ever gets in. */
static void start_group(struct slide *w)
{
    w->n_hits = w->n_goods = 0;
    w->distinct = w->told = 0;
    w->told_us = 0;
    peers_start(&w->peers, w->n_group);
    if (!episode_is_place(w->key))
        peers_start(&w->homes, w->n_group);
    for (uint32_t i = 0; i < w->n_group; i++) {
        uint32_t position = place_of(w->group[i]);
        const struct signal *s = &w->s->items[position];

        if (hit_bit(w->group[i])) {
            mem_grow(&w->hits, &w->hits_cap, w->n_hits + 1, sizeof *w->hits);
            w->hits[w->n_hits++] = position;
            continue;
        }
        mem_grow(&w->goods, &w->goods_cap, w->n_goods + 1, sizeof *w->goods);
        w->goods[w->n_goods++] = position;
        learn_good(w, s);
    }
}

static void slide_group(struct slide *w)
{
    size_t from = 0, first = 0, last = 0;
    bool open = false;

    start_group(w);
    for (size_t i = 0; i < w->n_hits; i++) {
        enter(w, i);
        while (hit_at(w, i)->time_us - hit_at(w, from)->time_us > w->limits->window_us)
            leave(w, from++);
        if (!is_enough(w, i - from + 1))
            continue;
        if (open && from > last) {
            emit(w, first, last);
            open = false;
        }
        if (!open)
            first = from;
        open = true;
        last = i;
    }
    if (open)
        emit(w, first, last);
}

static void find_by_key(struct slide *w, struct matcher *m, const atomic_bool *cancelled)
{
    struct groups g = {0};

    groups_make(&g, w->s, m, w->key, w->limits->events);
    for (uint32_t i = 0; i < g.n_groups && !atomic_load(cancelled); i++) {
        w->group = g.positions + g.starts[i];
        w->n_group = g.starts[i + 1] - g.starts[i];
        slide_group(w);
    }
    mem_free(g.positions);
    mem_free(g.starts);
}

void episodes_find(const struct signals *s, const struct rules *rules, struct episodes *out,
                   const atomic_bool *cancelled)
{
    struct matcher *matchers = mem_array(rule_count(), sizeof *matchers);
    struct slide w = {.s = s, .out = out};

    for (size_t r = 0; r < rule_count(); r++)
        matcher_init(&matchers[r], s, rule_get(r));
    find_hits(matchers, rules, s);
    for (size_t r = 0; r < rule_count(); r++) {
        w.rule = rule_get(r);
        w.rule_number = r;
        w.limits = &rules->limits[r];
        for (size_t i = 0; i < RULE_MAX_KEYS && w.rule->keys[i] != KEY_NONE; i++) {
            w.key = w.rule->keys[i];
            if (matchers[r].n_hits >= w.limits->events && !atomic_load(cancelled))
                find_by_key(&w, &matchers[r], cancelled);
        }
        mem_free(matchers[r].operations);
        mem_free(matchers[r].hits);
        mem_free(matchers[r].goods);
    }
    mem_free(matchers);
    mem_free(w.hits);
    mem_free(w.goods);
    mem_free(w.peers.items);
    mem_free(w.homes.items);
}

void episodes_deinit(struct episodes *e)
{
    for (size_t i = 0; i < e->count; i++)
        mem_free(e->items[i].hits);
    mem_free(e->items);
    *e = (struct episodes){0};
}
