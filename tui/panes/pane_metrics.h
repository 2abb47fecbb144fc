/* Metrics of user pools derived from events, and the alarms replayed on them. */
#ifndef TUI_PANES_PANE_METRICS_H
#define TUI_PANES_PANE_METRICS_H

#include "tui/view.h"

/* All series with their totals, under the alarms. */
struct view *metrics_new_view(struct ui *ui, struct filters *filters);

#endif
