/* The shipped key files, embedded at build (embed.cmake) from the files NAME.keys.
 * Threads: any; everything here is constant. */
#ifndef KEYMAPS_BUILTIN_H
#define KEYMAPS_BUILTIN_H

#include "core/base/bytes.h"

size_t builtin_count(void);

/* "default", "vim", … */
const char *builtin_name(size_t i);
bool builtin_find(struct bytes name, struct bytes *text);

#endif
