/* Bytes as gzip, and files on disk. */
#ifndef TESTS_DATA_PACK_H
#define TESTS_DATA_PACK_H

#include "tests/data/text.h"

/* Appends `raw` as one gzip member without name and time, so that the same text always packs
 * to the same bytes. */
void pack_gzip(struct text *out, const void *raw, size_t len, int level);

/* The unpacked bytes that `len` bytes of a gzip file give before they end or break: what a
 * careful reader can still get from a damaged file. */
size_t pack_readable_bytes(const void *packed, size_t len);

/* Writes a file, making the folders above it. Ends the program when that fails. */
void pack_write_file(const char *path, const void *content, size_t len);

#endif
