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
    OPENING_WRAPPER, /* {"Records":[, or {"events":[ of CloudWatch Logs */
    OPENING_MORE,    /* the window ended before that was clear */
};

/* Is the object at `c` a wrapper? Then `length` covers it up to its list. Only its first keys
 * are looked at, and none behind a key of an event, so that the answer neither depends on
 * the window nor costs a second reading of records. */
enum opening resume_opening(struct cursor c, size_t *length);

/* Moves the window from a damaged place to the next start; false when there is none, and the
 * window stands at the end. With `lines_only` a record has to begin a line. `spare` is
 * overwritten. */
bool resume_find(struct window *w, struct event_reader *reader, struct event *spare,
                 bool lines_only);

#endif
