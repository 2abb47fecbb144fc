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
#include "core/base/mem.h"

#include "core/asking/scan.h"

enum { ROWS = 3000, PER_CHUNK = 700, FILTERS = 3000, MAX_NODES = 24 };

struct random {
    uint64_t state;
};

static unsigned draw(struct random *r, unsigned below)
{
    r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(r->state >> 33) % below;
}

/* The fields that filters ask for and the texts that they can have; the first four stand for
 * the states below VALUE_TEXT. */
static const struct asked {
    enum field_id field;
    const char *name, *native;
    const char *texts[8];
} asked[] = {
    {FIELD_ERROR,
     "error",                  "errorCode",
     {"NotAuthorizedException", "UserNotFoundException", "0"}                                },
    {FIELD_IP,
     "ip",                     "sourceIPAddress",
     {"10.1.2.3", "203.0.113.7", "2001:db8::1", "cloud.aws"}                                 },
    {FIELD_SUB,      "sub",    NULL,              {"10.1.2.3", "b", "B", "a\"\\\n\x1b\xff z"}},
    {FIELD_STATUS,   "status", NULL,              {"200", "404", "1e3", "-5", "abc"}         },
    {FIELD_EVENT_ID,
     "event_id",               NULL,
     {"0a0a0a0a-0000-4000-8000-00000000000a", "0B0B0B0B-0000-4000-8000-00000000000B", "id 7",
      "7"}                                                                                   },
};

static const char *const REDACTED = "HIDDEN_DUE_TO_SECURITY_REASONS";

/* One event: per asked field the state or VALUE_TEXT + the number of the text. */
struct row {
    unsigned values[ARRAY_LEN(asked)];
    int64_t time_us;
    enum format format;
    row_id id;
};

static unsigned count_texts(const struct asked *a)
{
    unsigned n = 0;

    while (n < ARRAY_LEN(a->texts) && a->texts[n])
        n++;
    return n;
}

static struct store *make_store(struct row *rows, size_t n, struct random *r)
{
    struct store *s = store_new();
    struct chunk_builder *b = chunk_builder_new(store_dictionaries(s));

    for (size_t i = 0; i < n; i++) {
        struct event e = {.time_us = INSTANT_NONE};

        rows[i].format = draw(r, 3) ? FORMAT_CLOUDTRAIL : FORMAT_USER_ACTIVITY;
        rows[i].time_us =
            draw(r, 10) ? (int64_t)(1000 + draw(r, 500)) * INSTANT_SECOND : INSTANT_NONE;
        rows[i].id = row_make(i / PER_CHUNK, i % PER_CHUNK);
        e.time_us = rows[i].time_us;
        e.format = rows[i].format;
        e.outcome = i % 3 ? OUTCOME_FAILURE : OUTCOME_SUCCESS;
        e.values[FIELD_OUTCOME] =
            (struct value){bytes_of(outcome_name(e.outcome)), VALUE_TEXT, 0};
        for (size_t f = 0; f < ARRAY_LEN(asked); f++) {
            unsigned v = draw(r, VALUE_TEXT + 2 * count_texts(&asked[f]));

            if (v >= VALUE_TEXT)
                v = VALUE_TEXT + (v - VALUE_TEXT) / 2;
            rows[i].values[f] = v;
            e.values[asked[f].field].state = (uint8_t)(v < VALUE_TEXT ? v : VALUE_TEXT);
            if (v >= VALUE_TEXT)
                e.values[asked[f].field].text = bytes_of(asked[f].texts[v - VALUE_TEXT]);
        }
        chunk_builder_add(b, &e, 0, i * 100, 100);
        if ((i + 1) % PER_CHUNK == 0 || i + 1 == n)
            assert_true(store_publish(s, chunk_builder_finish(b)));
    }
    chunk_builder_free(b);
    return s;
}

/* ---- the plain evaluator ---- */

enum tri { NO, YES, UNKNOWN };

enum kind { ALL, ANY, NOT, LEAF };

enum test {
    EQUAL,
    UNEQUAL,
    LIKE_TEXT,
    NOT_LIKE,
    LIKE_REGEX,
    IN,
    NOT_IN,
    PRESENT,
    EMPTY,
    IS_NULL,
    IS_ABSENT,
    IS_REDACTED,
    LARGER,
    LATER,
    IN_SUBNET,
    SAME_AS_SUB,
    TESTS
};

struct node {
    enum kind kind;
    struct node *a, *b;
    enum test test;
    const struct asked *asked;
    size_t field;
    bool native;
    const char *text, *other;
    int number;
};

/* The value as a query sees it; NULL when it is missing. */
static const char *value_of(const struct row *row, size_t field, bool native)
{
    unsigned v = row->values[field];

    if (native && row->format != FORMAT_CLOUDTRAIL)
        return NULL;
    if (v == VALUE_ABSENT || v == VALUE_NULL)
        return NULL;
    if (v == VALUE_EMPTY)
        return "";
    if (v == VALUE_REDACTED)
        return REDACTED;
    return asked[field].texts[v - VALUE_TEXT];
}

static enum tri tri(bool yes)
{
    return yes ? YES : NO;
}

static bool as_number(const char *text, double *out)
{
    char *end;

    *out = strtod(text, &end);
    return *text && !*end;
}

static enum tri compare_larger(const char *value, int number)
{
    char text[16];
    double x;

    if (as_number(value, &x))
        return tri(x > number);
    (void)snprintf(text, sizeof text, "%d", number);
    return tri(strcmp(value, text) > 0);
}

static enum tri test_leaf(const struct node *n, const struct row *row)
{
    const char *value = value_of(row, n->field, n->native), *sub = value_of(row, 2, false);
    unsigned state = row->values[n->field];
    bool here = !n->native || row->format == FORMAT_CLOUDTRAIL;

    switch (n->test) {
    case PRESENT:
        return tri(value != NULL);
    case EMPTY:
        return tri(!value || !*value);
    case IS_NULL:
        return tri(here && state == VALUE_NULL);
    case IS_ABSENT:
        return tri(!here || state == VALUE_ABSENT);
    case IS_REDACTED:
        return tri(here && state == VALUE_REDACTED);
    case LATER:
        if (row->time_us == INSTANT_NONE)
            return UNKNOWN;
        return tri(row->time_us >= (int64_t)n->number * INSTANT_SECOND);
    case SAME_AS_SUB:
        return value && sub ? tri(strcmp(value, sub) == 0) : UNKNOWN;
    case EQUAL:
    case UNEQUAL:
    case LIKE_TEXT:
    case NOT_LIKE:
    case LIKE_REGEX:
    case IN:
    case NOT_IN:
    case LARGER:
    case IN_SUBNET:
    case TESTS:
        break;
    }
    if (!value)
        return UNKNOWN;
    switch (n->test) {
    case EQUAL:
    case UNEQUAL:
        return tri((strcmp(value, n->text) == 0) == (n->test == EQUAL));
    case LIKE_TEXT:
    case LIKE_REGEX:
        return tri(strstr(value, n->text) != NULL);
    case NOT_LIKE:
        return tri(strstr(value, n->text) == NULL);
    case IN:
    case NOT_IN:
        return tri((strcmp(value, n->text) == 0 || strcmp(value, n->other) == 0) ==
                   (n->test == IN));
    case LARGER:
        return compare_larger(value, n->number);
    case IN_SUBNET:
        return tri(strncmp(value, "10.", 3) == 0);
    case PRESENT:
    case EMPTY:
    case IS_NULL:
    case IS_ABSENT:
    case IS_REDACTED:
    case LATER:
    case SAME_AS_SUB:
    case TESTS:
        break;
    }
    return UNKNOWN;
}

static enum tri kleene(const struct node *n, const struct row *row)
{
    enum tri a, b;

    if (n->kind == LEAF)
        return test_leaf(n, row);
    a = kleene(n->a, row);
    if (n->kind == NOT)
        return a == UNKNOWN ? UNKNOWN : tri(a == NO);
    b = kleene(n->b, row);
    if (n->kind == ALL)
        return a == NO || b == NO ? NO : (a == YES && b == YES ? YES : UNKNOWN);
    return a == YES || b == YES ? YES : (a == NO && b == NO ? NO : UNKNOWN);
}

static bool is_negative(enum test t)
{
    return t == UNEQUAL || t == NOT_LIKE || t == NOT_IN;
}

/* Would the row be selected if missing values under a negation counted? */
static bool generous(const struct node *n, const struct row *row, bool negated)
{
    enum tri t;

    if (n->kind == NOT)
        return generous(n->a, row, !negated);
    if (n->kind == ALL || n->kind == ANY) {
        bool a = generous(n->a, row, negated), b = generous(n->b, row, negated);

        return (n->kind == ALL) != negated ? a && b : a || b;
    }
    t = test_leaf(n, row);
    if (t == UNKNOWN)
        return negated != is_negative(n->test);
    return (t == YES) != negated;
}

/* ---- random filters and their text ---- */

static void add_quoted(struct buffer *out, const char *text)
{
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f || *text == '"' ||
            *text == '\\')
            buffer_printf(out, "\\x%02x", (unsigned char)*text);
        else
            buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void add_leaf(struct buffer *out, const struct node *n)
{
    static const char *const calls[] = {[PRESENT] = "ispresent",
                                        [EMPTY] = "isempty",
                                        [IS_NULL] = "isnull",
                                        [IS_ABSENT] = "isabsent",
                                        [IS_REDACTED] = "isredacted"};
    const char *name = n->native ? n->asked->native : n->asked->name;

    switch (n->test) {
    case EQUAL:
    case UNEQUAL:
        buffer_printf(out, "%s %s ", name, n->test == EQUAL ? "=" : "!=");
        add_quoted(out, n->text);
        break;
    case LIKE_TEXT:
    case NOT_LIKE:
        buffer_printf(out, "%s %s ", name, n->test == LIKE_TEXT ? "like" : "not like");
        add_quoted(out, n->text);
        break;
    case LIKE_REGEX:
        buffer_printf(out, "%s like /\\Q%s\\E/", name, n->text);
        break;
    case IN:
    case NOT_IN:
        buffer_printf(out, "%s %s [", name, n->test == IN ? "in" : "not in");
        add_quoted(out, n->text);
        buffer_add_text(out, ", ");
        add_quoted(out, n->other);
        buffer_add_text(out, "]");
        break;
    case PRESENT:
    case EMPTY:
    case IS_NULL:
    case IS_ABSENT:
    case IS_REDACTED:
        buffer_printf(out, "%s(%s)", calls[n->test], name);
        break;
    case LARGER:
        buffer_printf(out, "%s > %d", name, n->number);
        break;
    case LATER:
        buffer_add_text(out, "@timestamp >= \"");
        instant_add(out, n->number * INSTANT_SECOND, INSTANT_ISO, 0);
        buffer_add_text(out, "\"");
        break;
    case IN_SUBNET:
        buffer_printf(out, "isIpInSubnet(%s, \"10.0.0.0/8\")", name);
        break;
    case SAME_AS_SUB:
        buffer_printf(out, "%s = sub", name);
        break;
    case TESTS:
        break;
    }
}

static void add_node(struct buffer *out, const struct node *n)
{
    if (n->kind == LEAF) {
        add_leaf(out, n);
        return;
    }
    if (n->kind == NOT) {
        buffer_add_text(out, "not (");
        add_node(out, n->a);
        buffer_add_text(out, ")");
        return;
    }
    buffer_add_text(out, "(");
    add_node(out, n->a);
    buffer_add_text(out, n->kind == ALL ? ") and (" : ") or (");
    add_node(out, n->b);
    buffer_add_text(out, ")");
}

static const char *draw_text(const struct asked *a, struct random *r)
{
    static const char *const others[] = {"", "HIDDEN_DUE_TO_SECURITY_REASONS", "0", "o",
                                         "nothing"};

    if (draw(r, 4) == 0)
        return others[draw(r, ARRAY_LEN(others))];
    return a->texts[draw(r, count_texts(a))];
}

static struct node *draw_node(struct random *r, struct node *nodes, size_t *n, unsigned depth)
{
    struct node *node = &nodes[(*n)++];

    node->kind = depth == 0 ? LEAF : (enum kind)draw(r, 4);
    if (node->kind != LEAF) {
        node->a = draw_node(r, nodes, n, depth - 1);
        if (node->kind != NOT)
            node->b = draw_node(r, nodes, n, depth - 1);
        return node;
    }
    node->field = draw(r, ARRAY_LEN(asked));
    node->test = (enum test)draw(r, TESTS);
    node->asked = &asked[node->field];
    node->native = node->asked->native && draw(r, 3) == 0;
    node->text = draw_text(node->asked, r);
    node->other = draw_text(node->asked, r);
    /* The text of a pattern stands between slashes as it is. */
    if (node->test == LIKE_REGEX && strpbrk(node->text, "\\\n\xff/"))
        node->text = "b";
    node->number = node->test == LATER ? (int)(990 + draw(r, 520)) : (int)draw(r, 500);
    return node;
}

static struct selection *select_rows(struct pool *p, struct index *index, struct query *q,
                                     bool with_duplicates, bool keep_unknown, struct scan *scan)
{
    const struct query *filters[] = {q};
    struct scan_request request = {.index = index,
                                   .filters = filters,
                                   .n_filters = q ? 1 : 0,
                                   .with_duplicates = with_duplicates,
                                   .keep_unknown = keep_unknown};

    scan_init(scan, &request);
    pool_start(p, &scan->job);
    pool_wait(p, &scan->job);
    assert_non_null(scan->result);
    return scan->result;
}

static void expect_order(const struct index *index, const struct selection *s)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < index->n_rows; i++) {
        if (!selection_has(s, index->order[i]))
            continue;
        assert_int_equal(s->rows[count], index->order[i]);
        if (count % 97 == 0)
            assert_int_equal(selection_find(s, index->order[i]), count);
        count++;
    }
    assert_int_equal(count, s->n_rows);
}

static void check_filter(struct pool *p, struct index *index, const struct row *rows,
                         const struct node *node, struct query *q, const char *text,
                         struct random *r)
{
    bool with_duplicates = draw(r, 2), keep_unknown = draw(r, 4) == 0;
    struct scan scan;
    struct selection *s = select_rows(p, index, q, with_duplicates, keep_unknown, &scan);
    uint64_t unknown = 0, duplicates = 0, failures = 0, successes = 0;

    for (size_t i = 0; i < ROWS; i++) {
        bool yes = kleene(node, &rows[i]) == YES, also = generous(node, &rows[i], false);
        bool hidden = !with_duplicates && index_is_duplicate(index, rows[i].id);

        if (!hidden && !yes && also && !keep_unknown)
            unknown++;
        yes = yes || (keep_unknown && also);
        if (yes && hidden)
            duplicates++;
        if (yes && !hidden)
            *(i % 3 ? &failures : &successes) += 1;
        if (selection_has(s, rows[i].id) != (yes && !hidden))
            fail_msg("%s: row %zu is %s selected", text, i, yes ? "not" : "wrongly");
    }
    if (s->n_unknown != unknown || s->n_duplicates != duplicates)
        fail_msg("%s: %lu unknown instead of %lu", text, (unsigned long)s->n_unknown,
                 (unsigned long)unknown);
    assert_int_equal(s->outcomes[OUTCOME_FAILURE], failures);
    assert_int_equal(s->outcomes[OUTCOME_SUCCESS], successes);
    assert_int_equal(s->n_undecided, 0);
    expect_order(index, s);
    scan_deinit(&scan);
}

static void test_agrees_with_plain_evaluation(void **state)
{
    struct random r = {20261118};
    struct row *rows = mem_array(ROWS, sizeof *rows);
    struct store *store = make_store(rows, ROWS, &r);
    atomic_bool cancelled = false;
    struct index *index = index_build(store, store_count(store), true, &cancelled);
    struct pool *pool = pool_new(2);
    struct query_options options = {.last_event_us = INSTANT_NONE};

    (void)state;
    for (size_t i = 0; i < FILTERS; i++) {
        struct node nodes[MAX_NODES] = {0};
        struct query_error error;
        struct query *q = NULL;
        struct buffer text = {0};
        size_t n = 0;
        struct node *root = draw_node(&r, nodes, &n, i % 4);

        buffer_add_text(&text, "filter ");
        add_node(&text, root);
        if (query_parse(buffer_bytes(&text), &options, &q, &error) != ERR_OK)
            fail_msg("%s: %.*s", buffer_cstr(&text), (int)error.message.len, error.message.ptr);
        check_filter(pool, index, rows, root, q, buffer_cstr(&text), &r);
        query_free(q);
        buffer_deinit(&text);
    }
    pool_free(pool);
    index_release(index);
    store_free(store);
    mem_free(rows);
}

/* ---- quick terms and terms of single values ---- */

struct fixture {
    struct row *rows;
    struct store *store;
    struct index *index;
    struct pool *pool;
};

static struct fixture fixture_new(void)
{
    struct random r = {7};
    atomic_bool cancelled = false;
    struct fixture f = {.rows = mem_array(ROWS, sizeof *f.rows)};

    f.store = make_store(f.rows, ROWS, &r);
    f.index = index_build(f.store, store_count(f.store), true, &cancelled);
    f.pool = pool_new(2);
    return f;
}

static void fixture_free(struct fixture *f)
{
    pool_free(f->pool);
    index_release(f->index);
    store_free(f->store);
    mem_free(f->rows);
}

static void test_terms_select_exactly_their_value(void **state)
{
    struct fixture f = fixture_new();
    struct query_options options = {.last_event_us = INSTANT_NONE};

    (void)state;
    for (size_t a = 0; a < ARRAY_LEN(asked); a++) {
        for (unsigned v = 0; v < 2 * (VALUE_TEXT + count_texts(&asked[a])); v++) {
            unsigned wanted = v / 2;
            bool negated = v % 2;
            struct buffer text = {0};
            struct query_error error;
            struct query *q = NULL;
            struct scan scan;
            struct selection *s;

            query_write_term(&text, asked[a].field,
                             wanted < VALUE_TEXT ? (enum value_state)wanted : VALUE_TEXT,
                             wanted < VALUE_TEXT
                                 ? (struct bytes){0}
                                 : bytes_of(asked[a].texts[wanted - VALUE_TEXT]),
                             negated);
            assert_int_equal(query_parse(buffer_bytes(&text), &options, &q, &error), ERR_OK);
            s = select_rows(f.pool, f.index, q, true, false, &scan);
            for (size_t i = 0; i < ROWS; i++) {
                if (selection_has(s, f.rows[i].id) !=
                    ((f.rows[i].values[a] == wanted) != negated))
                    fail_msg("%s: row %zu", buffer_cstr(&text), i);
            }
            assert_int_equal(s->n_unknown, 0);
            scan_deinit(&scan);
            query_free(q);
            buffer_deinit(&text);
        }
    }
    fixture_free(&f);
}

static uint64_t count_selected(struct fixture *f, const char *text)
{
    struct query_options options = {.last_event_us = 1500 * INSTANT_SECOND};
    struct query_error error;
    struct query *q = NULL;
    struct scan scan;
    uint64_t count;

    if (query_parse(bytes_of(text), &options, &q, &error) != ERR_OK)
        fail_msg("%s: %.*s", text, (int)error.message.len, error.message.ptr);
    count = select_rows(f->pool, f->index, q, true, false, &scan)->n_rows;
    scan_deinit(&scan);
    query_free(q);
    return count;
}

static uint64_t count_rows_with(const struct fixture *f, const char *part)
{
    uint64_t count = 0;

    for (size_t i = 0; i < ROWS; i++) {
        bool found = false;

        for (size_t a = 0; a < ARRAY_LEN(asked); a++) {
            unsigned v = f->rows[i].values[a];

            found =
                found || (v >= VALUE_TEXT && strcasestr(asked[a].texts[v - VALUE_TEXT], part));
        }
        count += found;
    }
    return count;
}

static void test_quick_terms(void **state)
{
    struct fixture f = fixture_new();
    uint64_t n;

    (void)state;
    assert_int_equal(count_selected(&f, ""), ROWS);
    assert_int_equal(count_selected(&f, "filter @fields like /(?i)usernotfound/"),
                     count_rows_with(&f, "usernotfound"));
    assert_int_equal(count_selected(&f, "filter @fields like /(?i)0a0a-0000/"),
                     count_rows_with(&f, "0a0a-0000"));
    assert_int_equal(count_selected(&f, "filter @fields like /(?i)0b0b/"),
                     count_rows_with(&f, "0b0b"));
    assert_int_equal(count_selected(&f, "filter @fields like /(?i)id 7/"),
                     count_rows_with(&f, "id 7"));
    n = count_selected(&f, "err:usernot*");
    assert_true(n > 0);
    assert_int_equal(count_selected(&f, "-err:usernot*"), ROWS - n);
    assert_int_equal(count_selected(&f, "-(err:usernot* or sub:b)"),
                     count_selected(&f, "-err:usernot* -sub:b"));
    assert_int_equal(count_selected(&f, "ip:2001:DB8:0::1"),
                     count_selected(&f, "ip = \"2001:db8::1\""));
    assert_int_equal(count_selected(&f, "ip:10.0.0.0/8") + count_selected(&f, "-ip:10.0.0.0/8"),
                     ROWS);
    assert_int_equal(count_selected(&f, "sub:b"), count_selected(&f, "sub in [\"b\", \"B\"]"));
    assert_int_equal(count_selected(&f, "last:200s"),
                     count_selected(&f, "filter @timestamp >= \"1970-01-01T00:21:40Z\""));
    assert_int_equal(count_selected(&f, "00:20..00:21 or -time:00:20..00:21"), ROWS);
    fixture_free(&f);
}

static void test_undecided_matches_are_counted(void **state)
{
    struct store *store = store_new();
    struct chunk_builder *b = chunk_builder_new(store_dictionaries(store));
    struct pool *pool = pool_new(1);
    struct query_options options = {.last_event_us = INSTANT_NONE};
    struct query_error error;
    struct query *q = NULL;
    struct scan scan;
    struct selection *s;
    struct index *index;
    atomic_bool cancelled = false;
    char text[3000];

    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    for (unsigned i = 0; i < 10; i++) {
        struct event e = {.time_us = 5};

        e.values[FIELD_AGENT] = (struct value){
            bytes_make(text + (i < 4 ? 0 : 2990), i < 4 ? 3000 : 9), VALUE_TEXT, 0};
        chunk_builder_add(b, &e, 0, i * 100, 100);
    }
    assert_true(store_publish(store, chunk_builder_finish(b)));
    chunk_builder_free(b);
    index = index_build(store, 1, true, &cancelled);
    assert_int_equal(query_parse(bytes_of("filter agent like /^(a+)+$/"), &options, &q, &error),
                     ERR_OK);
    s = select_rows(pool, index, q, true, false, &scan);
    assert_int_equal(s->n_rows, 6);
    assert_int_equal(s->n_undecided, 4);
    scan_deinit(&scan);
    query_free(q);
    pool_free(pool);
    index_release(index);
    store_free(store);
}

static void test_cancelled_scan_has_no_result(void **state)
{
    struct fixture f = fixture_new();
    struct scan_request request = {.index = f.index};
    struct scan scan;

    (void)state;
    scan_init(&scan, &request);
    atomic_store(&scan.job.cancelled, true);
    pool_start(f.pool, &scan.job);
    pool_wait(f.pool, &scan.job);
    assert_null(scan.result);
    scan_deinit(&scan);
    fixture_free(&f);
}

static struct selection *run(struct fixture *f, const struct scan_request *request,
                             struct scan *scan)
{
    scan_init(scan, request);
    pool_start(f->pool, &scan->job);
    pool_wait(f->pool, &scan->job);
    return scan->result;
}

static void test_a_scan_within_a_cancelled_job_has_no_result(void **state)
{
    struct fixture f = fixture_new();
    struct scan_request request = {.index = f.index};
    struct job outer = {.cancelled = true};
    struct scan scan;

    (void)state;
    scan_init(&scan, &request);
    scan.job.within = &outer;
    pool_run(f.pool, &scan.job);
    assert_null(scan.result);
    scan_deinit(&scan);
    fixture_free(&f);
}

static void test_progress_ends_where_it_was_expected_to(void **state)
{
    struct fixture f = fixture_new();
    struct progress progress = {0};
    struct scan_request request = {.index = f.index, .progress = &progress};
    struct scan scan;

    (void)state;
    assert_int_equal(run(&f, &request, &scan)->n_unlooked, 0);
    assert_int_equal(progress.of_rows, f.index->n_rows);
    assert_int_equal(progress.rows, f.index->n_rows);
    scan_deinit(&scan);
    fixture_free(&f);
}

static void test_a_part_is_what_the_first_chunks_select(void **state)
{
    struct fixture f = fixture_new();
    struct pool *one = pool_new(1);
    struct scan_request request = {.index = f.index, .parts_to = one};
    struct scan scan;
    struct selection *part;

    (void)state;
    scan_init(&scan, &request);
    pool_start(one, &scan.job);
    pool_wait(one, &scan.job);
    part = scan_take_part(&scan);
    assert_non_null(part);
    assert_null(scan_take_part(&scan));
    assert_true(part->n_unlooked > 0);
    assert_int_equal(part->n_rows + part->n_unlooked + part->n_duplicates, f.index->n_rows);
    for (uint64_t i = 0; i < part->n_rows; i++) {
        assert_true(selection_has(scan.result, part->rows[i]));
        if (i)
            assert_true(index_compare(f.store, part->rows[i - 1], part->rows[i]) < 0);
    }
    selection_release(part);
    scan_deinit(&scan);
    pool_free(one);
    fixture_free(&f);
}

static void test_what_was_not_looked_at_is_counted(void **state)
{
    struct fixture f = fixture_new();
    struct progress progress = {.enough = true};
    struct scan_request request = {.index = f.index, .progress = &progress};
    struct scan scan;
    struct selection *s = run(&f, &request, &scan);

    (void)state;
    assert_int_equal(s->n_unlooked, f.index->n_rows);
    assert_int_equal(s->n_rows, 0);
    assert_false(selection_has(s, f.index->order[0]));
    scan_deinit(&scan);
    fixture_free(&f);
}

static void test_empty_index(void **state)
{
    struct store *store = store_new();
    atomic_bool cancelled = false;
    struct index *index = index_build(store, 0, true, &cancelled);
    struct pool *pool = pool_new(2);
    struct scan scan;
    struct selection *s = select_rows(pool, index, NULL, false, false, &scan);

    (void)state;
    assert_int_equal(s->n_rows, 0);
    assert_true(s->first_us == INSTANT_NONE);
    scan_deinit(&scan);
    pool_free(pool);
    index_release(index);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_plain_evaluation),
        cmocka_unit_test(test_terms_select_exactly_their_value),
        cmocka_unit_test(test_quick_terms),
        cmocka_unit_test(test_undecided_matches_are_counted),
        cmocka_unit_test(test_cancelled_scan_has_no_result),
        cmocka_unit_test(test_a_scan_within_a_cancelled_job_has_no_result),
        cmocka_unit_test(test_progress_ends_where_it_was_expected_to),
        cmocka_unit_test(test_a_part_is_what_the_first_chunks_select),
        cmocka_unit_test(test_what_was_not_looked_at_is_counted),
        cmocka_unit_test(test_empty_index),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
