/* The record inside another object: what subscriptions, commands, consoles and event buses put
 * around it.
 *
 * One layer is taken off at a time; which record is one is the caller's judgement. The bytes of
 * the outer object alone decide, so that a record read again later comes out the same.
 * Threads: any; the buffers are the caller's. */
#ifndef CORE_READING_UNWRAP_H
#define CORE_READING_UNWRAP_H

#include "core/base/bytes.h"

enum { UNWRAP_MAX_LAYERS = 3 };

/* How the inner text is known. */
enum wrapping {
    WRAPPING_NONE,    /* no wrapper that is known, or nothing in it */
    WRAPPING_RECORD,  /* it may be a record: a JSON object, checked */
    WRAPPING_LOG,     /* the text of an event of a log, whatever it is */
    WRAPPING_SUMMARY, /* what stands around a record that is missing, under a record's keys */
};

/* What the event of a log says of where it came from; empty where it does not. Borrowed as the
 * inner text is. */
struct log_place {
    struct bytes log, stream; /* names without escapes */
    struct bytes ingested;    /* a time, as it stands there */
};

/* Takes one layer off. `inner` points into `outer` or into `scratch`, which is overwritten
 * then. `outer` is JSON. `place` (may be NULL) is set with WRAPPING_LOG. */
enum wrapping unwrap_layer(struct bytes outer, struct buffer *scratch, struct bytes *inner,
                           struct log_place *place);

/* Whether keys of the object are paths, as columns of CloudWatch Logs Insights are: the record
 * is what unwrap_layer() lays out then, if there is @timestamp too. */
bool unwrap_is_flat(struct bytes object);

/* Whether the object, which has no time and no id, is a row that counts: plain values only, and
 * either a key that is a call, as count(*) and sum(bytes), or a number under a key that no
 * record has, as the name of a count is. */
bool unwrap_is_count(struct bytes object);

/* A buffer for each layer. Zero-initialised is ready. */
struct unwrapper {
    struct buffer texts[UNWRAP_MAX_LAYERS];
};

/* Where a record stands in its wrappers. */
struct wrapped {
    unsigned layers; /* around it */
    unsigned split;  /* the layer whose text holds several records (parts.h), or 0 */
    unsigned part;   /* which of them it is in */
};

void unwrapper_deinit(struct unwrapper *u);

/* The record that stands at `where`; what is left of `outer` when there are fewer layers. The
 * view is valid until the next call, and as long as `outer` is. */
struct bytes unwrap(struct unwrapper *u, struct bytes outer, struct wrapped where);

#endif
