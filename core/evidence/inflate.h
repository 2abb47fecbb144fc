/* Raw deflate, piece by piece, with a state that can be copied.
 *
 * Two engines behind one face: ISA-L, which is fast and gives up early on damage, and zlib,
 * which delivers every byte that can be decoded and so is the judge. Built without ISA-L both
 * are zlib.
 * Source: RFC 1951.
 * Threads: one inflater belongs to one thread; copies are independent. */
#ifndef CORE_EVIDENCE_INFLATE_H
#define CORE_EVIDENCE_INFLATE_H

#include "core/base/bytes.h"

enum inflate_engine { INFLATE_FAST, INFLATE_JUDGE };

enum inflate_result {
    INFLATE_MORE,    /* all input was taken, or the output is full */
    INFLATE_END,     /* the final block ended and all of its output was delivered */
    INFLATE_DAMAGED, /* no deflate data; what was decoded before stands in the output */
};

/* An inflater may take up to this many bytes more than it needs and give them back at the
 * end: they must still stand before the input of the call that returns INFLATE_END. */
enum { INFLATE_GIVE_BACK_BYTES = 8 };

/* Moved on by each call. At INFLATE_END `in` stands on the first byte behind the data, which
 * may be before the start of that call's input. */
struct inflate_io {
    const unsigned char *in;
    size_t in_len;
    unsigned char *out;
    size_t out_cap;
};

struct inflater;

struct inflater *inflater_new(enum inflate_engine engine);
void inflater_free(struct inflater *z);
enum inflate_engine inflater_engine(const struct inflater *z);

/* Ready for the first byte of other data. */
void inflater_reset(struct inflater *z);

enum inflate_result inflater_run(struct inflater *z, struct inflate_io *io);

/* Why the last call returned INFLATE_DAMAGED; static. */
const char *inflater_reason(const struct inflater *z);

/* The state of an inflater, put away in as little memory as it takes. Any number of inflaters
 * can be made of it that go on where `z` stood. */
struct inflate_frozen;

struct inflate_frozen *inflater_freeze(const struct inflater *z);
struct inflater *inflater_thaw(const struct inflate_frozen *frozen);
void inflate_frozen_free(struct inflate_frozen *frozen);
size_t inflate_frozen_bytes(const struct inflate_frozen *frozen);

/* CRC-32 as gzip counts it (RFC 1952, 8), going on from `crc`; 0 to begin. */
uint32_t inflate_crc(uint32_t crc, const void *data, size_t len);

#endif
