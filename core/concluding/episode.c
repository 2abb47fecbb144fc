#include "core/concluding/episode.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/concluding/suspect.h"

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

/* ---- who is on the other side of one group ---- */

struct peer_count {
    uint64_t key; /* 0: free */
    uint32_t in_window, in_episode;
    bool gets_in;
    int64_t first_good_us;
};

/* Peers of hits only: successes are looked up and never added. */
struct peer_table {
    struct peer_count *items;
    size_t size, cap;
};

static void peers_start(struct peer_table *t, size_t hits)
{
    t->size = 16;
    while (t->size < hits * 2)
        t->size *= 2;
    mem_grow(&t->items, &t->cap, t->size, sizeof *t->items);
    memset(t->items, 0, t->size * sizeof *t->items);
}

/* Its place, or the free one where it belongs. */
static struct peer_count *peer_find(const struct peer_table *t, uint64_t key)
{
    size_t at = (size_t)hash_u64(key) & (t->size - 1);

    while (t->items[at].key && t->items[at].key != key)
        at = (at + 1) & (t->size - 1);
    return &t->items[at];
}

static struct peer_count *peer_of(const struct peer_table *t, uint64_t key)
{
    struct peer_count *peer = peer_find(t, key);

    peer->key = key;
    return peer;
}

/* ---- windows ---- */

/* What one worker looks at one suspect with. */
struct slide {
    const struct signals *s;
    const struct sieve *sieve;
    const struct rule *rule;
    const struct rule_limits *limits;
    size_t rule_number;
    enum rule_key key;
    const uint32_t *group; /* positions of hits and successes, of this rule and of others */
    uint32_t n_group;
    uint32_t *hits; /* positions of the hits alone */
    size_t n_hits, hits_cap;
    uint32_t *goods; /* positions of the successes; found when an episode needs them */
    size_t n_goods, goods_cap;
    bool has_goods;
    uint32_t told; /* hits of earlier episodes that nothing excuses, and their time */
    int64_t told_us;
    struct peer_table peers;
    struct peer_table homes; /* peers by network: which of them got in from there */
    uint32_t distinct;       /* peers in the window, nameless hits as one each */
    uint8_t *excused; /* by account: its successes in an episode, EPISODE_EXCUSES at most;
                       * 0 between episodes */
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
    bool all = w->key == KEY_ACCOUNT || w->key == KEY_ALL;

    e->goods = (uint32_t)(to - from);
    e->excuses = all ? e->goods : 0;
    for (size_t i = from; i < to && !all; i++) {
        uint32_t account = roster_account(w->s, &w->s->items[w->goods[i]]);

        if (account && w->excused[account]++ >= EPISODE_EXCUSES)
            w->excused[account] = EPISODE_EXCUSES;
        else
            e->excuses++;
    }
    for (size_t i = from; i < to && !all; i++)
        w->excused[roster_account(w->s, &w->s->items[w->goods[i]])] = 0;
}

/* Hosted pages name nobody: whoever signs in there again and again with an own account looks
 * like an office. Such successes excuse no more than there are hits, so that a share of half is
 * left: the finding is low then, and told. */
static void bound_nameless(const struct slide *w, struct episode *e)
{
    int64_t first_us = w->s->items[e->hits[0]].time_us;
    int64_t last_us = w->s->items[e->hits[e->n_hits - 1]].time_us;
    size_t to = goods_before(w, last_us + w->limits->window_us + 1);
    uint32_t nameless = 0;

    for (size_t i = goods_before(w, first_us); i < to; i++)
        nameless += !w->s->items[w->goods[i]].account;
    if (nameless > e->n_hits && w->key != KEY_ACCOUNT && w->key != KEY_ALL)
        e->excuses -= nameless - e->n_hits;
}

static bool is_familiar(const struct slide *w, const struct signal *hit,
                        const struct peer_count *peer, int64_t first_us)
{
    uint64_t home = episode_is_place(w->key) ? 0 : home_key(w, hit);

    if (!episode_is_place(w->key))
        return home && peer_find(&w->homes, home)->gets_in;
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

/* Who of the peers of hits gets in, and where from. */
static void learn_good(struct slide *w, const struct signal *s)
{
    uint64_t key = peer_key(w, s);
    struct peer_count *peer = key ? peer_find(&w->peers, key) : NULL;

    if (!peer || !peer->key)
        return;
    if (!episode_is_place(w->key)) {
        uint64_t home = home_key(w, s);
        struct peer_count *known = home ? peer_find(&w->homes, home) : NULL;

        if (known && known->key)
            known->gets_in = true;
    }
    if (peer->gets_in)
        return;
    peer->gets_in = true;
    peer->first_good_us = s->time_us;
}

/* The successes of the group. One that is a hit as well is a hit. */
static void find_goods(struct slide *w)
{
    uint64_t rule = UINT64_C(1) << w->rule_number;

    w->has_goods = true;
    if (!w->rule->good_stages)
        return;
    if (!episode_is_place(w->key)) {
        peers_start(&w->homes, w->n_hits);
        for (size_t i = 0; i < w->n_hits; i++) {
            uint64_t home = home_key(w, hit_at(w, i));

            if (home)
                (void)peer_of(&w->homes, home);
        }
    }
    for (uint32_t i = 0; i < w->n_group; i++) {
        const struct signal *s = &w->s->items[w->group[i]];

        if (w->sieve->hits[w->group[i]] & rule || !(sieve_goods(w->sieve, s) & rule))
            continue;
        mem_grow(&w->goods, &w->goods_cap, w->n_goods + 1, sizeof *w->goods);
        w->goods[w->n_goods++] = w->group[i];
        learn_good(w, s);
    }
}

static void emit(struct slide *w, size_t first, size_t last)
{
    struct episode e = {.rule = w->rule_number, .key = w->key, .hits = w->hits + first};

    if (!w->has_goods)
        find_goods(w);
    e.n_hits = (uint32_t)(last - first + 1);
    e.before = (uint32_t)first - w->told;
    e.before_us = w->s->items[e.hits[0]].time_us - w->s->items[0].time_us - w->told_us;
    e.is_again = w->told > 0;
    count_goods(w, &e);
    bound_nameless(w, &e);
    count_peers(w, &e);
    find_peak(w, &e);
    if (!is_worth_telling(w, &e))
        return;
    e.hits = mem_resize(NULL, e.n_hits, sizeof *e.hits);
    memcpy(e.hits, w->hits + first, e.n_hits * sizeof *e.hits);
    mem_grow(&w->out->items, &w->out->cap, w->out->count + 1, sizeof *w->out->items);
    w->out->items[w->out->count++] = e;
    if (episode_share(&e) < w->limits->share)
        return;
    w->told += e.n_hits;
    w->told_us += w->s->items[e.hits[e.n_hits - 1]].time_us - w->s->items[e.hits[0]].time_us;
}

static void start_group(struct slide *w, const struct suspect *u)
{
    uint64_t rule = UINT64_C(1) << u->rule;

    w->n_hits = w->n_goods = 0;
    w->has_goods = false;
    w->distinct = w->told = 0;
    w->told_us = 0;
    peers_start(&w->peers, u->n_hits);
    mem_grow(&w->hits, &w->hits_cap, u->n_hits, sizeof *w->hits);
    for (uint32_t i = 0; w->n_hits < u->n_hits; i++)
        if (w->sieve->hits[w->group[i]] & rule)
            w->hits[w->n_hits++] = w->group[i];
}

static void slide_over(struct slide *w, const struct suspect *u)
{
    size_t from = 0, first = 0, last = 0;
    bool open = false;

    start_group(w, u);
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

/* ---- all of them ---- */

enum { SHIFT_SIGNALS = 32 * 1024 /* that a worker looks through at a time, about */ };

/* Suspects that one worker looks at in one go, and what it finds. */
struct shift {
    size_t from, to;
    struct episodes found;
};

struct rota {
    const struct suspects *suspects;
    const struct rules *rules;
    const struct crew *crew;
    struct shift *shifts;
    size_t count, cap;
    struct slide *slides; /* by worker */
};

static uint32_t group_size(const struct suspects *all, const struct suspect *u)
{
    const uint32_t *starts = all->by[u->key].starts;

    return starts[u->group + 1] - starts[u->group];
}

static void plan_shifts(struct rota *r)
{
    size_t signals = 0, from = 0;

    for (size_t i = 0; i < r->suspects->count; i++) {
        signals += group_size(r->suspects, &r->suspects->items[i]);
        if (signals < SHIFT_SIGNALS && i + 1 < r->suspects->count)
            continue;
        mem_grow(&r->shifts, &r->cap, r->count + 1, sizeof *r->shifts);
        r->shifts[r->count++] = (struct shift){.from = from, .to = i + 1};
        from = i + 1;
        signals = 0;
    }
}

static void work_shift(void *context, size_t part, unsigned worker)
{
    struct rota *r = context;
    struct shift *shift = &r->shifts[part];
    struct slide *w = &r->slides[worker];

    w->out = &shift->found;
    for (size_t i = shift->from; i < shift->to && !crew_is_stopped(r->crew); i++) {
        const struct suspect *u = &r->suspects->items[i];
        const struct roster *roster = &r->suspects->by[u->key];

        w->rule = rule_get(u->rule);
        w->rule_number = u->rule;
        w->limits = &r->rules->limits[u->rule];
        w->key = u->key;
        w->group = roster->positions + roster->starts[u->group];
        w->n_group = group_size(r->suspects, u);
        slide_over(w, u);
    }
}

/* In the order of the suspects, whoever looked at them. */
static void take_found(struct rota *r, struct episodes *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct episodes *found = &r->shifts[i].found;

        if (found->count) {
            mem_grow(&out->items, &out->cap, out->count + found->count, sizeof *out->items);
            memcpy(out->items + out->count, found->items, found->count * sizeof *out->items);
            out->count += found->count;
        }
        mem_free(found->items);
    }
    mem_free(r->shifts);
}

void episodes_find(const struct signals *s, const struct rules *rules, struct episodes *out,
                   const struct crew *crew)
{
    struct suspects suspects;
    struct rota r = {.suspects = &suspects, .rules = rules, .crew = crew};

    suspects_find(&suspects, s, rules, crew);
    r.slides = mem_array(crew_size(crew), sizeof *r.slides);
    for (unsigned i = 0; i < crew_size(crew); i++)
        r.slides[i] = (struct slide){
            .s = s, .sieve = &suspects.sieve, .excused = mem_array(roster_accounts(s), 1)};
    plan_shifts(&r);
    crew_each(crew, r.count, work_shift, &r);
    take_found(&r, out);
    for (unsigned i = 0; i < crew_size(crew); i++) {
        mem_free(r.slides[i].hits);
        mem_free(r.slides[i].goods);
        mem_free(r.slides[i].peers.items);
        mem_free(r.slides[i].homes.items);
        mem_free(r.slides[i].excused);
    }
    mem_free(r.slides);
    suspects_deinit(&suspects);
}

void episodes_deinit(struct episodes *e)
{
    for (size_t i = 0; i < e->count; i++)
        mem_free(e->items[i].hits);
    mem_free(e->items);
    *e = (struct episodes){0};
}
