#include "core/asking/sort.h"

#include <stdlib.h>

#include "core/base/mem.h"

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

row_id *sort_rows(const struct selection *s, enum field_id field, bool descending,
                  const atomic_bool *cancelled)
{
    const struct store *store = s->index->store;
    struct dictionary *d = store_dictionaries(store)[field];
    uint32_t n_ranks = d ? dictionary_count(d) : 0;
    uint32_t *ranks = d ? ranks_of(d, n_ranks) : NULL;
    row_id *rows = mem_array(s->n_rows, sizeof *rows);
    struct keyed *keyed = NULL;

    if (field == FIELD_TIME) {
        for (uint64_t i = 0; i < s->n_rows; i++)
            rows[i] = s->rows[descending ? s->n_rows - 1 - i : i];
        return rows;
    }
    keyed = mem_array(s->n_rows, sizeof *keyed);
    for (uint64_t i = 0; i < s->n_rows; i++) {
        keyed[i].row = s->rows[i];
        keyed[i].position = i;
        key_of(store_chunk(store, row_chunk(s->rows[i])), row_in_chunk(s->rows[i]), field,
               ranks, n_ranks, &keyed[i]);
        if (descending) {
            keyed[i].class = CLASS_TEXT - keyed[i].class;
            keyed[i].key = ~keyed[i].key;
            keyed[i].key_low = ~keyed[i].key_low;
        }
    }
    if (!atomic_load(cancelled))
        qsort(keyed, s->n_rows, sizeof *keyed, by_key);
    for (uint64_t i = 0; i < s->n_rows; i++)
        rows[i] = keyed[i].row;
    mem_free(keyed);
    mem_free(ranks);
    if (atomic_load(cancelled)) {
        mem_free(rows);
        return NULL;
    }
    return rows;
}
