/* One event as rows: its record read again as a tree that folds, the unified fields that it
 * gave, and the wrapper that it came in. */
#ifndef TUI_EVENT_TREE_H
#define TUI_EVENT_TREE_H

#include "core/reading/event.h"
#include "core/reading/record.h"
#include "core/session.h"

struct ui;

/* A row on screen: a node of the record, below the record a unified field, below these what
 * stands around the record. */
struct event_row {
    bool is_field, is_heading; /* headings stand between the three */
    bool is_around;            /* with is_field: no field, but a node of the wrapper */
    enum field_id field;
    uint32_t node;
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
    struct buffer sentence; /* what happened, not yet sanitised */
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
