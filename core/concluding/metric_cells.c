/* Bins of what counted, and the events behind a number. */
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/concluding/metric.h"

/* What one series or target has counted of one metric in the bin at hand. */
struct counter {
    uint64_t attempts, successes;
};

struct counting {
    struct metric_cells *out;
    size_t cap;
    struct counter *counters; /* metric * n_of + series or target */
    size_t n_of;
    uint64_t *touched; /* counters that are not 0, each once */
    size_t n_touched, touched_cap;
};

bool metric_parse_width(struct bytes text, int64_t *out_us)
{
    int64_t width_us;

    if (!instant_parse_span(text, &width_us) || width_us % INSTANT_SECOND != 0 ||
        width_us > 30 * INSTANT_DAY)
        return false;
    *out_us = width_us;
    return true;
}

bool metric_rate(uint64_t attempts, uint64_t successes, double *percent)
{
    if (attempts == 0)
        return false;
    *percent = 100.0 * (double)(attempts - successes) / (double)attempts;
    return true;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Ends a bin: its counters become cells, in order. A bin costs what happened in it. */
static void flush(struct counting *c, int64_t from_us)
{
    if (c->n_touched)
        qsort(c->touched, c->n_touched, sizeof *c->touched, by_number);
    mem_grow(&c->out->items, &c->cap, c->out->n + c->n_touched, sizeof *c->out->items);
    for (size_t i = 0; i < c->n_touched; i++) {
        struct counter *counter = &c->counters[c->touched[i]];

        c->out->items[c->out->n++] = (struct metric_cell){
            .from_us = from_us,
            .of = (uint32_t)(c->touched[i] % c->n_of),
            .metric = (enum metric)(c->touched[i] / c->n_of),
            .attempts = counter->attempts,
            .successes = counter->successes,
        };
        *counter = (struct counter){0};
    }
    c->n_touched = 0;
}

static uint32_t event_of(const struct metrics *m, const struct metric_event *e,
                         enum metric_by by)
{
    return by == METRIC_BY_SERIES ? e->series : m->series[e->series].target;
}

void metrics_cells(const struct metrics *m, enum metric_by by, int64_t width_us,
                   struct metric_cells *out)
{
    struct counting c = {.out = out};
    int64_t from_us = 0, to_us = INT64_MIN;

    *out = (struct metric_cells){.width_us = width_us};
    c.n_of = by == METRIC_BY_SERIES ? m->n_series : m->n_targets;
    c.counters = mem_array(c.n_of * METRIC_COUNT + 1, sizeof *c.counters);
    for (size_t i = 0; i < m->n_events; i++) {
        const struct metric_event *e = &m->events[i];
        uint64_t at = (uint64_t)e->metric * c.n_of + event_of(m, e, by);

        if (e->time_us >= to_us && (width_us > 0 || i == 0)) {
            flush(&c, from_us);
            from_us = width_us > 0 ? instant_floor(e->time_us, width_us) : e->time_us;
            to_us = width_us > 0 ? from_us + width_us : INT64_MAX;
        }
        if (c.counters[at].attempts++ == 0) {
            mem_grow(&c.touched, &c.touched_cap, c.n_touched + 1, sizeof *c.touched);
            c.touched[c.n_touched++] = at;
        }
        c.counters[at].successes += e->success;
    }
    flush(&c, from_us);
    mem_free(c.counters);
    mem_free(c.touched);
}

void metric_cells_deinit(struct metric_cells *c)
{
    mem_free(c->items);
    *c = (struct metric_cells){0};
}

/* The first event at or after an instant. */
static size_t first_at(const struct metrics *m, int64_t at_us)
{
    size_t from = 0, to = m->n_events;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (m->events[middle].time_us < at_us)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

size_t metrics_rows(const struct metrics *m, const struct metric_pick *pick, row_id **rows,
                    size_t n_rows, size_t *cap)
{
    for (size_t i = first_at(m, pick->from_us);
         i < m->n_events && m->events[i].time_us < pick->to_us; i++) {
        const struct metric_event *e = &m->events[i];

        if (e->metric != pick->metric || event_of(m, e, pick->by) != pick->of ||
            (pick->part != METRIC_ALL && e->success != (pick->part == METRIC_SUCCESSES)))
            continue;
        mem_grow(rows, cap, n_rows + 1, sizeof **rows);
        (*rows)[n_rows++] = e->row;
    }
    return n_rows;
}
