/* The job that verifies evidence: hashes every file, then judges digests and log files.
 *
 * It reads an archive of its own on a pool, file by file in parallel; nothing is indexed. What
 * can be said depends on what is there, in four steps that are never mixed: only log files
 * (hashes), digests too (relative to them), public keys (digests that AWS signed, but for the
 * newest), and the newest digest's metadata. */
#ifndef CORE_PROVING_PROOF_H
#define CORE_PROVING_PROOF_H

#include "core/base/pool.h"

#include "core/evidence/archive.h"
#include "core/proving/conclusion.h"

struct proof;

/* Takes over the archive. */
struct proof *proof_new(struct archive *a);

/* Cancels nothing: call after it has finished or the pool was freed. */
void proof_free(struct proof *p);

/* A saved list of public keys that the user vouches for; before the start. Errors as in
 * key_ring_add_list(). */
enum err proof_add_keys(struct proof *p, struct bytes text, struct bytes source,
                        struct buffer *why) MUST_CHECK;

/* Starts on the pool; `done` (may be NULL) runs on the owner's thread at the end. */
void proof_start(struct proof *p, struct pool *pool, void (*done)(void *context),
                 void *context);
void proof_cancel(struct proof *p);

/* The owner's. Files and bytes done so far, of those found so far. */
struct proof_progress {
    uint64_t files_done, files_found, bytes_done;
    bool listed; /* files_found is final */
};
struct proof_progress proof_progress(struct proof *p);
bool proof_is_finished(const struct proof *p);
bool proof_is_cancelled(const struct proof *p);

/* Below only once it is finished. */
struct archive *proof_archive(const struct proof *p);

/* The files in the order of the ledger; links, devices and the like are among them. */
size_t proof_count(const struct proof *p);
const struct exhibit *proof_exhibit(const struct proof *p, size_t i);

const struct rulings *proof_rulings(const struct proof *p);

const struct proof_totals *proof_totals(const struct proof *p);

/* True when every log file is vouched for, nothing is missing and nothing is wrong. */
bool proof_holds(const struct proof *p);

/* What can be said, in plain sentences; as many as `proof_sentences()`. The proof's. */
size_t proof_sentences(const struct proof *p);
struct bytes proof_sentence(const struct proof *p, size_t i);

#endif
