#include "tui/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/userfile.h"

#include "tui/user_file.h"

static const char folder_name[] = "queries", suffix[] = ".query";

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
    folder = user_file_path(folder_name, &path) ? opendir(buffer_cstr(&path)) : NULL;
    while (folder && s->count < SHELF_MAX_QUERIES && (item = readdir(folder)) != NULL) {
        struct shelf_query q = {0};
        size_t len = strlen(item->d_name);

        if (item->d_name[0] == '.' || !bytes_ends(bytes_make(item->d_name, len), suffix))
            continue;
        if (userfile_read(dirfd(folder), item->d_name, SHELF_MAX_BYTES, &q.text)) {
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

bool shelf_write(struct bytes name, struct bytes text, struct buffer *message)
{
    struct buffer path = {0};
    const char *wrong = NULL;

    if (!is_name(name)) {
        wrong = "a name has letters, digits, blanks, - and _, at most 100";
    } else if (!user_file_path(folder_name, &path)) {
        wrong = "neither XDG_CONFIG_HOME nor HOME says where to keep it";
    } else {
        buffer_printf(&path, "/%.*s%s", (int)name.len, name.ptr, suffix);
        wrong = user_file_write(buffer_cstr(&path), text, false);
        if (wrong && errno == EEXIST)
            wrong = "there is a query of that name already";
    }
    if (wrong)
        buffer_add_text(message, wrong);
    buffer_deinit(&path);
    return !wrong;
}
