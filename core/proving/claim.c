#include "core/proving/claim.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "core/proving/place.h"

/* A file that is delivered around the full hour may stand in the digest of the next one. */
#define EDGE_US (15 * INSTANT_MINUTE)

/* A file that may be named. */
struct claim {
    const struct exhibit *exhibit;
    struct bytes name; /* place_name() */
    bool claimed;      /* by some digest */
    enum ruling_status status;
    enum ruling_level level;
    enum place place;
    const struct chain_node *node; /* whose word counts */
    const char *detail;            /* static, or the arena's */
};

struct claims {
    const struct chain *chain;
    const atomic_bool *cancelled;
    struct claim *items;
    size_t n;
    const struct chain_node **by_hour; /* by account, region and end */
    size_t n_by_hour;
    struct claim_counts *counts;
    struct rulings *out;
};

static int compare_claims(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    int order = bytes_compare(x->name, y->name);

    return order ? order : bytes_compare(x->exhibit->file->path, y->exhibit->file->path);
}

static int compare_hours(struct bytes account_a, struct bytes region_a, int64_t end_a,
                         const struct chain_node *b)
{
    int order = bytes_compare(account_a, b->digest->account);

    if (order == 0)
        order = bytes_compare(region_a, b->digest->region);
    if (order)
        return order;
    return end_a < b->digest->end_us ? -1 : end_a > b->digest->end_us;
}

static int compare_by_hour(const void *a, const void *b)
{
    const struct digest *x = (*(const struct chain_node *const *)a)->digest;

    return compare_hours(x->account, x->region, x->end_us,
                         *(const struct chain_node *const *)b);
}

static void collect(struct claims *cs, struct exhibit *const *exhibits, size_t n)
{
    cs->items = mem_array(n, sizeof *cs->items);
    for (size_t i = 0; i < n; i++) {
        const struct exhibit *e = exhibits[i];

        if (e->kind == EXHIBIT_DIGEST || e->kind == EXHIBIT_SEAL)
            continue;
        cs->items[cs->n++] = (struct claim){
            .exhibit = e, .name = place_name(e->file->path), .status = RULING_COUNT};
    }
    if (cs->n > 1)
        qsort(cs->items, cs->n, sizeof *cs->items, compare_claims);
    cs->by_hour = mem_array(cs->chain->n_nodes, sizeof *cs->by_hour);
    for (size_t i = 0; i < cs->chain->n_nodes; i++)
        cs->by_hour[cs->n_by_hour++] = &cs->chain->nodes[i];
    if (cs->n_by_hour > 1)
        qsort(cs->by_hour, cs->n_by_hour, sizeof *cs->by_hour, compare_by_hour);
}

static size_t first_of_name(const struct claims *cs, struct bytes name)
{
    size_t low = 0, high = cs->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (bytes_compare(cs->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct {
    enum err code;
    const char *words;
} storage_words[] = {
    {ERR_TRAILING,
     "bytes were put behind its gzip data (the data itself is as the digest says)"           },
    {ERR_TRUNCATED, "its end was cut off (the data itself is as the digest says)"            },
    {ERR_ARCHIVE,
     "the archive that holds it is damaged (the data itself is as the digest says)"          },
    {ERR_CHECKSUM,  "the checksum of its gzip data is wrong (the data is as the digest says)"},
};

/* The content is right: is the file as well? NULL when it is. */
static const char *storage_fault(const struct exhibit *e)
{
    const struct file *f = e->file;

    if (f->n_problems > 0) {
        for (size_t i = 0; i < ARRAY_LEN(storage_words); i++)
            if (storage_words[i].code == f->problems[0].code)
                return storage_words[i].words;
        return err_text(f->problems[0].code);
    }
    if (f->padding_bytes > 0)
        return "zeros were put behind its gzip data (the data itself is as the digest says)";
    if (f->members > 1 && (e->first_bytes == 0 || e->first_bytes == e->content_bytes))
        return "an empty gzip member was added (the data itself is as the digest says)";
    return NULL;
}

/* The content is not what it should be: in which way? */
static const char *content_fault(const struct exhibit *e, const struct sha *wanted)
{
    struct sha first;

    if (e->file->members > 1 && exhibit_first_member(e, &first) && sha_equal(&first, wanted))
        return "data was appended as another gzip member (the first one alone is as the digest "
               "says)";
    if (e->file->n_problems > 0)
        return err_text(e->file->problems[0].code);
    return "its content is not what the digest says";
}

/* Of several digests that name a file, the worst finding counts; of equal ones the better
 * level. */
static void settle(struct claim *claim, const struct claim *found)
{
    if (claim->status < found->status ||
        (claim->status == found->status && claim->level >= found->level))
        return;
    claim->status = found->status;
    claim->level = found->level;
    claim->node = found->node;
    claim->detail = found->detail;
    claim->place = found->place;
}

static bool is_worthless(const struct chain_node *node)
{
    return node->worthless && node->level != RULING_SIGNED;
}

static void judge(struct claim *claim, const struct chain_node *node,
                  const struct digest_log *log, enum place place)
{
    const struct exhibit *e = claim->exhibit;
    struct claim found = {.status = RULING_INTACT, .level = node->level, .place = place};

    found.node = node;
    if (found.level == RULING_BY_NOBODY)
        found.level = RULING_BY_DIGEST;
    if (!e->opened) {
        found.status = RULING_UNREAD;
        found.detail = e->file->n_problems ? err_text(e->file->problems[0].code) : NULL;
    } else if (!sha_equal(&e->content, &log->hash)) {
        found.status = RULING_ALTERED;
        found.detail = content_fault(e, &log->hash);
    } else if ((found.detail = storage_fault(e))) {
        found.status = RULING_ALTERED;
    } else if (place == PLACE_MOVED) {
        found.status = RULING_MOVED;
        found.detail = "not in the folder that its digest says";
    }
    /* The word of a digest that was altered is worth nothing, either way. */
    if (is_worthless(node)) {
        found.level = RULING_BY_NOBODY;
        found.status = RULING_UNCOVERED;
        found.detail = "the digest that names it was altered";
    }
    settle(claim, &found);
}

static void judge_log(struct claims *cs, const struct chain_node *node,
                      const struct digest_log *log)
{
    struct bytes name = place_name(log->object);
    size_t first = first_of_name(cs, name), i = first;

    cs->counts->named++;
    for (; i < cs->n && bytes_equal(cs->items[i].name, name); i++) {
        cs->items[i].claimed = true;
        judge(&cs->items[i], node, log,
              place_of(cs->items[i].exhibit->file->path, log->object));
    }
    if (i == first)
        rulings_add(cs->out, (struct ruling){
                                 .kind = EXHIBIT_LOG,
                                 .status = RULING_MISSING,
                                 .level = node->level,
                                 .name = log->object,
                                 .digest = node->exhibit->file->path,
                                 .detail = bytes_of(is_worthless(node)
                                                        ? "named by a digest that was altered"
                                                        : "named by the digest"),
                                 .from_us = node->digest->start_us,
                                 .to_us = node->digest->end_us});
}

/* The digest of the hour in which a log file was delivered, or NULL; one that counts, if any.
 */
static const struct chain_node *hour_of(const struct claims *cs, const struct file_facts *facts,
                                        int64_t at_us)
{
    const struct chain_node *altered = NULL;
    size_t low = 0, high = cs->n_by_hour;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_hours(facts->account, facts->region, at_us, cs->by_hour[middle]) >= 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* Several trails may cover the hour: the next few ends belong to it. */
    for (; low < cs->n_by_hour; low++) {
        const struct chain_node *node = cs->by_hour[low];

        if (!bytes_equal(node->digest->account, facts->account) ||
            !bytes_equal(node->digest->region, facts->region) ||
            node->digest->end_us - at_us > INSTANT_DAY)
            break;
        if (node->digest->start_us > at_us)
            continue;
        if (!is_worthless(node))
            return node;
        altered = node;
    }
    return altered;
}

/* Folders and names of plain log files; digests do not speak of Insights and the like. */
static bool is_plain_log(struct bytes path)
{
    return bytes_find(path, bytes_of("/CloudTrail/")) != SIZE_MAX ||
           bytes_find(path, bytes_of("_CloudTrail_")) != SIZE_MAX;
}

/* A log file that no digest names. */
static void judge_unnamed(const struct claims *cs, struct claim *claim)
{
    const struct file *f = claim->exhibit->file;
    const struct file_facts *facts = &f->facts;
    int64_t at_us = facts->delivered_us;
    const struct chain_node *node = NULL;

    claim->status = RULING_UNCOVERED;
    claim->detail = cs->chain->n_nodes ? "no digest that is here covers its time and place"
                                       : "no digest is here";
    if (facts->account.len == 0 || !is_plain_log(f->path))
        return;
    if (at_us != INSTANT_NONE) {
        node = hour_of(cs, facts, at_us);
    } else if (facts->day_us != INSTANT_NONE) {
        /* A name that CloudTrail does not give, in a folder where others are named. */
        for (int64_t hour = 0; hour < 24 && !node; hour++)
            node = hour_of(cs, facts, facts->day_us + hour * INSTANT_HOUR);
    }
    if (!node)
        return;
    claim->node = node;
    if (is_worthless(node)) {
        claim->detail = "the digest of its hour was altered";
        return;
    }
    if (at_us != INSTANT_NONE && !node->followed && at_us > node->digest->end_us - EDGE_US) {
        claim->detail = "delivered at the end of an hour: the next digest, which may name it, "
                        "is not here";
        return;
    }
    claim->status = RULING_EXTRA;
    claim->detail = "the digest of its hour does not name it: put there by somebody, or by a "
                    "trail without digests";
}

static void add_rows(struct claims *cs)
{
    for (size_t i = 0; i < cs->n; i++) {
        struct claim *claim = &cs->items[i];
        const struct exhibit *e = claim->exhibit;
        struct ruling row = {.kind = e->kind,
                             .status = RULING_ASIDE,
                             .name = e->file->path,
                             .from_us = INSTANT_NONE,
                             .to_us = INSTANT_NONE,
                             .exhibit = e};

        if (!claim->claimed && e->kind == EXHIBIT_KEYS)
            continue;
        if (claim->claimed)
            row.kind = EXHIBIT_LOG;
        else if (e->kind == EXHIBIT_LOG)
            judge_unnamed(cs, claim);
        if (row.kind == EXHIBIT_LOG) {
            row.status = claim->status;
            row.level = claim->level;
            row.detail = claim->detail ? bytes_of(claim->detail) : (struct bytes){0};
            if (claim->node)
                row.digest = claim->node->exhibit->file->path;
        } else if (!e->opened || (e->file->container && !e->whole)) {
            row.status = RULING_UNREAD; /* files may be lost in a damaged archive */
        }
        cs->counts->by_name_only += claim->claimed && claim->place == PLACE_NAME;
        cs->counts->unpacked += claim->claimed && claim->status == RULING_INTACT &&
                                e->file->layers == e->file->wrapped;
        if (row.status == RULING_UNREAD && e->file->n_problems)
            row.detail = bytes_of(err_text(e->file->problems[0].code));
        rulings_add(cs->out, row);
    }
}

void claim_judge(const struct chain *c, struct exhibit *const *exhibits, size_t n,
                 const atomic_bool *cancelled, struct claim_counts *counts, struct rulings *out)
{
    struct claims cs = {.chain = c, .cancelled = cancelled, .counts = counts, .out = out};

    *counts = (struct claim_counts){0};
    collect(&cs, exhibits, n);
    for (size_t i = 0; i < c->n_nodes; i++) {
        const struct chain_node *node = &c->nodes[i];

        if (node->copy || atomic_load_explicit(cancelled, memory_order_relaxed))
            continue;
        for (size_t k = 0; k < node->digest->n_logs; k++)
            judge_log(&cs, node, &node->digest->logs[k]);
    }
    add_rows(&cs);
    mem_free(cs.items);
    mem_free(cs.by_hour);
}
