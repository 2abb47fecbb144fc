/* Small files of the user's own, read and written whole: lists, queries, keys, configuration,
 * cases. Never evidence. */
#ifndef CORE_BASE_USERFILE_H
#define CORE_BASE_USERFILE_H

#include "core/base/bytes.h"

/* Appends the text of a plain file of at most `max_bytes`, relative to the open folder
 * (AT_FDCWD: where the program runs). NULL, or what is wrong with it in words that complete
 * "FILE …"; errno is then that of the system, or 0 when the system is content. What is no plain
 * file is refused, as it could keep the program waiting, or never end. */
const char *userfile_read(int folder_fd, const char *path, size_t max_bytes,
                          struct buffer *out);

/* Writes the text beside `path`, mode 0600, and then puts it in its place: at any moment the old
 * or the new content is there. What is there already is replaced only if `may_replace`, and
 * else kept, with errno EEXIST. NULL, or what is wrong. */
const char *userfile_write(const char *path, struct bytes text, bool may_replace);

#endif
