/* Public keys of CloudTrail, as `aws cloudtrail list-public-keys` prints them, and what they
 * say of a signature.
 *
 * Only RSA with PKCS #1 v1.5 padding and SHA-256 counts, with a modulus of 2048 to 8192 bits
 * and an exponent that is odd, at least 3 and at most 64 bits long. A key may be encoded
 * as RSAPublicKey (PKCS #1, what the API promises) or SubjectPublicKeyInfo (what one sample in
 * the user guide has). A list says from when to when a key is valid: a signature is judged with
 * that by whoever knows when it was made. The fingerprint is the name that AWS gives a key: it
 * is looked up, and proves nothing by itself. Sources: CloudTrail API reference, PublicKey;
 * user guide, "Custom implementations of CloudTrail log file integrity validation" (2023); RFC
 * 8017, 8.2.2. Threads: key_ring_check() any, once the ring is filled. */
#ifndef CORE_PROVING_KEY_H
#define CORE_PROVING_KEY_H

#include "core/base/err.h"
#include "core/base/instant.h"

struct key_ring;

struct key_ring *key_ring_new(void);
void key_ring_free(struct key_ring *ring);

/* Adds the keys of a saved list. `given`: named by the user, not found among the evidence,
 * where whoever wrote the evidence could have laid it. `source` is where it came from; copied.
 * Errors: ERR_SYNTAX when the text is no such list; keys that cannot be used are kept as such,
 * so that a check can say so. `why`, appended, says what is wrong. */
enum err key_ring_add_list(struct key_ring *ring, struct bytes text, struct bytes source,
                           bool given, struct buffer *why) MUST_CHECK;

/* True when the text is a JSON object with a PublicKeyList. */
bool key_list_is(struct bytes text);

/* Fingerprints that can be looked up. */
size_t key_ring_count(const struct key_ring *ring);

/* True when some key of the ring was given by the user. */
bool key_ring_is_given(const struct key_ring *ring);

enum key_verdict {
    KEY_GOOD,
    KEY_WRONG,    /* this key did not sign this text */
    KEY_ABSENT,   /* no key of that fingerprint */
    KEY_UNUSABLE, /* the key is none, too weak, or two differing ones have that fingerprint */
};

/* `signature` is the bytes, not their hexadecimal form. A key that the user gave stands over
 * those that were found. */
enum key_verdict key_ring_check(const struct key_ring *ring, struct bytes fingerprint,
                                struct bytes text, struct bytes signature);

/* When the key of a fingerprint may sign, as its list says; INSTANT_NONE where it does not. */
struct key_validity {
    int64_t from_us, to_us;
};
struct key_validity key_ring_validity(const struct key_ring *ring, struct bytes fingerprint);

/* Where the key of a fingerprint came from, and whether the user gave it; empty when there is
 * none. The ring's. */
struct bytes key_ring_source(const struct key_ring *ring, struct bytes fingerprint,
                             bool *given);

/* Whether a DER key signed the text. KEY_UNUSABLE when it is no key by the rules above. */
enum key_verdict key_check(struct bytes der, struct bytes text, struct bytes signature);

#endif
