/* The user's own queries: one file each in $XDG_CONFIG_HOME/cogtrail/queries. */
#ifndef TUI_SHELF_H
#define TUI_SHELF_H

#include "core/base/bytes.h"

enum { SHELF_MAX_QUERIES = 500, SHELF_MAX_BYTES = 65536 };

struct shelf_query {
    struct buffer name, text;
};

struct shelf {
    struct shelf_query *queries; /* by name */
    size_t count, cap;
};

/* Reads what is there; files that cannot be read are left out and named in `message`. */
void shelf_read(struct shelf *s, struct buffer *message);
void shelf_deinit(struct shelf *s);

/* Writes the query under the name (letters, digits, blank, - and _): a new file, mode 0600,
 * whole or not at all; an existing one is kept and refused. False with the reason in `message`.
 */
bool shelf_write(struct bytes name, struct bytes text, struct buffer *message);

#endif
