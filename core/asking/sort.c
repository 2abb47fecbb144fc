#include "core/asking/sort.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/radix.h"

enum {
    CLASS_BITS = 3, /* of a prefix */
    OFFSET_STEP_BITS = 12,
    RUNS_BETWEEN_LOOKS = 1024, /* at `cancelled` */
};

struct keyed {
    uint64_t key, key_low; /* compared in this order */
    uint64_t position;     /* in the selection: keeps the sort stable */
    row_id row;
    uint32_t class; /* compared before the keys */
};

/* Classes: the states of a value below VALUE_TEXT, in their order, then these. */
enum { CLASS_UUID = VALUE_TEXT, CLASS_TEXT };

/* Whole numbers by size, before all other texts: mixed by bytes there would be no order, as
 * 9 < 10 < 1a < 9. */
static int compare_texts(struct bytes a, struct bytes b)
{
    uint64_t x = 0, y = 0;
    bool a_counts = bytes_to_u64(a, &x), b_counts = bytes_to_u64(b, &y);

    if (a_counts != b_counts)
        return a_counts ? -1 : 1;
    if (x != y)
        return x < y ? -1 : 1;
    return bytes_compare(a, b);
}

static int by_text(const void *a, const void *b, void *context)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    if (x < DICTIONARY_FIRST_TEXT || y < DICTIONARY_FIRST_TEXT)
        return (x > y) - (x < y);
    return compare_texts(dictionary_text(context, x), dictionary_text(context, y));
}

/* Rank of each dictionary id. */
static uint32_t *ranks_of(struct dictionary *d, uint32_t count)
{
    uint32_t *ids = mem_array(count, sizeof *ids), *ranks = mem_array(count, sizeof *ranks);

    for (uint32_t i = 0; i < count; i++)
        ids[i] = i;
    qsort_r(ids, count, sizeof *ids, by_text, d);
    for (uint32_t i = 0; i < count; i++)
        ranks[ids[i]] = i;
    mem_free(ids);
    return ranks;
}

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->key_low != y->key_low)
        return x->key_low < y->key_low ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

static uint64_t big_endian(const uint8_t *p)
{
    uint64_t value = 0;

    for (size_t i = 0; i < 8; i++)
        value = value << 8 | p[i];
    return value;
}

static void key_of(const struct chunk *c, size_t row, enum field_id field,
                   const uint32_t *ranks, uint32_t n_ranks, struct keyed *out)
{
    uint64_t id;

    out->class = CLASS_TEXT;
    if (field == FIELD_FILE || field == FIELD_OFFSET) {
        out->key = field == FIELD_FILE ? column_get(&c->file, row) : 0;
        out->key_low = column_get(&c->offset, row);
        return;
    }
    id = column_get(&c->ids[field], row);
    if (id < VALUE_TEXT) {
        out->class = (uint32_t)id;
    } else if (field_get(field)->kind != FIELD_UNIQUE) {
        out->key = id < n_ranks ? ranks[id] : id;
    } else if (id == VALUE_TEXT) {
        out->class = CLASS_UUID; /* other texts are rare */
        out->key = big_endian(chunk_unique(c, row, field)->uuid);
        out->key_low = big_endian(chunk_unique(c, row, field)->uuid + 8);
    } else {
        out->key = id - 1 < n_ranks ? ranks[id - 1] : id;
    }
}

static uint32_t clip(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/* A number that sorts like the keys as far as it goes. For texts it goes all the way: ids, and
 * so ranks, stay below 2^31. */
static uint32_t prefix_of(const struct keyed *k, enum field_id field)
{
    if (field == FIELD_FILE)
        return clip(k->key);
    if (field == FIELD_OFFSET)
        return clip(k->key_low >> OFFSET_STEP_BITS);
    if (field_get(field)->kind != FIELD_UNIQUE)
        return k->class < VALUE_TEXT ? k->class : (uint32_t)k->key;
    return k->class << (32 - CLASS_BITS) |
           (k->class == CLASS_UUID ? (uint32_t)(k->key >> (32 + CLASS_BITS)) : 0);
}

struct sorting {
    const struct store *store;
    enum field_id field;
    bool descending;
    uint32_t *ranks, n_ranks; /* by dictionary id */
    uint64_t *items;          /* a prefix above a row id */
    uint64_t *scratch;
    struct keyed *keyed; /* of one run */
    size_t keyed_cap;
};

static void key_of_row(const struct sorting *s, row_id row, struct keyed *out)
{
    *out = (struct keyed){.row = row};
    key_of(store_chunk(s->store, row_chunk(row)), row_in_chunk(row), s->field, s->ranks,
           s->n_ranks, out);
}

/* Rows whose prefixes agree: mostly they have one and the same value. */
static void sort_run(struct sorting *s, uint64_t *items, size_t n)
{
    bool same = true;

    mem_grow(&s->keyed, &s->keyed_cap, n, sizeof *s->keyed);
    for (size_t i = 0; i < n; i++) {
        struct keyed *k = &s->keyed[i];

        key_of_row(s, (row_id)items[i], k);
        same &= k->class == s->keyed[0].class && k->key == s->keyed[0].key &&
                k->key_low == s->keyed[0].key_low;
    }
    if (same)
        return;
    for (size_t i = 0; i < n; i++) {
        s->keyed[i].position = i;
        if (s->descending) {
            s->keyed[i].class = CLASS_TEXT - s->keyed[i].class;
            s->keyed[i].key = ~s->keyed[i].key;
            s->keyed[i].key_low = ~s->keyed[i].key_low;
        }
    }
    qsort(s->keyed, n, sizeof *s->keyed, by_key);
    for (size_t i = 0; i < n; i++)
        items[i] = s->keyed[i].row;
}

static bool sort_runs(struct sorting *s, uint64_t n_rows, const atomic_bool *cancelled)
{
    uint64_t end, runs = 0;

    for (uint64_t from = 0; from < n_rows; from = end) {
        uint64_t prefix = s->items[from] >> 32;

        if (runs++ % RUNS_BETWEEN_LOOKS == 0 && atomic_load(cancelled))
            return false;
        for (end = from + 1; end < n_rows && s->items[end] >> 32 == prefix; end++)
            continue;
        if (end - from > 1)
            sort_run(s, s->items + from, end - from);
    }
    return true;
}

/* By prefix in linear time, then what the prefixes leave open. False when cancelled. */
static bool sort_items(struct sorting *s, const struct selection *from,
                       const atomic_bool *cancelled)
{
    bool is_column = s->field == FIELD_FILE || s->field == FIELD_OFFSET;

    for (uint64_t i = 0; i < from->n_rows; i++) {
        struct keyed k;
        uint32_t prefix;

        key_of_row(s, from->rows[i], &k);
        prefix = prefix_of(&k, s->field);
        s->items[i] = (uint64_t)(s->descending ? ~prefix : prefix) << 32 | from->rows[i];
    }
    if (atomic_load(cancelled))
        return false;
    radix_sort(s->items, s->scratch, from->n_rows, 32, 32);
    if (!is_column && field_get(s->field)->kind != FIELD_UNIQUE)
        return !atomic_load(cancelled);
    return sort_runs(s, from->n_rows, cancelled);
}

static row_id *rows_by_time(const struct selection *s, bool descending)
{
    row_id *rows = mem_array(s->n_rows, sizeof *rows);

    for (uint64_t i = 0; i < s->n_rows; i++)
        rows[i] = s->rows[descending ? s->n_rows - 1 - i : i];
    return rows;
}

row_id *sort_rows(const struct selection *from, enum field_id field, bool descending,
                  const atomic_bool *cancelled)
{
    struct sorting s = {.store = from->index->store, .field = field, .descending = descending};
    struct dictionary *d = store_dictionaries(s.store)[field];
    row_id *rows = NULL;

    if (field == FIELD_TIME)
        return rows_by_time(from, descending);
    s.n_ranks = d ? dictionary_count(d) : 0;
    s.ranks = d ? ranks_of(d, s.n_ranks) : NULL;
    s.items = mem_resize(NULL, from->n_rows, sizeof *s.items);
    s.scratch = mem_resize(NULL, from->n_rows, sizeof *s.scratch);
    if (sort_items(&s, from, cancelled)) {
        rows = mem_array(from->n_rows, sizeof *rows);
        for (uint64_t i = 0; i < from->n_rows; i++)
            rows[i] = (row_id)s.items[i];
    }
    mem_free(s.ranks);
    mem_free(s.items);
    mem_free(s.scratch);
    mem_free(s.keyed);
    return rows;
}
