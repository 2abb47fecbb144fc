#include "core/concluding/metric_report.h"

#include <stdlib.h>

#include "core/base/mem.h"

static const enum metric THROTTLES[] = {
    [METRIC_SIGN_IN] = METRIC_SIGN_IN_THROTTLES,
    [METRIC_REFRESH] = METRIC_REFRESH_THROTTLES,
    [METRIC_SIGN_UP] = METRIC_SIGN_UP_THROTTLES,
    [METRIC_FEDERATION] = METRIC_COUNT,
};

enum metric metric_throttles_of(enum metric metric)
{
    return metric < ARRAY_LEN(THROTTLES) ? THROTTLES[metric] : METRIC_COUNT;
}

static struct metric_row row_of(const struct metric_cell *cell)
{
    struct metric_row row = {cell->from_us,  cell->of,        cell->metric,
                             cell->attempts, cell->successes, 0};

    for (unsigned i = 0; i < ARRAY_LEN(THROTTLES); i++) {
        if (THROTTLES[i] == cell->metric) {
            row.metric = (enum metric)i;
            row.throttles = cell->attempts;
            row.attempts = row.successes = 0;
        }
    }
    return row;
}

static int by_place(const void *a, const void *b)
{
    const struct metric_row *x = a, *y = b;

    if (x->from_us != y->from_us)
        return x->from_us < y->from_us ? -1 : 1;
    if (x->metric != y->metric)
        return x->metric < y->metric ? -1 : 1;
    return (x->series > y->series) - (x->series < y->series);
}

static void make_rows(const struct metrics *m, int64_t width_us, struct metric_rows *out)
{
    struct metric_cells cells;

    metrics_cells(m, METRIC_BY_SERIES, width_us, &cells);
    *out = (struct metric_rows){.items = mem_array(cells.n + 1, sizeof *out->items)};
    for (size_t i = 0; i < cells.n; i++)
        out->items[i] = row_of(&cells.items[i]);
    if (cells.n)
        qsort(out->items, cells.n, sizeof *out->items, by_place);
    for (size_t i = 0; i < cells.n; i++) {
        struct metric_row *row = &out->items[i], *last = out->items + out->n - (out->n > 0);

        if (out->n && by_place(row, last) == 0) {
            last->attempts += row->attempts;
            last->successes += row->successes;
            last->throttles += row->throttles;
        } else {
            out->items[out->n++] = *row;
        }
    }
    metric_cells_deinit(&cells);
}

struct metric_report *metric_report_new(struct index *index, bool with_duplicates,
                                        struct metric_request *request,
                                        const atomic_bool *cancelled)
{
    struct metrics *m = request->known;
    struct metric_report *r;

    request->known = NULL;
    if (!m || m->index != index || m->with_duplicates != with_duplicates) {
        metrics_release(m);
        m = metrics_new(index, with_duplicates, cancelled);
    }
    if (!m)
        return NULL;
    r = mem_alloc(sizeof *r);
    r->metrics = m;
    r->width_us = request->width_us;
    alarms_replay(m, request->rules, &r->alarms);
    make_rows(m, 0, &r->totals);
    make_rows(m, request->width_us, &r->bins);
    return r;
}

void metric_report_free(struct metric_report *r)
{
    if (!r)
        return;
    alarms_deinit(&r->alarms);
    mem_free(r->totals.items);
    mem_free(r->bins.items);
    metrics_release(r->metrics);
    mem_free(r);
}
