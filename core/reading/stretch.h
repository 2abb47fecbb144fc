/* Reading a stretch of text in a dialect, row by row, into events.
 *
 * Every row becomes an event or is named: of a kind that is not read, or broken, with what is
 * wrong. A broken row costs itself and not those behind it.
 * Threads: belongs to the thread of its passage. */
#ifndef CORE_READING_STRETCH_H
#define CORE_READING_STRETCH_H

#include "core/reading/dialect.h"
#include "core/reading/event.h"
#include "core/reading/passage.h"

enum {
    STRETCH_HEADING_BYTES = 64 * 1024, /* in the window when a dialect is looked for */
    ROW_MAX_BYTES = 4 * 1024 * 1024,
};

struct stretch {
    struct passage *passage;
    struct event_reader *reader;   /* both the caller's */
    const struct dialect *dialect; /* NULL: no stretch is open */
    struct buffer text;            /* of the row, as JSON */
    struct event spare;            /* of a record that is only tried */
    struct sheet_mends mends;      /* of the open stretch */
};

void stretch_init(struct stretch *s, struct passage *p, struct event_reader *reader);
void stretch_deinit(struct stretch *s);

/* Opens a stretch where the window stands, if one begins there; its dialect goes to `all`. */
bool stretch_begin(struct stretch *s, struct dialects *all);

/* The next event of the stretch; `length` gets the bytes of its row, which the window has
 * passed. False at the end of the stretch, which is then closed in `all`: at the end of the
 * text, or where JSON or another dialect goes on. Views in `out` are valid until the next
 * call. */
bool stretch_next(struct stretch *s, struct dialects *all, struct event *out, size_t *length);

#endif
