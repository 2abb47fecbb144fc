/* What a run of bytes is, by its first bytes; names never decide.
 *
 * Sources: the file signatures in the specifications of each format (APPNOTE.TXT 4.3.7 for
 * ZIP, RFC 8878 for Zstandard, RFC 1950 for zlib, …); S3 error responses in the Amazon S3 API
 * reference, "REST error responses". */
#ifndef CORE_EVIDENCE_SNIFF_H
#define CORE_EVIDENCE_SNIFF_H

#include "core/base/bytes.h"

/* As many first bytes as the functions below want to see; fewer will do. */
enum { SNIFF_BYTES = 512 };

bool sniff_is_gzip(struct bytes head);

/* True, and a name such as "ZIP archive" appended to `name`, when these bytes begin something
 * that holds no log text. Text with stray bytes in it passes: damage is judged record by
 * record. */
bool sniff_is_foreign(struct bytes head, struct buffer *name);

#endif
