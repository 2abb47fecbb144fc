/* Reading the corpora beside the checkout. */
#ifndef TESTS_UNIT_CORPUS_H
#define TESTS_UNIT_CORPUS_H

#include <stdio.h>

#include "core/base/bytes.h"

/* The content of COGTRAIL_SHARED/path; the caller frees it. False, with a notice, when the
 * corpora are not there. */
static inline bool corpus_read(const char *path, struct buffer *out)
{
    char full[4096];
    FILE *file;
    size_t got;

    (void)snprintf(full, sizeof full, "%s/%s", COGTRAIL_SHARED, path);
    file = fopen(full, "rb");
    if (!file) {
        printf("%s is not there: skipped\n", full);
        return false;
    }
    do {
        char *room = buffer_room(out, 65536);

        got = fread(room, 1, 65536, file);
        out->len += got;
    } while (got > 0);
    fclose(file);
    return true;
}

/* Takes the next line off `rest`, without its newline; false at the end. */
static inline bool corpus_line(struct bytes *rest, struct bytes *line)
{
    const char *newline;

    if (rest->len == 0)
        return false;
    newline = memchr(rest->ptr, '\n', rest->len);
    *line = bytes_slice(*rest, 0, newline ? (size_t)(newline - rest->ptr) : rest->len);
    *rest = bytes_slice(*rest, line->len + 1, rest->len);
    return true;
}

#endif
