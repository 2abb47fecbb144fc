/* The preview of one event in a few lines: the plain sentence, then its fields. */
#ifndef TUI_PANES_PREVIEW_H
#define TUI_PANES_PREVIEW_H

#include "tui/ui.h"

struct preview {
    struct buffer text; /* of `row`, lines; masked, not yet sanitised */
    row_id row;
    bool has_row;
    unsigned mask_changes; /* of the ui when it was made */
};

/* Appends the plain sentence of an event, with what the mask hides hidden: a sentence itself
 * does not tell a user's name from its other words. */
void preview_sentence(struct ui *ui, const struct value *values, struct buffer *out);

/* Draws the event with a line at its left. */
void preview_draw(struct preview *p, struct ui *ui, struct canvas *c, struct area area,
                  row_id row);
void preview_deinit(struct preview *p);

#endif
