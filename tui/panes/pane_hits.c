#include "tui/panes/pane_hits.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/asking/hits.h"
#include "core/query/query_hint.h"

#include "tui/draw.h"
#include "tui/panes/pane_events.h"
#include "tui/ui.h"

enum { LEFT = 2, NUMBER_COLS = 26, MOMENT_COLS = 20 };

struct hits {
    struct view view;
    enum field_id field;
    struct indicators *list;
    struct ask *asking, *asking_groups;
    struct hit *lines;   /* one for each indicator; NULL until the first answer */
    size_t n_hit;        /* lines with events */
    uint64_t n_events;   /* looked at */
    uint64_t n_unlooked; /* not looked at, as it was stopped */
    uint32_t *rows;      /* positions of indicators, as shown */
    bool by_line;        /* in the order of the file */
    struct buffer scratch;
};

static struct hits *of(struct view *v)
{
    return (struct hits *)v;
}

static void free_hits(struct view *v)
{
    struct hits *h = of(v);

    ask_cancel(h->asking);
    ask_cancel(h->asking_groups);
    indicators_release(h->list);
    mem_free(h->lines);
    mem_free(h->rows);
    buffer_deinit(&h->scratch);
    view_deinit(v);
    mem_free(h);
}

/* Most events first; lines without any behind them in the order of the file. */
static int by_events(const void *left, const void *right, void *context)
{
    const struct hits *h = context;
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;

    if (!h->by_line && h->lines[x].events != h->lines[y].events)
        return h->lines[x].events > h->lines[y].events ? -1 : 1;
    return (x > y) - (x < y);
}

static void arrange(struct hits *h)
{
    for (size_t i = 0; i < indicators_count(h->list); i++)
        h->rows[i] = (uint32_t)i;
    qsort_r(h->rows, indicators_count(h->list), sizeof *h->rows, by_events, h);
}

static void take_groups(void *context, struct grouping *grouping)
{
    struct hits *h = context;
    size_t count = indicators_count(h->list);

    h->asking_groups = NULL;
    if (!h->lines) {
        h->lines = mem_array(count, sizeof *h->lines);
        h->rows = mem_array(count, sizeof *h->rows);
    }
    h->n_hit = hits_count(h->list, grouping, h->lines);
    h->n_events = grouping->n_rows;
    arrange(h);
    grouping_free(grouping);
}

static void take_selection(void *context, struct selection *selection)
{
    struct hits *h = context;

    h->asking = NULL;
    h->n_unlooked = selection->n_unlooked;
    ask_cancel(h->asking_groups);
    h->asking_groups = session_group(h->view.ui->session, selection, &h->field, 1, FIELD_COUNT,
                                     take_groups, h);
    selection_release(selection);
}

static struct ask *asked(const struct view *v)
{
    const struct hits *h = (const struct hits *)v;

    return h->asking ? h->asking : h->asking_groups;
}

static bool ready(const struct view *v)
{
    return ((const struct hits *)v)->lines != NULL;
}

static void ask(struct view *v)
{
    struct hits *h = of(v);

    ask_cancel(h->asking);
    h->asking = session_select(v->ui->session, view_filters(v), take_selection, h);
}

static void crumb(struct view *v, struct buffer *out)
{
    const struct hits *h = of(v);

    buffer_printf(out, "%s in ", field_get(h->field)->name);
    safe_add(out, indicators_name(h->list), 40, v->ui->canvas.ascii);
}

static void counts(struct view *v, struct buffer *out)
{
    const struct hits *h = of(v);

    if (!h->lines) {
        buffer_add_text(out, "counting");
        return;
    }
    if (session_is_partial(v->ui->session) || h->n_unlooked)
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, h->n_hit, false);
    buffer_add_text(out, " of ");
    ui_add_count(v->ui, out, indicators_count(h->list), false);
    buffer_add_text(out, " lines met in ");
    ui_add_count(v->ui, out, h->n_events, false);
    buffer_add_text(out, " events");
    if (h->asking || h->asking_groups)
        buffer_add_text(out, " (counting)");
}

static void status(struct view *v, struct buffer *out)
{
    buffer_add_text(out, of(v)->by_line ? "in the order of the file" : "most events first");
    ui_add_unlooked(v->ui, out, of(v)->n_unlooked);
    if (indicators_repeats(of(v)->list))
        buffer_printf(out, "  %zu lines said twice", indicators_repeats(of(v)->list));
}

static size_t count_rows(const struct view *v)
{
    const struct hits *h = (const struct hits *)v;

    return h->lines ? indicators_count(h->list) : 0;
}

static void draw_row(struct hits *h, struct canvas *c, unsigned row, size_t at)
{
    const struct indicator *line = indicators_get(h->list, h->rows[at]);
    const struct hit *hit = &h->lines[h->rows[at]];
    bool caret = at == h->view.caret, wide = c->cols >= 110;
    enum style style = caret ? STYLE_CARET : hit->events ? STYLE_PLAIN : STYLE_DIM;
    unsigned numbers = NUMBER_COLS + (wide ? 2 * MOMENT_COLS : 0);
    unsigned text_cols = c->cols > numbers + 20 ? c->cols - numbers - 10 : 10;
    unsigned col = LEFT;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    canvas_printf(c, row, col, 7, style, "%6zu", line->line);
    col += 8;
    canvas_put_value(c, row, col, text_cols - 1, style, bytes_of(field_get(h->field)->name),
                     line->text);
    col += text_cols;
    if (!hit->events) {
        canvas_text(c, row, col, NUMBER_COLS, style, bytes_of("       -  not met"));
        return;
    }
    canvas_printf(c, row, col, NUMBER_COLS, style, "%8" PRIu64 " %5.0f%% %9" PRIu64,
                  hit->events, 100.0 * (double)hit->failed / (double)hit->events, hit->values);
    col += NUMBER_COLS;
    if (!wide)
        return;
    buffer_clear(&h->scratch);
    ui_add_time(h->view.ui, &h->scratch, hit->first_us, INSTANT_TABLE);
    canvas_text(c, row, col, MOMENT_COLS, style, buffer_bytes(&h->scratch));
    buffer_clear(&h->scratch);
    ui_add_time(h->view.ui, &h->scratch, hit->last_us, INSTANT_TABLE);
    canvas_text(c, row, col + MOMENT_COLS, MOMENT_COLS, style, buffer_bytes(&h->scratch));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct hits *h = of(v);
    bool wide = c->cols >= 110;
    unsigned numbers = NUMBER_COLS + (wide ? 2 * MOMENT_COLS : 0);
    unsigned text_cols = c->cols > numbers + 20 ? c->cols - numbers - 10 : 10;

    v->page_rows = area.rows > 1 ? area.rows - 1 : 1;
    view_scroll(v);
    canvas_text(c, area.row, LEFT, c->cols, STYLE_HEADING, bytes_of("  LINE  INDICATOR"));
    canvas_printf(c, area.row, LEFT + 8 + text_cols, numbers, STYLE_HEADING,
                  "%8s %6s %9s %-*s%s", "EVENTS", "FAIL%", "VALUES", MOMENT_COLS,
                  wide ? "FIRST" : "", wide ? "LAST" : "");
    if (!h->lines) {
        canvas_text(c, area.row + 1, LEFT, c->cols, STYLE_PLAIN, bytes_of("Counting ..."));
        return;
    }
    for (size_t i = v->top; i < count_rows(v) && i - v->top < v->page_rows; i++)
        draw_row(h, c, area.row + 1 + (unsigned)(i - v->top), i);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct hits *h = of(v);
    const struct indicator *line;

    if (v->caret >= count_rows(v) || (field && *field != h->field))
        return false;
    line = indicators_get(h->list, h->rows[v->caret]);
    *out = (struct pick){.state = VALUE_TEXT, .text = line->text};
    /* A network is no value of the field. */
    out->has_field = !line->is_network || memchr(line->text.ptr, '/', line->text.len) == NULL;
    out->field = h->field;
    return out->has_field || !field;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    const struct hits *h = of(v);

    buffer_add(out, indicators_get(h->list, h->rows[row])->text);
}

/* The events of the line: what it matches, as the list does. */
static unsigned open_row(struct view *v)
{
    struct hits *h = of(v);
    const struct indicator *line;
    struct buffer text = {0};
    unsigned reactions;

    if (v->caret >= count_rows(v))
        return REACT_NONE;
    line = indicators_get(h->list, h->rows[v->caret]);
    if (line->is_network) {
        buffer_printf(&text, "isIpInSubnet(%s, \"", field_get(h->field)->name);
        subnet_write(&text, &line->subnet);
        buffer_add_text(&text, "\")");
    } else {
        buffer_printf(&text, "%s=", field_get(h->field)->name);
        query_hint_write(&text, line->text, true);
    }
    reactions = events_with(v->ui, view_filters(v), buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct hits *h = of(v);

    (void)argument;
    *reactions = REACT_REDRAW;
    if (id != COMMAND_SORT && id != COMMAND_SORT_REVERSE)
        return false;
    h->by_line = !h->by_line;
    if (h->lines)
        arrange(h);
    return true;
}

static const struct view_ops hits_ops = {
    .name = "list of indicators",
    .context = CONTEXT_HITS,
    .free = free_hits,
    .ask = ask,
    .asked = asked,
    .ready = ready,
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

struct view *hits_new(struct ui *ui, struct filters *filters, enum field_id field,
                      struct indicators *list)
{
    struct hits *h = mem_alloc(sizeof *h);

    view_init(&h->view, &hits_ops, ui, filters);
    h->field = field;
    h->list = indicators_hold(list);
    return &h->view;
}
