#include "core/concluding/entries.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { ENTRY_STAGES = 1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE };

/* The values of a field that were refused, by dictionary id. */
struct refused {
    enum field_id field;
    bool *is;
    uint32_t n_ids;
    uint64_t count;
};

/* An end of a sign-in with one of these outcomes (bits). */
static bool ends_with(const struct index *i, row_id row, uint32_t outcomes)
{
    uint64_t stage = (uint64_t)store_id(i->store, row, FIELD_STAGE) - DICTIONARY_FIRST_TEXT;
    uint64_t outcome = (uint64_t)store_id(i->store, row, FIELD_OUTCOME) - DICTIONARY_FIRST_TEXT;

    return stage < STAGE_COUNT && ENTRY_STAGES >> stage & 1 && outcome < OUTCOME_COUNT &&
           outcomes >> outcome & 1;
}

static void refused_init(struct refused *r, const struct index *i, enum field_id field)
{
    *r = (struct refused){.field = field};
    r->n_ids = dictionary_count(store_dictionaries(i->store)[field]);
    r->is = mem_array(r->n_ids, sizeof *r->is);
}

static void refused_add(struct refused *r, const struct index *i, row_id row)
{
    uint64_t id = store_id(i->store, row, r->field);

    if (id < DICTIONARY_FIRST_TEXT || id >= r->n_ids || r->is[id])
        return;
    r->is[id] = true;
    r->count++;
}

static bool refused_has(const struct refused *r, const struct index *i, row_id row)
{
    uint64_t id = store_id(i->store, row, r->field);

    return id < r->n_ids && r->is[id];
}

/* Accounts and the addresses that they got in from before the first refusal. */
struct habits {
    uint64_t *pairs; /* ascending once they are all there */
    size_t count, cap;
};

static uint64_t pair_of(const struct index *i, row_id row)
{
    return (uint64_t)store_id(i->store, row, FIELD_SUB) << 32 |
           store_id(i->store, row, FIELD_IP);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool is_habit(const struct habits *h, const struct index *i, row_id row)
{
    uint64_t pair = pair_of(i, row);

    return h->count && bsearch(&pair, h->pairs, h->count, sizeof pair, by_number);
}

static void find_later(const struct index *i, const struct refused *addresses,
                       const struct refused *accounts, struct entries *out)
{
    struct habits habits = {0};
    uint64_t k = 0;

    for (; k < i->n_rows && store_time(i->store, i->order[k]) < out->first_us; k++) {
        if (!ends_with(i, i->order[k], 1 << OUTCOME_SUCCESS) ||
            !refused_has(accounts, i, i->order[k]))
            continue;
        mem_grow(&habits.pairs, &habits.cap, habits.count + 1, sizeof *habits.pairs);
        habits.pairs[habits.count++] = pair_of(i, i->order[k]);
    }
    if (habits.count)
        qsort(habits.pairs, habits.count, sizeof *habits.pairs, by_number);
    for (; k < i->n_rows; k++) {
        row_id row = i->order[k];

        if (store_time(i->store, row) == INSTANT_NONE)
            break; /* these stand last */
        if (index_is_duplicate(i, row) || !ends_with(i, row, 1 << OUTCOME_SUCCESS))
            continue;
        if (!refused_has(addresses, i, row) &&
            (!refused_has(accounts, i, row) || is_habit(&habits, i, row)))
            continue;
        mem_grow(&out->rows, &out->cap, out->count + 1, sizeof *out->rows);
        out->rows[out->count++] = row;
    }
    mem_free(habits.pairs);
}

void entries_find(const struct selection *s, struct entries *out)
{
    const struct index *i = s->index;
    struct refused addresses, accounts;

    *out = (struct entries){.first_us = INSTANT_NONE};
    refused_init(&addresses, i, FIELD_IP);
    refused_init(&accounts, i, FIELD_SUB);
    for (uint64_t k = 0; k < s->n_rows; k++) {
        if (!ends_with(i, s->rows[k], 1 << OUTCOME_FAILURE | 1 << OUTCOME_BLOCKED))
            continue;
        if (out->n_refused++ == 0)
            out->first_us = store_time(i->store, s->rows[k]);
        refused_add(&addresses, i, s->rows[k]);
        refused_add(&accounts, i, s->rows[k]);
    }
    if (out->first_us != INSTANT_NONE)
        find_later(i, &addresses, &accounts, out);
    out->n_addresses = addresses.count;
    out->n_accounts = accounts.count;
    mem_free(addresses.is);
    mem_free(accounts.is);
}

void entries_deinit(struct entries *e)
{
    mem_free(e->rows);
    *e = (struct entries){0};
}
