#include "core/concluding/finding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

static const struct {
    const char *name;
    enum field_id field;
} ENTITIES[ENTITY_COUNT] = {
    [ENTITY_SUB] = {"sub",        FIELD_SUB       },
    [ENTITY_USER] = {"user",       FIELD_USER      },
    [ENTITY_IP] = {"ip",         FIELD_IP        },
    [ENTITY_NETWORK] = {"network",    FIELD_COUNT     },
    [ENTITY_CLIENT] = {"client",     FIELD_CLIENT    },
    [ENTITY_POOL] = {"pool",       FIELD_POOL      },
    [ENTITY_AGENT] = {"agent",      FIELD_AGENT     },
    [ENTITY_ACTOR] = {"actor",      FIELD_ACTOR     },
    [ENTITY_IDENTITY] = {"identity",   FIELD_IDENTITY  },
    [ENTITY_ACCESS_KEY] = {"access_key", FIELD_ACCESS_KEY},
};

const char *entity_name(enum entity_kind k)
{
    return ENTITIES[k].name;
}

enum field_id entity_field(enum entity_kind k)
{
    return ENTITIES[k].field;
}

struct finding *findings_add(struct findings *f, const struct signals *s,
                             enum scenario scenario, const uint32_t *hits, uint32_t n_hits)
{
    struct finding *made;

    mem_grow(&f->items, &f->cap, f->count + 1, sizeof *f->items);
    made = &f->items[f->count++];
    *made = (struct finding){.scenario = scenario, .rule = FINDING_NO_RULE, .n_hits = n_hits};
    made->hits = mem_array(n_hits, sizeof *made->hits);
    memcpy(made->hits, hits, n_hits * sizeof *hits);
    made->first_us = made->peak_us = s->items[hits[0]].time_us;
    made->last_us = s->items[hits[n_hits - 1]].time_us;
    return made;
}

struct finding *findings_add_rows(struct findings *f, const struct signals *s,
                                  enum scenario scenario, const row_id *rows, uint32_t n_rows)
{
    struct finding *made;

    mem_grow(&f->items, &f->cap, f->count + 1, sizeof *f->items);
    made = &f->items[f->count++];
    *made = (struct finding){.scenario = scenario, .rule = FINDING_NO_RULE, .n_rows = n_rows};
    made->rows = mem_array(n_rows, sizeof *made->rows);
    memcpy(made->rows, rows, n_rows * sizeof *rows);
    made->first_us = made->peak_us = store_time(s->index->store, rows[0]);
    made->last_us = store_time(s->index->store, rows[n_rows - 1]);
    return made;
}

void findings_take(struct findings *f, struct findings *from)
{
    if (from->count) {
        mem_grow(&f->items, &f->cap, f->count + from->count, sizeof *f->items);
        memcpy(f->items + f->count, from->items, from->count * sizeof *f->items);
        f->count += from->count;
    }
    arena_adopt(&f->arena, &from->arena);
    mem_free(from->items);
    *from = (struct findings){0};
}

/* ---- evidence ---- */

static int by_position(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Hits and their twins, in the order of the signals, which is that of time. */
static void collect_rows(struct finding *f, const struct signals *s)
{
    uint32_t *positions = mem_array((size_t)f->n_hits * 2, sizeof *positions), count = 0;

    for (uint32_t i = 0; i < f->n_hits; i++) {
        positions[count++] = f->hits[i];
        if (s->items[f->hits[i]].twin != SIGNAL_NONE)
            positions[count++] = s->items[f->hits[i]].twin;
    }
    qsort(positions, count, sizeof *positions, by_position);
    f->rows = mem_array(count, sizeof *f->rows);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || positions[i] != positions[i - 1])
            f->rows[f->n_rows++] = s->items[positions[i]].row;
    }
    mem_free(positions);
    f->first_us = store_time(s->index->store, f->rows[0]);
    f->last_us = store_time(s->index->store, f->rows[f->n_rows - 1]);
}

static int by_events(const void *a, const void *b)
{
    const struct entity *x = a, *y = b;

    if (x->events != y->events)
        return x->events > y->events ? -1 : 1;
    return bytes_compare(x->text, y->text);
}

/* Dictionary ids, sorted, to texts with counts. */
static void tell_entities(struct entities *out, struct arena *arena, uint32_t *ids,
                          uint32_t count, const struct dictionary *d)
{
    uint32_t different = 0;

    qsort(ids, count, sizeof *ids, by_position);
    for (uint32_t i = 0; i < count; i++)
        different += i == 0 || ids[i] != ids[i - 1];
    out->items = arena_alloc(arena, (different + 1) * sizeof *out->items);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || ids[i] != ids[i - 1])
            out->items[out->count++].text = dictionary_text(d, ids[i]);
        out->items[out->count - 1].events++;
    }
    qsort(out->items, out->count, sizeof *out->items, by_events);
}

static int by_text(const void *a, const void *b)
{
    const struct entity *x = a, *y = b;

    return bytes_compare(x->text, y->text);
}

/* Networks of the addresses: those that hold several. */
static void tell_networks(struct finding *f, struct arena *arena)
{
    const struct entities *ips = &f->entities[ENTITY_IP];
    struct entities *out = &f->entities[ENTITY_NETWORK];
    struct buffer text = {0};
    uint32_t count = 0;

    out->items = arena_alloc(arena, (ips->count + 1) * sizeof *out->items);
    for (uint32_t i = 0; i < ips->count; i++) {
        buffer_clear(&text);
        if (signal_network(ips->items[i].text, &text))
            out->items[count++] =
                (struct entity){arena_copy(arena, buffer_bytes(&text)), ips->items[i].events};
    }
    buffer_deinit(&text);
    qsort(out->items, count, sizeof *out->items, by_text);
    for (uint32_t i = 0; i < count; i++) {
        if (out->count && bytes_equal(out->items[out->count - 1].text, out->items[i].text))
            out->items[out->count - 1].events += out->items[i].events;
        else
            out->items[out->count++] = out->items[i];
    }
    qsort(out->items, out->count, sizeof *out->items, by_events);
}

static void collect_entities(struct finding *f, const struct signals *s, struct arena *arena)
{
    const struct store *store = s->index->store;
    uint32_t *ids = mem_array(f->n_rows, sizeof *ids);

    for (unsigned kind = 0; kind < ENTITY_COUNT; kind++) {
        enum field_id field = ENTITIES[kind].field;
        uint32_t count = 0, nobody = 0;

        if (kind == ENTITY_ACTOR) /* unsigned calls have no actor */
            nobody = dictionary_find(store_dictionaries(store)[field], bytes_of("Anonymous"));
        for (uint32_t i = 0; field < FIELD_COUNT && i < f->n_rows; i++) {
            const struct chunk *c = store_chunk(store, row_chunk(f->rows[i]));
            uint64_t id = column_get(&c->ids[field], row_in_chunk(f->rows[i]));

            if (id >= DICTIONARY_FIRST_TEXT && id != nobody)
                ids[count++] = (uint32_t)id;
        }
        if (field < FIELD_COUNT)
            tell_entities(&f->entities[kind], arena, ids, count,
                          store_dictionaries(store)[field]);
    }
    mem_free(ids);
    tell_networks(f, arena);
}

/* ---- ids ---- */

/* FNV-1a, 64 bits: the same in every run, unlike hash.h. Nothing trusts that ids differ:
 * findings_finish() tells equal ones apart. Source: draft-eastlake-fnv. */
static uint64_t fnv(uint64_t hash, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static void name_finding(struct finding *f, const struct signals *s)
{
    char scratch[UNIQUE_TEXT_BYTES], place[64];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    enum value_state state;
    struct bytes first =
        store_text(s->index->store, f->rows[0], FIELD_EVENT_ID, scratch, &state);

    hash = fnv(hash, bytes_of(scenario_text(f->scenario)->slug));
    hash = fnv(hash, bytes_of(rule_key_name(f->key)));
    hash = fnv(hash, f->key_text);
    if (state != VALUE_TEXT) {
        struct row_place at = store_place(s->index->store, f->rows[0]);
        int len = snprintf(place, sizeof place, "%" PRIu64 " %" PRId64, at.offset_bytes,
                           store_time(s->index->store, f->rows[0]));

        first = bytes_make(place, (size_t)len);
    }
    hash = fnv(hash, first);
    snprintf(f->id, sizeof f->id, "%016" PRIx64, hash);
}

static int by_id(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = strcmp(x->id, y->id);

    if (order == 0)
        order = (x->first_us > y->first_us) - (x->first_us < y->first_us);
    return order ? order : (x->n_rows > y->n_rows) - (x->n_rows < y->n_rows);
}

static void part_equal_ids(struct findings *f)
{
    qsort(f->items, f->count, sizeof *f->items, by_id);
    for (size_t i = 1; i < f->count; i++) {
        if (strcmp(f->items[i].id, f->items[i - 1].id) <= 0) {
            uint64_t id = strtoull(f->items[i - 1].id, NULL, 16) + 1;

            snprintf(f->items[i].id, sizeof f->items[i].id, "%016" PRIx64, id);
        }
    }
}

/* ---- campaigns ---- */

static uint32_t root_of(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i)
        i = parents[i] = parents[parents[i]];
    return i;
}

/* The earlier finding leads, so that a campaign keeps its name while it grows. */
static void join(const struct findings *f, uint32_t *parents, uint32_t a, uint32_t b)
{
    const struct finding *x, *y;

    a = root_of(parents, a);
    b = root_of(parents, b);
    x = &f->items[a];
    y = &f->items[b];
    if (x->first_us < y->first_us || (x->first_us == y->first_us && a < b))
        parents[b] = a;
    else
        parents[a] = b;
}

struct mention {
    const char *text; /* dictionary texts are the same pointer for the same text */
    size_t len;
    int64_t first_us, last_us;
    uint32_t finding;
};

static int by_mention(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    int order = bytes_compare(bytes_make(x->text, x->len), bytes_make(y->text, y->len));

    if (order == 0)
        order = (x->first_us > y->first_us) - (x->first_us < y->first_us);
    return order ? order : (x->finding > y->finding) - (x->finding < y->finding);
}

/* How far apart two findings of one network or account may lie and still be one story. */
static const int64_t STORY_US = 6 * INSTANT_HOUR;

/* Findings that a benign reading explains lead no story. */
static bool tells_a_story(const struct finding *f)
{
    return f->severity >= SEVERITY_MEDIUM;
}

static void join_by(const struct findings *f, uint32_t *parents, enum entity_kind kind)
{
    struct mention *mentions = NULL;
    size_t count = 0, cap = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        const struct entities *e = &f->items[i].entities[kind];

        if (!tells_a_story(&f->items[i]))
            continue;
        for (uint32_t k = 0; k < e->count; k++) {
            mem_grow(&mentions, &cap, count + 1, sizeof *mentions);
            mentions[count++] = (struct mention){e->items[k].text.ptr, e->items[k].text.len,
                                                 f->items[i].first_us, f->items[i].last_us, i};
        }
    }
    if (count)
        qsort(mentions, count, sizeof *mentions, by_mention);
    for (size_t i = 1; i < count; i++) {
        struct mention *m = &mentions[i], *before = &mentions[i - 1];

        if (bytes_compare(bytes_make(m->text, m->len), bytes_make(before->text, before->len)) !=
            0)
            continue;
        if (m->first_us - before->last_us <= STORY_US)
            join(f, parents, m->finding, before->finding);
        if (before->last_us > m->last_us)
            m->last_us = before->last_us;
    }
    mem_free(mentions);
}

/* Rows in common, and networks or accounts in common within hours: one story. */
static void name_campaigns(struct findings *f)
{
    uint32_t *parents = mem_array(f->count + 1, sizeof *parents);

    for (uint32_t i = 0; i < f->count; i++)
        parents[i] = i;
    join_by(f, parents, ENTITY_NETWORK);
    join_by(f, parents, ENTITY_ACTOR);
    for (uint32_t i = 0; i < f->count; i++)
        memcpy(f->items[i].campaign, f->items[root_of(parents, i)].id,
               sizeof f->items[i].campaign);
    mem_free(parents);
}

static int by_score(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->first_us != y->first_us)
        return x->first_us < y->first_us ? -1 : 1;
    return strcmp(x->id, y->id);
}

void findings_finish(struct findings *f, const struct signals *s)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].n_hits)
            collect_rows(&f->items[i], s);
        collect_entities(&f->items[i], s, &f->arena);
        name_finding(&f->items[i], s);
    }
    if (f->count == 0)
        return;
    part_equal_ids(f);
    name_campaigns(f);
    qsort(f->items, f->count, sizeof *f->items, by_score);
}

void findings_deinit(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        mem_free(f->items[i].hits);
        mem_free(f->items[i].rows);
        mem_free(f->items[i].after);
    }
    mem_free(f->items);
    arena_deinit(&f->arena);
    *f = (struct findings){0};
}

size_t findings_find(const struct findings *f, struct bytes id)
{
    for (size_t i = 0; i < f->count; i++)
        if (bytes_are(id, f->items[i].id))
            return i;
    return SIZE_MAX;
}
