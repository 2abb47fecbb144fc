/* ZIP and tar archives in memory, in all the ways in which writers make them. */
#ifndef TESTS_DATA_HOLDER_H
#define TESTS_DATA_HOLDER_H

#include "core/base/bytes.h"

enum { HOLDER_STORED = 0, HOLDER_DEFLATED = 8 };

/* How an entry is written. */
enum {
    HOLDER_ENCRYPTED = 1,
    HOLDER_STREAMED = 2, /* its sizes stand behind its data */
    HOLDER_BARE = 4,     /* … without a signature */
    HOLDER_WIDE = 8,     /* with sizes of 64 bits */
};

/* An archive in the making. */
struct holder {
    struct buffer out, directory;
    uint64_t n;
};

void holder_deinit(struct holder *h);
void holder_zip_add(struct holder *h, const char *name, struct bytes text, unsigned method,
                    unsigned how);

/* The directory; `wide`: in the ZIP64 form. */
void holder_zip_end(struct holder *h, bool wide);

void holder_tar_add(struct holder *h, const char *name, struct bytes text, char type);
void holder_tar_end(struct holder *h);

/* Appends `text` as a gzip member, or (raw) as deflate data alone. */
void holder_deflate(struct buffer *out, struct bytes text, bool raw);

#endif
