/* The columns of the event list: which there are, what a row has in them, how wide they are. */
#ifndef TUI_PANES_COLUMN_H
#define TUI_PANES_COLUMN_H

#include "tui/ui.h"

enum { COLUMNS_MAX = FIELD_COUNT + 1 };

/* A column is a field, or the result: error code when there is one, else the outcome. */
struct column_choice {
    bool is_result;
    enum field_id field;
};

struct column_set {
    struct column_choice chosen[COLUMNS_MAX];
    size_t count;
};

/* TIME, IP, EVENT, RESULT, SUB, CLIENT, USER AGENT. */
void columns_default(struct column_set *set);

/* Adds the field at the end, or removes it. */
void columns_toggle(struct column_set *set, enum field_id field);

/* How many of the set fit into `cols` columns, and how wide each is (`widths`, set->count of
 * them). With `years` a time always shows its year. Spare room goes first to columns that can
 * use it, then to the last one. */
size_t columns_fit(const struct column_set *set, unsigned cols, bool years, unsigned *widths);

const char *column_title(const struct column_choice *column);

/* The words of one row in one column, shortened for the eye: appended, not yet sanitised.
 * `style` gets how it should look. */
void column_text(const struct ui *ui, const struct column_choice *column, row_id row,
                 unsigned width, struct buffer *out, enum style *style);

/* The value that keep, drop and the others act on. */
bool column_pick(const struct ui *ui, const struct column_choice *column, row_id row,
                 struct buffer *scratch, struct pick *out);

/* The value of a field of a row as a pick; `scratch` holds made texts. */
bool field_pick(const struct ui *ui, enum field_id field, row_id row, struct buffer *scratch,
                struct pick *out);

/* How an outcome looks: the words beside it say the same. */
enum style outcome_style(enum outcome outcome);

/* "NotAuthorizedException" without what every error code ends in. */
struct bytes short_error(struct bytes error);

#endif
