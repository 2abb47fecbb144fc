/* One record of evidence turned into the unified fields.
 *
 * The reader walks the record once with a cursor and a tree made from the paths of
 * fields.def, takes what the paths name and checks the rest on the way. */
#ifndef CORE_READING_EVENT_H
#define CORE_READING_EVENT_H

#include "core/reading/fill.h"
#include "core/reading/unwrap.h"
#include "core/reading/userlist.h"

/* Where the record of an event with these flags stands, for unwrap(). */
static inline struct wrapped event_wrapped(unsigned flags)
{
    return (struct wrapped){flags / EVENT_LAYER % 4, flags / EVENT_SPLIT % 4,
                            flags / EVENT_PART};
}

/* What stood beside the events of one record and is none: how many, and what they seem to be
 * (static). */
struct left_out {
    uint64_t count;
    const char *seems;
};

struct event_reader;

/* `config` may be NULL; it stays the caller's and must outlive the reader. */
struct event_reader *event_reader_new(const struct config *config);
void event_reader_free(struct event_reader *r);
const struct config *event_reader_config(const struct event_reader *r);

enum event_verdict {
    EVENT_READ,
    EVENT_MORE,      /* the window ended inside the record */
    EVENT_MALFORMED, /* see the cursor's fault */
    EVENT_USER,      /* a user of a pool: no event, see event_user() */
    EVENT_FOREIGN,   /* good JSON, but not a record of a format that is read */
};

/* Reads the object at the cursor. On EVENT_READ the views in `out` are valid until the next
 * call or until the window changes. On EVENT_FOREIGN `seems` (may be NULL) gets what it seems
 * to be ("S3 event notification", …), static. */
enum event_verdict event_read(struct event_reader *r, struct cursor *c, struct event *out,
                              const char **seems);

/* The next event that stands in the record which the last event_read() read, as a text of it
 * may hold several. False at the end: `left_out` tells of the others then. The views in `out`
 * are valid until the next call or until the window changes. */
bool event_next(struct event_reader *r, struct event *out);

/* Whether there may be more of them: the reader must not read anything else before. */
bool event_is_split(const struct event_reader *r);

/* See struct left_out. */
struct left_out event_left_out(const struct event_reader *r);

/* Reads the object at the cursor again, for the event in it that has these flags. False when
 * there is no such event any more. */
bool event_read_again(struct event_reader *r, struct cursor *c, uint32_t flags,
                      struct event *out);

/* What the last event_read() that gave EVENT_USER read; valid until the next call. */
const struct listed_user *event_user(const struct event_reader *r);

#endif
