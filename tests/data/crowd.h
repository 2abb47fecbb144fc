/* Who appears in large archives, and what they do: invented records with the cardinalities of
 * real ones (many users, addresses with a heavy head, some hundred user agents, few clients).
 * Addresses are of the ranges for benchmarks and documentation (RFC 2544, RFC 3849). */
#ifndef TESTS_DATA_CROWD_H
#define TESTS_DATA_CROWD_H

#include "tests/data/activity.h"
#include "tests/data/record.h"

#define CROWD_ACCOUNT "444455556666"

struct crowd {
    uint64_t seed;
    uint32_t users, addresses, agents, clients;
};

struct crowd crowd_make(uint64_t seed, uint64_t events);

/* The region whose file has this number. */
const char *crowd_region(size_t file_number);

/* Fills everything but the time. Texts are kept in `k`. Threads: any, each with its own `r`
 * and `k`. */
void crowd_record(const struct crowd *c, struct random *r, struct keep *k, size_t file_number,
                  struct record *out);

/* Makes the record about `want_bytes` long, where it is shorter. */
void crowd_fill(struct random *r, struct keep *k, struct record *record, size_t want_bytes);

/* Fills everything but the time. */
void crowd_activity(const struct crowd *c, struct random *r, struct keep *k,
                    struct activity *out);

#endif
