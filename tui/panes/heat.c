#include "tui/panes/heat.h"

#include <inttypes.h>

#include "core/reading/outcome.h"

#include "tui/panes/names.h"
#include "tui/panes/strip.h"

enum { LEFT = 2, FAILED_COLS = 9, KEY_COLS_MIN = 16, ROWS_LEFT = 8 };

struct worst {
    const struct group *groups[HEAT_ROWS_MAX]; /* most failures first; ties as the grouping has
                                                * them */
    size_t count;
};

static void find_worst(const struct grouping *g, size_t max, struct worst *out)
{
    out->count = 0;
    for (size_t i = 0; i < g->n_groups; i++) {
        uint64_t failed = outcomes_failed(g->groups[i].outcomes);
        size_t at = out->count;

        if (failed == 0 || g->groups[i].keys[0].state != VALUE_TEXT)
            continue;
        while (at > 0 && outcomes_failed(out->groups[at - 1]->outcomes) < failed)
            at--;
        if (at >= max)
            continue;
        out->count += out->count < max;
        for (size_t k = out->count - 1; k > at; k--)
            out->groups[k] = out->groups[k - 1];
        out->groups[at] = &g->groups[i];
    }
}

static size_t most_rows(unsigned rows)
{
    size_t most = rows / 3;

    return most < HEAT_ROWS_MAX ? most : HEAT_ROWS_MAX;
}

unsigned heat_rows(const struct grouping *g, unsigned rows)
{
    struct worst worst;

    if (!g || rows < ROWS_LEFT + 5)
        return 0;
    find_worst(g, most_rows(rows) - 1, &worst);
    return worst.count ? (unsigned)worst.count + 2 : 0; /* a heading, a blank row */
}

/* The heading says when the strips begin and end. */
static void draw_heading(struct ui *ui, struct canvas *c, struct area area, unsigned col,
                         struct names_split split, const struct grouping *g)
{
    struct buffer text = {0};
    unsigned used;

    names_put_titles(c, area.row, LEFT, split, g->fields[0]);
    canvas_printf(c, area.row, col - FAILED_COLS, FAILED_COLS, STYLE_HEADING, "%*s",
                  FAILED_COLS - 2, "FAILED");
    ui_add_time(ui, &text, g->spark_from_us, INSTANT_SHORT);
    used = canvas_text(c, area.row, col, c->cols - col, STYLE_HEADING, buffer_bytes(&text));
    buffer_clear(&text);
    ui_add_time(ui, &text, g->spark_from_us + STATS_SPARK_BINS * g->spark_bin_us,
                INSTANT_SHORT);
    if (col + used + text.len + 2 < c->cols)
        canvas_right(c, area.row, c->cols - 1, STYLE_HEADING, buffer_bytes(&text));
    buffer_deinit(&text);
}

void heat_draw(struct ui *ui, struct canvas *c, struct area area, const struct grouping *g)
{
    unsigned col = c->cols * 2 / 5 + FAILED_COLS, cols = c->cols - col - 1, names = 0;
    struct worst worst;
    struct names_split split;
    struct buffer text = {0};
    uint64_t peak = 0;

    find_worst(g, area.rows - 2, &worst);
    for (size_t i = 0; i < worst.count; i++) {
        uint64_t own = strip_peak(worst.groups[i]->spark_failures, STATS_SPARK_BINS, cols);
        unsigned name = names_cols(ui, g->fields[0], worst.groups[i]->keys[0].text);

        peak = own > peak ? own : peak;
        names = name > names ? name : names;
    }
    split = names_split(col - FAILED_COLS - LEFT - 1, names);
    draw_heading(ui, c, area, col, split, g);
    for (size_t i = 0; i < worst.count; i++) {
        const struct group *group = worst.groups[i];
        unsigned row = area.row + 1 + (unsigned)i;

        names_put(ui, c, row, LEFT, split, STYLE_PLAIN, g->fields[0], VALUE_TEXT,
                  group->keys[0].text);
        canvas_printf(c, row, col - FAILED_COLS, FAILED_COLS, STYLE_PLAIN, "%*" PRIu64,
                      FAILED_COLS - 2, outcomes_failed(group->outcomes));
        buffer_clear(&text);
        strip_heat(&text, group->spark_failures, STATS_SPARK_BINS, cols, peak, c->ascii);
        canvas_text(c, row, col, cols, STYLE_BAD, buffer_bytes(&text));
    }
    buffer_deinit(&text);
}
