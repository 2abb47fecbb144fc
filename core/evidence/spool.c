#include "core/evidence/spool.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/evidence/inflate.h"

enum { PIECE_BYTES = 256 * 1024 };

int spool_new(void)
{
    return memfd_create("cogtrail", MFD_CLOEXEC);
}

bool spool_write(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return true;
}

bool spool_read_at(int fd, uint64_t offset, void *out, size_t len)
{
    char *at = out;

    while (len > 0) {
        ssize_t got = pread(fd, at, len, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

bool spool_copy(int to, int from, uint64_t offset, uint64_t len, uint32_t *crc)
{
    char *piece = mem_resize(NULL, PIECE_BYTES, 1);
    bool fine = true;

    while (fine && len > 0) {
        size_t n = len < PIECE_BYTES ? (size_t)len : PIECE_BYTES;

        fine = spool_read_at(from, offset, piece, n) && spool_write(to, piece, n);
        if (fine)
            *crc = inflate_crc(*crc, piece, n);
        offset += n;
        len -= n;
    }
    mem_free(piece);
    return fine;
}

bool spool_stream(int to, int from, uint64_t limit_bytes, bool *more)
{
    char *piece = mem_resize(NULL, PIECE_BYTES, 1);
    uint64_t done = 0;
    bool fine = true;
    ssize_t n = 1;

    *more = false;
    while (fine && n != 0) {
        n = read(from, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        fine = n >= 0;
        if (n > 0 && (uint64_t)n > limit_bytes - done) {
            n = (ssize_t)(limit_bytes - done);
            *more = true;
        }
        if (n > 0)
            fine = spool_write(to, piece, (size_t)n);
        if (n > 0 && fine)
            done += (uint64_t)n;
        if (*more)
            break;
    }
    mem_free(piece);
    return fine;
}
