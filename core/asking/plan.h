/* A filter made ready for columns: negations pushed to the leaves, each leaf bound to the one
 * column that decides it.
 *
 * With negation only at the leaves the tree is monotone, so one walk over bitmaps answers three
 * questions, depending on which outcomes of a leaf count as yes: what is selected, what would
 * be if missing values under a negation counted, and what if undecided matches did.
 * Threads: a plan is shared; its tables of decided entries are atomic bytes. */
#ifndef CORE_ASKING_PLAN_H
#define CORE_ASKING_PLAN_H

#include <stdatomic.h>

#include "core/asking/value.h"
#include "core/index/index.h"

enum leaf_kind {
    LEAF_CONSTANT, /* no column at all */
    LEAF_TEXT,     /* one TEXT or CHOICE column: decided per entry of its dictionary */
    LEAF_UNIQUE,   /* one UNIQUE column: entries likewise, UUIDs row by row */
    LEAF_FILE,     /* what the row's file says: decided per file */
    LEAF_TIME,     /* the time between two bounds */
    LEAF_FORMAT,   /* the format is one of `formats` */
    LEAF_ROW,      /* anything else: evaluated row by row */
};

struct leaf {
    enum leaf_kind kind;
    const struct expr *expr;
    bool negated;
    bool needs_record;          /* reads records: LEAF_ROW, evaluated last */
    size_t record_number;       /* among the leaves that do */
    size_t path;                /* of the plan, when it reads that one name; else PATHS_MAX */
    struct recalled *condition; /* what it said of records, when that is kept */
    bool two_valued;            /* a missing value is a plain no: one field of @fields */
    const struct expr *name;    /* the one name it reads; NULL for constants and rows */
    enum field_id field;
    uint32_t formats; /* of rows for which the column speaks */
    const struct dictionary *dictionary;
    _Atomic unsigned char
        *codes; /* per id of entry or file: 0 not yet decided, else 1 + enum truth */
    uint32_t n_codes;
    bool no_uuids; /* no UUID can match */
    bool one_uuid; /* only `uuid` can */
    struct unique uuid;
    int64_t from_us, to_us; /* LEAF_TIME: yes within, both included */
};

enum plan_kind { PLAN_LEAF, PLAN_ALL, PLAN_ANY };

struct plan_node {
    enum plan_kind kind;
    struct leaf *leaf;
    struct plan_node **nodes;
    size_t n_nodes, n_plain; /* the first n_plain ones read no records */
    bool needs_record;
};

struct plan {
    struct arena arena;
    const struct index *index;
    struct reread from; /* without an archive what files and records say is not known */
    struct paths paths;
    struct dictionary *const *dictionaries;
    struct plan_node *root; /* NULL selects everything */
    struct leaf **leaves;
    size_t n_leaves, leaves_cap;
    size_t n_record_leaves;
    struct eval_patterns patterns;
    unsigned depth; /* of nodes */
};

/* All of `filters` must hold; each is an expression whose names are resolved.
 * Neither the index, what records are read from nor the queries may go before the plan. */
void plan_init(struct plan *p, const struct index *index, const struct reread *from,
               const struct expr *const *filters, size_t n_filters);
void plan_deinit(struct plan *p);

#endif
