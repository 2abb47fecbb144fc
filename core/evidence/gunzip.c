#include "core/evidence/gunzip.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/mem.h"

enum {
    INTAKE_BYTES = 256 * 1024,
    INTAKE_BYTES_MIN = 8 * 1024,
    RATIO_GRACE_BYTES = 16 * 1024 * 1024,
};

/* A layer in its place. Allocated one by one, because intakes point at the step below. */
struct step {
    struct gunzip *g;
    struct step *below; /* NULL: the file */
    size_t depth;       /* 0 for the file's own layer */
    struct layer layer;
};

struct gunzip {
    struct file *f;
    int fd;
    bool quiet, stopped, io_failed;
    uint64_t max_bytes, max_ratio;
    uint64_t file_offset; /* where the file is read next */
    struct intake content;
    struct step *top; /* NULL for a plain file */
    struct step *bottom;
};

/* Lists a problem. Places in an inner layer have no offset in the file: they are given as
 * where the file was being read. */
static void step_note(void *context, struct problem p)
{
    struct step *s = context;
    struct gunzip *g = s->g;
    struct buffer detail = {0};

    if (g->quiet || g->stopped)
        return;
    /* A cut layer cuts all those inside it: that is said once, and a failing disk too. */
    if (p.code == ERR_TRUNCATED && (g->io_failed || (s->below && s->below->layer.damaged)))
        return;
    if (s->below) {
        buffer_printf(&detail, "in gzip layer %zu at its byte %llu: ", s->depth + 1,
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

static uint64_t gunzip_size(const struct gunzip *g)
{
    return atomic_load_explicit(&g->f->packed_bytes, memory_order_relaxed);
}

static void gunzip_problem(struct gunzip *g, struct problem p)
{
    uint64_t size = gunzip_size(g);

    if (g->quiet || g->stopped)
        return;
    p.packed = true;
    p.length = size > p.offset ? size - p.offset : 0;
    p.events_kept = atomic_load_explicit(&g->f->events, memory_order_relaxed);
    file_problem(g->f, p);
}

static size_t file_read(void *context, unsigned char *out, size_t cap)
{
    struct gunzip *g = context;
    ssize_t got;

    do
        got = pread(g->fd, out, cap, (off_t)g->file_offset);
    while (got < 0 && errno == EINTR);
    if (got >= 0) {
        g->file_offset += (size_t)got;
        return (size_t)got;
    }
    if (!g->io_failed)
        gunzip_problem(g, (struct problem){.code = ERR_IO,
                                           .offset = g->file_offset,
                                           .detail = bytes_of(strerror(errno))});
    g->io_failed = true;
    return 0;
}

static void file_seek(void *context, uint64_t offset)
{
    struct gunzip *g = context;

    g->file_offset = offset;
}

/* Ends everything when a layer has unpacked too much. Returns how many of the `n` newest
 * bytes may be delivered. */
static size_t step_limit(struct step *s, size_t n)
{
    struct gunzip *g = s->g;
    uint64_t bytes = s->layer.out_bytes, consumed = gunzip_consumed(g);
    struct buffer detail = {0};

    if (g->max_bytes && bytes > g->max_bytes) {
        size_t over = (size_t)(bytes - g->max_bytes);

        n = over < n ? n - over : 0;
        bytes = g->max_bytes;
        buffer_printf(&detail, "more than the limit of %llu bytes",
                      (unsigned long long)g->max_bytes);
    } else if (g->max_ratio && bytes > RATIO_GRACE_BYTES && bytes / g->max_ratio > consumed) {
        buffer_printf(&detail, "more than %llu times its size",
                      (unsigned long long)g->max_ratio);
    } else {
        return n;
    }
    buffer_printf(&detail, "; the first %llu bytes kept", (unsigned long long)bytes);
    gunzip_problem(g, (struct problem){.code = ERR_BOMB,
                                       .offset = consumed,
                                       .detail = buffer_bytes(&detail)});
    buffer_deinit(&detail);
    g->stopped = true;
    return n;
}

static size_t step_read(void *context, unsigned char *out, size_t cap)
{
    struct step *s = context;
    size_t n;

    if (s->g->stopped)
        return 0;
    n = layer_read(&s->layer, out, cap);
    if (!s->below && !s->g->quiet && !s->g->f->wrapped) {
        s->g->f->members = (uint32_t)s->layer.members_seen;
        s->g->f->padding_bytes = s->layer.padding_bytes;
    }
    return step_limit(s, n);
}

/* A stream that is unpacked has no short way back: from the start. */
static void step_seek(void *context, uint64_t offset)
{
    struct step *s = context;
    unsigned char *drop = mem_resize(NULL, INTAKE_BYTES, 1);
    size_t n = 1;

    layer_rewind(&s->layer);
    while (offset > 0 && n > 0) {
        n = step_read(s, drop, offset < INTAKE_BYTES ? (size_t)offset : INTAKE_BYTES);
        offset -= n;
    }
    mem_free(drop);
}

struct gunzip *gunzip_new(struct file *f, int fd, uint64_t max_bytes, uint32_t max_ratio,
                          bool quiet)
{
    struct gunzip *g = mem_alloc(sizeof *g);
    uint64_t size;

    g->f = f;
    g->fd = fd;
    g->quiet = quiet;
    g->max_bytes = max_bytes;
    g->max_ratio = max_ratio;
    /* Most files are small: the intake is no larger than the file. */
    size = gunzip_size(g) + INTAKE_BACK_BYTES;
    if (size < INTAKE_BYTES_MIN)
        size = INTAKE_BYTES_MIN;
    intake_init(&g->content, (struct intake_source){g, file_read, file_seek},
                size < INTAKE_BYTES ? (size_t)size : INTAKE_BYTES);
    return g;
}

void gunzip_free(struct gunzip *g)
{
    if (!g)
        return;
    while (g->top) {
        struct step *s = g->top;

        g->top = s->below;
        layer_deinit(&s->layer);
        mem_free(s);
    }
    intake_deinit(&g->content);
    mem_free(g);
}

uint64_t gunzip_consumed(const struct gunzip *g)
{
    return intake_offset(g->bottom ? &g->bottom->layer.in : &g->content);
}

uint32_t gunzip_layers(const struct gunzip *g)
{
    return g->top ? (uint32_t)g->top->depth + 1 : 0;
}

uint64_t gunzip_first_member_bytes(const struct gunzip *g)
{
    return g->top ? g->top->layer.first_bytes : 0;
}

void gunzip_refuse(struct gunzip *g, enum err code, struct bytes detail)
{
    gunzip_problem(g, (struct problem){.code = code, .detail = detail});
    g->content.at = g->content.end;
    g->stopped = true;
}

struct bytes gunzip_peek(struct gunzip *g, size_t want)
{
    size_t len = intake_need(&g->content, want);

    return bytes_make(g->content.buf + g->content.at, len < want ? len : want);
}

void gunzip_unwrap(struct gunzip *g)
{
    struct step *s = mem_alloc(sizeof *s);

    s->g = g;
    s->below = g->top;
    s->depth = g->top ? g->top->depth + 1 : 0;
    /* What was peeked at is the beginning of the layer. */
    s->layer.in = g->content;
    s->layer.context = s;
    s->layer.note = step_note;
    s->layer.rescues = !g->top;
    s->layer.size_bytes = g->top ? 0 : gunzip_size(g);
    if (!g->bottom)
        g->bottom = s;
    g->top = s;
    intake_init(&g->content, (struct intake_source){s, step_read, step_seek}, INTAKE_BYTES_MIN);
    if (!g->quiet)
        g->f->layers++;
}

size_t gunzip_read(struct gunzip *g, unsigned char *out, size_t cap)
{
    struct intake *in = &g->content;
    size_t n = in->end - in->at;

    if (n > 0) {
        n = n < cap ? n : cap;
        memcpy(out, in->buf + in->at, n);
        in->at += n;
        return n;
    }
    if (in->eof || g->stopped)
        return 0;
    /* Past the intake, straight into the caller's memory. */
    n = in->source.read(in->source.context, out, cap);
    in->base += in->end + n;
    in->at = in->end = 0;
    in->eof = n == 0;
    return n;
}

void gunzip_seek(struct gunzip *g, uint64_t offset)
{
    intake_seek(&g->content, offset);
}

struct layer_mark *gunzip_mark_here(const struct gunzip *g)
{
    if (!g->top || g->top != g->bottom || g->stopped || g->content.at != g->content.end)
        return NULL;
    return layer_mark_here(&g->bottom->layer);
}

void gunzip_resume(struct gunzip *g, const struct layer_mark *m)
{
    gunzip_unwrap(g);
    layer_resume(&g->bottom->layer, m);
}
