/* tar archives: where each file's data stands, also behind damage.
 *
 * Read are the formats of POSIX (ustar and pax), of GNU tar and of Unix V7. A header counts
 * when its checksum does; behind a damaged one the next is looked for.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual,
 * "Basic Tar Format".
 * Threads: any; descriptors are only read. */
#ifndef CORE_EVIDENCE_TAR_H
#define CORE_EVIDENCE_TAR_H

#include "core/evidence/ledger.h"
#include "core/evidence/parcel.h"

enum { TAR_HEAD_BYTES = 512 };

/* Whether a file that begins with `head` (TAR_HEAD_BYTES) is one. */
bool tar_is(struct bytes head);

/* Lists the files in an archive of `size_bytes`, folders left out; links and devices are
 * refused with the reason. What is damaged becomes problems of `f`, the archive's row. */
void tar_list(int fd, uint64_t size_bytes, struct file *f, struct parcels *out);

#endif
