#include "tui/event_tree.h"

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/reading/explain.h"

#include "tui/ui.h"

static void unload(struct event_tree *e)
{
    event_reader_free(e->reader);
    e->reader = NULL;
    e->has_event = false;
    record_deinit(&e->record);
    record_deinit(&e->around);
    mem_free(e->folded);
    mem_free(e->field_of);
    e->folded = NULL;
    e->field_of = NULL;
    buffer_clear(&e->text);
    buffer_clear(&e->sentence);
}

void event_tree_deinit(struct event_tree *e)
{
    unload(e);
    mem_free(e->rows);
    buffer_deinit(&e->text);
    buffer_deinit(&e->sentence);
    unwrapper_deinit(&e->unwrapper);
}

static bool is_hidden(const struct event_tree *e, size_t node)
{
    for (size_t at = e->record.nodes[node].parent; at != RECORD_NO_PARENT;
         at = e->record.nodes[at].parent) {
        if (e->folded[at])
            return true;
    }
    return false;
}

static void add_row(struct event_tree *e, struct event_row row)
{
    mem_grow(&e->rows, &e->rows_cap, e->n_rows + 1, sizeof *e->rows);
    e->rows[e->n_rows++] = row;
}

/* The members of the wrapper, without the one that holds the record. */
static void list_around(struct event_tree *e)
{
    const struct record *r = &e->around;

    if (r->count == 0)
        return;
    add_row(e, (struct event_row){.is_field = true, .is_heading = true, .is_around = true});
    for (size_t i = 0; i < r->count; i++) {
        const struct record_node *n = &r->nodes[i];

        if ((n->depth == 0 || (n->depth == 1 && r->nodes[n->parent].in_array)) &&
            n->raw.raw.len < e->record_bytes && n->n_children == 0)
            add_row(e, (struct event_row){
                           .is_field = true, .is_around = true, .node = (uint32_t)i});
    }
}

/* The rows that are to be seen: the record's nodes, then the unified fields, then the wrapper's
 * members. */
void event_tree_list(struct event_tree *e)
{
    e->n_rows = 0;
    for (size_t i = 0; i < e->record.count; i++) {
        if (!is_hidden(e, i))
            add_row(e, (struct event_row){.node = (uint32_t)i});
    }
    if (e->has_event)
        add_row(e, (struct event_row){.is_field = true, .is_heading = true});
    for (int f = 0; e->has_event && f < FIELD_COUNT; f++) {
        if (e->event.values[f].state != VALUE_ABSENT)
            add_row(e, (struct event_row){.is_field = true, .field = (enum field_id)f});
    }
    list_around(e);
}

/* The nodes that stand for a field so far: of keys that stand twice only the last one counts.
 * An array and its first element stand for the same field. */
struct givers {
    size_t value, element; /* 1 + node; 0 for none */
};

static void overrule(struct event_tree *e, size_t *giver, size_t node)
{
    if (*giver)
        e->field_of[*giver - 1] = FIELD_OVERRULED;
    *giver = node + 1;
}

static void join(struct event_tree *e, size_t node, struct bytes path, struct givers *givers)
{
    const struct config *config = session_config(e->ui->session);
    const struct record_node *n = &e->record.nodes[node];

    for (int f = 0; f < FIELD_COUNT; f++) {
        const struct value *value = &e->event.values[f];
        const struct path_row *row;

        if (value->state == VALUE_ABSENT || value->path >= config_path_count(config))
            continue;
        row = config_path(config, value->path);
        if ((int)row->field != f)
            continue;
        if (bytes_are(path, row->path)) {
            overrule(e, &givers[f].element, node);
            givers[f].element = 0;
            overrule(e, &givers[f].value, node);
        } else if (row->via == VIA_FIRST && n->in_array && n->position == 0 &&
                   bytes_are(bytes_slice(path, 0, path.len - 2), row->path)) {
            overrule(e, &givers[f].element, node);
        } else {
            continue;
        }
        e->field_of[node] = f;
    }
}

/* Which unified field did each node give? The event's values name the row of the path table
 * that gave them. */
static void join_fields(struct event_tree *e)
{
    struct givers givers[FIELD_COUNT] = {0};
    struct buffer path = {0};

    for (size_t i = 0; i < e->record.count; i++) {
        e->field_of[i] = FIELD_NONE;
        buffer_clear(&path);
        record_path(&e->record, i, &path);
        if (e->has_event)
            join(e, i, buffer_bytes(&path), givers);
    }
    buffer_deinit(&path);
}

static size_t count_hidden(const struct record *r)
{
    struct buffer text = {0};
    size_t hidden = 0;

    for (size_t i = 0; i < r->count; i++) {
        buffer_clear(&text);
        if (!r->nodes[i].in_array)
            cursor_decode(r->nodes[i].key, &text);
        if (r->nodes[i].kind == CURSOR_STRING)
            cursor_decode(r->nodes[i].raw, &text);
        hidden += safe_hidden(buffer_bytes(&text));
    }
    buffer_deinit(&text);
    return hidden;
}

/* The tree is that of the record itself; the line of another log has only what stands around
 * it. */
static enum err parse_record(struct event_tree *e)
{
    struct bytes whole = buffer_bytes(&e->text), inner;
    unsigned layers = e->has_event ? event_layers(e->event.flags) : 0;

    if (layers > 0) {
        inner = unwrap(&e->unwrapper, whole, layers);
        e->record_bytes = inner.len;
        if (record_parse(inner, &e->record) == ERR_OK)
            return record_parse(whole, &e->around);
        record_deinit(&e->record);
    }
    return record_parse(whole, &e->record);
}

/* Name and value of a row; the value is decoded, not yet sanitised. */
void event_tree_parts(const struct event_tree *e, const struct event_row *row,
                      struct buffer *name, struct buffer *value)
{
    if (row->is_heading) {
        buffer_add_text(name,
                        row->is_around
                            ? "Around the record: what it came in"
                            : "Fields: what queries and pivots use, and where it came from");
        return;
    }
    if (row->is_around) {
        const struct record_node *node = &e->around.nodes[row->node];

        if (node->in_array)
            buffer_printf(name, "%u", node->position);
        else
            cursor_decode(node->key, name);
        record_value(&e->around, row->node, value);
        return;
    }
    if (row->is_field) {
        const struct value *v = &e->event.values[row->field];

        buffer_add_text(name, field_get(row->field)->name);
        if (v->state == VALUE_TEXT)
            buffer_add(value, v->text);
        else
            ui_add_value(e->ui, value, v->state, bytes_of(""), 20);
        return;
    }
    const struct record_node *node = &e->record.nodes[row->node];

    if (node->in_array)
        buffer_printf(name, "%u", node->position);
    else
        cursor_decode(node->key, name);
    if (node->kind == CURSOR_OBJECT || node->kind == CURSOR_ARRAY) {
        bool object = node->kind == CURSOR_OBJECT;

        if (node->n_children == 0)
            buffer_add_text(value, object ? "{}" : "[]");
        else if (e->folded[row->node])
            buffer_printf(value, "%c%u%c", object ? '{' : '[', node->n_children,
                          object ? '}' : ']');
    } else {
        record_value(&e->record, row->node, value);
        if (node->kind == CURSOR_STRING && value->len == 0)
            buffer_add_text(value, "\"\"");
    }
}

/* What the value of a row is the value of: the field, or the path of the node. */
struct bytes event_tree_name(const struct event_tree *e, const struct event_row *r,
                             struct buffer *scratch)
{
    if (r->is_field)
        return bytes_of(field_get(r->field)->name);
    if (r->is_heading)
        return bytes_of("");
    buffer_clear(scratch);
    record_path(&e->record, r->node, scratch);
    return buffer_bytes(scratch);
}

void event_tree_load(struct event_tree *e, row_id row)
{
    struct ui *ui = e->ui;
    struct cursor c;

    unload(e);
    e->row = row;
    e->err = session_record(ui->session, e->row, &e->text);
    e->reader = event_reader_new(session_config(ui->session));
    cursor_init(&c, buffer_bytes(&e->text), true);
    c.lenient_utf8 = true;
    e->has_event = e->text.len > 0 && event_read(e->reader, &c, &e->event, NULL) == EVENT_READ;
    if (e->err == ERR_OK)
        e->err = parse_record(e);
    if (e->has_event)
        explain_event(e->event.values, &e->sentence);
    e->hidden = count_hidden(&e->record);
    e->folded = mem_array(e->record.count + 1, sizeof *e->folded);
    e->field_of = mem_array(e->record.count + 1, sizeof *e->field_of);
    join_fields(e);
    event_tree_list(e);
}
