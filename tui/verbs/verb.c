#include "tui/verbs/verb.h"

/* For commands that views run themselves: here they have no meaning. */
static unsigned verb_elsewhere(struct ui *ui, struct bytes argument)
{
    (void)argument;
    ui_say(ui, STYLE_WARN, "That does nothing in the %s.", ui_view(ui)->ops->name);
    return REACT_REDRAW;
}

static verb_function *const verbs[COMMAND_COUNT] = {
    [COMMAND_ROW_NEXT] = verb_row_next,
    [COMMAND_ROW_PREVIOUS] = verb_row_previous,
    [COMMAND_PAGE_DOWN] = verb_page_down,
    [COMMAND_PAGE_UP] = verb_page_up,
    [COMMAND_HALF_DOWN] = verb_half_down,
    [COMMAND_HALF_UP] = verb_half_up,
    [COMMAND_ROW_FIRST] = verb_row_first,
    [COMMAND_ROW_LAST] = verb_row_last,
    [COMMAND_GAP_NEXT] = verb_elsewhere,
    [COMMAND_GAP_PREVIOUS] = verb_elsewhere,
    [COMMAND_BIN_NEXT] = verb_elsewhere,
    [COMMAND_BIN_PREVIOUS] = verb_elsewhere,
    [COMMAND_PANE_NEXT] = verb_elsewhere,
    [COMMAND_COLUMN_NEXT] = verb_elsewhere,
    [COMMAND_COLUMN_PREVIOUS] = verb_elsewhere,
    [COMMAND_OPEN] = verb_open,
    [COMMAND_BACK] = verb_back,
    [COMMAND_FORWARD] = verb_forward,
    [COMMAND_BREADCRUMB] = verb_breadcrumb,
    [COMMAND_ESCAPE] = verb_escape,
    [COMMAND_FILES] = verb_files,
    [COMMAND_PROBLEMS] = verb_problems,
    [COMMAND_VERIFY] = verb_verify,
    [COMMAND_COVERAGE] = verb_coverage,
    [COMMAND_KEEP] = verb_keep,
    [COMMAND_DROP] = verb_drop,
    [COMMAND_KEEP_UNKNOWN] = verb_keep_unknown,
    [COMMAND_FILTER_PROMPT] = verb_filter_prompt,
    [COMMAND_FILTER_QUERY] = verb_filter_query,
    [COMMAND_FILTER_LIST] = verb_filter_list,
    [COMMAND_FILTER_CLEAR] = verb_filter_clear,
    [COMMAND_UNDO] = verb_undo,
    [COMMAND_REDO] = verb_redo,
    [COMMAND_DUPLICATES] = verb_duplicates,
    [COMMAND_ENTRY_TOGGLE] = verb_elsewhere,
    [COMMAND_ENTRY_EDIT] = verb_elsewhere,
    [COMMAND_ENTRY_DELETE] = verb_elsewhere,
    [COMMAND_RUNBOOK] = verb_runbook,
    [COMMAND_SAVE_QUERY] = verb_save_query,
    [COMMAND_PIVOT] = verb_pivot,
    [COMMAND_PIVOT_ADD] = verb_elsewhere,
    [COMMAND_BURSTS] = verb_bursts,
    [COMMAND_METRICS] = verb_metrics,
    [COMMAND_ALARM] = verb_elsewhere,
    [COMMAND_FINDINGS] = verb_findings,
    [COMMAND_ATTEMPTS] = verb_attempts,
    [COMMAND_STATE] = verb_elsewhere,
    [COMMAND_NOTE] = verb_elsewhere,
    [COMMAND_TAG] = verb_elsewhere,
    [COMMAND_EVIDENCE] = verb_elsewhere,
    [COMMAND_GOT_IN] = verb_elsewhere,
    [COMMAND_LIMITS] = verb_elsewhere,
    [COMMAND_LIMIT] = verb_limit,
    [COMMAND_BIN_WIDER] = verb_elsewhere,
    [COMMAND_BIN_NARROWER] = verb_elsewhere,
    [COMMAND_BIN_SIZE] = verb_elsewhere,
    [COMMAND_INDICATORS] = verb_indicators,
    [COMMAND_SUBNETS] = verb_subnets,
    [COMMAND_OTHERS] = verb_others,
    [COMMAND_CARD] = verb_card,
    [COMMAND_TIME_ZOOM] = verb_elsewhere,
    [COMMAND_TIME_UNZOOM] = verb_time_unzoom,
    [COMMAND_AROUND] = verb_around,
    [COMMAND_MASK] = verb_mask,
    [COMMAND_HIDE] = verb_hide,
    [COMMAND_ZONE] = verb_zone,
    [COMMAND_SEARCH] = verb_search,
    [COMMAND_SEARCH_NEXT] = verb_search_next,
    [COMMAND_SEARCH_PREVIOUS] = verb_search_previous,
    [COMMAND_SORT] = verb_elsewhere,
    [COMMAND_SORT_REVERSE] = verb_elsewhere,
    [COMMAND_COLUMNS] = verb_elsewhere,
    [COMMAND_PREVIEW] = verb_preview,
    [COMMAND_COPY_VALUE] = verb_copy_value,
    [COMMAND_COPY_PATH] = verb_copy_path,
    [COMMAND_COPY] = verb_copy,
    [COMMAND_MARK] = verb_elsewhere,
    [COMMAND_MARK_ALL] = verb_elsewhere,
    [COMMAND_UNMARK_ALL] = verb_unmark_all,
    [COMMAND_MARK_NEXT] = verb_elsewhere,
    [COMMAND_EVENT_NEXT] = verb_elsewhere,
    [COMMAND_EVENT_PREVIOUS] = verb_elsewhere,
    [COMMAND_RAW] = verb_elsewhere,
    [COMMAND_FOLD] = verb_elsewhere,
    [COMMAND_UNFOLD] = verb_elsewhere,
    [COMMAND_FOLD_ALL] = verb_elsewhere,
    [COMMAND_UNFOLD_ALL] = verb_elsewhere,
    [COMMAND_HELP] = verb_help,
    [COMMAND_DESCRIBE_KEY] = verb_describe_key,
    [COMMAND_PALETTE] = verb_palette,
    [COMMAND_STOP] = verb_stop,
    [COMMAND_REDRAW] = verb_redraw,
    [COMMAND_SUSPEND] = verb_suspend,
    [COMMAND_QUIT] = verb_quit,
    [COMMAND_QUIT_NOW] = verb_quit_now,
    [COMMAND_PROMPT_ACCEPT] = verb_prompt_accept,
    [COMMAND_PROMPT_CANCEL] = verb_prompt_cancel,
    [COMMAND_PROMPT_COMPLETE] = verb_prompt_complete,
    [COMMAND_PROMPT_TRANSLATE] = verb_prompt_translate,
    [COMMAND_PROMPT_HISTORY_PREVIOUS] = verb_prompt_history_previous,
    [COMMAND_PROMPT_HISTORY_NEXT] = verb_prompt_history_next,
    [COMMAND_PROMPT_LEFT] = verb_prompt_left,
    [COMMAND_PROMPT_RIGHT] = verb_prompt_right,
    [COMMAND_PROMPT_HOME] = verb_prompt_home,
    [COMMAND_PROMPT_END] = verb_prompt_end,
    [COMMAND_PROMPT_WORD_LEFT] = verb_prompt_word_left,
    [COMMAND_PROMPT_WORD_RIGHT] = verb_prompt_word_right,
    [COMMAND_PROMPT_BACKSPACE] = verb_prompt_backspace,
    [COMMAND_PROMPT_DELETE] = verb_prompt_delete,
    [COMMAND_PROMPT_KILL_WORD] = verb_prompt_kill_word,
    [COMMAND_PROMPT_KILL_LINE] = verb_prompt_kill_line,
    [COMMAND_PROMPT_KILL_TO_END] = verb_prompt_kill_to_end,
};

verb_function *verb_get(enum command_id id)
{
    return id < COMMAND_COUNT ? verbs[id] : NULL;
}

unsigned verb_run(struct ui *ui, enum command_id id, struct bytes argument)
{
    verb_function *verb = verb_get(id);

    return verb ? verb(ui, argument) : REACT_NONE;
}

unsigned verb_command(struct ui *ui, enum command_id id, struct bytes argument)
{
    struct view *v = ui_view(ui);
    size_t count = v->ops->count(v);
    unsigned reactions = REACT_NONE;

    /* A result may have shrunk since the last draw, which alone moves the caret otherwise. */
    if (v->caret >= count)
        v->caret = count ? count - 1 : 0;

    if (!(v->ops->command && v->ops->command(v, id, argument, &reactions)))
        reactions = verb_run(ui, id, argument);
    ui_react(ui, reactions);
    return reactions;
}
