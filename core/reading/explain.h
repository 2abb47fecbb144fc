/* Plain sentences: who did what, from where, with what result, and why it matters.
 *
 * Works on values alone, so it can be called with those of a `struct event` and with texts
 * fetched from the store. What is appended holds text from evidence: it passes safe_add()
 * before it is drawn. The words and their sources stand in operation.c and refusal.c. Threads:
 * any. */
#ifndef CORE_READING_EXPLAIN_H
#define CORE_READING_EXPLAIN_H

#include "core/reading/field.h"

/* Appends the sentences for one event. `values` has FIELD_COUNT entries; stage, outcome and
 * reason are read as texts of their vocabularies. */
void explain_event(const struct value *values, struct buffer *out);

/* Appends what an operation is for and why it matters: "GetId: get an identity of …". Nothing
 * for an operation without a row. */
void explain_operation(struct bytes service, struct bytes name, struct buffer *out);

/* Appends what an error code means, by its message where that tells more. */
void explain_error(struct bytes code, struct bytes message, struct buffer *out);

#endif
