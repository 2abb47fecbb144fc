#include "core/concluding/lessons.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

struct pair {
    uint32_t from, to;
    row_id row;    /* when `file` is LESSON_OF_RECORD */
    uint32_t file; /* of a list of users */
    bool alias;    /* of one: another name of a user who has a better one there */
    int64_t time_us;
};

/* The pairs of one kind by `from`, then the earliest first. */
struct pairs {
    struct pair *pairs;
    size_t count;
};

struct lessons {
    struct index *index; /* held */
    struct pairs by[LINK_COUNT];
    _Atomic unsigned uses;
};

/* While pairs are collected: positions + 1 by hash, 0 for free. */
struct collection {
    struct pair *pairs;
    size_t count, cap;
    uint32_t *buckets;
    size_t n_buckets; /* a power of two */
};

/* Lists of users say best who is who: they come before all records. */
static bool is_earlier(const struct store *s, const struct pair *a, const struct pair *b)
{
    bool listed = a->file != LESSON_OF_RECORD;

    if (listed || b->file != LESSON_OF_RECORD)
        return listed && (b->file == LESSON_OF_RECORD || a->file < b->file);
    return a->time_us != b->time_us ? a->time_us < b->time_us
                                    : index_compare(s, a->row, b->row) < 0;
}

static uint32_t *bucket_of(const struct collection *c, const struct pair *p)
{
    size_t at = hash_u64((uint64_t)p->from << 32 | p->to) & (c->n_buckets - 1);

    while (c->buckets[at]) {
        const struct pair *there = &c->pairs[c->buckets[at] - 1];

        if (there->from == p->from && there->to == p->to)
            break;
        at = (at + 1) & (c->n_buckets - 1);
    }
    return &c->buckets[at];
}

static void widen(struct collection *c)
{
    mem_free(c->buckets);
    c->n_buckets = c->n_buckets ? c->n_buckets * 2 : 1024;
    c->buckets = mem_array(c->n_buckets, sizeof *c->buckets);
    for (size_t i = 0; i < c->count; i++)
        *bucket_of(c, &c->pairs[i]) = (uint32_t)i + 1;
}

static void collect(struct collection *c, const struct store *s, struct pair p)
{
    uint32_t *bucket;

    if (c->count * 2 >= c->n_buckets)
        widen(c);
    bucket = bucket_of(c, &p);
    if (*bucket) {
        struct pair *there = &c->pairs[*bucket - 1];

        if (is_earlier(s, &p, there))
            *there = p;
        return;
    }
    mem_grow(&c->pairs, &c->cap, c->count + 1, sizeof *c->pairs);
    c->pairs[c->count++] = p;
    *bucket = (uint32_t)c->count;
}

static void collect_chunk(struct collection *into, const struct index *index,
                          enum link_kind kind, size_t number)
{
    const struct chunk *c = store_chunk(index->store, number);
    const struct link_sides sides = link_sides(kind);
    const struct column *from = &c->ids[sides.from], *to = &c->ids[sides.to];

    /* A column without width has one value for all rows. */
    if ((from->width == 0 && from->base < DICTIONARY_FIRST_TEXT) ||
        (to->width == 0 && to->base < DICTIONARY_FIRST_TEXT))
        return;
    for (uint32_t row = 0; row < c->n_rows; row++) {
        struct pair p = {.from = (uint32_t)column_get(from, row),
                         .to = (uint32_t)column_get(to, row),
                         .file = LESSON_OF_RECORD};

        if (p.from < DICTIONARY_FIRST_TEXT || p.to < DICTIONARY_FIRST_TEXT ||
            !link_teaches(kind, c, row))
            continue;
        p.row = row_make(number, row);
        if (index_is_duplicate(index, p.row))
            continue;
        p.time_us = chunk_time(c, row);
        if (p.time_us == INSTANT_NONE) /* behind all others, as in the order of the index */
            p.time_us = INT64_MAX;
        collect(into, index->store, p);
    }
}

/* What the pools' own lists of their users say. */
static void collect_lists(struct collection *into, const struct index *index,
                          enum link_kind kind)
{
    if (kind != LINK_SUB_USER && kind != LINK_USER_SUB)
        return;
    for (const struct listed *l = store_listed(index->store); l; l = l->next) {
        for (size_t i = 0; i < l->n_names; i++) {
            const struct listed_name *name = &l->names[i];
            struct pair p = {.from = kind == LINK_SUB_USER ? name->sub : name->user,
                             .to = kind == LINK_SUB_USER ? name->user : name->sub,
                             .file = l->file,
                             .alias = kind == LINK_SUB_USER && !name->best};

            collect(into, index->store, p);
        }
    }
}

/* A record that has an alias of a user contradicts nothing: the better name stands for it. */
static void drop_aliases(struct collection *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++)
        if (!c->pairs[i].alias)
            c->pairs[kept++] = c->pairs[i];
    c->count = kept;
}

static int compare_pairs(const void *left, const void *right, void *context)
{
    const struct pair *a = left, *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->to == b->to)
        return 0;
    return is_earlier(context, a, b) ? -1 : 1;
}

struct lessons *lessons_new(struct index *index, const atomic_bool *cancelled)
{
    struct lessons *l = mem_alloc(sizeof *l);

    l->index = index_hold(index);
    l->uses = 1;
    for (unsigned kind = 0; kind < LINK_COUNT; kind++) {
        struct collection c = {0};

        for (size_t i = 0; i < index->n_chunks && !atomic_load(cancelled); i++)
            collect_chunk(&c, index, (enum link_kind)kind, i);
        collect_lists(&c, index, (enum link_kind)kind);
        drop_aliases(&c);
        mem_free(c.buckets);
        if (c.count)
            qsort_r(c.pairs, c.count, sizeof *c.pairs, compare_pairs,
                    (void *)(uintptr_t)index->store);
        l->by[kind] = (struct pairs){c.pairs, c.count};
    }
    if (atomic_load(cancelled)) {
        lessons_release(l);
        return NULL;
    }
    return l;
}

struct lessons *lessons_hold(struct lessons *l)
{
    atomic_fetch_add(&l->uses, 1);
    return l;
}

void lessons_release(struct lessons *l)
{
    if (!l || atomic_fetch_sub(&l->uses, 1) != 1)
        return;
    for (unsigned kind = 0; kind < LINK_COUNT; kind++)
        mem_free(l->by[kind].pairs);
    index_release(l->index);
    mem_free(l);
}

const struct index *lessons_index(const struct lessons *l)
{
    return l->index;
}

/* ---- asking ---- */

/* The first pair whose `from` is not below `id`. */
static size_t seek(const struct pairs *l, uint64_t id)
{
    size_t from = 0, to = l->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (l->pairs[middle].from < id)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

struct answer {
    const struct lessons *from;
    const struct bytes *known;
    struct lesson *lessons;
    size_t count;
};

/* An account whose user name is its sub teaches nothing by it. */
static bool is_known(const struct answer *a, struct bytes text)
{
    for (int f = 0; f < FIELD_COUNT; f++)
        if (bytes_equal(a->known[f], text))
            return true;
    for (size_t i = 0; i < a->count; i++)
        if (bytes_equal(a->lessons[i].text, text))
            return true;
    return false;
}

/* What stands beside one value, as one kind of link has it. */
static void learn_kind(struct answer *a, enum link_kind kind, struct bytes by_text)
{
    const struct pairs *l = &a->from->by[kind];
    const struct link_sides sides = link_sides(kind);
    struct dictionary *const *d = store_dictionaries(a->from->index->store);
    uint32_t id = dictionary_find(d[sides.from], by_text);
    size_t from, to;

    if (id < DICTIONARY_FIRST_TEXT)
        return;
    from = seek(l, id);
    to = seek(l, (uint64_t)id + 1);
    for (size_t i = from; i < to && a->count < LESSONS_MAX; i++) {
        struct bytes text = dictionary_text(d[sides.to], l->pairs[i].to);

        if (!is_known(a, text))
            a->lessons[a->count++] = (struct lesson){.by = sides.from,
                                                     .field = sides.to,
                                                     .by_text = by_text,
                                                     .text = text,
                                                     .file = l->pairs[i].file,
                                                     .row = l->pairs[i].row,
                                                     .rivals = to - from - 1};
    }
}

static void learn(struct answer *a, enum field_id by, struct bytes text)
{
    for (unsigned kind = 0; kind < LINK_COUNT; kind++)
        if (link_sides((enum link_kind)kind).from == by)
            learn_kind(a, (enum link_kind)kind, text);
}

size_t lessons_about(const struct lessons *l, const struct bytes known[FIELD_COUNT],
                     struct lesson *out)
{
    struct answer a = {.from = l, .known = known, .lessons = out};

    for (int f = 0; f < FIELD_COUNT; f++)
        if (known[f].len)
            learn(&a, (enum field_id)f, known[f]);
    for (size_t i = 0; i < a.count; i++)
        if (out[i].rivals == 0)
            learn(&a, out[i].field, out[i].text);
    return a.count;
}

bool lessons_user(const struct lessons *l, enum field_id field, struct bytes text,
                  struct lesson *out)
{
    struct bytes known[FIELD_COUNT] = {0};
    struct lesson lessons[LESSONS_MAX];
    size_t count;

    known[field] = text;
    count = lessons_about(l, known, lessons);
    for (size_t i = 0; i < count; i++) {
        if (lessons[i].field == FIELD_USER) {
            *out = lessons[i];
            return true;
        }
    }
    return false;
}
