#include "core/index/duplicate.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/radix.h"

enum {
    PART_ROWS = 256 * 1024, /* aimed at; 16 bytes each */
    MAX_PARTS = 16,
    ROWS_BETWEEN_LOOKS = 64 * 1024, /* at `cancelled` */
};

struct search {
    const struct store *store;
    const atomic_bool *cancelled;
    struct duplicates *found;
    uint64_t *items, *scratch; /* upper half: part of the identity's hash; lower half: row */
    size_t n_items, items_cap, scratch_cap;
    struct member *members;
    size_t members_cap;
};

/* One of several rows with the same identity. */
struct member {
    uint64_t content; /* hash of all its values */
    uint64_t offset_bytes;
    uint32_t file;
    row_id row;
};

/* Event id and account as numbers; equal exactly when the texts are. */
struct identity {
    uint64_t id[2];
    uint64_t form, account;
};

/* False for a row without an event id: it has no identity. */
static bool identity_of(const struct chunk *c, size_t row, struct identity *out)
{
    uint64_t id = column_get(&c->ids[FIELD_EVENT_ID], row);

    if (id < VALUE_TEXT)
        return false;
    *out = (struct identity){
        {0, 0},
        id, column_get(&c->ids[FIELD_ACCOUNT], row)
    };
    if (id == VALUE_TEXT)
        memcpy(out->id, chunk_unique(c, row, FIELD_EVENT_ID), sizeof out->id);
    return true;
}

static struct identity identity_of_row(const struct search *s, row_id row)
{
    struct identity identity = {0};

    (void)identity_of(store_chunk(s->store, row_chunk(row)), row_in_chunk(row), &identity);
    return identity;
}

enum { VALUES = 2 + FIELD_COUNT * 3 };

/* All values of a row and the hash of its record as numbers; equal exactly when those are.
 * Returns how many. */
static size_t values_of(const struct store *s, row_id id, uint64_t *out)
{
    const struct chunk *c = store_chunk(s, row_chunk(id));
    size_t row = row_in_chunk(id), n = 0;

    out[n++] = (uint64_t)chunk_time(c, row);
    out[n++] = column_get(&c->content, row);
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        uint64_t value;

        if (!store_dictionaries(s)[f])
            continue;
        value = column_get(&c->ids[f], row);
        out[n++] = value;
        if (value == VALUE_TEXT && c->uniques[f].items) {
            memcpy(&out[n], chunk_unique(c, row, f), sizeof(struct unique));
            n += sizeof(struct unique) / sizeof *out;
        }
    }
    return n;
}

static bool same_values(const struct store *s, row_id id_a, row_id id_b)
{
    const struct chunk *a = store_chunk(s, row_chunk(id_a));
    const struct chunk *b = store_chunk(s, row_chunk(id_b));
    size_t row_a = row_in_chunk(id_a), row_b = row_in_chunk(id_b);

    if (column_get(&a->content, row_a) != column_get(&b->content, row_b) ||
        chunk_time(a, row_a) != chunk_time(b, row_b))
        return false;
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        uint64_t value = column_get(&a->ids[f], row_a);

        if (value != column_get(&b->ids[f], row_b))
            return false;
        if (value == VALUE_TEXT && a->uniques[f].items && b->uniques[f].items &&
            memcmp(chunk_unique(a, row_a, f), chunk_unique(b, row_b, f),
                   sizeof(struct unique)) != 0)
            return false;
    }
    return true;
}

static void mark(struct duplicates *d, row_id row)
{
    uint64_t **bits = &d->bits[row_chunk(row)];

    if (!*bits)
        *bits = mem_array(CHUNK_ROWS / 64, sizeof **bits);
    (*bits)[row_in_chunk(row) / 64] |= UINT64_C(1) << row_in_chunk(row) % 64;
    d->n_duplicates++;
}

static int by_content_then_place(const void *pa, const void *pb)
{
    const struct member *a = pa, *b = pb;

    if (a->content != b->content)
        return a->content < b->content ? -1 : 1;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->offset_bytes != b->offset_bytes)
        return a->offset_bytes < b->offset_bytes ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* `n` rows of one identity: of those with equal values all but the first are duplicates;
 * each further set of values is a conflict. */
static void judge(struct search *s, size_t n)
{
    struct member *m = s->members;
    size_t first = 0;

    qsort(m, n, sizeof *m, by_content_then_place);
    for (size_t i = 1; i < n; i++) {
        if (m[i].content != m[first].content ||
            !same_values(s->store, m[first].row, m[i].row)) {
            first = i;
            s->found->n_conflicts++;
        } else {
            mark(s->found, m[i].row);
        }
    }
}

static void add_member(struct search *s, size_t n, row_id row)
{
    struct row_place place = store_place(s->store, row);
    uint64_t values[VALUES];
    size_t n_values = values_of(s->store, row, values);

    mem_grow(&s->members, &s->members_cap, n + 1, sizeof *s->members);
    s->members[n] = (struct member){hash_bytes(bytes_make(values, n_values * sizeof *values)),
                                    place.offset_bytes, place.file, row};
}

/* Items whose hashes agree: the identities are compared, since hashes may agree by chance. */
static void judge_candidates(struct search *s, uint64_t *items, size_t count)
{
    while (count > 1) {
        struct identity wanted = identity_of_row(s, (row_id)items[0]);
        size_t n = 0, left = 0;

        for (size_t i = 0; i < count; i++) {
            struct identity identity = identity_of_row(s, (row_id)items[i]);

            if (memcmp(&identity, &wanted, sizeof wanted) == 0)
                add_member(s, n++, (row_id)items[i]);
            else
                items[left++] = items[i];
        }
        if (n > 1)
            judge(s, n);
        count = left;
    }
}

static bool comes_first(const struct store *s, row_id a, row_id b)
{
    struct row_place place_a = store_place(s, a), place_b = store_place(s, b);

    if (place_a.file != place_b.file)
        return place_a.file < place_b.file;
    if (place_a.offset_bytes != place_b.offset_bytes)
        return place_a.offset_bytes < place_b.offset_bytes;
    return a < b;
}

/* What judge() does, for just two rows whose hashes agree. */
static void judge_pair(struct search *s, row_id a, row_id b)
{
    struct identity identity_a = identity_of_row(s, a), identity_b = identity_of_row(s, b);

    if (memcmp(&identity_a, &identity_b, sizeof identity_a) != 0)
        return;
    if (same_values(s->store, a, b))
        mark(s->found, comes_first(s->store, a, b) ? b : a);
    else
        s->found->n_conflicts++;
}

/* Collects the rows whose hash falls into one part. */
static bool gather(struct search *s, size_t n_chunks, unsigned part, unsigned part_bits)
{
    s->n_items = 0;
    for (size_t number = 0; number < n_chunks; number++) {
        const struct chunk *c = store_chunk(s->store, number);

        if (atomic_load_explicit(s->cancelled, memory_order_relaxed))
            return false;
        mem_grow(&s->items, &s->items_cap, s->n_items + c->n_rows, sizeof *s->items);
        for (size_t row = 0; row < c->n_rows; row++) {
            struct identity identity;
            uint64_t hash;

            if (!identity_of(c, row, &identity))
                continue;
            hash = hash_bytes(bytes_make(&identity, sizeof identity));
            if (part_bits == 0 || hash >> (64 - part_bits) == part)
                s->items[s->n_items++] = hash << 32 | row_make(number, row);
        }
    }
    return true;
}

static bool is_time_to_stop(const struct search *s, size_t done, size_t *looked)
{
    if (done - *looked < ROWS_BETWEEN_LOOKS)
        return false;
    *looked = done;
    return atomic_load_explicit(s->cancelled, memory_order_relaxed);
}

/* Copies of a whole archive make pairs throughout. They come in the order of hashes; in the
 * order of rows their columns are read from end to end instead of here and there. */
static bool judge_pairs(struct search *s, uint64_t *pairs, size_t n)
{
    size_t looked = 0;

    radix_sort(pairs, s->items, n, 32, 32);
    for (size_t i = 0; i < n; i++) {
        judge_pair(s, (row_id)(pairs[i] >> 32), (row_id)pairs[i]);
        if (is_time_to_stop(s, i, &looked))
            return false;
    }
    return true;
}

static bool search_part(struct search *s, size_t n_chunks, unsigned part, unsigned part_bits)
{
    size_t end, looked = 0, n_pairs = 0;
    uint64_t *items;

    if (!gather(s, n_chunks, part, part_bits))
        return false;
    mem_grow(&s->scratch, &s->scratch_cap, s->n_items, sizeof *s->scratch);
    items = s->items;
    radix_sort(items, s->scratch, s->n_items, 32, 32);
    for (size_t from = 0; from < s->n_items; from = end) {
        for (end = from + 1; end < s->n_items; end++)
            if (items[end] >> 32 != items[from] >> 32)
                break;
        if (end - from == 2)
            s->scratch[n_pairs++] = items[from] << 32 | (row_id)items[from + 1];
        else
            judge_candidates(s, items + from, end - from);
        if (is_time_to_stop(s, end, &looked))
            return false;
    }
    return judge_pairs(s, s->scratch, n_pairs);
}

bool duplicates_find(struct duplicates *d, const struct store *s, size_t n_chunks,
                     const atomic_bool *cancelled)
{
    struct search search = {.store = s, .cancelled = cancelled, .found = d};
    unsigned part_bits = 0;
    uint64_t n_rows = 0;
    bool finished = true;

    *d =
        (struct duplicates){.bits = mem_array(n_chunks, sizeof *d->bits), .n_chunks = n_chunks};
    for (size_t i = 0; i < n_chunks; i++)
        n_rows += store_chunk(s, i)->n_rows;
    while (n_rows >> part_bits > PART_ROWS && 1u << part_bits < MAX_PARTS)
        part_bits++;
    for (unsigned part = 0; finished && part < 1u << part_bits; part++)
        finished = search_part(&search, n_chunks, part, part_bits);
    mem_free(search.items);
    mem_free(search.scratch);
    mem_free(search.members);
    if (!finished)
        duplicates_deinit(d);
    return finished;
}

void duplicates_deinit(struct duplicates *d)
{
    for (size_t i = 0; i < d->n_chunks; i++)
        mem_free(d->bits[i]);
    mem_free(d->bits);
    *d = (struct duplicates){0};
}
