#include "tests/screens/picture.h"

#include "core/base/utf8.h"

/* Whole pixels, so that backgrounds and bars of neighbouring cells meet without seams. */
enum {
    CELL_WIDTH = 8,
    CELL_HEIGHT = 17,
    BASELINE = 13,
    MARGIN = 8,
    PAPER = 0x14181d,
    INK = 0xd6dade,
};

struct look {
    uint32_t front, back;
    bool bold, underlined;
};

static struct look look_of(const struct terminal_cell *cell)
{
    uint32_t front = cell->front == TERMINAL_DEFAULT ? INK : cell->front;
    uint32_t back = cell->back == TERMINAL_DEFAULT ? PAPER : cell->back;

    return (struct look){.front = cell->reversed ? back : front,
                         .back = cell->reversed ? front : back,
                         .bold = cell->bold,
                         .underlined = cell->underlined};
}

static bool same_look(struct look a, struct look b)
{
    return a.front == b.front && a.back == b.back && a.bold == b.bold &&
           a.underlined == b.underlined;
}

static void add_escaped(struct buffer *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            buffer_add_text(out, "&amp;");
            break;
        case '<':
            buffer_add_text(out, "&lt;");
            break;
        case '>':
            buffer_add_text(out, "&gt;");
            break;
        case '"':
            buffer_add_text(out, "&quot;");
            break;
        default:
            buffer_add_char(out, text.ptr[i]);
        }
    }
}

static void add_box(struct buffer *out, unsigned x, unsigned y, unsigned width, unsigned height,
                    uint32_t color)
{
    buffer_printf(out, "<path fill=\"#%06x\" d=\"M%u %uh%uv%uh-%uz\"/>\n", color, x, y, width,
                  height, width);
}

/* Bars and lines are drawn, as fonts leave gaps between them. False for other characters. */
static bool add_drawn(struct buffer *out, struct bytes text, unsigned x, unsigned y,
                      uint32_t color)
{
    uint32_t code;

    (void)utf8_decode(text, &code);
    if (code >= 0x2581 && code <= 0x2588) { /* lower one eighth block to full block */
        unsigned height = (code - 0x2580) * CELL_HEIGHT / 8;

        add_box(out, x, y + CELL_HEIGHT - height, CELL_WIDTH, height, color);
        return true;
    }
    if (code == 0x2500) { /* horizontal line */
        add_box(out, x, y + CELL_HEIGHT / 2, CELL_WIDTH, 1, color);
        return true;
    }
    return false;
}

/* Text of one look, `cols` cells from `col` on; blanks at its ends are left out already. */
static void add_text(struct buffer *out, struct bytes text, struct look look, unsigned x,
                     unsigned y, unsigned cols)
{
    buffer_printf(out, "<text x=\"%u\" y=\"%u\" textLength=\"%u\"", x, y + BASELINE,
                  cols * CELL_WIDTH);
    if (look.front != INK)
        buffer_printf(out, " fill=\"#%06x\"", look.front);
    if (look.bold)
        buffer_add_text(out, " font-weight=\"bold\"");
    if (look.underlined)
        buffer_add_text(out, " text-decoration=\"underline\"");
    buffer_add_char(out, '>');
    add_escaped(out, text);
    buffer_add_text(out, "</text>\n");
}

/* Words apart by two blanks and more are set one by one, so that columns stay in place in
 * whatever font. Returns the first column behind the word that begins at `col`. */
static unsigned add_word(struct terminal *t, unsigned row, unsigned col, unsigned end,
                         struct buffer *word, struct buffer *out)
{
    struct terminal_cell cell = terminal_cell(t, row, col);
    struct look look = look_of(&cell);
    unsigned start = col, x = MARGIN + col * CELL_WIDTH, y = MARGIN + row * CELL_HEIGHT;
    size_t kept = 0;
    unsigned kept_cols = 0, blanks = 0;

    if (add_drawn(out, cell.text, x, y, look.front))
        return col + cell.cols;
    buffer_clear(word);
    while (col < end && blanks < 2) {
        uint32_t code;

        cell = terminal_cell(t, row, col);
        (void)utf8_decode(cell.text, &code);
        if (!same_look(look, look_of(&cell)) || (code >= 0x2500 && code <= 0x259f))
            break;
        blanks = bytes_are(cell.text, " ") ? blanks + 1 : 0;
        buffer_add(word, cell.text);
        col += cell.cols;
        /* A sign outside ASCII has a width of its own in many fonts: it ends a word. */
        if (blanks == 0) {
            kept = word->len;
            kept_cols = col - start;
        }
        if (code > 0x7f)
            break;
    }
    if (kept)
        add_text(out, bytes_make(word->ptr, kept), look, x, y, kept_cols);
    return col;
}

static void add_backgrounds(struct terminal *t, unsigned row, unsigned cols, struct buffer *out)
{
    for (unsigned col = 0; col < cols;) {
        struct terminal_cell cell = terminal_cell(t, row, col);
        uint32_t back = look_of(&cell).back;
        unsigned start = col;

        while (col < cols && look_of(&cell).back == back) {
            col += cell.cols;
            cell = terminal_cell(t, row, col);
        }
        if (back != PAPER)
            add_box(out, MARGIN + start * CELL_WIDTH, MARGIN + row * CELL_HEIGHT,
                    (col - start) * CELL_WIDTH, CELL_HEIGHT, back);
    }
}

void picture_write(struct terminal *t, unsigned rows, unsigned cols, const char *title,
                   struct buffer *out)
{
    unsigned width = cols * CELL_WIDTH + 2 * MARGIN, height = rows * CELL_HEIGHT + 2 * MARGIN;
    struct buffer word = {0};

    buffer_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\""
                  " viewBox=\"0 0 %u %u\" role=\"img\">\n<title>",
                  width, height, width, height);
    add_escaped(out, bytes_of(title));
    buffer_printf(out,
                  "</title>\n<rect width=\"%u\" height=\"%u\" rx=\"6\" fill=\"#%06x\"/>\n"
                  "<g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas,"
                  " monospace\" font-size=\"13.3\" fill=\"#%06x\" xml:space=\"preserve\">\n",
                  width, height, PAPER, INK);
    for (unsigned row = 0; row < rows; row++) {
        add_backgrounds(t, row, cols, out);
        for (unsigned col = 0; col < cols;) {
            struct terminal_cell cell = terminal_cell(t, row, col);

            if (bytes_are(cell.text, " "))
                col++;
            else
                col = add_word(t, row, col, cols, &word, out);
        }
    }
    buffer_add_text(out, "</g>\n</svg>\n");
    buffer_deinit(&word);
}
