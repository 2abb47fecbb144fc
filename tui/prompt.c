#include "tui/prompt.h"

#include "core/base/mem.h"

void candidates_add(struct candidates *c, struct bytes item, struct bytes note)
{
    size_t cap = c->cap;

    mem_grow(&c->items, &cap, c->count + 1, sizeof *c->items);
    mem_grow(&c->notes, &c->cap, c->count + 1, sizeof *c->notes);
    c->items[c->count] = c->notes[c->count] = (struct buffer){0};
    buffer_add(&c->items[c->count], item);
    buffer_add(&c->notes[c->count], note);
    c->count++;
}

void candidates_clear(struct candidates *c)
{
    for (size_t i = 0; i < c->count; i++) {
        buffer_deinit(&c->items[i]);
        buffer_deinit(&c->notes[i]);
    }
    c->count = 0;
}

static void drop_offers(struct prompt *p)
{
    ask_cancel(p->asking);
    p->asking = NULL;
    candidates_clear(&p->candidates);
}

void prompt_open(struct prompt *p, const struct prompt_kind *kind, struct edit_history *history,
                 struct bytes text)
{
    prompt_close(p);
    p->kind = kind;
    p->history = history;
    edit_set(&p->edit, text);
    if (history)
        history->at = history->count;
}

void prompt_close(struct prompt *p)
{
    drop_offers(p);
    p->kind = NULL;
    p->error_len = 0;
    buffer_clear(&p->meaning);
    buffer_clear(&p->title);
    buffer_clear(&p->pending);
    buffer_clear(&p->place);
    filters_release(p->within);
    p->within = NULL;
}

/* What the line stands for by now. */
static void understand(struct prompt *p, const struct query_options *options)
{
    struct query_error error = {0};
    struct query *query = NULL;

    p->error_len = 0;
    buffer_clear(&p->meaning);
    if (!p->kind || !p->kind->is_query || edit_text(&p->edit).len == 0)
        return;
    p->refused = query_parse(edit_text(&p->edit), options, &query, &error) != ERR_OK;
    if (p->refused) {
        buffer_add(&p->meaning, buffer_bytes(&error.message));
        p->error_at = error.offset;
        p->error_len = error.length;
    } else {
        buffer_add(&p->meaning, query_text(query));
        query_free(query);
    }
    query_error_deinit(&error);
}

void prompt_replace(struct prompt *p, struct bytes text, const struct query_options *options)
{
    edit_replace(&p->edit, p->complete_from, text);
    understand(p, options);
}

void prompt_changed(struct prompt *p, const struct query_options *options)
{
    drop_offers(p);
    understand(p, options);
}

void prompt_deinit(struct prompt *p)
{
    prompt_close(p);
    mem_free(p->candidates.items);
    mem_free(p->candidates.notes);
    buffer_deinit(&p->meaning);
    buffer_deinit(&p->title);
    buffer_deinit(&p->pending);
    buffer_deinit(&p->place);
    edit_deinit(&p->edit);
}
