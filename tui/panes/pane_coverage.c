#include "tui/panes/pane_coverage.h"

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/concluding/coverage.h"

#include "tui/draw.h"
#include "tui/panes/pane_events.h"
#include "tui/ui.h"

enum { LEFT = 2, SECTION_COLS = 10, NAME_COLS = 26, DETAIL_ROWS = 6 };

struct coverage_view {
    struct view view;
    struct coverage *coverage;
    const struct coverage_line *lines;
    size_t count;
    struct buffer scratch;
};

static struct coverage_view *of(struct view *v)
{
    return (struct coverage_view *)v;
}

static void free_coverage(struct view *v)
{
    struct coverage_view *y = of(v);

    coverage_free(y->coverage);
    buffer_deinit(&y->scratch);
    view_deinit(v);
    mem_free(y);
}

/* Anew over each newer index: rows only grow, so the caret stays near its line. */
static void ask(struct view *v)
{
    struct coverage_view *y = of(v);

    coverage_free(y->coverage);
    y->coverage = coverage_new(session_archive(v->ui->session), session_index(v->ui->session));
    y->lines = coverage_lines(y->coverage, &y->count);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "coverage");
}

static void counts(struct view *v, struct buffer *out)
{
    const struct coverage_view *y = of(v);

    ui_add_count(v->ui, out, y->coverage ? y->coverage->rows : 0,
                 session_is_partial(v->ui->session));
    buffer_add_text(out, " events");
}

static void status(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "Enter shows the events");
}

static size_t count_rows(const struct view *v)
{
    return ((const struct coverage_view *)v)->count;
}

static void draw_row(struct coverage_view *y, struct canvas *c, unsigned row, size_t i)
{
    const struct coverage_line *line = &y->lines[i];
    bool caret = i == y->view.caret, first = i == 0 || y->lines[i - 1].section != line->section;
    enum style style = caret ? STYLE_CARET : line->warns ? STYLE_WARN : STYLE_PLAIN;
    unsigned col = LEFT + SECTION_COLS;

    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    if (first || i == y->view.top)
        canvas_text(c, row, LEFT, SECTION_COLS - 1, caret ? style : STYLE_HEADING,
                    bytes_of(coverage_section_name(line->section)));
    if (line->name.len && line->field == FIELD_FILE) {
        draw_tail(c, row, col, NAME_COLS - 1, style, line->name);
        col += NAME_COLS;
    } else if (line->name.len) {
        canvas_put(c, row, col, NAME_COLS - 1, style, line->name);
        col += NAME_COLS;
    }
    if (c->cols > col + 1)
        canvas_put(c, row, col, c->cols - col - 1, style, line->text);
}

/* Below: the whole of the line, which may be long. */
static void draw_detail(struct coverage_view *y, struct canvas *c, struct area area)
{
    const struct coverage_line *line = &y->lines[y->view.caret];
    unsigned row = area.row + 1, end = area.row + area.rows;

    draw_rule(c, area.row);
    if (line->name.len) {
        buffer_clear(&y->scratch);
        safe_add(&y->scratch, line->name, SAFE_ALL_COLUMNS, c->ascii);
        row = draw_wrapped(c, row, end, STYLE_TITLE, buffer_bytes(&y->scratch));
    }
    (void)draw_wrapped(c, row, end, line->warns ? STYLE_WARN : STYLE_PLAIN, line->text);
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct coverage_view *y = of(v);
    struct area detail = area;
    unsigned list_rows = area.rows > DETAIL_ROWS + 3 ? area.rows - DETAIL_ROWS : area.rows;

    if (!y->coverage)
        ask(v);
    detail.row += list_rows;
    detail.rows -= list_rows;
    v->page_rows = list_rows;
    view_scroll(v);
    for (size_t i = v->top; i < y->count && i - v->top < v->page_rows; i++)
        draw_row(y, c, area.row + (unsigned)(i - v->top), i);
    if (detail.rows > 1 && y->count)
        draw_detail(y, c, detail);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    const struct coverage_view *y = of(v);
    const struct coverage_line *line = &y->lines[v->caret];

    if (v->caret >= y->count || line->field == FIELD_COUNT || (field && *field != line->field))
        return false;
    *out = (struct pick){
        .has_field = true, .field = line->field, .state = VALUE_TEXT, .text = line->name};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    const struct coverage_line *line = &of(v)->lines[row];

    buffer_add_text(out, coverage_section_name(line->section));
    buffer_add_char(out, ' ');
    buffer_add(out, line->name);
    buffer_add_char(out, ' ');
    buffer_add(out, line->text);
}

static unsigned open_line(struct view *v)
{
    struct coverage_view *y = of(v);
    const struct coverage_line *line = &y->lines[v->caret];

    if (v->caret >= y->count)
        return REACT_NONE;
    if (line->field == FIELD_COUNT) {
        ui_say(v->ui, STYLE_PLAIN, "This line is of no single value.");
        return REACT_REDRAW;
    }
    buffer_clear(&y->scratch);
    query_write_term(&y->scratch, line->field, VALUE_TEXT, line->name, false);
    return events_with(v->ui, NULL, buffer_bytes(&y->scratch));
}

static const struct view_ops coverage_ops = {
    .name = "coverage",
    .context = CONTEXT_COVERAGE,
    .unfiltered = true,
    .free = free_coverage,
    .ask = ask,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_line,
};

struct view *coverage_view_new(struct ui *ui, struct filters *filters)
{
    struct coverage_view *y = mem_alloc(sizeof *y);

    view_init(&y->view, &coverage_ops, ui, filters);
    return &y->view;
}
