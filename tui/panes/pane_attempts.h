/* Sign-ins instead of events: one row per attempt with its verdict, under the same filters. */
#ifndef TUI_PANES_PANE_ATTEMPTS_H
#define TUI_PANES_PANE_ATTEMPTS_H

#include "tui/view.h"

struct view *attempts_view_new(struct ui *ui, struct filters *filters);

#endif
