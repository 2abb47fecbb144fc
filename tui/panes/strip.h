/* The strip of time bins above a list: how many events when, and how many of them failed. */
#ifndef TUI_PANES_STRIP_H
#define TUI_PANES_STRIP_H

#include "core/reading/outcome.h"

#include "tui/ui.h"

/* Rows that the strip wants on a screen of this size; 0 when there is no room. */
unsigned strip_rows(unsigned screen_rows);

/* Draws it, with a mark under the bin of `caret_us` (INSTANT_NONE: none). */
void strip_draw(const struct ui *ui, struct canvas *c, struct area area,
                const struct histogram *h, int64_t caret_us);

/* The same with one band, for counts that tell no outcome apart. */
void strip_draw_one(const struct ui *ui, struct canvas *c, struct area area,
                    const struct histogram *h, int64_t caret_us);

/* Appends a row of bars for `n` counts. */
void strip_bars(struct buffer *out, const uint32_t *counts, size_t n, size_t cols, bool ascii);

/* The same on a scale that several rows share: `peak` is the largest sum of strip_peak(). */
void strip_heat(struct buffer *out, const uint32_t *counts, size_t n, size_t cols,
                uint64_t peak, bool ascii);
uint64_t strip_peak(const uint32_t *counts, size_t n, size_t cols);

#endif
