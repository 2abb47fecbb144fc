#include "core/reading/passage.h"

#include "core/reading/foreign.h"

void passage_init(struct passage *p, struct file *f, struct block *b, bool quiet)
{
    *p = (struct passage){.file = f, .quiet = quiet};
    window_init(&p->window, b);
}

void passage_deinit(struct passage *p)
{
    window_deinit(&p->window);
    buffer_deinit(&p->words);
}

void passage_record(struct passage *p, size_t length)
{
    p->window.at += length;
    p->events++;
    if (!p->quiet)
        p->file->record_bytes += length;
}

void passage_wrapper(struct passage *p, size_t length)
{
    p->window.at += length;
    if (!p->quiet)
        p->file->wrapper_bytes += length;
}

void passage_count(struct passage *p, uint64_t events, uint64_t record_bytes,
                   uint64_t wrapper_bytes)
{
    p->events += events;
    if (p->quiet)
        return;
    p->file->record_bytes += record_bytes;
    p->file->wrapper_bytes += wrapper_bytes;
}

void passage_lost(struct passage *p, uint64_t length, uint64_t records)
{
    p->n_faults++;
    if (p->quiet)
        return;
    p->file->problem_bytes += length;
    p->file->rejected += records;
}

void passage_problem(struct passage *p, enum err code, uint64_t offset, uint64_t length)
{
    p->n_faults++;
    if (!p->quiet)
        file_problem(p->file, (struct problem){.code = code,
                                               .offset = offset,
                                               .length = length,
                                               .events_kept = p->events,
                                               .detail = buffer_bytes(&p->words)});
}

void passage_slip(struct passage *p, enum err code, const char *words)
{
    buffer_clear(&p->words);
    buffer_add_text(&p->words, words);
    passage_problem(p, code, window_offset(&p->window), 0);
}

/* The row of a kind, new where there is none yet. */
static struct passage_kind *kind_of(struct passage *p, const char *seems, uint64_t offset)
{
    unsigned i = 0;

    while (i < p->n_kinds && strcmp(p->kinds[i].seems, seems) != 0)
        i++;
    if (i == PASSAGE_KINDS) {
        i = PASSAGE_KINDS - 1;
        p->kinds[i].seems = "records of many other kinds";
        p->kinds[i].aside = false;
    } else if (i == p->n_kinds) {
        p->kinds[p->n_kinds++] = (struct passage_kind){
            .seems = seems, .aside = foreign_is_aside(seems), .offset = offset};
    }
    return &p->kinds[i];
}

void passage_foreign(struct passage *p, const char *seems, size_t length)
{
    struct passage_kind *kind = kind_of(p, seems, window_offset(&p->window));

    kind->count++;
    kind->length += length;
    p->window.at += length;
    passage_lost(p, length, kind->aside ? 0 : 1);
}

void passage_left_out(struct passage *p, const char *seems, uint64_t count, size_t length)
{
    struct passage_kind *kind = kind_of(p, seems, window_offset(&p->window) - length);

    kind->count += count;
    passage_lost(p, 0, kind->aside ? 0 : count);
}

void passage_torn(struct passage *p)
{
    p->n_faults++;
    p->n_torn++;
    p->torn_at = window_offset(&p->window);
}

void passage_user(struct passage *p, size_t length, bool learned)
{
    p->n_faults++;
    if (p->n_users++ == 0)
        p->users_at = window_offset(&p->window);
    p->n_nameless += !learned;
    passage_wrapper(p, length);
}

static void list_users(struct passage *p)
{
    uint64_t learned = p->n_users - p->n_nameless;

    if (p->n_users == 0)
        return;
    buffer_clear(&p->words);
    buffer_printf(&p->words,
                  "%llu user%s of a pool, no events: ", (unsigned long long)p->n_users,
                  p->n_users == 1 ? "" : "s");
    if (p->n_nameless == 0)
        buffer_add_text(&p->words, "their names are known by their sub now");
    else
        buffer_printf(&p->words, "names are known by the sub of %llu, %llu have no sub or name",
                      (unsigned long long)learned, (unsigned long long)p->n_nameless);
    passage_problem(p, ERR_LEARNED, p->users_at, 0);
}

void passage_list_kinds(struct passage *p)
{
    if (p->n_torn > 0) {
        buffer_clear(&p->words);
        buffer_printf(
            &p->words,
            "%llu %s as such: read as text, without fields; the last one stands before this "
            "place",
            (unsigned long long)p->n_torn,
            p->n_torn == 1 ? "entry of a log begins as a CloudTrail record and does not end"
                           : "entries of a log begin as CloudTrail records and do not end");
        passage_problem(p, ERR_LACKS, p->torn_at, 0);
    }
    for (unsigned i = 0; i < p->n_kinds; i++) {
        const struct passage_kind *kind = &p->kinds[i];

        buffer_clear(&p->words);
        buffer_printf(&p->words, "%s, %llu record%s", kind->seems,
                      (unsigned long long)kind->count, kind->count == 1 ? "" : "s");
        passage_problem(p, kind->aside ? ERR_ASIDE : ERR_UNKNOWN_FORMAT, kind->offset,
                        kind->length);
    }
    list_users(p);
}
