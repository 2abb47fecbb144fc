/* Pieces that several views draw. */
#ifndef TUI_DRAW_H
#define TUI_DRAW_H

#include "tui/cell.h"

/* The row that the caret is on: reversed over `area`, marked at its left, hardware cursor
 * there. */
void draw_caret_row(struct canvas *c, unsigned row, struct area area);

/* A line across the screen. */
void draw_rule(struct canvas *c, unsigned row);

/* Safe text (of safe_add(), or the program's own) over the rows from `row` to before `end`,
 * broken at blanks where there are some. Returns the row behind it. */
unsigned draw_wrapped(struct canvas *c, unsigned row, unsigned end, enum style style,
                      struct bytes safe);

/* How many bytes of the safe text go on a line of `cols` columns, which it breaks at a blank
 * where it can. */
size_t draw_line_length(struct bytes safe, unsigned cols);

/* Evidence of which the end matters (a path): its beginning is cut where it does not fit. */
void draw_tail(struct canvas *c, unsigned row, unsigned col, unsigned cols, enum style style,
               struct bytes text);

#endif
