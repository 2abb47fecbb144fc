/* Files that hold other files: each entry of a container becomes a file of its own, OUTER/NAME,
 * that is opened, read and read again like any other. Containers are ZIP and tar archives,
 * plain or gzipped, also one inside the other.
 *
 * Threads: any; a container's own row belongs to whoever unfolds it. */
#ifndef CORE_EVIDENCE_CONTAINER_H
#define CORE_EVIDENCE_CONTAINER_H

#include "core/evidence/ledger.h"

/* Containers that lie in others or in gzip are unpacked into memory, in all at most so much. */
struct container_budget {
    uint64_t bytes;
    unsigned containers;
};
struct container_budget container_full_budget(void); /* 1 GiB, 200 containers */

/* Whether a file of that name should be looked at: *.zip, *.tar, *.tar.gz, *.tgz. */
bool container_is_named(struct bytes path);

/* True when the content of `fd`, or what is gzipped in it, is that of a container. The name
 * says whether the end counts where the beginning does not tell. */
bool container_is(struct bytes path, int fd);

/* Hands each entry of the container `f`, open as `fd`, to `found`, which takes it over;
 * `refused` when it is not to be read, for the problem in its row. Then the row of the
 * container is finished. */
void container_unfold(struct file *f, int fd, struct container_budget *budget,
                      void (*found)(void *context, struct file *entry, bool refused),
                      void *context);

/* The content of an entry as an anonymous file. Deflated text comes as the gzip member that it
 * could be, `wrapped`, so that it is read piece by piece; what is gzip itself comes as it is.
 */
struct container_copy {
    int fd; /* the caller closes it; -1 on failure */
    bool wrapped;
    bool sound;          /* the checksum is right, as far as it can be told already */
    const char *trouble; /* why it failed, or what else is wrong, or NULL; static */
};

/* `fd` is the container. */
struct container_copy container_extract(const struct file *entry, int fd);

#endif
