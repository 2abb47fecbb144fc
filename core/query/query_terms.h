/* Quick terms: what people type into a filter bar, as a tree of the language. */
#ifndef CORE_QUERY_QUERY_TERMS_H
#define CORE_QUERY_QUERY_TERMS_H

#include "core/query/query_parse.h"

/* Reads terms from `*at` up to the first top-level `|` or the end; `*out` is NULL when there
 * are none. `*at` moves behind them. */
enum err terms_parse(struct query *q, struct query_error *error, size_t *at,
                     struct expr **out) MUST_CHECK;

#endif
