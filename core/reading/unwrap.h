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

/* Takes one layer off. `inner` points into `outer` or into `scratch`, which is overwritten
 * then. `outer` is JSON. */
enum wrapping unwrap_layer(struct bytes outer, struct buffer *scratch, struct bytes *inner);

/* Whether keys of the object are paths, as columns of CloudWatch Logs Insights are: the record
 * is what unwrap_layer() lays out then, if there is @timestamp too. */
bool unwrap_is_flat(struct bytes object);

/* Whether a key of the object is a call, as the columns of a query's result that count are
 * named: count(*), sum(bytes). */
bool unwrap_has_call(struct bytes object);

/* Two buffers, for a layer and the one within. Zero-initialised is ready. */
struct unwrapper {
    struct buffer texts[2];
};

void unwrapper_deinit(struct unwrapper *u);

/* Takes `layers` off; as many as there are if there are fewer. The view is valid until the next
 * call, and as long as `outer` is. */
struct bytes unwrap(struct unwrapper *u, struct bytes outer, unsigned layers);

#endif
