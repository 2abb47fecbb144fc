#include "core/query/query_stages.h"

#include <math.h>

#include "core/base/mem.h"

#include "core/query/query_lex.h"
#include "core/query/query_names.h"

static size_t count_kind(const struct query *q, enum command_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < q->n_commands; i++)
        count += q->commands[i]->kind == kind;
    return count;
}

static void bind_alias(struct check *c, const struct item *item)
{
    if (scope_find(&c->rows, item->key) ||
        (!c->stats_seen && name_resolve(item->key).kind != NAME_PATH))
        query_notice_add(c->query, "%.*s was defined again: the later meaning counts",
                         (int)item->name.len, item->name.ptr);
    scope_bind(&c->rows, (struct binding){.name = item->key, .target = item->expr});
}

static enum err check_items(struct check *c, struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(check_whole(c, items[i].expr));
        if (items[i].has_alias)
            bind_alias(c, &items[i]);
    }
    return ERR_OK;
}

/* What a conjunct behind stats names: columns, or what was there before. */
struct named {
    bool columns, others;
};

static void classify(struct check *c, struct expr *e, struct named *out)
{
    if (e->kind == EXPR_CALL && check_find_written(c, e)) {
        out->columns = true;
        return;
    }
    if (e->kind == EXPR_NAME) {
        struct bytes rest;

        if (scope_reach(&c->rows, e->text, &rest))
            out->columns = true;
        else
            out->others = true;
    }
    for (size_t i = 0; i < e->n_args; i++)
        classify(c, e->args[i], out);
}

/* A conjunct on fields that stats removed acts before stats, as AWS's samples need it. */
static enum err hoist(struct check *c, struct scope *before, struct expr *e)
{
    struct scope rows = c->rows;
    struct command *moved;
    enum err err;

    c->rows = *before;
    c->stats_seen--;
    err = check_whole(c, e);
    *before = c->rows;
    c->rows = rows;
    c->stats_seen++;
    TRY(err);
    moved = query_add_command(c->query, COMMAND_FILTER, e->offset, e->length);
    moved->expr = e;
    moved->hoisted = true;
    query_notice_add(c->query, "a filter behind stats on fields of the events was applied "
                               "before stats");
    return ERR_OK;
}

static enum err check_having(struct check *c, struct scope *before, struct command *filter)
{
    struct expr single = {.kind = EXPR_AND, .n_args = 1, .args = &filter->expr};
    struct expr *all = filter->expr->kind == EXPR_AND ? filter->expr : &single;
    struct expr *kept = NULL;

    for (size_t i = 0; i < all->n_args; i++) {
        struct expr *e = all->args[i];
        struct named named = {0};

        classify(c, e, &named);
        if (named.others && named.columns)
            return query_fail(
                c->query, c->error, e->offset, e->length,
                "behind stats one condition cannot use both a column of stats and "
                "a field from before it");
        if (named.others && c->stats_seen == 1) {
            TRY(hoist(c, before, e));
            continue;
        }
        TRY(check_whole(c, e));
        kept = kept ? expr_with(c->query, EXPR_AND, OP_EQ, kept, e) : e;
    }
    filter->expr = kept;
    return ERR_OK;
}

static size_t glob_stars(struct bytes glob)
{
    size_t stars = 0;

    for (size_t i = 0; i < glob.len; i++)
        stars += glob.ptr[i] == '*';
    return stars;
}

/* The pattern of a parse with wildcards: each * takes as little as it can, a last one the rest.
 */
static struct expr *glob_pattern(struct check *c, const struct expr *glob)
{
    struct expr *regex = expr_new(c->query, EXPR_REGEX, glob->offset, glob->length);
    struct buffer text = {0};

    buffer_add_text(&text, "(?s)");
    for (size_t i = 0; i < glob->text.len; i++) {
        unsigned char ch = (unsigned char)glob->text.ptr[i];

        if (ch == '*')
            buffer_add_text(&text, i + 1 == glob->text.len ? "(.*)" : "(.*?)");
        else if (ch < 0x20 || ch == 0x7f)
            buffer_printf(&text, "\\x%02x", ch);
        else if (strchr("\\^$.|?+()[]{}", ch))
            buffer_printf(&text, "\\%c", ch);
        else
            buffer_add_char(&text, (char)ch);
    }
    regex->text = arena_copy(&c->query->arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return regex;
}

static void bind_capture(struct check *c, struct bytes name, struct expr *call, unsigned group)
{
    struct expr *e = expr_new(c->query, EXPR_NAME, call->offset, call->length);

    e->text = name;
    e->name = (struct name){.kind = NAME_CAPTURE, .column = group, .target = call};
    e->depth = call->depth + 1;
    e->weight = call->weight + 1;
    scope_bind(&c->rows, (struct binding){.name = name, .target = e});
}

static enum err bind_groups(struct check *c, struct command *parse, struct expr *call)
{
    struct match_group groups[MATCH_MAX_GROUPS];
    struct buffer message = {0};
    struct match *m = NULL;
    size_t offset, count;

    TRY(match_new(MATCH_REGEX, parse->pattern->text, parse->pattern->caseless, &m, &message,
                  &offset));
    count = match_groups(m, groups, ARRAY_LEN(groups));
    for (size_t i = 0; i < count && i < ARRAY_LEN(groups); i++)
        bind_capture(c, arena_copy(&c->query->arena, groups[i].name), call, groups[i].number);
    match_free(m);
    buffer_deinit(&message);
    if (count == 0 || count > ARRAY_LEN(groups))
        return query_fail(c->query, c->error, parse->pattern->offset, parse->pattern->length,
                          "parse expects named groups (?<name>...), 1 to %d", MATCH_MAX_GROUPS);
    return ERR_OK;
}

static enum err check_parse(struct check *c, struct command *parse)
{
    struct expr *call = expr_new(c->query, EXPR_CALL, parse->offset, parse->length);
    struct expr *pattern = parse->pattern;

    if (!parse->expr) {
        parse->expr = expr_new(c->query, EXPR_NAME, parse->offset, parse->length);
        parse->expr->text = bytes_of("@message");
    }
    TRY(check_whole(c, parse->expr));
    call->weight = parse->expr->weight + 2;
    call->text = bytes_of("parse");
    call->function = FUNCTION_PARSE;
    expr_add(c->query, call, parse->expr);
    if (pattern->kind == EXPR_REGEX) {
        TRY(check_pattern(c, pattern));
        expr_add(c->query, call, pattern);
        return bind_groups(c, parse, call);
    }
    if (glob_stars(pattern->text) != parse->n_items || parse->n_items >= MATCH_MAX_GROUPS)
        return query_fail(c->query, c->error, pattern->offset, pattern->length,
                          "%zu wildcards but %zu names behind as", glob_stars(pattern->text),
                          parse->n_items);
    expr_add(c->query, call, glob_pattern(c, pattern));
    for (size_t i = 0; i < parse->n_items; i++)
        bind_capture(c, parse->items[i].key, call, (unsigned)i + 1);
    return ERR_OK;
}

/* The name stands for one element after another. */
static enum err check_unnest(struct check *c, struct command *unnest)
{
    struct item *item = &unnest->items[0];
    size_t number = 0;

    for (size_t i = 0; c->query->commands[i] != unnest; i++)
        number += c->query->commands[i]->kind == COMMAND_UNNEST;
    if (c->stats_seen)
        return query_fail(c->query, c->error, unnest->offset, unnest->length,
                          "unnest behind stats is not supported: put it before stats");
    if (number >= QUERY_MAX_UNNEST)
        return query_fail(c->query, c->error, unnest->offset, unnest->length,
                          "more than %d unnest in one query", QUERY_MAX_UNNEST);
    TRY(check_whole(c, unnest->expr));
    item->expr = expr_new(c->query, EXPR_NAME, item->offset, item->length);
    item->expr->text = item->key;
    item->expr->name =
        (struct name){.kind = NAME_ITEM, .column = number, .target = unnest->expr};
    item->expr->depth = unnest->expr->depth + 1;
    item->expr->weight = unnest->expr->weight + 1;
    bind_alias(c, item);
    return ERR_OK;
}

static void bind_column(struct check *c, struct scope *s, const struct item *item,
                        size_t column)
{
    struct bytes written = check_written(c, item->expr);

    struct binding b = {.column = column, .origin = item->expr, .written = written};

    b.name = item->expr->text;
    if (item->expr->kind == EXPR_NAME && !bytes_equal(b.name, item->name))
        scope_bind(s, b);
    /* `count(*)`: the column by its own heading. */
    if (item->expr->kind != EXPR_NAME && !item->has_alias) {
        struct lexer lexer = {.query = c->query};

        b.name = lexer_canonical(&lexer, item->name);
        scope_bind(s, b);
    }
    b.name = item->has_alias ? item->key : item->name;
    scope_bind(s, b);
}

static enum err check_results(struct check *c, struct command *stats, struct scope *result)
{
    for (size_t i = 0; i < stats->n_by; i++) {
        TRY(check_whole(c, stats->by[i].expr));
        bind_column(c, result, &stats->by[i], i);
        if (stats->by[i].has_alias)
            scope_bind(&c->rows,
                       (struct binding){.name = stats->by[i].key, .target = stats->by[i].expr});
    }
    c->place = PLACE_RESULT;
    c->result = result;
    for (size_t i = 0; i < stats->n_items; i++) {
        TRY(check_whole(c, stats->items[i].expr));
        bind_column(c, result, &stats->items[i], stats->n_by + i);
    }
    return ERR_OK;
}

static enum err check_stats(struct check *c, struct command *stats, struct scope *before)
{
    struct scope result = {0};
    enum err err = check_results(c, stats, &result);

    c->place = PLACE_ROW;
    c->result = NULL;
    mem_free(c->columns.items);
    c->columns = result;
    TRY(err);
    if (c->stats_seen == 0)
        *before = c->rows;
    else
        mem_free(c->rows.items);
    c->rows = (struct scope){0};
    for (size_t i = 0; i < result.count; i++)
        scope_bind(&c->rows, result.items[i]);
    c->stats_seen++;
    return ERR_OK;
}

static void note_no_effect(struct check *c, const struct item *item)
{
    struct buffer names = {0};

    /* The last name of a column is its heading. */
    for (size_t i = 0; i < c->columns.count; i++) {
        if (i + 1 < c->columns.count &&
            c->columns.items[i + 1].column == c->columns.items[i].column)
            continue;
        if (names.len)
            buffer_add_text(&names, ", ");
        buffer_add(&names, c->columns.items[i].name);
    }
    query_notice_add(c->query, "sort %.*s has no effect: the columns are %.*s",
                     (int)item->name.len, item->name.ptr, (int)names.len,
                     names.ptr ? names.ptr : "");
    buffer_deinit(&names);
}

/* `sort @timestamp` behind stats: the bins, when there is a group of them; else nothing. */
static void sort_without_column(struct check *c, struct item *item, const struct command *stats)
{
    bool time = name_resolve(item->expr->text).kind == NAME_TIME;

    for (size_t i = 0; time && i < stats->n_by; i++) {
        const struct expr *by = expr_target(stats->by[i].expr);

        if (by->kind == EXPR_CALL && by->function >= FUNCTION_BIN &&
            by->function <= FUNCTION_DATECEIL) {
            item->expr->name = (struct name){.kind = NAME_COLUMN, .column = i};
            query_notice_add(c->query, "sort @timestamp after stats was read as sort %.*s",
                             (int)stats->by[i].name.len, stats->by[i].name.ptr);
            return;
        }
    }
    note_no_effect(c, item);
    item->expr = NULL;
}

static enum err check_sort(struct check *c, struct command *sort, const struct command *stats)
{
    for (size_t i = 0; i < sort->n_items; i++) {
        struct item *item = &sort->items[i];

        struct bytes rest;

        if (stats && item->expr->kind == EXPR_NAME &&
            !scope_reach(&c->rows, item->expr->text, &rest))
            sort_without_column(c, item, stats);
        else
            TRY(check_whole(c, item->expr));
    }
    return ERR_OK;
}

/* sort, limit and dedup before the last of several stats have no meaning; behind dedup only
 * limit may stand. */
static enum err check_order(struct query *q, struct query_error *error)
{
    size_t last_stats = 0, stats = count_kind(q, COMMAND_STATS);
    bool dedup = false;

    for (size_t i = 0; i < q->n_commands; i++) {
        if (q->commands[i]->kind == COMMAND_STATS)
            last_stats = i;
    }
    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];
        bool ordering =
            c->kind == COMMAND_SORT || c->kind == COMMAND_LIMIT || c->kind == COMMAND_DEDUP;

        if (ordering && stats > 1 && i < last_stats)
            return query_fail(q, error, c->offset, c->length,
                              "sort, limit and dedup cannot stand before the last stats");
        if (dedup && c->kind != COMMAND_LIMIT)
            return query_fail(q, error, c->offset, c->length, "only limit may follow dedup");
        dedup = dedup || c->kind == COMMAND_DEDUP;
    }
    return ERR_OK;
}

static enum err check_command(struct check *c, struct command *command, struct scope *before)
{
    switch (command->kind) {
    case COMMAND_FIELDS:
    case COMMAND_DISPLAY:
        return check_items(c, command->items, command->n_items);
    case COMMAND_FILTER:
        if (c->stats_seen)
            return check_having(c, before, command);
        return check_whole(c, command->expr);
    case COMMAND_PARSE:
        return check_parse(c, command);
    case COMMAND_STATS:
        return check_stats(c, command, before);
    case COMMAND_UNNEST:
        return check_unnest(c, command);
    case COMMAND_SORT:
    case COMMAND_DEDUP:
    case COMMAND_LIMIT:
        break;
    }
    return ERR_OK;
}

static enum err check_all(struct check *c, struct scope *before)
{
    struct query *q = c->query;
    size_t count = q->n_commands;
    const struct command *stats = NULL;

    TRY(check_order(q, c->error));
    for (size_t i = 0; i < count; i++) {
        TRY(check_command(c, q->commands[i], before));
        if (q->commands[i]->kind == COMMAND_STATS)
            stats = q->commands[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (q->commands[i]->kind == COMMAND_SORT)
            TRY(check_sort(c, q->commands[i], stats));
        else if (q->commands[i]->kind == COMMAND_DEDUP)
            TRY(check_items(c, q->commands[i]->items, q->commands[i]->n_items));
    }
    return ERR_OK;
}

enum err stages_check(struct query *q, struct query_error *error)
{
    struct check c = {.query = q, .error = error};
    struct scope before = {0};
    enum err err = check_all(&c, &before);

    mem_free(c.rows.items);
    mem_free(c.columns.items);
    mem_free(before.items);
    return err;
}

static bool constant_time(const struct expr *e, int64_t *out_us)
{
    if (e->kind == EXPR_TIME) {
        *out_us = e->time_us;
        return true;
    }
    return e->kind == EXPR_STRING && instant_parse(e->text, out_us);
}

static void narrow(struct query *q, const struct expr *e)
{
    int64_t at;

    if (e->kind == EXPR_AND) {
        for (size_t i = 0; i < e->n_args; i++)
            narrow(q, e->args[i]);
        return;
    }
    if (e->kind != EXPR_COMPARE || e->op == OP_NE ||
        expr_target(e->args[0])->kind != EXPR_NAME ||
        expr_target(e->args[0])->name.kind != NAME_TIME || !constant_time(e->args[1], &at))
        return;
    if (e->op == OP_GE || e->op == OP_GT || e->op == OP_EQ) {
        int64_t from = at + (e->op == OP_GT);

        if (q->from_us == INSTANT_NONE || from > q->from_us)
            q->from_us = from;
    }
    if (e->op == OP_LE || e->op == OP_LT || e->op == OP_EQ) {
        int64_t to = at - (e->op == OP_LT);

        if (q->to_us == INSTANT_NONE || to < q->to_us)
            q->to_us = to;
    }
}

/* One end of the time range, or of all events when the query leaves it open; INSTANT_NONE when
 * neither is known. */
static int64_t window_end(const struct query *q, bool last)
{
    int64_t own = last ? q->to_us : q->from_us;
    int64_t all = last ? q->options.last_event_us : q->options.first_event_us;

    if (own != INSTANT_NONE || q->options.last_event_us == INSTANT_NONE)
        return own;
    return all;
}

static double milliseconds(int64_t at_us)
{
    return at_us == INSTANT_NONE ? (double)NAN : floor((double)at_us / 1000);
}

static void fix_times(const struct query *q, struct expr *e)
{
    double from = milliseconds(window_end(q, false)), to = milliseconds(window_end(q, true));

    if (e->kind == EXPR_CALL && e->function == FUNCTION_NOW)
        e->number = floor(milliseconds(q->options.now_us) / 1000);
    if (e->kind == EXPR_CALL && e->function == FUNCTION_QUERY_START)
        e->number = from;
    if (e->kind == EXPR_CALL && e->function == FUNCTION_QUERY_END)
        e->number = to;
    if (e->kind == EXPR_CALL && e->function == FUNCTION_QUERY_RANGE)
        e->number = to - from;
    for (size_t i = 0; i < e->n_args; i++)
        fix_times(q, e->args[i]);
}

static void fix_items(const struct query *q, const struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].expr)
            fix_times(q, items[i].expr);
    }
}

void stages_fix_times(struct query *q)
{
    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];

        if (c->expr)
            fix_times(q, c->expr);
        fix_items(q, c->items, c->n_items);
        fix_items(q, c->by, c->n_by);
    }
}

void stages_find_range(struct query *q)
{
    size_t stats = q->n_commands;

    q->from_us = q->to_us = INSTANT_NONE;
    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];

        if (c->kind == COMMAND_STATS && stats == q->n_commands)
            stats = i;
        if (c->kind == COMMAND_FILTER && c->expr && (i < stats || c->hoisted))
            narrow(q, c->expr);
    }
}
