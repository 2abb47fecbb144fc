#include "tui/color.h"

#include <stddef.h>

static const struct look looks[STYLE_COUNT] = {
    [STYLE_PLAIN] = {TINT_DEFAULT, false, false, false, false},
    [STYLE_DIM] = {TINT_DEFAULT, false, true,  false, false},
    [STYLE_TITLE] = {TINT_DEFAULT, true,  false, false, false},
    [STYLE_HEADING] = {TINT_SKY,     true,  false, false, false},
    [STYLE_KEY] = {TINT_DEFAULT, true,  false, false, false},
    [STYLE_GOOD] = {TINT_GREEN,   false, false, false, false},
    [STYLE_BAD] = {TINT_ORANGE,  true,  false, false, false},
    [STYLE_WARN] = {TINT_AMBER,   false, false, false, false},
    [STYLE_ACCENT] = {TINT_SKY,     false, false, false, true },
    [STYLE_CARET] = {TINT_DEFAULT, false, false, true,  false},
    [STYLE_FOUND] = {TINT_VIOLET,  true,  false, false, true },
    [STYLE_BADGE] = {TINT_ORANGE,  true,  false, true,  false},
};

const struct look *color_look(enum style style)
{
    return &looks[style < STYLE_COUNT ? style : STYLE_PLAIN];
}

int color_index(enum tint tint, int available)
{
    static const struct {
        int of_256, of_8;
    } palette[TINT_COUNT] = {
        [TINT_DEFAULT] = {-1,  -1},
          [TINT_ORANGE] = {166, 1 },
          [TINT_SKY] = {74,  6 },
        [TINT_AMBER] = {172, 3 },
          [TINT_GREEN] = {36,  2 },
          [TINT_VIOLET] = {175, 5 },
    };

    if (available >= 256)
        return palette[tint].of_256;
    return available >= 8 ? palette[tint].of_8 : -1;
}

bool color_wanted(enum color_when when, const char *no_color)
{
    if (when == COLOR_WHEN_ALWAYS)
        return true;
    return when == COLOR_WHEN_AUTO && !(no_color && no_color[0] != '\0');
}
