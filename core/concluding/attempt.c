#include "core/concluding/attempt.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

// clang-format off
static const struct {
    const char *name, *meaning;
} VERDICTS[VERDICT_COUNT] = {
    [VERDICT_SUCCESS] = {"success", "Tokens were issued."},
    [VERDICT_WRONG_PASSWORD] = {"wrong password",
        "Refused: wrong password or answer, or on a pool that hides which names exist an "
        "unknown user."},
    [VERDICT_UNKNOWN_USER] = {"unknown user", "Refused: there is no such user."},
    [VERDICT_LOCKED] = {"locked", "Refused: locked for a while after too many tries."},
    [VERDICT_MFA_FAILED] = {"MFA failed",
        "A code was wrong or too old; where it was a second factor, the password was right."},
    [VERDICT_REFUSED] = {"refused",
        "Refused for another reason, or for none that the record tells."},
    [VERDICT_THROTTLED] = {"throttled", "Refused for too many requests."},
    [VERDICT_BLOCKED] = {"blocked", "Blocked by threat protection or the web ACL."},
    [VERDICT_MISCONFIGURED] = {"misconfigured client",
        "The client's settings, its secret or the caller's rights are wrong."},
    [VERDICT_FAULT] = {"fault", "The service or a trigger failed."},
    [VERDICT_ABANDONED] = {"abandoned", "A challenge was asked for and never answered."},
    [VERDICT_UNDECIDED] = {"undecided", "The records do not tell how it ended."},
};
// clang-format on

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

/* A browser follows the redirect to the site at once, and the site exchanges the code. */
static const int64_t EXCHANGE_SOON_US = 5 * INSTANT_SECOND;

/* Ids of accounts are of two dictionaries, and pages name none. */
enum key_kind { KEY_NOBODY, KEY_SUB, KEY_NAME, KEY_PAGE };

/* What an attempt under way is found by. */
struct open_key {
    uint32_t kind, account, ip, agent, client;
};

struct open_entry {
    struct open_key key;
    bool used;
    uint32_t newest; /* attempt + 1; `before` leads on to older ones */
};

/* What of hosted pages and others matters here, by operation. */
enum trait {
    TRAIT_CODE = 1,     /* a form that sends a code */
    TRAIT_PROVIDER = 2, /* comes back from an outside provider */
    TRAIT_LEADS = 4,    /* leads to an outside provider: sent again it proves nothing */
    TRAIT_ASIDE = 8,    /* a step of a sign-in that another record tells whole */
};

static const struct {
    const char *operation;
    uint8_t traits;
} TRAITS[] = {
    {"Mfa_POST",                TRAIT_CODE    },
    {"mfa_totp_POST",           TRAIT_CODE    },
    {"verifyCode_POST",         TRAIT_CODE    },
    {"OAuth2Response_GET",      TRAIT_PROVIDER},
    {"OAuth2Response_POST",     TRAIT_PROVIDER},
    {"SAML2Response_POST",      TRAIT_PROVIDER},
    {"Beta_SAML2Response_POST", TRAIT_PROVIDER},
    {"Login_OIDC_SAML_POST",    TRAIT_LEADS   },
    {"login_continue_POST",     TRAIT_LEADS   },
    {"CheckMfa",                TRAIT_ASIDE   }, /* its ConsoleLogin tells */
};

struct stitch {
    struct signals *signals;
    struct attempts *out;
    size_t cap;
    uint32_t *of;     /* by signal: number of its attempt + 1 */
    int64_t *last_us; /* by attempt: its newest record */
    size_t last_cap;
    uint32_t *before; /* by attempt: the one that its key found until then, + 1 */
    size_t before_cap;
    struct open_entry *open;
    uint32_t n_open, n_slots;
    uint32_t *newest_form; /* by client: newest hosted attempt + 1 */
    uint32_t *form_before; /* by attempt: the client's hosted attempt before it, + 1 */
    size_t form_cap;
    uint8_t *traits; /* by operation */
    uint32_t *late;  /* signals of the second at hand that go on with none known yet */
    uint32_t n_late;
    size_t late_cap;
};

static uint32_t open_find(const struct stitch *t, const struct open_key *key)
{
    uint32_t at = (uint32_t)hash_bytes(bytes_make(key, sizeof *key)) & (t->n_slots - 1);

    while (t->open[at].used && memcmp(&t->open[at].key, key, sizeof *key) != 0)
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
        if (old[i].used)
            t->open[open_find(t, &old[i].key)] = old[i];
    mem_free(old);
}

static void open_add(struct stitch *t, const struct open_key *key, uint32_t attempt)
{
    struct open_entry *entry;

    open_grow(t);
    entry = &t->open[open_find(t, key)];
    t->n_open += !entry->used;
    t->before[attempt] = entry->newest;
    *entry = (struct open_entry){*key, true, attempt + 1};
}

/* The newest attempt of the key, when its last record is at most `span_us` old. */
static uint32_t open_newest(const struct stitch *t, const struct open_key *key, int64_t now_us,
                            int64_t span_us)
{
    uint32_t newest = t->open ? t->open[open_find(t, key)].newest : 0;

    if (!newest || now_us - t->last_us[newest - 1] > span_us)
        return SIGNAL_NONE;
    return newest - 1;
}

/* A challenge that was asked for, a wrong code, a new password that breaks the policy, and an
 * answer that was throttled or met a fault leave the session alive for another try. */
static bool awaits_answer(const struct stitch *t, uint32_t attempt)
{
    const struct attempt *a = &t->out->items[attempt];
    const struct signal *last = &t->signals->items[a->deciding];

    if (a->verdict == VERDICT_THROTTLED || a->verdict == VERDICT_FAULT)
        return last->stage == STAGE_CHALLENGE;
    return a->verdict == VERDICT_ABANDONED || a->verdict == VERDICT_MFA_FAILED ||
           (a->verdict == VERDICT_REFUSED && last->reason == REASON_PASSWORD_POLICY);
}

/* The newest attempt of the key that an answer may belong to. Those that have ended are
 * forgotten: each is passed over once. */
static uint32_t open_awaiting(struct stitch *t, const struct open_key *key, int64_t now_us)
{
    struct open_entry *entry = t->open ? &t->open[open_find(t, key)] : NULL;

    while (entry && entry->newest && !awaits_answer(t, entry->newest - 1))
        entry->newest = t->before[entry->newest - 1];
    return open_newest(t, key, now_us, SESSION_US);
}

/* Calls are joined by account where there is one; pages name none. */
static struct open_key key_of(const struct signal *s)
{
    if (s->flags & SIGNAL_PAGE)
        return (struct open_key){KEY_PAGE, 0, s->ip, s->agent, 0};
    if (s->account)
        return (struct open_key){s->flags & SIGNAL_NAMELESS ? KEY_NAME : KEY_SUB, s->account,
                                 s->ip, 0, s->client};
    return (struct open_key){KEY_NOBODY, 0, s->ip, s->agent, s->client};
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
    mem_grow(&t->before, &t->before_cap, a->count + 1, sizeof *t->before);
    mem_grow(&t->form_before, &t->form_cap, a->count + 1, sizeof *t->form_before);
    t->before[a->count] = t->form_before[a->count] = 0;
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

/* The activity export repeats a sign-in that goes on; a call that starts one does not. */
static uint32_t answered_by(struct stitch *t, const struct signal *s)
{
    struct open_key key = key_of(s);
    uint32_t number;

    if (s->stage != STAGE_CHALLENGE && s->format != FORMAT_USER_ACTIVITY)
        return SIGNAL_NONE;
    number = open_awaiting(t, &key, s->time_us);
    if (number == SIGNAL_NONE && s->account) { /* the first call may not have named anybody */
        key = (struct open_key){KEY_NOBODY, 0, s->ip, s->agent, s->client};
        number = open_awaiting(t, &key, s->time_us);
    }
    /* After a wrong code the export tells of a password only when it is asked for anew. */
    if (number != SIGNAL_NONE && t->out->items[number].verdict == VERDICT_MFA_FAILED &&
        s->stage == STAGE_SIGN_IN && verdict_of(s) == VERDICT_WRONG_PASSWORD)
        return SIGNAL_NONE;
    return number;
}

static bool take_call(struct stitch *t, uint32_t at, bool may_wait)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t number = answered_by(t, s);

    if (number == SIGNAL_NONE && may_wait && s->stage == STAGE_CHALLENGE)
        return false;
    if (number == SIGNAL_NONE) {
        number = begin(t, at);
        open_add(t, &key, number);
    } else if (s->outcome != OUTCOME_CHALLENGE ||
               t->out->items[number].verdict != VERDICT_MFA_FAILED) {
        decide(t, number, at);
    }
    add_member(t, number, at);
    return true;
}

/* What is concluded of a form that was not taken, by what it sends. */
static enum reason untaken(const struct stitch *t, const struct signal *form)
{
    uint8_t traits = t->traits[form->operation];

    return traits & TRAIT_CODE                       ? REASON_WRONG_CODE
           : traits & (TRAIT_PROVIDER | TRAIT_LEADS) ? REASON_OTHER
                                                     : REASON_NOT_AUTHORIZED;
}

static void fail_form(struct stitch *t, uint32_t attempt)
{
    const struct signal *form = &t->signals->items[t->out->items[attempt].deciding];

    conclude_form(t, attempt, OUTCOME_FAILURE, untaken(t, form));
}

/* The same form for the same client. Two people may sit behind one address and program. */
static bool is_sent_again(const struct stitch *t, uint32_t attempt, const struct signal *s)
{
    const struct signal *last = &t->signals->items[t->out->items[attempt].deciding];

    return last->operation == s->operation && last->client == s->client &&
           (last->account == 0 || s->account == 0 || last->account == s->account) &&
           !(t->traits[s->operation] & TRAIT_LEADS);
}

/* A further form of the same sign-in. */
static void go_on(struct stitch *t, uint32_t attempt, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct attempt *a = &t->out->items[attempt];

    if (is_sent_again(t, attempt, s))
        fail_form(t, attempt);
    add_member(t, attempt, at);
    if (s->outcome != OUTCOME_UNKNOWN) {
        decide(t, attempt, at);
    } else if (t->traits[s->operation] & (TRAIT_CODE | TRAIT_PROVIDER) &&
               a->verdict != VERDICT_SUCCESS) {
        decide(t, attempt, at); /* all hangs on this one now */
    }
}

static void note_form(struct stitch *t, uint32_t attempt, uint32_t client)
{
    if (!client || t->newest_form[client] == attempt + 1)
        return;
    t->form_before[attempt] = t->newest_form[client];
    t->newest_form[client] = attempt + 1;
}

/* A form sent again from the same browser: the one before was not taken. */
static void take_form(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t before = open_newest(t, &key, s->time_us, PAGES_US), number;
    uint8_t traits = t->traits[s->operation];

    if (before != SIGNAL_NONE) {
        const struct signal *last = &t->signals->items[t->out->items[before].deciding];

        if (s->stage == STAGE_CHALLENGE ||
            (traits & TRAIT_PROVIDER && t->traits[last->operation] & TRAIT_LEADS)) {
            go_on(t, before, at);
            return;
        }
        if (is_sent_again(t, before, s))
            fail_form(t, before);
    }
    number = begin(t, at);
    add_member(t, number, at);
    open_add(t, &key, number);
    note_form(t, number, s->client);
}

static bool take_error_page(struct stitch *t, uint32_t at)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    uint32_t number = open_newest(t, &key, s->time_us, ERROR_PAGE_US);

    if (number == SIGNAL_NONE)
        return false;
    add_member(t, number, at);
    fail_form(t, number);
    return true;
}

/* The one undecided form of the client that was sent at most `span_us` ago; SIGNAL_NONE when
 * there is none, or more than one and so nothing that tells them apart. */
static uint32_t only_form(const struct stitch *t, uint32_t client, int64_t now_us,
                          int64_t span_us)
{
    enum { LOOKED_AT = 256 };
    uint32_t found = SIGNAL_NONE, at = client ? t->newest_form[client] : 0;

    for (unsigned i = 0; at; i++, at = t->form_before[at - 1]) {
        if (now_us - t->last_us[at - 1] > span_us)
            break;
        if (t->out->items[at - 1].verdict != VERDICT_UNDECIDED)
            continue;
        if (found != SIGNAL_NONE || i == LOOKED_AT)
            return SIGNAL_NONE;
        found = at - 1;
    }
    return found;
}

/* Who runs the browser may exchange the code himself, or the site's server does it from an
 * address of its own: then the client and the seconds between tell. */
static bool take_exchange(struct stitch *t, uint32_t at, bool may_wait)
{
    const struct signal *s = &t->signals->items[at];
    struct open_key key = key_of(s);
    bool success = s->outcome == OUTCOME_SUCCESS;
    uint32_t number = open_newest(t, &key, s->time_us, PAGES_US);

    if (number == SIGNAL_NONE)
        number = only_form(t, s->client, s->time_us, EXCHANGE_US);
    if (number == SIGNAL_NONE)
        number = only_form(t, s->client, s->time_us, EXCHANGE_SOON_US);
    if (number == SIGNAL_NONE && may_wait)
        return false;
    /* What fails after a sign-in that succeeded takes nothing back. */
    if (number == SIGNAL_NONE ||
        (!success && t->out->items[number].verdict == VERDICT_SUCCESS)) {
        add_member(t, begin(t, at), at);
        return true;
    }
    add_member(t, number, at);
    if (success)
        conclude_form(t, number, OUTCOME_SUCCESS, REASON_NONE);
    else
        decide(t, number, at);
    return true;
}

/* False when it goes on with what is not known yet, and may wait for it. */
static bool take(struct stitch *t, uint32_t at, bool may_wait)
{
    const struct signal *s = &t->signals->items[at];

    if (s->flags & SIGNAL_TWIN || t->traits[s->operation] & TRAIT_ASIDE)
        return true;
    if (s->flags & SIGNAL_ERROR_PAGE)
        return take_error_page(t, at);
    if (s->stage == STAGE_TOKEN)
        return take_exchange(t, at, may_wait);
    if (s->stage == STAGE_REFRESH || s->stage == STAGE_M2M)
        add_member(t, begin(t, at), at);
    else if (s->stage != STAGE_SIGN_IN && s->stage != STAGE_CHALLENGE)
        return true;
    else if (s->flags & SIGNAL_PAGE)
        take_form(t, at);
    else
        return take_call(t, at, may_wait);
    return true;
}

/* What asks for a further step goes before what ends the sign-in. */
static void take_late(struct stitch *t)
{
    for (unsigned ending = 0; ending < 2; ending++)
        for (uint32_t i = 0; i < t->n_late; i++)
            if ((t->signals->items[t->late[i]].outcome != OUTCOME_CHALLENGE) == ending)
                (void)take(t, t->late[i], false);
    t->n_late = 0;
}

/* CloudTrail's times are whole seconds, and its files keep no order within one: an answer may
 * stand before the call that asked for it. */
static void take_in_turn(struct stitch *t, uint32_t at)
{
    const struct signal *items = t->signals->items;

    if (at && items[at].time_us != items[at - 1].time_us)
        take_late(t);
    if (take(t, at, true))
        return;
    mem_grow(&t->late, &t->late_cap, (size_t)t->n_late + 1, sizeof *t->late);
    t->late[t->n_late++] = at;
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

static uint8_t *operation_traits(const struct dictionary *d)
{
    uint32_t count = dictionary_count(d);
    uint8_t *traits = mem_array((size_t)count + 1, 1);

    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count; id++)
        for (size_t i = 0; i < ARRAY_LEN(TRAITS); i++)
            if (bytes_are(dictionary_text(d, id), TRAITS[i].operation))
                traits[id] = TRAITS[i].traits;
    return traits;
}

struct attempts *attempts_new(struct signals *signals, const atomic_bool *cancelled)
{
    struct dictionary *const *dictionaries = store_dictionaries(signals->index->store);
    struct stitch t = {.signals = signals, .out = mem_alloc(sizeof *t.out)};

    t.out->uses = 1;
    t.of = mem_array((size_t)signals->count + 1, sizeof *t.of);
    t.newest_form = mem_array(dictionary_count(dictionaries[FIELD_CLIENT]), sizeof(uint32_t));
    t.traits = operation_traits(dictionaries[FIELD_OPERATION]);
    for (uint32_t i = 0; i < signals->count; i++) {
        if (i % 65536 == 0 && atomic_load(cancelled))
            break;
        take_in_turn(&t, i);
    }
    take_late(&t);
    collect_members(&t);
    settle(&t);
    mem_free(t.of);
    mem_free(t.last_us);
    mem_free(t.before);
    mem_free(t.form_before);
    mem_free(t.open);
    mem_free(t.newest_form);
    mem_free(t.traits);
    mem_free(t.late);
    if (atomic_load(cancelled)) {
        attempts_release(t.out);
        return NULL;
    }
    return t.out;
}

struct attempts *attempts_hold(struct attempts *a)
{
    atomic_fetch_add(&a->uses, 1);
    return a;
}

void attempts_release(struct attempts *a)
{
    if (!a || atomic_fetch_sub(&a->uses, 1) != 1)
        return;
    mem_free(a->items);
    mem_free(a->members);
    mem_free(a);
}
