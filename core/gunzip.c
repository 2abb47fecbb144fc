#include "core/gunzip.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/inflate.h"

enum {
    WINDOW_BYTES = 256 * 1024,
    WINDOW_BYTES_MIN = 8 * 1024,
    RATIO_GRACE_BYTES = 16 * 1024 * 1024,
    TRAILER_BYTES = 8,
};

enum phase {
    PHASE_START,   /* a member, padding or the end must follow */
    PHASE_DATA,    /* in deflate data */
    PHASE_TRAILER, /* at CRC32 and ISIZE */
    PHASE_END,
};

/* A stretch of one level's bytes: [at, end) is unread, buf[0] stands at `base`. */
struct window {
    unsigned char *buf;
    size_t cap, at, end;
    uint64_t base;
    bool eof;
};

/* Bytes, and once unwrapped the gzip members that they hold. Level 0 is the file; level n
 * holds what level n - 1 unpacks to. */
struct level {
    struct window w;
    enum phase phase;
    struct inflater *z;
    uint64_t member_start, data_start; /* offsets in this level */
    uint64_t member_bytes;             /* unpacked from this member */
    uint64_t skip_bytes;               /* delivered before, to be dropped */
    uint64_t out_bytes;                /* unpacked and delivered */
    uint64_t n_members;
    uint64_t members_counted; /* survives a rewind */
    uint64_t noted_until;     /* problems before this offset are known */
    uint32_t crc;
    bool damaged;
};

struct gunzip {
    struct file *f;
    int fd;
    bool quiet, stopped, io_failed;
    uint64_t max_bytes, max_ratio;
    struct level *levels;
    size_t n_levels; /* the last one is the content */
    size_t levels_cap;
};

struct gunzip_mark {
    uint64_t in_offset, member_start, data_start, member_bytes, out_bytes, n_members;
    enum phase phase;
    uint32_t crc;
    struct inflater *z; /* NULL between members */
};

static size_t level_unpack(struct gunzip *g, size_t i, unsigned char *out, size_t cap);

static void level_push(struct gunzip *g, size_t window_bytes)
{
    struct level *l;

    mem_grow(&g->levels, &g->levels_cap, g->n_levels + 1, sizeof *g->levels);
    l = &g->levels[g->n_levels++];
    *l = (struct level){0};
    l->w.cap = window_bytes;
    l->w.buf = mem_resize(NULL, window_bytes, 1);
}

struct gunzip *gunzip_new(struct file *f, int fd, uint64_t max_bytes, uint32_t max_ratio,
                          bool quiet)
{
    struct gunzip *g = mem_alloc(sizeof *g);
    uint64_t size = atomic_load_explicit(&f->packed_bytes, memory_order_relaxed);

    g->f = f;
    g->fd = fd;
    g->quiet = quiet;
    g->max_bytes = max_bytes;
    g->max_ratio = max_ratio;
    /* Most files are small: the window is no larger than the file. */
    if (size < WINDOW_BYTES_MIN)
        size = WINDOW_BYTES_MIN;
    level_push(g, size < WINDOW_BYTES ? (size_t)size : WINDOW_BYTES);
    return g;
}

void gunzip_free(struct gunzip *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->n_levels; i++) {
        mem_free(g->levels[i].w.buf);
        inflater_free(g->levels[i].z);
    }
    mem_free(g->levels);
    mem_free(g);
}

static uint64_t window_offset(const struct window *w)
{
    return w->base + w->at;
}

uint64_t gunzip_consumed(const struct gunzip *g)
{
    return window_offset(&g->levels[0].w);
}

uint32_t gunzip_layers(const struct gunzip *g)
{
    return (uint32_t)(g->n_levels - 1);
}

/* Lists a problem of level `i`. Places in an inner layer have no offset in the file: they are
 * given as where the file was being read. */
static void gunzip_note(struct gunzip *g, size_t i, struct problem p)
{
    struct level *l = &g->levels[i];
    struct buffer detail = {0};

    if (g->quiet || g->stopped || p.offset < l->noted_until)
        return;
    l->noted_until = p.offset + 1;
    if (i > 0) {
        buffer_printf(&detail, "in gzip layer %zu at its byte %llu: ", i + 1,
                      (unsigned long long)p.offset);
        p.offset = gunzip_consumed(g);
        p.length = 0;
    }
    buffer_add(&detail, p.detail);
    p.packed = true;
    p.events_kept = atomic_load_explicit(&g->f->events, memory_order_relaxed);
    p.detail = buffer_bytes(&detail);
    file_problem(g->f, p);
    buffer_deinit(&detail);
}

void gunzip_refuse(struct gunzip *g, enum err code, struct bytes detail)
{
    struct window *content = &g->levels[g->n_levels - 1].w;

    g->levels[0].noted_until = 0;
    gunzip_note(g, 0,
                (struct problem){.code = code, .length = g->f->packed_bytes, .detail = detail});
    content->at = content->end;
    content->eof = true;
    g->stopped = true;
}

/* From `offset` to the end of level `i`, as far as that is known without reading on. */
static uint64_t level_rest(const struct gunzip *g, size_t i, uint64_t offset)
{
    uint64_t size = i == 0 ? g->f->packed_bytes : 0;

    return size > offset ? size - offset : 0;
}

static size_t gunzip_pread(struct gunzip *g, void *out, size_t cap, uint64_t offset)
{
    ssize_t got;

    do
        got = pread(g->fd, out, cap, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got >= 0)
        return (size_t)got;
    if (!g->io_failed)
        gunzip_note(g, 0,
                    (struct problem){.code = ERR_IO,
                                     .offset = offset,
                                     .length = level_rest(g, 0, offset),
                                     .detail = bytes_of(strerror(errno))});
    g->io_failed = true;
    return 0;
}

/* Adds bytes behind `end`, after moving what is still needed to the front. False at the end. */
static bool level_fill(struct gunzip *g, size_t i)
{
    struct window *w = &g->levels[i].w;
    size_t keep = w->at < INFLATE_GIVE_BACK_BYTES ? w->at : INFLATE_GIVE_BACK_BYTES;
    size_t drop = w->at - keep;
    size_t got;

    if (w->eof)
        return false;
    memmove(w->buf, w->buf + drop, w->end - drop);
    w->base += drop;
    w->at -= drop;
    w->end -= drop;
    if (w->end == w->cap)
        return true;
    if (i == 0)
        got = gunzip_pread(g, w->buf + w->end, w->cap - w->end, w->base + w->end);
    else
        got = level_unpack(g, i - 1, w->buf + w->end, w->cap - w->end);
    w->end += got;
    w->eof = got == 0;
    return !w->eof;
}

/* Unread bytes, at least `want` unless the level ends before. */
static size_t level_need(struct gunzip *g, size_t i, size_t want)
{
    struct window *w = &g->levels[i].w;

    while (w->end - w->at < want && level_fill(g, i))
        continue;
    return w->end - w->at;
}

static int level_byte(struct gunzip *g, size_t i)
{
    struct window *w = &g->levels[i].w;

    if (w->at == w->end && level_need(g, i, 1) == 0)
        return -1;
    return w->buf[w->at++];
}

/* Back to the first byte of the level. */
static void level_rewind(struct gunzip *g, size_t i)
{
    struct level *l = &g->levels[i];

    if (i > 0)
        level_rewind(g, i - 1);
    l->w.at = l->w.end = 0;
    l->w.base = 0;
    l->w.eof = false;
    l->phase = PHASE_START;
    l->skip_bytes = l->out_bytes = l->n_members = 0;
}

static void level_seek(struct gunzip *g, size_t i, uint64_t offset)
{
    struct window *w = &g->levels[i].w;

    if (i == 0) {
        w->at = w->end = 0;
        w->base = offset;
        w->eof = false;
        return;
    }
    level_rewind(g, i - 1);
    w->at = w->end = 0;
    w->base = 0;
    w->eof = false;
    while (window_offset(w) < offset && level_need(g, i, 1) > 0) {
        uint64_t step = offset - window_offset(w);

        w->at += step < w->end - w->at ? (size_t)step : w->end - w->at;
    }
}

static void level_engine(struct level *l, enum inflate_engine engine)
{
    if (l->z && inflater_engine(l->z) == engine) {
        inflater_reset(l->z);
        return;
    }
    inflater_free(l->z);
    l->z = inflater_new(engine);
}

/* Skips a text that ends in NUL, or `count` bytes when that is not negative. */
static bool header_skip(struct gunzip *g, size_t i, int count, uint32_t *crc)
{
    int c = -1;

    while (count != 0) {
        unsigned char byte;

        c = level_byte(g, i);
        if (c < 0)
            return false;
        byte = (unsigned char)c;
        *crc = inflate_crc(*crc, &byte, 1);
        if (count > 0)
            count--;
        else if (c == 0)
            break;
    }
    return true;
}

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xE0 };

/* The optional fields. Returns NULL or what is wrong. */
static const char *header_fields(struct gunzip *g, size_t i, unsigned flags, uint32_t crc)
{
    if (flags & FLAG_EXTRA) {
        int low = level_byte(g, i), high = level_byte(g, i);
        unsigned char len[2] = {(unsigned char)low, (unsigned char)high};

        crc = inflate_crc(crc, len, 2);
        if (high < 0 || !header_skip(g, i, low | high << 8, &crc))
            return "extra field runs past the end";
    }
    if (flags & FLAG_NAME && !header_skip(g, i, -1, &crc))
        return "file name runs past the end";
    if (flags & FLAG_COMMENT && !header_skip(g, i, -1, &crc))
        return "comment runs past the end";
    if (flags & FLAG_HCRC) {
        uint64_t at = window_offset(&g->levels[i].w);
        int low = level_byte(g, i), high = level_byte(g, i);

        if (high < 0)
            return "header checksum runs past the end";
        if ((uint32_t)(low | high << 8) != (crc & 0xFFFF))
            gunzip_note(g, i,
                        (struct problem){.code = ERR_CHECKSUM,
                                         .offset = at,
                                         .length = 2,
                                         .detail = bytes_of("of the gzip header; data kept")});
    }
    return NULL;
}

static void level_end(struct gunzip *g, size_t i, struct problem p)
{
    gunzip_note(g, i, p);
    g->levels[i].damaged = true;
    g->levels[i].phase = PHASE_END;
}

/* At the first byte of a member's header, which is known to begin like one. */
static void member_header(struct gunzip *g, size_t i)
{
    struct level *l = &g->levels[i];
    struct problem p = {.code = ERR_GZIP_HEADER, .offset = window_offset(&l->w)};
    const unsigned char *head;
    const char *wrong = NULL;
    unsigned flags;

    p.length = level_rest(g, i, p.offset);
    l->member_start = p.offset;
    if (level_need(g, i, 10) < 10) {
        p.code = ERR_TRUNCATED;
        p.detail = bytes_of("within the gzip header");
        level_end(g, i, p);
        return;
    }
    head = l->w.buf + l->w.at;
    flags = head[3];
    if (head[2] != 8)
        wrong = "compression method is not deflate";
    else if (flags & FLAGS_RESERVED)
        wrong = "reserved flags are set";
    if (!wrong) {
        uint32_t crc = inflate_crc(0, head, 10);

        l->w.at += 10;
        wrong = header_fields(g, i, flags, crc);
    }
    if (wrong) {
        p.detail = bytes_of(wrong);
        level_end(g, i, p);
        return;
    }
    l->data_start = window_offset(&l->w);
    l->member_bytes = 0;
    l->crc = 0;
    l->n_members++;
    if (i == 0 && l->n_members > l->members_counted) {
        l->members_counted = l->n_members;
        if (!g->quiet)
            g->f->members++;
    }
    level_engine(l, INFLATE_FAST);
    l->phase = PHASE_DATA;
}

/* Zeros between and behind members. */
static void member_padding(struct gunzip *g, size_t i)
{
    struct window *w = &g->levels[i].w;
    uint64_t zeros = 0;

    while (level_need(g, i, 1) > 0 && w->buf[w->at] == 0) {
        w->at++;
        zeros++;
    }
    if (i == 0 && !g->quiet && window_offset(w) > g->levels[i].noted_until)
        g->f->padding_bytes += zeros;
}

/* Takes everything up to the end of the level and returns how much that was. */
static uint64_t level_drain(struct gunzip *g, size_t i)
{
    struct window *w = &g->levels[i].w;
    uint64_t from = window_offset(w);

    while (level_need(g, i, 1) > 0)
        w->at = w->end;
    return window_offset(w) - from;
}

static bool window_has_magic(const struct window *w)
{
    size_t len = w->end - w->at;

    return len >= 2 && w->buf[w->at] == 0x1F && w->buf[w->at + 1] == 0x8B;
}

static void member_start(struct gunzip *g, size_t i)
{
    struct level *l = &g->levels[i];
    uint64_t at;

    if (l->n_members > 0)
        member_padding(g, i);
    if (level_need(g, i, 2) == 0) {
        l->phase = PHASE_END;
        return;
    }
    if (l->n_members == 0 || window_has_magic(&l->w)) {
        member_header(g, i);
        return;
    }
    at = window_offset(&l->w);
    level_end(g, i,
              (struct problem){.code = ERR_TRAILING,
                               .offset = at,
                               .length = level_drain(g, i),
                               .detail = bytes_of("no gzip member; not read")});
}

/* Begins the member again with the engine that decodes up to the last whole symbol, and
 * drops what was delivered before. */
static void member_salvage(struct gunzip *g, size_t i)
{
    struct level *l = &g->levels[i];

    l->skip_bytes = l->member_bytes;
    l->member_bytes = 0;
    l->crc = 0;
    level_engine(l, INFLATE_JUDGE);
    level_seek(g, i, l->data_start);
    l->phase = PHASE_DATA;
}

static void member_damage(struct gunzip *g, size_t i, enum err code, const char *why)
{
    struct level *l = &g->levels[i];
    uint64_t at = window_offset(&l->w);
    struct buffer detail = {0};

    if (inflater_engine(l->z) == INFLATE_FAST) {
        member_salvage(g, i);
        return;
    }
    /* A cut layer cuts all those inside it: that is said once, and a failing disk too. */
    if (code == ERR_TRUNCATED && (g->io_failed || (i > 0 && g->levels[i - 1].damaged))) {
        l->damaged = true;
        l->phase = PHASE_END;
        return;
    }
    buffer_printf(&detail, "%s; %llu bytes of member %llu kept", why,
                  (unsigned long long)l->member_bytes, (unsigned long long)l->n_members);
    level_end(g, i,
              (struct problem){.code = code,
                               .offset = at,
                               .length = level_rest(g, i, at),
                               .detail = buffer_bytes(&detail)});
    buffer_deinit(&detail);
}

/* Ends everything when level `i` has unpacked too much. Returns how many of the `n` newest
 * bytes may be delivered. */
static size_t member_limit(struct gunzip *g, size_t i, size_t n)
{
    struct level *l = &g->levels[i];
    uint64_t packed = gunzip_consumed(g);
    struct problem p = {.code = ERR_BOMB, .offset = window_offset(&l->w)};
    struct buffer detail = {0};

    if (g->max_bytes && l->out_bytes > g->max_bytes) {
        size_t over = (size_t)(l->out_bytes - g->max_bytes);

        n = over < n ? n - over : 0;
        l->out_bytes = g->max_bytes;
        buffer_printf(&detail, "more than the limit of %llu bytes",
                      (unsigned long long)g->max_bytes);
    } else if (g->max_ratio && l->out_bytes > RATIO_GRACE_BYTES &&
               l->out_bytes / g->max_ratio > packed) {
        buffer_printf(&detail, "more than %llu times its size",
                      (unsigned long long)g->max_ratio);
    } else {
        return n;
    }
    buffer_printf(&detail, "; the first %llu bytes kept", (unsigned long long)l->out_bytes);
    p.length = level_rest(g, i, p.offset);
    p.detail = buffer_bytes(&detail);
    level_end(g, i, p);
    buffer_deinit(&detail);
    g->stopped = true;
    return n;
}

/* Drops those of the `n` bytes at `out` that were delivered before the member was begun
 * again; returns how many are left. */
static size_t member_skip(struct level *l, unsigned char *out, size_t n)
{
    size_t drop = l->skip_bytes < n ? (size_t)l->skip_bytes : n;

    l->skip_bytes -= drop;
    if (drop)
        memmove(out, out + drop, n - drop);
    return n - drop;
}

static size_t member_data(struct gunzip *g, size_t i, unsigned char *out, size_t cap)
{
    struct level *l = &g->levels[i];
    size_t len = level_need(g, i, 1);
    struct inflate_io io = {l->w.buf + l->w.at, len, out, cap};
    enum inflate_result result = inflater_run(l->z, &io);
    size_t n = cap - io.out_cap;

    if (result == INFLATE_DAMAGED && inflater_engine(l->z) == INFLATE_FAST) {
        /* The judge says which of these bytes are good. */
        member_damage(g, i, ERR_GZIP_DATA, "");
        return 0;
    }
    l->w.at = l->w.end - io.in_len;
    l->crc = inflate_crc(l->crc, out, n);
    l->member_bytes += n;
    if (result == INFLATE_END)
        l->phase = PHASE_TRAILER;
    else if (result == INFLATE_DAMAGED)
        member_damage(g, i, ERR_GZIP_DATA, inflater_reason(l->z));
    else if (n == 0 && len == 0)
        member_damage(g, i, ERR_TRUNCATED, "within the data");
    else if (n == 0 && io.in_len == len)
        member_damage(g, i, ERR_GZIP_DATA, "no valid deflate data");
    n = member_skip(l, out, n);
    l->out_bytes += n;
    return member_limit(g, i, n);
}

static uint32_t little_endian(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void member_trailer(struct gunzip *g, size_t i)
{
    struct level *l = &g->levels[i];
    struct problem p = {.length = level_need(g, i, TRAILER_BYTES)};
    struct buffer detail = {0};
    uint32_t crc, size;

    p.offset = window_offset(&l->w);
    l->phase = PHASE_START;
    if (p.length < TRAILER_BYTES) {
        l->w.at = l->w.end;
        buffer_printf(&detail, "within the checksum; all %llu bytes of member %llu kept",
                      (unsigned long long)l->member_bytes, (unsigned long long)l->n_members);
        p.code = ERR_TRUNCATED;
        p.detail = buffer_bytes(&detail);
        level_end(g, i, p);
        buffer_deinit(&detail);
        return;
    }
    crc = little_endian(l->w.buf + l->w.at);
    size = little_endian(l->w.buf + l->w.at + 4);
    l->w.at += TRAILER_BYTES;
    if (crc == l->crc && size == (uint32_t)l->member_bytes)
        return;
    if (crc != l->crc)
        buffer_printf(&detail, "CRC32 should be %08x and is %08x; ", crc, l->crc);
    if (size != (uint32_t)l->member_bytes)
        buffer_printf(&detail, "length should be %u and is %llu; ", size,
                      (unsigned long long)l->member_bytes);
    buffer_printf(&detail, "member %llu kept", (unsigned long long)l->n_members);
    p.code = ERR_CHECKSUM;
    p.length = TRAILER_BYTES;
    p.detail = buffer_bytes(&detail);
    gunzip_note(g, i, p);
    buffer_deinit(&detail);
}

/* Unpacks the members of level `i` until `out` is full or they end. */
static size_t level_unpack(struct gunzip *g, size_t i, unsigned char *out, size_t cap)
{
    size_t n = 0;

    while (n < cap && g->levels[i].phase != PHASE_END && !g->stopped) {
        switch (g->levels[i].phase) {
        case PHASE_START:
            member_start(g, i);
            break;
        case PHASE_DATA:
            n += member_data(g, i, out + n, cap - n);
            break;
        case PHASE_TRAILER:
            member_trailer(g, i);
            break;
        case PHASE_END:
            break;
        }
    }
    return n;
}

struct bytes gunzip_peek(struct gunzip *g, size_t want)
{
    size_t top = g->n_levels - 1;
    struct window *w = &g->levels[top].w;
    size_t len = level_need(g, top, want);

    return bytes_make(w->buf + w->at, len < want ? len : want);
}

void gunzip_unwrap(struct gunzip *g)
{
    level_push(g, WINDOW_BYTES_MIN);
    if (!g->quiet)
        g->f->layers++;
}

size_t gunzip_read(struct gunzip *g, void *out, size_t cap)
{
    size_t top = g->n_levels - 1;
    struct window *w = &g->levels[top].w;
    size_t n = w->end - w->at;

    if (n > 0) {
        n = n < cap ? n : cap;
        memcpy(out, w->buf + w->at, n);
        w->at += n;
        return n;
    }
    /* Past the window: straight into the caller's memory. */
    if (w->eof || g->stopped)
        return 0;
    if (top == 0)
        n = gunzip_pread(g, out, cap, w->base + w->end);
    else
        n = level_unpack(g, top - 1, out, cap);
    w->base += w->end + n;
    w->at = w->end = 0;
    w->eof = n == 0;
    return n;
}

void gunzip_seek(struct gunzip *g, uint64_t offset)
{
    level_seek(g, 0, offset);
}

struct gunzip_mark *gunzip_mark_here(const struct gunzip *g)
{
    const struct level *l = &g->levels[0];
    struct gunzip_mark *m;

    if (g->n_levels != 2 || g->stopped || l->phase == PHASE_END || l->skip_bytes ||
        g->levels[1].w.at != g->levels[1].w.end)
        return NULL;
    m = mem_alloc(sizeof *m);
    *m = (struct gunzip_mark){
        .in_offset = window_offset(&l->w),
        .member_start = l->member_start,
        .data_start = l->data_start,
        .member_bytes = l->member_bytes,
        .out_bytes = l->out_bytes,
        .n_members = l->n_members,
        .phase = l->phase,
        .crc = l->crc,
        .z = l->phase == PHASE_DATA ? inflater_copy(l->z) : NULL,
    };
    return m;
}

void gunzip_mark_free(struct gunzip_mark *m)
{
    if (m)
        inflater_free(m->z);
    mem_free(m);
}

size_t gunzip_mark_bytes(const struct gunzip_mark *m)
{
    return sizeof *m + (m->z ? inflater_bytes(m->z) : 0);
}

void gunzip_resume(struct gunzip *g, const struct gunzip_mark *m)
{
    uint64_t back =
        m->in_offset < INFLATE_GIVE_BACK_BYTES ? m->in_offset : INFLATE_GIVE_BACK_BYTES;
    struct level *l = &g->levels[0];

    level_push(g, WINDOW_BYTES_MIN);
    l = &g->levels[0];
    level_seek(g, 0, m->in_offset - back);
    /* The inflater may give these back at its end. */
    l->w.at += level_need(g, 0, (size_t)back) < back ? 0 : (size_t)back;
    l->member_start = m->member_start;
    l->data_start = m->data_start;
    l->member_bytes = m->member_bytes;
    l->out_bytes = m->out_bytes;
    l->n_members = m->n_members;
    l->phase = m->phase;
    l->crc = m->crc;
    l->z = m->z ? inflater_copy(m->z) : NULL;
}
