/* What the evidence covers: formats, accounts, hours without files, what such logs lack. */
#ifndef TUI_PANES_PANE_COVERAGE_H
#define TUI_PANES_PANE_COVERAGE_H

#include "tui/view.h"

struct view *coverage_view_new(struct ui *ui, struct filters *filters);

#endif
