/* A large file read by several workers gives what one worker reads, whatever is wrong in it. */

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <poll.h>

#include "core/index/index.h"
#include "core/index/load.h"
#include "core/index/share.h"

enum { RECORDS = 24000, WORKERS = 3 };

struct reading {
    struct archive *archive;
    struct store *store;
    struct load *load;
    struct index *index;
};

/* How the records stand in the file. */
enum shape { SHAPE_LIST, SHAPE_LINES };

static void add_record(struct buffer *out, unsigned number)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T%02u:%02u:%02uZ\","
                  "\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":"
                  "\"InitiateAuth\",\"sourceIPAddress\":\"198.51.%u.%u\","
                  "\"requestParameters\":{\"clientId\":\"client%u\"",
                  number / 3600 % 24, number / 60 % 60, number % 60, number % 7, number % 200,
                  number % 1000);
    /* What looks like the begin of a record and is none. */
    if (number % 40 == 7)
        buffer_add_text(out, ",\"list\":[{\"a\":1},{\"eventVersion\":\"1.08\"}]");
    buffer_printf(out,
                  "},\"additionalEventData\":{\"sub\":\"10000000-0000-4000-8000-%012x\"},"
                  "\"eventID\":\"00000000-0000-4000-8000-%012x\"}",
                  number % 5000, number % 20000);
}

static void make_text(struct buffer *out, enum shape shape)
{
    if (shape == SHAPE_LIST)
        buffer_add_text(out, "{\"Records\":[");
    for (unsigned i = 0; i < RECORDS; i++) {
        if (i)
            buffer_add_char(out, shape == SHAPE_LIST ? ',' : '\n');
        add_record(out, i);
    }
    if (shape == SHAPE_LIST)
        buffer_add_text(out, "]}");
}

/* Subscriptions whose streams change now and then; some texts hold two records. */
static void make_subscriptions(struct buffer *out)
{
    for (unsigned i = 0; i < RECORDS; i++) {
        struct buffer text = {0};

        if (i % 50 == 0)
            buffer_printf(out,
                          "%s{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logGroup\":"
                          "\"g\",\"logStream\":\"s%u\",\"logEvents\":[",
                          i ? "]}" : "", i / 4000);
        add_record(&text, i);
        if (i % 3000 == 2999)
            add_record(&text, i + 1);
        buffer_printf(out,
                      "%s{\"id\":\"36840000000000000000000000000000000000000000000000000000\","
                      "\"timestamp\":1772359201000,\"message\":\"",
                      i % 50 ? "," : "");
        for (size_t k = 0; k < text.len; k++) {
            if (text.ptr[k] == '"')
                buffer_add_char(out, '\\');
            buffer_add_char(out, text.ptr[k]);
        }
        buffer_add_text(out, "\"}");
        buffer_deinit(&text);
    }
    buffer_add_text(out, "]}");
}

static struct reading read_text(struct bytes text, unsigned workers)
{
    static const atomic_bool never;
    struct reading r = {.archive = archive_new(), .store = store_new()};
    struct pool *pool = pool_new(workers);

    r.load = load_new(r.archive, r.store, block_default_limits(), NULL);
    archive_add_memory(r.archive, bytes_of("large"), text);
    load_start(r.load, pool, NULL, NULL);
    while (!load_is_finished(r.load)) {
        struct pollfd wake = {.fd = pool_wake_fd(pool), .events = POLLIN};

        (void)poll(&wake, 1, -1);
        (void)pool_drain(pool);
    }
    pool_free(pool);
    r.index = index_build(r.store, store_count(r.store), true, &never);
    assert_non_null(r.index);
    return r;
}

static void reading_deinit(struct reading *r)
{
    index_release(r->index);
    load_free(r->load);
    store_free(r->store);
    archive_free(r->archive);
}

static void assert_same_files(const struct file *a, const struct file *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->events, b->events);
    assert_int_equal(a->rejected, b->rejected);
    assert_int_equal(a->record_bytes, b->record_bytes);
    assert_int_equal(a->wrapper_bytes, b->wrapper_bytes);
    assert_int_equal(a->problem_bytes, b->problem_bytes);
    assert_int_equal(a->bytes, b->bytes);
    assert_int_equal(a->formats, b->formats);
    assert_int_equal(a->first_us, b->first_us);
    assert_int_equal(a->last_us, b->last_us);
    assert_int_equal(a->n_problems, b->n_problems);
    for (size_t i = 0; i < a->n_problems; i++) {
        const struct problem *x = &a->problems[i], *y = &b->problems[i];

        assert_int_equal(x->code, y->code);
        assert_int_equal(x->offset, y->offset);
        assert_int_equal(x->length, y->length);
        assert_int_equal(x->events_kept, y->events_kept);
        assert_true(bytes_equal(x->detail, y->detail));
    }
}

static struct bytes stream_of(const struct store *s, row_id row)
{
    const struct chunk *c = store_chunk(s, row_chunk(row));

    return dictionary_text(store_dictionaries(s)[FIELD_COUNT],
                           (uint32_t)column_get(&c->stream, row_in_chunk(row)));
}

static void assert_same_rows(const struct reading *a, const struct reading *b)
{
    char scratch_a[UNIQUE_TEXT_BYTES], scratch_b[UNIQUE_TEXT_BYTES];

    assert_int_equal(a->index->n_rows, b->index->n_rows);
    assert_int_equal(a->index->n_duplicates, b->index->n_duplicates);
    assert_int_equal(a->index->n_conflicts, b->index->n_conflicts);
    for (uint64_t i = 0; i < a->index->n_rows; i++) {
        row_id x = a->index->order[i], y = b->index->order[i];
        struct row_place at_a = store_place(a->store, x), at_b = store_place(b->store, y);

        assert_int_equal(store_time(a->store, x), store_time(b->store, y));
        assert_int_equal(at_a.offset_bytes, at_b.offset_bytes);
        assert_int_equal(at_a.length_bytes, at_b.length_bytes);
        assert_true(bytes_equal(stream_of(a->store, x), stream_of(b->store, y)));
        assert_int_equal(store_flags(a->store, x), store_flags(b->store, y));
        for (enum field_id f = 0; f < FIELD_COUNT; f++) {
            enum value_state state_a, state_b;
            struct bytes text_a = store_text(a->store, x, f, scratch_a, &state_a);
            struct bytes text_b = store_text(b->store, y, f, scratch_b, &state_b);

            assert_int_equal(state_a, state_b);
            assert_true(bytes_equal(text_a, text_b));
        }
    }
    /* Nothing of a part that did not count is left in a dictionary. */
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        struct dictionary *d = store_dictionaries(a->store)[f];

        if (d)
            assert_int_equal(dictionary_count(d),
                             dictionary_count(store_dictionaries(b->store)[f]));
    }
}

static void assert_same(struct bytes text)
{
    struct reading alone = read_text(text, 1), together = read_text(text, WORKERS);

    assert_same_files(archive_file(alone.archive, 0), archive_file(together.archive, 0));
    assert_same_rows(&alone, &together);
    reading_deinit(&alone);
    reading_deinit(&together);
}

static void sound_text(void **state)
{
    (void)state;
    for (enum shape shape = SHAPE_LIST; shape <= SHAPE_LINES; shape++) {
        struct buffer text = {0};

        make_text(&text, shape);
        assert_true(text.len > 4 * SHARE_PART_BYTES);
        assert_same(buffer_bytes(&text));
        buffer_deinit(&text);
    }
}

/* What is written over the text, anywhere. */
static const char *const FAULTS[] = {
    "\"",
    "}",
    "]}{\"Records\":[",
    "\n",
    "\xff\xfe garbage \x01",
    "{\"foreign\":1},{\"eventVersion\":\"1.08\",\"a\":\"",
};

static void damaged_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(FAULTS) * 2; i++) {
        const char *fault = FAULTS[i / 2];
        struct buffer text = {0};
        size_t step;

        make_text(&text, i % 2 ? SHAPE_LINES : SHAPE_LIST);
        step = text.len / 5 + i * 4093;
        for (size_t at = step; at + strlen(fault) < text.len; at += step)
            memcpy(text.ptr + at, fault, strlen(fault));
        assert_same(buffer_bytes(&text));
        buffer_deinit(&text);
    }
}

static void text_that_is_cut(void **state)
{
    struct buffer text = {0};

    (void)state;
    make_text(&text, SHAPE_LIST);
    for (size_t i = 1; i < 5; i++)
        assert_same(bytes_slice(buffer_bytes(&text), 0, text.len / 6 * (i + 1) - i));
    buffer_deinit(&text);
}

/* A record so long that parts begin within it, at what looks like records and is none: those
 * leave no trace, nor do their words in the dictionaries. */
static void records_within_a_record(void **state)
{
    struct buffer text = {0};

    (void)state;
    make_text(&text, SHAPE_LIST);
    text.len -= strlen("]}");
    buffer_add_text(&text, ",{\"eventVersion\":\"1.08\",\"eventName\":\"Outer\",\"inner\":[");
    for (unsigned i = 0; i < RECORDS / 2; i++) {
        buffer_add_text(&text, i ? "," : "");
        buffer_printf(&text,
                      "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\","
                      "\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":"
                      "\"Phantom%u\",\"padding\":\"%0200u\"}",
                      i, i);
    }
    buffer_add_text(&text, "]}]}");
    assert_same(buffer_bytes(&text));
    buffer_deinit(&text);
}

/* Two logs joined end to end: the wrapper ends and another one begins. */
static void joined_texts(void **state)
{
    struct buffer text = {0};

    (void)state;
    make_text(&text, SHAPE_LIST);
    buffer_add_char(&text, '\n');
    make_text(&text, SHAPE_LIST);
    make_text(&text, SHAPE_LINES);
    assert_same(buffer_bytes(&text));
    buffer_deinit(&text);
}

static void subscriptions(void **state)
{
    struct buffer text = {0};

    (void)state;
    make_subscriptions(&text);
    assert_same(buffer_bytes(&text));
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_text),       cmocka_unit_test(damaged_text),
        cmocka_unit_test(text_that_is_cut), cmocka_unit_test(records_within_a_record),
        cmocka_unit_test(joined_texts),     cmocka_unit_test(subscriptions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
