/* The text of one file on its way past a reader: every byte goes into a record, a wrapper or a
 * problem, and is counted there.
 *
 * Whoever reads looks at the window and moves on with one of the calls below, so the sums of
 * the ledger cannot come out wrong.
 * Threads: belongs to the thread of its window. */
#ifndef CORE_READING_PASSAGE_H
#define CORE_READING_PASSAGE_H

#include "core/reading/window.h"

enum { PASSAGE_KINDS = 16 }; /* told apart; the last one takes the rest */

/* Records of one kind, told in one problem. */
struct passage_kind {
    const char *seems;
    bool aside; /* holds no events by its nature: it is named, but nothing was lost */
    uint64_t offset, length, count;
};

struct passage {
    struct window window;
    struct file *file; /* the caller's */
    bool quiet;        /* nothing is written to the file's row */
    uint64_t events;   /* records so far */
    uint64_t n_faults; /* whatever was no event and nothing around events, quiet or not */
    struct passage_kind kinds[PASSAGE_KINDS];
    unsigned n_kinds;
    uint64_t n_torn,
        torn_at; /* events of logs that were records once, and the last one's place */
    uint64_t n_users, n_nameless, users_at; /* users of a pool, and where they begin */
    struct buffer words; /* for the next problem: the caller writes, then passage_problem() */
};

void passage_init(struct passage *p, struct file *f, struct block *b, bool quiet);
void passage_deinit(struct passage *p);

/* Moves on over `length` bytes of the window: an event, or what stands around events. */
void passage_record(struct passage *p, size_t length);
void passage_wrapper(struct passage *p, size_t length);

/* Moves on over a user of a pool; `learned` tells that it gave a name to a sub. */
void passage_user(struct passage *p, size_t length, bool learned);

/* What others have read for this passage: its window has moved already. */
void passage_count(struct passage *p, uint64_t events, uint64_t record_bytes,
                   uint64_t wrapper_bytes);

/* The same over a record of a kind that is not read; `seems` is static. */
void passage_foreign(struct passage *p, const char *seems, size_t length);

/* `count` records of a kind that is not read, beside events in the record of `length` bytes
 * that was passed last: they cost no bytes. */
void passage_left_out(struct passage *p, const char *seems, uint64_t count, size_t length);

/* `length` bytes that are in a problem; the window stands behind them already. */
void passage_lost(struct passage *p, uint64_t length, uint64_t records);

/* Lists a problem with the words that stand in `words`. */
void passage_problem(struct passage *p, enum err code, uint64_t offset, uint64_t length);

/* A fault that costs no bytes. */
void passage_slip(struct passage *p, enum err code, const char *words);

/* An event before the place of the window was torn (event.h). */
void passage_torn(struct passage *p);

/* Lists the foreign kinds, the torn events and the users, each kind in one problem. At the
 * end. */
void passage_list_kinds(struct passage *p);

#endif
