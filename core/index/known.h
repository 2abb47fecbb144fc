/* What one worker knows of one field's dictionary, so that it need not ask for every event.
 *
 * Within a chunk each text gets a code, counted from 0 in the order of first use; the ids in
 * the dictionary are settled once for the whole chunk. Belongs to one thread. */
#ifndef CORE_INDEX_KNOWN_H
#define CORE_INDEX_KNOWN_H

#include "core/base/arena.h"

#include "core/index/dictionary.h"

struct known_texts {
    struct known_text *texts; /* those behind n_settled have no id yet */
    size_t n_texts, texts_cap, n_settled;
    uint32_t *slots; /* open addressing: number of a text + 1, some of its hash above */
    uint32_t n_slots;
    uint32_t *used; /* the text behind each code of this chunk */
    size_t n_used, used_cap;
    struct bytes last; /* of the row before */
    uint32_t last_code;
};

/* Zero-initialised is empty and valid. */
void known_deinit(struct known_texts *k);

/* The code of a text in this chunk. A text that was not known is copied to `arena`, which
 * must live until known_settle(). At most 2^19 texts between two calls of that. */
uint32_t known_code(struct known_texts *k, struct bytes text, struct arena *arena);

/* Where the chunk stands, and back to there: what was added since is forgotten. Only within one
 * chunk. */
struct known_mark {
    size_t n_texts, n_used;
};

struct known_mark known_mark(const struct known_texts *k);
void known_cut(struct known_texts *k, struct known_mark mark);

/* Ends the chunk: `ids` (room for `n_used`) gets the id of each code, or DICTIONARY_FULL.
 * Codes start over. */
void known_settle(struct known_texts *k, struct dictionary *d, uint32_t *ids);

#endif
