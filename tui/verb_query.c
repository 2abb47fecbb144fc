/* Verbs of whole queries: running, the runbook, keeping one. */
#include "tui/pane_events.h"
#include "tui/pane_hits.h"
#include "tui/pane_result.h"
#include "tui/pane_runbook.h"
#include "tui/shelf.h"
#include "tui/verb.h"

/* A query that makes a table runs on what the filters of the view leave: they become its first
 * commands, so that what is shown is the whole query. */
bool verb_run_query(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct query_options options = ui_query_options(ui);
    const struct filters *f = view_filters(ui_view(ui));
    struct query_error error = {0};
    struct buffer text = {0};
    struct query *query = NULL;
    bool ok;

    if (query_parse(line, &options, &query, &error) == ERR_OK && !query_is_filter(query)) {
        for (size_t i = 0; i < filters_count(f); i++) {
            if (!filters_enabled(f, i) || query_is_rows(filters_query(f, i)))
                continue;
            buffer_add(&text, query_text(filters_query(f, i)));
            buffer_add_text(&text, " | ");
        }
        buffer_add(&text, query_text(query));
        query_free(query);
        query = NULL;
    }
    ok = text.len > 0;
    if (ok && query_parse(buffer_bytes(&text), &options, &query, &error) == ERR_OK) {
        for (size_t i = 0; i < filters_count(f); i++) {
            if (filters_enabled(f, i))
                query_within(query, filters_query(f, i));
        }
        *reactions = ui_push(ui, result_new(ui, view_filters(ui_view(ui)), query));
    } else if (ok) {
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
    } else {
        query_free(query);
    }
    query_error_deinit(&error);
    buffer_deinit(&text);
    return ok;
}

/* The list of indicators of the last filter that has one, line by line. */
unsigned verb_indicators(struct ui *ui, struct bytes argument)
{
    struct filters *f = view_filters(ui_view(ui)), *base;
    struct indicators *list;
    enum field_id field;
    unsigned reactions;

    if (argument.len) {
        struct buffer text = {0};

        buffer_printf(&text, "ip in @%.*s", (int)argument.len, argument.ptr);
        reactions = verb_filter_view(ui, buffer_bytes(&text));
        buffer_deinit(&text);
        if (ui->message.len && ui->message_style == STYLE_BAD)
            return reactions;
        f = view_filters(ui_view(ui));
    }
    for (size_t i = filters_count(f); i-- > 0;) {
        if (!query_indicators(filters_query(f, i), &field, &list))
            continue;
        base = filters_without(f, i);
        reactions = ui_push(ui, hits_new(ui, base, field, list));
        filters_release(base);
        return reactions;
    }
    ui_say(ui, STYLE_PLAIN,
           "No filter has a list: name a file with one indicator on each line.");
    return verb_filter_prompt(ui, bytes_of("ip in @"));
}

/* A query, so that it can be edited, kept and opened like any other. */
unsigned verb_subnets(struct ui *ui, struct bytes argument)
{
    static const char query[] =
        "fields if(outcome in [\"failure\", \"throttled\", \"blocked\", \"fault\"], 1, 0) as "
        "bad"
        " | stats count(*) as events, sum(bad) as failed, count_distinct(ip) as ips,"
        " count_distinct(sub) as subs, min(@timestamp) as first, max(@timestamp) as last"
        " by subnet(ip) as network | sort failed desc, events desc";
    unsigned reactions = REACT_REDRAW;

    (void)argument;
    (void)verb_run_query(ui, bytes_of(query), &reactions);
    return reactions;
}

/* What else happened then: the time alone, other filters off. */
unsigned verb_around(struct ui *ui, struct bytes argument)
{
    struct query_options options = ui_query_options(ui);
    struct buffer text = {0};
    int64_t span_us;
    unsigned reactions;

    if (argument.len == 0)
        argument = bytes_of("5m");
    if (!options.has_selected || !instant_parse_span(argument, &span_us)) {
        ui_say(ui, STYLE_WARN,
               options.has_selected ? "No span of time: write around 5m, around 30s."
                                    : "Nothing with a time is selected.");
        return REACT_REDRAW;
    }
    buffer_add_text(&text, "filter @timestamp >= \"");
    instant_add(&text, options.selected_us - span_us, INSTANT_ISO, 0);
    buffer_add_text(&text, "\" and @timestamp <= \"");
    instant_add(&text, options.selected_us + span_us, INSTANT_ISO, 0);
    buffer_add_char(&text, '"');
    reactions = events_with(ui, NULL, buffer_bytes(&text));
    buffer_deinit(&text);
    return reactions;
}

unsigned verb_runbook(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return ui_push(ui, runbook_new(ui, view_filters(ui_view(ui))));
}

static bool accept_name(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct buffer message = {0};
    bool ok = line.len == 0;

    *reactions = REACT_REDRAW;
    if (!ok && result_is(ui_view(ui)))
        ok = shelf_write(line, result_text(ui_view(ui)), &message);
    if (line.len)
        ui_say(ui, ok ? STYLE_PLAIN : STYLE_BAD, "%.*s",
               ok ? (int)strlen("Kept: the runbook (r) lists it.") : (int)message.len,
               ok ? "Kept: the runbook (r) lists it." : message.ptr);
    buffer_deinit(&message);
    return ok;
}

static const struct prompt_kind name_prompt = {
    .label = "Name",
    .hint = "what to call the query: letters, digits, blanks, - and _",
    .accept = accept_name,
};

unsigned verb_save_query(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (!result_is(ui_view(ui))) {
        ui_say(ui, STYLE_WARN, "Only the query of a result can be kept.");
        return REACT_REDRAW;
    }
    ui_prompt(ui, &name_prompt, NULL, bytes_of(""));
    return REACT_REDRAW;
}
