/* The event list: rows in time order under a strip of time bins. */
#ifndef TUI_PANE_EVENTS_H
#define TUI_PANE_EVENTS_H

#include "tui/view.h"

struct view *events_new(struct ui *ui, struct filters *filters);

/* The row under the caret. False when the list is empty. */
bool events_row(const struct view *v, row_id *row);

/* The next or previous event from the caret (direction 1 or -1); moves the caret. */
bool events_step(struct view *v, int direction, row_id *row);

/* True when the view is an event list. */
bool events_is(const struct view *v);

#endif
