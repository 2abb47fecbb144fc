/* What a piece of the screen means; how it looks is decided in one table.
 *
 * Colour only repeats what a word or a sign says already. */
#ifndef TUI_COLOR_H
#define TUI_COLOR_H

#include <stdbool.h>

enum style {
    STYLE_PLAIN,
    STYLE_DIM,     /* secondary: separators, states such as (absent) */
    STYLE_TITLE,   /* breadcrumb */
    STYLE_HEADING, /* column headings, group names */
    STYLE_KEY,     /* a key in the hint line */
    STYLE_GOOD,    /* success */
    STYLE_BAD,     /* failure */
    STYLE_WARN,    /* throttled, damaged, lower bound */
    STYLE_ACCENT,  /* active filter, active column */
    STYLE_CARET,   /* the selected row */
    STYLE_FOUND,   /* a search hit */
    STYLE_BADGE,   /* the damage badge */
    STYLE_COUNT
};

enum tint {
    TINT_DEFAULT,
    TINT_ORANGE,
    TINT_SKY,
    TINT_AMBER,
    TINT_GREEN,
    TINT_VIOLET,
    TINT_COUNT
};

struct look {
    enum tint tint;
    bool bold, dim, reverse, underline;
};

/* The look of a style; static. */
const struct look *color_look(enum style style);

/* The palette entry of a tint on terminals with 256, 16 or 8 colours; -1: the default.
 * At 256 colours the set of Okabe and Ito, which people with any colour vision can tell apart.
 */
int color_index(enum tint tint, int available);

enum color_when { COLOR_WHEN_AUTO, COLOR_WHEN_ALWAYS, COLOR_WHEN_NEVER };

/* May colours be used? NO_COLOR (see no-color.org) counts for AUTO only. */
bool color_wanted(enum color_when when, const char *no_color);

#endif
