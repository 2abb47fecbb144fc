#include "core/asking/table.h"

#include "core/base/mem.h"

#include "core/asking/group.h"
#include "core/asking/table_order.h"
#include "core/asking/table_stats.h"
#include "core/asking/table_unnest.h"
#include "core/query/query_names.h"

enum { DEFAULT_LIMIT = 10000 };

static void notice(struct run *r, const char *format, unsigned long long count)
{
    struct buffer text = {0};
    struct table *t = r->table;

    buffer_printf(&text, "%llu ", count);
    buffer_add_text(&text, format);
    mem_grow(&t->notices, &r->notices_cap, t->n_notices + 1, sizeof *t->notices);
    t->notices[t->n_notices++] = arena_copy(&t->arena, buffer_bytes(&text));
    buffer_deinit(&text);
}

/* Chooses the events: all conditions that stand before the first stats, or belong there.
 * False when cancelled. */
static bool scan_events(struct run *r, struct pool *p, bool with_duplicates)
{
    struct command **list = mem_array(r->query->n_commands, sizeof(struct command *));
    struct query part = {.options = r->query->options,
                         .commands = list,
                         .row_sets = r->query->row_sets,
                         .n_row_sets = r->query->n_row_sets};
    const struct query *filters[] = {&part};
    struct scan_request request = {.index = r->index,
                                   .filters = filters,
                                   .n_filters = 1,
                                   .archive = r->from.archive,
                                   .load = r->from.load,
                                   .recall = r->from.recall,
                                   .progress = r->from.progress,
                                   .bits_only =
                                       r->first_stats < r->query->n_commands && !r->has_unnest,
                                   .with_duplicates = with_duplicates,
                                   .keep_unknown = r->keep_unknown};
    struct scan scan;

    for (size_t i = 0; i < r->query->n_commands; i++) {
        struct command *c = r->query->commands[i];

        if (c->kind == COMMAND_FILTER && c->expr && (i < r->first_stats || c->hoisted) &&
            !(r->has_unnest && expr_uses_item(c->expr)))
            list[part.n_commands++] = c;
    }
    scan_init(&scan, &request);
    scan.job.within = r->job;
    pool_run(p, &scan.job);
    r->selection = scan.result;
    scan.result = NULL;
    scan_deinit(&scan);
    mem_free(list);
    return r->selection != NULL;
}

/* ---- grids ---- */

static struct datum *grid_row(struct run *r, struct grid *g)
{
    mem_grow(&g->rows, &g->rows_cap, g->n_rows + 1, sizeof *g->rows);
    g->rows[g->n_rows] =
        arena_alloc(&r->table->arena, (g->n_columns + 1) * sizeof(struct datum));
    return g->rows[g->n_rows++];
}

static void grid_columns(struct run *r, struct grid *g, const struct command *stats)
{
    g->n_columns = stats->n_by + stats->n_items;
    g->names = arena_alloc(&r->table->arena, (g->n_columns + 1) * sizeof *g->names);
    for (size_t i = 0; i < stats->n_by; i++)
        g->names[i] = stats->by[i].name;
    for (size_t i = 0; i < stats->n_items; i++)
        g->names[stats->n_by + i] = stats->items[i].name;
}

/* Texts are copied: the grid outlives the groups, which end here. */
static void grid_fill(struct run *r, struct grid *g, struct groups *groups,
                      const struct command *stats)
{
    grid_columns(r, g, stats);
    for (size_t i = 0; i < groups_count(groups); i++) {
        struct datum *row = grid_row(r, g);

        groups_result(groups, i, &r->rows.eval, row);
        for (size_t j = 0; j < g->n_columns; j++) {
            if (row[j].kind == DATUM_TEXT)
                row[j].text = arena_copy(&r->table->arena, row[j].text);
        }
    }
    groups_free(groups);
}

static bool uses_time_order(const struct expr *e)
{
    if (e->kind == EXPR_CALL &&
        (e->function == FUNCTION_EARLIEST || e->function == FUNCTION_LATEST))
        return true;
    for (size_t i = 0; i < e->n_args; i++) {
        if (uses_time_order(e->args[i]))
            return true;
    }
    return false;
}

static enum err stats_over_grid(struct run *r, const struct command *stats, struct grid *g)
{
    struct grid made = {0};
    struct groups *groups;

    for (size_t i = 0; i < stats->n_items; i++) {
        if (uses_time_order(stats->items[i].expr))
            return query_fail(r->query, r->error, stats->items[i].expr->offset,
                              stats->items[i].expr->length,
                              "earliest() and latest() need @timestamp, which the stats before "
                              "removed");
    }
    groups = groups_new(stats, NULL);
    for (size_t i = 0; i < g->n_rows && run_goes_on(r); i++) {
        rows_turn_result(&r->rows, g->rows[i]);
        r->n_uncounted += !groups_add(groups, &r->rows.eval,
                                      (struct group_place){INSTANT_NONE, (row_id)i}, 0);
    }
    grid_fill(r, &made, groups, stats);
    mem_free(g->rows);
    *g = made;
    return ERR_OK;
}

static void having(struct run *r, const struct command *filter, struct grid *g)
{
    size_t kept = 0;

    for (size_t i = 0; i < g->n_rows && run_goes_on(r); i++) {
        rows_turn_result(&r->rows, g->rows[i]);
        if (run_passes(r, filter->expr))
            g->rows[kept++] = g->rows[i];
    }
    g->n_rows = kept;
}

static uint64_t limit_of(struct run *r, uint64_t count)
{
    uint64_t limit = DEFAULT_LIMIT;
    bool given = false;

    for (size_t i = 0; i < r->query->n_commands; i++) {
        const struct command *c = r->query->commands[i];

        if (c->kind == COMMAND_LIMIT && (!given || c->limit < limit)) {
            limit = c->limit;
            given = true;
        }
    }
    if (!given && count > limit)
        notice(r, "rows match; the first 10000 are shown: write | limit for another number",
               count);
    return count < limit ? count : limit;
}

/* ---- columns of the result ---- */

struct output {
    struct item *items;
    size_t count, cap;
};

static void output_add(struct output *o, struct item item)
{
    for (size_t i = 0; i < o->count; i++) {
        if (bytes_equal(o->items[i].name, item.name)) {
            o->items[i] = item;
            return;
        }
    }
    mem_grow(&o->items, &o->cap, o->count + 1, sizeof *o->items);
    o->items[o->count++] = item;
}

static void output_column(struct run *r, struct output *o, enum name_kind kind, size_t column,
                          struct bytes name)
{
    struct expr *e = arena_alloc(&r->table->arena, sizeof *e);

    e->kind = EXPR_NAME;
    e->text = name;
    e->name = (struct name){.kind = kind, .column = column};
    output_add(o, (struct item){.expr = e, .name = name});
}

/* display, the last one; else the columns of stats and the fields behind it; else all fields;
 * else @timestamp and @message. */
static struct output output_of(struct run *r, const struct grid *g, size_t last_stats)
{
    struct output o = {0};
    const struct command *display = NULL;
    size_t from = g ? last_stats : 0;

    for (size_t i = from; i < r->query->n_commands; i++) {
        if (r->query->commands[i]->kind == COMMAND_DISPLAY)
            display = r->query->commands[i];
    }
    for (size_t i = 0; g && !display && i < g->n_columns; i++)
        output_column(r, &o, NAME_COLUMN, i, g->names[i]);
    for (size_t i = from; i < r->query->n_commands; i++) {
        const struct command *c = r->query->commands[i];

        if (display ? c != display : c->kind != COMMAND_FIELDS)
            continue;
        for (size_t j = 0; j < c->n_items; j++)
            output_add(&o, c->items[j]);
    }
    if (o.count == 0) {
        output_column(r, &o, NAME_TIME, 0, bytes_of("@timestamp"));
        output_column(r, &o, NAME_MESSAGE, 0, bytes_of("@message"));
    }
    return o;
}

static void write_rows(struct run *r, const struct grid *g, const uint64_t *order,
                       const struct output *o)
{
    struct table *t = r->table;
    struct bytes *columns = arena_alloc(&t->arena, (o->count + 1) * sizeof *columns);
    struct cell *cells = arena_alloc(&t->arena, (t->n_rows * o->count + 1) * sizeof *cells);
    row_id *rows = g ? NULL : arena_alloc(&t->arena, (t->n_rows + 1) * sizeof *rows);

    for (size_t i = 0; i < o->count; i++)
        columns[i] = arena_copy(&t->arena, o->items[i].name);
    progress_expect(r->from.progress, t->n_rows);
    for (size_t i = 0; i < t->n_rows && run_goes_on(r); i++) {
        bool unclear = false;

        run_turn(r, g, order[i]);
        eval_next_row(&r->rows.eval);
        if (rows)
            rows[i] = run_row(r, order[i]);
        for (size_t j = 0; j < o->count; j++) {
            struct datum d = eval_value(&r->rows.eval, o->items[j].expr);

            unclear |= d.kind == DATUM_UNDECIDED && !run_is_unread(r);
            if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
                continue;
            cells[i * o->count + j] =
                (struct cell){true, arena_copy(&t->arena, eval_text(&r->rows.eval, d))};
        }
        r->n_unclear += unclear;
    }
    t->n_columns = o->count;
    t->columns = columns;
    t->cells = cells;
    t->rows = rows;
}

/* ---- the whole ---- */

static enum err run_stats(struct run *r, struct pool *p, struct grid *g, size_t *last_stats)
{
    for (size_t i = r->first_stats; i < r->query->n_commands; i++) {
        const struct command *c = r->query->commands[i];

        if (c->kind == COMMAND_STATS && i == r->first_stats)
            grid_fill(r, g, r->has_unnest ? unnest_stats(r, c) : stats_over_events(r, p, c), c);
        else if (c->kind == COMMAND_STATS)
            TRY(stats_over_grid(r, c, g));
        else if (c->kind == COMMAND_FILTER && c->expr && !c->hoisted)
            having(r, c, g);
        if (c->kind == COMMAND_STATS)
            *last_stats = i;
    }
    return ERR_OK;
}

static bool has_command(const struct query *q, enum command_kind one, enum command_kind other)
{
    for (size_t i = 0; i < q->n_commands; i++) {
        if (q->commands[i]->kind == one || q->commands[i]->kind == other)
            return true;
    }
    return false;
}

static void run_end(struct run *r, struct pool *p, struct grid *g, size_t last_stats)
{
    struct output o = output_of(r, g, last_stats);
    uint64_t *order, count;

    if (!g && has_command(r->query, COMMAND_SORT, COMMAND_DEDUP))
        run_read_paths(r, p);
    order = g ? order_grid(r, g, r->query->commands[last_stats]) : order_events(r);
    count = order_dedup(r, g, order, g ? g->n_rows : run_count(r));

    r->table->n_undecided = r->n_undecided + r->n_uncounted;
    r->table->n_unlooked = r->n_unlooked;
    r->table->n_matching = count;
    r->table->n_rows = (size_t)limit_of(r, count);
    write_rows(r, g, order, &o);
    mem_free(o.items);
    mem_free(order);
}

static void add_notices(struct run *r)
{
    struct table *t = r->table;
    uint64_t unread;

    for (size_t i = 0; i < r->query->n_notices; i++) {
        mem_grow(&t->notices, &r->notices_cap, t->n_notices + 1, sizeof *t->notices);
        t->notices[t->n_notices++] = arena_copy(&t->arena, r->query->notices[i]);
    }
    if (t->n_unlooked)
        notice(r,
               "events were not looked at, as the query was stopped: this is a part of the "
               "answer",
               t->n_unlooked);
    t->n_unknown += r->n_unknown;
    if (t->n_unknown)
        notice(r, "rows left out: a field that they lack stands under a negated test",
               t->n_unknown);
    if (r->n_undecided)
        notice(r, "rows left out: a match reached its limit", r->n_undecided);
    if (r->n_uncounted)
        notice(r, "rows not counted everywhere: a match or text reached its limit",
               r->n_uncounted);
    if (r->n_unsorted)
        notice(r, "rows whose place is not sure: a match or text reached its limit",
               r->n_unsorted);
    if (r->n_unclear)
        notice(r, "rows with a cell left empty: a match or text reached its limit",
               r->n_unclear);
    unread = r->selection->n_unread + r->n_unread + extract_failures(r->rows.values.records);
    if (unread)
        notice(r, "records could not be read again: their files changed or are damaged",
               unread);
}

static enum err run_all(struct run *r, struct pool *p, bool with_duplicates)
{
    struct grid grid = {0};
    size_t last_stats = 0;
    bool has_stats = r->first_stats < r->query->n_commands;
    enum err err = ERR_OK;

    if (!scan_events(r, p, with_duplicates))
        return ERR_CANCELLED;
    r->table->n_unknown = r->selection->n_unknown;
    r->n_undecided = r->selection->n_undecided;
    r->n_unlooked = r->selection->n_unlooked;
    if (r->has_unnest) {
        run_read_paths(r, p);
        err = unnest_rows(r);
    }
    if (err == ERR_OK && has_stats)
        err = run_stats(r, p, &grid, &last_stats);
    if (err == ERR_OK && !job_is_cancelled(r->job)) {
        run_end(r, p, has_stats ? &grid : NULL, last_stats);
        add_notices(r);
    }
    mem_free(grid.rows);
    return err == ERR_OK && job_is_cancelled(r->job) ? ERR_CANCELLED : err;
}

enum err table_run(const struct query *q, const struct table_source *source, struct pool *p,
                   bool with_duplicates, struct table **out, struct query_error *error)
{
    struct run r = {
        .query = q,
        .index = source->index,
        .from = {.archive = source->archive,
                 .load = source->load,
                 .recall = source->recall,
                 .progress = source->progress},
        .error = error,
        .job = source->job,
        .keep_unknown = source->keep_unknown,
        .first_stats = q->n_commands
    };
    enum err err;

    *error = (struct query_error){0};
    for (size_t i = q->n_commands; i-- > 0;) {
        if (q->commands[i]->kind == COMMAND_STATS)
            r.first_stats = i;
        r.has_unnest |= q->commands[i]->kind == COMMAND_UNNEST;
    }
    r.table = mem_alloc(sizeof *r.table);
    run_rows_init(&r, &r.rows);
    err = run_all(&r, p, with_duplicates);
    rows_deinit(&r.rows);
    selection_release(r.selection);
    mem_free(r.unnested);
    arena_deinit(&r.unnested_memory);
    if (err != ERR_OK) {
        table_free(r.table);
        return err;
    }
    *out = r.table;
    return ERR_OK;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    mem_free(t->notices);
    arena_deinit(&t->arena);
    mem_free(t);
}
