#include "core/evidence/block.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/evidence/gunzip.h"
#include "core/evidence/sniff.h"

#define GIB ((uint64_t)1 << 30)

enum {
    MAP_STEP_BYTES = 4 * 1024 * 1024,
    MAP_MIN_BYTES = 8 * 1024 * 1024,
    SKIP_BYTES = 256 * 1024,
};

struct map_entry {
    uint64_t offset; /* unpacked */
    struct layer_mark *mark;
};

struct block_map {
    struct map_entry *entries; /* by rising offset */
    size_t n, cap;
};

struct block {
    struct file *f;
    int fd;
    struct gunzip *g;
    struct block_limits limits;
    struct block_map *map;
    uint64_t bytes; /* delivered */
    uint64_t next_mark_bytes;
    uint64_t size_bytes; /* of the file when reading began */
    int64_t modified_ns;
    bool quiet, sniffed, ended;
};

struct block_limits block_default_limits(void)
{
    return (struct block_limits){.max_bytes = 64 * GIB, .max_ratio = 400, .max_layers = 2};
}

static int64_t stat_modified_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

struct block *block_new(struct file *f, int fd, struct block_limits limits, bool quiet)
{
    struct block *b = mem_alloc(sizeof *b);
    struct stat st;

    b->f = f;
    b->fd = fd;
    b->limits = limits;
    b->quiet = quiet;
    b->next_mark_bytes = MAP_STEP_BYTES;
    if (fstat(fd, &st) == 0) {
        b->size_bytes = (uint64_t)st.st_size;
        b->modified_ns = stat_modified_ns(&st);
        if (!quiet) {
            f->packed_bytes = b->size_bytes;
            f->modified_ns = b->modified_ns;
        }
    }
    b->g = gunzip_new(f, fd, limits.max_bytes, limits.max_ratio, quiet);
    return b;
}

void block_free(struct block *b)
{
    if (!b)
        return;
    gunzip_free(b->g);
    block_map_free(b->map);
    mem_free(b);
}

/* Unwraps layer after layer until text, or something that is refused by name, lies on top. */
static void block_sniff(struct block *b)
{
    struct buffer name = {0};
    struct bytes head = gunzip_peek(b->g, SNIFF_BYTES);

    b->sniffed = true;
    while (sniff_is_gzip(head)) {
        if (gunzip_layers(b->g) == b->limits.max_layers) {
            buffer_printf(&name, "more than %u; not read", b->limits.max_layers);
            gunzip_refuse(b->g, ERR_NESTED, buffer_bytes(&name));
            buffer_deinit(&name);
            return;
        }
        gunzip_unwrap(b->g);
        head = gunzip_peek(b->g, SNIFF_BYTES);
    }
    if (gunzip_layers(b->g) == 0 && b->size_bytes == 0 && head.len == 0)
        gunzip_refuse(b->g, ERR_EMPTY, bytes_of(""));
    else if (sniff_is_foreign(head, &name))
        gunzip_refuse(b->g, ERR_NOT_LOGS, buffer_bytes(&name));
    buffer_deinit(&name);
}

/* Called once, at the end of a first reading. */
static void block_end(struct block *b)
{
    struct stat st;

    b->ended = true;
    if (b->quiet)
        return;
    /* Whatever was not used stands in a problem. */
    atomic_store_explicit(&b->f->packed_read_bytes, b->size_bytes, memory_order_relaxed);
    if (fstat(b->fd, &st) != 0 || (uint64_t)st.st_size != b->size_bytes ||
        stat_modified_ns(&st) != b->modified_ns)
        file_problem(b->f, (struct problem){.code = ERR_CHANGED,
                                            .packed = true,
                                            .offset = gunzip_consumed(b->g),
                                            .events_kept = b->f->events,
                                            .detail = bytes_of("size or time differ")});
}

static void block_mark(struct block *b)
{
    struct layer_mark *mark = gunzip_mark_here(b->g);

    if (!mark)
        return;
    if (!b->map)
        b->map = mem_alloc(sizeof *b->map);
    mem_grow(&b->map->entries, &b->map->cap, b->map->n + 1, sizeof *b->map->entries);
    b->map->entries[b->map->n++] = (struct map_entry){b->bytes, mark};
    b->next_mark_bytes = b->bytes + MAP_STEP_BYTES;
}

size_t block_read(struct block *b, char *out, size_t cap)
{
    size_t n;

    if (b->ended || cap == 0)
        return 0;
    if (!b->sniffed)
        block_sniff(b);
    n = gunzip_read(b->g, (unsigned char *)out, cap);
    b->bytes += n;
    if (!b->quiet) {
        atomic_store_explicit(&b->f->bytes, b->bytes, memory_order_relaxed);
        atomic_store_explicit(&b->f->packed_read_bytes, gunzip_consumed(b->g),
                              memory_order_relaxed);
        if (b->bytes >= b->next_mark_bytes)
            block_mark(b);
    }
    if (n == 0)
        block_end(b);
    return n;
}

struct block_map *block_take_map(struct block *b)
{
    struct block_map *map = b->map;

    if (b->bytes < MAP_MIN_BYTES)
        return NULL;
    b->map = NULL;
    return map;
}

void block_map_free(struct block_map *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        layer_mark_free(m->entries[i].mark);
    mem_free(m->entries);
    mem_free(m);
}

size_t block_map_bytes(const struct block_map *m)
{
    size_t bytes = 0;

    if (!m)
        return 0;
    for (size_t i = 0; i < m->n; i++)
        bytes += layer_mark_bytes(m->entries[i].mark);
    return bytes + sizeof *m + m->cap * sizeof *m->entries;
}

/* The last entry that is not behind `offset`, or NULL. */
static const struct map_entry *map_before(const struct block_map *m, uint64_t offset)
{
    size_t low = 0, high = m ? m->n : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (m->entries[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &m->entries[low - 1] : NULL;
}

/* Brings a new reader to `offset`. False when the content ends before. */
static bool block_go(struct block *b, const struct block_map *map, uint64_t offset)
{
    const struct map_entry *entry = map_before(map, offset);
    char *drop;
    size_t n = 1;

    if (entry) {
        gunzip_resume(b->g, entry->mark);
        b->sniffed = true;
        b->bytes = entry->offset;
    } else {
        block_sniff(b);
    }
    if (gunzip_layers(b->g) == 0) {
        gunzip_seek(b->g, offset);
        b->bytes = offset;
        return true;
    }
    drop = mem_resize(NULL, SKIP_BYTES, 1);
    while (b->bytes < offset && n > 0) {
        uint64_t left = offset - b->bytes;

        n = block_read(b, drop, left < SKIP_BYTES ? (size_t)left : SKIP_BYTES);
    }
    mem_free(drop);
    return b->bytes == offset;
}

static enum err block_extract_from(struct file *f, int fd, const struct block_map *map,
                                   uint64_t offset, size_t length, struct buffer *out)
{
    struct block_limits limits = {.max_layers = f->layers};
    struct block *b = block_new(f, fd, limits, true);
    enum err code = ERR_OK;
    size_t done = 0, n = 1;
    char *room;

    if (b->size_bytes != f->packed_bytes || b->modified_ns != f->modified_ns) {
        block_free(b);
        return ERR_CHANGED;
    }
    if (!block_go(b, map, offset)) {
        block_free(b);
        return ERR_TRUNCATED;
    }
    room = buffer_room(out, length);
    while (done < length && n > 0) {
        n = block_read(b, room + done, length - done);
        done += n;
    }
    if (done < length)
        code = ERR_TRUNCATED;
    else
        out->len += length;
    block_free(b);
    return code;
}

enum err block_extract(struct file *f, const struct block_map *map, uint64_t offset,
                       size_t length, struct buffer *out)
{
    struct problem problem;
    int fd = access_again(f, &problem);
    enum err code;

    if (fd < 0)
        return problem.code;
    code = block_extract_from(f, fd, map, offset, length, out);
    (void)close(fd);
    return code;
}
