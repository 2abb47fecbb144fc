/* One digest file of CloudTrail: what it says of log files and of the digest before it; and
 * the signature of a digest, which stands in the metadata of its S3 object and not in it.
 *
 * Source: CloudTrail user guide, "CloudTrail digest file structure" and "Custom
 * implementations of CloudTrail log file integrity validation" (2023, and as read in 2026).
 * Threads: a digest is immutable once parsed. */
#ifndef CORE_PROVING_DIGEST_H
#define CORE_PROVING_DIGEST_H

#include "core/base/arena.h"
#include "core/base/err.h"

#include "core/proving/sha.h"

/* A log file as a digest names it. */
struct digest_log {
    struct bytes bucket, object;
    struct sha hash; /* of the uncompressed content */
};

struct digest {
    struct arena arena; /* owns all text */
    struct bytes account, bucket, object, fingerprint;
    struct bytes end_text; /* as written: it is signed */
    int64_t start_us, end_us;
    bool sha256_rsa; /* digestSignatureAlgorithm is the one that exists */

    bool starting; /* nothing came before: the first one after validation was switched on */
    struct bytes previous_bucket, previous_object, previous_signature; /* hexadecimal */
    struct sha previous_hash;

    struct digest_log *logs;
    size_t n_logs;

    /* From the name of the object; views of it, empty where it is built differently. */
    struct bytes region, trail;
    bool backfill; /* made later, for hours that had none; a chain of its own */
};

/* True when an object has the keys of a digest, whatever they hold. */
bool digest_is(struct bytes text);

/* ERR_SYNTAX, with `why` appended, when a key is missing, doubled or holds what it cannot.
 * Free with digest_free(). */
enum err digest_parse(struct bytes text, struct digest **out, struct buffer *why) MUST_CHECK;
void digest_free(struct digest *d);

/* Appends the text that is signed; `content` is the hash of the digest's uncompressed bytes. */
void digest_add_signed_text(const struct digest *d, const struct sha *content,
                            struct buffer *out);

/* The chain that a digest belongs to: the same account, region, trail and kind; appended. */
void digest_add_chain(const struct digest *d, struct buffer *out);

/* What `aws s3api head-object` printed for a digest: the signature, and no word on which
 * digest it is of. */
struct digest_seal {
    struct buffer signature; /* bytes */
    uint64_t object_bytes;   /* ContentLength; 0 when it was not there */
    bool sha256_rsa;
};

/* False when the text is no such output with a signature. Free with digest_seal_deinit(). */
bool digest_seal_read(struct bytes text, struct digest_seal *out);
void digest_seal_deinit(struct digest_seal *seal);

#endif
