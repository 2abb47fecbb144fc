/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/hash.h"

#include "core/index/load.h"

struct fixture {
    struct archive *archive;
    struct store *store;
    struct load *load;
    struct pool *pool;
    unsigned done;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->archive = archive_new();
    f->store = store_new();
    f->load = load_new(f->archive, f->store, block_default_limits(), NULL);
    f->pool = pool_new(3);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    pool_free(f->pool);
    load_free(f->load);
    store_free(f->store);
    archive_free(f->archive);
    free(f);
    return 0;
}

static void done(void *context)
{
    struct fixture *f = context;

    f->done++;
}

/* Runs the load to its end the way the program does, looking at the store on the way. */
static void run(struct fixture *f)
{
    load_start(f->load, f->pool, done, f);
    while (!load_is_finished(f->load)) {
        struct pollfd wake = {.fd = pool_wake_fd(f->pool), .events = POLLIN};
        size_t chunks = store_count(f->store);

        for (size_t i = 0; i < chunks; i++) {
            char scratch[UNIQUE_TEXT_BYTES];
            enum value_state text_state;
            row_id last = row_make(i, store_chunk(f->store, i)->n_rows - 1);

            assert_int_equal(
                store_text(f->store, last, FIELD_OPERATION, scratch, &text_state).len,
                strlen("InitiateAuth"));
        }
        (void)poll(&wake, 1, -1);
        (void)pool_drain(f->pool);
    }
    assert_int_equal(f->done, 1);
}

static void add_record(struct buffer *out, unsigned file, unsigned number)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:%02u:%02uZ\","
                  "\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":"
                  "\"InitiateAuth\",\"sourceIPAddress\":\"198.51.100.%u\","
                  "\"eventID\":\"00000000-0000-4000-8000-%04x%08x\"}",
                  number / 60 % 60, number % 60, number % 200, file, number);
}

static void add_file(struct fixture *f, unsigned file, unsigned events, const char *end)
{
    struct buffer text = {0}, name = {0};

    buffer_add_text(&text, "{\"Records\":[");
    for (unsigned i = 0; i < events; i++) {
        if (i)
            buffer_add_char(&text, ',');
        add_record(&text, file, i);
    }
    buffer_add_text(&text, end);
    buffer_printf(&name, "file %04u", file);
    archive_add_memory(f->archive, buffer_bytes(&name), buffer_bytes(&text));
    buffer_deinit(&text);
    buffer_deinit(&name);
}

static void reads_every_file(void **state)
{
    enum { FILES = 40, EVENTS = 300 };
    struct fixture *f = *state;
    struct ledger_totals totals;

    for (unsigned i = 0; i < FILES; i++)
        add_file(f, i, EVENTS + i, "]}");
    assert_false(load_is_finished(f->load));
    run(f);
    assert_int_equal(store_rows(f->store), FILES * EVENTS + FILES * (FILES - 1) / 2);
    archive_totals(f->archive, &totals);
    assert_int_equal(totals.files, FILES);
    assert_int_equal(totals.read, FILES);
    assert_int_equal(totals.events, store_rows(f->store));
    assert_false(ledger_is_partial(&totals));
    assert_false(load_is_cancelled(f->load));
    for (size_t i = 0; i < FILES; i++) {
        const struct file *file = archive_file(f->archive, i);
        unsigned number;

        assert_int_equal(file->formats, 1u << FORMAT_CLOUDTRAIL);
        assert_int_equal(sscanf(file->path.ptr, "file %u", &number), 1);
        assert_int_equal(file->events, EVENTS + number);
        assert_int_equal(file->last_us - file->first_us,
                         (EVENTS + number - 1) * INSTANT_SECOND);
        assert_null(load_map(f->load, (uint32_t)i));
    }
    assert_null(load_map(f->load, FILES));
    assert_int_equal(load_lost_events(f->load) + load_lost_values(f->load), 0);
}

/* Each row leads back to its own record. */
static void knows_where_records_stand(void **state)
{
    enum { FILES = 5, EVENTS = 50 };
    struct fixture *f = *state;
    struct buffer text = {0};
    size_t rows = 0;

    for (unsigned i = 0; i < FILES; i++)
        add_file(f, i, EVENTS, "]}");
    run(f);
    for (size_t chunk = 0; chunk < store_count(f->store); chunk++)
        for (size_t i = 0; i < store_chunk(f->store, chunk)->n_rows; i++, rows++) {
            row_id row = row_make(chunk, i);
            struct row_place place = store_place(f->store, row);
            char scratch[UNIQUE_TEXT_BYTES];
            enum value_state id_state;
            struct bytes id;

            buffer_clear(&text);
            assert_int_equal(block_extract(archive_file(f->archive, place.file), NULL,
                                           place.offset_bytes, place.length_bytes, &text),
                             ERR_OK);
            id = store_text(f->store, row, FIELD_EVENT_ID, scratch, &id_state);
            assert_int_equal(id_state, VALUE_TEXT);
            assert_true(bytes_find(buffer_bytes(&text), id) != SIZE_MAX);
            assert_int_equal(text.ptr[0], '{');
            assert_int_equal(text.ptr[text.len - 1], '}');
        }
    assert_int_equal(rows, FILES * EVENTS);
    buffer_deinit(&text);
}

static void shows_something_before_the_end(void **state)
{
    enum { EVENTS = 20000 };
    struct fixture *f = *state;

    add_file(f, 0, EVENTS, "]}");
    run(f);
    assert_int_equal(store_rows(f->store), EVENTS);
    /* The first 4,096 rows did not wait for the chunk to be full. */
    assert_true(store_count(f->store) >= 2);
    assert_in_range(store_chunk(f->store, 0)->n_rows, 1, 4096);
}

static void tells_what_became_of_each_file(void **state)
{
    struct fixture *f = *state;
    struct ledger_totals totals;

    add_file(f, 0, 10, "]}");
    add_file(f, 1, 10, ",{\"eventVersion\":");
    archive_add_memory(f->archive, bytes_of("file 0002"), bytes_of("just words"));
    archive_add_path(f->archive, bytes_of("/nonexistent/evidence"));
    run(f);
    archive_totals(f->archive, &totals);
    assert_int_equal(store_rows(f->store), 20);
    assert_int_equal(totals.files, 4);
    assert_int_equal(totals.read, 1);
    assert_int_equal(totals.damaged, 1);
    assert_int_equal(totals.skipped, 2);
    assert_true(ledger_is_partial(&totals));
}

static void a_load_stopped_at_once_reads_nothing(void **state)
{
    struct fixture *f = *state;
    struct ledger_totals totals;

    for (unsigned i = 0; i < 5; i++)
        add_file(f, i, 10, "]}");
    load_cancel(f->load);
    run(f);
    assert_true(load_is_cancelled(f->load));
    archive_totals(f->archive, &totals);
    assert_int_equal(totals.waiting, 5);
    assert_int_equal(store_rows(f->store), 0);
    assert_true(ledger_is_partial(&totals));
}

/* Stopped after the first chunk: what was read is kept and agrees with the ledger. */
static void a_stopped_load_keeps_what_it_has(void **state)
{
    enum { FILES = 30, EVENTS = 5000 };
    struct fixture *f = *state;
    struct ledger_totals totals;

    for (unsigned i = 0; i < FILES; i++)
        add_file(f, i, EVENTS, "]}");
    load_start(f->load, f->pool, done, f);
    while (!load_is_finished(f->load)) {
        struct pollfd wake = {.fd = pool_wake_fd(f->pool), .events = POLLIN};

        (void)poll(&wake, 1, -1);
        if (store_count(f->store))
            load_cancel(f->load);
        (void)pool_drain(f->pool);
    }
    archive_totals(f->archive, &totals);
    assert_int_equal(totals.events, store_rows(f->store));
    assert_int_equal(totals.read + totals.stopped + totals.waiting, FILES);
    for (size_t i = 0; i < archive_count(f->archive); i++) {
        const struct file *file = archive_file(f->archive, i);

        if (file->status == FILE_STOPPED)
            assert_int_equal(file->problems[0].code, ERR_CANCELLED);
    }
}

struct scribbler {
    int fd;
    atomic_bool enough;
};

static void *scribble(void *arg)
{
    struct scribbler *s = arg;

    while (!atomic_load(&s->enough))
        if (write(s->fd, "\n", 1) != 1)
            break;
    return NULL;
}

/* Whether one reading meets a write is chance; it is tried until one does. */
static void a_file_that_changes_is_named(void **state)
{
    char path[] = "/tmp/cogtrail-load-XXXXXX";
    struct scribbler s = {.fd = mkstemp(path)};
    struct buffer text = {0};
    pthread_t thread;
    bool seen = false;

    (void)state;
    assert_true(s.fd >= 0);
    for (unsigned i = 0; i < 2000; i++) {
        add_record(&text, 0, i);
        buffer_add_char(&text, '\n');
    }
    assert_int_equal(write(s.fd, text.ptr, text.len), text.len);
    buffer_deinit(&text);
    assert_int_equal(pthread_create(&thread, NULL, scribble, &s), 0);
    for (unsigned try = 0; !seen && try < 1000; try++) {
        struct fixture *f;
        void *fixture;

        (void)setup(&fixture);
        f = fixture;
        archive_add_path(f->archive, bytes_of(path));
        run(f);
        for (size_t i = 0; i < archive_file(f->archive, 0)->n_problems; i++)
            seen |= archive_file(f->archive, 0)->problems[i].code == ERR_CHANGED;
        if (seen)
            assert_int_equal(archive_file(f->archive, 0)->status, FILE_DAMAGED);
        (void)teardown(&fixture);
    }
    atomic_store(&s.enough, true);
    (void)pthread_join(thread, NULL);
    (void)close(s.fd);
    (void)unlink(path);
    assert_true(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_every_file, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_where_records_stand, setup, teardown),
        cmocka_unit_test_setup_teardown(shows_something_before_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_what_became_of_each_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_load_stopped_at_once_reads_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stopped_load_keeps_what_it_has, setup, teardown),
        cmocka_unit_test(a_file_that_changes_is_named),
    };

    hash_seed();
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
