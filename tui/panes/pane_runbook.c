#include "tui/panes/pane_runbook.h"

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/asking/runbook.h"

#include "tui/draw.h"
#include "tui/shelf.h"
#include "tui/ui.h"
#include "tui/verbs/verb.h"

enum { LEFT = 2, DETAIL_ROWS = 9 };

enum entry_kind { ENTRY_PUBLISHED, ENTRY_BETTER, ENTRY_OWN };

struct entry {
    enum entry_kind kind;
    size_t number; /* in the runbook or on the shelf */
};

struct runbook {
    struct view view;
    struct shelf shelf;
    struct entry *entries;
    size_t count, cap;
    struct buffer scratch;
};

static struct runbook *of(struct view *v)
{
    return (struct runbook *)v;
}

static void free_runbook(struct view *v)
{
    struct runbook *r = of(v);

    shelf_deinit(&r->shelf);
    mem_free(r->entries);
    buffer_deinit(&r->scratch);
    view_deinit(v);
    mem_free(r);
}

static void add_entry(struct runbook *r, enum entry_kind kind, size_t number)
{
    mem_grow(&r->entries, &r->cap, r->count + 1, sizeof *r->entries);
    r->entries[r->count++] = (struct entry){kind, number};
}

static struct bytes title_of(const struct runbook *r, const struct entry *e)
{
    if (e->kind == ENTRY_OWN)
        return buffer_bytes(&r->shelf.queries[e->number].name);
    return bytes_of(runbook_get(e->number)->title);
}

static struct bytes query_of(const struct runbook *r, const struct entry *e)
{
    if (e->kind == ENTRY_OWN)
        return buffer_bytes(&r->shelf.queries[e->number].text);
    return bytes_of(e->kind == ENTRY_BETTER ? runbook_get(e->number)->better
                                            : runbook_get(e->number)->query);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "runbook");
}

static void counts(struct view *v, struct buffer *out)
{
    const struct runbook *r = of(v);

    buffer_printf(out, "%zu queries, %zu of your own", r->count, r->shelf.count);
}

static void status(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "Enter runs, e edits first");
}

static size_t count_rows(const struct view *v)
{
    return ((const struct runbook *)v)->count;
}

static unsigned put_words(struct runbook *r, struct canvas *c, unsigned row, unsigned end,
                          enum style style, const char *head, struct bytes text)
{
    buffer_clear(&r->scratch);
    buffer_add_text(&r->scratch, head);
    safe_add(&r->scratch, text, SAFE_ALL_COLUMNS, c->ascii);
    return draw_wrapped(c, row, end, style, buffer_bytes(&r->scratch));
}

static void draw_detail(struct runbook *r, struct canvas *c, struct area area)
{
    const struct entry *e = &r->entries[r->view.caret];
    unsigned row = area.row + 1, end = area.row + area.rows;

    draw_rule(c, area.row);
    row = put_words(r, c, row, end, STYLE_ACCENT, "", query_of(r, e));
    if (e->kind == ENTRY_OWN)
        return;
    if (e->kind == ENTRY_PUBLISHED)
        row = put_words(r, c, row, end, STYLE_PLAIN, "Finds ",
                        bytes_of(runbook_get(e->number)->finds));
    put_words(r, c, row, end, e->kind == ENTRY_BETTER ? STYLE_PLAIN : STYLE_WARN,
              e->kind == ENTRY_BETTER ? "Does not miss: " : "Misses: ",
              bytes_of(runbook_get(e->number)->misses));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    static const char *const kinds[] = {"as published", "better", "your own"};
    struct runbook *r = of(v);
    struct area detail = area;
    unsigned list_rows = area.rows > DETAIL_ROWS + 3 ? area.rows - DETAIL_ROWS : area.rows;

    detail.row += list_rows;
    detail.rows -= list_rows;
    v->page_rows = list_rows;
    view_scroll(v);
    for (size_t i = v->top; i < r->count && i - v->top < v->page_rows; i++) {
        unsigned row = area.row + (unsigned)(i - v->top);
        bool caret = i == v->caret;
        enum style style = caret ? STYLE_CARET : STYLE_PLAIN;

        if (caret) {
            draw_caret_row(c, row, (struct area){.cols = c->cols});
        }
        canvas_text(c, row, LEFT, 13, caret ? style : STYLE_DIM,
                    bytes_of(kinds[r->entries[i].kind]));
        canvas_put(c, row, LEFT + 14, c->cols - LEFT - 15, style, title_of(r, &r->entries[i]));
    }
    if (detail.rows > 1 && r->count)
        draw_detail(r, c, detail);
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct runbook *r = of(v);

    buffer_add(out, title_of(r, &r->entries[row]));
    buffer_add_char(out, ' ');
    buffer_add(out, query_of(r, &r->entries[row]));
}

static unsigned open_entry(struct view *v)
{
    struct runbook *r = of(v);
    unsigned reactions = REACT_REDRAW;

    if (v->caret < r->count)
        (void)verb_take_filter(v->ui, query_of(r, &r->entries[v->caret]), &reactions);
    return reactions;
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct runbook *r = of(v);

    if (field || v->caret >= r->count)
        return false;
    *out = (struct pick){.state = VALUE_TEXT, .text = query_of(r, &r->entries[v->caret])};
    return true;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct runbook *r = of(v);

    (void)argument;
    if (id != COMMAND_ENTRY_EDIT)
        return false;
    *reactions = REACT_REDRAW;
    if (v->caret < r->count)
        *reactions = verb_filter_prompt(v->ui, query_of(r, &r->entries[v->caret]));
    return true;
}

static const struct view_ops runbook_ops = {
    .name = "runbook",
    .context = CONTEXT_RUNBOOK,
    .unfiltered = true,
    .free = free_runbook,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_entry,
    .command = command,
};

struct view *runbook_new(struct ui *ui, struct filters *filters)
{
    struct runbook *r = mem_alloc(sizeof *r);
    struct buffer message = {0};

    view_init(&r->view, &runbook_ops, ui, filters);
    shelf_read(&r->shelf, &message);
    if (message.len)
        ui_say(ui, STYLE_WARN, "%.*s", (int)message.len, message.ptr);
    for (size_t i = 0; i < r->shelf.count; i++)
        add_entry(r, ENTRY_OWN, i);
    for (size_t i = 0; i < runbook_count(); i++) {
        add_entry(r, ENTRY_PUBLISHED, i);
        if (runbook_get(i)->better)
            add_entry(r, ENTRY_BETTER, i);
    }
    buffer_deinit(&message);
    return &r->view;
}
