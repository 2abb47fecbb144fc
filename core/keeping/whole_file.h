/* Small files of the user's own, read and written whole: configuration, case files.
 *
 * Never used on evidence. */
#ifndef CORE_KEEPING_WHOLE_FILE_H
#define CORE_KEEPING_WHOLE_FILE_H

#include "core/base/bytes.h"

/* Appends the content. NULL, or what is wrong (static, or of strerror(3)); errno is ENOENT when
 * there is no such file. What is no plain file could keep the program waiting, or never end,
 * and is refused; so is a file of more than `max_bytes`. */
const char *whole_file_read(const char *path, size_t max_bytes, struct buffer *out);

/* The text under another name beside the file, mode 0600, then in its place: at any moment the
 * old or the new content is there. NULL, or what is wrong. */
const char *whole_file_write(const char *path, struct bytes text);

#endif
