/* One file of the evidence with its hashes, and what it is in a proof.
 *
 * The file is gone through twice, as it is stored and unpacked, in pieces: memory does not
 * depend on its size. Only texts that may be digests, key lists or metadata are kept, up to
 * 64 MiB.
 * Threads: one thread makes an exhibit; then it is immutable. */
#ifndef CORE_PROVING_EXHIBIT_H
#define CORE_PROVING_EXHIBIT_H

#include <stdatomic.h>

#include "core/evidence/ledger.h"
#include "core/proving/digest.h"

enum exhibit_kind {
    EXHIBIT_OTHER,  /* no digest speaks of such files */
    EXHIBIT_LOG,    /* a log file of CloudTrail, by its content or its name */
    EXHIBIT_DIGEST, /* by its content or its name; `digest` is NULL when it is broken */
    EXHIBIT_KEYS,   /* a list of public keys */
    EXHIBIT_SEAL,   /* metadata of a digest's object */
};

/* "log file", "digest", …; static. */
const char *exhibit_kind_name(enum exhibit_kind kind);

struct exhibit {
    const struct file *file; /* its row: path, facts, size, members, problems; the archive's */
    enum exhibit_kind kind;
    bool whole; /* read to its end without any doubt: no damage, no bytes behind the data */
    bool opened;
    struct sha stored;  /* of the bytes on disk, or as they come out of an archive */
    struct sha content; /* unpacked, over all members */
    uint64_t stored_bytes, content_bytes;
    uint64_t first_bytes;  /* of the content, from the first gzip member */
    struct digest *digest; /* owned */
    struct bytes text;     /* of key lists, as read; owned */
    struct digest_seal seal;
    struct buffer why; /* what is wrong with a broken digest */
};

/* Reads the file and finishes its row. Stops early when `*cancelled` gets true: the row is
 * FILE_STOPPED then. Never NULL. */
struct exhibit *exhibit_take(struct file *f, const atomic_bool *cancelled);

/* One whose row was finished without being read: what cannot be opened, such as a link, or an
 * archive, of which only the hash of its own bytes is taken. */
struct exhibit *exhibit_finished(const struct file *f, const atomic_bool *cancelled);
void exhibit_free(struct exhibit *e);

/* The hash of what the first gzip member alone holds: reads the file again. False when that
 * cannot be. */
bool exhibit_first_member(const struct exhibit *e, struct sha *out);

#endif
