/* Verbs that move the caret, and search. */
#include "core/base/safe.h"

#include "tui/verbs/verb.h"

/* Moves the caret by `step` rows, as far as there are any. */
static unsigned move(struct ui *ui, bool down, size_t step)
{
    struct view *v = ui_view(ui);
    size_t count = v->ops->count(v);

    if (count == 0)
        return REACT_REDRAW;
    if (down)
        v->caret = step < count - 1 - v->caret ? v->caret + step : count - 1;
    else
        v->caret = step < v->caret ? v->caret - step : 0;
    return REACT_REDRAW;
}

/* A page moves the window as well as the caret, so that it shows all new rows. */
static unsigned page(struct ui *ui, bool down, size_t rows)
{
    struct view *v = ui_view(ui);

    if (down)
        v->top += rows;
    else
        v->top = v->top > rows ? v->top - rows : 0;
    return move(ui, down, rows);
}

unsigned verb_row_next(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return move(ui, true, 1);
}

unsigned verb_row_previous(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return move(ui, false, 1);
}

unsigned verb_page_down(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return page(ui, true, ui_view(ui)->page_rows);
}

unsigned verb_page_up(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return page(ui, false, ui_view(ui)->page_rows);
}

unsigned verb_half_down(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return page(ui, true, (ui_view(ui)->page_rows + 1) / 2);
}

unsigned verb_half_up(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return page(ui, false, (ui_view(ui)->page_rows + 1) / 2);
}

unsigned verb_row_first(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return move(ui, false, SIZE_MAX);
}

unsigned verb_row_last(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return move(ui, true, SIZE_MAX - 1);
}

/* Case is ignored unless the text has a capital letter, as less and vim (smartcase) do. */
static bool holds(struct bytes text, struct bytes part)
{
    bool exact = false;

    for (size_t i = 0; i < part.len; i++)
        exact |= part.ptr[i] >= 'A' && part.ptr[i] <= 'Z';
    if (exact)
        return bytes_find(text, part) != SIZE_MAX;
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (bytes_equal_nocase(bytes_slice(text, i, i + part.len), part))
            return true;
    }
    return false;
}

enum { SEARCH_MAX_ROWS = 200000 };

/* The next row that shows the text, around the end if need be. */
static unsigned find(struct ui *ui, bool down)
{
    struct view *v = ui_view(ui);
    size_t count = v->ops->count(v), limit;
    struct buffer row = {0};

    if (ui->search.len == 0) {
        ui_say(ui, STYLE_PLAIN, "Nothing was searched for yet.");
        return REACT_REDRAW;
    }
    if (!v->ops->row_text) {
        ui_say(ui, STYLE_PLAIN, "There is nothing to search here.");
        return REACT_REDRAW;
    }
    /* More rows than this would keep a key waiting: the rest is a filter's work. */
    limit = count < SEARCH_MAX_ROWS ? count : SEARCH_MAX_ROWS;
    for (size_t i = 1; i <= limit; i++) {
        size_t at = down ? (v->caret + i) % count : (v->caret + count - i % count) % count;

        buffer_clear(&row);
        v->ops->row_text(v, at, &row);
        if (holds(buffer_bytes(&row), buffer_bytes(&ui->search))) {
            if (down ? at <= v->caret : at >= v->caret)
                ui_say(ui, STYLE_PLAIN, "Search went on from the %s.", down ? "top" : "end");
            v->caret = at;
            buffer_deinit(&row);
            return REACT_REDRAW;
        }
    }
    buffer_deinit(&row);
    if (limit < count)
        ui_say(ui, STYLE_WARN, "Not in the next %d rows; filter by it instead (f).",
               (int)SEARCH_MAX_ROWS);
    else
        ui_say(ui, STYLE_WARN, "Not found: %.*s", (int)ui->search.len, ui->search.ptr);
    return REACT_REDRAW;
}

static bool accept_search(struct ui *ui, struct bytes line, unsigned *reactions)
{
    if (line.len) {
        buffer_clear(&ui->search);
        buffer_add(&ui->search, line);
    }
    *reactions = find(ui, true);
    return true;
}

static const struct prompt_kind search_prompt = {
    .label = "Search",
    .hint = "text in what is shown; n and N repeat; capitals match case",
    .accept = accept_search,
};

unsigned verb_search(struct ui *ui, struct bytes argument)
{
    (void)argument;
    ui_prompt(ui, &search_prompt, &ui->search_history, bytes_of(""));
    return REACT_REDRAW;
}

unsigned verb_search_next(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return find(ui, true);
}

unsigned verb_search_previous(struct ui *ui, struct bytes argument)
{
    (void)argument;
    return find(ui, false);
}
