/* cogtrail-bench PATH...: what the program promises about time and memory, measured.
 *
 * Every figure of an archive comes from one child process, so that its peak memory is its own;
 * times of loading stand as ratios to zcat over the same files in the same run. Each time is
 * the least of several, as other work on the machine only ever adds to it. A bench shows
 * figures and judges nothing: its exit status tells only whether it could measure. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/asking/counts.h"
#include "core/owning/session.h"

#include "tests/bench/clock.h"
#include "tests/data/random.h"

enum { LOADS = 3, REPEATS = 15, TRIAGES = 5, OPENED = 1000 };

/* Whole queries: what is asked, how often, and how it is told. */
static const struct asked {
    const char *text, *work;
    unsigned repeats;
} asked_queries[] = {
    {"stats count(*) by error",                                                             "query: count by error",                REPEATS},
    {"stats count(*) by bin(1h)",                                                           "query: count by hour",                 REPEATS},
    {"filter error = \"NotAuthorizedException\" | stats count(*) by ip, client",
     "query: filter, count by two keys",                                                                                            REPEATS},
    {"stats count(*), count_distinct(sub), earliest(@timestamp), latest(@timestamp) by ip",
     "query: four aggregates by address",                                                                                           5      },
    {"stats avg(strlen(agent)), pct(status, 95) by operation, region",
     "query: aggregates of values by two keys",                                                                                     5      },
    {"filter error = \"NotAuthorizedException\" | sort @timestamp desc | limit 100",
     "query: the newest hundred",                                                                                                   5      },
    {"stats count(*) by tlsDetails.cipherSuite",                                            "query: count by any path, first time", 1      },
    {"stats count(*) by tlsDetails.cipherSuite",                                            "query: count by any path, again",      3      },
    {"filter @message like /i-9e3779c[0-9]/ | stats count(*)",
     "query: expression over all raw text, first time",                                                                             1      },
    {"filter @message like /i-9e3779c[0-9]/ | stats count(*)",
     "query: expression over all raw text, again",                                                                                  3      },
};

struct figures {
    uint64_t events, files, packed_bytes, bytes;
    struct cost zcat, ready;
    double first_rows_s, peak_bytes, held_bytes;
    double count_errors_s, count_ips_s, group_s, group_subs_s, filter_s, histogram_s;
    double open_median_s, open_p95_s, open_p99_s;
    double queries_s[ARRAY_LEN(asked_queries)];
    struct cost triage, again, metrics;
    double triage_bytes; /* more at its peak than there were before */
};

/* Loads everything; the time until the first picture with rows goes to `*first_rows_s`. */
static struct session *load(const char *path, struct cost *ready, double *first_rows_s)
{
    struct cost start = clock_now();
    struct session *s = session_new();
    archive_add_path(session_archive(s), bytes_of(path));
    session_start(s);
    struct pollfd wakes[2] = {
        {.fd = session_wake_fd(s, 0), .events = POLLIN},
        {.fd = session_wake_fd(s, 1), .events = POLLIN}
    };
    *first_rows_s = 0;
    for (;;) {
        unsigned changes = session_poll(s);
        struct index *index = session_index(s);
        if (*first_rows_s == 0 && (changes & SESSION_INDEX) && index->n_rows > 0)
            *first_rows_s = clock_since(start).wall_s;
        if (!session_is_loading(s))
            break;
        poll(wakes, 2, -1);
    }
    *ready = clock_since(start);
    return s;
}

static struct selection *select_events(struct session *s, const struct filters *filters,
                                       bool bits_only)
{
    const struct query *queries[4];
    struct scan scan;
    struct scan_request request = {
        .index = session_index(s), .filters = queries, .bits_only = bits_only};
    request.n_filters = filters_enabled_queries(filters, queries);
    scan_init(&scan, &request);
    pool_start(session_pool(s), &scan.job);
    pool_wait(session_pool(s), &scan.job);
    struct selection *result = selection_hold(scan.result);
    scan_deinit(&scan);
    return result;
}

static void count_events(struct session *s, struct selection *selection,
                         const enum field_id *fields, size_t n_fields)
{
    struct counting_job job;
    counting_init(&job, selection, fields, n_fields);
    pool_start(session_pool(s), &job.job);
    pool_wait(session_pool(s), &job.job);
    counting_deinit(&job);
}

static double time_count(struct session *s, struct selection *all, enum field_id key)
{
    double samples[REPEATS];
    for (unsigned i = 0; i < REPEATS; i++) {
        struct cost start = clock_now();
        count_events(s, all, &key, 1);
        samples[i] = clock_since(start).wall_s;
    }
    return clock_percentile(samples, REPEATS, 0);
}

static double time_group(struct session *s, struct selection *all, enum field_id key,
                         enum field_id distinct_of)
{
    double samples[REPEATS];
    for (unsigned i = 0; i < REPEATS; i++) {
        struct cost start = clock_now();
        struct grouping_job job;
        grouping_init(&job, all, &key, 1, distinct_of);
        pool_start(session_pool(s), &job.job);
        pool_wait(session_pool(s), &job.job);
        grouping_deinit(&job);
        samples[i] = clock_since(start).wall_s;
    }
    return clock_percentile(samples, REPEATS, 0);
}

static struct filters *failed_sign_ins(void)
{
    struct query_options options = {.now_us = INSTANT_NONE, .last_event_us = INSTANT_NONE};
    struct query_error error = {0};
    struct filters *none = filters_new(), *filters = NULL;
    struct bytes text = bytes_of("error = \"NotAuthorizedException\"");
    if (filters_add(none, text, &options, &filters, &error) != ERR_OK) {
        fprintf(stderr, "bench: %.*s\n", (int)error.message.len, error.message.ptr);
        exit(1);
    }
    filters_release(none);
    query_error_deinit(&error);
    return filters;
}

static double time_filter(struct session *s)
{
    static const enum field_id keys[] = {FIELD_IP, FIELD_CLIENT};
    double samples[REPEATS];
    struct filters *filters = failed_sign_ins();
    for (unsigned i = 0; i < REPEATS; i++) {
        struct cost start = clock_now();
        struct selection *selection = select_events(s, filters, true);
        count_events(s, selection, keys, ARRAY_LEN(keys));
        samples[i] = clock_since(start).wall_s;
        selection_release(selection);
    }
    filters_release(filters);
    return clock_percentile(samples, REPEATS, 0);
}

static double time_histogram(const struct selection *all)
{
    double samples[REPEATS];
    for (unsigned i = 0; i < REPEATS; i++) {
        struct cost start = clock_now();
        histogram_free(histogram_new(all, 200));
        samples[i] = clock_since(start).wall_s;
    }
    return clock_percentile(samples, REPEATS, 0);
}

static void run_query(struct session *s, const char *text)
{
    struct query_options options = session_query_options(s);
    struct table_source source = session_source(s);
    struct query_error error = {0};
    struct query *query = NULL;
    struct table *table = NULL;
    if (query_parse(bytes_of(text), &options, &query, &error) != ERR_OK ||
        table_run(query, &source, session_pool(s), false, &table, &error) != ERR_OK) {
        fprintf(stderr, "bench: %.*s\n", (int)error.message.len, error.message.ptr);
        exit(1);
    }
    table_free(table);
    query_free(query);
    query_error_deinit(&error);
}

static double time_query(struct session *s, const struct asked *asked)
{
    double samples[REPEATS];
    for (unsigned i = 0; i < asked->repeats; i++) {
        struct cost start = clock_now();
        run_query(s, asked->text);
        samples[i] = clock_since(start).wall_s;
    }
    return clock_percentile(samples, asked->repeats, 0);
}

/* Opens events at random, as a reader who jumps about does. */
static void time_opening(struct session *s, struct figures *f)
{
    static double samples[OPENED];
    const struct index *index = session_index(s);
    struct random r = random_make(1, 0);
    struct buffer record = {0};
    for (unsigned i = 0; i < OPENED; i++) {
        row_id row = index->order[random_next(&r) % index->n_rows];
        buffer_clear(&record);
        struct cost start = clock_now();
        if (session_record(s, row, &record) != ERR_OK) {
            fputs("bench: an event cannot be opened\n", stderr);
            exit(1);
        }
        samples[i] = clock_since(start).wall_s;
    }
    buffer_deinit(&record);
    f->open_median_s = clock_percentile(samples, OPENED, 50);
    f->open_p95_s = clock_percentile(samples, OPENED, 95);
    f->open_p99_s = clock_percentile(samples, OPENED, 99);
}

static void keep_least(struct cost *least, struct cost cost);

/* Findings from nothing, then again with one limit changed. */
static void time_triage(struct session *s, struct figures *f)
{
    atomic_bool never = false;
    struct crew crew = {session_pool(s), &never};
    struct rules rules;
    double before_bytes = clock_peak_bytes();
    rules_init(&rules);
    rules.limits[rule_find(bytes_of("credential-stuffing"))].events--;
    for (unsigned i = 0; i < TRIAGES; i++) {
        struct cost start = clock_now();
        struct triage *t = triage_new(session_index(s), session_rules(s), NULL, &crew, NULL);
        struct cost fresh = clock_since(start);
        if (i == 0)
            f->triage_bytes = clock_peak_bytes() - before_bytes;
        start = clock_now();
        struct triage *again = triage_new(session_index(s), &rules, t, &crew, NULL);
        struct cost edited = clock_since(start);
        triage_release(again);
        triage_release(t);
        if (i == 0) {
            f->triage = fresh;
            f->again = edited;
        }
        keep_least(&f->triage, fresh);
        keep_least(&f->again, edited);
    }
    rules_deinit(&rules);
}

/* Sums, bins of an hour and the three alarms, as the metrics view asks for them. */
static void time_metrics(struct session *s, struct figures *f)
{
    const atomic_bool never = false;
    for (unsigned i = 0; i < TRIAGES; i++) {
        struct metric_request request = {.width_us = INSTANT_HOUR};
        for (unsigned alarm = 0; alarm < ALARM_COUNT; alarm++)
            request.rules[alarm] = alarm_default((enum alarm)alarm);
        struct cost start = clock_now();
        metric_report_free(metric_report_new(session_index(s), false, &request, &never));
        struct cost cost = clock_since(start);
        if (i == 0)
            f->metrics = cost;
        keep_least(&f->metrics, cost);
    }
}

static void measure_questions(struct session *s, struct figures *f)
{
    time_triage(s, f);
    time_metrics(s, f);
    struct filters *none = filters_new();
    struct selection *all = select_events(s, none, false);
    f->count_errors_s = time_count(s, all, FIELD_ERROR);
    f->count_ips_s = time_count(s, all, FIELD_IP);
    f->group_s = time_group(s, all, FIELD_IP, FIELD_COUNT);
    f->group_subs_s = time_group(s, all, FIELD_IP, FIELD_SUB);
    f->filter_s = time_filter(s);
    f->histogram_s = time_histogram(all);
    time_opening(s, f);
    for (size_t i = 0; i < ARRAY_LEN(asked_queries); i++)
        f->queries_s[i] = time_query(s, &asked_queries[i]);
    selection_release(all);
    filters_release(none);
}

/* The least of several; wall and CPU time each for itself. */
static void keep_least(struct cost *least, struct cost cost)
{
    if (cost.wall_s < least->wall_s)
        least->wall_s = cost.wall_s;
    if (cost.cpu_s < least->cpu_s)
        least->cpu_s = cost.cpu_s;
}

/* zcat and loading take turns, so that other work on the machine meets both. */
static void measure(const char *path, struct figures *f)
{
    double base_bytes = clock_peak_bytes();
    f->zcat = clock_zcat(path);
    struct session *s = load(path, &f->ready, &f->first_rows_s);
    f->peak_bytes = clock_peak_bytes() - base_bytes;
    f->held_bytes = (double)store_bytes(session_store(s));
    struct ledger_totals totals;
    session_totals(s, &totals);
    f->events = totals.events;
    f->files = totals.files;
    f->packed_bytes = totals.packed_bytes;
    f->bytes = totals.bytes;
    if (f->events == 0) {
        fprintf(stderr, "bench: no events in %s\n", path);
        exit(1);
    }
    measure_questions(s, f);
    session_free(s);
    for (unsigned i = 1; i < LOADS; i++) {
        struct cost ready;
        double first_rows_s;
        keep_least(&f->zcat, clock_zcat(path));
        session_free(load(path, &ready, &first_rows_s));
        keep_least(&f->ready, ready);
        if (first_rows_s < f->first_rows_s)
            f->first_rows_s = first_rows_s;
    }
}

/* Runs measure() in a child and takes its figures through a pipe. */
static void measure_apart(const char *path, struct figures *f)
{
    int ends[2];
    if (pipe(ends) < 0) {
        perror("bench: pipe");
        exit(1);
    }
    pid_t child = fork();
    if (child == 0) {
        struct figures own = *f;
        measure(path, &own);
        _exit(write(ends[1], &own, sizeof(own)) == (ssize_t)sizeof(own) ? 0 : 1);
    }
    close(ends[1]);
    int status;
    ssize_t got = read(ends[0], f, sizeof(*f));
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0 ||
        got != (ssize_t)sizeof(*f))
        exit(1);
}

static void show(const char *work, double target, double figure, const char *unit)
{
    printf("  %-44s  <= %-6g  %8.3g %-6s %s\n", work, target, figure, unit,
           figure <= target ? "" : "over");
}

/* A figure without a target. */
static void note(const char *work, double figure, const char *unit)
{
    printf("  %-44s  %-9s  %8.3g %s\n", work, "", figure, unit);
}

static void report(const char *path, const struct figures *f)
{
    double millions = (double)f->events / 1e6;
    bool one_file = f->files == 1;
    printf("%s: %llu events, %llu files, %.0f MB packed, %.0f MB unpacked\n", path,
           (unsigned long long)f->events, (unsigned long long)f->files,
           (double)f->packed_bytes / 1e6, (double)f->bytes / 1e6);
    printf("  zcat %.2f s wall, %.2f s CPU; index ready %.3f s wall, %.3f s CPU\n",
           f->zcat.wall_s, f->zcat.cpu_s, f->ready.wall_s, f->ready.cpu_s);
    printf("  %-44s  %-9s  %8s\n", "work", "target", "figure");
    show("index ready / zcat, wall", one_file ? 0.30 : 0.25, f->ready.wall_s / f->zcat.wall_s,
         "");
    if (!one_file)
        show("index ready / zcat, CPU", 0.45, f->ready.cpu_s / f->zcat.cpu_s, "");
    show("peak memory", 130, f->peak_bytes / (double)f->events, "B/evt");
    note("  of it columns and dictionaries", f->held_bytes / (double)f->events, "B/evt");
    show("first rows in an index", 30, f->first_rows_s * 1e3, "ms");
    show("count by error code, per 1M events", 1, f->count_errors_s * 1e3 / millions, "ms");
    note("count by address", f->count_ips_s * 1e3 / millions, "ms");
    note("group by address, with times of each", f->group_s * 1e3 / millions, "ms");
    note("  and its subs counted", f->group_subs_s * 1e3 / millions, "ms");
    show("filter + two keys, per 1M events", 3, f->filter_s * 1e3 / millions, "ms");
    show("time histogram, per 1M events", 3, f->histogram_s * 1e3 / millions, "ms");
    for (size_t i = 0; i < ARRAY_LEN(asked_queries); i++)
        note(asked_queries[i].work, f->queries_s[i] * 1e3 / millions, "ms");
    show("triage, per 1M events", 1000, f->triage.wall_s * 1e3 / millions, "ms");
    note("  CPU", f->triage.cpu_s * 1e3 / millions, "ms");
    note("  wall / index ready", f->triage.wall_s / f->ready.wall_s, "");
    note("  memory beside the index", f->triage_bytes / (double)f->events, "B/evt");
    show("triage after one limit changed, per 1M events", 300, f->again.wall_s * 1e3 / millions,
         "ms");
    note("metrics and alarms, per 1M events", f->metrics.wall_s * 1e3 / millions, "ms");
    note("  wall / index ready", f->metrics.wall_s / f->ready.wall_s, "");
    show("opening one event, median", 1, f->open_median_s * 1e3, "ms");
    if (one_file)
        show("opening one event, p95", 10, f->open_p95_s * 1e3, "ms");
    else
        show("opening one event, p99", 10, f->open_p99_s * 1e3, "ms");
    putchar('\n');
}

static void report_growth(const struct figures *small, const struct figures *big)
{
    double times = (double)big->events / (double)small->events;
    if (small->files == 1 || big->files == 1 || times <= 1)
        return;
    printf("growth, %llu to %llu events\n", (unsigned long long)small->events,
           (unsigned long long)big->events);
    show("index ready, times", times * 1.05, big->ready.wall_s / small->ready.wall_s, "");
    show("triage, times", times * 1.05, big->triage.wall_s / small->triage.wall_s, "");
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct figures before = {0};
    mem_init();
    if (argc < 2) {
        fputs("usage: cogtrail-bench PATH...\n", stderr);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        struct figures f = {0};
        clock_zcat(argv[i]); /* warms the page cache */
        measure_apart(argv[i], &f);
        report(argv[i], &f);
        if (i > 1)
            report_growth(&before, &f);
        fflush(stdout);
        before = f;
    }
    return 0;
}
