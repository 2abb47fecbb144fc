#include "core/reading/record.h"

#include "core/base/mem.h"

static struct record_node *add_node(struct record *r, uint32_t parent)
{
    struct record_node *node;

    if (r->count == RECORD_MAX_NODES) {
        r->cut = true;
        return NULL;
    }
    mem_grow(&r->nodes, &r->cap, r->count + 1, sizeof *r->nodes);
    node = &r->nodes[r->count++];
    *node = (struct record_node){.parent = parent};
    if (parent != RECORD_NO_PARENT) {
        node->depth = r->nodes[parent].depth + 1;
        node->position = r->nodes[parent].n_children++;
    }
    return node;
}

/* Passes a value that is no container and keeps its text. */
static bool read_scalar(struct cursor *c, enum cursor_kind kind, struct cursor_text *raw)
{
    struct bytes text = {0};

    *raw = (struct cursor_text){0};
    if (kind == CURSOR_STRING)
        return cursor_string(c, raw);
    if (!cursor_skip(c, &text))
        return false;
    raw->raw = text;
    return true;
}

/* The containers that are open, outermost first. */
struct level {
    uint32_t node; /* RECORD_NO_PARENT for the record itself */
    bool is_object, first;
    const char *start;
};

/* One member or element of the innermost open container; closes it at its end. */
static bool step(struct record *r, struct cursor *c, struct level *levels, size_t *n_levels)
{
    struct level *top = &levels[*n_levels - 1];
    struct cursor_text key = {0};
    enum cursor_kind kind;
    struct record_node *node;
    bool more =
        top->is_object ? cursor_next_key(c, &key, top->first) : cursor_next_item(c, top->first);

    top->first = false;
    if (!more) {
        if (c->fault != CURSOR_FINE)
            return false;
        if (top->node != RECORD_NO_PARENT)
            r->nodes[top->node].raw.raw = bytes_make(top->start, (size_t)(c->at - top->start));
        (*n_levels)--;
        return true;
    }
    if (!cursor_peek(c, &kind))
        return false;
    node = add_node(r, top->node);
    if (!node)
        return cursor_skip(c, NULL); /* the containers around it still get their text */
    node->kind = kind;
    node->key = key;
    node->in_array = !top->is_object;
    if (kind != CURSOR_OBJECT && kind != CURSOR_ARRAY)
        return read_scalar(c, kind, &node->raw);
    levels[*n_levels] =
        (struct level){(uint32_t)(r->count - 1), kind == CURSOR_OBJECT, true, c->at};
    (*n_levels)++;
    return kind == CURSOR_OBJECT ? cursor_enter_object(c) : cursor_enter_array(c);
}

enum err record_parse(struct bytes text, struct record *out)
{
    struct level levels[CURSOR_MAX_DEPTH + 1];
    size_t n_levels = 1;
    enum cursor_kind kind;
    struct cursor c;

    *out = (struct record){0};
    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    if (!cursor_peek(&c, &kind))
        return ERR_SYNTAX;
    if (kind != CURSOR_OBJECT && kind != CURSOR_ARRAY) {
        struct record_node *node = add_node(out, RECORD_NO_PARENT);

        node->kind = kind;
        node->in_array = true;
        return read_scalar(&c, kind, &node->raw) && cursor_at_end(&c) ? ERR_OK : ERR_SYNTAX;
    }
    levels[0] = (struct level){RECORD_NO_PARENT, kind == CURSOR_OBJECT, true, c.at};
    if (!(kind == CURSOR_OBJECT ? cursor_enter_object(&c) : cursor_enter_array(&c)))
        return ERR_SYNTAX;
    while (n_levels > 0) {
        if (!step(out, &c, levels, &n_levels))
            return ERR_SYNTAX;
    }
    return cursor_at_end(&c) ? ERR_OK : ERR_SYNTAX;
}

void record_deinit(struct record *r)
{
    mem_free(r->nodes);
    *r = (struct record){0};
}

static bool is_plain_step(struct bytes step)
{
    for (size_t i = 0; i < step.len; i++) {
        char c = step.ptr[i];

        if (!(c == '_' || c == '@' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z')))
            return false;
    }
    return step.len > 0;
}

void record_path(const struct record *r, size_t node, struct buffer *out)
{
    size_t chain[CURSOR_MAX_DEPTH + 1];
    size_t count = 0;

    for (size_t at = node; at != RECORD_NO_PARENT && count < ARRAY_LEN(chain);
         at = r->nodes[at].parent)
        chain[count++] = at;
    while (count-- > 0) {
        const struct record_node *n = &r->nodes[chain[count]];
        struct buffer key = {0};

        if (n->depth)
            buffer_add_char(out, '.');
        if (n->in_array) {
            buffer_printf(out, "%u", n->position);
            continue;
        }
        cursor_decode(n->key, &key);
        if (is_plain_step(buffer_bytes(&key))) {
            buffer_add(out, buffer_bytes(&key));
        } else {
            buffer_add_char(out, '`');
            buffer_add(out, buffer_bytes(&key));
            buffer_add_char(out, '`');
        }
        buffer_deinit(&key);
    }
}

void record_value(const struct record *r, size_t node, struct buffer *out)
{
    const struct record_node *n = &r->nodes[node];

    if (n->kind == CURSOR_STRING)
        cursor_decode(n->raw, out);
    else
        buffer_add(out, n->raw.raw);
}

const char *record_kind_name(enum cursor_kind kind)
{
    static const char *const names[] = {"object", "array", "string", "number",
                                        "true",   "false", "null"};

    return names[kind];
}
