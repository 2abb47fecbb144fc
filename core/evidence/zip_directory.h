/* The directory at the end of a ZIP archive, read as far as it is sound.
 *
 * Source: APPNOTE.TXT 6.3.10, 4.3.12 to 4.5.3 (ZIP64 among them).
 * Threads: any; descriptors are only read. */
#ifndef CORE_EVIDENCE_ZIP_DIRECTORY_H
#define CORE_EVIDENCE_ZIP_DIRECTORY_H

#include "core/base/bytes.h"

enum {
    ZIP_HEADER_BYTES = 30,  /* before an entry's data, without name and extra field */
    ZIP_CENTRAL_BYTES = 46, /* the same in the directory */
    ZIP_END_BYTES = 22,     /* of the record at the end, without its comment */
    ZIP_DIRECTORY_MAX_BYTES = 256 * 1024 * 1024,
};

/* What a header, here or there, says of an entry. */
struct zip_entry {
    uint64_t header; /* where its header stands in the archive */
    uint64_t packed_bytes, bytes;
    uint32_t crc;
    uint16_t flags, method;
    struct bytes name; /* whoever holds the header owns it */
};

struct zip_directory {
    struct buffer text;
    struct zip_entry *entries; /* by where they stand */
    size_t n, cap;
    uint64_t offset,
        end;           /* of what was understood of it; both the archive's size for nothing */
    const char *fault; /* why it was not read to its end, or NULL; static */
};

/* True when a file ends as an archive does, whatever it begins with. */
bool zip_directory_ends(int fd, uint64_t size_bytes);

/* Free with zip_directory_deinit(). */
void zip_directory_read(int fd, uint64_t size_bytes, struct zip_directory *out);
void zip_directory_deinit(struct zip_directory *d);

/* Little-endian, of 1 to 8 bytes. */
uint64_t zip_number(const char *p, unsigned bytes);

/* Takes the sizes of more than 4 GiB that `extra` gives for those that are all ones. */
void zip_widen(struct zip_entry *e, struct bytes extra);

#endif
