#include "core/base/userfile.h"

#include <errno.h>
#include <fcntl.h>
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
