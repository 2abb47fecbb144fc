#include "tui/panes/pane_card.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/card_facts.h"
#include "tui/panes/column.h"
#include "tui/panes/names.h"
#include "tui/panes/pane_events.h"
#include "tui/panes/pane_finding.h"
#include "tui/panes/pane_pivot.h"
#include "tui/panes/strip.h"
#include "tui/ui.h"
#include "tui/verbs/verb.h"

enum { LEFT = 2, HEAD_ROWS = 3, SPARK_COLS = 24, WIDE_COLS = 110 };

struct section_ask {
    struct card *card;
    size_t section;
};

struct card {
    struct view view;
    struct card_facts facts;
    struct buffer scratch;
    struct section_ask asks[CARD_SECTIONS];
    struct ask *asking, *asking_bins, *asking_groups[CARD_SECTIONS];
    struct histogram *histogram; /* of the selection; NULL until the answer */
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
    for (size_t i = 0; i < CARD_SECTIONS; i++) {
        ask_cancel(card->asking_groups[i]);
        card->asking_groups[i] = NULL;
    }
}

static void free_card(struct view *v)
{
    struct card *card = of(v);

    cancel(card);
    card_facts_deinit(&card->facts);
    histogram_free(card->histogram);
    buffer_deinit(&card->scratch);
    view_deinit(v);
    mem_free(card);
}

static void take_groups(void *context, struct grouping *grouping)
{
    struct section_ask *ask = context;
    struct card *card = ask->card;

    card->asking_groups[ask->section] = NULL;
    grouping_free(card->facts.groupings[ask->section]);
    card->facts.groupings[ask->section] = grouping;
    card_facts_list(&card->facts);
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
    selection_release(card->facts.selection);
    card->facts.selection = selection;
    ask_cancel(card->asking_bins);
    card->asking_bins = session_bins(
        card->view.ui->session, selection,
        card->view.ui->canvas.cols > 10 ? card->view.ui->canvas.cols - 10 : 1, take_bins, card);
    for (size_t i = 0; i < CARD_SECTIONS; i++) {
        enum field_id field = card_met(i);

        if (field == card->facts.field)
            continue;
        ask_cancel(card->asking_groups[i]);
        card->asks[i] = (struct section_ask){card, i};
        card->asking_groups[i] = session_group(card->view.ui->session, selection, &field, 1,
                                               field == FIELD_SUB ? FIELD_IP : FIELD_SUB,
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

    for (size_t i = 0; i < CARD_SECTIONS; i++) {
        if (card_met(i) != card->facts.field && !card->facts.groupings[i])
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

    buffer_printf(out, "card of %s ", field_get(card->facts.field)->name);
    safe_add(out,
             canvas_hide(&v->ui->canvas, bytes_of(field_get(card->facts.field)->name),
                         buffer_bytes(&card->facts.text)),
             40, v->ui->canvas.ascii);
}

static void counts(struct view *v, struct buffer *out)
{
    struct card *card = of(v);

    if (!card->facts.selection) {
        buffer_add_text(out, "counting");
        return;
    }
    if (session_is_partial(v->ui->session) || card->facts.selection->n_unlooked)
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, card->facts.selection->n_rows, false);
    buffer_add_text(out, card->facts.selection->n_rows == 1 ? " event" : " events");
}

static void status(struct view *v, struct buffer *out)
{
    if (card_new_since(&of(v)->facts) == INSTANT_NONE) {
        buffer_add_text(out, "Enter opens the events of a line");
        return;
    }
    buffer_add_text(out, "+ new since ");
    ui_add_time(v->ui, out, card_new_since(&of(v)->facts), INSTANT_SHORT);
    buffer_add_text(out, of(v)->facts.event_us == card_new_since(&of(v)->facts)
                             ? " (this event)"
                             : " (last day)");
}

static size_t count_rows(const struct view *v)
{
    return ((const struct card *)v)->facts.count;
}

/* How many findings the value is in, the worst first; nothing while that is not known. */
static void add_findings(const struct card_facts *f, struct buffer *out)
{
    size_t all = 0;

    for (size_t i = 0; i < SEVERITY_COUNT; i++)
        all += f->findings[i];
    if (!f->triage)
        return;
    if (all == 0) {
        buffer_add_text(out, "no finding");
        return;
    }
    buffer_printf(out, "%zu finding%s:", all, all == 1 ? "" : "s");
    for (size_t i = SEVERITY_COUNT; i-- > 0;)
        if (f->findings[i])
            buffer_printf(out, " %zu %s", f->findings[i], severity_name((enum severity)i));
}

/* Name, span and outcomes of the value itself. */
static void draw_head(struct card *card, struct canvas *c, struct area area)
{
    struct ui *ui = card->view.ui;
    const struct selection *s = card->facts.selection;
    unsigned col = LEFT, left = LEFT;

    col += canvas_text(c, area.row, col, c->cols, STYLE_HEADING,
                       bytes_of(field_get(card->facts.field)->title)) +
           2;
    col += canvas_put_value(c, area.row, col, c->cols - col - 1, STYLE_TITLE,
                            bytes_of(field_get(card->facts.field)->name),
                            buffer_bytes(&card->facts.text)) +
           2;
    buffer_clear(&card->scratch);
    if (names_add(ui, &card->scratch, card->facts.field, buffer_bytes(&card->facts.text), 40)) {
        buffer_add_text(&card->scratch, " (learned)");
        canvas_text(c, area.row, col, c->cols - col, STYLE_ACCENT,
                    buffer_bytes(&card->scratch));
    }
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
    buffer_clear(&card->scratch);
    add_findings(&card->facts, &card->scratch);
    if (left + card->scratch.len + 2 < c->cols)
        canvas_right(c, area.row + 2, c->cols - 1,
                     card->facts.findings[SEVERITY_HIGH] ? STYLE_BAD : STYLE_PLAIN,
                     buffer_bytes(&card->scratch));
}

/* Where the numbers of a line begin. */
static unsigned numbers_col(const struct canvas *c)
{
    unsigned numbers = c->cols >= WIDE_COLS ? 62 + SPARK_COLS : 34;

    return c->cols > numbers + LEFT + 12 ? c->cols - numbers : LEFT + 12;
}

/* The section that stands first: its heading tells what the numbers are. */
static size_t first_section(const struct card_facts *f)
{
    size_t i = 0;

    while (i < f->count && f->lines[i].kind != CARD_HEADING)
        i++;
    return i < f->count ? f->lines[i].section : 0;
}

/* The words of a line that is no value and no finding, not yet sanitised. */
static void line_text(const struct card *card, const struct card_line *line, struct buffer *out)
{
    const struct card_facts *f = &card->facts;
    const struct casebook *book = session_case(f->session);
    struct bytes field = bytes_of(field_get(f->field)->name);

    if (line->kind == CARD_LESSON)
        buffer_add(out, f->learned[line->at].text);
    else if (line->kind == CARD_COMMAND)
        buffer_add(out, buffer_bytes(&f->command));
    else if (line->kind == CARD_TAGS)
        casebook_tags(book, field, buffer_bytes(&f->text), out);
    else if (line->kind == CARD_NOTE)
        buffer_add(out, casebook_value_note(book, field, buffer_bytes(&f->text)));
    else if (line->kind == CARD_TITLE)
        buffer_add_text(out, line->title);
}

/* In a narrow window as much as tells lines apart: the clock within a day, the day of the month
 * before it within most of a month, month and day within most of a year, else the date. */
static void add_moment(struct card *card, int64_t at_us, bool wide)
{
    const struct selection *s = card->facts.selection;
    bool timed = s && s->first_us != INSTANT_NONE;
    int64_t span_us = timed ? s->last_us - s->first_us : 0;
    struct buffer text = {0};

    if (wide || at_us == INSTANT_NONE ||
        (timed &&
         instant_floor(s->first_us, INSTANT_DAY) == instant_floor(s->last_us, INSTANT_DAY))) {
        ui_add_time(card->view.ui, &card->scratch, at_us,
                    wide ? INSTANT_TABLE : INSTANT_MINUTES);
        return;
    }
    ui_add_time(card->view.ui, &text, at_us, INSTANT_TABLE); /* 2026-11-18 09:10:00 */
    buffer_add(&card->scratch,
               span_us < 27 * INSTANT_DAY    ? bytes_slice(buffer_bytes(&text), 8, 16)
               : span_us < 300 * INSTANT_DAY ? bytes_slice(buffer_bytes(&text), 5, 10)
                                             : bytes_slice(buffer_bytes(&text), 2, 10));
    buffer_deinit(&text);
}

/* How the values of a section and their learned names share the room before the numbers. */
static struct names_split split_of(struct card *card, const struct canvas *c, size_t section)
{
    const struct grouping *g = card->facts.groupings[section];
    unsigned names = 0;

    for (size_t i = 0; i < card->facts.count; i++) {
        const struct card_line *line = &card->facts.lines[i];
        unsigned cols =
            line->kind == CARD_VALUE && line->section == section
                ? names_cols(card->view.ui, card_met(section), g->groups[line->at].keys[0].text)
                : 0;

        names = cols > names ? cols : names;
    }
    return names_split(numbers_col(c) - LEFT - 3, names);
}

/* Heading of a section: how many values there are, and how many of them are new. */
static void draw_heading(struct card *card, struct canvas *c, unsigned row,
                         const struct card_line *line, enum style style)
{
    const struct grouping *g = card->facts.groupings[line->section];
    size_t real = card_values(g), fresh = card_new_values(&card->facts, g);
    struct names_split split = split_of(card, c, line->section);
    unsigned cols;

    buffer_clear(&card->scratch);
    buffer_printf(&card->scratch, "%s  %zu", field_get(card_met(line->section))->title, real);
    if (fresh)
        buffer_printf(&card->scratch, ", %zu new", fresh);
    if (real > line->at)
        buffer_printf(&card->scratch, ", %zu shown", line->at);
    cols =
        LEFT + canvas_text(c, row, LEFT, c->cols - LEFT, style, buffer_bytes(&card->scratch));
    if (split.name && cols < LEFT + 3 + split.value)
        cols = LEFT + 3 + split.value +
               canvas_text(c, row, LEFT + 3 + split.value, split.name, style,
                           bytes_of(NAMES_TITLE));
    /* What the numbers are, above the first of them. */
    if (line->section == first_section(&card->facts) && cols + 2 < numbers_col(c)) {
        canvas_printf(c, row, numbers_col(c), 40, style, "%8s %6s  %s", "EVENTS", "FAIL%",
                      "FIRST - LAST");
        if (c->cols >= WIDE_COLS)
            canvas_text(c, row, c->cols - SPARK_COLS - 1, SPARK_COLS, style,
                        bytes_of("OVER TIME"));
    }
}

static void draw_value(struct card *card, struct canvas *c, unsigned row,
                       const struct card_line *line, enum style style)
{
    const struct group *group = &card->facts.groupings[line->section]->groups[line->at];
    enum field_id field = card_met(line->section);
    unsigned col = numbers_col(c);
    bool wide = c->cols >= WIDE_COLS;

    if (card_is_new(&card->facts, group))
        canvas_text(c, row, LEFT, 1, style == STYLE_CARET ? style : STYLE_WARN, bytes_of("+"));
    names_put(card->view.ui, c, row, LEFT + 2, split_of(card, c, line->section), style, field,
              VALUE_TEXT, group->keys[0].text);
    canvas_printf(c, row, col, 16, style, "%8" PRIu64 " %5.0f%%", group->count,
                  100.0 * (double)outcomes_failed(group->outcomes) / (double)group->count);
    buffer_clear(&card->scratch);
    add_moment(card, group->first_us, wide);
    buffer_add_text(&card->scratch, wide ? " - " : "-");
    add_moment(card, group->last_us, wide);
    canvas_text(c, row, col + 17, c->cols - col - 17, style, buffer_bytes(&card->scratch));
    if (!wide)
        return;
    buffer_clear(&card->scratch);
    strip_bars(&card->scratch, group->spark, STATS_SPARK_BINS, SPARK_COLS, c->ascii);
    canvas_text(c, row, c->cols - SPARK_COLS - 1, SPARK_COLS, style,
                buffer_bytes(&card->scratch));
}

/* One finding: how bad, what, how many of its events have the value, what was decided. */
static void draw_finding(struct card *card, struct canvas *c, unsigned row,
                         const struct card_line *line, enum style style)
{
    const struct finding *f = &card->facts.triage->findings.items[line->at];
    unsigned col = numbers_col(c);

    canvas_text(c, row, LEFT + 2, 8,
                style != STYLE_CARET && f->severity == SEVERITY_HIGH ? STYLE_BAD : style,
                bytes_of(severity_name(f->severity)));
    canvas_text(c, row, LEFT + 11, col - LEFT - 11, style,
                bytes_of(scenario_text(f->scenario)->title));
    buffer_clear(&card->scratch);
    buffer_printf(&card->scratch, "%8" PRIu32 " of ", line->events);
    ui_add_count(card->view.ui, &card->scratch, f->n_rows, false);
    buffer_printf(&card->scratch, "  %s",
                  casebook_state_name(
                      casebook_state(session_case(card->facts.session), bytes_of(f->id))));
    canvas_text(c, row, col, c->cols - col, style, buffer_bytes(&card->scratch));
}

/* Tags, notes, learned names, the command: a word or two, then the text. */
static void draw_words(struct card *card, struct canvas *c, unsigned row,
                       const struct card_line *line, enum style style)
{
    struct buffer text = {0};
    struct bytes name = bytes_of("");
    const char *head = "";

    line_text(card, line, &text);
    if (line->kind == CARD_LESSON) {
        const struct lesson *lesson = &card->facts.learned[line->at];

        head = field_get(lesson->field)->name;
        name = bytes_of(head);
        buffer_clear(&card->scratch);
        buffer_printf(&card->scratch, "(learned) beside %s", field_get(lesson->by)->name);
        if (lesson->rivals)
            buffer_printf(&card->scratch, ", or %zu other%s", lesson->rivals,
                          lesson->rivals == 1 ? "" : "s");
        canvas_right(c, row, c->cols - 1, style == STYLE_CARET ? style : STYLE_DIM,
                     buffer_bytes(&card->scratch));
    } else {
        head = line->kind == CARD_TAGS ? "tags" : line->kind == CARD_NOTE ? "note" : "ask";
        card->scratch.len = 0;
    }
    canvas_text(c, row, LEFT + 2, 11, style == STYLE_CARET ? style : STYLE_HEADING,
                bytes_of(head));
    if (c->cols > LEFT + 16 + card->scratch.len)
        canvas_put_value(c, row, LEFT + 13, c->cols - LEFT - 15 - (unsigned)card->scratch.len,
                         style, name, buffer_bytes(&text));
    buffer_deinit(&text);
}

static void draw_row(struct card *card, struct canvas *c, unsigned row, size_t at)
{
    const struct card_line *line = &card->facts.lines[at];
    bool caret = at == card->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    switch (line->kind) {
    case CARD_HEADING:
        draw_heading(card, c, row, line, caret ? style : STYLE_HEADING);
        break;
    case CARD_TITLE:
        canvas_text(c, row, LEFT, c->cols - LEFT, caret ? style : STYLE_HEADING,
                    bytes_of(line->title));
        break;
    case CARD_VALUE:
        draw_value(card, c, row, line, style);
        break;
    case CARD_FINDING:
        draw_finding(card, c, row, line, style);
        break;
    case CARD_LESSON:
    case CARD_COMMAND:
    case CARD_TAGS:
    case CARD_NOTE:
        draw_words(card, c, row, line, style);
        break;
    }
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct card *card = of(v);

    (void)card_facts_take(&card->facts);
    draw_head(card, c, area);
    area.row += HEAD_ROWS;
    area.rows -= HEAD_ROWS;
    if (strip_rows(c->rows) && card->histogram && card->histogram->n_bins) {
        struct area strip = {area.row, area.col, strip_rows(c->rows), area.cols};

        strip_draw(v->ui, c, strip, card->histogram, card->facts.event_us);
        area.row += strip.rows;
        area.rows -= strip.rows;
    }
    v->page_rows = area.rows;
    view_scroll(v);
    for (size_t i = v->top; i < card->facts.count && i - v->top < v->page_rows; i++)
        draw_row(card, c, area.row + (unsigned)(i - v->top), i);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct card *card = of(v);
    const struct card_line *line =
        v->caret < card->facts.count ? &card->facts.lines[v->caret] : NULL;

    if (line && line->kind == CARD_VALUE && (!field || *field == card_met(line->section))) {
        *out = (struct pick){
            .has_field = true,
            .field = card_met(line->section),
            .state = VALUE_TEXT,
            .text = card->facts.groupings[line->section]->groups[line->at].keys[0].text};
        return true;
    }
    /* What is no value of the evidence can be copied, and nothing else. */
    if (!field && line &&
        (line->kind == CARD_LESSON || line->kind == CARD_COMMAND || line->kind == CARD_TAGS ||
         line->kind == CARD_NOTE)) {
        buffer_clear(&card->scratch);
        line_text(card, line, &card->scratch);
        *out = (struct pick){.state = VALUE_TEXT, .text = buffer_bytes(&card->scratch)};
        return true;
    }
    if (field ? *field != card->facts.field : line && line->kind == CARD_VALUE)
        return false;
    *out = (struct pick){.has_field = true,
                         .field = card->facts.field,
                         .state = VALUE_TEXT,
                         .text = buffer_bytes(&card->facts.text)};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct card *card = of(v);
    const struct card_line *line = &card->facts.lines[row];

    if (line->kind == CARD_HEADING)
        buffer_add_text(out, field_get(card_met(line->section))->title);
    else if (line->kind == CARD_VALUE)
        buffer_add(out, card->facts.groupings[line->section]->groups[line->at].keys[0].text);
    else if (line->kind == CARD_FINDING)
        buffer_add_text(
            out, scenario_text(card->facts.triage->findings.items[line->at].scenario)->title);
    else
        line_text(card, line, out);
}

static unsigned open_value(struct card *card)
{
    struct view *v = &card->view;
    struct buffer text = {0};
    struct pick pick;
    unsigned reactions;

    if (!value(v, NULL, &pick))
        return REACT_NONE;
    query_write_term(&text, pick.field, pick.state, pick.text, false);
    reactions = events_with(v->ui, view_filters(v), buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

static unsigned open_line(struct view *v)
{
    struct card *card = of(v);
    const struct card_line *line;

    if (v->caret >= card->facts.count)
        return REACT_NONE;
    line = &card->facts.lines[v->caret];
    switch (line->kind) {
    case CARD_HEADING:
        return ui_push(v->ui, pivot_new(v->ui, view_filters(v), card_met(line->section)));
    case CARD_VALUE:
        return open_value(card);
    case CARD_LESSON:
        return names_open(v->ui, &card->facts.learned[line->at]);
    case CARD_FINDING:
        return ui_push(v->ui,
                       finding_view_new(v->ui, view_filters(v), card->facts.triage, line->at));
    case CARD_NOTE:
        return verb_palette(v->ui, bytes_of("note "));
    case CARD_COMMAND:
        ui_say(v->ui, STYLE_PLAIN, "y copies the command; nothing here is run.");
        return REACT_REDRAW;
    case CARD_TITLE:
    case CARD_TAGS:
        break;
    }
    return ui_push(v->ui, events_new(v->ui, view_filters(v)));
}

static unsigned tag(struct card *card, struct bytes argument)
{
    struct card_facts *f = &card->facts;
    struct bytes field = bytes_of(field_get(f->field)->name);

    if (argument.len == 0)
        return verb_palette(card->view.ui, bytes_of("tag "));
    verb_save_case(card->view.ui, casebook_turn_tag(session_case(f->session), field,
                                                    buffer_bytes(&f->text), argument)
                                      ? "Tagged"
                                      : "Tag taken away");
    return REACT_REDRAW;
}

static unsigned note(struct card *card, struct bytes argument)
{
    struct card_facts *f = &card->facts;
    struct casebook *book = session_case(f->session);
    struct bytes field = bytes_of(field_get(f->field)->name);
    struct buffer line = {0};
    unsigned reactions = REACT_REDRAW;

    if (argument.len == 0) {
        buffer_add_text(&line, "note ");
        buffer_add(&line, casebook_value_note(book, field, buffer_bytes(&f->text)));
        reactions = verb_palette(card->view.ui, buffer_bytes(&line));
    } else {
        casebook_set_value_note(book, field, buffer_bytes(&f->text), argument);
        verb_save_case(card->view.ui, "Noted");
    }
    buffer_deinit(&line);
    return reactions;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct card *card = of(v);

    if (id != COMMAND_TAG && id != COMMAND_NOTE)
        return false;
    if (!casebook_can_keep(buffer_bytes(&card->facts.text))) {
        ui_say(v->ui, STYLE_WARN, "A case file cannot name this value.");
        *reactions = REACT_REDRAW;
        return true;
    }
    *reactions = id == COMMAND_TAG ? tag(card, argument) : note(card, argument);
    card_facts_list(&card->facts);
    return true;
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
    .open = open_line,
    .command = command,
};

struct view *card_new(struct ui *ui, enum field_id field, struct bytes text)
{
    struct card *card = mem_alloc(sizeof *card);
    struct query_options options;
    struct filters *none = filters_new(), *made;
    struct query_error error = {0};
    struct buffer term = {0};

    /* `text` may be the view's until something else is asked of it, as the next line does. */
    buffer_add(&card->facts.text, text);
    options = ui_query_options(ui);
    query_write_term(&term, field, VALUE_TEXT, buffer_bytes(&card->facts.text), false);
    if (filters_add(none, buffer_bytes(&term), &options, &made, &error) != ERR_OK) {
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
        made = filters_hold(none);
    }
    view_init(&card->view, &card_ops, ui, made);
    card->facts.session = ui->session;
    card->facts.field = field;
    card->facts.event_us = options.has_selected ? options.selected_us : INSTANT_NONE;
    filters_release(made);
    filters_release(none);
    query_error_deinit(&error);
    buffer_deinit(&term);
    return &card->view;
}
