/* Rows to text, CSV, JSON and JSON Lines.
 *
 * text: aligned columns, sanitised (safe.h); numbers stand right. On a terminal where most rows
 * would take more than two lines, a block per row instead, a line per cell that is there. csv:
 * RFC 4180 (lines end in CR LF), the exact bytes, but sanitised as text is when it goes to a
 * terminal; a cell that a spreadsheet would run as a formula gets an apostrophe before it.
 * json, jsonl: RFC 8259, every byte that is not UTF-8 replaced by U+FFFD; what a terminal must
 * not see (utf8_width() -1) is escaped, so that only the bytes differ, never the value. */
#ifndef CORE_KEEPING_WRITER_H
#define CORE_KEEPING_WRITER_H

#include <stdio.h>

#include "core/base/err.h"

#include "core/keeping/mask.h"

enum writer_format { WRITER_TEXT, WRITER_CSV, WRITER_JSON, WRITER_JSONL };

/* "text", "csv", "json", "jsonl". */
bool writer_format_find(struct bytes name, enum writer_format *out);

struct writer;

/* `columns` is copied. Text output is held back until the end, to know the widths (of the
 * first 1,000 rows or 16 MB; later rows may be wider). Cells over 100 columns, or over a third
 * of the terminal, are not cut, but do not widen their column. `terminal_cols`: the width of
 * the terminal that `out` is; 0 for a file or a pipe. */
struct writer *writer_new(FILE *out, enum writer_format format, const struct bytes *columns,
                          size_t n_columns, bool ascii, unsigned terminal_cols);

enum writer_type {
    WRITER_MISSING, /* no cell: empty in text and CSV, absent key in JSON */
    WRITER_STRING,
    WRITER_NUMBER, /* text that is a JSON number; any other text counts as a string */
    WRITER_RAW,    /* text that is JSON already (lists, objects); put on one line */
};

struct writer_cell {
    enum writer_type type;
    struct bytes text;
};

/* Cells of rows to come are written as `m` (the caller's, kept until the end) hides them, by
 * the names of their columns. */
void writer_mask(struct writer *w, const struct mask *m);

/* Pieces that were hidden so far: whoever gets the output must be told. */
size_t writer_hidden(const struct writer *w);

/* One row of n_columns cells. */
void writer_row(struct writer *w, const struct writer_cell *cells);

/* Ends and flushes the output, which stays open, and frees the writer. ERR_IO when the stream
 * had an error. */
enum err writer_finish(struct writer *w) MUST_CHECK;

/* Appends `text` as a JSON string with quotes. */
void writer_add_json(struct buffer *out, struct bytes text);

#endif
