/* Whatever the archive is: its entries lie within it, one behind the other, each can be read
 * and read again, and the places of its problems lie within it too. */
#include "core/evidence/container.h"

#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/evidence/block.h"
#include "core/evidence/parcel.h"

#include "tests/fuzz/fuzz.h"

enum { ENTRY_BYTES = 256 * 1024, ENTRIES_READ_MAX = 64 };

struct entries {
    struct file **items;
    size_t n, cap;
};

static void take(void *context, struct file *entry, bool refused)
{
    struct entries *e = context;

    fuzz_check(refused == (entry->n_problems > 0), "what is refused says why");
    mem_grow(&e->items, &e->cap, e->n + 1, sizeof *e->items);
    e->items[e->n++] = entry;
}

/* The content, up to a limit. */
static struct buffer content(struct file *f, int fd, bool quiet)
{
    struct block_limits limits = {.max_bytes = ENTRY_BYTES, .max_ratio = 400, .max_layers = 2};
    struct block *b = block_new(f, fd, limits, quiet);
    struct buffer text = {0};
    size_t n;

    while ((n = block_read(b, buffer_room(&text, 65536), 65536)) > 0)
        text.len += n;
    block_free(b);
    return text;
}

static void read_entry(struct file *f)
{
    struct problem problem;
    struct buffer first, second;
    int fd = access_file(f, &problem);

    if (fd < 0)
        return;
    first = content(f, fd, false);
    (void)close(fd);
    fd = access_again(f, &problem);
    fuzz_check(fd >= 0, "what was opened once can be opened again");
    second = content(f, fd, true);
    (void)close(fd);
    fuzz_check(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)),
               "an entry is the same each time");
    buffer_deinit(&first);
    buffer_deinit(&second);
}

static void check(struct file *f, const struct entries *e, uint64_t size)
{
    uint64_t end = 0;

    for (size_t i = 0; i < e->n; i++) {
        const struct parcel *p = e->items[i]->parcel;

        fuzz_check(p->offset >= end && p->offset <= size && p->packed_bytes <= size - p->offset,
                   "entries lie one behind the other");
        end = p->offset + p->packed_bytes;
    }
    for (size_t i = 0; i < f->n_problems; i++)
        if (f->content_fd < 0)
            fuzz_check(f->problems[i].offset <= size &&
                           f->problems[i].length <= size - f->problems[i].offset,
                       "a problem lies within the archive");
    for (size_t i = 0; i < e->n && i < ENTRIES_READ_MAX; i++)
        if (!e->items[i]->parcel->refusal)
            read_entry(e->items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct container_budget budget = {.bytes = 1024 * 1024, .containers = 1};
    struct file *f = file_new(bytes_of("fuzz.zip"));
    struct entries entries = {0};
    struct problem problem;
    int fd;

    f->fd = fuzz_file(data, size);
    fd = access_file(f, &problem);
    fuzz_check(fd >= 0, "a file in memory can be opened");
    if (container_is(f->path, fd)) {
        container_unfold(f, fd, &budget, take, &entries);
        fuzz_check(file_is_finished(f), "an archive is finished");
        if (f->content_fd >= 0)
            size = (size_t)lseek(f->content_fd, 0, SEEK_END);
        check(f, &entries, size);
    }
    (void)close(fd);
    for (size_t i = 0; i < entries.n; i++)
        file_free(entries.items[i]);
    mem_free(entries.items);
    file_free(f);
    return 0;
}
