/* The dialect of a text that is not JSON: where its rows end, and what each says as JSON.
 *
 * A dialect is found at the head of a table or log and holds for the rows behind it. Rendered
 * rows are JSON objects like those that the same log has in its JSON forms, so fields, trees,
 * paths and copies work for them as for any record. Rendering is a pure function of the row:
 * drill-down reads the raw bytes again and gets the same text.
 *
 * Logs: lines of a CloudWatch Logs export task, a time, a blank, the text of the event, which
 * may go on over lines that begin with no time.
 * Lambda: lines as functions and their platform write them, without the time of the log.
 * Access logs of API Gateway: lines by a format template, the user's or one of the console's;
 * and lines of flat JSON in which values hold quotes or braces (mended).
 * Source: CloudWatch Logs user guide, "Export log data to Amazon S3"; lines as seen
 * (2021-2026). Threads: immutable, any. */
#ifndef CORE_READING_DIALECT_H
#define CORE_READING_DIALECT_H

#include "core/reading/config.h"
#include "core/reading/csv.h"
#include "core/reading/sheet.h"

struct dialect;

/* The dialect of the text that begins with `head`, or NULL; `heading` gets how many bytes of
 * it are no row. `final`: nothing follows. `config` (may be NULL) must outlive the dialect. */
struct dialect *dialect_new(struct bytes head, bool final, const struct config *config,
                            size_t *heading);
void dialect_free(struct dialect *d);

/* As sheet.h has them. */
const char *dialect_name(const struct dialect *d);
const char *dialect_lacks(const struct dialect *d);

/* Where the row ends that begins `text`. */
enum csv_end dialect_row(const struct dialect *d, struct bytes text, bool final,
                         size_t *length);

/* True when lines of a row need not belong together: what begins them is all that tells. */
bool dialect_joins_lines(const struct dialect *d);

/* Whether a row begins there; ROW_PREFIX_BYTES of the text are enough to tell. */
enum { ROW_PREFIX_BYTES = 25 };
bool dialect_begins_row(const struct dialect *d, struct bytes text);

/* True for a row that says nothing: blank, or the heading of the table again. */
bool dialect_is_heading(const struct dialect *d, struct bytes row);

/* Appends the row as JSON. False, with words in `why` (static), when it is not one of this
 * dialect. `mends` may be NULL. */
bool dialect_render(const struct dialect *d, struct bytes row, struct buffer *out,
                    struct sheet_mends *mends, const char **why);

enum { DIALECTS_MAX = 1000 }; /* of one file */

/* The dialects of one file, each for the stretch that it was read in. Zero-initialised is
 * empty and valid. */
struct dialect_span {
    uint64_t from, to; /* offsets in the unpacked text */
    struct dialect *dialect;
};

struct dialects {
    struct dialect_span *spans;
    size_t n, cap;
};

void dialects_deinit(struct dialects *d);

/* Takes over `dialect`, for a stretch from `from` on; stretches come in order. */
void dialects_add(struct dialects *d, uint64_t from, struct dialect *dialect);

/* The text of the record at `offset`, when its dialect is not JSON: appended to `out`. False
 * when `raw` is the text itself. */
bool dialects_render(const struct dialects *d, uint64_t offset, struct bytes raw,
                     struct buffer *out);

#endif
