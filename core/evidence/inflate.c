#include "core/evidence/inflate.h"

#include <limits.h>
#include <zlib.h>

#include "core/base/mem.h"

#ifdef COGTRAIL_HAVE_ISAL
#include <isa-l.h>
#endif

enum { ZLIB_STATE_BYTES = 40 * 1024 }; /* inflate state and window, as zlib documents them */

struct inflater {
    enum inflate_engine engine;
    const char *reason;
    z_stream zlib; /* unused with ISA-L */
#ifdef COGTRAIL_HAVE_ISAL
    struct inflate_state isal; /* last: a judge is allocated without it */
#endif
};

static void *zlib_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_resize(NULL, count, size);
}

static void zlib_free(void *unused, void *ptr)
{
    (void)unused;
    mem_free(ptr);
}

/* zlib counts in unsigned int. */
static unsigned zlib_span(size_t len)
{
    return len > UINT_MAX / 2 ? UINT_MAX / 2 : (unsigned)len;
}

/* Both engines take non-const input and only read it. */
static unsigned char *engine_input(const unsigned char *in)
{
    union {
        const unsigned char *given;
        unsigned char *wanted;
    } input = {in};

    return input.wanted;
}

#ifdef COGTRAIL_HAVE_ISAL
static bool is_isal(const struct inflater *z)
{
    return z->engine == INFLATE_FAST;
}

static size_t inflater_size(enum inflate_engine engine)
{
    return engine == INFLATE_FAST ? sizeof(struct inflater) : offsetof(struct inflater, isal);
}

static enum inflate_result isal_run(struct inflater *z, struct inflate_io *io)
{
    struct inflate_state *s = &z->isal;
    int code;

    s->next_in = engine_input(io->in);
    s->avail_in = zlib_span(io->in_len);
    s->next_out = io->out;
    s->avail_out = zlib_span(io->out_cap);
    code = isal_inflate(s);
    io->in_len -= (size_t)(s->next_in - io->in);
    io->in = s->next_in;
    io->out_cap -= (size_t)(s->next_out - io->out);
    io->out = s->next_out;
    if (code < 0) {
        z->reason = "no valid deflate data";
        return INFLATE_DAMAGED;
    }
    if (s->block_state == ISAL_BLOCK_FINISH) {
        size_t unused = (size_t)s->read_in_length / 8;

        io->in -= unused;
        io->in_len += unused;
        return INFLATE_END;
    }
    return INFLATE_MORE;
}
#else
static bool is_isal(const struct inflater *z)
{
    (void)z;
    return false;
}

static size_t inflater_size(enum inflate_engine engine)
{
    (void)engine;
    return sizeof(struct inflater);
}
#endif

static enum inflate_result zlib_run(struct inflater *z, struct inflate_io *io)
{
    int code;

    z->zlib.next_in = engine_input(io->in);
    z->zlib.avail_in = zlib_span(io->in_len);
    z->zlib.next_out = io->out;
    z->zlib.avail_out = zlib_span(io->out_cap);
    code = inflate(&z->zlib, Z_NO_FLUSH);
    io->in_len -= (size_t)(z->zlib.next_in - io->in);
    io->in = z->zlib.next_in;
    io->out_cap -= (size_t)(z->zlib.next_out - io->out);
    io->out = z->zlib.next_out;
    if (code == Z_STREAM_END)
        return INFLATE_END;
    if (code == Z_OK || code == Z_BUF_ERROR)
        return INFLATE_MORE;
    z->reason = z->zlib.msg ? z->zlib.msg : "no valid deflate data";
    return INFLATE_DAMAGED;
}

struct inflater *inflater_new(enum inflate_engine engine)
{
    /* Not cleared: most of ISA-L's state is tables and history that it fills itself, and the
     * time to clear them shows with many small files. */
    struct inflater *z = mem_resize(NULL, 1, inflater_size(engine));

    z->engine = engine;
    z->reason = "";
    z->zlib = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free};
#ifdef COGTRAIL_HAVE_ISAL
    if (is_isal(z)) {
        isal_inflate_init(&z->isal);
        return z;
    }
#endif
    /* Fails only for want of memory, which does not return. */
    (void)inflateInit2(&z->zlib, -MAX_WBITS);
    return z;
}

void inflater_free(struct inflater *z)
{
    if (!z)
        return;
    if (!is_isal(z))
        (void)inflateEnd(&z->zlib);
    mem_free(z);
}

enum inflate_engine inflater_engine(const struct inflater *z)
{
    return z->engine;
}

void inflater_reset(struct inflater *z)
{
#ifdef COGTRAIL_HAVE_ISAL
    if (is_isal(z)) {
        isal_inflate_reset(&z->isal);
        return;
    }
#endif
    (void)inflateReset(&z->zlib);
}

enum inflate_result inflater_run(struct inflater *z, struct inflate_io *io)
{
#ifdef COGTRAIL_HAVE_ISAL
    if (is_isal(z))
        return isal_run(z, io);
#endif
    return zlib_run(z, io);
}

const char *inflater_reason(const struct inflater *z)
{
    return z->reason;
}

struct inflate_frozen {
    enum inflate_engine engine;
    size_t len;            /* of `state` */
    struct inflater *zlib; /* a copy of its own; NULL with ISA-L */
    unsigned char state[]; /* the first bytes of an inflater */
};

static struct inflater *zlib_copy(const struct inflater *z)
{
    struct inflater *copy = mem_resize(NULL, 1, inflater_size(z->engine));
    union {
        const z_stream *given;
        z_stream *wanted; /* inflateCopy() only reads it */
    } source = {&z->zlib};

    memcpy(copy, z, inflater_size(z->engine));
    (void)inflateCopy(&copy->zlib, source.wanted);
    return copy;
}

/* ISA-L keeps its history inside the state, so its bytes are all there is to it. The history
 * comes last and is seldom full: what lies behind its valid part is not read again. */
static size_t isal_valid_bytes(const struct inflater *z)
{
#ifdef COGTRAIL_HAVE_ISAL
    size_t history =
        offsetof(struct inflater, isal) + offsetof(struct inflate_state, tmp_out_buffer);

    if (is_isal(z) && z->isal.tmp_out_valid >= 0)
        return history + (size_t)z->isal.tmp_out_valid;
#endif
    (void)z;
    return 0;
}

struct inflate_frozen *inflater_freeze(const struct inflater *z)
{
    size_t len = is_isal(z) ? isal_valid_bytes(z) : 0;
    struct inflate_frozen *frozen = mem_resize(NULL, sizeof *frozen + len, 1);

    frozen->engine = z->engine;
    frozen->len = len;
    frozen->zlib = is_isal(z) ? NULL : zlib_copy(z);
    memcpy(frozen->state, z, len);
    return frozen;
}

struct inflater *inflater_thaw(const struct inflate_frozen *frozen)
{
    struct inflater *z;

    if (frozen->zlib)
        return zlib_copy(frozen->zlib);
    z = mem_resize(NULL, 1, inflater_size(frozen->engine));
    memcpy(z, frozen->state, frozen->len);
    return z;
}

void inflate_frozen_free(struct inflate_frozen *frozen)
{
    if (!frozen)
        return;
    inflater_free(frozen->zlib);
    mem_free(frozen);
}

size_t inflate_frozen_bytes(const struct inflate_frozen *frozen)
{
    size_t zlib_bytes = frozen->zlib ? inflater_size(frozen->engine) + ZLIB_STATE_BYTES : 0;

    return sizeof *frozen + frozen->len + zlib_bytes;
}

uint32_t inflate_crc(uint32_t crc, const void *data, size_t len)
{
#ifdef COGTRAIL_HAVE_ISAL
    return crc32_gzip_refl(crc, data, len);
#else
    return (uint32_t)crc32_z(crc, data, len);
#endif
}
