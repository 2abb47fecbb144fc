#include "tui/panes/finding_story.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/concluding/change.h"

#include "tui/draw.h"
#include "tui/panes/names.h"
#include "tui/panes/pane_finding.h"
#include "tui/shell.h"
#include "tui/ui.h"

enum {
    ENTITIES_SHOWN = 8, /* per kind, until there are more lines than anybody reads */
    EVENTS_SHOWN = 200,
};

static const struct finding *told(const struct finding_story *f)
{
    return &f->triage->findings.items[f->number];
}

void finding_story_drop(struct finding_story *f)
{
    mem_free(f->lines);
    f->lines = NULL;
    f->n_lines = f->cap = 0;
    arena_deinit(&f->arena);
    f->cols = 0;
}

void finding_story_deinit(struct finding_story *f)
{
    finding_story_drop(f);
    lessons_release(f->lessons);
    buffer_deinit(&f->query);
    triage_release(f->triage);
}

static struct line *add_line(struct finding_story *f, enum line_kind kind, enum style style,
                             struct bytes safe)
{
    mem_grow(&f->lines, &f->cap, f->n_lines + 1, sizeof *f->lines);
    f->lines[f->n_lines] = (struct line){.kind = kind,
                                         .style = style,
                                         .text = arena_copy(&f->arena, safe),
                                         .field = FIELD_COUNT};
    return &f->lines[f->n_lines++];
}

static void add_heading(struct finding_story *f, const char *text)
{
    if (f->n_lines)
        add_line(f, LINE_TEXT, STYLE_PLAIN, bytes_of(""));
    add_line(f, LINE_HEADING, STYLE_HEADING, bytes_of(text));
}

/* Text that is safe already, folded at blanks. */
static void add_folded(struct finding_story *f, enum line_kind kind, enum style style,
                       struct bytes safe, struct bytes exact)
{
    unsigned room = f->cols > STORY_INDENT + 8 ? f->cols - STORY_INDENT : 8;

    while (safe.len) {
        size_t len = draw_line_length(safe, room);

        add_line(f, kind, style, bytes_slice(safe, 0, len))->value = exact;
        safe = bytes_slice(safe, len, safe.len);
        while (safe.len && safe.ptr[0] == ' ')
            safe = bytes_slice(safe, 1, safe.len);
    }
}

static void add_words(struct finding_story *f, enum line_kind kind, enum style style,
                      struct bytes text)
{
    struct buffer safe = {0};
    struct bytes exact = arena_copy(&f->arena, text);

    safe_add(&safe, canvas_hide(&f->ui->canvas, bytes_of(""), text), SAFE_ALL_COLUMNS,
             f->ui->canvas.ascii);
    add_folded(f, kind, style, buffer_bytes(&safe), exact);
    buffer_deinit(&safe);
}

static void add_entity_lines(struct finding_story *f, enum entity_kind kind)
{
    const struct entities *e = &told(f)->entities[kind];
    struct buffer text = {0};

    for (uint32_t i = 0; i < e->count && i < ENTITIES_SHOWN; i++) {
        struct line *line;

        buffer_clear(&text);
        buffer_printf(&text, "%-11s", i ? "" : entity_name(kind));
        safe_add(&text,
                 canvas_hide(&f->ui->canvas, bytes_of(entity_name(kind)), e->items[i].text), 60,
                 f->ui->canvas.ascii);
        buffer_add_text(&text, "  ");
        ui_add_count(f->ui, &text, e->items[i].events, false);
        buffer_add_text(&text, e->items[i].events == 1 ? " event" : " events");
        line = add_line(f, LINE_ENTITY, STYLE_PLAIN, buffer_bytes(&text));
        line->value = e->items[i].text;
        line->field = entity_field(kind);
        buffer_clear(&text);
        buffer_printf(&text, "%-11s", "");
        if (entity_field(kind) < FIELD_COUNT &&
            names_add(f->ui, &text, entity_field(kind), e->items[i].text, 40)) {
            buffer_add_text(&text, " (learned)");
            line = add_line(f, LINE_ENTITY, STYLE_DIM, buffer_bytes(&text));
            line->value = e->items[i].text;
            line->field = entity_field(kind);
        }
    }
    if (e->count > ENTITIES_SHOWN) {
        buffer_clear(&text);
        buffer_printf(&text, "%-11s... and ", "");
        ui_add_count(f->ui, &text, e->count - ENTITIES_SHOWN, false);
        buffer_add_text(&text, " more: open the evidence and pivot");
        add_line(f, LINE_EVIDENCE, STYLE_DIM, buffer_bytes(&text));
    }
    buffer_deinit(&text);
}

/* Time, operation, result, address of one event. */
static void add_event_line(struct finding_story *f, row_id row)
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

    ui_add_time(f->ui, &text, store_time(store, row), INSTANT_TABLE);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        struct bytes value = store_text(store, row, columns[i].field, scratch, &state);
        unsigned used;

        buffer_add_text(&text, "  ");
        used = state == VALUE_TEXT
                   ? safe_add(&text,
                              canvas_hide(&f->ui->canvas,
                                          bytes_of(field_get(columns[i].field)->name), value),
                              columns[i].cols, f->ui->canvas.ascii)
                   : 0;
        while (used++ < columns[i].cols)
            buffer_add_char(&text, ' ');
    }
    add_line(f, LINE_EVENT, STYLE_PLAIN, buffer_bytes(&text))->row = row;
    buffer_deinit(&text);
}

static void add_event_lines(struct finding_story *f, const row_id *rows, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < EVENTS_SHOWN; i++)
        add_event_line(f, rows[i]);
}

/* Who got in: the compromises of the same campaign, for a finding that is none itself. */
static void add_entries(struct finding_story *f)
{
    const struct findings *all = &f->triage->findings;
    const struct finding *x = told(f);
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
        finding_add_who(f->ui, c, 50, &text);
        buffer_add_text(&text, "  at ");
        ui_add_time(f->ui, &text, c->peak_us, INSTANT_TABLE);
        buffer_add_text(&text, "  ");
        ui_add_count(f->ui, &text, c->n_followed, false);
        buffer_add_text(&text, " events afterwards");
        add_line(f, LINE_EVENT, STYLE_BAD, buffer_bytes(&text))->row = c->rows[c->n_rows - 1];
    }
    if (!any && x->scenario != SCENARIO_COMPROMISE && x->severity >= SEVERITY_MEDIUM) {
        add_heading(f, "WHO GOT IN");
        add_words(f, LINE_TEXT, STYLE_PLAIN, bytes_of("Nobody that these records show."));
    }
    buffer_deinit(&text);
}

/* The steps with this finding's values; what is not known stays as it stands. */
static void add_next(struct finding_story *f)
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
    const struct finding *x = told(f);
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
                    shell_add_word(&text, e->text);
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

static void add_query(struct finding_story *f)
{
    struct buffer text = {0};
    const struct finding *x = told(f);

    add_heading(f, "EVIDENCE");
    ui_add_count(f->ui, &text, x->n_rows, false);
    buffer_add_text(&text, x->n_rows == 1 ? " event, " : " events, ");
    ui_add_time(f->ui, &text, x->first_us, INSTANT_TABLE);
    buffer_add_text(&text, " to ");
    ui_add_time(f->ui, &text, x->last_us, INSTANT_TABLE);
    buffer_add_text(&text, " (Enter opens exactly these)");
    add_folded(f, LINE_EVIDENCE, STYLE_ACCENT, buffer_bytes(&text), (struct bytes){0});
    buffer_deinit(&text);
    if (f->query_state == QUERY_EXACT)
        add_words(f, LINE_QUERY, STYLE_DIM, buffer_bytes(&f->query));
    else if (f->query_state == QUERY_NONE)
        add_words(f, LINE_TEXT, STYLE_DIM,
                  bytes_of("No filter says exactly which these are: they are kept as a list."));
}

static struct bytes hide_value(void *context, struct bytes name, struct bytes value)
{
    const struct finding_story *f = context;

    return canvas_hide(&f->ui->canvas, name, value);
}

static void add_change_lines(struct finding_story *f, const struct change *c)
{
    struct buffer text = {0};

    add_event_line(f, c->row);
    if (!c->is_read)
        add_words(f, LINE_TEXT, STYLE_WARN, bytes_of("Its record cannot be read again."));
    if (c->outcome != OUTCOME_SUCCESS)
        add_words(f, LINE_TEXT, STYLE_WARN,
                  bytes_of("It did not succeed, and changed nothing. Asked for was:"));
    for (uint32_t i = 0; i < c->n_settings; i++) {
        enum change_kind kind = c->settings[i].kind;
        struct buffer safe = {0};

        buffer_clear(&text);
        change_write(&c->settings[i], hide_value, f, &text);
        safe_add(&safe, buffer_bytes(&text), SAFE_ALL_COLUMNS, f->ui->canvas.ascii);
        add_folded(f, LINE_TEXT,
                   kind == CHANGE_NONE  ? STYLE_DIM
                   : kind == CHANGE_SET ? STYLE_PLAIN
                                        : STYLE_WARN,
                   buffer_bytes(&safe), (struct bytes){0});
        buffer_deinit(&safe);
    }
    if (c->is_read && !c->has_before)
        add_words(
            f, LINE_TEXT, STYLE_DIM,
            bytes_of("What it was before is not known: no earlier call of the kind on the "
                     "same target is in what is loaded."));
    if (c->is_cut)
        add_words(f, LINE_TEXT, STYLE_DIM, bytes_of("There are more: open the event."));
    buffer_deinit(&text);
}

static void add_changes(struct finding_story *f)
{
    struct buffer text = {0};
    struct changes c;

    changes_read(&c, f->triage, told(f), session_archive(f->ui->session),
                 session_load(f->ui->session));
    if (c.count)
        add_heading(f, "WHAT WAS CHANGED");
    for (uint32_t i = 0; i < c.count; i++)
        add_change_lines(f, &c.items[i]);
    if (c.count && c.n_left) {
        buffer_printf(&text, "... and %" PRIu32 " calls more: open the evidence", c.n_left);
        add_line(f, LINE_EVIDENCE, STYLE_DIM, buffer_bytes(&text));
    }
    buffer_deinit(&text);
    changes_deinit(&c);
}

static void add_story(struct finding_story *f)
{
    const struct finding *x = told(f);
    const struct scenario_text *text = scenario_text(x->scenario);
    struct bytes note = casebook_note(session_case(f->ui->session), bytes_of(x->id));

    add_heading(f, "WHY");
    add_words(f, LINE_TEXT, STYLE_PLAIN, x->why);
    add_words(f, LINE_TEXT, STYLE_WARN, x->doubt);
    if (note.len) {
        add_heading(f, "NOTE");
        add_words(f, LINE_TEXT, STYLE_ACCENT, note);
    }
    add_changes(f);
    add_query(f);
    add_entries(f);
    if (x->n_after) {
        add_heading(f, x->n_after == x->n_followed
                           ? "WHAT THE ACCOUNT DID AFTERWARDS (Enter on this line opens all)"
                           : "WHAT THE ACCOUNT DID AFTERWARDS (the first of it: all of it "
                             "stands in the account's first finding)");
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

void finding_story_lay_out(struct finding_story *f, unsigned cols)
{
    struct lessons *newest = session_lessons(f->ui->session);

    if (f->lines && f->cols == cols && f->mask_changes == f->ui->mask_changes &&
        f->lessons == newest)
        return;
    finding_story_drop(f);
    lessons_release(f->lessons);
    f->lessons = newest ? lessons_hold(newest) : NULL;
    f->cols = cols;
    f->mask_changes = f->ui->mask_changes;
    add_story(f);
}
