#include "tui/panes/trend.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "core/asking/datum.h"

int64_t trend_time(const struct cell *cell)
{
    int64_t at_us;

    return cell->present && instant_parse(cell->text, &at_us) ? at_us : INSTANT_NONE;
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The smallest distance between two times, which are in order; 0 when all are the same. */
static int64_t smallest_step(const int64_t *times, size_t count)
{
    int64_t step = 0;

    for (size_t i = 1; i < count; i++) {
        int64_t between = times[i] - times[i - 1];

        if (between > 0 && (step == 0 || between < step))
            step = between;
    }
    return step;
}

static double number_of(const struct cell *cell)
{
    double number = 0;

    return cell->present && datum_text_number(cell->text, &number) && number > 0 ? number : 0;
}

static struct histogram *fill(const struct table *t, size_t time, size_t value, int64_t from_us,
                              int64_t bin_us, size_t n_bins)
{
    struct histogram *h = mem_alloc(sizeof *h);
    double *sums = mem_array(n_bins, sizeof *sums), most = 0;

    *h = (struct histogram){.from_us = from_us, .bin_us = bin_us, .n_bins = n_bins};
    h->bins = mem_array(n_bins, sizeof *h->bins);
    for (size_t row = 0; row < t->n_rows; row++) {
        const struct cell *cells = &t->cells[row * t->n_columns];
        int64_t at_us = trend_time(&cells[time]);

        if (at_us != INSTANT_NONE)
            sums[(at_us - from_us) / bin_us] += number_of(&cells[value]);
    }
    for (size_t i = 0; i < n_bins; i++)
        most = sums[i] > most ? sums[i] : most;
    /* Only the proportions are drawn; fractions and huge sums keep theirs. */
    for (size_t i = 0; i < n_bins; i++)
        h->bins[i][OUTCOME_UNKNOWN] =
            sums[i] > 0 ? (uint64_t)(sums[i] / most * 1000000) + 1 : 0;
    mem_free(sums);
    return h;
}

struct histogram *trend_new(const struct table *t, size_t time, size_t value, size_t max_bins)
{
    int64_t *times = mem_array(t->n_rows, sizeof *times), step;
    struct histogram *h = NULL;
    size_t count = 0;
    double most = 0;

    for (size_t row = 0; row < t->n_rows; row++) {
        const struct cell *cells = &t->cells[row * t->n_columns];
        int64_t at_us = trend_time(&cells[time]);

        if (at_us == INSTANT_NONE)
            continue;
        times[count++] = at_us;
        most = number_of(&cells[value]) > most ? number_of(&cells[value]) : most;
    }
    if (count)
        qsort(times, count, sizeof *times, compare_times);
    step = smallest_step(times, count);
    if (step > 0 && most > 0) {
        int64_t span = times[count - 1] - times[0], joined = step;

        while (span / joined + 1 > (int64_t)(max_bins < 2 ? 2 : max_bins))
            joined += step;
        h = fill(t, time, value, times[0], joined, (size_t)(span / joined) + 1);
    }
    mem_free(times);
    return h;
}
