/* The digests that are here, in their chains: who follows whom, whose hash and signature are
 * right, and what is missing between them.
 *
 * A digest's signature stands in the one after it (previousDigestSignature), or in metadata
 * that was saved. The CLI of AWS checks signatures only; the hash that each digest gives of
 * the one before it is checked here too, and so is that each begins when the other ends, and
 * that its key was valid when a digest was signed.
 * Threads: one. */
#ifndef CORE_PROVING_CHAIN_H
#define CORE_PROVING_CHAIN_H

#include "core/proving/key.h"
#include "core/proving/ruling.h"

enum chain_signature {
    SIGNATURE_ABSENT, /* none is here */
    SIGNATURE_GOOD,
    SIGNATURE_UNTIMELY, /* good, but of a key that was not valid then */
    SIGNATURE_WRONG,
    SIGNATURE_KEYLESS,  /* the public key is not here */
    SIGNATURE_UNUSABLE, /* the key, or the algorithm, is not one that counts */
};

struct chain_node {
    const struct exhibit *exhibit;
    const struct digest *digest;
    struct bytes chain; /* its name; nodes of one chain stand together, by their end */
    struct bytes text;  /* what is signed */
    enum chain_signature signature;
    bool in_metadata; /* the good signature came from saved metadata */
    bool copy;        /* the same object with the same content as the node before */
    bool followed;    /* by another digest that is here */
    bool holds_wrong; /* a signature, of the digest before, that is not that digest's */
    bool worthless;   /* what it says does not count, unless it is signed */
    enum ruling_status status;
    enum ruling_level level;
    struct buffer detail;
};

struct chain {
    struct arena arena;
    struct chain_node *nodes;
    size_t n_nodes;
    size_t *by_object; /* numbers of nodes, sorted by bucket and object */
};

/* Judges the digests among the exhibits and adds one ruling for each, for each that is
 * missing and each gap, and for metadata. Stops early when `*cancelled` gets true. */
void chain_judge(struct chain *c, struct exhibit *const *exhibits, size_t n,
                 const struct key_ring *ring, const atomic_bool *cancelled,
                 struct rulings *out);
void chain_deinit(struct chain *c);

#endif
