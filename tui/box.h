/* A list in a box over the view below. */
#ifndef TUI_BOX_H
#define TUI_BOX_H

#include "tui/view.h"

/* Draws the frame with its title and one row per entry, `draw_row` filling each; keeps the
 * caret of `v` visible. */
void box_draw(struct view *v, struct canvas *c, struct area area, const char *title,
              void (*draw_row)(struct view *v, struct canvas *c, unsigned row, unsigned col,
                               unsigned cols, size_t i, bool caret));

#endif
