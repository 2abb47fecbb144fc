#include "tui/pane_finding.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/concluding/evidence.h"

#include "tui/column.h"
#include "tui/draw.h"
#include "tui/pane_event.h"
#include "tui/pane_events.h"
#include "tui/ui.h"
#include "tui/verb.h"

enum {
    LEFT = 2,
    INDENT = 4,
    ENTITIES_SHOWN = 8, /* per kind, until there are more lines than anybody reads */
    EVENTS_SHOWN = 200,
};

enum line_kind {
    LINE_TEXT,
    LINE_HEADING,
    LINE_EVIDENCE, /* opens all of it */
    LINE_AFTER,    /* opens all that followed */
    LINE_ENTITY,   /* opens the evidence with this value */
    LINE_EVENT,    /* opens one event */
    LINE_QUERY,
    LINE_COMMAND,
};

struct line {
    enum line_kind kind;
    enum style style;
    struct bytes text;  /* safe; the arena's */
    struct bytes value; /* of an entity, a query or a command: exact */
    enum field_id field;
    row_id row;
};

enum query_state { QUERY_UNASKED, QUERY_ASKED, QUERY_EXACT, QUERY_NONE };

struct finding_view {
    struct view view;
    struct triage *triage; /* held */
    size_t number;
    struct line *lines; /* for `cols` columns */
    size_t n_lines, cap;
    unsigned cols;
    enum mask_level level; /* and with this hidden */
    struct arena arena;
    struct buffer query; /* a filter that may say what the evidence is */
    enum query_state query_state;
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

    return &f->triage->findings.items[f->number];
}

static void drop_lines(struct finding_view *f)
{
    mem_free(f->lines);
    f->lines = NULL;
    f->n_lines = f->cap = 0;
    arena_deinit(&f->arena);
    f->cols = 0;
}

static void free_finding(struct view *v)
{
    struct finding_view *f = of(v);

    ask_cancel(f->asking);
    drop_lines(f);
    buffer_deinit(&f->query);
    buffer_deinit(&f->scratch);
    triage_release(f->triage);
    view_deinit(v);
    mem_free(f);
}

/* ---- lines ---- */

static struct line *add_line(struct finding_view *f, enum line_kind kind, enum style style,
                             struct bytes safe)
{
    mem_grow(&f->lines, &f->cap, f->n_lines + 1, sizeof *f->lines);
    f->lines[f->n_lines] = (struct line){.kind = kind,
                                         .style = style,
                                         .text = arena_copy(&f->arena, safe),
                                         .field = FIELD_COUNT};
    return &f->lines[f->n_lines++];
}

static void add_heading(struct finding_view *f, const char *text)
{
    if (f->n_lines)
        add_line(f, LINE_TEXT, STYLE_PLAIN, bytes_of(""));
    add_line(f, LINE_HEADING, STYLE_HEADING, bytes_of(text));
}

/* Text that is safe already, folded at blanks. */
static void add_folded(struct finding_view *f, enum line_kind kind, enum style style,
                       struct bytes safe, struct bytes exact)
{
    unsigned room = f->cols > INDENT + 8 ? f->cols - INDENT : 8;

    while (safe.len) {
        size_t len = draw_line_length(safe, room);

        add_line(f, kind, style, bytes_slice(safe, 0, len))->value = exact;
        safe = bytes_slice(safe, len, safe.len);
        while (safe.len && safe.ptr[0] == ' ')
            safe = bytes_slice(safe, 1, safe.len);
    }
}

static void add_words(struct finding_view *f, enum line_kind kind, enum style style,
                      struct bytes text)
{
    struct buffer safe = {0};
    struct bytes exact = arena_copy(&f->arena, text);

    safe_add(&safe, canvas_hide(&f->view.ui->canvas, bytes_of(""), text), SAFE_ALL_COLUMNS,
             f->view.ui->canvas.ascii);
    add_folded(f, kind, style, buffer_bytes(&safe), exact);
    buffer_deinit(&safe);
}

static void add_entity_lines(struct finding_view *f, enum entity_kind kind)
{
    const struct entities *e = &shown(&f->view)->entities[kind];
    const struct links *links = f->triage->signals->links;
    struct dictionary *const *d = store_dictionaries(f->triage->index->store);
    struct buffer text = {0};

    for (uint32_t i = 0; i < e->count && i < ENTITIES_SHOWN; i++) {
        struct line *line;
        uint32_t user = 0;

        buffer_clear(&text);
        buffer_printf(&text, "%-11s", i ? "" : entity_name(kind));
        safe_add(
            &text,
            canvas_hide(&f->view.ui->canvas, bytes_of(entity_name(kind)), e->items[i].text), 60,
            f->view.ui->canvas.ascii);
        if (kind == ENTITY_SUB)
            user =
                link_get(links, LINK_SUB_USER, dictionary_find(d[FIELD_SUB], e->items[i].text));
        buffer_add_text(&text, "  ");
        ui_add_count(f->view.ui, &text, e->items[i].events, false);
        buffer_add_text(&text, e->items[i].events == 1 ? " event" : " events");
        line = add_line(f, LINE_ENTITY, STYLE_PLAIN, buffer_bytes(&text));
        line->value = e->items[i].text;
        line->field = entity_field(kind);
        if (user) {
            buffer_clear(&text);
            buffer_printf(&text, "%-11s", "");
            safe_add(&text,
                     canvas_hide(&f->view.ui->canvas, bytes_of("user"),
                                 dictionary_text(d[FIELD_USER], user)),
                     30, f->view.ui->canvas.ascii);
            buffer_add_text(&text, " (learned)");
            line = add_line(f, LINE_ENTITY, STYLE_DIM, buffer_bytes(&text));
            line->value = e->items[i].text;
            line->field = FIELD_SUB;
        }
    }
    if (e->count > ENTITIES_SHOWN) {
        buffer_clear(&text);
        buffer_printf(&text, "%-11s... and ", "");
        ui_add_count(f->view.ui, &text, e->count - ENTITIES_SHOWN, false);
        buffer_add_text(&text, " more: open the evidence and pivot");
        add_line(f, LINE_EVIDENCE, STYLE_DIM, buffer_bytes(&text));
    }
    buffer_deinit(&text);
}

/* Time, operation, result, address of one event. */
static void add_event_line(struct finding_view *f, row_id row)
{
    const struct store *store = f->triage->index->store;
    static const struct {
        enum field_id field;
        unsigned cols;
    } columns[] = {
        {FIELD_OPERATION, 26},
        {FIELD_OUTCOME,   10},
        {FIELD_IP,        16},
        {FIELD_ERROR,     20}
    };
    char scratch[UNIQUE_TEXT_BYTES];
    struct buffer text = {0};
    enum value_state state;

    ui_add_time(f->view.ui, &text, store_time(store, row), INSTANT_TABLE);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        struct bytes value = store_text(store, row, columns[i].field, scratch, &state);
        unsigned used;

        buffer_add_text(&text, "  ");
        used = state == VALUE_TEXT
                   ? safe_add(&text,
                              canvas_hide(&f->view.ui->canvas,
                                          bytes_of(field_get(columns[i].field)->name), value),
                              columns[i].cols, f->view.ui->canvas.ascii)
                   : 0;
        while (used++ < columns[i].cols)
            buffer_add_char(&text, ' ');
    }
    add_line(f, LINE_EVENT, STYLE_PLAIN, buffer_bytes(&text))->row = row;
    buffer_deinit(&text);
}

static void add_event_lines(struct finding_view *f, const row_id *rows, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < EVENTS_SHOWN; i++)
        add_event_line(f, rows[i]);
}

/* Who got in: the compromises of the same campaign, for a finding that is none itself. */
static void add_entries(struct finding_view *f)
{
    const struct findings *all = &f->triage->findings;
    const struct finding *x = shown(&f->view);
    struct buffer text = {0};
    bool any = false;

    for (size_t i = 0; i < all->count; i++) {
        const struct finding *c = &all->items[i];

        if (c->scenario != SCENARIO_COMPROMISE || c == x ||
            strcmp(c->campaign, x->campaign) != 0)
            continue;
        if (!any)
            add_heading(f, "WHO GOT IN (findings of the same campaign)");
        any = true;
        buffer_clear(&text);
        finding_add_who(f->view.ui, c, 50, &text);
        buffer_add_text(&text, "  at ");
        ui_add_time(f->view.ui, &text, c->peak_us, INSTANT_TABLE);
        buffer_add_text(&text, "  ");
        ui_add_count(f->view.ui, &text, c->n_after, false);
        buffer_add_text(&text, " events afterwards");
        add_line(f, LINE_EVENT, STYLE_BAD, buffer_bytes(&text))->row = c->rows[c->n_rows - 1];
    }
    if (!any && x->scenario != SCENARIO_COMPROMISE && x->severity >= SEVERITY_MEDIUM) {
        add_heading(f, "WHO GOT IN");
        add_words(f, LINE_TEXT, STYLE_PLAIN, bytes_of("Nobody that these records show."));
    }
    buffer_deinit(&text);
}

/* One word for any shell: in single quotes unless it needs none. */
static void add_shell_word(struct buffer *out, struct bytes text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:@%+,=";
    bool is_plain = text.len > 0 && text.ptr[0] != '-';

    for (size_t i = 0; i < text.len; i++)
        is_plain &= text.ptr[i] && strchr(plain, text.ptr[i]) != NULL;
    if (is_plain) {
        buffer_add(out, text);
        return;
    }
    buffer_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buffer_add_text(out, "'\\''");
        else
            buffer_add_char(out, text.ptr[i]);
    }
    buffer_add_char(out, '\'');
}

/* The steps with this finding's values; what is not known stays as it stands. */
static void add_next(struct finding_view *f)
{
    static const struct {
        const char *name;
        enum entity_kind kind;
    } places[] = {
        {"{sub}",    ENTITY_SUB   },
        {"{user}",   ENTITY_USER  },
        {"{ip}",     ENTITY_IP    },
        {"{client}", ENTITY_CLIENT},
        {"{pool}",   ENTITY_POOL  },
        {"{actor}",  ENTITY_ACTOR }
    };
    const struct finding *x = shown(&f->view);
    const char *const *step = scenario_text(x->scenario)->next;

    add_heading(f, "NEXT STEPS (y copies; nothing here is run)");
    for (; *step; step++) {
        struct bytes rest = bytes_of(*step);
        struct buffer text = {0};
        bool is_command = bytes_starts(rest, "aws ");

        while (rest.len) {
            size_t i = 0;

            while (i < ARRAY_LEN(places) &&
                   !(bytes_starts(rest, places[i].name) && x->entities[places[i].kind].count))
                i++;
            if (i < ARRAY_LEN(places)) {
                const struct entity *e = x->entities[places[i].kind].items;

                /* A command is pasted into a shell: whatever the evidence says, it is one word.
                 */
                if (is_command)
                    add_shell_word(&text, e->text);
                else
                    buffer_add(&text, e->text);
                rest = bytes_slice(rest, strlen(places[i].name), rest.len);
            } else {
                buffer_add_char(&text, rest.ptr[0]);
                rest = bytes_slice(rest, 1, rest.len);
            }
        }
        add_words(f, is_command ? LINE_COMMAND : LINE_TEXT,
                  is_command ? STYLE_ACCENT : STYLE_PLAIN, buffer_bytes(&text));
        buffer_deinit(&text);
    }
}

static void add_query(struct finding_view *f)
{
    struct buffer text = {0};
    const struct finding *x = shown(&f->view);

    add_heading(f, "EVIDENCE");
    ui_add_count(f->view.ui, &text, x->n_rows, false);
    buffer_add_text(&text, x->n_rows == 1 ? " event, " : " events, ");
    ui_add_time(f->view.ui, &text, x->first_us, INSTANT_TABLE);
    buffer_add_text(&text, " to ");
    ui_add_time(f->view.ui, &text, x->last_us, INSTANT_TABLE);
    buffer_add_text(&text, " (Enter opens exactly these)");
    add_folded(f, LINE_EVIDENCE, STYLE_ACCENT, buffer_bytes(&text), (struct bytes){0});
    buffer_deinit(&text);
    if (f->query_state == QUERY_EXACT)
        add_words(f, LINE_QUERY, STYLE_DIM, buffer_bytes(&f->query));
    else if (f->query_state == QUERY_NONE)
        add_words(f, LINE_TEXT, STYLE_DIM,
                  bytes_of("No filter says exactly which these are: they are kept as a list."));
}

static void add_story(struct finding_view *f)
{
    const struct finding *x = shown(&f->view);
    const struct scenario_text *text = scenario_text(x->scenario);
    struct bytes note = casebook_note(session_case(f->view.ui->session), bytes_of(x->id));

    add_heading(f, "WHY");
    add_words(f, LINE_TEXT, STYLE_PLAIN, x->why);
    add_words(f, LINE_TEXT, STYLE_WARN, x->doubt);
    if (note.len) {
        add_heading(f, "NOTE");
        add_words(f, LINE_TEXT, STYLE_ACCENT, note);
    }
    add_query(f);
    add_entries(f);
    if (x->n_after) {
        add_heading(f, "WHAT THE ACCOUNT DID AFTERWARDS (Enter on this line opens all)");
        f->lines[f->n_lines - 1].kind = LINE_AFTER;
        add_event_lines(f, x->after, x->n_after);
    }
    add_heading(f, "WHOM IT CONCERNS");
    for (unsigned kind = 0; kind < ENTITY_COUNT; kind++)
        add_entity_lines(f, (enum entity_kind)kind);
    add_heading(f, "WHAT IT IS");
    add_words(f, LINE_TEXT, STYLE_PLAIN, bytes_of(text->what));
    add_words(f, LINE_TEXT, STYLE_DIM, bytes_of(text->technique));
    add_heading(f, "WHAT LOOKS THE SAME AND IS HARMLESS");
    add_words(f, LINE_TEXT, STYLE_PLAIN, bytes_of(text->benign));
    add_heading(f, "WHAT THE LOGS CANNOT SHOW");
    add_words(f, LINE_TEXT, STYLE_PLAIN, bytes_of(text->blind));
    add_next(f);
}

static void lay_out(struct finding_view *f, unsigned cols)
{
    if (f->lines && f->cols == cols && f->level == f->view.ui->mask.level)
        return;
    drop_lines(f);
    f->cols = cols;
    f->level = f->view.ui->mask.level;
    add_story(f);
}

/* ---- is there a filter that says it? ---- */

static void take_selection(void *context, struct selection *selection)
{
    struct finding_view *f = context;

    f->asking = NULL;
    f->query_state = evidence_is(shown(&f->view), selection) ? QUERY_EXACT : QUERY_NONE;
    selection_release(selection);
    drop_lines(f);
}

static void ask(struct view *v)
{
    struct finding_view *f = of(v);
    struct query_options options = session_query_options(v->ui->session);
    struct query_error error = {0};
    struct filters *none = filters_new(), *made = NULL;

    if (f->query_state == QUERY_UNASKED) {
        f->query_state = QUERY_NONE;
        evidence_phrase(f->triage, shown(v), &f->query);
        if (f->query.len &&
            filters_add(none, buffer_bytes(&f->query), &options, &made, &error) == ERR_OK) {
            f->asking = session_select(v->ui->session, made, take_selection, f);
            f->query_state = QUERY_ASKED;
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

    lay_out(f, f->cols ? f->cols : v->ui->canvas.cols);
    if (v->caret >= f->n_lines)
        return REACT_NONE;
    line = f->lines[v->caret];
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
    if (f->query_state == QUERY_EXACT)
        return events_with(v->ui, NULL, buffer_bytes(&f->query));
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
    return ((const struct finding_view *)v)->n_lines;
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct finding_view *f = of(v);

    lay_out(f, c->cols);
    v->page_rows = area.rows;
    view_scroll(v);
    for (size_t i = v->top; i < f->n_lines && i - v->top < v->page_rows; i++) {
        unsigned row = area.row + (unsigned)(i - v->top);
        const struct line *line = &f->lines[i];
        unsigned col = line->kind == LINE_HEADING || line->kind == LINE_AFTER ? LEFT : INDENT;

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

    if (v->caret >= f->n_lines)
        return false;
    line = &f->lines[v->caret];
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
    buffer_add(out, of(v)->lines[row].text);
}

/* ---- state and note ---- */

static void save(struct ui *ui, const char *said)
{
    struct casebook *c = session_case(ui->session);
    struct buffer message = {0};

    if (!casebook_save(c, &message))
        ui_say(ui, STYLE_BAD, "%.*s", (int)message.len, message.ptr);
    else if (!casebook_has_file(c))
        ui_say(ui, STYLE_WARN, "%s until the program ends: start with --case=FILE to keep it.",
               said);
    else
        ui_say(ui, STYLE_PLAIN, "%s and kept in the case file.", said);
    buffer_deinit(&message);
}

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
    save(ui, buffer_cstr(&said));
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
        save(ui, "Noted");
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

    if (!finding_command(v->ui, f->triage, f->number, id, argument, reactions))
        return false;
    drop_lines(f); /* the note stands among them */
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
    f->triage = triage_hold(t);
    f->number = number;
    return &f->view;
}
