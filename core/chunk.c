#include "core/chunk.h"

#include <assert.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

enum {
    /* A text that has no global id yet: its number among the new texts of this chunk. */
    PENDING_SHIFT = 31,
    FIRST_SLOTS = 256,
    /* A worker forgets its view of a field beyond this many texts, so that fields with a
     * value of their own in each event do not keep memory for it. */
    MAX_KNOWN = 40 * 1024,
    /* Columns begin at different cache sets: rows are written across all of them. */
    PITCH = CHUNK_ROWS + 48,
};
#define PENDING (UINT32_C(1) << PENDING_SHIFT)

enum column_kind { COLUMN_NONE, COLUMN_DECIDED, COLUMN_TEXT, COLUMN_UNIQUE };

/* What a worker knows of one field's dictionary, and what it found new. */
struct view {
    enum column_kind kind;
    struct known {
        struct bytes text; /* in the dictionary, or, until the chunk is packed, in new_texts */
        uint32_t tag, id;  /* id 0: free */
    } * slots;
    uint32_t n_slots, n_known;
    struct bytes last;   /* text of the row before; valid until the chunk is packed */
    uint32_t last_id;    /* 0: none */
    struct bytes *texts; /* new in this chunk */
    uint64_t *hashes;
    size_t n_new, texts_cap, hashes_cap;
    struct unique *uniques; /* UUIDs in the order of rows */
    size_t n_uniques, uniques_cap;
};

struct chunk_builder {
    struct dictionary *const *dictionaries;
    struct view views[FIELD_COUNT];
    uint32_t n_rows;
    uint32_t *ids; /* PITCH for each field */
    uint64_t *times, *offsets;
    uint32_t *files, *lengths, *flags;
    struct arena new_texts;
};

int64_t chunk_time(const struct chunk *c, size_t row)
{
    uint64_t value = column_get(&c->time, row);

    return value == c->time_none ? INSTANT_NONE : (int64_t)value;
}

static const char HEX[] = "0123456789abcdef";
enum { HYPHENS = 1 << 4 | 1 << 6 | 1 << 8 | 1 << 10 }; /* before these bytes */

void unique_write(const struct unique *u, char *out)
{
    for (unsigned i = 0; i < sizeof u->uuid; i++) {
        if (HYPHENS >> i & 1)
            *out++ = '-';
        *out++ = HEX[u->uuid[i] >> 4];
        *out++ = HEX[u->uuid[i] & 15];
    }
}

static uint64_t load_bytes(const char *p, unsigned count)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < count; i++)
        value |= (uint64_t)(unsigned char)p[i] << 8 * i;
    return value;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight digits, the first in the lowest byte, to four bytes likewise. All bytes go side by
 * side: ids are random, so branches on them would mostly be guessed wrong. */
static bool parse_eight(uint64_t x, uint8_t *out)
{
    uint64_t letters = x >> 6 & EACH(1);
    uint64_t low = x & EACH(0x0f), v = low + letters * 9;

    /* '0' … '9' are 0x30 and up; 'a' … 'f' are 0x61 and up. */
    if ((x & EACH(0xf0)) != EACH(0x30) + letters * 0x30 ||
        ((low + EACH(6) + letters * 3) & EACH(0x10)) ||
        ((low + letters * 15) & EACH(0x10)) != letters << 4)
        return false;
    v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
    v |= v >> 16;
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> 8 * i);
    return true;
}

bool unique_parse(struct bytes text, struct unique *out)
{
    const char *p = text.ptr;
    struct unique u;

    if (text.len != UNIQUE_TEXT_BYTES || p[8] != '-' || p[13] != '-' || p[18] != '-' ||
        p[23] != '-' || !parse_eight(load_bytes(p, 8), u.uuid) ||
        !parse_eight(load_bytes(p + 9, 4) | load_bytes(p + 14, 4) << 32, u.uuid + 4) ||
        !parse_eight(load_bytes(p + 19, 4) | load_bytes(p + 24, 4) << 32, u.uuid + 8) ||
        !parse_eight(load_bytes(p + 28, 8), u.uuid + 12))
        return false;
    *out = u;
    return true;
}

struct bytes chunk_text(const struct chunk *c, size_t row, enum field_id field,
                        struct dictionary *const *dictionaries, char *scratch,
                        enum value_state *state)
{
    uint64_t id = column_get(&c->ids[field], row);

    if (id < VALUE_TEXT || !dictionaries[field]) {
        *state = dictionaries[field] ? (enum value_state)id : VALUE_ABSENT;
        return bytes_make("", 0);
    }
    *state = VALUE_TEXT;
    if (field_get(field)->kind != FIELD_UNIQUE)
        return dictionary_text(dictionaries[field], (uint32_t)id);
    if (id > VALUE_TEXT)
        return dictionary_text(dictionaries[field], (uint32_t)id - 1);
    unique_write(chunk_unique(c, row, field), scratch);
    return bytes_make(scratch, UNIQUE_TEXT_BYTES);
}

void chunk_free(struct chunk *c)
{
    if (!c)
        return;
    mem_free(c->memory);
    mem_free(c);
}

size_t chunk_bytes(const struct chunk *c)
{
    return sizeof *c + c->memory_bytes;
}

static void view_clear(struct view *v)
{
    mem_free(v->slots);
    v->n_slots = FIRST_SLOTS;
    v->n_known = 0;
    v->slots = mem_array(v->n_slots, sizeof *v->slots);
    v->last_id = 0;
}

static enum column_kind column_kind(enum field_id field)
{
    switch (field_get(field)->kind) {
    case FIELD_TEXT:
        return COLUMN_TEXT;
    case FIELD_UNIQUE:
        return COLUMN_UNIQUE;
    case FIELD_CHOICE: /* the event holds these as numbers */
        return COLUMN_DECIDED;
    case FIELD_INSTANT:
    case FIELD_POSITION:
        break;
    }
    return COLUMN_NONE;
}

struct chunk_builder *chunk_builder_new(struct dictionary *const *dictionaries)
{
    struct chunk_builder *b = mem_alloc(sizeof *b);

    b->dictionaries = dictionaries;
    /* Not cleared: a short load touches only the rows that it has. */
    b->ids = mem_resize(NULL, FIELD_COUNT, sizeof *b->ids * PITCH);
    b->times = mem_resize(NULL, CHUNK_ROWS, sizeof *b->times);
    b->offsets = mem_resize(NULL, CHUNK_ROWS, sizeof *b->offsets);
    b->files = mem_resize(NULL, CHUNK_ROWS, sizeof *b->files);
    b->lengths = mem_resize(NULL, CHUNK_ROWS, sizeof *b->lengths);
    b->flags = mem_resize(NULL, CHUNK_ROWS, sizeof *b->flags);
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        view_clear(&b->views[f]);
        b->views[f].kind = column_kind(f);
    }
    return b;
}

void chunk_builder_free(struct chunk_builder *b)
{
    if (!b)
        return;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        mem_free(b->views[f].slots);
        mem_free(b->views[f].texts);
        mem_free(b->views[f].hashes);
        mem_free(b->views[f].uniques);
    }
    arena_deinit(&b->new_texts);
    mem_free(b->ids);
    mem_free(b->times);
    mem_free(b->offsets);
    mem_free(b->files);
    mem_free(b->lengths);
    mem_free(b->flags);
    mem_free(b);
}

uint32_t chunk_builder_rows(const struct chunk_builder *b)
{
    return b->n_rows;
}

static void view_grow(struct view *v)
{
    struct known *old = v->slots;
    uint32_t n_old = v->n_slots;

    /* The slot of a text comes from its tag alone, so the texts need not be looked at. */
    v->n_slots *= 2;
    v->slots = mem_array(v->n_slots, sizeof *v->slots);
    for (uint32_t i = 0; i < n_old; i++) {
        uint32_t at = old[i].tag & (v->n_slots - 1);

        if (!old[i].id)
            continue;
        while (v->slots[at].id)
            at = (at + 1) & (v->n_slots - 1);
        v->slots[at] = old[i];
    }
    mem_free(old);
}

static uint32_t add_new(struct chunk_builder *b, struct view *v, struct bytes text,
                        uint64_t hash)
{
    mem_grow(&v->texts, &v->texts_cap, v->n_new + 1, sizeof *v->texts);
    mem_grow(&v->hashes, &v->hashes_cap, v->n_new + 1, sizeof *v->hashes);
    v->texts[v->n_new] = arena_copy(&b->new_texts, text);
    v->hashes[v->n_new] = hash;
    return PENDING | (uint32_t)v->n_new++;
}

static uint32_t text_id(struct chunk_builder *b, struct view *v, struct bytes text)
{
    struct known *known;
    uint32_t tag, at;
    uint64_t hash;

    if (v->last_id && bytes_equal(v->last, text))
        return v->last_id;
    hash = hash_bytes(text);
    tag = (uint32_t)hash;
    at = tag & (v->n_slots - 1);
    while (v->slots[at].id &&
           (v->slots[at].tag != tag || !bytes_equal(v->slots[at].text, text)))
        at = (at + 1) & (v->n_slots - 1);
    known = &v->slots[at];
    if (!known->id) {
        uint32_t id = add_new(b, v, text, hash);

        *known = (struct known){v->texts[v->n_new - 1], tag, id};
        v->n_known++;
    }
    v->last = known->text;
    v->last_id = known->id;
    if (v->n_known * 3 > v->n_slots * 2)
        view_grow(v);
    return v->last_id;
}

static uint32_t unique_id(struct chunk_builder *b, struct view *v, struct bytes text)
{
    uint32_t id;

    if (v->n_uniques == v->uniques_cap)
        mem_grow(&v->uniques, &v->uniques_cap, v->n_uniques + 1, sizeof *v->uniques);
    if (unique_parse(text, &v->uniques[v->n_uniques])) {
        v->n_uniques++;
        return VALUE_TEXT;
    }
    id = text_id(b, v, text);
    return id & PENDING ? id : id + 1;
}

void chunk_builder_add(struct chunk_builder *b, const struct event *e, uint32_t file,
                       uint64_t offset_bytes, uint32_t length_bytes)
{
    uint32_t row = b->n_rows;
    uint32_t *ids = b->ids + row;

    assert(row < CHUNK_ROWS);
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        const struct value *value = &e->values[f];
        struct view *v = &b->views[f];
        uint32_t id = value->state;

        if (v->kind < COLUMN_TEXT)
            continue;
        if (id == VALUE_TEXT)
            id = v->kind == COLUMN_TEXT ? text_id(b, v, value->text)
                                        : unique_id(b, v, value->text);
        ids[(size_t)f * PITCH] = id;
    }
    ids[(size_t)FIELD_FORMAT * PITCH] = DICTIONARY_FIRST_TEXT + e->format;
    ids[(size_t)FIELD_STAGE * PITCH] = DICTIONARY_FIRST_TEXT + e->stage;
    ids[(size_t)FIELD_OUTCOME * PITCH] = DICTIONARY_FIRST_TEXT + e->outcome;
    ids[(size_t)FIELD_REASON * PITCH] = DICTIONARY_FIRST_TEXT + e->reason;
    b->times[row] = (uint64_t)e->time_us;
    b->files[row] = file;
    b->offsets[row] = offset_bytes;
    b->lengths[row] = length_bytes;
    b->flags[row] = e->flags;
    b->n_rows = row + 1;
}

/* One column on its way into the chunk: where its values are, and in what form they go. */
struct plan {
    struct column column;
    const uint32_t *from32; /* one of the two */
    const uint64_t *from64;
    struct column *to;
};

static uint8_t width_for(uint64_t span)
{
    return span == 0 ? 0 : span < 1u << 8 ? 1 : span < 1u << 16 ? 2 : span >> 32 ? 8 : 4;
}

static void plan32(struct plan *p, const uint32_t *from, uint32_t n, bool ids,
                   struct column *to)
{
    uint32_t low = from[0], high = from[0];

    for (uint32_t i = 1; i < n; i++) {
        low = from[i] < low ? from[i] : low;
        high = from[i] > high ? from[i] : high;
    }
    if (ids && low != high)
        low = 0;
    *p = (struct plan){
        {low, NULL, width_for(high - low)},
        from, NULL, to
    };
}

/* Differences to `low` are what counts, so times before 1970 do no harm. */
static void plan64(struct plan *p, const uint64_t *from, uint64_t low, uint64_t high,
                   struct column *to)
{
    *p = (struct plan){
        {low, NULL, width_for(high - low)},
        NULL, from, to
    };
}

static void fill(const struct plan *p, void *to, uint32_t n)
{
    uint64_t base = p->column.base;
    uint8_t *to8 = to;
    uint16_t *to16 = to;
    uint32_t *to32 = to;
    uint64_t *to64 = to;

    if (p->column.width == 1 && p->from32)
        for (uint32_t i = 0; i < n; i++)
            to8[i] = (uint8_t)(p->from32[i] - base);
    else if (p->column.width == 2 && p->from32)
        for (uint32_t i = 0; i < n; i++)
            to16[i] = (uint16_t)(p->from32[i] - base);
    else if (p->column.width == 4 && p->from32)
        for (uint32_t i = 0; i < n; i++)
            to32[i] = (uint32_t)(p->from32[i] - base);
    else if (p->column.width == 1)
        for (uint32_t i = 0; i < n; i++)
            to8[i] = (uint8_t)(p->from64[i] - base);
    else if (p->column.width == 2)
        for (uint32_t i = 0; i < n; i++)
            to16[i] = (uint16_t)(p->from64[i] - base);
    else if (p->column.width == 4)
        for (uint32_t i = 0; i < n; i++)
            to32[i] = (uint32_t)(p->from64[i] - base);
    else
        for (uint32_t i = 0; i < n; i++)
            to64[i] = p->from64[i] - base;
}

/* New texts get their global ids, and the worker's view learns them. */
static uint32_t *resolve_new(struct chunk_builder *b, enum field_id field)
{
    struct view *v = &b->views[field];
    uint32_t *final = mem_array(v->n_new, sizeof *final);

    dictionary_add(b->dictionaries[field], v->texts, v->hashes, v->n_new, final);
    for (uint32_t i = 0; i < v->n_new; i++) {
        uint32_t at = (uint32_t)v->hashes[i] & (v->n_slots - 1);

        while (v->slots[at].id != (PENDING | i))
            at = (at + 1) & (v->n_slots - 1);
        v->slots[at].id = final[i];
        if (final[i] != DICTIONARY_FULL)
            v->slots[at].text = dictionary_text(b->dictionaries[field], final[i]);
    }
    return final;
}

static void resolve_field(struct chunk_builder *b, struct chunk *c, enum field_id field)
{
    struct view *v = &b->views[field];
    uint32_t *ids = b->ids + (size_t)field * PITCH;
    uint32_t *final, above = v->kind == COLUMN_UNIQUE;
    uint64_t n_lost = 0;

    v->last_id = 0;
    if (v->n_new) {
        final = resolve_new(b, field);
        for (uint32_t i = 0; i < b->n_rows; i++)
            if (ids[i] & PENDING) {
                uint32_t id = final[ids[i] & ~PENDING];

                n_lost += id == DICTIONARY_FULL;
                ids[i] = id == DICTIONARY_FULL ? VALUE_ABSENT : id + above;
            }
        mem_free(final);
    }
    if (n_lost || v->n_known > MAX_KNOWN)
        view_clear(v);
    v->n_new = 0;
    c->n_lost += n_lost;
}

/* Lays the UUIDs out row by row, or, when fewer than half of the rows have one, packed. */
static void pack_uniques(struct chunk_builder *b, struct chunk *c, enum field_id field,
                         char **at)
{
    struct view *v = &b->views[field];
    const uint32_t *ids = b->ids + (size_t)field * PITCH;
    bool sparse = v->n_uniques < b->n_rows / 2;
    struct unique *items = (struct unique *)*at;
    size_t words = (b->n_rows + 63) / 64;
    uint64_t *bits;
    uint32_t *ranks, n = 0;

    if (v->n_uniques == 0)
        return;
    c->uniques[field].items = items;
    if (!sparse) {
        for (uint32_t i = 0; i < b->n_rows; i++)
            if (ids[i] == VALUE_TEXT)
                items[i] = v->uniques[n++];
        *at += b->n_rows * sizeof *items;
        return;
    }
    memcpy(items, v->uniques, v->n_uniques * sizeof *items);
    bits = (uint64_t *)(void *)(items + v->n_uniques);
    ranks = (uint32_t *)(bits + words);
    for (uint32_t i = 0; i < b->n_rows; i++) {
        if (i % 64 == 0)
            ranks[i / 64] = n;
        if (ids[i] == VALUE_TEXT) {
            bits[i / 64] |= UINT64_C(1) << i % 64;
            n++;
        }
    }
    c->uniques[field].bits = bits;
    c->uniques[field].ranks = ranks;
    *at = (char *)(ranks + (words + 3) / 4 * 4);
}

static size_t uniques_bytes(const struct chunk_builder *b, enum field_id field)
{
    size_t n = b->views[field].n_uniques, words = (b->n_rows + 63) / 64;

    if (n == 0)
        return 0;
    if (n >= b->n_rows / 2)
        return b->n_rows * sizeof(struct unique);
    return n * sizeof(struct unique) + words * 8 + (words + 3) / 4 * 16;
}

/* Usable times give the span; the value behind the last of them stands for none. */
static void plan_time(struct chunk_builder *b, struct chunk *c, struct plan *p)
{
    bool some_without = false;

    c->first_us = INT64_MAX;
    c->last_us = INT64_MIN;
    for (uint32_t i = 0; i < b->n_rows; i++) {
        int64_t at_us = (int64_t)b->times[i];

        if (at_us == INSTANT_NONE) {
            some_without = true;
            continue;
        }
        c->first_us = at_us < c->first_us ? at_us : c->first_us;
        c->last_us = at_us > c->last_us ? at_us : c->last_us;
    }
    c->time_none = (uint64_t)INSTANT_NONE;
    if (c->first_us > c->last_us) {
        plan64(p, b->times, c->time_none, c->time_none, &c->time);
        return;
    }
    if (some_without)
        c->time_none = (uint64_t)c->last_us + 1;
    for (uint32_t i = 0; i < b->n_rows; i++)
        if (b->times[i] == (uint64_t)INSTANT_NONE)
            b->times[i] = c->time_none;
    plan64(p, b->times, (uint64_t)c->first_us, (uint64_t)c->last_us + some_without, &c->time);
}

static size_t plan_columns(struct chunk_builder *b, struct chunk *c, struct plan *plans)
{
    uint64_t low = b->offsets[0], high = low;
    size_t n = 0;

    for (uint32_t i = 1; i < b->n_rows; i++) {
        low = b->offsets[i] < low ? b->offsets[i] : low;
        high = b->offsets[i] > high ? b->offsets[i] : high;
    }
    plan_time(b, c, &plans[n++]);
    plan64(&plans[n++], b->offsets, low, high, &c->offset);
    plan32(&plans[n++], b->files, b->n_rows, false, &c->file);
    plan32(&plans[n++], b->lengths, b->n_rows, false, &c->length);
    plan32(&plans[n++], b->flags, b->n_rows, false, &c->flags);
    for (enum field_id f = 0; f < FIELD_COUNT; f++)
        if (b->dictionaries[f])
            plan32(&plans[n++], b->ids + (size_t)f * PITCH, b->n_rows, true, &c->ids[f]);
    return n;
}

static size_t column_bytes(const struct plan *p, uint32_t n_rows)
{
    return ((size_t)p->column.width * n_rows + 15) & ~(size_t)15;
}

struct chunk *chunk_builder_finish(struct chunk_builder *b)
{
    struct plan plans[5 + FIELD_COUNT];
    struct chunk *c;
    size_t n_plans, total = 0;
    char *at;

    if (b->n_rows == 0)
        return NULL;
    c = mem_alloc(sizeof *c);
    c->n_rows = b->n_rows;
    for (enum field_id f = 0; f < FIELD_COUNT; f++)
        if (b->dictionaries[f])
            resolve_field(b, c, f);
    n_plans = plan_columns(b, c, plans);
    for (size_t i = 0; i < n_plans; i++)
        total += column_bytes(&plans[i], b->n_rows);
    for (enum field_id f = 0; f < FIELD_COUNT; f++)
        total += uniques_bytes(b, f);
    c->memory_bytes = total;
    c->memory = at = mem_alloc(total);
    for (size_t i = 0; i < n_plans; i++) {
        *plans[i].to = plans[i].column;
        if (plans[i].column.width) {
            plans[i].to->data = at;
            fill(&plans[i], at, b->n_rows);
            at += column_bytes(&plans[i], b->n_rows);
        }
    }
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        pack_uniques(b, c, f, &at);
        b->views[f].n_uniques = 0;
    }
    arena_deinit(&b->new_texts);
    b->n_rows = 0;
    return c;
}
