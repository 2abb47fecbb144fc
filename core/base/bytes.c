#include "core/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "core/base/mem.h"

struct bytes bytes_slice(struct bytes b, size_t from, size_t to)
{
    if (to > b.len)
        to = b.len;
    if (from > to)
        from = to;
    return bytes_make(b.ptr ? b.ptr + from : NULL, to - from);
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

    if (order)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

bool bytes_made_of(struct bytes text, const char *set)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!text.ptr[i] || !strchr(set, text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

bool bytes_starts(struct bytes text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.ptr ? text.ptr : "", prefix, len) == 0;
}

bool bytes_ends(struct bytes text, const char *suffix)
{
    size_t len = strlen(suffix);

    return text.len >= len && memcmp(text.ptr + text.len - len, suffix, len) == 0;
}

size_t bytes_find(struct bytes text, struct bytes part)
{
    const char *at;

    if (part.len == 0)
        return 0;
    if (part.len > text.len)
        return SIZE_MAX;
    at = memmem(text.ptr, text.len, part.ptr, part.len);
    return at ? (size_t)(at - text.ptr) : SIZE_MAX;
}

bool bytes_to_u64(struct bytes text, uint64_t *out)
{
    uint64_t value = 0;

    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(unsigned char)text.ptr[i] - '0';

        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

void buffer_deinit(struct buffer *b)
{
    mem_free(b->ptr);
    *b = (struct buffer){0};
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
}

char *buffer_room(struct buffer *b, size_t more)
{
    mem_grow(&b->ptr, &b->cap, b->len + more, 1);
    return b->ptr + b->len;
}

void buffer_add(struct buffer *b, struct bytes text)
{
    if (text.len == 0)
        return;
    memcpy(buffer_room(b, text.len), text.ptr, text.len);
    b->len += text.len;
}

void buffer_add_char(struct buffer *b, char c)
{
    *buffer_room(b, 1) = c;
    b->len++;
}

void buffer_add_text(struct buffer *b, const char *text)
{
    buffer_add(b, bytes_of(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args, again;
    int need;

    va_start(args, format);
    va_copy(again, args);
    need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need > 0) {
        char *at = buffer_room(b, (size_t)need + 1);

        (void)vsnprintf(at, (size_t)need + 1, format, again);
        b->len += (size_t)need;
    }
    va_end(again);
}

const char *buffer_cstr(struct buffer *b)
{
    *buffer_room(b, 1) = '\0';
    return b->ptr;
}
