/* A made-up trail for tests: log files and signed digests as CloudTrail delivers them, in
 * memory, to be altered one way or another before they are verified. */
#ifndef TESTS_UNIT_TRAIL_H
#define TESTS_UNIT_TRAIL_H

#include <openssl/evp.h>

#include "core/proving/proof.h"

enum { TRAIL_FILES_MAX = 64 };

struct trail_file {
    struct buffer path, content, packed;
    bool gone; /* not handed to the proof */
};

/* What the files below dump/ lie in: folders, or an archive of that name. */
enum trail_holder { TRAIL_TREE, TRAIL_ZIP_STORED, TRAIL_ZIP_DEFLATED, TRAIL_TAR };

struct trail {
    EVP_PKEY *key; /* signs; the test's */
    enum trail_holder holder;
    struct trail_file files[TRAIL_FILES_MAX];
    size_t n_files;
    struct buffer pending; /* log files that the next digest names, as JSON */
    struct buffer previous_object, previous_hash, previous_signature;
    struct buffer root; /* before AWSLogs in every path; "dump/" at first */
};

void trail_init(struct trail *t, EVP_PKEY *key, enum trail_holder holder);
void trail_deinit(struct trail *t);

/* A log file delivered at HH:MM of the day; the next digest names it. Its number. */
size_t trail_log(struct trail *t, unsigned hour, unsigned minute);

enum {
    TRAIL_STARTING = 1, /* names no digest before it */
    TRAIL_BACKFILL = 2,
    TRAIL_SHA1 = 4, /* signed with SHA-1 */
};

/* The digest of [start, end) in minutes of the day, with the pending log files. Its number. */
size_t trail_digest(struct trail *t, unsigned start, unsigned end, unsigned flags);

/* `hours` digests of one hour with two log files each, but for the one in the middle, which
 * names none. */
void trail_fill(struct trail *t, unsigned hours);

/* Other content under the same name. */
void trail_change(struct trail *t, size_t file, struct bytes content);

/* Adds any other file. */
size_t trail_add(struct trail *t, const char *path, struct bytes content);

/* What list-public-keys would say of the key, and head-object of a digest. */
enum trail_encoding { TRAIL_PKCS1, TRAIL_SPKI };
void trail_keys(EVP_PKEY *key, enum trail_encoding encoding, struct buffer *out);
void trail_head(const struct trail *t, size_t digest, struct buffer *out);

/* Bytes as one gzip member; appended. */
void trail_pack(struct bytes content, struct buffer *out);

/* Verifies what is there, with `keys` (may be empty) as the user's. */
struct proof *trail_prove(const struct trail *t, struct bytes keys);

/* The ruling on a file by its number, and the one on a name. NULL without one. */
const struct ruling *trail_ruling(const struct proof *p, const struct trail *t, size_t file);
const struct ruling *trail_find(const struct proof *p, struct bytes name,
                                enum ruling_status status);

#endif
