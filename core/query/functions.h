/* The functions of the query language: the table of functions.def. */
#ifndef CORE_QUERY_FUNCTIONS_H
#define CORE_QUERY_FUNCTIONS_H

#include "core/base/bytes.h"

/* In the order of functions.def; what belongs together stands together there. */
enum function {
#define FUNCTION(id, name, least, most, group, arguments, what) FUNCTION_##id,
#define ALIAS(name, id, notice)
#define FOREIGN(name)
#include "core/query/functions.def"
#undef FUNCTION
#undef ALIAS
#undef FOREIGN
    FUNCTION_COUNT_ROWS,
    FUNCTION_PARSE = FUNCTION_COUNT_ROWS, /* made by the parse command */
};

enum function_group {
    FUNCTION_STATE, /* what kind of value is there; never unknown */
    FUNCTION_CHOICE,
    FUNCTION_TEXT,
    FUNCTION_ADDRESS,
    FUNCTION_NOTATION, /* JSON, URLs, base64, … */
    FUNCTION_NUMBER,
    FUNCTION_TIME,
    FUNCTION_AGGREGATE, /* over many events: stats only */
    FUNCTION_GROUP_COUNT
};

struct function_row {
    const char *name; /* as it is printed; found without regard to case */
    enum function function;
    unsigned min_args, max_args; /* an argument * counts as none */
    enum function_group group;
    const char *arguments, *what; /* for manual and completion */
};

enum { FUNCTION_ANY_ARGS = 1000 };

/* By name or alias. NULL when there is none; `notice` gets what to say of an alias that is none
 * of the language's own, or NULL. */
const struct function_row *function_find(struct bytes name, const char **notice);

/* The row of a function; NULL from FUNCTION_COUNT_ROWS on. */
const struct function_row *function_get(size_t function);

struct function_alias {
    const char *name;
    enum function function;
    const char *notice; /* NULL: a spelling of the language itself */
};
size_t function_alias_count(void);
const struct function_alias *function_alias_get(size_t i);

/* What the language has and this program does not. */
size_t function_foreign_count(void);
const char *function_foreign_get(size_t i);

bool function_is_aggregate(unsigned function);

/* True for functions whose result never is unknown. */
bool function_is_total(unsigned function);

#endif
