#include "core/concluding/metric.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/reading/operation.h"

enum { ROWS_BETWEEN_LOOKS = 64 * 1024 /* at `cancelled` */ };

static const char *const NAMES[METRIC_COUNT] = {
    [METRIC_SIGN_IN] = "SignInSuccesses",
    [METRIC_REFRESH] = "TokenRefreshSuccesses",
    [METRIC_SIGN_UP] = "SignUpSuccesses",
    [METRIC_FEDERATION] = "FederationSuccesses",
    [METRIC_SIGN_IN_THROTTLES] = "SignInThrottles",
    [METRIC_REFRESH_THROTTLES] = "TokenRefreshThrottles",
    [METRIC_SIGN_UP_THROTTLES] = "SignUpThrottles",
};

const char *metric_name(enum metric metric)
{
    return NAMES[metric];
}

bool metric_is_throttles(enum metric metric)
{
    return metric >= METRIC_SIGN_IN_THROTTLES;
}

/* What an operation is to the metrics. */
enum part {
    PART_NONE,
    PART_AUTH,   /* a call that a sign-in, or a refresh, may end with */
    PART_ANSWER, /* the answer to a challenge */
    PART_TOKEN,  /* a refresh where its flow says so */
    PART_SIGN_UP,
    PART_FORM,     /* of the hosted UI or managed login */
    PART_PROVIDER, /* coming back from an outside provider */
    PART_EXPORT_SIGN_IN,
    PART_EXPORT_SIGN_UP,
};

static const struct {
    const char *operation;
    enum part part;
} PARTS[] = {
    {"InitiateAuth",                PART_AUTH    },
    {"AdminInitiateAuth",           PART_AUTH    },
    {"RespondToAuthChallenge",      PART_ANSWER  },
    {"AdminRespondToAuthChallenge", PART_ANSWER  },
    {"GetTokensFromRefreshToken",   PART_TOKEN   },
    {"Token_POST",                  PART_TOKEN   },
    {"Beta_Token_POST",             PART_TOKEN   },
    {"SignUp",                      PART_SIGN_UP },
    {"OAuth2Response_GET",          PART_PROVIDER},
    {"OAuth2Response_POST",         PART_PROVIDER},
    {"SAML2Response_POST",          PART_PROVIDER},
    {"Beta_SAML2Response_POST",     PART_PROVIDER},
    {"Login_OIDC_SAML_POST",        PART_NONE    }, /* names a provider, proves nothing */
};

static enum part part_of(struct bytes operation)
{
    const struct operation *row = operation_find(bytes_of("cognito-idp"), operation);

    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++)
        if (bytes_are(operation, PARTS[i].operation))
            return PARTS[i].part;
    if (row && row->answer == ANSWER_FORM &&
        (row->stage == STAGE_SIGN_IN || row->stage == STAGE_CHALLENGE))
        return PART_FORM;
    return PART_NONE;
}

static enum part export_part_of(struct bytes operation)
{
    if (bytes_are(operation, "SignIn"))
        return PART_EXPORT_SIGN_IN;
    return bytes_are(operation, "SignUp") ? PART_EXPORT_SIGN_UP : PART_NONE;
}

/* A request id: the UUID, or the dictionary's id of a text that is none. */
struct request {
    struct unique uuid;
    uint32_t text;
};

/* A line of the export, found by its request id. */
struct twin {
    struct request request;
    row_id row;
    uint8_t metric;
    bool has_request, success, decided, used;
    uint32_t next; /* position + 1 in the same bucket */
};

/* Pairs of ids, each once, numbered in the order of their coming. */
struct pairs {
    uint64_t *items; /* first << 32 | second */
    size_t n, cap;
    uint32_t *buckets; /* position + 1 */
    size_t n_buckets;  /* a power of two */
};

struct work {
    const struct store *store;
    struct index *index;
    bool with_duplicates;
    const atomic_bool *cancelled;
    uint8_t *parts, *export_parts; /* by operation id */
    uint8_t *services;             /* by service id: is it Cognito user pools */
    uint8_t *native;               /* by idp id: the pool's own users */
    uint32_t n_operations, n_services, n_providers;
    struct twin *twins;
    size_t n_twins, twins_cap;
    uint32_t *buckets;
    size_t n_buckets;
    struct pairs series;
    struct metric_event *events;
    size_t n_events, events_cap;
    uint64_t n_no_time, n_undecided, n_export;
};

static enum outcome outcome_of(const struct chunk *c, size_t row)
{
    return (enum outcome)(chunk_id(c, row, FIELD_OUTCOME) - DICTIONARY_FIRST_TEXT);
}

static bool counts(const struct work *w, row_id row)
{
    return w->with_duplicates || !index_is_duplicate(w->index, row);
}

/* False when the record has no request id. */
static bool request_of(const struct chunk *c, size_t row, struct request *out)
{
    uint32_t id = chunk_id(c, row, FIELD_REQUEST_ID);

    if (id < VALUE_TEXT)
        return false;
    *out = (struct request){.text = id};
    if (id == VALUE_TEXT)
        out->uuid = *chunk_unique(c, row, FIELD_REQUEST_ID);
    return true;
}

static uint64_t request_hash(const struct request *r)
{
    uint64_t halves[2];

    memcpy(halves, r->uuid.uuid, sizeof halves);
    return hash_u64(halves[0] ^ hash_u64(halves[1] ^ r->text));
}

static struct twin *twin_find(struct work *w, const struct request *r)
{
    uint32_t at = w->buckets[request_hash(r) & (w->n_buckets - 1)];

    while (at && memcmp(&w->twins[at - 1].request, r, sizeof *r) != 0)
        at = w->twins[at - 1].next;
    return at ? &w->twins[at - 1] : NULL;
}

/* The tables that answer by id what would else be asked of every row. */
static void know_ids(struct work *w)
{
    struct dictionary *const *d = store_dictionaries(w->store);

    w->n_operations = dictionary_count(d[FIELD_OPERATION]);
    w->n_services = dictionary_count(d[FIELD_SERVICE]);
    w->n_providers = dictionary_count(d[FIELD_IDP]);
    w->parts = mem_array(w->n_operations + 1, 1);
    w->export_parts = mem_array(w->n_operations + 1, 1);
    w->services = mem_array(w->n_services + 1, 1);
    w->native = mem_array(w->n_providers + 1, 1);
    for (uint32_t i = 0; i < w->n_operations; i++) {
        w->parts[i] = (uint8_t)part_of(dictionary_text(d[FIELD_OPERATION], i));
        w->export_parts[i] = (uint8_t)export_part_of(dictionary_text(d[FIELD_OPERATION], i));
    }
    for (uint32_t i = 0; i < w->n_services; i++)
        w->services[i] = bytes_starts(dictionary_text(d[FIELD_SERVICE], i), "cognito-idp");
    for (uint32_t i = 0; i < w->n_providers; i++)
        w->native[i] =
            i < DICTIONARY_FIRST_TEXT ||
            bytes_equal_nocase(dictionary_text(d[FIELD_IDP], i), bytes_of("Cognito"));
}

static bool is_format(const struct chunk *c, size_t row, enum format format)
{
    return chunk_id(c, row, FIELD_FORMAT) == DICTIONARY_FIRST_TEXT + (uint32_t)format;
}

/* Collects one line of the export. */
static void take_line(struct work *w, const struct chunk *c, size_t row, row_id id)
{
    enum part part = (enum part)w->export_parts[chunk_id(c, row, FIELD_OPERATION)];
    enum outcome outcome = outcome_of(c, row);
    bool sign_up = part == PART_EXPORT_SIGN_UP;
    struct twin twin = {.row = id};

    if (part == PART_NONE)
        return;
    twin.metric = (uint8_t)(sign_up                                  ? METRIC_SIGN_UP
                            : w->native[chunk_id(c, row, FIELD_IDP)] ? METRIC_SIGN_IN
                                                                     : METRIC_FEDERATION);
    /* A sign-up in progress was accepted: the code is still to come. */
    twin.success = outcome == OUTCOME_SUCCESS || (sign_up && outcome == OUTCOME_CHALLENGE);
    twin.decided = twin.success || outcome == OUTCOME_FAILURE;
    twin.has_request = request_of(c, row, &twin.request);
    mem_grow(&w->twins, &w->twins_cap, w->n_twins + 1, sizeof *w->twins);
    w->twins[w->n_twins++] = twin;
}

/* Makes the lines findable. A second line for the same request says nothing new. */
static void link_lines(struct work *w)
{
    w->n_buckets = 16;
    while (w->n_buckets < w->n_twins * 2)
        w->n_buckets *= 2;
    w->buckets = mem_array(w->n_buckets, sizeof *w->buckets);
    for (size_t i = 0; i < w->n_twins; i++) {
        struct twin *twin = &w->twins[i];
        uint32_t *bucket = &w->buckets[request_hash(&twin->request) & (w->n_buckets - 1)];

        if (!twin->has_request)
            continue;
        twin->used = twin_find(w, &twin->request) != NULL;
        if (twin->used)
            continue;
        twin->next = *bucket;
        *bucket = (uint32_t)i + 1;
    }
}

static bool take_export(struct work *w)
{
    for (size_t chunk = 0; chunk < w->index->n_chunks; chunk++) {
        const struct chunk *c = store_chunk(w->store, chunk);

        if (atomic_load_explicit(w->cancelled, memory_order_relaxed))
            return false;
        if (c->ids[FIELD_FORMAT].width == 0 && !is_format(c, 0, FORMAT_USER_ACTIVITY))
            continue;
        for (size_t row = 0; row < c->n_rows; row++)
            if (is_format(c, row, FORMAT_USER_ACTIVITY) && counts(w, row_make(chunk, row)))
                take_line(w, c, row, row_make(chunk, row));
    }
    link_lines(w);
    return true;
}

static uint32_t pairs_add(struct pairs *p, uint32_t first, uint32_t second)
{
    uint64_t pair = (uint64_t)first << 32 | second;
    size_t at;

    if (p->n * 2 >= p->n_buckets) {
        p->n_buckets = p->n_buckets ? p->n_buckets * 2 : 256;
        mem_free(p->buckets);
        p->buckets = mem_array(p->n_buckets, sizeof *p->buckets);
        for (size_t i = 0; i < p->n; i++) {
            at = hash_u64(p->items[i]) & (p->n_buckets - 1);
            while (p->buckets[at])
                at = (at + 1) & (p->n_buckets - 1);
            p->buckets[at] = (uint32_t)i + 1;
        }
    }
    at = hash_u64(pair) & (p->n_buckets - 1);
    while (p->buckets[at] && p->items[p->buckets[at] - 1] != pair)
        at = (at + 1) & (p->n_buckets - 1);
    if (!p->buckets[at]) {
        mem_grow(&p->items, &p->cap, p->n + 1, sizeof *p->items);
        p->items[p->n++] = pair;
        p->buckets[at] = (uint32_t)p->n;
    }
    return p->buckets[at] - 1;
}

static void pairs_deinit(struct pairs *p)
{
    mem_free(p->items);
    mem_free(p->buckets);
}

static void add_event(struct work *w, const struct chunk *c, row_id id, enum metric metric,
                      bool success)
{
    size_t row = row_in_chunk(id);
    int64_t at_us = chunk_time(c, row);

    if (at_us == INSTANT_NONE) {
        w->n_no_time++;
        return;
    }
    mem_grow(&w->events, &w->events_cap, w->n_events + 1, sizeof *w->events);
    w->events[w->n_events++] =
        (struct metric_event){.time_us = at_us,
                              .row = id,
                              .series = pairs_add(&w->series, chunk_id(c, row, FIELD_POOL),
                                                  chunk_id(c, row, FIELD_CLIENT)),
                              .metric = (uint8_t)metric,
                              .success = success};
}

static enum metric throttles_of(enum metric metric)
{
    return metric == METRIC_REFRESH   ? METRIC_REFRESH_THROTTLES
           : metric == METRIC_SIGN_UP ? METRIC_SIGN_UP_THROTTLES
                                      : METRIC_SIGN_IN_THROTTLES;
}

/* A record of CloudTrail; its line in the export is taken with it. */
static void count_call(struct work *w, const struct chunk *c, row_id id)
{
    size_t row = row_in_chunk(id);
    enum part part = (enum part)w->parts[chunk_id(c, row, FIELD_OPERATION)];
    /* A form with the parameters of a refresh is still a form. */
    bool is_refresh =
        (part == PART_AUTH || part == PART_TOKEN) &&
        chunk_id(c, row, FIELD_STAGE) == DICTIONARY_FIRST_TEXT + (uint32_t)STAGE_REFRESH;
    enum outcome outcome = outcome_of(c, row);
    enum metric metric = part == PART_SIGN_UP    ? METRIC_SIGN_UP
                         : part == PART_PROVIDER ? METRIC_FEDERATION
                         : is_refresh            ? METRIC_REFRESH
                                                 : METRIC_SIGN_IN;
    struct request request;
    struct twin *twin = NULL;

    if (part == PART_NONE || (part == PART_TOKEN && !is_refresh) ||
        !w->services[chunk_id(c, row, FIELD_SERVICE)])
        return;
    if (w->n_twins && request_of(c, row, &request))
        twin = twin_find(w, &request);
    if (twin && twin->used)
        twin = NULL; /* another record was counted for it */
    if (twin) {
        twin->used = true;
        if (twin->metric == METRIC_FEDERATION && metric == METRIC_SIGN_IN)
            metric = METRIC_FEDERATION;
    }
    if (outcome == OUTCOME_SUCCESS || outcome == OUTCOME_FAILURE)
        add_event(w, c, id, metric, outcome == OUTCOME_SUCCESS);
    else if (outcome == OUTCOME_THROTTLED && metric != METRIC_FEDERATION)
        add_event(w, c, id, throttles_of(metric), false);
    else if (outcome == OUTCOME_UNKNOWN && twin && twin->decided)
        add_event(w, c, id, metric, twin->success);
    else if (outcome == OUTCOME_UNKNOWN)
        w->n_undecided++;
}

static bool count_calls(struct work *w)
{
    for (uint64_t i = 0; i < w->index->n_rows; i++) {
        row_id id = w->index->order[i];
        const struct chunk *c = store_chunk(w->store, row_chunk(id));

        if (i % ROWS_BETWEEN_LOOKS == 0 &&
            atomic_load_explicit(w->cancelled, memory_order_relaxed))
            return false;
        if (w->parts[chunk_id(c, row_in_chunk(id), FIELD_OPERATION)] != PART_NONE &&
            is_format(c, row_in_chunk(id), FORMAT_CLOUDTRAIL) && counts(w, id))
            count_call(w, c, id);
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct metric_event *x = a, *y = b;

    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Lines whose record is not there count as the call would. */
static void count_lines(struct work *w)
{
    size_t before = w->n_events;

    for (size_t i = 0; i < w->n_twins; i++) {
        const struct twin *twin = &w->twins[i];

        if (twin->used || !twin->decided)
            continue;
        w->n_export++;
        add_event(w, store_chunk(w->store, row_chunk(twin->row)), twin->row,
                  (enum metric)twin->metric, twin->success);
    }
    if (w->n_events > before)
        qsort(w->events, w->n_events, sizeof *w->events, by_time);
}

/* For each client the pool that records name together with it: 0 where there is none, and where
 * there are several. */
static uint32_t *learn_pools(const struct work *w)
{
    struct dictionary *const *d = store_dictionaries(w->store);
    uint32_t n = dictionary_count(d[FIELD_CLIENT]), several = UINT32_MAX;
    uint32_t *pools = mem_array(n + 1, sizeof *pools);

    for (size_t chunk = 0; chunk < w->index->n_chunks; chunk++) {
        const struct chunk *c = store_chunk(w->store, chunk);

        for (size_t row = 0; row < c->n_rows; row++) {
            uint32_t client = chunk_id(c, row, FIELD_CLIENT),
                     pool = chunk_id(c, row, FIELD_POOL);

            if (client < DICTIONARY_FIRST_TEXT || pool < DICTIONARY_FIRST_TEXT)
                continue;
            pools[client] = pools[client] && pools[client] != pool ? several : pool;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        if (pools[i] == several)
            pools[i] = 0;
    return pools;
}

/* A pair of ids on its way into the order of texts. */
struct named {
    struct bytes pool, client;
    uint32_t pool_id, client_id, number;
};

static int by_names(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = bytes_compare(x->pool, y->pool);

    if (order == 0)
        order = bytes_compare(x->client, y->client);
    if (order == 0) /* absent, null, empty, redacted */
        order = (x->pool_id > y->pool_id) - (x->pool_id < y->pool_id);
    return order ? order : (x->client_id > y->client_id) - (x->client_id < y->client_id);
}

/* The pairs in the order of their texts; `places` gets where each went. */
static struct named *order_pairs(const struct work *w, const struct pairs *p, uint32_t *places)
{
    struct dictionary *const *d = store_dictionaries(w->store);
    struct named *named = mem_array(p->n + 1, sizeof *named);

    for (size_t i = 0; i < p->n; i++) {
        uint32_t pool = (uint32_t)(p->items[i] >> 32), client = (uint32_t)p->items[i];

        named[i] =
            (struct named){dictionary_text(d[FIELD_POOL], pool),
                           dictionary_text(d[FIELD_CLIENT], client), pool, client, (uint32_t)i};
    }
    qsort(named, p->n, sizeof *named, by_names);
    for (size_t i = 0; i < p->n; i++)
        places[named[i].number] = (uint32_t)i;
    return named;
}

static void name_series(struct work *w, struct metrics *m)
{
    size_t n = w->series.n;
    uint32_t *places = mem_array(n + 1, sizeof *places), *pools = learn_pools(w);
    struct named *named = order_pairs(w, &w->series, places);
    struct metric_series *series = mem_array(n + 1, sizeof *series);
    struct pairs targets = {0};

    for (size_t i = 0; i < w->n_events; i++)
        w->events[i].series = places[w->events[i].series];
    for (size_t i = 0; i < n; i++) {
        uint32_t pool = named[i].pool_id, known = pools[named[i].client_id];

        series[i] = (struct metric_series){pool, named[i].client_id, known, 0};
        series[i].target = pairs_add(
            &targets, pool < DICTIONARY_FIRST_TEXT && known ? known : pool, named[i].client_id);
    }
    mem_free(named);
    mem_free(places);
    mem_free(pools);
    places = mem_array(targets.n + 1, sizeof *places);
    named = order_pairs(w, &targets, places);
    struct metric_target *ordered = mem_array(targets.n + 1, sizeof *ordered);

    for (size_t i = 0; i < n; i++)
        series[i].target = places[series[i].target];
    for (size_t i = 0; i < targets.n; i++)
        ordered[i] = (struct metric_target){named[i].pool_id, named[i].client_id};
    m->series = series;
    m->n_series = n;
    m->targets = ordered;
    m->n_targets = targets.n;
    mem_free(named);
    mem_free(places);
    pairs_deinit(&targets);
}

struct metrics *metrics_new(struct index *index, bool with_duplicates,
                            const atomic_bool *cancelled)
{
    struct work w = {.store = index->store,
                     .index = index,
                     .with_duplicates = with_duplicates,
                     .cancelled = cancelled};
    struct metrics *m = NULL;

    know_ids(&w);
    if (take_export(&w) && count_calls(&w)) {
        count_lines(&w);
        m = mem_alloc(sizeof *m);
        name_series(&w, m);
        m->uses = 1;
        m->with_duplicates = with_duplicates;
        m->index = index_hold(index);
        m->events = w.events;
        m->n_events = w.n_events;
        m->n_no_time = w.n_no_time;
        m->n_undecided = w.n_undecided;
        m->n_export = w.n_export;
        w.events = NULL;
    }
    mem_free(w.parts);
    mem_free(w.export_parts);
    mem_free(w.services);
    mem_free(w.native);
    mem_free(w.twins);
    mem_free(w.buckets);
    mem_free(w.events);
    pairs_deinit(&w.series);
    return m;
}

struct metrics *metrics_hold(struct metrics *m)
{
    atomic_fetch_add(&m->uses, 1);
    return m;
}

void metrics_release(struct metrics *m)
{
    if (!m || atomic_fetch_sub(&m->uses, 1) != 1)
        return;
    index_release(m->index);
    mem_free((void *)(uintptr_t)m->events);
    mem_free((void *)(uintptr_t)m->series);
    mem_free((void *)(uintptr_t)m->targets);
    mem_free(m);
}
