#include "core/concluding/novelty.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/concluding/trace.h"

struct novelty {
    const struct signals *s;
    struct findings *out;
    const struct rule *rule; /* at hand */
    const struct rule_limits *limits;
    size_t rule_number;
    uint64_t reasons;
    uint32_t *users_of; /* by agent: accounts that sign in with it, about */
    uint32_t *hits;
    uint32_t n_hits;
    size_t cap;
};

static void add_hit(struct novelty *n, uint32_t at)
{
    if (n->n_hits && n->hits[n->n_hits - 1] == at)
        return;
    mem_grow(&n->hits, &n->cap, (size_t)n->n_hits + 1, sizeof *n->hits);
    n->hits[n->n_hits++] = at;
}

/* A rule's reasons are those of what was refused. */
static bool is_hit(const struct novelty *n, const struct signal *s)
{
    const struct rule *r = n->rule;

    return r->stages >> s->stage & 1 && r->outcomes >> s->outcome & 1 &&
           (s->outcome == OUTCOME_SUCCESS || !n->reasons || n->reasons >> s->reason & 1);
}

static bool is_good(const struct novelty *n, const struct signal *s)
{
    return s->outcome == OUTCOME_SUCCESS && n->rule->good_stages >> s->stage & 1;
}

static bool is_end(const struct signal *s)
{
    return s->stage == STAGE_SIGN_OUT && s->outcome == OUTCOME_SUCCESS;
}

static bool same_network(const struct signal *a, const struct signal *b)
{
    return trace_source(a) && trace_source(a) == trace_source(b);
}

static const struct signal *hit(const struct novelty *n, uint32_t i)
{
    return &n->s->items[n->hits[i]];
}

static struct bytes group_text(const struct novelty *n, const struct signal *s)
{
    struct dictionary *const *d = store_dictionaries(n->s->index->store);

    if (n->rule->group == KEY_CLIENT)
        return dictionary_text(d[FIELD_CLIENT], s->client);
    return dictionary_text(d[s->flags & SIGNAL_NAMELESS ? FIELD_USER : FIELD_SUB], s->account);
}

/* `why` is emptied. */
static struct finding *report(struct novelty *n, struct buffer *why)
{
    struct finding *f = findings_add(n->out, n->s, n->rule->scenario, n->hits, n->n_hits);

    f->key = n->rule->group;
    f->key_text = group_text(n, hit(n, 0));
    f->severity = n->rule->severity;
    f->score = weigh_score(f->severity, n->n_hits, n->limits->events);
    f->why = arena_copy(&n->out->arena, buffer_bytes(why));
    buffer_clear(why);
    return f;
}

static void lower(struct novelty *n, struct finding *f, const char *doubt)
{
    f->severity = SEVERITY_LOW;
    f->score = weigh_score(f->severity, f->n_hits, n->limits->events);
    f->doubt = bytes_of(doubt);
}

static void add_limit(const struct novelty *n, struct buffer *why)
{
    buffer_printf(why, " (limit %" PRIu32 ")", n->limits->events);
}

/* ---- elsewhere ---- */

/* Networks and programs that a group is used to. With more than this it has no habits, and
 * neither has a machine client that goes from one strange program to another so often. */
enum { MAX_HABITS = 256, MANY_CHANGES = 16 };

struct habits {
    const struct signal *seen[MAX_HABITS];
    uint32_t n, learned;
    uint32_t changes; /* from one strange program to another */
    bool has_ended;   /* signed out since the last success */
};

static void learn(struct habits *h, const struct signal *s)
{
    uint32_t i = 0;

    h->has_ended = false;
    h->learned++;
    while (i < h->n && !(same_network(h->seen[i], s) && h->seen[i]->agent == s->agent))
        i++;
    if (i == h->n && h->n < MAX_HABITS)
        h->seen[h->n++] = s;
}

/* A phone changes its network and keeps its program; an update does the reverse. Tokens live
 * for weeks: a program that many sign in with was likely signed in before the records begin;
 * one that hardly anybody has is another matter. */
static bool is_unheard_of(const struct novelty *n, const struct habits *h,
                          const struct signal *s)
{
    uint32_t common = n->rule->common;

    if (h->learned < n->rule->habits || h->n == MAX_HABITS ||
        (common && n->users_of[s->agent] >= common && !h->has_ended))
        return false;
    for (uint32_t i = 0; i < h->n; i++)
        if (same_network(h->seen[i], s) || h->seen[i]->agent == s->agent)
            return false;
    return true;
}

static void look_elsewhere(struct novelty *n, const uint32_t *places, uint32_t count)
{
    struct habits habits = {.n = 0};
    struct finding *f;
    uint32_t refused = 0;
    bool after_end = false;
    struct buffer why = {0};

    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &n->s->items[places[i]];
        bool strange = is_hit(n, s) && is_unheard_of(n, &habits, s);

        habits.has_ended |= is_end(s);
        if (!strange && is_good(n, s))
            learn(&habits, s);
        if (!strange)
            continue;
        if (n->n_hits && hit(n, n->n_hits - 1)->agent != s->agent)
            habits.changes++;
        add_hit(n, places[i]);
        refused += s->outcome != OUTCOME_SUCCESS;
        after_end |= habits.has_ended;
    }
    if (n->n_hits < n->limits->events)
        return;
    weigh_add_count(&why, n->n_hits, n->rule->one, n->rule->many);
    if (refused)
        buffer_printf(&why, " (%" PRIu32 " refused)", refused);
    buffer_printf(&why, " by a network and a program that this %s had not %s before%s",
                  rule_key_name(n->rule->group),
                  n->rule->group == KEY_ACCOUNT ? "signed in with" : "used",
                  after_end ? ", after its sign-out" : "");
    add_limit(n, &why);
    f = report(n, &why);
    if (n->rule->group == KEY_CLIENT && habits.changes >= MANY_CHANGES)
        lower(n, f, "So many programs use this client that it has no habits.");
    buffer_deinit(&why);
}

/* ---- two places at once ---- */

/* So soon after another that nobody has moved in between. */
static const int64_t AT_ONCE_US = 5 * INSTANT_MINUTE;

/* Hits that follow each other at once, by one program in two networks. */
static bool is_elsewhere_too(const struct signal *a, const struct signal *b)
{
    return trace_source(a) && trace_source(b) && trace_source(a) != trace_source(b) &&
           trace_program(a) == trace_program(b) && b->time_us - a->time_us <= AT_ONCE_US;
}

/* At the edge of a network a phone may change there and back, and there again. */
enum { CHANGES_AT_ONCE = 3 };

/* Pairs of hits that begin where the pair before began: who moved would begin where it ended.
 * A phone that leaves home and comes back gives pairs, and none of these; one that changed
 * back and forth at once for ever would have to be two. */
static uint32_t gather_pairs(struct novelty *n, const uint32_t *places, uint32_t count)
{
    const struct signal *last = NULL, *began = NULL, *ended = NULL;
    uint32_t last_at = 0, pairs = 0, changes = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &n->s->items[places[i]];

        if (!is_hit(n, s))
            continue;
        if (last && is_elsewhere_too(last, s)) {
            changes = last == ended ? changes + 1 : 0;
            if (changes >= CHANGES_AT_ONCE ||
                (began && same_network(began, last) &&
                 last->time_us - began->time_us <= n->limits->window_us)) {
                add_hit(n, last_at);
                add_hit(n, places[i]);
                pairs++;
            }
            began = last;
            ended = s;
        }
        last = s;
        last_at = places[i];
    }
    return pairs;
}

static bool is_v6(const struct novelty *n, const struct signal *s)
{
    struct bytes ip = dictionary_text(store_dictionaries(n->s->index->store)[FIELD_IP], s->ip);

    return ip.len && memchr(ip.ptr, ':', ip.len);
}

/* Whether each hit is of another family of addresses than the one before. */
static bool is_mixed(const struct novelty *n)
{
    for (uint32_t i = 1; i < n->n_hits; i++)
        if (!same_network(hit(n, i), hit(n, i - 1)) &&
            is_v6(n, hit(n, i)) == is_v6(n, hit(n, i - 1)))
            return false;
    return true;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The network that most of the hits come from, and how many. */
static uint64_t busiest_network(const struct novelty *n, uint32_t *most)
{
    uint64_t *networks = mem_array(n->n_hits, sizeof *networks), best = 0;
    uint32_t same = 0;

    for (uint32_t i = 0; i < n->n_hits; i++)
        networks[i] = trace_source(hit(n, i));
    qsort(networks, n->n_hits, sizeof *networks, by_number);
    *most = 0;
    for (uint32_t i = 0; i < n->n_hits; i++) {
        same = i && networks[i] == networks[i - 1] ? same + 1 : 1;
        if (same > *most) {
            *most = same;
            best = networks[i];
        }
    }
    mem_free(networks);
    return best;
}

/* Which of the hits' networks the account signed in from: at the busiest, at all others. */
struct homes {
    bool busiest, others;
};

static struct homes homes_of(const struct novelty *n, uint64_t busiest, const uint32_t *places,
                             uint32_t count)
{
    struct homes homes = {false, true};
    uint64_t *known = mem_array((size_t)count + 1, sizeof *known);
    size_t n_known = 0;

    for (uint32_t i = 0; i < count; i++)
        if (is_good(n, &n->s->items[places[i]]))
            known[n_known++] = trace_source(&n->s->items[places[i]]);
    qsort(known, n_known, sizeof *known, by_number);
    for (uint32_t i = 0; i < n->n_hits; i++) {
        uint64_t source = trace_source(hit(n, i));
        bool is_known = bsearch(&source, known, n_known, sizeof *known, by_number) != NULL;

        if (source == busiest)
            homes.busiest = is_known;
        else
            homes.others &= is_known;
    }
    mem_free(known);
    return homes;
}

static void look_at_two_places(struct novelty *n, const uint32_t *places, uint32_t count)
{
    uint32_t pairs = gather_pairs(n, places, count), most = 0;
    struct buffer why = {0};
    struct homes homes;
    struct finding *f;
    uint64_t busiest;

    if (n->n_hits < n->limits->events)
        return;
    /* A phone that gets a new address with every request is back at none. */
    busiest = busiest_network(n, &most);
    if (most * 3 < n->n_hits)
        return;
    homes = homes_of(n, busiest, places, count);
    if (homes.busiest && homes.others)
        return; /* two devices of the owner's, each with its own sign-in */
    weigh_add_count(&why, n->n_hits, n->rule->one, n->rule->many);
    buffer_printf(&why, " by one program in two networks at once: %" PRIu32 " times within ",
                  pairs);
    instant_add_span(&why, AT_ONCE_US);
    buffer_add_text(&why, " in another network, and then again where it was");
    add_limit(n, &why);
    f = report(n, &why);
    if (is_mixed(n))
        lower(n, f,
              "One network is of IPv4 and one of IPv6: a device that has both changes "
              "between them.");
    else if (!homes.busiest && !homes.others)
        lower(n, f,
              "No sign-in of the account from either network is in what is loaded: they "
              "may be two devices of its owner.");
    buffer_deinit(&why);
}

/* ---- travel ---- */

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

/* Who comes back from where they were too soon is told by the way there. */
static bool is_return(const struct novelty *n, uint32_t last, uint32_t from, uint32_t country)
{
    return n->n_hits && n->hits[n->n_hits - 1] == last && country == from;
}

static void look_at_travel(struct novelty *n, const uint32_t *places, uint32_t count)
{
    const struct dictionary *d = store_dictionaries(n->s->index->store)[FIELD_COUNTRY];
    uint32_t last = SIGNAL_NONE, last_country = 0, from = 0, to = 0;
    int64_t apart_us = 0;
    struct buffer why = {0};

    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &n->s->items[places[i]];
        uint32_t country = is_hit(n, s) ? country_of(n, places[i]) : 0;

        if (!country)
            continue;
        if (last_country && country != last_country && !is_return(n, last, from, country) &&
            s->time_us - n->s->items[last].time_us <= n->limits->window_us) {
            add_hit(n, last);
            add_hit(n, places[i]);
            apart_us = s->time_us - n->s->items[last].time_us;
            from = last_country;
            to = country;
        }
        last = places[i];
        last_country = country;
    }
    if (n->n_hits <= n->limits->events)
        return;
    buffer_printf(&why, "%s from ", n->rule->many);
    buffer_add(&why, dictionary_text(d, from));
    buffer_add_text(&why, " and ");
    buffer_add(&why, dictionary_text(d, to));
    buffer_add_text(&why, " within ");
    instant_add_span(&why, apart_us);
    buffer_add_text(&why, " (limit ");
    instant_add_span(&why, n->limits->window_us);
    buffer_add_char(&why, ')');
    report(n, &why);
    buffer_deinit(&why);
}

/* ---- all groups ---- */

/* By enum rule_look; NULL where another file looks. */
static void (*const LOOKS[])(struct novelty *n, const uint32_t *places, uint32_t count) = {
    [LOOK_ELSEWHERE] = look_elsewhere,
    [LOOK_TWO_PLACES] = look_at_two_places,
    [LOOK_TRAVEL] = look_at_travel,
};

static bool is_own_rule(const struct rule *r)
{
    return r->look < ARRAY_LEN(LOOKS) && LOOKS[r->look];
}

/* Stages that any of a group's rules looks at. */
static uint32_t stages_of(enum rule_key group)
{
    uint32_t stages = 1 << STAGE_SIGN_OUT;

    for (size_t i = 0; i < rule_count(); i++) {
        const struct rule *r = rule_get(i);

        if (is_own_rule(r) && r->group == group)
            stages |= r->stages | r->good_stages;
    }
    return stages;
}

static void group_signals(struct roster *r, const struct signals *s, enum rule_key group)
{
    uint32_t *numbers = mem_array((size_t)s->count + 1, sizeof *numbers);
    uint32_t stages = stages_of(group), clients;

    for (uint32_t i = 0; i < s->count; i++) {
        const struct signal *x = &s->items[i];

        if (!(x->flags & SIGNAL_TWIN) && stages >> x->stage & 1)
            numbers[i] = group == KEY_CLIENT ? x->client : roster_account(s, x);
    }
    clients = dictionary_count(store_dictionaries(s->index->store)[FIELD_CLIENT]);
    roster_make_of(r, numbers, s->count, group == KEY_CLIENT ? clients : roster_accounts(s));
    mem_free(numbers);
}

/* Counted again when another account came in between: no less than there are, and enough to
 * tell a few from many. */
static uint32_t *count_users(const struct signals *s)
{
    enum { ENTRIES = 1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE | 1 << STAGE_TOKEN };
    uint32_t agents = dictionary_count(store_dictionaries(s->index->store)[FIELD_AGENT]);
    uint32_t *last = mem_array(agents, sizeof *last), *users = mem_array(agents, sizeof *users);

    for (uint32_t i = 0; i < s->count; i++) {
        const struct signal *x = &s->items[i];

        if (!(ENTRIES >> x->stage & 1) || x->outcome != OUTCOME_SUCCESS || !x->account ||
            last[x->agent] == x->account)
            continue;
        last[x->agent] = x->account;
        users[x->agent]++;
    }
    mem_free(last);
    return users;
}

static void find_in(struct novelty *n, const struct rules *rules, const struct roster *r,
                    enum rule_key group, const atomic_bool *cancelled)
{
    for (size_t i = 0; i < rule_count(); i++) {
        n->rule = rule_get(i);
        n->limits = &rules->limits[i];
        n->rule_number = i;
        n->reasons = rule_reasons(n->rule);
        if (!is_own_rule(n->rule) || n->rule->group != group || !n->limits->on)
            continue;
        for (uint32_t g = 1; g < r->count && !atomic_load(cancelled); g++) {
            n->n_hits = 0;
            if (r->starts[g + 1] - r->starts[g] > 1)
                LOOKS[n->rule->look](n, r->positions + r->starts[g],
                                     r->starts[g + 1] - r->starts[g]);
        }
    }
}

void novelty_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled)
{
    static const enum rule_key groups[] = {KEY_ACCOUNT, KEY_CLIENT};
    struct novelty n = {.s = s, .out = out};
    struct roster r = {0};

    n.users_of = count_users(s);
    for (size_t i = 0; i < ARRAY_LEN(groups) && !atomic_load(cancelled); i++) {
        group_signals(&r, s, groups[i]);
        find_in(&n, rules, &r, groups[i], cancelled);
        roster_deinit(&r);
    }
    mem_free(n.hits);
    mem_free(n.users_of);
}
