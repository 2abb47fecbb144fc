/* What names and functions of the query language stand for. */
#ifndef CORE_QUERY_QUERY_NAMES_H
#define CORE_QUERY_QUERY_NAMES_H

#include "core/query/functions.h"
#include "core/query/query_tree.h"

/* Resolves a canonical name that is neither alias nor column. Always finds something: what is
 * no field is a path into the records (NAME_PATH). */
struct name name_resolve(struct bytes canonical);

/* True for a path whose first step records are known to have; false when only this query knows
 * it. */
bool name_is_likely_path(struct bytes canonical);

/* Appends up to three names that look like `name`: " (did you mean error, region?)". */
void name_add_nearest(struct buffer *out, struct bytes name);

#endif
