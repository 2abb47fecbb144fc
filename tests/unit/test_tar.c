/* tar archives, plain and gzipped: entries are files of their own, also behind damage. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/base/hash.h"

#include "held.h"

static void fill(struct holder *t)
{
    static const char pax[] = "30 path=a/very/long/path.json\n";
    struct buffer gz = {0}, name = {0};

    holder_deflate(&gz, bytes_of("{\"Records\":[" RECORD("z") "]}"), false);
    for (unsigned i = 0; i < 30; i++)
        buffer_add_text(&name, "folder/");
    buffer_add_text(&name, "long.json");
    holder_tar_add(t, "folder/", bytes_of(""), '5');
    holder_tar_add(t, "./folder/one.json", bytes_of(RECORD("a")), '0');
    holder_tar_add(t, "two.json.gz", buffer_bytes(&gz), '0');
    holder_tar_add(t, buffer_cstr(&name), bytes_of(RECORD("b")), '0');
    holder_tar_add(t, "pax", bytes_of(pax), 'x');
    holder_tar_add(t, "short.json", bytes_of(RECORD("c")), '0');
    holder_tar_add(t, "link.json", bytes_of(""), '2');
    buffer_deinit(&gz);
    buffer_deinit(&name);
}

static void entries_are_files(void **state)
{
    struct holder t = {0}, z = {0};
    struct buffer packed = {0};

    (void)state;
    fill(&t);
    holder_tar_end(&t);
    holder_deflate(&packed, buffer_bytes(&t.out), false);
    holder_zip_add(&z, "in.tar.gz", buffer_bytes(&packed), HOLDER_DEFLATED, 0);
    holder_zip_end(&z, false);
    for (unsigned how = 0; how < 3; how++) {
        static const char *const names[] = {"a.tar", "a.tgz", "a.zip"};
        static const char *const roots[] = {"a.tar/", "a.tgz/", "a.zip/in.tar.gz/"};
        struct session *s = held_read(names[how], how == 0   ? buffer_bytes(&t.out)
                                                  : how == 1 ? buffer_bytes(&packed)
                                                             : buffer_bytes(&z.out));
        struct buffer path = {0};

        assert_int_equal(session_index(s)->n_rows, 4);
        buffer_add_text(&path, roots[how]);
        buffer_add_text(&path, "a/very/long/path.json");
        assert_int_equal(held_file(s, buffer_cstr(&path))->events, 1);
        path.len = strlen(roots[how]);
        buffer_add_text(&path, "folder/one.json");
        assert_int_equal(held_file(s, buffer_cstr(&path))->events, 1);
        path.len = strlen(roots[how]);
        buffer_add_text(&path, "link.json");
        assert_true(held_says(held_file(s, buffer_cstr(&path)), ERR_NOT_LOGS, "symbolic link"));
        assert_int_equal(held_file(s, names[how])->status, FILE_READ);
        assert_int_equal(archive_count(session_archive(s)), how == 2 ? 7 : 6);
        held_records(s);
        session_free(s);
        buffer_deinit(&path);
    }
    buffer_deinit(&packed);
    holder_deinit(&t);
    holder_deinit(&z);
}

/* A damaged header costs its entry; what lies between is told. */
static void damage(void **state)
{
    struct holder t = {0};
    struct session *s;
    const struct file *f;

    (void)state;
    holder_tar_add(&t, "one.json", bytes_of(RECORD("a")), '0');
    holder_tar_add(&t, "two.json", bytes_of(RECORD("b")), '0');
    holder_tar_add(&t, "three.json", bytes_of(RECORD("c")), '0');
    t.out.ptr[1024 + 3] ^= 1;
    s = held_read("a.tar", buffer_bytes(&t.out));
    f = held_file(s, "a.tar");
    assert_int_equal(session_index(s)->n_rows, 2);
    assert_int_equal(f->status, FILE_DAMAGED);
    assert_int_equal(f->problems[0].offset, 1024);
    assert_int_equal(f->problems[0].length, 1024);
    assert_true(held_says(f, ERR_ARCHIVE, "without its end"));
    session_free(s);
    holder_deinit(&t);
}

/* Wherever it is cut, packed or not, all that stands before is read. */
static void cut_anywhere(void **state)
{
    struct holder t = {0};
    struct buffer packed = {0};

    (void)state;
    fill(&t);
    for (size_t cut = 513; cut < t.out.len; cut += 101) {
        struct session *s = held_read("a.tar", bytes_slice(buffer_bytes(&t.out), 0, cut));

        assert_int_equal(held_file(s, "a.tar")->status,
                         archive_count(session_archive(s)) > 1 ? FILE_DAMAGED : FILE_SKIPPED);
        if (cut >= 512 + 1024)
            assert_int_equal(held_file(s, "a.tar/folder/one.json")->events, 1);
        session_free(s);
    }
    holder_tar_end(&t);
    holder_deflate(&packed, buffer_bytes(&t.out), false);
    for (size_t cut = 60; cut < packed.len; cut += 7) {
        struct session *s = held_read("a.tgz", bytes_slice(buffer_bytes(&packed), 0, cut));

        assert_true(held_file(s, "a.tgz")->status != FILE_READ);
        session_free(s);
    }
    buffer_deinit(&packed);
    holder_deinit(&t);
}

/* What unpacks to too much is read up to the limit, and said so. */
static void too_large(void **state)
{
    struct holder t = {0};
    struct buffer zeros = {0}, packed = {0};
    struct session *s;

    (void)state;
    memset(buffer_room(&zeros, 32 * 1024 * 1024), 0, 32 * 1024 * 1024);
    zeros.len = 32 * 1024 * 1024;
    holder_tar_add(&t, "one.json", bytes_of(RECORD("a")), '0');
    holder_tar_add(&t, "zeros", buffer_bytes(&zeros), '0');
    holder_deflate(&packed, buffer_bytes(&t.out), false);
    s = held_read("a.tgz", buffer_bytes(&packed));
    assert_int_equal(session_index(s)->n_rows, 1);
    assert_int_equal(held_file(s, "a.tgz")->status, FILE_DAMAGED);
    assert_true(held_says(held_file(s, "a.tgz"), ERR_BOMB, "times its size"));
    session_free(s);
    holder_deinit(&t);
    buffer_deinit(&zeros);
    buffer_deinit(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_files),
        cmocka_unit_test(damage),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(too_large),
    };

    hash_seed();
    return cmocka_run_group_tests_name("tar", tests, NULL, NULL);
}
