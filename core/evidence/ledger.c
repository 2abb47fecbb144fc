#include "core/evidence/ledger.h"

#include <unistd.h>

#include "core/base/instant.h"
#include "core/base/mem.h"

enum { PROBLEM_ROWS_MAX = 1000, DETAIL_BYTES_MAX = 4096 };

const char *file_status_name(enum file_status status)
{
    static const char *const names[] = {
        [FILE_WAITING] = "waiting", [FILE_READING] = "reading", [FILE_READ] = "read",
        [FILE_DAMAGED] = "damaged", [FILE_SKIPPED] = "skipped", [FILE_STOPPED] = "stopped",
    };

    return names[status];
}

bool problem_is_note(enum err code)
{
    return code == ERR_EMPTY || code == ERR_ASIDE || code == ERR_PAGE || code == ERR_LACKS ||
           code == ERR_MENDED || code == ERR_LEARNED;
}

struct file *file_new(struct bytes path)
{
    struct file *f = mem_alloc(sizeof *f);

    f->path = bytes_make(mem_text(path.ptr, path.len), path.len);
    f->facts.delivered_us = INSTANT_NONE;
    f->facts.day_us = INSTANT_NONE;
    f->first_us = INSTANT_NONE;
    f->last_us = INSTANT_NONE;
    f->fd = -1;
    f->content_fd = -1;
    return f;
}

/* The row owns these bytes, though everyone else borrows them. */
static void owned_free(struct bytes owned)
{
    union {
        const char *borrowed;
        char *mine;
    } text = {owned.ptr};

    mem_free(text.mine);
}

void file_free(struct file *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n_problems; i++)
        owned_free(f->problems[i].detail);
    mem_free(f->problems);
    owned_free(f->path);
    mem_free(f->parcel);
    if (f->content_fd >= 0)
        (void)close(f->content_fd);
    if (f->fd >= 0)
        (void)close(f->fd);
    mem_free(f);
}

void file_problem(struct file *f, struct problem problem)
{
    struct bytes detail = bytes_slice(problem.detail, 0, DETAIL_BYTES_MAX);

    if (f->n_problems == PROBLEM_ROWS_MAX) {
        struct problem *last = &f->problems[PROBLEM_ROWS_MAX - 1];

        last->folded += 1 + problem.folded;
        if (__builtin_add_overflow(last->length, problem.length, &last->length))
            last->length = UINT64_MAX;
        return;
    }
    mem_grow(&f->problems, &f->problems_cap, f->n_problems + 1, sizeof *f->problems);
    problem.detail = bytes_make(mem_text(detail.ptr, detail.len), detail.len);
    f->problems[f->n_problems++] = problem;
}

static bool is_foreign(enum err code)
{
    return code == ERR_NOT_LOGS || code == ERR_UNKNOWN_FORMAT || code == ERR_ASIDE;
}

enum file_status file_verdict(const struct file *f)
{
    bool events = atomic_load_explicit(&f->events, memory_order_relaxed) > 0;
    bool loss = f->rejected > 0, foreign = f->n_problems > 0;

    for (size_t i = 0; i < f->n_problems; i++) {
        const struct problem *p = &f->problems[i];

        loss |= !problem_is_note(p->code) || p->folded > 0;
        foreign &= is_foreign(p->code) && p->folded == 0;
    }
    if (!events && (foreign || (loss && f->rejected == 0)))
        return FILE_SKIPPED;
    return loss ? FILE_DAMAGED : FILE_READ;
}

void file_finish(struct file *f, enum file_status status)
{
    atomic_store_explicit(&f->status, (int)status, memory_order_release);
}

static enum file_status file_status_now(const struct file *f)
{
    return (enum file_status)atomic_load_explicit(&f->status, memory_order_acquire);
}

bool file_is_finished(const struct file *f)
{
    return file_status_now(f) > FILE_READING;
}

static void ledger_add_finished(struct ledger_totals *totals, const struct file *f)
{
    bool lacks = false;

    totals->atime_touched += f->atime_touched;
    totals->updates += f->updates;
    totals->summaries += f->summaries;
    totals->rejected += f->rejected;
    for (size_t i = 0; i < f->n_problems; i++) {
        if (problem_is_note(f->problems[i].code))
            totals->notes++;
        else
            totals->problems++;
        totals->problems += f->problems[i].folded;
        lacks |= f->problems[i].code == ERR_PAGE || f->problems[i].code == ERR_LACKS;
    }
    totals->lacking += lacks && atomic_load_explicit(&f->events, memory_order_relaxed) > 0;
    totals->record_bytes += f->record_bytes;
    totals->wrapper_bytes += f->wrapper_bytes;
    totals->problem_bytes += f->problem_bytes;
}

void ledger_add(struct ledger_totals *totals, const struct file *f)
{
    enum file_status status = file_status_now(f);

    totals->files++;
    totals->read += status == FILE_READ;
    totals->damaged += status == FILE_DAMAGED;
    totals->skipped += status == FILE_SKIPPED;
    totals->stopped += status == FILE_STOPPED;
    totals->waiting += status == FILE_WAITING || status == FILE_READING;
    if (!f->outer) {
        totals->packed_bytes += atomic_load_explicit(&f->packed_bytes, memory_order_relaxed);
        totals->packed_read_bytes +=
            atomic_load_explicit(&f->packed_read_bytes, memory_order_relaxed);
    }
    totals->bytes += atomic_load_explicit(&f->bytes, memory_order_relaxed);
    totals->events += atomic_load_explicit(&f->events, memory_order_relaxed);
    if (status > FILE_READING)
        ledger_add_finished(totals, f);
}

bool ledger_is_partial(const struct ledger_totals *totals)
{
    return totals->damaged || totals->stopped || totals->waiting || totals->rejected ||
           totals->problems;
}
