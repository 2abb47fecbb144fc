/* Evaluates expressions on the rows of an index and of results. Private to tables. */
#ifndef CORE_ASKING_ROWS_H
#define CORE_ASKING_ROWS_H

#include "core/asking/bitmap.h"
#include "core/asking/extract.h"

struct rows {
    struct eval eval;
    struct eval_patterns patterns;
    const struct index *index;
    struct archive *archive;
    struct extract *records;
    row_id row;
    const struct datum *columns; /* of a result row; NULL on rows of the index */
    bool has_record;             /* `record` is that of `row` */
    bool failed_record;
    struct bytes record;
    char scratch[UNIQUE_TEXT_BYTES];
};

void rows_init(struct rows *r, const struct query *q, const struct index *index,
               struct archive *archive, struct load *load);
void rows_deinit(struct rows *r);

/* Turns to a row of the index, or to one of a result. */
void rows_turn(struct rows *r, row_id row);
void rows_turn_result(struct rows *r, const struct datum *columns);

/* True when the expression reads something that no column holds. */
bool rows_needs_record(const struct expr *e);

#endif
