/* A table whose first row names its columns, read row by row as JSON objects.
 *
 * Known are the downloads of the CloudTrail console (also as a spreadsheet leaves them), of
 * CloudTrail Lake, CloudWatch Logs Insights and its log events view, and any table with the
 * names of a CloudTrail record, of its text, or of an API Gateway request as headings. Columns
 * become the keys that the same facts have in the JSON form of that log; a heading with dots
 * is a path.
 * Sources: "Viewing recent management events with the console" of the CloudTrail user guide;
 * downloads as seen in 2021-2026. Threads: immutable, any. */
#ifndef CORE_READING_SHEET_H
#define CORE_READING_SHEET_H

#include "core/base/bytes.h"

struct sheet;

/* Reads the heading that begins `head`; NULL when it names no table that is known. `length`
 * gets its bytes, the line end included. */
struct sheet *sheet_new(struct bytes head, bool final, size_t *length);
void sheet_free(struct sheet *s);

/* What the table is: "CSV table from the CloudTrail console", …; static. */
const char *sheet_name(const struct sheet *s);

/* What the log had and this kind of table leaves out, in words, or NULL; static. */
const char *sheet_lacks(const struct sheet *s);

char sheet_separator(const struct sheet *s);

/* What was found wrong with values of a row and put right, or taken for unknown. */
struct sheet_mends {
    uint64_t lost_digits; /* account numbers that a spreadsheet rounded: taken as unknown */
    uint64_t lost_zeros;  /* account numbers without their leading zeros: put back */
    uint64_t broken_json; /* lines with quotes or braces in values: read by their keys */
};

/* Appends the row (with or without line end) as a JSON object. False, and words in `why`
 * (static), when it has another number of cells than the heading, or is an event of a log
 * without its time. `mends` may be NULL. */
bool sheet_render(const struct sheet *s, struct bytes row, struct buffer *out,
                  struct sheet_mends *mends, const char **why);

/* True when the row is the heading once more, as tables joined end to end have it. */
bool sheet_is_heading(const struct sheet *s, struct bytes row);

#endif
