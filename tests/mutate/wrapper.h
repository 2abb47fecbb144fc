/* Records in every wrapper and packing that is read, for archives to be damaged. */
#ifndef TESTS_MUTATE_WRAPPER_H
#define TESTS_MUTATE_WRAPPER_H

#include "core/base/bytes.h"

/* A generator whose whole state is a number. */
unsigned wrapper_draw(uint64_t *random, size_t below);

size_t wrapper_count(void);
const char *wrapper_name(size_t wrapper);

/* Appends `n` records whose ids end in the numbers from `first` on. */
void wrapper_write(struct buffer *out, size_t wrapper, uint64_t first, unsigned n);

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_MEMBERS, PACKING_TWICE, PACKING_COUNT };

/* Appends the text as it would be stored; members are cut anywhere. */
void wrapper_pack(struct buffer *out, struct bytes text, enum packing packing,
                  uint64_t *random);

#endif
