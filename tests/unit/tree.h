/* Folders under /tmp to be filled with evidence, for tests. */
#ifndef TESTS_UNIT_TREE_H
#define TESTS_UNIT_TREE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.h"

static inline int tree_remove_one(const char *path, const struct stat *st, int flag,
                                  struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* A folder under /tmp whose path stands in `*state`. */
static inline int tree_setup(void **state)
{
    char *folder = strdup("/tmp/cogtrail-tree-XXXXXX");

    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static inline int tree_teardown(void **state)
{
    char *folder = *state;
    int failed = nftw(folder, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS);

    free(folder);
    return failed;
}

static inline void tree_file(const char *folder, const char *name, struct bytes content,
                             mode_t mode)
{
    char path[4096];
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.ptr, content.len), content.len);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static inline void tree_folder(const char *folder, const char *name)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static inline void tree_event(struct buffer *out, unsigned number)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventSource\":\"iam.amazonaws.com\","
                  "\"eventName\":\"ListUsers\",\"eventTime\":\"2026-01-01T00:00:00Z\","
                  "\"eventID\":\"00000000-0000-4000-8000-%012u\"}\n",
                  number);
}

#endif
