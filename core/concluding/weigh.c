#include "core/concluding/weigh.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

/* An episode that stays, and how many of its hits went to broader ones since. */
struct choice {
    uint32_t episode, lost;
};

/* Which finding has a signal as its hit, number + 1, of the scenario at hand and of those that
 * try passwords on many. */
struct weighing {
    const struct signals *s;
    const struct rules *rules;
    const struct episodes *episodes;
    struct findings *out;
    uint32_t *owner;   /* by signal: chosen episode + 1 */
    bool *is_stuffed;  /* by signal: a hit of stuffing or spraying */
    uint32_t *changes; /* signals of settings and who changed them, in time order */
    uint32_t n_changes;
    struct choice *chosen;
    uint32_t n_chosen;
    size_t chosen_cap;
};

static bool is_of_many(enum scenario s)
{
    return s == SCENARIO_STUFFING || s == SCENARIO_SPRAYING;
}

/* How an episode lies over those chosen before. */
struct overlap {
    uint32_t covered, owners, stuffed, unknown_users;
};

static struct overlap overlap_of(const struct weighing *w, const struct episode *e)
{
    struct overlap o = {0};
    uint32_t seen[8], n_seen = 0;

    for (uint32_t i = 0; i < e->n_hits; i++) {
        const struct signal *s = &w->s->items[e->hits[i]];
        uint32_t owner = w->owner[e->hits[i]], k = 0;

        o.stuffed += w->is_stuffed[e->hits[i]];
        o.unknown_users += s->reason == REASON_USER_UNKNOWN || s->reason == REASON_USER_EXISTS;
        if (!owner)
            continue;
        o.covered++;
        while (k < n_seen && seen[k] != owner)
            k++;
        if (k == n_seen && n_seen < ARRAY_LEN(seen)) {
            seen[n_seen++] = owner;
            o.owners++;
        }
    }
    return o;
}

/* What another scenario tells better. */
static bool is_explained(const struct episode *e, const struct overlap *o)
{
    const struct rule *rule = rule_get(e->rule);

    /* Names that do not exist, tried in number, are enumeration. */
    if (is_of_many(rule->scenario) && o->unknown_users * 5 > e->n_hits * 4)
        return true;
    if (rule->scenario == SCENARIO_SPRAYING || rule->scenario == SCENARIO_BRUTE_FORCE)
        return o->stuffed * 2 > e->n_hits;
    return rule->nameless && o->stuffed * 2 > e->n_hits;
}

static bool is_wanted(const struct weighing *w, const struct episode *e,
                      const struct overlap *o)
{
    uint32_t fresh = e->n_hits - o->covered;
    uint32_t least = w->rules->limits[e->rule].events;

    if (is_explained(e, o))
        return false;
    if (o->covered == 0)
        return true;
    if ((e->key == KEY_NETWORK || e->key == KEY_AGENT_CLIENT) && o->owners > 1)
        return true;
    return fresh >= least && fresh * 2 >= e->n_hits;
}

static enum severity severity_of(const struct weighing *w, uint32_t choice)
{
    return rule_get(w->episodes->items[w->chosen[choice].episode].rule)->severity;
}

/* Takes the hits over; what was chosen before and lost nearly all of its own goes. */
static void choose(struct weighing *w, uint32_t number)
{
    const struct episode *e = &w->episodes->items[number];
    struct choice *mine;

    mem_grow(&w->chosen, &w->chosen_cap, (size_t)w->n_chosen + 1, sizeof *w->chosen);
    mine = &w->chosen[w->n_chosen++];
    *mine = (struct choice){.episode = number};
    for (uint32_t i = 0; i < e->n_hits; i++) {
        uint32_t before = w->owner[e->hits[i]];

        if (before && severity_of(w, before - 1) > severity_of(w, w->n_chosen - 1))
            continue; /* a note takes nothing from an alarm */
        w->owner[e->hits[i]] = w->n_chosen;
        if (before)
            w->chosen[before - 1].lost++;
    }
}

static bool is_left(const struct weighing *w, const struct choice *c)
{
    return c->lost * 5 < w->episodes->items[c->episode].n_hits * 4;
}

/* ---- words ---- */

void weigh_add_count(struct buffer *out, uint64_t count, const char *one, const char *many)
{
    buffer_printf(out, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint32_t different(const struct weighing *w, const struct episode *e, enum rule_key key)
{
    uint64_t *keys = mem_array(e->n_hits, sizeof *keys);
    uint32_t count = 0, n = 0;

    for (uint32_t i = 0; i < e->n_hits; i++) {
        keys[n] = episode_key(&w->s->items[e->hits[i]], key);
        n += keys[n] != 0;
    }
    if (n)
        qsort(keys, n, sizeof *keys, by_key);
    for (uint32_t i = 0; i < n; i++)
        count += i == 0 || keys[i] != keys[i - 1];
    mem_free(keys);
    return count;
}

static void add_usual(struct buffer *out, const struct episode *e,
                      const struct rule_limits *limits)
{
    double expected = episode_expected(e, limits->window_us);
    const char *aside = e->is_again ? ", earlier bursts aside" : "";

    if (expected < 0)
        buffer_add_text(out, "; what is usual here is not known: the records begin too close");
    else if (expected < 0.05)
        buffer_printf(out, "; before%s, hardly ever one", aside);
    else
        buffer_printf(out, "; before%s, %.1f in such a time", aside, expected);
}

/* What was called: the first few different ones; and how many calls changed nothing. */
static void add_operations(const struct weighing *w, const struct episode *e,
                           struct buffer *out)
{
    const struct dictionary *d = store_dictionaries(w->s->index->store)[FIELD_OPERATION];
    uint32_t told[4], n = 0, refused = 0;
    bool has_more = false;

    for (uint32_t i = 0; i < e->n_hits; i++) {
        const struct signal *s = &w->s->items[e->hits[i]];
        uint32_t k = 0;

        refused += s->outcome != OUTCOME_SUCCESS;
        while (k < n && told[k] != s->operation)
            k++;
        has_more |= k == ARRAY_LEN(told);
        if (k < n || k == ARRAY_LEN(told))
            continue;
        told[n++] = s->operation;
        buffer_add_text(out, k ? ", " : ": ");
        buffer_add(out, dictionary_text(d, s->operation));
    }
    if (has_more)
        buffer_add_text(out, " and others");
    if (refused)
        buffer_printf(out, " (%" PRIu32 " did not succeed)", refused);
}

static struct bytes why_of(const struct weighing *w, const struct episode *e)
{
    const struct rule_limits *limits = &w->rules->limits[e->rule];
    const struct rule *rule = rule_get(e->rule);
    struct buffer text = {0};
    struct bytes kept;

    weigh_add_count(&text, e->n_hits, "event", "events");
    if (e->key == KEY_ACTOR)
        add_operations(w, e, &text);
    else if (e->key != KEY_ACCOUNT && e->peers)
        buffer_printf(&text, " on %" PRIu32 " %s", e->peers,
                      e->peers == 1 ? "account" : "accounts");
    if (e->key != KEY_ACCOUNT && e->key != KEY_ACTOR && e->nameless)
        buffer_printf(&text, "%s%" PRIu32 " naming no account", e->peers ? ", " : ", ",
                      e->nameless);
    buffer_add_text(&text, " from ");
    weigh_add_count(&text, different(w, e, KEY_IP), "address", "addresses");
    if (e->n_hits > 1) {
        buffer_add_text(&text, " in ");
        instant_add_span(&text, w->s->items[e->hits[e->n_hits - 1]].time_us -
                                    w->s->items[e->hits[0]].time_us);
    }
    if (limits->events > 1) {
        buffer_printf(&text, "; at most %" PRIu32 " in ", e->peak);
        instant_add_span(&text, limits->window_us);
        buffer_printf(&text, " (limit %" PRIu32 ")", limits->events);
        add_usual(&text, e, limits);
    }
    if (rule->good_stages) {
        buffer_add_text(&text, "; beside them ");
        weigh_add_count(&text, e->goods, "success", "successes");
    }
    kept = arena_copy(&w->out->arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

/* ---- who changes settings every other day ---- */

enum { ORDINARY_DAYS = 3 };

/* Days before an event on which its actor made the same call, from its network or with its
 * program, and was let; no more than are enough. Changes are few: all are looked through. */
static uint32_t days_of(const struct weighing *w, uint32_t at)
{
    const struct signal *s = &w->s->items[at];
    int64_t last = s->time_us / INSTANT_DAY;
    uint32_t days = 0;

    for (uint32_t i = w->n_changes; i > 0 && days < ORDINARY_DAYS; i--) {
        const struct signal *x = &w->s->items[w->changes[i - 1]];
        int64_t day = x->time_us / INSTANT_DAY;

        if (day >= last || x->operation != s->operation || x->outcome != OUTCOME_SUCCESS ||
            episode_key(x, KEY_ACTOR) != episode_key(s, KEY_ACTOR) ||
            !((x->network && x->network == s->network) || (x->agent && x->agent == s->agent)))
            continue;
        last = day;
        days++;
    }
    return days;
}

/* True when each kind of call of the episode is its actor's habit. */
static bool is_ordinary(const struct weighing *w, const struct episode *e)
{
    uint32_t told[8], n = 0;

    if (rule_get(e->rule)->scenario != SCENARIO_TAMPERING)
        return false;
    for (uint32_t i = 0; i < e->n_hits; i++) {
        uint32_t operation = w->s->items[e->hits[i]].operation, k = 0;

        while (k < n && told[k] != operation)
            k++;
        if (k < n)
            continue;
        if (n == ARRAY_LEN(told) || days_of(w, e->hits[i]) < ORDINARY_DAYS)
            return false;
        told[n++] = operation;
    }
    return true;
}

static void collect_changes(struct weighing *w)
{
    size_t cap = 0;

    for (uint32_t i = 0; i < w->s->count; i++) {
        if (w->s->items[i].stage != STAGE_CONFIG || !w->s->items[i].actor)
            continue;
        mem_grow(&w->changes, &cap, (size_t)w->n_changes + 1, sizeof *w->changes);
        w->changes[w->n_changes++] = i;
    }
}

/* What speaks for a benign reading of these very numbers. */
static struct bytes doubt_of(const struct weighing *w, const struct episode *e,
                             const struct overlap *o)
{
    const struct rule_limits *limits = &w->rules->limits[e->rule];
    struct buffer text = {0};
    struct bytes kept;

    if (limits->share && episode_share(e) < limits->share)
        buffer_printf(&text,
                      e->excuses == e->goods
                          ? "Only %u %% of what ended here was refused. "
                          : "Only %u %% of what ended here was refused, where of one account "
                            "no more than %d successes count, and of none no more than were "
                            "refused. ",
                      episode_share(e), EPISODE_EXCUSES);
    /* The owner's one slip at home does not explain what comes from elsewhere, nor an
     * intruder's own account what is tried on others. */
    if (e->peers && e->familiar * 2 >= e->peers && e->familiar_hits * 2 >= e->n_hits)
        buffer_printf(&text,
                      e->key == KEY_ACCOUNT ? "%" PRIu32 " of %" PRIu32
                                              " addresses also signed in as it. "
                      : episode_is_place(e->key)
                          ? "%" PRIu32 " of %" PRIu32 " accounts also signed in from here. "
                          : "%" PRIu32 " of %" PRIu32 " accounts also signed in from the "
                            "networks that they failed from. ",
                      e->familiar, e->peers);
    if (is_ordinary(w, e))
        buffer_printf(&text,
                      "The same actor made the same %s on at least %d earlier days, from this "
                      "network or with this program. ",
                      e->n_hits == 1 ? "call" : "calls", ORDINARY_DAYS);
    if (o->stuffed * 2 > e->n_hits && !is_of_many(rule_get(e->rule)->scenario))
        buffer_add_text(&text, "Most of it is part of an attack with passwords that is a "
                               "finding of its own. ");
    if (text.len)
        text.len--;
    kept = arena_copy(&w->out->arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

unsigned weigh_score(enum severity severity, uint32_t hits, uint32_t limit)
{
    static const unsigned floors[SEVERITY_COUNT] = {5, 20, 45, 70};
    unsigned more = 0;

    for (uint64_t times = limit ? limit : 1; times * 2 <= hits && more < 15; times *= 2)
        more += 3;
    return floors[severity] + more;
}

static struct bytes key_text_of(const struct weighing *w, const struct episode *e)
{
    const struct signal *s = &w->s->items[e->hits[0]];
    struct dictionary *const *d = store_dictionaries(w->s->index->store);
    struct buffer text = {0};
    struct bytes kept;

    switch (e->key) {
    case KEY_IP:
        return dictionary_text(d[FIELD_IP], s->ip);
    case KEY_NETWORK:
        (void)signal_network(dictionary_text(d[FIELD_IP], s->ip), &text);
        break;
    case KEY_AGENT_CLIENT:
        buffer_add(&text, dictionary_text(d[FIELD_AGENT], s->agent));
        buffer_add_text(&text, " + ");
        buffer_add(&text, dictionary_text(d[FIELD_CLIENT], s->client));
        break;
    case KEY_ACCOUNT:
        return dictionary_text(d[s->flags & SIGNAL_NAMELESS ? FIELD_USER : FIELD_SUB],
                               s->account);
    case KEY_CLIENT:
        return dictionary_text(d[FIELD_CLIENT], s->client);
    case KEY_ACTOR:
        return s->actor ? dictionary_text(d[FIELD_ACTOR], s->actor)
                        : dictionary_text(d[FIELD_IP], s->ip);
    case KEY_ALL:
    case KEY_NONE:
    case KEY_COUNT:
        return bytes_of("everything");
    }
    kept = arena_copy(&w->out->arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

static void report(const struct weighing *w, const struct episode *e)
{
    const struct rule *rule = rule_get(e->rule);
    struct overlap o = overlap_of(w, e);
    struct finding *f = findings_add(w->out, w->s, rule->scenario, e->hits, e->n_hits);
    uint32_t refused = 0;

    for (uint32_t i = 0; i < e->n_hits; i++)
        refused += w->s->items[e->hits[i]].reason == REASON_PERMISSION;
    f->rule = e->rule;
    f->key = e->key;
    f->peak_us = e->peak_us;
    f->key_text = key_text_of(w, e);
    f->why = why_of(w, e);
    f->doubt = doubt_of(w, e, &o);
    f->severity = rule->severity;
    if (f->doubt.len)
        f->severity = SEVERITY_LOW;
    else if (rule->scenario == SCENARIO_TAMPERING && refused == e->n_hits)
        f->severity = rule->severity - 1; /* tried, and not allowed */
    f->score = weigh_score(f->severity, e->peak, w->rules->limits[e->rule].events);
}

static void weigh_scenario(struct weighing *w, enum scenario scenario)
{
    w->n_chosen = 0;
    memset(w->owner, 0, w->s->count * sizeof *w->owner);
    for (uint32_t i = 0; i < w->episodes->count; i++) {
        const struct episode *e = &w->episodes->items[i];
        struct overlap o;

        if (rule_get(e->rule)->scenario != scenario)
            continue;
        o = overlap_of(w, e);
        if (is_wanted(w, e, &o))
            choose(w, i);
    }
    for (uint32_t i = 0; i < w->n_chosen; i++) {
        const struct episode *e = &w->episodes->items[w->chosen[i].episode];

        if (!is_left(w, &w->chosen[i]))
            continue;
        report(w, e);
        for (uint32_t k = 0; is_of_many(scenario) && k < e->n_hits; k++)
            w->is_stuffed[e->hits[k]] = true;
    }
}

void weigh_episodes(const struct signals *s, const struct rules *rules,
                    const struct episodes *episodes, struct findings *out)
{
    struct weighing w = {.s = s, .rules = rules, .episodes = episodes, .out = out};

    w.owner = mem_array((size_t)s->count + 1, sizeof *w.owner);
    w.is_stuffed = mem_array((size_t)s->count + 1, sizeof *w.is_stuffed);
    collect_changes(&w);
    for (unsigned i = 0; i < SCENARIO_COUNT; i++)
        weigh_scenario(&w, (enum scenario)i);
    mem_free(w.owner);
    mem_free(w.is_stuffed);
    mem_free(w.changes);
    mem_free(w.chosen);
}
