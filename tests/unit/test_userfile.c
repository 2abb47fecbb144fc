/* The user's own files: read within a bound, written whole or not at all. */
// clang-format off
#include <errno.h>
#include <fcntl.h>
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

#include "core/base/userfile.h"

static char folder[64];

static int enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/cogtrail-userfile-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    (void)unlink("a");
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void expect_content(const char *expected)
{
    struct buffer text = {0};

    assert_null(userfile_read(AT_FDCWD, "a", 100, &text));
    assert_string_equal(buffer_cstr(&text), expected);
    buffer_deinit(&text);
}

static void test_writes_whole(void **state)
{
    struct stat status;

    (void)state;
    assert_null(userfile_write("a", bytes_of("one"), false));
    expect_content("one");
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_null(userfile_write("a", bytes_of("two"), true));
    expect_content("two");
}

static void test_keeps_what_it_may_not_replace(void **state)
{
    (void)state;
    assert_null(userfile_write("a", bytes_of("one"), false));
    assert_non_null(userfile_write("a", bytes_of("two"), false));
    assert_int_equal(errno, EEXIST);
    expect_content("one"); /* and leave() finds nothing else in the folder */
}

static void test_refuses(void **state)
{
    struct buffer text = {0};

    (void)state;
    assert_non_null(userfile_read(AT_FDCWD, "a", 100, &text));
    assert_int_equal(errno, ENOENT);
    assert_non_null(userfile_write("none/a", bytes_of("one"), true));
    assert_int_equal(errno, ENOENT);
    assert_string_equal(userfile_read(AT_FDCWD, ".", 100, &text), "is a folder");
    assert_string_equal(userfile_read(AT_FDCWD, "/dev/zero", 100, &text),
                        "is not a plain file");
    assert_null(userfile_write("a", bytes_of("0123456789"), true));
    assert_string_equal(userfile_read(AT_FDCWD, "a", 9, &text), "is too large");
    text.len = 0;
    assert_null(userfile_read(AT_FDCWD, "a", 10, &text));
    assert_int_equal(text.len, 10);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_writes_whole, enter, leave),
        cmocka_unit_test_setup_teardown(test_keeps_what_it_may_not_replace, enter, leave),
        cmocka_unit_test_setup_teardown(test_refuses, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
