#include "tui/panes/pane_event.h"

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "core/reading/explain.h"

#include "tui/draw.h"
#include "tui/panes/column.h"
#include "tui/panes/event_tree.h"
#include "tui/panes/names.h"
#include "tui/panes/preview.h"
#include "tui/ui.h"

enum { LEFT = 2, NAME_COLS = 20, DETAIL_ROWS = 4, HEAD_ROWS = 5, VALUE_COLS_MAX = 400 };

struct event_view {
    struct view view;
    struct view *list; /* the event list it was opened from; may be gone */
    struct event_tree tree;
    bool raw;
    struct buffer raw_text; /* sanitised */
    unsigned raw_mask;      /* the changes of the mask that it was made after */
    struct buffer scratch, path;
    struct ask *asking; /* how many events share the value under the caret */
    size_t shared_row;
    uint64_t shared;
    bool has_shared;
};

static struct event_view *of(struct view *v)
{
    return (struct event_view *)v;
}

static void free_event(struct view *v)
{
    struct event_view *e = of(v);

    ask_cancel(e->asking);
    event_tree_deinit(&e->tree);
    buffer_deinit(&e->raw_text);
    buffer_deinit(&e->scratch);
    buffer_deinit(&e->path);
    view_deinit(v);
    mem_free(e);
}

static void load_event(struct event_view *e, row_id row)
{
    ask_cancel(e->asking);
    e->asking = NULL;
    e->has_shared = false;
    buffer_clear(&e->raw_text);
    event_tree_load(&e->tree, row);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "event");
}

static void counts(struct view *v, struct buffer *out)
{
    struct event_view *e = of(v);
    const struct store *store = session_store(v->ui->session);

    if (e->tree.has_event)
        buffer_printf(out, "%s  ", format_name(e->tree.event.format));
    ui_add_time(v->ui, out, store_time(store, e->tree.row), INSTANT_TABLE);
}

static void status(struct view *v, struct buffer *out)
{
    struct event_view *e = of(v);

    if (e->has_shared && e->shared_row == v->caret) {
        ui_add_count(v->ui, out, e->shared, session_is_partial(v->ui->session));
        buffer_add_text(out,
                        e->shared == 1 ? " event has this value" : " events have this value");
    }
}

/* The raw record in rows of `cols` columns. */
static struct bytes raw_line(const struct event_view *e, size_t line, unsigned cols)
{
    return bytes_slice(buffer_bytes(&e->raw_text), line * cols, (line + 1) * cols);
}

static unsigned raw_cols(const struct event_view *e)
{
    return e->view.ui->canvas.cols > 4 ? e->view.ui->canvas.cols - 2 : 2;
}

static size_t count_rows(const struct view *v)
{
    const struct event_view *e = (const struct event_view *)v;

    return e->raw ? (e->raw_text.len + raw_cols(e) - 1) / raw_cols(e) : e->tree.n_rows;
}

/* The record as the raw view shows it: the bytes that stand in the evidence, which of a row of
 * a table are not those of the tree. */
static void make_raw_text(struct event_view *e)
{
    struct canvas *c = &e->view.ui->canvas;
    struct buffer source = {0};

    buffer_clear(&e->raw_text);
    e->raw_mask = e->view.ui->mask_changes;
    if (session_raw(e->view.ui->session, e->tree.row, &source) == ERR_OK)
        safe_add(&e->raw_text, canvas_hide(c, bytes_of(""), buffer_bytes(&source)),
                 SAFE_ALL_COLUMNS, true);
    buffer_deinit(&source);
}

/* Where the value of a row comes from, or what it gave. */
static void add_origin(struct event_view *e, const struct event_row *row, struct buffer *out)
{
    const struct event_tree *t = &e->tree;

    if (row->part == EVENT_RECORD && t->field_of[row->node] == FIELD_OVERRULED) {
        buffer_add_text(out, "(overruled)");
    } else if (row->part == EVENT_RECORD && t->field_of[row->node] != FIELD_NONE) {
        buffer_add_text(out, field_get((enum field_id)t->field_of[row->node])->name);
    } else if (row->part == EVENT_LEARNED) {
        const struct lesson *lesson = &t->learned[row->node];

        buffer_printf(out, "(learned) from %s", field_get(lesson->by)->name);
        if (lesson->rivals)
            buffer_printf(out, ", or %zu other%s", lesson->rivals,
                          lesson->rivals == 1 ? "" : "s");
    } else if (row->part == EVENT_FIELDS) {
        const struct config *config = session_config(e->view.ui->session);
        const struct value *v = &t->event.values[row->field];
        bool is_read = v->path < config_path_count(config) &&
                       config_path(config, v->path)->field == row->field;

        buffer_add_text(out, "from ");
        buffer_add(out, is_read ? bytes_of(config_path(config, v->path)->path)
                                : bytes_of("concluded"));
    }
}

static void draw_node(struct event_view *e, struct canvas *c, unsigned row, size_t at,
                      struct buffer *name, struct buffer *value)
{
    const struct event_row *shown = &e->tree.rows[at];
    bool caret = at == e->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned indent = LEFT, value_col, end = c->cols - 1;

    buffer_clear(name);
    buffer_clear(value);
    event_tree_parts(&e->tree, shown, name, value);
    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    if (shown->part == EVENT_RECORD) {
        const struct record_node *node = &e->tree.record.nodes[shown->node];

        indent += node->depth * 2 < 40 ? node->depth * 2 : 40;
        if (node->n_children)
            canvas_text(
                c, row, indent, 1, caret ? style : STYLE_HEADING,
                glyph_text(e->tree.folded[shown->node] ? GLYPH_CLOSED : GLYPH_OPEN, c->ascii));
    }
    indent += 2;
    canvas_put(c, row, indent, end - indent, caret ? style : STYLE_HEADING, buffer_bytes(name));
    value_col = indent + utf8_columns(buffer_bytes(name)) + 1;
    if (value_col < indent + NAME_COLS)
        value_col = indent + NAME_COLS;
    if (shown->is_heading)
        return;
    buffer_clear(&e->scratch);
    add_origin(e, shown, &e->scratch);
    if (e->scratch.len && end > value_col + e->scratch.len + 8) {
        canvas_right(c, row, end, caret ? style : STYLE_DIM, buffer_bytes(&e->scratch));
        end -= (unsigned)e->scratch.len + 1;
    }
    if (value_col < end)
        canvas_put_value(c, row, value_col, end - value_col, style,
                         event_tree_name(&e->tree, shown, &e->scratch), buffer_bytes(value));
}

static enum style sentence_style(const struct event_view *e)
{
    enum style style = e->tree.has_event ? outcome_style(e->tree.event.outcome) : STYLE_WARN;

    return style == STYLE_PLAIN ? STYLE_TITLE : style;
}

/* Who is behind the sub, where the record does not say so itself: before the sentence, which
 * may not fit in full. */
static void add_learned(struct event_view *e, struct buffer *out)
{
    const struct canvas *c = &e->view.ui->canvas;
    bool any = false;

    for (size_t i = 0; i < e->tree.n_learned; i++) {
        const struct lesson *lesson = &e->tree.learned[i];

        if (lesson->field != FIELD_USER)
            continue;
        buffer_printf(out, "%s", any ? " or " : "The sub is that of ");
        safe_add(out, canvas_hide(&e->view.ui->canvas, bytes_of("user"), lesson->text), 60,
                 c->ascii);
        any = true;
    }
    if (any)
        buffer_add_text(out, " (learned). ");
}

/* The plain sentence, or why there is no event to show. */
static unsigned draw_head(struct event_view *e, struct canvas *c, struct area area)
{
    struct buffer safe = {0}, sentence = {0};
    unsigned used;

    if (e->tree.err != ERR_OK) {
        buffer_printf(&safe, "The record cannot be read again: %s.", err_text(e->tree.err));
    } else {
        add_learned(e, &safe);
        if (e->tree.has_event)
            preview_sentence(e->view.ui, e->tree.event.values, &sentence);
        safe_add(&safe, canvas_hide(c, bytes_of(""), buffer_bytes(&sentence)), SAFE_ALL_COLUMNS,
                 c->ascii);
        if (e->tree.has_event && (e->tree.event.flags & EVENT_DUPLICATE_KEY))
            buffer_add_text(&safe, " A key stands twice in the record: the last one counts.");
        if (e->tree.has_event && (e->tree.event.flags & EVENT_TWO_TIMES))
            buffer_add_text(&safe, " Two times in the record differ by over a day.");
        if (e->tree.has_event && (e->tree.event.flags & EVENT_UPDATE))
            buffer_add_text(&safe, " CloudTrail sent this record to complete or mend an "
                                   "earlier one: see addendum.");
        if (e->tree.has_event && (e->tree.event.flags & EVENT_SUMMARY))
            buffer_add_text(&safe, " The record itself is missing: these are the words that "
                                   "stood around its place.");
        if (e->tree.hidden)
            buffer_printf(&safe, " %zu hidden or control characters are shown as escapes.",
                          e->tree.hidden);
    }
    used = draw_wrapped(c, area.row, area.row + HEAD_ROWS, sentence_style(e),
                        buffer_bytes(&safe)) -
           area.row;
    buffer_deinit(&safe);
    buffer_deinit(&sentence);
    return used;
}

/* What a row is, before its value. */
static void add_about(struct event_view *e, const struct event_row *row, struct buffer *out)
{
    static const char *const headings[] = {
        [EVENT_LEARNED] = "No value of this record, and no filter takes it for one.",
        [EVENT_FIELDS] = "Each field has one meaning in all formats; the record above is what "
                         "the evidence says.",
        [EVENT_AROUND] = "The record stood inside another object, a list or a text; the raw "
                         "view shows all of it.",
    };
    const struct event_tree *t = &e->tree;

    if (row->is_heading) {
        buffer_add_text(out, headings[row->part]);
        return;
    }
    switch (row->part) {
    case EVENT_RECORD:
        safe_add(out, event_tree_name(t, row, &e->scratch), 200, e->view.ui->canvas.ascii);
        buffer_printf(out, "  %s, %zu bytes  ",
                      record_kind_name(t->record.nodes[row->node].kind),
                      t->record.nodes[row->node].raw.raw.len);
        break;
    case EVENT_LEARNED:
        names_add_source(e->view.ui, &t->learned[row->node], out);
        break;
    case EVENT_COMMAND:
        buffer_add_text(out, "The command says who this sub is (y copies it; nothing here is "
                             "run). ");
        break;
    case EVENT_FIELDS:
        buffer_printf(out, "%s: %s. ", field_get(row->field)->name,
                      field_get(row->field)->meaning);
        break;
    case EVENT_AROUND:
        safe_add(out, event_tree_name(t, row, &e->scratch), 200, e->view.ui->canvas.ascii);
        buffer_add_text(out, ", beside the record: ");
        break;
    }
}

/* Below the tree: where the record stands, and the whole value under the caret. */
static void draw_detail(struct event_view *e, struct canvas *c, struct area area)
{
    struct ui *ui = e->view.ui;
    struct row_place place = store_place(session_store(ui->session), e->tree.row);
    struct buffer text = {0}, name = {0}, value = {0};
    unsigned row = area.row, row_used;

    draw_rule(c, row);
    row++;
    if (e->view.caret < e->tree.n_rows && !e->raw) {
        const struct event_row *shown = &e->tree.rows[e->view.caret];

        event_tree_parts(&e->tree, shown, &name, &value);
        add_about(e, shown, &text);
        safe_add(
            &text,
            canvas_hide(c, event_tree_name(&e->tree, shown, &e->scratch), buffer_bytes(&value)),
            VALUE_COLS_MAX, c->ascii);
        (void)draw_wrapped(c, row, row + area.rows - 2, STYLE_PLAIN, buffer_bytes(&text));
    }
    row = area.row + area.rows - 1;
    buffer_clear(&text);
    buffer_printf(&text, "bytes %llu to %llu of ", (unsigned long long)place.offset_bytes,
                  (unsigned long long)(place.offset_bytes + place.length_bytes));
    canvas_text(c, row, 1, c->cols - 2, STYLE_DIM, buffer_bytes(&text));
    row_used = 1 + utf8_columns(buffer_bytes(&text));
    draw_tail(c, row, row_used, c->cols > row_used + 1 ? c->cols - 1 - row_used : 1, STYLE_DIM,
              archive_file(session_archive(ui->session), place.file)->path);
    buffer_deinit(&text);
    buffer_deinit(&name);
    buffer_deinit(&value);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out);

static void take_shared(void *context, struct selection *selection)
{
    struct event_view *e = context;

    e->asking = NULL;
    if (selection->n_unlooked) {
        selection_release(selection); /* a part of the count would be a wrong one */
        return;
    }
    e->shared = selection->n_rows;
    e->has_shared = true;
    selection_release(selection);
}

/* Counts the events that share the value under the caret, when it has a field. */
static void ask_shared(struct event_view *e)
{
    struct ui *ui = e->view.ui;
    struct query_options options = session_query_options(ui->session);
    struct query_error error = {0};
    struct filters *none, *made;
    struct buffer term = {0};
    struct pick pick;

    if (e->raw || (e->shared_row == e->view.caret && (e->has_shared || e->asking)))
        return;
    ask_cancel(e->asking);
    e->asking = NULL;
    e->has_shared = false;
    e->shared_row = e->view.caret;
    if (!value(&e->view, NULL, &pick) || !pick.has_field || pick.state != VALUE_TEXT ||
        pick.field == FIELD_TIME)
        return;
    none = filters_new();
    query_write_term(&term, pick.field, pick.state, pick.text, false);
    if (filters_add(none, buffer_bytes(&term), &options, &made, &error) == ERR_OK) {
        e->asking = session_select(ui->session, made, take_shared, e);
        filters_release(made);
    }
    buffer_deinit(&term);
    query_error_deinit(&error);
    filters_release(none);
}

/* Names that were learned meanwhile stand above rows that the caret may be on. */
static void learn(struct event_view *e)
{
    struct event_row on = {0};

    if (e->view.caret < e->tree.n_rows)
        on = e->tree.rows[e->view.caret];
    if (!event_tree_learn(&e->tree) || e->raw)
        return;
    for (size_t i = 0; i < e->tree.n_rows; i++) {
        const struct event_row *at = &e->tree.rows[i];

        if (at->part == on.part && at->is_heading == on.is_heading && at->field == on.field &&
            at->node == on.node)
            e->view.caret = i;
    }
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct event_view *e = of(v);
    struct buffer name = {0}, text = {0};
    unsigned head;
    struct area detail = area;
    size_t count;

    learn(e);
    head = draw_head(e, c, area);
    detail.rows = area.rows >= 30 ? DETAIL_ROWS + 3 : DETAIL_ROWS;
    detail.row = area.row + area.rows - detail.rows;
    area.row += head;
    area.rows -= head + detail.rows;
    v->page_rows = area.rows;
    if (e->raw && e->raw_mask != v->ui->mask_changes)
        make_raw_text(e);
    view_scroll(v);
    count = count_rows(v);
    for (size_t i = v->top; i < count && i - v->top < v->page_rows; i++) {
        unsigned row = area.row + (unsigned)(i - v->top);

        if (!e->raw) {
            draw_node(e, c, row, i, &name, &text);
            continue;
        }
        canvas_text(c, row, 1, c->cols - 2, STYLE_PLAIN, raw_line(e, i, raw_cols(e)));
        if (i == v->caret) {
            canvas_text(c, row, 0, 1, STYLE_KEY, glyph_text(GLYPH_CARET, c->ascii));
            c->caret_row = row;
        }
    }
    draw_detail(e, c, detail);
    ask_shared(e);
    buffer_deinit(&name);
    buffer_deinit(&text);
}

static void ask(struct view *v)
{
    struct event_view *e = of(v);

    /* The record stays what it is; only the count of its like may grow. */
    if (!e->tree.reader)
        load_event(e, e->tree.row);
    e->has_shared = false;
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct event_view *e = of(v);
    const struct event_row *row;

    if (field)
        return field_pick(v->ui, *field, e->tree.row, &e->scratch, out);
    if (e->raw) {
        *out = (struct pick){.state = VALUE_TEXT, .text = buffer_bytes(&e->tree.text)};
        return e->tree.text.len > 0;
    }
    if (v->caret >= e->tree.n_rows)
        return false;
    row = &e->tree.rows[v->caret];
    if (row->is_heading)
        return false;
    if (row->part == EVENT_AROUND || row->part == EVENT_LEARNED ||
        row->part == EVENT_COMMAND) { /* no query sees it, but it can be copied */
        struct buffer name = {0};

        buffer_clear(&e->scratch);
        event_tree_parts(&e->tree, row, &name, &e->scratch);
        buffer_deinit(&name);
        *out = (struct pick){.state = VALUE_TEXT, .text = buffer_bytes(&e->scratch)};
        return true;
    }
    if (row->part == EVENT_FIELDS) {
        field_pick(v->ui, row->field, e->tree.row, &e->scratch, out);
        out->path = bytes_of(field_get(row->field)->name);
        return true;
    }
    if (e->tree.field_of[row->node] >= 0)
        field_pick(v->ui, (enum field_id)e->tree.field_of[row->node], e->tree.row, &e->scratch,
                   out);
    else
        *out = (struct pick){.state = VALUE_TEXT};
    buffer_clear(&e->path);
    record_path(&e->tree.record, row->node, &e->path);
    out->path = buffer_bytes(&e->path);
    /* A copy takes what the record says, a filter what the column has: for a field that
     * stands as it is they are the same. */
    if (!out->has_field) {
        buffer_clear(&e->scratch);
        record_value(&e->tree.record, row->node, &e->scratch);
        out->text = buffer_bytes(&e->scratch);
        if (e->tree.record.nodes[row->node].kind == CURSOR_NULL)
            out->state = VALUE_NULL;
    }
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct event_view *e = of(v);

    if (e->raw) {
        buffer_add(out, raw_line(e, row, raw_cols(e)));
        return;
    }
    event_tree_parts(&e->tree, &e->tree.rows[row], out, out);
}

static unsigned set_fold(struct event_view *e, bool fold)
{
    size_t node;

    if (e->raw || e->view.caret >= e->tree.n_rows ||
        e->tree.rows[e->view.caret].part != EVENT_RECORD)
        return REACT_NONE;
    node = e->tree.rows[e->view.caret].node;
    /* Folding a leaf folds the branch that it stands in. */
    if (fold && (e->tree.record.nodes[node].n_children == 0 || e->tree.folded[node]) &&
        e->tree.record.nodes[node].parent != RECORD_NO_PARENT)
        node = e->tree.record.nodes[node].parent;
    e->tree.folded[node] = fold && e->tree.record.nodes[node].n_children > 0;
    event_tree_list(&e->tree);
    for (size_t i = 0; i < e->tree.n_rows; i++) {
        if (e->tree.rows[i].part == EVENT_RECORD && e->tree.rows[i].node == node)
            e->view.caret = i;
    }
    return REACT_REDRAW;
}

static unsigned open_node(struct view *v)
{
    struct event_view *e = of(v);

    if (e->raw || v->caret >= e->tree.n_rows)
        return REACT_NONE;
    if (e->tree.rows[v->caret].part == EVENT_LEARNED && !e->tree.rows[v->caret].is_heading)
        return names_open(v->ui, &e->tree.learned[e->tree.rows[v->caret].node]);
    if (e->tree.rows[v->caret].part == EVENT_RECORD &&
        e->tree.record.nodes[e->tree.rows[v->caret].node].n_children)
        return set_fold(e, !e->tree.folded[e->tree.rows[v->caret].node]);
    ui_say(v->ui, STYLE_PLAIN,
           "= keeps this value, - drops it, o shows others with it, y copies.");
    return REACT_REDRAW;
}

static unsigned fold_all(struct event_view *e, bool fold)
{
    for (size_t i = 0; i < e->tree.record.count; i++)
        e->tree.folded[i] = fold && e->tree.record.nodes[i].n_children > 0;
    event_tree_list(&e->tree);
    return REACT_REDRAW;
}

/* Puts the caret on the row that stands for the same as `row` of the event before. */
static void find_row(struct event_view *e, const struct event_row *row, struct bytes path)
{
    struct buffer other = {0};

    for (size_t i = 0; i < e->tree.n_rows; i++) {
        const struct event_row *at = &e->tree.rows[i];
        bool same = at->part == row->part && at->is_heading == row->is_heading;

        buffer_clear(&other);
        if (same && at->part == EVENT_RECORD) {
            record_path(&e->tree.record, at->node, &other);
            same = bytes_equal(buffer_bytes(&other), path);
        } else if (same && at->part == EVENT_FIELDS) {
            same = at->field == row->field;
        }
        if (same) {
            e->view.caret = i;
            break;
        }
    }
    buffer_deinit(&other);
}

/* To the neighbour in the list; the caret stays on the same path where there is one. */
static unsigned step(struct event_view *e, int direction)
{
    struct ui *ui = e->view.ui;
    struct event_row row_before = {0};
    struct buffer path = {0};
    bool there = false;
    row_id row;

    for (size_t i = 0; i < ui->depth; i++)
        there |= ui->views[i] == e->list;
    if (!there || !(e->list->ops->step && e->list->ops->step(e->list, direction, &row))) {
        ui_say(ui, STYLE_PLAIN,
               there ? "There are no more events in the list."
                     : "The list of this event was left.");
        return REACT_REDRAW;
    }
    if (e->view.caret < e->tree.n_rows && !e->raw) {
        row_before = e->tree.rows[e->view.caret];
        if (row_before.part == EVENT_RECORD)
            record_path(&e->tree.record, row_before.node, &path);
    }
    load_event(e, row);
    if (e->raw)
        make_raw_text(e);
    else
        find_row(e, &row_before, buffer_bytes(&path));
    buffer_deinit(&path);
    return REACT_REDRAW;
}

static bool command(struct view *v, enum command_id id, struct bytes argument,
                    unsigned *reactions)
{
    struct event_view *e = of(v);

    (void)argument;
    *reactions = REACT_REDRAW;
    if (id == COMMAND_RAW) {
        e->raw = !e->raw;
        if (e->raw)
            make_raw_text(e);
        v->caret = v->top = 0;
    } else if (id == COMMAND_FOLD || id == COMMAND_UNFOLD) {
        *reactions = set_fold(e, id == COMMAND_FOLD);
    } else if (id == COMMAND_FOLD_ALL || id == COMMAND_UNFOLD_ALL) {
        *reactions = fold_all(e, id == COMMAND_FOLD_ALL);
    } else if (id == COMMAND_EVENT_NEXT || id == COMMAND_EVENT_PREVIOUS) {
        *reactions = step(e, id == COMMAND_EVENT_NEXT ? 1 : -1);
    } else {
        return false;
    }
    return true;
}

static const struct view_ops event_ops = {
    .name = "event",
    .context = CONTEXT_TREE,
    .free = free_event,
    .ask = ask,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_node,
    .command = command,
};

struct view *event_new(struct ui *ui, struct filters *filters, struct view *list, row_id row,
                       const enum field_id *field)
{
    struct event_view *e = mem_alloc(sizeof *e);

    view_init(&e->view, &event_ops, ui, filters);
    e->list = list;
    e->tree.ui = ui;
    load_event(e, row);
    for (size_t i = 0; field && i < e->tree.n_rows; i++) {
        if (e->tree.rows[i].part == EVENT_RECORD &&
            e->tree.field_of[e->tree.rows[i].node] == (int)*field) {
            e->view.caret = i;
            break;
        }
    }
    return &e->view;
}
