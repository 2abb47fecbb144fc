/* Small archives in memory, and whole queries on them, for the tests of tables.
 *
 * Include cmocka's headers first. */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include "core/asking/table.h"

struct world {
    struct archive *archive;
    struct store *store;
    struct pool *pool;
    struct load *load;
    struct index *index;
    struct recall *recall;
};

/* Loads files of these names and contents, which stay the caller's. */
struct world *world_of(const char *const *names, const struct bytes *contents, size_t count);
struct world *world_new(const char *name, struct bytes content);
void world_free(struct world *w);

/* Runs a query at 2025-03-01T11:00:00Z; NULL when it was refused, with the words in
 * `message`. */
struct table *ask(struct world *w, const char *text, struct buffer *message);

/* The table as text: cells parted by commas, - for a missing one, rows by |. */
void expect(struct world *w, const char *query, const char *wanted);

/* The query is refused, with these words among others. */
void expect_refused(struct world *w, const char *query, const char *words);

/* The query runs, and a notice says so. */
void expect_notice(struct world *w, const char *query, const char *words);

bool has_notice(const struct table *t, const char *part);

#endif
