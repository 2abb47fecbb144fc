/* Log files against the digests that name them.
 *
 * Every log file that is named must be here and hold what its digest says; every one that is
 * here, from an hour that digests cover, must be named.
 * Threads: one. */
#ifndef CORE_PROVING_CLAIM_H
#define CORE_PROVING_CLAIM_H

#include "core/proving/chain.h"

/* What becomes of the files of one proof, beside their rulings. */
struct claim_counts {
    uint64_t named;        /* log files that digests name */
    uint64_t by_name_only; /* files found by their name, their folders telling nothing */
    uint64_t unpacked;     /* intact, and no longer packed */
};

/* Adds one ruling for each log file and each other file but digests and metadata, and one for
 * each log file that is missing. Stops early when `*cancelled` gets true. */
void claim_judge(const struct chain *c, struct exhibit *const *exhibits, size_t n,
                 const atomic_bool *cancelled, struct claim_counts *counts,
                 struct rulings *out);

#endif
