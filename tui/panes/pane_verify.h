/* What a verification found: what can be said, then file by file, faults first. */
#ifndef TUI_PANES_PANE_VERIFY_H
#define TUI_PANES_PANE_VERIFY_H

#include "tui/view.h"

/* Starts a verification unless one ran or runs. With `path` (may be empty) the caret goes to
 * that file once it is there. */
struct view *verify_new(struct ui *ui, struct filters *filters, struct bytes path);

#endif
