/* What names and functions of the query language stand for. */
#ifndef CORE_ASKING_QUERY_NAMES_H
#define CORE_ASKING_QUERY_NAMES_H

#include "core/asking/query_tree.h"

/* In the order of functions.def; what belongs together stands together there. */
enum function {
#define FUNCTION(id, name, least, most, group, arguments, what) FUNCTION_##id,
#define ALIAS(name, id, notice)
#define FOREIGN(name)
#include "core/asking/functions.def"
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

/* Resolves a canonical name that is neither alias nor column. Always finds something: what is
 * no field is a path into the records (NAME_PATH). */
struct name name_resolve(struct bytes canonical);

/* True for a path whose first step records are known to have; false when only this query knows
 * it. */
bool name_is_likely_path(struct bytes canonical);

/* Appends up to three names that look like `name`: " (did you mean error, region?)". */
void name_add_nearest(struct buffer *out, struct bytes name);

#endif
