/* Verbs: what commands do. One function per command; the table in verb.c joins them. */
#ifndef TUI_VERBS_VERB_H
#define TUI_VERBS_VERB_H

#include "tui/ui.h"

typedef unsigned verb_function(struct ui *ui, struct bytes argument);

/* Runs the verb of a command; returns reactions. Commands that only some views have say so
 * elsewhere. */
verb_function *verb_get(enum command_id id);
unsigned verb_run(struct ui *ui, enum command_id id, struct bytes argument);

/* Runs a command as if its key had been pressed: the view first, then its verb. */
unsigned verb_command(struct ui *ui, enum command_id id, struct bytes argument);

/* Keys that the prompt takes as text. */
enum context verb_prompt_context(const struct ui *ui);
unsigned verb_prompt_text(struct ui *ui, struct key key);
unsigned verb_prompt_paste(struct ui *ui, struct bytes text);

/* Says what a key does and ends the asking, unless the key only begins a sequence. */
void verb_describe(struct ui *ui, struct key key);

/* verb_move.c */
verb_function verb_row_next, verb_row_previous, verb_page_down, verb_page_up, verb_half_down,
    verb_half_up, verb_row_first, verb_row_last, verb_search, verb_search_next,
    verb_search_previous;

/* verb_go.c */
verb_function verb_open, verb_back, verb_forward, verb_breadcrumb, verb_escape, verb_files,
    verb_verify, verb_coverage, verb_problems, verb_quit, verb_quit_now, verb_stop, verb_redraw,
    verb_suspend, verb_zone, verb_mask, verb_hide, verb_help, verb_describe_key, verb_preview;

/* Adds a condition: to the view where that changes what it shows, else in a new event list. */
unsigned verb_filter_view(struct ui *ui, struct bytes text);

/* Takes a line as the filter prompt does: a condition, or a whole query. False when it was
 * refused; the reason is the message. */
bool verb_take_filter(struct ui *ui, struct bytes line, unsigned *reactions);

/* Opens the prompt on a whole query, which stands for itself: the filters of the view are in it
 * or were left out on purpose. */
unsigned verb_whole_query(struct ui *ui, struct bytes text);

/* Appends what the view shows as one query: that of a result, else its filters. */
void verb_add_query(struct ui *ui, struct buffer *out);

/* Asks for the value of the first placeholder of a query and takes the whole then, one
 * placeholder after the other. False when there is none. */
bool verb_ask_placeholder(struct ui *ui, struct bytes text);

/* Runs the line when it is a query that makes a table; false when it is none. */
bool verb_run_query(struct ui *ui, struct bytes line, unsigned *reactions);

/* verb_triage.c */
verb_function verb_findings, verb_attempts, verb_limit;

/* verb_query.c */
verb_function verb_filter_query, verb_runbook, verb_indicators, verb_subnets, verb_around,
    verb_save_query;

/* verb_filter.c */
verb_function verb_keep, verb_drop, verb_keep_unknown, verb_filter_prompt, verb_filter_list,
    verb_filter_clear, verb_undo, verb_redo, verb_duplicates, verb_time_unzoom;

/* verb_value.c */
verb_function verb_pivot, verb_bursts, verb_metrics, verb_others, verb_card, verb_copy_value,
    verb_copy_path, verb_copy, verb_unmark_all;

/* verb_prompt.c */
verb_function verb_palette, verb_prompt_accept, verb_prompt_cancel, verb_prompt_complete,
    verb_prompt_translate, verb_prompt_history_previous, verb_prompt_history_next,
    verb_prompt_left, verb_prompt_right, verb_prompt_home, verb_prompt_end,
    verb_prompt_word_left, verb_prompt_word_right, verb_prompt_backspace, verb_prompt_delete,
    verb_prompt_kill_word, verb_prompt_kill_line, verb_prompt_kill_to_end;

/* The field that an argument names, else the one under the caret. False after saying why. */
bool verb_field(struct ui *ui, struct bytes argument, enum field_id *out);

/* Saves the case after a change and says so: `said` is what was done ("Noted"). */
void verb_save_case(struct ui *ui, const char *said);

#endif
