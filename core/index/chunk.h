/* Immutable columns of up to CHUNK_ROWS events.
 *
 * Rows stand in the order of reading (file by file, by offset). Each column is as narrow as
 * its values allow: width 0 when all rows are the same. Once published a chunk never changes;
 * it is freed with its store. */
#ifndef CORE_INDEX_CHUNK_H
#define CORE_INDEX_CHUNK_H

#include "core/base/arena.h"

#include "core/index/dictionary.h"

enum { CHUNK_SHIFT = 16, CHUNK_ROWS = 1 << CHUNK_SHIFT };

/* A row of the whole index: chunk number and row in it. */
typedef uint32_t row_id;

static inline row_id row_make(size_t chunk, size_t row)
{
    return (row_id)(chunk << CHUNK_SHIFT | row);
}

static inline size_t row_chunk(row_id id)
{
    return id >> CHUNK_SHIFT;
}

static inline size_t row_in_chunk(row_id id)
{
    return id & (CHUNK_ROWS - 1);
}

/* Value of row i = base + the i-th unsigned number of `width` bytes. For dictionary ids the
 * base is 0 unless the width is 0. */
struct column {
    uint64_t base;
    const void *data; /* NULL when width is 0 */
    uint8_t width;    /* 0, 1, 2, 4 or 8 */
};

static inline uint64_t column_get(const struct column *c, size_t row)
{
    switch (c->width) {
    case 1:
        return c->base + ((const uint8_t *)c->data)[row];
    case 2:
        return c->base + ((const uint16_t *)c->data)[row];
    case 4:
        return c->base + ((const uint32_t *)c->data)[row];
    case 8:
        return c->base + ((const uint64_t *)c->data)[row];
    default:
        return c->base;
    }
}

/* A UUID as its 16 bytes. */
struct unique {
    uint8_t uuid[16];
};

/* The UUIDs of one field: one for each row, or, where few rows have one, only theirs. Read with
 * chunk_unique(). */
struct unique_column {
    const struct unique *items; /* NULL when no row holds a UUID */
    const uint64_t *bits;       /* rows that have one; NULL when items stand row by row */
    const uint32_t *ranks;      /* with `bits`: items before each 64 rows */
};

struct chunk {
    uint32_t n_rows;
    int64_t first_us, last_us; /* of rows with a usable time; first > last when none has */
    struct column time;        /* microseconds; INSTANT_NONE is stored as time_none */
    uint64_t time_none;
    uint32_t formats; /* of its rows, as bits 1 << enum format */
    struct column file, offset, length, flags;
    struct column content; /* see content.h */
    /* Ids of the dictionary behind those of the fields: 0 where the file does not say. */
    struct column log, stream;
    struct column ingested; /* microseconds; 0 where the file does not say */
    /* Dictionary ids of TEXT and CHOICE fields. For UNIQUE fields: 0 … 3 the value's state,
     * VALUE_TEXT for a UUID that stands in `uniques`, above that dictionary id + 1 of a text
     * that is no canonical lower-case UUID. */
    struct column ids[FIELD_COUNT];
    struct unique_column uniques[FIELD_COUNT];
    uint64_t n_lost; /* values that found no room in a dictionary and count as absent: the
                      * caller of chunk_builder_finish() reports them */
    void *memory;    /* what the columns point into */
    size_t memory_bytes;
};

/* The dictionary id of a row: see `ids`. */
static inline uint32_t chunk_id(const struct chunk *c, size_t row, enum field_id field)
{
    return (uint32_t)column_get(&c->ids[field], row);
}

/* The UUID of a row whose id in this UNIQUE field is VALUE_TEXT. */
static inline const struct unique *chunk_unique(const struct chunk *c, size_t row,
                                                enum field_id field)
{
    const struct unique_column *u = &c->uniques[field];
    uint64_t before = (UINT64_C(1) << (row & 63)) - 1;

    if (!u->bits)
        return &u->items[row];
    return &u->items[u->ranks[row >> 6] +
                     (unsigned)__builtin_popcountll(u->bits[row >> 6] & before)];
}

/* Time of a row, INSTANT_NONE where there is none. */
int64_t chunk_time(const struct chunk *c, size_t row);

/* The 36 characters of a UUID, lower case. */
enum { UNIQUE_TEXT_BYTES = 36 };
void unique_write(const struct unique *u, char *out);

/* False unless the text is a UUID in exactly the form that unique_write() makes. */
bool unique_parse(struct bytes text, struct unique *out);

/* The text of a TEXT, CHOICE or UNIQUE field. `*state` gets the value's state; the view points
 * into the dictionary or into `scratch` (at least UNIQUE_TEXT_BYTES). */
struct bytes chunk_text(const struct chunk *c, size_t row, enum field_id field,
                        struct dictionary *const *dictionaries, char *scratch,
                        enum value_state *state);

/* Collects events and packs them. One per worker; it keeps the worker's own view of the
 * dictionaries between chunks. At most CHUNK_ROWS events go into one chunk. */
struct chunk_builder;

struct chunk_builder *chunk_builder_new(struct dictionary *const *dictionaries);
void chunk_builder_free(struct chunk_builder *b);

/* Copies what it needs of the event. */
void chunk_builder_add(struct chunk_builder *b, const struct event *e, uint32_t file,
                       uint64_t offset_bytes, uint32_t length_bytes);
uint32_t chunk_builder_rows(const struct chunk_builder *b);

/* Packs what was added into a chunk (NULL when nothing was) and starts over. */
struct chunk *chunk_builder_finish(struct chunk_builder *b);

/* Remembers the rows so far; chunk_builder_cut() forgets those added since, as if they had
 * never been there. Only within one chunk. */
void chunk_builder_mark(struct chunk_builder *b);
void chunk_builder_cut(struct chunk_builder *b);
void chunk_free(struct chunk *c);
size_t chunk_bytes(const struct chunk *c);

#endif
