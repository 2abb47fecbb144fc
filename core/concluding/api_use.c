#include "core/concluding/api_use.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/concluding/roster.h"

enum {
    OTHERS_LEAST = 5,    /* accounts of a client whose tokens are in the records */
    OTHERS_PERCENT = 80, /* of those that call through it */
    PAUSES = 4, /* a window without any token for more than 1 / PAUSES is not covered */
};

/* One call with a token, by an account that has a sub. */
struct use {
    int64_t time_us;
    row_id row;
    uint32_t sub, client;
    bool is_founded;
};

struct api_use {
    const struct signals *s;
    const struct rule *rule;
    const struct rule_limits *limits;
    struct findings *out;
    struct roster given; /* by account: what gives tokens */
    int64_t *times;      /* of all that gives tokens, in order */
    uint32_t *pauses;    /* too long ones between the times up to each */
    size_t n_times;
    bool *is_nameless; /* by client: tokens are refreshed and no record says whose */
    struct use *uses;  /* in time order; later by account */
    size_t n_uses, cap;
};

static uint32_t id_at(const struct chunk *c, size_t row, enum field_id field)
{
    uint64_t id = column_get(&c->ids[field], row);

    return id < DICTIONARY_FIRST_TEXT ? 0 : (uint32_t)id;
}

static bool is_choice(const struct chunk *c, size_t row, enum field_id field, unsigned choice)
{
    return column_get(&c->ids[field], row) == DICTIONARY_FIRST_TEXT + choice;
}

/* The token of a machine names its client as the sub. */
static bool is_machine(const struct api_use *u, uint32_t sub, uint32_t client)
{
    struct dictionary *const *d = store_dictionaries(u->s->index->store);

    return client && bytes_equal(dictionary_text(d[FIELD_SUB], sub),
                                 dictionary_text(d[FIELD_CLIENT], client));
}

static void collect_uses(struct api_use *u, const atomic_bool *cancelled)
{
    const struct index *index = u->s->index;

    for (uint64_t at = 0; at < index->n_rows; at++) {
        row_id row = index->order[at];
        const struct chunk *c = store_chunk(index->store, row_chunk(row));
        size_t i = row_in_chunk(row);
        struct use use = {.row = row};

        if (at % 65536 == 0 && atomic_load(cancelled))
            return;
        if (!is_choice(c, i, FIELD_FORMAT, FORMAT_API_ACCESS) ||
            !is_choice(c, i, FIELD_OUTCOME, OUTCOME_SUCCESS) || index_is_duplicate(index, row))
            continue;
        use.time_us = chunk_time(c, i);
        use.sub = id_at(c, i, FIELD_SUB);
        use.client = id_at(c, i, FIELD_CLIENT);
        if (!use.sub || use.time_us == INSTANT_NONE || is_machine(u, use.sub, use.client))
            continue;
        mem_grow(&u->uses, &u->cap, u->n_uses + 1, sizeof *u->uses);
        u->uses[u->n_uses++] = use;
    }
}

/* Twins too: the export may name the account where CloudTrail does not. */
static bool gives_token(const struct signal *s)
{
    enum {
        GIVING =
            1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE | 1 << STAGE_TOKEN | 1 << STAGE_REFRESH
    };

    return GIVING >> s->stage & 1 && s->outcome == OUTCOME_SUCCESS;
}

static int64_t longest_pause(const struct api_use *u)
{
    return u->limits->window_us / PAUSES;
}

/* Refreshes stand in CloudTrail alone: what covers a time must be of it. */
static void collect_times(struct api_use *u)
{
    struct dictionary *const *d = store_dictionaries(u->s->index->store);

    u->is_nameless = mem_array(dictionary_count(d[FIELD_CLIENT]), sizeof *u->is_nameless);
    u->times = mem_array((size_t)u->s->count + 1, sizeof *u->times);
    u->pauses = mem_array((size_t)u->s->count + 1, sizeof *u->pauses);
    for (uint32_t i = 0; i < u->s->count; i++) {
        const struct signal *x = &u->s->items[i];
        size_t n = u->n_times;

        if (!gives_token(x) || x->format != FORMAT_CLOUDTRAIL)
            continue;
        u->is_nameless[x->client] |= x->stage == STAGE_REFRESH && !x->account;
        u->times[n] = x->time_us;
        if (n)
            u->pauses[n] =
                u->pauses[n - 1] + (u->times[n] - u->times[n - 1] > longest_pause(u));
        u->n_times++;
    }
}

/* The first time that is not before `time_us`. */
static size_t seek_time(const struct api_use *u, int64_t time_us)
{
    size_t low = 0, high = u->n_times;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (u->times[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Tokens were given all along the window before, and before that: else the records may begin
 * there. */
static bool is_covered(const struct api_use *u, int64_t time_us)
{
    int64_t from_us = time_us - u->limits->window_us;
    size_t first = seek_time(u, from_us), end = seek_time(u, time_us);

    return first > 0 && first < end && u->times[first] - from_us <= longest_pause(u) &&
           time_us - u->times[end - 1] <= longest_pause(u) &&
           u->pauses[end - 1] == u->pauses[first];
}

static bool was_given(const struct api_use *u, const struct use *use)
{
    uint32_t i = roster_seek(&u->given, u->s, use->sub, use->time_us + INSTANT_SECOND);

    return i > u->given.starts[use->sub] && u->s->items[u->given.positions[i - 1]].time_us >=
                                                use->time_us - u->limits->window_us;
}

static int by_account(const void *a, const void *b)
{
    const struct use *x = a, *y = b;

    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    if (x->sub != y->sub)
        return x->sub < y->sub ? -1 : 1;
    return x->time_us != y->time_us ? (x->time_us < y->time_us ? -1 : 1)
                                    : (x->row > y->row) - (x->row < y->row);
}

static void report(struct api_use *u, const struct use *uses, size_t count, uint32_t given,
                   uint32_t all)
{
    struct dictionary *const *d = store_dictionaries(u->s->index->store);
    row_id *rows = mem_array(count, sizeof *rows);
    struct buffer why = {0};
    struct finding *f;

    for (size_t i = 0; i < count; i++)
        rows[i] = uses[i].row;
    f = findings_add_rows(u->out, u->s, u->rule->scenario, rows, (uint32_t)count);
    mem_free(rows);
    weigh_add_count(&why, count, u->rule->one, u->rule->many);
    buffer_add_text(&why,
                    " with a token of an account that neither signed in nor refreshed in ");
    instant_add_span(&why, u->limits->window_us);
    buffer_printf(&why,
                  " before (limit %" PRIu32 "); of the accounts that call through this client, "
                  "%" PRIu32 " of %" PRIu32 " did",
                  u->limits->events, given, all);
    f->key = u->rule->group;
    f->key_text = dictionary_text(d[FIELD_SUB], uses[0].sub);
    f->severity = u->rule->severity;
    f->score = weigh_score(f->severity, (uint32_t)count, u->limits->events);
    f->why = arena_copy(&u->out->arena, buffer_bytes(&why));
    buffer_deinit(&why);
}

/* Uses of one client, account by account: those that are founded come to the front. */
static void weigh_client(struct api_use *u, struct use *uses, size_t count)
{
    uint32_t given = 0, all = 0;

    for (unsigned telling = 0; telling < 2; telling++) {
        if (telling && (given < OTHERS_LEAST || given * 100 < all * OTHERS_PERCENT))
            return;
        for (size_t i = 0, n; i < count; i += n) {
            size_t unfounded = 0;
            bool founded = false;

            for (n = 0; i + n < count && uses[i + n].sub == uses[i].sub; n++) {
                founded |= uses[i + n].is_founded;
                unfounded += !uses[i + n].is_founded;
            }
            all += !telling;
            given += !telling && founded;
            if (!telling || unfounded < u->limits->events)
                continue;
            unfounded = 0;
            for (size_t k = i; k < i + n; k++)
                if (!uses[k].is_founded)
                    uses[i + unfounded++] = uses[k];
            report(u, uses + i, unfounded, given, all);
        }
    }
}

/* Calls before which too little is recorded say nothing either way. */
static void keep_covered(struct api_use *u)
{
    size_t kept = 0;

    for (size_t i = 0; i < u->n_uses; i++) {
        struct use *use = &u->uses[i];

        use->is_founded = was_given(u, use);
        if (use->is_founded || is_covered(u, use->time_us))
            u->uses[kept++] = *use;
    }
    u->n_uses = kept;
}

void api_use_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled)
{
    size_t number = rule_find(bytes_of("token-theft.no-sign-in"));
    struct api_use u = {
        .s = s, .rule = rule_get(number), .limits = &rules->limits[number], .out = out};

    if (!u.limits->on)
        return;
    collect_uses(&u, cancelled);
    if (u.n_uses && !atomic_load(cancelled)) {
        roster_make(&u.given, s, roster_accounts(s), roster_account, gives_token);
        collect_times(&u);
        keep_covered(&u);
        qsort(u.uses, u.n_uses, sizeof *u.uses, by_account);
        for (size_t i = 0, n; i < u.n_uses; i += n) {
            for (n = 0; i + n < u.n_uses && u.uses[i + n].client == u.uses[i].client;)
                n++;
            if (!u.is_nameless[u.uses[i].client])
                weigh_client(&u, u.uses + i, n);
        }
        roster_deinit(&u.given);
        mem_free(u.times);
        mem_free(u.pauses);
        mem_free(u.is_nameless);
    }
    mem_free(u.uses);
}
