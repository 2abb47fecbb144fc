/* Verbs of triage: the queue of findings and the limits of its rules. */
#include "tui/panes/pane_attempts.h"
#include "tui/panes/pane_findings.h"
#include "tui/panes/pane_rules.h"
#include "tui/verbs/verb.h"

unsigned verb_findings(struct ui *ui, struct bytes argument)
{
    bool resumed = session_triage_was_stopped(ui->session);

    (void)argument;
    if (resumed)
        session_resume_triage(ui->session);
    if (ui_view(ui)->ops->context == CONTEXT_FINDINGS && resumed)
        return REACT_REDRAW;
    if (ui_view(ui)->ops->context == CONTEXT_FINDINGS) {
        ui_say(ui, STYLE_PLAIN, "These are the findings: Enter opens one, e shows the limits.");
        return REACT_REDRAW;
    }
    return ui_push(ui, findings_view_new(ui, view_filters(ui_view(ui))));
}

unsigned verb_attempts(struct ui *ui, struct bytes argument)
{
    bool resumed = session_triage_was_stopped(ui->session);

    (void)argument;
    if (resumed)
        session_resume_triage(ui->session);
    if (ui_view(ui)->ops->context == CONTEXT_ATTEMPTS && resumed)
        return REACT_REDRAW;
    if (ui_view(ui)->ops->context == CONTEXT_ATTEMPTS) {
        ui_say(ui, STYLE_PLAIN, "These are the sign-ins: Enter shows the events of one.");
        return REACT_REDRAW;
    }
    return ui_push(ui, attempts_view_new(ui, view_filters(ui_view(ui))));
}

unsigned verb_limit(struct ui *ui, struct bytes argument)
{
    if (argument.len == 0)
        return verb_palette(ui, bytes_of("limit "));
    return rules_set(ui, argument);
}

void verb_save_case(struct ui *ui, const char *said)
{
    struct casebook *c = session_case(ui->session);
    struct buffer message = {0};

    if (!casebook_save(c, &message))
        ui_say(ui, STYLE_BAD, "%.*s", (int)message.len, message.ptr);
    else if (!casebook_has_file(c))
        ui_say(ui, STYLE_WARN, "%s until the program ends: start with --case=FILE to keep it.",
               said);
    else
        ui_say(ui, STYLE_PLAIN, "%s and kept in the case file.", said);
    buffer_deinit(&message);
}
