#include "core/concluding/sieve.h"

#include "core/base/mem.h"

enum { PART_SIGNALS = 64 * 1024 };

/* Sets the rule's bit in each of `count` masks that it takes; `bits` of 0 takes all. */
static void admit(uint64_t *masks, unsigned count, uint64_t bits, uint64_t rule)
{
    for (unsigned i = 0; i < count; i++)
        if (!bits || bits >> i & 1)
            masks[i] |= rule;
}

/* The rule's bit for each operation that it names. */
static void add_operations(struct sieve *v, struct dictionary *d, const char *names,
                           uint64_t rule)
{
    while (*names) {
        size_t len = strcspn(names, " ");
        uint32_t id = dictionary_find(d, bytes_make(names, len));

        if (id >= DICTIONARY_FIRST_TEXT)
            v->operations[id] |= rule;
        names += len + (names[len] == ' ');
    }
}

static void add_rule(struct sieve *v, struct dictionary *operations, size_t number)
{
    const struct rule *r = rule_get(number);
    uint64_t bit = UINT64_C(1) << number;

    admit(v->stages, STAGE_COUNT, r->stages, bit);
    admit(v->outcomes, OUTCOME_COUNT, r->outcomes, bit);
    admit(v->reasons, REASON_COUNT, rule_reasons(r), bit);
    for (unsigned flags = 0; flags <= UINT8_MAX; flags++)
        if ((flags & r->flags) == r->flags && !(flags & SIGNAL_TWIN))
            v->flags[flags] |= bit;
    if (!r->nameless)
        v->named |= bit;
    if (r->operations)
        add_operations(v, operations, r->operations, bit);
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
        if (r->good_stages >> stage & 1)
            v->good_stages[stage] |= bit;
}

/* Rules that slide windows and are on; of these, those that take any operation. */
static uint64_t rules_in_force(const struct rules *rules, uint64_t *any_operation)
{
    uint64_t in_force = 0;

    *any_operation = 0;
    for (size_t r = 0; r < rule_count(); r++) {
        if (!rules->limits[r].on || rule_get(r)->keys[0] == KEY_NONE)
            continue;
        in_force |= UINT64_C(1) << r;
        if (!rule_get(r)->operations)
            *any_operation |= UINT64_C(1) << r;
    }
    return in_force;
}

struct sifting {
    struct sieve *sieve;
    const struct signals *signals;
};

static void sift(void *context, size_t part, unsigned worker)
{
    const struct sifting *w = context;
    const struct sieve *v = w->sieve;
    uint32_t from = (uint32_t)part * PART_SIGNALS, left = w->signals->count - from;
    uint32_t to = from + (left < PART_SIGNALS ? left : PART_SIGNALS);

    (void)worker;
    for (uint32_t i = from; i < to; i++) {
        const struct signal *s = &w->signals->items[i];

        v->hits[i] = v->stages[s->stage] & v->outcomes[s->outcome] & v->reasons[s->reason] &
                     v->flags[s->flags] & v->operations[s->operation] &
                     (s->account ? v->named : UINT64_MAX);
    }
}

void sieve_make(struct sieve *v, const struct signals *s, const struct rules *rules,
                const struct crew *crew)
{
    struct dictionary *d = store_dictionaries(s->index->store)[FIELD_OPERATION];
    struct sifting w = {v, s};
    uint64_t any_operation, in_force = rules_in_force(rules, &any_operation);
    uint32_t n_operations = dictionary_count(d);

    *v = (struct sieve){.hits = mem_resize(NULL, (size_t)s->count + 1, sizeof *v->hits)};
    v->operations = mem_resize(NULL, n_operations, sizeof *v->operations);
    for (uint32_t id = 0; id < n_operations; id++)
        v->operations[id] = any_operation;
    for (size_t r = 0; r < rule_count(); r++)
        if (in_force >> r & 1)
            add_rule(v, d, r);
    crew_each(crew, ((size_t)s->count + PART_SIGNALS - 1) / PART_SIGNALS, sift, &w);
}

void sieve_deinit(struct sieve *v)
{
    mem_free(v->hits);
    mem_free(v->operations);
    *v = (struct sieve){0};
}
