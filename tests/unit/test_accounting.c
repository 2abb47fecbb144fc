/* Nothing is lost and nothing is silent: the sums of the ledger, over good, odd and damaged
 * evidence. Which problem a certain damage makes is for the tests of block and envelope. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "settle.h"

/* What the rows of the store say of one file. */
struct rows_of_file {
    uint64_t rows, bytes, end;
};

/* Sums the rows by file; those of one file stand in order and do not overlap. */
static struct rows_of_file *rows_by_file(struct session *s)
{
    const struct store *store = session_store(s);
    struct rows_of_file *sums = mem_array(archive_count(session_archive(s)) + 1, sizeof *sums);

    for (size_t chunk = 0; chunk < store_count(store); chunk++)
        for (size_t row = 0; row < store_chunk(store, chunk)->n_rows; row++) {
            struct row_place place = store_place(store, row_make(chunk, row));
            struct rows_of_file *sum = &sums[place.file];

            assert_true(place.offset_bytes >= sum->end);
            sum->end = place.offset_bytes + place.length_bytes;
            sum->bytes += place.length_bytes;
            sum->rows++;
        }
    return sums;
}

static void check_file(const struct file *f, const struct rows_of_file *rows)
{
    uint64_t listed = 0, folded = 0, notes = 0;

    assert_true(file_is_finished(f));
    assert_int_equal(f->bytes, f->record_bytes + f->wrapper_bytes + f->problem_bytes);
    assert_int_equal(rows->rows, f->events);
    assert_int_equal(rows->bytes, f->record_bytes);
    assert_true(rows->end <= f->bytes);
    for (size_t i = 0; i < f->n_problems; i++) {
        const struct problem *p = &f->problems[i];

        assert_true(p->code != ERR_OK && p->code < ERR_COUNT);
        assert_true(p->events_kept <= f->events);
        assert_true(p->offset <= (p->packed ? f->packed_bytes : f->bytes));
        listed += p->packed ? 0 : p->length;
        folded += p->folded;
        notes += problem_is_note(p->code);
    }
    /* Each byte of a problem stands in one that is listed. */
    if (folded == 0)
        assert_int_equal(listed, f->problem_bytes);
    switch ((enum file_status)f->status) {
    case FILE_READ:
        assert_int_equal(f->n_problems, notes);
        assert_int_equal(f->rejected, 0);
        break;
    case FILE_DAMAGED:
        assert_true(f->n_problems > notes);
        break;
    case FILE_SKIPPED:
        assert_true(f->n_problems > 0);
        assert_int_equal(f->events, 0);
        break;
    case FILE_STOPPED:
    case FILE_WAITING:
    case FILE_READING:
        fail();
    }
}

/* Loads what the archive of `s` holds and checks every sum. */
static void check_session(struct session *s, struct ledger_totals *t)
{
    struct archive *a = session_archive(s);
    struct rows_of_file *rows;
    uint64_t events = 0;

    session_start(s);
    session_wait(s);
    rows = rows_by_file(s);
    for (size_t i = 0; i < archive_count(a); i++) {
        check_file(archive_file(a, i), &rows[i]);
        events += archive_file(a, i)->events;
    }
    mem_free(rows);
    session_totals(s, t);
    assert_int_equal(t->files, t->read + t->damaged + t->skipped);
    assert_int_equal(t->events, events);
    assert_int_equal(t->events, session_index(s)->n_rows);
    assert_int_equal(t->bytes, t->record_bytes + t->wrapper_bytes + t->problem_bytes);
    assert_int_equal(load_lost_events(session_load(s)) + load_lost_values(session_load(s)), 0);
    if (t->damaged || t->rejected)
        assert_true(session_is_partial(s));
}

static void the_corpora(void **state)
{
    static const struct {
        const char *path;
        uint64_t files, events;
    } wanted[] = {
        {"data",                           156, 704},
        {"corpora/own/badgz",              49,  0  },
        {"corpora/own/cloudtrail.json",    1,   228},
        {"corpora/own/cloudtrail.json.gz", 1,   228},
        {"corpora/zlib-ng-badgz",          8,   0  },
        {"corpora/flate2-rs-gz",           5,   0  },
        {"corpora/JSONTestSuite",          341, 0  },
        {"corpora/own/terminal.json",      1,   0  },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        struct session *s;
        struct ledger_totals t;
        char path[4096];

        (void)snprintf(path, sizeof path, "%s/%s", COGTRAIL_SHARED, wanted[i].path);
        if (access(path, R_OK) != 0) {
            printf("%s is not there: skipped\n", path);
            skip();
        }
        s = session_new();
        archive_add_path(session_archive(s), bytes_of(path));
        check_session(s, &t);
        assert_int_equal(t.files, wanted[i].files);
        assert_int_equal(t.events, wanted[i].events);
        session_free(s);
    }
}

static void add_event(struct buffer *out, unsigned number)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventSource\":\"iam.amazonaws.com\","
                  "\"eventName\":\"ListUsers\",\"eventTime\":\"2026-01-01T00:00:%02uZ\","
                  "\"requestParameters\":{\"list\":[1,-2.5e3,null,true,\"\\u00e9\\\"]}\"]},"
                  "\"eventID\":\"00000000-0000-4000-8000-%012u\"}",
                  number % 60, number);
}

static const char DIGEST[] =
    "{\"awsAccountId\":\"111122223333\",\"digestStartTime\":\"2026-01-01T00:00:00Z\","
    "\"digestEndTime\":\"2026-01-01T01:00:00Z\",\"logFiles\":[]}";
static const char NOTIFICATION[] =
    "{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\","
    "\"s3\":{\"object\":{\"key\":\"AWSLogs/x.json.gz\"}}}";
static const char ENVELOPE[] =
    "{\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{\"eventName\":\"x\"}}";

/* The shapes in which records come. */
enum shape { SHAPE_RECORDS, SHAPE_LINES, SHAPE_ARRAY, SHAPE_MIXED, SHAPE_COUNT };

static void write_shape(struct buffer *out, enum shape shape)
{
    static const char *const starts[] = {"{\"Records\":[", "", "[\n", "\xEF\xBB\xBF"};
    static const char *const betweens[] = {",", "\n", ",\n  ", "\r\n "};
    static const char *const ends[] = {"],\"more\":{\"a\":[]}}", "\n", "\n]\n", ""};

    buffer_add_text(out, starts[shape]);
    for (unsigned i = 0; i < 5; i++) {
        if (i)
            buffer_add_text(out, betweens[shape]);
        add_event(out, i);
        if (shape == SHAPE_MIXED)
            buffer_add_text(out, i % 2 ? DIGEST : ENVELOPE);
    }
    buffer_add_text(out, ends[shape]);
}

static void pack(struct bytes text, struct buffer *out)
{
    z_stream z = {0};
    union {
        const char *borrowed;
        unsigned char *next;
    } in = {text.ptr};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = in.next;
    z.avail_in = (unsigned)text.len;
    z.avail_out = 65536;
    z.next_out = (unsigned char *)buffer_room(out, 65536);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += 65536 - z.avail_out;
    (void)deflateEnd(&z);
}

static unsigned draw(uint64_t *random, size_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*random >> 33) % below);
}

/* One to three changes: a byte replaced, a stretch left out, doubled, zeroed, or all behind. */
static void mutate(struct buffer *b, uint64_t *random)
{
    for (unsigned times = 1 + draw(random, 3); times > 0 && b->len > 1; times--) {
        size_t at = draw(random, b->len), length = 1 + draw(random, 40);
        struct buffer tail = {0};

        length = length < b->len - at ? length : b->len - at;
        switch (draw(random, 5)) {
        case 0:
            b->ptr[at] =
                draw(random, 2) ? "{}[],:\"\\\n"[draw(random, 9)] : (char)draw(random, 256);
            break;
        case 1:
            memmove(b->ptr + at, b->ptr + at + length, b->len - at - length);
            b->len -= length;
            break;
        case 2:
            buffer_add(&tail, bytes_slice(buffer_bytes(b), at, b->len));
            b->len = at + length;
            buffer_add(b, buffer_bytes(&tail));
            break;
        case 3:
            memset(b->ptr + at, 0, length);
            break;
        default:
            b->len = at;
        }
        buffer_deinit(&tail);
    }
}

static void mutated_archives(void **state)
{
    enum { FILES = 4000 };
    struct session *s = session_new();
    struct ledger_totals t;
    uint64_t random = 42;

    (void)state;
    for (unsigned i = 0; i < FILES; i++) {
        struct buffer text = {0}, packed = {0};
        struct buffer *content = &text;
        char name[32];

        write_shape(&text, (enum shape)(i % SHAPE_COUNT));
        if (i / SHAPE_COUNT % 2) {
            /* Damage to the text below, or to the packed bytes. */
            if (i / SHAPE_COUNT % 4 == 1)
                mutate(&text, &random);
            pack(buffer_bytes(&text), &packed);
            content = &packed;
        }
        if (i / SHAPE_COUNT % 4 != 1)
            mutate(content, &random);
        (void)snprintf(name, sizeof name, "file %u", i);
        archive_add_memory(session_archive(s), bytes_of(name), buffer_bytes(content));
        buffer_deinit(&text);
        buffer_deinit(&packed);
    }
    check_session(s, &t);
    assert_int_equal(t.files, FILES);
    /* Most of what was neither hit nor cut off is still there. */
    assert_true(t.events > (uint64_t)FILES * 2);
    assert_true(t.damaged > FILES / 4);
    session_free(s);
}

static void whole_archives_are_whole(void **state)
{
    struct session *s = session_new();
    struct ledger_totals t;

    (void)state;
    for (unsigned shape = 0; shape < SHAPE_MIXED; shape++) {
        struct buffer text = {0}, packed = {0};

        write_shape(&text, (enum shape)shape);
        pack(buffer_bytes(&text), &packed);
        archive_add_memory(session_archive(s), bytes_of("plain"), buffer_bytes(&text));
        archive_add_memory(session_archive(s), bytes_of("packed"), buffer_bytes(&packed));
        buffer_deinit(&text);
        buffer_deinit(&packed);
    }
    check_session(s, &t);
    assert_int_equal(t.read, 6);
    assert_int_equal(t.events, 30);
    assert_false(session_is_partial(s));
    session_free(s);
}

/* One row per kind of content: what the file is then, and what it does to the counts. */
static void verdicts(void **state)
{
    static const struct {
        const char *before; /* an event follows when `event` */
        bool event;
        enum file_status status;
        enum err code; /* of the first problem, ERR_OK for none */
        uint64_t rejected;
        bool partial;
    } rows[] = {
        {"",                                             false, FILE_READ,    ERR_EMPTY,          0, false},
        {" \n",                                          false, FILE_READ,    ERR_OK,             0, false},
        {"{\"Records\":[]}",                             false, FILE_READ,    ERR_OK,             0, false},
        {"",                                             true,  FILE_READ,    ERR_OK,             0, false},
 /* Nothing in these is ever counted. */
        {DIGEST,                                         false, FILE_SKIPPED, ERR_ASIDE,          0, false},
        {NOTIFICATION,                                   false, FILE_SKIPPED, ERR_ASIDE,          0, false},
        {DIGEST,                                         true,  FILE_READ,    ERR_ASIDE,          0, false},
 /* These hold events that are not read. */
        {ENVELOPE,                                       false, FILE_SKIPPED, ERR_UNKNOWN_FORMAT, 1, true },
        {ENVELOPE,                                       true,  FILE_DAMAGED, ERR_UNKNOWN_FORMAT, 1, true },
        {"{\"what\":\"ever\"}",                          false, FILE_SKIPPED, ERR_UNKNOWN_FORMAT, 1, true },
        {"a,b,c\n1,2,3\n",                               false, FILE_SKIPPED, ERR_NOT_LOGS,       0, true },
 /* Damage. */
        {"{\"eventVersion\":\"1.08\",\"eventName\":\"x", false, FILE_DAMAGED, ERR_CUT,            1, true },
        {"{\"eventVersion\":\"1.08\",,}\n",              true,  FILE_DAMAGED, ERR_SYNTAX,         1, true },
        {"\x1f\x8b\x08",                                 false, FILE_SKIPPED, ERR_TRUNCATED,      0, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct session *s = session_new();
        struct buffer text = {0};
        struct ledger_totals t;
        const struct file *f;

        buffer_add_text(&text, rows[i].before);
        if (rows[i].event)
            add_event(&text, 1);
        archive_add_memory(session_archive(s), bytes_of("x"), buffer_bytes(&text));
        check_session(s, &t);
        f = archive_file(session_archive(s), 0);
        assert_int_equal(f->status, rows[i].status);
        assert_int_equal(f->n_problems, rows[i].code != ERR_OK);
        if (f->n_problems)
            assert_int_equal(f->problems[0].code, rows[i].code);
        assert_int_equal(f->rejected, rows[i].rejected);
        assert_int_equal(f->events, rows[i].event);
        assert_int_equal(session_is_partial(s), rows[i].partial);
        buffer_deinit(&text);
        session_free(s);
    }
}

/* What damage to packed bytes left is known only when all of it was read. */
static void damaged_gzip_says_what_was_kept(void **state)
{
    struct session *s = session_new();
    struct buffer text = {0}, packed = {0};
    struct ledger_totals t;
    const struct file *f;

    (void)state;
    write_shape(&text, SHAPE_LINES);
    pack(buffer_bytes(&text), &packed);
    packed.ptr[packed.len - 1] ^= 1;
    archive_add_memory(session_archive(s), bytes_of("x"), buffer_bytes(&packed));
    check_session(s, &t);
    f = archive_file(session_archive(s), 0);
    assert_int_equal(f->events, 5);
    assert_int_equal(f->n_problems, 1);
    assert_int_equal(f->problems[0].code, ERR_CHECKSUM);
    assert_int_equal(f->problems[0].events_kept, 5);
    buffer_deinit(&text);
    buffer_deinit(&packed);
    session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpora),
        cmocka_unit_test(mutated_archives),
        cmocka_unit_test(whole_archives_are_whole),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(damaged_gzip_says_what_was_kept),
    };

    hash_seed();
    return cmocka_run_group_tests_name("accounting", tests, NULL, NULL);
}
