/* Verbs of whole queries: running, the runbook, keeping one. */
#include "tui/pane_result.h"
#include "tui/pane_runbook.h"
#include "tui/shelf.h"
#include "tui/verb.h"

/* A query that makes a table runs on what the filters of the view leave: they become its first
 * commands, so that what is shown is the whole query. */
bool verb_run_query(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct query_options options = session_query_options(ui->session);
    const struct filters *f = view_filters(ui_view(ui));
    struct query_error error = {0};
    struct buffer text = {0};
    struct query *query = NULL;
    bool ok;

    if (query_parse(line, &options, &query, &error) == ERR_OK && !query_is_filter(query)) {
        for (size_t i = 0; i < filters_count(f); i++) {
            if (!filters_enabled(f, i))
                continue;
            buffer_add(&text, query_text(filters_query(f, i)));
            buffer_add_text(&text, " | ");
        }
        buffer_add(&text, query_text(query));
        query_free(query);
        query = NULL;
    }
    ok = text.len > 0;
    if (ok && query_parse(buffer_bytes(&text), &options, &query, &error) == ERR_OK)
        *reactions = ui_push(ui, result_new(ui, view_filters(ui_view(ui)), query));
    else if (ok)
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
    else
        query_free(query);
    query_error_deinit(&error);
    buffer_deinit(&text);
    return ok;
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
