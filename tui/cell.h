/* A grid of cells: what the screen should show, without a terminal.
 *
 * Panes draw here; screen.c alone carries it to curses. Evidence goes in through canvas_put(),
 * which sanitises; the program's own words through canvas_text(). */
#ifndef TUI_CELL_H
#define TUI_CELL_H

#include "core/keeping/mask.h"

#include "tui/color.h"

enum { CELL_BYTES = 20 };

/* One character with its combining marks. A wide one is followed by a cell of 0 columns. */
struct canvas_cell {
    char text[CELL_BYTES];
    uint8_t len, columns, style;
};

struct canvas {
    struct canvas_cell *cells; /* rows × cols */
    size_t cells_cap;
    unsigned rows, cols;
    unsigned caret_row, caret_col; /* where the hardware cursor rests */
    bool caret_shown;              /* in a prompt */
    bool ascii;                    /* bytes below U+0080 only */
    const struct mask *mask;       /* what evidence hides; NULL: nothing. The owner's */
    struct buffer scratch, masked;
};

/* A part of the canvas. */
struct area {
    unsigned row, col, rows, cols;
};

void canvas_deinit(struct canvas *c);

/* Sets the size and clears to blanks. */
void canvas_reset(struct canvas *c, unsigned rows, unsigned cols);

/* Evidence: sanitised, at most `max_cols` columns, with a mark where it was cut. Returns the
 * columns drawn. Positions outside the canvas draw nothing. */
unsigned canvas_put(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                    enum style style, struct bytes text);

/* The same for the value of a field, a path or a column: `name` tells what may have to be
 * hidden. */
unsigned canvas_put_value(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                          enum style style, struct bytes name, struct bytes text);

/* Evidence with what the mask hides replaced, for safe_add(); valid until the next call. */
struct bytes canvas_hide(struct canvas *c, struct bytes name, struct bytes text);

/* The program's own words, safe UTF-8 (in ASCII mode: ASCII); cut at `max_cols`. */
unsigned canvas_text(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                     enum style style, struct bytes text);
unsigned canvas_printf(struct canvas *c, unsigned row, unsigned col, unsigned max_cols,
                       enum style style, const char *format, ...) PRINTF_LIKE(6, 7);

/* Like canvas_text(), ending before column `end`. */
void canvas_right(struct canvas *c, unsigned row, unsigned end, enum style style,
                  struct bytes text);

/* Changes the style of cells that are there. */
void canvas_style(struct canvas *c, unsigned row, unsigned col, unsigned cols,
                  enum style style);

/* `cols` blanks. */
void canvas_blank(struct canvas *c, unsigned row, unsigned col, unsigned cols,
                  enum style style);

/* One row as text, trailing blanks cut; for tests. Appended. */
void canvas_row_text(const struct canvas *c, unsigned row, struct buffer *out);

/* Signs that have an ASCII form. */
enum glyph {
    GLYPH_CARET,  /* the selected row */
    GLYPH_CRUMB,  /* between the steps of the breadcrumb */
    GLYPH_OPEN,   /* an unfolded branch */
    GLYPH_CLOSED, /* a folded one */
    GLYPH_WARNING,
    GLYPH_FAILED,
    GLYPH_VERTICAL,
    GLYPH_HORIZONTAL,
    GLYPH_TOP_LEFT,
    GLYPH_TOP_RIGHT,
    GLYPH_BOTTOM_LEFT,
    GLYPH_BOTTOM_RIGHT,
    GLYPH_PEAK, /* the bin under the caret */
    GLYPH_ARROW,
    GLYPH_ELLIPSIS,
    GLYPH_MULTIPLY,
    GLYPH_FULL, /* of a progress bar */
    GLYPH_REST,
    GLYPH_COUNT
};

struct bytes glyph_text(enum glyph g, bool ascii);

/* A bar of height `level` of 0 … 8; at least a trace when level is 0 but `some` is true. */
struct bytes glyph_bar(unsigned level, bool some, bool ascii);

#endif
