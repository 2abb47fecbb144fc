/* ZIP archives: where each entry's data stands, also in archives that are damaged.
 *
 * The directory at the end says it; every byte that it leaves out is looked at too, so that
 * entries are found without a directory, before its beginning, between its entries and behind
 * it. An entry whose length is not known ends where its data descriptor or its deflate data
 * says so.
 * Source: APPNOTE.TXT 6.3.10, 4.3 and 4.4.
 * Threads: any; descriptors are only read. */
#ifndef CORE_EVIDENCE_ZIP_H
#define CORE_EVIDENCE_ZIP_H

#include "core/evidence/ledger.h"
#include "core/evidence/parcel.h"

enum { ZIP_HEAD_BYTES = 4, ZIP_ENTRY_MAX_BYTES = 1 << 30 /* packed */ };

/* Whether a file that begins with `head` (ZIP_HEAD_BYTES) is one. */
bool zip_is(struct bytes head);

/* Whether it is one by its end: after a program that unpacks it, or the last of several parts.
 * Only what is named *.zip should be asked, as other files may end so by chance or design. */
bool zip_is_by_end(int fd, uint64_t size_bytes);

/* Lists the files in an archive of `size_bytes`, folders left out. What is damaged becomes
 * problems of `f`, the archive's row. */
void zip_list(int fd, uint64_t size_bytes, struct file *f, struct parcels *out);

#endif
