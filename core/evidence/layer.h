/* One layer of gzip: members one after another, unpacked into one stream.
 *
 * Damage is reported and never ends more than it must: zlib goes over a member again that
 * ISA-L gave up, and behind damage the next sound member is looked for.
 * Source: RFC 1952.
 * Threads: one layer belongs to one thread. */
#ifndef CORE_EVIDENCE_LAYER_H
#define CORE_EVIDENCE_LAYER_H

#include "core/evidence/intake.h"
#include "core/evidence/ledger.h"

struct inflater;

enum layer_phase {
    LAYER_START,   /* a member, padding or the end must follow */
    LAYER_DATA,    /* in deflate data */
    LAYER_TRAILER, /* at CRC32 and ISIZE */
    LAYER_END,
};

struct layer {
    struct intake in;    /* over the packed bytes */
    uint64_t size_bytes; /* of them in all, 0 when unknown */
    bool rescues;        /* looks for sound members behind damage; the source must seek fast */
    void *context;
    void (*note)(void *context, struct problem p); /* offsets count packed bytes */

    enum layer_phase phase;
    struct inflater *z;
    uint64_t data_start;   /* of the member's deflate data */
    uint64_t member_bytes; /* unpacked from this member */
    uint64_t skip_bytes;   /* delivered before, to be dropped */
    uint64_t out_bytes;    /* delivered */
    uint64_t n_members;
    uint64_t first_bytes; /* of out_bytes, from the first member; 0 before its end */
    uint32_t crc;
    uint32_t tries; /* candidates that were no sound member */
    bool damaged;   /* ended by damage */
    bool doubted;   /* anything was noted */

    /* These survive a rewind, so that nothing is told or counted twice. */
    uint64_t noted_until, padding_until;
    uint64_t members_seen, padding_bytes;
};

/* `note` may be NULL. Free with layer_deinit(). */
void layer_init(struct layer *l, struct intake_source source, size_t buffer_bytes);
void layer_deinit(struct layer *l);

/* Up to `cap` unpacked bytes; fewer only at the end. */
size_t layer_read(struct layer *l, unsigned char *out, size_t cap);

/* Back to the first byte. */
void layer_rewind(struct layer *l);

/* All that is needed to go on from here in a new layer over the same bytes; NULL where that
 * is not worth it (the end, or a member that is gone over again). */
struct layer_mark;

struct layer_mark *layer_mark_here(const struct layer *l);
void layer_mark_free(struct layer_mark *m);
size_t layer_mark_bytes(const struct layer_mark *m);
void layer_resume(struct layer *l, const struct layer_mark *m);

#endif
