// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "tests/unit/world.h"

#include "core/base/mem.h"

struct world *world_of(const char *const *names, const struct bytes *contents, size_t count)
{
    struct world *w = mem_alloc(sizeof *w);
    atomic_bool cancelled = false;

    w->archive = archive_new();
    for (size_t i = 0; i < count; i++)
        archive_add_memory(w->archive, bytes_of(names[i]), contents[i]);
    w->store = store_new();
    w->pool = pool_new(2);
    w->load = load_new(w->archive, w->store, block_default_limits(), NULL);
    load_start(w->load, w->pool, NULL, NULL);
    while (!load_is_finished(w->load))
        (void)pool_drain(w->pool);
    w->recall = recall_new(64 << 20);
    w->index = index_build(w->store, store_count(w->store), true, &cancelled);
    return w;
}

struct world *world_new(const char *name, struct bytes content)
{
    return world_of(&name, &content, 1);
}

void world_free(struct world *w)
{
    index_release(w->index);
    pool_free(w->pool);
    recall_free(w->recall);
    load_free(w->load);
    store_free(w->store);
    archive_free(w->archive);
    mem_free(w);
}

static void expect_same(const struct table *a, const struct table *b)
{
    assert_int_equal(a->n_columns, b->n_columns);
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_matching, b->n_matching);
    assert_int_equal(a->n_unknown, b->n_unknown);
    assert_int_equal(a->n_undecided, b->n_undecided);
    assert_int_equal(a->n_notices, b->n_notices);
    for (size_t i = 0; i < a->n_rows * a->n_columns; i++) {
        assert_int_equal(a->cells[i].present, b->cells[i].present);
        assert_true(bytes_equal(a->cells[i].text, b->cells[i].text));
    }
}

/* Twice: the second answer comes from what the first one kept. */
struct table *ask(struct world *w, const char *text, struct buffer *message)
{
    struct query_options o = {.last_event_us = INSTANT_NONE};
    struct table_source source = {
        .index = w->index, .archive = w->archive, .load = w->load, .recall = w->recall};
    struct query *q = NULL;
    struct query_error e;
    struct table *t = NULL, *first = NULL;

    if (!instant_parse(bytes_of("2025-03-01T11:00:00Z"), &o.now_us))
        return NULL;
    if (query_parse(bytes_of(text), &o, &q, &e) != ERR_OK ||
        table_run(q, &source, w->pool, true, &first, &e) != ERR_OK ||
        table_run(q, &source, w->pool, true, &t, &e) != ERR_OK)
        buffer_add(message, buffer_bytes(&e.message));
    else
        expect_same(first, t);
    table_free(first);
    query_error_deinit(&e);
    query_free(q);
    return t;
}

void expect(struct world *w, const char *query, const char *wanted)
{
    struct buffer text = {0}, message = {0};
    struct table *t = ask(w, query, &message);

    if (!t)
        fail_msg("%s: %s", query, buffer_cstr(&message));
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t j = 0; j < t->n_columns; j++) {
            const struct cell *c = &t->cells[i * t->n_columns + j];

            buffer_add_text(&text, j ? "," : i ? "|" : "");
            if (c->present)
                buffer_add(&text, c->text);
            else
                buffer_add_char(&text, '-');
        }
    }
    if (!bytes_are(buffer_bytes(&text), wanted))
        fail_msg("%s:\n  gives    %s\n  expected %s", query, buffer_cstr(&text), wanted);
    buffer_deinit(&text);
    buffer_deinit(&message);
    table_free(t);
}

bool has_notice(const struct table *t, const char *part)
{
    for (size_t i = 0; i < t->n_notices; i++) {
        if (bytes_find(t->notices[i], bytes_of(part)) != SIZE_MAX)
            return true;
    }
    return false;
}

void expect_refused(struct world *w, const char *query, const char *words)
{
    struct buffer message = {0};
    struct table *t = ask(w, query, &message);

    if (t)
        fail_msg("accepted: %s", query);
    if (bytes_find(buffer_bytes(&message), bytes_of(words)) == SIZE_MAX)
        fail_msg("%s:\n  says     %s\n  expected %s", query, buffer_cstr(&message), words);
    buffer_deinit(&message);
}

void expect_notice(struct world *w, const char *query, const char *words)
{
    struct buffer message = {0};
    struct table *t = ask(w, query, &message);

    if (!t)
        fail_msg("%s: %s", query, buffer_cstr(&message));
    if (!has_notice(t, words)) {
        for (size_t i = 0; i < t->n_notices; i++)
            print_message("  %.*s\n", (int)t->notices[i].len, t->notices[i].ptr);
        fail_msg("%s: no notice says %s", query, words);
    }
    table_free(t);
    buffer_deinit(&message);
}
