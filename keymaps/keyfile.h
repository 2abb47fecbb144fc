/* Key files: the text that a keymap is loaded from.
 *
 *     # a comment
 *     include default
 *     bind table g g row-first
 *     bind any p i pivot ip
 *     unbind events z
 *
 * The shipped maps are such files too, embedded in the program (builtin.h). */
#ifndef KEYMAPS_KEYFILE_H
#define KEYMAPS_KEYFILE_H

#include "keymaps/keymap.h"

enum {
    KEYFILE_MAX_BYTES = 256 * 1024,
    KEYFILE_MAX_DEPTH = 8, /* of includes */
};

/* Where included files come from: true and `*text` (which must last until keymap_load()
 * returns) when there is a file of that name. */
struct keyfile_source {
    bool (*find)(void *context, struct bytes name, struct bytes *text);
    void *context;
};

/* The shipped files. */
struct keyfile_source keyfile_builtin(void);

/* Loads `text`. `name` stands in messages and guards against a file that includes itself.
 * Errors: ERR_KEYMAP, after appending one line "NAME:LINE: what is wrong" to `message`, safe
 * to print. Nothing is loaded then. */
MUST_CHECK enum err keymap_load(struct bytes name, struct bytes text,
                                const struct keyfile_source *source, struct keymap **out,
                                struct buffer *message);

/* Loads the shipped map of that name. Errors: ERR_NOT_FOUND, and as keymap_load(). */
MUST_CHECK enum err keymap_load_builtin(struct bytes name, struct keymap **out,
                                        struct buffer *message);

#endif
