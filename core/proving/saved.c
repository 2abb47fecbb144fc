#include "core/proving/saved.h"

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

static bool decode(struct cursor_text text, struct arena *arena, struct bytes *out)
{
    struct buffer plain = {0};

    if (!text.escaped) {
        *out = arena_copy(arena, text.raw);
        return true;
    }
    cursor_decode(text, &plain);
    *out = arena_copy(arena, buffer_bytes(&plain));
    buffer_deinit(&plain);
    return true;
}

static struct saved *find(struct saved *members, size_t n_members, struct bytes name)
{
    for (size_t i = 0; i < n_members; i++)
        if (bytes_are(name, members[i].name))
            return &members[i];
    return NULL;
}

/* The value behind a key that is looked for. */
static bool take(struct cursor *c, struct saved *member, struct arena *arena)
{
    struct cursor inner;
    struct cursor_text text;

    if (!cursor_peek(c, &member->kind) || !cursor_skip(c, &member->source))
        return false;
    member->present = true;
    if (member->kind != CURSOR_STRING)
        return true;
    cursor_init(&inner, member->source, true);
    return cursor_string(&inner, &text) && decode(text, arena, &member->text);
}

static enum err refuse(const struct cursor *c, struct bytes text, struct buffer *why)
{
    buffer_printf(why, "%s at byte %zu", cursor_fault_text(c->fault),
                  (size_t)(c->at - text.ptr));
    return ERR_SYNTAX;
}

enum err saved_read(struct bytes text, struct saved *members, size_t n_members,
                    struct arena *arena, struct buffer *why)
{
    struct cursor_text key;
    struct cursor c;
    bool first = true;

    if (bytes_starts(text, BYTE_ORDER_MARK))
        text = bytes_slice(text, strlen(BYTE_ORDER_MARK), text.len);
    cursor_init(&c, text, true);
    if (!cursor_enter_object(&c))
        return refuse(&c, text, why);
    for (; cursor_next_key(&c, &key, first); first = false) {
        struct bytes name;
        struct saved *member;

        (void)decode(key, arena, &name);
        member = find(members, n_members, name);
        if (member && member->present) {
            buffer_printf(why, "the key %s stands twice", member->name);
            return ERR_SYNTAX;
        }
        if (member ? !take(&c, member, arena) : !cursor_skip(&c, NULL))
            return refuse(&c, text, why);
    }
    if (c.fault)
        return refuse(&c, text, why);
    if (!cursor_at_end(&c)) {
        buffer_printf(why, "more text behind the object, at byte %zu",
                      (size_t)(c.at - text.ptr));
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

bool saved_is_text(const struct saved *member)
{
    return member->present && member->kind == CURSOR_STRING && member->text.len > 0;
}
