/* What can stand next in a line that is being typed: for completion.
 *
 * Looks at the text before the caret only, and at no events. Unfinished text is the normal
 * case, so nothing here fails: where nothing is known, nothing is offered. */
#ifndef CORE_QUERY_QUERY_HINT_H
#define CORE_QUERY_QUERY_HINT_H

#include "core/query/query.h"

enum hint_kind {
    HINT_NONE,    /* free text: a pattern, a name that the user makes up, … */
    HINT_TERM,    /* a quick term: a field with a sign behind it, at the start a command too */
    HINT_COMMAND, /* a command */
    HINT_EXPR,    /* a field or a function */
    HINT_AGGREGATE, /* count, sum, … */
    HINT_VALUE,     /* a value of `field` */
};

struct hint {
    enum hint_kind kind;
    enum field_id field; /* HINT_VALUE */
    bool quick;          /* HINT_VALUE: spelled as in a quick term, else as a string */
    bool at_start;       /* HINT_TERM: nothing stands before it */
    size_t from;         /* where the text to replace begins, an opening quote included */
    struct bytes prefix; /* what of the name or value is there already, without the quote */
};

/* `before` is the line up to the caret. */
struct hint query_hint(struct bytes before);

/* Words of the language, command by command and function by function: true while `i` is one. */
struct hint_word {
    struct bytes name;
    enum hint_kind kind; /* HINT_COMMAND, HINT_EXPR (a function) or HINT_AGGREGATE */
    unsigned min_args, max_args;
};

bool query_hint_word(size_t i, struct hint_word *out);

/* Appends a value as it is written in a quick term or, else, as a string of the language. */
void query_hint_write(struct buffer *out, struct bytes value, bool quick);

#endif
