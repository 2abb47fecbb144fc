#include "keymaps/keymap.h"

#include <stdlib.h>

#include "core/base/mem.h"

/* The rows of one context, sorted by keys. Borrowed from `map->rows`. */
struct context_rows {
    const struct binding **rows;
    size_t count;
};

struct keymap {
    struct arena arena;
    struct binding *rows; /* as loaded */
    size_t count, cap;
    struct context_rows settled[CONTEXT_COUNT];
};

struct keymap *keymap_new(void)
{
    return mem_alloc(sizeof(struct keymap));
}

void keymap_free(struct keymap *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < CONTEXT_COUNT; i++)
        mem_free(map->settled[i].rows);
    mem_free(map->rows);
    arena_deinit(&map->arena);
    mem_free(map);
}

struct bytes keymap_keep(struct keymap *map, struct bytes text)
{
    return arena_copy(&map->arena, text);
}

/* Whether `keys` begin with `first`. */
static bool keys_begin(const struct key *keys, size_t n_keys, const struct key *first,
                       size_t n_first)
{
    if (n_first > n_keys)
        return false;
    for (size_t i = 0; i < n_first; i++) {
        if (key_compare(keys[i], first[i]) != 0)
            return false;
    }
    return true;
}

static bool row_begins(const struct binding *row, const struct binding *first)
{
    return keys_begin(row->keys, row->n_keys, first->keys, first->n_keys);
}

static bool same_keys(const struct binding *a, const struct binding *b)
{
    return a->n_keys == b->n_keys && row_begins(a, b);
}

const struct binding *keymap_own(const struct keymap *map, const struct binding *like)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct binding *row = &map->rows[i];

        if (!row->hides && row->context == like->context && same_keys(row, like))
            return row;
    }
    return NULL;
}

static void remove_row(struct keymap *map, size_t i)
{
    map->count--;
    memmove(&map->rows[i], &map->rows[i + 1], (map->count - i) * sizeof map->rows[0]);
}

static enum err add_row(struct keymap *map, const struct binding *row)
{
    if (map->count == KEYMAP_MAX_ROWS)
        return ERR_TOO_LARGE;
    mem_grow(&map->rows, &map->cap, map->count + 1, sizeof map->rows[0]);
    map->rows[map->count++] = *row;
    return ERR_OK;
}

enum err keymap_bind(struct keymap *map, const struct binding *row)
{
    const struct binding *old = keymap_own(map, row);

    if (old)
        remove_row(map, (size_t)(old - map->rows));
    return add_row(map, row);
}

enum err keymap_unbind(struct keymap *map, const struct binding *row)
{
    bool found = false, inherited = false;
    struct binding hide = *row;

    for (size_t i = map->count; i-- > 0;) {
        const struct binding *old = &map->rows[i];

        if (old->hides || !row_begins(old, row) || !context_is_in(row->context, old->context))
            continue;
        found = true;
        if (old->context == row->context)
            remove_row(map, i);
        else
            inherited = true;
    }
    if (!found)
        return ERR_NOT_FOUND;
    if (!inherited)
        return ERR_OK;
    hide.hides = true;
    return add_row(map, &hide);
}

static int depth_of(enum context context)
{
    int depth = 0;

    while (context_parent(context) != context) {
        context = context_parent(context);
        depth++;
    }
    return depth;
}

/* By keys, a shorter sequence first; the nearest context first among equals. */
static int compare_rows(const void *left, const void *right)
{
    const struct binding *a = *(const struct binding *const *)left;
    const struct binding *b = *(const struct binding *const *)right;

    for (size_t i = 0; i < a->n_keys && i < b->n_keys; i++) {
        int order = key_compare(a->keys[i], b->keys[i]);

        if (order)
            return order;
    }
    if (a->n_keys != b->n_keys)
        return a->n_keys < b->n_keys ? -1 : 1;
    return depth_of(b->context) - depth_of(a->context);
}

/* An unbind between the row's own context and `context` takes the row away. */
static bool is_hidden(const struct keymap *map, const struct binding *row, enum context context)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct binding *hide = &map->rows[i];

        if (hide->hides && hide->context != row->context &&
            context_is_in(context, hide->context) &&
            context_is_in(hide->context, row->context) && row_begins(row, hide))
            return true;
    }
    return false;
}

static void settle_context(struct keymap *map, enum context context)
{
    struct context_rows *settled = &map->settled[context];
    size_t kept = 0;

    mem_free(settled->rows);
    settled->rows = mem_array(map->count, sizeof settled->rows[0]);
    settled->count = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct binding *row = &map->rows[i];

        if (!row->hides && context_is_in(context, row->context) &&
            command_works_in(row->command, context) && !is_hidden(map, row, context))
            settled->rows[settled->count++] = row;
    }
    if (settled->count)
        qsort(settled->rows, settled->count, sizeof settled->rows[0], compare_rows);
    for (size_t i = 0; i < settled->count; i++) {
        if (kept == 0 || !same_keys(settled->rows[kept - 1], settled->rows[i]))
            settled->rows[kept++] = settled->rows[i];
    }
    settled->count = kept;
}

enum err keymap_settle(struct keymap *map, struct keymap_conflict *conflict)
{
    for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
        const struct context_rows *settled = &map->settled[c];

        settle_context(map, (enum context)c);
        /* In this order a sequence stands right before those that begin with it. */
        for (size_t i = 1; i < settled->count; i++) {
            const struct binding *a = settled->rows[i - 1], *b = settled->rows[i];

            if (!row_begins(b, a))
                continue;
            *conflict = (struct keymap_conflict){(enum context)c, a < b ? a : b, a < b ? b : a};
            return ERR_CONFLICT;
        }
    }
    return ERR_OK;
}

size_t keymap_count(const struct keymap *map, enum context context)
{
    return map->settled[context].count;
}

const struct binding *keymap_get(const struct keymap *map, enum context context, size_t i)
{
    return map->settled[context].rows[i];
}

bool keymap_leads_out(const struct keymap *map)
{
    for (size_t i = 0; i < keymap_count(map, CONTEXT_EVENTS); i++) {
        enum command_id id = keymap_get(map, CONTEXT_EVENTS, i)->command;

        if (id == COMMAND_BACK || id == COMMAND_QUIT || id == COMMAND_QUIT_NOW)
            return true;
    }
    return false;
}

struct keymap_matcher {
    const struct keymap *map;
    enum context context;
    struct key keys[KEYMAP_MAX_KEYS];
    size_t n_keys;
    size_t first, end; /* rows of the context that begin with the keys */
    bool pending;
};

struct keymap_matcher *keymap_matcher_new(const struct keymap *map)
{
    struct keymap_matcher *m = mem_alloc(sizeof *m);

    m->map = map;
    return m;
}

void keymap_matcher_free(struct keymap_matcher *m)
{
    mem_free(m);
}

void keymap_matcher_reset(struct keymap_matcher *m)
{
    m->n_keys = 0;
    m->pending = false;
}

enum keymap_match keymap_feed(struct keymap_matcher *m, enum context context, struct key key,
                              const struct binding **row)
{
    const struct context_rows *rows = &m->map->settled[context];
    bool within = m->pending && m->context == context;

    if (!within)
        m->n_keys = 0;
    m->pending = false;
    m->context = context;
    m->keys[m->n_keys++] = key; /* a pending sequence has room: its rows are longer */
    m->first = 0;
    while (m->first < rows->count &&
           !keys_begin(rows->rows[m->first]->keys, rows->rows[m->first]->n_keys, m->keys,
                       m->n_keys))
        m->first++;
    m->end = m->first;
    while (m->end < rows->count &&
           keys_begin(rows->rows[m->end]->keys, rows->rows[m->end]->n_keys, m->keys, m->n_keys))
        m->end++;
    if (m->first == m->end || (within && key_is_escape(key)))
        return KEYMAP_NONE;
    *row = rows->rows[m->first];
    if ((*row)->n_keys == m->n_keys)
        return KEYMAP_COMMAND;
    m->pending = true;
    return KEYMAP_PENDING;
}

const struct key *keymap_matcher_keys(const struct keymap_matcher *m, size_t *n_keys)
{
    *n_keys = m->n_keys;
    return m->keys;
}

const struct binding *keymap_pending(const struct keymap_matcher *m, size_t i)
{
    const struct binding *const *rows = m->map->settled[m->context].rows;

    if (!m->pending)
        return NULL;
    /* Rows stand in memory as they were loaded; the settled order is that of the keys. */
    for (size_t row = m->first; row < m->end; row++) {
        size_t before = 0;

        for (size_t other = m->first; other < m->end; other++)
            before += rows[other] < rows[row];
        if (before == i)
            return rows[row];
    }
    return NULL;
}
