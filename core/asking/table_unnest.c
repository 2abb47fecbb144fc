#include "core/asking/table_unnest.h"

#include "core/base/mem.h"

#include "core/asking/json.h"

enum { MEMORY_KEPT_BYTES = 1 << 20 };

struct unnesting {
    struct run *run;
    const struct command *commands[QUERY_MAX_UNNEST];
    size_t n_commands;
    struct datum items[QUERY_MAX_UNNEST]; /* of the present row */
    struct arena lists;                   /* elements of the present event */
    row_id row;
};

static void turn(struct unnesting *u)
{
    eval_next_row(&u->run->rows.eval);
    u->run->rows.items = u->items;
}

/* The conditions that scanning left out, as they depend on elements. */
static bool passes(struct unnesting *u)
{
    const struct query *q = u->run->query;
    bool all = true;

    for (size_t i = 0; i < q->n_commands && all; i++) {
        const struct command *c = q->commands[i];

        if (c->kind == COMMAND_FILTER && c->expr && expr_uses_item(c->expr) &&
            (i < u->run->first_stats || c->hoisted))
            all = run_passes(u->run, c->expr);
    }
    return all;
}

static enum err add_row(struct unnesting *u)
{
    struct run *r = u->run;
    struct datum *items;

    turn(u);
    if (!passes(u))
        return ERR_OK;
    if (r->n_unnested == UNNEST_MAX_ROWS)
        return query_fail(r->query, r->error, u->commands[0]->offset, u->commands[0]->length,
                          "unnest gives over %d rows: filter before it", UNNEST_MAX_ROWS);
    items = arena_alloc(&r->unnested_memory, u->n_commands * sizeof *items);
    for (size_t i = 0; i < u->n_commands; i++) {
        items[i] = u->items[i];
        if (items[i].kind == DATUM_TEXT)
            items[i].text = arena_copy(&r->unnested_memory, items[i].text);
    }
    mem_grow(&r->unnested, &r->unnested_cap, r->n_unnested + 1, sizeof *r->unnested);
    r->unnested[r->n_unnested++] = (struct unnested_row){u->row, items};
    return ERR_OK;
}

/* The list as it stands once the row's other memory has passed; false when it is none. */
static bool keep_list(struct unnesting *u, struct datum *list)
{
    enum cursor_kind kind;

    if (list->kind != DATUM_TEXT)
        return false;
    list->text = arena_copy(&u->lists, list->text);
    return json_is_container(list->text, &kind) && kind == CURSOR_ARRAY;
}

/* Takes the elements of list number `depth`, and of the lists behind it. The depth of the
 * recursion is the number of commands. */
static enum err take_items(struct unnesting *u, size_t depth)
{
    struct json_items items;
    struct bytes raw;
    struct datum list;

    if (depth == u->n_commands)
        return add_row(u);
    turn(u);
    list = eval_value(&u->run->rows.eval, u->commands[depth]->expr);
    if (!keep_list(u, &list)) {
        u->items[depth] = list;
        return take_items(u, depth + 1);
    }
    if (!json_items_start(&items, list.text))
        return ERR_OK;
    while (json_items_next(&items, &raw) && !job_is_cancelled(u->run->job)) {
        u->items[depth] = json_value(raw, &u->lists);
        TRY(take_items(u, depth + 1));
    }
    return ERR_OK;
}

enum err unnest_rows(struct run *r)
{
    struct unnesting u = {.run = r};
    enum err err = ERR_OK;

    for (size_t i = 0; i < r->query->n_commands; i++) {
        if (r->query->commands[i]->kind == COMMAND_UNNEST)
            u.commands[u.n_commands++] = r->query->commands[i];
    }
    progress_expect(r->from.progress, r->selection->n_rows);
    for (uint64_t i = 0; i < r->selection->n_rows && err == ERR_OK && run_goes_on(r); i++) {
        if (u.lists.total_bytes > MEMORY_KEPT_BYTES)
            arena_deinit(&u.lists);
        u.row = r->selection->rows[i];
        rows_turn(&r->rows, u.row);
        err = take_items(&u, 0);
    }
    arena_deinit(&u.lists);
    return err;
}

struct groups *unnest_stats(struct run *r, const struct command *stats)
{
    struct groups *groups = groups_new(stats, r->index->store);

    for (size_t i = 0; i < r->n_unnested && run_goes_on(r); i++) {
        struct group_place place = {store_time(r->index->store, r->unnested[i].row),
                                    r->unnested[i].row};

        run_turn(r, NULL, i);
        eval_next_row(&r->rows.eval);
        r->n_uncounted += !groups_add(groups, &r->rows.eval, place, 0);
    }
    return groups;
}
