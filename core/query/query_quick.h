/* Building blocks of quick terms: nodes for values, times and negation. Private to
 * query_quick.c, query_times.c and query_terms.c. */
#ifndef CORE_QUERY_QUERY_QUICK_H
#define CORE_QUERY_QUERY_QUICK_H

#include "core/query/query_parse.h"

struct terms {
    struct lexer lexer;
    struct query *query;
    struct query_error *error;
    unsigned depth;
};

struct expr *quick_name(struct terms *t, struct bytes name, size_t from);
struct expr *quick_call(struct terms *t, const char *function, struct expr *arg);

/* A caseless pattern for text anywhere in a field; `stars`: * is any run. */
struct expr *quick_part(struct terms *t, struct bytes name, struct bytes text, bool stars,
                        size_t from);

/* Text anywhere in the event. */
struct expr *quick_word(struct terms *t, struct bytes text, bool stars, size_t from);

/* Equality in the sense of quick terms: case does not matter, * is any run (unless the value
 * was quoted), addresses compare by value. */
struct expr *quick_equal(struct terms *t, struct bytes name, struct bytes value, bool quoted,
                         size_t from);

/* A number when the text is one, else a string. */
struct expr *quick_value(struct terms *t, struct bytes value, size_t from);

/* Negation that keeps the events that lack the field: it says so in the tree. */
struct expr *quick_negate(struct terms *t, struct expr *e);

/* `10:00..10:15` and its open forms. False when the text is no time range. */
bool times_range(struct terms *t, struct bytes text, size_t from, struct expr **out);

/* `time:…`, `time>…`; the text stands at `from`. */
enum err times_compare(struct terms *t, enum expr_op op, struct bytes text, size_t from,
                       struct expr **out) MUST_CHECK;

/* `±5m`, `+5m`, `-5m`, an `@sel` before them or not: around, behind or before the selected
 * event. `*found` is false when something else stands at the lexer. */
enum err times_window(struct terms *t, struct expr **out, bool *found) MUST_CHECK;

/* `last:2h`; the span stands at `from`. */
enum err times_last(struct terms *t, struct bytes text, size_t from,
                    struct expr **out) MUST_CHECK;

#endif
