#include "tui/draw.h"

void draw_caret_row(struct canvas *c, unsigned row, struct area area)
{
    canvas_blank(c, row, area.col, area.cols, STYLE_CARET);
    canvas_text(c, row, area.col, 1, STYLE_CARET, glyph_text(GLYPH_CARET, c->ascii));
    c->caret_row = row;
    c->caret_col = area.col;
}

void draw_rule(struct canvas *c, unsigned row)
{
    for (unsigned col = 1; col + 1 < c->cols; col++)
        canvas_text(c, row, col, 1, STYLE_DIM, glyph_text(GLYPH_HORIZONTAL, c->ascii));
}

static bool inside_character(struct bytes text, size_t at)
{
    return at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80;
}

/* How much of the text goes on one line: to the last blank in its second half, else all. */
size_t draw_line_length(struct bytes text, unsigned cols)
{
    size_t len = text.len < cols ? text.len : cols, blank = len;

    if (len == text.len)
        return len;
    while (blank > len / 2 && text.ptr[blank] != ' ')
        blank--;
    if (blank > len / 2)
        return blank;
    while (len > 1 && inside_character(text, len))
        len--;
    return len;
}

unsigned draw_wrapped(struct canvas *c, unsigned row, unsigned end, enum style style,
                      struct bytes safe)
{
    unsigned cols = c->cols > 2 ? c->cols - 2 : 1;

    while (safe.len && row < end) {
        size_t len = draw_line_length(safe, cols);

        canvas_text(c, row++, 1, cols, style, bytes_slice(safe, 0, len));
        safe = bytes_slice(safe, len, safe.len);
        while (safe.len && safe.ptr[0] == ' ')
            safe = bytes_slice(safe, 1, safe.len);
    }
    if (safe.len && row > 0)
        canvas_right(c, row - 1, c->cols, style, glyph_text(GLYPH_ELLIPSIS, c->ascii));
    return row;
}

void draw_tail(struct canvas *c, unsigned row, unsigned col, unsigned cols, enum style style,
               struct bytes text)
{
    size_t from;

    if (text.len > cols && cols > 4) {
        unsigned used =
            canvas_text(c, row, col, cols, style, glyph_text(GLYPH_ELLIPSIS, c->ascii));

        col += used;
        cols -= used;
        from = text.len - cols;
        while (inside_character(text, from))
            from++;
        text = bytes_slice(text, from, text.len);
    }
    canvas_put(c, row, col, cols, style, text);
}
