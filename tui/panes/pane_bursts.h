/* Bins of time with the worst first: when it happened, and by whom. */
#ifndef TUI_PANES_PANE_BURSTS_H
#define TUI_PANES_PANE_BURSTS_H

#include "tui/view.h"

struct view *bursts_view_new(struct ui *ui, struct filters *filters);

#endif
