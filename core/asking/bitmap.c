#include "core/asking/bitmap.h"

#include "core/base/mem.h"

static struct datum runner_name(struct eval *e, const struct expr *name)
{
    struct bitmap_runner *r = e->row;

    if (r->one_name)
        return r->one;
    return value_of(&r->values, name);
}

void bitmap_runner_init(struct bitmap_runner *r, const struct plan *p, const struct job *job)
{
    struct extract *records = NULL;

    *r = (struct bitmap_runner){.plan = p, .job = job};
    eval_init(&r->eval, &p->patterns, runner_name);
    r->eval.row = r;
    if (p->n_record_leaves && p->archive)
        records = extract_new(p->index->store, p->archive, p->load, p->progress);
    value_reader_init(&r->values, p->index->store, p->archive, records, &r->eval.memory);
    r->values.borrows = true;
    for (size_t i = 0; i < p->n_record_leaves && i < BITMAP_KEPT_LEAVES; i++)
        r->known[i] = mem_alloc(CHUNK_ROWS);
    r->levels = mem_array((size_t)(p->depth + 2) * 2 * BITMAP_WORDS, sizeof *r->levels);
}

void bitmap_runner_deinit(struct bitmap_runner *r)
{
    eval_deinit(&r->eval);
    extract_free(r->values.records);
    value_reader_deinit(&r->values);
    for (size_t i = 0; i < BITMAP_KEPT_LEAVES; i++)
        mem_free(r->known[i]);
    mem_free(r->levels);
}

bool bitmap_ends(const struct bitmap_runner *r)
{
    return job_is_cancelled(r->job) || progress_is_enough(r->plan->progress);
}

uint64_t bitmap_unread(const struct bitmap_runner *r)
{
    return r->values.records ? extract_failures(r->values.records) : 0;
}

/* What the leaf says of a value, before its negation. */
static enum truth decide(struct bitmap_runner *r, const struct leaf *leaf, struct datum value)
{
    enum truth t;

    r->one_name = leaf->name;
    r->one = value;
    eval_next_row(&r->eval);
    t = eval_truth(&r->eval, leaf->expr);
    r->one_name = NULL;
    return t == TRUTH_UNKNOWN && leaf->two_valued ? TRUTH_NO : t;
}

static struct datum entry_datum(const struct leaf *leaf, uint32_t id)
{
    if (id < DICTIONARY_FIRST_TEXT)
        return value_of_state((enum value_state)id);
    return datum_of_text(dictionary_text(leaf->dictionary, id));
}

/* Entries past the table came in after the plan was made: decided on the spot. */
static enum truth decide_entry(struct bitmap_runner *r, const struct leaf *leaf, uint32_t id)
{
    unsigned char code = 0;
    enum truth t;

    if (id < leaf->n_codes)
        code = atomic_load_explicit(&leaf->codes[id], memory_order_relaxed);
    if (code)
        return (enum truth)(code - 1);
    t = decide(r, leaf, entry_datum(leaf, id));
    if (id < leaf->n_codes)
        atomic_store_explicit(&leaf->codes[id], (unsigned char)(t + 1), memory_order_relaxed);
    return t;
}

/* Bits 1 << truth of the outcomes that count as yes for the leaf in the present mode. */
static unsigned accepted(const struct bitmap_runner *r, const struct leaf *leaf)
{
    unsigned mask = leaf->negated ? 1u << TRUTH_NO : 1u << TRUTH_YES;

    if (r->mode == BITMAP_MISSING && leaf->negated)
        mask |= 1u << TRUTH_UNKNOWN;
    if (r->mode == BITMAP_UNDECIDED)
        mask |= 1u << TRUTH_UNDECIDED;
    return mask;
}

static void note_seen(struct bitmap_runner *r, const struct leaf *leaf, unsigned seen)
{
    if (seen & 1u << TRUTH_UNDECIDED)
        r->saw_undecided = true;
    if (leaf->negated && (seen & 1u << TRUTH_UNKNOWN))
        r->saw_missing = true;
}

static size_t words_of(const struct chunk *c)
{
    return (c->n_rows + 63) / 64;
}

/* Rows of word `w`. */
static size_t rows_of(const struct chunk *c, size_t w)
{
    size_t left = c->n_rows - w * 64;

    return left < 64 ? left : 64;
}

/* The values of up to 64 rows, widened; one switch for all of them. */
static void load_word(const struct column *c, size_t from, size_t count, uint64_t *out)
{
    switch (c->width) {
    case 1:
        for (size_t i = 0; i < count; i++)
            out[i] = c->base + ((const uint8_t *)c->data)[from + i];
        break;
    case 2:
        for (size_t i = 0; i < count; i++)
            out[i] = c->base + ((const uint16_t *)c->data)[from + i];
        break;
    case 4:
        for (size_t i = 0; i < count; i++)
            out[i] = c->base + ((const uint32_t *)c->data)[from + i];
        break;
    case 8:
        for (size_t i = 0; i < count; i++)
            out[i] = c->base + ((const uint64_t *)c->data)[from + i];
        break;
    default:
        for (size_t i = 0; i < count; i++)
            out[i] = c->base;
        break;
    }
}

static uint64_t all_if(unsigned mask, enum truth t, uint64_t need)
{
    return mask >> t & 1 ? need : 0;
}

static void run_constant(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                         uint64_t *out)
{
    unsigned mask = accepted(r, leaf);
    enum truth t = decide(r, leaf, (struct datum){0});

    note_seen(r, leaf, 1u << t);
    for (size_t w = 0; w < words_of(r->chunk); w++)
        out[w] = all_if(mask, t, need[w]);
}

/* Rows for whose format the column does not speak have no such value. */
static uint64_t speaking(const struct bitmap_runner *r, const struct leaf *leaf, size_t w,
                         size_t rows)
{
    const struct column *c = &r->chunk->ids[FIELD_FORMAT];
    uint64_t ids[64], bits = 0;

    if (c->width == 0)
        return value_speaks(leaf->formats, (enum format)(c->base - DICTIONARY_FIRST_TEXT))
                   ? UINT64_MAX
                   : 0;
    load_word(c, w * 64, rows, ids);
    for (size_t i = 0; i < rows; i++)
        bits |=
            (uint64_t)value_speaks(leaf->formats, (enum format)(ids[i] - DICTIONARY_FIRST_TEXT))
            << i;
    return bits;
}

/* Looks up what the leaf says of the entries of some rows. `accept` and `*met` are bits by
 * code, see plan.h; bit 0 in `*met` tells of an entry that was not decided yet. The width is
 * passed as a constant, so that each case is a loop of its own. */
static inline uint64_t look_up(const struct leaf *leaf, const struct column *c, uint8_t width,
                               size_t from, size_t rows, unsigned accept, unsigned *met)
{
    const struct column fixed = {c->base, c->data, width};
    uint64_t bits = 0;
    unsigned codes = 0;

    for (size_t i = 0; i < rows; i++) {
        uint64_t id = column_get(&fixed, from + i);
        unsigned code = id < leaf->n_codes
                            ? atomic_load_explicit(&leaf->codes[id], memory_order_relaxed)
                            : 0;

        codes |= 1u << code;
        bits |= (uint64_t)(accept >> code & 1) << i;
    }
    *met |= codes;
    return bits;
}

static uint64_t look_up_word(const struct leaf *leaf, const struct column *c, size_t from,
                             size_t rows, unsigned accept, unsigned *met)
{
    switch (c->width) {
    case 0:
        return look_up(leaf, c, 0, from, rows, accept, met);
    case 1:
        return look_up(leaf, c, 1, from, rows, accept, met);
    case 2:
        return look_up(leaf, c, 2, from, rows, accept, met);
    default:
        return look_up(leaf, c, c->width, from, rows, accept, met);
    }
}

static void run_text(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                     uint64_t *out)
{
    const struct column *c = &r->chunk->ids[leaf->field];
    unsigned mask = accepted(r, leaf), seen = 0;
    bool some = leaf->formats != UINT32_MAX;
    enum truth absent = some ? decide_entry(r, leaf, VALUE_ABSENT) : TRUTH_NO;

    for (size_t w = 0; w < words_of(r->chunk); w++) {
        size_t rows = rows_of(r->chunk, w);
        uint64_t bits, speaks_for = UINT64_MAX;
        unsigned met = 0;

        out[w] = 0;
        if (!need[w])
            continue;
        if (some)
            speaks_for = speaking(r, leaf, w, rows);
        bits = look_up_word(leaf, c, w * 64, rows, mask << 1, &met);
        if (met & 1) {
            for (size_t i = 0; i < rows; i++)
                (void)decide_entry(r, leaf, (uint32_t)column_get(c, w * 64 + i));
            met = 0;
            bits = look_up_word(leaf, c, w * 64, rows, mask << 1, &met);
        }
        if (~speaks_for & need[w]) {
            seen |= 1u << absent;
            bits = (bits & speaks_for) | all_if(mask, absent, ~speaks_for);
        }
        seen |= met >> 1;
        out[w] = bits & need[w];
    }
    note_seen(r, leaf, seen);
}

static enum truth decide_unique(struct bitmap_runner *r, const struct leaf *leaf, size_t row,
                                uint64_t id)
{
    char text[UNIQUE_TEXT_BYTES];

    if (id < VALUE_TEXT)
        return decide_entry(r, leaf, (uint32_t)id);
    if (id > VALUE_TEXT)
        return decide_entry(r, leaf, (uint32_t)id - 1);
    if (leaf->no_uuids)
        return TRUTH_NO;
    if (leaf->one_uuid)
        return memcmp(chunk_unique(r->chunk, row, leaf->field), &leaf->uuid,
                      sizeof leaf->uuid) == 0
                   ? TRUTH_YES
                   : TRUTH_NO;
    unique_write(chunk_unique(r->chunk, row, leaf->field), text);
    return decide(r, leaf, datum_of_text(bytes_make(text, sizeof text)));
}

static void run_unique(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                       uint64_t *out)
{
    const struct column *c = &r->chunk->ids[leaf->field];
    unsigned mask = accepted(r, leaf), seen = 0;
    bool some = leaf->formats != UINT32_MAX;

    for (size_t w = 0; w < words_of(r->chunk); w++) {
        uint64_t left = need[w], bits = 0;

        if (some && left)
            left = need[w] & speaking(r, leaf, w, rows_of(r->chunk, w));
        if (left != need[w]) {
            enum truth absent = decide_entry(r, leaf, VALUE_ABSENT);

            seen |= 1u << absent;
            bits = all_if(mask, absent, need[w] & ~left);
        }
        for (; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left), row = w * 64 + i;
            enum truth t = decide_unique(r, leaf, row, column_get(c, row));

            seen |= 1u << t;
            bits |= (uint64_t)(mask >> t & 1) << i;
        }
        out[w] = bits;
    }
    note_seen(r, leaf, seen);
}

/* Entries of LEAF_FILE are the files; those that came after the plan are decided on the spot.
 */
static enum truth decide_file(struct bitmap_runner *r, const struct leaf *leaf, uint32_t id)
{
    unsigned char code = 0;
    const struct file *f;
    enum truth t;

    if (id < leaf->n_codes)
        code = atomic_load_explicit(&leaf->codes[id], memory_order_relaxed);
    if (code)
        return (enum truth)(code - 1);
    f = archive_file(r->plan->archive, id);
    t = decide(r, leaf, f ? value_of_file(f, leaf->name) : (struct datum){0});
    if (id < leaf->n_codes)
        atomic_store_explicit(&leaf->codes[id], (unsigned char)(t + 1), memory_order_relaxed);
    return t;
}

static void run_file(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                     uint64_t *out)
{
    unsigned mask = accepted(r, leaf), seen = 0;

    for (size_t w = 0; w < words_of(r->chunk); w++) {
        size_t rows = rows_of(r->chunk, w);
        uint64_t ids[64], bits = 0;

        out[w] = 0;
        if (!need[w])
            continue;
        load_word(&r->chunk->file, w * 64, rows, ids);
        for (size_t i = 0; i < rows; i++) {
            enum truth t = decide_file(r, leaf, (uint32_t)ids[i]);

            seen |= 1u << t;
            bits |= (uint64_t)(mask >> t & 1) << i;
        }
        out[w] = bits & need[w];
    }
    note_seen(r, leaf, seen);
}

static void run_time(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                     uint64_t *out)
{
    const struct chunk *c = r->chunk;
    unsigned mask = accepted(r, leaf), seen = 0;
    bool all_in =
        c->first_us <= c->last_us && c->first_us >= leaf->from_us && c->last_us <= leaf->to_us;
    bool none_in = c->last_us < leaf->from_us || c->first_us > leaf->to_us;

    for (size_t w = 0; w < words_of(c); w++) {
        size_t rows = rows_of(c, w);
        uint64_t times[64], inside = 0, without = 0;

        out[w] = 0;
        if (!need[w])
            continue;
        load_word(&c->time, w * 64, rows, times);
        for (size_t i = 0; i < rows; i++)
            without |= (uint64_t)(times[i] == c->time_none) << i;
        if (all_in)
            inside = ~without;
        else if (!none_in)
            for (size_t i = 0; i < rows; i++)
                inside |= (uint64_t)((int64_t)times[i] >= leaf->from_us &&
                                     (int64_t)times[i] <= leaf->to_us)
                          << i;
        inside &= ~without;
        seen |= without ? 1u << TRUTH_UNKNOWN : 0;
        out[w] = all_if(mask, TRUTH_YES, inside & need[w]) |
                 all_if(mask, TRUTH_NO, ~inside & ~without & need[w]) |
                 all_if(mask, TRUTH_UNKNOWN, without & need[w]);
    }
    note_seen(r, leaf, seen);
}

static void run_rows(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                     uint64_t *out)
{
    unsigned mask = accepted(r, leaf), seen = 0;

    for (size_t w = 0; w < words_of(r->chunk); w++) {
        uint64_t bits = 0;

        for (uint64_t left = need[w]; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left);
            enum truth t;

            value_turn(&r->values, r->chunk_number, w * 64 + i);
            eval_next_row(&r->eval);
            t = eval_truth(&r->eval, leaf->expr);
            seen |= 1u << t;
            bits |= (uint64_t)(mask >> t & 1) << i;
        }
        out[w] = bits;
    }
    note_seen(r, leaf, seen);
}

static void run_format(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                       uint64_t *out)
{
    for (size_t w = 0; w < words_of(r->chunk); w++)
        out[w] = need[w] ? need[w] & speaking(r, leaf, w, rows_of(r->chunk, w)) : 0;
}

static void run_leaf(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                     uint64_t *out)
{
    switch (leaf->kind) {
    case LEAF_CONSTANT:
        run_constant(r, leaf, need, out);
        break;
    case LEAF_TEXT:
        run_text(r, leaf, need, out);
        break;
    case LEAF_UNIQUE:
        run_unique(r, leaf, need, out);
        break;
    case LEAF_FILE:
        run_file(r, leaf, need, out);
        break;
    case LEAF_TIME:
        run_time(r, leaf, need, out);
        break;
    case LEAF_FORMAT:
        run_format(r, leaf, need, out);
        break;
    case LEAF_ROW:
        run_rows(r, leaf, need, out);
        break;
    }
}

/* ---- records: row by row, so that each is read once and files follow one another ---- */

static enum truth decide_time(const struct bitmap_runner *r, const struct leaf *leaf,
                              size_t row)
{
    int64_t at = chunk_time(r->chunk, row);

    if (at == INSTANT_NONE)
        return TRUTH_UNKNOWN;
    return at >= leaf->from_us && at <= leaf->to_us ? TRUTH_YES : TRUTH_NO;
}

static bool is_silent(const struct bitmap_runner *r, const struct leaf *leaf, size_t row)
{
    uint64_t format = column_get(&r->chunk->ids[FIELD_FORMAT], row) - DICTIONARY_FIRST_TEXT;

    return leaf->formats != UINT32_MAX && !value_speaks(leaf->formats, (enum format)format);
}

static enum truth decide_expr(struct bitmap_runner *r, const struct leaf *leaf, size_t row)
{
    unsigned char *known = NULL;
    enum truth t;

    if (leaf->needs_record && leaf->record_number < BITMAP_KEPT_LEAVES)
        known = &r->known[leaf->record_number][row];
    if (known && *known)
        return (enum truth)(*known - 1);
    if (r->values.row != row || r->values.chunk != r->chunk)
        value_turn(&r->values, r->chunk_number, row);
    t = eval_truth(&r->eval, leaf->expr);
    if (known)
        *known = (unsigned char)(1 + t);
    return t;
}

static enum truth decide_row(struct bitmap_runner *r, const struct leaf *leaf, size_t row)
{
    switch (leaf->kind) {
    case LEAF_CONSTANT:
        return decide(r, leaf, (struct datum){0});
    case LEAF_TEXT:
        if (is_silent(r, leaf, row))
            return decide_entry(r, leaf, VALUE_ABSENT);
        return decide_entry(r, leaf, (uint32_t)column_get(&r->chunk->ids[leaf->field], row));
    case LEAF_UNIQUE:
        if (is_silent(r, leaf, row))
            return decide_entry(r, leaf, VALUE_ABSENT);
        return decide_unique(r, leaf, row, column_get(&r->chunk->ids[leaf->field], row));
    case LEAF_FILE:
        return decide_file(r, leaf, (uint32_t)column_get(&r->chunk->file, row));
    case LEAF_TIME:
        return decide_time(r, leaf, row);
    case LEAF_FORMAT:
        return is_silent(r, leaf, row) ? TRUTH_NO : TRUTH_YES;
    case LEAF_ROW:
        break;
    }
    return decide_expr(r, leaf, row);
}

static bool row_passes(struct bitmap_runner *r, const struct plan_node *n, size_t row,
                       size_t from)
{
    if (n->kind == PLAN_LEAF) {
        enum truth t = decide_row(r, n->leaf, row);

        note_seen(r, n->leaf, 1u << t);
        return accepted(r, n->leaf) >> t & 1;
    }
    for (size_t i = from; i < n->n_nodes; i++) {
        if (row_passes(r, n->nodes[i], row, 0) != (n->kind == PLAN_ALL))
            return n->kind == PLAN_ANY;
    }
    return n->kind == PLAN_ALL;
}

/* Those children of the node that read records, on the rows that the others left open. */
static void run_records(struct bitmap_runner *r, const struct plan_node *n,
                        const uint64_t *open, uint64_t *out)
{
    for (size_t w = 0; w < words_of(r->chunk); w++) {
        uint64_t bits = 0;

        for (uint64_t left = open[w]; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left);

            if (bitmap_ends(r))
                return;
            eval_next_row(&r->eval);
            bits |= (uint64_t)row_passes(r, n, w * 64 + i, n->n_plain) << i;
        }
        out[w] = bits;
    }
}

/* Sets in `out` those rows of `need` that the node selects. Later children look only at rows
 * that earlier ones left open. */
static void run_node(struct bitmap_runner *r, const struct plan_node *n, const uint64_t *need,
                     uint64_t *out, unsigned depth)
{
    uint64_t *open = r->levels + (size_t)depth * 2 * BITMAP_WORDS;
    uint64_t *one = open + BITMAP_WORDS;
    size_t words = words_of(r->chunk);

    if (n->kind == PLAN_LEAF) {
        run_leaf(r, n->leaf, need, out);
        return;
    }
    memcpy(open, need, words * sizeof *open);
    memset(out, 0, words * sizeof *out);
    for (size_t i = 0; i < n->n_plain + n->needs_record; i++) {
        if (i == n->n_plain)
            run_records(r, n, open, one);
        else
            run_node(r, n->nodes[i], open, one, depth + 1);
        for (size_t w = 0; w < words; w++) {
            if (n->kind == PLAN_ALL) {
                open[w] = one[w];
            } else {
                out[w] |= one[w];
                open[w] &= ~one[w];
            }
        }
    }
    if (n->kind == PLAN_ALL)
        memcpy(out, open, words * sizeof *out);
}

void bitmap_run(struct bitmap_runner *r, size_t chunk_number, enum bitmap_mode mode,
                uint64_t *out)
{
    uint64_t every[BITMAP_WORDS];

    r->chunk_number = chunk_number;
    r->chunk = store_chunk(r->plan->index->store, chunk_number);
    r->mode = mode;
    for (size_t i = 0; mode == BITMAP_STRICT && i < BITMAP_KEPT_LEAVES && r->known[i]; i++)
        memset(r->known[i], 0, CHUNK_ROWS);
    r->saw_missing = r->saw_undecided = false;
    memset(out, 0, BITMAP_WORDS * sizeof *out);
    for (size_t w = 0; w < words_of(r->chunk); w++) {
        size_t rows = rows_of(r->chunk, w);

        every[w] = rows == 64 ? UINT64_MAX : (UINT64_C(1) << rows) - 1;
    }
    if (r->plan->root)
        run_node(r, r->plan->root, every, out, 0);
    else
        memcpy(out, every, words_of(r->chunk) * sizeof *out);
}
