/* Runs without a screen: --metrics, the derived metrics and what alarms on them would have
 * done. */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/mem.h"

#include "core/concluding/alarm.h"

#include "tui/headless/headless.h"
#include "tui/headless/output.h"
#include "tui/message.h"

enum metrics_column {
    COL_METRIC,
    COL_POOL,
    COL_CLIENT_POOL,
    COL_CLIENT,
    COL_TIME,
    COL_BIN,
    COL_ATTEMPTS,
    COL_SUCCESSES,
    COL_FAILURES,
    COL_RATE,
    COL_THROTTLES,
    COL_ALARM,
    COL_UNTIL,
    COL_PERIODS,
    COL_PEAK,
    COL_THRESHOLD,
    COLUMNS
};

static const char *const NAMES[COLUMNS] = {
    "metric",   "pool", "client_pool", "client", "time",  "bin",     "attempts", "successes",
    "failures", "rate", "throttles",   "alarm",  "until", "periods", "peak",     "threshold"};

/* One row on its way out. The texts of its cells stand in `arena`. */
struct row {
    struct writer *writer;
    struct arena arena;
    struct writer_cell cells[COLUMNS];
    const struct metrics *metrics;
};

static void set(struct row *r, enum metrics_column column, enum writer_type type,
                struct bytes text)
{
    r->cells[column] = (struct writer_cell){type, arena_copy(&r->arena, text)};
}

static void set_count(struct row *r, enum metrics_column column, uint64_t count)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRIu64, count);

    set(r, column, WRITER_NUMBER, bytes_make(text, (size_t)len));
}

/* Two digits behind the point, as many as needed. */
static void set_number(struct row *r, enum metrics_column column, double number)
{
    char text[40];
    int len = snprintf(text, sizeof text, "%.2f", number);

    while (text[len - 1] == '0')
        len--;
    len -= text[len - 1] == '.';
    set(r, column, WRITER_NUMBER, bytes_make(text, (size_t)len));
}

static void set_time(struct row *r, enum metrics_column column, int64_t at_us)
{
    struct buffer text = {0};

    instant_add(&text, at_us, INSTANT_ISO, 0);
    set(r, column, WRITER_STRING, buffer_bytes(&text));
    buffer_deinit(&text);
}

/* Absent, null, empty and redacted have no cell. */
static void set_id(struct row *r, enum metrics_column column, enum field_id field, uint32_t id)
{
    if (id >= DICTIONARY_FIRST_TEXT)
        set(r, column, WRITER_STRING,
            dictionary_text(store_dictionaries(r->metrics->index->store)[field], id));
}

static void set_bin(struct row *r, int64_t width_us)
{
    set_count(r, COL_BIN, (uint64_t)(width_us / INSTANT_SECOND));
}

static void end_row(struct row *r)
{
    writer_row(r->writer, r->cells);
    memset(r->cells, 0, sizeof r->cells);
    arena_deinit(&r->arena);
}

static void write_cell(struct row *r, const struct metric_cell *cell, int64_t width_us)
{
    const struct metric_series *series = &r->metrics->series[cell->of];
    double percent;

    set(r, COL_METRIC, WRITER_STRING, bytes_of(metric_name(cell->metric)));
    set_id(r, COL_POOL, FIELD_POOL, series->pool);
    set_id(r, COL_CLIENT_POOL, FIELD_POOL, series->client_pool);
    set_id(r, COL_CLIENT, FIELD_CLIENT, series->client);
    set_time(r, COL_TIME, cell->from_us);
    set_bin(r, width_us);
    if (metric_is_throttles(cell->metric)) {
        set_count(r, COL_THROTTLES, cell->attempts);
    } else {
        set_count(r, COL_ATTEMPTS, cell->attempts);
        set_count(r, COL_SUCCESSES, cell->successes);
        set_count(r, COL_FAILURES, cell->attempts - cell->successes);
        if (metric_rate(cell->attempts, cell->successes, &percent))
            set_number(r, COL_RATE, percent);
    }
    end_row(r);
}

static void write_page(struct row *r, const struct alarms *a, const struct alarm_page *page)
{
    const struct alarm_rule *rule = &a->rules[page->alarm];
    const struct metric_target *target = &r->metrics->targets[page->target];
    double percent;

    set(r, COL_ALARM, WRITER_STRING, bytes_of(rule->name));
    set(r, COL_METRIC, WRITER_STRING, bytes_of(metric_name(rule->metric)));
    set_id(r, COL_POOL, FIELD_POOL, target->pool);
    set_id(r, COL_CLIENT, FIELD_CLIENT, target->client);
    set_time(r, COL_TIME, page->from_us);
    set_time(r, COL_UNTIL, page->to_us);
    set_bin(r, rule->period_us);
    if (metric_is_throttles(rule->metric)) {
        set_count(r, COL_THROTTLES, page->attempts);
    } else {
        set_count(r, COL_ATTEMPTS, page->attempts);
        set_count(r, COL_SUCCESSES, page->attempts - page->failures);
        set_count(r, COL_FAILURES, page->failures);
        if (metric_rate(page->attempts, page->attempts - page->failures, &percent))
            set_number(r, COL_RATE, percent);
    }
    set_count(r, COL_PERIODS, page->periods);
    set_number(r, COL_PEAK, page->peak);
    set_count(r, COL_THRESHOLD, rule->threshold);
    end_row(r);
}

/* What the numbers are and what they leave out; behind the rows in text, else beside them. */
static void print_notes(const struct metrics *m, const struct alarms *a, FILE *out)
{
    struct buffer line = {0};

    for (size_t i = 0; i < ALARM_COUNT; i++) {
        const struct alarm_sum *sum = &a->sums[i];
        const struct alarm_rule *rule = &a->rules[i];

        buffer_printf(&line, "alarm %s (more than %" PRIu64 "%s in ", rule->name,
                      rule->threshold, rule->unit);
        instant_add_width(&line, rule->period_us);
        buffer_printf(&line,
                      "): %" PRIu64 " pages, on for %" PRIu64 " of %" PRIu64
                      " periods with a value",
                      sum->pages, sum->periods_on, sum->periods);
        if (sum->pages) {
            buffer_add_text(&line, ", the longest for ");
            instant_add_span(&line, sum->longest_us);
        }
        buffer_add_char(&line, '\n');
    }
    buffer_add_text(&line, "derived from events; CloudTrail may not record throttled calls\n");
    if (m->n_undecided)
        buffer_printf(&line,
                      "%" PRIu64 " submitted forms or calls are left out: no record tells how "
                      "they ended\n",
                      m->n_undecided);
    if (m->n_export)
        buffer_printf(&line, "%" PRIu64 " attempts stand in the user-activity export alone\n",
                      m->n_export);
    if (m->n_no_time)
        buffer_printf(&line, "%" PRIu64 " attempts without a usable time are in no bin\n",
                      m->n_no_time);
    fwrite(line.ptr, 1, line.len, out);
    buffer_deinit(&line);
}

bool headless_metric_options(const struct options *o, int64_t *width_us,
                             struct alarm_rule *rules, struct buffer *message)
{
    *width_us = 5 * INSTANT_MINUTE;
    for (unsigned i = 0; i < ALARM_COUNT; i++)
        rules[i] = alarm_default((enum alarm)i);
    if (o->bin && !metric_parse_width(bytes_of(o->bin), width_us)) {
        buffer_add_text(message, "--bin wants a length like 30s, 5m, 1h, 1d (at most 30d)");
        return false;
    }
    for (size_t i = 0; i < o->n_alarms; i++) {
        struct buffer why = {0};
        bool good = alarm_parse(bytes_of(o->alarms[i]), rules, &why);

        if (!good) {
            buffer_add_text(message, "--alarm: ");
            buffer_add(message, buffer_bytes(&why));
        }
        buffer_deinit(&why);
        if (!good)
            return false;
    }
    return true;
}

static bool write_metrics(const struct metrics *m, const struct alarms *a, int64_t width_us,
                          const struct options *o)
{
    struct bytes columns[COLUMNS];
    struct row row = {.metrics = m};
    struct output out;
    struct metric_cells cells;

    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = bytes_of(NAMES[i]);
    output_open(&out, o, columns, COLUMNS);
    row.writer = out.writer;
    metrics_cells(m, METRIC_BY_SERIES, width_us, &cells);
    for (size_t i = 0; i < cells.n; i++)
        write_cell(&row, &cells.items[i], width_us);
    for (size_t i = 0; i < a->n_pages; i++)
        write_page(&row, a, &a->pages[i]);
    metric_cells_deinit(&cells);
    return output_close(&out, o);
}

int headless_metrics(struct session *s, const struct options *o)
{
    struct alarm_rule rules[ALARM_COUNT];
    atomic_bool cancelled = false;
    struct buffer message = {0};
    struct alarms alarms;
    struct metrics *m;
    int64_t width_us;
    int status;

    if (!headless_metric_options(o, &width_us, rules, &message)) {
        message_print(buffer_bytes(&message));
        buffer_deinit(&message);
        return 2;
    }
    if (!headless_wait(s, o))
        return 3;
    m = metrics_new(session_index(s), o->all, &cancelled);
    alarms_replay(m, rules, &alarms);
    status = headless_status(s);
    if (!write_metrics(m, &alarms, width_us, o))
        status = 4;
    print_notes(m, &alarms, o->format == WRITER_TEXT ? stdout : stderr);
    headless_warn(s);
    alarms_deinit(&alarms);
    metrics_release(m);
    return status;
}
