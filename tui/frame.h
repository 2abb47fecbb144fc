/* The frame around every view: where I am and how many of how many; the filters in words;
 * position, messages and damage; the keys that work here. */
#ifndef TUI_FRAME_H
#define TUI_FRAME_H

#include "tui/ui.h"

enum { FRAME_MIN_ROWS = 15, FRAME_MIN_COLS = 60 };

/* Draws the whole screen. */
void frame_draw(struct ui *ui);

#endif
