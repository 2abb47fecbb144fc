#include "tests/data/bulk.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/data/activity.h"
#include "tests/data/crowd.h"
#include "tests/data/pack.h"

enum {
    LEVEL = 6,
    SLOT_S = 300,
    FILE_EVENTS_FROM = 300,
    FILE_EVENTS_TO = 700,
    TREE_EVENTS_TO = 4,
    MAX_WORKERS = 16,
};

#define LAST_DAY_END_S ((int64_t)1795046400) /* 2026-11-19 00:00 UTC */

/* One file that is still to be written. */
struct share {
    uint32_t events;
    int64_t from_s; /* its events lie in [from_s, from_s + length_s) */
    int64_t length_s;
};

struct bulk {
    const struct bulk_plan *plan;
    struct crowd crowd;
    struct share *shares;
    size_t n_shares;
    atomic_size_t next;
};

/* Cuts the events into files and the days into as many equal stretches. */
static void plan_shares(struct bulk *b, uint64_t events, uint32_t from, uint32_t to,
                        size_t n_files)
{
    struct random r = random_make(b->plan->seed, 0);
    size_t cap = n_files ? n_files : events / from + 1;
    b->shares = must_grow(NULL, cap * sizeof(*b->shares));
    for (uint64_t left = events; left > 0 && b->n_shares < cap;) {
        uint64_t n = (uint64_t)random_between(&r, from, to);
        n = n < left ? n : left;
        b->shares[b->n_shares++].events = (uint32_t)n;
        left -= n;
    }
    int64_t span_s = (int64_t)b->plan->days * 86400;
    for (size_t i = 0; i < b->n_shares; i++) {
        int64_t from_s = span_s * (int64_t)i / (int64_t)b->n_shares;
        int64_t to_s = span_s * (int64_t)(i + 1) / (int64_t)b->n_shares;
        b->shares[i].from_s = LAST_DAY_END_S - span_s + from_s;
        b->shares[i].length_s = to_s > from_s ? to_s - from_s : 1;
    }
}

static const char *share_path(struct bulk *b, size_t number, struct random *r, struct keep *k)
{
    const struct share *share = &b->shares[number];
    const char *region = crowd_region(number);
    int64_t stamp_s = (share->from_s + share->length_s + SLOT_S - 1) / SLOT_S * SLOT_S;
    char unique[17];
    random_text(r, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 16,
                unique);
    return keep_printf(k,
                       "%s/AWSLogs/" CROWD_ACCOUNT "/CloudTrail/%s/%s/" CROWD_ACCOUNT
                       "_CloudTrail_%s_%s_%s.json.gz",
                       b->plan->target, region, keep_time(k, TIME_FOLDER, stamp_s), region,
                       keep_time(k, TIME_STAMP, stamp_s), unique);
}

static void write_share(struct bulk *b, size_t number, struct text *raw, struct text *packed)
{
    const struct share *share = &b->shares[number];
    struct random r = random_make(b->plan->seed, number + 1);
    struct keep keep = {0};
    const char *path = share_path(b, number, &r, &keep);
    raw->len = packed->len = 0;
    text_add(raw, "{\"Records\":[");
    for (uint32_t i = 0; i < share->events; i++) {
        struct record record;
        size_t want = (i + 1) * (size_t)b->plan->bytes_per_event;
        text_add(raw, i ? "," : "");
        crowd_record(&b->crowd, &r, &keep, number, &record);
        record.time_s = share->from_s + random_between(&r, 0, share->length_s - 1);
        crowd_fill(&r, &keep, &record, want > raw->len ? want - raw->len : 0);
        record_write(raw, &record);
    }
    text_add(raw, "]}");
    pack_gzip(packed, raw->ptr, raw->len, LEVEL);
    pack_write_file(path, packed->ptr, packed->len);
    keep_drop(&keep);
}

static void *work(void *context)
{
    struct bulk *b = context;
    struct text raw = {0}, packed = {0};
    for (;;) {
        size_t number = atomic_fetch_add(&b->next, 1);
        if (number >= b->n_shares)
            break;
        write_share(b, number, &raw, &packed);
    }
    text_deinit(&raw);
    text_deinit(&packed);
    return NULL;
}

static void write_shares(struct bulk *b)
{
    pthread_t threads[MAX_WORKERS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = cores < 1 ? 1 : cores > MAX_WORKERS ? MAX_WORKERS : (size_t)cores;
    for (size_t i = 0; i < n; i++) {
        if (pthread_create(&threads[i], NULL, work, b) != 0) {
            fputs("cogtrail-generate: no thread to be had\n", stderr);
            exit(4);
        }
    }
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(b->shares);
}

void bulk_archive(const struct bulk_plan *plan)
{
    struct bulk b = {.plan = plan, .crowd = crowd_make(plan->seed, plan->events)};
    plan_shares(&b, plan->events, FILE_EVENTS_FROM, FILE_EVENTS_TO, 0);
    write_shares(&b);
}

void bulk_tree(const struct bulk_plan *plan)
{
    struct bulk b = {.plan = plan, .crowd = crowd_make(plan->seed, plan->events * 2)};
    plan_shares(&b, UINT64_MAX, 1, TREE_EVENTS_TO, plan->events);
    write_shares(&b);
}

static void fail_writing(const char *path)
{
    fprintf(stderr, "cogtrail-generate: %s: cannot be written\n", path);
    exit(4);
}

void bulk_activity(const struct bulk_plan *plan)
{
    enum { LINES_AT_ONCE = 256 };
    struct crowd crowd = crowd_make(plan->seed, plan->events);
    struct random r = random_make(plan->seed, 1);
    pack_write_file(plan->target, "", 0); /* makes the folders */
    gzFile out = gzopen(plan->target, "wb6");
    if (!out)
        fail_writing(plan->target);
    int64_t span_s = (int64_t)plan->days * 86400;
    struct text lines = {0};
    for (uint64_t i = 0; i < plan->events;) {
        struct keep keep = {0};
        lines.len = 0;
        for (size_t k = 0; k < LINES_AT_ONCE && i < plan->events; k++, i++) {
            struct activity a;
            crowd_activity(&crowd, &r, &keep, &a);
            a.time_s = LAST_DAY_END_S - span_s + span_s * (int64_t)i / (int64_t)plan->events;
            activity_write(&lines, &a);
        }
        if (gzwrite(out, lines.ptr, (unsigned)lines.len) != (int)lines.len)
            fail_writing(plan->target);
        keep_drop(&keep);
    }
    text_deinit(&lines);
    if (gzclose(out) != Z_OK)
        fail_writing(plan->target);
}
