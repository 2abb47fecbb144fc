/* The pages of one alarm: when it would have been on, for how long, for whom. */
#include <inttypes.h>

#include "core/base/mem.h"

#include "tui/draw.h"
#include "tui/panes/metric_view.h"
#include "tui/panes/pane_events.h"

enum {
    LEFT = 2,
    TIME_COLS = 20,
    CLIENT_COLS = 27,
    FOOT_ROWS = 1,
    POOL_COL = LEFT + TIME_COLS + 29 + CLIENT_COLS
};

struct pages_view {
    struct metric_view metric; /* first */
    enum alarm alarm;
    size_t *pages; /* positions in the report */
    size_t n_pages, cap;
};

static struct pages_view *of(struct view *v)
{
    return (struct pages_view *)v;
}

static void free_pages(struct view *v)
{
    metric_view_deinit(&of(v)->metric);
    mem_free(of(v)->pages);
    mem_free(v);
}

static void taken(struct metric_view *m)
{
    struct pages_view *p = (struct pages_view *)m;
    const struct alarms *a = &m->report->alarms;

    p->n_pages = 0;
    mem_grow(&p->pages, &p->cap, a->n_pages, sizeof *p->pages);
    for (size_t i = 0; i < a->n_pages; i++) {
        if (a->pages[i].alarm == p->alarm)
            p->pages[p->n_pages++] = i;
    }
}

static const struct alarm_page *page_at(const struct pages_view *p, size_t at)
{
    return &p->metric.report->alarms.pages[p->pages[at]];
}

static void crumb(struct view *v, struct buffer *out)
{
    buffer_printf(out, "alarm %s", v->ui->alarms[of(v)->alarm].name);
}

static void counts(struct view *v, struct buffer *out)
{
    const struct pages_view *p = of(v);

    ui_add_count(v->ui, out, p->n_pages, false);
    buffer_add_text(out, p->n_pages == 1 ? " page" : " pages");
    if (p->metric.asking)
        buffer_add_text(out, " (counting)");
}

static void status(struct view *v, struct buffer *out)
{
    const struct alarm_rule *rule = &v->ui->alarms[of(v)->alarm];

    buffer_printf(out, "more than %" PRIu64 "%s in ", rule->threshold, rule->unit);
    instant_add_width(out, rule->period_us);
}

static size_t count_rows(const struct view *v)
{
    return ((const struct pages_view *)v)->n_pages;
}

static void draw_row(struct pages_view *p, struct canvas *c, unsigned row, size_t at)
{
    struct metric_view *m = &p->metric;
    const struct alarm_page *page = page_at(p, at);
    const struct alarm_rule *rule = &m->report->alarms.rules[p->alarm];
    const struct metric_target *target = &m->report->metrics->targets[page->target];
    bool caret = at == m->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned col = LEFT;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    buffer_clear(&m->scratch);
    ui_add_time(m->view.ui, &m->scratch, page->from_us, INSTANT_TABLE);
    canvas_text(c, row, col, TIME_COLS - 1, style, buffer_bytes(&m->scratch));
    col += TIME_COLS;
    buffer_clear(&m->scratch);
    instant_add_span(&m->scratch, page->to_us - page->from_us);
    canvas_text(c, row, col, 8, style, buffer_bytes(&m->scratch));
    col += 9;
    canvas_printf(c, row, col, 10, style, "%8.*f%s", rule->value == ALARM_PERCENT_FAILED,
                  page->peak, rule->unit);
    col += 10;
    canvas_printf(c, row, col, 12, style, "%8" PRIu64,
                  rule->value == ALARM_FAILED ? page->failures : page->attempts);
    col += 10;
    metric_view_id(m, c, row, col, CLIENT_COLS - 1, style, FIELD_CLIENT, target->client);
    col += CLIENT_COLS;
    if (c->cols > col + 12)
        metric_view_id(m, c, row, col, c->cols - col - 1, style, FIELD_POOL, target->pool);
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct pages_view *p = of(v);

    v->page_rows = area.rows > 1 + FOOT_ROWS ? area.rows - 1 - FOOT_ROWS : 1;
    view_scroll(v);
    canvas_text(c, area.row, LEFT, c->cols - LEFT, STYLE_HEADING,
                bytes_of("ON FROM             FOR          PEAK    EVENTS  CLIENT"));
    if (c->cols > POOL_COL + 12)
        canvas_text(c, area.row, POOL_COL, 5, STYLE_HEADING, bytes_of("POOL"));
    if (p->n_pages == 0)
        canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                    bytes_of(p->metric.report ? "This alarm would never have been on."
                                              : "Counting ..."));
    for (size_t i = v->top; i < p->n_pages && i - v->top < v->page_rows; i++)
        draw_row(p, c, area.row + 1 + (unsigned)(i - v->top), i);
    metric_view_draw_note(&p->metric, c, area.row + area.rows - 1);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct pages_view *p = of(v);
    enum field_id wanted = field ? *field : FIELD_CLIENT;
    const struct metric_target *target;
    uint32_t id;

    if (v->caret >= p->n_pages || (wanted != FIELD_CLIENT && wanted != FIELD_POOL))
        return false;
    target = &p->metric.report->metrics->targets[page_at(p, v->caret)->target];
    id = wanted == FIELD_CLIENT ? target->client : target->pool;
    *out = (struct pick){
        .has_field = true,
        .field = wanted,
        .state = id < DICTIONARY_FIRST_TEXT ? (enum value_state)id : VALUE_TEXT,
        .text = dictionary_text(store_dictionaries(session_store(v->ui->session))[wanted], id)};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct pages_view *p = of(v);
    const struct alarm_page *page = page_at(p, row);
    struct dictionary *const *d = store_dictionaries(session_store(v->ui->session));

    ui_add_time(v->ui, out, page->from_us, INSTANT_TABLE);
    buffer_add_char(out, ' ');
    buffer_add(out, dictionary_text(d[FIELD_CLIENT],
                                    p->metric.report->metrics->targets[page->target].client));
}

/* Exactly the events that were counted while it was on. */
static unsigned open_row(struct view *v)
{
    struct pages_view *p = of(v);
    const struct alarm_page *page;
    struct buffer label = {0};
    row_id *rows = NULL;
    size_t cap = 0, n;
    unsigned reactions;

    if (v->caret >= p->n_pages)
        return REACT_NONE;
    page = page_at(p, v->caret);
    n = alarm_rows(p->metric.report->metrics, &p->metric.report->alarms, page, &rows, 0, &cap);
    buffer_printf(&label, "[alarm %s from ", p->metric.report->alarms.rules[p->alarm].name);
    instant_add(&label, page->from_us, INSTANT_TABLE, 0);
    buffer_add_text(&label, " UTC for ");
    instant_add_span(&label, page->to_us - page->from_us);
    buffer_add_text(&label, "]");
    reactions = events_of(v->ui, buffer_bytes(&label), rows, n);
    mem_free(rows);
    buffer_deinit(&label);
    return reactions;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    return metric_view_command(&of(v)->metric, id, argument, of(v)->alarm, reactions);
}

static const struct view_ops pages_ops = {
    .name = "pages of an alarm",
    .context = CONTEXT_METRICS,
    .unfiltered = true,
    .free = free_pages,
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

struct view *metric_pages_new(struct ui *ui, struct filters *filters, struct metrics *known,
                              enum alarm alarm)
{
    struct pages_view *p = mem_alloc(sizeof *p);

    p->alarm = alarm;
    p->metric.taken = taken;
    metric_view_init(&p->metric, &pages_ops, ui, filters, known);
    return &p->metric.view;
}
