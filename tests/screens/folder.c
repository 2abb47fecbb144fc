#define _XOPEN_SOURCE 700 /* nftw(3) */
#include "tests/screens/folder.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
// clang-format on

#include "core/base/utf8.h"

void folder_make(struct buffer *path)
{
    const char *temporary = getenv("TMPDIR");

    buffer_printf(path, "%s/cogtrail-test-XXXXXX", temporary ? temporary : "/tmp");
    (void)buffer_cstr(path);
    assert_non_null(mkdtemp(path->ptr));
}

void folder_write(const struct buffer *path, const char *name, struct bytes content)
{
    struct buffer full = {0};
    FILE *file;

    buffer_printf(&full, "%.*s/%s", (int)path->len, path->ptr, name);
    (void)buffer_cstr(&full);
    for (char *slash = full.ptr + path->len + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(full.ptr, 0700);
        *slash = '/';
    }
    file = fopen(full.ptr, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content.ptr, 1, content.len, file), content.len);
    fclose(file);
    buffer_deinit(&full);
}

void folder_link(const struct buffer *path, const char *from, const char *to)
{
    struct buffer old = {0}, new = {0};

    buffer_printf(&old, "%.*s/%s", (int)path->len, path->ptr, from);
    buffer_printf(&new, "%.*s/%s", (int)path->len, path->ptr, to);
    assert_int_equal(link(buffer_cstr(&old), buffer_cstr(&new)), 0);
    buffer_deinit(&old);
    buffer_deinit(&new);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void folder_remove(struct buffer *path)
{
    (void)nftw(buffer_cstr(path), remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    buffer_deinit(path);
}

void json_add_text(struct buffer *out, struct bytes text)
{
    buffer_add_char(out, '"');
    while (text.len) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);

        if (code >= ' ' && code < 0x7f && code != '"' && code != '\\') {
            buffer_add_char(out, (char)code);
        } else if (code == UTF8_INVALID) {
            buffer_add(out, bytes_slice(text, 0, used)); /* as broken as it came */
        } else if (code < 0x10000) {
            buffer_printf(out, "\\u%04x", code);
        } else {
            code -= 0x10000;
            buffer_printf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10),
                          0xdc00 + (code & 0x3ff));
        }
        text = bytes_slice(text, used, text.len);
    }
    buffer_add_char(out, '"');
}
