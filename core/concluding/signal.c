#include "core/concluding/signal.h"

#include <arpa/inet.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/query/address.h"

static uint32_t text_id(const struct chunk *c, size_t row, enum field_id field)
{
    uint64_t id = column_get(&c->ids[field], row);

    return id < DICTIONARY_FIRST_TEXT ? 0 : (uint32_t)id;
}

static uint8_t choice(const struct chunk *c, size_t row, enum field_id field)
{
    uint64_t id = column_get(&c->ids[field], row);

    return (uint8_t)(id < DICTIONARY_FIRST_TEXT ? 0 : id - DICTIONARY_FIRST_TEXT);
}

/* What is decided once per operation name. */
enum operation_trait { TRAIT_ERROR_PAGE = 1, TRAIT_PAGE = 2, TRAIT_NEW_PASSWORD = 4 };

static uint8_t *operation_traits(const struct dictionary *d)
{
    uint32_t count = dictionary_count(d);
    uint8_t *traits = mem_array(count, 1);

    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count; id++) {
        struct bytes name = dictionary_text(d, id);

        if (bytes_are(name, "Error_GET") || bytes_are(name, "error_GET"))
            traits[id] |= TRAIT_ERROR_PAGE;
        if (bytes_are(name, "ConfirmForgotPassword"))
            traits[id] |= TRAIT_NEW_PASSWORD;
        if (bytes_ends(name, "_POST") || bytes_ends(name, "_GET"))
            traits[id] |= TRAIT_PAGE;
    }
    return traits;
}

/* The first bytes of an address that make its network: 3 of IPv4, 6 of IPv6. */
static unsigned network_bytes(const struct address *a)
{
    return a->is_v4 ? 3 : 6;
}

bool signal_network(struct bytes ip, struct buffer *out)
{
    unsigned char zeroed[16] = {0};
    char text[INET6_ADDRSTRLEN];
    struct address a;

    if (!address_parse(ip, &a))
        return false;
    memcpy(zeroed, a.bytes, network_bytes(&a));
    if (!inet_ntop(a.is_v4 ? AF_INET : AF_INET6, zeroed, text, sizeof text))
        return false;
    buffer_printf(out, "%s/%u", text, network_bytes(&a) * 8);
    return true;
}

/* Numbers the networks of all addresses; names of services have none. */
static void number_networks(struct signals *s, const struct dictionary *d)
{
    uint32_t count = dictionary_count(d), size = 64;
    uint64_t *keys;
    uint32_t *numbers;

    while (size < count * 2 && size < UINT32_C(1) << 31)
        size *= 2;
    keys = mem_array(size, sizeof *keys);
    numbers = mem_array(size, sizeof *numbers);
    s->networks = mem_array(count, sizeof *s->networks);
    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count; id++) {
        struct address a;
        uint64_t key = 1;
        uint32_t at;

        if (!address_parse(dictionary_text(d, id), &a))
            continue;
        for (unsigned i = 0; i < network_bytes(&a); i++)
            key = key << 8 | a.bytes[i];
        key = key << 1 | a.is_v4;
        for (at = (uint32_t)hash_u64(key) & (size - 1); numbers[at] && keys[at] != key;)
            at = (at + 1) & (size - 1);
        if (!numbers[at]) {
            keys[at] = key;
            numbers[at] = ++s->n_networks;
        }
        s->networks[id] = numbers[at];
    }
    mem_free(keys);
    mem_free(numbers);
}

/* Threat protection's verdict, in the vocabulary that risk, decision and compromised map to. */
static bool is_risky(const struct signals *s, const struct chunk *c, size_t row)
{
    struct dictionary *const *d = store_dictionaries(s->index->store);
    uint32_t decision = text_id(c, row, FIELD_DECISION);

    if (bytes_are(dictionary_text(d[FIELD_RISK], text_id(c, row, FIELD_RISK)), "high") ||
        bytes_are(dictionary_text(d[FIELD_COMPROMISED], text_id(c, row, FIELD_COMPROMISED)),
                  "yes"))
        return true;
    return decision && !bytes_are(dictionary_text(d[FIELD_DECISION], decision), "pass") &&
           !bytes_are(dictionary_text(d[FIELD_DECISION], decision), "none");
}

/* Rows of other services matter to what an intruder did afterwards, not to a threshold. */
static bool is_weighed(uint8_t format, uint8_t stage, uint8_t outcome, uint8_t trait)
{
    if (format != FORMAT_CLOUDTRAIL && format != FORMAT_USER_ACTIVITY &&
        format != FORMAT_USER_NOTIFICATION)
        return false;
    if (stage == STAGE_OTHER || stage == STAGE_API)
        return false;
    return stage != STAGE_VIEW || trait & TRAIT_ERROR_PAGE ||
           (outcome != OUTCOME_NONE && outcome != OUTCOME_SUCCESS);
}

static void name_account(const struct signals *s, const struct chunk *c, size_t row,
                         struct signal *out)
{
    struct link_names names = {text_id(c, row, FIELD_SUB), text_id(c, row, FIELD_USER),
                               text_id(c, row, FIELD_IDENTITY),
                               text_id(c, row, FIELD_ACCESS_KEY)};

    /* An administrator's key says who called, not whom the call was about. */
    if (out->stage == STAGE_ADMIN_USER || out->stage == STAGE_CONFIG)
        names.access_key = 0;
    out->account = link_sub(s->links, &names);
    if (!out->account && names.user) {
        out->account = names.user;
        out->flags |= SIGNAL_NAMELESS;
    }
}

static void fill(const struct signals *s, const struct chunk *c, row_id row,
                 const uint8_t *traits, struct signal *out)
{
    size_t i = row_in_chunk(row);

    out->row = row;
    out->twin = SIGNAL_NONE;
    out->format = choice(c, i, FIELD_FORMAT);
    out->stage = choice(c, i, FIELD_STAGE);
    out->outcome = choice(c, i, FIELD_OUTCOME);
    out->reason = choice(c, i, FIELD_REASON);
    out->flags = 0;
    out->operation = text_id(c, i, FIELD_OPERATION);
    out->ip = text_id(c, i, FIELD_IP);
    out->network = s->networks[out->ip];
    out->agent = text_id(c, i, FIELD_AGENT);
    out->client = text_id(c, i, FIELD_CLIENT);
    out->actor = text_id(c, i, FIELD_ACTOR);
    if (traits[out->operation] & TRAIT_ERROR_PAGE)
        out->flags |= SIGNAL_ERROR_PAGE;
    if (traits[out->operation] & TRAIT_PAGE)
        out->flags |= SIGNAL_PAGE;
    if (traits[out->operation] & TRAIT_NEW_PASSWORD)
        out->flags |= SIGNAL_NEW_PASSWORD;
    if (is_risky(s, c, i))
        out->flags |= SIGNAL_RISKY;
    name_account(s, c, i, out);
}

/* ---- collecting ---- */

enum { RANGE_ROWS = 64 * 1024 };

/* The rows of the index in ranges, each with room for all of its rows. */
struct collecting {
    struct signals *s;
    uint8_t *traits;  /* by operation */
    uint32_t *counts; /* by range: signals */
    uint64_t *timeless;
};

static void collect_range(void *context, size_t part, unsigned worker)
{
    struct collecting *w = context;
    struct signals *s = w->s;
    const struct index *index = s->index;
    uint64_t from = part * RANGE_ROWS, to = from + RANGE_ROWS;
    struct signal *out = s->items + from;

    (void)worker;
    for (uint64_t at = from; at < to && at < index->n_rows; at++) {
        row_id row = index->order[at];
        const struct chunk *c = store_chunk(index->store, row_chunk(row));
        size_t i = row_in_chunk(row);
        int64_t time_us;

        if (!is_weighed(choice(c, i, FIELD_FORMAT), choice(c, i, FIELD_STAGE),
                        choice(c, i, FIELD_OUTCOME),
                        w->traits[text_id(c, i, FIELD_OPERATION)]) ||
            index_is_duplicate(index, row))
            continue;
        time_us = chunk_time(c, i);
        if (time_us == INSTANT_NONE) {
            w->timeless[part]++;
            continue;
        }
        out->time_us = time_us;
        fill(s, c, row, w->traits, out++);
    }
    w->counts[part] = (uint32_t)(out - (s->items + from));
}

/* Room for every row is asked for, but only what is filled is ever touched. */
static bool collect(struct signals *s, const struct crew *crew)
{
    size_t ranges = (s->index->n_rows + RANGE_ROWS - 1) / RANGE_ROWS;
    struct collecting w = {.s = s};

    w.traits = operation_traits(store_dictionaries(s->index->store)[FIELD_OPERATION]);
    w.counts = mem_array(ranges, sizeof *w.counts);
    w.timeless = mem_array(ranges, sizeof *w.timeless);
    s->items = mem_resize(NULL, s->index->n_rows, sizeof *s->items);
    crew_each(crew, ranges, collect_range, &w);
    for (size_t i = 0; i < ranges; i++) {
        memmove(s->items + s->count, s->items + i * RANGE_ROWS, w.counts[i] * sizeof *s->items);
        s->count += w.counts[i];
        s->n_timeless += w.timeless[i];
    }
    s->items = mem_resize(s->items, s->count, sizeof *s->items);
    mem_free(w.traits);
    mem_free(w.counts);
    mem_free(w.timeless);
    return !crew_is_stopped(crew);
}

/* ---- twins ---- */

struct twin_table {
    uint32_t *slots; /* position + 1 of an activity record */
    uint32_t size;
};

static const struct unique *request_of(const struct signals *s, uint32_t at)
{
    row_id row = s->items[at].row;
    const struct chunk *c = store_chunk(s->index->store, row_chunk(row));

    if (column_get(&c->ids[FIELD_REQUEST_ID], row_in_chunk(row)) != VALUE_TEXT)
        return NULL;
    return chunk_unique(c, row_in_chunk(row), FIELD_REQUEST_ID);
}

static uint32_t *twin_slot(const struct signals *s, const struct twin_table *t,
                           const struct unique *id)
{
    uint32_t at = (uint32_t)hash_bytes(bytes_make(id->uuid, sizeof id->uuid)) & (t->size - 1);

    while (t->slots[at] && memcmp(request_of(s, t->slots[at] - 1), id, sizeof *id) != 0)
        at = (at + 1) & (t->size - 1);
    return &t->slots[at];
}

/* The activity export says what the hosted UI's own record does not: who, and how it ended. */
static void join(struct signals *s, uint32_t call, uint32_t activity)
{
    struct signal *c = &s->items[call], *a = &s->items[activity];

    if (a->flags & SIGNAL_TWIN || c->twin != SIGNAL_NONE)
        return; /* each has one twin at most */
    c->twin = activity;
    a->twin = call;
    a->flags |= SIGNAL_TWIN;
    s->n_twins++;
    c->flags |= a->flags & SIGNAL_RISKY;
    if (!c->account && a->account) {
        c->account = a->account;
        c->flags |= a->flags & SIGNAL_NAMELESS;
    }
    if (c->outcome == OUTCOME_UNKNOWN && a->outcome != OUTCOME_UNKNOWN) {
        c->outcome = a->outcome;
        c->reason = a->reason;
        c->flags |= SIGNAL_DERIVED;
    }
}

static void find_twins(struct signals *s)
{
    uint32_t n_activity = 0;
    struct twin_table t = {.size = 64};

    for (uint32_t i = 0; i < s->count; i++)
        n_activity += s->items[i].format == FORMAT_USER_ACTIVITY;
    if (n_activity == 0 || n_activity == s->count)
        return;
    while (t.size < (uint64_t)n_activity * 2 && t.size < UINT32_C(1) << 31)
        t.size *= 2;
    t.slots = mem_array(t.size, sizeof *t.slots);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct unique *id =
            s->items[i].format == FORMAT_USER_ACTIVITY ? request_of(s, i) : NULL;
        uint32_t *slot = id ? twin_slot(s, &t, id) : NULL;

        if (slot && !*slot)
            *slot = i + 1;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const struct unique *id =
            s->items[i].format == FORMAT_CLOUDTRAIL ? request_of(s, i) : NULL;
        uint32_t *slot = id ? twin_slot(s, &t, id) : NULL;

        if (slot && *slot)
            join(s, i, *slot - 1);
    }
    mem_free(t.slots);
}

struct signals *signals_new(struct index *index, const struct crew *crew)
{
    struct signals *s = mem_alloc(sizeof *s);

    s->uses = 1;
    s->index = index_hold(index);
    s->links = links_new(index, crew);
    number_networks(s, store_dictionaries(index->store)[FIELD_IP]);
    if (!collect(s, crew)) {
        signals_release(s);
        return NULL;
    }
    find_twins(s);
    return s;
}

struct signals *signals_hold(struct signals *s)
{
    atomic_fetch_add(&s->uses, 1);
    return s;
}

void signals_release(struct signals *s)
{
    if (!s || atomic_fetch_sub(&s->uses, 1) != 1)
        return;
    index_release(s->index);
    links_free(s->links);
    mem_free(s->networks);
    mem_free(s->items);
    mem_free(s);
}
