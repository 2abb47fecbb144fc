/* Verbs that narrow: keep, drop, the filter prompt, undo. */
#include "core/base/mem.h"

#include "tui/panes/pane_events.h"
#include "tui/panes/pane_filters.h"
#include "tui/panes/pane_pivot.h"
#include "tui/verbs/complete.h"
#include "tui/verbs/verb.h"

/* Keep or drop the value under the caret. */
static unsigned filter_value(struct ui *ui, bool negated)
{
    struct view *v = ui_view(ui);
    struct buffer text = {0};
    struct pick pick;
    unsigned reactions;

    if (v->ops->context == CONTEXT_PIVOT && pivot_row_term(v, &text)) {
        if (negated) {
            struct buffer inner = text;

            text = (struct buffer){0};
            buffer_printf(&text, "not (%.*s)", (int)inner.len, inner.ptr);
            buffer_deinit(&inner);
        }
    } else if (!v->ops->value || !v->ops->value(v, NULL, &pick)) {
        ui_say(ui, STYLE_WARN, "There is no value under the caret.");
        return REACT_REDRAW;
    } else if (pick.has_field) {
        query_write_term(&text, pick.field, pick.state, pick.text, negated);
    } else if (pick.path.len) {
        query_write_path_term(&text, pick.path, pick.state, pick.text, negated);
    } else {
        ui_say(ui, STYLE_WARN, "This is no value of a field.");
        return REACT_REDRAW;
    }
    reactions = verb_filter_view(ui, buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

/* From an event, a card or a list of files the filter leads to a list of events. */
unsigned verb_filter_view(struct ui *ui, struct bytes text)
{
    struct view *v = ui_view(ui);

    if (v->ops->context == CONTEXT_EVENTS || v->ops->context == CONTEXT_PIVOT)
        return ui_filter(ui, text);
    return events_with(ui, view_filters(v), text);
}

unsigned verb_keep(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return filter_value(ui, false);
}

unsigned verb_drop(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return filter_value(ui, true);
}

unsigned verb_keep_unknown(struct ui *ui, struct bytes argument)
{
    bool keep = !session_keeps_unknown(ui->session);

    (void)argument;
    session_keep_unknown(ui->session, keep);
    ui_say(ui, STYLE_PLAIN,
           keep ? "Events that lack the field of a negated test count in."
                : "Events that lack the field of a negated test are left out.");
    return REACT_REDRAW | REACT_REQUERY;
}

bool verb_take_filter(struct ui *ui, struct bytes line, unsigned *reactions)
{
    if (line.len == 0)
        return true;
    if (verb_ask_placeholder(ui, line))
        return false; /* the prompt is another one now */
    if (!verb_run_query(ui, line, reactions))
        *reactions = verb_filter_view(ui, line);
    /* A refusal left its reason as the message: the line stays for mending. */
    return ui->message.len == 0 || ui->message_style != STYLE_BAD;
}

static const struct prompt_kind filter_prompt = {
    .label = "Filter or query",
    .hint = "203.0.113.7  error:NotAuth*  -ip:10.0.0.0/8  word  | stats count(*) by ip",
    .accept = verb_take_filter,
    .complete = complete_filter,
    .is_query = true,
};

unsigned verb_filter_prompt(struct ui *ui, struct bytes argument)
{
    ui_prompt(ui, &filter_prompt, &ui->filter_history, argument);
    return REACT_REDRAW;
}

unsigned verb_filter_list(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return ui_push(ui, filter_list_new(ui, ui_view(ui)));
}

unsigned verb_filter_clear(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);

    (void)argument;
    if (filters_count(view_filters(v)) == 0) {
        ui_say(ui, STYLE_PLAIN, "There are no filters.");
        return REACT_REDRAW;
    }
    view_set_filters(v, filters_new());
    ui_say(ui, STYLE_PLAIN, "All filters are off; undo brings them back.");
    return REACT_REDRAW | REACT_REQUERY;
}

unsigned verb_undo(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (!view_undo(ui_view(ui))) {
        ui_say(ui, STYLE_PLAIN, "No change of filters to undo in this view; q goes back.");
        return REACT_REDRAW;
    }
    return REACT_REDRAW | REACT_REQUERY;
}

unsigned verb_redo(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (!view_redo(ui_view(ui))) {
        ui_say(ui, STYLE_PLAIN, "No change of filters to redo.");
        return REACT_REDRAW;
    }
    return REACT_REDRAW | REACT_REQUERY;
}

unsigned verb_duplicates(struct ui *ui, struct bytes argument)
{
    bool show = !session_shows_duplicates(ui->session);

    (void)argument;
    session_show_duplicates(ui->session, show);
    ui_say(ui, STYLE_PLAIN,
           show ? "Duplicates are shown and counted."
                : "Duplicates are hidden: each event counts once.");
    return REACT_REDRAW | REACT_REQUERY;
}

/* Takes away the last filter that is a time range. */
unsigned verb_time_unzoom(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);
    const struct filters *f = view_filters(v);

    (void)argument;
    for (size_t i = filters_count(f); i-- > 0;) {
        int64_t from_us, to_us;

        query_time_range(filters_query(f, i), &from_us, &to_us);
        if (from_us != INSTANT_NONE || to_us != INSTANT_NONE) {
            view_set_filters(v, filters_without(f, i));
            return REACT_REDRAW | REACT_REQUERY;
        }
    }
    ui_say(ui, STYLE_PLAIN, "No time range is in force.");
    return REACT_REDRAW;
}
