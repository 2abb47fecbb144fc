/* What a name is worth on one row of the index: columns, the row's file, its record.
 * Threads: a reader belongs to one thread. */
#ifndef CORE_ASKING_VALUE_H
#define CORE_ASKING_VALUE_H

#include "core/asking/paths.h"

struct value_reader {
    const struct store *store;
    struct dictionary *const *dictionaries;
    struct archive *archive;   /* NULL: what files say is missing */
    struct extract *records;   /* NULL: what records say is not known */
    const struct paths *paths; /* may be NULL: values of paths that are kept */
    struct arena *memory;      /* for texts that no column holds as they are */
    const struct chunk *chunk;
    size_t chunk_number, row;
    const struct file *file; /* the one asked for last; many rows in turn share it */
    bool borrows;            /* values of records need not outlive the row */
    bool has_record;         /* `record` is that of the row */
    bool failed_record;
    struct bytes record;
    struct unwrapper unwrapped; /* the text of a log's event inside its record */
    char scratch[UNIQUE_TEXT_BYTES];
};

/* All must outlive the reader. */
void value_reader_init(struct value_reader *v, const struct store *store,
                       struct archive *archive, struct extract *records, struct arena *memory);

void value_reader_deinit(struct value_reader *v);

/* Turns to a row. */
void value_turn(struct value_reader *v, size_t chunk_number, size_t row);

/* The value of a resolved name on the present row; DATUM_UNDECIDED when its record cannot be
 * read again. */
struct datum value_of(struct value_reader *v, const struct expr *name);

/* What a file says for NAME_FILE and NAME_INGESTION. */
struct datum value_of_file(const struct file *f, const struct expr *name);

/* True when the column behind a name says anything for rows of the format. */
bool value_speaks(uint32_t formats, enum format f);

/* True when the expression reads records. */
bool value_needs_record(const struct expr *e);

#endif
