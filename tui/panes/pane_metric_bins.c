/* The bins of one metric: when it went how; and the events behind each number. */
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/metric_view.h"
#include "tui/panes/pane_events.h"

enum { LEFT = 2, TIME_COLS = 20, NUMBER_COLS = 11, FOOT_ROWS = 1 };

enum number { NUMBER_ATTEMPTS, NUMBER_OK, NUMBER_FAILED, NUMBER_THROTTLED, NUMBER_COUNT };

static const char *const TITLES[NUMBER_COUNT] = {"ATTEMPTS", "OK", "FAILED", "THROTTLED"};

struct bins_view {
    struct metric_view metric; /* first */
    enum metric of;
    uint32_t pool, client;   /* ids, which stay when numbers of series do not */
    struct metric_row *rows; /* the sum of all bins, then the bins */
    size_t n_rows, cap;
    enum number number; /* the column that Enter opens, and that the worst go by */
    bool worst_first;
};

static struct bins_view *of(struct view *v)
{
    return (struct bins_view *)v;
}

static void free_bins(struct view *v)
{
    metric_view_deinit(&of(v)->metric);
    mem_free(of(v)->rows);
    mem_free(v);
}

static uint64_t number_of(const struct metric_row *row, enum number number)
{
    switch (number) {
    case NUMBER_ATTEMPTS:
        return row->attempts;
    case NUMBER_OK:
        return row->successes;
    case NUMBER_FAILED:
        return row->attempts - row->successes;
    case NUMBER_THROTTLED:
        return row->throttles;
    case NUMBER_COUNT:
        break;
    }
    return 0;
}

/* A bin on its way into the order. */
struct ranked {
    uint64_t number;
    struct metric_row row;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->number != y->number)
        return x->number > y->number ? -1 : 1;
    return (x->row.from_us > y->row.from_us) - (x->row.from_us < y->row.from_us);
}

/* Worst first, by the number of the column. */
static void rank_rows(struct bins_view *b)
{
    struct ranked *ranked;

    if (!b->worst_first || b->n_rows < 2)
        return;
    ranked = mem_array(b->n_rows, sizeof *ranked);
    for (size_t i = 1; i < b->n_rows; i++)
        ranked[i] = (struct ranked){number_of(&b->rows[i], b->number), b->rows[i]};
    qsort(ranked + 1, b->n_rows - 1, sizeof *ranked, by_rank);
    for (size_t i = 1; i < b->n_rows; i++)
        b->rows[i] = ranked[i].row;
    mem_free(ranked);
}

static bool is_ours(const struct bins_view *b, const struct metric_row *row)
{
    const struct metric_series *series = &b->metric.report->metrics->series[row->series];

    return row->metric == b->of && series->pool == b->pool && series->client == b->client;
}

/* Picks our rows out of a new report. */
static void taken(struct metric_view *m)
{
    struct bins_view *b = (struct bins_view *)m;
    const struct metric_report *r = m->report;

    b->n_rows = 0;
    mem_grow(&b->rows, &b->cap, r->bins.n + 1, sizeof *b->rows);
    for (size_t i = 0; i < r->totals.n; i++) {
        if (is_ours(b, &r->totals.items[i]))
            b->rows[b->n_rows++] = r->totals.items[i];
    }
    for (size_t i = 0; i < r->bins.n && b->n_rows > 0; i++) {
        if (is_ours(b, &r->bins.items[i]))
            b->rows[b->n_rows++] = r->bins.items[i];
    }
    rank_rows(b);
}

static void crumb(struct view *v, struct buffer *out)
{
    struct dictionary *const *d = store_dictionaries(session_store(v->ui->session));

    struct bytes client = dictionary_text(d[FIELD_CLIENT], of(v)->client);

    buffer_add(out, metric_view_name(of(v)->of));
    buffer_add_char(out, ' ');
    /* As in the list of events: clients differ in their ends as well as anywhere. */
    safe_add(out, bytes_slice(client, client.len > 6 ? client.len - 6 : 0, client.len), 6,
             v->ui->canvas.ascii);
}

static void counts(struct view *v, struct buffer *out)
{
    const struct bins_view *b = of(v);

    ui_add_count(v->ui, out, b->n_rows ? b->n_rows - 1 : 0, false);
    buffer_add_text(out, " bins of ");
    instant_add_width(out, v->ui->metric_width_us);
    if (b->metric.asking)
        buffer_add_text(out, " (counting)");
}

static void status(struct view *v, struct buffer *out)
{
    const struct bins_view *b = of(v);

    buffer_printf(out, "%s; Enter opens the events of %s",
                  b->worst_first ? "worst first" : "in the order of time", TITLES[b->number]);
}

static size_t count_rows(const struct view *v)
{
    return ((const struct bins_view *)v)->n_rows;
}

static void draw_row(struct bins_view *b, struct canvas *c, unsigned row, size_t at,
                     uint64_t most)
{
    struct metric_view *m = &b->metric;
    const struct metric_row *r = &b->rows[at];
    bool caret = at == m->view.caret;
    enum style style = caret ? STYLE_CARET : at == 0 ? STYLE_TITLE : STYLE_PLAIN;
    unsigned col = LEFT;
    double percent;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    buffer_clear(&m->scratch);
    if (at == 0)
        buffer_add_text(&m->scratch, "all of it");
    else
        ui_add_time(m->view.ui, &m->scratch, r->from_us, INSTANT_TABLE);
    canvas_text(c, row, col, TIME_COLS - 1, style, buffer_bytes(&m->scratch));
    col += TIME_COLS;
    for (unsigned i = 0; i < NUMBER_COUNT; i++) {
        canvas_printf(c, row, col, NUMBER_COLS, style, "%*" PRIu64, NUMBER_COLS - 1,
                      number_of(r, (enum number)i));
        col += NUMBER_COLS;
    }
    if (metric_rate(r->attempts, r->successes, &percent))
        canvas_printf(c, row, col, 8,
                      caret         ? style
                      : percent > 0 ? STYLE_BAD
                                    : STYLE_DIM,
                      "%6.1f%%", percent);
    else
        canvas_printf(c, row, col, 8, style, "%7s", "-");
    col += 9;
    for (unsigned i = 0;
         at > 0 && most && col + i + 1 < c->cols &&
         i < (double)number_of(r, b->number) / (double)most * (c->cols - col - 1);
         i++)
        canvas_text(c, row, col + i, 1, caret ? style : STYLE_DIM,
                    glyph_text(GLYPH_FULL, c->ascii));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct bins_view *b = of(v);
    unsigned col = LEFT + TIME_COLS;
    uint64_t most = 0;

    v->page_rows = area.rows > 1 + FOOT_ROWS ? area.rows - 1 - FOOT_ROWS : 1;
    view_scroll(v);
    canvas_text(c, area.row, LEFT, TIME_COLS, b->worst_first ? STYLE_HEADING : STYLE_ACCENT,
                bytes_of("BIN FROM"));
    for (unsigned i = 0; i < NUMBER_COUNT; i++, col += NUMBER_COLS)
        canvas_printf(c, area.row, col, NUMBER_COLS,
                      i == b->number ? STYLE_ACCENT : STYLE_HEADING, "%*s", NUMBER_COLS - 1,
                      TITLES[i]);
    canvas_printf(c, area.row, col, 9, STYLE_HEADING, "%7s", "RATE");
    if (b->n_rows == 0) {
        canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                    bytes_of(b->metric.report ? "Nothing counts any more." : "Counting ..."));
        return;
    }
    for (size_t i = 1; i < b->n_rows; i++) {
        uint64_t n = number_of(&b->rows[i], b->number);

        most = n > most ? n : most;
    }
    for (size_t i = v->top; i < b->n_rows && i - v->top < v->page_rows; i++)
        draw_row(b, c, area.row + 1 + (unsigned)(i - v->top), i, most);
    metric_view_draw_note(&b->metric, c, area.row + area.rows - 1);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct bins_view *b = of(v);
    enum field_id wanted = field ? *field : FIELD_CLIENT;
    uint32_t id = wanted == FIELD_CLIENT ? b->client : b->pool;

    if (wanted != FIELD_CLIENT && wanted != FIELD_POOL)
        return false;
    *out = (struct pick){
        .has_field = true,
        .field = wanted,
        .state = id < DICTIONARY_FIRST_TEXT ? (enum value_state)id : VALUE_TEXT,
        .text = dictionary_text(store_dictionaries(session_store(v->ui->session))[wanted], id)};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    if (row == 0)
        buffer_add_text(out, "all of it");
    else
        ui_add_time(v->ui, out, of(v)->rows[row].from_us, INSTANT_TABLE);
}

/* Exactly the events of the number under the caret. */
static unsigned open_row(struct view *v)
{
    struct bins_view *b = of(v);
    const struct metric_row none = {0},
                            *row = v->caret < b->n_rows ? &b->rows[v->caret] : &none;
    bool throttles = b->number == NUMBER_THROTTLED;
    struct metric_pick pick = {.metric = throttles ? metric_throttles_of(b->of) : b->of,
                               .by = METRIC_BY_SERIES,
                               .of = row->series,
                               .from_us = row->from_us,
                               .to_us = INT64_MAX,
                               .part = b->number == NUMBER_OK       ? METRIC_SUCCESSES
                                       : b->number == NUMBER_FAILED ? METRIC_FAILURES
                                                                    : METRIC_ALL};
    struct buffer label = {0};
    row_id *rows = NULL;
    size_t cap = 0, n;
    unsigned reactions;

    if (number_of(row, b->number) == 0) {
        ui_say(v->ui, STYLE_PLAIN,
               "There is no event behind a zero; . and , change the number.");
        return REACT_REDRAW;
    }
    if (v->caret > 0)
        pick.to_us = row->from_us + b->metric.report->width_us;
    n = metrics_rows(b->metric.report->metrics, &pick, &rows, 0, &cap);
    buffer_printf(&label, "[%s: %s of ", metric_name(b->of), TITLES[b->number]);
    if (v->caret == 0) {
        buffer_add_text(&label, "all bins]");
    } else {
        instant_add_width(&label, b->metric.report->width_us);
        buffer_add_text(&label, " from ");
        instant_add(&label, row->from_us, INSTANT_TABLE, 0);
        buffer_add_text(&label, " UTC]");
    }
    reactions = events_of(v->ui, buffer_bytes(&label), rows, n);
    mem_free(rows);
    buffer_deinit(&label);
    return reactions;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct bins_view *b = of(v);

    *reactions = REACT_REDRAW;
    if (id == COMMAND_SORT) {
        b->worst_first = !b->worst_first;
    } else if (id == COMMAND_COLUMN_NEXT) {
        b->number = (b->number + 1) % NUMBER_COUNT;
    } else if (id == COMMAND_COLUMN_PREVIOUS) {
        b->number = (b->number + NUMBER_COUNT - 1) % NUMBER_COUNT;
    } else {
        return metric_view_command(&b->metric, id, argument, ALARM_FAILURE_RATE, reactions);
    }
    if (b->metric.report)
        taken(&b->metric);
    return true;
}

static const struct view_ops bins_ops = {
    .name = "bins of a metric",
    .context = CONTEXT_METRIC_BINS,
    .unfiltered = true,
    .free = free_bins,
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

struct view *metric_bins_new(struct ui *ui, struct filters *filters, struct metrics *known,
                             const struct metric_row *row)
{
    struct bins_view *b = mem_alloc(sizeof *b);
    const struct metric_series *series = &known->series[row->series];

    b->of = row->metric;
    b->pool = series->pool;
    b->client = series->client;
    b->number = NUMBER_FAILED;
    b->metric.taken = taken;
    metric_view_init(&b->metric, &bins_ops, ui, filters, known);
    return &b->metric.view;
}
