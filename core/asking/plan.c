#include "core/asking/plan.h"

#include "core/base/mem.h"

#include "core/query/query_names.h"

static struct plan_node *node_new(struct plan *p, enum plan_kind kind, size_t room)
{
    struct plan_node *n = arena_alloc(&p->arena, sizeof *n);

    n->kind = kind;
    if (room)
        n->nodes = arena_alloc(&p->arena, room * sizeof(struct plan_node *));
    return n;
}

/* Collects the names below `e`; false when there are more than `cap` different ones. */
static bool names_of(const struct expr *e, const struct expr **names, size_t *count, size_t cap)
{
    if (expr_source(e))
        return names_of(expr_source(e), names, count, cap);
    if (e->kind == EXPR_NAME) {
        for (size_t i = 0; i < *count; i++) {
            const struct name *a = &names[i]->name, *b = &e->name;

            if (a->kind == b->kind && a->field == b->field && a->formats == b->formats &&
                (a->kind != NAME_PATH || bytes_equal(names[i]->text, e->text)))
                return true;
        }
        if (*count == cap)
            return false;
        names[(*count)++] = e;
        return true;
    }
    /* bin() reads the time without naming it. */
    if (e->kind == EXPR_CALL && e->function == FUNCTION_BIN)
        return false;
    for (size_t i = 0; i < e->n_args; i++) {
        if (!names_of(e->args[i], names, count, cap))
            return false;
    }
    return true;
}

static bool time_bounds(const struct expr *e, struct leaf *leaf)
{
    int64_t at;

    if (e->kind != EXPR_COMPARE || expr_target(e->args[0])->kind != EXPR_NAME ||
        expr_target(e->args[0])->name.kind != NAME_TIME)
        return false;
    if (e->args[1]->kind == EXPR_TIME)
        at = e->args[1]->time_us;
    else if (e->args[1]->kind != EXPR_STRING || !instant_parse(e->args[1]->text, &at))
        return false;
    if (at <= INT64_MIN + 1 || at == INT64_MAX)
        return false;
    leaf->from_us = INT64_MIN + 1;
    leaf->to_us = INT64_MAX;
    switch (e->op) {
    case OP_EQ:
        leaf->from_us = leaf->to_us = at;
        return true;
    case OP_LT:
    case OP_LE:
        leaf->to_us = at - (e->op == OP_LT);
        return true;
    case OP_GT:
    case OP_GE:
        leaf->from_us = at + (e->op == OP_GT);
        return true;
    case OP_NE:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_MOD:
    case OP_POW:
        break;
    }
    return false;
}

/* The text of the column, not what is made from it. */
static bool is_column_itself(const struct expr *e)
{
    e = expr_target(e);
    return e->kind == EXPR_NAME && (e->name.kind == NAME_FIELD || e->name.kind == NAME_NATIVE);
}

/* A pattern made for a word: literal but for escaped signs. A UUID holds only 0-9, a-f and -,
 * so a word with any other sign can match none. */
static bool never_in_uuid(const struct expr *e)
{
    struct bytes p;

    if (e->kind != EXPR_LIKE || e->args[1]->kind != EXPR_REGEX ||
        !(is_column_itself(e->args[0]) || expr_target(e->args[0])->name.kind == NAME_ANY))
        return false;
    p = e->args[1]->text;
    if (!bytes_starts(p, "(?is)"))
        return false;
    for (size_t i = 5; i < p.len; i++) {
        char c = p.ptr[i];
        bool letter = (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z');

        if (c == '\\' && i + 1 < p.len && strchr("^$|?*+()[]{}", p.ptr[i + 1]))
            return true;
        if (c == '\\' || strchr("^$.|?*+()[]{}", c))
            return false;
        if (letter)
            return true;
    }
    return false;
}

/* Equality with a text is found by look-up: one entry holds, all others do not. Entries that
 * are states are left to be decided. */
static void prefill(struct plan *p, struct leaf *leaf)
{
    const struct expr *e = leaf->expr;
    uint32_t id;

    if (e->kind != EXPR_COMPARE || e->op != OP_EQ || !is_column_itself(e->args[0]) ||
        e->args[1]->kind != EXPR_STRING)
        return;
    for (uint32_t i = DICTIONARY_FIRST_TEXT; i < leaf->n_codes; i++)
        atomic_init(&leaf->codes[i], 1 + TRUTH_NO);
    id = dictionary_find(p->dictionaries[leaf->field], e->args[1]->text);
    if (id >= DICTIONARY_FIRST_TEXT && id < leaf->n_codes)
        atomic_init(&leaf->codes[id], 1 + TRUTH_YES);
    leaf->one_uuid = unique_parse(e->args[1]->text, &leaf->uuid);
    leaf->no_uuids = !leaf->one_uuid;
}

/* Formats in which a native name below `e` stands in the record alone. */
static uint32_t others_of(const struct expr *e)
{
    uint32_t others = 0;

    if (expr_source(e))
        return others_of(expr_source(e));
    if (e->kind == EXPR_NAME)
        return e->name.kind == NAME_NATIVE ? e->name.others : 0;
    for (size_t i = 0; i < e->n_args; i++)
        others |= others_of(e->args[i]);
    return others;
}

/* Writes everything that decides what a condition says of a record, so that two conditions
 * with the same key say the same. False when something outside of it has a say. */
static bool write_key(const struct expr *e, struct buffer *out)
{
    e = expr_target(e);
    if (e->indicators ||
        (e->kind == EXPR_NAME && (e->name.kind == NAME_ITEM || e->name.kind == NAME_BELOW)))
        return false;
    buffer_printf(out, "%d %d %d %u %a %lld %u %d %d %u %u %zu %zu %zu:", (int)e->kind,
                  (int)e->op, e->caseless, e->function, e->number, (long long)e->time_us,
                  e->months, (int)e->name.kind, (int)e->name.field, e->name.formats,
                  e->name.others, e->name.column, e->n_args, e->text.len);
    buffer_add(out, e->text);
    if (e->kind == EXPR_NAME && e->name.kind == NAME_CAPTURE)
        return write_key(e->name.target, out);
    for (size_t i = 0; i < e->n_args; i++) {
        if (!write_key(e->args[i], out))
            return false;
    }
    return true;
}

/* A leaf on one path alone is decided per entry of what is kept of that path; of any other what
 * it said is kept. */
static void record_leaf(struct plan *p, struct leaf *leaf)
{
    const struct expr *names[1];
    struct buffer key = {0};
    size_t count = 0;

    leaf->record_number = p->n_record_leaves++;
    if (!p->from.recall)
        return;
    if (names_of(leaf->expr, names, &count, ARRAY_LEN(names)) && count == 1 &&
        names[0]->name.kind == NAME_PATH) {
        leaf->path = paths_find(&p->paths, names[0]->text);
        leaf->name = names[0];
    }
    if (leaf->path == PATHS_MAX && write_key(leaf->expr, &key))
        leaf->condition = recall_hold(p->from.recall, RECALL_CONDITION, buffer_bytes(&key));
    buffer_deinit(&key);
}

static struct plan_node *leaf_node(struct plan *p, struct leaf leaf)
{
    struct plan_node *n = node_new(p, PLAN_LEAF, 0);

    n->leaf = arena_alloc(&p->arena, sizeof *n->leaf);
    *n->leaf = leaf;
    if (leaf.kind == LEAF_TEXT || leaf.kind == LEAF_UNIQUE) {
        n->leaf->dictionary = p->dictionaries[leaf.field];
        n->leaf->n_codes = dictionary_count(n->leaf->dictionary);
        n->leaf->codes = mem_alloc(n->leaf->n_codes);
        n->leaf->no_uuids = never_in_uuid(leaf.expr);
        prefill(p, n->leaf);
    }
    if (leaf.kind == LEAF_FILE) {
        n->leaf->n_codes = (uint32_t)archive_count(p->from.archive);
        n->leaf->codes = mem_alloc(n->leaf->n_codes);
    }
    n->leaf->needs_record = n->needs_record =
        leaf.kind != LEAF_FORMAT &&
        (value_needs_record(leaf.expr) ||
         (leaf.kind == LEAF_ROW && index_holds(p->index, others_of(leaf.expr))));
    n->leaf->path = PATHS_MAX;
    if (n->needs_record)
        record_leaf(p, n->leaf);
    mem_grow(&p->leaves, &p->leaves_cap, p->n_leaves + 1, sizeof *p->leaves);
    p->leaves[p->n_leaves++] = n->leaf;
    return n;
}

static struct leaf text_leaf(const struct expr *e, bool negated, const struct expr *name,
                             enum field_id field, uint32_t formats)
{
    return (struct leaf){.kind =
                             field_get(field)->kind == FIELD_UNIQUE ? LEAF_UNIQUE : LEAF_TEXT,
                         .expr = e,
                         .negated = negated,
                         .name = name,
                         .field = field,
                         .formats = formats};
}

/* Children that read records go behind those that do not, so that few rows are left for them.
 */
static void add_node(struct plan_node *n, struct plan_node *child)
{
    if (child->needs_record) {
        n->needs_record = true;
        n->nodes[n->n_nodes++] = child;
        return;
    }
    memmove(n->nodes + n->n_plain + 1, n->nodes + n->n_plain,
            (n->n_nodes - n->n_plain) * sizeof(struct plan_node *));
    n->nodes[n->n_plain++] = child;
    n->n_nodes++;
}

/* @fields like …: any text of the event. Words that only this program chose (stage, outcome …)
 * are no texts of the event. */
static struct plan_node *any_field(struct plan *p, const struct expr *e, bool negated,
                                   const struct expr *name)
{
    struct plan_node *n = node_new(p, negated ? PLAN_ALL : PLAN_ANY, FIELD_COUNT);

    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        enum field_kind kind = field_get((enum field_id)i)->kind;
        struct leaf leaf;

        if (kind != FIELD_TEXT && kind != FIELD_UNIQUE)
            continue;
        leaf = text_leaf(e, negated, name, (enum field_id)i, UINT32_MAX);
        leaf.two_valued = true;
        add_node(n, leaf_node(p, leaf));
    }
    return n;
}

static struct plan_node *in_formats(struct plan *p, uint32_t formats, struct leaf leaf)
{
    struct plan_node *n = node_new(p, PLAN_ALL, 2);

    add_node(n, leaf_node(p, (struct leaf){.kind = LEAF_FORMAT, .formats = formats}));
    add_node(n, leaf_node(p, leaf));
    return n;
}

/* A condition on one native name: the column decides, but for the events of formats that may
 * hold any key, where the record does. */
static struct plan_node *native(struct plan *p, struct leaf leaf, unsigned depth)
{
    struct leaf row = {
        .kind = LEAF_ROW, .expr = leaf.expr, .negated = leaf.negated, .formats = UINT32_MAX};
    uint32_t others = leaf.name->name.others;
    struct plan_node *n;

    if (!index_holds(p->index, others))
        return leaf_node(p, leaf);
    if (depth + 1 > p->depth)
        p->depth = depth + 1;
    n = node_new(p, PLAN_ANY, 2);
    add_node(n, in_formats(p, ~others, leaf));
    add_node(n, in_formats(p, others, row));
    return n;
}

static struct plan_node *plan_condition(struct plan *p, const struct expr *e, bool negated,
                                        unsigned depth)
{
    const struct expr *names[1];
    struct leaf leaf = {.kind = LEAF_ROW, .expr = e, .negated = negated, .formats = UINT32_MAX};
    size_t count = 0;

    if (!names_of(e, names, &count, ARRAY_LEN(names)))
        return leaf_node(p, leaf);
    if (count == 0) {
        leaf.kind = LEAF_CONSTANT;
        return leaf_node(p, leaf);
    }
    if (names[0]->name.kind == NAME_ANY)
        return any_field(p, e, negated, names[0]);
    if (names[0]->name.kind == NAME_TIME && time_bounds(e, &leaf)) {
        leaf.kind = LEAF_TIME;
        return leaf_node(p, leaf);
    }
    if (p->from.archive && names[0]->name.kind == NAME_FILE) {
        leaf.kind = LEAF_FILE;
        leaf.name = names[0];
        return leaf_node(p, leaf);
    }
    if (names[0]->name.kind == NAME_NATIVE)
        return native(
            p, text_leaf(e, negated, names[0], names[0]->name.field, names[0]->name.formats),
            depth);
    if (names[0]->name.kind == NAME_FIELD && p->dictionaries[names[0]->name.field])
        leaf = text_leaf(e, negated, names[0], names[0]->name.field, UINT32_MAX);
    return leaf_node(p, leaf);
}

static struct plan_node *plan_expr(struct plan *p, const struct expr *e, bool negated,
                                   unsigned depth)
{
    struct plan_node *n;
    bool all;

    e = expr_target(e);
    if (depth > p->depth)
        p->depth = depth;
    if (e->kind == EXPR_NOT)
        return plan_expr(p, e->args[0], !negated, depth);
    if (e->kind == EXPR_COMPARE && e->op == OP_NE) {
        /* a != b is not (a = b): a missing value under it counts as left out. */
        struct expr *equal = arena_alloc(&p->arena, sizeof *equal);

        *equal = *e;
        equal->op = OP_EQ;
        return plan_condition(p, equal, !negated, depth);
    }
    if (e->kind != EXPR_AND && e->kind != EXPR_OR)
        return plan_condition(p, e, negated, depth);
    all = (e->kind == EXPR_AND) != negated;
    n = node_new(p, all ? PLAN_ALL : PLAN_ANY, e->n_args);
    for (size_t i = 0; i < e->n_args; i++)
        add_node(n, plan_expr(p, e->args[i], negated, depth + 1));
    return n;
}

void plan_init(struct plan *p, const struct index *index, const struct reread *from,
               const struct expr *const *filters, size_t n_filters)
{
    *p = (struct plan){.index = index,
                       .from = *from,
                       .paths.recall = from->recall,
                       .dictionaries = store_dictionaries(index->store)};
    for (size_t i = 0; i < n_filters; i++)
        paths_add(&p->paths, filters[i]);
    for (size_t i = 0; i < n_filters; i++)
        eval_patterns_add(&p->patterns, filters[i]);
    eval_patterns_seal(&p->patterns);
    if (n_filters == 0)
        return;
    p->root = node_new(p, PLAN_ALL, n_filters);
    for (size_t i = 0; i < n_filters; i++)
        add_node(p->root, plan_expr(p, filters[i], false, 1));
}

void plan_deinit(struct plan *p)
{
    for (size_t i = 0; i < p->n_leaves; i++) {
        /* Freed as what mem_alloc() gave: plain bytes. */
        void *codes = p->leaves[i]->codes;

        mem_free(codes);
        if (p->leaves[i]->condition)
            recall_release(p->from.recall, p->leaves[i]->condition);
    }
    paths_deinit(&p->paths);
    mem_free(p->leaves);
    eval_patterns_deinit(&p->patterns);
    arena_deinit(&p->arena);
}
