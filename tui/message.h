/* Messages on standard error, for runs without a screen. */
#ifndef TUI_MESSAGE_H
#define TUI_MESSAGE_H

#include "core/base/bytes.h"

/* Prints "cogtrail: " and the text on one line of plain ASCII; what else stands in it, as in
 * names and queries, shows as escapes. */
void message_print(struct bytes text);

#endif
