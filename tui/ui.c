#include "tui/ui.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "core/base/safe.h"

int64_t ui_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool ui_waits_long(const struct ui *ui)
{
    return ui->asked_since_us && ui_clock_us() - ui->asked_since_us >= UI_LONG_WAIT_US;
}

struct view *ui_view(const struct ui *ui)
{
    return ui->views[ui->depth - 1];
}

static void drop_forward(struct ui *ui)
{
    while (ui->n_views > ui->depth) {
        struct view *v = ui->views[--ui->n_views];

        v->ops->free(v);
    }
}

void ui_ask(struct view *v)
{
    v->asked = true;
    if (v->ops->ask)
        v->ops->ask(v);
}

unsigned ui_push(struct ui *ui, struct view *v)
{
    drop_forward(ui);
    if (ui->depth == UI_MAX_VIEWS) {
        /* The way is long: its second step is forgotten, the first stays as the way home. */
        ui->views[1]->ops->free(ui->views[1]);
        memmove(ui->views + 1, ui->views + 2, (UI_MAX_VIEWS - 2) * sizeof *ui->views);
        ui->depth = ui->n_views = UI_MAX_VIEWS - 1;
    }
    ui->views[ui->depth++] = v;
    ui->n_views = ui->depth;
    ui_ask(v);
    return REACT_REDRAW;
}

bool ui_pop(struct ui *ui)
{
    if (ui->depth <= 1)
        return false;
    (void)view_stop(ui_view(ui));
    ui->depth--;
    if (ui->views[ui->depth]->overlay)
        drop_forward(ui);
    /* What was asked of an older index is asked again when it is seen again. */
    ui_ask(ui_view(ui));
    return true;
}

bool ui_forward(struct ui *ui)
{
    if (ui->depth >= ui->n_views)
        return false;
    ui->depth++;
    ui_ask(ui_view(ui));
    return true;
}

void ui_say(struct ui *ui, enum style style, const char *format, ...)
{
    char line[1024];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buffer_clear(&ui->message);
    if (len > 0)
        safe_add(&ui->message,
                 bytes_make(line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1),
                 SAFE_ALL_COLUMNS, ui->canvas.ascii);
    ui->message_style = style;
}

struct query_options ui_query_options(const struct ui *ui)
{
    static const enum field_id time = FIELD_TIME;
    struct query_options options = session_query_options(ui->session);
    size_t at = ui->depth;
    struct view *v;
    struct pick pick;

    while (at > 1 && ui->views[at - 1]->overlay)
        at--;
    v = at ? ui->views[at - 1] : NULL;
    options.has_selected = v && v->ops->value && v->ops->value(v, &time, &pick) &&
                           pick.state == VALUE_TEXT &&
                           instant_parse(pick.text, &options.selected_us);
    return options;
}

void ui_prompt(struct ui *ui, const struct prompt_kind *kind, struct edit_history *history,
               struct bytes text)
{
    struct query_options options = ui_query_options(ui);

    prompt_open(&ui->prompt, kind, history, text);
    prompt_changed(&ui->prompt, &options);
}

void ui_say_notices(struct ui *ui, const struct filters *f)
{
    size_t count = filters_count(f);
    const struct query *last = count ? filters_query(f, count - 1) : NULL;

    if (last && query_notice_count(last)) {
        struct bytes notice = query_notice(last, 0);

        ui_say(ui, STYLE_WARN, "%.*s", (int)notice.len, notice.ptr);
    }
}

unsigned ui_filter(struct ui *ui, struct bytes text)
{
    struct view *v = ui_view(ui);
    struct query_options options = ui_query_options(ui);
    struct query_error error = {0};
    struct filters *made;
    unsigned reactions = REACT_REDRAW;

    if (filters_add(view_filters(v), text, &options, &made, &error) == ERR_OK) {
        view_set_filters(v, made);
        reactions |= REACT_REQUERY;
        ui_say_notices(ui, made);
    } else {
        ui_say(ui, STYLE_BAD, "%.*s", (int)error.message.len, error.message.ptr);
    }
    query_error_deinit(&error);
    return reactions;
}

int64_t ui_zone_us(const struct ui *ui, int64_t at_us)
{
    time_t seconds = (time_t)(at_us / INSTANT_SECOND);
    struct tm local;

    if (!ui->local_time || at_us == INSTANT_NONE || !localtime_r(&seconds, &local))
        return 0;
    return (int64_t)local.tm_gmtoff * INSTANT_SECOND;
}

void ui_add_time(const struct ui *ui, struct buffer *out, int64_t at_us,
                 enum instant_style style)
{
    instant_add(out, at_us, style, ui_zone_us(ui, at_us));
}

void ui_add_value(const struct ui *ui, struct buffer *out, enum value_state state,
                  struct bytes text, unsigned max_cols)
{
    static const char *const words[] = {"(absent)", "(null)", "(empty)", "(redacted)"};

    if (state == VALUE_TEXT)
        safe_add(out, text, max_cols, ui->canvas.ascii);
    else
        buffer_add_text(out, words[state]);
}

void ui_add_count(const struct ui *ui, struct buffer *out, uint64_t count, bool at_least)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, count);

    (void)ui;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buffer_add_char(out, ',');
        buffer_add_char(out, digits[i]);
    }
    if (at_least)
        buffer_add_char(out, '+');
}

void ui_add_key(const struct ui *ui, struct buffer *out, enum command_id id)
{
    size_t before = out->len;

    keymap_find(ui->keymap, ui_view(ui)->ops->context, id, bytes_of(""), out);
    if (out->len == before)
        buffer_add_text(out, command_get(id)->name);
}

void ui_add_unlooked(const struct ui *ui, struct buffer *out, uint64_t n_unlooked)
{
    if (n_unlooked == 0)
        return;
    buffer_add_text(out, "  stopped: ");
    ui_add_count(ui, out, n_unlooked, false);
    buffer_add_text(out, " events not looked at");
}

void ui_react(struct ui *ui, unsigned reactions)
{
    if (reactions & REACT_REQUERY)
        ui_ask(ui_view(ui));
    if (reactions & REACT_QUIT)
        ui->quit = true;
}

void ui_deinit(struct ui *ui)
{
    ui->depth = 0;
    drop_forward(ui);
    prompt_deinit(&ui->prompt);
    edit_history_deinit(&ui->filter_history);
    edit_history_deinit(&ui->search_history);
    edit_history_deinit(&ui->palette_history);
    keymap_matcher_free(ui->matcher);
    canvas_deinit(&ui->canvas);
    buffer_deinit(&ui->search);
    buffer_deinit(&ui->message);
    buffer_deinit(&ui->copied);
}
