#include "core/asking/bitmap.h"

#include "core/base/mem.h"

void bitmap_runner_init(struct bitmap_runner *r, const struct plan *p, const struct job *job)
{
    *r = (struct bitmap_runner){0};
    decider_init(&r->decider, p, job);
    r->levels = mem_array((size_t)(p->depth + 2) * 2 * BITMAP_WORDS, sizeof *r->levels);
}

void bitmap_runner_deinit(struct bitmap_runner *r)
{
    decider_deinit(&r->decider);
    mem_free(r->levels);
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
    enum truth t = decide_value(&r->decider, leaf, (struct datum){0});

    note_seen(r, leaf, 1u << t);
    for (size_t w = 0; w < words_of(r->decider.chunk); w++)
        out[w] = all_if(mask, t, need[w]);
}

/* Rows for whose format the column does not speak have no such value. */
static uint64_t speaking(const struct bitmap_runner *r, const struct leaf *leaf, size_t w,
                         size_t rows)
{
    const struct column *c = &r->decider.chunk->ids[FIELD_FORMAT];
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
    const struct column *c = &r->decider.chunk->ids[leaf->field];
    unsigned mask = accepted(r, leaf), seen = 0;
    bool some = leaf->formats != UINT32_MAX;
    enum truth absent = some ? decide_entry(&r->decider, leaf, VALUE_ABSENT) : TRUTH_NO;

    for (size_t w = 0; w < words_of(r->decider.chunk); w++) {
        size_t rows = rows_of(r->decider.chunk, w);
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
                (void)decide_entry(&r->decider, leaf, (uint32_t)column_get(c, w * 64 + i));
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

static void run_unique(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                       uint64_t *out)
{
    const struct column *c = &r->decider.chunk->ids[leaf->field];
    unsigned mask = accepted(r, leaf), seen = 0;
    bool some = leaf->formats != UINT32_MAX;

    for (size_t w = 0; w < words_of(r->decider.chunk); w++) {
        uint64_t left = need[w], bits = 0;

        if (some && left)
            left = need[w] & speaking(r, leaf, w, rows_of(r->decider.chunk, w));
        if (left != need[w]) {
            enum truth absent = decide_entry(&r->decider, leaf, VALUE_ABSENT);

            seen |= 1u << absent;
            bits = all_if(mask, absent, need[w] & ~left);
        }
        for (; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left), row = w * 64 + i;
            enum truth t = decide_unique(&r->decider, leaf, row, column_get(c, row));

            seen |= 1u << t;
            bits |= (uint64_t)(mask >> t & 1) << i;
        }
        out[w] = bits;
    }
    note_seen(r, leaf, seen);
}

static void run_file(struct bitmap_runner *r, const struct leaf *leaf, const uint64_t *need,
                     uint64_t *out)
{
    unsigned mask = accepted(r, leaf), seen = 0;

    for (size_t w = 0; w < words_of(r->decider.chunk); w++) {
        size_t rows = rows_of(r->decider.chunk, w);
        uint64_t ids[64], bits = 0;

        out[w] = 0;
        if (!need[w])
            continue;
        load_word(&r->decider.chunk->file, w * 64, rows, ids);
        for (size_t i = 0; i < rows; i++) {
            enum truth t = decide_file(&r->decider, leaf, (uint32_t)ids[i]);

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
    const struct chunk *c = r->decider.chunk;
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

    for (size_t w = 0; w < words_of(r->decider.chunk); w++) {
        uint64_t bits = 0;

        for (uint64_t left = need[w]; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left);
            enum truth t;

            value_turn(&r->decider.values, r->decider.chunk_number, w * 64 + i);
            eval_next_row(&r->decider.eval);
            t = eval_truth(&r->decider.eval, leaf->expr);
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
    for (size_t w = 0; w < words_of(r->decider.chunk); w++)
        out[w] = need[w] ? need[w] & speaking(r, leaf, w, rows_of(r->decider.chunk, w)) : 0;
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

static bool row_passes(struct bitmap_runner *r, const struct plan_node *n, size_t row,
                       size_t from)
{
    if (n->kind == PLAN_LEAF) {
        enum truth t = decide_row(&r->decider, n->leaf, row);

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
    if (r->mode == BITMAP_STRICT)
        paths_read(&r->decider.plan->paths, r->decider.values.records,
                   r->decider.plan->index->store, r->decider.chunk_number, open, r->decider.job,
                   r->decider.plan->from.progress);
    for (size_t w = 0; w < words_of(r->decider.chunk); w++) {
        uint64_t bits = 0;

        for (uint64_t left = open[w]; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left);

            if (decider_ends(&r->decider))
                return;
            eval_next_row(&r->decider.eval);
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
    size_t words = words_of(r->decider.chunk);

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

    decider_turn(&r->decider, chunk_number, mode != BITMAP_STRICT);
    r->mode = mode;
    r->saw_missing = r->saw_undecided = false;
    memset(out, 0, BITMAP_WORDS * sizeof *out);
    for (size_t w = 0; w < words_of(r->decider.chunk); w++) {
        size_t rows = rows_of(r->decider.chunk, w);

        every[w] = rows == 64 ? UINT64_MAX : (UINT64_C(1) << rows) - 1;
    }
    if (r->decider.plan->root)
        run_node(r, r->decider.plan->root, every, out, 0);
    else
        memcpy(out, every, words_of(r->decider.chunk) * sizeof *out);
}
