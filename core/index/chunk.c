#include "core/index/chunk.h"

#include <assert.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/span.h"

#include "core/index/content.h"
#include "core/index/known.h"

enum {
    /* Columns begin at different cache sets: rows are written across all of them. */
    PITCH = CHUNK_ROWS + 96,
    /* What stands in a row until the chunk is packed: a state, the mark of a UUID, or a text's
     * code in this chunk; beyond the last it stands aside. */
    CODE_UNIQUE = VALUE_TEXT,
    CODE_FIRST_TEXT,
    CODE_ASIDE = UINT16_MAX,
};

enum view_kind { VIEW_NONE, VIEW_DECIDED, VIEW_TEXT, VIEW_UNIQUE };

/* One field of the rows that are collected. */
struct view {
    enum view_kind kind;
    uint32_t seen; /* bits of codes below CODE_FIRST_TEXT */
    uint16_t *codes;
    struct known_texts known;
    struct aside {
        uint32_t row, code;
    } * aside;
    size_t n_aside, aside_cap;
    struct unique *uniques; /* UUIDs in the order of rows */
    size_t n_uniques, uniques_cap;
};

struct view_mark {
    uint32_t seen;
    size_t n_aside, n_uniques;
    struct known_mark known;
};

struct chunk_builder {
    struct dictionary *const *dictionaries;
    struct view views[FIELD_COUNT];
    enum field_id texts[FIELD_COUNT]; /* those whose values are texts or UUIDs */
    size_t n_texts;
    uint32_t n_rows, formats;
    uint16_t *codes; /* PITCH for each field */
    uint64_t *times, *offsets;
    uint64_t *ingested;
    uint32_t *files, *lengths, *flags, *contents, *logs, *streams;
    struct name { /* of the log before */
        struct buffer text;
        uint32_t id;
    } log, stream;
    struct {
        uint32_t n_rows, formats;
        struct view_mark views[FIELD_COUNT];
    } mark;
    struct buffer squeezed; /* record without white space */
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

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight digits, the first in the lowest byte, to four bytes likewise; `*wrong` gets bits where
 * they are none. All bytes go side by side and nothing branches: ids are random, so branches on
 * them would mostly be guessed wrong. */
static uint64_t parse_eight(uint64_t x, uint64_t *wrong)
{
    uint64_t letters = x >> 6 & EACH(1);
    uint64_t low = x & EACH(0x0f), v = low + letters * 9;

    /* '0' … '9' are 0x30 and up; 'a' … 'f' are 0x61 and up. */
    *wrong |= ((x & EACH(0xf0)) ^ (EACH(0x30) + letters * 0x30)) |
              ((low + EACH(6) + letters * 3) & EACH(0x10)) |
              (((low + letters * 15) & EACH(0x10)) ^ letters << 4);
    v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (v | v >> 16) & UINT32_MAX;
}

/* The four bytes at `first`, and behind them those that end eight bytes at `last`. */
static uint64_t join(const char *first, const char *last)
{
    return (span_load_word(first) & UINT32_MAX) | (span_load_word(last) >> 32 << 32);
}

bool unique_parse(struct bytes text, struct unique *out)
{
    const char *p = text.ptr;
    uint64_t wrong = 0, first, last;

    if (text.len != UNIQUE_TEXT_BYTES || p[8] != '-' || p[13] != '-' || p[18] != '-' ||
        p[23] != '-')
        return false;
    first = parse_eight(span_load_word(p), &wrong);
    first |= parse_eight(join(p + 9, p + 10), &wrong) << 32;
    last = parse_eight(join(p + 19, p + 20), &wrong);
    last |= parse_eight(span_load_word(p + 28), &wrong) << 32;
    if (wrong)
        return false;
    span_store_word(out->uuid, first);
    span_store_word(out->uuid + 8, last);
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

static enum view_kind view_kind(enum field_id field)
{
    switch (field_get(field)->kind) {
    case FIELD_TEXT:
        return VIEW_TEXT;
    case FIELD_UNIQUE:
        return VIEW_UNIQUE;
    case FIELD_CHOICE: /* the event holds these as numbers */
        return VIEW_DECIDED;
    case FIELD_INSTANT:
    case FIELD_POSITION:
        break;
    }
    return VIEW_NONE;
}

struct chunk_builder *chunk_builder_new(struct dictionary *const *dictionaries)
{
    struct chunk_builder *b = mem_alloc(sizeof *b);

    b->dictionaries = dictionaries;
    /* Not cleared: a short load touches only the rows that it has. */
    b->codes = mem_resize(NULL, FIELD_COUNT, sizeof *b->codes * PITCH);
    b->times = mem_resize(NULL, CHUNK_ROWS, sizeof *b->times);
    b->offsets = mem_resize(NULL, CHUNK_ROWS, sizeof *b->offsets);
    b->files = mem_resize(NULL, CHUNK_ROWS, sizeof *b->files);
    b->lengths = mem_resize(NULL, CHUNK_ROWS, sizeof *b->lengths);
    b->flags = mem_resize(NULL, CHUNK_ROWS, sizeof *b->flags);
    b->contents = mem_resize(NULL, CHUNK_ROWS, sizeof *b->contents);
    b->logs = mem_resize(NULL, CHUNK_ROWS, sizeof *b->logs);
    b->streams = mem_resize(NULL, CHUNK_ROWS, sizeof *b->streams);
    b->ingested = mem_resize(NULL, CHUNK_ROWS, sizeof *b->ingested);
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        b->views[f].kind = view_kind(f);
        b->views[f].codes = b->codes + (size_t)f * PITCH;
        if (b->views[f].kind >= VIEW_TEXT)
            b->texts[b->n_texts++] = f;
    }
    return b;
}

void chunk_builder_free(struct chunk_builder *b)
{
    if (!b)
        return;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        known_deinit(&b->views[f].known);
        mem_free(b->views[f].aside);
        mem_free(b->views[f].uniques);
    }
    arena_deinit(&b->new_texts);
    mem_free(b->codes);
    mem_free(b->times);
    mem_free(b->offsets);
    mem_free(b->files);
    mem_free(b->lengths);
    mem_free(b->flags);
    mem_free(b->contents);
    mem_free(b->logs);
    mem_free(b->streams);
    mem_free(b->ingested);
    buffer_deinit(&b->log.text);
    buffer_deinit(&b->stream.text);
    buffer_deinit(&b->squeezed);
    mem_free(b);
}

uint32_t chunk_builder_rows(const struct chunk_builder *b)
{
    return b->n_rows;
}

static void put_aside(struct view *v, uint32_t row, uint32_t code)
{
    mem_grow(&v->aside, &v->aside_cap, v->n_aside + 1, sizeof *v->aside);
    v->aside[v->n_aside++] = (struct aside){row, code};
}

static bool take_unique(struct view *v, struct bytes text)
{
    if (v->n_uniques == v->uniques_cap)
        mem_grow(&v->uniques, &v->uniques_cap, v->n_uniques + 1, sizeof *v->uniques);
    if (!unique_parse(text, &v->uniques[v->n_uniques]))
        return false;
    v->n_uniques++;
    return true;
}

static void add_value(struct chunk_builder *b, struct view *v, const struct value *value)
{
    uint32_t code = value->state;

    if (code == VALUE_TEXT && (v->kind != VIEW_UNIQUE || !take_unique(v, value->text))) {
        code = CODE_FIRST_TEXT + known_code(&v->known, value->text, &b->new_texts);
        if (code >= CODE_ASIDE) {
            put_aside(v, b->n_rows, code);
            code = CODE_ASIDE;
        }
    } else {
        v->seen |= UINT32_C(1) << code;
    }
    v->codes[b->n_rows] = (uint16_t)code;
}

/* Events of one log mostly stand together. A name that finds no room is not known. */
static uint32_t name_id(struct chunk_builder *b, struct name *last, struct bytes text)
{
    uint64_t hash;

    if (text.len == 0)
        return 0;
    if (bytes_equal(buffer_bytes(&last->text), text))
        return last->id;
    buffer_clear(&last->text);
    buffer_add(&last->text, text);
    hash = hash_bytes(text);
    dictionary_add(b->dictionaries[FIELD_COUNT], &text, &hash, 1, &last->id);
    last->id = last->id == DICTIONARY_FULL ? 0 : last->id;
    return last->id;
}

void chunk_builder_add(struct chunk_builder *b, const struct event *e, uint32_t file,
                       uint64_t offset_bytes, uint32_t length_bytes)
{
    uint32_t row = b->n_rows;

    assert(row < CHUNK_ROWS);
    for (size_t i = 0; i < b->n_texts; i++)
        add_value(b, &b->views[b->texts[i]], &e->values[b->texts[i]]);
    b->views[FIELD_FORMAT].codes[row] = (uint16_t)(DICTIONARY_FIRST_TEXT + e->format);
    b->views[FIELD_STAGE].codes[row] = (uint16_t)(DICTIONARY_FIRST_TEXT + e->stage);
    b->views[FIELD_OUTCOME].codes[row] = (uint16_t)(DICTIONARY_FIRST_TEXT + e->outcome);
    b->views[FIELD_REASON].codes[row] = (uint16_t)(DICTIONARY_FIRST_TEXT + e->reason);
    b->times[row] = (uint64_t)e->time_us;
    b->files[row] = file;
    b->offsets[row] = offset_bytes;
    b->lengths[row] = length_bytes;
    b->flags[row] = e->flags;
    b->formats |= UINT32_C(1) << e->format;
    b->contents[row] = content_hash(e->content, &b->squeezed);
    b->logs[row] = name_id(b, &b->log, e->log);
    b->streams[row] = name_id(b, &b->stream, e->stream);
    b->ingested[row] = e->ingested_us == INSTANT_NONE ? 0 : (uint64_t)e->ingested_us;
    b->n_rows = row + 1;
}

/* One column on its way into the chunk: where its values are, and in what form they go. */
struct plan {
    struct column column;
    const struct view *view; /* one of the three; of a view, `values` by code */
    const uint32_t *from32;
    const uint64_t *from64;
    uint32_t *values; /* owned */
    struct column *to;
};

static uint8_t width_for(uint64_t span)
{
    return span == 0 ? 0 : span < 1u << 8 ? 1 : span < 1u << 16 ? 2 : span >> 32 ? 8 : 4;
}

/* Differences to `low` are what counts, so times before 1970 do no harm. */
static struct plan plan64(const uint64_t *from, uint64_t low, uint64_t high, struct column *to)
{
    return (struct plan){
        .column = {low, NULL, width_for(high - low)},
          .from64 = from, .to = to
    };
}

static struct plan plan_range(const uint64_t *from, uint32_t n, struct column *to)
{
    uint64_t low = from[0], high = low;

    for (uint32_t i = 1; i < n; i++) {
        low = from[i] < low ? from[i] : low;
        high = from[i] > high ? from[i] : high;
    }
    return plan64(from, low, high, to);
}

static struct plan plan32(const uint32_t *from, uint32_t n, struct column *to)
{
    uint32_t low = from[0], high = from[0];

    for (uint32_t i = 1; i < n; i++) {
        low = from[i] < low ? from[i] : low;
        high = from[i] > high ? from[i] : high;
    }
    return (struct plan){
        .column = {low, NULL, width_for(high - low)},
          .from32 = from, .to = to
    };
}

static uint32_t code_of(const struct view *v, uint32_t row)
{
    size_t i = 0;

    if (v->codes[row] != CODE_ASIDE)
        return v->codes[row];
    while (v->aside[i].row != row)
        i++;
    return v->aside[i].code;
}

/* Settles the ids of a field's texts. Returns them by code. */
static uint32_t *settle(struct chunk_builder *b, struct chunk *c, enum field_id field,
                        uint32_t *n_values)
{
    struct view *v = &b->views[field];
    uint32_t n_texts = (uint32_t)v->known.n_used;
    uint32_t *values = mem_resize(NULL, CODE_FIRST_TEXT + n_texts, sizeof *values);
    bool full = false;

    *n_values = CODE_FIRST_TEXT + n_texts;
    for (uint32_t code = 0; code < CODE_FIRST_TEXT; code++)
        values[code] = code;
    known_settle(&v->known, b->dictionaries[field], values + CODE_FIRST_TEXT);
    for (uint32_t code = CODE_FIRST_TEXT; code < *n_values; code++) {
        full |= values[code] == DICTIONARY_FULL;
        values[code] += v->kind == VIEW_UNIQUE && values[code] != DICTIONARY_FULL;
    }
    for (uint32_t row = 0; full && row < b->n_rows; row++)
        c->n_lost += values[code_of(v, row)] == DICTIONARY_FULL;
    for (uint32_t code = CODE_FIRST_TEXT; full && code < *n_values; code++)
        if (values[code] == DICTIONARY_FULL)
            values[code] = VALUE_ABSENT;
    return values;
}

/* Ids keep the base 0, so that tables by id serve every chunk, unless all rows agree. */
static struct plan plan_ids(struct chunk_builder *b, struct chunk *c, enum field_id field)
{
    const struct view *v = &b->views[field];
    struct plan p = {.view = v, .to = &c->ids[field]};
    uint32_t n_values, low = UINT32_MAX, high = 0;

    p.values = settle(b, c, field, &n_values);
    for (uint32_t code = 0; code < n_values; code++)
        if (code >= CODE_FIRST_TEXT || v->seen >> code & 1) {
            low = p.values[code] < low ? p.values[code] : low;
            high = p.values[code] > high ? p.values[code] : high;
        }
    p.column = (struct column){low == high ? low : 0, NULL, width_for(low == high ? 0 : high)};
    return p;
}

/* The same for a field that the event holds as a number. */
static struct plan plan_decided(struct chunk_builder *b, struct chunk *c, enum field_id field)
{
    const struct view *v = &b->views[field];
    struct plan p = {.view = v, .to = &c->ids[field]};
    uint16_t low = v->codes[0], high = low;

    for (uint32_t i = 1; i < b->n_rows; i++) {
        low = v->codes[i] < low ? v->codes[i] : low;
        high = v->codes[i] > high ? v->codes[i] : high;
    }
    p.column = (struct column){low == high ? low : 0, NULL, width_for(low == high ? 0 : high)};
    p.values = mem_resize(NULL, (size_t)high + 1, sizeof *p.values);
    for (uint32_t code = 0; code <= high; code++)
        p.values[code] = code;
    return p;
}

static uint64_t plan_value(const struct plan *p, size_t row)
{
    if (p->from64)
        return p->from64[row] - p->column.base;
    if (p->from32)
        return p->from32[row] - p->column.base;
    /* What stands aside is filled in afterwards. */
    return p->view->codes[row] == CODE_ASIDE ? 0 : p->values[p->view->codes[row]];
}

static void fill(const struct plan *p, void *to, uint32_t n)
{
    uint8_t *to8 = to;
    uint16_t *to16 = to;
    uint32_t *to32 = to;
    uint64_t *to64 = to;

    if (p->column.width == 1)
        for (uint32_t i = 0; i < n; i++)
            to8[i] = (uint8_t)plan_value(p, i);
    else if (p->column.width == 2)
        for (uint32_t i = 0; i < n; i++)
            to16[i] = (uint16_t)plan_value(p, i);
    else if (p->column.width == 4)
        for (uint32_t i = 0; i < n; i++)
            to32[i] = (uint32_t)plan_value(p, i);
    else
        for (uint32_t i = 0; i < n; i++)
            to64[i] = plan_value(p, i);
    if (!p->view)
        return;
    for (size_t i = 0; i < p->view->n_aside; i++) {
        struct aside aside = p->view->aside[i];

        if (p->column.width == 2)
            to16[aside.row] = (uint16_t)p->values[aside.code];
        else
            to32[aside.row] = p->values[aside.code];
    }
}

/* Lays the UUIDs out row by row, or, when fewer than half of the rows have one, packed. */
static void pack_uniques(struct chunk_builder *b, struct chunk *c, enum field_id field,
                         char **at)
{
    struct view *v = &b->views[field];
    const uint16_t *codes = v->codes;
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
            if (codes[i] == CODE_UNIQUE)
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
        if (codes[i] == CODE_UNIQUE) {
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
static struct plan plan_time(struct chunk_builder *b, struct chunk *c)
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
    if (c->first_us > c->last_us)
        return plan64(b->times, c->time_none, c->time_none, &c->time);
    if (some_without)
        c->time_none = (uint64_t)c->last_us + 1;
    for (uint32_t i = 0; i < b->n_rows; i++)
        if (b->times[i] == (uint64_t)INSTANT_NONE)
            b->times[i] = c->time_none;
    return plan64(b->times, (uint64_t)c->first_us, (uint64_t)c->last_us + some_without,
                  &c->time);
}

static size_t plan_columns(struct chunk_builder *b, struct chunk *c, struct plan *plans)
{
    size_t n = 0;

    plans[n++] = plan_time(b, c);
    plans[n++] = plan_range(b->offsets, b->n_rows, &c->offset);
    plans[n++] = plan32(b->files, b->n_rows, &c->file);
    plans[n++] = plan32(b->lengths, b->n_rows, &c->length);
    plans[n++] = plan32(b->flags, b->n_rows, &c->flags);
    plans[n++] = plan32(b->contents, b->n_rows, &c->content);
    plans[n++] = plan32(b->logs, b->n_rows, &c->log);
    plans[n++] = plan32(b->streams, b->n_rows, &c->stream);
    plans[n++] = plan_range(b->ingested, b->n_rows, &c->ingested);
    for (enum field_id f = 0; f < FIELD_COUNT; f++)
        if (b->views[f].kind == VIEW_DECIDED)
            plans[n++] = plan_decided(b, c, f);
        else if (b->views[f].kind != VIEW_NONE)
            plans[n++] = plan_ids(b, c, f);
    return n;
}

static size_t column_bytes(const struct plan *p, uint32_t n_rows)
{
    return ((size_t)p->column.width * n_rows + 15) & ~(size_t)15;
}

static void start_over(struct chunk_builder *b)
{
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        struct view *v = &b->views[f];

        v->seen = 0;
        v->n_aside = v->n_uniques = 0;
    }
    arena_deinit(&b->new_texts);
    b->n_rows = 0;
    b->formats = 0;
}

struct chunk *chunk_builder_finish(struct chunk_builder *b)
{
    struct plan plans[9 + FIELD_COUNT];
    struct chunk *c;
    size_t n_plans, total = 0;
    char *at;

    if (b->n_rows == 0)
        return NULL;
    c = mem_alloc(sizeof *c);
    c->n_rows = b->n_rows;
    c->formats = b->formats;
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
        mem_free(plans[i].values);
    }
    for (enum field_id f = 0; f < FIELD_COUNT; f++)
        pack_uniques(b, c, f, &at);
    start_over(b);
    return c;
}

void chunk_builder_mark(struct chunk_builder *b)
{
    b->mark.n_rows = b->n_rows;
    b->mark.formats = b->formats;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        const struct view *v = &b->views[f];

        b->mark.views[f] =
            (struct view_mark){v->seen, v->n_aside, v->n_uniques, known_mark(&v->known)};
    }
}

void chunk_builder_cut(struct chunk_builder *b)
{
    b->n_rows = b->mark.n_rows;
    b->formats = b->mark.formats;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        const struct view_mark *mark = &b->mark.views[f];
        struct view *v = &b->views[f];

        v->seen = mark->seen;
        v->n_aside = mark->n_aside;
        v->n_uniques = mark->n_uniques;
        known_cut(&v->known, mark->known);
    }
}
