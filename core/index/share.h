/* One large text that several workers read together.
 *
 * Whoever is free takes the next part: it unpacks that much, under the lock, and reads it for
 * itself. Where parts end is guessed from how records begin; a part counts only when the part
 * before it was read whole and ended just there, so a wrong guess costs time and nothing else:
 * from the first place where reading stopped, the text goes back into the envelope.
 * Threads: share_new() and share_end() are for the worker that has the file, the others any. */
#ifndef CORE_INDEX_SHARE_H
#define CORE_INDEX_SHARE_H

#include "core/base/pool.h"

#include "core/reading/envelope.h"

/* Small enough to stay in a worker's own cache while it is read. */
enum { SHARE_PART_BYTES = 1024 * 1024 };

struct share;

/* A part on its way through a worker. */
struct part {
    struct buffer text;
    uint64_t offset_bytes; /* of the text */
    uint64_t number;
};

/* Sums of the events of a file, or of a part of it. */
struct sums {
    uint64_t events, updates, summaries, record_bytes;
    format_mask formats;
    int64_t first_us, last_us; /* INSTANT_NONE without events */
};

void sums_add(struct sums *s, const struct event *e, uint32_t length_bytes);
void sums_join(struct sums *s, const struct sums *more);

/* A text that goes on behind `last`, the event that `e` has just handed out, when it can be
 * read in parts; else NULL. `e`, the file it writes to and `sums` belong to the share until
 * share_end(). */
struct share *share_new(struct envelope *e, const struct event *last, struct file *f,
                        struct sums *sums);
const struct envelope *share_envelope(const struct share *s);
struct file *share_file(const struct share *s);

/* The next part into `p`, whose memory is used again. False when there is none. */
bool share_take(struct share *s, struct part *p);

/* `p` was read up to `end_bytes` of the whole text, in plain records. Waits for the parts
 * before it. True when its events count; `sums` are joined then. Else nothing of it does. */
bool share_settle(struct share *s, struct part *p, uint64_t end_bytes, const struct sums *sums);

/* Waits until all parts are settled, and lets the envelope go on where they end. */
void share_end(struct share *s);

#endif
