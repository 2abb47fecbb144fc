#include "tests/data/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { GZIP_WINDOW_BITS = 15 + 16 };

static _Noreturn void fail(const char *what, const char *path)
{
    fprintf(stderr, "cogtrail-generate: %s: %s\n", path, what);
    exit(4);
}

void pack_gzip(struct text *out, const void *raw, size_t len, int level)
{
    z_stream z = {0};
    if (deflateInit2(&z, level, Z_DEFLATED, GZIP_WINDOW_BITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("deflate failed", "zlib");
    z.next_in = (Bytef *)(uintptr_t)raw;
    z.avail_in = (uInt)len;
    size_t bound = deflateBound(&z, (uLong)len);
    unsigned char *packed = must_grow(NULL, bound);
    z.next_out = packed;
    z.avail_out = (uInt)bound;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        fail("deflate failed", "zlib");
    text_add_bytes(out, packed, z.total_out);
    free(packed);
    deflateEnd(&z);
}

size_t pack_readable_bytes(const void *packed, size_t len)
{
    z_stream z = {0};
    if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
        fail("inflate failed", "zlib");
    z.next_in = (Bytef *)(uintptr_t)packed;
    z.avail_in = (uInt)len;
    unsigned char window[4096];
    int result;
    do {
        z.next_out = window;
        z.avail_out = sizeof(window);
        result = inflate(&z, Z_SYNC_FLUSH);
    } while (result == Z_OK);
    size_t readable = z.total_out;
    inflateEnd(&z);
    return readable;
}

static void make_folders(const char *path)
{
    char *copy = strdup(path);
    if (!copy)
        fail("out of memory", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0755) < 0 && errno != EEXIST)
            fail(strerror(errno), copy);
        *slash = '/';
    }
    free(copy);
}

void pack_write_file(const char *path, const void *content, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 && errno == ENOENT) {
        make_folders(path);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    if (fd < 0)
        fail(strerror(errno), path);
    for (const char *at = content; len > 0;) {
        ssize_t n = write(fd, at, len);
        if (n < 0)
            fail(strerror(errno), path);
        at += n;
        len -= (size_t)n;
    }
    if (close(fd) < 0)
        fail(strerror(errno), path);
}
