#include "core/session.h"

#include <poll.h>

#include "core/base/mem.h"

enum { MS_BEFORE_PARTS = 400 /* of an answer */ };

enum { RECALL_BYTES = 256 << 20 /* for what was read from records again */ };

struct index_job {
    struct job job;
    struct session *session;
    size_t n_chunks;
    bool complete;
    struct index *result;
};

/* Weighs one index with the limits of its start. */
struct triage_job {
    struct job job;
    struct session *session;
    struct index *index; /* held */
    struct rules rules;
    _Atomic unsigned done;
    struct triage *result;
};

struct session {
    struct archive *archive;
    struct store *store;
    struct load *load;
    const struct config *config;
    struct pool *load_pool, *ask_pool;
    struct pool *table_pool; /* whole queries wait there for scans of the ask pool */
    struct recall *recall;
    struct index *index;
    struct index_job index_job;
    struct proof *proof;
    bool proving;
    bool indexing, loading, started, ending;
    size_t chunks_seen;
    unsigned changes;
    unsigned asks; /* questions whose job has not come back */
    struct ask *first_ask;
    bool with_duplicates, keep_unknown;
    struct triage *triage; /* the newest; NULL before the first */
    struct triage_job triage_job;
    struct rules rules;
    bool triage_wanted, triaging;
    bool triage_stale; /* made with other limits */
    struct casebook *casebook;
    row_id *marks; /* ascending */
    size_t n_marks, marks_cap;
};

enum ask_kind { ASK_SELECT, ASK_GROUP, ASK_BINS, ASK_BURSTS, ASK_METRICS, ASK_SORT, ASK_TABLE };

/* A question under way. Its job runs to its end even when nobody wants the answer. */
struct ask {
    union {
        struct job job; /* the first member of the others */
        struct scan scan;
        struct grouping_job grouping;
    } as;
    enum ask_kind kind;
    struct session *session;
    bool unwanted;
    struct ask *next; /* of those under way */
    void (*on_part)(void *context, struct selection *part);
    struct filters *filters;
    const struct query **queries;
    struct selection *selection; /* of ASK_BINS, ASK_BURSTS and ASK_SORT */
    size_t max_bins;
    struct histogram *histogram;
    struct burst_request burst_request;
    struct bursts *bursts;
    struct metric_request metric_request;
    struct metric_report *report;
    enum field_id field;
    bool descending;
    row_id *rows;
    void (*on_selection)(void *context, struct selection *selection);
    void (*on_grouping)(void *context, struct grouping *grouping);
    void (*on_bins)(void *context, struct histogram *histogram);
    void (*on_bursts)(void *context, struct bursts *bursts);
    void (*on_report)(void *context, struct metric_report *report);
    void (*on_rows)(void *context, row_id *rows);
    void (*on_table)(void *context, struct table *table, const struct query_error *error);
    struct query *query; /* of ASK_TABLE, held */
    bool with_duplicates;
    struct table_source source; /* of ASK_TABLE and ASK_METRICS; its index is held */
    struct table *table;
    struct query_error error;
    struct progress progress;
    void *context;
};

struct session *session_new(void)
{
    struct session *s = mem_alloc(sizeof *s);
    unsigned cores = pool_cores();

    s->archive = archive_new();
    archive_unfold_zips(s->archive);
    s->store = store_new();
    s->load_pool = pool_new(cores);
    s->ask_pool = pool_new(cores);
    s->table_pool = pool_new(1);
    s->recall = recall_new(RECALL_BYTES);
    s->casebook = casebook_new();
    rules_init(&s->rules);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    s->ending = true;
    if (s->load)
        load_cancel(s->load);
    if (s->proof)
        proof_cancel(s->proof);
    atomic_store(&s->index_job.job.cancelled, true);
    atomic_store(&s->triage_job.job.cancelled, true);
    pool_free(s->load_pool);
    pool_free(s->table_pool);
    pool_free(s->ask_pool);
    load_free(s->load);
    triage_release(s->triage);
    rules_deinit(&s->rules);
    casebook_free(s->casebook);
    index_release(s->index);
    recall_free(s->recall);
    store_free(s->store);
    proof_free(s->proof);
    archive_free(s->archive);
    mem_free(s->marks);
    mem_free(s);
}

void session_configure(struct session *s, const struct config *config)
{
    s->config = config;
}

const struct config *session_config(const struct session *s)
{
    return s->config;
}

struct archive *session_archive(struct session *s)
{
    return s->archive;
}

static void loaded(void *context)
{
    struct session *s = context;

    s->loading = false;
    s->changes |= SESSION_PROGRESS;
}

void session_start(struct session *s)
{
    s->load = load_new(s->archive, s->store, block_default_limits(), s->config);
    s->loading = s->started = true;
    load_start(s->load, s->load_pool, loaded, s);
}

static void run_index(struct job *job, unsigned worker)
{
    struct index_job *j = (struct index_job *)job;

    (void)worker;
    j->result = index_build(j->session->store, j->n_chunks, j->complete, &job->cancelled);
}

static void index_done(struct job *job)
{
    struct index_job *j = (struct index_job *)job;
    struct session *s = j->session;

    s->indexing = false;
    if (!j->result)
        return;
    index_release(s->index);
    s->index = j->result;
    j->result = NULL;
    s->changes |= SESSION_INDEX;
    if (s->index->complete)
        s->changes |= SESSION_LOADED;
}

static void proved(void *context)
{
    struct session *s = context;

    s->proving = false;
    s->changes |= SESSION_PROVED;
}

struct proof *session_proof(const struct session *s)
{
    return s->proof;
}

struct proof *session_new_proof(struct session *s)
{
    if (s->proving)
        return NULL;
    proof_free(s->proof);
    s->proof = proof_new(archive_again(s->archive));
    return s->proof;
}

void session_prove(struct session *s)
{
    s->proving = true;
    proof_start(s->proof, s->load_pool, proved, s);
}

/* A new picture costs time in proportion to all rows, so while reading goes on one is made
 * only after a fair share of new chunks; in sum that stays proportional to the rows. */
static void index_if_due(struct session *s)
{
    size_t chunks = store_count(s->store);
    size_t have = s->index ? s->index->n_chunks : 0;
    bool complete = !s->loading;

    if (s->indexing || !s->started || (s->index && s->index->complete))
        return;
    if (!complete && chunks < 2 * have + 1)
        return;
    s->indexing = true;
    s->index_job = (struct index_job){.session = s, .n_chunks = chunks, .complete = complete};
    s->index_job.job.run = run_index;
    s->index_job.job.done = index_done;
    s->index_job.job.workers = 1;
    pool_start(s->ask_pool, &s->index_job.job);
}

/* Parts of answers are given on as they come. */
static void take_parts(struct session *s)
{
    for (struct ask *a = s->first_ask, *next; a; a = next) {
        struct selection *part =
            a->kind == ASK_SELECT && a->on_part ? scan_take_part(&a->as.scan) : NULL;

        next = a->next; /* whoever takes it may cancel the question, which stays in the list */
        if (part && !a->unwanted) {
            a->on_part(a->context, part);
            s->changes |= SESSION_ANSWER;
        } else {
            selection_release(part);
        }
    }
}

static void run_triage(struct job *job, unsigned worker)
{
    struct triage_job *j = (struct triage_job *)job;

    (void)worker;
    j->result = triage_new(j->index, &j->rules, &job->cancelled, &j->done);
}

static void triage_if_due(struct session *s);

static void triage_done(struct job *job)
{
    struct triage_job *j = (struct triage_job *)job;
    struct session *s = j->session;

    s->triaging = false;
    index_release(j->index);
    rules_deinit(&j->rules);
    if (j->result && !s->ending) {
        triage_release(s->triage);
        s->triage = j->result;
        s->changes |= SESSION_TRIAGE;
    } else {
        triage_release(j->result);
    }
    j->result = NULL;
    if (!s->ending)
        triage_if_due(s);
}

/* Only of what will not change any more: a finding of half the events would be wrong. */
static void triage_if_due(struct session *s)
{
    if (!s->triage_wanted || s->triaging || !s->index || !s->index->complete ||
        (s->triage && !s->triage_stale))
        return;
    s->triaging = true;
    s->triage_stale = false;
    s->triage_job = (struct triage_job){.session = s, .index = index_hold(s->index)};
    rules_copy(&s->triage_job.rules, &s->rules);
    s->triage_job.job.run = run_triage;
    s->triage_job.job.done = triage_done;
    s->triage_job.job.workers = 1;
    pool_start(s->ask_pool, &s->triage_job.job);
}

struct triage *session_triage(struct session *s)
{
    s->triage_wanted = true;
    triage_if_due(s);
    return s->triage;
}

unsigned session_triage_done(const struct session *s)
{
    return s->triaging ? s->triage_job.done : s->triage ? 1000 : 0;
}

const struct rules *session_rules(const struct session *s)
{
    return &s->rules;
}

void session_set_rules(struct session *s, const struct rules *rules)
{
    struct rules old = s->rules;

    rules_copy(&s->rules, rules);
    rules_deinit(&old);
    s->triage_stale = true;
    if (s->triaging)
        atomic_store(&s->triage_job.job.cancelled, true);
    triage_if_due(s);
}

struct casebook *session_case(const struct session *s)
{
    return s->casebook;
}

unsigned session_poll(struct session *s)
{
    unsigned changes;
    size_t chunks;

    (void)pool_drain(s->load_pool);
    (void)pool_drain(s->ask_pool);
    (void)pool_drain(s->table_pool);
    take_parts(s);
    chunks = store_count(s->store);
    if (chunks != s->chunks_seen) {
        s->chunks_seen = chunks;
        s->changes |= SESSION_PROGRESS;
    }
    if (s->proving)
        s->changes |= SESSION_PROGRESS;
    index_if_due(s);
    triage_if_due(s);
    changes = s->changes;
    s->changes = 0;
    return changes;
}

int session_wake_fd(const struct session *s, unsigned which)
{
    const struct pool *pools[SESSION_WAKES] = {s->load_pool, s->ask_pool, s->table_pool};

    return pool_wake_fd(pools[which]);
}

void session_wait(struct session *s)
{
    struct pollfd wakes[SESSION_WAKES];

    for (unsigned i = 0; i < SESSION_WAKES; i++)
        wakes[i] = (struct pollfd){.fd = session_wake_fd(s, i), .events = POLLIN};
    s->changes |= session_poll(s);
    while (session_is_loading(s)) {
        (void)poll(wakes, SESSION_WAKES, -1);
        s->changes |= session_poll(s);
    }
}

bool session_is_proving(const struct session *s)
{
    return s->proving;
}

void session_stop_proof(struct session *s)
{
    if (s->proving)
        proof_cancel(s->proof);
}

void session_wait_for_proof(struct session *s,
                            void (*progress)(void *context, struct proof_progress now),
                            void *context)
{
    struct pollfd wake = {.fd = session_wake_fd(s, 0), .events = POLLIN};

    while (s->proving) {
        (void)poll(&wake, 1, -1);
        s->changes |= session_poll(s);
        if (progress)
            progress(context, proof_progress(s->proof));
    }
}

bool session_is_busy(const struct session *s)
{
    return s->proving || s->loading || s->indexing || s->triaging || s->asks > 0 ||
           (s->started && !s->index);
}

bool session_is_asked(const struct session *s)
{
    return s->asks > 0;
}

bool session_is_loading(const struct session *s)
{
    return s->loading || (s->started && (!s->index || !s->index->complete));
}

bool session_is_reading(const struct session *s)
{
    return s->loading;
}

void session_stop_loading(struct session *s)
{
    if (s->load)
        load_cancel(s->load);
}

bool session_was_stopped(const struct session *s)
{
    return s->load && load_is_cancelled(s->load);
}

void session_totals(struct session *s, struct ledger_totals *out)
{
    archive_totals(s->archive, out);
}

bool session_is_partial(struct session *s)
{
    struct ledger_totals totals;

    session_totals(s, &totals);
    return session_is_loading(s) || ledger_is_partial(&totals);
}

const struct store *session_store(const struct session *s)
{
    return s->store;
}

struct load *session_load(const struct session *s)
{
    return s->load;
}

struct pool *session_pool(const struct session *s)
{
    return s->ask_pool;
}

struct table_source session_source(const struct session *s)
{
    return (struct table_source){
        .index = s->index, .archive = s->archive, .load = s->load, .recall = s->recall};
}

struct index *session_index(const struct session *s)
{
    return s->index;
}

struct query_options session_query_options(const struct session *s)
{
    int64_t last = s->index ? s->index->last_us : INSTANT_NONE;
    int64_t first = s->index ? s->index->first_us : INSTANT_NONE;

    return (struct query_options){.reads_lists = true,
                                  .now_us = last,
                                  .last_event_us = last,
                                  .first_event_us = first,
                                  .config = s->config};
}

bool session_shows_duplicates(const struct session *s)
{
    return s->with_duplicates;
}

void session_show_duplicates(struct session *s, bool show)
{
    s->with_duplicates = show;
}

bool session_keeps_unknown(const struct session *s)
{
    return s->keep_unknown;
}

void session_keep_unknown(struct session *s, bool keep)
{
    s->keep_unknown = keep;
}

void ask_cancel(struct ask *a)
{
    if (!a)
        return;
    a->unwanted = true;
    atomic_store(&a->as.job.cancelled, true);
}

void ask_parts(struct ask *a, void (*part)(void *context, struct selection *part))
{
    if (a)
        a->on_part = part;
}

void ask_stop(struct ask *a)
{
    atomic_store(&a->progress.enough, true);
}

const struct progress *ask_progress(const struct ask *a)
{
    return &a->progress;
}

static void forget(struct session *s, const struct ask *a)
{
    struct ask **at = &s->first_ask;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
}

static void ask_done(struct job *job)
{
    struct ask *a = (struct ask *)job;
    struct session *s = a->session;
    bool wanted = !a->unwanted && !s->ending; /* whoever asked may be gone by then */

    s->asks--;
    forget(s, a);
    switch (a->kind) {
    case ASK_SELECT:
        if (wanted && a->as.scan.result) {
            struct selection *answer = a->as.scan.result;

            a->as.scan.result = NULL;
            a->on_selection(a->context, answer);
        }
        scan_deinit(&a->as.scan);
        break;
    case ASK_GROUP:
        if (wanted && a->as.grouping.result) {
            struct grouping *answer = a->as.grouping.result;

            a->as.grouping.result = NULL;
            a->on_grouping(a->context, answer);
        }
        grouping_deinit(&a->as.grouping);
        break;
    case ASK_BINS:
        if (wanted)
            a->on_bins(a->context, a->histogram);
        else
            histogram_free(a->histogram);
        break;
    case ASK_BURSTS:
        if (wanted && a->bursts)
            a->on_bursts(a->context, a->bursts);
        else
            bursts_free(a->bursts);
        break;
    case ASK_METRICS:
        if (wanted && a->report)
            a->on_report(a->context, a->report);
        else
            metric_report_free(a->report);
        index_release(a->source.index);
        break;
    case ASK_SORT:
        if (wanted && a->rows)
            a->on_rows(a->context, a->rows);
        else
            mem_free(a->rows);
        break;
    case ASK_TABLE:
        if (wanted)
            a->on_table(a->context, a->table, &a->error);
        else
            table_free(a->table);
        query_error_deinit(&a->error);
        index_release(a->source.index);
        query_free(a->query);
        break;
    }
    if (wanted)
        s->changes |= SESSION_ANSWER;
    selection_release(a->selection);
    filters_release(a->filters);
    mem_free(a->queries);
    mem_free(a);
}

static struct ask *ask_start(struct session *s, struct pool *pool, struct ask *a,
                             enum ask_kind kind, void *context)
{
    a->kind = kind;
    a->session = s;
    a->context = context;
    a->as.job.done = ask_done;
    s->asks++;
    a->next = s->first_ask;
    s->first_ask = a;
    pool_start(pool, &a->as.job);
    return a;
}

struct ask *session_select(struct session *s, struct filters *filters,
                           void (*answer)(void *context, struct selection *selection),
                           void *context)
{
    struct scan_request request = {.index = s->index,
                                   .archive = s->archive,
                                   .load = s->load,
                                   .recall = s->recall,
                                   .with_duplicates = s->with_duplicates,
                                   .keep_unknown = s->keep_unknown};
    struct ask *a;

    if (!s->index)
        return NULL;
    a = mem_alloc(sizeof *a);
    a->filters = filters_hold(filters);
    a->queries = mem_array(filters_count(filters), sizeof(struct query *));
    request.filters = a->queries;
    request.n_filters = filters_enabled_queries(filters, a->queries);
    request.progress = &a->progress;
    request.parts_to = s->ask_pool;
    request.parts_after_ms = MS_BEFORE_PARTS;
    a->on_selection = answer;
    scan_init(&a->as.scan, &request);
    return ask_start(s, s->ask_pool, a, ASK_SELECT, context);
}

struct ask *session_group(struct session *s, struct selection *selection,
                          const enum field_id *fields, size_t n_fields,
                          enum field_id distinct_of,
                          void (*answer)(void *context, struct grouping *grouping),
                          void *context)
{
    struct ask *a = mem_alloc(sizeof *a);

    a->on_grouping = answer;
    grouping_init(&a->as.grouping, selection, fields, n_fields, distinct_of);
    return ask_start(s, s->ask_pool, a, ASK_GROUP, context);
}

static void run_bins(struct job *job, unsigned worker)
{
    struct ask *a = (struct ask *)job;

    (void)worker;
    a->histogram = histogram_new(a->selection, a->max_bins);
}

struct ask *session_bins(struct session *s, struct selection *selection, size_t max_bins,
                         void (*answer)(void *context, struct histogram *histogram),
                         void *context)
{
    struct ask *a = mem_alloc(sizeof *a);

    a->on_bins = answer;
    a->selection = selection_hold(selection);
    a->max_bins = max_bins;
    a->as.job.run = run_bins;
    a->as.job.workers = 1;
    return ask_start(s, s->ask_pool, a, ASK_BINS, context);
}

static void run_bursts(struct job *job, unsigned worker)
{
    struct ask *a = (struct ask *)job;

    (void)worker;
    a->bursts = bursts_new(a->selection, &a->burst_request, &job->cancelled);
}

struct ask *session_bursts(struct session *s, struct selection *selection,
                           const struct burst_request *request,
                           void (*answer)(void *context, struct bursts *bursts), void *context)
{
    struct ask *a = mem_alloc(sizeof *a);

    a->on_bursts = answer;
    a->selection = selection_hold(selection);
    a->burst_request = *request;
    a->as.job.run = run_bursts;
    a->as.job.workers = 1;
    return ask_start(s, s->ask_pool, a, ASK_BURSTS, context);
}

static void run_metrics(struct job *job, unsigned worker)
{
    struct ask *a = (struct ask *)job;

    (void)worker;
    a->report = metric_report_new(a->source.index, a->with_duplicates, &a->metric_request,
                                  &job->cancelled);
}

struct ask *session_metrics(struct session *s, const struct metric_request *request,
                            void (*answer)(void *context, struct metric_report *report),
                            void *context)
{
    struct ask *a;

    if (!s->index) {
        metrics_release(request->known);
        return NULL;
    }
    a = mem_alloc(sizeof *a);
    a->on_report = answer;
    a->metric_request = *request;
    a->source.index = index_hold(s->index);
    a->with_duplicates = s->with_duplicates;
    a->as.job.run = run_metrics;
    a->as.job.workers = 1;
    return ask_start(s, s->ask_pool, a, ASK_METRICS, context);
}

static void run_sort(struct job *job, unsigned worker)
{
    struct ask *a = (struct ask *)job;

    (void)worker;
    a->rows = sort_rows(a->selection, a->field, a->descending, &job->cancelled);
}

struct ask *session_sort(struct session *s, struct selection *selection, enum field_id field,
                         bool descending, void (*answer)(void *context, row_id *rows),
                         void *context)
{
    struct ask *a = mem_alloc(sizeof *a);

    a->on_rows = answer;
    a->selection = selection_hold(selection);
    a->field = field;
    a->descending = descending;
    a->as.job.run = run_sort;
    a->as.job.workers = 1;
    return ask_start(s, s->ask_pool, a, ASK_SORT, context);
}

static void run_table(struct job *job, unsigned worker)
{
    struct ask *a = (struct ask *)job;
    struct session *s = a->session;

    (void)worker;
    if (atomic_load(&job->cancelled) ||
        table_run(a->query, &a->source, s->ask_pool, a->with_duplicates, &a->table,
                  &a->error) != ERR_OK)
        a->table = NULL;
}

struct ask *session_table(struct session *s, struct query *query,
                          void (*answer)(void *context, struct table *table,
                                         const struct query_error *error),
                          void *context)
{
    struct ask *a;

    if (!s->index)
        return NULL;
    a = mem_alloc(sizeof *a);
    a->on_table = answer;
    a->query = query_hold(query);
    a->with_duplicates = s->with_duplicates;
    a->source = session_source(s);
    a->source.job = &a->as.job;
    a->source.progress = &a->progress;
    a->source.keep_unknown = s->keep_unknown;
    (void)index_hold(s->index);
    a->as.job.run = run_table;
    a->as.job.workers = 1;
    return ask_start(s, s->table_pool, a, ASK_TABLE, context);
}

enum err session_raw(struct session *s, row_id row, struct buffer *out)
{
    struct row_place place = store_place(s->store, row);

    return block_extract(archive_file(s->archive, place.file), load_map(s->load, place.file),
                         place.offset_bytes, place.length_bytes, out);
}

enum err session_record(struct session *s, row_id row, struct buffer *out)
{
    struct row_place place = store_place(s->store, row);
    struct buffer text = {0};
    size_t start = out->len;
    enum err code = session_raw(s, row, out);

    if (code == ERR_OK && load_render(s->load, place.file, place.offset_bytes,
                                      bytes_slice(buffer_bytes(out), start, out->len), &text)) {
        out->len = start;
        buffer_add(out, buffer_bytes(&text));
    }
    buffer_deinit(&text);
    return code;
}

/* The position of the first mark that is not before `row`. */
static size_t mark_position(const struct session *s, row_id row)
{
    size_t low = 0, high = s->n_marks;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->marks[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool session_is_marked(const struct session *s, row_id row)
{
    size_t at = mark_position(s, row);

    return at < s->n_marks && s->marks[at] == row;
}

void session_mark(struct session *s, row_id row, bool marked)
{
    size_t at = mark_position(s, row);
    bool is = at < s->n_marks && s->marks[at] == row;

    if (is == marked)
        return;
    if (marked) {
        mem_grow(&s->marks, &s->marks_cap, s->n_marks + 1, sizeof *s->marks);
        memmove(s->marks + at + 1, s->marks + at, (s->n_marks - at) * sizeof *s->marks);
        s->marks[at] = row;
        s->n_marks++;
    } else {
        s->n_marks--;
        memmove(s->marks + at, s->marks + at + 1, (s->n_marks - at) * sizeof *s->marks);
    }
}

size_t session_marked(const struct session *s)
{
    return s->n_marks;
}

void session_unmark_all(struct session *s)
{
    s->n_marks = 0;
}
