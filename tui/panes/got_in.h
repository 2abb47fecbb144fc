/* Who got in, from a list of events: the accounts with sign-ins that worked where it had
 * failed. */
#ifndef TUI_PANES_GOT_IN_H
#define TUI_PANES_GOT_IN_H

#include "core/asking/scan.h"

#include "tui/ui.h"

/* Opens the accounts, counted; says so when there is none. */
unsigned got_in(struct ui *ui, const struct selection *s);

#endif
