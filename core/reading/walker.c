#include "core/reading/walker.h"

#include <assert.h>

#include "core/reading/via.h"

void walker_init(struct walker *w, const struct config *config,
                 const char *(*sign)(size_t i, uint64_t *sign))
{
    const char *path;
    uint64_t bits;

    *w = (struct walker){.config = config};
    assert(config_path_count(config) <= WALKER_MAX_ROWS);
    for (size_t i = 0; i < config_path_count(config); i++)
        w->rows[i] = *config_path(config, i);
    tree_add_rows(&w->arena, &w->root, config);
    for (size_t i = 0; (path = sign(i, &bits)); i++)
        tree_add(&w->arena, &w->root, path)->signs |= bits;
    tree_seal(&w->arena, &w->root);
}

void walker_deinit(struct walker *w)
{
    arena_deinit(&w->arena);
    buffer_deinit(&w->scratch);
    buffer_deinit(&w->key);
}

/* ---- texts ---- */

static inline struct found *found_at(struct walker *w, size_t row)
{
    struct found *f = &w->found[row];

    if (!f->listed) {
        f->listed = true;
        w->seen[w->n_seen++] = (uint16_t)row;
    }
    return f;
}

/* Texts travel by pointer: copying a struct whose bytes were just written one by one stalls. */
static inline void put(struct walker *w, size_t row, const struct via_text *text)
{
    struct found *f = found_at(w, row);

    f->state = (uint8_t)text->state;
    f->len = text->bytes.len;
    f->ptr = text->bytes.ptr;
    if (text->in_scratch) {
        f->ptr = NULL;
        f->at = (size_t)(text->bytes.ptr - w->scratch.ptr);
    }
}

static void decode(struct walker *w, const struct cursor_text *from, struct via_text *out)
{
    size_t start = w->scratch.len;

    cursor_decode(*from, &w->scratch);
    out->bytes = bytes_slice(buffer_bytes(&w->scratch), start, w->scratch.len);
    out->in_scratch = true;
}

static inline void text_of(struct walker *w, const struct cursor_text *from,
                           struct via_text *out)
{
    out->bytes = from->raw;
    out->in_scratch = false;
    out->state = VALUE_TEXT;
    if (from->escaped)
        decode(w, from, out);
    if (out->bytes.len == 0)
        out->state = VALUE_EMPTY;
    else if (out->bytes.ptr[0] == 'H' && via_is_mask(out->bytes))
        out->state = VALUE_REDACTED;
}

/* ---- the walk ---- */

/* Everything below a node is hidden when a mask stands where an object is expected. */
static void redact_below(struct walker *w, const struct tree_node *node, struct via_text mask)
{
    for (const struct tree_node *child = node->child; child; child = child->sibling) {
        for (size_t i = 0; i < child->n_rows; i++) {
            enum via via = w->rows[child->rows[i]].via;

            if (via != VIA_UUID && via != VIA_IDENTITY && via != VIA_PRESENT)
                put(w, child->rows[i], &mask);
        }
        redact_below(w, child, mask);
    }
}

/* A key that stands twice: what the first one held does not count. */
static void forget(struct walker *w, const struct tree_node *node)
{
    for (size_t i = 0; i < node->n_rows; i++)
        w->found[node->rows[i]].state = VALUE_ABSENT;
    for (struct tree_node *child = node->child; child; child = child->sibling) {
        child->last_met = 0;
        forget(w, child);
    }
}

static void take(struct walker *w, const struct tree_node *node, const struct via_text *text,
                 bool container)
{
    for (size_t i = 0; i < node->n_rows; i++) {
        enum via via = w->rows[node->rows[i]].via;
        struct via_text got;

        if (via == VIA_DIRECT) {
            put(w, node->rows[i], text);
            continue;
        }
        got = via_take(via, *text, container);
        if (got.state != VALUE_ABSENT)
            put(w, node->rows[i], &got);
    }
    if (text->state == VALUE_REDACTED && node->child)
        redact_below(w, node, *text);
}

static bool read_value(struct walker *w, struct cursor *c, struct tree_node *node);

static inline struct bytes plain_key(struct walker *w, const struct cursor_text *key)
{
    if (!key->escaped)
        return key->raw;
    buffer_clear(&w->key);
    cursor_decode(*key, &w->key);
    return buffer_bytes(&w->key);
}

/* Rows that read the keys of an object: the first one that fits counts. */
static void take_key(struct walker *w, const struct tree_node *node,
                     const struct cursor_text *raw)
{
    struct via_text key;

    text_of(w, raw, &key);
    for (size_t i = 0; i < node->n_rows; i++) {
        size_t row = node->rows[i];
        enum via via = w->rows[row].via;
        struct via_text got = key;

        if (via == VIA_LOGINS)
            got = via_login_pool(key);
        else if (via != VIA_LOGIN_KEY)
            continue;
        if (got.state != VALUE_ABSENT && w->found[row].state == VALUE_ABSENT)
            put(w, row, &got);
    }
}

/* The next member of the object: its node, or NULL when no path has its key. False at the end
 * or on a fault. */
static inline bool next_member(struct walker *w, struct cursor *c, struct tree_node *node,
                               struct tree_node *before, struct tree_node **child, bool first)
{
    struct tree_node **expected = before ? &before->follower : &node->leader;
    struct cursor_text key;

    *child = *expected;
    if (*child && cursor_pass_member(c, (*child)->member, first))
        return true;
    if (!cursor_next_key(c, &key, first))
        return false;
    *child = tree_child(node, plain_key(w, &key));
    if (node->keys)
        take_key(w, node, &key);
    else if (*child)
        *expected = *child;
    return true;
}

static bool walk_object(struct walker *w, struct cursor *c, struct tree_node *node)
{
    struct tree_node *before = NULL, *child;

    if (!cursor_enter_object(c))
        return false;
    for (bool first = true; next_member(w, c, node, before, &child, first); first = false) {
        if (!(child ? read_value(w, c, child) : cursor_skip(c, NULL)))
            return false;
        before = child ? child : before;
    }
    return c->fault == CURSOR_FINE;
}

static struct tree_node *position_child(const struct tree_node *node, uint64_t position)
{
    uint64_t number;

    for (struct tree_node *child = node->child; child; child = child->sibling)
        if (bytes_to_u64(child->key, &number) && number == position)
            return child;
    return NULL;
}

static bool read_scalar(struct walker *w, struct cursor *c, enum cursor_kind kind,
                        struct via_text *out)
{
    struct cursor_text string;

    if (kind == CURSOR_STRING) {
        if (!cursor_string(c, &string))
            return false;
        text_of(w, &string, out);
        return true;
    }
    *out = (struct via_text){.state = VALUE_TEXT};
    if (kind == CURSOR_NUMBER)
        return cursor_number(c, &out->bytes);
    if (kind == CURSOR_NULL)
        out->state = VALUE_NULL;
    else
        out->bytes = bytes_of(kind == CURSOR_TRUE ? "true" : "false");
    return cursor_literal(c);
}

/* Element 0 of an array for the rows that want it; nested containers as source text. */
static bool read_element(struct walker *w, struct cursor *c, const struct tree_node *node)
{
    enum cursor_kind kind;
    struct via_text text = {.state = VALUE_TEXT};

    if (!cursor_peek(c, &kind))
        return false;
    if (!(kind == CURSOR_OBJECT || kind == CURSOR_ARRAY ? cursor_skip(c, &text.bytes)
                                                        : read_scalar(w, c, kind, &text)))
        return false;
    for (size_t i = 0; i < node->n_rows; i++)
        if (w->rows[node->rows[i]].via == VIA_FIRST)
            put(w, node->rows[i], &text);
    return true;
}

static bool walk_array(struct walker *w, struct cursor *c, const struct tree_node *node)
{
    uint64_t position = 0;

    if (!cursor_enter_array(c))
        return false;
    for (bool first = true; cursor_next_item(c, first); first = false, position++) {
        struct tree_node *child = node->positions ? position_child(node, position) : NULL;
        bool fine = child                             ? read_value(w, c, child)
                    : position == 0 && node->elements ? read_element(w, c, node)
                                                      : cursor_skip(c, NULL);

        if (!fine)
            return false;
    }
    return c->fault == CURSOR_FINE;
}

static bool read_container(struct walker *w, struct cursor *c, struct tree_node *node,
                           enum cursor_kind kind)
{
    const char *start = c->at;
    struct via_text text = {.state = VALUE_TEXT};
    bool fine;

    if (kind == CURSOR_OBJECT)
        fine = node->child || node->keys ? walk_object(w, c, node) : cursor_skip(c, NULL);
    else
        fine =
            node->positions || node->elements ? walk_array(w, c, node) : cursor_skip(c, NULL);
    if (!fine)
        return false;
    if (node->n_rows == 0)
        return true;
    text.bytes = bytes_make(start, (size_t)(c->at - start));
    if (via_is_empty(text.bytes))
        text.state = VALUE_EMPTY;
    else if (kind == CURSOR_ARRAY && node->elements)
        return true; /* element 0 was taken */
    take(w, node, &text, true);
    return true;
}

/* The short way for what most values are: a plain string that is taken as it stands. */
static bool read_string(struct walker *w, struct cursor *c, const struct tree_node *node)
{
    struct cursor_text string;
    struct via_text text;

    if (!cursor_string(c, &string))
        return false;
    if (node->converts || string.escaped || string.raw.len == 0 || string.raw.ptr[0] == 'H') {
        text_of(w, &string, &text);
        take(w, node, &text, false);
        return true;
    }
    for (size_t i = 0; i < node->n_rows; i++) {
        struct found *f = found_at(w, node->rows[i]);

        f->ptr = string.raw.ptr;
        f->len = string.raw.len;
        f->state = VALUE_TEXT;
    }
    return true;
}

static bool read_value(struct walker *w, struct cursor *c, struct tree_node *node)
{
    bool is_string = cursor_at_quote(c);
    enum cursor_kind kind;
    struct via_text text;

    if (!is_string && !cursor_peek(c, &kind))
        return false;
    if (node->last_met == w->record && (node->n_rows || node->child)) {
        w->duplicate_key = true;
        forget(w, node);
    }
    node->last_met = w->record;
    w->signs |= node->signs;
    if (is_string)
        return read_string(w, c, node);
    if (kind == CURSOR_OBJECT || kind == CURSOR_ARRAY)
        return read_container(w, c, node, kind);
    if (!read_scalar(w, c, kind, &text))
        return false;
    take(w, node, &text, false);
    return true;
}

void walker_start(struct walker *w)
{
    for (size_t i = 0; i < w->n_seen; i++)
        w->found[w->seen[i]] = (struct found){0};
    w->n_seen = 0;
    w->signs = 0;
    w->duplicate_key = false;
    buffer_clear(&w->scratch);
    /* 0 means "never met": after the numbers have wrapped round, nothing is remembered. */
    if (++w->record == 0) {
        forget(w, &w->root);
        w->record = 1;
    }
}

bool walker_object(struct walker *w, struct cursor *c)
{
    return walk_object(w, c, &w->root);
}

bool walker_text(struct walker *w, struct bytes text, struct cursor *c)
{
    enum cursor_kind kind;

    walker_start(w);
    cursor_init(c, text, true);
    c->lenient_utf8 = true;
    return cursor_peek(c, &kind) && kind == CURSOR_OBJECT && walker_object(w, c) &&
           cursor_at_end(c);
}

bool walker_met_user_path(const struct walker *w)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (w->seen[i] >= path_count() && w->found[w->seen[i]].state > VALUE_NULL &&
            (w->rows[w->seen[i]].formats & FORMATS_APP_LOG))
            return true;
    return false;
}
