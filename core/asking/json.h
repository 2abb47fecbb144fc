/* Values inside a JSON text: what stands at a path, the elements of a list. */
#ifndef CORE_ASKING_JSON_H
#define CORE_ASKING_JSON_H

#include "core/base/arena.h"

#include "core/asking/datum.h"
#include "core/reading/cursor.h"

/* An object or array and nothing behind it; `kind` says which. */
bool json_is_container(struct bytes text, enum cursor_kind *kind);

/* One value as results show it: a string decoded, a container or literal as its own text, null
 * missing. `memory` holds what had to be decoded. */
struct datum json_value(struct bytes value, struct arena *memory);

/* A text, container or literal that json_value() made before and that was kept. */
struct datum json_kept(struct bytes text);

/* What stands at a path, steps as path_step() parts them: keys (the last of equal ones counts)
 * and positions of arrays. Missing when there is nothing. */
struct datum json_find(struct bytes json, struct bytes path, struct arena *memory);

/* The elements of an array, in order, as they are written. */
struct json_items {
    struct cursor cursor;
    bool first;
};

/* False when the text is no array. */
bool json_items_start(struct json_items *items, struct bytes text);
bool json_items_next(struct json_items *items, struct bytes *out);

/* Appends the text between quotes, escaped. Bytes that are no UTF-8 are kept as they are. */
void json_write_string(struct buffer *out, struct bytes text);

#endif
