#include "core/query/row_set.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct row_set {
    row_id *rows; /* ascending, each once */
    size_t n;
    _Atomic unsigned uses;
};

static int by_id(const void *a, const void *b)
{
    row_id x = *(const row_id *)a, y = *(const row_id *)b;

    return (x > y) - (x < y);
}

struct row_set *row_set_new(const row_id *rows, size_t n_rows)
{
    struct row_set *s = mem_alloc(sizeof *s);

    s->rows = mem_array(n_rows + 1, sizeof *s->rows);
    if (n_rows) {
        memcpy(s->rows, rows, n_rows * sizeof *rows);
        qsort(s->rows, n_rows, sizeof *s->rows, by_id);
    }
    for (size_t i = 0; i < n_rows; i++) {
        if (s->n == 0 || s->rows[s->n - 1] != s->rows[i])
            s->rows[s->n++] = s->rows[i];
    }
    s->uses = 1;
    return s;
}

struct row_set *row_set_hold(struct row_set *s)
{
    atomic_fetch_add(&s->uses, 1);
    return s;
}

void row_set_release(struct row_set *s)
{
    if (!s || atomic_fetch_sub(&s->uses, 1) != 1)
        return;
    mem_free(s->rows);
    mem_free(s);
}

size_t row_set_count(const struct row_set *s)
{
    return s->n;
}

/* The first row at or after `row`. */
static size_t find(const struct row_set *s, row_id row)
{
    size_t from = 0, to = s->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (s->rows[middle] < row)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool row_set_keep(const struct row_set *s, size_t chunk, uint64_t *bits)
{
    uint64_t kept[CHUNK_ROWS / 64] = {0};
    size_t first = find(s, row_make(chunk, 0));

    for (size_t i = first; i < s->n && row_chunk(s->rows[i]) == chunk; i++) {
        size_t row = row_in_chunk(s->rows[i]);

        kept[row / 64] |= UINT64_C(1) << (row % 64);
    }
    for (size_t w = 0; w < ARRAY_LEN(kept); w++)
        bits[w] &= kept[w];
    return first < s->n && row_chunk(s->rows[first]) == chunk;
}
