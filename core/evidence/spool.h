/* Bytes in anonymous memory files, so that they can be read like any file.
 *
 * Nothing of them ever stands on a disk under a name. Threads: any; a descriptor belongs to
 * whoever writes to it. */
#ifndef CORE_EVIDENCE_SPOOL_H
#define CORE_EVIDENCE_SPOOL_H

#include "core/base/bytes.h"

/* An empty memory file; the caller closes it. -1 with errno on failure. */
int spool_new(void);

/* All of it at the end of what was written. False with errno on failure. */
bool spool_write(int fd, const void *data, size_t len);

/* All of [offset, offset + len), or false. */
bool spool_read_at(int fd, uint64_t offset, void *out, size_t len);

/* Copies [offset, offset + len) of `from`; `crc` goes on over it as gzip counts it. To -1 it
 * only counts. */
bool spool_copy(int to, int from, uint64_t offset, uint64_t len, uint32_t *crc);

/* Copies the stream `from` to its end, but no more than `limit_bytes`; `*more` when there was
 * more. */
bool spool_stream(int to, int from, uint64_t limit_bytes, bool *more);

/* How the unpacking of raw deflate ended. */
struct spool_inflated {
    bool ended;          /* its final block did */
    uint64_t used_bytes; /* of the packed ones */
    uint64_t bytes;      /* unpacked, the decodable ones before damage */
    uint32_t crc;
    const char *why; /* it did not end; static */
};

/* Unpacks the deflate data in [offset, offset + len) of `from` to `to`, or only measures it
 * when that is -1. Ends early once there are more than `max_bytes`. False with errno when
 * writing fails. */
bool spool_inflate(int to, int from, uint64_t offset, uint64_t len, uint64_t max_bytes,
                   struct spool_inflated *out);

#endif
