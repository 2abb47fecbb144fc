#include "core/asking/batch.h"

void batch_start(struct batch *b, const struct chunk *chunk, const uint64_t *bits)
{
    b->chunk = chunk;
    b->bits = bits;
    b->next = bits ? 0 : chunk->n_rows;
    b->n = 0;
}

/* Appends the rows of one word of bits. */
static void take_word(struct batch *b, uint64_t word, uint32_t first)
{
    uint16_t *rows = b->rows + b->n;
    uint32_t n = 0;

    if (word == UINT64_MAX) {
        for (; n < 64; n++)
            rows[n] = (uint16_t)(first + n);
    } else {
        for (; word; word &= word - 1)
            rows[n++] = (uint16_t)(first + (unsigned)__builtin_ctzll(word));
    }
    b->n += n;
}

bool batch_next(struct batch *b)
{
    uint32_t end = b->chunk->n_rows;

    b->n = 0;
    while (b->next < end && b->n <= BATCH_ROWS - 64) {
        uint64_t word = b->bits[b->next >> 6];

        if (end - b->next < 64)
            word &= (UINT64_C(1) << (end - b->next)) - 1;
        take_word(b, word, b->next);
        b->next += 64;
    }
    b->dense = b->n > 0 && (uint32_t)(b->rows[b->n - 1] - b->rows[0]) + 1 == b->n;
    return b->n > 0;
}

/* The width is passed once more as a constant, so that each case below is a loop of its own
 * without a branch in it. */
static inline void gather32(const struct batch *b, const struct column *c, uint8_t width,
                            uint32_t *out)
{
    const struct column fixed = {c->base, c->data, width};

    if (b->dense) {
        for (uint32_t i = 0; i < b->n; i++)
            out[i] = (uint32_t)column_get(&fixed, (size_t)b->rows[0] + i);
    } else {
        for (uint32_t i = 0; i < b->n; i++)
            out[i] = (uint32_t)column_get(&fixed, b->rows[i]);
    }
}

void batch_ids(const struct batch *b, enum field_id field, uint32_t *out)
{
    const struct column *c = &b->chunk->ids[field];

    switch (c->width) {
    case 0:
        gather32(b, c, 0, out);
        break;
    case 1:
        gather32(b, c, 1, out);
        break;
    case 2:
        gather32(b, c, 2, out);
        break;
    default:
        gather32(b, c, c->width, out);
    }
}

static inline void gather_times(const struct batch *b, uint8_t width, int64_t *out)
{
    const struct column fixed = {b->chunk->time.base, b->chunk->time.data, width};
    uint64_t none = b->chunk->time_none;

    for (uint32_t i = 0; i < b->n; i++) {
        uint64_t value = column_get(&fixed, b->rows[i]);

        out[i] = value == none ? INSTANT_NONE : (int64_t)value;
    }
}

void batch_times(const struct batch *b, int64_t *out)
{
    switch (b->chunk->time.width) {
    case 4:
        gather_times(b, 4, out);
        break;
    case 8:
        gather_times(b, 8, out);
        break;
    default:
        gather_times(b, b->chunk->time.width, out);
    }
}

static inline void gather_outcomes(const struct batch *b, const struct column *c, uint8_t width,
                                   uint8_t *out)
{
    const struct column fixed = {c->base, c->data, width};

    for (uint32_t i = 0; i < b->n; i++) {
        size_t row = b->dense ? (size_t)b->rows[0] + i : b->rows[i];
        uint64_t outcome = column_get(&fixed, row) - DICTIONARY_FIRST_TEXT;

        /* An event without the field says no more than one with the word "unknown". */
        out[i] = (uint8_t)(outcome < OUTCOME_COUNT ? outcome : OUTCOME_UNKNOWN);
    }
}

void batch_outcomes(const struct batch *b, uint8_t *out)
{
    const struct column *c = &b->chunk->ids[FIELD_OUTCOME];

    if (c->width == 1)
        gather_outcomes(b, c, 1, out);
    else
        gather_outcomes(b, c, c->width, out);
}
