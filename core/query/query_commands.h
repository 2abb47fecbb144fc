/* The commands of the query language: fields, filter, stats, … between `|`. */
#ifndef CORE_QUERY_QUERY_COMMANDS_H
#define CORE_QUERY_QUERY_COMMANDS_H

#include "core/query/query_parse.h"

/* Commands from where the parser stands to the end of the text; a `|` may come first. */
enum err parse_commands(struct parser *p) MUST_CHECK;

/* True when a query (not quick terms) starts at `at`: SOURCE, `|`, or a command word followed
 * by something that can start its argument. */
bool parse_is_query(struct bytes text, size_t at);

/* The `i`-th word that begins a supported command; NULL behind the last. */
const char *command_word(size_t i);

#endif
