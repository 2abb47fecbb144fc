/* Packed bytes on their way in: a buffer that slides over a source.
 *
 * Threads: one intake belongs to one thread. */
#ifndef CORE_EVIDENCE_INTAKE_H
#define CORE_EVIDENCE_INTAKE_H

#include "core/base/bytes.h"

/* Where bytes come from. `read` fills up to `cap` bytes and returns 0 at the end; `seek` makes
 * it go on from another offset. */
struct intake_source {
    void *context;
    size_t (*read)(void *context, unsigned char *out, size_t cap);
    void (*seek)(void *context, uint64_t offset);
};

/* [at, end) is unread; buf[0] stands at `base`. The last INTAKE_BACK_BYTES before `at` stay,
 * so that a reader may step back by as much. */
struct intake {
    struct intake_source source;
    unsigned char *buf;
    size_t cap, at, end;
    uint64_t base;
    bool eof;
};

enum { INTAKE_BACK_BYTES = 8 };

/* `cap` bounds what can be asked for at once. */
void intake_init(struct intake *in, struct intake_source source, size_t cap);
void intake_deinit(struct intake *in);

/* Where the next byte stands in the stream. */
uint64_t intake_offset(const struct intake *in);

/* Unread bytes, after reading on until there are `want` or the stream ends. */
size_t intake_need(struct intake *in, size_t want);

/* The next byte, taken; -1 at the end. */
int intake_byte(struct intake *in);
void intake_seek(struct intake *in, uint64_t offset);

#endif
