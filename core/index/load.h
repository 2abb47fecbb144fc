/* The job that reads the archive into the store.
 *
 * One worker per core takes whole files, newest day first, inflating and parsing in the same
 * thread; at the end those without a file help with the large ones (share.h). The first chunk
 * of a load is published after a few thousand rows or 20 ms, so that a screen has something to
 * show at once; later ones when full, or, where reading is slow, after a time that grows to a
 * few seconds. */
#ifndef CORE_INDEX_LOAD_H
#define CORE_INDEX_LOAD_H

#include "core/base/pool.h"

#include "core/evidence/archive.h"
#include "core/evidence/block.h"
#include "core/index/store.h"
#include "core/reading/config.h"

struct load;

/* The archive, store, pool and configuration (may be NULL) stay the caller's and must outlive
 * the load. */
struct load *load_new(struct archive *a, struct store *s, struct block_limits limits,
                      const struct config *config);

/* Waits for nothing: call after the load has finished or the pool was freed. */
void load_free(struct load *l);

/* Starts on `p`; `done` (may be NULL) runs on the owner's thread at the end. */
void load_start(struct load *l, struct pool *p, void (*done)(void *context), void *context);

/* Ends reading soon; what was read is kept, the files under way get FILE_STOPPED. */
void load_cancel(struct load *l);
bool load_is_finished(const struct load *l);
bool load_is_cancelled(const struct load *l);

/* What was read and did not fit: events beyond the last row id, and values (counted as absent)
 * beyond a dictionary's end. Both are 0 below some billions of events; when not, every count
 * is "at least". Threads: any. */
uint64_t load_lost_events(const struct load *l);
uint64_t load_lost_values(const struct load *l);

/* Random-access map of a big file, or NULL; owned by the load. Threads: any. */
const struct block_map *load_map(struct load *l, uint32_t file);

/* Appends the text of the record at `offset_bytes` of a file when it stood there in another
 * form than JSON (a row, a line); `raw` is what stands there. False, and nothing appended,
 * when `raw` is the text itself. Threads: any. */
bool load_render(struct load *l, uint32_t file, uint64_t offset_bytes, struct bytes raw,
                 struct buffer *out);

#endif
