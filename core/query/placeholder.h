/* Places in a query that wait for a value: {{name}} of saved queries, <name> of playbooks.
 *
 * {{name}} is one wherever it stands, but for comments and backticks, also inside strings and
 * regular expressions; <name> only where a value should stand, as in `ip = <address>`. A query
 * with one is refused, and its error says which; whoever asks for the value fills it in and
 * parses again. Text that only looks so is written \x7b{name}} in strings and \{{name}} in
 * expressions. */
#ifndef CORE_QUERY_PLACEHOLDER_H
#define CORE_QUERY_PLACEHOLDER_H

#include "core/base/bytes.h"

struct placeholder {
    struct bytes name;     /* without signs; of the text */
    size_t offset, length; /* of the whole, in the text */
};

/* The {{name}} or <name> that begins at `at`. */
bool placeholder_at(struct bytes text, size_t at, struct placeholder *out);

/* The first {{name}} outside comments. */
bool placeholder_find(struct bytes text, struct placeholder *out);

/* Appends the text with `value` in every place of that name: escaped inside strings and
 * expressions, between quotes where a text should stand and it is neither number nor quoted,
 * else as it is. */
void placeholder_fill(struct buffer *out, struct bytes text, struct bytes name,
                      struct bytes value);

#endif
