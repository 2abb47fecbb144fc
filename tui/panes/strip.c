#include "tui/panes/strip.h"

#include "core/base/utf8.h"

enum { LABEL_COLS = 6 };

unsigned strip_rows(unsigned screen_rows)
{
    if (screen_rows < 20)
        return 0;
    return screen_rows >= 36 ? 6 : screen_rows >= 28 ? 4 : 3;
}

static uint64_t bin_sum(const uint64_t outcomes[OUTCOME_COUNT])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        sum += outcomes[i];
    return sum;
}

/* Columns that each bin gets: few bins are drawn wide, so that the strip spans the screen. */
static unsigned bin_cols(const struct histogram *h, unsigned cols)
{
    unsigned wide = h->n_bins ? cols / (unsigned)h->n_bins : 1;

    return wide < 1 ? 1 : wide > 8 ? 8 : wide;
}

/* One band of bars, `rows` high, for all events or for the failed ones. */
static void draw_band(const struct ui *ui, struct canvas *c, unsigned row, unsigned col,
                      unsigned rows, const struct histogram *h, bool failed, uint64_t peak)
{
    unsigned wide = bin_cols(h, c->cols - col);

    for (size_t bin = 0; bin < h->n_bins; bin++) {
        uint64_t count = failed ? outcomes_failed(h->bins[bin]) : bin_sum(h->bins[bin]);
        uint64_t height = peak ? count * rows * 8 / peak : 0;

        if (count && height == 0)
            height = 1;
        for (unsigned i = 0; i < rows; i++) {
            uint64_t below = (uint64_t)(rows - 1 - i) * 8;
            unsigned level = height <= below       ? 0
                             : height >= below + 8 ? 8
                                                   : (unsigned)(height - below);

            for (unsigned k = 0; level && k < wide; k++)
                canvas_text(c, row + i, col + (unsigned)bin * wide + k, 1,
                            failed ? STYLE_BAD : STYLE_PLAIN,
                            glyph_bar(level, false, ui->canvas.ascii));
        }
    }
}

/* Times below the bins, as many as there is room for. */
static void draw_axis(const struct ui *ui, struct canvas *c, unsigned row, unsigned col,
                      const struct histogram *h, int64_t caret_us)
{
    bool days = (int64_t)h->n_bins * h->bin_us > 20 * INSTANT_HOUR;
    unsigned wide = bin_cols(h, c->cols - col);
    bool seconds = h->bin_us < INSTANT_MINUTE;
    enum instant_style style = h->bin_us >= INSTANT_DAY ? INSTANT_DATE
                               : days                   ? INSTANT_SHORT
                               : seconds                ? INSTANT_CLOCK
                                                        : INSTANT_MINUTES;
    unsigned label = h->bin_us >= INSTANT_DAY ? 10 : days ? 11 : seconds ? 8 : 5, free_from = 0;
    struct buffer text = {0};

    for (size_t bin = 0; bin < h->n_bins; bin++) {
        int64_t at_us = h->from_us + (int64_t)bin * h->bin_us;
        unsigned at = (unsigned)bin * wide;

        if (at < free_from || at + label > c->cols - col)
            continue;
        buffer_clear(&text);
        ui_add_time(ui, &text, at_us, style);
        canvas_text(c, row, col + at, label, STYLE_DIM, buffer_bytes(&text));
        free_from = at + label + 4;
    }
    buffer_deinit(&text);
    if (caret_us != INSTANT_NONE && caret_us >= h->from_us && h->bin_us) {
        size_t bin = (size_t)((caret_us - h->from_us) / h->bin_us);

        if (bin < h->n_bins)
            canvas_text(c, row, col + (unsigned)bin * wide, 1, STYLE_ACCENT,
                        glyph_text(GLYPH_PEAK, ui->canvas.ascii));
    }
}

/* Events that the bins leave out, far from all others: at the end of the axis where they are.
 */
static void draw_left_out(const struct ui *ui, struct canvas *c, unsigned row,
                          const struct histogram *h)
{
    struct buffer text = {0};

    if (h->n_before) {
        ui_add_count(ui, &text, h->n_before, false);
        buffer_add_text(&text, " earlier");
    }
    if (h->n_after) {
        buffer_add_text(&text, text.len ? ", " : "");
        ui_add_count(ui, &text, h->n_after, false);
        buffer_add_text(&text, " later");
    }
    if (text.len) {
        buffer_add_text(&text, " not drawn");
        canvas_blank(c, row, c->cols - (unsigned)text.len - 3, (unsigned)text.len + 3,
                     STYLE_PLAIN);
        canvas_right(c, row, c->cols - 1, STYLE_WARN, buffer_bytes(&text));
    }
    buffer_deinit(&text);
}

void strip_draw(const struct ui *ui, struct canvas *c, struct area area,
                const struct histogram *h, int64_t caret_us)
{
    unsigned col = area.col + LABEL_COLS;
    unsigned rows = area.rows - 1, all_rows = rows > 2 ? rows - 2 : 1;
    uint64_t peak = 0;

    if (!h || h->n_bins == 0 || area.rows < 3)
        return;
    for (size_t bin = 0; bin < h->n_bins; bin++) {
        uint64_t sum = bin_sum(h->bins[bin]);

        peak = sum > peak ? sum : peak;
    }
    canvas_text(c, area.row + all_rows - 1, area.col, LABEL_COLS, STYLE_HEADING,
                bytes_of("all"));
    canvas_text(c, area.row + rows - 1, area.col, LABEL_COLS, STYLE_HEADING, bytes_of("fail"));
    draw_band(ui, c, area.row, col, all_rows, h, false, peak);
    draw_band(ui, c, area.row + all_rows, col, rows - all_rows, h, true, peak);
    draw_axis(ui, c, area.row + rows, col, h, caret_us);
    draw_left_out(ui, c, area.row + rows, h);
}

void strip_draw_one(const struct ui *ui, struct canvas *c, struct area area,
                    const struct histogram *h, int64_t caret_us)
{
    uint64_t peak = 0;

    for (size_t bin = 0; bin < h->n_bins; bin++)
        peak = bin_sum(h->bins[bin]) > peak ? bin_sum(h->bins[bin]) : peak;
    draw_band(ui, c, area.row, area.col, area.rows - 1, h, false, peak);
    draw_axis(ui, c, area.row + area.rows - 1, area.col, h, caret_us);
}

/* The counts that share column `at` of `cols`. */
static uint64_t column_sum(const uint32_t *counts, size_t n, size_t cols, size_t at)
{
    size_t from = at * n / cols, to = (at + 1) * n / cols;
    uint64_t sum = 0;

    for (size_t bin = from; bin < (to > from ? to : from + 1) && bin < n; bin++)
        sum += counts[bin];
    return sum;
}

uint64_t strip_peak(const uint32_t *counts, size_t n, size_t cols)
{
    uint64_t peak = 0;

    for (size_t i = 0; i < cols; i++) {
        uint64_t sum = column_sum(counts, n, cols, i);

        peak = sum > peak ? sum : peak;
    }
    return peak;
}

void strip_heat(struct buffer *out, const uint32_t *counts, size_t n, size_t cols,
                uint64_t peak, bool ascii)
{
    for (size_t i = 0; i < cols; i++) {
        uint64_t sum = column_sum(counts, n, cols, i);

        buffer_add(out, glyph_bar(peak ? (unsigned)(sum * 8 / peak) : 0, sum > 0, ascii));
    }
}

void strip_bars(struct buffer *out, const uint32_t *counts, size_t n, size_t cols, bool ascii)
{
    strip_heat(out, counts, n, cols, strip_peak(counts, n, cols), ascii);
}
