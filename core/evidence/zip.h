/* ZIP archives: their directory, and each entry as a file of its own.
 *
 * An entry that is deflated is handed out as the gzip member it could be, so that damage,
 * checksums, limits and random access are the same as for any gzip file; one that is stored as
 * it stands. Not read: ZIP64, encryption, other methods of compression, split archives.
 * Source: APPNOTE.TXT 6.3.10, 4.3 and 4.4.
 * Threads: any; descriptors are only read. */
#ifndef CORE_EVIDENCE_ZIP_H
#define CORE_EVIDENCE_ZIP_H

#include "core/base/err.h"

enum {
    ZIP_HEAD_BYTES = 4,
    ZIP_DIRECTORY_MAX_BYTES = 64 * 1024 * 1024,
    ZIP_ENTRY_MAX_BYTES = 1 << 30, /* packed */
};

struct zip_entry {
    uint64_t offset; /* of its header in the archive */
    uint64_t packed_bytes, bytes;
    uint32_t crc;
    uint16_t method, flags;
};

/* Whether a file of this size that begins with `head` (ZIP_HEAD_BYTES) is one. */
bool zip_is(struct bytes head);

/* The directory of an archive, read whole. */
struct zip {
    struct buffer directory;
    uint64_t size_bytes; /* of the archive */
    size_t at, left;     /* the next entry, and how many there are to be from it on */
};

/* Errors: ERR_ZIP, and what is wrong in `why` (static). Free with zip_deinit() in any case. */
MUST_CHECK enum err zip_open(int fd, uint64_t size_bytes, struct zip *out, const char **why);
void zip_deinit(struct zip *z);

/* The next entry and its name, which borrows from `z`. ERR_NOT_FOUND behind the last one. */
MUST_CHECK enum err zip_next(struct zip *z, struct zip_entry *out, struct bytes *name,
                             const char **why);

/* NULL, or why the entry is not read; static. */
const char *zip_refusal(const struct zip_entry *e);

/* An anonymous file with the entry's content, gzipped or plain; the caller closes it. -1 and
 * `why` (static) on failure. `sound` tells whether stored content has its checksum. */
int zip_extract(int fd, const struct zip_entry *e, bool *sound, const char **why);

#endif
