#include "tui/panes/names.h"

#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "tui/panes/pane_event.h"
#include "tui/shell.h"

enum {
    NAME_COLS_MAX = 40,
    NAME_COLS_MIN = 8,
    VALUE_COLS_MIN = 9, /* of a sub: enough to tell it apart */
};

/* Other fields may lead to a user too (a user name to its sub to another name), but a list of
 * them names somebody already. */
static bool is_nameable(enum field_id field)
{
    return field == FIELD_SUB || field == FIELD_IDENTITY || field == FIELD_ACCESS_KEY;
}

bool names_add(struct ui *ui, struct buffer *out, enum field_id field, struct bytes text,
               unsigned max_cols)
{
    const struct lessons *l = session_lessons(ui->session);
    struct buffer more = {0};
    struct lesson lesson;

    if (!l || text.len == 0 || !is_nameable(field) || !lessons_user(l, field, text, &lesson))
        return false;
    if (lesson.rivals)
        buffer_printf(&more, " or %zu other%s", lesson.rivals, lesson.rivals == 1 ? "" : "s");
    safe_add(out, canvas_hide(&ui->canvas, bytes_of("user"), lesson.text),
             max_cols > more.len + 4 ? max_cols - (unsigned)more.len : 4, ui->canvas.ascii);
    buffer_add(out, buffer_bytes(&more));
    buffer_deinit(&more);
    return true;
}

unsigned names_cols(struct ui *ui, enum field_id field, struct bytes text)
{
    struct buffer name = {0};
    unsigned cols = 0;

    if (names_add(ui, &name, field, text, NAME_COLS_MAX))
        cols = utf8_columns(buffer_bytes(&name));
    buffer_deinit(&name);
    return cols;
}

struct names_split names_split(unsigned cols, unsigned names)
{
    struct names_split split = {.value = cols};

    if (names == 0 || cols < VALUE_COLS_MIN + 1 + NAME_COLS_MIN)
        return split;
    if (names < sizeof NAMES_TITLE - 1)
        names = sizeof NAMES_TITLE - 1;
    split.name = cols - 1 > names + VALUE_COLS_MIN ? names : cols - 1 - VALUE_COLS_MIN;
    split.value = cols - 1 - split.name;
    return split;
}

void names_put(struct ui *ui, struct canvas *c, unsigned row, unsigned col,
               struct names_split split, enum style style, enum field_id field,
               enum value_state state, struct bytes text)
{
    struct buffer name = {0};

    if (state != VALUE_TEXT) {
        ui_add_value(ui, &name, state, text, split.value);
        canvas_text(c, row, col, split.value, style == STYLE_CARET ? style : STYLE_DIM,
                    buffer_bytes(&name));
        buffer_deinit(&name);
        return;
    }
    canvas_put_value(c, row, col, split.value, style, bytes_of(field_get(field)->name), text);
    if (split.name && names_add(ui, &name, field, text, split.name))
        canvas_text(c, row, col + split.value + 1, split.name, style, buffer_bytes(&name));
    buffer_deinit(&name);
}

void names_put_titles(struct canvas *c, unsigned row, unsigned col, struct names_split split,
                      enum field_id field)
{
    canvas_text(c, row, col, split.value, STYLE_HEADING, bytes_of(field_get(field)->title));
    if (split.name)
        canvas_text(c, row, col + split.value + 1, split.name, STYLE_HEADING,
                    bytes_of(NAMES_TITLE));
}

void names_add_source(struct ui *ui, const struct lesson *lesson, struct buffer *out)
{
    const struct store *store = session_store(ui->session);
    char scratch[UNIQUE_TEXT_BYTES];
    enum value_state state;

    buffer_printf(out, "%s, learned: the same %s stands beside it in ",
                  field_get(lesson->field)->name, field_get(lesson->by)->name);
    if (lesson->file != LESSON_OF_RECORD) {
        buffer_add_text(out, "the list of users ");
        safe_add(out, archive_file(session_archive(ui->session), lesson->file)->path, 60,
                 ui->canvas.ascii);
    } else {
        buffer_add_text(out, "a record of ");
        buffer_add(out, store_text(store, lesson->row, FIELD_FORMAT, scratch, &state));
        buffer_add_text(out, " of ");
        ui_add_time(ui, out, store_time(store, lesson->row), INSTANT_TABLE);
        buffer_add_text(out, " (Enter opens it)");
    }
    if (lesson->rivals)
        buffer_add_text(out, "; others say otherwise");
    buffer_add_text(out, ". ");
}

unsigned names_open(struct ui *ui, const struct lesson *lesson)
{
    struct buffer text = {0};

    if (lesson->file == LESSON_OF_RECORD)
        return ui_push(ui, event_new(ui, view_filters(ui_view(ui)), NULL, lesson->row, NULL));
    names_add_source(ui, lesson, &text);
    ui_say(ui, STYLE_PLAIN, "%.*s", (int)text.len, text.ptr);
    buffer_deinit(&text);
    return REACT_REDRAW;
}

bool names_add_command(struct buffer *out, struct bytes pool, struct bytes sub)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:";

    for (size_t i = 0; i < sub.len; i++)
        if (sub.ptr[i] == '\0' || !strchr(plain, sub.ptr[i]))
            return false;
    if (sub.len == 0)
        return false;
    buffer_add_text(out, "aws cognito-idp list-users --user-pool-id ");
    if (pool.len)
        shell_add_word(out, pool);
    else
        buffer_add_text(out, "POOL_ID");
    buffer_add_text(out, " --filter 'sub = \"");
    buffer_add(out, sub);
    buffer_add_text(out, "\"'");
    return true;
}
