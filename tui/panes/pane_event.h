/* One event: a plain sentence, then the record as a tree that folds, with the unified fields
 * that each value gave and how many events share it. */
#ifndef TUI_PANES_PANE_EVENT_H
#define TUI_PANES_PANE_EVENT_H

#include "tui/view.h"

/* `list` is the event list that it was opened from (for next and previous; may be NULL and is
 * below it on the stack). The caret starts on the row that gave `field` (may be NULL). */
struct view *event_new(struct ui *ui, struct filters *filters, struct view *list, row_id row,
                       const enum field_id *field);

#endif
