/* Values at any path of a record, and the records of rows.
 *
 * Files are unpacked again for it: small ones whole and a few of them kept, of big ones only
 * the stretch of the record. */
#ifndef CORE_ASKING_EXTRACT_H
#define CORE_ASKING_EXTRACT_H

#include "core/asking/eval.h"
#include "core/asking/progress.h"
#include "core/asking/recall.h"
#include "core/evidence/archive.h"
#include "core/index/load.h"

/* The value at a canonical path (see query_lex.c). Numbers and literals are their source text,
 * containers their JSON text. Decoded text goes into `memory`, the rest borrows from `record`.
 * Of a key that stands twice the last one counts. */
struct datum extract_find(struct bytes record, struct bytes path, struct arena *memory);

/* What records are read again from. All but the archive may be NULL, and where nothing is read
 * again that, too; all outlive whoever reads. */
struct reread {
    struct archive *archive;
    struct load *load;     /* for maps of big files */
    struct recall *recall; /* keeps what was read */
    struct progress *progress;
};

struct extract;

struct extract *extract_new(const struct store *s, const struct reread *from);
void extract_free(struct extract *r);

/* The text of the record of a row, as JSON; valid until the next call. False (counted) when the
 * file cannot be read again as it was. */
bool extract_record(struct extract *r, row_id row, struct bytes *out);

/* Likewise, but not counted: for whoever does without. */
bool extract_try(struct extract *r, row_id row, struct bytes *out);

/* Rows whose record could not be read. */
uint64_t extract_failures(const struct extract *r);

#endif
