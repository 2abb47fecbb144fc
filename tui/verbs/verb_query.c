/* Verbs of whole queries: running, the runbook, keeping one. */
#include "core/base/safe.h"

#include "core/query/placeholder.h"

#include "tui/panes/pane_events.h"
#include "tui/panes/pane_hits.h"
#include "tui/panes/pane_result.h"
#include "tui/panes/pane_runbook.h"
#include "tui/shelf.h"
#include "tui/verbs/complete.h"
#include "tui/verbs/verb.h"

/* The conditions in force, each followed by what joins the next. Rows chosen one by one have no
 * text: run_query() keeps to them. */
static void add_filters(const struct filters *f, struct buffer *out)
{
    for (size_t i = 0; i < filters_count(f); i++) {
        if (!filters_enabled(f, i) || query_is_rows(filters_query(f, i)))
            continue;
        buffer_add(out, query_text(filters_query(f, i)));
        buffer_add_text(out, " | ");
    }
}

static struct view *below_overlays(struct ui *ui)
{
    size_t at = ui->depth;

    while (at > 1 && ui->views[at - 1]->overlay)
        at--;
    return ui->views[at - 1];
}

void verb_add_query(struct ui *ui, struct buffer *out)
{
    struct view *v = below_overlays(ui);

    if (result_is(v)) {
        buffer_add(out, result_text(v));
        return;
    }
    add_filters(view_filters(v), out);
    out->len -= out->len > 3 ? 3 : 0; /* the last sign */
}

static bool accept_value(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct prompt *p = &ui->prompt;
    struct buffer text = {0};

    placeholder_fill(&text, buffer_bytes(&p->pending), buffer_bytes(&p->place), line);
    prompt_close(p);
    if (!verb_take_filter(ui, buffer_bytes(&text), reactions) && !p->kind)
        verb_filter_prompt(ui, buffer_bytes(&text)); /* to be mended */
    buffer_deinit(&text);
    return p->kind == NULL;
}

static const struct prompt_kind value_prompt = {
    .label = "Value",
    .hint = "the value as it is: quotes are added where the query needs them",
    .accept = accept_value,
};

bool verb_ask_placeholder(struct ui *ui, struct bytes text)
{
    struct query_options options = ui_query_options(ui);
    struct query_error error = {0};
    struct query *query = NULL;
    struct buffer pending = {0}, place = {0};
    bool waits;

    if (query_parse(text, &options, &query, &error) == ERR_OK)
        query_free(query);
    waits = error.placeholder.len > 0;
    if (waits) {
        /* Both may be the prompt's own, which is opened anew. */
        buffer_add(&pending, text);
        buffer_add(&place, error.placeholder);
        ui_prompt(ui, &value_prompt, NULL, bytes_of(""));
        buffer_add(&ui->prompt.pending, buffer_bytes(&pending));
        buffer_add(&ui->prompt.place, buffer_bytes(&place));
        buffer_add_text(&ui->prompt.title, "Value of ");
        safe_add(&ui->prompt.title, buffer_bytes(&place), 30, ui->canvas.ascii);
    }
    query_error_deinit(&error);
    buffer_deinit(&pending);
    buffer_deinit(&place);
    return waits;
}

/* Opens the result of a query. */
static void run_query(struct ui *ui, struct bytes text, unsigned *reactions)
{
    struct query_options options = ui_query_options(ui);
    struct query_error error = {0};
    struct query *query = NULL;

    if (query_parse(text, &options, &query, &error) == ERR_OK) {
        const struct filters *f = view_filters(ui_view(ui));

        for (size_t i = 0; i < filters_count(f); i++) {
            if (filters_enabled(f, i))
                query_within(query, filters_query(f, i));
        }
        *reactions = ui_push(ui, result_new(ui, view_filters(ui_view(ui)), query));
    } else
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
    query_error_deinit(&error);
}

/* Does the line make a table, and not only choose events? */
static bool makes_table(struct ui *ui, struct bytes line, struct buffer *text)
{
    struct query_options options = ui_query_options(ui);
    struct query_error error = {0};
    struct query *query = NULL;
    bool makes = false;

    if (query_parse(line, &options, &query, &error) == ERR_OK) {
        makes = !query_is_filter(query);
        buffer_add(text, query_text(query));
    }
    query_free(query);
    query_error_deinit(&error);
    return makes;
}

/* A query that makes a table runs on what the filters of the view leave: they become its first
 * commands, so that what is shown is the whole query. */
bool verb_run_query(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct buffer text = {0}, own = {0};
    bool makes = makes_table(ui, line, &own);

    if (makes) {
        add_filters(view_filters(ui_view(ui)), &text);
        buffer_add(&text, buffer_bytes(&own));
        run_query(ui, buffer_bytes(&text), reactions);
    }
    buffer_deinit(&own);
    buffer_deinit(&text);
    return makes;
}

/* The filters that name rows one by one; the caller's. */
static struct filters *rows_only(struct filters *f)
{
    struct filters *kept = filters_hold(f);

    for (size_t i = filters_count(f); i-- > 0;) {
        if (!query_is_rows(filters_query(f, i))) {
            struct filters *less = filters_without(kept, i);

            filters_release(kept);
            kept = less;
        }
    }
    return kept;
}

/* Without the | at the end that was offered for a further command. */
static struct bytes without_pipe(struct bytes line)
{
    struct bytes left = line;

    while (left.len && strchr(" \t|", left.ptr[left.len - 1]))
        left.len--;
    return left.len ? left : line;
}

/* A table replaces nothing; a filter takes the place of all that were in force. */
static bool accept_whole(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct buffer text = {0};

    *reactions = REACT_REDRAW;
    line = without_pipe(line);
    if (verb_ask_placeholder(ui, line))
        return false;
    if (line.len && makes_table(ui, line, &text))
        run_query(ui, buffer_bytes(&text), reactions);
    else if (line.len && ui_view(ui)->ops->context == CONTEXT_RESULT)
        *reactions = events_with(ui, NULL, line);
    else if (line.len) {
        struct query_options options = ui_query_options(ui);
        struct filters *none = rows_only(view_filters(ui_view(ui))), *made;
        struct query_error error = {0};

        if (filters_add(none, line, &options, &made, &error) == ERR_OK) {
            view_set_filters(ui_view(ui), made);
            *reactions |= REACT_REQUERY;
            ui_say_notices(ui, made);
        } else {
            ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
        }
        query_error_deinit(&error);
        filters_release(none);
    }
    buffer_deinit(&text);
    return ui->message.len == 0 || ui->message_style != STYLE_BAD;
}

static const struct prompt_kind whole_prompt = {
    .label = "Query",
    .hint = "filter outcome = \"failure\" | stats count(*) as n by ip | sort n desc",
    .accept = accept_whole,
    .complete = complete_filter,
    .is_query = true,
};

unsigned verb_whole_query(struct ui *ui, struct bytes text)
{
    ui_prompt(ui, &whole_prompt, &ui->filter_history, text);
    return REACT_REDRAW;
}

/* The filters as one query, to go on from. */
unsigned verb_filter_query(struct ui *ui, struct bytes argument)
{
    struct buffer text = {0};

    (void)argument;
    verb_add_query(ui, &text);
    if (ui_view(ui)->overlay)
        (void)ui_pop(ui);
    if (text.len)
        buffer_add_text(&text, " | ");
    verb_whole_query(ui, buffer_bytes(&text));
    buffer_deinit(&text);
    return REACT_REDRAW;
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
    struct buffer message = {0}, text = {0};
    bool ok = line.len == 0;

    *reactions = REACT_REDRAW;
    verb_add_query(ui, &text);
    if (!ok)
        ok = shelf_write(line, buffer_bytes(&text), &message);
    buffer_deinit(&text);
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
    struct buffer text = {0};

    (void)argument;
    verb_add_query(ui, &text);
    if (text.len)
        ui_prompt(ui, &name_prompt, NULL, bytes_of(""));
    else
        ui_say(ui, STYLE_WARN, "There is no query and no filter to keep.");
    buffer_deinit(&text);
    return REACT_REDRAW;
}
