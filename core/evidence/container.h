/* Archives as they hold other files: each entry of a container becomes a file of its own,
 * OUTER/NAME, that is opened, read and read again like any other.
 *
 * Threads: any; a container's own row belongs to whoever lists it. */
#ifndef CORE_EVIDENCE_CONTAINER_H
#define CORE_EVIDENCE_CONTAINER_H

#include "core/evidence/ledger.h"

/* True when the content of `fd` is that of a container. */
bool container_is(int fd);

/* Hands each entry of the container `f`, open as `fd`, to `found`, which takes it over;
 * `refused` when it is not to be read, for the problem in its row. Then finishes the row of
 * the container, which keeps the bytes that are no entry's. */
void container_list(struct file *f, int fd,
                    void (*found)(void *context, struct file *entry, bool refused),
                    void *context);

/* An anonymous file with the content of an entry, gzipped or plain; the caller closes it. `fd`
 * is the container. -1 and `why` (static) on failure. `sound` tells whether stored content has
 * its checksum. */
int container_extract(const struct file *entry, int fd, bool *sound, const char **why);

#endif
