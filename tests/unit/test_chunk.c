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

#include "core/base/hash.h"
#include "core/base/pool.h"

#include "core/index/store.h"

static const char UUID[] = "6f1ed002-ab5f-4c2d-9c35-0123456789ef";

static struct event event_at(int64_t time_us)
{
    struct event e = {.time_us = time_us};

    e.format = FORMAT_CLOUDTRAIL;
    e.stage = STAGE_SIGN_IN;
    e.outcome = OUTCOME_FAILURE;
    e.reason = REASON_WRONG_PASSWORD;
    return e;
}

static void set(struct event *e, enum field_id field, struct bytes text)
{
    e->values[field] = (struct value){.text = text, .state = VALUE_TEXT};
}

struct fixture {
    struct store *store;
    struct chunk_builder *builder;
};

static int setup(void **state)
{
    struct fixture *f = malloc(sizeof *f);

    f->store = store_new();
    f->builder = chunk_builder_new(store_dictionaries(f->store));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    chunk_builder_free(f->builder);
    store_free(f->store);
    free(f);
    return 0;
}

static void publish(struct fixture *f)
{
    assert_true(store_publish(f->store, chunk_builder_finish(f->builder)));
}

static void expect(struct fixture *f, row_id row, enum field_id field, struct bytes want)
{
    char scratch[UNIQUE_TEXT_BYTES];
    enum value_state got_state;
    struct bytes got = store_text(f->store, row, field, scratch, &got_state);

    assert_int_equal(got_state, VALUE_TEXT);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
}

static void nothing_makes_no_chunk(void **state)
{
    struct fixture *f = *state;

    assert_null(chunk_builder_finish(f->builder));
}

static void keeps_an_event(void **state)
{
    struct fixture *f = *state;
    struct event e = event_at(1700000000000000);
    struct row_place place;

    set(&e, FIELD_IP, bytes_of("203.0.113.7"));
    set(&e, FIELD_EVENT_ID, bytes_of(UUID));
    e.flags = EVENT_TWO_TIMES;
    chunk_builder_add(f->builder, &e, 7, UINT64_C(5000000000), 1371);
    assert_int_equal(chunk_builder_rows(f->builder), 1);
    publish(f);
    assert_int_equal(chunk_builder_rows(f->builder), 0);
    assert_int_equal(store_count(f->store), 1);
    assert_int_equal(store_rows(f->store), 1);
    assert_int_equal(store_time(f->store, 0), 1700000000000000);
    place = store_place(f->store, 0);
    assert_int_equal(place.file, 7);
    assert_int_equal(place.offset_bytes, UINT64_C(5000000000));
    assert_int_equal(place.length_bytes, 1371);
    assert_int_equal(column_get(&store_chunk(f->store, 0)->flags, 0), EVENT_TWO_TIMES);
    expect(f, 0, FIELD_IP, bytes_of("203.0.113.7"));
    expect(f, 0, FIELD_EVENT_ID, bytes_of(UUID));
    expect(f, 0, FIELD_STAGE, bytes_of("sign-in"));
    expect(f, 0, FIELD_OUTCOME, bytes_of("failure"));
    expect(f, 0, FIELD_REASON, bytes_of("wrong-password"));
    expect(f, 0, FIELD_FORMAT, bytes_of("cloudtrail"));
}

static void tells_states_apart(void **state)
{
    static const enum field_id fields[] = {FIELD_IP, FIELD_EVENT_ID, FIELD_USER};
    struct fixture *f = *state;
    char scratch[UNIQUE_TEXT_BYTES];

    for (uint8_t s = VALUE_ABSENT; s < VALUE_TEXT; s++) {
        struct event e = event_at(0);

        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            e.values[fields[i]].state = s;
        chunk_builder_add(f->builder, &e, 0, s, 1);
    }
    publish(f);
    for (row_id row = 0; row < VALUE_TEXT; row++)
        for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
            enum value_state got;

            assert_int_equal(store_text(f->store, row, fields[i], scratch, &got).len, 0);
            assert_int_equal(got, row);
        }
}

static void an_all_equal_column_has_no_width(void **state)
{
    struct fixture *f = *state;
    const struct chunk *c;

    for (unsigned i = 0; i < 1000; i++) {
        struct event e = event_at(42);

        set(&e, FIELD_REGION, bytes_of("eu-central-1"));
        chunk_builder_add(f->builder, &e, 3, i, 10);
    }
    publish(f);
    c = store_chunk(f->store, 0);
    assert_int_equal(c->ids[FIELD_REGION].width, 0);
    assert_int_equal(c->ids[FIELD_USER].width, 0);
    assert_int_equal(c->time.width, 0);
    assert_int_equal(c->file.width, 0);
    assert_int_equal(c->length.width, 0);
    assert_int_equal(c->offset.width, 2);
    assert_in_range(chunk_bytes(c), 2000, 2100 + sizeof *c);
    expect(f, 999, FIELD_REGION, bytes_of("eu-central-1"));
}

/* One step below and above the last value of each width. */
static void widths_fit_their_values(void **state)
{
    static const struct {
        uint64_t span;
        unsigned width;
    } cases[] = {
        {0,                 0},
        {1,                 1},
        {255,               1},
        {256,               2},
        {65535,             2},
        {65536,             4},
        {UINT32_MAX,        4},
        {UINT64_C(1) << 32, 8},
        {UINT64_C(1) << 62, 8}
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct chunk *c;
        struct event e = event_at(-5);

        chunk_builder_add(f->builder, &e, 0, 1000, 1);
        e.time_us += (int64_t)cases[i].span;
        chunk_builder_add(f->builder, &e, 0, 1000 + cases[i].span, 1);
        publish(f);
        c = store_chunk(f->store, i);
        assert_int_equal(c->offset.width, cases[i].width);
        assert_int_equal(c->time.width, cases[i].width);
        assert_int_equal(store_place(f->store, row_make(i, 0)).offset_bytes, 1000);
        assert_int_equal(store_place(f->store, row_make(i, 1)).offset_bytes,
                         1000 + cases[i].span);
        assert_int_equal(store_time(f->store, row_make(i, 0)), -5);
        assert_int_equal(store_time(f->store, row_make(i, 1)), -5 + (int64_t)cases[i].span);
    }
}

static void rows_without_a_time(void **state)
{
    static const int64_t times[] = {INSTANT_NONE, -1, 255 - 1, INSTANT_NONE};
    struct fixture *f = *state;
    const struct chunk *c;

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct event e = event_at(times[i]);

        chunk_builder_add(f->builder, &e, 0, i, 1);
    }
    publish(f);
    c = store_chunk(f->store, 0);
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        assert_int_equal(chunk_time(c, i), times[i]);
    assert_int_equal(c->first_us, -1);
    assert_int_equal(c->last_us, 254);
    for (size_t i = 0; i < 3; i++) {
        struct event e = event_at(INSTANT_NONE);

        chunk_builder_add(f->builder, &e, 0, i, 1);
    }
    publish(f);
    c = store_chunk(f->store, 1);
    assert_int_equal(chunk_time(c, 2), INSTANT_NONE);
    assert_true(c->first_us > c->last_us);
}

static void only_canonical_uuids_are_packed(void **state)
{
    static const char *const texts[] = {
        "6f1ed002-ab5f-4c2d-9c35-0123456789ef",    "6F1ED002-AB5F-4C2D-9C35-0123456789EF",
        "6f1ed002-ab5f-4c2d-9c35-0123456789eg",    "6f1ed002ab5f4c2d9c350123456789ef",
        "6f1ed002-ab5f-4c2d-9c35-0123456789e",     "{f1ed002-ab5f-4c2d-9c35-0123456789e}",
        "6f1ed002-ab5f-4c2d-9c3500123456789ef",    "6f1ed002-ab5f-4c2d-9c35-0123456789ef0",
        "6f1ed002-ab5f-4c2d-9c35-0123456789e\xff", "6f1ed002-ab5f-4c2d-9c35-01234567-9ef",
        "00000000-0000-0000-0000-000000000000",    "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "1-5759e988-bd862e3fe1be46a994272793",     "x"};
    struct fixture *f = *state;
    struct unique u;
    size_t n_packed = 0;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct event e = event_at(0);

        set(&e, FIELD_REQUEST_ID, bytes_of(texts[i]));
        chunk_builder_add(f->builder, &e, 0, i, 1);
        n_packed += unique_parse(bytes_of(texts[i]), &u);
    }
    publish(f);
    assert_int_equal(n_packed, 3);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        expect(f, (row_id)i, FIELD_REQUEST_ID, bytes_of(texts[i]));
}

static struct bytes make_uuid(char *out, unsigned number)
{
    int len = snprintf(out, 40, "%08x-1234-5678-9abc-def0%08x", number * 2654435761u, number);

    return bytes_make(out, (size_t)len);
}

/* The same with few, half and all rows holding a UUID. */
static void uuids_are_found_by_row(void **state)
{
    static const unsigned every[] = {1, 2, 3, 7, 100, 999};
    enum { ROWS = 1000 };
    struct fixture *f = *state;
    char text[40];

    for (size_t i = 0; i < ARRAY_LEN(every); i++) {
        for (unsigned row = 0; row < ROWS; row++) {
            struct event e = event_at(0);

            if (row % every[i] == 0)
                set(&e, FIELD_SHARED_ID, make_uuid(text, row));
            else if (row % 5 == 0)
                set(&e, FIELD_SHARED_ID, bytes_of("another"));
            chunk_builder_add(f->builder, &e, 0, row, 1);
        }
        publish(f);
        for (unsigned row = 0; row < ROWS; row++)
            if (row % every[i] == 0)
                expect(f, row_make(i, row), FIELD_SHARED_ID, make_uuid(text, row));
            else if (row % 5 == 0)
                expect(f, row_make(i, row), FIELD_SHARED_ID, bytes_of("another"));
    }
    assert_null(store_chunk(f->store, 0)->uniques[FIELD_SHARED_ID].bits);
    /* 10 UUIDs and where they are cost little. */
    assert_non_null(store_chunk(f->store, 4)->uniques[FIELD_SHARED_ID].bits);
    assert_in_range(chunk_bytes(store_chunk(f->store, 4)), 1000,
                    sizeof(struct chunk) + ROWS * 3 + 800);
}

/* Random texts with repeats over several chunks of all sizes, against what was put in. */
static void keeps_many_events(void **state)
{
    enum { FIELDS = 4, CHUNKS = 3, DISTINCT = 70000 };
    static const enum field_id fields[FIELDS] = {FIELD_IP, FIELD_USER, FIELD_AGENT,
                                                 FIELD_REQUEST_ID};
    static const unsigned distinct[FIELDS] = {3, 300, DISTINCT, DISTINCT};
    static const unsigned rows[CHUNKS] = {CHUNK_ROWS, 1, 5000};
    struct fixture *f = *state;
    unsigned random = 1;
    char text[FIELDS][40];

    for (unsigned pass = 0; pass < 2; pass++) {
        random = 1;
        for (size_t chunk = 0; chunk < CHUNKS; chunk++) {
            for (unsigned row = 0; row < rows[chunk]; row++) {
                struct event e = event_at(row);

                for (size_t i = 0; i < FIELDS; i++) {
                    int len;

                    random = random * 1664525 + 1013904223;
                    len = snprintf(text[i], sizeof text[i], "value %u",
                                   (random >> 8) % distinct[i]);
                    if (pass)
                        expect(f, row_make(chunk, row), fields[i],
                               bytes_make(text[i], (size_t)len));
                    else
                        set(&e, fields[i], bytes_make(text[i], (size_t)len));
                }
                if (!pass)
                    chunk_builder_add(f->builder, &e, 0, row, 1);
            }
            if (!pass)
                publish(f);
        }
    }
    assert_int_equal(dictionary_count(store_dictionaries(f->store)[FIELD_USER]),
                     DICTIONARY_FIRST_TEXT + 300);
    assert_int_equal(store_rows(f->store), CHUNK_ROWS + 5001);
    assert_true(store_bytes(f->store) > (CHUNK_ROWS + 5001) * 10);
}

/* As many different texts as rows: more than 16 bits tell apart beside the states. */
static void every_row_has_its_own_text(void **state)
{
    struct fixture *f = *state;
    char text[40];

    for (unsigned chunk = 0; chunk < 2; chunk++) {
        for (unsigned row = 0; row < CHUNK_ROWS; row++) {
            struct event e = event_at(row);
            int len = snprintf(text, sizeof text, "%u", chunk * CHUNK_ROWS + row);

            set(&e, FIELD_ACCESS_KEY, bytes_make(text, (size_t)len));
            set(&e, FIELD_REQUEST_ID, bytes_make(text, (size_t)len));
            chunk_builder_add(f->builder, &e, 0, row, 1);
        }
        publish(f);
    }
    for (unsigned row = 0; row < 2 * CHUNK_ROWS; row++) {
        int len = snprintf(text, sizeof text, "%u", row);

        expect(f, row, FIELD_ACCESS_KEY, bytes_make(text, (size_t)len));
        expect(f, row, FIELD_REQUEST_ID, bytes_make(text, (size_t)len));
    }
}

enum { PARALLEL_CHUNKS = 60, PARALLEL_ROWS = 500 };

struct shared {
    struct job job;
    struct store *store;
    _Atomic unsigned next;
    _Atomic unsigned wrong;
};

static struct bytes name_of(char *out, uint32_t file, uint64_t offset)
{
    int len = snprintf(out, 40, "user %u", (unsigned)(file * 31 + offset) % 700);

    return bytes_make(out, (size_t)len);
}

static void check_chunk(struct shared *s, size_t number)
{
    char want[40], scratch[UNIQUE_TEXT_BYTES];

    for (size_t i = 0; i < store_chunk(s->store, number)->n_rows; i++) {
        row_id row = row_make(number, i);
        struct row_place place = store_place(s->store, row);
        enum value_state text_state;
        struct bytes got = store_text(s->store, row, FIELD_USER, scratch, &text_state);

        if (!bytes_equal(got, name_of(want, place.file, place.offset_bytes)))
            atomic_fetch_add(&s->wrong, 1);
    }
}

/* Workers publish and read what others published, without a lock between them. */
static void work(struct job *job, unsigned worker)
{
    struct shared *s = (struct shared *)job;
    struct chunk_builder *b = chunk_builder_new(store_dictionaries(s->store));
    unsigned file;

    (void)worker;
    while ((file = atomic_fetch_add(&s->next, 1)) < PARALLEL_CHUNKS) {
        for (unsigned offset = 0; offset < PARALLEL_ROWS; offset++) {
            struct event e = event_at(offset);
            char text[40];

            set(&e, FIELD_USER, name_of(text, file, offset));
            chunk_builder_add(b, &e, file, offset, 1);
        }
        if (!store_publish(s->store, chunk_builder_finish(b)))
            atomic_fetch_add(&s->wrong, 1);
        check_chunk(s, store_count(s->store) - 1);
    }
    chunk_builder_free(b);
}

static void workers_publish_side_by_side(void **state)
{
    struct fixture *f = *state;
    struct pool *p = pool_new(4);
    struct shared s = {.job = {.run = work}, .store = f->store};
    bool seen[PARALLEL_CHUNKS] = {false};

    pool_start(p, &s.job);
    pool_wait(p, &s.job);
    assert_int_equal(s.wrong, 0);
    assert_int_equal(store_count(f->store), PARALLEL_CHUNKS);
    assert_int_equal(store_rows(f->store), PARALLEL_CHUNKS * PARALLEL_ROWS);
    for (size_t i = 0; i < PARALLEL_CHUNKS; i++) {
        uint32_t file = store_place(f->store, row_make(i, 0)).file;

        check_chunk(&s, i);
        assert_false(seen[file]);
        seen[file] = true;
    }
    assert_int_equal(s.wrong, 0);
    assert_int_equal(dictionary_count(store_dictionaries(f->store)[FIELD_USER]),
                     DICTIONARY_FIRST_TEXT + 700);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_makes_no_chunk, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_an_event, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_states_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(an_all_equal_column_has_no_width, setup, teardown),
        cmocka_unit_test_setup_teardown(widths_fit_their_values, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_without_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(only_canonical_uuids_are_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(uuids_are_found_by_row, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_many_events, setup, teardown),
        cmocka_unit_test_setup_teardown(every_row_has_its_own_text, setup, teardown),
        cmocka_unit_test_setup_teardown(workers_publish_side_by_side, setup, teardown),
    };

    hash_seed();
    return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
