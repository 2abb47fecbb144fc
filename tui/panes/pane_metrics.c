#include "tui/panes/pane_metrics.h"

#include <inttypes.h>

#include "core/base/mem.h"

#include "tui/draw.h"
#include "tui/panes/metric_view.h"

enum { LEFT = 2, ALARM_ROWS = ALARM_COUNT, CLIENT_COLS = 27, POOL_COLS = 24, FOOT_ROWS = 3 };

static struct metric_view *of(struct view *v)
{
    return (struct metric_view *)v;
}

static void free_metrics(struct view *v)
{
    metric_view_deinit(of(v));
    mem_free(v);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "metrics");
}

static void counts(struct view *v, struct buffer *out)
{
    const struct metric_view *m = of(v);

    if (!m->report) {
        buffer_add_text(out, "counting");
        return;
    }
    if (session_is_partial(v->ui->session))
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, m->report->metrics->n_events, false);
    buffer_add_text(out, " events count");
    if (m->asking)
        buffer_add_text(out, " (counting)");
}

static void status(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "derived from events, whatever the filters");
}

static size_t count_rows(const struct view *v)
{
    const struct metric_view *m = (const struct metric_view *)v;

    return m->report ? ALARM_ROWS + m->report->totals.n : 0;
}

/* The rule as a sentence: "> 20% of sign-ins failed in 5m". */
static void add_rule(struct buffer *out, const struct alarm_rule *rule)
{
    buffer_printf(out, "> %" PRIu64 "%s in ", rule->threshold, rule->unit);
    instant_add_width(out, rule->period_us);
}

static void draw_alarm(struct metric_view *m, struct canvas *c, unsigned row, enum alarm alarm)
{
    const struct alarm_rule *rule = &m->report->alarms.rules[alarm];
    const struct alarm_sum *sum = &m->report->alarms.sums[alarm];
    bool caret = m->view.caret == (size_t)alarm;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned col = LEFT;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    canvas_text(c, row, col, 17, style, bytes_of(rule->name));
    col += 17;
    buffer_clear(&m->scratch);
    add_rule(&m->scratch, rule);
    canvas_text(c, row, col, 14, style, buffer_bytes(&m->scratch));
    col += 14;
    canvas_printf(c, row, col, 7,
                  caret        ? STYLE_CARET
                  : sum->pages ? STYLE_BAD
                               : STYLE_PLAIN,
                  "%6" PRIu64, sum->pages);
    col += 7;
    buffer_clear(&m->scratch);
    if (sum->pages)
        instant_add_span(&m->scratch, sum->longest_us);
    else
        buffer_add_char(&m->scratch, '-');
    canvas_right(c, row, col + 8, style, buffer_bytes(&m->scratch));
    col += 9;
    canvas_printf(c, row, col, 17, style, "%7" PRIu64 " of %" PRIu64, sum->periods_on,
                  sum->periods);
    col += 17;
    if (sum->periods)
        canvas_printf(c, row, col, 9, style, "%7.*f%s", rule->value == ALARM_PERCENT_FAILED,
                      sum->peak, rule->unit);
    else
        canvas_printf(c, row, col, 9, style, "%7s", "-");
    if (c->cols > col + 10 + 20)
        canvas_text(c, row, col + 10, c->cols - col - 10, caret ? style : STYLE_DIM,
                    bytes_of(rule->meaning));
}

static void draw_row(struct metric_view *m, struct canvas *c, unsigned row, size_t at)
{
    const struct metric_row *total = &m->report->totals.items[at];
    const struct metric_series *series = &m->report->metrics->series[total->series];
    bool caret = m->view.caret == ALARM_ROWS + at;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    uint64_t failures = total->attempts - total->successes;
    unsigned col = LEFT;
    double percent;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    canvas_text(c, row, col, 13, style, metric_view_name(total->metric));
    col += 13;
    metric_view_id(m, c, row, col, CLIENT_COLS - 1, style, FIELD_CLIENT, series->client);
    col += CLIENT_COLS;
    canvas_printf(c, row, col, 9, style, "%8" PRIu64, total->attempts);
    col += 9;
    canvas_printf(c, row, col, 9, style, "%8" PRIu64, failures);
    col += 9;
    if (metric_rate(total->attempts, total->successes, &percent))
        canvas_printf(c, row, col, 7,
                      caret      ? style
                      : failures ? STYLE_BAD
                                 : STYLE_DIM,
                      "%5.1f%%", percent);
    else
        canvas_printf(c, row, col, 7, style, "%6s", "-");
    col += 7;
    if (metric_throttles_of(total->metric) == METRIC_COUNT)
        canvas_printf(c, row, col, 10, style, "%9s", "-");
    else
        canvas_printf(c, row, col, 10, style, "%9" PRIu64, total->throttles);
    col += 11;
    if (c->cols < col + 2 * POOL_COLS)
        return;
    metric_view_id(m, c, row, col, POOL_COLS - 1, style, FIELD_POOL, series->pool);
    metric_view_id(m, c, row, col + POOL_COLS, POOL_COLS - 1, caret ? style : STYLE_DIM,
                   FIELD_POOL, series->client_pool);
}

static void draw_headings(struct canvas *c, unsigned alarms, unsigned list)
{
    canvas_text(
        c, alarms, LEFT, c->cols - LEFT, STYLE_HEADING,
        bytes_of("ALARM            RULE           PAGES  LONGEST  ON OF PERIODS    PEAK"));
    canvas_text(c, list, LEFT, c->cols - LEFT, STYLE_HEADING,
                bytes_of("METRIC       CLIENT                     ATTEMPTS   FAILED   "
                         "RATE THROTTLED"));
    if (c->cols >= LEFT + 76 + 2 * POOL_COLS)
        canvas_text(c, list, LEFT + 76, c->cols - LEFT - 76, STYLE_HEADING,
                    bytes_of("POOL IN THE RECORDS     POOL OF THE CLIENT"));
}

/* Below the list: more on the row under the caret, and on all of them. */
static void draw_foot(struct metric_view *m, struct canvas *c, unsigned row)
{
    unsigned col = LEFT;

    if (m->view.caret >= ALARM_ROWS && m->view.caret < count_rows(&m->view)) {
        const struct metric_row *total = &m->report->totals.items[m->view.caret - ALARM_ROWS];
        const struct metric_series *series = &m->report->metrics->series[total->series];

        col += canvas_text(c, row, col, 24, STYLE_PLAIN, bytes_of("pool in the records "));
        col += metric_view_id(m, c, row, col, POOL_COLS, STYLE_PLAIN, FIELD_POOL, series->pool);
        col += canvas_text(c, row, col, 24, STYLE_PLAIN, bytes_of(", of the client "));
        if (series->client_pool)
            metric_view_id(m, c, row, col, POOL_COLS, STYLE_PLAIN, FIELD_POOL,
                           series->client_pool);
        else
            canvas_text(c, row, col, 16, STYLE_PLAIN, bytes_of("not known"));
    } else if (m->view.caret < ALARM_ROWS) {
        canvas_text(c, row, col, c->cols - col, STYLE_PLAIN,
                    bytes_of(m->report->alarms.rules[m->view.caret].meaning));
    }
    metric_view_draw_note(m, c, row + 1);
    metric_view_draw_omissions(m, c, row + 2);
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct metric_view *m = of(v);
    unsigned list = area.row + 1 + ALARM_ROWS + 1, rows;
    size_t at;

    if (!m->report) {
        canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                    bytes_of("Counting ..."));
        return;
    }
    rows = area.rows > ALARM_ROWS + 3 + FOOT_ROWS ? area.rows - ALARM_ROWS - 3 - FOOT_ROWS : 1;
    v->page_rows = rows;
    if (v->caret >= count_rows(v))
        v->caret = count_rows(v) - 1;
    at = v->caret >= ALARM_ROWS ? v->caret - ALARM_ROWS : 0;
    if (at < v->top)
        v->top = at;
    if (at >= v->top + rows)
        v->top = at - rows + 1;
    draw_headings(c, area.row, list);
    for (unsigned i = 0; i < ALARM_ROWS; i++)
        draw_alarm(m, c, area.row + 1 + i, (enum alarm)i);
    for (size_t i = v->top; i < m->report->totals.n && i - v->top < rows; i++)
        draw_row(m, c, list + 1 + (unsigned)(i - v->top), i);
    if (m->report->totals.n == 0)
        canvas_text(c, list + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                    bytes_of("No sign-in, refresh, sign-up or federation in what was read."));
    draw_foot(m, c, area.row + area.rows - FOOT_ROWS);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct metric_view *m = of(v);
    const struct metric_series *series;
    enum field_id wanted = field ? *field : FIELD_CLIENT;
    uint32_t id;

    if (v->caret < ALARM_ROWS || v->caret >= count_rows(v) ||
        (wanted != FIELD_CLIENT && wanted != FIELD_POOL))
        return false;
    series = &m->report->metrics->series[m->report->totals.items[v->caret - ALARM_ROWS].series];
    id = wanted == FIELD_CLIENT ? series->client : series->pool;
    *out =
        (struct pick){.has_field = true,
                      .field = wanted,
                      .state = id < DICTIONARY_FIRST_TEXT ? (enum value_state)id : VALUE_TEXT,
                      .text = dictionary_text(
                          store_dictionaries(m->report->metrics->index->store)[wanted], id)};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct metric_view *m = of(v);
    const struct metric_series *series;
    struct dictionary *const *d;

    if (row < ALARM_ROWS) {
        buffer_add_text(out, m->report->alarms.rules[row].name);
        return;
    }
    d = store_dictionaries(m->report->metrics->index->store);
    series = &m->report->metrics->series[m->report->totals.items[row - ALARM_ROWS].series];
    buffer_add(out, metric_view_name(m->report->totals.items[row - ALARM_ROWS].metric));
    buffer_add_char(out, ' ');
    buffer_add(out, dictionary_text(d[FIELD_CLIENT], series->client));
    buffer_add_char(out, ' ');
    buffer_add(out, dictionary_text(d[FIELD_POOL], series->pool));
}

static unsigned open_row(struct view *v)
{
    struct metric_view *m = of(v);

    if (v->caret >= count_rows(v))
        return REACT_NONE;
    if (v->caret < ALARM_ROWS)
        return ui_push(v->ui, metric_pages_new(v->ui, view_filters(v), m->report->metrics,
                                               (enum alarm)v->caret));
    return ui_push(v->ui, metric_bins_new(v->ui, view_filters(v), m->report->metrics,
                                          &m->report->totals.items[v->caret - ALARM_ROWS]));
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    return metric_view_command(
        of(v), id, argument, v->caret < ALARM_COUNT ? (enum alarm)v->caret : ALARM_FAILURE_RATE,
        reactions);
}

static const struct view_ops metrics_ops = {
    .name = "metrics",
    .context = CONTEXT_METRICS,
    .unfiltered = true,
    .free = free_metrics,
    .ask = metric_view_ask,
    .ready = metric_view_ready,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_row,
    .command = command,
};

struct view *metrics_new_view(struct ui *ui, struct filters *filters)
{
    struct metric_view *m = mem_alloc(sizeof *m);

    metric_view_init(m, &metrics_ops, ui, filters, NULL);
    return &m->view;
}
