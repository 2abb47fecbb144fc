/* One record of evidence turned into the unified fields.
 *
 * The reader walks the record once with a cursor and a tree made from the paths of
 * fields.def, takes what the paths name and checks the rest on the way. */
#ifndef CORE_READING_EVENT_H
#define CORE_READING_EVENT_H

#include "core/reading/fill.h"
#include "core/reading/unwrap.h"
#include "core/reading/userlist.h"

/* How many layers unwrap() has to take off the record of an event with these flags. */
static inline unsigned event_layers(unsigned flags)
{
    return flags / EVENT_LAYER;
}

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

/* What the last event_read() that gave EVENT_USER read; valid until the next call. */
const struct listed_user *event_user(const struct event_reader *r);

#endif
