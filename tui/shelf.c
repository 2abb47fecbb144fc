#include "tui/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static const char suffix[] = ".query";

/* Relative values of XDG_CONFIG_HOME are ignored, as its specification says. */
static bool folder_path(struct buffer *out)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config && config[0] == '/')
        buffer_printf(out, "%s/cogtrail/queries", config);
    else if (home && home[0] == '/')
        buffer_printf(out, "%s/.config/cogtrail/queries", home);
    else
        return false;
    return true;
}

static bool read_text(int folder, const char *name, struct buffer *out)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    ssize_t got = 1;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SHELF_MAX_BYTES)
        got = -1;
    while (got > 0 && out->len <= SHELF_MAX_BYTES) {
        got = read(fd, buffer_room(out, 4096), 4096);
        if (got > 0)
            out->len += (size_t)got;
    }
    close(fd);
    return got == 0;
}

static int by_name(const void *a, const void *b)
{
    const struct shelf_query *x = a, *y = b;

    return bytes_compare(buffer_bytes(&x->name), buffer_bytes(&y->name));
}

void shelf_read(struct shelf *s, struct buffer *message)
{
    struct buffer path = {0};
    const struct dirent *item;
    DIR *folder;

    *s = (struct shelf){0};
    folder = folder_path(&path) ? opendir(buffer_cstr(&path)) : NULL;
    while (folder && s->count < SHELF_MAX_QUERIES && (item = readdir(folder)) != NULL) {
        struct shelf_query q = {0};
        size_t len = strlen(item->d_name);

        if (item->d_name[0] == '.' || !bytes_ends(bytes_make(item->d_name, len), suffix))
            continue;
        if (!read_text(dirfd(folder), item->d_name, &q.text)) {
            buffer_printf(message, "%s%.100s cannot be read", message->len ? ", " : "",
                          item->d_name);
            buffer_deinit(&q.text);
            continue;
        }
        buffer_add(&q.name, bytes_make(item->d_name, len - strlen(suffix)));
        mem_grow(&s->queries, &s->cap, s->count + 1, sizeof *s->queries);
        s->queries[s->count++] = q;
    }
    if (folder)
        closedir(folder);
    if (s->count)
        qsort(s->queries, s->count, sizeof *s->queries, by_name);
    buffer_deinit(&path);
}

void shelf_deinit(struct shelf *s)
{
    for (size_t i = 0; i < s->count; i++) {
        buffer_deinit(&s->queries[i].name);
        buffer_deinit(&s->queries[i].text);
    }
    mem_free(s->queries);
    *s = (struct shelf){0};
}

/* Makes the folder and those above it, private to the user. */
static bool make_folders(char *path)
{
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return false;
        *at = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || (c == ' ' && i > 0)))
            return false;
    }
    return name.len > 0 && name.len <= 100;
}

static bool write_all(int fd, struct bytes text)
{
    while (text.len) {
        ssize_t wrote = write(fd, text.ptr, text.len);

        if (wrote <= 0)
            return false;
        text = bytes_slice(text, (size_t)wrote, text.len);
    }
    return fsync(fd) == 0;
}

bool shelf_write(struct bytes name, struct bytes text, struct buffer *message)
{
    struct buffer folder = {0}, path = {0}, part = {0};
    bool ok = false;
    int fd = -1;

    if (!is_name(name)) {
        buffer_add_text(message, "a name has letters, digits, blanks, - and _, at most 100");
        return false;
    }
    if (!folder_path(&folder)) {
        buffer_add_text(message, "neither XDG_CONFIG_HOME nor HOME says where to keep it");
        return false;
    }
    buffer_printf(&path, "%s/%.*s%s", buffer_cstr(&folder), (int)name.len, name.ptr, suffix);
    buffer_printf(&part, "%s/.%.*s.part", buffer_cstr(&folder), (int)name.len, name.ptr);
    if (make_folders(folder.ptr))
        fd = open(buffer_cstr(&part), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                  0600);
    if (fd >= 0) {
        ok = write_all(fd, text);
        ok = close(fd) == 0 && ok;
        /* link(2) never replaces what is there. */
        ok = ok && link(buffer_cstr(&part), buffer_cstr(&path)) == 0;
    }
    if (!ok)
        buffer_add_text(message, errno == EEXIST ? "there is a query of that name already"
                                                 : strerror(errno));
    if (fd >= 0)
        (void)unlink(buffer_cstr(&part));
    buffer_deinit(&folder);
    buffer_deinit(&path);
    buffer_deinit(&part);
    return ok;
}
