/* The owner of everything that is loaded and asked: evidence, index, jobs, marks.
 *
 * One thread owns a session and calls all of this; workers never see it. Answers come back
 * through session_poll(), which the owner calls whenever one of the wake descriptors is
 * readable. */
#ifndef CORE_OWNING_SESSION_H
#define CORE_OWNING_SESSION_H

#include "core/asking/burst.h"
#include "core/asking/sort.h"
#include "core/asking/table.h"
#include "core/concluding/lessons.h"
#include "core/concluding/metric_report.h"
#include "core/concluding/triage.h"
#include "core/keeping/casebook.h"
#include "core/owning/ask.h"
#include "core/proving/proof.h"
#include "core/query/filters.h"

struct session;

struct session *session_new(void);

/* The user's paths, before session_start(); `config` (may be NULL) stays the caller's and must
 * outlive the session. */
void session_configure(struct session *s, const struct config *config);
const struct config *session_config(const struct session *s);

/* Cancels and waits for what runs. */
void session_free(struct session *s);

/* Add sources, then start reading. */
struct archive *session_archive(struct session *s);
void session_start(struct session *s);

enum session_change {
    SESSION_INDEX = 1,    /* a newer index is there: ask again */
    SESSION_PROGRESS = 2, /* more was read */
    SESSION_LOADED = 4,   /* reading ended and its index is there */
    SESSION_ANSWER = 8,   /* an answer was delivered */
    SESSION_TRIAGE = 16,  /* triage ended: there are newer findings, or it was stopped */
    SESSION_PROVED = 32,  /* a verification ended */
    SESSION_LEARNED = 64, /* there are newer learned names */
};

/* Takes what the workers finished; returns enum session_change bits. Never blocks. */
unsigned session_poll(struct session *s);

/* Readable when session_poll() has something to take; `which` below SESSION_WAKES. */
enum { SESSION_WAKES = 4 };
int session_wake_fd(const struct session *s, unsigned which);

/* Waits until reading ended and the complete index is there. For runs without a screen. */
void session_wait(struct session *s);

/* True while a job runs or an answer is outstanding. */
bool session_is_busy(const struct session *s);
bool session_is_asked(const struct session *s);   /* an answer is outstanding */
bool session_is_loading(const struct session *s); /* until the complete index is there */
bool session_is_reading(const struct session *s); /* files are still being read */
void session_stop_loading(struct session *s);
bool session_was_stopped(const struct session *s);

/* Sums of the ledger as of now. */
void session_totals(struct session *s, struct ledger_totals *out);

/* Counts are lower bounds: unread, damaged or rejected input. */
bool session_is_partial(struct session *s);

const struct store *session_store(const struct session *s);
struct load *session_load(const struct session *s);
struct pool *session_pool(const struct session *s); /* for scans and tables */

/* What a table over the newest index is made from; there must be one. */
struct table_source session_source(const struct session *s);

/* The newest picture; NULL before the first. The session's own use. */
struct index *session_index(const struct session *s);

/* What queries count from: the newest event time, and no clock. */
struct query_options session_query_options(const struct session *s);

/* Duplicates are hidden until asked for. */
bool session_shows_duplicates(const struct session *s);
void session_show_duplicates(struct session *s, bool show);
bool session_keeps_unknown(const struct session *s);
void session_keep_unknown(struct session *s, bool keep);

/* Questions. Each returns a handle that stays valid until its answer was delivered or
 * ask_cancel() was called; after a cancel no answer comes. The answer is the receiver's. */

/* Over the newest index. NULL when there is none yet. */
struct ask *session_select(struct session *s, struct filters *filters,
                           void (*answer)(void *context, struct selection *selection),
                           void *context);
struct ask *session_group(struct session *s, struct selection *selection,
                          const enum field_id *fields, size_t n_fields,
                          enum field_id distinct_of,
                          void (*answer)(void *context, struct grouping *grouping),
                          void *context);
struct ask *session_bins(struct session *s, struct selection *selection, size_t max_bins,
                         void (*answer)(void *context, struct histogram *histogram),
                         void *context);

struct ask *session_bursts(struct session *s, struct selection *selection,
                           const struct burst_request *request,
                           void (*answer)(void *context, struct bursts *bursts), void *context);

/* Over the newest index, all of it whatever the filters. `request` is copied and its `known`
 * taken over. NULL when there is no index yet. */
struct ask *session_metrics(struct session *s, const struct metric_request *request,
                            void (*answer)(void *context, struct metric_report *report),
                            void *context);

struct ask *session_sort(struct session *s, struct selection *selection, enum field_id field,
                         bool descending, void (*answer)(void *context, row_id *rows),
                         void *context);

/* A whole query over the newest index: `table` is the receiver's (table_free()), or NULL when
 * the query was refused, with the reason in `error` (the session's). */
struct ask *session_table(struct session *s, struct query *query,
                          void (*answer)(void *context, struct table *table,
                                         const struct query_error *error),
                          void *context);

/* The record's own bytes, read again from the evidence; appended to `out`. */
enum err session_raw(struct session *s, row_id row, struct buffer *out) MUST_CHECK;

/* The same as JSON, should it stand there as a row of a table or a line of a log. */
enum err session_record(struct session *s, row_id row, struct buffer *out) MUST_CHECK;

/* The verification of the same sources, read anew beside (after, while one is loading) the
 * load; NULL before session_new_proof(). It is the session's. */
struct proof *session_proof(const struct session *s);

/* Makes a proof that is not started yet, in place of one that has ended: add keys, then start.
 * NULL while one runs. */
struct proof *session_new_proof(struct session *s);
void session_prove(struct session *s);
bool session_is_proving(const struct session *s);
void session_stop_proof(struct session *s);

/* Waits until it has ended; `progress` (may be NULL) is called on the way. For runs without a
 * screen. */
void session_wait_for_proof(struct session *s,
                            void (*progress)(void *context, struct proof_progress now),
                            void *context);

/* The newest findings, the session's; NULL before the first. Asking for them starts the work,
 * once all is read, and again whenever the limits change. */
struct triage *session_triage(struct session *s);
unsigned session_triage_done(const struct session *s); /* thousandths */
bool session_is_triaging(const struct session *s);

/* Stops the work; findings of before stay, though they are of other limits. It starts again
 * when it is resumed or the limits change. */
void session_stop_triage(struct session *s);
void session_resume_triage(struct session *s);

/* True when there are no findings of the limits in force because it was stopped. */
bool session_triage_was_stopped(const struct session *s);
const struct rules *session_rules(const struct session *s);
void session_set_rules(struct session *s, const struct rules *rules);

/* The newest learned names, the session's; NULL before the first. Asking for them starts the
 * work, and again when there is a newer index: beside the screen, and never for runs that show
 * no names. */
struct lessons *session_lessons(struct session *s);

/* States and notes of findings. */
struct casebook *session_case(const struct session *s);

/* Marks on events. */
bool session_is_marked(const struct session *s, row_id row);
void session_mark(struct session *s, row_id row, bool marked);
size_t session_marked(const struct session *s);
void session_unmark_all(struct session *s);

#endif
