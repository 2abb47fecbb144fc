/* Which events does a filter select? Plans over chunks, in the background.
 *
 * Predicates on text are decided once per dictionary entry and then looked up per row. The
 * result is a bitmap per chunk and the rows in time order.
 * Three-valued: a comparison with a missing value is unknown, and unknown is not selected; how
 * many rows were left out that way is counted. Undecided matches are counted too.
 * Conditions on @message or on paths without a column read the records again: last, only of
 * the rows that the other conditions left, file by file, in parallel. */
#ifndef CORE_ASKING_SCAN_H
#define CORE_ASKING_SCAN_H

#include "core/base/pool.h"

#include "core/asking/progress.h"
#include "core/asking/recall.h"
#include "core/index/index.h"
#include "core/index/load.h"
#include "core/query/query.h"

/* What a filter selected, over one index. Immutable; shared by use count. */
struct selection {
    struct index *index;   /* held */
    uint64_t *const *bits; /* per chunk, CHUNK_ROWS bits */
    const row_id *rows;    /* in time order; NULL after a scan for bits only */
    uint64_t n_rows;
    uint64_t outcomes[OUTCOME_COUNT]; /* of the selected rows */
    uint64_t n_unknown;    /* rows left out because a value was missing under a negated test */
    uint64_t n_undecided;  /* rows left out because a match reached its limit or a record
                            * could not be read */
    uint64_t n_unread;     /* records among them that could not be read again */
    uint64_t n_unlooked;   /* rows not looked at, as the asker had enough: all counts are
                            * lower bounds */
    uint64_t n_duplicates; /* rows that would be selected but are hidden as duplicates */
    int64_t first_us, last_us; /* of the selected rows */
    _Atomic unsigned uses;
    uint64_t **bits_owned; /* the same, for whoever frees them */
    row_id *rows_owned;
};

struct selection *selection_hold(struct selection *s);
void selection_release(struct selection *s);

/* True when the row is selected. */
bool selection_has(const struct selection *s, row_id row);

/* Position of the first selected row at or after `row` in time order; n_rows when none. */
uint64_t selection_find(const struct selection *s, row_id row);

struct scan_request {
    struct index *index;                /* held by the scan until it is done */
    const struct query *const *filters; /* all must hold; queries with quick terms or filters
                                         * only; must outlive the scan */
    size_t n_filters;
    struct archive *archive; /* for filters on files and records; without it (NULL) they are
                              * undecided; outlives the scan */
    struct load *load;       /* for maps of big files; may be NULL; outlives the scan */
    struct recall *recall;   /* the next two may be NULL and outlive the scan */
    struct progress *progress;
    struct pool *parts_to;   /* woken when a part of the answer is there; NULL: none are made */
    unsigned parts_after_ms; /* the first part; one a second then */
    bool bits_only; /* who only counts needs neither rows nor sums by outcome nor the span */
    bool with_duplicates;
    bool keep_unknown; /* a value missing under a negated test counts as selected */
};

struct scan {
    struct job job; /* first: see pool.h */
    struct scan_request request;
    struct selection *result;       /* NULL when cancelled */
    struct selection *_Atomic part; /* see scan_take_part() */
    void *context;                  /* the caller's */
    void *state;                    /* the scan's own */
};

/* Fills `s`; the caller then sets job.done and starts &s->job on a pool. */
void scan_init(struct scan *s, const struct scan_request *request);

/* While it runs: what was found until now, the caller's; NULL when that is nothing new. Its
 * n_unlooked is not 0. */
struct selection *scan_take_part(struct scan *s);

/* After `done`: frees what the scan holds, its result included unless taken. */
void scan_deinit(struct scan *s);

#endif
