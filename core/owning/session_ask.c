/* The questions that a session takes: what each holds while it runs, and how it ends. */
#include "core/base/mem.h"

#include "core/owning/session_own.h"

enum { MS_BEFORE_PARTS = 400 /* of an answer */ };

struct select_ask {
    struct ask ask;
    struct filters *filters; /* held, with the queries in them */
    const struct query **queries;
    void (*answer)(void *context, struct selection *selection);
};

static void end_select(struct ask *ask, bool wanted)
{
    struct select_ask *a = (struct select_ask *)ask;
    struct scan *scan = &ask->as.scan;

    if (wanted && scan->result) {
        struct selection *answer = scan->result;

        scan->result = NULL;
        a->answer(ask->context, answer);
    }
    scan_deinit(scan);
    filters_release(a->filters);
    mem_free(a->queries);
}

static struct selection *part_of_select(struct ask *ask)
{
    return scan_take_part(&ask->as.scan);
}

struct ask *session_select(struct session *s, struct filters *filters,
                           void (*answer)(void *context, struct selection *selection),
                           void *context)
{
    static const struct ask_kind kind = {end_select, part_of_select};
    struct scan_request request = {.index = s->index,
                                   .archive = s->archive,
                                   .load = s->load,
                                   .recall = s->recall,
                                   .with_duplicates = s->with_duplicates,
                                   .keep_unknown = s->keep_unknown};
    struct select_ask *a;

    if (!s->index)
        return NULL;
    a = mem_alloc(sizeof *a);
    a->filters = filters_hold(filters);
    a->queries = mem_array(filters_count(filters), sizeof(struct query *));
    a->answer = answer;
    request.filters = a->queries;
    request.n_filters = filters_enabled_queries(filters, a->queries);
    request.progress = &a->ask.progress;
    request.parts_to = s->ask_pool;
    request.parts_after_ms = MS_BEFORE_PARTS;
    scan_init(&a->ask.as.scan, &request);
    return ask_start(&a->ask, &kind, &s->asks, s->ask_pool, context);
}

struct group_ask {
    struct ask ask;
    void (*answer)(void *context, struct grouping *grouping);
};

static void end_group(struct ask *ask, bool wanted)
{
    struct group_ask *a = (struct group_ask *)ask;
    struct grouping_job *job = &ask->as.grouping;

    if (wanted && job->result) {
        struct grouping *answer = job->result;

        job->result = NULL;
        a->answer(ask->context, answer);
    }
    grouping_deinit(job);
}

struct ask *session_group(struct session *s, struct selection *selection,
                          const enum field_id *fields, size_t n_fields,
                          enum field_id distinct_of,
                          void (*answer)(void *context, struct grouping *grouping),
                          void *context)
{
    static const struct ask_kind kind = {end_group, NULL};
    struct group_ask *a = mem_alloc(sizeof *a);

    a->answer = answer;
    grouping_init(&a->ask.as.grouping, selection, fields, n_fields, distinct_of);
    return ask_start(&a->ask, &kind, &s->asks, s->ask_pool, context);
}

/* The rest run on one worker. */
static struct ask *start_alone(struct session *s, struct pool *pool, struct ask *a,
                               const struct ask_kind *kind,
                               void (*run)(struct job *job, unsigned worker), void *context)
{
    a->as.job.run = run;
    a->as.job.workers = 1;
    return ask_start(a, kind, &s->asks, pool, context);
}

struct bins_ask {
    struct ask ask;
    struct selection *selection; /* held */
    size_t max_bins;
    struct histogram *histogram;
    void (*answer)(void *context, struct histogram *histogram);
};

static void run_bins(struct job *job, unsigned worker)
{
    struct bins_ask *a = (struct bins_ask *)job;

    (void)worker;
    a->histogram = histogram_new(a->selection, a->max_bins);
}

static void end_bins(struct ask *ask, bool wanted)
{
    struct bins_ask *a = (struct bins_ask *)ask;

    if (wanted)
        a->answer(ask->context, a->histogram);
    else
        histogram_free(a->histogram);
    selection_release(a->selection);
}

struct ask *session_bins(struct session *s, struct selection *selection, size_t max_bins,
                         void (*answer)(void *context, struct histogram *histogram),
                         void *context)
{
    static const struct ask_kind kind = {end_bins, NULL};
    struct bins_ask *a = mem_alloc(sizeof *a);

    a->answer = answer;
    a->selection = selection_hold(selection);
    a->max_bins = max_bins;
    return start_alone(s, s->ask_pool, &a->ask, &kind, run_bins, context);
}

struct bursts_ask {
    struct ask ask;
    struct selection *selection; /* held */
    struct burst_request request;
    struct bursts *bursts;
    void (*answer)(void *context, struct bursts *bursts);
};

static void run_bursts(struct job *job, unsigned worker)
{
    struct bursts_ask *a = (struct bursts_ask *)job;

    (void)worker;
    a->bursts = bursts_new(a->selection, &a->request, &job->cancelled);
}

static void end_bursts(struct ask *ask, bool wanted)
{
    struct bursts_ask *a = (struct bursts_ask *)ask;

    if (wanted && a->bursts)
        a->answer(ask->context, a->bursts);
    else
        bursts_free(a->bursts);
    selection_release(a->selection);
}

struct ask *session_bursts(struct session *s, struct selection *selection,
                           const struct burst_request *request,
                           void (*answer)(void *context, struct bursts *bursts), void *context)
{
    static const struct ask_kind kind = {end_bursts, NULL};
    struct bursts_ask *a = mem_alloc(sizeof *a);

    a->answer = answer;
    a->selection = selection_hold(selection);
    a->request = *request;
    return start_alone(s, s->ask_pool, &a->ask, &kind, run_bursts, context);
}

struct metrics_ask {
    struct ask ask;
    struct index *index; /* held */
    bool with_duplicates;
    struct metric_request request;
    struct metric_report *report;
    void (*answer)(void *context, struct metric_report *report);
};

static void run_metrics(struct job *job, unsigned worker)
{
    struct metrics_ask *a = (struct metrics_ask *)job;

    (void)worker;
    a->report = metric_report_new(a->index, a->with_duplicates, &a->request, &job->cancelled);
}

static void end_metrics(struct ask *ask, bool wanted)
{
    struct metrics_ask *a = (struct metrics_ask *)ask;

    if (wanted && a->report)
        a->answer(ask->context, a->report);
    else
        metric_report_free(a->report);
    index_release(a->index);
}

struct ask *session_metrics(struct session *s, const struct metric_request *request,
                            void (*answer)(void *context, struct metric_report *report),
                            void *context)
{
    static const struct ask_kind kind = {end_metrics, NULL};
    struct metrics_ask *a;

    if (!s->index) {
        metrics_release(request->known);
        return NULL;
    }
    a = mem_alloc(sizeof *a);
    a->answer = answer;
    a->request = *request;
    a->index = index_hold(s->index);
    a->with_duplicates = s->with_duplicates;
    return start_alone(s, s->ask_pool, &a->ask, &kind, run_metrics, context);
}

struct sort_ask {
    struct ask ask;
    struct selection *selection; /* held */
    enum field_id field;
    bool descending;
    row_id *rows;
    void (*answer)(void *context, row_id *rows);
};

static void run_sort(struct job *job, unsigned worker)
{
    struct sort_ask *a = (struct sort_ask *)job;

    (void)worker;
    a->rows = sort_rows(a->selection, a->field, a->descending, &job->cancelled);
}

static void end_sort(struct ask *ask, bool wanted)
{
    struct sort_ask *a = (struct sort_ask *)ask;

    if (wanted && a->rows)
        a->answer(ask->context, a->rows);
    else
        mem_free(a->rows);
    selection_release(a->selection);
}

struct ask *session_sort(struct session *s, struct selection *selection, enum field_id field,
                         bool descending, void (*answer)(void *context, row_id *rows),
                         void *context)
{
    static const struct ask_kind kind = {end_sort, NULL};
    struct sort_ask *a = mem_alloc(sizeof *a);

    a->answer = answer;
    a->selection = selection_hold(selection);
    a->field = field;
    a->descending = descending;
    return start_alone(s, s->ask_pool, &a->ask, &kind, run_sort, context);
}

struct table_ask {
    struct ask ask;
    struct query *query;        /* held */
    struct table_source source; /* its index is held */
    struct pool *pool;          /* for the scans of the query */
    bool with_duplicates;
    struct table *table;
    struct query_error error;
    void (*answer)(void *context, struct table *table, const struct query_error *error);
};

static void run_table(struct job *job, unsigned worker)
{
    struct table_ask *a = (struct table_ask *)job;

    (void)worker;
    if (atomic_load(&job->cancelled) ||
        table_run(a->query, &a->source, a->pool, a->with_duplicates, &a->table, &a->error) !=
            ERR_OK)
        a->table = NULL;
}

static void end_table(struct ask *ask, bool wanted)
{
    struct table_ask *a = (struct table_ask *)ask;

    if (wanted)
        a->answer(ask->context, a->table, &a->error);
    else
        table_free(a->table);
    query_error_deinit(&a->error);
    index_release(a->source.index);
    query_free(a->query);
}

struct ask *session_table(struct session *s, struct query *query,
                          void (*answer)(void *context, struct table *table,
                                         const struct query_error *error),
                          void *context)
{
    static const struct ask_kind kind = {end_table, NULL};
    struct table_ask *a;

    if (!s->index)
        return NULL;
    a = mem_alloc(sizeof *a);
    a->answer = answer;
    a->query = query_hold(query);
    a->pool = s->ask_pool;
    a->with_duplicates = s->with_duplicates;
    a->source = session_source(s);
    a->source.job = &a->ask.as.job;
    a->source.progress = &a->ask.progress;
    a->source.keep_unknown = s->keep_unknown;
    (void)index_hold(s->index);
    return start_alone(s, s->table_pool, &a->ask, &kind, run_table, context);
}
