/* The values of one field (or of two together) and how often each stands in the events. */
#ifndef TUI_PANES_PANE_PIVOT_H
#define TUI_PANES_PANE_PIVOT_H

#include "tui/view.h"

struct view *pivot_new(struct ui *ui, struct filters *filters, enum field_id field);

/* Appends the condition of the row under the caret, over all its fields. False when there is no
 * row. */
bool pivot_row_term(struct view *v, struct buffer *out);

/* The view's filters and the row under the caret; the caller's. NULL when there is no row. */
struct filters *pivot_row_filters(struct view *v);

#endif
