/* Small files of the user's own: lists, queries, keys. Never evidence. */
#ifndef CORE_BASE_USERFILE_H
#define CORE_BASE_USERFILE_H

#include "core/base/bytes.h"

/* Appends the text of a plain file of at most `max_bytes`, relative to the open folder
 * (AT_FDCWD: where the program runs). NULL, or what is wrong with it in words that complete
 * "FILE …"; errno is then that of the system, or 0 when the system is content. What is no plain
 * file is refused, as it could keep the program waiting, or never end. */
const char *userfile_read(int folder_fd, const char *path, size_t max_bytes,
                          struct buffer *out);

#endif
