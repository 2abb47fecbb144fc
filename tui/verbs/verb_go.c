/* Verbs that move between views and act on the program. */
#include <signal.h>

#include "tui/panes/pane_coverage.h"
#include "tui/panes/pane_files.h"
#include "tui/panes/pane_help.h"
#include "tui/panes/pane_verify.h"
#include "tui/verbs/verb.h"

unsigned verb_open(struct ui *ui, struct bytes argument)
{
    struct view *v = ui_view(ui);

    (void)argument;
    return v->ops->open ? v->ops->open(v) : REACT_NONE;
}

unsigned verb_back(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (ui_pop(ui)) {
        ui->quit_asked = false;
        return REACT_REDRAW;
    }
    if (ui->quit_asked)
        return REACT_QUIT;
    ui->quit_asked = true;
    ui_say(ui, STYLE_PLAIN, "This is the first view: the same key again quits.");
    return REACT_REDRAW;
}

unsigned verb_forward(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (!ui_forward(ui))
        ui_say(ui, STYLE_PLAIN, "There is nothing to go forward to.");
    return REACT_REDRAW;
}

unsigned verb_breadcrumb(struct ui *ui, struct bytes argument)
{
    uint64_t step;

    if (!bytes_to_u64(argument, &step) || step < 1 || step > ui->depth) {
        ui_say(ui, STYLE_PLAIN, "The first line has %zu steps.", ui->depth);
        return REACT_REDRAW;
    }
    while (ui->depth > step)
        (void)ui_pop(ui);
    return REACT_REDRAW;
}

unsigned verb_escape(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (ui_view(ui)->overlay || help_is(ui_view(ui)))
        (void)ui_pop(ui);
    else if (view_stop(ui_view(ui)))
        ui_say(ui, STYLE_WARN, "The search stops; what was found stays.");
    return REACT_REDRAW;
}

unsigned verb_files(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return ui_push(ui, files_new(ui, view_filters(ui_view(ui)), FILES_ALL));
}

unsigned verb_problems(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return ui_push(ui, files_new(ui, view_filters(ui_view(ui)), FILES_WITH_PROBLEMS));
}

unsigned verb_coverage(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return ui_push(ui, coverage_view_new(ui, view_filters(ui_view(ui))));
}

unsigned verb_verify(struct ui *ui, struct bytes argument)
{
    const enum field_id file = FIELD_FILE;
    struct view *v = ui_view(ui);
    struct pick pick = {0};

    (void)argument;
    /* From a file, or from one event, to what is said of that file; from lists of events to
     * what was found at all. */
    if ((v->ops->context != CONTEXT_FILES && v->ops->context != CONTEXT_PROBLEMS &&
         v->ops->context != CONTEXT_TREE) ||
        !v->ops->value || !v->ops->value(v, &file, &pick))
        pick.text = (struct bytes){0};
    return ui_push(ui, verify_new(ui, view_filters(v), pick.text));
}

unsigned verb_quit(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (ui->quit_asked)
        return REACT_QUIT;
    ui->quit_asked = true;
    ui_say(ui, STYLE_PLAIN, "The same command again quits.");
    return REACT_REDRAW;
}

unsigned verb_quit_now(struct ui *ui, struct bytes argument)
{
    (void)ui;
    (void)argument;
    return REACT_QUIT;
}

unsigned verb_stop(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (view_stop(ui_view(ui))) {
        ui_say(ui, STYLE_WARN, "The search stops; what was found stays.");
    } else if (session_is_proving(ui->session) && ui_view(ui)->ops->context == CONTEXT_VERIFY) {
        session_stop_proof(ui->session);
        ui_say(ui, STYLE_WARN, "The verification stops: nothing will be concluded.");
    } else if (session_is_triaging(ui->session)) {
        session_stop_triage(ui->session);
        ui_say(ui, STYLE_WARN, "Weighing stops; the command findings (T) weighs again.");
    } else if (session_is_loading(ui->session) && !session_was_stopped(ui->session)) {
        session_stop_loading(ui->session);
        ui_say(ui, STYLE_WARN, "Reading stops; what was read stays. Counts are lower bounds.");
    } else {
        ui_say(ui, STYLE_PLAIN, "Nothing is being read. Q quits.");
    }
    return REACT_REDRAW;
}

unsigned verb_redraw(struct ui *ui, struct bytes argument)
{
    (void)argument;
    screen_redraw(ui->screen);
    return REACT_REDRAW;
}

unsigned verb_suspend(struct ui *ui, struct bytes argument)
{
    void (*before)(int);

    (void)argument;
    screen_leave(ui->screen);
    /* Where no shell is there to continue it, the kernel does not stop it. */
    before = signal(SIGTSTP, SIG_DFL);
    (void)raise(SIGTSTP);
    (void)signal(SIGTSTP, before);
    screen_enter(ui->screen);
    return REACT_REDRAW;
}

unsigned verb_zone(struct ui *ui, struct bytes argument)
{
    (void)argument;
    ui->local_time = !ui->local_time;
    return REACT_REDRAW;
}

/* One key for who shares the screen; by name for any level. */
unsigned verb_mask(struct ui *ui, struct bytes argument)
{
    enum mask_level level = ui->mask.level == MASK_PERSONS ? MASK_SECRETS : MASK_PERSONS;

    if (argument.len && !mask_level_find(argument, &level)) {
        ui_say(ui, STYLE_WARN, "mask takes none, secrets or persons.");
        return REACT_REDRAW;
    }
    ui->mask.level = level;
    ui->mask_changes++;
    ui_say(ui, STYLE_PLAIN, "Mask %s: %s.", mask_level_name(level), mask_level_meaning(level));
    return REACT_REDRAW;
}

/* The list is the case's; it holds where persons are hidden. */
unsigned verb_hide(struct ui *ui, struct bytes argument)
{
    bool added;

    if (argument.len == 0)
        return verb_palette(ui, bytes_of("hide "));
    if (argument.len < MASK_WORD_MIN) {
        ui_say(ui, STYLE_WARN, "A word to hide has two characters or more.");
        return REACT_REDRAW;
    }
    added = casebook_turn_hidden(session_case(ui->session), argument);
    ui->mask_changes++;
    verb_save_case(ui, added ? "Hidden wherever persons are" : "Shown again");
    return REACT_REDRAW;
}

unsigned verb_preview(struct ui *ui, struct bytes argument)
{
    (void)argument;
    ui->preview = !ui->preview;
    if (ui->preview && ui->canvas.cols < 120)
        ui_say(ui, STYLE_PLAIN, "The preview needs a window of 120 columns.");
    return REACT_REDRAW;
}

unsigned verb_help(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (help_is(ui_view(ui)))
        (void)ui_pop(ui);
    else
        ui_push(ui, help_new(ui, view_filters(ui_view(ui)), ui_view(ui)->ops->context));
    return REACT_REDRAW;
}

unsigned verb_describe_key(struct ui *ui, struct bytes argument)
{
    (void)argument;
    ui->describe_key = true;
    keymap_matcher_reset(ui->matcher);
    ui_say(ui, STYLE_PLAIN, "Press a key to learn what it does.");
    return REACT_REDRAW;
}

void verb_describe(struct ui *ui, struct key key)
{
    enum context context = ui_view(ui)->ops->context;
    const struct binding *row;
    struct buffer text = {0};
    const struct key *keys;
    size_t n_keys;

    if (keymap_feed(ui->matcher, context, key, &row) != KEYMAP_PENDING)
        ui->describe_key = false;
    keys = keymap_matcher_keys(ui->matcher, &n_keys);
    keymap_describe(ui->keymap, context, keys, n_keys, &text);
    ui_say(ui, STYLE_PLAIN, "%.*s", (int)text.len, text.ptr);
    buffer_deinit(&text);
}
