/* Words of commands that are shown to be copied, and pasted into a shell. */
#ifndef TUI_SHELL_H
#define TUI_SHELL_H

#include "core/base/bytes.h"

/* Appends the text as one word for any shell: in single quotes unless it needs none. */
void shell_add_word(struct buffer *out, struct bytes text);

#endif
