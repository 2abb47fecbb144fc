/* A tree back to text, in the language's own words. */
#ifndef CORE_QUERY_QUERY_WRITE_H
#define CORE_QUERY_QUERY_WRITE_H

#include "core/query/query_tree.h"

void write_expr(struct buffer *out, const struct expr *e);
void write_commands(struct buffer *out, const struct query *q);

/* A string in quotes with the escapes of the language; bytes that are not printable ASCII or
 * part of good UTF-8 become \xNN, so that reading it gives the same bytes. */
void write_string(struct buffer *out, struct bytes text);

#endif
