#include "core/asking/group.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/exact.h"
#include "core/asking/json.h"
#include "core/query/query_names.h"

/* One aggregate over one group. */
struct measure {
    uint64_t count;
    struct exact sum, squares;
    struct datum best;        /* min, max, earliest, latest … */
    struct group_place place; /* of the row it came from */
    double *values;           /* pct and median */
    size_t n_values, values_cap;
    struct datum *list; /* values: the different ones */
    size_t n_list, list_cap;
};

struct bucket {
    struct datum *keys;
    struct measure *measures;
};

/* A set of byte strings with a number for each: groups by their keys, and the values seen by
 * count_distinct. */
struct numbered {
    struct bytes *keys;
    uint64_t *hashes;
    size_t count, cap, hashes_cap;
    uint32_t *slots;
    size_t n_slots;
};

/* Groups by memo: open addressing, 0 is free. */
struct memo {
    uint64_t key;
    uint64_t group;
};

struct groups {
    const struct command *stats;
    const struct store *store;
    struct memo *memos;
    size_t n_memos, memos_used;
    const struct expr **calls; /* every aggregate of the items */
    size_t n_calls, calls_cap;
    struct numbered index, seen;
    struct datum *seen_data; /* of values(): what each of `seen` is */
    size_t seen_data_cap;
    struct bucket *groups;
    size_t groups_cap;
    struct buffer key, value;
    struct arena arena;
    struct datum *keys;          /* of the present row */
    const struct datum *outputs; /* while a result is made */
    size_t current;
};

static void slots_grow(struct numbered *n)
{
    n->n_slots = n->n_slots ? n->n_slots * 2 : 1024;
    mem_free(n->slots);
    n->slots = mem_array(n->n_slots, sizeof *n->slots);
    for (size_t i = 0; i < n->count; i++) {
        size_t at = n->hashes[i] & (n->n_slots - 1);

        while (n->slots[at])
            at = (at + 1) & (n->n_slots - 1);
        n->slots[at] = (uint32_t)i + 1;
    }
}

/* The number of `key`, which is copied when it is new. */
static size_t numbered_add(struct numbered *n, struct arena *arena, struct bytes key,
                           bool *is_new)
{
    uint64_t hash = hash_bytes(key);
    size_t at;

    if ((n->count + 1) * 2 > n->n_slots)
        slots_grow(n);
    at = hash & (n->n_slots - 1);
    while (n->slots[at]) {
        size_t i = n->slots[at] - 1;

        if (n->hashes[i] == hash && bytes_equal(n->keys[i], key)) {
            *is_new = false;
            return i;
        }
        at = (at + 1) & (n->n_slots - 1);
    }
    mem_grow(&n->keys, &n->cap, n->count + 1, sizeof *n->keys);
    mem_grow(&n->hashes, &n->hashes_cap, n->count + 1, sizeof *n->hashes);
    n->keys[n->count] = arena_copy(arena, key);
    n->hashes[n->count] = hash;
    n->slots[at] = (uint32_t)++n->count;
    *is_new = true;
    return n->count - 1;
}

static void numbered_deinit(struct numbered *n)
{
    mem_free(n->keys);
    mem_free(n->hashes);
    mem_free(n->slots);
}

static void collect_calls(struct groups *g, const struct expr *e)
{
    if (e->kind == EXPR_CALL && function_is_aggregate(e->function)) {
        mem_grow(&g->calls, &g->calls_cap, g->n_calls + 1, sizeof *g->calls);
        g->calls[g->n_calls++] = e;
        return;
    }
    for (size_t i = 0; i < e->n_args; i++)
        collect_calls(g, e->args[i]);
}

struct groups *groups_new(const struct command *stats, const struct store *store)
{
    struct groups *g = mem_alloc(sizeof *g);

    g->stats = stats;
    g->store = store;
    for (size_t i = 0; i < stats->n_items; i++)
        collect_calls(g, stats->items[i].expr);
    g->keys = mem_array(stats->n_by, sizeof *g->keys);
    return g;
}

static void measure_deinit(struct measure *t)
{
    mem_free(t->values);
    mem_free(t->list);
}

void groups_free(struct groups *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->index.count; i++) {
        for (size_t j = 0; j < g->n_calls; j++)
            measure_deinit(&g->groups[i].measures[j]);
    }
    numbered_deinit(&g->index);
    numbered_deinit(&g->seen);
    mem_free(g->seen_data);
    mem_free(g->memos);
    mem_free(g->calls);
    mem_free(g->groups);
    mem_free(g->keys);
    buffer_deinit(&g->key);
    buffer_deinit(&g->value);
    arena_deinit(&g->arena);
    mem_free(g);
}

size_t groups_count(const struct groups *g)
{
    /* Without `by` there is exactly one row, also over nothing. */
    return g->stats->n_by || g->index.count ? g->index.count : 1;
}

/* Appends a value so that equal values, and only those, give equal bytes. */
static void add_key(struct buffer *key, struct eval *e, struct datum d)
{
    struct bytes text;
    uint64_t len;

    if (d.kind == DATUM_BOOL)
        d.kind = DATUM_NUMBER;
    if (d.kind == DATUM_UNDECIDED)
        d.kind = DATUM_MISSING;
    if (d.kind == DATUM_NUMBER && d.number != floor(d.number)) {
        buffer_add_char(key, (char)DATUM_NUMBER);
        buffer_add(key, bytes_make(&d.number, sizeof d.number));
        return;
    }
    text = d.kind == DATUM_TIME ? bytes_make(&d.time_us, sizeof d.time_us) : eval_text(e, d);
    len = text.len;
    buffer_add_char(key, (char)(d.kind == DATUM_NUMBER ? DATUM_TEXT : d.kind));
    buffer_add(key, bytes_make(&len, sizeof len));
    buffer_add(key, text);
}

static struct datum keep(struct groups *g, struct datum d)
{
    if (d.kind == DATUM_TEXT)
        d.text = arena_copy(&g->arena, d.text);
    return d;
}

static struct bucket *group_at(struct groups *g, struct bytes key, bool *is_new)
{
    size_t i = numbered_add(&g->index, &g->arena, key, is_new);

    g->current = i;
    if (*is_new) {
        mem_grow(&g->groups, &g->groups_cap, i + 1, sizeof *g->groups);
        g->groups[i].keys = arena_alloc(&g->arena, (g->stats->n_by + 1) * sizeof(struct datum));
        g->groups[i].measures =
            arena_alloc(&g->arena, (g->n_calls + 1) * sizeof(struct measure));
    }
    return &g->groups[i];
}

/* The group of the values in g->keys. */
static struct bucket *find_group(struct groups *g, struct eval *e)
{
    struct bucket *group;
    bool is_new;

    buffer_clear(&g->key);
    for (size_t k = 0; k < g->stats->n_by; k++)
        add_key(&g->key, e, g->keys[k]);
    group = group_at(g, buffer_bytes(&g->key), &is_new);
    for (size_t k = 0; is_new && k < g->stats->n_by; k++)
        group->keys[k] = keep(g, g->keys[k]);
    return group;
}

static struct memo *memo_at(const struct groups *g, uint64_t key)
{
    size_t at = hash_u64(key) & (g->n_memos - 1);

    while (g->memos[at].key && g->memos[at].key != key)
        at = (at + 1) & (g->n_memos - 1);
    return &g->memos[at];
}

static void memos_grow(struct groups *g)
{
    struct groups larger = {.n_memos = g->n_memos ? g->n_memos * 2 : 1024};

    larger.memos = mem_array(larger.n_memos, sizeof *larger.memos);
    for (size_t i = 0; i < g->n_memos; i++) {
        if (g->memos[i].key)
            *memo_at(&larger, g->memos[i].key) = g->memos[i];
    }
    mem_free(g->memos);
    g->memos = larger.memos;
    g->n_memos = larger.n_memos;
}

/* The group of the present row; not `whole` when one of its keys is undecided. */
static struct bucket *row_group(struct groups *g, struct eval *e, uint64_t memo, bool *whole)
{
    struct memo *known = NULL;
    struct bucket *group;

    if (memo) {
        if (g->memos_used * 2 >= g->n_memos)
            memos_grow(g);
        known = memo_at(g, memo);
        if (known->key) {
            g->current = known->group;
            return &g->groups[g->current];
        }
    }
    for (size_t k = 0; k < g->stats->n_by; k++) {
        g->keys[k] = eval_value(e, g->stats->by[k].expr);
        *whole = *whole && g->keys[k].kind != DATUM_UNDECIDED;
    }
    group = find_group(g, e);
    if (known) {
        *known = (struct memo){memo, g->current};
        g->memos_used++;
    }
    return group;
}

static void add_number(struct measure *t, unsigned function, double x)
{
    t->count++;
    exact_add(&t->sum, x);
    if (function == FUNCTION_STDDEV || function == FUNCTION_VARIANCE)
        exact_add_square(&t->squares, x);
}

/* What tells a value of count_distinct from all others: its group, its call, itself. */
struct seen_owner {
    size_t group, call;
};

static void add_seen(struct groups *g, struct seen_owner owner, struct bytes value,
                     struct datum d)
{
    struct measure *t = &g->groups[owner.group].measures[owner.call];
    bool is_new;
    size_t i;

    buffer_clear(&g->key);
    buffer_add(&g->key, bytes_make(&owner, sizeof owner));
    buffer_add(&g->key, value);
    i = numbered_add(&g->seen, &g->arena, buffer_bytes(&g->key), &is_new);
    t->count += is_new;
    if (!is_new || g->calls[owner.call]->function != FUNCTION_VALUES)
        return;
    d = keep(g, d);
    mem_grow(&g->seen_data, &g->seen_data_cap, i + 1, sizeof *g->seen_data);
    mem_grow(&t->list, &t->list_cap, t->n_list + 1, sizeof *t->list);
    g->seen_data[i] = t->list[t->n_list++] = d;
}

static void add_distinct(struct groups *g, struct eval *e, size_t call, struct datum d)
{
    buffer_clear(&g->value);
    add_key(&g->value, e, d);
    add_seen(g, (struct seen_owner){g->current, call}, buffer_bytes(&g->value), d);
}

static bool is_before(const struct groups *g, struct group_place a, struct group_place b)
{
    if (a.time_us != b.time_us) {
        if (a.time_us == INSTANT_NONE || b.time_us == INSTANT_NONE)
            return b.time_us == INSTANT_NONE;
        return a.time_us < b.time_us;
    }
    return g->store ? index_compare(g->store, a.row, b.row) < 0 : a.row < b.row;
}

/* Whether a value takes the place of the best one. Of equal ones that of the first row stays;
 * the latest of rows with a time goes before any without. */
static bool is_better(const struct groups *g, unsigned function, const struct measure *t,
                      struct datum d, struct group_place place)
{
    int order;

    if (t->count == 0)
        return true;
    switch (function) {
    case FUNCTION_EARLIEST:
        return is_before(g, place, t->place);
    case FUNCTION_LATEST:
        if ((place.time_us == INSTANT_NONE) != (t->place.time_us == INSTANT_NONE))
            return place.time_us != INSTANT_NONE;
        return !is_before(g, place, t->place);
    default:
        order = datum_compare(d, t->best);
        if (function == FUNCTION_MAX || function == FUNCTION_SORTS_LAST)
            order = -order;
        return order < 0 || (order == 0 && is_before(g, place, t->place));
    }
}

static void take_best(struct groups *g, struct measure *t, unsigned function, struct datum d,
                      struct group_place place)
{
    bool better = is_better(g, function, t, d, place);

    t->count++;
    if (!better)
        return;
    t->place = place;
    /* The same text again is not copied again. */
    if (!(d.kind == DATUM_TEXT && t->best.kind == DATUM_TEXT &&
          bytes_equal(d.text, t->best.text)))
        t->best = keep(g, d);
}

static void add_value(struct groups *g, struct eval *e, size_t call, struct measure *t,
                      struct datum d, struct group_place place)
{
    unsigned function = g->calls[call]->function;
    double x;

    switch (function) {
    case FUNCTION_COUNT:
        t->count++;
        return;
    case FUNCTION_COUNT_DISTINCT:
    case FUNCTION_VALUES:
        add_distinct(g, e, call, d);
        return;
    case FUNCTION_SUM:
    case FUNCTION_AVG:
    case FUNCTION_STDDEV:
    case FUNCTION_VARIANCE:
        if (datum_number(d, &x))
            add_number(t, function, x);
        return;
    case FUNCTION_PCT:
    case FUNCTION_MEDIAN:
        if (!datum_number(d, &x))
            return;
        mem_grow(&t->values, &t->values_cap, t->n_values + 1, sizeof *t->values);
        t->values[t->n_values++] = x;
        return;
    default:
        take_best(g, t, function, d, place);
        return;
    }
}

bool groups_add(struct groups *g, struct eval *e, struct group_place place, uint64_t memo)
{
    bool whole = true;
    struct bucket *group = row_group(g, e, memo, &whole);

    for (size_t i = 0; i < g->n_calls; i++) {
        const struct expr *call = g->calls[i];
        struct datum d = {.kind = DATUM_BOOL};

        if (call->n_args && call->args[0]->kind != EXPR_STAR)
            d = eval_value(e, call->args[0]);
        whole = whole && d.kind != DATUM_UNDECIDED;
        if (d.kind != DATUM_MISSING && d.kind != DATUM_UNDECIDED)
            add_value(g, e, i, &group->measures[i], d, place);
    }
    return whole;
}

static void merge_measure(struct groups *into, unsigned function, struct measure *a,
                          struct measure *b)
{
    switch (function) {
    case FUNCTION_COUNT_DISTINCT: /* by the values seen */
    case FUNCTION_VALUES:
        return;
    case FUNCTION_COUNT:
    case FUNCTION_SUM:
    case FUNCTION_AVG:
    case FUNCTION_STDDEV:
    case FUNCTION_VARIANCE:
        a->count += b->count;
        exact_merge(&a->sum, b->sum);
        exact_merge(&a->squares, b->squares);
        return;
    case FUNCTION_PCT:
    case FUNCTION_MEDIAN:
        if (b->n_values == 0)
            return;
        mem_grow(&a->values, &a->values_cap, a->n_values + b->n_values, sizeof *a->values);
        memcpy(a->values + a->n_values, b->values, b->n_values * sizeof *a->values);
        a->n_values += b->n_values;
        return;
    default:
        if (b->count == 0)
            return;
        take_best(into, a, function, b->best, b->place);
        a->count += b->count - 1;
        return;
    }
}

void groups_merge(struct groups *into, struct groups *from)
{
    size_t *moved = mem_array(from->index.count, sizeof *moved);

    for (size_t i = 0; i < from->index.count; i++) {
        bool is_new;
        struct bucket *group = group_at(into, from->index.keys[i], &is_new);

        moved[i] = into->current;
        for (size_t k = 0; is_new && k < into->stats->n_by; k++)
            group->keys[k] = keep(into, from->groups[i].keys[k]);
        for (size_t c = 0; c < into->n_calls; c++)
            merge_measure(into, into->calls[c]->function, &group->measures[c],
                          &from->groups[i].measures[c]);
    }
    for (size_t i = 0; i < from->seen.count; i++) {
        struct bytes key = from->seen.keys[i];
        struct seen_owner owner;

        memcpy(&owner, key.ptr, sizeof owner);
        owner.group = moved[owner.group];
        add_seen(into, owner, bytes_slice(key, sizeof owner, key.len),
                 into->calls[owner.call]->function == FUNCTION_VALUES
                     ? from->seen_data[i]
                     : (struct datum){.kind = DATUM_MISSING});
    }
    mem_free(moved);
}

void groups_add_counted(struct groups *g, struct eval *e, const struct datum *keys,
                        uint64_t count)
{
    struct bucket *group;

    for (size_t k = 0; k < g->stats->n_by; k++)
        g->keys[k] = keys[k];
    group = find_group(g, e);
    for (size_t i = 0; i < g->n_calls; i++)
        group->measures[i].count += count;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nearest rank. */
static struct datum percentile(struct measure *t, double percent)
{
    double rank;

    if (t->n_values == 0 || !(percent >= 0 && percent <= 100))
        return (struct datum){.kind = DATUM_MISSING};
    qsort(t->values, t->n_values, sizeof *t->values, compare_doubles);
    rank = ceil(percent / 100 * (double)t->n_values);
    return datum_of_number(t->values[rank < 1 ? 0 : (size_t)rank - 1]);
}

static double variance(const struct measure *t)
{
    return exact_variance(t->sum, t->squares, (double)t->count);
}

static int compare_listed(const void *a, const void *b)
{
    return datum_compare(*(const struct datum *)a, *(const struct datum *)b);
}

/* A JSON list of the values as texts, in the order of sort. */
static struct datum value_list(struct eval *e, struct measure *t)
{
    struct buffer out = {0};

    if (t->n_list)
        qsort(t->list, t->n_list, sizeof *t->list, compare_listed);
    buffer_add_char(&out, '[');
    for (size_t i = 0; i < t->n_list && out.len <= EVAL_MAX_TEXT_BYTES; i++) {
        if (i)
            buffer_add_char(&out, ',');
        json_write_string(&out, eval_text(e, t->list[i]));
    }
    buffer_add_char(&out, ']');
    if (out.len > EVAL_MAX_TEXT_BYTES) {
        buffer_deinit(&out);
        return (struct datum){.kind = DATUM_UNDECIDED};
    }
    return eval_take(e, &out);
}

static struct datum measure_value(struct eval *e, const struct expr *call, struct measure *t)
{
    struct datum none = {.kind = DATUM_MISSING};
    double percent = 50;

    switch (call->function) {
    case FUNCTION_COUNT:
    case FUNCTION_COUNT_DISTINCT:
        return datum_of_number((double)t->count);
    case FUNCTION_VALUES:
        return t->count ? value_list(e, t) : none;
    case FUNCTION_SUM:
        return t->count ? datum_of_number(t->sum.high) : none;
    case FUNCTION_AVG:
        return t->count ? datum_of_number(t->sum.high / (double)t->count) : none;
    case FUNCTION_VARIANCE:
        return t->count ? datum_of_number(variance(t)) : none;
    case FUNCTION_STDDEV:
        return t->count ? datum_of_number(sqrt(variance(t))) : none;
    case FUNCTION_PCT:
        if (!datum_number(eval_value(e, call->args[1]), &percent))
            return none;
        return percentile(t, percent);
    case FUNCTION_MEDIAN:
        return percentile(t, percent);
    default:
        return t->count ? t->best : none;
    }
}

static struct datum result_name(struct eval *e, const struct expr *name)
{
    const struct groups *g = e->row;

    if (name->name.kind != NAME_COLUMN)
        return (struct datum){.kind = DATUM_MISSING};
    return g->outputs[name->name.column];
}

static struct datum result_aggregate(struct eval *e, const struct expr *call)
{
    struct groups *g = e->row;
    struct measure none = {0};

    for (size_t i = 0; i < g->n_calls; i++) {
        if (g->calls[i] == call)
            return measure_value(e, call,
                                 g->index.count ? &g->groups[g->current].measures[i] : &none);
    }
    return (struct datum){.kind = DATUM_MISSING};
}

void groups_result(struct groups *g, size_t group, struct eval *e, struct datum *out)
{
    eval_name *name = e->name, *aggregate = e->aggregate;
    void *row = e->row;
    size_t n_by = g->stats->n_by;

    for (size_t i = 0; i < n_by; i++)
        out[i] = g->groups[group].keys[i];
    g->outputs = out;
    g->current = group;
    e->name = result_name;
    e->aggregate = result_aggregate;
    e->row = g;
    for (size_t i = 0; i < g->stats->n_items; i++)
        out[n_by + i] = eval_value(e, g->stats->items[i].expr);
    e->name = name;
    e->aggregate = aggregate;
    e->row = row;
}
