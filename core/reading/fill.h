/* From what a walk found to the unified fields of one event. */
#ifndef CORE_READING_FILL_H
#define CORE_READING_FILL_H

#include "core/base/instant.h"

#include "core/reading/walker.h"

enum event_flag {
    EVENT_DUPLICATE_KEY = 1, /* a key that a path uses stood twice; the last one counts, as in
                              * jq, Python and CloudWatch */
    EVENT_TWO_TIMES = 2,     /* two times in the record differ by over a day */
    EVENT_NO_TIME = 4,       /* no usable time; the event sorts behind all others */
    EVENT_BAD_UTF8 = 8,      /* strings with bytes that are not UTF-8 */
    EVENT_UPDATE = 16,  /* CloudTrail sent it to complete or mend an earlier one (addendum) */
    EVENT_SUMMARY = 32, /* the record was missing: these are the words around its place */
    EVENT_LAYER = 64,   /* times the layers around the record: up to 3 */
    EVENT_SPLIT = 256,  /* times the layer whose text holds several records, 0 for none */
    EVENT_PART = 1024,  /* times the number of the part among them: see event_wrapped() */
};

struct event {
    enum format format;
    int64_t time_us; /* INSTANT_NONE without a usable time */
    uint32_t flags;
    /* TEXT and UNIQUE fields. CHOICE fields hold texts of their vocabulary; FORMAT, STAGE,
     * OUTCOME and REASON are in here too, as texts. TIME and positions are not. */
    struct value values[FIELD_COUNT];
    bool torn; /* the text of a log's event that begins as a CloudTrail record and is no JSON:
                * an entry of a log now, because its fields cannot be told */
    enum stage stage;
    enum outcome outcome;
    enum reason reason;
    /* Where and when a log got it, as what stands around it says: account and log group, stream
     * (empty where nothing does), time of arrival (INSTANT_NONE then); borrowed like values. */
    struct bytes log, stream;
    int64_t ingested_us;
    struct bytes raw;     /* the bytes in the file, borrowed from the window; with the wrapper
                           * that is the record's alone (see unwrap.h) */
    struct bytes content; /* the record itself, by which copies are known: `raw`, or the record
                           * within it, unescaped; borrowed */
};

/* Where the rows stand that outcomes are concluded from. */
struct filler {
    size_t row_result, row_login, row_response, row_asked, row_challenges, row_method;
    size_t row_auth_response, row_auth_challenges;
    struct buffer route; /* method and resource */
};

void filler_init(struct filler *f);
void filler_deinit(struct filler *f);

/* Fills in what the walked record says as one of `out->format`: everything but `raw` and
 * `content`. Views are valid as long as the walk's and until the next call. */
void fill_event(struct filler *f, const struct walker *w, struct event *out);

/* The time that the walked record has, read as one of `format`; INSTANT_NONE without one. */
int64_t fill_time(const struct walker *w, enum format format);

#endif
