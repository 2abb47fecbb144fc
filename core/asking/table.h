/* The result of a whole query: named columns, rows of cells.
 *
 * Runs `fields … | filter … | stats … | sort … | limit …` to its end. One engine serves the
 * screen and -q, so the numbers are the same. */
#ifndef CORE_ASKING_TABLE_H
#define CORE_ASKING_TABLE_H

#include "core/asking/scan.h"
#include "core/evidence/archive.h"
#include "core/index/load.h"

struct cell {
    bool present;
    struct bytes text; /* the table's */
};

struct table {
    size_t n_columns, n_rows;
    const struct bytes *columns; /* names */
    const struct cell *cells;    /* n_rows × n_columns, row by row */
    const row_id *rows;          /* the event behind each row; NULL for tables from stats */
    uint64_t n_matching;         /* rows before `limit` */
    uint64_t n_unknown, n_undecided;
    uint64_t n_unlooked; /* events not looked at, as the asker had enough */
    struct bytes *notices;
    size_t n_notices;
    struct arena arena;
};

struct table_source {
    struct index *index;
    struct archive *archive;
    struct load *load;         /* for maps of big files; may be NULL */
    struct recall *recall;     /* keeps what was read again; may be NULL */
    const struct job *job;     /* whose cancelling ends the query; may be NULL */
    struct progress *progress; /* may be NULL */
    bool keep_unknown;         /* a value missing under a negated test counts as chosen */
};

/* Runs the query on the calling thread (which must be none of the pool's), scanning with the
 * pool. Errors: ERR_QUERY with `error` when the query needs what there is not; ERR_CANCELLED
 * without one. */
enum err table_run(const struct query *q, const struct table_source *source, struct pool *p,
                   bool with_duplicates, struct table **out,
                   struct query_error *error) MUST_CHECK;
void table_free(struct table *t);

#endif
