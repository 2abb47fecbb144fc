/* Opening the evidence: read-only, and without a trace where the system allows that.
 *
 * Files are opened O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, with O_NOATIME where allowed;
 * only regular files are handed out. Entries of containers come as files in memory.
 * Threads: any. */
#ifndef CORE_EVIDENCE_ACCESS_H
#define CORE_EVIDENCE_ACCESS_H

#include <sys/types.h>

#include "core/evidence/ledger.h"

/* Opens a path with `flags` besides those above; `*touched` when reading may leave a time of
 * access. -1 with errno on failure. */
int access_path(const char *path, int flags, bool *touched);

/* Opens the file of a row that is being read; the caller closes the descriptor. -1 and
 * `problem` (its detail is static) on failure. Fills `packed_bytes`, `modified_ns` and
 * `atime_touched`, and notes what is doubtful about an entry. */
int access_file(struct file *f, struct problem *problem);

/* The same for a finished row, which is left as it is. */
int access_again(const struct file *f, struct problem *problem);

/* What an errno means to the ledger. */
enum err access_error(int number);

/* What kind of file a mode says, such as "symbolic link"; static. */
const char *access_mode_name(mode_t mode);

#endif
