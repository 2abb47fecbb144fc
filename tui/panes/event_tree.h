/* One event as rows: its record read again as a tree that folds, the unified fields that it
 * gave, and the wrapper that it came in. */
#ifndef TUI_PANES_EVENT_TREE_H
#define TUI_PANES_EVENT_TREE_H

#include "core/owning/session.h"
#include "core/reading/event.h"
#include "core/reading/record.h"

struct ui;

/* A row on screen is one of: a node of the record, below the record what others teach about it,
 * its unified fields, and what stands around it. */
enum event_part { EVENT_RECORD, EVENT_LEARNED, EVENT_COMMAND, EVENT_FIELDS, EVENT_AROUND };

struct event_row {
    enum event_part part;
    bool is_heading;     /* of a part other than the record */
    enum field_id field; /* EVENT_FIELDS */
    uint32_t node;       /* EVENT_RECORD and EVENT_AROUND; the number of an EVENT_LEARNED */
};

enum {
    FIELD_NONE = -1,
    FIELD_OVERRULED = -2, /* a later key of the same name gave the field */
};

struct event_tree {
    struct ui *ui;
    row_id row;
    struct buffer text;          /* the record's own bytes */
    enum err err;                /* of reading it again */
    struct event_reader *reader; /* NULL before the first load */
    struct event event;          /* its unified fields, with where each came from */
    bool has_event;
    struct lessons *lessons; /* what `learned` is from; held, NULL for none */
    struct lesson learned[LESSONS_MAX];
    size_t n_learned;
    struct buffer command; /* asks the pool who the sub is; empty when there is no sub */
    struct unwrapper unwrapper;
    struct record record;
    struct record around;   /* the wrapper that the record came in, if it has one of its own */
    size_t record_bytes;    /* of the record in it */
    bool *folded;           /* per node */
    int *field_of;          /* per node: the unified field that it gave, or one of these */
    struct event_row *rows; /* shown */
    size_t n_rows, rows_cap;
    size_t hidden; /* characters of keys and values that a screen must not get as they are */
};

/* Reads the record of the row; what was there before is dropped. */
void event_tree_load(struct event_tree *e, row_id row);
void event_tree_deinit(struct event_tree *e);

/* Takes newer learned names, if there are any; true when rows have come or gone. */
bool event_tree_learn(struct event_tree *e);

/* Lists the rows that are to be seen anew, after a change of `folded`. */
void event_tree_list(struct event_tree *e);

/* Appends name and value of a row; the value is decoded, not yet sanitised. */
void event_tree_parts(const struct event_tree *e, const struct event_row *row,
                      struct buffer *name, struct buffer *value);

/* What the value of a row is the value of: the field, or the path of the node (in `scratch`).
 */
struct bytes event_tree_name(const struct event_tree *e, const struct event_row *row,
                             struct buffer *scratch);

#endif
