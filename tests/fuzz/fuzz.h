/* What the fuzz targets share. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The name is libFuzzer's. Returns 0; a property that does not hold ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that has to hold in any build. */
static inline void fuzz_check(bool holds, const char *property)
{
    if (!holds) {
        (void)fprintf(stderr, "does not hold: %s\n", property);
        abort();
    }
}

/* A file with this content; the caller closes it. */
static inline int fuzz_file(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", 0);

    fuzz_check(fd >= 0, "a file in memory");
    while (size > 0) {
        ssize_t got = write(fd, data, size);

        fuzz_check(got > 0, "writing to memory");
        data += got;
        size -= (size_t)got;
    }
    return fd;
}

#endif
