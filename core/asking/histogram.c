/* The time strip of a selection: events per bin and outcome. */
#include "core/base/mem.h"

#include "core/asking/batch.h"
#include "core/asking/bins.h"
#include "core/asking/stats.h"

static size_t bins_between(int64_t first_us, int64_t last_us, int64_t width_us)
{
    return (size_t)((last_us - instant_floor(first_us, width_us)) / width_us) + 1;
}

static int64_t round_width(int64_t first_us, int64_t last_us, size_t max_bins)
{
    static const int64_t widths[] = {
        INSTANT_SECOND,      2 * INSTANT_SECOND,  5 * INSTANT_SECOND,  10 * INSTANT_SECOND,
        15 * INSTANT_SECOND, 30 * INSTANT_SECOND, INSTANT_MINUTE,      2 * INSTANT_MINUTE,
        5 * INSTANT_MINUTE,  10 * INSTANT_MINUTE, 15 * INSTANT_MINUTE, 30 * INSTANT_MINUTE,
        INSTANT_HOUR,        2 * INSTANT_HOUR,    3 * INSTANT_HOUR,    6 * INSTANT_HOUR,
        12 * INSTANT_HOUR,   INSTANT_DAY,
    };
    int64_t width;

    /* Times on both sides of the epoch never share a bin. */
    if (max_bins < 2)
        max_bins = 2;
    for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
        if (bins_between(first_us, last_us, widths[i]) <= max_bins)
            return widths[i];
    }
    for (width = 2 * INSTANT_DAY; bins_between(first_us, last_us, width) > max_bins; width *= 2)
        continue;
    return width;
}

/* The time that bins cover. */
struct span_us {
    int64_t first_us, last_us;
};

static int64_t time_at(const struct selection *s, uint64_t at)
{
    return store_time(s->index->store, s->rows[at]);
}

/* Rows that have a time: they stand before those that have none. */
static uint64_t timed_rows(const struct selection *s)
{
    uint64_t from = 0, to = s->n_rows;

    while (from < to) {
        uint64_t middle = from + (to - from) / 2;

        if (time_at(s, middle) != INSTANT_NONE)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* A few events far from all others would make each bin so wide that the others share one: where
 * leaving out one in 200 at either end makes the span six times shorter, only what lies within
 * a quarter of that span of the others is kept. */
static struct span_us span_of_most(const struct selection *s)
{
    struct span_us all = {s->first_us, s->last_us}, most;
    uint64_t n = s->rows ? timed_rows(s) : 0, few = n / 200 ? n / 200 : 1, from, to;
    int64_t near_us;

    if (n < 20)
        return all;
    from = few;
    to = n - 1 - few;
    near_us = (time_at(s, to) - time_at(s, from)) / 4;
    if (near_us >= (all.last_us - all.first_us) / 24)
        return all;
    if (near_us < INSTANT_MINUTE)
        near_us = INSTANT_MINUTE;
    while (from > 0 && time_at(s, from) - time_at(s, from - 1) <= near_us)
        from--;
    while (to + 1 < n && time_at(s, to + 1) - time_at(s, to) <= near_us)
        to++;
    most = (struct span_us){time_at(s, from), time_at(s, to)};
    return most.last_us - most.first_us < (all.last_us - all.first_us) / 3 ? most : all;
}

static void count_bins(struct histogram *h, const struct bins *bins, const struct span_us *span,
                       struct batch *b)
{
    int64_t times[BATCH_ROWS];
    uint8_t outcomes[BATCH_ROWS];

    while (batch_next(b)) {
        batch_times(b, times);
        batch_outcomes(b, outcomes);
        for (uint32_t i = 0; i < b->n; i++) {
            if (times[i] == INSTANT_NONE)
                h->n_no_time++;
            else if (times[i] < span->first_us)
                h->n_before++;
            else if (times[i] > span->last_us)
                h->n_after++;
            else
                h->bins[bins_find(bins, times[i])][outcomes[i]]++;
        }
    }
}

struct histogram *histogram_new(const struct selection *s, size_t max_bins)
{
    struct histogram *h = mem_alloc(sizeof *h);
    bool timed = s->first_us != INSTANT_NONE && s->first_us <= s->last_us;
    struct span_us span = {0};
    struct bins bins;

    if (timed)
        span = span_of_most(s);
    h->bin_us = timed ? round_width(span.first_us, span.last_us, max_bins) : INSTANT_SECOND;
    h->from_us = timed ? instant_floor(span.first_us, h->bin_us) : INSTANT_NONE;
    h->n_bins = timed ? bins_between(span.first_us, span.last_us, h->bin_us) : 0;
    h->bins = mem_array(h->n_bins + 1, sizeof *h->bins);
    bins = bins_make(h->from_us, h->bin_us);
    for (size_t i = 0; i < s->index->n_chunks; i++) {
        struct batch batch;

        batch_start(&batch, store_chunk(s->index->store, i), s->bits[i]);
        count_bins(h, &bins, &span, &batch);
    }
    return h;
}

void histogram_free(struct histogram *h)
{
    if (!h)
        return;
    mem_free(h->bins);
    mem_free(h);
}
