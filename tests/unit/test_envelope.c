/* The envelope: shapes, damage and what is found again behind it. Everywhere the bytes of
 * records, wrappers and problems must add up to the text, whatever is in it. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "core/reading/envelope.h"
#include "core/reading/window.h"

#define EVENT(id)                                                                              \
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"       \
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"eventID\":\"" id "\"}"

enum { EVENTS_MAX = 64 };

struct reading {
    struct event_reader *reader;
    struct file *file;
    size_t n;
    struct {
        uint64_t offset;
        uint32_t length;
    } at[EVENTS_MAX]; /* of the first events */
};

static int setup(void **state)
{
    struct reading *r = calloc(1, sizeof(*r));

    r->reader = event_reader_new(NULL);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct reading *r = *state;

    if (r->file)
        file_free(r->file);
    event_reader_free(r->reader);
    free(r);
    return 0;
}

static int file_of(struct bytes content)
{
    int fd = memfd_create("envelope", 0);

    assert_true(fd >= 0);
    for (size_t done = 0; done < content.len;) {
        ssize_t got = write(fd, content.ptr + done, content.len - done);

        assert_true(got > 0);
        done += (size_t)got;
    }
    return fd;
}

/* Reads the file; `unpacked` (when it has a pointer) is what it holds. */
static void pass(struct reading *r, int fd, struct bytes unpacked, bool quiet)
{
    struct block *block = block_new(r->file, fd, block_default_limits(), quiet);
    struct envelope *e = envelope_new(r->file, block, r->reader, quiet);
    uint64_t offset, end = 0;
    uint32_t length;
    struct event event;

    r->n = 0;
    while (envelope_next(e, &event, &offset, &length)) {
        assert_int_equal(event.raw.len, length);
        assert_true(offset >= end);
        end = offset + length;
        if (unpacked.ptr) {
            assert_true(end <= unpacked.len);
            assert_memory_equal(event.raw.ptr, unpacked.ptr + offset, length);
        }
        if (r->n < EVENTS_MAX) {
            r->at[r->n].offset = offset;
            r->at[r->n].length = length;
        }
        r->n++;
    }
    assert_false(envelope_next(e, &event, &offset, &length));
    envelope_free(e);
    block_free(block);
}

/* Reads `content` aloud and quietly, and checks the sums. */
static void read_file(struct reading *r, struct bytes content, struct bytes unpacked)
{
    const struct file *f;
    uint64_t lost = 0;
    size_t n, problems;
    int fd = file_of(content);

    if (r->file)
        file_free(r->file);
    r->file = file_new(bytes_of("text"));
    f = r->file;
    pass(r, fd, unpacked, false);
    assert_int_equal(f->record_bytes + f->wrapper_bytes + f->problem_bytes, f->bytes);
    for (size_t i = 0; i < f->n_problems; i++)
        if (!f->problems[i].packed && f->problems[i].code != ERR_CHANGED)
            lost += f->problems[i].length;
    if (f->n_problems < 1000)
        assert_int_equal(lost, f->problem_bytes);
    n = r->n;
    problems = f->n_problems;
    pass(r, fd, unpacked, true);
    assert_int_equal(r->n, n);
    assert_int_equal(f->n_problems, problems);
    assert_int_equal(f->record_bytes + f->wrapper_bytes + f->problem_bytes, f->bytes);
    (void)close(fd);
}

static void read_text(struct reading *r, struct bytes text)
{
    read_file(r, text, text);
    assert_int_equal(r->file->bytes, text.len);
}

/* An event of CloudWatch Logs whose text is no record. */
#define LOGGED(n)                                                                              \
    "{\"timestamp\":1740805205000,\"message\":\"text \\\"" n "\\\"\",\"ingestionTime\":1}"

static void shapes(void **state)
{
    static const struct {
        const char *text;
        size_t events;
    } rows[] = {
        {"{\"Records\":[" EVENT("1") "," EVENT("2") "]}",                                2},
        {"{\"Records\":[" EVENT("1") "]}\n",                                             1},
        {" {\n  \"Records\" : [\n    " EVENT("1") ",\n    " EVENT("2") "\n  ]\n}\n",     2},
        {"{\"account\":\"1\",\"x\":{\"a\":[1]},\"Records\":[" EVENT("1") "]}",           1},
        {"{\"Records\":[" EVENT("1") "],\"next\":[{\"a\":1}],\"n\":null}" EVENT("2"),    2},
        {"{\"Records\":[" EVENT("1") "],\"Records\":[" EVENT("2") "]}",                  2},
        {"{\"Records\":[]}",                                                             0},
        {"[" EVENT("1") "," EVENT("2") ", " EVENT("3") "]",                              3},
        {"[\n" EVENT("1") "\n,\n" EVENT("2") "\n]",                                      2},
        {"[]",                                                                           0},
        {"",                                                                             0},
        {" \n\t ",                                                                       0},
        {EVENT("1"),                                                                     1},
        {EVENT("1") "\n" EVENT("2") "\n",                                                2},
        {EVENT("1") "\r\n\r\n\n" EVENT("2") "\r\n",                                      2},
        {EVENT("1") EVENT("2") " " EVENT("3"),                                           3},
        {"\xEF\xBB\xBF{\"Records\":[" EVENT("1") "]}",                                   1},
        {"\xEF\xBB\xBF" EVENT("1") "\n\xEF\xBB\xBF" EVENT("2"),                          2},
        {"{\"Records\":[" EVENT("1") "]}{\"Records\":[" EVENT("2") "]}",                 2},
        {"{\"Records\":[" EVENT("1") "]}\n" EVENT("2") "\n[" EVENT("3") "]",             3},
        {"[{\"Records\":[" EVENT("1") "]},{\"Records\":[" EVENT("2") "]}]",              2},
        {"[[" EVENT("1") "],[" EVENT("2") "]]",                                          2},
        {"{\"events\":[" LOGGED("1") "," LOGGED("x") "],\"searchedLogStreams\":[]}",     2},
        {"{\n \"searchedLogStreams\": [{\"a\":1}],\n \"events\": [ " LOGGED("x") " ] }", 1},
        {"{\"events\":[],\"nextForwardToken\":\"f\"}",                                   0},
        {LOGGED("1") "\n" LOGGED("x"),                                                   2},
    };
    struct reading *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        read_text(r, bytes_of(rows[i].text));
        if (r->n != rows[i].events)
            fail_msg("%s: %zu events", rows[i].text, r->n);
        for (size_t k = 0; k < r->file->n_problems; k++)
            assert_int_equal(r->file->problems[k].code, ERR_EMPTY);
        assert_int_equal(r->file->problem_bytes, 0);
        assert_int_equal(r->file->rejected, 0);
    }
}

/* `text` is made of `before`, the damage, and `after`. */
static const struct damage {
    const char *before, *lost, *after;
    size_t events;
    enum err code;
} damages[] = {
    {"{\"Records\":[",                "{\"eventVersion\":\"1.08\",\"x\":,\"y\":1},",         EVENT("1") "]}",                  1,
     ERR_SYNTAX                                                                                                                             },
    {"{\"Records\":[" EVENT("1") ",", "{\"eventVersion\":\"1\x01\"},",                       EVENT("2") "]}",                  2,
     ERR_SYNTAX                                                                                                                             },
    {"[" EVENT("1") ",",              "nonsense, ",                                          EVENT("2") "]",                   2, ERR_SYNTAX},
    {EVENT("1") "\n",                 "{\"eventVersion\":\"1.08\",\"eventTime\":\n",         EVENT("2") "\n",                  2,
     ERR_SYNTAX                                                                                                                             },
    {EVENT("1") "\n",                 "{\"eventVersion\":\"1.08\",\"eventTi\n",              EVENT("2") "\n",                  2, ERR_SYNTAX},
    {EVENT("1") "\n",                 "2026-01-01 service started\n",                        EVENT("2") "\n",                  2, ERR_SYNTAX},
    {"",                              "service started\n",                                   EVENT("2") "\n",                  1, ERR_SYNTAX},
    {EVENT("1") "\n",                 "{\"a\":tru}\n",                                       "{\"Records\":[" EVENT("2") "]}", 2, ERR_SYNTAX},
    {"{\"Records\":[" EVENT("1") ",", "{\"a\":1 \"b\"\n",                                    "{\"Records\":[" EVENT("2") "]}", 2,
     ERR_SYNTAX                                                                                                                             },
    {EVENT("1"),                      "\xFF\xFE}",                                           EVENT("2"),                       2, ERR_SYNTAX},
    {EVENT("1") "\n",                 "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-",    "",                               1, ERR_CUT   },
    {"{\"Records\":[" EVENT("1") ",", "{\"eventVersion\":\"1.08\"",                          "",                               1, ERR_CUT   },
    {"[" EVENT("1") ",\n    ",        "{\"eventVersion\":\"1.08\",\"l\":[{\"a\":{]},\n    ",
     "{\n \"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"
     "\"cognito-idp.amazonaws.com\",\"eventName\":\"X\",\"eventID\":\"7\"}]",                                                  2, ERR_SYNTAX},
};

static void found_again(void **state)
{
    struct reading *r = *state;
    struct buffer text = {0};

    for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
        const struct damage *d = &damages[i];
        const struct problem *p;

        buffer_clear(&text);
        buffer_add_text(&text, d->before);
        buffer_add_text(&text, d->lost);
        buffer_add_text(&text, d->after);
        read_text(r, buffer_bytes(&text));
        if (r->n != d->events || r->file->n_problems != 1)
            fail_msg("row %zu: %zu events, %zu problems", i, r->n, r->file->n_problems);
        p = &r->file->problems[0];
        if (p->code != d->code || p->offset != strlen(d->before) ||
            p->length != strlen(d->lost))
            fail_msg("row %zu: %d, %llu + %llu: %.*s", i, (int)p->code,
                     (unsigned long long)p->offset, (unsigned long long)p->length,
                     (int)p->detail.len, p->detail.ptr);
        assert_int_equal(r->file->rejected, 1);
        assert_true(p->detail.len > 0);
    }
    buffer_deinit(&text);
}

/* Faults of the wrapper that cost no bytes are told all the same. */
static void slips(void **state)
{
    static const struct {
        const char *text;
        size_t events;
        enum err code;
    } rows[] = {
        {"[" EVENT("1") EVENT("2") "]",     2, ERR_SYNTAX},
        {"[" EVENT("1") ",]",               1, ERR_SYNTAX},
        {EVENT("1") ",\n" EVENT("2") ",\n", 2, ERR_SYNTAX},
        {EVENT("1") "]}",                   1, ERR_SYNTAX},
        {"{\"Records\":[" EVENT("1"),       1, ERR_CUT   },
        {"{\"Records\":[" EVENT("1") "]",   1, ERR_CUT   },
        {"[" EVENT("1") ",",                1, ERR_CUT   },
    };
    struct reading *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        read_text(r, bytes_of(rows[i].text));
        assert_int_equal(r->n, rows[i].events);
        assert_int_equal(r->file->n_problems, 1);
        assert_int_equal(r->file->problems[0].code, rows[i].code);
        assert_int_equal(r->file->problem_bytes, 0);
    }
}

static void foreign_records(void **state)
{
    static const char text[] =
        "{\"Records\":[{\"a\":1},{\"a\":2}," EVENT("1") ",7,\"x\",{\"a\":3}]}";
    struct reading *r = *state;
    uint64_t counted = 0;

    read_text(r, bytes_of(text));
    assert_int_equal(r->n, 1);
    assert_int_equal(r->file->rejected, 5);
    assert_int_equal(r->file->n_problems, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(r->file->problems[i].code, ERR_UNKNOWN_FORMAT);
        counted += r->file->problems[i].length;
    }
    assert_int_equal(counted, 3 * strlen("{\"a\":1}") + 1 + 3);
    assert_true(bytes_ends(r->file->problems[0].detail, ", 3 records"));
    assert_true(bytes_ends(r->file->problems[1].detail, ", 2 records"));
    assert_int_equal(r->file->problems[0].offset, strlen("{\"Records\":["));
}

static void not_logs(void **state)
{
    static const struct {
        const char *text, *seems;
    } rows[] = {
        {"time,source,user\n1,2,3\n",        "CSV table"      },
        {"a\tb\tc\n1\t2\t3\n",               "table with tabs"},
        {"Dear reader,\nno JSON here.\n",    "plain text"     },
        {"[INFO] started\n[INFO] stopped\n", "plain text"     },
        {"true story\n",                     "plain text"     },
    };
    struct reading *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        read_text(r, bytes_of(rows[i].text));
        assert_int_equal(r->n, 0);
        assert_int_equal(r->file->n_problems, 1);
        assert_int_equal(r->file->problems[0].code, ERR_NOT_LOGS);
        assert_true(bytes_are(r->file->problems[0].detail, rows[i].seems));
        assert_int_equal(r->file->rejected, 0);
    }
    read_text(r, bytes_make((char[64]){0}, 64));
    assert_int_equal(r->file->n_problems, 1);
    assert_true(bytes_are(r->file->problems[0].detail, "NUL bytes"));
}

static void too_deep(void **state)
{
    struct reading *r = *state;
    struct buffer text = {0};

    buffer_add_text(&text, EVENT("1") "\n{\"eventVersion\":");
    for (int i = 0; i < 100000; i++)
        buffer_add_char(&text, '[');
    buffer_add_text(&text, "\n" EVENT("2") "\n");
    read_text(r, buffer_bytes(&text));
    assert_int_equal(r->n, 2);
    assert_int_equal(r->file->n_problems, 1);
    assert_int_equal(r->file->problems[0].code, ERR_TOO_DEEP);
    buffer_clear(&text);
    for (int i = 0; i < 100000; i++)
        buffer_add_char(&text, '[');
    read_text(r, buffer_bytes(&text));
    assert_int_equal(r->n, 0);
    buffer_deinit(&text);
}

/* The text at every place around the end of the first window. */
static void window_edges(void **state)
{
    static const char *const texts[] = {
        "\xEF\xBB\xBF{\"k\":[1],\"Records\":[" EVENT("1") ",{\"b\":}," EVENT("2") "]}",
        EVENT("1") "\nx\n{\"eventVersion\":\"1.\n " EVENT("2") "\n\xEF\xBB\xBF" EVENT(
            "3") "{\"a\":-12}\n",
    };
    struct reading *r = *state;
    struct buffer text = {0};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        size_t n, problems;
        struct problem first;

        read_text(r, bytes_of(texts[i]));
        n = r->n;
        problems = r->file->n_problems;
        first = r->file->problems[0];
        assert_int_equal(n, 2 + i);
        for (size_t before = 0; before <= strlen(texts[i]); before++) {
            buffer_clear(&text);
            memset(buffer_room(&text, WINDOW_BYTES), ' ', WINDOW_BYTES);
            text.len = WINDOW_BYTES - before;
            buffer_add_text(&text, texts[i]);
            read_text(r, buffer_bytes(&text));
            assert_int_equal(r->n, n);
            assert_int_equal(r->file->n_problems, problems);
            assert_int_equal(r->file->problems[0].code, first.code);
            assert_int_equal(r->file->problems[0].length, first.length);
        }
    }
    buffer_deinit(&text);
}

static void add_large(struct buffer *text, size_t size, const char *end)
{
    static const char start[] =
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"
        "\"cognito-idp.amazonaws.com\",\"eventName\":\"X\",\"x\":[{\"\\\"{\":\"";

    buffer_add_text(text, start);
    memset(buffer_room(text, size), 'x', size);
    text->len += size;
    buffer_add_text(text, end);
}

static void large_records(void **state)
{
    struct reading *r = *state;
    struct buffer text = {0};
    const struct problem *p;

    buffer_add_text(&text, "[");
    add_large(&text, 3 << 20, "\"}]}");
    buffer_add_text(&text, "," EVENT("2") "]");
    read_text(r, buffer_bytes(&text));
    assert_int_equal(r->n, 2);
    assert_int_equal(r->file->n_problems, 0);

    buffer_clear(&text);
    buffer_add_text(&text, "[" EVENT("1") ",");
    add_large(&text, WINDOW_MAX_BYTES + 12345, "\"}]}");
    buffer_add_text(&text, "," EVENT("2") "]");
    read_text(r, buffer_bytes(&text));
    p = r->file->problems;
    assert_int_equal(r->n, 2);
    assert_int_equal(r->file->n_problems, 1);
    assert_int_equal(p->code, ERR_TOO_LARGE);
    assert_int_equal(p->offset, strlen("[" EVENT("1") ","));
    assert_int_equal(p->length, text.len - p->offset - strlen("," EVENT("2") "]"));

    /* Broken by a newline within the text: the next line is found again. */
    buffer_clear(&text);
    add_large(&text, WINDOW_MAX_BYTES + 12345, "\n" EVENT("2"));
    read_text(r, buffer_bytes(&text));
    assert_int_equal(r->n, 1);
    assert_int_equal(r->file->problems[0].code, ERR_TOO_LARGE);

    buffer_clear(&text);
    add_large(&text, WINDOW_MAX_BYTES + 12345, "");
    read_text(r, buffer_bytes(&text));
    assert_int_equal(r->n, 0);
    assert_int_equal(r->file->n_problems, 1);
    assert_int_equal(r->file->problems[0].length, text.len);
    buffer_deinit(&text);
}

/* Texts made so that a careless search for the next record would read them over and over. */
static void hostile_candidates(void **state)
{
    static const char *const parts[] = {
        "[{\"a\":",
        ",{\"a\":[",
        ",{\"eventVersion\":\"x",
        "{\"a\":\"\\\",{\"",
        ",{\"\":[1,",
        "\n{\"a\":[{\"b\":",
        "{\n",
        "}{\"\":{}",
        "[{\"Records\":[",
        ",{\"Records\":",
    };
    struct reading *r = *state;
    struct buffer text = {0};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        buffer_clear(&text);
        buffer_add_text(&text, "[?");
        while (text.len < 3 << 20)
            buffer_add_text(&text, parts[i]);
        read_text(r, buffer_bytes(&text));
        assert_int_equal(r->n, 0);
    }
    /* One long value behind the damage, and candidates all over it. */
    buffer_clear(&text);
    buffer_add_text(&text, "[?");
    for (int level = 0; level < 400; level++)
        buffer_add_text(&text, "[{\"a\":");
    buffer_add_text(&text, "[1");
    while (text.len < 6 << 20)
        buffer_add_text(&text, ",1,1,1,1,1,1,1,1");
    read_text(r, buffer_bytes(&text));
    assert_int_equal(r->n, 0);
    buffer_deinit(&text);
}

static const char archive[] = "{\"Records\":[" EVENT("1") "," EVENT(
    "2") ",{\"a\":[{\"b\":1}]},"
         "\n" EVENT("3") "]}\n" EVENT("4") "\n[" EVENT("5") "]";

static void cut_text(void **state)
{
    struct reading *r = *state, whole;

    read_text(r, bytes_of(archive));
    whole = *r;
    assert_int_equal(whole.n, 5);
    for (size_t len = 0; len < strlen(archive); len++) {
        read_text(r, bytes_make(archive, len));
        assert_true(r->n <= whole.n);
        assert_memory_equal(r->at, whole.at, r->n * sizeof(r->at[0]));
        if (r->n < whole.n)
            assert_true(whole.at[r->n].offset + whole.at[r->n].length > len);
    }
}

static void add_gzip(struct buffer *out, struct bytes text)
{
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)buffer_room(out, text.len + 1024);
    z.avail_out = (uInt)text.len + 1024;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    (void)deflateEnd(&z);
}

static void cut_gzip(void **state)
{
    struct reading *r = *state, whole;
    struct buffer text = {0}, packed = {0};

    buffer_add_text(&text, archive);
    buffer_add_text(&text, archive);
    add_gzip(&packed, bytes_of(archive));
    add_gzip(&packed, bytes_of(archive));
    read_file(r, buffer_bytes(&packed), buffer_bytes(&text));
    whole = *r;
    assert_int_equal(whole.n, 10);
    for (size_t len = 0; len < packed.len; len++) {
        read_file(r, bytes_make(packed.ptr, len), buffer_bytes(&text));
        assert_true(r->n <= whole.n);
        assert_memory_equal(r->at, whole.at, r->n * sizeof(r->at[0]));
    }
    buffer_deinit(&packed);
    buffer_deinit(&text);
}

static uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void mutations(void **state)
{
    static const char bytes[] = "{}[]\",:\\\n \r\xEF\xBB\xBF\x01Records";
    struct reading *r = *state;
    struct buffer text = {0};
    uint32_t seed = 4711;
    size_t events = 0;

    for (int round = 0; round < 4000; round++) {
        buffer_clear(&text);
        buffer_add_text(&text, archive);
        for (unsigned n = 1 + random_next(&seed) % 6; n > 0; n--) {
            size_t at = random_next(&seed) % text.len, part = random_next(&seed) % 40;

            if (part > text.len - at)
                part = text.len - at;
            switch (random_next(&seed) % 4) {
            case 0:
                text.ptr[at] = bytes[random_next(&seed) % (sizeof(bytes) - 1)];
                break;
            case 1:
                memmove(text.ptr + at, text.ptr + at + part, text.len - at - part);
                text.len -= part;
                break;
            case 2:
                memmove(text.ptr + random_next(&seed) % (text.len - part + 1), text.ptr + at,
                        part);
                break;
            default:
                text.ptr[at] = (char)random_next(&seed);
            }
        }
        read_text(r, buffer_bytes(&text));
        events += r->n;
    }
    assert_true(events > 8000);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(found_again, setup, teardown),
        cmocka_unit_test_setup_teardown(slips, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_records, setup, teardown),
        cmocka_unit_test_setup_teardown(not_logs, setup, teardown),
        cmocka_unit_test_setup_teardown(too_deep, setup, teardown),
        cmocka_unit_test_setup_teardown(window_edges, setup, teardown),
        cmocka_unit_test_setup_teardown(large_records, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_candidates, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_text, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_gzip, setup, teardown),
        cmocka_unit_test_setup_teardown(mutations, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
