#include "core/evidence/container.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/evidence/facts.h"
#include "core/evidence/gunzip.h"
#include "core/evidence/sniff.h"
#include "core/evidence/spool.h"
#include "core/evidence/tar.h"
#include "core/evidence/zip.h"

enum { PIECE_BYTES = 256 * 1024, RATIO_MAX = 400, GZIP_MAGIC_BYTES = 2 };

#define GZIP_MAX_BYTES ((uint64_t)1 << 30)

struct kind {
    const char *name;
    size_t head_bytes;
    bool (*is)(struct bytes head);
    void (*list)(int fd, uint64_t size_bytes, struct file *f, struct parcels *out);
};

enum { KIND_ZIP, KIND_TAR };

static const struct kind kinds[] = {
    [KIND_ZIP] = {"ZIP archive", ZIP_HEAD_BYTES, zip_is, zip_list},
    [KIND_TAR] = {"tar archive", TAR_HEAD_BYTES, tar_is, tar_list},
};

struct container_budget container_full_budget(void)
{
    return (struct container_budget){.bytes = (uint64_t)1 << 30, .containers = 200};
}

static bool ends_in(struct bytes path, const char *ending)
{
    size_t len = strlen(ending);

    return path.len > len &&
           bytes_equal_nocase(bytes_slice(path, path.len - len, path.len), bytes_of(ending));
}

bool container_is_named(struct bytes path)
{
    static const char *const endings[] = {".zip", ".tar", ".tar.gz", ".tgz"};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (ends_in(path, endings[i]))
            return true;
    return false;
}

static const struct kind *kind_of(struct bytes head)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (head.len >= kinds[i].head_bytes &&
            kinds[i].is(bytes_slice(head, 0, kinds[i].head_bytes)))
            return &kinds[i];
    return NULL;
}

/* The kind of the file, or of what is gzipped in it. */
static const struct kind *look_inside(struct bytes path, int fd, bool *packed)
{
    struct file *f = file_new(path);
    struct gunzip *g = gunzip_new(f, fd, 0, 0, true);
    struct bytes head = gunzip_peek(g, TAR_HEAD_BYTES);
    const struct kind *kind;
    struct stat st;

    *packed = sniff_is_gzip(head);
    if (*packed) {
        gunzip_unwrap(g);
        head = gunzip_peek(g, TAR_HEAD_BYTES);
    }
    kind = kind_of(head);
    if (!kind && !*packed && ends_in(path, ".zip") && fstat(fd, &st) == 0 &&
        zip_is_by_end(fd, (uint64_t)st.st_size))
        kind = &kinds[KIND_ZIP];
    gunzip_free(g);
    file_free(f);
    return kind;
}

bool container_is(struct bytes path, int fd)
{
    bool packed;

    return look_inside(path, fd, &packed) != NULL;
}

/* Unpacks gzip into a memory file. False when it was more than the budget has. */
static bool unpack(struct file *f, int fd, int to, const struct container_budget *budget)
{
    unsigned char *piece = mem_resize(NULL, PIECE_BYTES, 1);
    struct gunzip *g = gunzip_new(f, fd, 0, RATIO_MAX, false);
    uint64_t bytes = 0;
    bool fine = true;
    size_t n = 1;

    (void)gunzip_peek(g, TAR_HEAD_BYTES);
    gunzip_unwrap(g);
    while (fine && n > 0) {
        n = gunzip_read(g, piece, PIECE_BYTES);
        bytes += n;
        fine = bytes <= budget->bytes && spool_write(to, piece, n);
    }
    gunzip_free(g);
    mem_free(piece);
    return fine;
}

/* Keeps the content of a container that cannot be opened at any time: one in another or in
 * gzip. False with the reason in the row. */
static bool keep_content(struct file *f, int fd, bool packed, struct container_budget *budget)
{
    struct stat st;
    bool fine = budget->containers > 0 && fstat(fd, &st) == 0;

    if (fine && packed) {
        f->content_fd = spool_new();
        fine = f->content_fd >= 0 && unpack(f, fd, f->content_fd, budget);
        /* As old as its file, so that a change is noticed. */
        if (fine)
            (void)futimens(f->content_fd, (const struct timespec[]){st.st_mtim, st.st_mtim});
    } else if (fine) {
        f->content_fd = (uint64_t)st.st_size <= budget->bytes ? dup(fd) : -1;
        fine = f->content_fd >= 0;
    }
    if (!fine || fstat(f->content_fd, &st) != 0) {
        file_problem(f,
                     (struct problem){.code = ERR_TOO_LARGE,
                                      .packed = true,
                                      .length = f->packed_bytes,
                                      .detail = bytes_of("an archive in another file; unpack "
                                                         "the outer one to read it")});
        return false;
    }
    budget->bytes -= (uint64_t)st.st_size;
    budget->containers--;
    return true;
}

/* The row of an entry. */
static struct file *entry_row(const struct file *outer, const struct parcel *p,
                              struct bytes name)
{
    struct buffer path = {0};
    struct file *f;

    buffer_add(&path, outer->path);
    buffer_add_char(&path, '/');
    buffer_add(&path, name);
    f = file_new(buffer_bytes(&path));
    f->facts = file_facts_of(f->path);
    f->outer = outer;
    f->parcel = mem_alloc(sizeof *p);
    *f->parcel = *p;
    f->packed_bytes = p->packed_bytes;
    if (p->refusal)
        file_problem(f, (struct problem){.code = ERR_NOT_LOGS,
                                         .packed = true,
                                         .length = p->packed_bytes,
                                         .detail = bytes_of(p->refusal)});
    buffer_deinit(&path);
    return f;
}

static void list(struct file *f, int fd, const struct kind *kind, struct parcels *parcels)
{
    struct buffer words = {0};
    struct stat st;

    if (fstat(fd, &st) == 0)
        kind->list(fd, (uint64_t)st.st_size, f, parcels);
    if (parcels->n == 0 && f->n_problems > 0)
        return;
    buffer_printf(&words, "%s, %zu entr%s, each a file of its own", kind->name, parcels->n,
                  parcels->n == 1 ? "y" : "ies");
    file_problem(
        f, (struct problem){.code = ERR_ASIDE, .packed = true, .detail = buffer_bytes(&words)});
    buffer_deinit(&words);
}

void container_unfold(struct file *f, int fd, struct container_budget *budget,
                      void (*found)(void *context, struct file *entry, bool refused),
                      void *context)
{
    struct parcels parcels = {0};
    bool packed, damaged = false;
    const struct kind *kind = look_inside(f->path, fd, &packed);

    if (!kind) /* it was one a moment ago */
        return;
    f->container = true;
    if ((f->outer || packed) && !keep_content(f, fd, packed, budget)) {
        file_finish(f, FILE_SKIPPED);
        return;
    }
    list(f, f->content_fd >= 0 ? f->content_fd : fd, kind, &parcels);
    for (size_t i = 0; i < parcels.n; i++) {
        const struct parcel *p = &parcels.items[i].parcel;

        found(context, entry_row(f, p, parcels_name(&parcels, i)), p->refusal != NULL);
    }
    for (size_t i = 0; i < f->n_problems; i++)
        damaged |= !problem_is_note(f->problems[i].code);
    f->packed_read_bytes = f->packed_bytes;
    file_finish(f, !damaged ? FILE_READ : parcels.n > 0 ? FILE_DAMAGED : FILE_SKIPPED);
    parcels_deinit(&parcels);
}

static void put_number(char *p, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (char)(n >> 8 * i & 0xFF);
}

/* The gzip member that deflate data could be. */
static bool wrap(int to, int from, const struct parcel *p)
{
    static const char head[] = "\x1F\x8B\x08\0\0\0\0\0\0\xFF";
    char trailer[8];
    uint32_t crc = 0;

    put_number(trailer, p->crc);
    put_number(trailer + 4, (uint32_t)p->bytes);
    return spool_write(to, head, sizeof head - 1) &&
           spool_copy(to, from, p->offset, p->packed_bytes, &crc) &&
           (p->cut || spool_write(to, trailer, sizeof trailer));
}

/* Whether deflate data unpacks to gzip: by its first bytes. */
static bool holds_gzip(int to, int from, const struct parcel *p)
{
    char magic[GZIP_MAGIC_BYTES] = {0};
    struct spool_inflated z;

    return spool_inflate(to, from, p->offset, p->packed_bytes, sizeof magic, &z) &&
           spool_read_at(to, 0, magic, sizeof magic) &&
           sniff_is_gzip(bytes_make(magic, sizeof magic));
}

static bool rewind_spool(int fd)
{
    return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static bool fill(const struct parcel *p, int from, struct container_copy *out)
{
    struct spool_inflated z;
    uint32_t crc = 0;
    bool gzip;

    out->sound = true;
    out->trouble = p->doubt;
    if (!p->deflated) {
        bool fine = spool_copy(out->fd, from, p->offset, p->packed_bytes, &crc);

        out->sound = p->unchecked || (crc == p->crc && p->packed_bytes == p->bytes);
        return fine;
    }
    gzip = holds_gzip(out->fd, from, p);
    if (!rewind_spool(out->fd))
        return false;
    if (gzip) {
        if (!spool_inflate(out->fd, from, p->offset, p->packed_bytes, GZIP_MAX_BYTES, &z))
            return false;
        out->sound =
            !z.ended || p->unchecked || (z.crc == p->crc && (uint32_t)z.bytes == p->bytes);
        if (!z.ended && !out->trouble)
            out->trouble = "its data is damaged; what stands before was read";
        if (z.bytes <= GZIP_MAX_BYTES)
            return true;
        out->sound = true;
        out->trouble = p->doubt;
        if (!rewind_spool(out->fd))
            return false;
    }
    out->wrapped = true;
    return wrap(out->fd, from, p);
}

struct container_copy container_extract(const struct file *entry, int fd)
{
    struct container_copy out = {.fd = spool_new()};

    if (out.fd >= 0 && fill(entry->parcel, fd, &out))
        return out;
    if (out.fd >= 0)
        (void)close(out.fd);
    return (struct container_copy){.fd = -1, .trouble = "no memory file for an entry"};
}
