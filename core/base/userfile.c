#include "core/base/userfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *read_plain(int fd, size_t max_bytes, struct buffer *out)
{
    size_t before = out->len;
    struct stat status;
    ssize_t got = 1;

    if (fstat(fd, &status) != 0)
        return strerror(errno);
    errno = 0;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? "is a folder" : "is not a plain file";
    while (got > 0 && out->len - before <= max_bytes) {
        got = read(fd, buffer_room(out, 65536), 65536);
        if (got > 0)
            out->len += (size_t)got;
    }
    if (got < 0)
        return strerror(errno);
    return out->len - before > max_bytes ? "is too large" : NULL;
}

const char *userfile_read(int folder_fd, const char *path, size_t max_bytes, struct buffer *out)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *wrong;
    int why;

    if (fd < 0)
        return strerror(errno);
    wrong = read_plain(fd, max_bytes, out);
    why = errno;
    close(fd);
    errno = why;
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

const char *userfile_write(const char *path, struct bytes text, bool may_replace)
{
    struct buffer temporary = {0};
    const char *wrong = NULL;
    bool written;
    int fd;

    buffer_printf(&temporary, "%s.XXXXXX", path);
    (void)buffer_cstr(&temporary);
    fd = mkstemp(temporary.ptr); /* made with mode 0600 */
    if (fd < 0) {
        wrong = strerror(errno);
    } else {
        written = write_all(fd, text) && fsync(fd) == 0;
        written = close(fd) == 0 && written;
        /* link(2) never replaces what is there. */
        if (written)
            written =
                (may_replace ? rename(temporary.ptr, path) : link(temporary.ptr, path)) == 0;
        if (!written)
            wrong = strerror(errno);
        if (!written || !may_replace) {
            int why = errno;

            (void)unlink(temporary.ptr);
            errno = why;
        }
    }
    buffer_deinit(&temporary);
    return wrong;
}
