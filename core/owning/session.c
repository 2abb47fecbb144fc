#include "core/owning/session.h"

#include <poll.h>

#include "core/base/mem.h"

#include "core/owning/session_own.h"

enum { RECALL_BYTES = 256 << 20 /* for what was read from records again */ };

struct session *session_new(void)
{
    struct session *s = mem_alloc(sizeof *s);
    unsigned cores = pool_cores();

    s->archive = archive_new();
    s->store = store_new();
    s->load_pool = pool_new(cores);
    s->ask_pool = pool_new(cores);
    s->table_pool = pool_new(1);
    s->triage_pool = pool_new(1);
    s->recall = recall_new(RECALL_BYTES);
    s->casebook = casebook_new();
    rules_init(&s->rules);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    s->ending = s->asks.ending = true;
    if (s->load)
        load_cancel(s->load);
    if (s->proof)
        proof_cancel(s->proof);
    atomic_store(&s->index_job.job.cancelled, true);
    atomic_store(&s->triage_job.job.cancelled, true);
    atomic_store(&s->lessons_job.job.cancelled, true);
    pool_free(s->load_pool);
    pool_free(s->table_pool);
    pool_free(s->triage_pool);
    pool_free(s->ask_pool);
    load_free(s->load);
    triage_release(s->triage);
    lessons_release(s->lessons);
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

static void run_triage(struct job *job, unsigned worker)
{
    struct triage_job *j = (struct triage_job *)job;
    struct crew crew = {j->session->ask_pool, &job->cancelled};

    (void)worker;
    j->result = triage_new(j->index, &j->rules, j->before, &crew, &j->done);
}

static void triage_if_due(struct session *s);

static void triage_done(struct job *job)
{
    struct triage_job *j = (struct triage_job *)job;
    struct session *s = j->session;

    s->triaging = false;
    s->changes |= SESSION_TRIAGE;
    index_release(j->index);
    triage_release(j->before);
    rules_deinit(&j->rules);
    if (j->result && !s->ending) {
        triage_release(s->triage);
        s->triage = j->result;
    } else {
        s->triage_stale |= s->triage != NULL; /* stopped on the way to other limits */
        triage_release(j->result);
    }
    j->result = NULL;
    if (!s->ending)
        triage_if_due(s);
}

/* Only of what will not change any more: a finding of half the events would be wrong. */
static void triage_if_due(struct session *s)
{
    if (!s->triage_wanted || s->triage_stopped || s->triaging || !s->index ||
        !s->index->complete || (s->triage && !s->triage_stale))
        return;
    s->triaging = true;
    s->triage_stale = false;
    s->triage_job = (struct triage_job){.session = s, .index = index_hold(s->index)};
    s->triage_job.before = s->triage ? triage_hold(s->triage) : NULL;
    rules_copy(&s->triage_job.rules, &s->rules);
    s->triage_job.job.run = run_triage;
    s->triage_job.job.done = triage_done;
    s->triage_job.job.workers = 1;
    pool_start(s->triage_pool, &s->triage_job.job);
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

bool session_is_triaging(const struct session *s)
{
    return s->triaging;
}

void session_stop_triage(struct session *s)
{
    s->triage_stopped = true;
    if (s->triaging)
        atomic_store(&s->triage_job.job.cancelled, true);
}

bool session_triage_was_stopped(const struct session *s)
{
    return s->triage_stopped && !s->triaging && (!s->triage || s->triage_stale);
}

void session_resume_triage(struct session *s)
{
    s->triage_stopped = false;
    triage_if_due(s);
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
    s->triage_stopped = false;
    if (s->triaging)
        atomic_store(&s->triage_job.job.cancelled, true);
    triage_if_due(s);
}

static void run_lessons(struct job *job, unsigned worker)
{
    struct lessons_job *j = (struct lessons_job *)job;

    (void)worker;
    j->result = lessons_new(j->index, &job->cancelled);
}

static void lessons_done(struct job *job)
{
    struct lessons_job *j = (struct lessons_job *)job;
    struct session *s = j->session;

    s->learning = false;
    index_release(j->index);
    if (!j->result)
        return;
    lessons_release(s->lessons);
    s->lessons = j->result;
    s->changes |= SESSION_LEARNED;
}

struct lessons *session_lessons(struct session *s)
{
    if (s->index && !s->learning && (!s->lessons || lessons_index(s->lessons) != s->index)) {
        s->learning = true;
        s->lessons_job = (struct lessons_job){.session = s, .index = index_hold(s->index)};
        s->lessons_job.job.run = run_lessons;
        s->lessons_job.job.done = lessons_done;
        s->lessons_job.job.workers = 1;
        pool_start(s->ask_pool, &s->lessons_job.job);
    }
    return s->lessons;
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
    (void)pool_drain(s->triage_pool);
    asks_take_parts(&s->asks);
    chunks = store_count(s->store);
    if (chunks != s->chunks_seen) {
        s->chunks_seen = chunks;
        s->changes |= SESSION_PROGRESS;
    }
    if (s->proving)
        s->changes |= SESSION_PROGRESS;
    index_if_due(s);
    triage_if_due(s);
    if (s->asks.answered)
        s->changes |= SESSION_ANSWER;
    s->asks.answered = false;
    changes = s->changes;
    s->changes = 0;
    return changes;
}

int session_wake_fd(const struct session *s, unsigned which)
{
    const struct pool *pools[SESSION_WAKES] = {s->load_pool, s->ask_pool, s->table_pool,
                                               s->triage_pool};

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
    return s->proving || s->loading || s->indexing || s->triaging || s->learning ||
           s->asks.n > 0 || (s->started && !s->index);
}

bool session_is_asked(const struct session *s)
{
    return s->asks.n > 0;
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
