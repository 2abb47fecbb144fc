/* A screen as a picture: SVG of its cells, for the README. */
#ifndef TESTS_SCREENS_PICTURE_H
#define TESTS_SCREENS_PICTURE_H

#include "tests/screens/terminal.h"

/* Appends the screen of `rows` times `cols` cells as an SVG document whose title, for those who
 * cannot see it, is `title`. The same screen gives the same bytes. */
void picture_write(struct terminal *t, unsigned rows, unsigned cols, const char *title,
                   struct buffer *out);

#endif
