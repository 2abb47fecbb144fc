#include "core/proving/proof.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum { FILES_BETWEEN_NUDGES = 16 };

struct judge_job {
    struct job job; /* first: see pool.h */
    struct proof *proof;
};

struct proof {
    struct job walk; /* first: see pool.h */
    struct judge_job judge;
    struct archive *archive;
    struct pool *pool;
    void (*done)(void *context);
    void *context;
    struct key_ring *keys;
    bool finished; /* the owner's */

    struct lock lock; /* of the exhibits while they are made */
    struct exhibit **exhibits;
    size_t n_exhibits, cap;
    _Atomic uint64_t files_done, bytes_done;

    struct chain chain;
    struct rulings rulings;
    struct proof_totals totals;
    struct buffer words;
    struct bytes *sentences;
    size_t n_sentences, sentences_cap;
};

struct proof *proof_new(struct archive *a)
{
    struct proof *p = mem_alloc(sizeof *p);

    /* No configuration file has a say in what counts as a signature. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    p->archive = a;
    p->keys = key_ring_new();
    lock_init(&p->lock);
    return p;
}

void proof_free(struct proof *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_exhibits; i++)
        exhibit_free(p->exhibits[i]);
    mem_free(p->exhibits);
    chain_deinit(&p->chain);
    rulings_deinit(&p->rulings);
    key_ring_free(p->keys);
    buffer_deinit(&p->words);
    mem_free(p->sentences);
    lock_deinit(&p->lock);
    archive_free(p->archive);
    mem_free(p);
}

enum err proof_add_keys(struct proof *p, struct bytes text, struct bytes source,
                        struct buffer *why)
{
    return key_ring_add_list(p->keys, text, source, true, why);
}

static bool is_cancelled(const struct proof *p)
{
    return atomic_load_explicit(&p->walk.cancelled, memory_order_relaxed);
}

static void keep(struct proof *p, struct exhibit *e)
{
    uint64_t done;

    lock_take(&p->lock);
    mem_grow(&p->exhibits, &p->cap, p->n_exhibits + 1, sizeof(struct exhibit *));
    p->exhibits[p->n_exhibits++] = e;
    lock_give(&p->lock);
    atomic_fetch_add_explicit(&p->bytes_done, e->content_bytes, memory_order_relaxed);
    done = atomic_fetch_add_explicit(&p->files_done, 1, memory_order_relaxed);
    if (done % FILES_BETWEEN_NUDGES == 0)
        pool_nudge(p->pool);
}

static void run_walk(struct job *job, unsigned worker)
{
    struct proof *p = (struct proof *)job;
    struct file *f;

    (void)worker;
    while (!is_cancelled(p) && (f = archive_next(p->archive))) {
        keep(p, exhibit_take(f, &p->walk.cancelled));
        archive_look_ahead(p->archive);
    }
}

static int compare_files(const void *a, const void *b)
{
    uint32_t x = (*(struct exhibit *const *)a)->file->id;
    uint32_t y = (*(struct exhibit *const *)b)->file->id;

    return x < y ? -1 : x > y;
}

/* Links, devices, unreadable folders and archives were never handed out. */
static void add_refused(struct proof *p)
{
    size_t n = archive_count(p->archive);
    bool *taken = mem_array(n, sizeof *taken);

    for (size_t i = 0; i < p->n_exhibits; i++)
        taken[p->exhibits[i]->file->id] = true;
    for (size_t i = 0; i < n; i++)
        if (!taken[i]) {
            struct file *f = archive_file(p->archive, i);

            mem_grow(&p->exhibits, &p->cap, p->n_exhibits + 1, sizeof(struct exhibit *));
            p->exhibits[p->n_exhibits++] = exhibit_finished(f, &p->walk.cancelled);
        }
    mem_free(taken);
    if (p->n_exhibits > 1)
        qsort(p->exhibits, p->n_exhibits, sizeof *p->exhibits, compare_files);
}

static void find_keys(struct proof *p)
{
    for (size_t i = 0; i < p->n_exhibits; i++) {
        const struct exhibit *e = p->exhibits[i];
        struct ruling row = {.kind = EXHIBIT_KEYS,
                             .status = RULING_ASIDE,
                             .name = e->file->path,
                             .from_us = INSTANT_NONE,
                             .to_us = INSTANT_NONE,
                             .exhibit = e};
        struct buffer why = {0};
        size_t before = key_ring_count(p->keys);

        if (e->kind != EXHIBIT_KEYS)
            continue;
        if (key_ring_add_list(p->keys, e->text, e->file->path, false, &why) != ERR_OK)
            row.status = RULING_MISFIT;
        else
            buffer_printf(&why, "%zu public keys, found among the files",
                          key_ring_count(p->keys) - before);
        row.detail = buffer_bytes(&why);
        rulings_add(&p->rulings, row);
        buffer_deinit(&why);
        p->totals.keys_found |= key_ring_count(p->keys) > before;
    }
}

static void split_words(struct proof *p)
{
    struct bytes rest = buffer_bytes(&p->words);

    while (rest.len > 0) {
        size_t len = bytes_find(rest, bytes_of("\n"));

        mem_grow(&p->sentences, &p->sentences_cap, p->n_sentences + 1, sizeof(struct bytes));
        p->sentences[p->n_sentences++] = bytes_slice(rest, 0, len);
        rest = bytes_slice(rest, len + 1, rest.len);
    }
}

static void run_judge(struct job *job, unsigned worker)
{
    struct proof *p = ((struct judge_job *)job)->proof;
    const atomic_bool *cancelled = &p->walk.cancelled;

    (void)worker;
    add_refused(p);
    p->totals.keys_given = key_ring_is_given(p->keys);
    find_keys(p);
    p->totals.keys = key_ring_count(p->keys);
    chain_judge(&p->chain, p->exhibits, p->n_exhibits, p->keys, cancelled, &p->rulings);
    claim_judge(&p->chain, p->exhibits, p->n_exhibits, cancelled, &p->totals.claims,
                &p->rulings);
    rulings_sort(&p->rulings);
    conclusion_count(&p->rulings, &p->totals);
    if (!is_cancelled(p))
        conclusion_write(&p->totals, &p->words);
}

static void finish(struct proof *p)
{
    if (is_cancelled(p)) {
        buffer_clear(&p->words);
        buffer_add_text(&p->words, "Stopped before the end: nothing is concluded.\n");
    }
    split_words(p);
    p->finished = true;
    if (p->done)
        p->done(p->context);
}

static void judge_done(struct job *job)
{
    finish(((struct judge_job *)job)->proof);
}

static void walk_done(struct job *job)
{
    struct proof *p = (struct proof *)job;

    /* The pool may be ending. */
    if (is_cancelled(p)) {
        finish(p);
        return;
    }
    p->judge.proof = p;
    p->judge.job.run = run_judge;
    p->judge.job.done = judge_done;
    p->judge.job.workers = 1;
    pool_start(p->pool, &p->judge.job);
}

void proof_start(struct proof *p, struct pool *pool, void (*done)(void *context), void *context)
{
    p->pool = pool;
    p->done = done;
    p->context = context;
    p->walk.run = run_walk;
    p->walk.done = walk_done;
    pool_start(pool, &p->walk);
}

void proof_cancel(struct proof *p)
{
    atomic_store(&p->walk.cancelled, true);
}

struct proof_progress proof_progress(struct proof *p)
{
    return (struct proof_progress){
        .files_done = atomic_load_explicit(&p->files_done, memory_order_relaxed),
        .files_found = archive_found(p->archive),
        .bytes_done = atomic_load_explicit(&p->bytes_done, memory_order_relaxed),
        .listed = archive_is_listed(p->archive),
    };
}

bool proof_is_finished(const struct proof *p)
{
    return p->finished;
}

bool proof_is_cancelled(const struct proof *p)
{
    return is_cancelled(p);
}

struct archive *proof_archive(const struct proof *p)
{
    return p->archive;
}

size_t proof_count(const struct proof *p)
{
    return p->n_exhibits;
}

const struct exhibit *proof_exhibit(const struct proof *p, size_t i)
{
    return p->exhibits[i];
}

const struct rulings *proof_rulings(const struct proof *p)
{
    return &p->rulings;
}

const struct proof_totals *proof_totals(const struct proof *p)
{
    return &p->totals;
}

bool proof_holds(const struct proof *p)
{
    return p->finished && !is_cancelled(p) && conclusion_holds(&p->totals);
}

size_t proof_sentences(const struct proof *p)
{
    return p->n_sentences;
}

struct bytes proof_sentence(const struct proof *p, size_t i)
{
    return p->sentences[i];
}
