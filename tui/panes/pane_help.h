/* Help: the keys that work in a view, from the loaded keymap; searchable. */
#ifndef TUI_PANES_PANE_HELP_H
#define TUI_PANES_PANE_HELP_H

#include "tui/view.h"

struct view *help_new(struct ui *ui, struct filters *filters, enum context about);
bool help_is(const struct view *v);

#endif
