#include "tui/verbs/complete.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "core/query/query_hint.h"

#include "tui/panes/strip.h"
#include "tui/ui.h"

enum { MAX_CANDIDATES = 200, MAX_VALUE_BYTES = 200 };

static bool starts_nocase(struct bytes text, struct bytes prefix)
{
    return text.len >= prefix.len &&
           bytes_equal_nocase(bytes_slice(text, 0, prefix.len), prefix);
}

static bool holds_nocase(struct bytes text, struct bytes part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (starts_nocase(bytes_slice(text, i, text.len), part))
            return true;
    }
    return false;
}

/* `behind` is what follows a field in the place: `=` in a term, nothing in an expression. */
static void complete_fields(struct bytes prefix, const char *behind, struct candidates *out)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        const struct field *field = field_get((enum field_id)i);
        struct buffer item = {0};

        if (starts_nocase(bytes_of(field->name), prefix)) {
            buffer_printf(&item, "%s%s", field->name, behind);
            candidates_add(out, buffer_bytes(&item), bytes_of(field->meaning));
        }
        buffer_deinit(&item);
    }
}

static void add_word(const struct hint_word *word, struct candidates *out)
{
    struct buffer item = {0}, note = {0};

    buffer_add(&item, word->name);
    if (word->kind == HINT_COMMAND) {
        buffer_add_char(&item, ' ');
        buffer_add_text(&note, "command");
    } else {
        buffer_add_char(&item, '(');
        buffer_add_text(&note,
                        word->kind == HINT_AGGREGATE ? "counts over events, " : "function, ");
        if (word->max_args == 0)
            buffer_add_text(&note, "no argument");
        else if (word->max_args > 10)
            buffer_printf(&note, "%u or more arguments", word->min_args);
        else if (word->min_args < word->max_args)
            buffer_printf(&note, "%u to %u arguments", word->min_args, word->max_args);
        else
            buffer_printf(&note, "%u argument%s", word->min_args,
                          word->min_args == 1 ? "" : "s");
    }
    candidates_add(out, buffer_bytes(&item), buffer_bytes(&note));
    buffer_deinit(&item);
    buffer_deinit(&note);
}

static void complete_words(struct bytes prefix, enum hint_kind kind, struct candidates *out)
{
    struct hint_word word;

    for (size_t i = 0; query_hint_word(i, &word); i++) {
        if (word.kind == kind && starts_nocase(word.name, prefix))
            add_word(&word, out);
    }
}

/* Worst first: by failures, then by events, then by text. */
static int by_failures(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    uint64_t failed_x = outcomes_failed(x->outcomes), failed_y = outcomes_failed(y->outcomes);

    if (failed_x != failed_y)
        return failed_x > failed_y ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return bytes_compare(x->keys[0].text, y->keys[0].text);
}

static void add_value(struct ui *ui, const struct group *g, bool quick)
{
    struct buffer item = {0}, note = {0};
    uint64_t failed = outcomes_failed(g->outcomes);

    query_hint_write(&item, g->keys[0].text, quick);
    ui_add_count(ui, &note, g->count, session_is_partial(ui->session));
    buffer_add_text(&note, g->count == 1 ? " event" : " events");
    if (failed) {
        buffer_add_text(&note, ", ");
        ui_add_count(ui, &note, failed, false);
        buffer_add_text(&note, " failed");
    }
    candidates_add(&ui->prompt.candidates, buffer_bytes(&item), buffer_bytes(&note));
    buffer_deinit(&item);
    buffer_deinit(&note);
}

/* Values that begin as typed; if there are none, those that hold it somewhere. */
static size_t matching(const struct grouping *g, struct bytes prefix, struct group **out)
{
    size_t count = 0;

    for (int anywhere = 0; anywhere < 2 && count == 0; anywhere++) {
        for (size_t i = 0; i < g->n_groups; i++) {
            const struct group_key *key = &g->groups[i].keys[0];

            if (key->state == VALUE_TEXT && key->text.len <= MAX_VALUE_BYTES &&
                (anywhere ? holds_nocase(key->text, prefix) : starts_nocase(key->text, prefix)))
                out[count++] = &g->groups[i];
        }
    }
    return count;
}

static unsigned offer(struct ui *ui);

static void take_groups(void *context, struct grouping *grouping)
{
    struct ui *ui = context;
    struct prompt *p = &ui->prompt;
    struct bytes before = bytes_slice(edit_text(&p->edit), 0, p->edit.caret);
    struct hint hint = query_hint(before);
    struct group **groups = mem_array(grouping->n_groups, sizeof(struct group *));
    size_t count = matching(grouping, hint.prefix, groups);

    p->asking = NULL;
    if (count)
        qsort(groups, count, sizeof(struct group *), by_failures);
    for (size_t i = 0; i < count && i < MAX_CANDIDATES; i++)
        add_value(ui, groups[i], hint.quick);
    if (count > MAX_CANDIDATES)
        ui_say(ui, STYLE_PLAIN, "%zu values begin so; the %d worst are offered.", count,
               MAX_CANDIDATES);
    (void)offer(ui);
    mem_free(groups);
    grouping_free(grouping);
}

static void take_selection(void *context, struct selection *selection)
{
    struct ui *ui = context;
    struct bytes before = bytes_slice(edit_text(&ui->prompt.edit), 0, ui->prompt.edit.caret);
    enum field_id field = query_hint(before).field;

    ui->prompt.asking =
        session_group(ui->session, selection, &field, 1, FIELD_COUNT, take_groups, ui);
    selection_release(selection);
}

static void ask_values(struct ui *ui, enum field_id field)
{
    enum field_kind kind = field_get(field)->kind;
    struct prompt *p = &ui->prompt;

    if (kind == FIELD_INSTANT || kind == FIELD_POSITION)
        return;
    p->asking = session_select(ui->session, p->within ? p->within : view_filters(ui_view(ui)),
                               take_selection, ui);
}

void complete_filter(struct ui *ui, struct bytes before, struct candidates *out)
{
    struct hint hint = query_hint(before);

    ui->prompt.complete_from = hint.from;
    switch (hint.kind) {
    case HINT_NONE:
        ui->prompt.complete_from = before.len;
        break;
    case HINT_TERM:
        complete_fields(hint.prefix, "=", out);
        if (hint.at_start)
            complete_words(hint.prefix, HINT_COMMAND, out);
        break;
    case HINT_COMMAND:
        complete_words(hint.prefix, HINT_COMMAND, out);
        break;
    case HINT_EXPR:
        complete_fields(hint.prefix, "", out);
        complete_words(hint.prefix, HINT_EXPR, out);
        break;
    case HINT_AGGREGATE:
        complete_words(hint.prefix, HINT_AGGREGATE, out);
        break;
    case HINT_VALUE:
        ask_values(ui, hint.field);
        break;
    }
}

/* Puts what all candidates begin with; the only one is taken whole. */
static unsigned offer(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    struct candidates *c = &p->candidates;
    struct query_options options = ui_query_options(ui);
    struct bytes common;

    p->candidate = c->count;
    if (c->count == 0) {
        ui_say(ui, STYLE_PLAIN, "Nothing completes this.");
        return REACT_REDRAW;
    }
    common = buffer_bytes(&c->items[0]);
    for (size_t i = 1; i < c->count; i++) {
        struct bytes item = buffer_bytes(&c->items[i]);
        size_t same = 0;

        while (same < common.len && same < item.len && common.ptr[same] == item.ptr[same])
            same++;
        common.len = same;
    }
    if (common.len > p->edit.caret - p->complete_from || c->count == 1)
        prompt_replace(p, common, &options);
    if (c->count == 1) {
        struct bytes note = buffer_bytes(&c->notes[0]);

        ui_say(ui, STYLE_PLAIN, "%.*s", (int)note.len, note.len ? note.ptr : "");
        candidates_clear(c);
    }
    return REACT_REDRAW;
}

unsigned complete_step(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    struct candidates *c = &p->candidates;
    struct query_options options = ui_query_options(ui);

    if (!p->kind || !p->kind->complete || p->asking)
        return REACT_NONE;
    if (c->count == 0) {
        p->kind->complete(ui, bytes_slice(edit_text(&p->edit), 0, p->edit.caret), c);
        return p->asking ? REACT_REDRAW : offer(ui);
    }
    p->candidate = p->candidate + 1 < c->count ? p->candidate + 1 : 0;
    prompt_replace(p, buffer_bytes(&c->items[p->candidate]), &options);
    return REACT_REDRAW;
}
