/* The user's own files below $XDG_CONFIG_HOME/cogtrail, or ~/.config/cogtrail. */
#ifndef TUI_USER_FILE_H
#define TUI_USER_FILE_H

#include "core/base/bytes.h"

/* Of key files and configuration. */
enum { USER_FILE_MAX_BYTES = 256 << 10 };

/* Appends the path of NAME; false without a folder to put it in. */
bool user_file_path(const char *name, struct buffer *out);

/* userfile_write() that makes the folders above, private to the user. */
const char *user_file_write(const char *path, struct bytes text, bool may_replace);

#endif
