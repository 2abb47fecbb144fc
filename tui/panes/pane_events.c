#include "tui/panes/pane_events.h"

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/got_in.h"
#include "tui/panes/pane_columns.h"
#include "tui/panes/pane_event.h"
#include "tui/panes/preview.h"
#include "tui/panes/row_time.h"
#include "tui/panes/strip.h"
#include "tui/ui.h"

enum { PREVIEW_MIN_COLS = 120, LEFT = 4 };

struct events {
    struct view view;
    struct selection *selection; /* NULL until the first answer */
    struct histogram *histogram; /* of the selection, or an older one while asking */
    struct ask *asking, *asking_bins, *asking_sort;
    struct filters *asked_filters; /* held; of the last question */
    struct filters *shown_filters; /* held; of the selection */
    bool asked_again;              /* with the filters of the one before */
    row_id caret_row; /* the event the caret is on: what is kept when rows come or go */
    bool has_caret;
    struct column_set columns;
    size_t column;  /* what = - y act on */
    size_t shown;   /* columns that fitted at the last draw */
    bool is_sorted; /* by something other than ascending time */
    enum field_id sort_field;
    bool descending;
    row_id *sorted; /* selection's rows in that order; NULL until the answer is there */
    struct buffer scratch;
    struct preview preview;
};

static struct events *of(struct view *v)
{
    return (struct events *)v;
}

static const struct events *of_const(const struct view *v)
{
    return (const struct events *)v;
}

static const row_id *rows(const struct events *e)
{
    return e->is_sorted && e->sorted ? e->sorted : e->selection->rows;
}

static void free_events(struct view *v)
{
    struct events *e = of(v);

    ask_cancel(e->asking);
    ask_cancel(e->asking_bins);
    ask_cancel(e->asking_sort);
    filters_release(e->asked_filters);
    filters_release(e->shown_filters);
    selection_release(e->selection);
    histogram_free(e->histogram);
    mem_free(e->sorted);
    buffer_deinit(&e->scratch);
    preview_deinit(&e->preview);
    view_deinit(v);
    mem_free(e);
}

static size_t count_rows(const struct view *v)
{
    const struct events *e = of_const(v);

    return e->selection ? e->selection->n_rows : 0;
}

/* Puts the caret back on the event it was on, or where that event would stand. */
static void find_caret(struct events *e)
{
    size_t count = count_rows(&e->view);

    /* At the top the caret stays at the top, else on its event. */
    if (!e->has_caret || count == 0 || e->view.caret == 0)
        return;
    if (e->is_sorted && e->sorted) {
        for (size_t i = 0; i < count; i++) {
            if (e->sorted[i] == e->caret_row) {
                e->view.caret = i;
                return;
            }
        }
    } else {
        size_t screen_row = e->view.caret - e->view.top;
        size_t at = selection_find(e->selection, e->caret_row);

        e->view.caret = at < count ? at : count - 1;
        e->view.top = e->view.caret > screen_row ? e->view.caret - screen_row : 0;
    }
}

static void take_bins(void *context, struct histogram *histogram)
{
    struct events *e = context;

    e->asking_bins = NULL;
    histogram_free(e->histogram);
    e->histogram = histogram;
}

static void take_sorted(void *context, row_id *sorted)
{
    struct events *e = context;

    e->asking_sort = NULL;
    mem_free(e->sorted);
    e->sorted = sorted;
    find_caret(e);
}

static void ask_sort(struct events *e)
{
    ask_cancel(e->asking_sort);
    e->asking_sort = NULL;
    if (e->is_sorted && e->selection)
        e->asking_sort = session_sort(e->view.ui->session, e->selection, e->sort_field,
                                      e->descending, take_sorted, e);
}

static void show_selection(struct events *e, struct selection *selection)
{
    mem_free(e->sorted);
    e->sorted = NULL;
    selection_release(e->selection);
    e->selection = selection;
    filters_release(e->shown_filters);
    e->shown_filters = filters_hold(e->asked_filters);
    find_caret(e);
}

static void take_selection(void *context, struct selection *selection)
{
    struct events *e = context;

    e->asking = NULL;
    e->view.outdated = false;
    show_selection(e, selection);
    ask_cancel(e->asking_bins);
    e->asking_bins = session_bins(
        e->view.ui->session, selection,
        e->view.ui->canvas.cols > 10 ? e->view.ui->canvas.cols - 10 : 1, take_bins, e);
    ask_sort(e);
}

static struct ask *asked(const struct view *v)
{
    return ((const struct events *)v)->asking;
}

/* What was found until now stands in the list as if it were all; the counts say that it is not.
 * When only more was loaded, the answer before shows more than the first parts do. */
static void take_part(void *context, struct selection *selection)
{
    struct events *e = context;

    if (e->asked_again && e->selection && e->selection->n_rows > selection->n_rows) {
        selection_release(selection);
        return;
    }
    ask_cancel(e->asking_sort);
    e->asking_sort = NULL;
    /* Bins of other filters would say what these do not leave. */
    if (e->shown_filters != e->asked_filters) {
        ask_cancel(e->asking_bins);
        e->asking_bins = NULL;
        histogram_free(e->histogram);
        e->histogram = NULL;
    }
    show_selection(e, selection);
}

static bool ready(const struct view *v)
{
    return ((const struct events *)v)->selection != NULL && !v->outdated;
}

static void ask(struct view *v)
{
    struct events *e = of(v);

    e->asked_again = e->asked_filters == view_filters(v);
    filters_release(e->asked_filters);
    e->asked_filters = filters_hold(view_filters(v));
    ask_cancel(e->asking);
    e->asking = session_select(v->ui->session, view_filters(v), take_selection, e);
    ask_parts(e->asking, take_part);
}

static bool has_filters(const struct view *v)
{
    const struct filters *f = view_filters(v);

    for (size_t i = 0; i < filters_count(f); i++) {
        if (filters_enabled(f, i))
            return true;
    }
    return false;
}

static void crumb(struct view *v, struct buffer *out)
{
    const struct filters *f = view_filters(v);
    size_t on = 0;

    buffer_add_text(out, "Events");
    for (size_t i = 0; i < filters_count(f); i++)
        on += filters_enabled(f, i);
    /* The filters stand in words in the row below; only their last one names the step. */
    if (on && filters_count(f) == 1) {
        buffer_add_char(out, ' ');
        safe_add(out, canvas_hide(&v->ui->canvas, bytes_of(""), filters_text(f, 0)), 40,
                 v->ui->canvas.ascii);
    } else if (on) {
        buffer_printf(out, " (%zu filters)", on);
    }
}

static void counts(struct view *v, struct buffer *out)
{
    const struct events *e = of(v);
    struct session *session = v->ui->session;
    struct ledger_totals totals;
    uint64_t all, shown = e->selection ? e->selection->n_rows : 0;

    session_totals(session, &totals);
    all = totals.events;
    if (!session_shows_duplicates(session) && session_index(session))
        all -= session_index(session)->n_duplicates;
    if (!e->selection) {
        buffer_add_text(out, session_is_busy(session) ? "reading" : "no events");
        return;
    }
    /* The rows of the filters before stay until there are others; their number says nothing. */
    if (e->shown_filters != view_filters(v)) {
        buffer_add_text(out, "searching ");
        ui_add_count(v->ui, out, all, false);
        buffer_add_text(out, all == 1 ? " event" : " events");
        return;
    }
    if (session_is_partial(session) || e->selection->n_unlooked)
        buffer_add_text(out, "at least ");
    /* Without a filter the list only runs behind what was read meanwhile. */
    if (has_filters(v)) {
        ui_add_count(v->ui, out, shown, false);
        buffer_add_text(out, " of ");
    }
    ui_add_count(v->ui, out, all, false);
    buffer_add_text(out, all == 1 ? " event" : " events");
}

static void status(struct view *v, struct buffer *out)
{
    const struct events *e = of(v);

    if (!e->selection)
        return;
    if (e->histogram && e->histogram->n_bins && count_rows(v)) {
        instant_add_span(out, e->histogram->bin_us);
        buffer_add_text(out, " bins");
    }
    if (e->is_sorted) {
        buffer_printf(out, "  by %s%s", field_get(e->sort_field)->title,
                      e->descending ? " (down)" : "");
        if (!e->sorted)
            buffer_add_text(out, " (sorting)");
    }
    if (session_marked(v->ui->session))
        buffer_printf(out, "  %zu marked", session_marked(v->ui->session));
    ui_add_unlooked(v->ui, out, e->selection->n_unlooked);
    if (e->selection->n_unknown) {
        buffer_add_text(out, "  ");
        ui_add_count(v->ui, out, e->selection->n_unknown, false);
        buffer_add_text(out, " left out: no field (");
        ui_add_key(v->ui, out, COMMAND_KEEP_UNKNOWN);
        buffer_add_text(out, " adds them)");
    }
    if (e->selection->n_undecided) {
        buffer_add_text(out, "  ");
        ui_add_count(v->ui, out, e->selection->n_undecided, false);
        buffer_add_text(out, " undecided");
    }
    if (e->selection->n_duplicates) {
        buffer_add_text(out, "  ");
        ui_add_count(v->ui, out, e->selection->n_duplicates, false);
        buffer_add_text(out, " duplicates hidden");
    }
    if (session_index(v->ui->session) && session_index(v->ui->session)->n_conflicts) {
        buffer_add_text(out, "  ");
        ui_add_count(v->ui, out, session_index(v->ui->session)->n_conflicts, false);
        buffer_add_text(out, " same id, other content");
    }
}

static void draw_headings(struct events *e, struct canvas *c, struct area area,
                          const unsigned *widths)
{
    unsigned col = area.col + LEFT;

    canvas_text(c, area.row, area.col + 2, 1, STYLE_HEADING, bytes_of("S"));
    for (size_t i = 0; i < e->shown; i++) {
        const char *title = column_title(&e->columns.chosen[i]);

        canvas_text(c, area.row, col, widths[i], STYLE_HEADING, bytes_of(title));
        if (i == e->column)
            canvas_style(c, area.row, col, (unsigned)strlen(title), STYLE_ACCENT);
        col += widths[i] + 1;
    }
}

static void draw_row(struct events *e, struct canvas *c, struct area area, size_t at,
                     const unsigned *widths)
{
    struct ui *ui = e->view.ui;
    unsigned row = area.row + (unsigned)(at - e->view.top), col = area.col + LEFT;
    row_id id = rows(e)[at];
    bool caret = at == e->view.caret;
    enum value_state state;
    char scratch[40];
    struct bytes format =
        store_text(session_store(ui->session), id, FIELD_FORMAT, scratch, &state);
    enum style style;

    if (caret) {
        draw_caret_row(c, row, area);
    }
    /* A copy of an event that stands elsewhere, when copies are shown. */
    if (session_shows_duplicates(ui->session) && index_is_duplicate(e->selection->index, id))
        canvas_text(c, row, area.col + 3, 1, caret ? STYLE_CARET : STYLE_WARN, bytes_of("="));
    if (session_is_marked(ui->session, id))
        canvas_text(c, row, area.col + 1, 1, caret ? STYLE_CARET : STYLE_FOUND, bytes_of("*"));
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        if (bytes_are(format, format_name((enum format)f))) {
            char letter = format_letter((enum format)f);

            canvas_text(c, row, area.col + 2, 1, caret ? STYLE_CARET : STYLE_DIM,
                        bytes_make(&letter, 1));
        }
    }
    for (size_t i = 0; i < e->shown; i++) {
        buffer_clear(&e->scratch);
        column_text(ui, &e->columns.chosen[i], id, widths[i], &e->scratch, &style);
        canvas_put_value(c, row, col, widths[i], caret ? STYLE_CARET : style,
                         bytes_of(field_get(e->columns.chosen[i].field)->name),
                         buffer_bytes(&e->scratch));
        col += widths[i] + 1;
    }
}

static void draw_empty(struct events *e, struct canvas *c, struct area area)
{
    struct ui *ui = e->view.ui;
    const char *text = "Nothing matches. u undoes the last filter, c clears all, x lists them.";

    if (!e->selection)
        text = session_is_busy(ui->session)
                   ? "Reading ..."
                   : "No events were read: D shows every file and why.";
    else if (filters_count(view_filters(&e->view)) == 0 && !session_is_loading(ui->session))
        text = "No events were read: D shows every file and why.";
    canvas_text(c, area.row + 1, area.col + LEFT, area.cols - LEFT, STYLE_PLAIN,
                bytes_of(text));
}

/* Over most of a year a date without its year misleads. */
static bool spans_years(const struct events *e)
{
    const struct index *index = session_index(e->view.ui->session);

    return index && index->first_us != INSTANT_NONE &&
           index->last_us - index->first_us > 300 * INSTANT_DAY;
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct events *e = of(v);
    unsigned widths[COLUMNS_MAX];
    unsigned strip = strip_rows(c->rows);
    struct area list = area;
    size_t count = count_rows(v);

    if (strip) {
        int64_t at_us = e->has_caret && count
                            ? store_time(session_store(v->ui->session), e->caret_row)
                            : INSTANT_NONE;

        list.rows = strip;
        strip_draw(v->ui, c, list, e->histogram, at_us);
        list = (struct area){area.row + strip, area.col, area.rows - strip, area.cols};
    }
    if (v->ui->preview && area.cols >= PREVIEW_MIN_COLS) {
        struct area side = list;

        list.cols = area.cols * 3 / 5;
        side.col = list.cols;
        side.cols = area.cols - list.cols;
        if (e->has_caret)
            preview_draw(&e->preview, v->ui, c, side, e->caret_row);
    }
    e->shown = columns_fit(&e->columns, list.cols - LEFT, spans_years(e), widths);
    if (e->column >= e->shown)
        e->column = e->shown - 1;
    v->page_rows = list.rows > 1 ? list.rows - 1 : 1;
    view_scroll(v);
    draw_headings(e, c, list, widths);
    if (count == 0) {
        draw_empty(e, c, list);
        return;
    }
    e->caret_row = rows(e)[v->caret];
    e->has_caret = true;
    list.row++;
    for (size_t i = v->top; i < count && i - v->top < v->page_rows; i++)
        draw_row(e, c, list, i, widths);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct events *e = of(v);
    row_id row;

    if (!events_row(v, &row))
        return false;
    if (field)
        return field_pick(v->ui, *field, row, &e->scratch, out);
    return column_pick(v->ui, &e->columns.chosen[e->column], row, &e->scratch, out);
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct events *e = of(v);
    enum style style;

    for (size_t i = 0; i < e->columns.count; i++) {
        column_text(v->ui, &e->columns.chosen[i], rows(e)[row], 200, out, &style);
        buffer_add_char(out, ' ');
    }
}

static unsigned open_event(struct view *v)
{
    struct events *e = of(v);
    row_id row;
    struct pick pick;

    if (!events_row(v, &row))
        return REACT_NONE;
    if (!column_pick(v->ui, &e->columns.chosen[e->column], row, &e->scratch, &pick))
        return REACT_NONE;
    return ui_push(
        v->ui, event_new(v->ui, view_filters(v), v, row, pick.has_field ? &pick.field : NULL));
}

static struct row_times times(const struct events *e)
{
    size_t count = count_rows(&e->view);

    return (struct row_times){session_store(e->view.ui->session), count ? rows(e) : NULL,
                              count};
}

static unsigned go_gap(struct events *e, bool forward)
{
    struct row_times t = times(e);
    size_t at = row_time_gap(&t, e->view.caret, forward);

    if (at == e->view.caret)
        ui_say(e->view.ui, STYLE_PLAIN, "No %s gap of over a minute.",
               forward ? "later" : "earlier");
    e->view.caret = at;
    return REACT_REDRAW;
}

static unsigned go_bin(struct events *e, bool forward)
{
    struct row_times t = times(e);
    bool has_bins = e->histogram && e->histogram->bin_us;

    e->view.caret = row_time_bin(&t, e->view.caret,
                                 has_bins ? e->histogram->bin_us : INSTANT_MINUTE, forward);
    return REACT_REDRAW;
}

/* Only the time span that is on the screen. */
static unsigned zoom(struct events *e)
{
    struct row_times t = times(e);
    size_t last = e->view.top + e->view.page_rows;
    struct buffer text = {0};
    int64_t from, to;
    unsigned reactions;

    if (t.count == 0)
        return REACT_NONE;
    last = last < t.count ? last : t.count;
    from = row_time(&t, e->view.top);
    to = row_time(&t, last - 1);
    if (from == INSTANT_NONE || to == INSTANT_NONE) {
        ui_say(e->view.ui, STYLE_WARN, "Events without a time cannot be zoomed to.");
        return REACT_REDRAW;
    }
    if (from > to) {
        int64_t swap = from;

        from = to;
        to = swap;
    }
    instant_add(&text, from, INSTANT_ISO, 0);
    buffer_add_text(&text, "..");
    instant_add(&text, to, INSTANT_ISO, 0);
    reactions = ui_filter(e->view.ui, buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

static unsigned sort_by(struct events *e, struct bytes argument)
{
    enum field_id field;

    if (argument.len == 0) {
        const struct column_choice *column = &e->columns.chosen[e->column];

        field = column->is_result ? FIELD_ERROR : column->field;
    } else if (!field_find(argument, &field)) {
        ui_say(e->view.ui, STYLE_WARN, "There is no such field.");
        return REACT_REDRAW;
    }
    e->descending = e->is_sorted && e->sort_field == field && !e->descending;
    e->is_sorted = !(field == FIELD_TIME && !e->descending);
    e->sort_field = field;
    mem_free(e->sorted);
    e->sorted = NULL;
    ask_sort(e);
    return REACT_REDRAW;
}

static unsigned mark(struct events *e, enum command_id id)
{
    struct session *s = e->view.ui->session;
    size_t count = count_rows(&e->view);
    row_id row;

    if (!events_row(&e->view, &row))
        return REACT_NONE;
    if (id == COMMAND_MARK) {
        session_mark(s, row, !session_is_marked(s, row));
        if (e->view.caret + 1 < count)
            e->view.caret++;
    } else if (id == COMMAND_MARK_ALL) {
        size_t last = e->view.top + e->view.page_rows;

        for (size_t i = e->view.top; i < count && i < last; i++)
            session_mark(s, rows(e)[i], true);
    } else {
        for (size_t i = 1; i <= count; i++) {
            size_t at = (e->view.caret + i) % count;

            if (session_is_marked(s, rows(e)[at])) {
                e->view.caret = at;
                return REACT_REDRAW;
            }
        }
        ui_say(e->view.ui, STYLE_PLAIN, "No marked event here.");
    }
    return REACT_REDRAW;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct events *e = of(v);

    *reactions = REACT_REDRAW;
    if (id == COMMAND_GAP_NEXT || id == COMMAND_GAP_PREVIOUS)
        *reactions = go_gap(e, id == COMMAND_GAP_NEXT);
    else if (id == COMMAND_BIN_NEXT || id == COMMAND_BIN_PREVIOUS)
        *reactions = go_bin(e, id == COMMAND_BIN_NEXT);
    else if (id == COMMAND_TIME_ZOOM)
        *reactions = zoom(e);
    else if (id == COMMAND_SORT)
        *reactions = sort_by(e, argument);
    else if (id == COMMAND_SORT_REVERSE && e->is_sorted)
        *reactions = sort_by(e, bytes_of(field_get(e->sort_field)->name));
    else if (id == COMMAND_SORT_REVERSE)
        *reactions = sort_by(e, bytes_of("time")), *reactions |= sort_by(e, bytes_of("time"));
    else if (id == COMMAND_COLUMN_NEXT)
        e->column = e->column + 1 < e->shown ? e->column + 1 : e->column;
    else if (id == COMMAND_COLUMN_PREVIOUS)
        e->column -= e->column > 0;
    else if (id == COMMAND_COLUMNS)
        *reactions = ui_push(v->ui, columns_chooser_new(v->ui, view_filters(v), &e->columns));
    else if (id == COMMAND_MARK || id == COMMAND_MARK_ALL || id == COMMAND_MARK_NEXT)
        *reactions = mark(e, id);
    else if (id == COMMAND_GOT_IN)
        *reactions = got_in(v->ui, e->selection);
    else
        return false;
    return true;
}

static bool step_event(struct view *v, int direction, row_id *row)
{
    struct events *e = of(v);

    if (direction < 0 ? v->caret == 0 : v->caret + 1 >= count_rows(v))
        return false;
    v->caret = direction < 0 ? v->caret - 1 : v->caret + 1;
    e->caret_row = rows(e)[v->caret];
    e->has_caret = true;
    return events_row(v, row);
}

static const struct view_ops events_ops = {
    .name = "event list",
    .context = CONTEXT_EVENTS,
    .free = free_events,
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
    .open = open_event,
    .step = step_event,
    .command = command,
};

struct view *events_new(struct ui *ui, struct filters *filters)
{
    struct events *e = mem_alloc(sizeof *e);

    view_init(&e->view, &events_ops, ui, filters);
    columns_default(&e->columns);
    e->column = 1;
    return &e->view;
}

bool events_is(const struct view *v)
{
    return v->ops == &events_ops;
}

bool events_row(const struct view *v, row_id *row)
{
    const struct events *e = of_const(v);

    if (v->caret >= count_rows(v))
        return false;
    *row = rows(e)[v->caret];
    return true;
}

unsigned events_with(struct ui *ui, const struct filters *base, struct bytes text)
{
    struct query_options options = ui_query_options(ui);
    struct query_error error = {0};
    struct filters *none = filters_new(), *made;
    unsigned reactions = REACT_REDRAW;

    if (filters_add(base ? base : none, text, &options, &made, &error) == ERR_OK) {
        reactions = ui_push(ui, events_new(ui, made));
        ui_say_notices(ui, made);
        filters_release(made);
    } else {
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
    }
    filters_release(none);
    query_error_deinit(&error);
    return reactions;
}

unsigned events_of(struct ui *ui, struct bytes label, const row_id *rows, size_t n_rows)
{
    struct filters *none = filters_new(), *made = filters_add_rows(none, label, rows, n_rows);
    unsigned reactions = ui_push(ui, events_new(ui, made));

    filters_release(made);
    filters_release(none);
    return reactions;
}
