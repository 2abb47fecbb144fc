#include "core/query/functions.h"

enum { ANY = FUNCTION_ANY_ARGS };

static const struct function_row functions[] = {
#define FUNCTION(id, name, least, most, group, arguments, what)                                \
    {name, FUNCTION_##id, least, most, FUNCTION_##group, arguments, what},
#define ALIAS(name, id, notice)
#define FOREIGN(name)
#include "core/query/functions.def"
#undef FUNCTION
#undef ALIAS
#undef FOREIGN
};

static const struct function_alias aliases[] = {
#define FUNCTION(id, name, least, most, group, arguments, what)
#define ALIAS(name, id, notice) {name, FUNCTION_##id, notice},
#define FOREIGN(name)
#include "core/query/functions.def"
#undef FUNCTION
#undef ALIAS
#undef FOREIGN
};

static const char *const foreign_functions[] = {
#define FUNCTION(id, name, least, most, group, arguments, what)
#define ALIAS(name, id, notice)
#define FOREIGN(name) name,
#include "core/query/functions.def"
#undef FUNCTION
#undef ALIAS
#undef FOREIGN
};

const struct function_row *function_get(size_t function)
{
    return function < ARRAY_LEN(functions) ? &functions[function] : NULL;
}

size_t function_alias_count(void)
{
    return ARRAY_LEN(aliases);
}

const struct function_alias *function_alias_get(size_t i)
{
    return &aliases[i];
}

size_t function_foreign_count(void)
{
    return ARRAY_LEN(foreign_functions);
}

const char *function_foreign_get(size_t i)
{
    return foreign_functions[i];
}

const struct function_row *function_find(struct bytes name, const char **notice)
{
    *notice = NULL;
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (bytes_equal_nocase(name, bytes_of(functions[i].name)))
            return &functions[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
        if (bytes_equal_nocase(name, bytes_of(aliases[i].name))) {
            *notice = aliases[i].notice;
            return &functions[aliases[i].function];
        }
    }
    return NULL;
}

bool function_is_aggregate(unsigned function)
{
    return function < FUNCTION_COUNT_ROWS && functions[function].group == FUNCTION_AGGREGATE;
}

bool function_is_total(unsigned function)
{
    return function < FUNCTION_COUNT_ROWS && functions[function].group == FUNCTION_STATE;
}
