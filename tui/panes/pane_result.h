/* The result of a whole query: a table that sorts, scrolls sideways and opens the events behind
 * each row. */
#ifndef TUI_PANES_PANE_RESULT_H
#define TUI_PANES_PANE_RESULT_H

#include "tui/view.h"

/* Runs `query` (taken over) on the events that `filters` leave. */
struct view *result_new(struct ui *ui, struct filters *filters, struct query *query);

/* The query as text in the language's own words; the view's. */
struct bytes result_text(const struct view *v);
bool result_is(const struct view *v);

#endif
