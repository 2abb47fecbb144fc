#include "core/concluding/aftermath.h"

#include "core/base/mem.h"

struct step {
    int64_t time_us;
    row_id row;
    uint32_t account;
};

/* The events of taken accounts, account by account in time order. */
struct aftermath {
    uint32_t *account_of; /* by sub: number of the taken account, from 1 */
    uint32_t n_accounts;
    int64_t *from_us; /* by account: the first time that it was taken */
    bool *is_told;    /* by account: a finding lists all */
    size_t accounts_cap;
    struct step *steps;
    size_t n_steps, steps_cap;
    size_t *starts; /* by account */
};

/* The sub that a row is about, or whose identity or key made the call. */
static uint32_t sub_of_row(const struct signals *s, const struct chunk *c, size_t row)
{
    struct link_names names = {chunk_id(c, row, FIELD_SUB), chunk_id(c, row, FIELD_USER),
                               chunk_id(c, row, FIELD_IDENTITY),
                               chunk_id(c, row, FIELD_ACCESS_KEY)};

    return link_sub(s->links, &names);
}

/* The number of a compromise's account; 0 for other findings and accounts without a sub. */
static uint32_t taken_account(const struct aftermath *a, const struct signals *s,
                              const struct finding *f)
{
    if (f->scenario != SCENARIO_COMPROMISE ||
        s->items[f->hits[f->n_hits - 1]].flags & SIGNAL_NAMELESS)
        return 0;
    return a->account_of[f->account];
}

/* Numbers the accounts; returns when the first of them was taken, INT64_MAX for none. */
static int64_t number_accounts(struct aftermath *a, const struct signals *s,
                               const struct findings *f)
{
    int64_t first_us = INT64_MAX;

    for (size_t i = 0; i < f->count; i++) {
        const struct finding *x = &f->items[i];
        uint32_t *number = &a->account_of[x->account];

        if (x->scenario != SCENARIO_COMPROMISE ||
            s->items[x->hits[x->n_hits - 1]].flags & SIGNAL_NAMELESS)
            continue;
        if (!*number) {
            *number = ++a->n_accounts;
            mem_grow(&a->from_us, &a->accounts_cap, (size_t)*number + 1, sizeof *a->from_us);
            a->from_us[*number] = INT64_MAX;
        }
        if (x->peak_us < a->from_us[*number])
            a->from_us[*number] = x->peak_us;
        if (x->peak_us < first_us)
            first_us = x->peak_us;
    }
    return first_us;
}

static void collect(struct aftermath *a, const struct signals *s, int64_t first_us,
                    const atomic_bool *cancelled)
{
    const struct index *index = s->index;

    for (uint64_t at = 0; at < index->n_rows; at++) {
        row_id row = index->order[at];
        const struct chunk *c = store_chunk(index->store, row_chunk(row));
        int64_t time_us = chunk_time(c, row_in_chunk(row));
        uint32_t account;

        if (at % 65536 == 0 && atomic_load(cancelled))
            return;
        if (time_us == INSTANT_NONE || time_us <= first_us || index_is_duplicate(index, row))
            continue;
        account = a->account_of[sub_of_row(s, c, row_in_chunk(row))];
        if (!account || time_us <= a->from_us[account])
            continue;
        mem_grow(&a->steps, &a->steps_cap, a->n_steps + 1, sizeof *a->steps);
        a->steps[a->n_steps++] = (struct step){time_us, row, account};
    }
}

/* Account by account; within one they stay in time order. */
static void part_accounts(struct aftermath *a)
{
    struct step *sorted = mem_array(a->n_steps + 1, sizeof *sorted);
    size_t *next = mem_array((size_t)a->n_accounts + 2, sizeof *next);

    a->starts = mem_array((size_t)a->n_accounts + 2, sizeof *a->starts);
    for (size_t i = 0; i < a->n_steps; i++)
        a->starts[a->steps[i].account + 1]++;
    for (uint32_t i = 1; i <= a->n_accounts + 1; i++)
        a->starts[i] += a->starts[i - 1];
    memcpy(next, a->starts, ((size_t)a->n_accounts + 2) * sizeof *next);
    for (size_t i = 0; i < a->n_steps; i++)
        sorted[next[a->steps[i].account]++] = a->steps[i];
    mem_free(next);
    mem_free(a->steps);
    a->steps = sorted;
}

static size_t seek(const struct aftermath *a, size_t from, size_t to, int64_t time_us)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (a->steps[middle].time_us <= time_us)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* The last record of the evidence may be the activity log's of the same sign-in, a moment
 * later: it is no step of its own. */
static void tell(const struct aftermath *a, struct finding *f, uint32_t account)
{
    size_t to = a->starts[account + 1], from = seek(a, a->starts[account], to, f->peak_us);
    size_t kept =
        a->is_told[account] && to - from > AFTERMATH_KEPT ? AFTERMATH_KEPT : to - from;
    row_id own = f->rows[f->n_rows - 1];

    f->n_followed = (uint32_t)(to - from);
    f->after = mem_array(kept + 1, sizeof *f->after);
    for (size_t i = from; i < to; i++) {
        if (a->steps[i].row == own)
            f->n_followed--;
        else if (f->n_after < kept)
            f->after[f->n_after++] = a->steps[i].row;
        else if (a->steps[i].time_us > f->last_us)
            break;
    }
    a->is_told[account] = true;
}

void aftermath_find(const struct signals *s, struct findings *f, const atomic_bool *cancelled)
{
    uint32_t n_subs = dictionary_count(store_dictionaries(s->index->store)[FIELD_SUB]);
    uint32_t n_users = dictionary_count(store_dictionaries(s->index->store)[FIELD_USER]);
    struct aftermath a = {0};
    int64_t first_us;

    a.account_of = mem_array((size_t)n_subs + n_users, sizeof *a.account_of);
    first_us = number_accounts(&a, s, f);
    a.is_told = mem_array((size_t)a.n_accounts + 1, sizeof *a.is_told);
    if (first_us != INT64_MAX)
        collect(&a, s, first_us, cancelled);
    part_accounts(&a);
    /* Twice over the findings: those that come first for their account list all. */
    for (unsigned later = 0; later < 2; later++) {
        for (size_t i = 0; i < f->count; i++) {
            uint32_t account = taken_account(&a, s, &f->items[i]);
            bool is_later = account && f->items[i].peak_us > a.from_us[account];

            if (account && (is_later || a.is_told[account]) == later && !f->items[i].after)
                tell(&a, &f->items[i], account);
        }
    }
    mem_free(a.account_of);
    mem_free(a.from_us);
    mem_free(a.is_told);
    mem_free(a.steps);
    mem_free(a.starts);
}
