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

/* Moves the window from a damaged place to the next start; false when there is none, and the
 * window stands at the end. With `lines_only` a record has to begin a line. `spare` is
 * overwritten. */
bool resume_find(struct window *w, struct event_reader *reader, struct event *spare,
                 bool lines_only);

#endif
