/* The demo incident, built into the program: the files of `cogtrail-generate demo`, made again
 * at every build. */
#ifndef TESTS_DATA_DEMO_H
#define TESTS_DATA_DEMO_H

#include <stddef.h>

struct demo_file {
    const char *name; /* dump/AWSLogs/… */
    const unsigned char *data;
    size_t len;
};

extern const struct demo_file demo_files[];
extern const size_t demo_file_count;

#endif
