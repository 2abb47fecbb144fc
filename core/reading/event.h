/* One record of evidence turned into the unified fields.
 *
 * The reader walks the record once with a cursor and a tree made from the paths of
 * fields.def, takes what the paths name and checks the rest on the way. */
#ifndef CORE_READING_EVENT_H
#define CORE_READING_EVENT_H

#include "core/base/instant.h"

#include "core/reading/config.h"
#include "core/reading/cursor.h"
#include "core/reading/unwrap.h"

enum event_flag {
    EVENT_DUPLICATE_KEY = 1, /* a key that a path uses stood twice; the last one counts, as in
                              * jq, Python and CloudWatch */
    EVENT_TWO_TIMES = 2,     /* two times in the record differ by over a day */
    EVENT_NO_TIME = 4,       /* no usable time; the event sorts behind all others */
    EVENT_BAD_UTF8 = 8,      /* strings with bytes that are not UTF-8 */
    EVENT_UPDATE = 16,  /* CloudTrail sent it to complete or mend an earlier one (addendum) */
    EVENT_SUMMARY = 32, /* the record was missing: these are the words around its place */
    EVENT_LAYER = 64,   /* times the layers around the record: up to 3, see event_layers() */
};

/* How many layers unwrap() has to take off the record of an event with these flags. */
static inline unsigned event_layers(unsigned flags)
{
    return flags / EVENT_LAYER;
}

struct event {
    enum format format;
    int64_t time_us; /* INSTANT_NONE without a usable time */
    uint8_t flags;
    /* TEXT and UNIQUE fields. CHOICE fields hold texts of their vocabulary; FORMAT, STAGE,
     * OUTCOME and REASON are in here too, as texts. TIME and positions are not. */
    struct value values[FIELD_COUNT];
    bool torn; /* the text of a log's event that begins as a CloudTrail record and is no JSON:
                * an entry of a log now, because its fields cannot be told */
    enum stage stage;
    enum outcome outcome;
    enum reason reason;
    struct bytes raw;     /* the bytes in the file, borrowed from the window; with the wrapper
                           * that is the record's alone (see unwrap.h) */
    struct bytes content; /* the record itself, by which copies are known: `raw`, or the record
                           * within it, unescaped; borrowed */
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
    EVENT_FOREIGN,   /* good JSON, but not a record of a format that is read */
};

/* Reads the object at the cursor. On EVENT_READ the views in `out` are valid until the next
 * call or until the window changes. On EVENT_FOREIGN `seems` (may be NULL) gets what it seems
 * to be ("S3 event notification", …), static. */
enum event_verdict event_read(struct event_reader *r, struct cursor *c, struct event *out,
                              const char **seems);

#endif
