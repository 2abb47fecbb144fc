#include "tui/box.h"

static void draw_frame(struct canvas *c, struct area box, const char *title)
{
    struct bytes line = glyph_text(GLYPH_HORIZONTAL, c->ascii);
    struct bytes side = glyph_text(GLYPH_VERTICAL, c->ascii);
    unsigned right = box.col + box.cols - 1, bottom = box.row + box.rows - 1;

    for (unsigned row = box.row; row <= bottom; row++) {
        canvas_blank(c, row, box.col, box.cols, STYLE_PLAIN);
        canvas_text(c, row, box.col, 1, STYLE_DIM, side);
        canvas_text(c, row, right, 1, STYLE_DIM, side);
    }
    for (unsigned col = box.col + 1; col < right; col++) {
        canvas_text(c, box.row, col, 1, STYLE_DIM, line);
        canvas_text(c, bottom, col, 1, STYLE_DIM, line);
    }
    canvas_text(c, box.row, box.col, 1, STYLE_DIM, glyph_text(GLYPH_TOP_LEFT, c->ascii));
    canvas_text(c, box.row, right, 1, STYLE_DIM, glyph_text(GLYPH_TOP_RIGHT, c->ascii));
    canvas_text(c, bottom, box.col, 1, STYLE_DIM, glyph_text(GLYPH_BOTTOM_LEFT, c->ascii));
    canvas_text(c, bottom, right, 1, STYLE_DIM, glyph_text(GLYPH_BOTTOM_RIGHT, c->ascii));
    canvas_text(c, box.row, box.col + 2, box.cols - 4, STYLE_TITLE, bytes_of(title));
}

void box_draw(struct view *v, struct canvas *c, struct area area, const char *title,
              void (*draw_row)(struct view *v, struct canvas *c, unsigned row, unsigned col,
                               unsigned cols, size_t i, bool caret))
{
    size_t count = v->ops->count(v);
    unsigned rows = count + 2 < area.rows ? (unsigned)count + 2 : area.rows;
    unsigned cols = area.cols > 104 ? 100 : area.cols - 4;
    struct area box = {area.row, 2, rows < 3 ? 3 : rows, cols};

    v->page_rows = box.rows - 2;
    view_scroll(v);
    draw_frame(c, box, title);
    for (size_t i = v->top; i < count && i - v->top < v->page_rows; i++) {
        unsigned row = box.row + 1 + (unsigned)(i - v->top);
        bool caret = i == v->caret;

        if (caret) {
            canvas_blank(c, row, box.col + 1, box.cols - 2, STYLE_CARET);
            c->caret_row = row;
            c->caret_col = box.col + 1;
        }
        draw_row(v, c, row, box.col + 2, box.cols - 4, i, caret);
    }
}
