#include "core/asking/table_sort.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/radix.h"

enum { PREFIX_BYTES = 32, FIRST_SLOTS = 256 };

struct sort_value {
    struct datum datum;
    uint64_t hash;
    bool is_number; /* worth `number` */
    double number;
    uint32_t place;
    unsigned char prefix[PREFIX_BYTES]; /* sorts like the text, as far as it reaches */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(struct bytes text, size_t from)
{
    size_t n = from;

    while (n < text.len && is_digit(text.ptr[n]))
        n++;
    return n - from;
}

/* Bytes that compare like the natural order of texts: runs of digits begin with their length,
 * other runs end with a 0, which stands before anything that goes on. Where that cannot be said
 * in a byte, the prefix ends. */
static void write_prefix(struct bytes text, unsigned char *out)
{
    size_t n = 0;

    memset(out, 0, PREFIX_BYTES);
    for (size_t i = 0; i < text.len && n < PREFIX_BYTES;) {
        size_t digits = digits_at(text, i);
        unsigned char c = (unsigned char)text.ptr[i];

        if (digits == 0 && c >= UINT8_MAX - 1) {
            out[n] = UINT8_MAX;
            return;
        }
        if (digits == 0) {
            out[n++] = (unsigned char)(c + 1);
            i++;
            n += i < text.len && is_digit(text.ptr[i]);
            continue;
        }
        out[n++] = '0' + 1;
        if (n == PREFIX_BYTES)
            return;
        out[n++] = (unsigned char)(digits < UINT8_MAX ? digits : UINT8_MAX);
        if (digits >= UINT8_MAX)
            return;
        for (; digits && n < PREFIX_BYTES; digits--)
            out[n++] = (unsigned char)text.ptr[i++];
    }
}

static uint64_t hash_of(const struct datum *d)
{
    switch (d->kind) {
    case DATUM_TEXT:
        return hash_bytes(d->text);
    case DATUM_NUMBER:
    case DATUM_BOOL:
        return hash_bytes(bytes_make(&d->number, sizeof d->number)) + d->kind;
    case DATUM_TIME:
        return hash_bytes(bytes_make(&d->time_us, sizeof d->time_us)) + d->kind;
    case DATUM_MISSING:
    case DATUM_UNDECIDED:
        break;
    }
    return 0;
}

static bool is_same(const struct datum *a, const struct datum *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case DATUM_TEXT:
        return bytes_equal(a->text, b->text);
    case DATUM_NUMBER:
    case DATUM_BOOL:
        return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case DATUM_TIME:
        return a->time_us == b->time_us;
    case DATUM_MISSING:
    case DATUM_UNDECIDED:
        break;
    }
    return true;
}

static void grow_slots(struct sort_column *c)
{
    c->n_slots = c->n_slots ? c->n_slots * 2 : FIRST_SLOTS;
    mem_free(c->slots);
    c->slots = mem_array(c->n_slots, sizeof *c->slots);
    for (size_t i = 0; i < c->n_values; i++) {
        size_t at = c->values[i].hash & (c->n_slots - 1);

        while (c->slots[at])
            at = (at + 1) & (c->n_slots - 1);
        c->slots[at] = (uint32_t)i + 1;
    }
}

static uint32_t add_value(struct sort_column *c, struct datum d, uint64_t hash)
{
    struct sort_value *v;

    mem_grow(&c->values, &c->values_cap, c->n_values + 1, sizeof *c->values);
    v = &c->values[c->n_values];
    *v = (struct sort_value){.datum = d, .hash = hash};
    v->is_number = datum_number(d, &v->number);
    if (d.kind == DATUM_TEXT) {
        v->datum.text = arena_copy(&c->memory, d.text);
        write_prefix(d.text, v->prefix);
    }
    return (uint32_t)c->n_values++;
}

void sort_column_add(struct sort_column *c, struct datum d)
{
    uint64_t hash = hash_of(&d);
    size_t at;

    if (c->n_values * 2 >= c->n_slots)
        grow_slots(c);
    at = hash & (c->n_slots - 1);
    while (c->slots[at] && !(c->values[c->slots[at] - 1].hash == hash &&
                             is_same(&c->values[c->slots[at] - 1].datum, &d)))
        at = (at + 1) & (c->n_slots - 1);
    if (!c->slots[at])
        c->slots[at] = add_value(c, d, hash) + 1;
    mem_grow(&c->rows, &c->rows_cap, c->n_rows + 1, sizeof *c->rows);
    c->rows[c->n_rows++] = c->slots[at] - 1;
}

void sort_column_deinit(struct sort_column *c)
{
    mem_free(c->values);
    mem_free(c->slots);
    mem_free(c->rows);
    arena_deinit(&c->memory);
}

/* Like datum_compare(), with what is known by now. */
static int compare_values(const struct sort_value *a, const struct sort_value *b)
{
    bool texts = a->datum.kind == DATUM_TEXT && b->datum.kind == DATUM_TEXT;
    int order;

    if (texts && !a->is_number && !b->is_number) {
        order = memcmp(a->prefix, b->prefix, PREFIX_BYTES);
        return order ? order : datum_compare(a->datum, b->datum);
    }
    if (a->is_number && b->is_number && a->number != b->number &&
        !(a->datum.kind == DATUM_TIME && b->datum.kind == DATUM_TIME))
        return a->number < b->number ? -1 : 1;
    return datum_compare(a->datum, b->datum);
}

struct sorting {
    const struct sort_column *column;
    const struct job *job;
};

static int compare_numbers(const void *pa, const void *pb, void *context)
{
    const struct sorting *s = context;

    if (job_is_cancelled(s->job))
        return 0; /* soon through, and nobody looks at the order */
    return compare_values(&s->column->values[*(const uint32_t *)pa],
                          &s->column->values[*(const uint32_t *)pb]);
}

/* Gives every value its place; returns how many places there are. Values that compare equal
 * share one. */
static uint32_t number_values(struct sort_column *c, const struct job *job)
{
    struct sorting s = {c, job};
    uint32_t *numbers = mem_array(c->n_values, sizeof *numbers), place = 0;

    for (size_t i = 0; i < c->n_values; i++)
        numbers[i] = (uint32_t)i;
    if (c->n_values)
        qsort_r(numbers, c->n_values, sizeof *numbers, compare_numbers, &s);
    for (size_t i = 0; i < c->n_values; i++) {
        if (i && compare_values(&c->values[numbers[i - 1]], &c->values[numbers[i]]) != 0)
            place++;
        c->values[numbers[i]].place = place;
    }
    mem_free(numbers);
    return place + 1;
}

void sort_column_apply(struct sort_column *c, bool descending, uint64_t *order, size_t count,
                       const struct job *job)
{
    uint64_t *scratch;
    uint32_t places;
    unsigned bits = 1;

    if (count == 0)
        return;
    places = number_values(c, job);
    while (places >> bits)
        bits++;
    scratch = mem_resize(NULL, count, sizeof *scratch);
    for (size_t i = 0; i < count; i++) {
        uint32_t place = c->values[c->rows[order[i]]].place;

        order[i] |= (uint64_t)(descending ? places - 1 - place : place) << 32;
    }
    radix_sort(order, scratch, count, 32, bits);
    for (size_t i = 0; i < count; i++)
        order[i] &= UINT32_MAX;
    mem_free(scratch);
}
