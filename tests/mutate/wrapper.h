/* Records in every wrapper, table, line and packing that is read, for archives to be damaged.
 */
#ifndef TESTS_MUTATE_WRAPPER_H
#define TESTS_MUTATE_WRAPPER_H

#include "core/base/bytes.h"

/* A generator whose whole state is a number. */
unsigned wrapper_draw(uint64_t *random, size_t below);

/* The last ones are the examples of the formats (core/reading/shapes.def), each as it is. */
size_t wrapper_count(void);
const char *wrapper_name(size_t wrapper);

/* Whether each of its events is a record with its id. */
bool wrapper_has_ids(size_t wrapper);

/* The format template of one of them, for the configuration. */
const char *wrapper_template(void);

/* Appends `n` records whose ids end in the numbers from `first` on. Returns how many events
 * are to be found. */
unsigned wrapper_write(struct buffer *out, size_t wrapper, uint64_t first, unsigned n);

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_MEMBERS, PACKING_TWICE, PACKING_COUNT };
enum holding {
    HOLDING_NONE, /* one text, as a file of its own */
    HOLDING_ZIP,
    HOLDING_TAR,
    HOLDING_TAR_GZIP,
    HOLDING_COUNT
};

/* Appends `n` texts (up to 10) as one file, each packed: entries 0.json, 1.json … of an
 * archive. */
void wrapper_hold(struct buffer *out, const struct buffer texts[], unsigned n,
                  enum packing packing, enum holding holding, uint64_t *random);

#endif
