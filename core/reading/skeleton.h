/* A JSON object with holes: the paths are laid down once, the values are put in for each row.
 *
 * This is how a row of a table or a line of a log becomes the JSON text that all the rest of
 * the program reads. Holes without a value leave no key behind.
 * Threads: immutable once laid down; then any. */
#ifndef CORE_READING_SKELETON_H
#define CORE_READING_SKELETON_H

#include "core/base/arena.h"

enum {
    SKELETON_MAX_DEPTH = 32, /* further steps stay one key, dots and all */
    SKELETON_MAX_HOLES = 4096,
};

struct skeleton_node;

struct skeleton {
    struct skeleton_node *root;
    size_t n_holes;
};

/* What goes into a hole. */
struct filling {
    enum { FILLING_NONE, FILLING_TEXT, FILLING_SOURCE } kind; /* SOURCE: JSON as it stands */
    struct bytes text;
};

/* Adds the hole number n_holes at `path`: steps joined by '.', a step with dots in backticks.
 * A path that is there already, or lies within another, becomes one key of its own at the top:
 * no value is lost. False beyond SKELETON_MAX_HOLES. */
bool skeleton_add(struct skeleton *s, struct arena *a, struct bytes path);

/* Appends the object. `fillings` has one entry for each hole. Keys 0, 1, 2 … below one
 * path make an array. */
void skeleton_write(const struct skeleton *s, const struct filling *fillings,
                    struct buffer *out);

/* Appends a JSON string that decodes to exactly these bytes, whatever they are. */
void skeleton_text(struct buffer *out, struct bytes text);

#endif
