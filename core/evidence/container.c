#include "core/evidence/container.h"

#include "core/base/mem.h"

#include "core/evidence/facts.h"
#include "core/evidence/spool.h"
#include "core/evidence/zip.h"

bool container_is(int fd)
{
    char head[ZIP_HEAD_BYTES];

    return spool_read_at(fd, 0, head, sizeof head) && zip_is(bytes_make(head, sizeof head));
}

/* The row of an entry. */
static struct file *entry_row(const struct file *outer, const struct zip_entry *z,
                              struct bytes name)
{
    const char *refusal = zip_refusal(z);
    struct buffer path = {0};
    struct file *f;

    buffer_add(&path, outer->path);
    buffer_add_char(&path, '/');
    buffer_add(&path, name);
    f = file_new(buffer_bytes(&path));
    f->facts = file_facts_of(f->path);
    f->outer = outer;
    f->entry = mem_alloc(sizeof *z);
    *f->entry = *z;
    f->packed_bytes = z->packed_bytes;
    if (refusal)
        file_problem(f, (struct problem){.code = ERR_NOT_LOGS,
                                         .packed = true,
                                         .length = z->packed_bytes,
                                         .detail = bytes_of(refusal)});
    buffer_deinit(&path);
    return f;
}

static bool is_folder(const struct zip_entry *z, struct bytes name)
{
    return name.len > 0 && name.ptr[name.len - 1] == '/' && z->bytes == 0;
}

void container_list(struct file *f, int fd,
                    void (*found)(void *context, struct file *entry, bool refused),
                    void *context)
{
    struct buffer words = {0};
    uint64_t packed = 0, size = f->packed_bytes;
    unsigned n = 0;
    struct zip_entry entry;
    struct bytes name;
    const char *why;
    struct zip z;
    enum err err = zip_open(fd, size, &z, &why);

    while (err == ERR_OK && (err = zip_next(&z, &entry, &name, &why)) == ERR_OK) {
        packed += entry.packed_bytes;
        if (packed > size) { /* as bombs have it */
            why = "with entries that lie over one another";
            err = ERR_ZIP;
            break;
        }
        if (!is_folder(&entry, name))
            found(context, entry_row(f, &entry, name), zip_refusal(&entry) != NULL);
        n++;
    }
    f->packed_bytes = size > packed ? size - packed : 0;
    f->packed_read_bytes = f->packed_bytes;
    if (err == ERR_ZIP)
        buffer_printf(&words, "%s; %u entries found", why, n);
    else
        buffer_printf(&words, "ZIP archive, %u entr%s, each a file of its own", n,
                      n == 1 ? "y" : "ies");
    file_problem(f, (struct problem){.code = err == ERR_ZIP ? ERR_ZIP : ERR_ASIDE,
                                     .packed = true,
                                     .detail = buffer_bytes(&words)});
    file_finish(f, err != ERR_ZIP ? FILE_READ : n > 0 ? FILE_DAMAGED : FILE_SKIPPED);
    buffer_deinit(&words);
    zip_deinit(&z);
}

int container_extract(const struct file *entry, int fd, bool *sound, const char **why)
{
    return zip_extract(fd, entry->entry, sound, why);
}
