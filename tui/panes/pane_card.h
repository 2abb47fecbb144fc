/* The card of one value: when it was seen, how its events ended, and which other users,
 * addresses, clients, agents and pools it met; each line opens its events. */
#ifndef TUI_PANES_PANE_CARD_H
#define TUI_PANES_PANE_CARD_H

#include "tui/view.h"

struct view *card_new(struct ui *ui, enum field_id field, struct bytes text);

#endif
