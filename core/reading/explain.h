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

#endif
