/* Heat strips: the values with most failures, each with its failures over time on one scale. */
#ifndef TUI_PANES_HEAT_H
#define TUI_PANES_HEAT_H

#include "tui/ui.h"

enum { HEAT_ROWS_MAX = 12 };

/* Rows that the strips take of a view with `rows`, their heading included; 0 where they would
 * leave too little of it, or where nothing failed. */
unsigned heat_rows(const struct grouping *g, unsigned rows);

/* Draws them over `area`. */
void heat_draw(struct ui *ui, struct canvas *c, struct area area, const struct grouping *g);

#endif
