/* The column chooser over the event list. */
#ifndef TUI_PANES_PANE_COLUMNS_H
#define TUI_PANES_PANE_COLUMNS_H

#include "tui/panes/column.h"

/* `set` is the event list's and outlives the chooser. */
struct view *columns_chooser_new(struct ui *ui, struct filters *filters,
                                 struct column_set *set);

#endif
