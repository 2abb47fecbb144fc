#include "core/query/filters.h"

#include <stdatomic.h>

#include "core/base/mem.h"

/* One condition, shared by every list that has it. */
struct condition {
    struct buffer text;
    struct query *query;
    unsigned uses;
};

struct entry {
    struct condition *condition;
    bool enabled;
};

struct filters {
    struct entry *entries;
    size_t count;
    _Atomic unsigned uses; /* a scan under way holds its filters too */
};

struct filters *filters_new(void)
{
    struct filters *f = mem_alloc(sizeof *f);

    f->uses = 1;
    return f;
}

struct filters *filters_hold(struct filters *f)
{
    f->uses++;
    return f;
}

static void condition_release(struct condition *c)
{
    if (--c->uses)
        return;
    buffer_deinit(&c->text);
    query_free(c->query);
    mem_free(c);
}

void filters_release(struct filters *f)
{
    if (!f || --f->uses)
        return;
    for (size_t i = 0; i < f->count; i++)
        condition_release(f->entries[i].condition);
    mem_free(f->entries);
    mem_free(f);
}

size_t filters_count(const struct filters *f)
{
    return f->count;
}

struct bytes filters_text(const struct filters *f, size_t i)
{
    return buffer_bytes(&f->entries[i].condition->text);
}

bool filters_enabled(const struct filters *f, size_t i)
{
    return f->entries[i].enabled;
}

const struct query *filters_query(const struct filters *f, size_t i)
{
    return f->entries[i].condition->query;
}

/* A copy with room for one more entry. */
static struct filters *copy(const struct filters *f)
{
    struct filters *made = filters_new();

    made->entries = mem_array(f->count + 1, sizeof *made->entries);
    for (size_t i = 0; i < f->count; i++) {
        made->entries[i] = f->entries[i];
        made->entries[i].condition->uses++;
    }
    made->count = f->count;
    return made;
}

static enum err condition_new(struct bytes text, const struct query_options *options,
                              struct condition **out, struct query_error *error)
{
    struct condition *made;
    struct query *query;

    TRY(query_parse(text, options, &query, error));
    if (!query_is_filter(query)) {
        query_free(query);
        buffer_add_text(&error->message,
                        "this query makes a table; a filter only chooses events");
        error->line = error->column = 1;
        return ERR_QUERY;
    }
    made = mem_alloc(sizeof *made);
    buffer_add(&made->text, query_is_relative(query) ? query_text(query) : text);
    made->query = query;
    made->uses = 1;
    *out = made;
    return ERR_OK;
}

enum err filters_add(const struct filters *f, struct bytes text,
                     const struct query_options *options, struct filters **out,
                     struct query_error *error)
{
    struct condition *condition;
    struct filters *made;

    for (size_t i = 0; i < f->count; i++) {
        if (bytes_equal(filters_text(f, i), text)) {
            made = copy(f);
            made->entries[i].enabled = true;
            *out = made;
            return ERR_OK;
        }
    }
    TRY(condition_new(text, options, &condition, error));
    made = copy(f);
    made->entries[made->count++] = (struct entry){condition, true};
    *out = made;
    return ERR_OK;
}

struct filters *filters_add_rows(const struct filters *f, struct bytes label,
                                 const row_id *rows, size_t n_rows)
{
    struct condition *condition = mem_alloc(sizeof *condition);
    struct filters *made = copy(f);

    buffer_add(&condition->text, label);
    condition->query = query_of_rows(label, rows, n_rows);
    condition->uses = 1;
    made->entries[made->count++] = (struct entry){condition, true};
    return made;
}

enum err filters_edit(const struct filters *f, size_t i, struct bytes text,
                      const struct query_options *options, struct filters **out,
                      struct query_error *error)
{
    struct condition *condition;
    struct filters *made;

    TRY(condition_new(text, options, &condition, error));
    made = copy(f);
    condition_release(made->entries[i].condition);
    made->entries[i] = (struct entry){condition, true};
    *out = made;
    return ERR_OK;
}

struct filters *filters_toggle(const struct filters *f, size_t i)
{
    struct filters *made = copy(f);

    made->entries[i].enabled = !made->entries[i].enabled;
    return made;
}

struct filters *filters_without(const struct filters *f, size_t i)
{
    struct filters *made = copy(f);

    condition_release(made->entries[i].condition);
    made->count--;
    memmove(made->entries + i, made->entries + i + 1,
            (made->count - i) * sizeof *made->entries);
    return made;
}

size_t filters_enabled_queries(const struct filters *f, const struct query **out)
{
    size_t count = 0;

    for (size_t i = 0; i < f->count; i++) {
        if (f->entries[i].enabled)
            out[count++] = f->entries[i].condition->query;
    }
    return count;
}
