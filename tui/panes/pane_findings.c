#include "tui/panes/pane_findings.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/names.h"
#include "tui/panes/pane_finding.h"
#include "tui/panes/pane_rules.h"
#include "tui/ui.h"
#include "tui/verbs/verb.h"

enum {
    LEFT = 2,
    SEVERITY_COLS = 8,
    EVENTS_COLS = 9,
    WHAT_COLS = 33,
    TIME_COLS = 13,
    STATE_COLS = 11,
    WIDE_COLS = 110, /* from here on the time has room */
    DETAIL_ROWS = 8
};

struct findings_view {
    struct view view;
    struct triage *triage; /* held; NULL until the first answer */
    struct buffer scratch;
};

static struct findings_view *of(struct view *v)
{
    return (struct findings_view *)v;
}

static const struct findings *queue(const struct view *v)
{
    const struct triage *t = ((const struct findings_view *)v)->triage;

    return t ? &t->findings : NULL;
}

static void free_findings(struct view *v)
{
    struct findings_view *f = of(v);

    triage_release(f->triage);
    buffer_deinit(&f->scratch);
    view_deinit(v);
    mem_free(f);
}

static size_t count_rows(const struct view *v)
{
    return queue(v) ? queue(v)->count : 0;
}

/* The newest triage; the caret stays on its finding. */
static void ask(struct view *v)
{
    struct findings_view *f = of(v);
    struct triage *newest = session_triage(v->ui->session);
    char id[FINDING_ID_BYTES + 1] = "";
    size_t at;

    if (!newest || newest == f->triage)
        return;
    if (v->caret < count_rows(v))
        memcpy(id, queue(v)->items[v->caret].id, sizeof id);
    triage_release(f->triage);
    f->triage = triage_hold(newest);
    at = findings_find(&newest->findings, bytes_of(id));
    v->caret = at == SIZE_MAX ? 0 : at;
}

static bool ready(const struct view *v)
{
    return ((const struct findings_view *)v)->triage != NULL ||
           session_triage_was_stopped(v->ui->session);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "findings");
}

static void counts(struct view *v, struct buffer *out)
{
    size_t by[SEVERITY_COUNT] = {0};
    const struct findings *f = queue(v);

    if (!f) {
        if (session_is_loading(v->ui->session))
            buffer_add_text(out, "after reading has ended");
        else if (session_triage_was_stopped(v->ui->session))
            buffer_add_text(out, "weighing was stopped");
        else
            buffer_printf(out, "weighing, %u %%", session_triage_done(v->ui->session) / 10);
        return;
    }
    for (size_t i = 0; i < f->count; i++)
        by[f->items[i].severity]++;
    if (session_is_partial(v->ui->session))
        buffer_add_text(out, "at least ");
    for (unsigned s = SEVERITY_COUNT; s-- > 0;)
        if (by[s] || s == SEVERITY_HIGH)
            buffer_printf(out, "%zu %s%s", by[s], severity_name((enum severity)s),
                          s == SEVERITY_INFO ? "" : "  ");
}

static void status(struct view *v, struct buffer *out)
{
    const struct triage *t = of(v)->triage;

    if (!t)
        return;
    if (session_triage_was_stopped(v->ui->session))
        buffer_add_text(out, "stopped: these are of the limits before  ");
    else if (session_is_triaging(v->ui->session))
        buffer_printf(out, "weighing again, %u %%  ", session_triage_done(v->ui->session) / 10);
    buffer_printf(out, "%zu rules, limits %s", rules_on(&t->rules),
                  rules_are_default(&t->rules) ? "as shipped" : "changed");
    /* Without a screen --records searches whole records for them. */
    buffer_add_text(out, ", secrets: columns only");
    if (t->signals->n_timeless) {
        buffer_add_text(out, "  ");
        ui_add_count(v->ui, out, t->signals->n_timeless, false);
        buffer_add_text(out, " events without a time");
    }
}

static enum style severity_style(enum severity s)
{
    static const enum style styles[SEVERITY_COUNT] = {STYLE_DIM, STYLE_PLAIN, STYLE_WARN,
                                                      STYLE_BAD};

    return styles[s];
}

void finding_add_who(struct ui *ui, const struct finding *f, unsigned cols, struct buffer *out)
{
    const struct entities *users = &f->entities[ENTITY_USER];
    struct bytes who = f->key_text;
    const char *name = f->key == KEY_ACCOUNT ? "sub" : f->key == KEY_IP ? "ip" : "";

    /* A name says more than a sub; the activity log has it. */
    if (f->key == KEY_ACCOUNT && users->count) {
        who = users->items[0].text;
        name = "user";
    }
    if (f->key == KEY_ACCOUNT && !users->count &&
        names_add(ui, out, FIELD_SUB, who, cols > 18 ? cols - 10 : 8)) {
        buffer_add_text(out, " (learned)");
        return;
    }
    if (f->key == KEY_AGENT_CLIENT && f->entities[ENTITY_IP].count) {
        buffer_printf(out, "%" PRIu32 " addresses, one program", f->entities[ENTITY_IP].count);
        return;
    }
    safe_add(out, canvas_hide(&ui->canvas, bytes_of(name), who), cols, ui->canvas.ascii);
}

struct layout {
    unsigned what, who, time;
};

static struct layout fit(unsigned cols)
{
    struct layout l = {.what = WHAT_COLS, .time = cols >= WIDE_COLS ? 2 * TIME_COLS : 0};
    unsigned used = LEFT + SEVERITY_COLS + EVENTS_COLS + STATE_COLS + l.time + l.what;

    l.who = cols > used ? cols - used : 0;
    return l;
}

static void draw_headings(struct canvas *c, unsigned row, const struct layout *l)
{
    unsigned col = LEFT;

    canvas_text(c, row, col, SEVERITY_COLS, STYLE_HEADING, bytes_of("SEVERITY"));
    col += SEVERITY_COLS;
    canvas_text(c, row, col + 1, l->what, STYLE_HEADING, bytes_of("WHAT"));
    col += l->what;
    canvas_printf(c, row, col, EVENTS_COLS, STYLE_HEADING, "%*s", EVENTS_COLS - 1, "EVENTS");
    col += EVENTS_COLS;
    canvas_text(c, row, col, l->who, STYLE_HEADING, bytes_of("WHO"));
    col += l->who;
    if (l->time) {
        canvas_text(c, row, col, TIME_COLS, STYLE_HEADING, bytes_of("FROM"));
        canvas_text(c, row, col + TIME_COLS, TIME_COLS, STYLE_HEADING, bytes_of("TO"));
    }
    col += l->time;
    canvas_text(c, row, col, STATE_COLS, STYLE_HEADING, bytes_of("STATE"));
}

static void draw_row(struct findings_view *f, struct canvas *c, unsigned row, size_t at,
                     const struct layout *l)
{
    const struct finding *x = &f->triage->findings.items[at];
    bool caret = at == f->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned col = LEFT;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    canvas_text(c, row, col, SEVERITY_COLS, caret ? style : severity_style(x->severity),
                bytes_of(severity_name(x->severity)));
    col += SEVERITY_COLS;
    canvas_text(c, row, col + 1, l->what - 1, style,
                bytes_of(scenario_text(x->scenario)->title));
    col += l->what;
    buffer_clear(&f->scratch);
    ui_add_count(f->view.ui, &f->scratch, x->n_rows, false);
    canvas_right(c, row, col + EVENTS_COLS - 1, style, buffer_bytes(&f->scratch));
    col += EVENTS_COLS;
    buffer_clear(&f->scratch);
    if (l->who > 1)
        finding_add_who(f->view.ui, x, l->who - 1, &f->scratch);
    canvas_text(c, row, col, l->who ? l->who - 1 : 0, style, buffer_bytes(&f->scratch));
    col += l->who;
    for (unsigned i = 0; l->time && i < 2; i++) {
        buffer_clear(&f->scratch);
        ui_add_time(f->view.ui, &f->scratch, i ? x->last_us : x->first_us, INSTANT_SHORT);
        canvas_text(c, row, col + i * TIME_COLS, TIME_COLS, style,
                    bytes_slice(buffer_bytes(&f->scratch), 0, 11));
    }
    col += l->time;
    canvas_text(c, row, col, STATE_COLS - 1, style,
                bytes_of(casebook_state_name(
                    casebook_state(session_case(f->view.ui->session), bytes_of(x->id)))));
}

static unsigned put_line(struct findings_view *f, struct canvas *c, unsigned row, unsigned end,
                         enum style style, const char *head, struct bytes text)
{
    if (text.len == 0)
        return row;
    buffer_clear(&f->scratch);
    buffer_add_text(&f->scratch, head);
    safe_add(&f->scratch, canvas_hide(c, bytes_of(""), text), SAFE_ALL_COLUMNS, c->ascii);
    return draw_wrapped(c, row, end, style, buffer_bytes(&f->scratch));
}

static void draw_detail(struct findings_view *f, struct canvas *c, struct area area)
{
    const struct finding *x = &f->triage->findings.items[f->view.caret];
    unsigned row = area.row + 1, end = area.row + area.rows;
    struct buffer when = {0};
    struct bytes note = casebook_note(session_case(f->view.ui->session), bytes_of(x->id));

    draw_rule(c, area.row);
    ui_add_time(f->view.ui, &when, x->first_us, INSTANT_TABLE);
    buffer_add_text(&when, " to ");
    ui_add_time(f->view.ui, &when, x->last_us, INSTANT_TABLE);
    buffer_printf(&when, "   score %u   %s", x->score, scenario_text(x->scenario)->technique);
    row = put_line(f, c, row, end, STYLE_DIM, "", buffer_bytes(&when));
    buffer_deinit(&when);
    row = put_line(f, c, row, end, STYLE_PLAIN, "Why: ", x->why);
    row = put_line(f, c, row, end, STYLE_WARN, "But: ", x->doubt);
    if (x->n_after) {
        struct buffer after = {0};

        ui_add_count(f->view.ui, &after, x->n_followed, false);
        buffer_add_text(&after, " events of the account afterwards (Enter lists them)");
        row = put_line(f, c, row, end, STYLE_BAD, "Then: ", buffer_bytes(&after));
        buffer_deinit(&after);
    }
    row = put_line(f, c, row, end, STYLE_ACCENT, "Note: ", note);
    /* What a tall window has room for. */
    row = put_line(f, c, row, end, STYLE_PLAIN,
                   "What it is: ", bytes_of(scenario_text(x->scenario)->what));
    row = put_line(f, c, row, end, STYLE_PLAIN,
                   "Harmless when: ", bytes_of(scenario_text(x->scenario)->benign));
    (void)put_line(f, c, row, end, STYLE_DIM,
                   "Not in the logs: ", bytes_of(scenario_text(x->scenario)->blind));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct findings_view *f = of(v);
    struct layout l = fit(c->cols);
    struct area detail = area;
    size_t count = count_rows(v);
    unsigned list_rows = area.rows > DETAIL_ROWS + 4 ? area.rows - DETAIL_ROWS : area.rows;

    /* Rows that the queue does not need go to the words. */
    if (list_rows < area.rows && list_rows > count + 2)
        list_rows = (unsigned)count + 2;
    detail.row += list_rows;
    detail.rows -= list_rows;
    v->page_rows = list_rows > 1 ? list_rows - 1 : 1;
    view_scroll(v);
    draw_headings(c, area.row, &l);
    if (count == 0) {
        const char *text = f->triage ? "Nothing was found. That is no proof that nothing "
                                       "happened: see what is loaded (F) and the limits (e)."
                           : session_is_loading(v->ui->session)
                               ? "Findings are made when everything has been read."
                           : session_triage_was_stopped(v->ui->session)
                               ? "Weighing was stopped: nothing is known. The command findings "
                                 "(T) weighs again."
                               : "Weighing ...";

        canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN, bytes_of(text));
        return;
    }
    for (size_t i = v->top; i < count && i - v->top < v->page_rows; i++)
        draw_row(f, c, area.row + 1 + (unsigned)(i - v->top), i, &l);
    if (detail.rows > 1)
        draw_detail(f, c, detail);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    const struct finding *f;

    if (v->caret >= count_rows(v))
        return false;
    f = &queue(v)->items[v->caret];
    for (unsigned kind = 0; field && kind < ENTITY_COUNT; kind++) {
        if (entity_field((enum entity_kind)kind) != *field || !f->entities[kind].count)
            continue;
        *out = (struct pick){.has_field = true,
                             .field = *field,
                             .state = VALUE_TEXT,
                             .text = f->entities[kind].items[0].text};
        return true;
    }
    if (field)
        return false;
    *out = (struct pick){.state = VALUE_TEXT, .text = f->key_text};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    const struct finding *f = &queue(v)->items[row];

    buffer_add_text(out, severity_name(f->severity));
    buffer_add_char(out, ' ');
    buffer_add_text(out, scenario_text(f->scenario)->slug);
    buffer_add_char(out, ' ');
    buffer_add_text(out, scenario_text(f->scenario)->title);
    buffer_add_char(out, ' ');
    buffer_add(out, f->key_text);
    buffer_add_char(out, ' ');
    buffer_add(out, f->why);
    buffer_add_char(out, ' ');
    buffer_add(out, casebook_note(session_case(v->ui->session), bytes_of(f->id)));
}

static unsigned open_finding(struct view *v)
{
    struct findings_view *f = of(v);

    if (v->caret >= count_rows(v))
        return REACT_NONE;
    return ui_push(v->ui, finding_view_new(v->ui, view_filters(v), f->triage, v->caret));
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct findings_view *f = of(v);

    *reactions = REACT_REDRAW;
    if (id == COMMAND_LIMITS)
        *reactions = ui_push(v->ui, rules_view_new(v->ui, view_filters(v)));
    else if (v->caret >= count_rows(v))
        return false;
    else
        return finding_command(v->ui, f->triage, v->caret, id, argument, reactions);
    return true;
}

static const struct view_ops findings_ops = {
    .name = "findings",
    .context = CONTEXT_FINDINGS,
    .unfiltered = true,
    .free = free_findings,
    .ask = ask,
    .ready = ready,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_finding,
    .command = command,
};

struct view *findings_view_new(struct ui *ui, struct filters *filters)
{
    struct findings_view *f = mem_alloc(sizeof *f);

    view_init(&f->view, &findings_ops, ui, filters);
    return &f->view;
}
