#include "core/asking/table_order.h"

#include "core/base/mem.h"

#include "core/asking/group.h"
#include "core/asking/table_sort.h"
#include "core/query/query_names.h"

enum { ROWS_BETWEEN_WORDS = 1024 /* to the progress */ };

uint64_t run_count(const struct run *r)
{
    return r->has_unnest ? r->n_unnested : r->selection->n_rows;
}

row_id run_row(const struct run *r, uint64_t number)
{
    return r->has_unnest ? r->unnested[number].row : r->selection->rows[number];
}

/* The last sort wins; keys without a meaning were set aside by the check. `room`: for so many
 * more. */
static size_t sort_keys(const struct run *r, size_t room, struct item **out)
{
    const struct command *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < r->query->n_commands; i++) {
        if (r->query->commands[i]->kind == COMMAND_SORT)
            last = r->query->commands[i];
    }
    *out = mem_array((last ? last->n_items : 0) + room, sizeof **out);
    for (size_t i = 0; last && i < last->n_items; i++) {
        if (last->items[i].expr)
            (*out)[count++] = last->items[i];
    }
    return count;
}

static uint64_t *numbers_up_to(uint64_t count)
{
    uint64_t *numbers = mem_array(count, sizeof *numbers);

    for (uint64_t i = 0; i < count; i++)
        numbers[i] = i;
    return numbers;
}

/* Newest first; rows without a time stay last. */
static uint64_t *newest_first(const struct run *r)
{
    uint64_t timed = run_count(r), *order = numbers_up_to(timed);

    while (timed && store_time(r->index->store, run_row(r, timed - 1)) == INSTANT_NONE)
        timed--;
    for (uint64_t i = 0; i < timed; i++)
        order[i] = timed - 1 - i;
    return order;
}

/* The order by all keys, the first one first; rows that agree in all of them stay in order. */
static uint64_t *sort_numbers(const struct run *r, const struct item *keys,
                              struct sort_column *columns, size_t n_keys, uint64_t count)
{
    uint64_t *order = numbers_up_to(count);

    for (size_t k = n_keys; k-- > 0 && !job_is_cancelled(r->job);)
        sort_column_apply(&columns[k], keys[k].descending, order, (size_t)count, r->job);
    for (size_t k = 0; k < n_keys; k++)
        sort_column_deinit(&columns[k]);
    mem_free(columns);
    return order;
}

/* The values of the keys on the present row; true when one is undecided. */
static bool add_keys(struct run *r, const struct item *keys, struct sort_column *columns,
                     size_t n_keys)
{
    bool undecided = false;

    eval_next_row(&r->rows.eval);
    for (size_t k = 0; k < n_keys; k++) {
        struct datum d = eval_value(&r->rows.eval, keys[k].expr);

        undecided |= d.kind == DATUM_UNDECIDED;
        sort_column_add(&columns[k], d);
    }
    return undecided;
}

bool run_is_unread(const struct run *r)
{
    return !r->rows.columns && r->rows.values.failed_record;
}

/* Counts the present row when a key of it is undecided. */
static void note_keys(struct run *r, const struct datum *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keys[i].kind == DATUM_UNDECIDED && !run_is_unread(r)) {
            r->n_unsorted++;
            return;
        }
    }
}

uint64_t *order_events(struct run *r)
{
    struct item *keys = NULL;
    size_t n_keys = sort_keys(r, 0, &keys);
    struct sort_column *columns;
    uint64_t *order;

    if (n_keys == 0) {
        mem_free(keys);
        return newest_first(r);
    }
    progress_expect(r->from.progress, run_count(r));
    columns = mem_array(n_keys, sizeof *columns);
    for (uint64_t i = 0; i < run_count(r) && run_goes_on(r); i++) {
        run_turn(r, NULL, i);
        if (add_keys(r, keys, columns, n_keys))
            r->n_unsorted += !run_is_unread(r);
    }
    order = sort_numbers(r, keys, columns, n_keys, run_count(r));
    mem_free(keys);
    return order;
}

/* Behind the keys of sort, and alone without it: the time column newest first, then the groups
 * ascending, so that the order never depends on chance. */
static size_t add_default_keys(const struct command *stats, struct item *keys, size_t count,
                               struct expr *columns)
{
    for (int times = 1; times >= 0; times--) {
        for (size_t i = 0; i < stats->n_by; i++) {
            const struct expr *by = expr_target(stats->by[i].expr);
            bool is_time = (by->kind == EXPR_CALL && by->function >= FUNCTION_BIN &&
                            by->function <= FUNCTION_FROM_MILLIS) ||
                           (by->kind == EXPR_NAME && by->name.kind == NAME_TIME);

            if (is_time != (times == 1))
                continue;
            columns[i] = (struct expr){
                .kind = EXPR_NAME, .name = {.kind = NAME_COLUMN, .column = i}
            };
            keys[count++] = (struct item){.expr = &columns[i], .descending = is_time};
        }
    }
    return count;
}

uint64_t *order_grid(struct run *r, const struct grid *g, const struct command *stats)
{
    struct expr *names = mem_array(stats->n_by, sizeof *names);
    struct item *keys = NULL;
    size_t n_keys = sort_keys(r, stats->n_by, &keys);
    struct sort_column *columns;
    uint64_t *order;

    n_keys = add_default_keys(stats, keys, n_keys, names);
    columns = mem_array(n_keys, sizeof *columns);
    for (size_t i = 0; i < g->n_rows && run_goes_on(r); i++) {
        rows_turn_result(&r->rows, g->rows[i]);
        (void)add_keys(r, keys, columns, n_keys);
    }
    order = sort_numbers(r, keys, columns, n_keys, g->n_rows);
    mem_free(keys);
    mem_free(names);
    return order;
}

bool run_goes_on(struct run *r)
{
    if (++r->looked == ROWS_BETWEEN_WORDS) {
        progress_rows(r->from.progress, r->looked);
        r->looked = 0;
    }
    return !job_is_cancelled(r->job);
}

void run_rows_init(const struct run *r, struct rows *rows)
{
    rows_init(rows, r->query, r->index, &r->from);
}

void run_turn(struct run *r, const struct grid *g, uint64_t number)
{
    if (g)
        rows_turn_result(&r->rows, g->rows[number]);
    else
        rows_turn(&r->rows, run_row(r, number));
    if (!g && r->has_unnest)
        r->rows.items = r->unnested[number].items;
}

static bool has_negation(const struct expr *e)
{
    if (expr_source(e))
        return has_negation(expr_source(e));
    if (e->kind == EXPR_NOT || (e->kind == EXPR_COMPARE && e->op == OP_NE))
        return true;
    for (size_t i = 0; i < e->n_args; i++) {
        if (has_negation(e->args[i]))
            return true;
    }
    return false;
}

bool run_passes(struct run *r, const struct expr *condition)
{
    enum truth t = eval_truth(&r->rows.eval, condition);

    if (t == TRUTH_UNKNOWN && has_negation(condition)) {
        r->n_unknown += !r->keep_unknown;
        return r->keep_unknown;
    }
    r->n_undecided += t == TRUTH_UNDECIDED;
    return t == TRUTH_YES;
}

uint64_t order_dedup(struct run *r, const struct grid *g, uint64_t *order, uint64_t count)
{
    const struct command *found = NULL;
    struct command keys;
    struct groups *groups;
    uint64_t kept = 0;

    for (size_t i = 0; i < r->query->n_commands; i++) {
        if (r->query->commands[i]->kind == COMMAND_DEDUP)
            found = r->query->commands[i];
    }
    if (!found)
        return count;
    keys = (struct command){.kind = COMMAND_STATS, .by = found->items, .n_by = found->n_items};
    groups = groups_new(&keys, NULL);
    progress_expect(r->from.progress, count);
    for (uint64_t i = 0; i < count && run_goes_on(r); i++) {
        size_t before = groups_count(groups);
        bool whole = true;

        run_turn(r, g, order[i]);
        eval_next_row(&r->rows.eval);
        for (size_t k = 0; k < found->n_items; k++) {
            struct datum d = eval_value(&r->rows.eval, found->items[k].expr);

            whole = whole && d.kind != DATUM_MISSING && d.kind != DATUM_UNDECIDED;
            note_keys(r, &d, 1);
        }
        if (whole)
            (void)groups_add(groups, &r->rows.eval,
                             (struct group_place){INSTANT_NONE, (row_id)i}, 0);
        if (!whole || groups_count(groups) > before)
            order[kept++] = order[i];
    }
    groups_free(groups);
    return kept;
}
