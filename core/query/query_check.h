/* From what was written to what is meant: names resolved, calls checked, patterns compiled once
 * to see that they are good. */
#ifndef CORE_QUERY_QUERY_CHECK_H
#define CORE_QUERY_QUERY_CHECK_H

#include "core/query/query_tree.h"

/* A name that the query itself gave. */
struct binding {
    struct bytes name;
    const struct expr *target; /* an expression over the fields of the event, … */
    size_t column;             /* … or, when NULL, a column of the last stats … */
    const struct expr *origin; /* … that is made by this */
    struct bytes written;      /* of a column: its expression as text */
};

struct scope {
    struct binding *items;
    size_t count, cap;
};

enum place { PLACE_ROW, PLACE_RESULT, PLACE_AGGREGATE };

struct check {
    struct query *query;
    struct query_error *error;
    struct scope rows;    /* aliases over the event, or over the columns of an earlier stats */
    struct scope columns; /* of the last stats */
    struct scope *result; /* PLACE_RESULT: what may be named there */
    enum place place;
    unsigned stats_seen;
    bool in_like; /* the left side of like: @fields may stand there */
};

const struct binding *scope_find(const struct scope *s, struct bytes name);

/* The same; or else the name of which `name` is a path below, `*rest` being the steps behind
 * it. */
const struct binding *scope_reach(const struct scope *s, struct bytes name, struct bytes *rest);
void scope_bind(struct scope *s, struct binding b);

/* The expression as text, in the query's arena. */
struct bytes check_written(struct check *c, const struct expr *e);

/* The column of the last stats that was written like this; NULL when there is none. */
const struct binding *check_find_written(struct check *c, struct expr *e);

/* "NAME why (did you mean …?)" at the name. */
enum err check_fail_name(struct check *c, const struct expr *e, const char *why);

/* One call of a function. */
enum err check_call(struct check *c, struct expr *e) MUST_CHECK;

/* Resolves and checks one expression at `c->place`. */
enum err check_expr(struct check *c, struct expr *e) MUST_CHECK;

/* The same for a whole expression: its size with all names replaced is bounded. */
enum err check_whole(struct check *c, struct expr *e) MUST_CHECK;
enum err check_pattern(struct check *c, const struct expr *e) MUST_CHECK;

#endif
