/* What stands around a list of records: {"Records":[ and its like.
 *
 * Threads: any. */
#ifndef CORE_READING_OPENING_H
#define CORE_READING_OPENING_H

#include "core/reading/cursor.h"

enum opening {
    OPENING_RECORD,
    OPENING_WRAPPER, /* {"Records":[ and its like, see opening.c */
    OPENING_MORE,    /* the window ended before that was clear */
};

/* What a wrapper opens. */
struct opened {
    size_t length;     /* up to the list and its bracket */
    const char *kinds; /* its brackets; the list is '[' of records or OPENING_ROWS of rows that
                        * are lists themselves; static */
    struct bytes owner, group, stream; /* of a log; without escapes, empty where not said */
    const char *more;  /* in words, static: it says that it is not all; or NULL */
};

enum { OPENING_ROWS = 'r' };

/* Is the object at `c` a wrapper? Only its first keys are looked at (64, in 64 KiB), and
 * none behind a key of an event, so that the answer neither depends on the window nor costs a
 * second reading of records. */
enum opening opening_find(struct cursor c, struct opened *out);

/* The same for the list at `c`. */
enum opening opening_find_list(struct cursor c, struct opened *out);

/* Does a wrapper's `key`, whose value comes at `c`, lead to a list of records? Then `c` stands
 * behind the bracket and `kind` is the list's. Else `c` stands as it was. */
bool opening_is_list(struct bytes key, struct cursor *c, char *kind);

/* In words (static), when a wrapper's `key`, whose value comes at `c`, says that this is not
 * all: a next page, or a query that had not ended. Else NULL. */
const char *opening_more(struct bytes key, struct cursor c);

#endif
