#include "core/reading/userlist.h"

#include "core/base/mem.h"

#include "core/reading/cursor.h"
#include "core/reading/via.h"

/* Names longer than any that a pool allows (2,048 characters) are no names. */
enum { NAME_MAX_BYTES = 8192 };

enum part { PART_USER, PART_PREFERRED, PART_EMAIL, PART_PHONE, PART_SUB, PART_COUNT };

/* Attributes of the OpenID Connect standard, as a pool stores them. */
static const char *const ATTRIBUTES[PART_COUNT] = {
    [PART_PREFERRED] = "preferred_username",
    [PART_EMAIL] = "email",
    [PART_PHONE] = "phone_number",
    [PART_SUB] = "sub",
};

static bool read_text(struct cursor *c, struct arena *memory, struct bytes *out)
{
    struct cursor_text text;
    struct buffer plain = {0};
    enum cursor_kind kind;

    *out = (struct bytes){0};
    if (!cursor_peek(c, &kind))
        return false;
    if (kind != CURSOR_STRING)
        return cursor_skip(c, NULL);
    if (!cursor_string(c, &text))
        return false;
    if (text.raw.len > NAME_MAX_BYTES)
        return true;
    cursor_decode(text, &plain);
    if (!via_is_mask(buffer_bytes(&plain)))
        *out = arena_copy(memory, buffer_bytes(&plain));
    buffer_deinit(&plain);
    return true;
}

/* {"Name":"email","Value":"alice@example.com"} */
static bool read_attribute(struct cursor *c, struct arena *memory, struct bytes *parts)
{
    struct bytes name = {0}, value = {0};
    struct cursor_text key;

    if (!cursor_enter_object(c))
        return false;
    for (bool first = true; cursor_next_key(c, &key, first); first = false)
        if (!(bytes_are(key.raw, "Name")    ? read_text(c, memory, &name)
              : bytes_are(key.raw, "Value") ? read_text(c, memory, &value)
                                            : cursor_skip(c, NULL)))
            return false;
    for (enum part p = 0; p < PART_COUNT; p++)
        if (ATTRIBUTES[p] && bytes_are(name, ATTRIBUTES[p]))
            parts[p] = value;
    return c->fault == CURSOR_FINE && name.len > 0;
}

static bool read_attributes(struct cursor *c, struct arena *memory, struct bytes *parts)
{
    if (!cursor_enter_array(c))
        return false;
    for (bool first = true; cursor_next_item(c, first); first = false)
        if (!read_attribute(c, memory, parts))
            return false;
    return c->fault == CURSOR_FINE;
}

static bool read_parts(struct bytes object, struct arena *memory, struct bytes *parts)
{
    bool named = false, attributed = false;
    struct cursor_text key;
    struct cursor c;

    cursor_init(&c, object, true);
    c.lenient_utf8 = true;
    if (!cursor_enter_object(&c))
        return false;
    for (bool first = true; cursor_next_key(&c, &key, first); first = false) {
        bool user = bytes_are(key.raw, "Username");
        bool list = bytes_are(key.raw, "Attributes") || bytes_are(key.raw, "UserAttributes");

        named |= user;
        attributed |= list;
        if (!(user   ? read_text(&c, memory, &parts[PART_USER])
              : list ? read_attributes(&c, memory, parts)
                     : cursor_skip(&c, NULL)))
            return false;
    }
    return c.fault == CURSOR_FINE && named && attributed;
}

bool userlist_read(struct bytes object, struct arena *memory, struct listed_user *out)
{
    struct bytes parts[PART_COUNT] = {0};

    *out = (struct listed_user){0};
    if (!read_parts(object, memory, parts))
        return false;
    out->sub = parts[PART_SUB];
    for (enum part p = PART_USER; p < PART_SUB; p++)
        if (parts[p].len > 0 && !bytes_equal(parts[p], out->sub))
            out->names[out->n_names++] = parts[p];
    return true;
}

void userlist_add(struct userlist *p, const struct listed_user *user)
{
    struct listed_user copy = {.n_names = user->n_names};

    copy.sub = arena_copy(&p->memory, user->sub);
    for (size_t i = 0; i < user->n_names; i++)
        copy.names[i] = arena_copy(&p->memory, user->names[i]);
    mem_grow(&p->items, &p->cap, p->n + 1, sizeof *p->items);
    p->items[p->n++] = copy;
}

void userlist_deinit(struct userlist *p)
{
    arena_deinit(&p->memory);
    mem_free(p->items);
    *p = (struct userlist){0};
}
