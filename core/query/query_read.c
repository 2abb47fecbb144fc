/* From the text of a query to its checked plan. */
#include "core/base/mem.h"

#include "core/query/query.h"
#include "core/query/query_commands.h"
#include "core/query/query_stages.h"
#include "core/query/query_terms.h"
#include "core/query/query_write.h"

static enum err parse_all(struct query *q, struct query_error *error)
{
    struct lexer blank = {.query = q, .error = error, .text = q->source};
    struct parser parser;
    size_t at;

    lexer_skip_blank(&blank);
    at = blank.at;
    if (!parse_is_query(q->source, at)) {
        struct expr *terms;

        TRY(terms_parse(q, error, &at, &terms));
        if (terms) {
            struct command *c = query_add_command(q, COMMAND_FILTER, terms->offset, 1);

            c->expr = terms;
        }
        if (at >= q->source.len)
            return ERR_OK;
    }
    parser_init(&parser, q, error, at);
    return parse_commands(&parser);
}

static enum err parse_and_check(struct query *q, struct query_error *error)
{
    struct buffer text = {0};
    struct placeholder waiting;

    if (q->source.len > QUERY_MAX_BYTES)
        return query_fail(q, error, 0, 0, "the query is longer than %d bytes", QUERY_MAX_BYTES);
    if (placeholder_find(q->source, &waiting))
        return query_fail_placeholder(q, error, &waiting);
    TRY(parse_all(q, error));
    if (q->n_nodes > QUERY_MAX_NODES)
        return query_fail(q, error, 0, 0, "the query has over %d parts", QUERY_MAX_NODES);
    write_commands(&text, q);
    q->text = arena_copy(&q->arena, buffer_bytes(&text));
    buffer_deinit(&text);
    TRY(stages_check(q, error));
    stages_find_range(q);
    stages_fix_times(q);
    q->is_filter = true;
    for (size_t i = 0; i < q->n_commands; i++)
        q->is_filter = q->is_filter && q->commands[i]->kind == COMMAND_FILTER;
    return ERR_OK;
}

enum err query_parse(struct bytes text, const struct query_options *options, struct query **out,
                     struct query_error *error)
{
    struct query *q = mem_alloc(sizeof *q);
    enum err err;

    *error = (struct query_error){0};
    q->options = *options;
    q->source = text.len > QUERY_MAX_BYTES ? text : arena_copy(&q->arena, text);
    err = parse_and_check(q, error);
    if (err != ERR_OK) {
        /* The query's copy of the text goes now. */
        if (error->placeholder.len)
            error->placeholder.ptr = text.ptr + (error->placeholder.ptr - q->source.ptr);
        query_free(q);
        return err;
    }
    /* A try that was taken back may have left words behind. */
    query_error_deinit(error);
    *error = (struct query_error){0};
    *out = q;
    return ERR_OK;
}
