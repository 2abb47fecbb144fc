#include "core/reading/tree.h"

#include <assert.h>

static bool is_position(struct bytes key)
{
    uint64_t number;

    return bytes_to_u64(key, &number);
}

/* Our keys need no escapes. */
static struct bytes member_of(struct arena *a, struct bytes key)
{
    size_t len = key.len + strlen(",\"\":");
    char *text = arena_alloc(a, len);

    text[0] = ',';
    text[1] = '"';
    memcpy(text + 2, key.ptr, key.len);
    text[len - 2] = '"';
    text[len - 1] = ':';
    return bytes_make(text, len);
}

static struct tree_node *child_of(struct arena *a, struct tree_node *parent, struct bytes key)
{
    struct tree_node **end = &parent->child;
    struct tree_node *node;

    for (; *end; end = &(*end)->sibling)
        if (bytes_equal((*end)->key, key))
            return *end;
    node = arena_alloc(a, sizeof *node);
    node->key = key;
    node->member = member_of(a, key);
    tree_words(key, &node->low, &node->high);
    *end = node;
    if (is_position(key))
        parent->positions = true;
    return node;
}

struct tree_node *tree_add(struct arena *a, struct tree_node *root, const char *path)
{
    struct bytes rest = bytes_of(path), step;

    while (path_step(&rest, &step))
        root = child_of(a, root, step);
    return root;
}

void tree_add_rows(struct arena *a, struct tree_node *root, const struct config *config)
{
    for (size_t i = 0; i < config_path_count(config); i++) {
        const struct path_row *row = config_path(config, i);
        struct tree_node *node = tree_add(a, root, row->path);

        assert(node->n_rows < ARRAY_LEN(node->rows));
        node->rows[node->n_rows++] = (uint16_t)i;
        node->converts |= row->via != VIA_DIRECT;
        node->elements |= row->via == VIA_FIRST;
        node->keys |= row->via == VIA_LOGINS || row->via == VIA_LOGIN_KEY;
    }
}

void tree_seal(struct arena *a, struct tree_node *node)
{
    size_t count = 0, mask;
    unsigned bits = 2;

    for (struct tree_node *child = node->child; child; child = child->sibling) {
        tree_seal(a, child);
        count++;
    }
    if (count == 0)
        return;
    /* At most a quarter full: a key that is none of ours mostly meets an empty slot. */
    while ((size_t)1 << bits < 4 * count)
        bits++;
    mask = ((size_t)1 << bits) - 1;
    node->shift = 64 - bits;
    node->slots = arena_alloc(a, (mask + 1) * sizeof *node->slots);
    for (struct tree_node *child = node->child; child; child = child->sibling) {
        size_t at = (size_t)(tree_hash(child->low, child->high, child->key.len) >> node->shift);

        while (node->slots[at])
            at = (at + 1) & mask;
        node->slots[at] = child;
    }
}
