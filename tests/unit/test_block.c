/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/evidence/archive.h"
#include "core/evidence/block.h"
#include "core/evidence/gunzip.h"
#include "core/evidence/spool.h"

/* One file, read to its end. */
struct reading {
    struct file *f;
    struct block_map *map;
    struct buffer text;
};

static void read_on(struct reading *r, struct block_limits limits, size_t step)
{
    struct problem problem;
    int fd = access_file(r->f, &problem);
    struct block *b;
    size_t n;

    assert_true(fd >= 0);
    b = block_new(r->f, fd, limits, false);
    while ((n = block_read(b, buffer_room(&r->text, step), step)) > 0)
        r->text.len += n;
    assert_int_equal(block_read(b, buffer_room(&r->text, step), step), 0);
    r->map = block_take_map(b);
    block_free(b);
    (void)close(fd);
    assert_int_equal(r->f->bytes, r->text.len);
    file_finish(r->f, file_verdict(r->f));
}

static struct reading read_content(struct bytes content, struct block_limits limits,
                                   size_t step)
{
    struct reading r = {.f = file_new(bytes_of("test.gz"))};

    r.f->fd = spool_new();
    assert_true(spool_write(r.f->fd, content.ptr, content.len));
    read_on(&r, limits, step);
    return r;
}

static void reading_deinit(struct reading *r)
{
    block_map_free(r->map);
    file_free(r->f);
    buffer_deinit(&r->text);
}

static bool has_problem(const struct file *f, enum err code)
{
    for (size_t i = 0; i < f->n_problems; i++)
        if (f->problems[i].code == code)
            return true;
    return false;
}

static bool load_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    size_t n;

    if (!file)
        return false;
    while ((n = fread(buffer_room(out, 65536), 1, 65536, file)) > 0)
        out->len += n;
    fclose(file);
    return true;
}

/* A gzip member made by zlib; the caller frees. */
static struct buffer pack(struct bytes text, int level)
{
    struct buffer out = {0};
    z_stream z = {0};
    union {
        const char *given;
        unsigned char *wanted;
    } in = {text.ptr};

    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    (void)buffer_room(&out, deflateBound(&z, text.len) + 64);
    z.next_in = in.wanted;
    z.avail_in = (unsigned)text.len;
    z.next_out = (unsigned char *)out.ptr;
    z.avail_out = (unsigned)out.cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.len = z.total_out;
    deflateEnd(&z);
    return out;
}

/* What zlib alone decodes of `packed`. */
static size_t zlib_decodes(struct bytes packed, char *out, size_t cap)
{
    z_stream z = {0};
    union {
        const char *given;
        unsigned char *wanted;
    } in = {packed.ptr};
    size_t n;

    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = in.wanted;
    z.avail_in = (unsigned)packed.len;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)cap;
    (void)inflate(&z, Z_NO_FLUSH);
    n = z.total_out;
    inflateEnd(&z);
    return n;
}

/* Log-like text of about `size` bytes, the same in every run. */
static struct buffer make_text(size_t size)
{
    struct buffer out = {0};
    uint32_t random = 12345;

    for (unsigned i = 0; out.len < size; i++) {
        random = random * 1664525 + 1013904223;
        buffer_printf(&out,
                      "{\"eventTime\":\"2026-11-18T09:%02u:%02uZ\",\"eventID\":\"%08x-%u\","
                      "\"sourceIPAddress\":\"198.51.%u.%u\",\"eventName\":\"InitiateAuth\"}\n",
                      i / 60 % 60, i % 60, random, i, random >> 24, random >> 16 & 255);
    }
    return out;
}

static struct block_limits defaults(void)
{
    return block_default_limits();
}

struct expectation {
    const char *name;
    enum err code; /* ERR_OK: none */
};

/* The reason that each file of the corpus must be listed with. */
static const struct expectation expectations[] = {
    {"zero-byte.gz",            ERR_EMPTY      },
    {"trailing-garbage.gz",     ERR_TRAILING   },
    {"trailing-1byte-1f.gz",    ERR_TRAILING   },
    {"trailing-half-member.gz", ERR_TRUNCATED  },
    {"trunc-1.gz",              ERR_TRUNCATED  },
    {"trunc-2.gz",              ERR_TRUNCATED  },
    {"trunc-3.gz",              ERR_TRUNCATED  },
    {"trunc-9.gz",              ERR_TRUNCATED  },
    {"trunc-10.gz",             ERR_TRUNCATED  },
    {"trunc-11.gz",             ERR_TRUNCATED  },
    {"trunc-18.gz",             ERR_TRUNCATED  },
    {"trunc-25pct.gz",          ERR_TRUNCATED  },
    {"trunc-50pct.gz",          ERR_TRUNCATED  },
    {"trunc-75pct.gz",          ERR_TRUNCATED  },
    {"trunc-99pct.gz",          ERR_TRUNCATED  },
    {"trunc-no-trailer.gz",     ERR_TRUNCATED  },
    {"trunc-half-trailer.gz",   ERR_TRUNCATED  },
    {"bad-crc.gz",              ERR_CHECKSUM   },
    {"bad-isize.gz",            ERR_CHECKSUM   },
    {"isize-4g.gz",             ERR_CHECKSUM   },
    {"fhcrc-bad.gz",            ERR_CHECKSUM   },
    {"reserved-flags.gz",       ERR_GZIP_HEADER},
    {"cm-7.gz",                 ERR_GZIP_HEADER},
    {"fname-no-nul.gz",         ERR_GZIP_HEADER},
    {"fextra-too-long.gz",      ERR_GZIP_HEADER},
    {"block-type-3.gz",         ERR_GZIP_DATA  },
    {"stored-len-bad.gz",       ERR_GZIP_DATA  },
    {"dist-too-far.gz",         ERR_CHECKSUM   }, /* decodes to one NUL, whatever its name says */
    {"nested-21.gz",            ERR_NESTED     },
    {"bomb-64M.gz",             ERR_BOMB       },
    {"bomb-in-bomb.gz",         ERR_BOMB       },
    {"zip-named.gz",            ERR_NOT_LOGS   },
    {"zstd-named.gz",           ERR_NOT_LOGS   },
    {"bz2-named.gz",            ERR_NOT_LOGS   },
    {"compress-Z.gz",           ERR_NOT_LOGS   },
    {"zlib-named.gz",           ERR_NOT_LOGS   },
    {"html-error-page.gz",      ERR_NOT_LOGS   },
};

static struct reading read_corpus(const char *name, size_t step)
{
    struct buffer content = {0}, path = {0};
    struct reading r;

    buffer_printf(&path, COGTRAIL_SHARED "/corpora/%s", name);
    if (!load_file(buffer_cstr(&path), &content))
        fail_msg("no corpus file %s", name);
    r = read_content(buffer_bytes(&content), defaults(), step);
    buffer_deinit(&path);
    buffer_deinit(&content);
    return r;
}

static void check_verdict(const char *name, const char *verdict, long recoverable, size_t step)
{
    char path[256];
    struct reading r;
    enum err want = ERR_OK;

    if (strcmp(name, "dist-too-far.gz") == 0)
        recoverable = 1;
    (void)snprintf(path, sizeof path, "own/badgz/%s", name);
    r = read_corpus(path, step);
    for (size_t i = 0; i < ARRAY_LEN(expectations); i++)
        if (strcmp(expectations[i].name, name) == 0)
            want = expectations[i].code;
    if (want != ERR_OK && !has_problem(r.f, want))
        fail_msg("%s: no problem \"%s\"", name, err_text(want));
    if (strcmp(verdict, "clean") == 0) {
        if (r.f->n_problems != 0 || file_verdict(r.f) != FILE_READ)
            fail_msg("%s: %s", name, err_text(r.f->problems[0].code));
    } else if (r.f->n_problems == 0) {
        fail_msg("%s: no problem listed", name);
    }
    if (want == ERR_BOMB) {
        /* Bytes before the limit are kept: they may be evidence. */
        if (r.text.len > 18 * 1024 * 1024 || r.f->n_problems != 1)
            fail_msg("%s: %zu bytes, %zu problems", name, r.text.len, r.f->n_problems);
    } else if (recoverable >= 0 && strcmp(name, "trailing-half-member.gz") != 0) {
        if (r.text.len != (size_t)recoverable)
            fail_msg("%s: %zu bytes instead of %ld", name, r.text.len, recoverable);
    } else if (r.text.len == 0 || (recoverable > 0 && r.text.len < (size_t)recoverable)) {
        fail_msg("%s: %zu bytes only", name, r.text.len);
    }
    reading_deinit(&r);
}

static void test_every_malformation(void **state)
{
    struct buffer table = {0};
    char *row, *rows;
    size_t n = 0;

    (void)state;
    if (!load_file(COGTRAIL_SHARED "/corpora/own/badgz.tsv", &table)) {
        print_message("no corpus of malformed gzip beside this checkout\n");
        skip();
    }
    (void)buffer_cstr(&table);
    (void)strtok_r(table.ptr, "\n", &rows);
    while ((row = strtok_r(NULL, "\n", &rows)) != NULL) {
        char *columns;
        const char *name = strtok_r(row, "\t", &columns);
        const char *verdict = strtok_r(NULL, "\t", &columns);
        const char *recoverable = strtok_r(NULL, "\t", &columns);

        check_verdict(name, verdict, strtol(recoverable, NULL, 10), 262144);
        check_verdict(name, verdict, strtol(recoverable, NULL, 10), 1000);
        n++;
    }
    assert_true(n >= 48);
    buffer_deinit(&table);
}

static void test_foreign_corpora(void **state)
{
    static const char *const broken[] = {"CVE-2002-0059/test.gz", "CVE-2004-0797/test.gz",
                                         "CVE-2005-1849/test.gz", "CVE-2005-2096/test.gz",
                                         "GH-382/defneg3.dat",    "GH-1600/packobj.gz"};
    struct buffer want = {0};
    struct reading r;

    (void)state;
    if (access(COGTRAIL_SHARED "/corpora/zlib-ng-badgz", R_OK) != 0) {
        print_message("no corpora beside this checkout\n");
        skip();
    }
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        char path[256];

        (void)snprintf(path, sizeof path, "zlib-ng-badgz/test/%s", broken[i]);
        r = read_corpus(path, 4096);
        if (r.f->n_problems == 0)
            fail_msg("%s: no problem listed", broken[i]);
        reading_deinit(&r);
    }
    r = read_corpus("flate2-rs-gz/tests/multi.gz", 4096);
    assert_true(load_file(COGTRAIL_SHARED "/corpora/flate2-rs-gz/tests/multi.txt", &want));
    assert_true(bytes_equal(buffer_bytes(&r.text), buffer_bytes(&want)));
    assert_int_equal(r.f->n_problems, 0);
    assert_true(r.f->members > 1);
    reading_deinit(&r);
    buffer_clear(&want);
    r = read_corpus("flate2-rs-gz/tests/good-file.gz", 4096);
    assert_true(load_file(COGTRAIL_SHARED "/corpora/flate2-rs-gz/tests/good-file.txt", &want));
    assert_true(bytes_equal(buffer_bytes(&r.text), buffer_bytes(&want)));
    assert_int_equal(file_verdict(r.f), FILE_READ);
    reading_deinit(&r);
    buffer_deinit(&want);
}

/* Cut anywhere, the output is a prefix, and no shorter than what zlib gives. */
static void test_every_cut(void **state)
{
    struct buffer text = make_text(6000);
    struct buffer packed = pack(buffer_bytes(&text), 6);
    char *alone = mem_alloc(text.len);

    (void)state;
    for (size_t cut = 1; cut < packed.len; cut++) {
        struct bytes part = bytes_slice(buffer_bytes(&packed), 0, cut);
        struct reading r = read_content(part, defaults(), 262144);
        size_t least = zlib_decodes(part, alone, text.len);

        if (r.text.len < least || r.text.len > text.len ||
            memcmp(r.text.ptr, text.ptr, r.text.len) != 0)
            fail_msg("cut at %zu: %zu bytes, zlib %zu", cut, r.text.len, least);
        assert_int_equal(r.f->n_problems, 1);
        assert_int_equal(r.f->problems[0].code, ERR_TRUNCATED);
        reading_deinit(&r);
    }
    mem_free(alone);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

/* One flipped bit anywhere is noticed, and what comes before it is kept. */
static void test_every_flipped_byte(void **state)
{
    struct buffer text = make_text(3000);
    struct buffer packed = pack(buffer_bytes(&text), 6);
    size_t unnoticed = 0;

    (void)state;
    for (size_t at = 10; at < packed.len; at++) {
        struct reading r;

        packed.ptr[at] = (char)(packed.ptr[at] ^ 0x10);
        r = read_content(buffer_bytes(&packed), defaults(), 262144);
        packed.ptr[at] = (char)(packed.ptr[at] ^ 0x10);
        /* The last byte of deflate data may hold bits that mean nothing. */
        if (r.f->n_problems == 0 && !bytes_equal(buffer_bytes(&r.text), buffer_bytes(&text)))
            fail_msg("flip at %zu unnoticed", at);
        unnoticed += r.f->n_problems == 0;
        reading_deinit(&r);
    }
    assert_true(unnoticed <= 1);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

static void test_any_step_gives_the_same(void **state)
{
    static const size_t steps[] = {1, 7, 333, 4096, 100000, 1000000};
    struct buffer text = make_text(300000);
    struct buffer packed = pack(buffer_bytes(&text), 6);
    struct buffer second = pack(bytes_of("{\"last\":1}\n"), 9);

    (void)state;
    buffer_add(&packed, buffer_bytes(&second));
    buffer_add_text(&text, "{\"last\":1}\n");
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct reading r = read_content(buffer_bytes(&packed), defaults(), steps[i]);

        assert_true(bytes_equal(buffer_bytes(&r.text), buffer_bytes(&text)));
        assert_int_equal(r.f->members, 2);
        assert_int_equal(r.f->layers, 1);
        assert_int_equal(r.f->packed_read_bytes, packed.len);
        assert_int_equal(r.f->n_problems, 0);
        reading_deinit(&r);
    }
    buffer_deinit(&second);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

static void test_padding_is_noted(void **state)
{
    struct buffer packed = pack(bytes_of("{}\n"), 6);
    struct reading r;
    size_t member = packed.len;

    (void)state;
    for (int i = 0; i < 500; i++)
        buffer_add_char(&packed, '\0');
    r = read_content(buffer_bytes(&packed), defaults(), 4096);
    assert_int_equal(r.f->padding_bytes, 500);
    assert_int_equal(r.f->n_problems, 0);
    reading_deinit(&r);

    /* Something behind the padding is not padding. */
    buffer_add_text(&packed, "hidden");
    r = read_content(buffer_bytes(&packed), defaults(), 4096);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].code, ERR_TRAILING);
    assert_int_equal(r.f->problems[0].offset, member + 500);
    assert_int_equal(r.f->problems[0].length, 6);
    assert_true(r.f->problems[0].packed);
    reading_deinit(&r);
    buffer_deinit(&packed);
}

static void check_extract(struct reading *r, struct bytes text, uint64_t offset, size_t length)
{
    struct buffer out = {0};

    buffer_add_text(&out, "kept");
    assert_int_equal(block_extract(r->f, r->map, offset, length, &out), ERR_OK);
    assert_int_equal(out.len, length + 4);
    assert_memory_equal(out.ptr, "kept", 4);
    if (memcmp(out.ptr + 4, text.ptr + offset, length) != 0)
        fail_msg("other bytes at %llu", (unsigned long long)offset);
    buffer_deinit(&out);
}

/* Behind damage and garbage the next member is read; the stretch between is listed. */
static void test_members_behind_damage(void **state)
{
    struct buffer text[3], packed[3], whole = {0};
    struct reading r;
    size_t first, second;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        text[i] = make_text(40000 + i * 1000);
        packed[i] = pack(buffer_bytes(&text[i]), 6);
    }
    first = packed[0].len;
    second = packed[1].len;
    memset(packed[1].ptr + second / 2, 0xFF, 40);
    for (unsigned i = 0; i < 3; i++)
        buffer_add(&whole, buffer_bytes(&packed[i]));
    r = read_content(buffer_bytes(&whole), defaults(), 262144);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].code, ERR_GZIP_DATA);
    assert_in_range(r.f->problems[0].offset, first + second / 2, first + second / 2 + 2000);
    assert_int_equal(r.f->problems[0].offset + r.f->problems[0].length, first + second);
    assert_int_equal(r.f->members, 3);
    assert_true(r.text.len > text[0].len + 15000 + text[2].len);
    assert_memory_equal(r.text.ptr, text[0].ptr, text[0].len);
    assert_memory_equal(r.text.ptr + text[0].len, text[1].ptr, 15000);
    assert_memory_equal(r.text.ptr + r.text.len - text[2].len, text[2].ptr, text[2].len);
    check_extract(&r, buffer_bytes(&r.text), r.text.len - text[2].len - 100, 300);
    reading_deinit(&r);

    /* A member hidden behind garbage that holds the magic number by chance. */
    buffer_clear(&whole);
    buffer_add(&whole, buffer_bytes(&packed[0]));
    for (unsigned i = 0; i < 50; i++)
        buffer_add(&whole, bytes_make("garb\x1F\x8B\x08\0age", 11));
    buffer_add(&whole, buffer_bytes(&packed[2]));
    r = read_content(buffer_bytes(&whole), defaults(), 262144);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].code, ERR_TRAILING);
    assert_int_equal(r.f->problems[0].offset, first);
    assert_int_equal(r.f->problems[0].length, 550);
    assert_int_equal(r.f->members, 2);
    assert_int_equal(r.text.len, text[0].len + text[2].len);
    assert_memory_equal(r.text.ptr + text[0].len, text[2].ptr, text[2].len);
    reading_deinit(&r);

    /* So many false beginnings that looking ends; the rest is listed as one problem. */
    buffer_clear(&whole);
    buffer_add(&whole, buffer_bytes(&packed[0]));
    for (unsigned i = 0; i < 2000; i++)
        buffer_add(&whole, bytes_make("garb\x1F\x8B\x08\0age", 11));
    buffer_add(&whole, buffer_bytes(&packed[2]));
    r = read_content(buffer_bytes(&whole), defaults(), 262144);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].offset, first);
    assert_int_equal(r.f->problems[0].length, whole.len - first);
    assert_int_equal(r.text.len, text[0].len);
    reading_deinit(&r);
    buffer_deinit(&whole);
    for (unsigned i = 0; i < 3; i++) {
        buffer_deinit(&text[i]);
        buffer_deinit(&packed[i]);
    }
}

static void test_layers(void **state)
{
    struct buffer text = make_text(200000);
    struct buffer once = pack(buffer_bytes(&text), 6);
    struct buffer twice = pack(buffer_bytes(&once), 6);
    struct buffer thrice = pack(buffer_bytes(&twice), 6);
    struct reading r = read_content(buffer_bytes(&twice), defaults(), 65536);

    (void)state;
    assert_int_equal(r.f->layers, 2);
    assert_int_equal(r.f->n_problems, 0);
    assert_true(bytes_equal(buffer_bytes(&r.text), buffer_bytes(&text)));
    reading_deinit(&r);
    r = read_content(buffer_bytes(&thrice), defaults(), 65536);
    assert_int_equal(r.text.len, 0);
    assert_true(has_problem(r.f, ERR_NESTED));
    assert_int_equal(file_verdict(r.f), FILE_SKIPPED);
    reading_deinit(&r);

    /* Damage in the inner layer keeps what can be decoded of it, and is said once. */
    once.len -= 100;
    buffer_deinit(&twice);
    twice = pack(buffer_bytes(&once), 6);
    r = read_content(buffer_bytes(&twice), defaults(), 65536);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].code, ERR_TRUNCATED);
    assert_true(r.text.len > 190000 && memcmp(r.text.ptr, text.ptr, r.text.len) == 0);
    reading_deinit(&r);

    /* A cut of the outer layer is one problem too. */
    twice.len -= 3000;
    r = read_content(buffer_bytes(&twice), defaults(), 65536);
    assert_int_equal(r.f->n_problems, 1);
    assert_true(r.text.len > 100000 && memcmp(r.text.ptr, text.ptr, r.text.len) == 0);
    reading_deinit(&r);
    buffer_deinit(&thrice);
    buffer_deinit(&twice);
    buffer_deinit(&once);
    buffer_deinit(&text);
}

static void test_limits(void **state)
{
    struct buffer text = make_text(100000);
    struct buffer packed = pack(buffer_bytes(&text), 6);
    struct block_limits limits = {.max_bytes = 5000, .max_layers = 1};
    struct reading r = read_content(buffer_bytes(&packed), limits, 700);

    (void)state;
    assert_int_equal(r.text.len, 5000);
    assert_memory_equal(r.text.ptr, text.ptr, 5000);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].code, ERR_BOMB);
    reading_deinit(&r);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

static void check_refused(struct bytes content, const char *name)
{
    struct reading r = read_content(content, defaults(), 4096);

    assert_int_equal(r.text.len, 0);
    assert_int_equal(r.f->n_problems, 1);
    assert_int_equal(r.f->problems[0].code, ERR_NOT_LOGS);
    if (!bytes_are(r.f->problems[0].detail, name))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)r.f->problems[0].detail.len,
                 r.f->problems[0].detail.ptr, name);
    assert_int_equal(r.f->problems[0].length, content.len);
    reading_deinit(&r);
}

static void test_other_formats_by_name(void **state)
{
    struct buffer packed = pack(bytes_of("PK\x03\x04 and so on"), 6);

    (void)state;
    check_refused(bytes_of("PK\x03\x04 and so on"), "ZIP archive; unzip unpacks it");
    check_refused(bytes_of("\xFF\xFE{"), "UTF-16 text");
    check_refused(bytes_make("{\0\"\0a\0\"\0", 8), "UTF-16 text");
    check_refused(bytes_make("\0{\0\"\0a\0\"", 8), "UTF-16 text");
    check_refused(bytes_of("PAR1\x15\x04"), "Parquet file");
    check_refused(bytes_of("ORC\x11\x02\x03\x04"), "ORC file");
    check_refused(bytes_of("\x01\x02\x03\x04\x05\x06"), "binary data");
    check_refused(bytes_of("  <!DOCTYPE html><html>"), "HTML page");
    check_refused(bytes_of("<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>"),
                  "XML error response, code AccessDenied");
    buffer_deinit(&packed);
}

static void check_passes(struct bytes content)
{
    struct reading r = read_content(content, defaults(), 4096);

    assert_int_equal(r.f->n_problems, 0);
    assert_true(bytes_equal(buffer_bytes(&r.text), content));
    assert_int_equal(r.f->layers, 0);
    assert_int_equal(r.f->members, 0);
    reading_deinit(&r);
}

static void test_plain_text_passes(void **state)
{
    struct buffer text = make_text(700000);

    (void)state;
    check_passes(buffer_bytes(&text));
    check_passes(bytes_of("\xEF\xBB\xBF{\"Records\":[]}"));
    check_passes(bytes_of("{\"a\":\"\x1b[31m\x07\xFF\xC3\xB6 and more text to look at\"}"));
    check_passes(bytes_make("\0\0\0\0{\"a\":1}", 11));
    check_passes(bytes_of("x"));
    buffer_deinit(&text);
}

static void test_extract_from_snapshots(void **state)
{
    struct buffer text = make_text(20 * 1024 * 1024);
    struct buffer packed = pack(bytes_slice(buffer_bytes(&text), 0, 13000000), 1);
    struct buffer more = pack(bytes_slice(buffer_bytes(&text), 13000000, text.len), 1);
    struct buffer out = {0};
    struct reading r;

    (void)state;
    buffer_add(&packed, buffer_bytes(&more));
    r = read_content(buffer_bytes(&packed), defaults(), 65536);
    assert_true(bytes_equal(buffer_bytes(&r.text), buffer_bytes(&text)));
    assert_non_null(r.map);
    assert_true(block_map_bytes(r.map) > 100000 && block_map_bytes(r.map) < 1000000);
    for (uint64_t offset = 0; offset + 3000 < text.len; offset += 1000003)
        check_extract(&r, buffer_bytes(&text), offset, 3000);
    check_extract(&r, buffer_bytes(&text), 4 * 1024 * 1024, 9000000);
    check_extract(&r, buffer_bytes(&text), text.len - 10, 10);
    check_extract(&r, buffer_bytes(&text), text.len, 0);
    assert_int_equal(block_extract(r.f, r.map, text.len - 10, 11, &out), ERR_TRUNCATED);
    assert_int_equal(block_extract(r.f, NULL, text.len + 10, 11, &out), ERR_TRUNCATED);
    assert_int_equal(out.len, 0);
    reading_deinit(&r);

    /* A damaged end behind a snapshot gives the bytes that the first reading gave. */
    packed.len -= 70000;
    r = read_content(buffer_bytes(&packed), defaults(), 65536);
    assert_true(has_problem(r.f, ERR_TRUNCATED));
    check_extract(&r, buffer_bytes(&text), r.text.len - 500, 500);
    reading_deinit(&r);
    buffer_deinit(&out);
    buffer_deinit(&more);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

/* Wherever a mark is made, within a block, at its end or between members, the bytes from
 * there on are the same. */
static void test_marks_anywhere(void **state)
{
    enum { STEP = 777 };
    struct buffer text = make_text(60000), out = {0};
    struct buffer packed = pack(bytes_slice(buffer_bytes(&text), 0, 30 * STEP), 6);
    struct buffer more = pack(bytes_slice(buffer_bytes(&text), 30 * STEP, text.len), 1);
    struct reading r;
    struct problem problem;
    struct gunzip *g;
    size_t n, marks = 0, done = 0;
    int fd;

    (void)state;
    buffer_add(&packed, buffer_bytes(&more));
    r = read_content(buffer_bytes(&packed), defaults(), 4096);
    fd = access_again(r.f, &problem);
    g = gunzip_new(r.f, fd, 0, 0, true);
    gunzip_unwrap(g);
    while ((n = gunzip_read(g, (unsigned char *)buffer_room(&out, STEP), STEP)) > 0) {
        struct layer_mark *mark = gunzip_mark_here(g);
        struct gunzip *later = gunzip_new(r.f, fd, 0, 0, true);
        size_t at;

        done += n;
        at = done;
        if (mark) {
            gunzip_resume(later, mark);
            while ((n = gunzip_read(later, (unsigned char *)buffer_room(&out, STEP), STEP)) >
                   0) {
                assert_true(at + n <= text.len);
                assert_memory_equal(out.ptr, text.ptr + at, n);
                at += n;
            }
            assert_int_equal(at, text.len);
            marks++;
        }
        layer_mark_free(mark);
        gunzip_free(later);
    }
    assert_int_equal(done, text.len);
    assert_true(marks >= text.len / STEP - 1);
    gunzip_free(g);
    (void)close(fd);
    reading_deinit(&r);
    buffer_deinit(&out);
    buffer_deinit(&more);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

static void test_extract_without_map(void **state)
{
    struct buffer text = make_text(50000);
    struct buffer packed = pack(buffer_bytes(&text), 6);
    struct buffer twice = pack(buffer_bytes(&packed), 6);
    struct reading r = read_content(buffer_bytes(&packed), defaults(), 65536);

    (void)state;
    assert_null(r.map);
    check_extract(&r, buffer_bytes(&text), 0, 50000);
    check_extract(&r, buffer_bytes(&text), 31000, 100);
    assert_int_equal(r.f->n_problems, 0);
    reading_deinit(&r);
    r = read_content(buffer_bytes(&twice), defaults(), 65536);
    check_extract(&r, buffer_bytes(&text), 31000, 100);
    reading_deinit(&r);
    r = read_content(buffer_bytes(&text), defaults(), 65536);
    check_extract(&r, buffer_bytes(&text), 31000, 100);
    reading_deinit(&r);
    buffer_deinit(&twice);
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

static void write_at(const char *path, const char *flags, const char *text)
{
    FILE *file = fopen(path, flags);

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A descriptor that cannot be read stands for a disk that fails. */
static void test_failing_read_is_a_problem(void **state)
{
    struct file *f = file_new(bytes_of("x"));
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct block *b = block_new(f, fd, defaults(), false);
    char text[16];

    (void)state;
    assert_int_equal(block_read(b, text, sizeof text), 0);
    assert_int_equal(f->n_problems, 1);
    assert_int_equal(f->problems[0].code, ERR_IO);
    assert_true(bytes_are(f->problems[0].detail, "Is a directory"));
    assert_int_equal(file_verdict(f), FILE_SKIPPED);
    block_free(b);
    file_free(f);
    (void)close(fd);
}

static void test_change_is_noticed(void **state)
{
    char path[] = "/tmp/cogtrail-block-XXXXXX";
    int made = mkstemp(path), fd;
    struct archive *a = archive_new();
    struct buffer out = {0};
    struct problem problem;
    struct block *b;
    struct file *f;
    char text[4];

    (void)state;
    assert_true(made >= 0);
    (void)close(made);
    write_at(path, "w", "{\"a\":1}\n");
    archive_add_path(a, bytes_of(path));
    f = archive_next(a);
    assert_non_null(f);
    fd = access_file(f, &problem);
    b = block_new(f, fd, defaults(), false);
    assert_int_equal(block_read(b, text, sizeof text), 4);
    write_at(path, "a", "{\"b\":2}\n");
    while (block_read(b, text, sizeof text) > 0)
        continue;
    assert_true(has_problem(f, ERR_CHANGED));
    block_free(b);
    (void)close(fd);

    assert_int_equal(block_extract(f, NULL, 0, 2, &out), ERR_CHANGED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(block_extract(f, NULL, 0, 2, &out), ERR_NOT_FOUND);
    buffer_deinit(&out);
    archive_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_malformation),
        cmocka_unit_test(test_foreign_corpora),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_every_flipped_byte),
        cmocka_unit_test(test_any_step_gives_the_same),
        cmocka_unit_test(test_padding_is_noted),
        cmocka_unit_test(test_members_behind_damage),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_other_formats_by_name),
        cmocka_unit_test(test_plain_text_passes),
        cmocka_unit_test(test_extract_from_snapshots),
        cmocka_unit_test(test_marks_anywhere),
        cmocka_unit_test(test_extract_without_map),
        cmocka_unit_test(test_failing_read_is_a_problem),
        cmocka_unit_test(test_change_is_noticed),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
