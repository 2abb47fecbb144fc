/* A temporary folder with files for one test, gone afterwards. */
#ifndef TESTS_SCREENS_FOLDER_H
#define TESTS_SCREENS_FOLDER_H

#include "core/base/bytes.h"

/* Makes the folder and writes its path to `path`, a buffer of its own. */
void folder_make(struct buffer *path);

/* Writes a file below it; folders on the way are made. */
void folder_write(const struct buffer *path, const char *name, struct bytes content);

/* The file once more under another name. */
void folder_link(const struct buffer *path, const char *from, const char *to);

/* Removes it with all that is in it, and frees the path. */
void folder_remove(struct buffer *path);

/* Appends the JSON text of a string, everything but plain ASCII as \u escapes. */
void json_add_text(struct buffer *out, struct bytes text);

#endif
