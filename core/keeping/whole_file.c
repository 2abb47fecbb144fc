#include "core/keeping/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *whole_file_read(const char *path, size_t max_bytes, struct buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *wrong = NULL;
    struct stat status;
    size_t start = out->len;
    ssize_t got = 1;

    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &status) != 0)
        wrong = strerror(errno);
    else if (!S_ISREG(status.st_mode))
        wrong = S_ISDIR(status.st_mode) ? "is a folder" : "is not a plain file";
    while (!wrong && got > 0 && out->len - start <= max_bytes) {
        got = read(fd, buffer_room(out, 4096), 4096);
        if (got > 0)
            out->len += (size_t)got;
    }
    if (got < 0)
        wrong = strerror(errno);
    else if (out->len - start > max_bytes)
        wrong = "is too large";
    close(fd);
    errno = 0;
    return wrong;
}

static bool write_all(int fd, struct bytes text)
{
    while (text.len) {
        ssize_t done = write(fd, text.ptr, text.len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text = bytes_slice(text, (size_t)done, text.len);
    }
    return true;
}

const char *whole_file_write(const char *path, struct bytes text)
{
    struct buffer temporary = {0};
    const char *wrong = NULL;
    int fd;

    buffer_printf(&temporary, "%s.XXXXXX", path);
    (void)buffer_cstr(&temporary);
    fd = mkstemp(temporary.ptr); /* made with mode 0600 */
    if (fd < 0) {
        wrong = strerror(errno);
        goto out;
    }
    if (!write_all(fd, text) || fsync(fd) != 0)
        wrong = strerror(errno);
    if (close(fd) != 0 && !wrong)
        wrong = strerror(errno);
    if (!wrong && rename(temporary.ptr, path) != 0)
        wrong = strerror(errno);
    if (wrong)
        (void)unlink(temporary.ptr);
out:
    buffer_deinit(&temporary);
    return wrong;
}
