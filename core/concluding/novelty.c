#include "core/concluding/novelty.h"

#include <inttypes.h>

#include "core/base/mem.h"

#include "core/concluding/roster.h"

struct novelty {
    const struct signals *s;
    const struct rules *rules;
    struct findings *out;
    uint32_t *users_of; /* by agent: accounts that sign in with it, about */
    uint32_t *hits;
    uint32_t n_hits;
    size_t cap;
};

static void add_hit(struct novelty *n, uint32_t at)
{
    mem_grow(&n->hits, &n->cap, (size_t)n->n_hits + 1, sizeof *n->hits);
    n->hits[n->n_hits++] = at;
}

static struct finding *report(struct novelty *n, enum scenario scenario, const char *rule,
                              enum rule_key key, struct bytes key_text, struct buffer *why)
{
    struct finding *f = findings_add(n->out, n->s, scenario, n->hits, n->n_hits);

    f->key = key;
    f->key_text = key_text;
    f->severity = rule_get(rule_find(bytes_of(rule)))->severity;
    f->score = weigh_score(f->severity, n->n_hits, 1);
    f->why = arena_copy(&n->out->arena, buffer_bytes(why));
    buffer_clear(why);
    return f;
}

static const struct rule_limits *limits_of(const struct novelty *n, const char *rule)
{
    return &n->rules->limits[rule_find(bytes_of(rule))];
}

static struct bytes account_text(const struct novelty *n, const struct signal *s)
{
    struct dictionary *const *d = store_dictionaries(n->s->index->store);

    return dictionary_text(d[s->flags & SIGNAL_NAMELESS ? FIELD_USER : FIELD_SUB], s->account);
}

/* ---- tokens used from elsewhere ---- */

static bool is_entry(const struct signal *s)
{
    return (s->stage == STAGE_SIGN_IN || s->stage == STAGE_CHALLENGE ||
            s->stage == STAGE_TOKEN) &&
           s->outcome == OUTCOME_SUCCESS;
}

static bool is_refresh(const struct signal *s)
{
    return s->stage == STAGE_REFRESH &&
           (s->outcome == OUTCOME_SUCCESS || s->reason == REASON_REFRESH_REVOKED);
}

static bool is_end(const struct signal *s)
{
    return s->stage == STAGE_SIGN_OUT && s->outcome == OUTCOME_SUCCESS;
}

static bool is_of_tokens(const struct signal *s)
{
    return !(s->flags & SIGNAL_TWIN) && (is_entry(s) || is_refresh(s) || is_end(s));
}

static bool same_network(const struct signal *a, const struct signal *b)
{
    return (a->ip && a->ip == b->ip) || (a->network && a->network == b->network);
}

/* What an account signed in with so far. With more than this it has no habits. */
enum { MAX_HABITS = 256 };

struct habits {
    const struct signal *seen[MAX_HABITS];
    uint32_t n;
    bool has_ended; /* signed out since the last sign-in */
};

static void learn_entry(struct habits *h, const struct signal *s)
{
    uint32_t i = 0;

    h->has_ended = false;
    while (i < h->n && !(same_network(h->seen[i], s) && h->seen[i]->agent == s->agent))
        i++;
    if (i == h->n && h->n < MAX_HABITS)
        h->seen[h->n++] = s;
}

/* Tokens live for weeks: a program that many sign in with was likely signed in before the
 * records begin. One that hardly anybody has is another matter. */
enum { COMMON_PROGRAM = 5 };

static bool is_unheard_of(const struct novelty *n, const struct habits *h,
                          const struct signal *s)
{
    if (h->n == 0 || h->n == MAX_HABITS ||
        (n->users_of[s->agent] >= COMMON_PROGRAM && !h->has_ended))
        return false;
    for (uint32_t i = 0; i < h->n; i++)
        if (same_network(h->seen[i], s) || h->seen[i]->agent == s->agent)
            return false;
    return true;
}

/* The refreshes of one account by a network and a program that never signed in as it. A phone
 * changes its network and keeps its program; an update does the reverse. */
static void weigh_tokens(struct novelty *n, const uint32_t *places, uint32_t count)
{
    struct habits habits = {.n = 0};
    uint32_t refused = 0;
    bool after_end = false;
    struct buffer why = {0};

    n->n_hits = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &n->s->items[places[i]];

        if (is_entry(s))
            learn_entry(&habits, s);
        habits.has_ended |= is_end(s);
        if (!is_refresh(s) || !is_unheard_of(n, &habits, s))
            continue;
        add_hit(n, places[i]);
        refused += s->outcome != OUTCOME_SUCCESS;
        after_end |= habits.has_ended;
    }
    if (n->n_hits < limits_of(n, "token-theft")->events)
        return;
    weigh_add_count(&why, n->n_hits, "refresh", "refreshes");
    buffer_printf(&why,
                  " (%" PRIu32
                  " refused) by a network and a program that had never signed in as "
                  "this account%s",
                  refused, after_end ? ", after its sign-out" : "");
    report(n, SCENARIO_TOKEN_THEFT, "token-theft", KEY_ACCOUNT,
           account_text(n, &n->s->items[n->hits[0]]), &why);
    buffer_deinit(&why);
}

/* ---- two countries at once ---- */

/* Country of the signal's own record, or of its twin; 0 when neither tells. */
static uint32_t country_of(const struct novelty *n, uint32_t at)
{
    const struct signal *s = &n->s->items[at];

    for (unsigned i = 0; i < 2; i++) {
        const struct chunk *c = store_chunk(n->s->index->store, row_chunk(s->row));
        uint64_t id = column_get(&c->ids[FIELD_COUNTRY], row_in_chunk(s->row));

        if (id >= DICTIONARY_FIRST_TEXT)
            return (uint32_t)id;
        if (s->twin == SIGNAL_NONE)
            break;
        s = &n->s->items[s->twin];
    }
    return 0;
}

static void weigh_travel(struct novelty *n, const uint32_t *places, uint32_t count)
{
    const struct rule_limits *limits = limits_of(n, "risky-sign-in.travel");
    const struct dictionary *d = store_dictionaries(n->s->index->store)[FIELD_COUNTRY];
    uint32_t last = SIGNAL_NONE, last_country = 0, from = 0, to = 0;
    struct buffer why = {0};

    n->n_hits = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &n->s->items[places[i]];
        uint32_t country = is_entry(s) ? country_of(n, places[i]) : 0;

        if (!country)
            continue;
        if (last_country && country != last_country &&
            s->time_us - n->s->items[last].time_us <= limits->window_us) {
            if (n->n_hits == 0 || n->hits[n->n_hits - 1] != last)
                add_hit(n, last);
            add_hit(n, places[i]);
            from = last_country;
            to = country;
        }
        last = places[i];
        last_country = country;
    }
    if (n->n_hits == 0)
        return;
    buffer_add_text(&why, "sign-ins from ");
    buffer_add(&why, dictionary_text(d, from));
    buffer_add_text(&why, " and ");
    buffer_add(&why, dictionary_text(d, to));
    buffer_add_text(&why, " within ");
    instant_add_span(&why, n->s->items[n->hits[n->n_hits - 1]].time_us -
                               n->s->items[n->hits[n->n_hits - 2]].time_us);
    buffer_add_text(&why, " (limit ");
    instant_add_span(&why, limits->window_us);
    buffer_add_char(&why, ')');
    report(n, SCENARIO_RISKY, "risky-sign-in.travel", KEY_ACCOUNT,
           account_text(n, &n->s->items[n->hits[0]]), &why);
    buffer_deinit(&why);
}

/* ---- a new place that knows the secret ---- */

enum { KNOWN_AFTER = 5 }; /* requests that make a machine's habits */

static bool is_machine(const struct signal *s)
{
    return s->stage == STAGE_M2M && !(s->flags & SIGNAL_TWIN) && s->outcome == OUTCOME_SUCCESS;
}

/* One program of a client, and where it was seen first. */
struct machine {
    const struct signal *first;
    bool strange; /* turned up when others were usual */
};

/* Requests by programs that turned up, at new networks, when the client had its habits. */
static void weigh_machine(struct novelty *n, const uint32_t *places, uint32_t count)
{
    enum { MAX_AGENTS = 64 };
    struct machine seen[MAX_AGENTS];
    const struct rule_limits *limits = limits_of(n, "m2m-anomaly.source");
    struct dictionary *const *d = store_dictionaries(n->s->index->store);
    uint32_t n_seen = 0;
    struct buffer why = {0};

    n->n_hits = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &n->s->items[places[i]];
        uint32_t k = 0;

        while (k < n_seen && seen[k].first->agent != s->agent)
            k++;
        if (k == MAX_AGENTS)
            continue; /* a client with so many programs has no habits */
        if (k == n_seen) {
            bool network_known = false;

            for (uint32_t j = 0; j < n_seen; j++)
                network_known |= same_network(seen[j].first, s);
            seen[n_seen++] = (struct machine){s, i >= KNOWN_AFTER && !network_known};
        }
        if (seen[k].strange)
            add_hit(n, places[i]);
    }
    if (n->n_hits < limits->events || n_seen == MAX_AGENTS)
        return;
    weigh_add_count(&why, n->n_hits, "token", "tokens");
    buffer_printf(&why,
                  " (limit %" PRIu32 ") to a program and a network that this client had "
                  "not used before; it asked %" PRIu32 " times in all",
                  limits->events, count);
    report(n, SCENARIO_M2M, "m2m-anomaly.source", KEY_CLIENT,
           dictionary_text(d[FIELD_CLIENT], n->s->items[n->hits[0]].client), &why);
    buffer_deinit(&why);
}

static void each_group(struct novelty *n, const struct roster *r,
                       void (*weigh)(struct novelty *n, const uint32_t *places, uint32_t count),
                       const atomic_bool *cancelled)
{
    for (uint32_t group = 1; group < r->count && !atomic_load(cancelled); group++)
        if (r->starts[group + 1] > r->starts[group])
            weigh(n, r->positions + r->starts[group], r->starts[group + 1] - r->starts[group]);
}

/* Counted again when another account came in between: no less than there are, and enough to
 * tell a few from many. */
static uint32_t *count_users(const struct signals *s)
{
    uint32_t agents = dictionary_count(store_dictionaries(s->index->store)[FIELD_AGENT]);
    uint32_t *last = mem_array(agents, sizeof *last), *users = mem_array(agents, sizeof *users);

    for (uint32_t i = 0; i < s->count; i++) {
        const struct signal *x = &s->items[i];

        if (!is_entry(x) || !x->account || last[x->agent] == x->account)
            continue;
        last[x->agent] = x->account;
        users[x->agent]++;
    }
    mem_free(last);
    return users;
}

void novelty_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled)
{
    struct dictionary *const *d = store_dictionaries(s->index->store);
    struct novelty n = {.s = s, .rules = rules, .out = out};
    struct roster r = {0};

    n.users_of = count_users(s);
    roster_make(&r, s, roster_accounts(s), roster_account, is_of_tokens);
    if (limits_of(&n, "token-theft")->on)
        each_group(&n, &r, weigh_tokens, cancelled);
    if (limits_of(&n, "risky-sign-in.travel")->on)
        each_group(&n, &r, weigh_travel, cancelled);
    roster_deinit(&r);
    roster_make(&r, s, dictionary_count(d[FIELD_CLIENT]), roster_client, is_machine);
    if (limits_of(&n, "m2m-anomaly.source")->on)
        each_group(&n, &r, weigh_machine, cancelled);
    roster_deinit(&r);
    mem_free(n.hits);
    mem_free(n.users_of);
}
