#include "core/asking/value.h"

#include "core/reading/explain.h"

void value_reader_init(struct value_reader *v, const struct store *store,
                       struct archive *archive, struct extract *records, struct arena *memory)
{
    *v = (struct value_reader){.store = store,
                               .dictionaries = store_dictionaries(store),
                               .archive = archive,
                               .records = records,
                               .memory = memory};
}

void value_reader_deinit(struct value_reader *v)
{
    unwrapper_deinit(&v->unwrapped);
}

void value_turn(struct value_reader *v, size_t chunk_number, size_t row)
{
    if (!v->chunk || v->chunk_number != chunk_number) {
        v->chunk = store_chunk(v->store, chunk_number);
        v->chunk_number = chunk_number;
    }
    v->row = row;
    v->has_record = v->failed_record = false;
}

bool value_speaks(uint32_t formats, enum format f)
{
    return f < FORMAT_COUNT && (formats >> f & 1);
}

struct datum value_of_file(const struct file *f, const struct expr *name)
{
    if (name->name.kind == NAME_INGESTION)
        return datum_of_time(f->facts.delivered_us);
    return datum_of_text(f->path);
}

static enum format format_of(const struct value_reader *v)
{
    uint64_t id = column_get(&v->chunk->ids[FIELD_FORMAT], v->row);

    return id >= DICTIONARY_FIRST_TEXT ? (enum format)(id - DICTIONARY_FIRST_TEXT)
                                       : FORMAT_COUNT;
}

static struct datum field_datum(struct value_reader *v, enum field_id field)
{
    enum value_state state;
    struct bytes text =
        chunk_text(v->chunk, v->row, field, v->dictionaries, v->scratch, &state);

    if (state != VALUE_TEXT)
        return datum_of_state(state);
    /* Two such names may stand in one expression. */
    if (text.ptr == v->scratch)
        text = arena_copy(v->memory, text);
    return datum_of_text(text);
}

static const struct file *file_of(struct value_reader *v)
{
    uint32_t id = (uint32_t)column_get(&v->chunk->file, v->row);

    if (!v->file || v->file->id != id)
        v->file = v->archive ? archive_file(v->archive, id) : NULL;
    return v->file;
}

/* account:file */
static struct datum log_datum(struct value_reader *v, const struct file *f)
{
    struct buffer text = {0};
    struct datum d;

    buffer_add(&text, field_datum(v, FIELD_ACCOUNT).text);
    buffer_add_char(&text, ':');
    buffer_add(&text, f->path);
    d = datum_of_text(arena_copy(v->memory, buffer_bytes(&text)));
    buffer_deinit(&text);
    return d;
}

/* What stands around the record says where it was logged, and when. */
static bool log_says(const struct value_reader *v, const struct expr *name, struct datum *out)
{
    const struct chunk *c = v->chunk;
    uint64_t value = column_get(name->name.kind == NAME_STREAM ? &c->stream
                                : name->name.kind == NAME_LOG  ? &c->log
                                                               : &c->ingested,
                                v->row);

    if (name->name.kind == NAME_FILE || value == 0)
        return false;
    *out = name->name.kind == NAME_INGESTION
               ? datum_of_time((int64_t)value)
               : datum_of_text(dictionary_text(v->dictionaries[FIELD_COUNT], (uint32_t)value));
    return true;
}

static struct datum file_datum(struct value_reader *v, const struct expr *name)
{
    const struct file *f;
    struct datum d;

    if (log_says(v, name, &d))
        return d;
    f = file_of(v);
    if (!f)
        return (struct datum){.kind = DATUM_MISSING};
    return name->name.kind == NAME_LOG ? log_datum(v, f) : value_of_file(f, name);
}

static struct wrapped wrapped_of(const struct value_reader *v)
{
    return event_wrapped((uint32_t)column_get(&v->chunk->flags, v->row));
}

/* The value of a path, where it is kept. */
static bool kept_datum(const struct value_reader *v, const struct expr *name, struct datum *out)
{
    const struct column *c;
    size_t path;

    if (!v->paths || name->name.kind != NAME_PATH)
        return false;
    path = paths_find(v->paths, name->text);
    c = path < PATHS_MAX ? paths_column(v->paths, path, v->chunk_number) : NULL;
    if (c)
        *out = paths_datum(v->paths, path, (uint32_t)column_get(c, v->row));
    return c != NULL;
}

static struct datum record_datum(struct value_reader *v, const struct expr *name)
{
    struct datum d;

    if (kept_datum(v, name, &d))
        return d;
    if (!v->has_record) {
        v->failed_record =
            !v->records ||
            !extract_record(v->records, row_make(v->chunk_number, v->row), &v->record);
        v->has_record = true;
        if (!v->failed_record)
            v->record = unwrap(&v->unwrapped, v->record, wrapped_of(v));
    }
    if (v->failed_record)
        return (struct datum){.kind = DATUM_UNDECIDED};
    if (name->name.kind == NAME_MESSAGE)
        d = datum_of_text(v->record);
    else
        d = extract_find(v->record, name->text, v->memory);
    /* The record's memory is the reader's, and passes with the next record. */
    if (d.kind == DATUM_TEXT && !v->borrows)
        d.text = arena_copy(v->memory, d.text);
    return d;
}

/* The plain sentences about the row. */
static struct datum explanation(const struct value_reader *v)
{
    struct value values[FIELD_COUNT];
    char scratch[FIELD_COUNT][UNIQUE_TEXT_BYTES];
    struct buffer text = {0};
    struct datum d;

    store_values(v->store, row_make(v->chunk_number, v->row), values, scratch);
    explain_event(values, &text);
    d = datum_of_text(arena_copy(v->memory, buffer_bytes(&text)));
    buffer_deinit(&text);
    return d;
}

static struct datum iso_time(const struct value_reader *v)
{
    struct datum d = datum_of_time(chunk_time(v->chunk, v->row));

    if (!value_speaks(FORMATS_RECORDS, format_of(v)))
        return (struct datum){.kind = DATUM_MISSING};
    d.iso = true;
    return d;
}

struct datum value_of(struct value_reader *v, const struct expr *name)
{
    switch (name->name.kind) {
    case NAME_FIELD:
        return field_datum(v, name->name.field);
    case NAME_NATIVE:
        if (value_speaks(name->name.formats, format_of(v)))
            return field_datum(v, name->name.field);
        if (value_speaks(name->name.others, format_of(v)))
            return record_datum(v, name);
        break;
    case NAME_TIME:
        return datum_of_time(chunk_time(v->chunk, v->row));
    case NAME_TIME_ISO:
        return iso_time(v);
    case NAME_OFFSET:
        return datum_of_number((double)column_get(&v->chunk->offset, v->row));
    case NAME_FILE:
    case NAME_STREAM:
    case NAME_LOG:
    case NAME_INGESTION:
        return file_datum(v, name);
    case NAME_EXPLANATION:
        return explanation(v);
    case NAME_MESSAGE:
    case NAME_PATH:
        return record_datum(v, name);
    case NAME_UNRESOLVED:
    case NAME_ANY:
    case NAME_ALIAS:
    case NAME_COLUMN:
    case NAME_CAPTURE:
    case NAME_ITEM:
    case NAME_BELOW:
        break;
    }
    return (struct datum){.kind = DATUM_MISSING};
}

bool value_needs_record(const struct expr *e)
{
    if (expr_source(e))
        return value_needs_record(expr_source(e));
    if (e->kind == EXPR_NAME)
        return e->name.kind == NAME_PATH || e->name.kind == NAME_MESSAGE;
    for (size_t i = 0; i < e->n_args; i++) {
        if (value_needs_record(e->args[i]))
            return true;
    }
    return false;
}
