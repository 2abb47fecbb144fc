#include "core/concluding/attempt.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

static const struct {
    const char *name, *meaning;
} VERDICTS[VERDICT_COUNT] = {
    [VERDICT_SUCCESS] = {"success",              "Tokens were issued."                              },
    [VERDICT_WRONG_PASSWORD] = {"wrong password",
                         "Refused: wrong password, or on a pool that hides which names "
                                "exist an unknown user."                                            },
    [VERDICT_UNKNOWN_USER] = {"unknown user",         "Refused: there is no such user."                  },
    [VERDICT_LOCKED] = {"locked",               "Refused: locked for a while after too many tries."},
    [VERDICT_MFA_FAILED] = {"MFA failed",
                         "The password was right; the second factor was not passed."                },
    [VERDICT_REFUSED] = {"refused",              "Refused for another reason than the password."    },
    [VERDICT_THROTTLED] = {"throttled",            "Refused for too many requests."                   },
    [VERDICT_BLOCKED] = {"blocked",              "Blocked by threat protection or the web ACL."     },
    [VERDICT_MISCONFIGURED] = {"misconfigured client",
                         "The client's settings or secret are wrong."                               },
    [VERDICT_FAULT] = {"fault",                "The service or a trigger failed."                 },
    [VERDICT_ABANDONED] = {"abandoned",            "A challenge was asked for and never answered."    },
    [VERDICT_UNDECIDED] = {"undecided",            "The records do not tell how it ended."            },
};

const char *verdict_name(enum verdict v)
{
    return VERDICTS[v].name;
}

const char *verdict_meaning(enum verdict v)
{
    return VERDICTS[v].meaning;
}

/* Life of a challenge session: 15 minutes at most. Source: AuthSessionValidity of the
 * cognito-idp model. Pages have no such bound; ten minutes hold a slow typist. */
static const int64_t SESSION_US = 15 * INSTANT_MINUTE;
static const int64_t PAGES_US = 10 * INSTANT_MINUTE;
static const int64_t ERROR_PAGE_US = 30 * INSTANT_SECOND;
static const int64_t EXCHANGE_US = INSTANT_MINUTE;

/* What an attempt under way is found by. */
struct open_key {
    uint32_t account, ip, agent, client;
};

struct open_entry {
    struct open_key key;
    uint32_t attempt; /* number + 1; 0: free */
};

struct stitch {
    struct signals *signals;
    struct attempts *out;
    size_t cap;
    uint32_t *of;     /* by signal: number of its attempt + 1 */
    int64_t *last_us; /* by attempt: its newest record */
    size_t last_cap;
    struct open_entry *open;
    uint32_t n_open, n_slots;
    uint32_t *newest_form; /* by client: newest undecided hosted attempt + 1 */
};

static uint32_t open_find(const struct stitch *t, const struct open_key *key)
{
    uint32_t at = (uint32_t)hash_bytes(bytes_make(key, sizeof *key)) & (t->n_slots - 1);

    while (t->open[at].attempt && memcmp(&t->open[at].key, key, sizeof *key) != 0)
        at = (at + 1) & (t->n_slots - 1);
    return at;
}

static void open_grow(struct stitch *t)
{
    struct open_entry *old = t->open;
    uint32_t n = t->n_slots;

    if (t->open && t->n_open < n - n / 4)
        return;
    t->n_slots = n ? n * 2 : 1024;
    t->open = mem_array(t->n_slots, sizeof *t->open);
    for (uint32_t i = 0; i < n; i++)
        if (old[i].attempt)
            t->open[open_find(t, &old[i].key)] = old[i];
    mem_free(old);
}

static void open_set(struct stitch *t, const struct open_key *key, uint32_t attempt)
{
    uint32_t at;

    open_grow(t);
    at = open_find(t, key);
    t->n_open += t->open[at].attempt == 0;
    t->open[at] = (struct open_entry){*key, attempt + 1};
}

/* The attempt under way for the key that had its last record at most `span_us` ago. */
static uint32_t open_get(const struct stitch *t, const struct open_key *key, int64_t now_us,
                         int64_t span_us)
{
    uint32_t at = t->open ? open_find(t, key) : 0, number;

    if (!t->open || !t->open[at].attempt)
        return SIGNAL_NONE;
    number = t->open[at].attempt - 1;
    return now_us - t->last_us[number] <= span_us ? number : SIGNAL_NONE;
}

/* Calls are joined by account where there is one; pages name none. */
static struct open_key key_of(const struct signal *s)
{
    if (s->flags & SIGNAL_PAGE)
        return (struct open_key){0, s->ip, s->agent, 0};
    if (s->account)
        return (struct open_key){s->account, s->ip, 0, s->client};
    return (struct open_key){0, s->ip, s->agent, s->client};
}

static enum verdict verdict_of(const struct signal *s)
{
    switch ((enum outcome)s->outcome) {
    case OUTCOME_SUCCESS:
        return VERDICT_SUCCESS;
    case OUTCOME_THROTTLED:
        return VERDICT_THROTTLED;
    case OUTCOME_BLOCKED:
        return VERDICT_BLOCKED;
    case OUTCOME_FAULT:
        return s->reason == REASON_SERVICE || s->reason == REASON_TRIGGER
                   ? VERDICT_FAULT
                   : VERDICT_MISCONFIGURED;
    case OUTCOME_CHALLENGE:
        return VERDICT_ABANDONED; /* until the answer comes */
    case OUTCOME_FAILURE:
        break;
    case OUTCOME_NONE:
    case OUTCOME_UNKNOWN:
    case OUTCOME_COUNT:
        return VERDICT_UNDECIDED;
    }
    switch (s->reason) {
    case REASON_WRONG_PASSWORD:
        return VERDICT_WRONG_PASSWORD;
    case REASON_NOT_AUTHORIZED:
        return s->stage == STAGE_SIGN_IN ? VERDICT_WRONG_PASSWORD : VERDICT_REFUSED;
    case REASON_USER_UNKNOWN:
        return VERDICT_UNKNOWN_USER;
    case REASON_LOCKED_OUT:
        return VERDICT_LOCKED;
    case REASON_WRONG_CODE:
    case REASON_EXPIRED_CODE:
    case REASON_TOO_MANY_CODES:
        return VERDICT_MFA_FAILED;
    case REASON_SECRET_HASH:
        return VERDICT_MISCONFIGURED;
    default:
        return VERDICT_REFUSED;
    }
}

static uint32_t begin(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct attempts *a = t->out;

    mem_grow(&a->items, &t->cap, a->count + 1, sizeof *a->items);
    mem_grow(&t->last_us, &t->last_cap, a->count + 1, sizeof *t->last_us);
    a->items[a->count] =
        (struct attempt){.deciding = at, .verdict = (uint8_t)verdict_of(s), .stage = s->stage};
    a->items[a->count].derived = s->flags & SIGNAL_DERIVED;
    return a->count++;
}

static void add_member(struct stitch *t, uint32_t attempt, uint32_t at)
{
    t->of[at] = attempt + 1;
    t->out->items[attempt].n_members++;
    t->last_us[attempt] = t->signals->items[at].time_us;
}

static void decide(struct stitch *t, uint32_t attempt, uint32_t at)
{
    struct attempt *a = &t->out->items[attempt];

    a->deciding = at;
    a->verdict = (uint8_t)verdict_of(&t->signals->items[at]);
    a->derived = t->signals->items[at].flags & SIGNAL_DERIVED;
}

/* What another record says of a hosted form. */
static void conclude_form(struct stitch *t, uint32_t attempt, enum outcome outcome,
                          enum reason reason)
{
    struct attempt *a = &t->out->items[attempt];
    struct signal *form = &t->signals->items[a->deciding];

    if (a->verdict != VERDICT_UNDECIDED || form->outcome != OUTCOME_UNKNOWN)
        return;
    form->outcome = (uint8_t)outcome;
    form->reason = (uint8_t)reason;
    form->flags |= SIGNAL_DERIVED;
    decide(t, attempt, a->deciding);
    a->derived = true;
}

/* ---- the kinds of records ---- */

static void take_call(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t number = SIGNAL_NONE;

    /* The activity export repeats a sign-in that goes on; a call that starts one does not. */
    if (s->stage == STAGE_CHALLENGE || s->format == FORMAT_USER_ACTIVITY)
        number = open_get(t, &key, s->time_us, SESSION_US);
    if (number == SIGNAL_NONE) {
        number = begin(t, at);
    } else {
        /* A wrong code ends nothing: the session lives on for another try. */
        enum verdict was = (enum verdict)t->out->items[number].verdict;

        if (was != VERDICT_ABANDONED && was != VERDICT_MFA_FAILED)
            number = begin(t, at);
        else if (s->outcome != OUTCOME_CHALLENGE || was == VERDICT_ABANDONED)
            decide(t, number, at);
    }
    add_member(t, number, at);
    open_set(t, &key, number);
}

/* A form sent again from the same browser: the one before was not taken. */
static void take_form(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t before = open_get(t, &key, s->time_us, PAGES_US), number;

    if (before != SIGNAL_NONE && s->stage == STAGE_CHALLENGE) {
        add_member(t, before, at);
        if (s->outcome != OUTCOME_UNKNOWN)
            decide(t, before, at);
        return;
    }
    if (before != SIGNAL_NONE)
        conclude_form(t, before, OUTCOME_FAILURE, REASON_NOT_AUTHORIZED);
    number = begin(t, at);
    add_member(t, number, at);
    open_set(t, &key, number);
    if (s->client && t->out->items[number].verdict == VERDICT_UNDECIDED)
        t->newest_form[s->client] = number + 1;
}

static void take_error_page(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t number = open_get(t, &key, s->time_us, ERROR_PAGE_US);

    if (number == SIGNAL_NONE)
        return;
    add_member(t, number, at);
    conclude_form(t, number, OUTCOME_FAILURE, REASON_NOT_AUTHORIZED);
}

/* Who runs the browser may exchange the code himself, or the site's server does it from an
 * address of its own: then the client and the seconds between tell. */
static void take_exchange(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t number = open_get(t, &key, s->time_us, PAGES_US);

    if (number == SIGNAL_NONE && s->client) {
        uint32_t form = t->newest_form[s->client];

        if (form && s->time_us - t->last_us[form - 1] <= EXCHANGE_US) {
            number = form - 1;
            t->newest_form[s->client] = 0;
        }
    }
    if (number == SIGNAL_NONE) {
        add_member(t, begin(t, at), at);
        return;
    }
    add_member(t, number, at);
    if (s->outcome == OUTCOME_SUCCESS)
        conclude_form(t, number, OUTCOME_SUCCESS, REASON_NONE);
    else
        decide(t, number, at);
}

static void take(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];

    if (s->flags & SIGNAL_TWIN)
        return;
    if (s->flags & SIGNAL_ERROR_PAGE)
        take_error_page(t, at);
    else if (s->stage == STAGE_TOKEN)
        take_exchange(t, at);
    else if (s->stage == STAGE_REFRESH || s->stage == STAGE_M2M)
        add_member(t, begin(t, at), at);
    else if (s->stage != STAGE_SIGN_IN && s->stage != STAGE_CHALLENGE)
        return;
    else if (s->flags & SIGNAL_PAGE)
        take_form(t, at);
    else
        take_call(t, at);
}

/* A twin belongs where its other half does. Members by counting: stable, so in time order. */
static void collect_members(struct stitch *t)
{
    struct attempts *a = t->out;
    const struct signals *s = t->signals;
    uint32_t *next = mem_array(a->count + 1, sizeof *next);

    for (uint32_t i = 0; i < s->count; i++) {
        if (s->items[i].flags & SIGNAL_TWIN && t->of[s->items[i].twin]) {
            t->of[i] = t->of[s->items[i].twin];
            a->items[t->of[i] - 1].n_members++;
        }
    }
    for (uint32_t i = 0; i < a->count; i++) {
        next[i] = a->items[i].first_member = a->n_members;
        a->n_members += a->items[i].n_members;
    }
    a->members = mem_array(a->n_members + 1, sizeof *a->members);
    for (uint32_t i = 0; i < s->count; i++)
        if (t->of[i])
            a->members[next[t->of[i] - 1]++] = i;
    mem_free(next);
}

/* What was under way when the records end has not been given up yet. */
static void settle(struct stitch *t)
{
    struct attempts *a = t->out;
    int64_t end_us = t->signals->count ? t->signals->items[t->signals->count - 1].time_us : 0;

    for (uint32_t i = 0; i < a->count; i++) {
        if (a->items[i].verdict == VERDICT_ABANDONED && end_us - t->last_us[i] <= SESSION_US)
            a->items[i].verdict = VERDICT_UNDECIDED;
        a->verdicts[a->items[i].verdict]++;
    }
}

struct attempts *attempts_new(struct signals *signals, const atomic_bool *cancelled)
{
    struct dictionary *const *dictionaries = store_dictionaries(signals->index->store);
    struct stitch t = {.signals = signals, .out = mem_alloc(sizeof *t.out)};

    t.of = mem_array((size_t)signals->count + 1, sizeof *t.of);
    t.newest_form = mem_array(dictionary_count(dictionaries[FIELD_CLIENT]), sizeof(uint32_t));
    for (uint32_t i = 0; i < signals->count; i++) {
        if (i % 65536 == 0 && atomic_load(cancelled))
            break;
        take(&t, i);
    }
    collect_members(&t);
    settle(&t);
    mem_free(t.of);
    mem_free(t.last_us);
    mem_free(t.open);
    mem_free(t.newest_form);
    if (atomic_load(cancelled)) {
        attempts_free(t.out);
        return NULL;
    }
    return t.out;
}

void attempts_free(struct attempts *a)
{
    if (!a)
        return;
    mem_free(a->items);
    mem_free(a->members);
    mem_free(a);
}
