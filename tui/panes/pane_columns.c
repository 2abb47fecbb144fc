#include "tui/panes/pane_columns.h"

#include "core/base/mem.h"

#include "tui/box.h"

struct chooser {
    struct view view;
    struct column_set *set;
};

static void free_chooser(struct view *v)
{
    view_deinit(v);
    mem_free(v);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "columns");
}

static void nothing(struct view *v, struct buffer *out)
{
    (void)v;
    (void)out;
}

static size_t count_rows(const struct view *v)
{
    (void)v;
    return FIELD_COUNT;
}

static bool chosen(const struct view *v, size_t field)
{
    const struct column_set *set = ((const struct chooser *)v)->set;

    for (size_t i = 0; i < set->count; i++) {
        if (!set->chosen[i].is_result && set->chosen[i].field == (enum field_id)field)
            return true;
    }
    return false;
}

static void draw_row(struct view *v, struct canvas *c, unsigned row, unsigned col,
                     unsigned cols, size_t i, bool caret)
{
    const struct field *field = field_get((enum field_id)i);
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;

    canvas_text(c, row, col, 4, style, bytes_of(chosen(v, i) ? "[x] " : "[ ] "));
    canvas_text(c, row, col + 4, 15, style, bytes_of(field->name));
    canvas_text(c, row, col + 20, cols - 20, caret ? style : STYLE_DIM,
                bytes_of(field->meaning));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    box_draw(v, c, area, " Columns: Space or Enter switches, Esc closes ", draw_row);
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, field_get((enum field_id)row)->name);
    buffer_add_char(out, ' ');
    buffer_add_text(out, field_get((enum field_id)row)->meaning);
}

static unsigned toggle(struct view *v)
{
    columns_toggle(((struct chooser *)v)->set, (enum field_id)v->caret);
    return REACT_REDRAW;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    (void)argument;
    if (id != COMMAND_ENTRY_TOGGLE)
        return false;
    *reactions = toggle(v);
    return true;
}

static const struct view_ops chooser_ops = {
    .name = "column chooser",
    .context = CONTEXT_COLUMNS,
    .free = free_chooser,
    .crumb = crumb,
    .counts = nothing,
    .status = nothing,
    .count = count_rows,
    .draw = draw,
    .row_text = row_text,
    .open = toggle,
    .command = command,
};

struct view *columns_chooser_new(struct ui *ui, struct filters *filters, struct column_set *set)
{
    struct chooser *made = mem_alloc(sizeof *made);

    view_init(&made->view, &chooser_ops, ui, filters);
    made->view.overlay = true;
    made->set = set;
    return &made->view;
}
