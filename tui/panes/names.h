/* Learned names on screen: beside what a record says, never in its place. */
#ifndef TUI_PANES_NAMES_H
#define TUI_PANES_NAMES_H

#include "tui/ui.h"

/* The column of learned names beside one of subs. */
#define NAMES_TITLE "NAME (LEARNED)"

/* Appends the user name that is learned for the value of a field, safe and masked, at most
 * `max_cols`: "ann", or "ann or 2 others" where records say different names. False when none is
 * learned (yet): the screen is drawn again when there is more. */
bool names_add(struct ui *ui, struct buffer *out, enum field_id field, struct bytes text,
               unsigned max_cols);

/* Columns that the learned name of a value takes; 0 when none is learned. For the widest of a
 * list. */
unsigned names_cols(struct ui *ui, enum field_id field, struct bytes text);

/* A column of values shared with their learned names. */
struct names_split {
    unsigned value, name; /* columns; `name` 0 for no names, else behind a blank */
};

/* `cols` for both, where the widest name takes `names`: values are cut before names are, but
 * not below what tells subs apart. */
struct names_split names_split(unsigned cols, unsigned names);

/* Draws a value and its learned name. */
void names_put(struct ui *ui, struct canvas *c, unsigned row, unsigned col,
               struct names_split split, enum style style, enum field_id field,
               enum value_state state, struct bytes text);

/* Draws the headings above both. */
void names_put_titles(struct canvas *c, unsigned row, unsigned col, struct names_split split,
                      enum field_id field);

/* Appends where a lesson is from, as a sentence. */
void names_add_source(struct ui *ui, const struct lesson *lesson, struct buffer *out);

/* Opens the record that a lesson is from; of a list of users names the file. Reactions. */
unsigned names_open(struct ui *ui, const struct lesson *lesson);

/* Appends the command that asks the user pool who a sub is, for a shell; an empty pool is left
 * to fill in. False for a sub that could not stand in a command as it is. */
bool names_add_command(struct buffer *out, struct bytes pool, struct bytes sub);

#endif
