/* Beginning a verification: the sources of the session, and the keys that the user gave. */
#ifndef TUI_PROVE_H
#define TUI_PROVE_H

#include "core/owning/session.h"

#include "tui/option.h"

/* Starts it on the session's workers. False, with `message` appended, when a file of keys
 * cannot be used or a verification runs already. */
bool prove_begin(struct session *s, const struct options *o, struct buffer *message);

#endif
