/* Where does a record begin again behind damage?
 *
 * Candidates are braces that stand where a record may begin; only one that really reads as a
 * record or opens a list of records counts. The work stays within a constant times the bytes
 * passed, however the text was made.
 * Threads: belongs to the thread of the window. */
#ifndef CORE_READING_RESUME_H
#define CORE_READING_RESUME_H

#include "core/reading/event.h"
#include "core/reading/window.h"

/* A cursor on the window's rest from `ahead` on, at most `limit` bytes of it. */
struct cursor resume_cursor(const struct window *w, size_t ahead, size_t limit);

enum opening {
    OPENING_RECORD,
    OPENING_WRAPPER, /* {"Records":[ and its like, see resume.c */
    OPENING_MORE,    /* the window ended before that was clear */
};

/* What a wrapper opens. */
struct opened {
    size_t length;     /* up to the list and its bracket */
    const char *kinds; /* its brackets; the list is '[' of records or RESUME_ROWS of rows that
                        * are lists themselves; static */
    const char *more;  /* in words, static: it says that it is not all; or NULL */
};

enum { RESUME_ROWS = 'r' };

/* Is the object at `c` a wrapper? Only its first keys are looked at, and none behind a key of
 * an event, so that the answer neither depends on the window nor costs a second reading of
 * records. */
enum opening resume_opening(struct cursor c, struct opened *out);

/* The same for the list at `c`. */
enum opening resume_list(struct cursor c, struct opened *out);

/* Does a wrapper's `key`, whose value comes at `c`, lead to a list of records? Then `c` stands
 * behind the bracket and `kind` is the list's. Else `c` stands as it was. */
bool resume_is_list(struct bytes key, struct cursor *c, char *kind);

/* In words (static), when a wrapper's `key`, whose value comes at `c`, says that this is not
 * all: a next page, or a query that had not ended. Else NULL. */
const char *resume_more(struct bytes key, struct cursor c);

/* Moves the window from a damaged place to the next start; false when there is none, and the
 * window stands at the end. With `lines_only` a record has to begin a line. `spare` is
 * overwritten. */
bool resume_find(struct window *w, struct event_reader *reader, struct event *spare,
                 bool lines_only);

#endif
