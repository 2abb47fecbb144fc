#include "tui/panes/pane_bursts.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/heat.h"
#include "tui/panes/names.h"
#include "tui/panes/pane_events.h"
#include "tui/ui.h"
#include "tui/verbs/verb.h"

enum {
    LEFT = 2,
    TIME_COLS = 16,
    KEY_COLS_MIN = 12,
    TOP_COLS = 32,
    TOP_IP_COLS = 16,
    KEY_COLS_MAX = 45,
    BAR_MIN = 6,
    MEASURED = 500, /* bins whose values decide the width of their column */
    NAMED = 100,    /* and whose learned names do */
};

static const int64_t widths[] = {
    10 * INSTANT_SECOND, 30 * INSTANT_SECOND, INSTANT_MINUTE,      2 * INSTANT_MINUTE,
    5 * INSTANT_MINUTE,  10 * INSTANT_MINUTE, 15 * INSTANT_MINUTE, 30 * INSTANT_MINUTE,
    INSTANT_HOUR,        2 * INSTANT_HOUR,    6 * INSTANT_HOUR,    12 * INSTANT_HOUR,
    INSTANT_DAY,         7 * INSTANT_DAY,
};

/* The columns of numbers, and what puts each in order. */
static const struct number {
    const char *title;
    enum burst_order order;
    unsigned cols;
    unsigned min_cols; /* of the screen: below it the column is left out */
} numbers[] = {
    {"EVENTS",  BURST_EVENTS,    8, 0  },
    {"FAILED",  BURST_FAILED,    7, 0  },
    {"OK",      BURST_SUCCESS,   7, 0  },
    {"WRONG",   BURST_FAILURE,   7, 130},
    {"THROTTL", BURST_THROTTLED, 8, 72 },
    {"BLOCKED", BURST_BLOCKED,   8, 130},
    {"FAULT",   BURST_FAULT,     6, 130},
    {"IPS",     BURST_IPS,       6, 0  },
    {"SUBS",    BURST_SUBS,      6, 0  },
};

struct bursts_view {
    struct view view;
    struct burst_request request;
    struct ask *asking, *asking_bursts, *asking_groups;
    struct grouping *grouping; /* by the field, for the heat strips; NULL without one */
    struct bursts *bursts;     /* NULL until the first answer */
    uint64_t n_rows;           /* events counted */
    uint64_t n_unlooked;       /* not looked at, as it was stopped */
    struct buffer scratch;
};

static struct bursts_view *of(struct view *v)
{
    return (struct bursts_view *)v;
}

static void free_bursts(struct view *v)
{
    struct bursts_view *b = of(v);

    ask_cancel(b->asking);
    ask_cancel(b->asking_bursts);
    ask_cancel(b->asking_groups);
    bursts_free(b->bursts);
    grouping_free(b->grouping);
    buffer_deinit(&b->scratch);
    view_deinit(v);
    mem_free(b);
}

static size_t count_rows(const struct view *v)
{
    const struct bursts_view *b = (const struct bursts_view *)v;

    return b->bursts ? b->bursts->n_items : 0;
}

static void take_bursts(void *context, struct bursts *bursts)
{
    struct bursts_view *b = context;

    b->asking_bursts = NULL;
    bursts_free(b->bursts);
    b->bursts = bursts;
}

static void take_groups(void *context, struct grouping *grouping)
{
    struct bursts_view *b = context;

    b->asking_groups = NULL;
    grouping_free(b->grouping);
    b->grouping = grouping;
}

static void take_selection(void *context, struct selection *selection)
{
    struct bursts_view *b = context;

    b->asking = NULL;
    b->n_rows = selection->n_rows;
    b->n_unlooked = selection->n_unlooked;
    ask_cancel(b->asking_bursts);
    b->asking_bursts =
        session_bursts(b->view.ui->session, selection, &b->request, take_bursts, b);
    ask_cancel(b->asking_groups);
    b->asking_groups = NULL;
    if (b->request.field != FIELD_COUNT)
        b->asking_groups = session_group(b->view.ui->session, selection, &b->request.field, 1,
                                         FIELD_COUNT, take_groups, b);
    selection_release(selection);
}

static struct ask *asked(const struct view *v)
{
    const struct bursts_view *h = (const struct bursts_view *)v;

    return h->asking ? h->asking : h->asking_bursts;
}

static bool ready(const struct view *v)
{
    return ((const struct bursts_view *)v)->bursts != NULL;
}

static void ask(struct view *v)
{
    struct bursts_view *b = of(v);

    ask_cancel(b->asking);
    b->asking = session_select(v->ui->session, view_filters(v), take_selection, b);
}

/* Another width, field or order: the rows are others, so the caret goes to the worst. */
static unsigned ask_anew(struct bursts_view *b)
{
    bursts_free(b->bursts);
    b->bursts = NULL;
    if (b->grouping && b->grouping->fields[0] != b->request.field) {
        grouping_free(b->grouping);
        b->grouping = NULL;
    }
    b->view.caret = b->view.top = 0;
    return REACT_REDRAW | REACT_REQUERY;
}

static void crumb(struct view *v, struct buffer *out)
{
    struct bursts_view *b = of(v);

    buffer_add_text(out, "bursts");
    if (b->request.field != FIELD_COUNT)
        buffer_printf(out, " by %s", field_get(b->request.field)->name);
}

static void counts(struct view *v, struct buffer *out)
{
    const struct bursts_view *b = of(v);

    if (!b->bursts) {
        buffer_add_text(out, "counting");
        return;
    }
    if (session_is_partial(v->ui->session) || b->n_unlooked)
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, b->n_rows, false);
    buffer_add_text(out, b->n_rows == 1 ? " event, " : " events, ");
    ui_add_count(v->ui, out, b->bursts->n_all, false);
    buffer_add_text(out, " bins of ");
    instant_add_width(out, b->bursts->request.bin_us);
    if (b->asking || b->asking_bursts)
        buffer_add_text(out, " (counting)");
}

static const char *order_name(enum burst_order order)
{
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (numbers[i].order == order)
            return numbers[i].title;
    }
    return "TIME";
}

static void status(struct view *v, struct buffer *out)
{
    const struct bursts_view *b = of(v);

    buffer_printf(out, "worst by %s", order_name(b->request.order));
    if (!b->bursts)
        return;
    if (b->bursts->n_all > b->bursts->n_items) {
        buffer_add_text(out, ", the first ");
        ui_add_count(v->ui, out, b->bursts->n_items, false);
    }
    ui_add_unlooked(v->ui, out, b->n_unlooked);
    if (b->bursts->n_no_time) {
        buffer_add_text(out, "  ");
        ui_add_count(v->ui, out, b->bursts->n_no_time, false);
        buffer_add_text(out, " events without a time");
    }
}

/* What the numbers leave of a row. */
struct layout {
    unsigned key, top, bar;   /* columns; 0: left out */
    struct names_split names; /* of `key`, but for the blank behind it */
};

/* A number has its column where there is room for it, and where it is not 1 in every row. */
static bool has_column(const struct bursts_view *b, const struct number *n, unsigned cols)
{
    enum field_id by = b->request.field;

    if ((n->order == BURST_IPS && by == FIELD_IP) ||
        (n->order == BURST_SUBS && by == FIELD_SUB))
        return false;
    return cols >= n->min_cols + (by != FIELD_COUNT && n->min_cols ? KEY_COLS_MIN : 0);
}

static struct layout fit(const struct bursts_view *b, unsigned cols)
{
    unsigned used = LEFT + TIME_COLS + 1 + 6;
    struct layout l = {0};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        used += has_column(b, &numbers[i], cols) ? numbers[i].cols : 0;
    cols = cols > used ? cols - used : 0;
    if (b->request.field != FIELD_COUNT) {
        size_t wanted = KEY_COLS_MIN;
        unsigned name = 0;

        for (size_t i = 0; b->bursts && i < b->bursts->n_items && i < MEASURED; i++) {
            const struct group_key *key = &b->bursts->items[i].key;
            unsigned named =
                i < NAMED ? names_cols(b->view.ui, b->request.field, key->text) : 0;

            wanted = key->text.len + 1 > wanted ? key->text.len + 1 : wanted;
            name = named > name ? named : name;
        }
        l.key = (unsigned)(wanted < KEY_COLS_MAX ? wanted : KEY_COLS_MAX);
        l.key += name ? name + 1 : 0;
        l.key = l.key < cols ? l.key : cols;
        l.names = names_split(l.key ? l.key - 1 : 0, name);
        cols -= l.key;
    }
    if (cols >= TOP_COLS + BAR_MIN)
        l.top = TOP_COLS;
    cols -= l.top;
    l.bar = cols >= BAR_MIN ? cols - 1 : 0;
    return l;
}

static void draw_headings(const struct bursts_view *b, struct canvas *c, unsigned row,
                          const struct layout *l)
{
    unsigned col = LEFT;

    canvas_text(c, row, col, TIME_COLS,
                b->request.order == BURST_TIME ? STYLE_ACCENT : STYLE_HEADING,
                bytes_of("BIN FROM"));
    col += TIME_COLS + 1;
    if (l->key)
        names_put_titles(c, row, col, l->names, b->request.field);
    col += l->key;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (!has_column(b, &numbers[i], c->cols))
            continue;
        canvas_printf(c, row, col, numbers[i].cols,
                      numbers[i].order == b->request.order ? STYLE_ACCENT : STYLE_HEADING,
                      "%*s", (int)numbers[i].cols - 1, numbers[i].title);
        col += numbers[i].cols;
    }
    canvas_text(c, row, col, 6, STYLE_HEADING, bytes_of("FAIL%"));
    col += 6;
    if (l->top)
        canvas_text(c, row, col, l->top, STYLE_HEADING, bytes_of("MOST FAILURES FROM, AS"));
    col += l->top;
    if (strlen(order_name(b->request.order)) <= l->bar)
        canvas_text(c, row, col, l->bar, STYLE_HEADING, bytes_of(order_name(b->request.order)));
}

/* The largest number of the order, which the bars are drawn against. */
static uint64_t largest(const struct bursts_view *b, enum burst_order order)
{
    uint64_t most = 0;

    for (size_t i = 0; i < b->bursts->n_items; i++) {
        uint64_t number = burst_number(&b->bursts->items[i], order);

        most = number > most ? number : most;
    }
    return most;
}

static void draw_bar(struct canvas *c, unsigned row, unsigned col, unsigned cols,
                     enum style style, uint64_t number, uint64_t most)
{
    unsigned length = most ? (unsigned)((double)number / (double)most * cols + 0.5) : 0;

    for (unsigned i = 0; i < length || (i == 0 && number > 0); i++)
        canvas_text(c, row, col + i, 1, style, glyph_text(GLYPH_FULL, c->ascii));
}

static void draw_row(struct bursts_view *b, struct canvas *c, unsigned row, size_t at,
                     const struct layout *l, uint64_t most)
{
    const struct burst *burst = &b->bursts->items[at];
    bool caret = at == b->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    enum burst_order order = b->request.order == BURST_TIME ? BURST_FAILED : b->request.order;
    unsigned col = LEFT;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    buffer_clear(&b->scratch);
    ui_add_time(b->view.ui, &b->scratch, burst->from_us, INSTANT_TABLE);
    /* Seconds only where bins can begin within a minute, the year where there is no need. */
    canvas_text(c, row, col, TIME_COLS, style,
                b->request.bin_us % INSTANT_MINUTE
                    ? bytes_slice(buffer_bytes(&b->scratch), 5, 19)
                    : bytes_slice(buffer_bytes(&b->scratch), 0, 16));
    col += TIME_COLS + 1;
    if (l->key)
        names_put(b->view.ui, c, row, col, l->names, style, b->request.field, burst->key.state,
                  burst->key.text);
    col += l->key;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (!has_column(b, &numbers[i], c->cols))
            continue;
        canvas_printf(c, row, col, numbers[i].cols, style, "%*" PRIu64,
                      (int)numbers[i].cols - 1, burst_number(burst, numbers[i].order));
        col += numbers[i].cols;
    }
    canvas_printf(c, row, col, 6,
                  caret           ? STYLE_CARET
                  : burst->failed ? STYLE_BAD
                                  : STYLE_DIM,
                  "%4.0f%%", 100.0 * (double)burst->failed / (double)burst->count);
    col += 6;
    if (l->top) {
        buffer_clear(&b->scratch);
        safe_add(&b->scratch, canvas_hide(c, bytes_of("ip"), burst->top_ip), TOP_IP_COLS - 1,
                 c->ascii);
        canvas_text(c, row, col, TOP_IP_COLS - 1, style, buffer_bytes(&b->scratch));
        buffer_clear(&b->scratch);
        safe_add(&b->scratch, short_error(burst->top_error), l->top - TOP_IP_COLS - 1,
                 c->ascii);
        canvas_text(c, row, col + TOP_IP_COLS, l->top - TOP_IP_COLS - 1, style,
                    buffer_bytes(&b->scratch));
    }
    col += l->top;
    if (l->bar)
        draw_bar(c, row, col, l->bar, caret ? STYLE_CARET : STYLE_DIM,
                 burst_number(burst, order), most);
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct bursts_view *b = of(v);
    struct layout l = fit(b, c->cols);
    size_t count = count_rows(v);
    unsigned heat = heat_rows(b->grouping, area.rows);
    uint64_t most;

    if (heat) {
        heat_draw(v->ui, c, (struct area){area.row, area.col, heat, area.cols}, b->grouping);
        area.row += heat;
        area.rows -= heat;
    }

    v->page_rows = area.rows > 1 ? area.rows - 1 : 1;
    view_scroll(v);
    draw_headings(b, c, area.row, &l);
    if (count == 0) {
        canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                    bytes_of(b->bursts ? "Nothing with a time matches." : "Counting ..."));
        return;
    }
    most = largest(b, b->request.order == BURST_TIME ? BURST_FAILED : b->request.order);
    for (size_t i = v->top; i < count && i - v->top < v->page_rows; i++)
        draw_row(b, c, area.row + 1 + (unsigned)(i - v->top), i, &l, most);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct bursts_view *b = of(v);

    if (v->caret >= count_rows(v) || b->request.field == FIELD_COUNT ||
        (field && *field != b->request.field))
        return false;
    *out = (struct pick){.has_field = true,
                         .field = b->request.field,
                         .state = b->bursts->items[v->caret].key.state,
                         .text = b->bursts->items[v->caret].key.text};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct bursts_view *b = of(v);
    const struct burst *burst = &b->bursts->items[row];

    ui_add_time(v->ui, out, burst->from_us, INSTANT_TABLE);
    buffer_add_char(out, ' ');
    buffer_add(out, burst->key.text);
    buffer_add_char(out, ' ');
    buffer_add(out, burst->top_ip);
    buffer_add_char(out, ' ');
    buffer_add(out, burst->top_error);
}

static unsigned open_row(struct view *v)
{
    struct buffer text = {0};
    unsigned reactions;

    if (v->caret >= count_rows(v))
        return REACT_NONE;
    burst_write(&text, of(v)->bursts, v->caret);
    reactions = events_with(v->ui, view_filters(v), buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

static unsigned set_field(struct bursts_view *b, struct bytes argument)
{
    enum field_kind kind;
    enum field_id field;

    if (!field_find(argument, &field)) {
        if (argument.len) {
            ui_say(b->view.ui, STYLE_WARN, "Name a field to count by.");
            return REACT_REDRAW;
        }
        b->request.field = FIELD_COUNT;
        return ask_anew(b);
    }
    kind = field_get(field)->kind;
    if (kind != FIELD_TEXT && kind != FIELD_CHOICE) {
        ui_say(b->view.ui, STYLE_WARN, "Bursts cannot be counted by %s.",
               field_get(field)->name);
        return REACT_REDRAW;
    }
    /* The same field again takes it away. */
    b->request.field = b->request.field == field ? FIELD_COUNT : field;
    return ask_anew(b);
}

static unsigned set_width(struct bursts_view *b, struct bytes argument)
{
    int64_t width_us;

    if (argument.len == 0)
        return verb_palette(b->view.ui, bytes_of("bin-size "));
    if (!instant_parse_span(argument, &width_us) || width_us < INSTANT_SECOND) {
        ui_say(b->view.ui, STYLE_BAD, "No width of a bin: write 90s, 5m, 2h or 1d.");
        return REACT_REDRAW;
    }
    b->request.bin_us = width_us;
    return ask_anew(b);
}

static unsigned step_width(struct bursts_view *b, bool wider)
{
    size_t at = 0;

    while (at < ARRAY_LEN(widths) &&
           (wider ? widths[at] <= b->request.bin_us : widths[at] < b->request.bin_us))
        at++;
    if (wider ? at == ARRAY_LEN(widths) : at == 0) {
        ui_say(b->view.ui, STYLE_PLAIN, "That is the %s step; bin-size takes any width.",
               wider ? "widest" : "narrowest");
        return REACT_REDRAW;
    }
    b->request.bin_us = widths[wider ? at : at - 1];
    return ask_anew(b);
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct bursts_view *b = of(v);

    *reactions = REACT_REDRAW;
    if (id == COMMAND_PIVOT_ADD) {
        *reactions = set_field(b, argument);
    } else if (id == COMMAND_BIN_SIZE) {
        *reactions = set_width(b, argument);
    } else if (id == COMMAND_BIN_WIDER || id == COMMAND_BIN_NARROWER) {
        *reactions = step_width(b, id == COMMAND_BIN_WIDER);
    } else if (id == COMMAND_SORT) {
        b->request.order = (b->request.order + 1) % BURST_ORDERS;
        *reactions = ask_anew(b);
    } else if (id == COMMAND_PANE_NEXT) {
        v->caret = 0; /* one pane: back to the worst */
    } else {
        return false;
    }
    return true;
}

static const struct view_ops bursts_ops = {
    .name = "bursts",
    .context = CONTEXT_BURSTS,
    .free = free_bursts,
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

struct view *bursts_view_new(struct ui *ui, struct filters *filters)
{
    struct bursts_view *b = mem_alloc(sizeof *b);

    view_init(&b->view, &bursts_ops, ui, filters);
    b->request = (struct burst_request){
        .bin_us = 5 * INSTANT_MINUTE, .field = FIELD_COUNT, .order = BURST_FAILED};
    return &b->view;
}
