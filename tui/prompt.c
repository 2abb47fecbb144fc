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

void prompt_open(struct prompt *p, const struct prompt_kind *kind, struct edit_history *history,
                 struct bytes text)
{
    p->kind = kind;
    p->history = history;
    p->error_len = 0;
    candidates_clear(&p->candidates);
    edit_set(&p->edit, text);
    if (history)
        history->at = history->count;
}

void prompt_close(struct prompt *p)
{
    p->kind = NULL;
    p->error_len = 0;
    candidates_clear(&p->candidates);
}

void prompt_deinit(struct prompt *p)
{
    candidates_clear(&p->candidates);
    mem_free(p->candidates.items);
    mem_free(p->candidates.notes);
    edit_deinit(&p->edit);
}
