/* From text to a checked plan: quick terms and CloudWatch Logs Insights QL.
 *
 * Text is a query when it starts with a command (fields, filter, stats, …); otherwise what
 * stands before the first top-level `|` is quick terms (words, field:value, …) and the rest is
 * query text. Both become the same tree and are run by the same scan.
 *
 * Beyond the language of CloudWatch there are: \xNN in strings (any byte, so that every value
 * can be written exactly); isnull(f), isabsent(f) and isredacted(f), which with ispresent(f)
 * and f = "" tell all states of a value apart; @fields like …, any text of an event that has a
 * column; times as text in comparisons of @timestamp. A redacted value compares as
 * HIDDEN_DUE_TO_SECURITY_REASONS. Negated quick terms (-x, not x) keep events that lack the
 * field; != and `not` of the language drop them, as their answer is unknown.
 *
 * A name that is no field is a path into the records. Where it looks like a slip (one step that
 * no record of the known formats has) a notice says so; as a quick term it is refused when it
 * is close to a field, unless it stands in backticks.
 *
 * What the language has and this program does not is refused by name, never dropped.
 * Source: the language notes of the project (Logs Insights user guide, 2026). */
#ifndef CORE_QUERY_QUERY_H
#define CORE_QUERY_QUERY_H

#include "core/base/err.h"
#include "core/base/instant.h"

#include "core/query/indicators.h"
#include "core/query/row_set.h"
#include "core/reading/event.h"

struct query;

struct query_error {
    size_t offset, length;    /* the token in the text */
    size_t line, column;      /* from 1; columns in characters */
    struct buffer message;    /* one sentence: what was found, what was expected, a hint */
    struct bytes placeholder; /* the name that waits for a value, in the text that was parsed:
                               * see placeholder.h; empty with all other errors */
};

void query_error_deinit(struct query_error *e);

struct query_options {
    bool has_selected; /* @sel has a meaning: the time of the selected event */
    int64_t selected_us;
    bool reads_lists; /* `in @file` may read files of the user's */
    int64_t
        now_us; /* for last:2h and now(); never the machine's clock behind the caller's back */
    int64_t last_event_us;       /* what last:2h counts back from, and whose day 10:00 is of;
                                  * INSTANT_NONE: now */
    const struct config *config; /* of the index that is asked; may be NULL, else it outlives
                                  * the query */
    int64_t first_event_us;      /* for queryStartTime(); counts only beside last_event_us */
};

/* Errors: ERR_QUERY with `error` filled. */
enum err query_parse(struct bytes text, const struct query_options *options, struct query **out,
                     struct query_error *error) MUST_CHECK;
void query_free(struct query *q);

/* One more user: each gives it back with query_free(). Threads: any. */
struct query *query_hold(struct query *q);

/* A filter that selects these rows and no others; `label` is what people read in the place of a
 * text of the language, which there is none for. */
struct query *query_of_rows(struct bytes label, const row_id *rows, size_t n_rows);
bool query_is_rows(const struct query *q);

/* From now on `q`, which nobody else has yet, selects only rows that `rows` selects as well. */
void query_within(struct query *q, const struct query *rows);

/* True when the text has quick terms or filters only: it selects events and shapes no table. */
bool query_is_filter(const struct query *q);

/* The query in the language's own words, quick terms translated. The query's. */
struct bytes query_text(const struct query *q);

/* True when the text means something else once another event is selected (±5m): what is kept is
 * query_text(). */
bool query_is_relative(const struct query *q);

/* Notices that the user must see (a shim was applied, a unit was capped, …). */
size_t query_notice_count(const struct query *q);
struct bytes query_notice(const struct query *q, size_t i);

/* The first list of indicators (`ip in @file`) that a field is looked for in. The list is the
 * query's. False when there is none. */
bool query_indicators(const struct query *q, enum field_id *field, struct indicators **out);

/* Time range of 10:00..10:15, last:2h; INSTANT_NONE at an open end. End inclusive. */
void query_time_range(const struct query *q, int64_t *from_us, int64_t *to_us);

/* The text of a filter term on one value, as keep and drop make it:
 * `error = "NotAuthorizedException"`, `not ispresent(sub)`, … Appended to `out`. */
void query_write_term(struct buffer *out, enum field_id field, enum value_state state,
                      struct bytes value, bool negated);

/* The same for a native path, as record_path() writes it. */
void query_write_path_term(struct buffer *out, struct bytes path, enum value_state state,
                           struct bytes value, bool negated);

#endif
