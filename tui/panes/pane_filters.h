/* The filters of the view below as a list: switch, edit, delete. */
#ifndef TUI_PANES_PANE_FILTERS_H
#define TUI_PANES_PANE_FILTERS_H

#include "tui/view.h"

struct view *filter_list_new(struct ui *ui, struct view *below);

#endif
