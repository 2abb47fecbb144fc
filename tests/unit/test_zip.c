/* ZIP archives: entries are files of their own, read and read again like any other; what is
 * whole in a damaged archive is read; what cannot be read is named, and no archive costs more
 * than its size. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>

#include "core/base/hash.h"

#include "held.h"

static void entries_are_files(void **state)
{
    struct holder z = {0};
    struct buffer big = {0}, gz = {0};
    struct session *s;

    (void)state;
    for (unsigned i = 0; i < 80000; i++)
        buffer_printf(&big, RECORD("%08u") "\n", i);
    holder_deflate(&gz, bytes_of("{\"Records\":[" RECORD("z") "]}"), false);
    holder_zip_add(&z, "folder/", bytes_of(""), HOLDER_STORED, 0);
    holder_zip_add(&z, "folder/one.json", bytes_of(RECORD("a")), HOLDER_DEFLATED, 0);
    holder_zip_add(&z, "two.json", bytes_of(RECORD("b") "\n" RECORD("c")), HOLDER_STORED, 0);
    holder_zip_add(&z, "big.json", buffer_bytes(&big), HOLDER_DEFLATED, HOLDER_STREAMED);
    holder_zip_add(&z, "three.json.gz", buffer_bytes(&gz), HOLDER_STORED, 0);
    holder_zip_add(&z, "four.json.gz", buffer_bytes(&gz), HOLDER_DEFLATED, 0);
    holder_zip_add(&z, "secret.json", bytes_of("x"), HOLDER_STORED, HOLDER_ENCRYPTED);
    holder_zip_add(&z, "odd.json", bytes_of("x"), 12, 0);
    holder_zip_end(&z, false);
    s = held_read("a.zip", buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 80005);
    assert_int_equal(held_file(s, "a.zip")->status, FILE_READ);
    assert_int_equal(held_file(s, "a.zip/folder/one.json")->events, 1);
    assert_int_equal(held_file(s, "a.zip/folder/one.json")->members, 0);
    assert_int_equal(held_file(s, "a.zip/two.json")->events, 2);
    assert_int_equal(held_file(s, "a.zip/big.json")->events, 80000);
    assert_int_equal(held_file(s, "a.zip/three.json.gz")->events, 1);
    assert_int_equal(held_file(s, "a.zip/four.json.gz")->events, 1);
    assert_int_equal(held_file(s, "a.zip/four.json.gz")->members, 1);
    assert_int_equal(held_file(s, "a.zip/four.json.gz")->packed_bytes, gz.len);
    assert_int_equal(held_file(s, "a.zip/secret.json")->status, FILE_SKIPPED);
    assert_true(held_says(held_file(s, "a.zip/secret.json"), ERR_NOT_LOGS, "encrypted"));
    assert_true(held_says(held_file(s, "a.zip/odd.json"), ERR_NOT_LOGS, "bzip2"));
    assert_int_equal(archive_count(session_archive(s)), 8);
    held_records(s);
    session_free(s);
    holder_deinit(&z);
    buffer_deinit(&big);
    buffer_deinit(&gz);
}

static const struct variant {
    unsigned method, how;
} variants[] = {
    {HOLDER_STORED,   0                                          },
    {HOLDER_DEFLATED, 0                                          },
    {HOLDER_DEFLATED, HOLDER_STREAMED                            },
    {HOLDER_STORED,   HOLDER_STREAMED                            },
    {HOLDER_DEFLATED, HOLDER_STREAMED | HOLDER_BARE              },
    {HOLDER_STORED,   HOLDER_STREAMED | HOLDER_BARE              },
    {HOLDER_DEFLATED, HOLDER_WIDE                                },
    {HOLDER_DEFLATED, HOLDER_WIDE | HOLDER_STREAMED              },
    {HOLDER_STORED,   HOLDER_WIDE | HOLDER_STREAMED | HOLDER_BARE},
    {HOLDER_DEFLATED, HOLDER_WIDE | HOLDER_STREAMED | HOLDER_BARE},
};

/* One entry of each kind with one record each; where each of them ends. */
static void add_variants(struct holder *z, size_t ends[])
{
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        char name[32], text[512];

        (void)snprintf(name, sizeof name, "%zu.json", i);
        (void)snprintf(text, sizeof text, RECORD("%zu") "\n", i);
        holder_zip_add(z, name, bytes_of(text), variants[i].method, variants[i].how);
        ends[i] = z->out.len;
    }
}

static void read_variant(struct session *s, size_t i, enum file_status wanted)
{
    char path[32];
    const struct file *f;

    (void)snprintf(path, sizeof path, "a.zip/%zu.json", i);
    f = held_file(s, path);
    assert_int_equal(f->events, 1);
    assert_int_equal(f->status, wanted);
}

/* Sizes before or behind the data, in 32 or 64 bits: with the directory and without, with
 * something before the archive or behind it, and two archives in one file. */
static void all_kinds_of_entries(void **state)
{
    enum { WHOLE, WIDE, NO_END, BEFORE, BEHIND, TWICE, TIMES };
    size_t ends[ARRAY_LEN(variants)];

    (void)state;
    for (int how = WHOLE; how < TIMES; how++) {
        struct holder z = {0};
        struct buffer text = {0};
        struct session *s;
        const struct file *f;
        bool sound = how == WHOLE || how == WIDE;

        add_variants(&z, ends);
        if (how != NO_END)
            holder_zip_end(&z, how == WIDE);
        if (how == BEFORE) /* as in one that unpacks itself */
            buffer_add_text(&text, "MZ and a program");
        buffer_add(&text, buffer_bytes(&z.out));
        if (how == BEHIND)
            buffer_add_text(&text, "something that was put behind");
        if (how == TWICE)
            buffer_add(&text, buffer_bytes(&z.out));
        s = held_read("a.zip", buffer_bytes(&text));
        f = held_file(s, "a.zip");
        for (size_t i = 0; i < ARRAY_LEN(variants); i++)
            read_variant(s, i, FILE_READ);
        assert_int_equal(session_index(s)->n_rows,
                         ARRAY_LEN(variants) * (how == TWICE ? 2 : 1));
        assert_int_equal(f->status, sound ? FILE_READ : FILE_DAMAGED);
        assert_int_equal(held_says(f, ERR_ARCHIVE, "belong to no entry"),
                         how == BEFORE || how == BEHIND);
        assert_int_equal(held_says(f, ERR_ARCHIVE, "without its directory"), how == NO_END);
        assert_int_equal(held_says(f, ERR_ARCHIVE, "not named by its directory"), how == TWICE);
        if (how == BEHIND) {
            assert_int_equal(f->problems[0].offset, z.out.len);
            assert_int_equal(f->problems[0].length, strlen("something that was put behind"));
        }
        held_records(s);
        session_free(s);
        buffer_deinit(&text);
        holder_deinit(&z);
    }
}

/* Wherever an archive is cut, all entries before are there and whole, and what is left of the
 * next one is read as far as it goes. */
static void cut_anywhere(void **state)
{
    size_t ends[ARRAY_LEN(variants)];
    struct holder z = {0};

    (void)state;
    add_variants(&z, ends);
    holder_zip_end(&z, false);
    for (size_t cut = 4; cut < z.out.len; cut += cut < 400 ? 1 : 37) {
        struct session *s = held_read("a.zip", bytes_slice(buffer_bytes(&z.out), 0, cut));
        size_t whole = 0;

        for (; whole < ARRAY_LEN(variants) && ends[whole] <= cut; whole++) {
            /* A bare descriptor counts only before something that is known. */
            bool doubt =
                variants[whole].how & HOLDER_BARE && cut > ends[whole] && cut < ends[whole] + 4;

            read_variant(s, whole, doubt ? FILE_DAMAGED : FILE_READ);
        }
        assert_true(session_index(s)->n_rows == whole || session_index(s)->n_rows == whole + 1);
        assert_int_equal(held_file(s, "a.zip")->status,
                         archive_count(session_archive(s)) > 1 ? FILE_DAMAGED : FILE_SKIPPED);
        session_free(s);
    }
    holder_deinit(&z);
}

/* A long entry that is cut in its middle gives each whole record before the cut. */
static void cut_within_an_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        struct holder z = {0};
        struct buffer big = {0};
        struct session *s;
        const struct file *f;

        for (unsigned k = 0; k < 5000; k++)
            buffer_printf(&big, RECORD("%010u") "\n", k * 2654435761u);
        holder_zip_add(&z, "big.json", buffer_bytes(&big), variants[i].method, variants[i].how);
        s = held_read("a.zip", bytes_slice(buffer_bytes(&z.out), 0, z.out.len / 2));
        f = held_file(s, "a.zip/big.json");
        assert_int_equal(f->status, FILE_DAMAGED);
        assert_in_range(f->events, 2000, 3000);
        if (variants[i].method == HOLDER_STORED)
            assert_int_equal(f->events,
                             (z.out.len / 2 - 42) / strlen(RECORD("0123456789") "\n"));
        assert_true(held_says(f, ERR_ARCHIVE, "breaks off"));
        held_records(s);
        session_free(s);
        holder_deinit(&z);
        buffer_deinit(&big);
    }
}

/* Damage in one entry costs that entry at most. */
static void damage(void **state)
{
    struct holder z = {0};
    struct buffer gz = {0};
    struct session *s;
    size_t at;

    (void)state;
    holder_deflate(&gz, bytes_of(RECORD("g")), false);
    holder_zip_add(&z, "one.json", bytes_of(RECORD("a")), HOLDER_STORED, 0);
    holder_zip_add(&z, "two.json", bytes_of(RECORD("b")), HOLDER_DEFLATED, 0);
    holder_zip_add(&z, "three.json", bytes_of(RECORD("c")), HOLDER_DEFLATED, 0);
    holder_zip_add(&z, "four.json", bytes_of(RECORD("d")), HOLDER_STORED, HOLDER_STREAMED);
    holder_zip_add(&z, "five.json", bytes_of(RECORD("e")), HOLDER_STORED, 0);
    holder_zip_add(&z, "six.json.gz", buffer_bytes(&gz), HOLDER_DEFLATED, 0);
    holder_zip_end(&z, false);
    at = bytes_find(buffer_bytes(&z.out), bytes_of("InitiateAuth"));
    z.out.ptr[at] = 'X'; /* the checksum of stored content */
    at = bytes_find(buffer_bytes(&z.out), bytes_of("two.json"));
    z.out.ptr[at - 30] = 'X'; /* the signature of a header */
    at = bytes_find(buffer_bytes(&z.out), bytes_of("four.json"));
    memset(z.out.ptr + at - 30, 0, 30);
    at = bytes_find(buffer_bytes(&z.out), bytes_of("five.json"));
    z.out.ptr[at] = 'F'; /* another name than in the directory */
    at = bytes_find(buffer_bytes(&z.out), bytes_of("six.json.gz"));
    z.out.ptr[at - 16] ^= 1; /* the checksum, here and in the directory */
    at += bytes_find(bytes_slice(buffer_bytes(&z.out), at + 1, z.out.len),
                     bytes_of("six.json.gz"));
    z.out.ptr[at + 1 - 30] ^= 1;
    s = held_read("a.zip", buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 6);
    assert_true(held_says(held_file(s, "a.zip/one.json"), ERR_CHECKSUM, "data kept"));
    assert_int_equal(held_file(s, "a.zip/one.json")->status, FILE_DAMAGED);
    assert_true(held_says(held_file(s, "a.zip/two.json"), ERR_ARCHIVE, "header is damaged"));
    assert_int_equal(held_file(s, "a.zip/two.json")->status, FILE_DAMAGED);
    assert_int_equal(held_file(s, "a.zip/three.json")->status, FILE_READ);
    assert_true(held_says(held_file(s, "a.zip/four.json"), ERR_ARCHIVE, "by the directory"));
    assert_true(held_says(held_file(s, "a.zip/five.json"), ERR_ARCHIVE, "another name"));
    assert_true(held_says(held_file(s, "a.zip/six.json.gz"), ERR_CHECKSUM, "data kept"));
    held_records(s);
    session_free(s);
    holder_deinit(&z);
    buffer_deinit(&gz);
}

/* A header that is lost with its data costs this entry and is told where it stood. */
static void lost_entry(void **state)
{
    struct holder z = {0};
    struct session *s;
    size_t first, second;

    (void)state;
    holder_zip_add(&z, "one.json", bytes_of(RECORD("a")), HOLDER_DEFLATED, 0);
    first = z.out.len;
    holder_zip_add(&z, "two.json", bytes_of(RECORD("b")), HOLDER_DEFLATED, 0);
    second = z.out.len;
    holder_zip_add(&z, "three.json", bytes_of(RECORD("c")), HOLDER_DEFLATED, 0);
    holder_zip_end(&z, false);
    memset(z.out.ptr + first, 'x', second - first);
    s = held_read("a.zip", buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 2);
    assert_int_equal(held_file(s, "a.zip/two.json")->status, FILE_SKIPPED);
    assert_int_equal(held_file(s, "a.zip")->status, FILE_DAMAGED);
    assert_int_equal(held_file(s, "a.zip")->problems[0].offset, first);
    assert_int_equal(held_file(s, "a.zip")->problems[0].length, second - first);
    session_free(s);
    holder_deinit(&z);
}

/* Archives that say one place many times, or lengths that reach into other entries. */
static void overlapping_entries(void **state)
{
    struct holder z = {0};
    struct session *s;
    size_t entry;

    (void)state;
    holder_zip_add(&z, "one.json", bytes_of(RECORD("a")), HOLDER_DEFLATED, 0);
    entry = z.directory.len;
    for (unsigned i = 0; i < 1000; i++) { /* all over the same bytes */
        (void)buffer_room(&z.directory, entry);
        memcpy(z.directory.ptr + z.directory.len, z.directory.ptr, entry);
        z.directory.len += entry;
        z.n++;
    }
    holder_zip_add(&z, "two.json", bytes_of(RECORD("b")), HOLDER_DEFLATED, 0);
    holder_zip_end(&z, false);
    s = held_read("a.zip", buffer_bytes(&z.out));
    assert_true(held_says(held_file(s, "a.zip"), ERR_ARCHIVE,
                          "lie over others or outside of it: 1000 entries"));
    assert_int_equal(held_file(s, "a.zip")->status, FILE_DAMAGED);
    assert_int_equal(session_index(s)->n_rows, 2);
    session_free(s);
    holder_deinit(&z);
    for (unsigned i = 0; i < 20; i++) {
        char name[32], text[512];

        (void)snprintf(name, sizeof name, "%u.json", i);
        (void)snprintf(text, sizeof text, RECORD("%u"), i);
        entry = z.directory.len;
        holder_zip_add(&z, name, bytes_of(text), HOLDER_DEFLATED, 0);
        z.directory.ptr[entry + 22] = 1; /* 64 KiB longer, in the directory */
    }
    holder_zip_end(&z, false);
    s = held_read("a.zip", buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 20);
    assert_true(held_says(held_file(s, "a.zip/7.json"), ERR_ARCHIVE, "another length"));
    session_free(s);
    holder_deinit(&z);
}

/* Text that is full of headers does not take longer than its size allows. */
static void hostile_text(void **state)
{
    static const char *const pieces[] = {"PK\x03\x04", "PK\x07\x08", "PK\x01\x02",
                                         "PK\x03\x04\x14\0\x08\0\x08"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct holder z = {0};
        struct buffer text = {0};

        while (text.len < 300000)
            buffer_add(&text, bytes_make(pieces[i], i == 3 ? 30 > 9 ? 9 : 0 : 4));
        holder_zip_add(&z, "one.json", bytes_of(RECORD("a")), HOLDER_DEFLATED, 0);
        buffer_add(&z.out, buffer_bytes(&text));
        session_free(held_read("a.zip", buffer_bytes(&z.out)));
        buffer_deinit(&text);
        holder_deinit(&z);
    }
}

/* An archive in an archive is read; one in that is named. */
static void archives_in_archives(void **state)
{
    struct holder z[3] = {
        {{0}, {0}, 0}
    };
    struct session *s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(z); i++) {
        char text[512];

        (void)snprintf(text, sizeof text, RECORD("%zu"), i);
        holder_zip_add(&z[i], "a.json", bytes_of(text), HOLDER_DEFLATED, 0);
        if (i > 0)
            holder_zip_add(&z[i], "in.zip", buffer_bytes(&z[i - 1].out),
                           i == 1 ? HOLDER_DEFLATED : HOLDER_STORED, 0);
        holder_zip_end(&z[i], false);
    }
    s = held_read("out.zip", buffer_bytes(&z[2].out));
    assert_int_equal(session_index(s)->n_rows, 2);
    assert_int_equal(held_file(s, "out.zip/in.zip")->status, FILE_READ);
    assert_int_equal(held_file(s, "out.zip/in.zip/a.json")->status, FILE_READ);
    assert_int_equal(held_file(s, "out.zip/in.zip/in.zip")->status, FILE_SKIPPED);
    assert_true(held_says(held_file(s, "out.zip/in.zip/in.zip"), ERR_NOT_LOGS, "ZIP archive"));
    held_records(s);
    session_free(s);
    for (size_t i = 0; i < ARRAY_LEN(z); i++)
        holder_deinit(&z[i]);
}

static void random_damage(void **state)
{
    size_t ends[ARRAY_LEN(variants)];
    struct holder z = {0};
    struct buffer copy = {0};
    unsigned seed = 7;

    (void)state;
    add_variants(&z, ends);
    holder_zip_end(&z, false);
    for (unsigned i = 0; i < 300; i++) {
        buffer_clear(&copy);
        buffer_add(&copy, buffer_bytes(&z.out));
        for (unsigned j = 0; j < 1 + i % 6; j++) {
            seed = seed * 1103515245u + 12345u;
            copy.ptr[4 + (seed >> 8) % (copy.len - 4)] = (char)(seed >> 3);
        }
        session_free(held_read("a.zip", buffer_bytes(&copy)));
    }
    buffer_deinit(&copy);
    holder_deinit(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_files),
        cmocka_unit_test(all_kinds_of_entries),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(cut_within_an_entry),
        cmocka_unit_test(damage),
        cmocka_unit_test(lost_entry),
        cmocka_unit_test(overlapping_entries),
        cmocka_unit_test(hostile_text),
        cmocka_unit_test(archives_in_archives),
        cmocka_unit_test(random_damage),
    };

    hash_seed();
    return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
