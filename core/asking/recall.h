/* What was read from records again, kept for the next question: values of paths that have no
 * column, and what conditions on records said.
 *
 * Kept chunk by chunk, as chunks never change: a newer index over more chunks reads only what
 * it adds. All of it stays under a budget; what was not used for longest goes first.
 * Threads: any. */
#ifndef CORE_ASKING_RECALL_H
#define CORE_ASKING_RECALL_H

#include "core/index/chunk.h"

struct recall;

/* What is kept of one path or condition, by chunk. */
struct recalled;

struct recall *recall_new(size_t budget_bytes);

/* After the last recall_release(). */
void recall_free(struct recall *r);

enum recall_kind {
    RECALL_PATH,      /* a column of ids per chunk, with a dictionary */
    RECALL_CONDITION, /* a byte per row of each chunk */
};

/* What is kept under `key`, now or from now on; in use until the release. */
struct recalled *recall_hold(struct recall *r, enum recall_kind kind, struct bytes key);
void recall_release(struct recall *r, struct recalled *k);

/* RECALL_PATH: the values of a chunk, as ids of recalled_dictionary(); NULL when they are not
 * kept. Stays in place until the release. */
const struct column *recalled_column(const struct recalled *k, size_t chunk);
struct dictionary *recalled_dictionary(const struct recalled *k);

/* Packs and keeps the ids of a chunk's rows. Returns what recalled_column() then does: NULL
 * when there is no room for it. */
const struct column *recall_keep(struct recall *r, struct recalled *k, size_t chunk,
                                 const uint32_t *ids, uint32_t n_rows);

/* False once there is no room for more of `k`: there is no use in reading for it. */
bool recall_has_room(struct recall *r, struct recalled *k);

/* RECALL_CONDITION: CHUNK_ROWS bytes, 0 at first and the caller's to set; NULL when there is no
 * room for them. Stays in place until the release. */
_Atomic unsigned char *recall_rows(struct recall *r, struct recalled *k, size_t chunk);

/* Bytes in use; at most the budget but for what is in use and cannot go. */
size_t recall_bytes(struct recall *r);

#endif
