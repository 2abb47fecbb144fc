#include "core/reading/skeleton.h"

#include "core/reading/field.h"

struct skeleton_node {
    struct bytes key;
    struct skeleton_node *child, *sibling;
    size_t hole; /* SIZE_MAX for an object */
    bool list;   /* its children are 0, 1, 2 … in this order */
};

void skeleton_text(struct buffer *out, struct bytes text)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

    buffer_add_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        const char *named;

        while (at < text.len && (unsigned char)text.ptr[at] >= 0x20 && text.ptr[at] != '"' &&
               text.ptr[at] != '\\')
            at++;
        buffer_add(out, bytes_slice(text, start, at));
        if (at == text.len)
            break;
        named = text.ptr[at] ? strchr(from, text.ptr[at]) : NULL;
        if (named)
            buffer_printf(out, "\\%c", to[named - from]);
        else
            buffer_printf(out, "\\u%04x", (unsigned)(unsigned char)text.ptr[at]);
        at++;
    }
    buffer_add_char(out, '"');
}

static struct skeleton_node *child_of(struct arena *a, struct skeleton_node *parent,
                                      struct bytes key, bool *is_new)
{
    struct skeleton_node **end = &parent->child;
    uint64_t number, count = 0;

    for (; *end; end = &(*end)->sibling, count++)
        if (bytes_equal((*end)->key, key)) {
            *is_new = false;
            return *end;
        }
    *is_new = true;
    *end = arena_alloc(a, sizeof **end);
    (*end)->key = arena_copy(a, key);
    (*end)->hole = SIZE_MAX;
    parent->list = (parent->list || count == 0) && bytes_to_u64(key, &number) &&
                   number == count && key.len <= 4;
    return *end;
}

/* A key of its own at the top; a name that is taken gets a number behind it. */
static struct skeleton_node *lone_child(struct arena *a, struct skeleton_node *root,
                                        struct bytes path)
{
    struct skeleton_node *node;
    struct buffer name = {0};
    bool is_new = false;

    buffer_add(&name, path);
    node = child_of(a, root, path, &is_new);
    for (unsigned i = 2; !is_new; i++) {
        name.len = path.len;
        buffer_printf(&name, " (%u)", i);
        node = child_of(a, root, buffer_bytes(&name), &is_new);
    }
    buffer_deinit(&name);
    return node;
}

bool skeleton_add(struct skeleton *s, struct arena *a, struct bytes path)
{
    struct bytes rest = path, step = {0};
    struct skeleton_node *node;
    bool is_new = true;
    unsigned depth = 0;

    if (s->n_holes == SKELETON_MAX_HOLES)
        return false;
    if (!s->root)
        s->root = arena_alloc(a, sizeof *s->root);
    node = s->root;
    while (rest.len > 0 && (node == s->root || node->hole == SIZE_MAX)) {
        if (++depth == SKELETON_MAX_DEPTH || !path_step(&rest, &step)) {
            step = rest;
            rest = (struct bytes){0};
        }
        node = child_of(a, node, step, &is_new);
    }
    if (node == s->root || !is_new || rest.len > 0)
        node = lone_child(a, s->root, path);
    s->root->list = false;
    node->hole = s->n_holes++;
    return true;
}

static bool write_node(const struct skeleton_node *node, const struct filling *fillings,
                       struct buffer *out)
{
    bool first = true, filled = false;

    if (node->hole != SIZE_MAX && !node->child) {
        const struct filling *f = &fillings[node->hole];

        if (f->kind == FILLING_TEXT)
            skeleton_text(out, f->text);
        else if (f->kind == FILLING_SOURCE)
            buffer_add(out, f->text);
        return f->kind != FILLING_NONE;
    }
    buffer_add_char(out, node->list ? '[' : '{');
    for (const struct skeleton_node *child = node->child; child; child = child->sibling) {
        size_t before = out->len;
        bool has_value;

        if (!first)
            buffer_add_char(out, ',');
        if (!node->list) {
            skeleton_text(out, child->key);
            buffer_add_char(out, ':');
        }
        has_value = write_node(child, fillings, out);
        filled |= has_value;
        if (has_value || node->list)
            first = false;
        else
            out->len = before;
        if (!has_value && node->list)
            buffer_add_text(out, "null"); /* keeps the places of those behind it */
    }
    buffer_add_char(out, node->list ? ']' : '}');
    return filled;
}

void skeleton_write(const struct skeleton *s, const struct filling *fillings,
                    struct buffer *out)
{
    if (s->root)
        (void)write_node(s->root, fillings, out);
    else
        buffer_add_text(out, "{}");
}
