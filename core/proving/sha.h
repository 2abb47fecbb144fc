/* SHA-256 of bytes as they pass, by libcrypto.
 *
 * Source: FIPS 180-4.
 * Threads: one hasher belongs to one thread. */
#ifndef CORE_PROVING_SHA_H
#define CORE_PROVING_SHA_H

#include "core/base/bytes.h"

enum { SHA_BYTES = 32 };

struct sha {
    unsigned char bytes[SHA_BYTES];
};

bool sha_equal(const struct sha *a, const struct sha *b);

/* 64 digits, lower case; appended. */
void sha_add_hex(struct buffer *out, const struct sha *sum);

/* The whole text as 64 hexadecimal digits. False when it is anything else. */
bool sha_from_hex(struct bytes text, struct sha *out);

struct hasher;

struct hasher *hasher_new(void);
void hasher_free(struct hasher *h);
void hasher_add(struct hasher *h, const void *data, size_t len);

/* The sum of what was added since the last call, or since the beginning. */
struct sha hasher_sum(struct hasher *h);

struct sha sha_of(struct bytes text);

/* Bytes from pairs of hexadecimal digits; appended. False, and nothing appended, when the text
 * is anything else. */
bool hex_decode(struct bytes text, struct buffer *out);

#endif
