/* The user's own additions to what the program knows about formats.
 *
 *     { "paths": { "ip": ["my.clientAddress"], "user": ["login", "who.`user.name`"] } }
 *
 * `paths` adds places where fields stand, in any format and behind all rows of fields.def: a
 * value there counts where the record has none at the usual places. A path that is met makes a
 * record of another log readable.
 * Threads: immutable once read; any. */
#ifndef CORE_READING_CONFIG_H
#define CORE_READING_CONFIG_H

#include "core/base/arena.h"

#include "core/reading/field.h"

enum {
    CONFIG_MAX_BYTES = 256 * 1024,
    CONFIG_MAX_PATHS = 64,
    CONFIG_MAX_STEPS = 16, /* of one path */
};

struct config;

/* Reads the JSON in `text`. `name` stands in messages.
 * Errors: ERR_CONFIG, after appending one line "NAME:LINE: what is wrong" to `message`, safe to
 * print. Nothing is read then. */
MUST_CHECK enum err config_read(struct bytes name, struct bytes text, struct config **out,
                                struct buffer *message);
void config_free(struct config *c);

/* All rows of paths: those of path_get() and then the user's. `c` may be NULL, for none. */
size_t config_path_count(const struct config *c);
const struct path_row *config_path(const struct config *c, size_t row);

/* True when the user added a path for the field, so that its column is no longer filled from
 * the places of fields.def alone. */
bool config_adds_to(const struct config *c, enum field_id field);

#endif
