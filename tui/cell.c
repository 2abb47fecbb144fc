#include "tui/cell.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

enum { MAX_ROWS = 1000, MAX_COLS = 2000 };

static const struct canvas_cell blank = {
    .text = " ", .len = 1, .columns = 1, .style = STYLE_PLAIN};

void canvas_deinit(struct canvas *c)
{
    mem_free(c->cells);
    buffer_deinit(&c->scratch);
    buffer_deinit(&c->masked);
    *c = (struct canvas){0};
}

void canvas_reset(struct canvas *c, unsigned rows, unsigned cols)
{
    c->rows = rows > MAX_ROWS ? MAX_ROWS : rows;
    c->cols = cols > MAX_COLS ? MAX_COLS : cols;
    mem_grow(&c->cells, &c->cells_cap, (size_t)c->rows * c->cols, sizeof *c->cells);
    for (size_t i = 0; i < (size_t)c->rows * c->cols; i++)
        c->cells[i] = blank;
    c->caret_row = c->caret_col = 0;
    c->caret_shown = false;
}

static struct canvas_cell *cell_at(const struct canvas *c, unsigned row, unsigned col)
{
    return &c->cells[(size_t)row * c->cols + col];
}

/* A cell that is overwritten may be half of a wide one: the other half becomes blank. */
static void release_cell(struct canvas *c, unsigned row, unsigned col)
{
    const struct canvas_cell *at = cell_at(c, row, col);

    if (at->columns == 0 && col > 0)
        *cell_at(c, row, col - 1) = blank;
    if (at->columns == 2 && col + 1 < c->cols)
        *cell_at(c, row, col + 1) = blank;
}

static struct canvas_cell *set_cell(struct canvas *c, unsigned row, unsigned col,
                                    unsigned columns, enum style style, struct bytes text)
{
    struct canvas_cell *at;

    release_cell(c, row, col);
    at = cell_at(c, row, col);
    *at = blank;
    at->style = (uint8_t)style;
    at->columns = (uint8_t)columns;
    if (text.len && text.len <= CELL_BYTES) {
        memcpy(at->text, text.ptr, text.len);
        at->len = (uint8_t)text.len;
    }
    if (columns == 2) {
        release_cell(c, row, col + 1);
        *cell_at(c, row, col + 1) = (struct canvas_cell){.columns = 0, .style = (uint8_t)style};
    }
    return at;
}

/* Draws text that is safe already; what is not safe after all becomes a blank. */
static unsigned draw_safe(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                          enum style style, struct bytes text)
{
    unsigned start = col, end;
    struct canvas_cell *last = NULL;

    if (row >= c->rows || col >= c->cols)
        return 0;
    end = max_cols < c->cols - col ? col + max_cols : c->cols;
    while (text.len) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);
        int columns = code == UTF8_INVALID ? -1 : utf8_width(code);
        struct bytes sign = bytes_slice(text, 0, columns < 0 ? 0 : used);

        text = bytes_slice(text, used, text.len);
        if (c->ascii && code >= 0x80 && columns == 0)
            continue;
        if (c->ascii && code >= 0x80 && columns > 0) {
            sign = code == 0x2026 ? glyph_text(GLYPH_ELLIPSIS, true) : bytes_of("?");
            columns = 1;
        }
        if (columns == 0) {
            if (last && last->len + sign.len <= CELL_BYTES) {
                memcpy(last->text + last->len, sign.ptr, sign.len);
                last->len = (uint8_t)(last->len + sign.len);
            }
            continue;
        }
        if (columns < 0)
            columns = 1;
        if (col + (unsigned)columns > end)
            break;
        last = set_cell(c, row, col, (unsigned)columns, style, sign);
        col += (unsigned)columns;
    }
    return col - start;
}

struct bytes canvas_hide(struct canvas *c, struct bytes name, struct bytes text)
{
    if (!c->mask || c->mask->level == MASK_NONE)
        return text;
    buffer_clear(&c->masked);
    (void)mask_add(c->mask, name, text, &c->masked);
    return buffer_bytes(&c->masked);
}

unsigned canvas_put_value(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                          enum style style, struct bytes name, struct bytes text)
{
    if (row >= c->rows || col >= c->cols)
        return 0;
    if (max_cols > c->cols - col)
        max_cols = c->cols - col;
    buffer_clear(&c->scratch);
    safe_add(&c->scratch, canvas_hide(c, name, text), max_cols, c->ascii);
    return draw_safe(c, row, col, max_cols, style, buffer_bytes(&c->scratch));
}

unsigned canvas_put(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                    enum style style, struct bytes text)
{
    return canvas_put_value(c, row, col, max_cols, style, bytes_of(""), text);
}

unsigned canvas_text(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                     enum style style, struct bytes text)
{
    return draw_safe(c, row, col, max_cols, style, text);
}

unsigned canvas_printf(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                       enum style style, const char *format, ...)
{
    char line[512];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len < 0)
        return 0;
    if ((size_t)len >= sizeof line)
        len = sizeof line - 1;
    return draw_safe(c, row, col, max_cols, style, bytes_make(line, (size_t)len));
}

void canvas_right(struct canvas *c, unsigned row, unsigned end, enum style style,
                  struct bytes text)
{
    unsigned cols = utf8_columns(text);

    if (cols <= end)
        draw_safe(c, row, end - cols, cols, style, text);
}

void canvas_style(struct canvas *c, unsigned row, unsigned col, unsigned cols, enum style style)
{
    if (row >= c->rows)
        return;
    for (unsigned i = col; i < c->cols && i - col < cols; i++)
        cell_at(c, row, i)->style = (uint8_t)style;
}

void canvas_blank(struct canvas *c, unsigned row, unsigned col, unsigned cols, enum style style)
{
    if (row >= c->rows)
        return;
    for (unsigned i = col; i < c->cols && i - col < cols; i++)
        set_cell(c, row, i, 1, style, bytes_of(" "));
}

void canvas_row_text(const struct canvas *c, unsigned row, struct buffer *out)
{
    size_t start = out->len;

    for (unsigned col = 0; col < c->cols; col++) {
        const struct canvas_cell *at = cell_at(c, row, col);

        buffer_add(out, bytes_make(at->text, at->len));
    }
    while (out->len > start && out->ptr[out->len - 1] == ' ')
        out->len--;
}

struct bytes glyph_text(enum glyph g, bool ascii)
{
    static const char *const glyphs[GLYPH_COUNT][2] = {
        [GLYPH_CARET] = {"▶", ">" },
          [GLYPH_CRUMB] = {"▸", ">" },
        [GLYPH_OPEN] = {"▾", "v" },
          [GLYPH_CLOSED] = {"▸", ">" },
        [GLYPH_WARNING] = {"▲", "!" },
          [GLYPH_FAILED] = {"✗", "x" },
        [GLYPH_VERTICAL] = {"│", "|" },
          [GLYPH_HORIZONTAL] = {"─", "-" },
        [GLYPH_TOP_LEFT] = {"┌", "+" },
          [GLYPH_TOP_RIGHT] = {"┐", "+" },
        [GLYPH_BOTTOM_LEFT] = {"└", "+" },
          [GLYPH_BOTTOM_RIGHT] = {"┘", "+" },
        [GLYPH_PEAK] = {"▲", "^" },
          [GLYPH_ARROW] = {"→", "->"},
        [GLYPH_ELLIPSIS] = {"…", "~" },
          [GLYPH_MULTIPLY] = {"×",  "x" },
        [GLYPH_FULL] = {"█", "#" },
          [GLYPH_REST] = {"░", "-" },
    };

    return bytes_of(glyphs[g][ascii ? 1 : 0]);
}

struct bytes glyph_bar(unsigned level, bool some, bool ascii)
{
    static const char *const bars[2][9] = {
        {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
        {" ", ".",   ":",   "-",   "=",   "+",   "*",   "#",   "@"  },
    };

    if (level == 0 && some)
        level = 1;
    return bytes_of(bars[ascii ? 1 : 0][level > 8 ? 8 : level]);
}
