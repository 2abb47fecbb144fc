#include "core/concluding/coverage.h"

#include <stdlib.h>

#include "core/base/instant.h"
#include "core/base/mem.h"

static const enum field_id field_ids[COVERAGE_FIELDS] = {
    [COVERAGE_FORMAT] = FIELD_FORMAT,
    [COVERAGE_ACCOUNT] = FIELD_ACCOUNT,
    [COVERAGE_REGION] = FIELD_REGION,
    [COVERAGE_POOL] = FIELD_POOL,
};

enum field_id coverage_field_id(enum coverage_field field)
{
    return field_ids[field];
}

static void span_add(int64_t *first_us, int64_t *last_us, int64_t at_us)
{
    if (at_us == INSTANT_NONE)
        return;
    if (*first_us == INSTANT_NONE || at_us < *first_us)
        *first_us = at_us;
    if (*last_us == INSTANT_NONE || at_us > *last_us)
        *last_us = at_us;
}

static void count_chunk(const struct index *index, size_t number, enum field_id field,
                        struct coverage_value *values)
{
    const struct chunk *c = store_chunk(index->store, number);

    for (size_t row = 0; row < c->n_rows; row++) {
        struct coverage_value *v;

        if (index->duplicates[number] && index_is_duplicate(index, row_make(number, row)))
            continue;
        v = &values[column_get(&c->ids[field], row)];
        if (v->events++ == 0)
            v->first_us = v->last_us = INSTANT_NONE;
        span_add(&v->first_us, &v->last_us, chunk_time(c, row));
    }
}

/* Most events first; ties by text, so that nothing depends on ids. */
static int compare_values(const void *a, const void *b)
{
    const struct coverage_value *x = a, *y = b;

    if (x->events != y->events)
        return x->events > y->events ? -1 : 1;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    return bytes_compare(x->text, y->text);
}

static void count_field(struct coverage *c, const struct index *index,
                        enum coverage_field which)
{
    enum field_id field = field_ids[which];
    const struct dictionary *d = store_dictionaries(index->store)[field];
    size_t count = dictionary_count(d), kept = 0;
    struct coverage_value *values = mem_array(count, sizeof *values);

    for (size_t chunk = 0; chunk < index->n_chunks; chunk++)
        count_chunk(index, chunk, field, values);
    for (size_t id = 0; id < count; id++) {
        if (values[id].events == 0)
            continue;
        values[id].state = id < DICTIONARY_FIRST_TEXT ? (enum value_state)id : VALUE_TEXT;
        values[id].text = dictionary_text(d, (uint32_t)id);
        values[kept++] = values[id];
    }
    qsort(values, kept, sizeof *values, compare_values);
    c->values[which] = values;
    c->n_values[which] = kept;
}

static bool has_text(const struct index *index, enum field_id field, const char *text)
{
    return dictionary_find(store_dictionaries(index->store)[field], bytes_of(text)) != 0;
}

static void count_events(struct coverage *c, const struct index *index)
{
    static const char *const data_calls[] = {
        "GetId", "GetCredentialsForIdentity", "GetOpenIdToken",
        "GetOpenIdTokenForDeveloperIdentity", "UnlinkIdentity"};
    const struct coverage_value *formats;

    c->rows = index->n_rows;
    c->duplicates = index->n_duplicates;
    c->conflicts = index->n_conflicts;
    c->first_us = index->first_us;
    c->last_us = index->last_us;
    for (enum coverage_field which = 0; which < COVERAGE_FIELDS; which++)
        count_field(c, index, which);
    for (size_t chunk = 0; chunk < index->n_chunks; chunk++) {
        const struct chunk *k = store_chunk(index->store, chunk);

        for (size_t row = 0; row < k->n_rows; row++)
            c->no_time += chunk_time(k, row) == INSTANT_NONE;
    }
    formats = c->values[COVERAGE_FORMAT];
    for (size_t i = 0; i < c->n_values[COVERAGE_FORMAT]; i++) {
        c->has_trail |= bytes_are(formats[i].text, format_name(FORMAT_CLOUDTRAIL));
        c->has_activity |= bytes_are(formats[i].text, format_name(FORMAT_USER_ACTIVITY));
    }
    c->has_cognito = has_text(index, FIELD_SERVICE, "cognito-idp.amazonaws.com") ||
                     has_text(index, FIELD_SERVICE, "cognito-identity.amazonaws.com");
    for (size_t i = 0; i < ARRAY_LEN(data_calls); i++)
        c->has_identity_data |= has_text(index, FIELD_OPERATION, data_calls[i]);
    c->has_managed_login = has_text(index, FIELD_OPERATION, "Token_POST") ||
                           has_text(index, FIELD_OPERATION, "Login_GET") ||
                           has_text(index, FIELD_OPERATION, "Login_POST");
}

/* A log file of CloudTrail whose name tells all of it. */
static bool is_delivery(const struct file *f)
{
    return f->facts.account.len > 0 && f->facts.delivered_us != INSTANT_NONE &&
           !f->facts.is_digest;
}

static int compare_files(const void *a, const void *b)
{
    const struct file *x = *(const struct file *const *)a, *y = *(const struct file *const *)b;
    int order = bytes_compare(x->facts.account, y->facts.account);

    if (order == 0)
        order = bytes_compare(x->facts.region, y->facts.region);
    if (order)
        return order;
    return x->facts.delivered_us < y->facts.delivered_us
               ? -1
               : x->facts.delivered_us > y->facts.delivered_us;
}

static bool same_stream(const struct file *a, const struct file *b)
{
    return bytes_equal(a->facts.account, b->facts.account) &&
           bytes_equal(a->facts.region, b->facts.region);
}

/* One account and region: `files` are sorted by their stamps. */
static void stream_fill(struct coverage *c, struct coverage_stream *s,
                        const struct file *const *files, size_t n)
{
    struct coverage_gap *gaps = NULL;
    size_t cap = 0;
    int64_t hour = INSTANT_NONE;

    s->account = files[0]->facts.account;
    s->region = files[0]->facts.region;
    s->files = n;
    s->first_us = files[0]->facts.delivered_us;
    s->last_us = files[n - 1]->facts.delivered_us;
    for (size_t i = 0; i < n; i++) {
        int64_t here = instant_floor(files[i]->facts.delivered_us, INSTANT_HOUR);

        if (hour != INSTANT_NONE && here - hour > INSTANT_HOUR) {
            mem_grow(&gaps, &cap, s->n_gaps + 1, sizeof *gaps);
            gaps[s->n_gaps++] = (struct coverage_gap){hour + INSTANT_HOUR, here};
            s->empty_hours += (uint64_t)((here - hour) / INSTANT_HOUR - 1);
        }
        hour = here;
    }
    s->hours = (uint64_t)((hour - instant_floor(s->first_us, INSTANT_HOUR)) / INSTANT_HOUR) + 1;
    if (s->n_gaps > 0) {
        s->gaps = arena_alloc(&c->arena, s->n_gaps * sizeof *gaps);
        memcpy(s->gaps, gaps, s->n_gaps * sizeof *gaps);
    }
    mem_free(gaps);
}

static void fill_streams(struct coverage *c, const struct file **files, size_t n)
{
    size_t cap = 0;

    if (n > 1)
        qsort(files, n, sizeof *files, compare_files);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && same_stream(files[from], files[to]);)
            to++;
        mem_grow(&c->streams, &cap, c->n_streams + 1, sizeof *c->streams);
        c->streams[c->n_streams] = (struct coverage_stream){0};
        stream_fill(c, &c->streams[c->n_streams++], files + from, to - from);
    }
}

static int compare_spans(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* The nearest rank: the smallest value that `percent` of all do not exceed. */
static int64_t rank(const int64_t *spans, size_t n, size_t percent)
{
    size_t at = (n * percent + 99) / 100;

    return spans[at > 0 ? at - 1 : 0];
}

static void fill_delay(struct coverage *c, const struct file *const *files, size_t n)
{
    int64_t *spans = mem_array(n, sizeof *spans);
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t span;

        if (files[i]->last_us == INSTANT_NONE)
            continue;
        span = files[i]->facts.delivered_us - files[i]->last_us;
        c->delay.early += span <= -INSTANT_MINUTE;
        if (!c->delay.slowest || span > c->delay.max_us) {
            c->delay.slowest = files[i];
            c->delay.max_us = span;
        }
        spans[kept++] = span;
    }
    c->delay.files = kept;
    if (kept > 0) {
        qsort(spans, kept, sizeof *spans, compare_spans);
        c->delay.median_us = rank(spans, kept, 50);
        c->delay.p99_us = rank(spans, kept, 99);
    }
    mem_free(spans);
}

struct coverage *coverage_new(struct archive *a, const struct index *index)
{
    struct coverage *c = mem_alloc(sizeof *c);
    size_t n = archive_count(a), kept = 0;
    const struct file **files = mem_array(n, sizeof *files);

    c->first_us = c->last_us = INSTANT_NONE;
    archive_totals(a, &c->totals);
    for (size_t i = 0; i < n; i++) {
        const struct file *f = archive_file(a, i);

        /* Others still belong to their workers. */
        if (file_is_finished(f) && is_delivery(f))
            files[kept++] = f;
    }
    fill_streams(c, files, kept);
    fill_delay(c, files, kept);
    mem_free(files);
    if (index)
        count_events(c, index);
    return c;
}

void coverage_free(struct coverage *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < COVERAGE_FIELDS; i++)
        mem_free(c->values[i]);
    mem_free(c->streams);
    mem_free(c->lines);
    arena_deinit(&c->arena);
    mem_free(c);
}
