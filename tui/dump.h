/* The program's tables as text: for the manual (mdoc), completions and scripts. */
#ifndef TUI_DUMP_H
#define TUI_DUMP_H

#include "core/base/bytes.h"

/* Appends the table `what` ("fields", "commands", "options", "keys=NAME", each with "mdoc:"
 * before it for manual source). False when there is none of that name. */
bool dump_write(const char *what, struct buffer *out);

/* The names, for messages; static. */
const char *dump_names(void);

#endif
