#include "core/index/load.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/reading/envelope.h"

enum {
    ROWS_BETWEEN_LOOKS = 256, /* at the clock */
    FIRST_ROWS = 4096,        /* enough to show at once */
    FIRST_WAIT_MS = 20,
    WAIT_GROWS = 4, /* times, from one publishing to the next … */
    LAST_WAIT_MS = 5000,
};

struct load {
    struct job job; /* first: see pool.h */
    struct archive *archive;
    struct store *store;
    struct pool *pool;
    struct block_limits limits;
    const struct config *config;
    void (*done)(void *context);
    void *context;
    bool finished; /* owner's */
    int64_t start_ms;
    _Atomic uint64_t lost_events, lost_values;
    struct lock ways_lock;
    struct way *ways; /* by file id */
    size_t n_ways, ways_cap;
};

/* What a second reading of a file needs to know. */
struct way {
    struct block_map *map; /* NULL for a file that is small */
    struct dialects dialects;
};

/* What one worker keeps from file to file. */
struct worker {
    struct load *load;
    struct chunk_builder *builder;
    struct event_reader *reader;
    int64_t due_ms, wait_ms; /* when to publish what there is, and the step to the time after */
    bool shown;              /* something was published */
    struct event event;
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct load *load_new(struct archive *a, struct store *s, struct block_limits limits,
                      const struct config *config)
{
    struct load *l = mem_alloc(sizeof *l);

    l->archive = a;
    l->store = s;
    l->limits = limits;
    l->config = config;
    lock_init(&l->ways_lock);
    return l;
}

void load_free(struct load *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n_ways; i++) {
        block_map_free(l->ways[i].map);
        dialects_deinit(&l->ways[i].dialects);
    }
    mem_free(l->ways);
    lock_deinit(&l->ways_lock);
    mem_free(l);
}

static bool is_cancelled(const struct load *l)
{
    return atomic_load_explicit(&l->job.cancelled, memory_order_relaxed);
}

static void publish(struct worker *w, int64_t at_ms)
{
    struct load *l = w->load;
    struct chunk *c = chunk_builder_finish(w->builder);
    uint64_t rows;

    w->wait_ms =
        w->wait_ms * WAIT_GROWS < LAST_WAIT_MS ? w->wait_ms * WAIT_GROWS : LAST_WAIT_MS;
    w->due_ms = at_ms + w->wait_ms;
    if (!c)
        return;
    atomic_fetch_add_explicit(&l->lost_values, c->n_lost, memory_order_relaxed);
    w->shown = true;
    rows = c->n_rows;
    if (!store_publish(l->store, c)) {
        atomic_fetch_add_explicit(&l->lost_events, rows, memory_order_relaxed);
        load_cancel(l);
    }
    pool_nudge(l->pool);
}

/* A screen wants something early and fresh; the store wants full chunks. */
static void publish_if_due(struct worker *w)
{
    uint32_t rows = chunk_builder_rows(w->builder);
    int64_t at_ms = now_ms();

    if (rows == CHUNK_ROWS || at_ms >= w->due_ms || (!w->shown && rows >= FIRST_ROWS))
        publish(w, at_ms);
}

static void keep_way(struct load *l, uint32_t file, struct way way)
{
    if (!way.map && way.dialects.n == 0)
        return;
    lock_take(&l->ways_lock);
    if (file >= l->n_ways) {
        mem_grow(&l->ways, &l->ways_cap, (size_t)file + 1, sizeof *l->ways);
        while (l->n_ways <= file)
            l->ways[l->n_ways++] = (struct way){0};
    }
    l->ways[file] = way;
    lock_give(&l->ways_lock);
}

/* Sums of one file's events; they enter its row when it is finished. */
struct sums {
    uint64_t events, updates, summaries;
    format_mask formats;
    int64_t first_us, last_us;
};

static void sums_add(struct sums *s, const struct event *e)
{
    s->events++;
    s->formats |= UINT32_C(1) << e->format;
    s->updates += (e->flags & EVENT_UPDATE) != 0;
    s->summaries += (e->flags & EVENT_SUMMARY) != 0;
    if (e->time_us == INSTANT_NONE)
        return;
    if (s->first_us == INSTANT_NONE || e->time_us < s->first_us)
        s->first_us = e->time_us;
    if (s->last_us == INSTANT_NONE || e->time_us > s->last_us)
        s->last_us = e->time_us;
}

/* Reads all events of a file. False when stopped before its end. */
static bool read_events(struct worker *w, struct file *f, struct envelope *envelope,
                        struct sums *sums)
{
    uint64_t offset_bytes;
    uint32_t length_bytes;

    while (envelope_next(envelope, &w->event, &offset_bytes, &length_bytes)) {
        chunk_builder_add(w->builder, &w->event, f->id, offset_bytes, length_bytes);
        sums_add(sums, &w->event);
        if (chunk_builder_rows(w->builder) % ROWS_BETWEEN_LOOKS == 0) {
            atomic_store_explicit(&f->events, sums->events, memory_order_relaxed);
            publish_if_due(w);
        }
        if (is_cancelled(w->load))
            return false;
    }
    return true;
}

/* Evidence that grows or is replaced under our hands is neither the old nor the new. */
static void note_change(struct file *f, int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && (uint64_t)st.st_size == f->packed_bytes &&
        (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec == f->modified_ns)
        return;
    file_problem(f, (struct problem){.code = ERR_CHANGED, .packed = true});
}

/* Text is unpacked ahead of the events in it, so only the end tells what damage to the packed
 * bytes left of the file. */
static void count_kept(struct file *f, uint64_t events)
{
    for (size_t i = 0; i < f->n_problems; i++)
        if (f->problems[i].packed)
            f->problems[i].events_kept = events;
}

static void learn(struct load *l, struct file *f, struct userlist users)
{
    uint64_t lost = store_list_users(l->store, f->id, &users);

    atomic_fetch_add_explicit(&l->lost_values, lost, memory_order_relaxed);
    userlist_deinit(&users);
}

static void read_file(struct worker *w, struct file *f)
{
    struct load *l = w->load;
    struct sums sums = {.first_us = INSTANT_NONE, .last_us = INSTANT_NONE};
    struct problem problem;
    struct envelope *envelope;
    struct block *block;
    bool whole;
    int fd;

    atomic_store_explicit(&f->status, FILE_READING, memory_order_relaxed);
    fd = access_file(f, &problem);
    if (fd < 0) {
        file_problem(f, problem);
        file_finish(f, FILE_SKIPPED);
        return;
    }
    block = block_new(f, fd, l->limits, false);
    envelope = envelope_new(f, block, w->reader, false);
    whole = read_events(w, f, envelope, &sums);
    keep_way(l, f->id, (struct way){block_take_map(block), envelope_take_dialects(envelope)});
    learn(l, f, envelope_take_users(envelope));
    envelope_free(envelope);
    block_free(block);
    note_change(f, fd);
    count_kept(f, sums.events);
    (void)close(fd);
    atomic_store_explicit(&f->events, sums.events, memory_order_relaxed);
    f->formats = sums.formats;
    f->updates = sums.updates;
    f->summaries = sums.summaries;
    f->first_us = sums.first_us;
    f->last_us = sums.last_us;
    if (!whole)
        file_problem(f, (struct problem){.code = ERR_CANCELLED,
                                         .offset = f->bytes,
                                         .events_kept = sums.events});
    file_finish(f, whole ? file_verdict(f) : FILE_STOPPED);
}

static void run(struct job *job, unsigned number)
{
    struct load *l = (struct load *)job;
    struct worker *w = mem_alloc(sizeof *w);
    struct file *f;

    (void)number;
    w->load = l;
    w->builder = chunk_builder_new(store_dictionaries(l->store));
    w->reader = event_reader_new(l->config);
    w->wait_ms = FIRST_WAIT_MS;
    w->due_ms = l->start_ms + w->wait_ms;
    while (!is_cancelled(l) && (f = archive_next(l->archive))) {
        read_file(w, f);
        publish_if_due(w);
        archive_look_ahead(l->archive);
    }
    publish(w, w->due_ms);
    event_reader_free(w->reader);
    chunk_builder_free(w->builder);
    mem_free(w);
}

static void run_done(struct job *job)
{
    struct load *l = (struct load *)job;

    l->finished = true;
    if (l->done)
        l->done(l->context);
}

void load_start(struct load *l, struct pool *p, void (*done)(void *context), void *context)
{
    l->pool = p;
    l->done = done;
    l->context = context;
    l->start_ms = now_ms();
    l->job.run = run;
    l->job.done = run_done;
    pool_start(p, &l->job);
}

void load_cancel(struct load *l)
{
    atomic_store(&l->job.cancelled, true);
}

bool load_is_finished(const struct load *l)
{
    return l->finished;
}

bool load_is_cancelled(const struct load *l)
{
    return atomic_load(&l->job.cancelled);
}

uint64_t load_lost_events(const struct load *l)
{
    return atomic_load_explicit(&l->lost_events, memory_order_relaxed);
}

uint64_t load_lost_values(const struct load *l)
{
    return atomic_load_explicit(&l->lost_values, memory_order_relaxed);
}

/* A finished file's way never changes; only the array moves. */
static struct way way_of(struct load *l, uint32_t file)
{
    struct way way = {0};

    lock_take(&l->ways_lock);
    if (file < l->n_ways)
        way = l->ways[file];
    lock_give(&l->ways_lock);
    return way;
}

const struct block_map *load_map(struct load *l, uint32_t file)
{
    return way_of(l, file).map;
}

bool load_render(struct load *l, uint32_t file, uint64_t offset_bytes, struct bytes raw,
                 struct buffer *out)
{
    struct way way = way_of(l, file);

    return dialects_render(&way.dialects, offset_bytes, raw, out);
}
