#include "tui/panes/event_tree.h"

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/reading/lambda.h"

#include "tui/panes/names.h"
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
    lessons_release(e->lessons);
    e->lessons = NULL;
    e->n_learned = 0;
    buffer_clear(&e->command);
    buffer_clear(&e->text);
}

void event_tree_deinit(struct event_tree *e)
{
    unload(e);
    mem_free(e->rows);
    buffer_deinit(&e->text);
    buffer_deinit(&e->command);
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
    add_row(e, (struct event_row){.part = EVENT_AROUND, .is_heading = true});
    for (size_t i = 0; i < r->count; i++) {
        const struct record_node *n = &r->nodes[i];

        if ((n->depth == 0 || (n->depth == 1 && r->nodes[n->parent].in_array)) &&
            n->raw.raw.len < e->record_bytes && n->n_children == 0)
            add_row(e, (struct event_row){.part = EVENT_AROUND, .node = (uint32_t)i});
    }
}

/* What other records say of the names in this one. */
static void list_learned(struct event_tree *e)
{
    if (e->n_learned == 0 && e->command.len == 0)
        return;
    add_row(e, (struct event_row){.part = EVENT_LEARNED, .is_heading = true});
    for (size_t i = 0; i < e->n_learned; i++)
        add_row(e, (struct event_row){.part = EVENT_LEARNED, .node = (uint32_t)i});
    if (e->command.len)
        add_row(e, (struct event_row){.part = EVENT_COMMAND});
}

/* The rows that are to be seen: the record's nodes, then what is learned, then the unified
 * fields, then the wrapper's members. */
void event_tree_list(struct event_tree *e)
{
    e->n_rows = 0;
    for (size_t i = 0; i < e->record.count; i++) {
        if (!is_hidden(e, i))
            add_row(e, (struct event_row){.node = (uint32_t)i});
    }
    list_learned(e);
    if (e->has_event)
        add_row(e, (struct event_row){.part = EVENT_FIELDS, .is_heading = true});
    for (int f = 0; e->has_event && f < FIELD_COUNT; f++) {
        if (e->event.values[f].state != VALUE_ABSENT)
            add_row(e, (struct event_row){.part = EVENT_FIELDS, .field = (enum field_id)f});
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

/* The tree is that of the record itself, or of the JSON in a line of Lambda; the line of
 * another log has only what stands around it. */
static enum err parse_record(struct event_tree *e)
{
    struct bytes whole = buffer_bytes(&e->text), inner;
    struct wrapped where = event_wrapped(e->has_event ? e->event.flags : 0);

    if (where.layers > 0) {
        inner = unwrap(&e->unwrapper, whole, where);
        struct bytes object = lambda_json(inner);

        /* Of a line of Lambda the rest is worth a look too. */
        e->record_bytes = object.len < inner.len ? SIZE_MAX : inner.len;
        if (record_parse(object, &e->record) == ERR_OK)
            return record_parse(whole, &e->around);
        record_deinit(&e->record);
    }
    return record_parse(whole, &e->record);
}

static void heading_text(const struct event_row *row, struct buffer *out)
{
    static const char *const headings[] = {
        [EVENT_LEARNED] = "Learned: what other records say of the names in this one",
        [EVENT_FIELDS] = "Fields: what queries and pivots use, and where it came from",
        [EVENT_AROUND] = "Around the record: what it came in",
    };

    buffer_add_text(out, headings[row->part]);
}

static void node_name(const struct record *r, uint32_t at, struct buffer *out)
{
    const struct record_node *node = &r->nodes[at];

    if (node->in_array)
        buffer_printf(out, "%u", node->position);
    else
        cursor_decode(node->key, out);
}

static void node_value(const struct event_tree *e, uint32_t at, struct buffer *out)
{
    const struct record_node *node = &e->record.nodes[at];

    if (node->kind == CURSOR_OBJECT || node->kind == CURSOR_ARRAY) {
        bool object = node->kind == CURSOR_OBJECT;

        if (node->n_children == 0)
            buffer_add_text(out, object ? "{}" : "[]");
        else if (e->folded[at])
            buffer_printf(out, "%c%u%c", object ? '{' : '[', node->n_children,
                          object ? '}' : ']');
        return;
    }
    record_value(&e->record, at, out);
    if (node->kind == CURSOR_STRING && out->len == 0)
        buffer_add_text(out, "\"\"");
}

void event_tree_parts(const struct event_tree *e, const struct event_row *row,
                      struct buffer *name, struct buffer *value)
{
    if (row->is_heading) {
        heading_text(row, name);
        return;
    }
    switch (row->part) {
    case EVENT_RECORD:
        node_name(&e->record, row->node, name);
        node_value(e, row->node, value);
        break;
    case EVENT_LEARNED:
        buffer_add_text(name, field_get(e->learned[row->node].field)->name);
        buffer_add(value, e->learned[row->node].text);
        break;
    case EVENT_COMMAND:
        buffer_add_text(name, "ask the pool");
        buffer_add(value, buffer_bytes(&e->command));
        break;
    case EVENT_FIELDS: {
        const struct value *v = &e->event.values[row->field];

        buffer_add_text(name, field_get(row->field)->name);
        if (v->state == VALUE_TEXT)
            buffer_add(value, v->text);
        else
            ui_add_value(e->ui, value, v->state, bytes_of(""), 20);
        break;
    }
    case EVENT_AROUND:
        node_name(&e->around, row->node, name);
        record_value(&e->around, row->node, value);
        break;
    }
}

struct bytes event_tree_name(const struct event_tree *e, const struct event_row *row,
                             struct buffer *scratch)
{
    if (row->is_heading)
        return bytes_of("");
    buffer_clear(scratch);
    switch (row->part) {
    case EVENT_RECORD:
        record_path(&e->record, row->node, scratch);
        break;
    case EVENT_LEARNED:
        return bytes_of(field_get(e->learned[row->node].field)->name);
    case EVENT_FIELDS:
        return bytes_of(field_get(row->field)->name);
    case EVENT_AROUND:
        node_name(&e->around, row->node, scratch);
        break;
    case EVENT_COMMAND:
        break;
    }
    return buffer_bytes(scratch);
}

/* The names that the record gives itself, and the command that asks for more. */
bool event_tree_learn(struct event_tree *e)
{
    struct lessons *newest = session_lessons(e->ui->session);
    struct bytes known[FIELD_COUNT] = {0}, pool;

    if (!e->has_event || newest == e->lessons)
        return false;
    lessons_release(e->lessons);
    e->lessons = lessons_hold(newest);
    for (int f = 0; f < FIELD_COUNT; f++)
        if (e->event.values[f].state == VALUE_TEXT)
            known[f] = e->event.values[f].text;
    e->n_learned = lessons_about(newest, known, e->learned);
    pool = known[FIELD_POOL];
    for (size_t i = 0; i < e->n_learned; i++)
        if (e->learned[i].field == FIELD_POOL && e->learned[i].rivals == 0)
            pool = e->learned[i].text;
    buffer_clear(&e->command);
    (void)names_add_command(&e->command, pool, known[FIELD_SUB]);
    event_tree_list(e);
    return true;
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
    e->has_event = e->text.len > 0 &&
                   event_read_again(e->reader, &c, store_flags(session_store(ui->session), row),
                                    &e->event);
    if (e->err == ERR_OK)
        e->err = parse_record(e);
    e->hidden = count_hidden(&e->record);
    e->folded = mem_array(e->record.count + 1, sizeof *e->folded);
    e->field_of = mem_array(e->record.count + 1, sizeof *e->field_of);
    join_fields(e);
    event_tree_list(e);
    (void)event_tree_learn(e);
}
