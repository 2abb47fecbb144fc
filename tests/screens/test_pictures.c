/* The pictures of the README show the program as it is: each is drawn anew from the keys that
 * lead to it and compared. tests/screens/pictures writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/screens/picture.h"

enum { ROWS = 32, COLS = 120, PICTURE_MAX_BYTES = 1 << 20 };

struct picture {
    const char *name, *keys, *title;
};

/* The walk through the demo incident that the README tells. */
// clang-format off
static const struct picture pictures[] = {
    {"pivot", "pepi",
     "Addresses by refused sign-ins, 203.0.113.7 first"},
    {"events", "pepioipzj\r",
     "What worked from that address: a sign-in, another e-mail address, a second factor, "
     "credentials of the identity pool, objects of S3"},
    {"event", "pepioipzj\r\r",
     "The record of that sign-in, and what it means in plain words"},
    {"card", "pepioipzj\rds",
     "The card of the user: addresses, applications, errors, and when"},
};
// clang-format on

static void compare(const char *path, struct bytes drawn)
{
    struct buffer kept = {0};
    FILE *file;
    bool same;

    if (getenv("COGTRAIL_UPDATE_GOLDEN")) {
        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(drawn.ptr, 1, drawn.len, file), drawn.len);
        assert_int_equal(fclose(file), 0);
        return;
    }
    file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is missing: tests/screens/pictures draws it", path);
    kept.len = fread(buffer_room(&kept, PICTURE_MAX_BYTES), 1, PICTURE_MAX_BYTES, file);
    (void)fclose(file);
    same = bytes_equal(buffer_bytes(&kept), drawn);
    buffer_deinit(&kept);
    if (!same)
        fail_msg("%s is not what the program shows: tests/screens/pictures draws it anew",
                 path);
}

static void picture_is_true(void **state)
{
    static const char *const demo[] = {"--demo", NULL};
    const struct picture *picture = *state;
    struct buffer path = {0}, drawn = {0};
    struct terminal *t =
        terminal_new(&(struct terminal_start){.rows = ROWS, .cols = COLS, .arguments = demo});

    terminal_type(t, "");
    terminal_type(t, picture->keys);
    picture_write(t, ROWS, COLS, picture->title, &drawn);
    terminal_free(t);
    buffer_printf(&path, "%s/%s.svg", COGTRAIL_PICTURES, picture->name);
    compare(buffer_cstr(&path), buffer_bytes(&drawn));
    buffer_deinit(&path);
    buffer_deinit(&drawn);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(pictures)] = {0};

    for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
        tests[i] = (struct CMUnitTest){.name = pictures[i].name,
                                       .test_func = picture_is_true,
                                       .initial_state = (void *)(uintptr_t)&pictures[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
