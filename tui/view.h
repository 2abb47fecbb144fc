/* A view: one step of the way (event list, pivot, event, card, problems, help).
 *
 * Views stand on a stack; each keeps its own filters, caret and result, so that going back
 * finds everything as it was. What kind of view it is, is a row of functions (struct
 * view_ops); the concrete struct embeds `struct view` as its first member. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "core/owning/session.h"

#include "keymaps/keymap.h"

#include "tui/cell.h"

struct ui;
struct view;

/* What a command changed; the loop acts on it once. */
enum reaction {
    REACT_NONE = 0,
    REACT_REDRAW = 1,
    REACT_REQUERY = 2, /* filters or options changed: ask again */
    REACT_QUIT = 4,
};

/* The value that keep, drop, others, card, pivot and copy act on. */
struct pick {
    bool has_field;
    enum field_id field; /* when has_field */
    struct bytes path;   /* native JSON path, when it came from the event tree */
    enum value_state state;
    struct bytes text; /* VALUE_TEXT; valid until the next call on the view */
};

struct view_ops {
    const char *name; /* in messages */
    enum context context;
    bool unfiltered; /* filters have no meaning here */

    void (*free)(struct view *v);

    /* Asks (again) over the newest index with the view's filters. Keeps the old result until
     * the new one is there. May be NULL for views without a result. */
    void (*ask)(struct view *v);

    /* The question whose answer the view waits for; NULL when there is none. May be NULL for
     * views that ask nothing that takes long. */
    struct ask *(*asked)(const struct view *v);

    /* False until the first answer is there: keys that act on rows are kept until then, so that
     * typing ahead does what it does when typed slowly. NULL: always ready. */
    bool (*ready)(const struct view *v);

    /* Appends the step's name for the breadcrumb ("Events", "by IP", "event"). */
    void (*crumb)(struct view *v, struct buffer *out);

    /* Appends the right end of the first row ("88 of 585 events"); safe text. */
    void (*counts)(struct view *v, struct buffer *out);

    /* Appends the left end of the status row behind the position; safe text. */
    void (*status)(struct view *v, struct buffer *out);

    /* Rows that the caret can be on. */
    size_t (*count)(const struct view *v);

    /* Draws between filter row and status row. Sets v->page_rows, keeps the caret visible
     * (view_scroll()) and puts the canvas caret on the active row. */
    void (*draw)(struct view *v, struct canvas *c, struct area area);

    /* The value of `field` at the caret, or with NULL the one under the caret. False when
     * there is none. */
    bool (*value)(struct view *v, const enum field_id *field, struct pick *out);

    /* What search looks through; appended. */
    void (*row_text)(struct view *v, size_t row, struct buffer *out);

    /* Enter. Pushes the next view or folds; returns reactions. */
    unsigned (*open)(struct view *v);

    /* The event behind the next (1) or previous (-1) row; moves the caret there. NULL for views
     * whose rows are no events. */
    bool (*step)(struct view *v, int direction, row_id *row);

    /* The view's own commands. False: not mine. NULL: none. */
    bool (*command)(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions);
};

enum { VIEW_UNDO_MAX = 100 };

struct view {
    const struct view_ops *ops;
    struct ui *ui;

    /* Filters of now and the ones undo and redo go to. */
    struct filters *history[VIEW_UNDO_MAX];
    size_t history_count, history_at;

    size_t caret, top; /* rows */
    size_t page_rows;  /* rows that fit, from the last draw */
    bool overlay;      /* drawn over the view below (help, filter list, palette) */
    bool asked;        /* ask() ran since the view was pushed */
    bool outdated;     /* its rows are those of filters that were in force before */
};

/* Fills the common part. `filters` is held. */
void view_init(struct view *v, const struct view_ops *ops, struct ui *ui,
               struct filters *filters);
void view_deinit(struct view *v);

struct filters *view_filters(const struct view *v);

/* Makes `filters` (taken over) the ones in force; what could be redone is dropped. */
void view_set_filters(struct view *v, struct filters *filters);
bool view_undo(struct view *v);
bool view_redo(struct view *v);

/* Ends the question under way, with what was found until now. False when there is none. */
bool view_stop(struct view *v);

/* Moves `top` so that the caret is within `page_rows` rows; cuts the caret to the count. */
void view_scroll(struct view *v);

#endif
