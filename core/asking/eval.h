/* What an expression is worth on one row.
 *
 * Values have a type and may be missing; conditions have four outcomes: no, yes, unknown (a
 * value was missing) and undecided (a match reached its limit). The same code decides entries
 * of dictionaries for scans and rows of results for tables.
 * Threads: a `struct eval` belongs to one thread; the query is only read. */
#ifndef CORE_ASKING_EVAL_H
#define CORE_ASKING_EVAL_H

#include "core/asking/datum.h"
#include "core/query/query_tree.h"

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN, TRUTH_UNDECIDED };

struct eval;

/* Gives the value of a resolved name on the present row. */
typedef struct datum eval_name(struct eval *e, const struct expr *name);

/* A compiled pattern of the query. */
struct eval_pattern {
    const struct expr *regex;
    struct match *match;
};

/* Every pattern below some expressions, compiled; immutable once made and shared. */
struct eval_patterns {
    struct eval_pattern *items;
    size_t count, cap;
};

void eval_patterns_add(struct eval_patterns *p, const struct expr *e);

/* Before the first use. */
void eval_patterns_seal(struct eval_patterns *p);
void eval_patterns_deinit(struct eval_patterns *p);

struct eval {
    const struct eval_patterns *patterns;
    struct match_scratch *scratch;
    eval_name *name;
    eval_name *aggregate; /* the value of a count, sum, …; NULL outside results */
    void *row;            /* for `name` and `aggregate` */
    struct arena memory;
};

void eval_init(struct eval *e, const struct eval_patterns *patterns, eval_name *name);
void eval_deinit(struct eval *e);

/* Forgets what earlier rows made, when it is much. Views from earlier rows end here. */
void eval_next_row(struct eval *e);

struct datum eval_value(struct eval *e, const struct expr *x);
enum truth eval_truth(struct eval *e, const struct expr *x);

/* No text longer than this is made; what would be is undecided. */
enum { EVAL_MAX_TEXT_BYTES = 16 << 20 };

/* Parts of the above that the other files of eval share. */
/* Any call but an aggregate: those belong to the table. */
struct datum eval_call(struct eval *e, const struct expr *call);

/* Functions of one group: FUNCTION_TEXT; FUNCTION_NOTATION and, of FUNCTION_ADDRESS, those that
 * say what kind of address it is; FUNCTION_TIME. */
struct datum eval_call_text(struct eval *e, const struct expr *call);
struct datum eval_convert(struct eval *e, const struct expr *call);
struct datum eval_call_time(struct eval *e, const struct expr *call);

/* Ends `b`: a text of the eval's memory. */
struct datum eval_take(struct eval *e, struct buffer *b);

enum truth eval_compare(struct eval *e, enum expr_op op, struct datum a, struct datum b);
const struct match *eval_match(const struct eval *e, const struct expr *regex);

/* The value as text, as results show it; empty for a missing one. */
struct bytes eval_text(struct eval *e, struct datum d);

#endif
