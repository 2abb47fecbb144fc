#include "core/asking/decide.h"

#include "core/base/mem.h"

static struct datum decider_name(struct eval *e, const struct expr *name)
{
    struct decider *d = e->row;

    if (d->one_name)
        return d->one;
    return value_of(&d->values, name);
}

void decider_init(struct decider *d, const struct plan *p, const struct job *job)
{
    struct extract *records = NULL;

    *d = (struct decider){.plan = p, .job = job};
    eval_init(&d->eval, &p->patterns, decider_name);
    d->eval.row = d;
    if (p->n_record_leaves && p->from.archive)
        records = extract_new(p->index->store, &p->from);
    value_reader_init(&d->values, p->index->store, p->from.archive, records, &d->eval.memory);
    d->values.borrows = true;
    d->values.paths = &p->paths;
}

void decider_deinit(struct decider *d)
{
    eval_deinit(&d->eval);
    extract_free(d->values.records);
    value_reader_deinit(&d->values);
    for (size_t i = 0; i < DECIDE_KEPT_LEAVES; i++) {
        void *own = d->own[i];

        mem_free(own);
        mem_free(d->entries[i].codes);
    }
}

bool decider_ends(const struct decider *d)
{
    return job_is_cancelled(d->job) || progress_is_enough(d->plan->from.progress);
}

uint64_t decider_unread(const struct decider *d)
{
    return d->values.records ? extract_failures(d->values.records) : 0;
}

/* What the leaf says of a value, before its negation. */
enum truth decide_value(struct decider *d, const struct leaf *leaf, struct datum value)
{
    enum truth t;

    d->one_name = leaf->name;
    d->one = value;
    eval_next_row(&d->eval);
    t = eval_truth(&d->eval, leaf->expr);
    d->one_name = NULL;
    return t == TRUTH_UNKNOWN && leaf->two_valued ? TRUTH_NO : t;
}

static struct datum entry_datum(const struct leaf *leaf, uint32_t id)
{
    if (id < DICTIONARY_FIRST_TEXT)
        return datum_of_state((enum value_state)id);
    return datum_of_text(dictionary_text(leaf->dictionary, id));
}

/* Entries past the table came in after the plan was made: decided on the spot. */
enum truth decide_entry(struct decider *d, const struct leaf *leaf, uint32_t id)
{
    unsigned char code = 0;
    enum truth t;

    if (id < leaf->n_codes)
        code = atomic_load_explicit(&leaf->codes[id], memory_order_relaxed);
    if (code)
        return (enum truth)(code - 1);
    t = decide_value(d, leaf, entry_datum(leaf, id));
    if (id < leaf->n_codes)
        atomic_store_explicit(&leaf->codes[id], (unsigned char)(t + 1), memory_order_relaxed);
    return t;
}

enum truth decide_unique(struct decider *d, const struct leaf *leaf, size_t row, uint64_t id)
{
    char text[UNIQUE_TEXT_BYTES];

    if (id < VALUE_TEXT)
        return decide_entry(d, leaf, (uint32_t)id);
    if (id > VALUE_TEXT)
        return decide_entry(d, leaf, (uint32_t)id - 1);
    if (leaf->no_uuids)
        return TRUTH_NO;
    if (leaf->one_uuid)
        return memcmp(chunk_unique(d->chunk, row, leaf->field), &leaf->uuid,
                      sizeof leaf->uuid) == 0
                   ? TRUTH_YES
                   : TRUTH_NO;
    unique_write(chunk_unique(d->chunk, row, leaf->field), text);
    return decide_value(d, leaf, datum_of_text(bytes_make(text, sizeof text)));
}

/* Entries of LEAF_FILE are the files; those that came after the plan are decided on the spot.
 */
enum truth decide_file(struct decider *d, const struct leaf *leaf, uint32_t id)
{
    unsigned char code = 0;
    const struct file *f;
    enum truth t;

    if (id < leaf->n_codes)
        code = atomic_load_explicit(&leaf->codes[id], memory_order_relaxed);
    if (code)
        return (enum truth)(code - 1);
    f = archive_file(d->plan->from.archive, id);
    t = decide_value(d, leaf, f ? value_of_file(f, leaf->name) : (struct datum){0});
    if (id < leaf->n_codes)
        atomic_store_explicit(&leaf->codes[id], (unsigned char)(t + 1), memory_order_relaxed);
    return t;
}

/* ---- rows ---- */

static enum truth decide_time(const struct decider *d, const struct leaf *leaf, size_t row)
{
    int64_t at = chunk_time(d->chunk, row);

    if (at == INSTANT_NONE)
        return TRUTH_UNKNOWN;
    return at >= leaf->from_us && at <= leaf->to_us ? TRUTH_YES : TRUTH_NO;
}

static bool is_silent(const struct decider *d, const struct leaf *leaf, size_t row)
{
    uint64_t format = column_get(&d->chunk->ids[FIELD_FORMAT], row) - DICTIONARY_FIRST_TEXT;

    return leaf->formats != UINT32_MAX && !value_speaks(leaf->formats, (enum format)format);
}

/* A leaf on one path whose values are kept: once per entry. False when they are not. */
static bool decide_kept(struct decider *d, const struct leaf *leaf, size_t row, enum truth *out)
{
    const struct paths *paths = &d->plan->paths;
    const struct column *c =
        leaf->path < PATHS_MAX ? paths_column(paths, leaf->path, d->chunk_number) : NULL;
    struct decide_codes *entries = &d->entries[leaf->record_number % DECIDE_KEPT_LEAVES];
    bool listed = leaf->record_number < DECIDE_KEPT_LEAVES;
    uint32_t id;

    if (!c)
        return false;
    id = (uint32_t)column_get(c, row);
    if (listed && id >= entries->cap) {
        size_t before = entries->cap;

        mem_grow(&entries->codes, &entries->cap, (size_t)id + 1, 1);
        memset(entries->codes + before, 0, entries->cap - before);
    }
    if (listed && entries->codes[id]) {
        *out = (enum truth)(entries->codes[id] - 1);
        return true;
    }
    *out = decide_value(d, leaf, paths_datum(paths, leaf->path, id));
    if (listed)
        entries->codes[id] = (unsigned char)(1 + *out);
    return true;
}

/* What was undecided on another question is tried again, once: a record that could not be read
 * is counted each time. */
static bool is_known(const struct decider *d, unsigned char code)
{
    return code && (code != 1 + TRUTH_UNDECIDED || d->again);
}

static enum truth decide_expr(struct decider *d, const struct leaf *leaf, size_t row)
{
    _Atomic unsigned char *known = NULL;
    unsigned char code = 0;
    enum truth t;

    if (leaf->needs_record && decide_kept(d, leaf, row, &t))
        return t;
    if (leaf->needs_record && leaf->record_number < DECIDE_KEPT_LEAVES)
        known = &d->known[leaf->record_number][row];
    if (known)
        code = atomic_load_explicit(known, memory_order_relaxed);
    if (is_known(d, code))
        return (enum truth)(code - 1);
    if (d->values.row != row || d->values.chunk != d->chunk)
        value_turn(&d->values, d->chunk_number, row);
    t = eval_truth(&d->eval, leaf->expr);
    if (known)
        atomic_store_explicit(known, (unsigned char)(1 + t), memory_order_relaxed);
    return t;
}

enum truth decide_row(struct decider *d, const struct leaf *leaf, size_t row)
{
    switch (leaf->kind) {
    case LEAF_CONSTANT:
        return decide_value(d, leaf, (struct datum){0});
    case LEAF_TEXT:
        if (is_silent(d, leaf, row))
            return decide_entry(d, leaf, VALUE_ABSENT);
        return decide_entry(d, leaf, (uint32_t)column_get(&d->chunk->ids[leaf->field], row));
    case LEAF_UNIQUE:
        if (is_silent(d, leaf, row))
            return decide_entry(d, leaf, VALUE_ABSENT);
        return decide_unique(d, leaf, row, column_get(&d->chunk->ids[leaf->field], row));
    case LEAF_FILE:
        return decide_file(d, leaf, (uint32_t)column_get(&d->chunk->file, row));
    case LEAF_TIME:
        return decide_time(d, leaf, row);
    case LEAF_FORMAT:
        return is_silent(d, leaf, row) ? TRUTH_NO : TRUTH_YES;
    case LEAF_ROW:
        break;
    }
    return decide_expr(d, leaf, row);
}

/* For a new chunk: what was said of it before, or nothing yet. */
static void begin_known(struct decider *d)
{
    const struct plan *p = d->plan;

    for (size_t i = 0; i < p->n_leaves; i++) {
        const struct leaf *leaf = p->leaves[i];
        size_t number = leaf->record_number;
        _Atomic unsigned char *rows = NULL;

        if (!leaf->needs_record || number >= DECIDE_KEPT_LEAVES)
            continue;
        if (leaf->condition)
            rows = recall_rows(p->from.recall, leaf->condition, d->chunk_number);
        if (!rows && !d->own[number])
            d->own[number] = mem_alloc(CHUNK_ROWS);
        for (size_t row = 0; !rows && row < CHUNK_ROWS; row++)
            atomic_init(&d->own[number][row], 0);
        d->known[number] = rows ? rows : d->own[number];
    }
}

void decider_turn(struct decider *d, size_t chunk_number, bool again)
{
    d->chunk_number = chunk_number;
    d->chunk = store_chunk(d->plan->index->store, chunk_number);
    d->again = again;
    if (!again)
        begin_known(d);
}
