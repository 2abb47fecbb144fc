/* ZIP archives: entries are files of their own, read and read again like any other; what cannot
 * be read is named, and no archive costs more than its size. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <zlib.h>

#include "core/base/hash.h"

#include "settle.h"

#define RECORD(id)                                                                             \
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"       \
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"eventID\":\"" id "\"}"

enum { METHOD_STORED = 0, METHOD_DEFLATED = 8, FLAG_ENCRYPTED = 1 };

/* An archive in the making. */
struct zipper {
    struct buffer out, directory;
    unsigned n;
};

static void put(struct buffer *b, uint64_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        buffer_add_char(b, (char)(value & 0xFF));
}

static void deflate_text(struct bytes text, struct buffer *out, int window_bits)
{
    z_stream z = {0};
    union {
        const char *text;
        unsigned char *next;
    } in = {text.ptr};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, 0), Z_OK);
    z.next_in = in.next;
    z.avail_in = (unsigned)text.len;
    z.avail_out = (unsigned)deflateBound(&z, text.len) + 64;
    z.next_out = (unsigned char *)buffer_room(out, z.avail_out);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    (void)deflateEnd(&z);
}

static void zip_add(struct zipper *z, const char *name, struct bytes text, unsigned method,
                    unsigned flags)
{
    struct buffer packed = {0};
    uint64_t offset = z->out.len;
    uint32_t crc = (uint32_t)crc32(0, (const unsigned char *)text.ptr, (unsigned)text.len);

    if (method == METHOD_DEFLATED)
        deflate_text(text, &packed, -15);
    else
        buffer_add(&packed, text);
    buffer_add_text(&z->out, "PK\x03\x04");
    put(&z->out, 20, 2);
    put(&z->out, flags, 2);
    put(&z->out, method, 2);
    put(&z->out, 0, 4);
    put(&z->out, crc, 4);
    put(&z->out, packed.len, 4);
    put(&z->out, text.len, 4);
    put(&z->out, strlen(name), 2);
    put(&z->out, 3, 2);
    buffer_add_text(&z->out, name);
    buffer_add_text(&z->out, "xyz");
    buffer_add(&z->out, buffer_bytes(&packed));
    buffer_add_text(&z->directory, "PK\x01\x02");
    put(&z->directory, 20, 2);
    put(&z->directory, 20, 2);
    put(&z->directory, flags, 2);
    put(&z->directory, method, 2);
    put(&z->directory, 0, 4);
    put(&z->directory, crc, 4);
    put(&z->directory, packed.len, 4);
    put(&z->directory, text.len, 4);
    put(&z->directory, strlen(name), 2);
    put(&z->directory, 0, 12);
    put(&z->directory, offset, 4);
    buffer_add_text(&z->directory, name);
    buffer_deinit(&packed);
    z->n++;
}

static void zip_end(struct zipper *z)
{
    uint64_t offset = z->out.len;

    buffer_add(&z->out, buffer_bytes(&z->directory));
    buffer_add_text(&z->out, "PK\x05\x06");
    put(&z->out, 0, 4);
    put(&z->out, z->n, 2);
    put(&z->out, z->n, 2);
    put(&z->out, z->directory.len, 4);
    put(&z->out, offset, 4);
    put(&z->out, 7, 2);
    buffer_add_text(&z->out, "comment");
}

static void zip_free(struct zipper *z)
{
    buffer_deinit(&z->out);
    buffer_deinit(&z->directory);
}

static struct session *read_zip(struct bytes content)
{
    struct session *s = session_new();
    struct ledger_totals t;

    archive_add_memory(session_archive(s), bytes_of("a.zip"), content);
    session_start(s);
    session_wait(s);
    session_totals(s, &t);
    assert_int_equal(t.files, t.read + t.damaged + t.skipped);
    assert_int_equal(t.bytes, t.record_bytes + t.wrapper_bytes + t.problem_bytes);
    assert_int_equal(t.events, session_index(s)->n_rows);
    return s;
}

static const struct file *file_named(struct session *s, const char *path)
{
    for (size_t i = 0; i < archive_count(session_archive(s)); i++) {
        const struct file *f = archive_file(session_archive(s), i);

        if (bytes_are(f->path, path))
            return f;
    }
    fail_msg("no file %s", path);
    return NULL;
}

/* Every row leads back to its record. */
static void check_records(struct session *s)
{
    struct buffer text = {0};

    for (row_id row = 0; row < session_index(s)->n_rows; row++) {
        buffer_clear(&text);
        assert_int_equal(session_record(s, row, &text), ERR_OK);
        assert_true(bytes_starts(buffer_bytes(&text), "{\"eventVersion\""));
        assert_true(bytes_ends(buffer_bytes(&text), "\"}"));
    }
    buffer_deinit(&text);
}

static void entries_are_files(void **state)
{
    struct zipper z = {0};
    struct buffer big = {0}, gz = {0};
    struct session *s;

    (void)state;
    for (unsigned i = 0; i < 80000; i++)
        buffer_printf(&big, RECORD("%08u") "\n", i);
    deflate_text(bytes_of("{\"Records\":[" RECORD("z") "]}"), &gz, 15 + 16);
    zip_add(&z, "folder/", bytes_of(""), METHOD_STORED, 0);
    zip_add(&z, "folder/one.json", bytes_of(RECORD("a")), METHOD_DEFLATED, 0);
    zip_add(&z, "two.json", bytes_of(RECORD("b") "\n" RECORD("c")), METHOD_STORED, 0);
    zip_add(&z, "big.json", buffer_bytes(&big), METHOD_DEFLATED, 8);
    zip_add(&z, "three.json.gz", buffer_bytes(&gz), METHOD_STORED, 0);
    zip_add(&z, "four.json.gz", buffer_bytes(&gz), METHOD_DEFLATED, 0);
    zip_add(&z, "secret.json", bytes_of("x"), METHOD_STORED, FLAG_ENCRYPTED);
    zip_add(&z, "odd.json", bytes_of("x"), 12, 0);
    zip_end(&z);
    s = read_zip(buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 80005);
    assert_int_equal(file_named(s, "a.zip")->status, FILE_READ);
    assert_int_equal(file_named(s, "a.zip/folder/one.json")->events, 1);
    assert_int_equal(file_named(s, "a.zip/two.json")->events, 2);
    assert_int_equal(file_named(s, "a.zip/big.json")->events, 80000);
    assert_int_equal(file_named(s, "a.zip/three.json.gz")->events, 1);
    assert_int_equal(file_named(s, "a.zip/four.json.gz")->events, 1);
    assert_int_equal(file_named(s, "a.zip/secret.json")->status, FILE_SKIPPED);
    assert_true(bytes_are(file_named(s, "a.zip/secret.json")->problems[0].detail,
                          "an encrypted entry of a ZIP archive"));
    assert_int_equal(file_named(s, "a.zip/odd.json")->status, FILE_SKIPPED);
    assert_int_equal(archive_count(session_archive(s)), 8);
    session_free(s);
    zip_free(&z);
    buffer_deinit(&big);
    buffer_deinit(&gz);
}

static void records_are_found_again(void **state)
{
    struct zipper z = {0};
    struct session *s;

    (void)state;
    zip_add(&z, "one.json", bytes_of(RECORD("a") RECORD("b")), METHOD_DEFLATED, 0);
    zip_add(&z, "two.json", bytes_of(RECORD("c")), METHOD_STORED, 0);
    zip_end(&z);
    s = read_zip(buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 3);
    check_records(s);
    session_free(s);
    zip_free(&z);
}

/* Damage in one entry costs that entry. */
static void damage(void **state)
{
    struct zipper z = {0};
    struct session *s;
    size_t at;

    (void)state;
    zip_add(&z, "one.json", bytes_of(RECORD("a")), METHOD_STORED, 0);
    zip_add(&z, "two.json", bytes_of(RECORD("b")), METHOD_DEFLATED, 0);
    zip_add(&z, "three.json", bytes_of(RECORD("c")), METHOD_DEFLATED, 0);
    zip_end(&z);
    at = bytes_find(buffer_bytes(&z.out), bytes_of("InitiateAuth"));
    z.out.ptr[at] = 'X'; /* the checksum of stored content */
    at = bytes_find(buffer_bytes(&z.out), bytes_of("two.json"));
    z.out.ptr[at - 30] = 'X'; /* the signature of a header */
    s = read_zip(buffer_bytes(&z.out));
    assert_int_equal(session_index(s)->n_rows, 2);
    assert_int_equal(file_named(s, "a.zip/one.json")->problems[0].code, ERR_CHECKSUM);
    assert_int_equal(file_named(s, "a.zip/one.json")->status, FILE_DAMAGED);
    assert_int_equal(file_named(s, "a.zip/two.json")->problems[0].code, ERR_ZIP);
    assert_int_equal(file_named(s, "a.zip/two.json")->status, FILE_SKIPPED);
    assert_int_equal(file_named(s, "a.zip/three.json")->status, FILE_READ);
    session_free(s);
    zip_free(&z);
}

/* Archives that are cut, point outside themselves, or say one place many times. */
static void broken_archives(void **state)
{
    struct zipper z = {0};
    struct session *s;
    size_t size, entry;

    (void)state;
    zip_add(&z, "one.json", bytes_of(RECORD("a")), METHOD_STORED, 0);
    entry = z.directory.len;
    for (unsigned i = 0; i < 1000; i++) { /* all over the same bytes */
        (void)buffer_room(&z.directory, entry);
        memcpy(z.directory.ptr + z.directory.len, z.directory.ptr, entry);
        z.directory.len += entry;
        z.n++;
    }
    zip_end(&z);
    s = read_zip(buffer_bytes(&z.out));
    assert_int_equal(file_named(s, "a.zip")->problems[0].code, ERR_ZIP);
    assert_int_equal(file_named(s, "a.zip")->status, FILE_DAMAGED);
    assert_true(session_index(s)->n_rows < 1001);
    session_free(s);
    size = z.out.len;
    for (size_t cut = 4; cut < size; cut += 997) {
        s = read_zip(bytes_slice(buffer_bytes(&z.out), 0, cut));
        assert_int_equal(file_named(s, "a.zip")->status, FILE_SKIPPED);
        session_free(s);
    }
    zip_free(&z);
}

static void random_damage(void **state)
{
    struct zipper z = {0};
    struct buffer copy = {0};
    unsigned seed = 7;

    (void)state;
    zip_add(&z, "one.json", bytes_of(RECORD("a")), METHOD_STORED, 0);
    zip_add(&z, "two.json", bytes_of(RECORD("b")), METHOD_DEFLATED, 0);
    zip_end(&z);
    for (unsigned i = 0; i < 300; i++) {
        buffer_clear(&copy);
        buffer_add(&copy, buffer_bytes(&z.out));
        for (unsigned j = 0; j < 1 + i % 6; j++) {
            seed = seed * 1103515245u + 12345u;
            copy.ptr[4 + (seed >> 8) % (copy.len - 4)] = (char)(seed >> 3);
        }
        session_free(read_zip(buffer_bytes(&copy)));
    }
    buffer_deinit(&copy);
    zip_free(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_files),
        cmocka_unit_test(records_are_found_again),
        cmocka_unit_test(damage),
        cmocka_unit_test(broken_archives),
        cmocka_unit_test(random_damage),
    };

    hash_seed();
    return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
