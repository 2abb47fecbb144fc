#include "core/concluding/leak.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "core/asking/extract.h"
#include "core/asking/scan.h"
#include "core/concluding/exposure.h"
#include "core/reading/cursor.h"

/* Leaves all that exposure_of() may catch, and little else: the shape of a token, a name of a
 * secret with a value that is not masked, a telephone number, an e-mail address. */
static const char QUERY[] =
    "filter @message like /eyJ[A-Za-z0-9_-]{5}[A-Za-z0-9_-]*\\.eyJ/"
    " or @message like /(?i)(password|passwd|secret|_token|token|api_key|apikey|authorization)"
    "[\\\\\" ]*[=:][\\\\\" ]*(?!HIDDEN_)[^*\\\\\" {}\\[\\],]{4}/"
    " or @message like /\\+[1-9][0-9]{7}/"
    " or @message like /[A-Za-z0-9._-]@[A-Za-z0-9-]+\\.[A-Za-z0-9.-]*[A-Za-z]{2}/";

/* Names whose very value is a secret, as programs spell them. Those of identifiers and
 * settings (clientSecretArn, passwordPolicy) are others. */
// clang-format off
static const char *const SECRET_NAMES[] = {
    "password", "passwd", "secret", "client_secret", "clientSecret", "refresh_token",
    "refreshToken", "access_token", "accessToken", "id_token", "idToken", "api_key", "apiKey",
    "authorization", "secretAccessKey",
};
// clang-format on

struct place {
    struct bytes path;
    enum exposure kind;
    row_id *rows;
    uint32_t n_rows;
    size_t cap;
};

struct leaks {
    const struct triage *triage;
    struct place places[LEAK_PATHS * EXPOSURE_COUNT];
    size_t n_places;
    uint32_t n_of[EXPOSURE_COUNT];
    struct arena arena;
    struct buffer path, text;
    row_id row;
    bool is_activity;
};

static struct place *place_of(struct leaks *l, enum exposure kind, struct bytes path)
{
    struct place *made;

    for (unsigned again = 0; again < 2; again++) {
        for (size_t i = 0; i < l->n_places; i++)
            if (l->places[i].kind == kind && bytes_equal(l->places[i].path, path))
                return &l->places[i];
        if (l->n_of[kind] + 1 < LEAK_PATHS)
            break;
        path = bytes_of("other paths");
    }
    made = &l->places[l->n_places++];
    l->n_of[kind]++;
    *made = (struct place){.path = arena_copy(&l->arena, path), .kind = kind};
    return made;
}

static bool is_secret_name(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(SECRET_NAMES); i++)
        if (bytes_equal_nocase(name, bytes_of(SECRET_NAMES[i])))
            return true;
    return false;
}

static bool is_masked(struct bytes value)
{
    return value.len < 4 || bytes_starts(value, "HIDDEN_") || value.ptr[0] == '*';
}

static enum exposure exposure_at(const struct leaks *l, struct bytes name, struct bytes value)
{
    enum exposure found = exposure_of(value);

    if (found != EXPOSURE_TOKEN && is_secret_name(name) && !is_masked(value))
        found = EXPOSURE_SECRET;
    if (found == EXPOSURE_EMAIL && l->is_activity)
        found = EXPOSURE_NONE;
    return found;
}

static void take_value(struct leaks *l, struct bytes name, struct bytes value)
{
    enum exposure kind = exposure_at(l, name, value);
    struct place *place;

    if (kind == EXPOSURE_NONE || bytes_starts(buffer_bytes(&l->path), "userIdentity"))
        return;
    place = place_of(l, kind, buffer_bytes(&l->path));
    if (place->n_rows && place->rows[place->n_rows - 1] == l->row)
        return;
    mem_grow(&place->rows, &place->cap, (size_t)place->n_rows + 1, sizeof *place->rows);
    place->rows[place->n_rows++] = l->row;
}

/* `name` is the last key on the way; positions of lists are no part of a path. */
static void walk(struct leaks *l, struct cursor *c, struct bytes name)
{
    enum { MAX_PATH_BYTES = 300, MAX_DEPTH = 64 };
    size_t len = l->path.len;
    struct cursor_text text;
    enum cursor_kind kind;

    if (!cursor_peek(c, &kind))
        return;
    if (kind == CURSOR_OBJECT && c->depth < MAX_DEPTH && cursor_enter_object(c)) {
        for (bool first = true; cursor_next_key(c, &text, first); first = false) {
            if (len < MAX_PATH_BYTES) {
                if (len)
                    buffer_add_char(&l->path, '.');
                buffer_add(&l->path, text.raw);
            }
            walk(l, c, text.raw);
            l->path.len = len;
        }
    } else if (kind == CURSOR_ARRAY && c->depth < MAX_DEPTH && cursor_enter_array(c)) {
        for (bool first = true; cursor_next_item(c, first); first = false)
            walk(l, c, name);
    } else if (kind == CURSOR_STRING && cursor_string(c, &text)) {
        buffer_clear(&l->text);
        if (text.escaped)
            cursor_decode(text, &l->text);
        take_value(l, name, text.escaped ? buffer_bytes(&l->text) : text.raw);
    } else {
        (void)cursor_skip(c, NULL);
    }
}

static bool is_of(const struct chunk *c, size_t row, enum format format)
{
    return column_get(&c->ids[FIELD_FORMAT], row) == DICTIONARY_FIRST_TEXT + format;
}

static int by_row(const void *a, const void *b)
{
    row_id x = *(const row_id *)a, y = *(const row_id *)b;

    return (x > y) - (x < y);
}

/* File by file, as files are unpacked again. */
static void walk_rows(struct leaks *l, const struct selection *s, struct extract *records)
{
    const struct store *store = l->triage->index->store;
    row_id *rows = mem_array(s->n_rows + 1, sizeof *rows);

    if (s->n_rows)
        memcpy(rows, s->rows, s->n_rows * sizeof *rows);
    qsort(rows, s->n_rows, sizeof *rows, by_row);
    for (uint64_t i = 0; i < s->n_rows; i++) {
        const struct chunk *c = store_chunk(store, row_chunk(rows[i]));
        size_t at = row_in_chunk(rows[i]);
        struct bytes record;
        struct cursor cursor;

        l->row = rows[i];
        l->is_activity = is_of(c, at, FORMAT_USER_ACTIVITY) || is_of(c, at, FORMAT_AUTH_EVENT);
        if (!extract_record(records, rows[i], &record))
            continue;
        cursor_init(&cursor, record, true);
        cursor.lenient_utf8 = true;
        buffer_clear(&l->path);
        walk(l, &cursor, bytes_of(""));
    }
    mem_free(rows);
}

/* ---- findings ---- */

struct timed {
    int64_t time_us;
    row_id row;
};

static int by_time(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;

    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void order_rows(const struct store *store, struct place *p)
{
    struct timed *timed = mem_array(p->n_rows, sizeof *timed);

    for (uint32_t i = 0; i < p->n_rows; i++)
        timed[i] = (struct timed){store_time(store, p->rows[i]), p->rows[i]};
    qsort(timed, p->n_rows, sizeof *timed, by_time);
    for (uint32_t i = 0; i < p->n_rows; i++)
        p->rows[i] = timed[i].row;
    mem_free(timed);
}

static void report(const struct leaks *l, struct place *p, struct findings *out)
{
    struct buffer why = {0};
    struct finding *f;

    order_rows(l->triage->index->store, p);
    f = findings_add_rows(out, l->triage->signals, SCENARIO_OVER_LOGGING, p->rows, p->n_rows);
    f->key = KEY_ALL;
    f->key_text = arena_copy(&out->arena, p->path);
    f->severity = exposure_severity(p->kind);
    f->score = weigh_score(f->severity, 1, 1);
    weigh_add_count(&why, p->n_rows, "event", "events");
    buffer_printf(&why, " with %s at ", exposure_name(p->kind));
    buffer_add(&why, p->path);
    f->why = arena_copy(&out->arena, buffer_bytes(&why));
    buffer_deinit(&why);
}

static void read_selection(struct leaks *l, const struct selection *s,
                           const struct reread *from, struct findings *out, uint64_t *unread)
{
    struct extract *records = extract_new(l->triage->index->store, from);

    walk_rows(l, s, records);
    *unread = s->n_undecided + extract_failures(records);
    for (size_t i = 0; i < l->n_places; i++) {
        report(l, &l->places[i], out);
        mem_free(l->places[i].rows);
    }
    findings_finish(out, l->triage->signals);
    extract_free(records);
}

void leaks_find(const struct triage *t, struct pool *pool, struct archive *archive,
                struct load *load, struct findings *out, uint64_t *unread)
{
    struct query_options options = {.now_us = INSTANT_NONE, .last_event_us = INSTANT_NONE};
    const struct reread from = {.archive = archive, .load = load};
    struct query_error error = {0};
    struct query *query = NULL;
    struct leaks *l = mem_alloc(sizeof *l);

    l->triage = t;
    *unread = t->index->n_rows; /* until the search has gone through */
    if (query_parse(bytes_of(QUERY), &options, &query, &error) == ERR_OK) {
        const struct query *filter = query;
        struct scan_request request = {.index = t->index,
                                       .filters = &filter,
                                       .n_filters = 1,
                                       .archive = archive,
                                       .load = load};
        struct scan scan;

        scan_init(&scan, &request);
        pool_run(pool, &scan.job);
        if (scan.result)
            read_selection(l, scan.result, &from, out, unread);
        scan_deinit(&scan);
    }
    query_free(query);
    query_error_deinit(&error);
    buffer_deinit(&l->path);
    buffer_deinit(&l->text);
    arena_deinit(&l->arena);
    mem_free(l);
}
