#include "tui/panes/pane_help.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"

#include "tui/ui.h"

enum { KEYS_COLS = 26, LEFT = 2 };

/* A line of help: a group's name, a command, or a word of the program itself. */
struct line {
    struct buffer keys, text;
    bool heading;
};

struct help {
    struct view view;
    enum context about;
    struct line *lines;
    size_t count, cap;
};

static struct help *of(struct view *v)
{
    return (struct help *)v;
}

static void free_help(struct view *v)
{
    struct help *h = of(v);

    for (size_t i = 0; i < h->count; i++) {
        buffer_deinit(&h->lines[i].keys);
        buffer_deinit(&h->lines[i].text);
    }
    mem_free(h->lines);
    view_deinit(v);
    mem_free(h);
}

static struct line *add_line(struct help *h, bool heading, const char *text)
{
    struct line *line;

    mem_grow(&h->lines, &h->cap, h->count + 1, sizeof *h->lines);
    line = &h->lines[h->count++];
    *line = (struct line){.heading = heading};
    buffer_add_text(&line->text, text);
    return line;
}

static void fill(struct help *h)
{
    struct keymap_help *rows;
    size_t count = keymap_help(h->view.ui->keymap, h->about, &rows);
    const char *group = "";

    for (size_t i = 0; i < count; i++) {
        const struct command *command = command_get(rows[i].command);
        struct line *line;

        /* Nine keys to nine steps are one line. */
        if (command->argument == ARGUMENT_NUMBER && !bytes_are(rows[i].argument, "1"))
            continue;
        if (strcmp(command->group, group) != 0) {
            group = command->group;
            add_line(h, true, group);
        }
        line = add_line(h, false, command->help);
        if (rows[i].argument.len && command->argument != ARGUMENT_NUMBER) {
            buffer_add_text(&line->text, ": ");
            buffer_add(&line->text, rows[i].argument);
        }
        if (rows[i].letters) {
            buffer_add_text(&line->text, ": ");
            for (int f = 0; f < FIELD_COUNT; f++) {
                const struct field *field = field_get((enum field_id)f);

                if (field->pivot_key)
                    buffer_printf(&line->text, "%c %s  ", field->pivot_key, field->name);
            }
        }
        buffer_add(&line->keys, buffer_bytes(&rows[i].keys));
        if (command->argument == ARGUMENT_NUMBER)
            buffer_add_text(&line->keys, " ... 9");
    }
    keymap_help_free(rows, count);
    add_line(h, true, "More");
    add_line(h, false, "Filters: 203.0.113.7  error:NotAuth*  -ip:10.0.0.0/8  status:>399");
    add_line(h, false, "         error:A,B  agent:/curl/  sub: (present)  10:00..10:15  word");
    add_line(h, false,
             "A filter with - or not keeps events that lack the field; != drops them.");
    add_line(h, false, "Manual: man cogtrail, man 7 cogtrail-query, man 5 cogtrail-keymap");
}

static void crumb(struct view *v, struct buffer *out)
{
    buffer_printf(out, "help on %s", context_meaning(of(v)->about));
}

static void counts(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "keys of the loaded keymap");
}

static void status(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "/ searches, q closes");
}

static size_t count_rows(const struct view *v)
{
    return ((const struct help *)v)->count;
}

/* How many rows the text of a line takes in `cols` columns. */
static size_t fold(struct bytes text, size_t cols)
{
    size_t len = text.len;

    if (len <= cols)
        return len;
    for (len = cols; len > cols / 2; len--) {
        if (text.ptr[len] == ' ')
            return len;
    }
    return cols;
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct help *h = of(v);
    unsigned row = area.row, end = area.row + area.rows;

    v->page_rows = area.rows;
    view_scroll(v);
    for (size_t i = v->top; i < h->count && row < end; i++) {
        struct line *line = &h->lines[i];
        struct bytes text = buffer_bytes(&line->text);
        unsigned indent = line->keys.len ? LEFT + KEYS_COLS : LEFT + 2;
        size_t cols = c->cols - indent - 1;

        if (i == v->caret) {
            canvas_text(c, row, 0, 1, STYLE_KEY, glyph_text(GLYPH_CARET, c->ascii));
            c->caret_row = row;
        }
        if (line->heading) {
            canvas_text(c, row++, LEFT, c->cols, STYLE_HEADING, text);
            continue;
        }
        canvas_text(c, row, LEFT + 1, KEYS_COLS - 2, STYLE_KEY, buffer_bytes(&line->keys));
        do {
            size_t len = fold(text, cols);

            canvas_text(c, row++, indent, (unsigned)cols, STYLE_PLAIN,
                        bytes_slice(text, 0, len));
            text = bytes_slice(text, len + (len < text.len && text.ptr[len] == ' '), text.len);
        } while (text.len && row < end);
    }
    if (row > end || (row == end && v->caret > v->top && v->page_rows > 4))
        v->page_rows = area.rows - 4; /* folded lines: keep the caret on the screen */
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct help *h = of(v);

    buffer_add(out, buffer_bytes(&h->lines[row].keys));
    buffer_add_char(out, ' ');
    buffer_add(out, buffer_bytes(&h->lines[row].text));
}

static unsigned close_help(struct view *v)
{
    (void)ui_pop(v->ui);
    return REACT_REDRAW;
}

static const struct view_ops help_ops = {
    .name = "help",
    .context = CONTEXT_HELP,
    .unfiltered = true,
    .free = free_help,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .row_text = row_text,
    .open = close_help,
};

struct view *help_new(struct ui *ui, struct filters *filters, enum context about)
{
    struct help *h = mem_alloc(sizeof *h);

    view_init(&h->view, &help_ops, ui, filters);
    h->about = about;
    fill(h);
    return &h->view;
}

bool help_is(const struct view *v)
{
    return v->ops == &help_ops;
}
