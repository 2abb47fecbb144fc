/* JSON objects as AWS and its tools write them, taken apart by name.
 *
 * A byte order mark is passed over. Stricter than evidence is read: these texts decide what is
 * believed, so no other reader may see another meaning in them. A key that stands twice, bytes
 * that are not UTF-8 and anything behind the object are refused. Threads: any. */
#ifndef CORE_PROVING_SAVED_H
#define CORE_PROVING_SAVED_H

#include "core/base/arena.h"

#include "core/reading/cursor.h"

/* One member that is looked for. */
struct saved {
    const char *name;
    bool present; /* also when null */
    enum cursor_kind kind;
    struct bytes source; /* the value as it stands in the text: a view of it */
    struct bytes text;   /* of strings, escapes resolved; the arena's */
};

/* Fills `members` from the object in `text`, which must hold nothing else. ERR_SYNTAX with
 * `why`, appended, when it is no such object. */
enum err saved_read(struct bytes text, struct saved *members, size_t n_members,
                    struct arena *arena, struct buffer *why) MUST_CHECK;

/* A string of at least one byte. */
bool saved_is_text(const struct saved *member);

#endif
