#include "tui/panes/pane_attempts.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/names.h"
#include "tui/panes/pane_events.h"
#include "tui/ui.h"

enum {
    LEFT = 2,
    TIME_COLS = 15,
    VERDICT_COLS = 18,
    STEPS_COLS = 6,
    IP_COLS = 16,
    SUB_COLS = 37
};

struct attempts_view {
    struct view view;
    struct triage *triage; /* held; NULL until the first answer */
    struct ask *asking;
    uint32_t *shown; /* attempts with an event that the filters leave */
    size_t n_shown;
    bool answered;
    uint64_t verdicts[VERDICT_COUNT];
    struct buffer scratch;
};

static struct attempts_view *of(struct view *v)
{
    return (struct attempts_view *)v;
}

static void free_attempts(struct view *v)
{
    struct attempts_view *a = of(v);

    ask_cancel(a->asking);
    triage_release(a->triage);
    mem_free(a->shown);
    buffer_deinit(&a->scratch);
    view_deinit(v);
    mem_free(a);
}

static size_t count_rows(const struct view *v)
{
    return ((const struct attempts_view *)v)->n_shown;
}

static const struct attempt *attempt_at(const struct attempts_view *a, size_t row)
{
    return &a->triage->attempts->items[a->shown[row]];
}

static row_id member_row(const struct attempts_view *a, const struct attempt *x, uint32_t i)
{
    return a->triage->signals->items[a->triage->attempts->members[x->first_member + i]].row;
}

static row_id deciding_row(const struct attempts_view *a, const struct attempt *x)
{
    return a->triage->signals->items[x->deciding].row;
}

/* ---- asking ---- */

static void take_selection(void *context, struct selection *selection)
{
    struct attempts_view *a = context;
    const struct attempts *all = a->triage->attempts;

    a->asking = NULL;
    mem_free(a->shown);
    a->shown = mem_array((size_t)all->count + 1, sizeof *a->shown);
    a->n_shown = 0;
    memset(a->verdicts, 0, sizeof a->verdicts);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct attempt *x = &all->items[i];
        uint32_t k = 0;

        while (k < x->n_members && !selection_has(selection, member_row(a, x, k)))
            k++;
        if (k == x->n_members)
            continue;
        a->shown[a->n_shown++] = i;
        a->verdicts[x->verdict]++;
    }
    a->answered = true;
    selection_release(selection);
}

static void ask(struct view *v)
{
    struct attempts_view *a = of(v);
    struct triage *newest = session_triage(v->ui->session);

    if (newest && newest != a->triage) {
        /* What is shown belongs to the old ones. */
        mem_free(a->shown);
        a->shown = NULL;
        a->n_shown = 0;
        a->answered = false;
        triage_release(a->triage);
        a->triage = triage_hold(newest);
    }
    ask_cancel(a->asking);
    a->asking = NULL;
    if (a->triage)
        a->asking = session_select(v->ui->session, view_filters(v), take_selection, a);
}

static struct ask *asked(const struct view *v)
{
    return ((const struct attempts_view *)v)->asking;
}

static bool ready(const struct view *v)
{
    return ((const struct attempts_view *)v)->answered ||
           session_triage_was_stopped(v->ui->session);
}

/* ---- the view ---- */

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "sign-ins");
}

static void counts(struct view *v, struct buffer *out)
{
    const struct attempts_view *a = of(v);

    if (!a->answered) {
        buffer_add_text(out, session_is_loading(v->ui->session) ? "after reading has ended"
                             : session_triage_was_stopped(v->ui->session)
                                 ? "stopped: the command attempts stitches again"
                                 : "stitching");
        return;
    }
    if (session_is_partial(v->ui->session))
        buffer_add_text(out, "at least ");
    ui_add_count(v->ui, out, a->n_shown, false);
    buffer_add_text(out, " of ");
    ui_add_count(v->ui, out, a->triage->attempts->count, false);
    buffer_add_text(out, " attempts");
}

static void status(struct view *v, struct buffer *out)
{
    const struct attempts_view *a = of(v);
    bool first = true;

    for (unsigned i = 0; a->answered && i < VERDICT_COUNT; i++) {
        if (!a->verdicts[i])
            continue;
        if (!first)
            buffer_add_text(out, ", ");
        first = false;
        ui_add_count(v->ui, out, a->verdicts[i], false);
        buffer_printf(out, " %s", verdict_name((enum verdict)i));
    }
}

static enum style verdict_style(enum verdict v)
{
    switch (v) {
    case VERDICT_SUCCESS:
        return STYLE_GOOD;
    case VERDICT_WRONG_PASSWORD:
    case VERDICT_UNKNOWN_USER:
    case VERDICT_LOCKED:
    case VERDICT_MFA_FAILED:
    case VERDICT_REFUSED:
        return STYLE_BAD;
    case VERDICT_THROTTLED:
    case VERDICT_BLOCKED:
    case VERDICT_MISCONFIGURED:
    case VERDICT_FAULT:
        return STYLE_WARN;
    case VERDICT_ABANDONED:
    case VERDICT_UNDECIDED:
    case VERDICT_COUNT:
        break;
    }
    return STYLE_DIM;
}

struct layout {
    unsigned kind, steps, ip, who; /* 0: left out */
    struct names_split names;      /* of `who` */
};

static struct layout fit(unsigned cols)
{
    struct layout l = {.kind = 9, .steps = cols >= 90 ? STEPS_COLS : 0, .ip = IP_COLS};
    unsigned used = LEFT + TIME_COLS + VERDICT_COLS + l.steps + l.kind + l.ip;

    l.who = cols > used ? cols - used : 0;
    if (cols >= 120) { /* room for most of an IPv6 address, or for all of it */
        unsigned more = cols >= 160 ? 24 : 10;

        l.ip += more;
        l.who -= more;
    }
    l.names = names_split(l.who > 1 ? l.who - 1 : 0, l.who > SUB_COLS ? l.who - SUB_COLS : 1);
    return l;
}

static void draw_headings(struct canvas *c, unsigned row, const struct layout *l)
{
    unsigned col = LEFT;

    canvas_text(c, row, col, TIME_COLS, STYLE_HEADING, bytes_of("BEGAN"));
    col += TIME_COLS;
    canvas_text(c, row, col, VERDICT_COLS, STYLE_HEADING, bytes_of("VERDICT"));
    col += VERDICT_COLS;
    canvas_text(c, row, col, l->kind, STYLE_HEADING, bytes_of("KIND"));
    col += l->kind;
    if (l->steps)
        canvas_printf(c, row, col, l->steps, STYLE_HEADING, "%*s", STEPS_COLS - 1, "STEPS");
    col += l->steps;
    canvas_text(c, row, col, l->ip, STYLE_HEADING, bytes_of("IP"));
    canvas_text(c, row, col + l->ip, l->names.value, STYLE_HEADING, bytes_of("WHO"));
    if (l->names.name)
        canvas_text(c, row, col + l->ip + l->names.value + 1, l->names.name, STYLE_HEADING,
                    bytes_of(l->names.name < sizeof NAMES_TITLE - 1 ? "LEARNED" : NAMES_TITLE));
}

/* The first of the fields that the attempt's records have. */
static bool pick_first(const struct attempts_view *a, const struct attempt *x,
                       const enum field_id *fields, size_t n, struct buffer *scratch,
                       struct pick *out)
{
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < x->n_members; k++)
            if (field_pick(a->view.ui, fields[i], member_row(a, x, k), scratch, out) &&
                out->state == VALUE_TEXT)
                return true;
    }
    return false;
}

static const enum field_id WHO[] = {FIELD_USER, FIELD_SUB, FIELD_CLIENT};

static void draw_value(struct attempts_view *a, struct canvas *c, unsigned row, unsigned col,
                       unsigned cols, enum style style, const struct attempt *x,
                       const enum field_id *fields, size_t n)
{
    struct pick pick;

    if (cols > 1 && pick_first(a, x, fields, n, &a->scratch, &pick))
        canvas_put_value(c, row, col, cols - 1, style, bytes_of(field_get(pick.field)->name),
                         pick.text);
}

static void draw_row(struct attempts_view *a, struct canvas *c, unsigned row, size_t at,
                     const struct layout *l)
{
    static const enum field_id ip = FIELD_IP;
    const struct attempt *x = attempt_at(a, at);
    bool caret = at == a->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned col = LEFT;
    struct pick who;

    if (caret)
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    buffer_clear(&a->scratch);
    ui_add_time(a->view.ui, &a->scratch,
                store_time(a->triage->index->store, member_row(a, x, 0)), INSTANT_SHORT);
    canvas_text(c, row, col, TIME_COLS, style, buffer_bytes(&a->scratch));
    col += TIME_COLS;
    canvas_printf(c, row, col, VERDICT_COLS - 1,
                  caret ? style : verdict_style((enum verdict)x->verdict), "%s%s",
                  verdict_name((enum verdict)x->verdict), x->derived ? " ?" : "");
    col += VERDICT_COLS;
    canvas_text(c, row, col, l->kind - 1, style, bytes_of(stage_name((enum stage)x->stage)));
    col += l->kind;
    if (l->steps)
        canvas_printf(c, row, col, l->steps, style, "%*" PRIu32, STEPS_COLS - 1, x->n_members);
    col += l->steps;
    draw_value(a, c, row, col, l->ip, style, x, &ip, 1);
    if (pick_first(a, x, WHO, ARRAY_LEN(WHO), &a->scratch, &who))
        names_put(a->view.ui, c, row, col + l->ip, l->names, style, who.field, who.state,
                  who.text);
}

/* Whom the attempt is of, in full: the list has room for the beginning only. */
static void add_who(struct attempts_view *a, const struct attempt *x, struct buffer *out)
{
    struct canvas *c = &a->view.ui->canvas;
    struct pick pick;

    for (size_t i = 0; i < ARRAY_LEN(WHO); i++) {
        if (!pick_first(a, x, &WHO[i], 1, &a->scratch, &pick))
            continue;
        buffer_printf(out, "%s%s ", out->len ? ", " : "", field_get(pick.field)->name);
        safe_add(out, canvas_hide(c, bytes_of(field_get(pick.field)->name), pick.text), 60,
                 c->ascii);
        if (pick.field != FIELD_SUB)
            continue;
        buffer_add_text(out, " ");
        if (names_add(a->view.ui, out, FIELD_SUB, pick.text, 60))
            buffer_add_text(out, " (learned)");
    }
}

static void draw_detail(struct attempts_view *a, struct canvas *c, struct area area)
{
    const struct attempt *x = attempt_at(a, a->view.caret);
    struct buffer text = {0};

    draw_rule(c, area.row);
    add_who(a, x, &text);
    buffer_clear(&a->scratch);
    buffer_add_text(&a->scratch, verdict_meaning((enum verdict)x->verdict));
    buffer_printf(&a->scratch, " %" PRIu32 " event%s, ", x->n_members,
                  x->n_members == 1 ? "" : "s");
    buffer_add(&a->scratch, buffer_bytes(&text));
    buffer_deinit(&text);
    if (x->derived)
        buffer_add_text(&a->scratch,
                        " Concluded (?) from what stands beside it: a hosted page does not say "
                        "itself how it ended.");
    draw_wrapped(c, area.row + 1, area.row + area.rows, STYLE_PLAIN, buffer_bytes(&a->scratch));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    enum { DETAIL_ROWS = 3 };
    struct attempts_view *a = of(v);
    struct layout l = fit(c->cols);
    unsigned list_rows = area.rows > DETAIL_ROWS + 4 ? area.rows - DETAIL_ROWS : area.rows;

    v->page_rows = list_rows > 1 ? list_rows - 1 : 1;
    view_scroll(v);
    draw_headings(c, area.row, &l);
    if (a->n_shown == 0) {
        canvas_text(c, area.row + 1, LEFT, c->cols - LEFT, STYLE_PLAIN,
                    bytes_of(a->answered ? "No sign-in has an event that the filters leave."
                                         : "Sign-ins are stitched when all has been read."));
        return;
    }
    for (size_t i = v->top; i < a->n_shown && i - v->top < v->page_rows; i++)
        draw_row(a, c, area.row + 1 + (unsigned)(i - v->top), i, &l);
    if (area.rows > list_rows)
        draw_detail(a, c,
                    (struct area){area.row + list_rows, 0, area.rows - list_rows, c->cols});
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct attempts_view *a = of(v);
    const struct attempt *x;

    if (v->caret >= a->n_shown)
        return false;
    x = attempt_at(a, v->caret);
    if (field)
        return pick_first(a, x, field, 1, &a->scratch, out) ||
               field_pick(v->ui, *field, deciding_row(a, x), &a->scratch, out);
    return pick_first(a, x, WHO, ARRAY_LEN(WHO), &a->scratch, out);
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    static const enum field_id ip = FIELD_IP;
    struct attempts_view *a = of(v);
    const struct attempt *x = attempt_at(a, row);
    struct pick pick;

    buffer_add_text(out, verdict_name((enum verdict)x->verdict));
    buffer_add_char(out, ' ');
    if (pick_first(a, x, &ip, 1, &a->scratch, &pick))
        buffer_add(out, pick.text);
    buffer_add_char(out, ' ');
    for (size_t i = 0; i < ARRAY_LEN(WHO); i++) {
        if (pick_first(a, x, &WHO[i], 1, &a->scratch, &pick))
            buffer_add(out, pick.text);
        buffer_add_char(out, ' ');
    }
}

static unsigned open_attempt(struct view *v)
{
    struct attempts_view *a = of(v);
    const struct attempt *x;
    row_id *rows;
    unsigned reactions;

    if (v->caret >= a->n_shown)
        return REACT_NONE;
    x = attempt_at(a, v->caret);
    rows = mem_array(x->n_members, sizeof *rows);
    for (uint32_t i = 0; i < x->n_members; i++)
        rows[i] = member_row(a, x, i);
    buffer_clear(&a->scratch);
    buffer_add_text(&a->scratch, "events of one sign-in");
    reactions = events_of(v->ui, buffer_bytes(&a->scratch), rows, x->n_members);
    mem_free(rows);
    return reactions;
}

static const struct view_ops attempts_ops = {
    .name = "sign-ins",
    .context = CONTEXT_ATTEMPTS,
    .free = free_attempts,
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
    .open = open_attempt,
};

struct view *attempts_view_new(struct ui *ui, struct filters *filters)
{
    struct attempts_view *a = mem_alloc(sizeof *a);

    view_init(&a->view, &attempts_ops, ui, filters);
    return &a->view;
}
