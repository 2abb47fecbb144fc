/* The rules of triage and their limits: seen, switched and edited while they work. */
#ifndef TUI_PANES_PANE_RULES_H
#define TUI_PANES_PANE_RULES_H

#include "tui/view.h"

struct view *rules_view_new(struct ui *ui, struct filters *filters);

/* Sets limits from "NAME window=10m events=9 …", keeps them in the user's file and weighs anew.
 * Returns reactions. */
unsigned rules_set(struct ui *ui, struct bytes line);

#endif
