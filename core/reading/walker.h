/* One walk over a JSON object that keeps what stands at the paths of fields.def and of the
 * user, and which telling keys were met.
 *
 * What the values mean is not its business: see fill.h for the fields, foreign.h for the signs.
 * Threads: a walker belongs to one thread. */
#ifndef CORE_READING_WALKER_H
#define CORE_READING_WALKER_H

#include "core/reading/cursor.h"
#include "core/reading/tree.h"

/* No record holds more rows than fields.def and the user's configuration have. */
enum { WALKER_MAX_ROWS = 320 };

/* What stands at the path of one row. Escaped text is decoded into the scratch buffer, which
 * may move while it grows, so its place is kept as an offset. */
struct found {
    const char *ptr; /* NULL: in the scratch */
    size_t at, len;
    uint8_t state; /* enum value_state */
    bool listed;   /* in `seen` */
};

struct walker {
    const struct config *config; /* the caller's */
    struct arena arena;
    struct tree_node root;
    struct path_row rows[WALKER_MAX_ROWS]; /* those of config_path() */
    struct found found[WALKER_MAX_ROWS];
    uint16_t seen[WALKER_MAX_ROWS]; /* rows met in this record */
    size_t n_seen;
    uint32_t record;    /* number of the record, for tree_node.last_met */
    uint64_t signs;     /* bits of the telling keys that were met */
    bool duplicate_key; /* a key that a path uses stood twice */
    struct buffer scratch, key;
};

/* `sign` gives telling path number i and its bit, NULL past the end. `config` may be NULL. */
void walker_init(struct walker *w, const struct config *config,
                 const char *(*sign)(size_t i, uint64_t *sign));
void walker_deinit(struct walker *w);

/* Forgets the record before. */
void walker_start(struct walker *w);

/* Walks the object at the cursor, behind walker_start(). False at a fault of the cursor. What
 * was found is valid as long as the text is, and until the next walker_start(). */
bool walker_object(struct walker *w, struct cursor *c);

/* Walks the object that `text` is from its start; false when it is no JSON object. */
bool walker_text(struct walker *w, struct bytes text, struct cursor *c);

/* True when some path of the user's, for entries of any log, gave something. */
bool walker_met_user_path(const struct walker *w);

static inline struct bytes walker_text_of(const struct walker *w, const struct found *f)
{
    return bytes_make(f->ptr ? f->ptr : w->scratch.ptr + f->at, f->len);
}

#endif
