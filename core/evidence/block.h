/* Unpacked bytes of one file, in order, whatever it is packed in.
 *
 * gzip is inflated with ISA-L in windows; wherever it reports an error, zlib judges from the
 * start of that member and delivers every byte that can be decoded. Members follow one
 * another; behind damage or garbage the next sound member is looked for. Trailing bytes,
 * damage and layers become problems of the file row. Text that is not gzip is passed through
 * as it is, a byte order mark included; other formats are refused by name. ISIZE is never
 * trusted; only pread(2) is used.
 * Source: RFC 1952; threats.md of the project's design notes for the limits.
 * Threads: one reader belongs to one thread. */
#ifndef CORE_EVIDENCE_BLOCK_H
#define CORE_EVIDENCE_BLOCK_H

#include "core/evidence/ledger.h"

struct block_limits {
    uint64_t max_bytes; /* unpacked bytes per file; beyond it ERR_BOMB. 0: no limit */
    uint32_t
        max_ratio; /* unpacked ÷ packed once over 16 MiB; beyond it ERR_BOMB. 0: no limit */
    uint32_t max_layers; /* of gzip inside gzip */
};

/* 64 GiB, 400:1, 2 layers. What was unpacked before a limit of size is kept, as it may be
 * evidence; of content under too many layers nothing is read. */
struct block_limits block_default_limits(void);

struct block;

/* Starts reading; `fd` stays the caller's and must outlive the reader. Problems go to `f`,
 * unless `quiet` (a second reading for drill-down must not list them again). */
struct block *block_new(struct file *f, int fd, struct block_limits limits, bool quiet);
void block_free(struct block *b);

/* Up to `cap` bytes of unpacked text into `out`. Returns the bytes delivered; 0 at the end.
 * Damage ends the data early or leaves a gap only where noted as a problem. */
size_t block_read(struct block *b, char *out, size_t cap);

/* Random access. A map made during the first reading lets a later reader start near an
 * offset: one snapshot of the inflate state each 4 MiB of output (about 55 KB each). Files
 * that unpack to less than 8 MiB, plain ones and gzip inside gzip have none. */
struct block_map;

/* Hands over the map of what was read so far; NULL when the file is too small to need one. */
struct block_map *block_take_map(struct block *b);
void block_map_free(struct block_map *m);
size_t block_map_bytes(const struct block_map *m);

/* The unpacked bytes [offset, offset + length) of the file, appended to `out`. `map` may be
 * NULL. Opens the file itself.
 * Errors: ERR_IO, ERR_CHANGED when size or time differ from the first reading, or ERR_TRUNCATED
 * when fewer bytes are there. */
enum err block_extract(struct file *f, const struct block_map *map, uint64_t offset,
                       size_t length, struct buffer *out) MUST_CHECK;

#endif
