#include "core/index/share.h"

#include "core/base/mem.h"

enum {
    MARK_MAX_BYTES = 64, /* of how a record begins */
    BACK_MAX_BYTES = 16, /* what stands between two records */
};

struct share {
    struct lock lock;
    struct bell bell; /* a part was settled */
    struct envelope *envelope;
    struct file *file;
    struct sums *sums;
    char mark[MARK_MAX_BYTES]; /* a record's text up to its first colon */
    size_t mark_bytes;
    struct buffer rest;     /* unpacked, behind the last part */
    uint64_t offset_bytes;  /* of the next part */
    uint64_t n_taken, turn; /* parts given out; the number of the one that may be settled */
    uint64_t n_settled;
    bool closed;           /* no part follows */
    bool stopped;          /* the part before `turn` was not read whole */
    struct part *returned; /* what was not read, by number */
    size_t n_returned, returned_cap;
};

void sums_add(struct sums *s, const struct event *e, uint32_t length_bytes)
{
    s->events++;
    s->record_bytes += length_bytes;
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

void sums_join(struct sums *s, const struct sums *more)
{
    s->events += more->events;
    s->record_bytes += more->record_bytes;
    s->formats |= more->formats;
    s->updates += more->updates;
    s->summaries += more->summaries;
    if (more->first_us == INSTANT_NONE)
        return;
    if (s->first_us == INSTANT_NONE || more->first_us < s->first_us)
        s->first_us = more->first_us;
    if (s->last_us == INSTANT_NONE || more->last_us > s->last_us)
        s->last_us = more->last_us;
}

struct share *share_new(struct envelope *e, const struct event *last, struct file *f,
                        struct sums *sums)
{
    const char *colon = memchr(last->raw.ptr, ':', last->raw.len);
    size_t mark_bytes = colon ? (size_t)(colon - last->raw.ptr) + 1 : 0;
    struct share *s;

    if (!envelope_is_even(e) || mark_bytes == 0 || mark_bytes > MARK_MAX_BYTES ||
        last->raw.ptr[0] != '{')
        return NULL;
    s = mem_alloc(sizeof *s);
    lock_init(&s->lock);
    bell_init(&s->bell);
    s->envelope = e;
    s->file = f;
    s->sums = sums;
    memcpy(s->mark, last->raw.ptr, mark_bytes);
    s->mark_bytes = mark_bytes;
    s->offset_bytes = envelope_offset(e);
    return s;
}

const struct envelope *share_envelope(const struct share *s)
{
    return s->envelope;
}

struct file *share_file(const struct share *s)
{
    return s->file;
}

/* Bytes up to the end of a record as it seems, as far behind as there is one; 0 when there is
 * none. */
static size_t last_end(const struct share *s, struct bytes text)
{
    size_t at = text.len > s->mark_bytes ? text.len - s->mark_bytes : 0;

    while (at-- > 1) {
        size_t end = at;

        if (text.ptr[at] != '{' || memcmp(text.ptr + at, s->mark, s->mark_bytes) != 0)
            continue;
        while (end > 1 && at - end < BACK_MAX_BYTES && memchr(", \t\r\n", text.ptr[end - 1], 5))
            end--;
        if (end < at && text.ptr[end - 1] == '}')
            return end;
    }
    return 0;
}

/* Fills the part up from what was left and the envelope. */
static void fill(struct share *s, struct part *p)
{
    struct buffer left = s->rest;

    buffer_clear(&p->text);
    (void)buffer_room(&p->text, SHARE_PART_BYTES);
    buffer_add(&p->text, buffer_bytes(&left));
    buffer_clear(&left);
    s->rest = left;
    while (p->text.len < SHARE_PART_BYTES && !s->closed) {
        size_t got = envelope_take(s->envelope, p->text.ptr + p->text.len,
                                   SHARE_PART_BYTES - p->text.len);

        p->text.len += got;
        s->closed = got == 0;
    }
}

bool share_take(struct share *s, struct part *p)
{
    size_t end = 0;

    lock_take(&s->lock);
    if (!s->closed && !s->stopped) {
        fill(s, p);
        end = last_end(s, buffer_bytes(&p->text));
        buffer_add(&s->rest, bytes_slice(buffer_bytes(&p->text), end, p->text.len));
        p->text.len = end;
        p->offset_bytes = s->offset_bytes;
        p->number = s->n_taken;
        s->offset_bytes += end;
        s->n_taken += end > 0;
        s->closed |= end == 0;
    }
    lock_give(&s->lock);
    return end > 0;
}

/* Keeps what of the part was not read. */
static void give_back(struct share *s, struct part *p, size_t from)
{
    size_t i = s->n_returned;

    mem_grow(&s->returned, &s->returned_cap, s->n_returned + 1, sizeof *s->returned);
    for (; i > 0 && s->returned[i - 1].number > p->number; i--)
        s->returned[i] = s->returned[i - 1];
    s->returned[i] = (struct part){.number = p->number};
    buffer_add(&s->returned[i].text, bytes_slice(buffer_bytes(&p->text), from, p->text.len));
    s->n_returned++;
}

bool share_settle(struct share *s, struct part *p, uint64_t end_bytes, const struct sums *sums)
{
    uint64_t read_bytes = end_bytes - p->offset_bytes;
    bool counts;

    lock_take(&s->lock);
    while (s->turn != p->number && !s->stopped)
        bell_wait(&s->bell, &s->lock);
    counts = s->turn == p->number && !s->stopped;
    if (counts) {
        sums_join(s->sums, sums);
        envelope_count(s->envelope, sums->events, sums->record_bytes,
                       read_bytes - sums->record_bytes);
        atomic_store_explicit(&s->file->events, s->sums->events, memory_order_relaxed);
        s->turn++;
        s->stopped = read_bytes < p->text.len;
    }
    if (s->stopped)
        give_back(s, p, counts ? (size_t)read_bytes : 0);
    s->n_settled++;
    bell_ring(&s->bell);
    lock_give(&s->lock);
    return counts;
}

void share_end(struct share *s)
{
    struct buffer text = {0};

    lock_take(&s->lock);
    s->closed = true;
    while (s->n_settled < s->n_taken)
        bell_wait(&s->bell, &s->lock);
    lock_give(&s->lock);
    for (size_t i = 0; i < s->n_returned; i++) {
        buffer_add(&text, buffer_bytes(&s->returned[i].text));
        buffer_deinit(&s->returned[i].text);
    }
    buffer_add(&text, buffer_bytes(&s->rest));
    envelope_put_back(s->envelope, buffer_bytes(&text));
    buffer_deinit(&text);
    buffer_deinit(&s->rest);
    mem_free(s->returned);
    bell_deinit(&s->bell);
    lock_deinit(&s->lock);
    mem_free(s);
}
