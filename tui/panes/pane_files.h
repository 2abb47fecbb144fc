/* The ledger on screen: every file, or those with problems, and what became of it. */
#ifndef TUI_PANES_PANE_FILES_H
#define TUI_PANES_PANE_FILES_H

#include "tui/view.h"

enum files_kind { FILES_ALL, FILES_WITH_PROBLEMS };

struct view *files_new(struct ui *ui, struct filters *filters, enum files_kind kind);

#endif
