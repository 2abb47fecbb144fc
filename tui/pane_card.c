#include "tui/pane_card.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/column.h"
#include "tui/draw.h"
#include "tui/pane_events.h"
#include "tui/pane_pivot.h"
#include "tui/strip.h"
#include "tui/ui.h"

/* What a value can have met, in the order of the card; its own field is left out. */
static const enum field_id met[] = {
    FIELD_SUB,   FIELD_USER,      FIELD_IP,      FIELD_CLIENT,   FIELD_AGENT,     FIELD_POOL,
    FIELD_ERROR, FIELD_OPERATION, FIELD_COUNTRY, FIELD_IDENTITY, FIELD_ACCESS_KEY};

enum { SECTIONS = ARRAY_LEN(met), SHOWN_PER_SECTION = 5, LEFT = 2, HEAD_ROWS = 3 };

/* What a value met for the first time within this time of its last event is new, when the
 * caller names no moment. */
static const int64_t LATELY_US = INSTANT_DAY;

/* A row of the card: a section's heading or one of its values. */
struct row {
    bool heading;
    size_t section;
    size_t group; /* of a heading: how many values stand below it */
};

struct section_ask {
    struct card *card;
    size_t section;
};

struct card {
    struct view view;
    enum field_id field;
    struct buffer text, scratch;
    struct selection *selection;
    struct grouping *groupings[SECTIONS];
    struct section_ask asks[SECTIONS];
    struct ask *asking, *asking_bins, *asking_groups[SECTIONS];
    struct histogram *histogram; /* of the selection; NULL until the answer */
    int64_t event_us;            /* of the event the card was opened on; INSTANT_NONE: none */
    struct row *rows;
    size_t count, cap;
};

static struct card *of(struct view *v)
{
    return (struct card *)v;
}

static void cancel(struct card *card)
{
    ask_cancel(card->asking);
    card->asking = NULL;
    ask_cancel(card->asking_bins);
    card->asking_bins = NULL;
    for (size_t i = 0; i < SECTIONS; i++) {
        ask_cancel(card->asking_groups[i]);
        card->asking_groups[i] = NULL;
    }
}

static void free_card(struct view *v)
{
    struct card *card = of(v);

    cancel(card);
    for (size_t i = 0; i < SECTIONS; i++)
        grouping_free(card->groupings[i]);
    selection_release(card->selection);
    histogram_free(card->histogram);
    buffer_deinit(&card->text);
    buffer_deinit(&card->scratch);
    mem_free(card->rows);
    view_deinit(v);
    mem_free(card);
}

static void add_row(struct card *card, struct row row)
{
    mem_grow(&card->rows, &card->cap, card->count + 1, sizeof *card->rows);
    card->rows[card->count++] = row;
}

/* Groups with a real value: what is absent was not met. */
static size_t real_groups(const struct grouping *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->n_groups; i++)
        count += g->groups[i].keys[0].state == VALUE_TEXT;
    return count;
}

/* From when on a value that was never met before is new: the event the card was opened on, else
 * the last day; INSTANT_NONE when nothing was seen before that. */
static int64_t new_since(const struct card *card)
{
    const struct selection *s = card->selection;
    int64_t since_us;

    if (!s || s->first_us == INSTANT_NONE)
        return INSTANT_NONE;
    since_us = card->event_us != INSTANT_NONE ? card->event_us : s->last_us - LATELY_US;
    return since_us > s->first_us ? since_us : INSTANT_NONE;
}

static bool is_new(const struct card *card, const struct group *g)
{
    int64_t since_us = new_since(card);

    return since_us != INSTANT_NONE && g->first_us != INSTANT_NONE && g->first_us >= since_us;
}

static size_t new_groups(const struct card *card, const struct grouping *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->n_groups; i++)
        count += g->groups[i].keys[0].state == VALUE_TEXT && is_new(card, &g->groups[i]);
    return count;
}

/* The values with most events, and behind them new ones, which often have few. */
static void list_rows(struct card *card)
{
    card->count = 0;
    for (size_t i = 0; i < SECTIONS; i++) {
        const struct grouping *g = card->groupings[i];
        size_t shown = 0, fresh = 0, heading;

        if (!g || real_groups(g) == 0)
            continue;
        heading = card->count;
        add_row(card, (struct row){true, i, 0});
        for (size_t k = 0; k < g->n_groups; k++) {
            if (g->groups[k].keys[0].state != VALUE_TEXT)
                continue;
            if (shown < SHOWN_PER_SECTION)
                shown++;
            else if (fresh < SHOWN_PER_SECTION && is_new(card, &g->groups[k]))
                fresh++;
            else
                continue;
            add_row(card, (struct row){false, i, k});
        }
        card->rows[heading].group = shown + fresh;
    }
}

static void take_groups(void *context, struct grouping *grouping)
{
    struct section_ask *ask = context;
    struct card *card = ask->card;

    card->asking_groups[ask->section] = NULL;
    grouping_free(card->groupings[ask->section]);
    card->groupings[ask->section] = grouping;
    list_rows(card);
}

static void take_bins(void *context, struct histogram *histogram)
{
    struct card *card = context;

    card->asking_bins = NULL;
    histogram_free(card->histogram);
    card->histogram = histogram;
}

static void take_selection(void *context, struct selection *selection)
{
    struct card *card = context;

    card->asking = NULL;
    selection_release(card->selection);
    card->selection = selection;
    ask_cancel(card->asking_bins);
    card->asking_bins = session_bins(
        card->view.ui->session, selection,
        card->view.ui->canvas.cols > 10 ? card->view.ui->canvas.cols - 10 : 1, take_bins, card);
    for (size_t i = 0; i < SECTIONS; i++) {
        if (met[i] == card->field)
            continue;
        ask_cancel(card->asking_groups[i]);
        card->asks[i] = (struct section_ask){card, i};
        card->asking_groups[i] = session_group(card->view.ui->session, selection, &met[i], 1,
                                               met[i] == FIELD_SUB ? FIELD_IP : FIELD_SUB,
                                               take_groups, &card->asks[i]);
    }
}

/* Ready when every section that was asked for has come. */
static struct ask *asked(const struct view *v)
{
    return ((const struct card *)v)->asking;
}

static bool ready(const struct view *v)
{
    const struct card *card = (const struct card *)v;

    for (size_t i = 0; i < SECTIONS; i++) {
        if (met[i] != card->field && !card->groupings[i])
            return false;
    }
    return true;
}

static void ask(struct view *v)
{
    struct card *card = of(v);

    ask_cancel(card->asking);
    card->asking = session_select(v->ui->session, view_filters(v), take_selection, card);
}

static void crumb(struct view *v, struct buffer *out)
{
    struct card *card = of(v);

    buffer_printf(out, "card of %s ", field_get(card->field)->name);
    safe_add(out,
             canvas_hide(&v->ui->canvas, bytes_of(field_get(card->field)->name),
                         buffer_bytes(&card->text)),
             40, v->ui->canvas.ascii);
}

static void counts(struct view *v, struct buffer *out)
{
    struct card *card = of(v);

    if (!card->selection) {
        buffer_add_text(out, "counting");
        return;
    }
    if (session_is_partial(v->ui->session) || card->selection->n_unlooked)
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, card->selection->n_rows, false);
    buffer_add_text(out, card->selection->n_rows == 1 ? " event" : " events");
}

static void status(struct view *v, struct buffer *out)
{
    if (new_since(of(v)) == INSTANT_NONE) {
        buffer_add_text(out, "Enter opens the events of a line");
        return;
    }
    buffer_add_text(out, "+ new since ");
    ui_add_time(v->ui, out, new_since(of(v)), INSTANT_SHORT);
    buffer_add_text(out, of(v)->event_us == new_since(of(v)) ? " (this event)" : " (last day)");
}

static size_t count_rows(const struct view *v)
{
    return ((const struct card *)v)->count;
}

/* Name, span and outcomes of the value itself. */
static void draw_head(struct card *card, struct canvas *c, struct area area)
{
    struct ui *ui = card->view.ui;
    const struct selection *s = card->selection;
    unsigned col = LEFT, left = LEFT;

    col += canvas_text(c, area.row, col, c->cols, STYLE_HEADING,
                       bytes_of(field_get(card->field)->title)) +
           2;
    canvas_put_value(c, area.row, col, c->cols - col - 1, STYLE_TITLE,
                     bytes_of(field_get(card->field)->name), buffer_bytes(&card->text));
    if (!s)
        return;
    buffer_clear(&card->scratch);
    buffer_add_text(&card->scratch, "seen ");
    ui_add_time(ui, &card->scratch, s->first_us, INSTANT_TABLE);
    buffer_add_text(&card->scratch, " to ");
    ui_add_time(ui, &card->scratch, s->last_us, INSTANT_TABLE);
    if (s->first_us != INSTANT_NONE) {
        buffer_add_text(&card->scratch, " (");
        instant_add_span(&card->scratch, s->last_us - s->first_us);
        buffer_add_text(&card->scratch, ")");
    }
    canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                buffer_bytes(&card->scratch));
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (s->outcomes[i] == 0)
            continue;
        buffer_clear(&card->scratch);
        buffer_printf(&card->scratch, "%s ", outcome_name((enum outcome)i));
        ui_add_count(ui, &card->scratch, s->outcomes[i], false);
        left += 3 + canvas_text(c, area.row + 2, left, c->cols - left,
                                outcome_style((enum outcome)i), buffer_bytes(&card->scratch));
    }
}

/* In a narrow window minutes within a day, else the day of the month before them. */
static void add_moment(struct card *card, int64_t at_us, bool wide)
{
    const struct selection *s = card->selection;
    bool one_day =
        s && s->first_us != INSTANT_NONE &&
        instant_floor(s->first_us, INSTANT_DAY) == instant_floor(s->last_us, INSTANT_DAY);
    struct buffer text = {0};

    if (wide || one_day || at_us == INSTANT_NONE) {
        ui_add_time(card->view.ui, &card->scratch, at_us,
                    wide ? INSTANT_TABLE : INSTANT_MINUTES);
        return;
    }
    ui_add_time(card->view.ui, &text, at_us, INSTANT_SHORT); /* 11-18 09:10:00 */
    buffer_add(&card->scratch, bytes_slice(buffer_bytes(&text), 3, 11));
    buffer_deinit(&text);
}

static void draw_row(struct card *card, struct canvas *c, unsigned row, size_t at)
{
    const struct row *shown = &card->rows[at];
    const struct grouping *g = card->groupings[shown->section];
    bool caret = at == card->view.caret;
    enum style style = caret ? STYLE_CARET : shown->heading ? STYLE_HEADING : STYLE_PLAIN;
    bool wide = c->cols >= 110;
    unsigned numbers = wide ? 64 : 34;
    unsigned text_cols = c->cols > numbers + 6 ? c->cols - numbers - 6 : 8;

    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    if (shown->heading) {
        size_t real = real_groups(g);

        buffer_clear(&card->scratch);
        buffer_printf(&card->scratch, "%s  %zu", field_get(met[shown->section])->title, real);
        if (new_groups(card, g))
            buffer_printf(&card->scratch, ", %zu new", new_groups(card, g));
        if (real > shown->group)
            buffer_printf(&card->scratch, ", %zu shown", shown->group);
        canvas_text(c, row, LEFT, c->cols - LEFT, style, buffer_bytes(&card->scratch));
        if (at == 0)
            canvas_printf(c, row, LEFT + 2 + text_cols, numbers, caret ? style : STYLE_HEADING,
                          "%8s %6s  %s", "EVENTS", "FAIL%", "FIRST - LAST");
        return;
    }
    const struct group *group = &g->groups[shown->group];
    unsigned col = LEFT + 2 + text_cols;

    if (is_new(card, group))
        canvas_text(c, row, LEFT, 1, caret ? style : STYLE_WARN, bytes_of("+"));
    canvas_put_value(c, row, LEFT + 2, text_cols - 1, style,
                     bytes_of(field_get(met[shown->section])->name), group->keys[0].text);
    canvas_printf(c, row, col, 16, style, "%8" PRIu64 " %5.0f%%", group->count,
                  100.0 * (double)outcomes_failed(group->outcomes) / (double)group->count);
    buffer_clear(&card->scratch);
    add_moment(card, group->first_us, wide);
    buffer_add_text(&card->scratch, wide ? " - " : "-");
    add_moment(card, group->last_us, wide);
    canvas_text(c, row, col + 17, numbers - 17, style, buffer_bytes(&card->scratch));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct card *card = of(v);

    draw_head(card, c, area);
    area.row += HEAD_ROWS;
    area.rows -= HEAD_ROWS;
    if (strip_rows(c->rows) && card->histogram && card->histogram->n_bins) {
        struct area strip = {area.row, area.col, strip_rows(c->rows), area.cols};

        strip_draw(v->ui, c, strip, card->histogram, card->event_us);
        area.row += strip.rows;
        area.rows -= strip.rows;
    }
    v->page_rows = area.rows;
    view_scroll(v);
    for (size_t i = v->top; i < card->count && i - v->top < v->page_rows; i++)
        draw_row(card, c, area.row + (unsigned)(i - v->top), i);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct card *card = of(v);
    const struct row *row = v->caret < card->count ? &card->rows[v->caret] : NULL;

    if (row && !row->heading && (!field || *field == met[row->section])) {
        const struct group *g = &card->groupings[row->section]->groups[row->group];

        *out = (struct pick){.has_field = true,
                             .field = met[row->section],
                             .state = VALUE_TEXT,
                             .text = g->keys[0].text};
        return true;
    }
    if (field ? *field != card->field : row && !row->heading)
        return false;
    *out = (struct pick){.has_field = true,
                         .field = card->field,
                         .state = VALUE_TEXT,
                         .text = buffer_bytes(&card->text)};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct card *card = of(v);
    const struct row *shown = &card->rows[row];

    if (shown->heading)
        buffer_add_text(out, field_get(met[shown->section])->title);
    else
        buffer_add(out, card->groupings[shown->section]->groups[shown->group].keys[0].text);
}

static unsigned open_row(struct view *v)
{
    struct card *card = of(v);
    const struct row *row;
    struct pick pick;
    struct buffer text = {0};
    unsigned reactions;

    if (v->caret >= card->count)
        return REACT_NONE;
    row = &card->rows[v->caret];
    if (row->heading)
        return ui_push(v->ui, pivot_new(v->ui, view_filters(v), met[row->section]));
    if (!value(v, NULL, &pick))
        return REACT_NONE;
    query_write_term(&text, pick.field, pick.state, pick.text, false);
    reactions = events_with(v->ui, view_filters(v), buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

static const struct view_ops card_ops = {
    .name = "card",
    .context = CONTEXT_CARD,
    .free = free_card,
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
};

struct view *card_new(struct ui *ui, enum field_id field, struct bytes text)
{
    struct card *card = mem_alloc(sizeof *card);
    struct query_options options;
    struct filters *none = filters_new(), *made;
    struct query_error error = {0};
    struct buffer term = {0};

    /* `text` may be the view's until something else is asked of it, as the next line does. */
    buffer_add(&card->text, text);
    options = ui_query_options(ui);
    query_write_term(&term, field, VALUE_TEXT, buffer_bytes(&card->text), false);
    if (filters_add(none, buffer_bytes(&term), &options, &made, &error) != ERR_OK) {
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
        made = filters_hold(none);
    }
    view_init(&card->view, &card_ops, ui, made);
    card->field = field;
    card->event_us = options.has_selected ? options.selected_us : INSTANT_NONE;
    filters_release(made);
    filters_release(none);
    query_error_deinit(&error);
    buffer_deinit(&term);
    return &card->view;
}
