/* Verbs on the value under the caret: pivot, others, card, copy. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/panes/pane_bursts.h"
#include "tui/panes/pane_card.h"
#include "tui/panes/pane_event.h"
#include "tui/panes/pane_events.h"
#include "tui/panes/pane_metrics.h"
#include "tui/panes/pane_pivot.h"
#include "tui/verbs/verb.h"

bool verb_field(struct ui *ui, struct bytes argument, enum field_id *out)
{
    struct view *v = ui_view(ui);
    struct pick pick;

    if (argument.len) {
        if (field_find(argument, out))
            return true;
        ui_say(ui, STYLE_WARN, "There is no field of that name.");
        return false;
    }
    if (v->ops->value && v->ops->value(v, NULL, &pick) && pick.has_field) {
        *out = pick.field;
        return true;
    }
    ui_say(ui, STYLE_WARN, "There is no field under the caret.");
    return false;
}

static bool can_group(struct ui *ui, enum field_id field)
{
    enum field_kind kind = field_get(field)->kind;

    if (kind == FIELD_INSTANT || kind == FIELD_POSITION) {
        ui_say(ui, STYLE_WARN, "Events cannot be counted by %s.", field_get(field)->name);
        return false;
    }
    return true;
}

/* What a new view counts among: the filters of this one and, from a row of a pivot or card,
 * what the row stands for. The caller's. */
static struct filters *row_filters(struct ui *ui)
{
    struct view *v = ui_view(ui);
    struct query_options options = session_query_options(ui->session);
    struct filters *base = view_filters(v), *narrowed = NULL;
    struct query_error error = {0};
    struct buffer text = {0};
    struct pick pick;

    if (v->ops->context == CONTEXT_PIVOT) {
        narrowed = pivot_row_filters(v);
    } else if (v->ops->context == CONTEXT_CARD && v->ops->value(v, NULL, &pick) &&
               pick.has_field) {
        query_write_term(&text, pick.field, pick.state, pick.text, false);
        if (filters_add(base, buffer_bytes(&text), &options, &narrowed, &error) != ERR_OK)
            narrowed = NULL;
    }
    query_error_deinit(&error);
    buffer_deinit(&text);
    return narrowed ? narrowed : filters_hold(base);
}

unsigned verb_pivot(struct ui *ui, struct bytes argument)
{
    struct filters *base;
    enum field_id field;
    unsigned reactions;

    if (!verb_field(ui, argument, &field) || !can_group(ui, field))
        return REACT_REDRAW;
    base = row_filters(ui);
    reactions = ui_push(ui, pivot_new(ui, base, field));
    filters_release(base);
    return reactions;
}

unsigned verb_bursts(struct ui *ui, struct bytes argument)
{
    struct filters *base;
    unsigned reactions;

    (void)argument;
    if (ui_view(ui)->ops->context == CONTEXT_BURSTS) {
        ui_say(ui, STYLE_PLAIN, "These are the bursts: < > change the bins, P the field.");
        return REACT_REDRAW;
    }
    base = row_filters(ui);
    reactions = ui_push(ui, bursts_view_new(ui, base));
    filters_release(base);
    return reactions;
}

unsigned verb_metrics(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (ui_view(ui)->ops->context == CONTEXT_METRICS) {
        ui_say(ui, STYLE_PLAIN, "These are the metrics: < > change the bins, e a threshold.");
        return REACT_REDRAW;
    }
    return ui_push(ui, metrics_new_view(ui, view_filters(ui_view(ui))));
}

unsigned verb_others(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);
    struct buffer text = {0};
    enum field_id field;
    struct pick pick;
    unsigned reactions;

    if (!verb_field(ui, argument, &field))
        return REACT_REDRAW;
    if (!v->ops->value(v, &field, &pick)) {
        ui_say(ui, STYLE_WARN, "There is no value here.");
        return REACT_REDRAW;
    }
    query_write_term(&text, field, pick.state, pick.text, false);
    reactions = events_with(ui, NULL, buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

unsigned verb_card(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);
    enum field_id field;
    struct pick pick;

    if (!verb_field(ui, argument, &field) || !can_group(ui, field))
        return REACT_REDRAW;
    if (!v->ops->value(v, &field, &pick) || pick.state != VALUE_TEXT) {
        ui_say(ui, STYLE_WARN, "There is no %s here.", field_get(field)->name);
        return REACT_REDRAW;
    }
    return ui_push(ui, card_new(ui, field, pick.text));
}

static struct bytes pick_name(const struct pick *pick)
{
    return pick->has_field ? bytes_of(field_get(pick->field)->name) : pick->path;
}

/* The copy is the value itself, also where the screen hides it: asked for by name. */
static unsigned copy(struct ui *ui, struct bytes name, struct bytes text)
{
    struct buffer shown = {0};

    buffer_clear(&ui->copied);
    buffer_add(&ui->copied, text);
    safe_add(&shown, canvas_hide(&ui->canvas, name, text), 40, ui->canvas.ascii);
    if (ui->options->no_osc52)
        ui_say(ui, STYLE_PLAIN, "Kept %.*s (the clipboard is off by --no-osc52)",
               (int)shown.len, shown.ptr);
    else if (screen_clipboard(ui->screen, text))
        ui_say(ui, STYLE_PLAIN, "Sent %.*s to your terminal's clipboard (OSC 52%s)",
               (int)shown.len, shown.ptr,
               getenv("TMUX") ? "; tmux needs set-clipboard on" : "");
    else
        ui_say(ui, STYLE_WARN, "Too long for the terminal's clipboard (%zu bytes)", text.len);
    buffer_deinit(&shown);
    return REACT_REDRAW;
}

unsigned verb_copy_value(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);
    struct pick pick;

    (void)argument;
    if (!v->ops->value || !v->ops->value(v, NULL, &pick) || pick.state != VALUE_TEXT) {
        ui_say(ui, STYLE_WARN, "There is no value under the caret.");
        return REACT_REDRAW;
    }
    return copy(ui, pick_name(&pick), pick.text);
}

unsigned verb_copy(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);
    enum field_id field;
    struct pick pick;

    if (!verb_field(ui, argument, &field))
        return REACT_REDRAW;
    if (!v->ops->value || !v->ops->value(v, &field, &pick) || pick.state != VALUE_TEXT) {
        ui_say(ui, STYLE_WARN, "There is no %s here.", field_get(field)->name);
        return REACT_REDRAW;
    }
    return copy(ui, pick_name(&pick), pick.text);
}

/* In an event the JSON path of the field, elsewhere the path of the file. */
unsigned verb_copy_path(struct ui *ui, struct bytes argument)
{
    static const enum field_id file = FIELD_FILE;
    struct view *v = ui_view(ui);
    struct pick pick;

    (void)argument;
    if (v->ops->value && v->ops->value(v, NULL, &pick) && pick.path.len)
        return copy(ui, bytes_of(""), pick.path);
    if (v->ops->value && v->ops->value(v, &file, &pick) && pick.state == VALUE_TEXT)
        return copy(ui, bytes_of(""), pick.text);
    ui_say(ui, STYLE_WARN, "There is no path here.");
    return REACT_REDRAW;
}

unsigned verb_unmark_all(struct ui *ui, struct bytes argument)
{
    size_t count = session_marked(ui->session);

    (void)argument;
    session_unmark_all(ui->session);
    ui_say(ui, STYLE_PLAIN, "%zu marks taken away.", count);
    return REACT_REDRAW;
}
