#include "core/asking/burst.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/reading/outcome.h"

/* What is told apart within a bin. */
enum told { TOLD_IP, TOLD_ERROR, TOLD_SUB, TOLD_CLIENT, TOLD_KEY, TOLD_COUNT };

static const enum field_id told_fields[] = {FIELD_IP, FIELD_ERROR, FIELD_SUB, FIELD_CLIENT};

/* One value of one group in the bin of the moment. Cells of earlier bins count as free, so
 * that nothing is cleared between bins. */
struct cell {
    uint64_t key;
    uint32_t bin; /* number from 1 */
    uint32_t n;   /* failures with the value; the group's place for TOLD_KEY */
};

struct table {
    struct cell *cells;
    size_t cap; /* a power of two, more than twice the rows of the bin */
};

struct counting {
    const struct selection *selection;
    struct burst_request request;
    struct dictionary *const *dictionaries;
    struct table tables[TOLD_COUNT];
    uint32_t bin;
    struct item *items;
    size_t count, cap;
    size_t first; /* of the bin */
};

/* A burst with ids in place of texts. */
struct item {
    struct burst burst;
    uint32_t key, top_ip, top_error; /* ids; 0: none */
    uint32_t top_ip_n, top_error_n;
};

static void make_room(struct counting *c, size_t rows)
{
    for (size_t i = 0; i < TOLD_COUNT; i++) {
        struct table *t = &c->tables[i];
        size_t cap = t->cap ? t->cap : 1024;

        while (cap < 2 * rows + 2)
            cap *= 2;
        if (cap == t->cap)
            continue;
        mem_free(t->cells);
        t->cells = mem_array(cap, sizeof *t->cells);
        t->cap = cap;
    }
}

/* The cell of the key in this bin; `*is_new` tells that it was not there. */
static struct cell *find(struct counting *c, enum told which, uint64_t key, bool *is_new)
{
    struct table *t = &c->tables[which];
    size_t at = hash_u64(key) & (t->cap - 1);

    while (t->cells[at].bin == c->bin && t->cells[at].key != key)
        at = (at + 1) & (t->cap - 1);
    *is_new = t->cells[at].bin != c->bin;
    if (*is_new)
        t->cells[at] = (struct cell){.key = key, .bin = c->bin};
    return &t->cells[at];
}

static struct item *add_item(struct counting *c, int64_t from_us, uint32_t key)
{
    mem_grow(&c->items, &c->cap, c->count + 1, sizeof *c->items);
    c->items[c->count] = (struct item){.burst.from_us = from_us, .key = key};
    return &c->items[c->count++];
}

/* The group of the row in the bin that begins at `from_us`. */
static uint32_t find_slot(struct counting *c, const struct chunk *chunk, size_t row,
                          int64_t from_us)
{
    uint32_t id = 0;
    struct cell *cell;
    bool is_new;

    if (c->request.field != FIELD_COUNT)
        id = (uint32_t)column_get(&chunk->ids[c->request.field], row);
    cell = find(c, TOLD_KEY, id, &is_new);
    if (is_new) {
        cell->n = (uint32_t)(c->count - c->first);
        (void)add_item(c, from_us, id);
    }
    return cell->n;
}

/* The value with the most failures; of equals the first by text, so that ids do not matter. */
static void take_top(const struct dictionary *d, uint32_t id, uint32_t n, uint32_t *top,
                     uint32_t *top_n)
{
    if (n > *top_n ||
        (n == *top_n && bytes_compare(dictionary_text(d, id), dictionary_text(d, *top)) < 0)) {
        *top = id;
        *top_n = n;
    }
}

static bool is_failed(enum outcome outcome)
{
    uint64_t one[OUTCOME_COUNT] = {0};

    one[outcome] = 1;
    return outcomes_failed(one) > 0;
}

static void count_values(struct counting *c, const struct chunk *chunk, size_t row,
                         uint32_t slot, bool failed)
{
    struct item *item = &c->items[c->first + slot];

    for (size_t i = 0; i < ARRAY_LEN(told_fields); i++) {
        uint32_t id = (uint32_t)column_get(&chunk->ids[told_fields[i]], row);
        struct cell *cell;
        bool is_new;

        if (id < DICTIONARY_FIRST_TEXT)
            continue;
        cell = find(c, (enum told)i, (uint64_t)slot << 32 | id, &is_new);
        item->burst.ips += is_new && i == TOLD_IP;
        item->burst.subs += is_new && i == TOLD_SUB;
        item->burst.clients += is_new && i == TOLD_CLIENT;
        if (!failed)
            continue;
        cell->n++;
        if (i == TOLD_IP)
            take_top(c->dictionaries[FIELD_IP], id, cell->n, &item->top_ip, &item->top_ip_n);
        if (i == TOLD_ERROR)
            take_top(c->dictionaries[FIELD_ERROR], id, cell->n, &item->top_error,
                     &item->top_error_n);
    }
}

static void count_row(struct counting *c, row_id id, int64_t from_us)
{
    const struct chunk *chunk = store_chunk(c->selection->index->store, row_chunk(id));
    size_t row = row_in_chunk(id);
    uint64_t said = column_get(&chunk->ids[FIELD_OUTCOME], row) - DICTIONARY_FIRST_TEXT;
    enum outcome outcome = said < OUTCOME_COUNT ? (enum outcome)said : OUTCOME_UNKNOWN;
    uint32_t slot = find_slot(c, chunk, row, from_us);
    struct burst *burst = &c->items[c->first + slot].burst;
    bool failed = is_failed(outcome);

    burst->count++;
    burst->failed += failed;
    burst->outcomes[outcome]++;
    count_values(c, chunk, row, slot, failed);
}

uint64_t burst_number(const struct burst *b, enum burst_order order)
{
    switch (order) {
    case BURST_EVENTS:
        return b->count;
    case BURST_SUCCESS:
        return b->outcomes[OUTCOME_SUCCESS];
    case BURST_FAILURE:
        return b->outcomes[OUTCOME_FAILURE];
    case BURST_THROTTLED:
        return b->outcomes[OUTCOME_THROTTLED];
    case BURST_BLOCKED:
        return b->outcomes[OUTCOME_BLOCKED];
    case BURST_FAULT:
        return b->outcomes[OUTCOME_FAULT];
    case BURST_IPS:
        return b->ips;
    case BURST_SUBS:
        return b->subs;
    case BURST_FAILED:
        return b->failed;
    case BURST_TIME:
    case BURST_ORDERS:
        break;
    }
    return 0;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_items(const void *left, const void *right, void *context)
{
    const struct counting *c = context;
    const struct item *a = left, *b = right;
    int order = compare_u64(burst_number(&b->burst, c->request.order),
                            burst_number(&a->burst, c->request.order));

    if (order == 0 && c->request.order != BURST_TIME) {
        order = compare_u64(b->burst.failed, a->burst.failed);
        order = order ? order : compare_u64(b->burst.count, a->burst.count);
    }
    if (order == 0)
        order = (a->burst.from_us > b->burst.from_us) - (a->burst.from_us < b->burst.from_us);
    if (order == 0 && c->request.order == BURST_TIME)
        order = compare_u64(b->burst.failed, a->burst.failed);
    if (order == 0 && c->request.field != FIELD_COUNT) {
        const struct dictionary *d = c->dictionaries[c->request.field];

        order = bytes_compare(dictionary_text(d, a->key), dictionary_text(d, b->key));
        order = order ? order : compare_u64(a->key, b->key); /* states: by their number */
    }
    return order;
}

/* Only the first ones are wanted: the rest goes whenever twice as many are there. */
static void prune(struct counting *c)
{
    qsort_r(c->items, c->count, sizeof *c->items, compare_items, c);
    if (c->count > BURSTS_MAX)
        c->count = BURSTS_MAX;
}

/* The rows from `at` on that share its bin. */
static uint64_t bin_end(const struct counting *c, uint64_t at, int64_t from_us)
{
    const struct selection *s = c->selection;
    uint64_t end = at + 1;

    while (end < s->n_rows) {
        const struct chunk *chunk = store_chunk(s->index->store, row_chunk(s->rows[end]));
        int64_t time_us = chunk_time(chunk, row_in_chunk(s->rows[end]));

        if (time_us == INSTANT_NONE || time_us >= from_us + c->request.bin_us)
            break;
        end++;
    }
    return end;
}

static struct burst resolve(const struct counting *c, const struct item *item)
{
    struct burst b = item->burst;

    if (c->request.field != FIELD_COUNT) {
        b.key.state =
            item->key < DICTIONARY_FIRST_TEXT ? (enum value_state)item->key : VALUE_TEXT;
        b.key.text = dictionary_text(c->dictionaries[c->request.field], item->key);
    }
    b.top_ip = dictionary_text(c->dictionaries[FIELD_IP], item->top_ip);
    b.top_error = dictionary_text(c->dictionaries[FIELD_ERROR], item->top_error);
    return b;
}

static struct bursts *finish(struct counting *c, struct bursts *b)
{
    if (c->count)
        prune(c);
    b->n_items = c->count;
    b->items = mem_array(c->count, sizeof *b->items);
    for (size_t i = 0; i < c->count; i++)
        b->items[i] = resolve(c, &c->items[i]);
    return b;
}

struct bursts *bursts_new(const struct selection *s, const struct burst_request *request,
                          const atomic_bool *cancelled)
{
    struct counting c = {.selection = s,
                         .request = *request,
                         .dictionaries = store_dictionaries(s->index->store)};
    struct bursts *b = mem_alloc(sizeof *b);
    bool wanted = true;

    b->request = *request;
    for (uint64_t at = 0; at < s->n_rows && wanted;) {
        const struct chunk *chunk = store_chunk(s->index->store, row_chunk(s->rows[at]));
        int64_t time_us = chunk_time(chunk, row_in_chunk(s->rows[at])), from_us;
        uint64_t end;

        if (time_us == INSTANT_NONE) {
            b->n_no_time++;
            at++;
            continue;
        }
        from_us = instant_floor(time_us, request->bin_us);
        end = bin_end(&c, at, from_us);
        make_room(&c, end - at);
        c.bin++;
        c.first = c.count;
        for (; at < end; at++)
            count_row(&c, s->rows[at], from_us);
        b->n_all += c.count - c.first;
        if (c.count >= (size_t)2 * BURSTS_MAX)
            prune(&c);
        wanted = !cancelled || !atomic_load_explicit(cancelled, memory_order_relaxed);
    }
    if (wanted)
        b = finish(&c, b);
    for (size_t i = 0; i < TOLD_COUNT; i++)
        mem_free(c.tables[i].cells);
    mem_free(c.items);
    if (wanted)
        return b;
    bursts_free(b);
    return NULL;
}

void bursts_free(struct bursts *b)
{
    if (!b)
        return;
    mem_free(b->items);
    mem_free(b);
}

/* A time as short as it says all: minutes where it is a full one. */
static void write_time(struct buffer *out, int64_t at_us, bool with_date)
{
    struct buffer text = {0};
    struct bytes iso;

    instant_add(&text, at_us, INSTANT_ISO, 0); /* 2026-11-18T09:10:00…Z */
    iso = buffer_bytes(&text);
    if (at_us % INSTANT_MINUTE)
        buffer_add(out, with_date ? iso : bytes_slice(iso, 11, iso.len - 1));
    else
        buffer_add(out, bytes_slice(iso, with_date ? 0 : 11, 16));
    buffer_deinit(&text);
}

void burst_write(struct buffer *out, const struct bursts *b, size_t i)
{
    const struct burst *burst = &b->items[i];

    write_time(out, burst->from_us, true);
    buffer_add_text(out, "..<");
    write_time(out, burst->from_us + b->request.bin_us, b->request.bin_us > INSTANT_HOUR);
    if (b->request.field == FIELD_COUNT)
        return;
    buffer_add_char(out, ' ');
    query_write_term(out, b->request.field, burst->key.state, burst->key.text, false);
}
