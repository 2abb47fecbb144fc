/* What is on the screen: views on their stack, prompt, message, and what views and verbs need
 * of each other. Verbs (verb_*.c) and views change the state here and return what changed; only
 * the loop (loop.c) draws. */
#ifndef TUI_UI_H
#define TUI_UI_H

#include "core/owning/session.h"

#include "keymaps/keymap.h"

#include "tui/cell.h"
#include "tui/edit.h"
#include "tui/option.h"
#include "tui/prompt.h"
#include "tui/screen.h"
#include "tui/view.h"

enum { UI_MAX_VIEWS = 64, UI_MAX_HELD = 256, UI_LONG_WAIT_US = 400000 };

struct ui {
    struct session *session;
    const struct options *options;
    struct screen *screen;
    struct canvas canvas;
    struct mask mask;      /* what the canvas hides */
    unsigned mask_changes; /* how often that was changed: what was made before shows too much */
    struct keymap *keymap;
    struct keymap_matcher *matcher;

    struct view *views[UI_MAX_VIEWS]; /* views[0 … depth - 1] are open, the rest up to
                                       * n_views can be gone forward to */
    size_t depth, n_views;

    struct prompt prompt;
    struct edit_history filter_history, search_history, palette_history;
    struct buffer search; /* the text search and search-next look for */

    struct buffer message; /* status row; own words and sanitised evidence */
    enum style message_style;
    struct buffer copied; /* the last copy */

    struct key held[UI_MAX_HELD]; /* typed before the view's first answer was there */
    size_t n_held;

    struct alarm_rule alarms[ALARM_COUNT]; /* as the user has them */
    int64_t metric_width_us;               /* of bins of metrics */

    bool local_time;   /* show local time instead of UTC */
    bool describe_key; /* the next key is explained, not run */
    bool quit_asked;   /* q at the top was pressed once */
    bool interrupted;  /* one SIGINT came */
    bool preview;      /* the preview pane is on */
    bool quit;
    int64_t load_started_us;    /* monotonic */
    int64_t asked_since_us;     /* how long the view waits for an answer; 0 when it does not */
    const struct view *unready; /* the view that has no first answer yet, or NULL */
    int64_t unready_since_us;
};

/* A clock that never goes back, in microseconds. */
int64_t ui_clock_us(void);

struct view *ui_view(const struct ui *ui);

/* True when the view has waited for an answer for so long that people want to know. */
bool ui_waits_long(const struct ui *ui);

/* Asks for the view's result over the newest index. */
void ui_ask(struct view *v);

/* Does what a verb's reactions say, but for drawing. */
void ui_react(struct ui *ui, unsigned reactions);

/* Closes every view and frees what the struct holds. */
void ui_deinit(struct ui *ui);

/* Opens a view on top; what could be gone forward to is dropped. Takes it over. */
unsigned ui_push(struct ui *ui, struct view *v);

/* Closes the top view (kept for forward unless it is an overlay). False on the last one. */
bool ui_pop(struct ui *ui);
bool ui_forward(struct ui *ui);

/* One line in the status row until the next key. */
void ui_say(struct ui *ui, enum style style, const char *format, ...) PRINTF_LIKE(3, 4);

/* What queries typed here count from: the newest event and the selected one. */
struct query_options ui_query_options(const struct ui *ui);

/* Opens the line at the bottom with `text` to start from. */
void ui_prompt(struct ui *ui, const struct prompt_kind *kind, struct edit_history *history,
               struct bytes text);

/* How the newest condition was understood, where that is not plain from its words (which day a
 * time was taken of, …), becomes the message. */
void ui_say_notices(struct ui *ui, const struct filters *f);

/* Adds a condition to the view's filters and asks again; the reason of a refusal becomes the
 * message. */
unsigned ui_filter(struct ui *ui, struct bytes text);

/* Seconds east of UTC that times are shown with, in microseconds. */
int64_t ui_zone_us(const struct ui *ui, int64_t at_us);

/* Appends a time in the style, in the zone that is shown. */
void ui_add_time(const struct ui *ui, struct buffer *out, int64_t at_us,
                 enum instant_style style);

/* Appends the words of a value on screen: its text (sanitised, at most `max_cols`), or
 * "(absent)", "(null)", "(empty)", "(redacted)". */
void ui_add_value(const struct ui *ui, struct buffer *out, enum value_state state,
                  struct bytes text, unsigned max_cols);

/* Appends the key of a command where the view is, or its name when it has none. */
void ui_add_key(const struct ui *ui, struct buffer *out, enum command_id id);

/* Appends a number with thousands separators, and a "+" when counts are lower bounds. */
void ui_add_count(const struct ui *ui, struct buffer *out, uint64_t count, bool at_least);

/* Appends how many events an answer left out because it was stopped; nothing for none. */
void ui_add_unlooked(const struct ui *ui, struct buffer *out, uint64_t n_unlooked);

#endif
