#include "core/concluding/trace.h"

#include <stdlib.h>

#include "core/base/mem.h"

void traces_init(struct traces *t, const struct signals *s, const struct roster *by_account)
{
    *t = (struct traces){.s = s, .by_account = by_account};
    t->of = mem_array((size_t)by_account->count + 1, sizeof *t->of);
    t->passed = mem_array((size_t)by_account->count + 1, sizeof *t->passed);
}

void traces_deinit(struct traces *t)
{
    for (uint32_t i = 0; i < t->by_account->count; i++)
        mem_free(t->of[i]);
    mem_free(t->of);
    mem_free(t->passed);
    *t = (struct traces){0};
}

uint64_t trace_source(const struct signal *s)
{
    return s->network ? UINT64_C(1) << 32 | s->network : s->ip;
}

uint64_t trace_program(const struct signal *s)
{
    return s->agent ? (uint64_t)s->agent << 32 | s->client : 0;
}

static int by_key(const void *a, const void *b)
{
    const struct trace_item *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

static uint32_t size_of(const struct traces *t, uint32_t account)
{
    return t->by_account->starts[account + 1] - t->by_account->starts[account];
}

/* Both orders of an account. */
static struct trace_item *orders_of(struct traces *t, uint32_t account)
{
    const uint32_t *positions = t->by_account->positions + t->by_account->starts[account];
    uint32_t count = size_of(t, account);
    struct trace_item *items = t->of[account];

    if (items)
        return items;
    items = t->of[account] = mem_array((size_t)count * 2, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        const struct signal *s = &t->s->items[positions[i]];

        items[i] = (struct trace_item){trace_source(s), positions[i], 0};
        items[count + i] = (struct trace_item){trace_program(s), positions[i], 0};
    }
    qsort(items, count, sizeof *items, by_key);
    qsort(items + count, count, sizeof *items, by_key);
    return items;
}

/* The first item whose key is not below. */
static uint32_t seek_key(const struct trace_item *items, uint32_t count, uint64_t key)
{
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (items[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct trace_run run_of(struct trace_item *items, uint32_t count, uint64_t key)
{
    uint32_t from = seek_key(items, count, key);

    return (struct trace_run){items + from, seek_key(items, count, key + 1) - from};
}

struct trace_run trace_by_source(struct traces *t, const struct signal *s)
{
    uint32_t account = roster_account(t->s, s), count = size_of(t, account);
    uint64_t key = trace_source(s);

    if (!account || !count || !key)
        return (struct trace_run){0};
    return run_of(orders_of(t, account), count, key);
}

struct trace_run trace_by_program(struct traces *t, const struct signal *s)
{
    uint32_t account = roster_account(t->s, s), count = size_of(t, account);
    uint64_t key = trace_program(s);

    if (!account || !count || !key)
        return (struct trace_run){0};
    return run_of(orders_of(t, account) + count, count, key);
}

uint32_t trace_seek(const struct trace_run *run, uint32_t position)
{
    uint32_t low = 0, high = run->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (run->items[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t trace_first(struct trace_run run,
                     bool (*counts)(const void *context, uint32_t position),
                     const void *context)
{
    uint32_t *passed = run.count ? &run.items[0].passed : NULL;

    while (passed && *passed < run.count && !counts(context, run.items[*passed].position))
        ++*passed;
    return passed && *passed < run.count ? run.items[*passed].position : SIGNAL_NONE;
}

uint32_t trace_first_of_account(const struct traces *t, uint32_t account,
                                bool (*counts)(const void *context, uint32_t position),
                                const void *context)
{
    const uint32_t *positions = t->by_account->positions + t->by_account->starts[account];
    uint32_t count = size_of(t, account), *passed = &t->passed[account];

    while (*passed < count && !counts(context, positions[*passed]))
        ++*passed;
    return *passed < count ? positions[*passed] : SIGNAL_NONE;
}
