/* The preview of one event in a few lines: the plain sentence, then its fields. */
#ifndef TUI_PREVIEW_H
#define TUI_PREVIEW_H

#include "tui/ui.h"

struct preview {
    struct buffer text; /* of `row`, lines; not yet sanitised */
    row_id row;
    bool has_row;
};

/* Draws the event with a line at its left. */
void preview_draw(struct preview *p, const struct ui *ui, struct canvas *c, struct area area,
                  row_id row);
void preview_deinit(struct preview *p);

#endif
