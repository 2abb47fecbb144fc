/* Numbers that are the same in every run: a seeded generator, no clock, no libm.
 * Source: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
 * 2014). */
#ifndef TESTS_DATA_RANDOM_H
#define TESTS_DATA_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

enum { UUID_TEXT_BYTES = 36 };

/* A generator whose numbers share nothing with those of another `stream`. */
struct random random_make(uint64_t seed, uint64_t stream);
uint64_t random_next(struct random *r);

/* 0 … n - 1; n is at least 1. */
uint32_t random_below(struct random *r, uint32_t n);

/* from … to, both included. */
int64_t random_between(struct random *r, int64_t from, int64_t to);

/* True `percent` times out of 100. */
bool random_chance(struct random *r, uint32_t percent);

/* 0 … n - 1, small numbers far more often: a heavy head and a long tail. */
uint32_t random_head(struct random *r, uint32_t n);

/* A UUID of version 4, with a NUL behind it. */
void random_uuid(struct random *r, char out[UUID_TEXT_BYTES + 1]);

/* `length` characters of `alphabet`, with a NUL behind them. */
void random_text(struct random *r, const char *alphabet, size_t length, char *out);

#endif
