#include "core/concluding/roster.h"

#include "core/base/mem.h"

void roster_make_of(struct roster *r, const uint32_t *numbers, uint32_t n_numbers,
                    uint32_t count)
{
    uint32_t *next;

    r->count = count;
    r->starts = mem_array((size_t)count + 2, sizeof *r->starts);
    for (uint32_t i = 0; i < n_numbers; i++)
        r->starts[numbers[i] + 1]++;
    r->starts[1] = 0;
    for (uint32_t i = 1; i <= count; i++)
        r->starts[i] += r->starts[i - 1];
    r->positions = mem_resize(NULL, (size_t)r->starts[count] + 1, sizeof *r->positions);
    next = mem_resize(NULL, (size_t)count + 1, sizeof *next);
    memcpy(next, r->starts, ((size_t)count + 1) * sizeof *next);
    for (uint32_t i = 0; i < n_numbers; i++)
        if (numbers[i])
            r->positions[next[numbers[i]]++] = i;
    mem_free(next);
}

void roster_make(struct roster *r, const struct signals *s, uint32_t count,
                 uint32_t (*number)(const struct signals *s, const struct signal *x),
                 bool (*wanted)(const struct signal *x))
{
    uint32_t *numbers = mem_resize(NULL, (size_t)s->count + 1, sizeof *numbers);

    for (uint32_t i = 0; i < s->count; i++)
        numbers[i] = wanted(&s->items[i]) ? number(s, &s->items[i]) : 0;
    roster_make_of(r, numbers, s->count, count);
    mem_free(numbers);
}

void roster_deinit(struct roster *r)
{
    mem_free(r->starts);
    mem_free(r->positions);
    *r = (struct roster){0};
}

uint32_t roster_seek(const struct roster *r, const struct signals *s, uint32_t group,
                     int64_t time_us)
{
    uint32_t from = r->starts[group], to = r->starts[group + 1];

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (s->items[r->positions[middle]].time_us < time_us)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static uint32_t n_subs(const struct signals *s)
{
    return dictionary_count(store_dictionaries(s->index->store)[FIELD_SUB]);
}

uint32_t roster_account(const struct signals *s, const struct signal *x)
{
    if (!x->account)
        return 0;
    return x->flags & SIGNAL_NAMELESS ? n_subs(s) + x->account : x->account;
}

uint32_t roster_accounts(const struct signals *s)
{
    return n_subs(s) + dictionary_count(store_dictionaries(s->index->store)[FIELD_USER]);
}

uint32_t roster_ip(const struct signals *s, const struct signal *x)
{
    (void)s;
    return x->ip;
}

uint32_t roster_client(const struct signals *s, const struct signal *x)
{
    (void)s;
    return x->client;
}
