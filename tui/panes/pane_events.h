/* The event list: rows in time order under a strip of time bins. */
#ifndef TUI_PANES_PANE_EVENTS_H
#define TUI_PANES_PANE_EVENTS_H

#include "tui/view.h"

struct view *events_new(struct ui *ui, struct filters *filters);

/* Opens a new event list with `base` (may be NULL) and this condition; why not, if not, is the
 * message. Returns reactions. */
unsigned events_with(struct ui *ui, const struct filters *base, struct bytes text);

/* Opens a new event list of exactly these rows; `label` stands for them in the list of filters.
 * Returns reactions. */
unsigned events_of(struct ui *ui, struct bytes label, const row_id *rows, size_t n_rows);

/* The row under the caret. False when the list is empty. */
bool events_row(const struct view *v, row_id *row);

/* True when the view is an event list. */
bool events_is(const struct view *v);

#endif
