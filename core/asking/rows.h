/* Evaluates expressions on the rows of an index and of results. Private to tables. */
#ifndef CORE_ASKING_ROWS_H
#define CORE_ASKING_ROWS_H

#include "core/asking/value.h"
#include "core/index/index.h"

struct rows {
    struct eval eval;
    struct eval_patterns patterns;
    struct value_reader values;
    struct paths paths;
    const struct datum *columns; /* of a result row; NULL on rows of the index */
    const struct datum *items;   /* what each unnest took, on rows of the index */
};

void rows_init(struct rows *r, const struct query *q, const struct index *index,
               const struct reread *from);
void rows_deinit(struct rows *r);

/* Turns to a row of the index, or to one of a result. */
void rows_turn(struct rows *r, row_id row);
void rows_turn_result(struct rows *r, const struct datum *columns);

#endif
