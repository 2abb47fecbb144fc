#include "core/proving/exhibit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/evidence/block.h"
#include "core/evidence/gunzip.h"
#include "core/evidence/sniff.h"
#include "core/proving/key.h"
#include "core/proving/saved.h"

enum {
    PIECE_BYTES = 256 * 1024,
    HEAD_BYTES = 512,
    TEXT_BYTES_MAX = 64 * 1024 * 1024,
    UNKNOWN_TEXT_BYTES_MAX = 1024 * 1024,
};

const char *exhibit_kind_name(enum exhibit_kind kind)
{
    static const char *const kinds[] = {
        [EXHIBIT_OTHER] = "other file",     [EXHIBIT_LOG] = "log file",
        [EXHIBIT_DIGEST] = "digest",        [EXHIBIT_KEYS] = "public keys",
        [EXHIBIT_SEAL] = "digest metadata",
    };

    return kinds[kind];
}

/* The reading of one file. */
struct taking {
    struct exhibit *e;
    struct file *f;
    const atomic_bool *cancelled;
    struct hasher *hasher;
    unsigned char *piece;
    size_t text_max; /* 0: the text is not kept */
    struct buffer text;
};

static bool is_stopped(const struct taking *t)
{
    return atomic_load_explicit(t->cancelled, memory_order_relaxed);
}

/* The bytes as they lie on disk, or as they come out of an archive: without the layer of gzip
 * that stands for the archive's compression. Where they cannot be read is told with the
 * content. */
static void take_stored(struct taking *t, int fd)
{
    struct block_limits limits = block_default_limits();
    struct gunzip *g = gunzip_new(t->f, fd, limits.max_bytes, limits.max_ratio, true);
    size_t n;

    if (t->f->wrapped)
        gunzip_unwrap(g);
    while (!is_stopped(t) && (n = gunzip_read(g, t->piece, PIECE_BYTES)) > 0) {
        hasher_add(t->hasher, t->piece, n);
        t->e->stored_bytes += n;
    }
    t->e->stored = hasher_sum(t->hasher);
    gunzip_free(g);
}

/* The first key of the object that a text begins with. */
static struct bytes first_key(struct bytes head)
{
    struct cursor_text key;
    struct cursor c;

    if (bytes_starts(head, "\xEF\xBB\xBF"))
        head = bytes_slice(head, 3, head.len);
    cursor_init(&c, head, false);
    if (!cursor_enter_object(&c) || !cursor_next_key(&c, &key, true))
        return (struct bytes){0};
    return key.raw;
}

/* How much of a text may be worth keeping, by how it begins. AWS begins a digest with the
 * account and lists of keys with their name; whoever saved the rest may have turned it round.
 */
static size_t text_limit(struct bytes head, struct bytes path)
{
    struct bytes key = first_key(head);

    if (bytes_find(path, bytes_of("CloudTrail-Digest")) != SIZE_MAX ||
        bytes_starts(key, "digest") || bytes_are(key, "awsAccountId") ||
        bytes_are(key, "PublicKeyList"))
        return TEXT_BYTES_MAX;
    if (key.len == 0 || bytes_are(key, "Records") || bytes_are(key, "eventVersion"))
        return 0;
    return UNKNOWN_TEXT_BYTES_MAX;
}

static void keep_text(struct taking *t, size_t n)
{
    if (t->text_max == 0)
        return;
    if (n > t->text_max - t->text.len) {
        t->text_max = 0;
        buffer_deinit(&t->text);
        t->text = (struct buffer){0};
        return;
    }
    buffer_add(&t->text, bytes_make(t->piece, n));
}

/* Names and contents that only log files of CloudTrail have. Notifications of S3 and other
 * services stand in "Records" as well, and name their source as aws:s3 and the like. */
static bool is_log(const struct file *f, struct bytes head)
{
    return (bytes_are(first_key(head), "Records") &&
            bytes_find(head, bytes_of("\"aws:")) == SIZE_MAX) ||
           (bytes_find(f->path, bytes_of("CloudTrail")) != SIZE_MAX &&
            bytes_find(f->path, bytes_of("CloudTrail-Digest")) == SIZE_MAX &&
            f->facts.account.len > 0);
}

static void take_content(struct taking *t, int fd)
{
    struct block_limits limits = block_default_limits();
    struct gunzip *g = gunzip_new(t->f, fd, limits.max_bytes, limits.max_ratio, false);
    struct bytes head = gunzip_peek(g, HEAD_BYTES);
    size_t n;

    while (sniff_is_gzip(head) && gunzip_layers(g) < limits.max_layers) {
        gunzip_unwrap(g);
        head = gunzip_peek(g, HEAD_BYTES);
    }
    t->text_max = text_limit(head, t->f->path);
    if (is_log(t->f, head))
        t->e->kind = EXHIBIT_LOG;
    while (!is_stopped(t) && (n = gunzip_read(g, t->piece, PIECE_BYTES)) > 0) {
        hasher_add(t->hasher, t->piece, n);
        keep_text(t, n);
        t->e->content_bytes += n;
        atomic_store_explicit(&t->f->bytes, t->e->content_bytes, memory_order_relaxed);
        atomic_store_explicit(&t->f->packed_read_bytes, gunzip_consumed(g),
                              memory_order_relaxed);
    }
    t->e->content = hasher_sum(t->hasher);
    t->e->first_bytes = gunzip_first_member_bytes(g);
    gunzip_free(g);
}

/* What a kept text turns out to be. */
static void recognise(struct taking *t)
{
    struct exhibit *e = t->e;
    struct bytes text = buffer_bytes(&t->text);
    bool named = bytes_find(t->f->path, bytes_of("CloudTrail-Digest")) != SIZE_MAX;

    if (t->text_max > 0 && digest_is(text)) {
        e->kind = EXHIBIT_DIGEST;
        if (digest_parse(text, &e->digest, &e->why) != ERR_OK)
            e->digest = NULL;
    } else if (t->text_max > 0 && key_list_is(text)) {
        e->kind = EXHIBIT_KEYS;
        e->text = bytes_make(mem_text(text.ptr, text.len), text.len);
    } else if (t->text_max > 0 && digest_seal_read(text, &e->seal)) {
        e->kind = EXHIBIT_SEAL;
    } else if (named) {
        e->kind = EXHIBIT_DIGEST;
        buffer_add_text(&e->why, t->e->content_bytes > TEXT_BYTES_MAX
                                     ? "larger than any digest"
                                     : "its text is not that of a digest");
    }
}

static void note_change(struct taking *t, int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && (uint64_t)st.st_size == t->f->packed_bytes &&
        (t->f->wrapped || t->e->stored_bytes == t->f->packed_bytes) &&
        (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec == t->f->modified_ns)
        return;
    file_problem(t->f, (struct problem){.code = ERR_CHANGED, .packed = true});
}

static void take(struct taking *t, int fd)
{
    t->hasher = hasher_new();
    t->piece = mem_resize(NULL, PIECE_BYTES, 1);
    take_stored(t, fd);
    take_content(t, fd);
    if (!is_stopped(t)) {
        recognise(t);
        note_change(t, fd);
    }
    hasher_free(t->hasher);
    mem_free(t->piece);
    buffer_deinit(&t->text);
}

/* An archive whose entries are exhibits of their own: its own bytes have a hash too. */
static void take_container(struct exhibit *e, const atomic_bool *cancelled)
{
    struct file *again = file_new(e->file->path);
    struct taking t = {.e = e, .f = again, .cancelled = cancelled};
    struct problem problem;
    int fd = access_again(e->file, &problem);

    if (fd >= 0) {
        again->wrapped = e->file->wrapped;
        t.hasher = hasher_new();
        t.piece = mem_resize(NULL, PIECE_BYTES, 1);
        take_stored(&t, fd);
        e->opened = !is_stopped(&t);
        e->whole = e->opened && e->file->status == FILE_READ;
        e->content = e->stored;
        e->content_bytes = e->stored_bytes;
        hasher_free(t.hasher);
        mem_free(t.piece);
        (void)close(fd);
    }
    file_free(again);
}

struct exhibit *exhibit_finished(const struct file *f, const atomic_bool *cancelled)
{
    struct exhibit *e = mem_alloc(sizeof *e);

    e->file = f;
    if (f->container)
        take_container(e, cancelled);
    else if (is_log(f, (struct bytes){0}))
        e->kind = EXHIBIT_LOG;
    return e;
}

struct exhibit *exhibit_take(struct file *f, const atomic_bool *cancelled)
{
    struct exhibit *e = mem_alloc(sizeof *e);
    struct taking t = {.e = e, .f = f, .cancelled = cancelled};
    struct problem problem;
    int fd;

    e->file = f;
    atomic_store_explicit(&f->status, FILE_READING, memory_order_relaxed);
    fd = access_file(f, &problem);
    if (fd < 0) {
        file_problem(f, problem);
        file_finish(f, FILE_SKIPPED);
        mem_free(e);
        return exhibit_finished(f, cancelled);
    }
    e->opened = true;
    take(&t, fd);
    (void)close(fd);
    e->whole = f->n_problems == 0 && f->padding_bytes == 0 && !is_stopped(&t);
    if (is_stopped(&t))
        file_finish(f, FILE_STOPPED);
    else
        file_finish(f, f->n_problems > 0 ? FILE_DAMAGED : FILE_READ);
    return e;
}

void exhibit_free(struct exhibit *e)
{
    union {
        const char *borrowed;
        char *mine;
    } text;

    if (!e)
        return;
    text.borrowed = e->text.ptr;
    mem_free(text.mine);
    digest_free(e->digest);
    digest_seal_deinit(&e->seal);
    buffer_deinit(&e->why);
    mem_free(e);
}

bool exhibit_first_member(const struct exhibit *e, struct sha *out)
{
    struct file *again = file_new(e->file->path);
    unsigned char *piece = mem_resize(NULL, PIECE_BYTES, 1);
    struct hasher *h = hasher_new();
    struct problem problem;
    uint64_t left = e->first_bytes;
    struct gunzip *g;
    size_t n = 1;
    int fd = access_again(e->file, &problem);

    if (fd >= 0) {
        again->packed_bytes = e->file->packed_bytes;
        g = gunzip_new(again, fd, 0, 0, true);
        for (uint32_t layer = 0; layer < e->file->layers; layer++)
            gunzip_unwrap(g);
        while (left > 0 && n > 0) {
            n = gunzip_read(g, piece, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES);
            hasher_add(h, piece, n);
            left -= n;
        }
        gunzip_free(g);
        (void)close(fd);
    }
    *out = hasher_sum(h);
    hasher_free(h);
    mem_free(piece);
    file_free(again);
    return fd >= 0 && left == 0;
}
