/* The triage queue: findings with the worst first, and why the one under the caret is there. */
#ifndef TUI_PANES_PANE_FINDINGS_H
#define TUI_PANES_PANE_FINDINGS_H

#include "tui/view.h"

struct view *findings_view_new(struct ui *ui, struct filters *filters);

#endif
