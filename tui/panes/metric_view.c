#include "tui/panes/metric_view.h"

#include "core/base/safe.h"

#include "tui/verbs/verb.h"

/* Steps of bin-wider and bin-narrower. */
static const int64_t widths[] = {
    INSTANT_MINUTE,   5 * INSTANT_MINUTE, 15 * INSTANT_MINUTE, INSTANT_HOUR,
    6 * INSTANT_HOUR, INSTANT_DAY,        7 * INSTANT_DAY,
};

static void take(void *context, struct metric_report *report)
{
    struct metric_view *m = context;

    m->asking = NULL;
    metric_report_free(m->report);
    m->report = report;
    if (m->taken)
        m->taken(m);
}

static void ask_from(struct metric_view *m, struct metrics *known)
{
    const struct ui *ui = m->view.ui;
    struct metric_request request = {.width_us = ui->metric_width_us, .known = known};

    memcpy(request.rules, ui->alarms, sizeof request.rules);
    ask_cancel(m->asking);
    m->asking = session_metrics(ui->session, &request, take, m);
}

void metric_view_init(struct metric_view *m, const struct view_ops *ops, struct ui *ui,
                      struct filters *filters, struct metrics *known)
{
    view_init(&m->view, ops, ui, filters);
    if (known) {
        ask_from(m, metrics_hold(known));
        m->view.asked = true;
    }
}

void metric_view_deinit(struct metric_view *m)
{
    ask_cancel(m->asking);
    metric_report_free(m->report);
    buffer_deinit(&m->scratch);
    view_deinit(&m->view);
}

void metric_view_ask(struct view *v)
{
    struct metric_view *m = (struct metric_view *)v;

    ask_from(m, m->report ? metrics_hold(m->report->metrics) : NULL);
}

bool metric_view_ready(const struct view *v)
{
    return ((const struct metric_view *)v)->report != NULL;
}

static unsigned set_width(struct ui *ui, struct bytes argument)
{
    if (argument.len == 0)
        return verb_palette(ui, bytes_of("bin-size "));
    if (!metric_parse_width(argument, &ui->metric_width_us)) {
        ui_say(ui, STYLE_BAD, "No width of a bin: write 90s, 5m, 2h or 1d.");
        return REACT_REDRAW;
    }
    return REACT_REDRAW | REACT_REQUERY;
}

static unsigned step_width(struct ui *ui, bool wider)
{
    size_t at = 0;

    while (at < ARRAY_LEN(widths) &&
           (wider ? widths[at] <= ui->metric_width_us : widths[at] < ui->metric_width_us))
        at++;
    if (wider ? at == ARRAY_LEN(widths) : at == 0) {
        ui_say(ui, STYLE_PLAIN, "That is the %s step; bin-size takes any width.",
               wider ? "widest" : "narrowest");
        return REACT_REDRAW;
    }
    ui->metric_width_us = widths[wider ? at : at - 1];
    return REACT_REDRAW | REACT_REQUERY;
}

/* Without an argument the line of the palette begins with the rule as it is. */
static unsigned set_alarm(struct metric_view *m, struct bytes argument, enum alarm alarm)
{
    struct ui *ui = m->view.ui;
    struct buffer text = {0};
    unsigned reactions = REACT_REDRAW;

    if (argument.len == 0) {
        const struct alarm_rule *rule = &ui->alarms[alarm];

        buffer_printf(&text, "alarm %s=%llu/", rule->name, (unsigned long long)rule->threshold);
        instant_add_width(&text, rule->period_us);
        reactions = verb_palette(ui, buffer_bytes(&text));
    } else if (alarm_parse(argument, ui->alarms, &text)) {
        reactions |= REACT_REQUERY;
    } else {
        ui_say(ui, STYLE_BAD, "%.*s", (int)text.len, text.ptr);
    }
    buffer_deinit(&text);
    return reactions;
}

bool metric_view_command(struct metric_view *m, enum command_id id, struct bytes argument,
                         enum alarm alarm, unsigned *reactions)
{
    if (id == COMMAND_BIN_SIZE)
        *reactions = set_width(m->view.ui, argument);
    else if (id == COMMAND_BIN_WIDER || id == COMMAND_BIN_NARROWER)
        *reactions = step_width(m->view.ui, id == COMMAND_BIN_WIDER);
    else if (id == COMMAND_ALARM)
        *reactions = set_alarm(m, argument, alarm);
    else
        return false;
    return true;
}

unsigned metric_view_id(struct metric_view *m, struct canvas *c, unsigned row, unsigned col,
                        unsigned cols, enum style style, enum field_id field, uint32_t id)
{
    struct dictionary *const *d = store_dictionaries(m->report->metrics->index->store);
    enum value_state state = id < DICTIONARY_FIRST_TEXT ? (enum value_state)id : VALUE_TEXT;

    buffer_clear(&m->scratch);
    ui_add_value(
        m->view.ui, &m->scratch, state,
        canvas_hide(c, bytes_of(field_get(field)->name), dictionary_text(d[field], id)), cols);
    return canvas_text(c, row, col, cols, style, buffer_bytes(&m->scratch));
}

struct bytes metric_view_name(enum metric metric)
{
    struct bytes name = bytes_of(metric_name(metric));

    return bytes_slice(name, 0, name.len - strlen("Successes"));
}

void metric_view_draw_note(const struct metric_view *m, struct canvas *c, unsigned row)
{
    (void)m;
    canvas_text(c, row, 2, c->cols - 2, STYLE_WARN,
                bytes_of("Derived from events. CloudTrail may not record throttled calls."));
}

void metric_view_draw_omissions(struct metric_view *m, struct canvas *c, unsigned row)
{
    const struct metrics *x = m->report->metrics;
    const struct {
        uint64_t count;
        const char *words;
    } parts[] = {
        {x->n_undecided, " left out: no known end"},
        {x->n_export,    " in the export alone"   },
        {x->n_no_time,   " without a time"        },
    };

    buffer_clear(&m->scratch);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].count == 0)
            continue;
        buffer_add_text(&m->scratch, m->scratch.len ? "; " : "");
        ui_add_count(m->view.ui, &m->scratch, parts[i].count, false);
        buffer_add_text(&m->scratch, parts[i].words);
    }
    canvas_text(c, row, 2, c->cols - 2, STYLE_WARN, buffer_bytes(&m->scratch));
}
