/* The filters in force: an immutable list of conditions that all hold.
 *
 * Each change gives a new list that shares what stayed the same, so a history of filters is an
 * array of lists and undo is an index into it. */
#ifndef CORE_QUERY_FILTERS_H
#define CORE_QUERY_FILTERS_H

#include "core/query/query.h"

struct filters;

/* No conditions: everything is selected. */
struct filters *filters_new(void);
struct filters *filters_hold(struct filters *f);
void filters_release(struct filters *f);

size_t filters_count(const struct filters *f);

/* What the user sees and edits; the list's. */
struct bytes filters_text(const struct filters *f, size_t i);
bool filters_enabled(const struct filters *f, size_t i);
const struct query *filters_query(const struct filters *f, size_t i);

/* The list with one more condition (the same text is not added twice). ERR_QUERY with `error`
 * when the text is no condition; `f` stays as it is in any case. */
enum err filters_add(const struct filters *f, struct bytes text,
                     const struct query_options *options, struct filters **out,
                     struct query_error *error) MUST_CHECK;

/* The list with one more condition, that an event is one of these rows; `label` stands for it
 * where people read conditions. */
struct filters *filters_add_rows(const struct filters *f, struct bytes label,
                                 const row_id *rows, size_t n_rows);

/* The list with condition `i` replaced, switched or left out. */
enum err filters_edit(const struct filters *f, size_t i, struct bytes text,
                      const struct query_options *options, struct filters **out,
                      struct query_error *error) MUST_CHECK;
struct filters *filters_toggle(const struct filters *f, size_t i);
struct filters *filters_without(const struct filters *f, size_t i);

/* The enabled conditions, for a scan; `out` has room for filters_count(). Returns how many. */
size_t filters_enabled_queries(const struct filters *f, const struct query **out);

#endif
