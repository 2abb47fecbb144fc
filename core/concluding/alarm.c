#include "core/concluding/alarm.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

/* Source: the thresholds in common use for user pools; failures are attempts less successes. */
static const struct alarm_rule RULES[ALARM_COUNT] = {
    [ALARM_FAILURE_RATE] = {.name = "failure-rate",
                            .meaning = "sign-ins that failed, of those attempted",
                            .unit = "%",
                            .metric = METRIC_SIGN_IN,
                            .value = ALARM_PERCENT_FAILED,
                            .threshold = 20,
                            .period_us = 5 * INSTANT_MINUTE},
    [ALARM_THROTTLES] = {.name = "throttles",
                            .meaning = "sign-ins that were throttled",
                            .unit = "",
                            .metric = METRIC_SIGN_IN_THROTTLES,
                            .value = ALARM_EVENTS,
                            .threshold = 100,
                            .period_us = INSTANT_MINUTE    },
    [ALARM_REFRESH_FAILURES] = {.name = "refresh-failures",
                            .meaning = "token refreshes that failed",
                            .unit = "",
                            .metric = METRIC_REFRESH,
                            .value = ALARM_FAILED,
                            .threshold = 50,
                            .period_us = 5 * INSTANT_MINUTE},
};

struct alarm_rule alarm_default(enum alarm alarm)
{
    return RULES[alarm];
}

static size_t find_char(struct bytes text, char c)
{
    size_t at = bytes_find(text, bytes_make(&c, 1));

    return at == SIZE_MAX ? text.len : at;
}

bool alarm_parse(struct bytes text, struct alarm_rule *rules, struct buffer *message)
{
    size_t equals = find_char(text, '='), slash = find_char(text, '/');
    struct bytes name = bytes_slice(text, 0, equals);
    struct alarm_rule changed;
    size_t i = 0;

    while (i < ALARM_COUNT && !bytes_are(name, rules[i].name))
        i++;
    if (i == ALARM_COUNT) {
        buffer_add_text(message, "there is no such alarm; there are");
        for (i = 0; i < ALARM_COUNT; i++)
            buffer_printf(message, "%s %s", i ? "," : "", rules[i].name);
        return false;
    }
    changed = rules[i];
    if (equals >= text.len ||
        !bytes_to_u64(bytes_slice(text, equals + 1, slash), &changed.threshold) ||
        changed.threshold > INT32_MAX) {
        buffer_printf(message, "%s= wants a threshold, a whole number", rules[i].name);
        return false;
    }
    if (slash < text.len &&
        !metric_parse_width(bytes_slice(text, slash + 1, text.len), &changed.period_us)) {
        buffer_printf(message, "%s: the period is no length like 30s, 5m, 1h, 1d (at most 30d)",
                      rules[i].name);
        return false;
    }
    rules[i] = changed;
    return true;
}

static double value_of(const struct alarm_rule *rule, const struct metric_cell *cell)
{
    double percent = 0;

    switch (rule->value) {
    case ALARM_PERCENT_FAILED:
        (void)metric_rate(cell->attempts, cell->successes, &percent);
        return percent;
    case ALARM_EVENTS:
        return (double)cell->attempts;
    case ALARM_FAILED:
        return (double)(cell->attempts - cell->successes);
    }
    return 0;
}

/* In whole numbers: a rate of exactly the threshold must not page by rounding. */
static bool is_on(const struct alarm_rule *rule, const struct metric_cell *cell)
{
    uint64_t failures = cell->attempts - cell->successes;

    switch (rule->value) {
    case ALARM_PERCENT_FAILED:
        return failures * 100 > rule->threshold * cell->attempts;
    case ALARM_EVENTS:
        return cell->attempts > rule->threshold;
    case ALARM_FAILED:
        return failures > rule->threshold;
    }
    return false;
}

/* Goes along one rule's periods. `last` gets the newest page of each target, as number + 1. */
static void replay(const struct metric_cells *cells, struct alarms *out, enum alarm alarm,
                   size_t *last, size_t *cap)
{
    const struct alarm_rule *rule = &out->rules[alarm];
    struct alarm_sum *sum = &out->sums[alarm];

    for (size_t i = 0; i < cells->n; i++) {
        const struct metric_cell *cell = &cells->items[i];
        double value = value_of(rule, cell);
        struct alarm_page *page;

        if (cell->metric != rule->metric)
            continue;
        sum->periods++;
        sum->peak = value > sum->peak ? value : sum->peak;
        if (!is_on(rule, cell))
            continue;
        sum->periods_on++;
        page = last[cell->of] ? &out->pages[last[cell->of] - 1] : NULL;
        if (!page || page->to_us != cell->from_us) {
            sum->targets += !page;
            sum->pages++;
            mem_grow(&out->pages, cap, out->n_pages + 1, sizeof *out->pages);
            page = &out->pages[out->n_pages++];
            *page = (struct alarm_page){
                .alarm = alarm, .target = cell->of, .from_us = cell->from_us};
            last[cell->of] = out->n_pages;
        }
        page->to_us = cell->from_us + rule->period_us;
        page->periods++;
        page->peak = value > page->peak ? value : page->peak;
        page->attempts += cell->attempts;
        page->failures += cell->attempts - cell->successes;
        if (page->to_us - page->from_us > sum->longest_us)
            sum->longest_us = page->to_us - page->from_us;
    }
}

static int by_time(const void *a, const void *b)
{
    const struct alarm_page *x = a, *y = b;

    if (x->from_us != y->from_us)
        return x->from_us < y->from_us ? -1 : 1;
    if (x->alarm != y->alarm)
        return x->alarm < y->alarm ? -1 : 1;
    return (x->target > y->target) - (x->target < y->target);
}

void alarms_replay(const struct metrics *m, const struct alarm_rule *rules, struct alarms *out)
{
    size_t cap = 0;

    *out = (struct alarms){0};
    memcpy(out->rules, rules, sizeof out->rules);
    for (unsigned i = 0; i < ALARM_COUNT; i++) {
        size_t *last = mem_array(m->n_targets + 1, sizeof *last);
        struct metric_cells cells;

        metrics_cells(m, METRIC_BY_TARGET, rules[i].period_us, &cells);
        replay(&cells, out, (enum alarm)i, last, &cap);
        metric_cells_deinit(&cells);
        mem_free(last);
    }
    if (out->n_pages)
        qsort(out->pages, out->n_pages, sizeof *out->pages, by_time);
}

void alarms_deinit(struct alarms *a)
{
    mem_free(a->pages);
    *a = (struct alarms){0};
}

size_t alarm_rows(const struct metrics *m, const struct alarms *a,
                  const struct alarm_page *page, row_id **rows, size_t n_rows, size_t *cap)
{
    const struct alarm_rule *rule = &a->rules[page->alarm];
    struct metric_pick pick = {.metric = rule->metric,
                               .by = METRIC_BY_TARGET,
                               .of = page->target,
                               .from_us = page->from_us,
                               .to_us = page->to_us,
                               .part =
                                   rule->value == ALARM_FAILED ? METRIC_FAILURES : METRIC_ALL};

    return metrics_rows(m, &pick, rows, n_rows, cap);
}
