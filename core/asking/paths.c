#include "core/asking/paths.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/json.h"

enum {
    UNIT_SHIFT = 22,     /* of a file: what is read at once */
    CACHED_TEXTS = 4096, /* the last texts met, by hash: spares the dictionary's lock */
    ROWS_BETWEEN_LOOKS = 256,
};

void paths_add(struct paths *p, const struct expr *e)
{
    if (!p->recall)
        return;
    if (expr_source(e)) {
        paths_add(p, expr_source(e));
        return;
    }
    if (e->kind == EXPR_NAME && e->name.kind == NAME_PATH &&
        paths_find(p, e->text) == PATHS_MAX && p->n < PATHS_MAX) {
        p->texts[p->n] = e->text;
        p->kept[p->n++] = recall_hold(p->recall, RECALL_PATH, e->text);
    }
    for (size_t i = 0; i < e->n_args; i++)
        paths_add(p, e->args[i]);
}

void paths_deinit(struct paths *p)
{
    for (size_t i = 0; i < p->n; i++)
        recall_release(p->recall, p->kept[i]);
    p->n = 0;
}

size_t paths_find(const struct paths *p, struct bytes text)
{
    for (size_t i = 0; i < p->n; i++) {
        if (bytes_equal(p->texts[i], text))
            return i;
    }
    return PATHS_MAX;
}

const struct column *paths_column(const struct paths *p, size_t path, size_t chunk)
{
    return recalled_column(p->kept[path], chunk);
}

struct datum paths_datum(const struct paths *p, size_t path, uint32_t id)
{
    if (id < DICTIONARY_FIRST_TEXT)
        return datum_of_state((enum value_state)id);
    return json_kept(dictionary_text(recalled_dictionary(p->kept[path]), id));
}

/* ---- reading ---- */

struct cached_text {
    uint64_t hash;
    uint32_t id; /* 0: free */
};

/* A path of which the chunk at hand gets a column. */
struct filling {
    size_t path;
    uint32_t ids[CHUNK_ROWS];
    struct cached_text cache[CACHED_TEXTS];
};

/* Whether the rows in `bits` lie in at least half of what would have to be read. */
static bool is_worth_it(const struct chunk *c, const uint64_t *bits)
{
    uint64_t unit = UINT64_MAX;
    uint32_t units = 0, wanted = 0;
    bool counted = false;

    for (size_t row = 0; row < c->n_rows; row++) {
        uint64_t here = column_get(&c->file, row) << 32 |
                        (column_get(&c->offset, row) >> UNIT_SHIFT & UINT32_MAX);

        if (here != unit) {
            units++;
            counted = false;
        }
        unit = here;
        if (!counted && (bits[row / 64] >> (row % 64) & 1)) {
            counted = true;
            wanted++;
        }
    }
    return wanted > 0 && wanted * 2 >= units;
}

static uint32_t id_of_text(struct filling *f, struct dictionary *d, struct bytes text)
{
    uint64_t hash = hash_bytes(text);
    struct cached_text *cached = &f->cache[hash & (CACHED_TEXTS - 1)];

    if (cached->id && cached->hash == hash && bytes_equal(dictionary_text(d, cached->id), text))
        return cached->id;
    cached->hash = hash;
    dictionary_add(d, &text, &hash, 1, &cached->id);
    return cached->id;
}

/* False when the dictionary is full. */
static bool fill_row(const struct paths *p, struct filling *f, size_t row, struct bytes record,
                     struct arena *memory)
{
    struct datum d = extract_find(record, p->texts[f->path], memory);

    if (d.kind != DATUM_TEXT)
        f->ids[row] = d.state == VALUE_NULL ? VALUE_NULL : VALUE_ABSENT;
    else if (d.text.len == 0)
        f->ids[row] = VALUE_EMPTY;
    else
        f->ids[row] = id_of_text(f, recalled_dictionary(p->kept[f->path]), d.text);
    return f->ids[row] != DICTIONARY_FULL;
}

static bool have_room(const struct paths *p, struct filling *const *fillings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!recall_has_room(p->recall, p->kept[fillings[i]->path]))
            return false;
    }
    return true;
}

static bool fill_rows(const struct paths *p, struct filling *const *fillings, size_t n,
                      struct extract *records, const struct chunk *c, size_t number,
                      const struct job *job, const struct progress *progress)
{
    struct unwrapper unwrapped = {0};
    struct arena memory = {0};
    bool whole = true;

    for (size_t row = 0; row < c->n_rows && whole; row++) {
        struct bytes record;

        if (row % ROWS_BETWEEN_LOOKS == 0) {
            arena_deinit(&memory);
            if (job_is_cancelled(job) || progress_is_enough(progress) ||
                !have_room(p, fillings, n)) {
                whole = false;
                break;
            }
        }
        whole = extract_try(records, row_make(number, row), &record);
        if (whole)
            record =
                unwrap(&unwrapped, record, event_wrapped((uint32_t)column_get(&c->flags, row)));
        for (size_t i = 0; i < n && whole; i++)
            whole = fill_row(p, fillings[i], row, record, &memory);
    }
    arena_deinit(&memory);
    unwrapper_deinit(&unwrapped);
    return whole;
}

void paths_read(const struct paths *p, struct extract *records, const struct store *store,
                size_t chunk, const uint64_t *bits, const struct job *job,
                const struct progress *progress)
{
    const struct chunk *c = store_chunk(store, chunk);
    struct filling *fillings[PATHS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        if (paths_column(p, i, chunk) || !recall_has_room(p->recall, p->kept[i]))
            continue;
        if (n == 0 && (!records || !is_worth_it(c, bits)))
            return;
        fillings[n] = mem_alloc(sizeof *fillings[n]);
        fillings[n++]->path = i;
    }
    if (n && fill_rows(p, fillings, n, records, c, chunk, job, progress)) {
        for (size_t i = 0; i < n; i++)
            (void)recall_keep(p->recall, p->kept[fillings[i]->path], chunk, fillings[i]->ids,
                              c->n_rows);
    }
    for (size_t i = 0; i < n; i++)
        mem_free(fillings[i]);
}
