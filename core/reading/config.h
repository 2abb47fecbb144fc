/* The user's own additions to what the program knows about formats.
 *
 *     { "paths": { "ip": ["my.clientAddress"], "user": ["login", "who.`user.name`"] } }
 *
 * `paths` adds places where fields stand, in any format, or in those that an entry
 * {"path": "a.b", "formats": ["app-log"]} names, and behind all rows of fields.def: a
 * value there counts where the record has none at the usual places. A path that is met makes a
 * record of another log readable, unless it is for other formats.
 *
 *     { "access_log_formats": ["$context.requestId $context.status $context.path"] }
 *
 * `access_log_formats` are format templates of API Gateway stages, see template.h.
 * Threads: immutable once read; any. */
#ifndef CORE_READING_CONFIG_H
#define CORE_READING_CONFIG_H

#include "core/base/arena.h"

#include "core/reading/field.h"
#include "core/reading/template.h"

enum {
    CONFIG_MAX_BYTES = 256 * 1024,
    CONFIG_MAX_PATHS = 64,
    CONFIG_MAX_STEPS = 16, /* of one path */
    CONFIG_MAX_FORMATS = 16,
};

struct config;

/* Reads the JSON in `text`. `name` stands in messages.
 * Errors: ERR_CONFIG, after appending one line "NAME:LINE: what is wrong" to `message`, safe to
 * print. Nothing is read then. */
MUST_CHECK enum err config_read(struct bytes name, struct bytes text, struct config **out,
                                struct buffer *message);
void config_free(struct config *c);

/* One without any additions. */
struct config *config_new(void);

/* Adds a format template, in front of those that are there. False, and what is wrong (a part of
 * a sentence, static) in `why`, when it is none. */
bool config_add_format(struct config *c, struct bytes text, const char **why);

/* Format template number `i`; NULL past the end. `c` may be NULL, for none. */
const struct template *config_format(const struct config *c, size_t i);

/* All rows of paths: those of path_get() and then the user's. `c` may be NULL, for none. */
size_t config_path_count(const struct config *c);
const struct path_row *config_path(const struct config *c, size_t row);

/* True when the user added a path for the field, so that its column is no longer filled from
 * the places of fields.def alone. */
bool config_adds_to(const struct config *c, enum field_id field);

#endif
