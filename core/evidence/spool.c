#include "core/evidence/spool.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/evidence/inflate.h"
#include "core/evidence/intake.h"

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

        fine = spool_read_at(from, offset, piece, n) && (to < 0 || spool_write(to, piece, n));
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

/* A part of a file as a source. */
struct part {
    int fd;
    uint64_t start, at, end;
};

static size_t part_read(void *context, unsigned char *out, size_t cap)
{
    struct part *p = context;
    size_t len = p->end - p->at < cap ? (size_t)(p->end - p->at) : cap;

    if (!spool_read_at(p->fd, p->at, out, len))
        return 0;
    p->at += len;
    return len;
}

static void part_seek(void *context, uint64_t offset)
{
    struct part *p = context;

    p->at = p->start + offset;
}

static bool inflate_part(struct part *p, int to, enum inflate_engine engine, uint64_t max_bytes,
                         struct spool_inflated *out)
{
    unsigned char *piece = mem_resize(NULL, PIECE_BYTES, 1);
    struct inflater *z = inflater_new(engine);
    enum inflate_result result = INFLATE_MORE;
    struct intake in;
    bool fine = true;

    *out = (struct spool_inflated){.why = "it breaks off"};
    intake_init(&in, (struct intake_source){p, part_read, part_seek}, PIECE_BYTES);
    while (fine && result == INFLATE_MORE && out->bytes <= max_bytes) {
        size_t len = intake_need(&in, 1), cap = PIECE_BYTES, n;
        struct inflate_io io = {in.buf + in.at, len, piece, 0};

        if (max_bytes - out->bytes < cap)
            cap = (size_t)(max_bytes - out->bytes) + 1;
        io.out_cap = cap;
        result = inflater_run(z, &io);
        n = cap - io.out_cap;
        in.at = in.end - io.in_len;
        out->crc = inflate_crc(out->crc, piece, n);
        out->bytes += n;
        fine = to < 0 || spool_write(to, piece, n);
        if (result == INFLATE_MORE && n == 0 && io.in_len == len)
            break;
    }
    out->used_bytes = intake_offset(&in);
    out->ended = result == INFLATE_END;
    if (result == INFLATE_DAMAGED)
        out->why = inflater_reason(z);
    else if (out->bytes > max_bytes)
        out->why = "it unpacks too large";
    intake_deinit(&in);
    inflater_free(z);
    mem_free(piece);
    return fine;
}

bool spool_inflate(int to, int from, uint64_t offset, uint64_t len, uint64_t max_bytes,
                   struct spool_inflated *out)
{
    struct part p = {from, offset, offset, offset + len};

    if (!inflate_part(&p, to, INFLATE_FAST, max_bytes, out))
        return false;
    if (out->ended || out->bytes > max_bytes)
        return true;
    /* The other engine delivers all that can be decoded, and says what is wrong. */
    if (to >= 0 && (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0))
        return false;
    part_seek(&p, 0);
    return inflate_part(&p, to, INFLATE_JUDGE, max_bytes, out);
}
