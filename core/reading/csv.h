/* Tables in text, a row at a time: RFC 4180, and what spreadsheets make of it.
 *
 * A cell may stand in quotes, with quotes inside doubled, and then hold separators and line
 * ends. Nothing is refused here: a quote inside a cell without quotes is a character, and what
 * stands behind a closing quote belongs to the cell. Works on views, allocates nothing.
 * Threads: any. */
#ifndef CORE_READING_CSV_H
#define CORE_READING_CSV_H

#include "core/base/bytes.h"

enum csv_end {
    CSV_ROW,    /* the row ends within the text */
    CSV_MORE,   /* the text ends before that is clear */
    CSV_UNDONE, /* nothing follows the text, and a quote is still open */
};

/* Where the row ends that begins `text`: `length` gets its bytes, the line end included.
 * `final`: nothing follows the text. */
enum csv_end csv_row(struct bytes text, bool final, char separator, size_t *length);

struct csv_cell {
    struct bytes raw; /* without the quotes around it */
    bool quoted;
    bool doubled; /* quotes in it are to be undoubled: csv_decode() */
};

/* The row without its line end. */
struct bytes csv_trim(struct bytes row);

/* Takes the next cell off a trimmed row; `rest` gets NULL as its pointer behind the last one.
 * A row has at least one cell. False when there are no more. */
bool csv_next(struct bytes *rest, char separator, struct csv_cell *out);

/* Appends the cell's text. */
void csv_decode(const struct csv_cell *cell, struct buffer *out);

#endif
