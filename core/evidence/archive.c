#include "core/evidence/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/instant.h"
#include "core/base/mem.h"
#include "core/base/pool.h"

#include "core/evidence/access.h"
#include "core/evidence/container.h"
#include "core/evidence/identity.h"
#include "core/evidence/spool.h"

enum { LINK_BYTES = 1024, CONTAINER_DEPTH_MAX = 2 };

enum entry_kind { ENTRY_FOLDER, ENTRY_FILE, ENTRY_REFUSED };

/* Something found and not yet handed out. */
struct entry {
    enum entry_kind kind;
    bool given;
    int64_t latest_us; /* nothing in it is newer than this day, as far as names tell */
    struct buffer path;
    struct file *f; /* ready-made rows: refused entries, memory, streams */
};

/* Something that was added, so that it can be added again. */
struct source {
    struct buffer path;
    const struct file *f; /* of memory and streams, instead of a path */
    size_t n_problems;    /* that it had then */
};

/* A binary heap, the entry that comes first on top. */
struct heap {
    struct entry *entries;
    size_t count, cap;
};

struct archive {
    /* Held while the tree is read, so it may wait for a disk. */
    struct lock walk;
    struct heap unopened;        /* folders */
    struct heap files_found;     /* everything else */
    struct identity_set folders; /* opened */
    struct identity_set roots;   /* given by the user, files and folders */
    struct buffer root_names;    /* of given files: their last steps, each behind a NUL */
    struct container_budget budget;
    struct source *sources;
    size_t n_sources, sources_cap;

    /* Held for moments only. */
    struct lock rows;
    struct file **files;
    size_t n_files, files_cap;
    size_t n_folders, n_found; /* folders still to open; files known */
    size_t n_settled;          /* this many rows are finished, and summed up: */
    struct ledger_totals settled;
};

static void heap_deinit(struct heap *h)
{
    for (size_t i = 0; i < h->count; i++) {
        buffer_deinit(&h->entries[i].path);
        file_free(h->entries[i].f);
    }
    mem_free(h->entries);
}

struct archive *archive_new(void)
{
    struct archive *a = mem_alloc(sizeof *a);

    lock_init(&a->walk);
    lock_init(&a->rows);
    a->budget = container_full_budget();
    return a;
}

void archive_free(struct archive *a)
{
    if (!a)
        return;
    heap_deinit(&a->unopened);
    heap_deinit(&a->files_found);
    for (size_t i = 0; i < a->n_files; i++)
        file_free(a->files[i]);
    mem_free(a->files);
    identity_deinit(&a->folders);
    identity_deinit(&a->roots);
    buffer_deinit(&a->root_names);
    for (size_t i = 0; i < a->n_sources; i++)
        buffer_deinit(&a->sources[i].path);
    mem_free(a->sources);
    lock_deinit(&a->walk);
    lock_deinit(&a->rows);
    mem_free(a);
}

/* Newest day first; a folder before the files of its day, because it may hold more of them;
 * then by name. */
static bool entry_before(const struct entry *a, const struct entry *b)
{
    if (a->latest_us != b->latest_us)
        return a->latest_us > b->latest_us;
    if ((a->kind == ENTRY_FOLDER) != (b->kind == ENTRY_FOLDER))
        return a->kind == ENTRY_FOLDER;
    return bytes_compare(buffer_bytes(&a->path), buffer_bytes(&b->path)) < 0;
}

static void heap_swap(struct heap *h, size_t i, size_t j)
{
    struct entry moved = h->entries[i];

    h->entries[i] = h->entries[j];
    h->entries[j] = moved;
}

static void heap_push(struct heap *h, struct entry e)
{
    size_t i = h->count;

    mem_grow(&h->entries, &h->cap, h->count + 1, sizeof *h->entries);
    h->entries[h->count++] = e;
    while (i > 0 && entry_before(&h->entries[i], &h->entries[(i - 1) / 2])) {
        heap_swap(h, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static struct entry heap_pop(struct heap *h)
{
    struct entry first = h->entries[0];
    size_t i = 0;

    h->entries[0] = h->entries[--h->count];
    for (;;) {
        size_t best = i, left = 2 * i + 1;

        for (size_t child = left; child < h->count && child <= left + 1; child++)
            if (entry_before(&h->entries[child], &h->entries[best]))
                best = child;
        if (best == i)
            return first;
        heap_swap(h, i, best);
        i = best;
    }
}

/* Puts something that was found in line. */
static void found(struct archive *a, struct entry e)
{
    bool folder = e.kind == ENTRY_FOLDER;

    heap_push(folder ? &a->unopened : &a->files_found, e);
    lock_take(&a->rows);
    a->n_folders += folder;
    a->n_found += !folder;
    lock_give(&a->rows);
}

static struct entry entry_make(enum entry_kind kind, struct bytes path)
{
    struct entry e = {.kind = kind, .latest_us = INSTANT_NONE};

    buffer_add(&e.path, path);
    e.latest_us = kind == ENTRY_FOLDER ? folder_latest_day(path) : file_facts_of(path).day_us;
    return e;
}

static struct file *row_make(struct bytes path)
{
    struct file *f = file_new(path);

    f->facts = file_facts_of(f->path);
    return f;
}

/* An entry that becomes a skipped row in its turn. */
static void refuse(struct archive *a, struct bytes path, enum err code, struct bytes detail)
{
    struct entry e = entry_make(ENTRY_REFUSED, path);

    e.f = row_make(path);
    file_problem(e.f, (struct problem){.code = code, .packed = true, .detail = detail});
    found(a, e);
}

static struct source *remember(struct archive *a)
{
    mem_grow(&a->sources, &a->sources_cap, a->n_sources + 1, sizeof *a->sources);
    a->sources[a->n_sources] = (struct source){0};
    return &a->sources[a->n_sources++];
}

void archive_add_path(struct archive *a, struct bytes path)
{
    struct buffer text = {0};
    struct stat st;
    const char *name;

    buffer_add(&remember(a)->path, path);
    buffer_add(&text, path);
    name = buffer_cstr(&text);
    lock_take(&a->walk);
    if (memchr(name, '\0', path.len)) {
        refuse(a, path, ERR_NOT_FOUND, bytes_of("the name holds a NUL"));
    } else if (stat(name, &st) != 0) {
        refuse(a, path, access_error(errno), bytes_of(strerror(errno)));
    } else if (identity_add(&a->roots, (struct identity){st.st_dev, st.st_ino})) {
        if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)) {
            struct entry e = entry_make(S_ISDIR(st.st_mode) ? ENTRY_FOLDER : ENTRY_FILE, path);

            e.given = true;
            found(a, e);
            buffer_add_char(&a->root_names, '\0');
            buffer_add_text(&a->root_names, basename(name));
        } else {
            refuse(a, path, ERR_NOT_REGULAR,
                   bytes_of(S_ISFIFO(st.st_mode) ? "FIFO; streams are read from -"
                                                 : access_mode_name(st.st_mode)));
        }
    }
    lock_give(&a->walk);
    buffer_deinit(&text);
}

static void add_row(struct archive *a, struct file *f)
{
    struct entry e =
        entry_make(f->n_problems && f->fd < 0 ? ENTRY_REFUSED : ENTRY_FILE, f->path);

    struct source *source = remember(a);

    source->f = f;
    source->n_problems = f->n_problems;
    e.f = f;
    lock_take(&a->walk);
    found(a, e);
    lock_give(&a->walk);
}

void archive_add_memory(struct archive *a, struct bytes name, struct bytes content)
{
    struct file *f = row_make(name);

    f->fd = spool_new();
    if (f->fd < 0 || !spool_write(f->fd, content.ptr, content.len)) {
        file_problem(f, (struct problem){.code = ERR_IO, .detail = bytes_of(strerror(errno))});
        if (f->fd >= 0)
            (void)close(f->fd);
        f->fd = -1;
    }
    add_row(a, f);
}

enum err archive_add_stream(struct archive *a, int fd, uint64_t limit_bytes)
{
    int copy = spool_new();
    struct file *f;
    bool more, fine;

    if (copy < 0)
        return ERR_IO;
    fine = spool_stream(copy, fd, limit_bytes, &more);
    if (!fine && lseek(copy, 0, SEEK_END) <= 0) {
        (void)close(copy);
        return ERR_IO;
    }
    f = row_make(bytes_of("-"));
    f->fd = copy;
    if (!fine)
        file_problem(f, (struct problem){.code = ERR_IO,
                                         .packed = true,
                                         .offset = (uint64_t)lseek(copy, 0, SEEK_END),
                                         .detail = bytes_of("reading stopped here")});
    if (more)
        file_problem(f, (struct problem){.code = ERR_TOO_LARGE,
                                         .packed = true,
                                         .offset = limit_bytes,
                                         .detail = bytes_of("the rest was not read")});
    add_row(a, f);
    return ERR_OK;
}

/* True for a file of the tree that was also given by itself: its own entry stands for it.
 * Cheap: only names that look alike are examined. */
static bool was_given(struct archive *a, int folder_fd, const char *name, dev_t device,
                      ino_t inode)
{
    struct buffer key = {0};
    struct stat st;
    bool alike = a->roots.n > 0 && identity_has(&a->roots, (struct identity){device, inode});

    if (!alike && a->root_names.len > 0) {
        buffer_add_char(&key, '\0');
        buffer_add_text(&key, name);
        alike = bytes_find(buffer_bytes(&a->root_names), buffer_bytes(&key)) != SIZE_MAX;
        buffer_deinit(&key);
    }
    /* On overlays the number of a directory entry may differ from that of its file. */
    return alike && fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(st.st_mode) &&
           identity_has(&a->roots, (struct identity){st.st_dev, st.st_ino});
}

static void refuse_entry(struct archive *a, struct bytes path, int folder_fd, const char *name,
                         mode_t mode)
{
    struct buffer detail = {0};

    buffer_add_text(&detail, access_mode_name(mode));
    if (S_ISLNK(mode)) {
        char target[LINK_BYTES];
        ssize_t n = readlinkat(folder_fd, name, target, sizeof target);

        buffer_add_text(&detail, ", not followed");
        if (n > 0) {
            buffer_add_text(&detail, ": ");
            buffer_add(&detail, bytes_make(target, (size_t)n));
        }
    }
    refuse(a, path, ERR_NOT_REGULAR, buffer_bytes(&detail));
    buffer_deinit(&detail);
}

/* Sorts one name of a folder into the heap. */
static void folder_item(struct archive *a, int folder_fd, dev_t device, struct bytes path,
                        const struct dirent *item)
{
    mode_t mode = (mode_t)DTTOIF(item->d_type);
    struct stat st;

    if (item->d_type == DT_UNKNOWN) {
        if (fstatat(folder_fd, item->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            refuse(a, path, access_error(errno), bytes_of(strerror(errno)));
            return;
        }
        mode = st.st_mode;
    }
    if (S_ISDIR(mode))
        found(a, entry_make(ENTRY_FOLDER, path));
    else if (!S_ISREG(mode))
        refuse_entry(a, path, folder_fd, item->d_name, mode);
    else if (!was_given(a, folder_fd, item->d_name, device, item->d_ino))
        found(a, entry_make(ENTRY_FILE, path));
}

static void folder_list(struct archive *a, DIR *folder, dev_t device, struct bytes path)
{
    struct buffer item_path = {0};
    const struct dirent *item;
    size_t stem;

    buffer_add(&item_path, path);
    if (path.len > 0 && path.ptr[path.len - 1] != '/')
        buffer_add_char(&item_path, '/');
    stem = item_path.len;
    while ((errno = 0, item = readdir(folder)) != NULL) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        item_path.len = stem;
        buffer_add_text(&item_path, item->d_name);
        folder_item(a, dirfd(folder), device, buffer_bytes(&item_path), item);
    }
    if (errno != 0)
        refuse(a, path, ERR_IO, bytes_of(strerror(errno)));
    buffer_deinit(&item_path);
}

static void folder_open(struct archive *a, struct entry *e)
{
    struct bytes path;
    bool touched;
    int fd =
        access_path(buffer_cstr(&e->path), O_DIRECTORY | (e->given ? 0 : O_NOFOLLOW), &touched);
    DIR *folder = NULL;
    struct identity id;
    struct stat st;

    path = buffer_bytes(&e->path);
    if (fd < 0 || fstat(fd, &st) != 0 || !(folder = fdopendir(fd))) {
        refuse(a, path, access_error(errno), bytes_of(strerror(errno)));
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    id = (struct identity){st.st_dev, st.st_ino};
    if (identity_add(&a->folders, id))
        folder_list(a, folder, st.st_dev, path);
    else if (!identity_has(&a->roots, id))
        refuse(a, path, ERR_LOOP, bytes_of("read before under another name"));
    (void)closedir(folder);
}

/* The entry's row, in its place in the ledger. */
static struct file *row_add(struct archive *a, struct entry *e)
{
    struct file *f = e->f ? e->f : row_make(buffer_bytes(&e->path));

    f->given = f->given || e->given;
    if (e->kind == ENTRY_REFUSED)
        file_finish(f, FILE_SKIPPED);
    lock_take(&a->rows);
    f->id = (uint32_t)a->n_files;
    mem_grow(&a->files, &a->files_cap, a->n_files + 1, sizeof *a->files);
    a->files[a->n_files++] = f;
    lock_give(&a->rows);
    return f;
}

/* Opens the folder that comes first among those that wait. */
static void open_first(struct archive *a)
{
    struct entry e = heap_pop(&a->unopened);

    folder_open(a, &e);
    buffer_deinit(&e.path);
    lock_take(&a->rows);
    a->n_folders--;
    lock_give(&a->rows);
}

static void add_row_again(struct archive *a, const struct source *source)
{
    struct file *f = row_make(source->f->path);

    f->fd = source->f->fd < 0 ? -1 : fcntl(source->f->fd, F_DUPFD_CLOEXEC, 0);
    for (size_t i = 0; i < source->n_problems; i++)
        file_problem(f, source->f->problems[i]);
    if (f->fd < 0 && f->n_problems == 0)
        file_problem(f, (struct problem){.code = ERR_IO, .detail = bytes_of(strerror(errno))});
    add_row(a, f);
}

struct archive *archive_again(struct archive *a)
{
    struct archive *again = archive_new();

    for (size_t i = 0; i < a->n_sources; i++)
        if (a->sources[i].f)
            add_row_again(again, &a->sources[i]);
        else
            archive_add_path(again, buffer_bytes(&a->sources[i].path));
    return again;
}

static void entry_found(void *context, struct file *f, bool refused)
{
    struct entry e = entry_make(refused ? ENTRY_REFUSED : ENTRY_FILE, f->path);

    e.f = f;
    found(context, e);
}

/* How many containers a file lies in. */
static unsigned depth_of(const struct file *f)
{
    unsigned depth = 0;

    for (; f->outer; f = f->outer)
        depth++;
    return depth;
}

/* True when the file was a container: its entries come in its place. */
static bool unfold(struct archive *a, struct file *f)
{
    struct problem problem;
    bool is;
    int fd;

    if (depth_of(f) == CONTAINER_DEPTH_MAX ||
        !(f->given || f->fd >= 0 || container_is_named(f->path)))
        return false;
    fd = access_again(f, &problem);
    if (fd < 0)
        return false; /* whoever reads it says why */
    is = container_is(f->path, fd);
    (void)close(fd);
    if (!is)
        return false;
    fd = access_file(f, &problem);
    if (fd < 0)
        return false;
    container_unfold(f, fd, &a->budget, entry_found, a);
    (void)close(fd);
    return f->container;
}

struct file *archive_next(struct archive *a)
{
    struct file *next = NULL;

    lock_take(&a->walk);
    while (!next && (a->unopened.count > 0 || a->files_found.count > 0)) {
        struct entry e;
        struct file *f;

        if (a->unopened.count > 0 &&
            (a->files_found.count == 0 ||
             entry_before(&a->unopened.entries[0], &a->files_found.entries[0]))) {
            open_first(a);
            continue;
        }
        e = heap_pop(&a->files_found);
        f = row_add(a, &e);
        next = e.kind == ENTRY_FILE && !unfold(a, f) ? f : NULL;
        buffer_deinit(&e.path);
    }
    lock_give(&a->walk);
    return next;
}

void archive_look_ahead(struct archive *a)
{
    lock_take(&a->walk);
    if (a->unopened.count > 0)
        open_first(a);
    lock_give(&a->walk);
}

size_t archive_count(struct archive *a)
{
    size_t n;

    lock_take(&a->rows);
    n = a->n_files;
    lock_give(&a->rows);
    return n;
}

struct file *archive_file(struct archive *a, size_t id)
{
    struct file *f = NULL;

    lock_take(&a->rows);
    if (id < a->n_files)
        f = a->files[id];
    lock_give(&a->rows);
    return f;
}

size_t archive_found(struct archive *a)
{
    size_t n;

    lock_take(&a->rows);
    n = a->n_found;
    lock_give(&a->rows);
    return n;
}

bool archive_is_listed(struct archive *a)
{
    bool listed;

    lock_take(&a->rows);
    listed = a->n_folders == 0;
    lock_give(&a->rows);
    return listed;
}

void archive_totals(struct archive *a, struct ledger_totals *out)
{
    lock_take(&a->rows);
    /* Finished rows never change again, so they are summed up once. */
    while (a->n_settled < a->n_files && file_is_finished(a->files[a->n_settled]))
        ledger_add(&a->settled, a->files[a->n_settled++]);
    *out = a->settled;
    for (size_t i = a->n_settled; i < a->n_files; i++)
        ledger_add(out, a->files[i]);
    out->waiting += a->n_found - a->n_files;
    out->files = a->n_found;
    lock_give(&a->rows);
}
