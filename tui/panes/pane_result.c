#include "tui/panes/pane_result.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "core/asking/drill.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/pane_event.h"
#include "tui/panes/pane_events.h"
#include "tui/panes/strip.h"
#include "tui/panes/trend.h"
#include "tui/ui.h"
#include "tui/verbs/verb.h"

enum {
    LEFT = 2,
    MEASURED_ROWS = 500,
    COLUMN_MAX = 60,
    QUERY_ROWS = 2,
    BARS_MIN = 8,
    TREND_MIN_SCREEN = 20
};

struct result {
    struct view view;
    struct query *query;
    struct ask *asking;
    struct table *table;   /* NULL until the answer */
    struct buffer failure; /* why there is none */
    unsigned *widths;      /* of the table's columns */
    bool *numeric;         /* columns whose cells are all numbers */
    uint32_t *order;       /* rows as shown */
    size_t column, first;  /* the active column, and the leftmost shown */
    size_t sort_column;    /* n_columns: as the query has it */
    bool descending;
    size_t bars; /* the column drawn as bars, and its largest value */
    double most;
    bool measured;           /* `most` is that of the table */
    size_t time;             /* the column of bins; n_columns: there is none */
    struct histogram *trend; /* of column `bars` over it; NULL: none */
    struct buffer scratch;
};

static struct result *of(struct view *v)
{
    return (struct result *)v;
}

static void drop_table(struct result *r)
{
    table_free(r->table);
    histogram_free(r->trend);
    r->trend = NULL;
    mem_free(r->widths);
    mem_free(r->numeric);
    mem_free(r->order);
    r->table = NULL;
    r->widths = NULL;
    r->numeric = NULL;
    r->order = NULL;
    r->measured = false;
}

static void free_result(struct view *v)
{
    struct result *r = of(v);

    ask_cancel(r->asking);
    drop_table(r);
    query_free(r->query);
    buffer_deinit(&r->failure);
    buffer_deinit(&r->scratch);
    view_deinit(v);
    mem_free(r);
}

static const struct cell *cell_at(const struct result *r, size_t row, size_t column)
{
    return &r->table->cells[(size_t)r->order[row] * r->table->n_columns + column];
}

static bool is_number(struct bytes text)
{
    size_t i = text.len && text.ptr[0] == '-';
    bool point = false;

    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        if (text.ptr[i] == '.' && !point)
            point = true;
        else if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return true;
}

static double number_of(struct bytes text)
{
    char digits[64];
    size_t len = text.len < sizeof digits - 1 ? text.len : sizeof digits - 1;

    memcpy(digits, text.ptr, len);
    digits[len] = '\0';
    return strtod(digits, NULL);
}

static void measure(struct result *r)
{
    struct table *t = r->table;

    for (size_t c = 0; c < t->n_columns; c++) {
        unsigned width =
            (unsigned)(t->columns[c].len < COLUMN_MAX ? t->columns[c].len : COLUMN_MAX);

        r->numeric[c] = true;
        for (size_t row = 0; row < t->n_rows && row < MEASURED_ROWS; row++) {
            const struct cell *cell = &t->cells[row * t->n_columns + c];

            if (!cell->present)
                continue;
            r->numeric[c] &= is_number(cell->text);
            if (cell->text.len > width)
                width = cell->text.len < COLUMN_MAX ? (unsigned)cell->text.len : COLUMN_MAX;
        }
        r->widths[c] = width < 3 ? 3 : width;
    }
}

static int compare_cells(const struct cell *a, const struct cell *b)
{
    if (!a->present || !b->present)
        return a->present - b->present;
    if (is_number(a->text) && is_number(b->text)) {
        double x = number_of(a->text), y = number_of(b->text);

        return (x > y) - (x < y);
    }
    return bytes_compare(a->text, b->text);
}

static int compare_rows(const void *left, const void *right, void *context)
{
    const struct result *r = context;
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    int order = compare_cells(&r->table->cells[x * r->table->n_columns + r->sort_column],
                              &r->table->cells[y * r->table->n_columns + r->sort_column]);

    if (r->descending)
        order = -order;
    return order ? order : (x > y) - (x < y);
}

static void arrange(struct result *r)
{
    for (size_t i = 0; i < r->table->n_rows; i++)
        r->order[i] = (uint32_t)i;
    if (r->sort_column < r->table->n_columns)
        qsort_r(r->order, r->table->n_rows, sizeof *r->order, compare_rows, r);
}

static void take(void *context, struct table *table, const struct query_error *error)
{
    struct result *r = context;

    r->asking = NULL;
    drop_table(r);
    buffer_clear(&r->failure);
    if (!table) {
        buffer_add(&r->failure, buffer_bytes(&error->message));
        return;
    }
    r->table = table;
    r->widths = mem_array(table->n_columns, sizeof *r->widths);
    r->numeric = mem_array(table->n_columns, sizeof *r->numeric);
    r->order = mem_array(table->n_rows, sizeof *r->order);
    if (r->sort_column > table->n_columns)
        r->sort_column = table->n_columns;
    r->time = drill_bin_column(r->query);
    measure(r);
    arrange(r);
    if (table->n_notices && ui_view(r->view.ui) == &r->view)
        ui_say(r->view.ui, STYLE_WARN, "%.*s", (int)table->notices[0].len,
               table->notices[0].ptr);
}

static struct ask *asked(const struct view *v)
{
    return ((const struct result *)v)->asking;
}

static bool ready(const struct view *v)
{
    const struct result *r = (const struct result *)v;

    return r->table || r->failure.len;
}

static void ask(struct view *v)
{
    struct result *r = of(v);

    /* One at a time: a query may take seconds, and the old answer stays meanwhile. */
    if (!r->asking)
        r->asking = session_table(v->ui->session, r->query, take, r);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "query");
}

static void counts(struct view *v, struct buffer *out)
{
    const struct result *r = of(v);

    if (!r->table) {
        buffer_add_text(out, r->failure.len ? "no result" : "running");
        return;
    }
    if (session_is_partial(v->ui->session) || r->table->n_unlooked)
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, r->table->n_rows, false);
    if (r->table->n_matching > r->table->n_rows) {
        buffer_add_text(out, " of ");
        ui_add_count(v->ui, out, r->table->n_matching, false);
    }
    buffer_add_text(out, r->table->n_rows == 1 ? " row" : " rows");
    if (r->asking)
        buffer_add_text(out, " (running)");
}

static void status(struct view *v, struct buffer *out)
{
    const struct result *r = of(v);

    if (!r->table)
        return;
    if (r->sort_column < r->table->n_columns) {
        buffer_add_text(out, "by ");
        safe_add(out, r->table->columns[r->sort_column], 30, v->ui->canvas.ascii);
        buffer_add_text(out, r->descending ? " (down)  " : "  ");
    }
    ui_add_unlooked(v->ui, out, r->table->n_unlooked);
    if (r->table->n_unknown) {
        ui_add_count(v->ui, out, r->table->n_unknown, false);
        buffer_add_text(out, " left out: no field (");
        ui_add_key(v->ui, out, COMMAND_KEEP_UNKNOWN);
        buffer_add_text(out, " adds them)  ");
    }
    if (r->table->n_undecided) {
        ui_add_count(v->ui, out, r->table->n_undecided, false);
        buffer_add_text(out, " undecided");
    }
}

static size_t count_rows(const struct view *v)
{
    const struct result *r = (const struct result *)v;

    return r->table ? r->table->n_rows : 0;
}

/* The query over as many rows as it has, at the most QUERY_ROWS. */
static unsigned draw_query(struct result *r, struct canvas *c, struct area area)
{
    buffer_clear(&r->scratch);
    safe_add(&r->scratch, canvas_hide(c, bytes_of(""), query_text(r->query)), SAFE_ALL_COLUMNS,
             c->ascii);
    return draw_wrapped(c, area.row, area.row + QUERY_ROWS, STYLE_ACCENT,
                        buffer_bytes(&r->scratch)) -
           area.row;
}

static unsigned column_width(const struct result *r, size_t column, unsigned left)
{
    return r->widths[column] < left ? r->widths[column] : left;
}

/* Scrolls sideways until the active column is on the screen. */
static void scroll_sideways(struct result *r, unsigned cols)
{
    if (r->column < r->first)
        r->first = r->column;
    for (;;) {
        unsigned used = LEFT;

        for (size_t i = r->first; i <= r->column; i++)
            used += r->widths[i] + 2;
        if (used <= cols + 2 || r->first == r->column)
            return;
        r->first++;
    }
}

/* The column that the bars stand for: the active one, or the first of numbers. */
static size_t bar_column(const struct result *r)
{
    size_t column = r->column;

    if (!r->numeric[column])
        for (column = 0; column < r->table->n_columns && !r->numeric[column];)
            column++;
    return column;
}

static double largest(const struct result *r, size_t column)
{
    double most = 0;

    for (size_t row = 0; row < r->table->n_rows; row++) {
        const struct cell *cell = &r->table->cells[row * r->table->n_columns + column];
        double value = cell->present ? number_of(cell->text) : 0;

        most = value > most ? value : most;
    }
    return most;
}

/* What the bars are measured against, and the strip, for the column they stand for now. */
static void measure_bars(struct result *r, const struct canvas *c)
{
    size_t column = bar_column(r);

    if (r->measured && r->bars == column)
        return;
    r->bars = column;
    r->most = column < r->table->n_columns ? largest(r, column) : 0;
    r->measured = true;
    histogram_free(r->trend);
    r->trend = NULL;
    if (r->time < r->table->n_columns && r->most > 0 && c->rows >= TREND_MIN_SCREEN)
        r->trend = trend_new(r->table, r->time, column, c->cols - LEFT - 1);
}

/* What the columns leave free shows the numbers as bars. */
static void draw_bar(struct result *r, struct canvas *c, unsigned row, unsigned col, size_t at)
{
    const struct cell *cell = cell_at(r, at, r->bars);
    unsigned room = c->cols > col + 1 ? c->cols - col - 1 : 0;
    double value = cell->present ? number_of(cell->text) : 0;
    unsigned length = (unsigned)(value / r->most * (double)room + 0.5);

    for (unsigned i = 0; i < length || (i == 0 && value > 0); i++)
        canvas_text(c, row, col + i, 1, at == r->view.caret ? STYLE_CARET : STYLE_DIM,
                    glyph_text(GLYPH_FULL, c->ascii));
}

static void draw_row(struct result *r, struct canvas *c, unsigned row, size_t at)
{
    bool caret = at == r->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned col = LEFT;

    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    for (size_t i = r->first; i < r->table->n_columns && col + 1 < c->cols; i++) {
        const struct cell *cell = cell_at(r, at, i);
        unsigned width = column_width(r, i, c->cols - col - 1);

        if (!cell->present)
            canvas_text(c, row, col, width, caret ? style : STYLE_DIM, bytes_of("-"));
        else if (r->numeric[i] && cell->text.len <= width)
            canvas_put_value(c, row, col + width - (unsigned)cell->text.len, width, style,
                             r->table->columns[i], cell->text);
        else
            canvas_put_value(c, row, col, width, style, r->table->columns[i], cell->text);
        col += width + 2;
    }
    if (r->most > 0 && col + BARS_MIN < c->cols && !r->table->rows)
        draw_bar(r, c, row, col, at);
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct result *r = of(v);
    unsigned used = draw_query(r, c, area), col = LEFT;

    area.row += used;
    area.rows -= used;
    if (r->table && r->table->n_columns)
        measure_bars(r, c);
    if (r->trend) {
        struct area strip = {area.row, LEFT, c->rows >= 36 ? 5 : 3, c->cols - LEFT};
        int64_t caret_us = v->caret < r->table->n_rows
                               ? trend_time(cell_at(r, v->caret, r->time))
                               : INSTANT_NONE;

        strip_draw_one(v->ui, c, strip, r->trend, caret_us);
        area.row += strip.rows;
        area.rows -= strip.rows;
    }
    v->page_rows = area.rows > 1 ? area.rows - 1 : 1;
    view_scroll(v);
    if (!r->table) {
        canvas_put(c, area.row + 1, LEFT, c->cols - LEFT - 1,
                   r->failure.len ? STYLE_BAD : STYLE_PLAIN,
                   r->failure.len ? buffer_bytes(&r->failure) : bytes_of("Running ..."));
        return;
    }
    if (r->table->n_columns == 0)
        return;
    scroll_sideways(r, c->cols);
    for (size_t i = r->first; i < r->table->n_columns && col + 1 < c->cols; i++) {
        unsigned width = column_width(r, i, c->cols - col - 1);

        unsigned len = (unsigned)r->table->columns[i].len;

        /* Over numbers at the right, as they are. */
        canvas_put(c, area.row, r->numeric[i] && len < width ? col + width - len : col, width,
                   i == r->column ? STYLE_ACCENT : STYLE_HEADING, r->table->columns[i]);
        col += width + 2;
    }
    for (size_t i = v->top; i < r->table->n_rows && i - v->top < v->page_rows; i++)
        draw_row(r, c, area.row + 1 + (unsigned)(i - v->top), i);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct result *r = of(v);
    const struct cell *cell;
    size_t column = r->column;
    enum field_id named;

    if (v->caret >= count_rows(v))
        return false;
    if (field && r->table->rows)
        return field_pick(v->ui, *field, r->table->rows[r->order[v->caret]], &r->scratch, out);
    for (column = 0; field && column < r->table->n_columns; column++) {
        if (field_find(r->table->columns[column], &named) && named == *field)
            break;
    }
    if (!field)
        column = r->column;
    if (column >= r->table->n_columns)
        return false;
    cell = cell_at(r, v->caret, column);
    *out = (struct pick){.has_field = field_find(r->table->columns[column], &out->field),
                         /* What stats made stands in no record. */
                         .path = r->table->rows ? r->table->columns[column] : bytes_of(""),
                         .state = cell->present ? VALUE_TEXT : VALUE_ABSENT,
                         .text = cell->text};
    if (field_find(r->table->columns[column], &named))
        out->field = named;
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct result *r = of(v);

    for (size_t i = 0; i < r->table->n_columns; i++) {
        buffer_add(out, cell_at(r, row, i)->text);
        buffer_add_char(out, ' ');
    }
}

/* The query says all its filters but those that name rows. */
static struct filters *row_filters(const struct view *v)
{
    struct filters *made = filters_hold(view_filters(v)), *next;

    for (size_t i = filters_count(made); i-- > 0;) {
        if (filters_enabled(made, i) && query_is_rows(filters_query(made, i)))
            continue;
        next = filters_without(made, i);
        filters_release(made);
        made = next;
    }
    return made;
}

static unsigned open_row(struct view *v)
{
    struct result *r = of(v);
    struct buffer text = {0};
    unsigned reactions = REACT_REDRAW;

    if (v->caret >= count_rows(v))
        return REACT_NONE;
    if (r->table->rows)
        return ui_push(v->ui, event_new(v->ui, view_filters(v), NULL,
                                        r->table->rows[r->order[v->caret]], NULL));
    if (drill_write(&text, r->query, r->table, r->order[v->caret])) {
        struct filters *base = row_filters(v);

        reactions = events_with(v->ui, base, buffer_bytes(&text));
        filters_release(base);
    } else {
        ui_say(v->ui, STYLE_WARN,
               "This query does more than a filter can say: no way back to "
               "the events of a row.");
    }
    buffer_deinit(&text);
    return reactions;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct result *r = of(v);

    (void)argument;
    *reactions = REACT_REDRAW;
    if (id == COMMAND_ENTRY_EDIT) {
        *reactions = verb_whole_query(v->ui, query_text(r->query));
        return true;
    }
    if (id != COMMAND_SORT && id != COMMAND_SORT_REVERSE && id != COMMAND_COLUMN_NEXT &&
        id != COMMAND_COLUMN_PREVIOUS)
        return false;
    if (!r->table)
        return true;
    if (id == COMMAND_COLUMN_NEXT)
        r->column += r->column + 1 < r->table->n_columns;
    else if (id == COMMAND_COLUMN_PREVIOUS)
        r->column -= r->column > 0;
    else {
        if (id == COMMAND_SORT_REVERSE || r->sort_column == r->column)
            r->descending = !r->descending;
        else
            r->descending = r->numeric[r->column];
        r->sort_column = r->column;
        arrange(r);
    }
    return true;
}

static const struct view_ops result_ops = {
    .name = "result",
    .context = CONTEXT_RESULT,
    .unfiltered = true,
    .free = free_result,
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

struct view *result_new(struct ui *ui, struct filters *filters, struct query *query)
{
    struct result *r = mem_alloc(sizeof *r);

    view_init(&r->view, &result_ops, ui, filters);
    r->query = query;
    r->sort_column = SIZE_MAX;
    return &r->view;
}

struct bytes result_text(const struct view *v)
{
    return query_text(((const struct result *)v)->query);
}

bool result_is(const struct view *v)
{
    return v->ops == &result_ops;
}
