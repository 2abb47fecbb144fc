#include "core/concluding/breakin.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/concluding/roster.h"

enum {
    ENTRY_STAGES = 1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE,
    STRANGER_FAILURES = 10, /* from here on familiarity with the program alone is no excuse */
    UNHEARD_FAILURES = 8,   /* nor is it that nothing is known of the account */
    MAX_LOOK_BACK = 20000,  /* records of one account that are looked through for one entry: who
                             * made more of them must not make the time grow with the square */
};

/* The time after a hostile source's last hit in which a success still counts as its. */
static const int64_t LATER_US = INSTANT_DAY;

static bool is_refused(const struct signal *s)
{
    return !(s->flags & SIGNAL_TWIN) && ENTRY_STAGES >> s->stage & 1 &&
           (s->outcome == OUTCOME_FAILURE || s->outcome == OUTCOME_BLOCKED);
}

static bool is_entry(const struct signal *s)
{
    return !(s->flags & SIGNAL_TWIN) && ENTRY_STAGES >> s->stage & 1 &&
           s->outcome == OUTCOME_SUCCESS;
}

/* A password set by a code that was sent: whoever did it is in. */
static bool is_new_password(const struct signal *s)
{
    return s->flags & SIGNAL_NEW_PASSWORD && s->outcome == OUTCOME_SUCCESS;
}

struct breakin {
    const struct signals *s;
    const struct rule_limits *limits;
    struct findings *out;
    struct roster by_account, by_ip;
    bool *is_taken; /* by signal: the entry has its finding */
    uint32_t *hits; /* of the finding at hand */
    uint32_t n_hits;
    size_t hits_cap;
};

static bool matters(const struct signal *s)
{
    return is_refused(s) || is_entry(s) || is_new_password(s);
}

static bool same_source(const struct signal *a, const struct signal *b)
{
    if (a->ip && a->ip == b->ip)
        return true;
    return a->network && a->network == b->network;
}

static bool same_program(const struct signal *a, const struct signal *b)
{
    return a->agent && a->agent == b->agent && a->client == b->client;
}

enum familiarity { UNHEARD, STRANGE, PROGRAM_KNOWN, SOURCE_KNOWN };

/* What the account had got in with before `time_us`. UNHEARD: it had not got in at all. */
static enum familiarity familiarity_of(const struct breakin *b, const struct signal *entry,
                                       int64_t time_us)
{
    uint32_t number = roster_account(b->s, entry);
    enum familiarity best = UNHEARD;

    for (uint32_t i = roster_seek(&b->by_account, b->s, number, time_us), n = 0;
         i > b->by_account.starts[number] && n < MAX_LOOK_BACK; i--, n++) {
        uint32_t at = b->by_account.positions[i - 1];
        const struct signal *x = &b->s->items[at];
        enum familiarity f;

        if (!is_entry(x) || b->is_taken[at])
            continue;
        f = same_source(x, entry) ? SOURCE_KNOWN
                                  : (same_program(x, entry) ? PROGRAM_KNOWN : STRANGE);
        if (f > best)
            best = f;
        if (best == SOURCE_KNOWN)
            break;
    }
    return best;
}

/* ---- findings ---- */

static void add_hit(struct breakin *b, uint32_t at)
{
    mem_grow(&b->hits, &b->hits_cap, (size_t)b->n_hits + 1, sizeof *b->hits);
    b->hits[b->n_hits++] = at;
}

/* An account has one finding per source: a later entry from there belongs to it. */
static void take_entries(struct breakin *b, uint32_t entry)
{
    const struct signal *e = &b->s->items[entry];
    uint32_t number = roster_account(b->s, e), to = b->by_account.starts[number + 1];

    for (uint32_t i = roster_seek(&b->by_account, b->s, number, e->time_us); i < to; i++) {
        uint32_t at = b->by_account.positions[i];
        const struct signal *x = &b->s->items[at];

        if (is_entry(x) && same_source(x, e))
            b->is_taken[at] = true;
    }
    b->is_taken[entry] = true;
}

static struct bytes account_text(const struct breakin *b, const struct signal *s)
{
    struct dictionary *const *d = store_dictionaries(b->s->index->store);

    return dictionary_text(d[s->flags & SIGNAL_NAMELESS ? FIELD_USER : FIELD_SUB], s->account);
}

static void report(struct breakin *b, uint32_t entry, enum severity severity,
                   const struct buffer *why, const struct buffer *doubt)
{
    const struct signal *e = &b->s->items[entry];
    struct finding *f = findings_add(b->out, b->s, SCENARIO_COMPROMISE, b->hits, b->n_hits);

    f->severity = severity;
    f->key = KEY_ACCOUNT;
    f->account = e->account;
    f->key_text = account_text(b, e);
    f->peak_us = e->time_us;
    f->why = arena_copy(&b->out->arena, buffer_bytes(why));
    f->doubt = arena_copy(&b->out->arena, buffer_bytes(doubt));
    f->score = weigh_score(severity, b->n_hits, b->limits->events);
    if (severity == SEVERITY_HIGH)
        f->score = f->score + 15 > 100 ? 100 : f->score + 15; /* first in the queue */
    take_entries(b, entry);
}

static void add_familiarity(struct buffer *doubt, enum familiarity f)
{
    if (f == SOURCE_KNOWN)
        buffer_add_text(doubt, "The account had signed in from this network before.");
    else if (f == PROGRAM_KNOWN)
        buffer_add_text(doubt, "The account had signed in with this program before, though not "
                               "from this network.");
    else if (f == UNHEARD)
        buffer_add_text(doubt, "The account has no earlier sign-in in what is loaded, so what "
                               "is usual for it is not known.");
}

/* ---- an account fails, then gets in ---- */

/* The failures that lead up to an entry: with its network or program, within the window, and
 * since the account last got in with them. */
static uint32_t gather_run(struct breakin *b, uint32_t place, uint32_t start)
{
    const struct signal *e = &b->s->items[b->by_account.positions[place]];
    uint32_t first = place, count = 0;

    b->n_hits = 0;
    while (first > start && place - first < MAX_LOOK_BACK) {
        const struct signal *x = &b->s->items[b->by_account.positions[first - 1]];

        if (e->time_us - x->time_us > b->limits->window_us)
            break;
        if (is_entry(x) && (same_source(x, e) || same_program(x, e)))
            break;
        first--;
    }
    for (; first < place; first++) {
        uint32_t at = b->by_account.positions[first];
        const struct signal *x = &b->s->items[at];

        if (!is_refused(x) || !(same_source(x, e) || same_program(x, e)))
            continue;
        add_hit(b, at);
        count++;
    }
    return count;
}

static void weigh_run(struct breakin *b, uint32_t entry, uint32_t failures)
{
    const struct signal *e = &b->s->items[entry];
    enum familiarity f = familiarity_of(b, e, b->s->items[b->hits[0]].time_us);
    enum severity severity = SEVERITY_HIGH;
    struct buffer why = {0}, doubt = {0};

    if (f == SOURCE_KNOWN)
        severity = SEVERITY_LOW;
    else if ((f == PROGRAM_KNOWN && failures < STRANGER_FAILURES) ||
             (f == UNHEARD && failures < UNHEARD_FAILURES))
        severity = SEVERITY_MEDIUM;
    add_hit(b, entry);
    weigh_add_count(&why, failures, "failure", "failures");
    buffer_add_text(&why, " on the account from its network or with its program in ");
    instant_add_span(&why, e->time_us - b->s->items[b->hits[0]].time_us);
    buffer_printf(&why, ", then a success (limit %" PRIu32 " in ", b->limits->events);
    instant_add_span(&why, b->limits->window_us);
    buffer_add_char(&why, ')');
    if (f != STRANGE)
        add_familiarity(&doubt, f);
    report(b, entry, severity, &why, &doubt);
    buffer_deinit(&why);
    buffer_deinit(&doubt);
}

static void find_runs(struct breakin *b, const atomic_bool *cancelled)
{
    for (uint32_t number = 1; number < b->by_account.count; number++) {
        uint32_t start = b->by_account.starts[number];

        if (number % 4096 == 0 && atomic_load(cancelled))
            return;
        for (uint32_t i = start; i < b->by_account.starts[number + 1]; i++) {
            uint32_t entry = b->by_account.positions[i], failures;

            if (!is_entry(&b->s->items[entry]))
                continue;
            failures = gather_run(b, i, start);
            /* A taken account's later entries are told with the first, unless it failed anew.
             */
            if (failures >= b->limits->events && !b->is_taken[entry])
                weigh_run(b, entry, failures);
        }
    }
}

/* ---- a hostile source gets in ---- */

static bool is_hostile(const struct finding *f)
{
    enum {
        HOSTILE = 1 << SCENARIO_STUFFING | 1 << SCENARIO_SPRAYING | 1 << SCENARIO_BRUTE_FORCE |
                  1 << SCENARIO_ENUMERATION | 1 << SCENARIO_CODE_GUESSING |
                  1 << SCENARIO_RESET_ABUSE
    };

    return HOSTILE >> f->scenario & 1 && f->severity >= SEVERITY_MEDIUM;
}

static int by_position(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The source's failures on the account and the account's own run, then the entry. Returns how
 * many failures. */
static uint32_t gather_from(struct breakin *b, const struct finding *source, uint32_t entry)
{
    const struct signal *e = &b->s->items[entry];
    uint32_t number = roster_account(b->s, e), start = b->by_account.starts[number];
    uint32_t place = roster_seek(&b->by_account, b->s, number, e->time_us);
    uint32_t count = 0;

    while (b->by_account.positions[place] != entry)
        place++;
    (void)gather_run(b, place, start);
    for (uint32_t i = 0; i < source->n_hits && source->hits[i] < entry; i++) {
        const struct signal *x = &b->s->items[source->hits[i]];

        if (episode_key(x, KEY_ACCOUNT) == episode_key(e, KEY_ACCOUNT))
            add_hit(b, source->hits[i]);
    }
    if (b->n_hits)
        qsort(b->hits, b->n_hits, sizeof *b->hits, by_position);
    for (uint32_t i = 0; i < b->n_hits; i++)
        if (i == 0 || b->hits[i] != b->hits[i - 1])
            b->hits[count++] = b->hits[i];
    b->n_hits = count;
    add_hit(b, entry);
    return count;
}

static void weigh_entry(struct breakin *b, size_t source, uint32_t entry)
{
    const struct finding f = b->out->items[source]; /* the array grows below */
    const struct signal *e = &b->s->items[entry];
    bool reset = is_new_password(e);
    enum severity severity = SEVERITY_HIGH;
    enum familiarity known;
    struct buffer why = {0}, doubt = {0};
    uint32_t tries;

    if (b->is_taken[entry] || !e->account)
        return;
    known = familiarity_of(b, e, f.first_us);
    if (known == SOURCE_KNOWN)
        return;
    tries = gather_from(b, &f, entry);
    buffer_add_text(&why, reset ? "a new password set by code from a source of "
                                : "a success from a source of ");
    buffer_add_text(&why, scenario_text(f.scenario)->title);
    buffer_printf(&why, " (%" PRIu32 " events), after ", f.n_hits);
    if (tries)
        weigh_add_count(&why, tries, reset ? "request or failure" : "failure",
                        reset ? "requests and failures" : "failures");
    else
        buffer_add_text(&why, reset ? "no recorded request" : "no recorded failure");
    buffer_add_text(&why, " on this account");
    /* Everybody asks for a code now and then: of an own program, or of an account that nothing
     * is known of, that is no proof. */
    if (known == PROGRAM_KNOWN || (reset && known == UNHEARD)) {
        severity = reset ? SEVERITY_MEDIUM : SEVERITY_HIGH;
        add_familiarity(&doubt, known);
    }
    report(b, entry, severity, &why, &doubt);
    buffer_deinit(&why);
    buffer_deinit(&doubt);
}

/* Entries of one list between two times. */
static void weigh_list(struct breakin *b, size_t source, const struct roster *l,
                       uint32_t number, const struct signal *like)
{
    int64_t from_us = b->out->items[source].first_us;
    int64_t to_us = b->out->items[source].last_us + LATER_US;
    bool resets = b->out->items[source].scenario == SCENARIO_RESET_ABUSE;
    uint32_t to = l->starts[number + 1];

    for (uint32_t i = roster_seek(l, b->s, number, from_us); i < to; i++) {
        const struct signal *e = &b->s->items[l->positions[i]];

        if (e->time_us > to_us)
            break;
        if ((resets ? is_new_password(e) : is_entry(e)) &&
            (!like || same_program(e, like) || same_source(e, like)))
            weigh_entry(b, source, l->positions[i]);
    }
}

/* By what the entries of an account are likened to a hit on it. */
static int by_likeness(const void *a, const void *b)
{
    const struct signal *x = *(const struct signal *const *)a,
                        *y = *(const struct signal *const *)b;
    const uint32_t of_x[] = {x->account, x->flags & SIGNAL_NAMELESS, x->ip, x->agent,
                             x->client};
    const uint32_t of_y[] = {y->account, y->flags & SIGNAL_NAMELESS, y->ip, y->agent,
                             y->client};

    for (size_t i = 0; i < ARRAY_LEN(of_x); i++)
        if (of_x[i] != of_y[i])
            return of_x[i] < of_y[i] ? -1 : 1;
    return 0;
}

/* Many hits of one program on one account lead to the same entries: once is enough. */
static void follow_accounts(struct breakin *b, size_t source)
{
    const struct finding *f = &b->out->items[source];
    const struct signal **hits = mem_array(f->n_hits, sizeof *hits);
    uint32_t count = 0;

    for (uint32_t i = 0; i < f->n_hits; i++)
        if (b->s->items[f->hits[i]].account)
            hits[count++] = &b->s->items[f->hits[i]];
    if (count)
        qsort(hits, count, sizeof *hits, by_likeness);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || by_likeness(&hits[i - 1], &hits[i]) != 0)
            weigh_list(b, source, &b->by_account, roster_account(b->s, hits[i]), hits[i]);
    mem_free(hits);
}

static void follow_source(struct breakin *b, size_t source, uint8_t *seen_ip)
{
    uint32_t n_hits = b->out->items[source].n_hits;
    bool one_account = b->out->items[source].key == KEY_ACCOUNT;

    follow_accounts(b, source);
    for (uint32_t i = 0; i < n_hits; i++) {
        const struct signal *x = &b->s->items[b->out->items[source].hits[i]];

        if (!one_account && x->ip && !seen_ip[x->ip]) {
            seen_ip[x->ip] = 1;
            weigh_list(b, source, &b->by_ip, x->ip, NULL);
        }
    }
    for (uint32_t i = 0; i < n_hits; i++)
        seen_ip[b->s->items[b->out->items[source].hits[i]].ip] = 0;
}

void breakin_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled)
{
    struct dictionary *const *d = store_dictionaries(s->index->store);
    struct breakin b = {.s = s,
                        .limits =
                            &rules->limits[rule_find(bytes_of("compromise-after-failures"))],
                        .out = out};
    size_t sources = out->count;
    uint8_t *seen_ip;

    if (!b.limits->on)
        return;
    roster_make(&b.by_account, s, roster_accounts(s), roster_account, matters);
    roster_make(&b.by_ip, s, dictionary_count(d[FIELD_IP]), roster_ip, matters);
    b.is_taken = mem_array((size_t)s->count + 1, sizeof *b.is_taken);
    seen_ip = mem_array(b.by_ip.count, sizeof *seen_ip);
    for (size_t i = 0; i < sources && !atomic_load(cancelled); i++)
        if (is_hostile(&out->items[i]))
            follow_source(&b, i, seen_ip);
    find_runs(&b, cancelled);
    roster_deinit(&b.by_account);
    roster_deinit(&b.by_ip);
    mem_free(b.is_taken);
    mem_free(b.hits);
    mem_free(seen_ip);
}

/* ---- what followed ---- */

struct follow {
    struct findings *f;
    uint32_t *first; /* by sub: number of the first compromise of it + 1 */
    uint32_t *next;  /* by compromise: the next of the same sub + 1 */
    size_t *caps;
};

static uint32_t id_at(const struct chunk *c, size_t row, enum field_id field)
{
    return (uint32_t)column_get(&c->ids[field], row);
}

/* The sub that a row is about, or whose identity or key made the call. */
static uint32_t sub_of_row(const struct signals *s, const struct chunk *c, size_t row)
{
    struct link_names names = {id_at(c, row, FIELD_SUB), id_at(c, row, FIELD_USER),
                               id_at(c, row, FIELD_IDENTITY), id_at(c, row, FIELD_ACCESS_KEY)};

    return link_sub(s->links, &names);
}

static void follow_row(struct follow *w, row_id row, uint32_t sub, int64_t time_us)
{
    for (uint32_t i = w->first[sub]; i; i = w->next[i - 1]) {
        struct finding *f = &w->f->items[i - 1];

        if (time_us <= f->peak_us || row == f->rows[f->n_rows - 1])
            continue;
        mem_grow(&f->after, &w->caps[i - 1], (size_t)f->n_after + 1, sizeof *f->after);
        f->after[f->n_after++] = row;
    }
}

void breakin_follow(const struct signals *s, struct findings *f, const atomic_bool *cancelled)
{
    const struct index *index = s->index;
    uint32_t n_subs = dictionary_count(store_dictionaries(index->store)[FIELD_SUB]);
    struct follow w = {.f = f};
    int64_t from_us = INT64_MAX;

    w.first = mem_array(n_subs, sizeof *w.first);
    w.next = mem_array(f->count + 1, sizeof *w.next);
    w.caps = mem_array(f->count + 1, sizeof *w.caps);
    for (uint32_t i = 0; i < f->count; i++) {
        const struct finding *x = &f->items[i];

        if (x->scenario != SCENARIO_COMPROMISE ||
            s->items[x->hits[x->n_hits - 1]].flags & SIGNAL_NAMELESS || x->account >= n_subs)
            continue;
        w.next[i] = w.first[x->account];
        w.first[x->account] = i + 1;
        from_us = x->peak_us < from_us ? x->peak_us : from_us;
    }
    for (uint64_t at = 0; from_us != INT64_MAX && at < index->n_rows; at++) {
        row_id row = index->order[at];
        const struct chunk *c = store_chunk(index->store, row_chunk(row));
        int64_t time_us = chunk_time(c, row_in_chunk(row));
        uint32_t sub;

        if (at % 65536 == 0 && atomic_load(cancelled))
            break;
        if (time_us == INSTANT_NONE || time_us < from_us || index_is_duplicate(index, row))
            continue;
        sub = sub_of_row(s, c, row_in_chunk(row));
        if (sub && w.first[sub])
            follow_row(&w, row, sub, time_us);
    }
    mem_free(w.first);
    mem_free(w.next);
    mem_free(w.caps);
}
