/* Verbs of the line being typed, and the palette. */
#include "core/base/mem.h"
#include "core/base/utf8.h"

#include "tui/verbs/complete.h"
#include "tui/verbs/verb.h"

static void changed(struct ui *ui)
{
    struct query_options options = ui_query_options(ui);

    prompt_changed(&ui->prompt, &options);
}

static bool accept_command(struct ui *ui, struct bytes line, unsigned *reactions)
{
    struct buffer why = {0};
    enum command_id id;
    struct bytes argument;
    bool ok;

    if (line.len == 0)
        return true;
    ok = command_parse(line, &id, &argument, &why) == ERR_OK;
    if (ok) {
        struct buffer kept = {0};

        /* The line is the prompt's, which the command may open anew. */
        buffer_add(&kept, argument);
        prompt_close(&ui->prompt);
        *reactions = verb_command(ui, id, buffer_bytes(&kept));
        buffer_deinit(&kept);
        buffer_deinit(&why);
        return ui->prompt.kind == NULL;
    }
    ui_say(ui, STYLE_BAD, "%.*s", (int)why.len, why.ptr);
    buffer_deinit(&why);
    return false;
}

static void complete_command(struct ui *ui, struct bytes line, struct candidates *out)
{
    struct buffer item = {0}, note = {0};
    enum context context = ui_view(ui)->ops->context;

    ui->prompt.complete_from = 0;
    for (size_t i = 0; command_complete(line, context, i, &item); i++) {
        enum command_id id;
        struct bytes name = buffer_bytes(&item);
        size_t blank = bytes_find(name, bytes_of(" "));

        buffer_clear(&note);
        if (command_find(bytes_slice(name, 0, blank), &id)) {
            buffer_add_text(&note, command_get(id)->help);
            buffer_add_text(&note, "  ");
            keymap_find(ui->keymap, context, id,
                        blank == SIZE_MAX ? bytes_of("")
                                          : bytes_slice(name, blank + 1, name.len),
                        &note);
        }
        candidates_add(out, name, buffer_bytes(&note));
        buffer_clear(&item);
    }
    buffer_deinit(&item);
    buffer_deinit(&note);
}

static const struct prompt_kind palette_prompt = {
    .label = "Command",
    .hint = "a name: Tab completes and shows what it does and its key",
    .accept = accept_command,
    .complete = complete_command,
};

unsigned verb_palette(struct ui *ui, struct bytes argument)
{
    ui_prompt(ui, &palette_prompt, &ui->palette_history, argument);
    return REACT_REDRAW;
}

enum context verb_prompt_context(const struct ui *ui)
{
    return ui->prompt.kind == &palette_prompt ? CONTEXT_PALETTE : CONTEXT_PROMPT;
}

static unsigned insert(struct ui *ui, struct bytes text)
{
    if (!edit_insert(&ui->prompt.edit, text))
        ui_say(ui, STYLE_WARN, "That is too long for a line.");
    changed(ui);
    return REACT_REDRAW;
}

unsigned verb_prompt_text(struct ui *ui, struct key key)
{
    char text[4];
    size_t len = utf8_encode(key.code, text);

    return insert(ui, bytes_make(text, len));
}

unsigned verb_prompt_paste(struct ui *ui, struct bytes text)
{
    return insert(ui, text);
}

unsigned verb_prompt_accept(struct ui *ui, struct bytes argument)
{
    struct prompt *p = &ui->prompt;
    struct edit_history *history = p->history;
    struct buffer line = {0};
    unsigned reactions = REACT_REDRAW;

    (void)argument;
    if (!p->kind)
        return REACT_NONE;
    buffer_add(&line, edit_text(&p->edit));
    if (p->kind->accept(ui, buffer_bytes(&line), &reactions))
        prompt_close(p);
    if (history)
        edit_history_add(history, buffer_bytes(&line));
    buffer_deinit(&line);
    return reactions | REACT_REDRAW;
}

unsigned verb_prompt_cancel(struct ui *ui, struct bytes argument)
{
    (void)argument;
    prompt_close(&ui->prompt);
    return REACT_REDRAW;
}

unsigned verb_prompt_complete(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return complete_step(ui);
}

/* Quick terms become the query they stand for, to be edited on. */
unsigned verb_prompt_translate(struct ui *ui, struct bytes argument)
{
    struct prompt *p = &ui->prompt;
    struct buffer text = {0};

    (void)argument;
    if (!p->kind || !p->kind->is_query || p->refused || p->meaning.len == 0) {
        ui_say(ui, STYLE_WARN, "There is no query to turn this into.");
        return REACT_REDRAW;
    }
    buffer_add(&text, buffer_bytes(&p->meaning));
    edit_set(&p->edit, buffer_bytes(&text));
    changed(ui);
    buffer_deinit(&text);
    return REACT_REDRAW;
}

static unsigned history(struct ui *ui, int direction)
{
    if (ui->prompt.history)
        edit_history_step(ui->prompt.history, &ui->prompt.edit, direction);
    changed(ui);
    return REACT_REDRAW;
}

unsigned verb_prompt_history_previous(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return history(ui, -1);
}

unsigned verb_prompt_history_next(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return history(ui, 1);
}

static unsigned motion(struct ui *ui, enum edit_motion to)
{
    edit_move(&ui->prompt.edit, to);
    candidates_clear(&ui->prompt.candidates);
    return REACT_REDRAW;
}

unsigned verb_prompt_left(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return motion(ui, EDIT_LEFT);
}

unsigned verb_prompt_right(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return motion(ui, EDIT_RIGHT);
}

unsigned verb_prompt_home(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return motion(ui, EDIT_HOME);
}

unsigned verb_prompt_end(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return motion(ui, EDIT_END);
}

unsigned verb_prompt_word_left(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return motion(ui, EDIT_WORD_LEFT);
}

unsigned verb_prompt_word_right(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return motion(ui, EDIT_WORD_RIGHT);
}

static unsigned delete_to(struct ui *ui, enum edit_motion to)
{
    edit_delete(&ui->prompt.edit, to);
    changed(ui);
    return REACT_REDRAW;
}

/* On an empty line Backspace leaves, as it does in less and vim. */
unsigned verb_prompt_backspace(struct ui *ui, struct bytes argument)
{
    (void)argument;
    if (edit_text(&ui->prompt.edit).len == 0)
        prompt_close(&ui->prompt);
    return delete_to(ui, EDIT_LEFT);
}

unsigned verb_prompt_delete(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return delete_to(ui, EDIT_RIGHT);
}

unsigned verb_prompt_kill_word(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return delete_to(ui, EDIT_WORD_LEFT);
}

unsigned verb_prompt_kill_line(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return delete_to(ui, EDIT_HOME);
}

unsigned verb_prompt_kill_to_end(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return delete_to(ui, EDIT_END);
}
