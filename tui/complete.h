/* Completion of filters: field names, and the values a field has. */
#ifndef TUI_COMPLETE_H
#define TUI_COMPLETE_H

#include "tui/prompt.h"

void complete_filter(struct ui *ui, struct bytes line, size_t from, struct candidates *out);

#endif
