/* The runbook: built-in queries with what they find and miss, their better twins, and the
 * user's own. */
#ifndef TUI_PANES_PANE_RUNBOOK_H
#define TUI_PANES_PANE_RUNBOOK_H

#include "tui/view.h"

struct view *runbook_new(struct ui *ui, struct filters *filters);

#endif
