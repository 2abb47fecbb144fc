/* A list of indicators line by line: how often each is met, and which are not. */
#ifndef TUI_PANES_PANE_HITS_H
#define TUI_PANES_PANE_HITS_H

#include "tui/view.h"

/* `filters` are those without the list, `field` is looked for in it; both are held. */
struct view *hits_new(struct ui *ui, struct filters *filters, enum field_id field,
                      struct indicators *list);

#endif
