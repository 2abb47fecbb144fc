/* The content of one file under its layers of gzip.
 *
 * At the bottom lies the file. gunzip_unwrap() declares the present content to be gzip and
 * puts its unpacked bytes on top. Damage becomes problems of the file row; whatever can be
 * decoded is delivered. Only pread(2) is used.
 * Threads: one gunzip belongs to one thread. */
#ifndef CORE_EVIDENCE_GUNZIP_H
#define CORE_EVIDENCE_GUNZIP_H

#include "core/evidence/layer.h"

struct gunzip;

/* Reads `fd` from its beginning; both stay the caller's. `max_bytes` and `max_ratio` as in
 * struct block_limits. `quiet`: nothing is written to `f`. */
struct gunzip *gunzip_new(struct file *f, int fd, uint64_t max_bytes, uint32_t max_ratio,
                          bool quiet);
void gunzip_free(struct gunzip *g);

/* The next bytes of the content, not taken; at most `want` (up to 4 KiB), fewer only at its
 * end. Valid until the next call. */
struct bytes gunzip_peek(struct gunzip *g, size_t want);

/* The content is gzip: what follows is its unpacked form. Only before the first read. */
void gunzip_unwrap(struct gunzip *g);
uint32_t gunzip_layers(const struct gunzip *g);

/* Up to `cap` bytes of content; 0 at the end. */
size_t gunzip_read(struct gunzip *g, unsigned char *out, size_t cap);

/* Bytes of the file that were used so far. */
uint64_t gunzip_consumed(const struct gunzip *g);

/* Bytes of the content that the first member of the topmost layer gave; 0 before its end is
 * reached, and for a plain file. */
uint64_t gunzip_first_member_bytes(const struct gunzip *g);

/* A problem with the content as a whole. Nothing more is read after it. */
void gunzip_refuse(struct gunzip *g, enum err code, struct bytes detail);

/* Where a plain file is read next. Only without layers. */
void gunzip_seek(struct gunzip *g, uint64_t offset);

/* A place to resume from; owned by the caller. NULL but with one layer of gzip. */
struct layer_mark *gunzip_mark_here(const struct gunzip *g);

/* Unwraps and goes on from a mark of the same file. Only on a new gunzip. */
void gunzip_resume(struct gunzip *g, const struct layer_mark *m);

#endif
