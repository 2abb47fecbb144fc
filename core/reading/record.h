/* One record as a flat list of nodes, in the order of its text: what a tree view shows.
 *
 * Views in the nodes borrow from the record's text, which the caller keeps. */
#ifndef CORE_READING_RECORD_H
#define CORE_READING_RECORD_H

#include "core/reading/cursor.h"

enum { RECORD_MAX_NODES = 200000, RECORD_NO_PARENT = 0x7fffffff };

struct record_node {
    uint32_t parent;     /* number of the node it stands in; RECORD_NO_PARENT at the top */
    uint32_t depth;      /* 0 at the top */
    uint32_t n_children; /* direct ones, of containers */
    uint32_t position;   /* in its array */
    bool in_array;
    enum cursor_kind kind;
    struct cursor_text key; /* unless in_array */
    struct cursor_text raw; /* source text of the value; strings without their quotes */
};

struct record {
    struct record_node *nodes;
    size_t count, cap;
    bool cut; /* more nodes than RECORD_MAX_NODES: the rest is only in the raw text */
};

/* Nodes of the object (or any value) in `text`: its members stand at depth 0. ERR_SYNTAX when
 * it is no JSON; what was found before the fault stays. */
enum err record_parse(struct bytes text, struct record *out) MUST_CHECK;
void record_deinit(struct record *r);

/* Appends the path of a node in the words of the query language: steps joined by '.', array
 * positions as numbers, steps with other characters in backticks. */
void record_path(const struct record *r, size_t node, struct buffer *out);

/* Appends the value with escapes resolved; of containers the source text. */
void record_value(const struct record *r, size_t node, struct buffer *out);

/* "string", "number", …; static. */
const char *record_kind_name(enum cursor_kind kind);

#endif
