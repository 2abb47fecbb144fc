/* The tree of a query: what was written, with names resolved, and nothing about how it is run.
 *
 * Private to the files that ask (query_*.c, eval.c, scan*.c, table*.c). Nodes live in the
 * query's arena and never change after query_parse(). */
#ifndef CORE_QUERY_QUERY_TREE_H
#define CORE_QUERY_QUERY_TREE_H

#include "core/base/arena.h"

#include "core/query/indicators.h"
#include "core/query/match.h"
#include "core/query/placeholder.h"
#include "core/query/query.h"

/* Nesting of a tree; every walk over it may recurse. */
enum {
    QUERY_MAX_DEPTH = 200,
    QUERY_MAX_BYTES = 1 << 20,
    QUERY_MAX_NODES = 200000,
    QUERY_MAX_UNNEST = 8 /* in one query */
};

enum expr_kind {
    EXPR_STRING, /* text */
    EXPR_NUMBER, /* number; text as written */
    EXPR_REGEX,  /* text is the pattern */
    EXPR_PERIOD, /* text as written; unit and number checked */
    EXPR_BOOL,   /* number 0 or 1 */
    EXPR_TIME,   /* time_us; only quick terms and folding make it */
    EXPR_NAME,
    EXPR_LIST,
    EXPR_CALL,
    EXPR_STAR,    /* the * of count(*) */
    EXPR_NEGATE,  /* -a */
    EXPR_ARITH,   /* a op b */
    EXPR_COMPARE, /* a op b */
    EXPR_LIKE,    /* a like b; b may be a regex */
    EXPR_IN,      /* args[0] in args[1] (a list) */
    EXPR_NOT,
    EXPR_AND,
    EXPR_OR,
};

enum expr_op {
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_POW,
};

/* What a name stands for. */
enum name_kind {
    NAME_UNRESOLVED,
    NAME_FIELD,    /* a unified field that has a dictionary or ids */
    NAME_NATIVE,   /* a path whose text the column of `field` holds as it stands, in the formats
                    * of `formats`; in those of `others` only the record tells; absent in the
                    * rest */
    NAME_TIME,     /* @timestamp and the unified time */
    NAME_TIME_ISO, /* eventTime: the same instant, shown as the record writes it */
    NAME_MESSAGE,  /* @message: the record's own bytes */
    NAME_ANY,      /* @fields: every text of the event at once; only under like */
    NAME_FILE,     /* the unified file */
    NAME_STREAM,   /* @logStream: as what stands around the record says, else the file */
    NAME_OFFSET,
    NAME_LOG,         /* @log: account and log group as what stands around it says, else
                       * account:file */
    NAME_INGESTION,   /* @ingestionTime: the delivery time in the file's name */
    NAME_EXPLANATION, /* @explanation: the plain sentences about the event */
    NAME_PATH,        /* any other JSON path: read from the record */
    NAME_ALIAS,       /* `target` says it */
    NAME_COLUMN,      /* column `column` of the stats before it */
    NAME_CAPTURE,     /* group `column` of a parse: `target` is its EXPR_CALL capture() */
    NAME_ITEM,        /* the element that unnest number `column` took of the list `target` */
    NAME_BELOW,       /* what stands at `path` in the map or list `target` */
};

struct expr;

struct name {
    enum name_kind kind;
    enum field_id field;
    uint32_t formats, others;
    size_t column;
    const struct expr *target;
    struct bytes path;
};

struct expr {
    enum expr_kind kind;
    enum expr_op op;
    bool caseless;         /* regex with flag i */
    bool is_quoted;        /* a name in backticks: it was meant */
    unsigned depth;        /* of the tree below, itself included; after the check with names
                            * replaced by what they stand for */
    unsigned weight;       /* nodes below, likewise; set by the check */
    unsigned function;     /* enum function of query_names.h, for EXPR_CALL */
    size_t offset, length; /* in the query text */
    struct bytes text;     /* decoded string, canonical name, function name, pattern */
    double number;
    int64_t time_us; /* EXPR_TIME, and the width of a fixed EXPR_PERIOD (0: calendar unit) */
    unsigned months; /* of a calendar EXPR_PERIOD */
    struct name name;
    struct indicators *indicators; /* EXPR_LIST from a file, without args; the query's */
    struct expr **args;
    size_t n_args;
};

enum command_kind {
    COMMAND_FIELDS,
    COMMAND_DISPLAY,
    COMMAND_FILTER,
    COMMAND_STATS,
    COMMAND_SORT,
    COMMAND_LIMIT,
    COMMAND_DEDUP,
    COMMAND_PARSE,
    COMMAND_UNNEST,
};

/* `a`, `a as b`, `a desc`. */
struct item {
    struct expr *expr;
    struct bytes name; /* alias or the expression as written */
    struct bytes key;  /* the alias as names are written in the tree */
    bool has_alias, descending;
    size_t offset, length; /* of the name */
};

struct command {
    enum command_kind kind;
    size_t offset, length; /* of the command word */
    struct item *items;    /* fields, display, stats, sort, dedup; parse, unnest: the names */
    size_t n_items;
    struct item *by; /* stats */
    size_t n_by;
    struct expr *expr; /* filter; unnest: the list; parse: the text, may be NULL; its pattern is
                        * `pattern` */
    struct expr *pattern;
    uint64_t limit;
    bool hoisted; /* a filter behind stats that uses only fields from before it */
};

/* `name in @file`. */
struct query_list {
    struct indicators *list; /* held */
    const struct expr *name;
};

struct query {
    struct arena arena;
    struct query_options options;
    struct bytes source; /* as typed, copied */
    struct bytes text;   /* in the language's own words */
    struct command **commands;
    size_t n_commands, commands_cap;
    struct bytes *notices;
    size_t n_notices, notices_cap;
    struct query_list *lists;
    size_t n_lists, lists_cap;
    struct row_set **row_sets; /* selects among the rows of all of them */
    size_t n_row_sets, row_sets_cap;
    size_t n_nodes;
    int64_t from_us, to_us;
    bool is_filter;
    bool is_relative;
    _Atomic unsigned holds; /* users beside the first */
};

/* Nodes; they come zeroed but for what is given. */
struct expr *expr_new(struct query *q, enum expr_kind kind, size_t offset, size_t length);
struct expr *expr_with(struct query *q, enum expr_kind kind, enum expr_op op, struct expr *a,
                       struct expr *b);

/* Appends an argument and keeps `depth` true. */
void expr_add(struct query *q, struct expr *e, struct expr *arg);

struct command *query_add_command(struct query *q, enum command_kind kind, size_t offset,
                                  size_t length);

/* Takes the list, which `name` is looked for in, over until the query is freed. */
void query_own_list(struct query *q, struct indicators *list, const struct expr *name);
void query_notice_add(struct query *q, const char *format, ...) PRINTF_LIKE(2, 3);

/* What is none of the language's own and is read as something else: its notice. */
enum query_shim {
#define WORD(name, kind, starter, arguments, what)
#define OTHER_WORD(name, kind, starter, notice)
#define FOREIGN_WORD(name)
#define SHIM(id, met, notice) SHIM_##id,
#include "core/query/query_words.def"
#undef WORD
#undef OTHER_WORD
#undef FOREIGN_WORD
#undef SHIM
};
void query_shim_add(struct query *q, enum query_shim shim);

/* Fills `error` (once: the first one stays) and returns ERR_QUERY. */
enum err query_fail(const struct query *q, struct query_error *error, size_t offset,
                    size_t length, const char *format, ...) PRINTF_LIKE(5, 6);

/* The same for a place that waits for a value. */
enum err query_fail_placeholder(const struct query *q, struct query_error *error,
                                const struct placeholder *p);

/* Follows aliases to what they stand for. */
const struct expr *expr_target(const struct expr *e);

/* What a name is computed from: of an alias, a group of a parse, an element, what stands below;
 * NULL for all others. */
const struct expr *expr_source(const struct expr *e);

/* The value depends on an element that unnest took. */
bool expr_uses_item(const struct expr *e);

#endif
