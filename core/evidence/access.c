#include "core/evidence/access.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/evidence/container.h"

enum err access_error(int number)
{
    return number == ENOENT || number == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
}

const char *access_mode_name(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFLNK:
        return "symbolic link";
    case S_IFIFO:
        return "FIFO";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
        return "character device";
    case S_IFBLK:
        return "block device";
    case S_IFDIR:
        return "directory";
    default:
        return "of unknown kind";
    }
}

/* Mounts that keep access times as they are, whoever reads. */
static bool keeps_access_times(int fd)
{
    struct statvfs mount;

    return fstatvfs(fd, &mount) == 0 && mount.f_flag & (ST_RDONLY | ST_NOATIME);
}

int access_path(const char *path, int flags, bool *touched)
{
    int fd;

    flags |= O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    *touched = false;
    fd = open(path, flags | O_NOATIME);
    if (fd < 0 && errno == EPERM) {
        fd = open(path, flags);
        *touched = fd >= 0 && !keeps_access_times(fd);
    }
    return fd;
}

static int open_fail(enum err code, const char *detail, struct problem *problem)
{
    *problem = (struct problem){.code = code, .packed = true, .detail = bytes_of(detail)};
    return -1;
}

/* How a row was opened. */
struct opened {
    struct stat st;
    bool touched;               /* reading may leave a time of access */
    struct container_copy copy; /* of an entry */
};

static int open_row(const struct file *f, struct opened *out, struct problem *problem);

/* An entry comes as a file in memory that is as old as the archive, so that a change of the
 * archive is noticed. */
static int open_entry(const struct file *f, struct opened *out, struct problem *problem)
{
    struct opened outer;
    int from;

    if (f->outer->content_fd >= 0) {
        from = fcntl(f->outer->content_fd, F_DUPFD_CLOEXEC, 0);
        if (from < 0 || fstat(from, &outer.st) != 0)
            return open_fail(ERR_IO, strerror(errno), problem);
    } else {
        from = open_row(f->outer, &outer, problem);
        if (from < 0)
            return -1;
        out->touched = outer.touched;
    }
    out->copy = container_extract(f, from);
    (void)close(from);
    if (out->copy.fd < 0)
        return open_fail(ERR_ARCHIVE, out->copy.trouble, problem);
    (void)futimens(out->copy.fd, (const struct timespec[]){outer.st.st_mtim, outer.st.st_mtim});
    return out->copy.fd;
}

static int open_row(const struct file *f, struct opened *out, struct problem *problem)
{
    struct buffer path = {0};
    int fd, number;

    *out = (struct opened){.copy = {.sound = true}};
    if (f->parcel) {
        fd = open_entry(f, out, problem);
        if (fd < 0)
            return -1;
    } else if (f->fd >= 0) {
        fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);
    } else {
        buffer_add(&path, f->path);
        fd = access_path(buffer_cstr(&path), f->given ? 0 : O_NOFOLLOW, &out->touched);
        number = errno;
        buffer_deinit(&path);
        errno = number;
    }
    if (fd < 0 || fstat(fd, &out->st) != 0) {
        number = errno;
        if (fd >= 0)
            (void)close(fd);
        return open_fail(access_error(number), strerror(number), problem);
    }
    if (!S_ISREG(out->st.st_mode)) {
        (void)close(fd);
        return open_fail(ERR_NOT_REGULAR, access_mode_name(out->st.st_mode), problem);
    }
    return fd;
}

int access_file(struct file *f, struct problem *problem)
{
    struct opened o;
    int fd = open_row(f, &o, problem);

    if (fd < 0)
        return -1;
    f->atime_touched = o.touched;
    f->wrapped = o.copy.wrapped;
    f->packed_bytes = (uint64_t)o.st.st_size;
    f->modified_ns = (int64_t)o.st.st_mtim.tv_sec * 1000000000 + o.st.st_mtim.tv_nsec;
    if (o.copy.trouble)
        file_problem(f, (struct problem){.code = ERR_ARCHIVE,
                                         .packed = true,
                                         .detail = bytes_of(o.copy.trouble)});
    if (!o.copy.sound)
        file_problem(f, (struct problem){.code = ERR_CHECKSUM,
                                         .packed = true,
                                         .detail = bytes_of("of a ZIP entry; data kept")});
    return fd;
}

int access_again(const struct file *f, struct problem *problem)
{
    struct opened o;

    return open_row(f, &o, problem);
}
