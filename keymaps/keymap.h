/* A loaded keymap: which keys run which command where.
 *
 * What is bound in a context works in the contexts below it, unless a nearer context binds or
 * unbinds the same keys or the command has no meaning there. The rows of a context are what
 * remains, in the order of their keys.
 * Threads: a keymap is constant once loaded (keyfile.h). */
#ifndef KEYMAPS_KEYMAP_H
#define KEYMAPS_KEYMAP_H

#include "core/base/arena.h"

#include "keymaps/command.h"
#include "keymaps/key.h"

enum {
    KEYMAP_MAX_KEYS = 4,    /* in one sequence */
    KEYMAP_MAX_ROWS = 4096, /* bindings of one map */
};

struct binding {
    enum context context; /* where it is bound */
    bool hides;           /* an unbind: the inherited keys that begin so have no meaning */
    uint8_t n_keys;
    struct key keys[KEYMAP_MAX_KEYS];
    enum command_id command;
    struct bytes argument; /* checked; empty when the command takes none. The map's */
    struct bytes file;     /* name of the file that bound it. The map's */
    uint32_t line;         /* in that file, from 1 */
};

struct keymap;

struct keymap *keymap_new(void);
void keymap_free(struct keymap *map);

/* A copy of `text` that lives as long as the map. */
struct bytes keymap_keep(struct keymap *map, struct bytes text);

/* Adds a binding; the same keys in the same context are bound anew. Its texts must be the
 * map's. Errors: ERR_TOO_LARGE. */
MUST_CHECK enum err keymap_bind(struct keymap *map, const struct binding *row);

/* Takes away what is bound to these keys, and to sequences that begin with them, in the
 * context; what is inherited is hidden. ERR_NOT_FOUND when there is nothing of both. */
MUST_CHECK enum err keymap_unbind(struct keymap *map, const struct binding *row);

/* The row of exactly this context and these keys, or NULL. */
const struct binding *keymap_own(const struct keymap *map, const struct binding *like);

/* Works out the rows of every context. Where the keys of one row begin with those of another,
 * ERR_CONFLICT with both rows and the context; the map is then of no use. */
struct keymap_conflict {
    enum context context;
    const struct binding *earlier, *later; /* in order of loading */
};
MUST_CHECK enum err keymap_settle(struct keymap *map, struct keymap_conflict *conflict);

/* The rows of a context, by keys. */
size_t keymap_count(const struct keymap *map, enum context context);
const struct binding *keymap_get(const struct keymap *map, enum context context, size_t i);

/* Whether some keys lead out of the program from the list of events: back, quit, quit-now. */
bool keymap_leads_out(const struct keymap *map);

/* "g g", "Ctrl-D": appended. */
void keymap_write_keys(struct buffer *out, const struct key *keys, size_t n_keys);

/* Appends every sequence that runs the command with this argument there, with two blanks
 * between them; false when there is none. */
bool keymap_find(const struct keymap *map, enum context context, enum command_id command,
                 struct bytes argument, struct buffer *out);

/* One sentence on what the keys do there: "p i: pivot ip – count the values of a field",
 * "p: begins p a, p b …", "Ctrl-T: not bound here". Appended. */
void keymap_describe(const struct keymap *map, enum context context, const struct key *keys,
                     size_t n_keys, struct buffer *out);

/* One line of help. Many keys of one command that differ only in the letter of a field are one
 * line: "p + letter". The keys of a command with a number are one line without it. */
struct keymap_help {
    enum command_id command;
    struct bytes argument;
    bool letters;       /* `keys` stands for all fields that have a letter */
    struct buffer keys; /* owned */
};

/* The lines for a context, in the order of commands.def, so that groups stand together.
 * `*out` is the caller's, freed with keymap_help_free(). */
size_t keymap_help(const struct keymap *map, enum context context, struct keymap_help **out);
void keymap_help_free(struct keymap_help *lines, size_t count);

/* Keys one by one to a command. One per screen; not for several threads. */
struct keymap_matcher;

enum keymap_match {
    KEYMAP_NONE,    /* these keys do nothing here: see keymap_matcher_keys() */
    KEYMAP_PENDING, /* the beginning of a sequence: see keymap_pending() */
    KEYMAP_COMMAND,
};

/* `map` must outlive the matcher. */
struct keymap_matcher *keymap_matcher_new(const struct keymap *map);
void keymap_matcher_free(struct keymap_matcher *m);

/* Takes the next key. A new context, or Esc and Ctrl-G within a sequence, begin anew. On
 * KEYMAP_COMMAND `*row` is the map's. */
enum keymap_match keymap_feed(struct keymap_matcher *m, enum context context, struct key key,
                              const struct binding **row);

/* Forgets the keys of a sequence that was begun. */
void keymap_matcher_reset(struct keymap_matcher *m);

/* The keys of the last keymap_feed(). */
const struct key *keymap_matcher_keys(const struct keymap_matcher *m, size_t *n_keys);

/* While a sequence is pending: the rows that can follow, in the order of the key files; the
 * next key of each is keys[n_keys], n_keys of keymap_matcher_keys(). NULL past the last one. */
const struct binding *keymap_pending(const struct keymap_matcher *m, size_t i);

#endif
