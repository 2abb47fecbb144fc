#include "core/concluding/breakin.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/concluding/trace.h"

enum {
    ENTRY_STAGES = 1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE,
    STRANGER_FAILURES = 10, /* from here on familiarity with the program alone is no excuse */
    UNHEARD_FAILURES = 8,   /* nor is it that nothing is known of the account */
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
    struct traces traces;
    bool *is_taken; /* by signal: the entry has its finding */
    uint32_t *hits; /* of the finding at hand */
    uint32_t n_hits;
    size_t hits_cap;
    struct trace_item *tries; /* of the source at hand, by account */
    uint32_t n_tries;
    bool is_again; /* the account had been taken before the entry at hand */
};

static bool matters(const struct signal *s)
{
    return is_refused(s) || is_entry(s) || is_new_password(s);
}

enum familiarity { UNHEARD, STRANGE, PROGRAM_KNOWN, SOURCE_KNOWN };

static bool is_own_entry(const void *context, uint32_t at)
{
    const struct breakin *b = context;

    return is_entry(&b->s->items[at]) && !b->is_taken[at];
}

/* What the account had got in with before `time_us`. UNHEARD: it had not got in at all. */
static enum familiarity familiarity_of(struct breakin *b, const struct signal *entry,
                                       int64_t time_us)
{
    const uint32_t first[] = {
        [UNHEARD] = SIGNAL_NONE,
        [STRANGE] =
            trace_first_of_account(&b->traces, roster_account(b->s, entry), is_own_entry, b),
        [PROGRAM_KNOWN] = trace_first(trace_by_program(&b->traces, entry), is_own_entry, b),
        [SOURCE_KNOWN] = trace_first(trace_by_source(&b->traces, entry), is_own_entry, b),
    };
    enum familiarity best = SOURCE_KNOWN;

    while (best != UNHEARD &&
           (first[best] == SIGNAL_NONE || b->s->items[first[best]].time_us >= time_us))
        best--;
    return best;
}

/* ---- findings ---- */

static void add_hit(struct breakin *b, uint32_t at)
{
    mem_grow(&b->hits, &b->hits_cap, (size_t)b->n_hits + 1, sizeof *b->hits);
    b->hits[b->n_hits++] = at;
}

/* An account has one finding per source: a later entry from there belongs to it. Where one is
 * taken already, those behind it are. */
static void take_entries(struct breakin *b, uint32_t entry)
{
    struct trace_run run = trace_by_source(&b->traces, &b->s->items[entry]);

    for (uint32_t i = trace_seek(&run, entry + 1); i < run.count; i++) {
        uint32_t at = run.items[i].position;

        if (b->is_taken[at])
            break;
        b->is_taken[at] = is_entry(&b->s->items[at]);
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

/* Failures of the run before an entry, back to the last entry in it; returns where that is. */
static uint32_t gather_back(struct breakin *b, struct trace_run run, uint32_t entry)
{
    int64_t from_us = b->s->items[entry].time_us - b->limits->window_us;

    for (uint32_t i = trace_seek(&run, entry); i > 0; i--) {
        uint32_t at = run.items[i - 1].position;
        const struct signal *x = &b->s->items[at];

        if (x->time_us < from_us)
            break;
        if (is_entry(x))
            return at + 1;
        if (is_refused(x))
            add_hit(b, at);
    }
    return 0;
}

static int by_position(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* In time order, each once, and none before `from`. */
static void order_hits(struct breakin *b, uint32_t from)
{
    uint32_t count = 0;

    if (b->n_hits)
        qsort(b->hits, b->n_hits, sizeof *b->hits, by_position);
    for (uint32_t i = 0; i < b->n_hits; i++)
        if (b->hits[i] >= from && (count == 0 || b->hits[i] != b->hits[count - 1]))
            b->hits[count++] = b->hits[i];
    b->n_hits = count;
}

/* The failures that lead up to an entry: with its network or program, within the window, and
 * since the account last got in with either. */
static uint32_t gather_run(struct breakin *b, uint32_t entry)
{
    const struct signal *e = &b->s->items[entry];
    uint32_t source, program;

    b->n_hits = 0;
    source = gather_back(b, trace_by_source(&b->traces, e), entry);
    program = gather_back(b, trace_by_program(&b->traces, e), entry);
    order_hits(b, source > program ? source : program);
    return b->n_hits;
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

static uint32_t refused_of(const struct breakin *b, uint32_t number)
{
    uint32_t count = 0;

    for (uint32_t i = b->by_account.starts[number]; i < b->by_account.starts[number + 1]; i++)
        count += is_refused(&b->s->items[b->by_account.positions[i]]);
    return count;
}

static void find_runs(struct breakin *b, const atomic_bool *cancelled)
{
    for (uint32_t number = 1; number < b->by_account.count; number++) {
        if (number % 4096 == 0 && atomic_load(cancelled))
            return;
        if (refused_of(b, number) < b->limits->events)
            continue;
        for (uint32_t i = b->by_account.starts[number]; i < b->by_account.starts[number + 1];
             i++) {
            uint32_t entry = b->by_account.positions[i], failures;

            /* A taken account's later entries are told with the first. */
            if (!is_entry(&b->s->items[entry]) || b->is_taken[entry])
                continue;
            failures = gather_run(b, entry);
            if (failures >= b->limits->events)
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

/* By account, then in time order. */
static int by_account(const void *a, const void *b)
{
    const struct trace_item *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

/* Behind the account's last break-in before the entry: 0 when none is known. Each try is told
 * with few entries then, however many there are. */
static uint32_t taken_before(const struct breakin *b, uint32_t entry)
{
    const struct signal *e = &b->s->items[entry];
    const struct roster *l = &b->by_account;
    uint32_t account = roster_account(b->s, e);
    uint32_t i = l->starts[account], end = l->starts[account + 1];

    while (i < end) {
        uint32_t middle = i + (end - i) / 2;

        if (l->positions[middle] < entry)
            i = middle + 1;
        else
            end = middle;
    }
    while (i > l->starts[account] && !b->is_taken[l->positions[i - 1]])
        i--;
    return i > l->starts[account] ? l->positions[i - 1] + 1 : 0;
}

/* The source's failures on the account since it was last taken and the account's own run, then
 * the entry. Returns how many failures. */
static uint32_t gather_from(struct breakin *b, uint32_t entry)
{
    uint64_t account = episode_key(&b->s->items[entry], KEY_ACCOUNT);
    uint32_t low = 0, high = b->n_tries, count, from = taken_before(b, entry);

    b->is_again = from > 0;
    (void)gather_run(b, entry);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (b->tries[middle].key < account ||
            (b->tries[middle].key == account && b->tries[middle].position < from))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < b->n_tries && b->tries[low].key == account && b->tries[low].position < entry;
         low++)
        add_hit(b, b->tries[low].position);
    order_hits(b, 0);
    count = b->n_hits;
    add_hit(b, entry);
    return count;
}

static void add_since(const struct breakin *b, struct buffer *why)
{
    if (b->is_again)
        buffer_add_text(why, " since the break-in before");
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
    tries = gather_from(b, entry);
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
    add_since(b, &why);
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

/* How the entries of a source are told, and when they are too late to be its. */
static bool weigh_one(struct breakin *b, size_t source, uint32_t at)
{
    const struct finding *f = &b->out->items[source];
    const struct signal *e = &b->s->items[at];

    if (e->time_us > f->last_us + LATER_US)
        return false;
    if (e->time_us >= f->first_us &&
        (f->scenario == SCENARIO_RESET_ABUSE ? is_new_password(e) : is_entry(e)))
        weigh_entry(b, source, at);
    return true;
}

static void weigh_trace(struct breakin *b, size_t source, struct trace_run run, uint32_t from)
{
    for (uint32_t i = trace_seek(&run, from); i < run.count; i++)
        if (!weigh_one(b, source, run.items[i].position))
            break;
}

static void weigh_address(struct breakin *b, size_t source, uint32_t ip)
{
    const struct roster *l = &b->by_ip;
    uint32_t to = l->starts[ip + 1];

    for (uint32_t i = roster_seek(l, b->s, ip, b->out->items[source].first_us); i < to; i++)
        if (!weigh_one(b, source, l->positions[i]))
            break;
}

/* An account's tries by source and program are many, the sources and programs few: each is
 * followed once. */
static void follow_accounts(struct breakin *b, size_t source)
{
    struct trace_item *ways = mem_array((size_t)b->n_tries + 1, sizeof *ways);
    uint32_t from = b->out->items[source].hits[0];

    for (unsigned by_program = 0; by_program < 2; by_program++) {
        for (uint32_t i = 0, n; i < b->n_tries; i += n) {
            for (n = 0; i + n < b->n_tries && b->tries[i + n].key == b->tries[i].key; n++) {
                const struct signal *x = &b->s->items[b->tries[i + n].position];

                ways[n].key = by_program ? trace_program(x) : trace_source(x);
                ways[n].position = b->tries[i + n].position;
            }
            qsort(ways, n, sizeof *ways, by_account);
            for (uint32_t k = 0; k < n; k++) {
                const struct signal *x = &b->s->items[ways[k].position];

                if (k == 0 || ways[k].key != ways[k - 1].key)
                    weigh_trace(b, source,
                                by_program ? trace_by_program(&b->traces, x)
                                           : trace_by_source(&b->traces, x),
                                from);
            }
        }
    }
    mem_free(ways);
}

/* The hits that name an account, by account. */
static void gather_tries(struct breakin *b, size_t source)
{
    const struct finding *f = &b->out->items[source];

    b->n_tries = 0;
    b->tries = mem_array((size_t)f->n_hits + 1, sizeof *b->tries);
    for (uint32_t i = 0; i < f->n_hits; i++) {
        uint64_t account = episode_key(&b->s->items[f->hits[i]], KEY_ACCOUNT);

        if (account)
            b->tries[b->n_tries++] = (struct trace_item){account, f->hits[i], 0};
    }
    if (b->n_tries)
        qsort(b->tries, b->n_tries, sizeof *b->tries, by_account);
}

static void follow_source(struct breakin *b, size_t source, uint8_t *seen_ip)
{
    uint32_t n_hits = b->out->items[source].n_hits;
    bool one_account = b->out->items[source].key == KEY_ACCOUNT;

    gather_tries(b, source);
    follow_accounts(b, source);
    for (uint32_t i = 0; i < n_hits; i++) {
        const struct signal *x = &b->s->items[b->out->items[source].hits[i]];

        if (!one_account && x->ip && !seen_ip[x->ip]) {
            seen_ip[x->ip] = 1;
            weigh_address(b, source, x->ip);
        }
    }
    for (uint32_t i = 0; i < n_hits; i++)
        seen_ip[b->s->items[b->out->items[source].hits[i]].ip] = 0;
    mem_free(b->tries);
}

/* ---- an account under attack, then a success from elsewhere ---- */

/* Who tries passwords through ever new addresses comes in through another one. False when the
 * entry is no such success. */
static bool weigh_elsewhere(struct breakin *b, const struct finding *attack, uint32_t entry,
                            enum familiarity known)
{
    struct buffer why = {0}, doubt = {0};
    uint32_t tries = gather_from(b, entry);

    if (tries < b->limits->events)
        return false;
    buffer_add_text(&why, "a success by yet another network and program, after ");
    weigh_add_count(&why, tries, "try", "tries");
    buffer_add_text(&why, " on this account");
    add_since(b, &why);
    buffer_add_text(&why, ": ");
    buffer_add_text(&why, scenario_text(attack->scenario)->title);
    buffer_add_text(&doubt, "None of the tries came from there: the owner elsewhere, or with a "
                            "new device, looks the same.");
    if (known != STRANGE) {
        buffer_add_char(&doubt, ' ');
        add_familiarity(&doubt, known);
    }
    report(b, entry, known == STRANGE ? SEVERITY_MEDIUM : SEVERITY_LOW, &why, &doubt);
    buffer_deinit(&why);
    buffer_deinit(&doubt);
    return true;
}

/* The first success that is strange to the account, else the first that might be. Those that
 * come later are what it did afterwards. */
static void follow_elsewhere(struct breakin *b, size_t source)
{
    const struct finding f = b->out->items[source]; /* the array grows below */
    const struct roster *l = &b->by_account;
    uint32_t account = roster_account(b->s, &b->s->items[f.hits[0]]), end;
    bool is_told = false;

    gather_tries(b, source);
    end = l->starts[account + 1];
    for (unsigned round = 0; round < 2 && !is_told; round++) {
        for (uint32_t i = roster_seek(l, b->s, account, f.first_us); i < end && !is_told; i++) {
            const struct signal *e = &b->s->items[l->positions[i]];
            enum familiarity known;

            if (e->time_us > f.last_us + LATER_US)
                break;
            if (!is_entry(e) || b->is_taken[l->positions[i]])
                continue;
            known = familiarity_of(b, e, f.first_us);
            if (known != SOURCE_KNOWN && (known == STRANGE || round))
                is_told = weigh_elsewhere(b, &f, l->positions[i], known);
        }
    }
    mem_free(b->tries);
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
    traces_init(&b.traces, s, &b.by_account);
    b.is_taken = mem_array((size_t)s->count + 1, sizeof *b.is_taken);
    seen_ip = mem_array(b.by_ip.count, sizeof *seen_ip);
    for (size_t i = 0; i < sources && !atomic_load(cancelled); i++)
        if (is_hostile(&out->items[i]))
            follow_source(&b, i, seen_ip);
    find_runs(&b, cancelled);
    for (size_t i = 0; i < sources && !atomic_load(cancelled); i++)
        if (is_hostile(&out->items[i]) && out->items[i].key == KEY_ACCOUNT)
            follow_elsewhere(&b, i);
    traces_deinit(&b.traces);
    roster_deinit(&b.by_account);
    roster_deinit(&b.by_ip);
    mem_free(b.is_taken);
    mem_free(b.hits);
    mem_free(seen_ip);
}
