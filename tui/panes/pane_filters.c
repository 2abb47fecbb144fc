#include "tui/panes/pane_filters.h"

#include "core/base/mem.h"

#include "tui/box.h"
#include "tui/ui.h"
#include "tui/verbs/complete.h"

struct filter_list {
    struct view view;
    struct view *below; /* whose filters these are; below this one on the stack */
};

static struct filter_list *of(struct view *v)
{
    return (struct filter_list *)v;
}

static struct filters *shown(const struct view *v)
{
    return view_filters(((const struct filter_list *)v)->below);
}

static void free_list(struct view *v)
{
    view_deinit(v);
    mem_free(v);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "filters");
}

static void counts(struct view *v, struct buffer *out)
{
    buffer_printf(out, "%zu filters", filters_count(shown(v)));
}

static void status(struct view *v, struct buffer *out)
{
    if (filters_count(shown(v)) == 0)
        buffer_add_text(out, "no filters yet: f types one, = keeps a value");
}

static size_t count_rows(const struct view *v)
{
    return filters_count(shown(v));
}

static void draw_row(struct view *v, struct canvas *c, unsigned row, unsigned col,
                     unsigned cols, size_t i, bool caret)
{
    bool on = filters_enabled(shown(v), i);
    enum style style = caret ? STYLE_CARET : on ? STYLE_PLAIN : STYLE_DIM;
    struct bytes text = filters_text(shown(v), i);
    struct bytes query = query_text(filters_query(shown(v), i));

    col += canvas_text(c, row, col, 6, style, bytes_of(on ? "[on]  " : "[off] "));
    cols -= 6;
    if (bytes_equal(text, query) || cols < 60) {
        canvas_put(c, row, col, cols, style, text);
        return;
    }
    /* What was typed, and the query that it stands for. */
    canvas_put(c, row, col, cols / 2 - 1, style, text);
    canvas_put(c, row, col + cols / 2, cols / 2, caret ? style : STYLE_DIM, query);
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    box_draw(v, c, area, " Filters: Space switches, e edits, d deletes, Esc closes ", draw_row);
}

/* Changes the filters of the view below and asks it again. */
static unsigned change(struct view *v, struct filters *made)
{
    struct view *below = of(v)->below;

    view_set_filters(below, made);
    if (below->ops->ask)
        below->ops->ask(below);
    return REACT_REDRAW;
}

static bool accept_edit(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct query_options options = ui_query_options(ui);
    struct query_error error = {0};
    struct view *v = ui_view(ui);
    struct filters *made;
    bool ok =
        filters_edit(shown(v), ui->prompt.context, line, &options, &made, &error) == ERR_OK;

    if (ok) {
        *reactions = change(v, made);
    } else {
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
        ui->prompt.error_at = error.offset;
        ui->prompt.error_len = error.length;
    }
    query_error_deinit(&error);
    return ok;
}

static const struct prompt_kind edit_prompt = {
    .label = "Filter",
    .accept = accept_edit,
    .complete = complete_filter,
    .is_query = true,
};

static unsigned edit_entry(struct view *v)
{
    if (v->caret >= count_rows(v))
        return REACT_NONE;
    ui_prompt(v->ui, &edit_prompt, &v->ui->filter_history, filters_text(shown(v), v->caret));
    v->ui->prompt.context = v->caret;
    /* The values that the entry could have, not only the one that it lets through. */
    v->ui->prompt.within = filters_without(shown(v), v->caret);
    return REACT_REDRAW;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    (void)argument;
    *reactions = REACT_NONE;
    if (id != COMMAND_ENTRY_TOGGLE && id != COMMAND_ENTRY_EDIT && id != COMMAND_ENTRY_DELETE)
        return false;
    if (v->caret >= count_rows(v))
        return true;
    if (id == COMMAND_ENTRY_TOGGLE)
        *reactions = change(v, filters_toggle(shown(v), v->caret));
    else if (id == COMMAND_ENTRY_EDIT)
        *reactions = edit_entry(v);
    else
        *reactions = change(v, filters_without(shown(v), v->caret));
    return true;
}

/* What is copied: the query that the entry stands for. */
static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    if (field || v->caret >= count_rows(v))
        return false;
    *out = (struct pick){.state = VALUE_TEXT,
                         .text = query_text(filters_query(shown(v), v->caret))};
    return true;
}

static const struct view_ops filter_list_ops = {
    .name = "list of filters",
    .context = CONTEXT_FILTERS,
    .free = free_list,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .open = edit_entry,
    .command = command,
};

struct view *filter_list_new(struct ui *ui, struct view *below)
{
    struct filter_list *l = mem_alloc(sizeof *l);

    view_init(&l->view, &filter_list_ops, ui, view_filters(below));
    l->view.overlay = true;
    l->below = below;
    return &l->view;
}
