#include "core/asking/rows.h"

static struct bytes record_of(struct rows *r)
{
    if (!r->has_record) {
        r->failed_record = !extract_record(r->records, r->row, &r->record);
        r->has_record = true;
    }
    return r->failed_record ? (struct bytes){0} : r->record;
}

static struct datum log_name(struct rows *r, const struct file *f, const struct chunk *c)
{
    struct expr account = {
        .kind = EXPR_NAME, .name = {.kind = NAME_FIELD, .field = FIELD_ACCOUNT}
    };
    struct datum d = bitmap_name(c, row_in_chunk(r->row), store_dictionaries(r->index->store),
                                 &account, r->scratch);
    struct buffer text = {0};

    buffer_add(&text, d.text);
    buffer_add_char(&text, ':');
    buffer_add(&text, f->path);
    d = datum_of_text(arena_copy(&r->eval.memory, buffer_bytes(&text)));
    buffer_deinit(&text);
    return d;
}

static struct datum file_name(struct rows *r, const struct expr *name, const struct chunk *c)
{
    const struct file *f = archive_file(r->archive, store_place(r->index->store, r->row).file);

    if (name->name.kind == NAME_FILE)
        return datum_of_text(f->path);
    if (name->name.kind == NAME_INGESTION)
        return datum_of_time(f->facts.delivered_us);
    return log_name(r, f, c);
}

static struct datum record_value(struct rows *r, const struct expr *name)
{
    struct bytes record = record_of(r);
    struct datum d;

    if (r->failed_record)
        return (struct datum){.kind = DATUM_MISSING};
    if (name->name.kind == NAME_MESSAGE)
        d = datum_of_text(record);
    else
        d = extract_find(record, name->text, &r->eval.memory);
    /* The record's memory is the reader's, and passes with the next record. */
    if (d.kind == DATUM_TEXT)
        d.text = arena_copy(&r->eval.memory, d.text);
    return d;
}

static struct datum rows_name(struct eval *e, const struct expr *name)
{
    struct rows *r = e->row;
    const struct chunk *c;
    struct datum d;

    if (name->name.kind == NAME_COLUMN)
        return r->columns ? r->columns[name->name.column] : (struct datum){0};
    if (r->columns)
        return (struct datum){.kind = DATUM_MISSING};
    c = store_chunk(r->index->store, row_chunk(r->row));
    switch (name->name.kind) {
    case NAME_FILE:
    case NAME_LOG:
    case NAME_INGESTION:
        return file_name(r, name, c);
    case NAME_MESSAGE:
    case NAME_PATH:
        return record_value(r, name);
    case NAME_UNRESOLVED:
    case NAME_FIELD:
    case NAME_NATIVE:
    case NAME_TIME:
    case NAME_TIME_ISO:
    case NAME_ANY:
    case NAME_OFFSET:
    case NAME_ALIAS:
    case NAME_COLUMN:
    case NAME_CAPTURE:
        break;
    }
    d = bitmap_name(c, row_in_chunk(r->row), store_dictionaries(r->index->store), name,
                    r->scratch);
    if (d.kind == DATUM_TEXT && d.text.ptr == r->scratch)
        d.text = arena_copy(&e->memory, d.text);
    return d;
}

void rows_init(struct rows *r, const struct query *q, const struct index *index,
               struct archive *archive, struct load *load)
{
    *r = (struct rows){.index = index, .archive = archive};
    for (size_t i = 0; i < q->n_commands; i++) {
        const struct command *c = q->commands[i];

        if (c->expr && c->kind == COMMAND_FILTER)
            eval_patterns_add(&r->patterns, c->expr);
        for (size_t j = 0; j < c->n_items; j++) {
            if (c->items[j].expr)
                eval_patterns_add(&r->patterns, c->items[j].expr);
        }
        for (size_t j = 0; j < c->n_by; j++)
            eval_patterns_add(&r->patterns, c->by[j].expr);
    }
    eval_patterns_seal(&r->patterns);
    eval_init(&r->eval, q, &r->patterns, rows_name);
    r->eval.row = r;
    r->records = extract_new(index->store, archive, load);
}

void rows_deinit(struct rows *r)
{
    eval_deinit(&r->eval);
    eval_patterns_deinit(&r->patterns);
    extract_free(r->records);
}

void rows_turn(struct rows *r, row_id row)
{
    r->row = row;
    r->columns = NULL;
    r->has_record = r->failed_record = false;
}

void rows_turn_result(struct rows *r, const struct datum *columns)
{
    r->columns = columns;
}

bool rows_needs_record(const struct expr *e)
{
    e = expr_target(e);
    if (e->kind == EXPR_NAME) {
        if (e->name.kind == NAME_CAPTURE)
            return rows_needs_record(e->name.target);
        return e->name.kind == NAME_PATH || e->name.kind == NAME_MESSAGE ||
               e->name.kind == NAME_FILE || e->name.kind == NAME_LOG ||
               e->name.kind == NAME_INGESTION;
    }
    for (size_t i = 0; i < e->n_args; i++) {
        if (rows_needs_record(e->args[i]))
            return true;
    }
    return false;
}
