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

#include "core/asking/counts.h"
#include "core/asking/stats.h"

/* The fields that rows have values in. A value is a number: below VALUE_TEXT a state, above
 * that a text made from it. */
static const enum field_id FIELDS[] = {FIELD_USER, FIELD_IP, FIELD_REQUEST_ID, FIELD_EVENT_ID};

enum { N_FIELDS = ARRAY_LEN(FIELDS) };

struct source {
    unsigned values[N_FIELDS];
    unsigned outcome;
    int64_t time_us;
    bool selected;
};

struct fixture {
    struct source *rows;
    size_t n_rows, rows_per_chunk;
    struct store *store;
    struct index index;
    uint64_t **bits;
    struct selection selection;
};

struct random {
    uint64_t state;
};

static unsigned draw(struct random *r, unsigned below)
{
    r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(r->state >> 33) % below;
}

/* The text of a value; in UNIQUE fields odd ones are no UUIDs. */
static struct bytes text_of(unsigned field, unsigned value, char scratch[64])
{
    if (value < VALUE_TEXT)
        return bytes_make("", 0);
    if (field < 2)
        (void)snprintf(scratch, 64, "text %u", value);
    else if (value % 2 == 1)
        (void)snprintf(scratch, 64, "id %u", value);
    else
        (void)snprintf(scratch, 64, "00000000-0000-4000-8000-%012u", value);
    return bytes_of(scratch);
}

static void add_event(struct chunk_builder *b, const struct source *row)
{
    struct event e = {.time_us = row->time_us, .outcome = (enum outcome)row->outcome};
    char scratch[N_FIELDS][64];

    for (unsigned f = 0; f < N_FIELDS; f++) {
        unsigned value = row->values[f];

        e.values[FIELDS[f]].state = (uint8_t)(value < VALUE_TEXT ? value : VALUE_TEXT);
        e.values[FIELDS[f]].text = text_of(f, value, scratch[f]);
    }
    e.values[FIELD_OUTCOME] = (struct value){
        .text = bytes_of(outcome_name((enum outcome)row->outcome)), .state = VALUE_TEXT};
    chunk_builder_add(b, &e, 0, 0, 1);
}

static void select_rows(struct fixture *f)
{
    struct selection *s = &f->selection;

    s->index = &f->index;
    s->uses = 1;
    s->first_us = s->last_us = INSTANT_NONE;
    f->bits = calloc(f->index.n_chunks + 1, sizeof *f->bits);
    for (size_t i = 0; i < f->index.n_chunks; i++)
        f->bits[i] = calloc(CHUNK_ROWS / 64, sizeof **f->bits);
    s->bits = f->bits;
    for (size_t i = 0; i < f->n_rows; i++) {
        const struct source *row = &f->rows[i];
        size_t at = i % f->rows_per_chunk;

        if (!row->selected)
            continue;
        f->bits[i / f->rows_per_chunk][at / 64] |= UINT64_C(1) << at % 64;
        s->n_rows++;
        s->outcomes[row->outcome]++;
        if (row->time_us == INSTANT_NONE)
            continue;
        if (s->first_us == INSTANT_NONE || row->time_us < s->first_us)
            s->first_us = row->time_us;
        if (row->time_us > s->last_us)
            s->last_us = row->time_us;
    }
}

/* `variety`: how many values each field has. `share`: of ten rows so many are selected. */
/* The first rows are three years before the others, then come some three years behind them. */
static void make_with_far(struct fixture *f, size_t n_rows, size_t rows_per_chunk,
                          unsigned variety, unsigned share, size_t before, size_t after)
{
    struct random r = {n_rows * 31 + variety};
    struct chunk_builder *b;

    *f = (struct fixture){.n_rows = n_rows, .rows_per_chunk = rows_per_chunk};
    f->rows = calloc(n_rows + 1, sizeof *f->rows);
    f->store = store_new();
    b = chunk_builder_new(store_dictionaries(f->store));
    for (size_t i = 0; i < n_rows; i++) {
        struct source *row = &f->rows[i];

        for (unsigned k = 0; k < N_FIELDS; k++)
            row->values[k] = draw(&r, variety);
        row->outcome = draw(&r, OUTCOME_COUNT);
        row->time_us = draw(&r, 50) == 0
                           ? INSTANT_NONE
                           : INT64_C(1767225600000000) + draw(&r, 1000000000) * INT64_C(977);
        row->selected = draw(&r, 10) < share;
        if (i < before + after) {
            row->time_us =
                INT64_C(1767225600000000) + (i < before ? -1 : 1) * 1000 * INSTANT_DAY;
            row->selected = true;
        }
        add_event(b, row);
        if ((i + 1) % rows_per_chunk == 0 || i + 1 == n_rows)
            assert_true(store_publish(f->store, chunk_builder_finish(b)));
    }
    chunk_builder_free(b);
    f->index = (struct index){
        .store = f->store, .n_chunks = store_count(f->store), .n_rows = n_rows, .uses = 1};
    select_rows(f);
}

static void make(struct fixture *f, size_t n_rows, size_t rows_per_chunk, unsigned variety,
                 unsigned share)
{
    make_with_far(f, n_rows, rows_per_chunk, variety, share, 0, 0);
}

static int compare_rows(const void *left, const void *right, void *context)
{
    return index_compare(context, *(const row_id *)left, *(const row_id *)right);
}

/* The selected rows in the order of time; free() them. */
static row_id *order_rows(struct fixture *f)
{
    row_id *rows = calloc(f->n_rows + 1, sizeof *rows);
    size_t n = 0;

    for (size_t i = 0; i < f->n_rows; i++)
        if (f->rows[i].selected)
            rows[n++] = row_make(i / f->rows_per_chunk, i % f->rows_per_chunk);
    qsort_r(rows, n, sizeof *rows, compare_rows, f->store);
    f->selection.rows = rows;
    return rows;
}

static void unmake(struct fixture *f)
{
    assert_int_equal(f->selection.uses, 1);
    for (size_t i = 0; i < f->index.n_chunks; i++)
        free(f->bits[i]);
    free(f->bits);
    free(f->rows);
    store_free(f->store);
}

/* Position in FIELDS. */
static unsigned place_of(enum field_id field)
{
    for (unsigned k = 0; k < N_FIELDS; k++) {
        if (FIELDS[k] == field)
            return k;
    }
    fail();
    return 0;
}

static unsigned value_of(const struct group_key *key, unsigned field, unsigned variety)
{
    char scratch[64];

    if (key->state < VALUE_TEXT)
        return key->state;
    for (unsigned v = VALUE_TEXT; v < variety; v++) {
        if (bytes_equal(key->text, text_of(field, v, scratch)))
            return v;
    }
    fail();
    return 0;
}

/* Counts the rows of one group one by one and compares. */
static void check_group(const struct fixture *f, const struct grouping *g, size_t at,
                        unsigned variety, bool with_spark)
{
    const struct group *group = &g->groups[at];
    struct group wanted = {.first_us = INSTANT_NONE, .last_us = INSTANT_NONE};
    uint32_t spark[STATS_SPARK_BINS] = {0}, failures[STATS_SPARK_BINS] = {0};
    unsigned values[STATS_MAX_KEYS] = {0};
    bool *seen = calloc(variety, sizeof *seen);

    for (size_t k = 0; k < g->n_fields; k++)
        values[k] = value_of(&group->keys[k], place_of(g->fields[k]), variety);
    for (size_t i = 0; i < f->n_rows; i++) {
        const struct source *row = &f->rows[i];
        bool match = row->selected;
        size_t bin;

        for (size_t k = 0; k < g->n_fields; k++)
            match &= row->values[place_of(g->fields[k])] == values[k];
        if (!match)
            continue;
        wanted.count++;
        wanted.outcomes[row->outcome]++;
        if (g->distinct_of != FIELD_COUNT)
            seen[row->values[place_of(g->distinct_of)]] = true;
        if (row->time_us == INSTANT_NONE)
            continue;
        if (wanted.first_us == INSTANT_NONE || row->time_us < wanted.first_us)
            wanted.first_us = row->time_us;
        if (row->time_us > wanted.last_us)
            wanted.last_us = row->time_us;
        bin = (size_t)((row->time_us - g->spark_from_us) / g->spark_bin_us);
        assert_true(bin < STATS_SPARK_BINS);
        spark[bin]++;
        failures[bin] += row->outcome == OUTCOME_FAILURE || row->outcome == OUTCOME_THROTTLED ||
                         row->outcome == OUTCOME_BLOCKED || row->outcome == OUTCOME_FAULT;
    }
    for (unsigned v = VALUE_TEXT; v < variety; v++)
        wanted.distinct += seen[v];
    free(seen);
    assert_int_equal(group->count, wanted.count);
    assert_memory_equal(group->outcomes, wanted.outcomes, sizeof wanted.outcomes);
    assert_int_equal(group->distinct, wanted.distinct);
    assert_int_equal(group->first_us, wanted.first_us);
    assert_int_equal(group->last_us, wanted.last_us);
    if (!with_spark) {
        memset(spark, 0, sizeof spark);
        memset(failures, 0, sizeof failures);
    }
    assert_memory_equal(group->spark, spark, sizeof spark);
    assert_memory_equal(group->spark_failures, failures, sizeof failures);
}

static void check_order(const struct grouping *g)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < g->n_groups; i++) {
        const struct group *a = &g->groups[i], *b = a + 1;
        int order = 0;

        sum += a->count;
        if (i + 1 == g->n_groups)
            break;
        assert_true(a->count >= b->count);
        for (size_t k = 0; k < g->n_fields && order == 0; k++) {
            order = (int)a->keys[k].state - (int)b->keys[k].state;
            order = order ? order : bytes_compare(a->keys[k].text, b->keys[k].text);
        }
        assert_true(order != 0);
        if (a->count == b->count)
            assert_true(order < 0);
    }
    assert_int_equal(sum, g->n_rows);
    assert_int_equal(sum, g->selection->n_rows);
}

static struct grouping *run(struct fixture *f, unsigned workers, enum field_id first,
                            enum field_id second, enum field_id distinct_of)
{
    const enum field_id fields[] = {first, second};
    struct pool *pool = pool_new(workers);
    struct grouping_job j;
    struct grouping *result;

    grouping_init(&j, &f->selection, fields, second == FIELD_COUNT ? 1 : 2, distinct_of);
    pool_start(pool, &j.job);
    pool_wait(pool, &j.job);
    result = j.result;
    j.result = NULL;
    grouping_deinit(&j);
    pool_free(pool);
    assert_non_null(result);
    return result;
}

static void counts_like_one_by_one(void **state)
{
    static const enum field_id cases[][3] = {
        {FIELD_USER,       FIELD_COUNT,      FIELD_IP        },
        {FIELD_USER,       FIELD_COUNT,      FIELD_REQUEST_ID},
        {FIELD_USER,       FIELD_COUNT,      FIELD_USER      },
        {FIELD_REQUEST_ID, FIELD_COUNT,      FIELD_USER      },
        {FIELD_REQUEST_ID, FIELD_COUNT,      FIELD_COUNT     },
        {FIELD_USER,       FIELD_IP,         FIELD_EVENT_ID  },
        {FIELD_USER,       FIELD_REQUEST_ID, FIELD_IP        },
        {FIELD_REQUEST_ID, FIELD_EVENT_ID,   FIELD_REQUEST_ID},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (unsigned share = 1; share <= 10; share += 9) {
            unsigned variety = cases[i][1] == FIELD_COUNT ? 40 : 14;
            struct fixture f;
            struct grouping *g;

            make(&f, 7000, 1111, variety, share);
            g = run(&f, 1 + (unsigned)i % 4, cases[i][0], cases[i][1], cases[i][2]);
            check_order(g);
            for (size_t k = 0; k < g->n_groups; k++)
                check_group(&f, g, k, variety, true);
            grouping_free(g);
            unmake(&f);
        }
    }
}

static uint64_t counted(const struct counting_job *j, uint32_t first, uint32_t second)
{
    for (size_t i = 0; i < j->n_items; i++) {
        if (j->items[i].ids[0] == first && j->items[i].ids[1] == second)
            return j->items[i].count;
    }
    return 0;
}

static uint32_t id_of(const struct fixture *f, enum field_id field, const struct group_key *key)
{
    struct dictionary *d = store_dictionaries(f->store)[field];

    return key->state == VALUE_TEXT ? dictionary_find(d, key->text) : (uint32_t)key->state;
}

/* Whole selections and parts, small tables, large ones and hashed pairs: each goes its way. */
static void counts_are_those_of_groups(void **state)
{
    static const struct {
        unsigned variety, share;
        enum field_id second;
    } cases[] = {
        {40,   1,  FIELD_COUNT},
        {6000, 1,  FIELD_COUNT},
        {40,   10, FIELD_COUNT},
        {14,   1,  FIELD_IP   },
        {900,  3,  FIELD_IP   },
        {1500, 10, FIELD_IP   },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const enum field_id fields[] = {FIELD_USER, cases[i].second};
        size_t n_fields = cases[i].second == FIELD_COUNT ? 1 : 2;
        struct pool *pool = pool_new(3);
        struct counting_job j;
        struct fixture f;
        struct grouping *g;

        make(&f, 7000, 1111, cases[i].variety, cases[i].share);
        g = run(&f, 2, FIELD_USER, cases[i].second, FIELD_COUNT);
        counting_init(&j, &f.selection, fields, n_fields);
        pool_run(pool, &j.job);
        assert_true(j.done);
        assert_int_equal(j.n_items, g->n_groups);
        for (size_t k = 0; k < g->n_groups; k += 1 + g->n_groups / 50)
            assert_int_equal(
                counted(&j, id_of(&f, FIELD_USER, &g->groups[k].keys[0]),
                        n_fields > 1 ? id_of(&f, FIELD_IP, &g->groups[k].keys[1]) : 0),
                g->groups[k].count);
        counting_deinit(&j);
        grouping_free(g);
        unmake(&f);
        pool_free(pool);
    }
}

/* Pairs of large dictionaries go another way than those of small ones. */
static void counts_many_pairs(void **state)
{
    struct fixture f;
    struct grouping *g;

    (void)state;
    make(&f, 9000, 2000, 1500, 10);
    g = run(&f, 3, FIELD_USER, FIELD_IP, FIELD_REQUEST_ID);
    assert_true(g->n_groups > 8000);
    check_order(g);
    for (size_t k = 0; k < g->n_groups; k += 97)
        check_group(&f, g, k, 1500, true);
    grouping_free(g);
    unmake(&f);
}

static void keeps_sparks_for_the_largest(void **state)
{
    struct fixture f;
    struct grouping *g;
    enum field_id keys[] = {FIELD_USER, FIELD_REQUEST_ID};

    (void)state;
    make(&f, 30000, 7000, 14000, 9);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        g = run(&f, 2, keys[i], FIELD_COUNT, FIELD_COUNT);
        assert_true(g->n_groups > STATS_MAX_SPARKS);
        check_order(g);
        for (size_t k = 0; k < g->n_groups; k += 211)
            check_group(&f, g, k, 14000, k < STATS_MAX_SPARKS);
        grouping_free(g);
    }
    unmake(&f);
}

static void groups_a_vocabulary(void **state)
{
    struct fixture f;
    struct grouping *g;

    (void)state;
    make(&f, 3000, 1000, 10, 10);
    g = run(&f, 2, FIELD_OUTCOME, FIELD_COUNT, FIELD_COUNT);
    assert_int_equal(g->n_groups, OUTCOME_COUNT);
    for (size_t i = 0; i < g->n_groups; i++) {
        for (size_t o = 0; o < OUTCOME_COUNT; o++) {
            bool own = bytes_are(g->groups[i].keys[0].text, outcome_name((enum outcome)o));

            assert_int_equal(g->groups[i].outcomes[o], own ? f.selection.outcomes[o] : 0);
        }
    }
    grouping_free(g);
    unmake(&f);
}

static void handles_nothing(void **state)
{
    struct fixture f;
    struct grouping *g;
    struct histogram *h;

    (void)state;
    for (size_t n = 0; n <= 100; n += 100) {
        make(&f, n, 50, 10, 0);
        g = run(&f, 2, FIELD_USER, FIELD_COUNT, FIELD_IP);
        assert_int_equal(g->n_groups, 0);
        assert_int_equal(g->n_rows, 0);
        grouping_free(g);
        h = histogram_new(&f.selection, 60);
        assert_int_equal(h->n_bins, 0);
        assert_int_equal(h->n_no_time, 0);
        histogram_free(h);
        unmake(&f);
    }
}

static void stops_when_cancelled(void **state)
{
    struct fixture f;
    struct pool *pool = pool_new(2);
    struct grouping_job j;

    (void)state;
    make(&f, 1000, 100, 10, 10);
    grouping_init(&j, &f.selection, &FIELDS[0], 1, FIELD_IP);
    atomic_store(&j.job.cancelled, true);
    pool_start(pool, &j.job);
    pool_wait(pool, &j.job);
    assert_null(j.result);
    grouping_deinit(&j);
    pool_free(pool);
    unmake(&f);
}

static void bins_like_one_by_one(void **state)
{
    static const size_t limits[] = {0, 2, 3, 7, 64, 80, 1000, 20000, 1000000};
    struct fixture f;

    (void)state;
    make(&f, 5000, 900, 10, 8);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct histogram *h = histogram_new(&f.selection, limits[i]);
        uint64_t(*bins)[OUTCOME_COUNT] = calloc(h->n_bins, sizeof *bins), n_no_time = 0;

        assert_true(h->n_bins >= 1 && h->n_bins <= (limits[i] < 2 ? 2 : limits[i]));
        assert_int_equal(h->from_us, instant_floor(f.selection.first_us, h->bin_us));
        assert_int_equal(h->bin_us % INSTANT_SECOND, 0);
        for (size_t k = 0; k < f.n_rows; k++) {
            const struct source *row = &f.rows[k];

            if (row->selected && row->time_us == INSTANT_NONE)
                n_no_time++;
            else if (row->selected)
                bins[(row->time_us - h->from_us) / h->bin_us][row->outcome]++;
        }
        assert_memory_equal(h->bins, bins, h->n_bins * sizeof *bins);
        assert_int_equal(h->n_no_time, n_no_time);
        free(bins);
        histogram_free(h);
    }
    unmake(&f);
}

/* A few events far away get no bin, are counted, and leave the others apart. */
static void leaves_out_what_is_far(void **state)
{
    struct fixture f;
    struct histogram *all, *most;
    row_id *rows;
    uint64_t sum = 0;

    (void)state;
    make(&f, 5000, 900, 10, 8);
    all = histogram_new(&f.selection, 60);
    assert_int_equal(all->n_before + all->n_after, 0);
    unmake(&f);
    make_with_far(&f, 5000, 900, 10, 8, 3, 2);
    rows = order_rows(&f);
    most = histogram_new(&f.selection, 60);
    assert_int_equal(most->n_before, 3);
    assert_int_equal(most->n_after, 2);
    assert_true(most->bin_us <= 2 * all->bin_us);
    for (size_t i = 0; i < most->n_bins; i++)
        for (size_t o = 0; o < OUTCOME_COUNT; o++)
            sum += most->bins[i][o];
    assert_int_equal(sum + most->n_before + most->n_after + most->n_no_time,
                     f.selection.n_rows);
    histogram_free(all);
    histogram_free(most);
    free(rows);
    unmake(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_like_one_by_one),
        cmocka_unit_test(counts_are_those_of_groups),
        cmocka_unit_test(counts_many_pairs),
        cmocka_unit_test(keeps_sparks_for_the_largest),
        cmocka_unit_test(groups_a_vocabulary),
        cmocka_unit_test(handles_nothing),
        cmocka_unit_test(stops_when_cancelled),
        cmocka_unit_test(bins_like_one_by_one),
        cmocka_unit_test(leaves_out_what_is_far),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
