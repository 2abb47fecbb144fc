#include "tui/panes/pane_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/concluding/rule_file.h"

#include "tui/draw.h"
#include "tui/ui.h"
#include "tui/user_file.h"
#include "tui/verbs/verb.h"

enum { LEFT = 2, NAME_COLS = 30, DETAIL_ROWS = 7 };

struct rules_view {
    struct view view;
    struct buffer scratch;
};

static void free_rules(struct view *v)
{
    buffer_deinit(&((struct rules_view *)v)->scratch);
    view_deinit(v);
    mem_free(v);
}

static const struct rules *rules_of(const struct view *v)
{
    return session_rules(v->ui->session);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "limits");
}

static void counts(struct view *v, struct buffer *out)
{
    buffer_printf(out, "%zu of %zu rules on", rules_on(rules_of(v)), rule_count());
}

static void status(struct view *v, struct buffer *out)
{
    buffer_add_text(out, rules_are_default(rules_of(v)) ? "limits as shipped"
                                                        : "limits changed: marked *");
}

static size_t count_rows(const struct view *v)
{
    (void)v;
    return rule_count();
}

static void draw_detail(struct rules_view *r, struct canvas *c, struct area area)
{
    const struct rule *rule = rule_get(r->view.caret);
    unsigned row = area.row + 1, end = area.row + area.rows;

    draw_rule(c, area.row);
    buffer_clear(&r->scratch);
    buffer_add_text(&r->scratch, scenario_text(rule->scenario)->what);
    row = draw_wrapped(c, row, end, STYLE_PLAIN, buffer_bytes(&r->scratch));
    buffer_clear(&r->scratch);
    buffer_add_text(&r->scratch, "Grouped by ");
    for (size_t i = 0; i < RULE_MAX_KEYS && rule->keys[i] != KEY_NONE; i++)
        buffer_printf(&r->scratch, "%s%s", i ? ", " : "", rule_key_name(rule->keys[i]));
    if (rule->keys[0] == KEY_NONE)
        buffer_add_text(&r->scratch, "account or client");
    buffer_add_text(&r->scratch, ". Shipped: ");
    rule_limits_write(&rule->limits, false, &r->scratch);
    draw_wrapped(c, row, end, STYLE_DIM, buffer_bytes(&r->scratch));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct rules_view *r = (struct rules_view *)v;
    unsigned list_rows = area.rows > DETAIL_ROWS + 3 ? area.rows - DETAIL_ROWS : area.rows;

    v->page_rows = list_rows;
    view_scroll(v);
    for (size_t i = v->top; i < rule_count() && i - v->top < v->page_rows; i++) {
        unsigned row = area.row + (unsigned)(i - v->top);
        const struct rule_limits *l = &rules_of(v)->limits[i];
        bool caret = i == v->caret;
        enum style style = caret ? STYLE_CARET : l->on ? STYLE_PLAIN : STYLE_DIM;

        if (caret)
            draw_caret_row(c, row, (struct area){.cols = c->cols});
        canvas_printf(c, row, LEFT, NAME_COLS, style, "%s%s", rule_get(i)->name,
                      rule_limits_same(l, &rule_get(i)->limits) ? "" : " *");
        buffer_clear(&r->scratch);
        rule_limits_write(l, false, &r->scratch);
        canvas_text(c, row, LEFT + NAME_COLS, c->cols - LEFT - NAME_COLS, style,
                    buffer_bytes(&r->scratch));
    }
    if (area.rows > list_rows)
        draw_detail(r, c,
                    (struct area){area.row + list_rows, 0, area.rows - list_rows, c->cols});
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    buffer_add_text(out, rule_get(row)->name);
    buffer_add_char(out, ' ');
    rule_limits_write(&rules_of(v)->limits[row], true, out);
}

/* The line to edit stands in the prompt. */
static unsigned edit_limits(struct ui *ui, size_t rule)
{
    struct buffer line = {0};
    unsigned reactions;

    buffer_printf(&line, "limit %s ", rule_get(rule)->name);
    rule_limits_write(&session_rules(ui->session)->limits[rule], true, &line);
    reactions = verb_palette(ui, buffer_bytes(&line));
    buffer_deinit(&line);
    return reactions;
}

static unsigned open_rule(struct view *v)
{
    return edit_limits(v->ui, v->caret);
}

/* $XDG_CONFIG_HOME/cogtrail/triage.json; said when it cannot be written. */
static void keep_rules(struct ui *ui, const struct rules *r)
{
    struct buffer path = {0}, text = {0};
    const char *wrong = NULL;

    rules_write(r, &text);
    if (!user_file_path("triage.json", &path)) {
        ui_say(ui, STYLE_WARN, "In force until the program ends: there is no HOME to keep it.");
    } else {
        wrong = user_file_write(buffer_cstr(&path), buffer_bytes(&text), true);
        ui_say(ui, wrong ? STYLE_BAD : STYLE_PLAIN, "%s%s: %s",
               wrong ? "In force until the program ends; " : "In force, and kept in ",
               buffer_cstr(&path), wrong ? wrong : "findings are weighed anew");
    }
    buffer_deinit(&path);
    buffer_deinit(&text);
}

unsigned rules_set(struct ui *ui, struct bytes line)
{
    struct rules made = {0};
    struct buffer message = {0};
    size_t space = 0, rule;

    while (space < line.len && line.ptr[space] != ' ')
        space++;
    rule = rule_find(bytes_slice(line, 0, space));
    if (rule == SIZE_MAX) {
        ui_say(ui, STYLE_BAD, "There is no rule of that name; e in the findings lists them.");
        return REACT_REDRAW;
    }
    rules_copy(&made, session_rules(ui->session));
    if (rule_limits_read(&made.limits[rule], bytes_slice(line, space, line.len), &message) ==
        ERR_OK) {
        keep_rules(ui, &made);
        session_set_rules(ui->session, &made);
    } else {
        ui_say(ui, STYLE_BAD, "%.*s", (int)message.len, message.ptr);
    }
    rules_deinit(&made);
    buffer_deinit(&message);
    return REACT_REDRAW;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct rules made = {0};

    (void)argument;
    *reactions = REACT_REDRAW;
    if (id == COMMAND_ENTRY_EDIT) {
        *reactions = edit_limits(v->ui, v->caret);
    } else if (id == COMMAND_ENTRY_TOGGLE) {
        rules_copy(&made, rules_of(v));
        made.limits[v->caret].on = !made.limits[v->caret].on;
        keep_rules(v->ui, &made);
        session_set_rules(v->ui->session, &made);
        rules_deinit(&made);
    } else if (id == COMMAND_ENTRY_DELETE) { /* back to what is shipped */
        rules_copy(&made, rules_of(v));
        made.limits[v->caret] = rule_get(v->caret)->limits;
        keep_rules(v->ui, &made);
        session_set_rules(v->ui->session, &made);
        rules_deinit(&made);
    } else {
        return false;
    }
    return true;
}

static const struct view_ops rules_ops = {
    .name = "limits",
    .context = CONTEXT_RULES,
    .unfiltered = true,
    .free = free_rules,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .row_text = row_text,
    .open = open_rule,
    .command = command,
};

struct view *rules_view_new(struct ui *ui, struct filters *filters)
{
    struct rules_view *r = mem_alloc(sizeof *r);

    view_init(&r->view, &rules_ops, ui, filters);
    return &r->view;
}
