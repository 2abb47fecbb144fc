/* What names and functions of the query language stand for. */
#ifndef CORE_ASKING_QUERY_NAMES_H
#define CORE_ASKING_QUERY_NAMES_H

#include "core/asking/query_tree.h"

enum function {
    /* never unknown */
    FUNCTION_ISPRESENT,
    FUNCTION_ISEMPTY,
    FUNCTION_ISBLANK,
    FUNCTION_ISNULL,
    FUNCTION_ISABSENT,
    FUNCTION_ISREDACTED,
    FUNCTION_COALESCE,
    /* addresses */
    FUNCTION_IS_IP,
    FUNCTION_IS_IPV4,
    FUNCTION_IS_IPV6,
    FUNCTION_IN_SUBNET,
    FUNCTION_IN_SUBNET4,
    FUNCTION_IN_SUBNET6,
    FUNCTION_SUBNET, /* ours: the network an address is in */
    /* text */
    FUNCTION_CONCAT,
    FUNCTION_STRLEN,
    FUNCTION_TOUPPER,
    FUNCTION_TOLOWER,
    FUNCTION_SUBSTR,
    FUNCTION_STRCONTAINS,
    FUNCTION_STARTS_WITH,
    FUNCTION_ENDS_WITH,
    FUNCTION_REPLACE,
    FUNCTION_TRIM,
    FUNCTION_LTRIM,
    FUNCTION_RTRIM,
    FUNCTION_PARSE, /* made by the parse command; not in the table of names */
    /* numbers */
    FUNCTION_ABS,
    FUNCTION_CEIL,
    FUNCTION_FLOOR,
    FUNCTION_ROUND,
    FUNCTION_SQRT,
    FUNCTION_LOG,
    FUNCTION_GREATEST,
    FUNCTION_LEAST,
    FUNCTION_IS_NUMERIC,
    FUNCTION_TO_NUMBER,
    /* times */
    FUNCTION_BIN,
    FUNCTION_DATEFLOOR,
    FUNCTION_DATECEIL,
    FUNCTION_FROM_MILLIS,
    FUNCTION_TO_MILLIS,
    FUNCTION_NOW,
    /* choice */
    FUNCTION_IF,
    FUNCTION_CASE,
    /* other notations */
    FUNCTION_JSON_PARSE,
    FUNCTION_JSON_STRINGIFY,
    FUNCTION_JSON_ARRAY_SIZE,
    FUNCTION_JSON_ARRAY_CONTAINS,
    FUNCTION_TO_WHOLE,
    FUNCTION_URL_DECODE,
    FUNCTION_BASE64_DECODE,
    FUNCTION_IPV4_NUMBER,
    FUNCTION_IS_PRIVATE_IP,
    FUNCTION_IS_PUBLIC_IP,
    FUNCTION_IS_RESERVED_IP,
    FUNCTION_UNMASK,
    /* over many events: stats only */
    FUNCTION_COUNT,
    FUNCTION_COUNT_DISTINCT,
    FUNCTION_SUM,
    FUNCTION_AVG,
    FUNCTION_MIN,
    FUNCTION_MAX,
    FUNCTION_EARLIEST,
    FUNCTION_LATEST,
    FUNCTION_SORTS_FIRST,
    FUNCTION_SORTS_LAST,
    FUNCTION_PCT,
    FUNCTION_MEDIAN,
    FUNCTION_STDDEV,
    FUNCTION_VARIANCE,
    FUNCTION_FIRST_AGGREGATE = FUNCTION_COUNT,
};

struct function_row {
    const char *name; /* as it is printed; found without regard to case */
    enum function function;
    unsigned min_args, max_args; /* an argument * counts as none */
};

enum { FUNCTION_ANY_ARGS = 1000 };

/* NULL when there is none. */
const struct function_row *function_find(struct bytes name);

/* Row `i`; NULL behind the last. */
const struct function_row *function_get(size_t i);
bool function_is_aggregate(unsigned function);

/* True for functions whose result never is unknown. */
bool function_is_total(unsigned function);

/* True for functions that the language has and this program does not. */
bool function_is_foreign(struct bytes name);

/* Resolves a canonical name that is neither alias nor column. Always finds something: what is
 * no field is a path into the records (NAME_PATH). */
struct name name_resolve(struct bytes canonical);

/* True for a path that records are known to have, or may have below a known step; false for a
 * single step that only this query knows. */
bool name_is_likely_path(struct bytes canonical);

/* Appends up to three names that look like `name`: " (did you mean error, region?)". */
void name_add_nearest(struct buffer *out, struct bytes name);

#endif
