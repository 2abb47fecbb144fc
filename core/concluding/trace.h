/* The signals of one account, put together by where they came from and by the program that made
 * them: what came before from there is found without looking through all of the account.
 *
 * An account's two orders are made when they are first asked for: 32 bytes per signal of it.
 * Not to be shared between threads. */
#ifndef CORE_CONCLUDING_TRACE_H
#define CORE_CONCLUDING_TRACE_H

#include "core/concluding/roster.h"

struct trace_item {
    uint64_t key;
    uint32_t position; /* in the signals */
    uint32_t passed;   /* of a run's first item: see trace_first() */
};

/* Signals of one account with one source or one program, in time order. */
struct trace_run {
    struct trace_item *items;
    uint32_t count;
};

struct traces {
    const struct signals *s;
    const struct roster *by_account; /* the signals that matter */
    struct trace_item **of;          /* by account: by source, then as many by program */
    uint32_t *passed;                /* by account: see trace_first_of_account() */
};

void traces_init(struct traces *t, const struct signals *s, const struct roster *by_account);
void traces_deinit(struct traces *t);

/* Where a signal came from, and the program and client that made it, as numbers; 0 when the
 * record tells neither. */
uint64_t trace_source(const struct signal *s);
uint64_t trace_program(const struct signal *s);

/* Those of the signal's account with its source or program; none when it has none. */
struct trace_run trace_by_source(struct traces *t, const struct signal *s);
struct trace_run trace_by_program(struct traces *t, const struct signal *s);

/* The place in the run of the first signal at or behind a position of the signals. */
uint32_t trace_seek(const struct trace_run *run, uint32_t position);

/* The first signal of the run that counts, SIGNAL_NONE when there is none. What does not count
 * once must never count again: it is passed for good, so that many questions cost one walk. */
uint32_t trace_first(struct trace_run run,
                     bool (*counts)(const void *context, uint32_t position),
                     const void *context);
uint32_t trace_first_of_account(const struct traces *t, uint32_t account,
                                bool (*counts)(const void *context, uint32_t position),
                                const void *context);

#endif
