/* A line of text under edit. Knows nothing of the screen.
 *
 * The text is valid UTF-8 without controls: edit_insert() drops control characters and turns
 * line breaks and tabs of pasted text into blanks. */
#ifndef TUI_EDIT_H
#define TUI_EDIT_H

#include "core/base/bytes.h"

/* Zero-initialised is empty and valid. */
struct edit {
    struct buffer text;
    size_t caret; /* byte offset, on a character's start (not on a mark) or the end */
};

void edit_deinit(struct edit *e);

/* Replaces the text; the caret goes to its end. */
void edit_set(struct edit *e, struct bytes text);
struct bytes edit_text(const struct edit *e);

/* At most 10,000 bytes in all (the length CloudWatch allows a query). False, with the line as
 * it was, when the text does not fit. */
bool edit_insert(struct edit *e, struct bytes text);

enum edit_motion {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_HOME,
    EDIT_END,
};

void edit_move(struct edit *e, enum edit_motion motion);

/* Deletes from the caret to where the motion leads. */
void edit_delete(struct edit *e, enum edit_motion motion);

/* Replaces [from, caret). */
void edit_replace(struct edit *e, size_t from, struct bytes text);

/* Earlier lines, oldest first. Zero-initialised is empty. */
struct edit_history {
    struct buffer *lines;
    size_t count, cap;
    size_t at;            /* where browsing stands; count: at the line under edit */
    struct buffer unsent; /* the line under edit while browsing */
};

void edit_history_deinit(struct edit_history *h);
void edit_history_add(struct edit_history *h, struct bytes line);
void edit_history_step(struct edit_history *h, struct edit *e, int direction);

#endif
