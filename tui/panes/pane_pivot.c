#include "tui/panes/pane_pivot.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/names.h"
#include "tui/panes/pane_events.h"
#include "tui/panes/strip.h"
#include "tui/ui.h"

enum {
    LEFT = 2,
    MEASURED = 500, /* groups whose values decide the width of their column */
    NAMED = 100,    /* and whose learned names do */
    KEY_COLS_MAX = 60,
    SPARK_MIN = 8,
};

enum order { BY_COUNT, BY_FAILED, BY_DISTINCT, BY_FIRST, BY_LAST, BY_VALUE, ORDER_COUNT };

struct pivot {
    struct view view;
    enum field_id fields[STATS_MAX_KEYS];
    size_t n_fields;
    struct ask *asking, *asking_groups;
    struct grouping *grouping; /* NULL until the first answer */
    uint32_t *rows;            /* positions in grouping->groups, in the order shown */
    enum order order;
    bool turned;
    struct buffer scratch, caret_key; /* what the caret is on: kept over new results */
};

static struct pivot *of(struct view *v)
{
    return (struct pivot *)v;
}

static void free_pivot(struct view *v)
{
    struct pivot *p = of(v);

    ask_cancel(p->asking);
    ask_cancel(p->asking_groups);
    grouping_free(p->grouping);
    mem_free(p->rows);
    buffer_deinit(&p->scratch);
    buffer_deinit(&p->caret_key);
    view_deinit(v);
    mem_free(p);
}

static size_t count_rows(const struct view *v)
{
    const struct pivot *p = (const struct pivot *)v;

    return p->grouping ? p->grouping->n_groups : 0;
}

static const struct group *group_at(const struct pivot *p, size_t row)
{
    return &p->grouping->groups[p->rows[row]];
}

/* What the second number column counts: users of an address, addresses of anything else. */
static enum field_id distinct_field(const struct pivot *p)
{
    return p->fields[0] == FIELD_SUB || p->fields[0] == FIELD_USER ? FIELD_IP : FIELD_SUB;
}

static void key_text(const struct pivot *p, const struct group *g, struct buffer *out)
{
    for (size_t i = 0; i < p->n_fields; i++) {
        buffer_add_char(out, (char)('0' + (char)g->keys[i].state));
        buffer_add(out, g->keys[i].text);
        buffer_add_char(out, '\0');
    }
}

static int compare_keys(const struct pivot *p, const struct group *a, const struct group *b)
{
    for (size_t i = 0; i < p->n_fields; i++) {
        int order =
            (a->keys[i].state > b->keys[i].state) - (a->keys[i].state < b->keys[i].state);

        if (order == 0)
            order = bytes_compare(a->keys[i].text, b->keys[i].text);
        if (order)
            return order;
    }
    return 0;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static bool is_value(const struct pivot *p, const struct group *g)
{
    for (size_t i = 0; i < p->n_fields; i++) {
        if (g->keys[i].state == VALUE_TEXT)
            return true;
    }
    return false;
}

static int compare_rows(const void *left, const void *right, void *context)
{
    const struct pivot *p = context;
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    const struct group *a = &p->grouping->groups[x], *b = &p->grouping->groups[y];
    int order = 0;

    switch (p->order) {
    case BY_COUNT:
        break;
    case BY_FAILED:
        order = compare_numbers((int64_t)outcomes_failed(b->outcomes),
                                (int64_t)outcomes_failed(a->outcomes));
        break;
    case BY_DISTINCT:
        order = compare_numbers((int64_t)b->distinct, (int64_t)a->distinct);
        break;
    case BY_FIRST:
        order = compare_numbers(a->first_us, b->first_us);
        break;
    case BY_LAST:
        order = compare_numbers(b->last_us, a->last_us);
        break;
    case BY_VALUE:
        order = compare_keys(p, a, b);
        break;
    case ORDER_COUNT:
        break;
    }
    if (order == 0)
        order = compare_numbers(x, y); /* by count, then by text: the order of the groups */
    if (p->turned)
        order = -order;
    /* What is absent, empty or redacted is no value: it stands below the values. */
    return is_value(p, a) == is_value(p, b) ? order : is_value(p, a) ? -1 : 1;
}

static void arrange(struct pivot *p)
{
    struct buffer key = {0};
    size_t count = p->grouping->n_groups;

    p->rows = mem_resize(p->rows, count, sizeof *p->rows);
    for (size_t i = 0; i < count; i++)
        p->rows[i] = (uint32_t)i;
    qsort_r(p->rows, count, sizeof *p->rows, compare_rows, p);
    for (size_t i = 0; i < count && p->caret_key.len; i++) {
        buffer_clear(&key);
        key_text(p, group_at(p, i), &key);
        if (bytes_equal(buffer_bytes(&key), buffer_bytes(&p->caret_key))) {
            p->view.caret = i;
            break;
        }
    }
    buffer_deinit(&key);
}

static void take_groups(void *context, struct grouping *grouping)
{
    struct pivot *p = context;

    p->asking_groups = NULL;
    p->view.outdated = false;
    grouping_free(p->grouping);
    p->grouping = grouping;
    arrange(p);
}

static void take_selection(void *context, struct selection *selection)
{
    struct pivot *p = context;

    p->asking = NULL;
    ask_cancel(p->asking_groups);
    p->asking_groups = session_group(p->view.ui->session, selection, p->fields, p->n_fields,
                                     distinct_field(p), take_groups, p);
    selection_release(selection);
}

static struct ask *asked(const struct view *v)
{
    const struct pivot *p = (const struct pivot *)v;

    return p->asking ? p->asking : p->asking_groups;
}

static bool ready(const struct view *v)
{
    return ((const struct pivot *)v)->grouping != NULL && !v->outdated;
}

static void ask(struct view *v)
{
    struct pivot *p = of(v);

    ask_cancel(p->asking);
    p->asking = session_select(v->ui->session, view_filters(v), take_selection, p);
}

static void add_by(const struct pivot *p, struct buffer *out)
{
    buffer_add_text(out, "by ");
    for (size_t i = 0; i < p->n_fields; i++) {
        if (i) {
            buffer_add_char(out, ' ');
            buffer_add(out, glyph_text(GLYPH_MULTIPLY, p->view.ui->canvas.ascii));
            buffer_add_char(out, ' ');
        }
        buffer_add_text(out, field_get(p->fields[i])->name);
    }
}

static void crumb(struct view *v, struct buffer *out)
{
    add_by(of(v), out);
}

static void counts(struct view *v, struct buffer *out)
{
    const struct pivot *p = of(v);

    if (!p->grouping) {
        buffer_add_text(out, "counting");
        return;
    }
    if (session_is_partial(v->ui->session) || p->grouping->selection->n_unlooked)
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, p->grouping->n_rows, false);
    buffer_add_text(out, p->grouping->n_rows == 1 ? " event, " : " events, ");
    ui_add_count(v->ui, out, p->grouping->n_groups, false);
    buffer_add_text(out, p->grouping->n_groups == 1 ? " value" : " values");
    if (p->asking || p->asking_groups)
        buffer_add_text(out, " (counting)");
}

static const char *const order_names[ORDER_COUNT] = {"COUNT", "FAIL", "distinct values",
                                                     "FIRST", "LAST", "value"};

static void status(struct view *v, struct buffer *out)
{
    const struct pivot *p = of(v);

    buffer_printf(out, "sorted by %s%s", order_names[p->order], p->turned ? ", turned" : "");
}

struct layout {
    unsigned key_cols[STATS_MAX_KEYS]; /* with the learned name */
    struct names_split keys[STATS_MAX_KEYS];
    bool fail, moments; /* the share of failures; first and last */
    unsigned spark;
};

/* The widest learned name of the values that are measured; 0 for none. */
static unsigned name_cols(const struct pivot *p, size_t key)
{
    unsigned widest = 0;

    for (size_t k = 0; p->grouping && k < p->grouping->n_groups && k < NAMED; k++) {
        const struct group_key *value = &p->grouping->groups[k].keys[key];
        unsigned cols = value->state == VALUE_TEXT
                            ? names_cols(p->view.ui, p->fields[key], value->text)
                            : 0;

        widest = cols > widest ? cols : widest;
    }
    return widest;
}

static struct layout fit(const struct pivot *p, unsigned cols)
{
    struct layout l = {0};
    unsigned fixed = LEFT + 9 + 7 + 8 + 10 + 10; /* count, share, distinct, first, last */
    unsigned left, want[STATS_MAX_KEYS] = {0}, names[STATS_MAX_KEYS] = {0}, sum = 0;

    l.fail = cols >= 72;
    fixed += l.fail ? 7 : 0;
    left = cols > fixed ? cols - fixed : 0;
    for (size_t i = 0; i < p->n_fields; i++) {
        want[i] = (unsigned)strlen(field_get(p->fields[i])->title);
        for (size_t k = 0; p->grouping && k < p->grouping->n_groups && k < MEASURED; k++) {
            size_t len = p->grouping->groups[k].keys[i].text.len;

            if (len > want[i])
                want[i] = len < KEY_COLS_MAX ? (unsigned)len : KEY_COLS_MAX;
        }
        if (want[i] < 10)
            want[i] = 10; /* "(redacted)" */
        names[i] = name_cols(p, i);
        if (names[i] && names[i] < sizeof NAMES_TITLE)
            names[i] = sizeof NAMES_TITLE;
        want[i] += names[i] ? names[i] + 1 : 0;
        sum += want[i] + 1;
    }
    /* The values come first; what they leave goes to the bars. Two values in a narrow window
     * are worth more than first and last. */
    l.moments = sum <= left || p->n_fields == 1;
    left += l.moments ? 0 : 20;
    if (sum + SPARK_MIN > left)
        l.spark = left > sum + SPARK_MIN / 2 ? left - sum - 1 : left > 40 ? SPARK_MIN : 0;
    else
        l.spark = left - sum - 1;
    if (l.spark > STATS_SPARK_BINS)
        l.spark = STATS_SPARK_BINS;
    left -= l.spark ? l.spark + 1 : 0;
    for (size_t i = 0; i < p->n_fields; i++) {
        l.key_cols[i] = sum <= left ? want[i] : left / (unsigned)p->n_fields - 1;
        l.keys[i] = names_split(l.key_cols[i], names[i]);
    }
    return l;
}

static void draw_headings(const struct pivot *p, struct canvas *c, struct area area,
                          const struct layout *l)
{
    unsigned col = area.col + LEFT;
    const char *distinct = distinct_field(p) == FIELD_IP ? "IPS" : "SUBS";

    for (size_t i = 0; i < p->n_fields; i++) {
        names_put_titles(c, area.row, col, l->keys[i], p->fields[i]);
        col += l->key_cols[i] + 1;
    }
    canvas_printf(c, area.row, col, 16, STYLE_HEADING, "%8s %6s", "COUNT", "%");
    col += 16;
    if (l->fail) {
        canvas_printf(c, area.row, col, 7, STYLE_HEADING, "%6s", "FAIL%");
        col += 7;
    }
    canvas_printf(c, area.row, col, 8, STYLE_HEADING, "%7s", distinct);
    col += 8;
    if (l->moments)
        canvas_printf(c, area.row, col, 20, STYLE_HEADING, "%-9s %-9s", "FIRST", "LAST");
    col += l->moments ? 20 : 0;
    if (l->spark)
        canvas_text(c, area.row, col, l->spark, STYLE_HEADING,
                    bytes_of(l->spark >= 9 ? "OVER TIME" : "TIME"));
}

/* As much of a time as tells rows apart in 9 columns: the clock within a day, day and minute
 * within a month, month to hour within a year, else the date. */
static void add_moment(const struct pivot *p, struct buffer *out, int64_t at_us)
{
    const struct selection *s = p->grouping->selection;
    int64_t span_us = s->first_us == INSTANT_NONE ? 0 : s->last_us - s->first_us;
    struct buffer text = {0};

    if (at_us == INSTANT_NONE) {
        buffer_add_char(out, '-');
        return;
    }
    /* 2026-11-18 09:10:00 */
    ui_add_time(p->view.ui, &text, at_us, INSTANT_TABLE);
    if (instant_floor(s->first_us, INSTANT_DAY) == instant_floor(s->last_us, INSTANT_DAY))
        buffer_add(out, bytes_slice(buffer_bytes(&text), 11, 19));
    else if (span_us < 27 * INSTANT_DAY)
        buffer_add(out, bytes_slice(buffer_bytes(&text), 8, 16));
    else if (span_us < 300 * INSTANT_DAY) {
        buffer_add(out, bytes_slice(buffer_bytes(&text), 5, 13));
        buffer_add_char(out, 'h');
    } else {
        buffer_add(out, bytes_slice(buffer_bytes(&text), 2, 10));
    }
    buffer_deinit(&text);
}

static void draw_row(struct pivot *p, struct canvas *c, unsigned row, size_t at,
                     const struct layout *l)
{
    const struct group *g = group_at(p, at);
    bool caret = at == p->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    uint64_t failed = outcomes_failed(g->outcomes);
    unsigned col = LEFT;

    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    for (size_t i = 0; i < p->n_fields; i++) {
        names_put(p->view.ui, c, row, col, l->keys[i], style, p->fields[i], g->keys[i].state,
                  g->keys[i].text);
        col += l->key_cols[i] + 1;
    }
    canvas_printf(c, row, col, 16, style, "%8" PRIu64 " %6.1f", g->count,
                  100.0 * (double)g->count / (double)p->grouping->n_rows);
    col += 16;
    if (l->fail) {
        canvas_printf(c, row, col, 7,
                      caret    ? STYLE_CARET
                      : failed ? STYLE_BAD
                               : STYLE_DIM,
                      "%5.0f%%", 100.0 * (double)failed / (double)g->count);
        col += 7;
    }
    canvas_printf(c, row, col, 8, style, "%7" PRIu64, g->distinct);
    col += 8;
    if (l->moments) {
        buffer_clear(&p->scratch);
        add_moment(p, &p->scratch, g->first_us);
        canvas_text(c, row, col, 9, style, buffer_bytes(&p->scratch));
        buffer_clear(&p->scratch);
        add_moment(p, &p->scratch, g->last_us);
        canvas_text(c, row, col + 10, 9, style, buffer_bytes(&p->scratch));
        col += 20;
    }
    if (l->spark) {
        buffer_clear(&p->scratch);
        strip_bars(&p->scratch, g->spark, STATS_SPARK_BINS, l->spark, c->ascii);
        canvas_text(c, row, col, l->spark, style, buffer_bytes(&p->scratch));
    }
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct pivot *p = of(v);
    struct layout l = fit(p, area.cols);
    size_t count = count_rows(v);

    v->page_rows = area.rows > 1 ? area.rows - 1 : 1;
    view_scroll(v);
    draw_headings(p, c, area, &l);
    if (count == 0) {
        canvas_text(c, area.row + 1, LEFT, area.cols, STYLE_PLAIN,
                    bytes_of(p->grouping ? "Nothing matches. u undoes the last filter, c "
                                           "clears all."
                                         : "Counting ..."));
        return;
    }
    buffer_clear(&p->caret_key);
    /* At the top the caret stays with the largest group, elsewhere with its value. */
    if (v->caret > 0)
        key_text(p, group_at(p, v->caret), &p->caret_key);
    for (size_t i = v->top; i < count && i - v->top < v->page_rows; i++)
        draw_row(p, c, area.row + 1 + (unsigned)(i - v->top), i, &l);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct pivot *p = of(v);
    size_t key = 0;

    if (v->caret >= count_rows(v))
        return false;
    while (field && key < p->n_fields && p->fields[key] != *field)
        key++;
    if (key == p->n_fields)
        return false;
    *out = (struct pick){.has_field = true,
                         .field = p->fields[key],
                         .state = group_at(p, v->caret)->keys[key].state,
                         .text = group_at(p, v->caret)->keys[key].text};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct pivot *p = of(v);

    for (size_t i = 0; i < p->n_fields; i++) {
        ui_add_value(v->ui, out, group_at(p, row)->keys[i].state,
                     group_at(p, row)->keys[i].text, SAFE_ALL_COLUMNS);
        buffer_add_char(out, ' ');
    }
}

bool pivot_row_term(struct view *v, struct buffer *out)
{
    struct pivot *p = of(v);

    if (v->caret >= count_rows(v))
        return false;
    for (size_t i = 0; i < p->n_fields; i++) {
        const struct group_key *key = &group_at(p, v->caret)->keys[i];

        if (i)
            buffer_add_text(out, " and ");
        query_write_term(out, p->fields[i], key->state, key->text, false);
    }
    return true;
}

struct filters *pivot_row_filters(struct view *v)
{
    struct pivot *p = of(v);
    struct query_options options = session_query_options(v->ui->session);
    struct filters *made;

    if (v->caret >= count_rows(v))
        return NULL;
    made = filters_hold(view_filters(v));
    for (size_t i = 0; i < p->n_fields; i++) {
        const struct group_key *key = &group_at(p, v->caret)->keys[i];
        struct query_error error = {0};
        struct filters *next;

        buffer_clear(&p->scratch);
        query_write_term(&p->scratch, p->fields[i], key->state, key->text, false);
        if (filters_add(made, buffer_bytes(&p->scratch), &options, &next, &error) == ERR_OK) {
            filters_release(made);
            made = next;
        } else {
            ui_say(v->ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
        }
        query_error_deinit(&error);
    }
    return made;
}

static unsigned open_row(struct view *v)
{
    struct filters *filters = pivot_row_filters(v);
    unsigned reactions = REACT_NONE;

    if (filters)
        reactions = ui_push(v->ui, events_new(v->ui, filters));
    filters_release(filters);
    return reactions;
}

static unsigned add_field(struct pivot *p, struct bytes argument)
{
    enum field_id field;

    if (!field_find(argument, &field) || field_get(field)->kind == FIELD_INSTANT ||
        field_get(field)->kind == FIELD_POSITION) {
        ui_say(p->view.ui, STYLE_WARN, "Name a field to count by.");
        return REACT_REDRAW;
    }
    if (field == p->fields[0]) {
        p->n_fields = 1;
    } else {
        p->fields[1] = field;
        p->n_fields = 2;
    }
    buffer_clear(&p->caret_key);
    grouping_free(p->grouping);
    p->grouping = NULL;
    p->view.caret = p->view.top = 0;
    return REACT_REDRAW | REACT_REQUERY;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct pivot *p = of(v);

    *reactions = REACT_REDRAW;
    if (id == COMMAND_PIVOT_ADD) {
        *reactions = add_field(p, argument);
    } else if (id == COMMAND_SORT || id == COMMAND_SORT_REVERSE) {
        if (id == COMMAND_SORT) {
            p->order = (p->order + 1) % ORDER_COUNT;
            p->turned = false;
        } else {
            p->turned = !p->turned;
        }
        if (p->grouping)
            arrange(p);
    } else {
        return false;
    }
    return true;
}

static const struct view_ops pivot_ops = {
    .name = "pivot",
    .context = CONTEXT_PIVOT,
    .free = free_pivot,
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

struct view *pivot_new(struct ui *ui, struct filters *filters, enum field_id field)
{
    struct pivot *p = mem_alloc(sizeof *p);

    view_init(&p->view, &pivot_ops, ui, filters);
    p->fields[0] = field;
    p->n_fields = 1;
    return &p->view;
}
