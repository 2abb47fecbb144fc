#include "tui/edit.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"

enum { EDIT_MAX_BYTES = 10000, HISTORY_MAX_LINES = 500 };

void edit_deinit(struct edit *e)
{
    buffer_deinit(&e->text);
    e->caret = 0;
}

struct bytes edit_text(const struct edit *e)
{
    return buffer_bytes(&e->text);
}

void edit_set(struct edit *e, struct bytes text)
{
    struct edit made = {0};

    (void)edit_insert(&made, text);
    buffer_deinit(&e->text);
    *e = made;
}

bool edit_insert(struct edit *e, struct bytes text)
{
    struct buffer clean = {0};
    bool fits;

    while (text.len) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);

        if (code == '\n' || code == '\t' || code == '\r')
            buffer_add_char(&clean, ' ');
        else if (code != UTF8_INVALID && utf8_width(code) >= 0)
            buffer_add(&clean, bytes_slice(text, 0, used));
        text = bytes_slice(text, used, text.len);
    }
    fits = e->text.len + clean.len <= EDIT_MAX_BYTES;
    if (clean.len && fits) {
        (void)buffer_room(&e->text, clean.len);
        memmove(e->text.ptr + e->caret + clean.len, e->text.ptr + e->caret,
                e->text.len - e->caret);
        memcpy(e->text.ptr + e->caret, clean.ptr, clean.len);
        e->text.len += clean.len;
        e->caret += clean.len;
    }
    buffer_deinit(&clean);
    return fits;
}

/* Does the character at `at` stand on one before it (a combining mark, or the rest of its
 * bytes)? */
static bool is_joined(const struct edit *e, size_t at)
{
    uint32_t code;

    if (((unsigned char)e->text.ptr[at] & 0xc0) == 0x80)
        return true;
    (void)utf8_decode(bytes_slice(edit_text(e), at, e->text.len), &code);
    return code >= 0x80 && utf8_width(code) == 0;
}

static size_t step(const struct edit *e, size_t at, int direction)
{
    if (direction < 0) {
        if (at > 0)
            at--;
        while (at > 0 && is_joined(e, at))
            at--;
    } else {
        if (at < e->text.len)
            at++;
        while (at < e->text.len && is_joined(e, at))
            at++;
    }
    return at;
}

static bool is_word(char c)
{
    return c != ' ' && c != '(' && c != ')' && c != ',' && c != '|' && c != '=' && c != ':' &&
           c != '"' && c != '/';
}

static size_t target(const struct edit *e, enum edit_motion motion)
{
    size_t at = e->caret;

    switch (motion) {
    case EDIT_LEFT:
        return step(e, at, -1);
    case EDIT_RIGHT:
        return step(e, at, 1);
    case EDIT_HOME:
        return 0;
    case EDIT_END:
        return e->text.len;
    case EDIT_WORD_LEFT:
        while (at > 0 && !is_word(e->text.ptr[at - 1]))
            at--;
        while (at > 0 && is_word(e->text.ptr[at - 1]))
            at--;
        return at;
    case EDIT_WORD_RIGHT:
        while (at < e->text.len && !is_word(e->text.ptr[at]))
            at++;
        while (at < e->text.len && is_word(e->text.ptr[at]))
            at++;
        return at;
    }
    return at;
}

void edit_move(struct edit *e, enum edit_motion motion)
{
    e->caret = target(e, motion);
}

void edit_delete(struct edit *e, enum edit_motion motion)
{
    size_t to = target(e, motion);
    size_t from = to < e->caret ? to : e->caret;
    size_t end = to < e->caret ? e->caret : to;

    if (from == end)
        return;
    memmove(e->text.ptr + from, e->text.ptr + end, e->text.len - end);
    e->text.len -= end - from;
    e->caret = from;
}

void edit_replace(struct edit *e, size_t from, struct bytes text)
{
    while (e->caret > from)
        edit_delete(e, EDIT_LEFT);
    (void)edit_insert(e, text);
}

void edit_history_deinit(struct edit_history *h)
{
    for (size_t i = 0; i < h->count; i++)
        buffer_deinit(&h->lines[i]);
    mem_free(h->lines);
    buffer_deinit(&h->unsent);
    *h = (struct edit_history){0};
}

void edit_history_add(struct edit_history *h, struct bytes line)
{
    struct buffer copy = {0};

    if (line.len == 0 ||
        (h->count && bytes_equal(buffer_bytes(&h->lines[h->count - 1]), line))) {
        h->at = h->count;
        return;
    }
    if (h->count == HISTORY_MAX_LINES) {
        buffer_deinit(&h->lines[0]);
        memmove(h->lines, h->lines + 1, (h->count - 1) * sizeof *h->lines);
        h->count--;
    }
    mem_grow(&h->lines, &h->cap, h->count + 1, sizeof *h->lines);
    buffer_add(&copy, line);
    h->lines[h->count++] = copy;
    h->at = h->count;
}

void edit_history_step(struct edit_history *h, struct edit *e, int direction)
{
    if ((direction < 0 && h->at == 0) || (direction > 0 && h->at >= h->count))
        return;
    if (h->at == h->count) {
        buffer_clear(&h->unsent);
        buffer_add(&h->unsent, edit_text(e));
    }
    h->at = direction < 0 ? h->at - 1 : h->at + 1;
    edit_set(e, h->at == h->count ? buffer_bytes(&h->unsent) : buffer_bytes(&h->lines[h->at]));
}
