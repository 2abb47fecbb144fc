#include "tui/panes/pane_finding.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/concluding/evidence.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/finding_story.h"
#include "tui/panes/pane_event.h"
#include "tui/panes/pane_events.h"
#include "tui/ui.h"
#include "tui/verbs/verb.h"

enum { LEFT = 2 };

struct finding_view {
    struct view view;
    struct finding_story story;
    struct ask *asking;
    struct buffer scratch;
};

static struct finding_view *of(struct view *v)
{
    return (struct finding_view *)v;
}

static const struct finding *shown(const struct view *v)
{
    const struct finding_view *f = (const struct finding_view *)v;

    return &f->story.triage->findings.items[f->story.number];
}

static void free_finding(struct view *v)
{
    struct finding_view *f = of(v);

    ask_cancel(f->asking);
    finding_story_deinit(&f->story);
    buffer_deinit(&f->scratch);
    view_deinit(v);
    mem_free(f);
}

/* ---- is there a filter that says it? ---- */

static void take_selection(void *context, struct selection *selection)
{
    struct finding_view *f = context;

    f->asking = NULL;
    f->story.query_state = evidence_is(shown(&f->view), selection) ? QUERY_EXACT : QUERY_NONE;
    selection_release(selection);
    finding_story_drop(&f->story);
}

static void ask(struct view *v)
{
    struct finding_view *f = of(v);
    struct query_options options = session_query_options(v->ui->session);
    struct query_error error = {0};
    struct filters *none = filters_new(), *made = NULL;

    if (f->story.query_state == QUERY_UNASKED) {
        f->story.query_state = QUERY_NONE;
        evidence_phrase(f->story.triage, shown(v), &f->story.query);
        if (f->story.query.len && filters_add(none, buffer_bytes(&f->story.query), &options,
                                              &made, &error) == ERR_OK) {
            f->asking = session_select(v->ui->session, made, take_selection, f);
            f->story.query_state = QUERY_ASKED;
        }
    }
    filters_release(made);
    filters_release(none);
    query_error_deinit(&error);
}

/* ---- opening ---- */

static unsigned open_rows(struct ui *ui, const struct finding *f, const char *what,
                          const row_id *rows, uint32_t n, struct bytes term)
{
    struct query_options options = session_query_options(ui->session);
    struct query_error error = {0};
    struct filters *none = filters_new(), *listed, *made = NULL;
    struct buffer name = {0};
    unsigned reactions;

    buffer_printf(&name, "%s of finding %.8s", what, f->id);
    listed = filters_add_rows(none, buffer_bytes(&name), rows, n);
    if (term.len && filters_add(listed, term, &options, &made, &error) != ERR_OK)
        made = NULL;
    reactions = ui_push(ui, events_new(ui, made ? made : listed));
    filters_release(made);
    filters_release(listed);
    filters_release(none);
    query_error_deinit(&error);
    buffer_deinit(&name);
    return reactions;
}

static unsigned open_line(struct view *v)
{
    struct finding_view *f = of(v);
    const struct finding *x = shown(v);
    struct buffer term = {0};
    struct line line;
    unsigned reactions = REACT_NONE;

    finding_story_lay_out(&f->story, f->story.cols ? f->story.cols : v->ui->canvas.cols);
    if (v->caret >= f->story.n_lines)
        return REACT_NONE;
    line = f->story.lines[v->caret];
    switch (line.kind) {
    case LINE_EVENT:
        return ui_push(v->ui, event_new(v->ui, view_filters(v), NULL, line.row, NULL));
    case LINE_AFTER:
        return open_rows(v->ui, x, "what followed", x->after, x->n_after, (struct bytes){0});
    case LINE_ENTITY:
        if (line.field < FIELD_COUNT) {
            query_write_term(&term, line.field, VALUE_TEXT, line.value, false);
        } else { /* a network */
            buffer_add_text(&term, "ip=");
            buffer_add(&term, line.value);
        }
        reactions = open_rows(v->ui, x, "evidence", x->rows, x->n_rows, buffer_bytes(&term));
        buffer_deinit(&term);
        return reactions;
    case LINE_QUERY:
        return events_with(v->ui, NULL, line.value);
    case LINE_TEXT:
    case LINE_HEADING:
    case LINE_EVIDENCE:
    case LINE_COMMAND:
        break;
    }
    if (f->story.query_state == QUERY_EXACT)
        return events_with(v->ui, NULL, buffer_bytes(&f->story.query));
    return open_rows(v->ui, x, "evidence", x->rows, x->n_rows, (struct bytes){0});
}

/* ---- the view ---- */

static void crumb(struct view *v, struct buffer *out)
{
    buffer_add_text(out, scenario_text(shown(v)->scenario)->title);
}

static void counts(struct view *v, struct buffer *out)
{
    const struct finding *f = shown(v);

    buffer_printf(
        out, "%s, score %u, %s", severity_name(f->severity), f->score,
        casebook_state_name(casebook_state(session_case(v->ui->session), bytes_of(f->id))));
}

static void status(struct view *v, struct buffer *out)
{
    const struct finding *f = shown(v);

    buffer_printf(out, "finding %s", f->id);
    if (strcmp(f->id, f->campaign) != 0)
        buffer_printf(out, " of campaign %.8s", f->campaign);
}

static size_t count_rows(const struct view *v)
{
    /* Before the first draw nothing is known of the width. */
    return ((const struct finding_view *)v)->story.n_lines;
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct finding_view *f = of(v);

    finding_story_lay_out(&f->story, c->cols);
    v->page_rows = area.rows;
    view_scroll(v);
    for (size_t i = v->top; i < f->story.n_lines && i - v->top < v->page_rows; i++) {
        unsigned row = area.row + (unsigned)(i - v->top);
        const struct line *line = &f->story.lines[i];
        unsigned col =
            line->kind == LINE_HEADING || line->kind == LINE_AFTER ? LEFT : STORY_INDENT;

        if (i == v->caret)
            draw_caret_row(c, row, (struct area){.cols = c->cols});
        canvas_text(c, row, col, c->cols - col, i == v->caret ? STYLE_CARET : line->style,
                    line->text);
    }
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct finding_view *f = of(v);
    const struct line *line;

    if (v->caret >= f->story.n_lines)
        return false;
    line = &f->story.lines[v->caret];
    if (line->kind == LINE_EVENT)
        return field && field_pick(v->ui, *field, line->row, &f->scratch, out);
    if (field && (line->kind != LINE_ENTITY || line->field != *field))
        return false;
    *out = (struct pick){.has_field = line->kind == LINE_ENTITY && line->field < FIELD_COUNT,
                         .field = line->field,
                         .state = VALUE_TEXT,
                         .text = line->value.len ? line->value : line->text};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    buffer_add(out, of(v)->story.lines[row].text);
}

/* ---- state and note ---- */

static void set_state(struct ui *ui, struct bytes id, struct bytes wanted)
{
    struct casebook *c = session_case(ui->session);
    enum casebook_state state = (casebook_state(c, id) + 1) % CASEBOOK_STATES;
    struct buffer said = {0};

    if (wanted.len && !casebook_state_find(wanted, &state)) {
        ui_say(ui, STYLE_BAD, "No such state: new, confirmed or benign.");
        return;
    }
    casebook_set_state(c, id, state);
    buffer_printf(&said, "Marked %s", casebook_state_name(state));
    verb_save_case(ui, buffer_cstr(&said));
    buffer_deinit(&said);
}

bool finding_command(struct ui *ui, struct triage *t, size_t number, enum command_id id,
                     struct bytes argument, unsigned *reactions)
{
    const struct finding *f = &t->findings.items[number];
    struct casebook *c = session_case(ui->session);
    struct buffer line = {0};

    *reactions = REACT_REDRAW;
    if (id == COMMAND_STATE) {
        set_state(ui, bytes_of(f->id), argument);
    } else if (id == COMMAND_NOTE && argument.len) {
        casebook_set_note(c, bytes_of(f->id), argument);
        verb_save_case(ui, "Noted");
    } else if (id == COMMAND_NOTE) {
        buffer_add_text(&line, "note ");
        buffer_add(&line, casebook_note(c, bytes_of(f->id)));
        *reactions = verb_palette(ui, buffer_bytes(&line));
        buffer_deinit(&line);
    } else if (id == COMMAND_EVIDENCE) {
        *reactions = open_rows(ui, f, "evidence", f->rows, f->n_rows, (struct bytes){0});
    } else {
        return false;
    }
    return true;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct finding_view *f = of(v);

    if (!finding_command(v->ui, f->story.triage, f->story.number, id, argument, reactions))
        return false;
    finding_story_drop(&f->story); /* the note stands among them */
    return true;
}

static const struct view_ops finding_ops = {
    .name = "finding",
    .context = CONTEXT_FINDING,
    .unfiltered = true,
    .free = free_finding,
    .ask = ask,
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

struct view *finding_view_new(struct ui *ui, struct filters *filters, struct triage *t,
                              size_t number)
{
    struct finding_view *f = mem_alloc(sizeof *f);

    view_init(&f->view, &finding_ops, ui, filters);
    f->story.ui = ui;
    f->story.triage = triage_hold(t);
    f->story.number = number;
    return &f->view;
}
