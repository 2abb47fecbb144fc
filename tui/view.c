#include "tui/view.h"

void view_init(struct view *v, const struct view_ops *ops, struct ui *ui,
               struct filters *filters)
{
    v->ops = ops;
    v->ui = ui;
    v->history[0] = filters_hold(filters);
    v->history_count = 1;
    v->page_rows = 1;
}

void view_deinit(struct view *v)
{
    for (size_t i = 0; i < v->history_count; i++)
        filters_release(v->history[i]);
    v->history_count = 0;
}

struct filters *view_filters(const struct view *v)
{
    return v->history[v->history_at];
}

void view_set_filters(struct view *v, struct filters *filters)
{
    while (v->history_count > v->history_at + 1)
        filters_release(v->history[--v->history_count]);
    if (v->history_count == VIEW_UNDO_MAX) {
        filters_release(v->history[0]);
        v->history_count--;
        memmove(v->history, v->history + 1, v->history_count * sizeof *v->history);
    }
    v->history[v->history_count++] = filters;
    v->history_at = v->history_count - 1;
    v->outdated = true;
}

bool view_undo(struct view *v)
{
    if (v->history_at == 0)
        return false;
    v->history_at--;
    v->outdated = true;
    return true;
}

bool view_redo(struct view *v)
{
    if (v->history_at + 1 >= v->history_count)
        return false;
    v->history_at++;
    v->outdated = true;
    return true;
}

void view_scroll(struct view *v)
{
    size_t count = v->ops->count(v);

    if (count == 0) {
        v->caret = v->top = 0;
        return;
    }
    if (v->caret >= count)
        v->caret = count - 1;
    if (v->page_rows == 0)
        v->page_rows = 1;
    if (v->top > v->caret)
        v->top = v->caret;
    if (v->caret - v->top >= v->page_rows)
        v->top = v->caret - v->page_rows + 1;
    if (count <= v->page_rows)
        v->top = 0;
    else if (v->top > count - v->page_rows)
        v->top = count - v->page_rows;
}

bool view_stop(struct view *v)
{
    struct ask *asked = v->ops->asked ? v->ops->asked(v) : NULL;

    if (asked)
        ask_stop(asked);
    return asked != NULL;
}
