#include "core/index/load.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/index/share.h"

enum {
    ROWS_BETWEEN_LOOKS = 256, /* at the clock */
    FIRST_ROWS = 4096,        /* enough to show at once */
    FIRST_WAIT_MS = 20,
    WAIT_GROWS = 4, /* times, from one publishing to the next … */
    LAST_WAIT_MS = 5000,
    SHARE_ROWS = CHUNK_ROWS / 4,  /* room that a part should find in the builder */
    SHARE_MIN_BYTES = 512 * 1024, /* packed; less is not worth the sharing */
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
    /* Workers without a file of their own help those that have a large one. */
    struct lock help_lock;
    struct bell help_bell;
    struct offer *offers;
    unsigned n_reading;      /* workers that may still offer something */
    _Atomic unsigned n_idle; /* workers that wait for an offer */
};

/* A file that is read together; its reader's. */
struct offer {
    struct share *share;
    struct offer *next;
    unsigned n_helpers;
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
    struct part part;
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
    lock_init(&l->help_lock);
    bell_init(&l->help_bell);
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
    lock_deinit(&l->help_lock);
    bell_deinit(&l->help_bell);
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

/* Reads one part into the builder. Returns where plain records ended. */
static uint64_t read_part(struct worker *w, struct envelope *reader, uint32_t file,
                          struct sums *sums)
{
    uint64_t end_bytes = w->part.offset_bytes, offset_bytes;
    uint32_t length_bytes;

    *sums = (struct sums){.first_us = INSTANT_NONE, .last_us = INSTANT_NONE};
    envelope_part_begin(reader, buffer_bytes(&w->part.text), w->part.offset_bytes);
    while (chunk_builder_rows(w->builder) < CHUNK_ROWS && !is_cancelled(w->load) &&
           envelope_part_next(reader, &w->event, &offset_bytes, &length_bytes)) {
        chunk_builder_add(w->builder, &w->event, file, offset_bytes, length_bytes);
        sums_add(sums, &w->event, length_bytes);
        end_bytes = offset_bytes + length_bytes;
    }
    return end_bytes;
}

/* Reads parts until there are none. */
static void read_parts(struct worker *w, struct share *share)
{
    struct envelope *reader = envelope_part_new(share_envelope(share), w->reader);
    struct sums sums;

    while (share_take(share, &w->part)) {
        uint64_t end_bytes;

        chunk_builder_mark(w->builder);
        end_bytes = read_part(w, reader, share_file(share)->id, &sums);
        if (!share_settle(share, &w->part, end_bytes, &sums))
            chunk_builder_cut(w->builder);
        else if (chunk_builder_rows(w->builder) > CHUNK_ROWS - SHARE_ROWS)
            publish(w, now_ms());
        else
            publish_if_due(w);
    }
    envelope_free(reader);
    buffer_deinit(&w->part.text);
}

/* Nobody shall look there any more; that someone said so before is fine. */
static void withdraw(struct load *l, struct offer *offer)
{
    struct offer **at = &l->offers;

    while (*at && *at != offer)
        at = &(*at)->next;
    if (*at)
        *at = offer->next;
}

/* Has others help with the file while they have nothing else to do. */
static void read_together(struct worker *w, struct share *share)
{
    struct load *l = w->load;
    struct offer offer = {.share = share};

    if (chunk_builder_rows(w->builder) > CHUNK_ROWS - SHARE_ROWS)
        publish(w, now_ms());
    lock_take(&l->help_lock);
    offer.next = l->offers;
    l->offers = &offer;
    bell_ring(&l->help_bell);
    lock_give(&l->help_lock);
    read_parts(w, share);
    lock_take(&l->help_lock);
    withdraw(l, &offer);
    while (offer.n_helpers > 0)
        bell_wait(&l->help_bell, &l->help_lock);
    lock_give(&l->help_lock);
    share_end(share);
}

/* Whether someone waits for work and enough is left of the file. */
static bool is_worth_sharing(const struct load *l, const struct file *f)
{
    uint64_t all = atomic_load_explicit(&f->packed_bytes, memory_order_relaxed);
    uint64_t read = atomic_load_explicit(&f->packed_read_bytes, memory_order_relaxed);

    return atomic_load_explicit(&l->n_idle, memory_order_relaxed) > 0 && all > read &&
           all - read >= SHARE_MIN_BYTES;
}

/* What a worker does that finds no file any more. */
static void help_others(struct worker *w)
{
    struct load *l = w->load;

    lock_take(&l->help_lock);
    l->n_reading--;
    bell_ring(&l->help_bell);
    while (l->n_reading > 0 || l->offers) {
        struct offer *offer = l->offers;

        if (!offer) {
            atomic_fetch_add_explicit(&l->n_idle, 1, memory_order_relaxed);
            bell_wait(&l->help_bell, &l->help_lock);
            atomic_fetch_sub_explicit(&l->n_idle, 1, memory_order_relaxed);
            continue;
        }
        offer->n_helpers++;
        lock_give(&l->help_lock);
        read_parts(w, offer->share);
        publish(w, now_ms());
        lock_take(&l->help_lock);
        withdraw(l, offer);
        offer->n_helpers--;
        bell_ring(&l->help_bell);
    }
    lock_give(&l->help_lock);
}

/* Reads all events of a file. False when stopped before its end. */
static bool read_events(struct worker *w, struct file *f, struct envelope *envelope,
                        struct sums *sums)
{
    uint64_t offset_bytes, alone_until = 0;
    uint32_t length_bytes;

    while (envelope_next(envelope, &w->event, &offset_bytes, &length_bytes)) {
        chunk_builder_add(w->builder, &w->event, f->id, offset_bytes, length_bytes);
        sums_add(sums, &w->event, length_bytes);
        if (chunk_builder_rows(w->builder) % ROWS_BETWEEN_LOOKS == 0) {
            struct share *share = NULL;

            atomic_store_explicit(&f->events, sums->events, memory_order_relaxed);
            publish_if_due(w);
            if (w->shown && offset_bytes >= alone_until && is_worth_sharing(w->load, f))
                share = share_new(envelope, &w->event, f, sums);
            if (share) {
                read_together(w, share);
                /* What stopped it may come again: sharing must not cost more than it gains. */
                alone_until = envelope_offset(envelope) + SHARE_PART_BYTES;
            }
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
    lock_take(&l->help_lock);
    l->n_reading++;
    lock_give(&l->help_lock);
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
    help_others(w);
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
