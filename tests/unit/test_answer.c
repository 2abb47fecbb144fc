/* Whole queries against a plain evaluator of their own grammar: random queries over random
 * events. COGTRAIL_QUERIES in the environment sets how many (100000 for a long run),
 * COGTRAIL_QUERIES_FROM the number of the first. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/table.h"

#include "tests/unit/answer.h"

enum { PER_CHUNK = 60, QUERIES = 3000 };

static const enum field_id fields[FIELDS] = {FIELD_SUB, FIELD_USER, FIELD_ERROR, FIELD_STATUS};

static const char masked[] = "HIDDEN_DUE_TO_SECURITY_REASONS";

struct fixture {
    struct archive *archive;
    struct store *store;
    struct pool *pool;
    struct index *index;
    struct plain_event events[EVENTS];
};

static int compare_events(const void *pa, const void *pb)
{
    const struct plain_event *a = pa, *b = pb;
    bool no_a = a->time_us == INSTANT_NONE, no_b = b->time_us == INSTANT_NONE;

    if (no_a != no_b)
        return no_a ? 1 : -1;
    return (a->time_us > b->time_us) - (a->time_us < b->time_us);
}

/* Events stand in the store by time, so that their numbers are those of the plain list. */
static void fill(struct fixture *f, uint64_t *r)
{
    struct chunk_builder *b = chunk_builder_new(store_dictionaries(f->store));
    bool mixed = draw(r, 2);

    for (size_t i = 0; i < EVENTS; i++)
        f->events[i].time_us =
            draw(r, 12) ? (int64_t)(100 + i) * 7 * INSTANT_SECOND : INSTANT_NONE;
    qsort(f->events, EVENTS, sizeof f->events[0], compare_events);
    for (size_t i = 0; i < EVENTS; i++) {
        struct event e = {.time_us = f->events[i].time_us};

        /* A native name says nothing about events of other formats. */
        e.format = mixed && draw(r, 3) == 0 ? FORMAT_USER_ACTIVITY : FORMAT_CLOUDTRAIL;
        e.values[FIELD_FORMAT] = (struct value){bytes_of(format_name(e.format)), VALUE_TEXT, 0};

        for (size_t k = 0; k < FIELDS; k++) {
            unsigned v = draw(r, VALUE_TEXT + 12);

            f->events[i].values[k] = v == VALUE_EMPTY      ? ""
                                     : v == VALUE_REDACTED ? masked
                                     : v < VALUE_TEXT      ? NULL
                                                           : pool_text(draw(r, pool_count()));
            e.values[fields[k]].state = (uint8_t)(v < VALUE_TEXT ? v : VALUE_TEXT);
            if (v >= VALUE_TEXT)
                e.values[fields[k]].text = bytes_of(f->events[i].values[k]);
            if (fields[k] == FIELD_ERROR && e.format != FORMAT_CLOUDTRAIL)
                f->events[i].values[k] = NULL;
        }
        chunk_builder_add(b, &e, 0, i * 100, 100);
        if ((i + 1) % PER_CHUNK == 0 || i + 1 == EVENTS)
            assert_true(store_publish(f->store, chunk_builder_finish(b)));
    }
    chunk_builder_free(b);
}

static struct fixture *fixture_new(uint64_t *r)
{
    struct fixture *f = mem_alloc(sizeof *f);
    atomic_bool cancelled = false;

    f->archive = archive_new();
    f->store = store_new();
    f->pool = pool_new(3);
    fill(f, r);
    f->index = index_build(f->store, store_count(f->store), true, &cancelled);
    return f;
}

static void fixture_free(struct fixture *f)
{
    index_release(f->index);
    pool_free(f->pool);
    store_free(f->store);
    archive_free(f->archive);
    mem_free(f);
}

static void check_cells(const struct table *t, const struct plain_table *wanted,
                        const char *text)
{
    if (t->n_rows != wanted->n_rows || t->n_columns != wanted->n_columns)
        fail_msg("%s:\n  %zu rows instead of %zu", text, t->n_rows, wanted->n_rows);
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t k = 0; k < t->n_columns; k++) {
            const struct cell *cell = &t->cells[i * t->n_columns + k];
            const struct val *v = &wanted->rows[i].cells[k];
            char shown[TEXT_BYTES];

            show(v, shown);
            if (cell->present != (v->kind != NONE) ||
                (cell->present && !bytes_are(cell->text, shown)))
                fail_msg("%s:\n  row %zu, c%zu: %.*s%s instead of %s%s", text, i, k,
                         (int)cell->text.len, cell->text.len ? cell->text.ptr : "",
                         cell->present ? "" : "(missing)", shown,
                         v->kind == NONE ? "(missing)" : "");
        }
    }
}

static void check_query(struct fixture *f, uint64_t r, struct plain_query *q,
                        struct plain_table *wanted)
{
    struct query_options options = {.now_us = 0, .last_event_us = INSTANT_NONE};
    struct table_source source = {.index = f->index, .archive = f->archive};
    struct buffer text = {0};
    struct query_error error = {0};
    struct query *parsed = NULL;
    struct table *t = NULL;

    plain_make(q, r);
    plain_write(&text, q);
    plain_run(q, f->events, wanted);
    if (query_parse(buffer_bytes(&text), &options, &parsed, &error) != ERR_OK ||
        table_run(parsed, &source, f->pool, true, &t, &error) != ERR_OK)
        fail_msg("%s: %s", buffer_cstr(&text), buffer_cstr(&error.message));
    check_cells(t, wanted, buffer_cstr(&text));
    table_free(t);
    query_free(parsed);
    buffer_deinit(&text);
}

static void test_whole_queries_agree_with_a_plain_evaluator(void **state)
{
    const char *wish = getenv("COGTRAIL_QUERIES");
    long count = wish ? strtol(wish, NULL, 10) : QUERIES;
    const char *first = getenv("COGTRAIL_QUERIES_FROM");
    struct plain_query *q = plain_new();
    struct plain_table wanted = {.rows = mem_array(EVENTS * 4 + 1, sizeof *wanted.rows)};
    struct fixture *f = NULL;
    uint64_t r = first ? strtoull(first, NULL, 10) : 1;

    (void)state;
    for (long i = 0; i < count; i++) {
        if (i % 500 == 0) {
            if (f)
                fixture_free(f);
            f = fixture_new(&r);
        }
        (void)draw(&r, 2);
        check_query(f, r, q, &wanted);
    }
    if (f)
        fixture_free(f);
    plain_free(q);
    mem_free(wanted.rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_queries_agree_with_a_plain_evaluator),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
