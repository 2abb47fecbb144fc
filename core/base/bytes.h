/* Text and bytes: a borrowed view and an owned buffer.
 *
 * Nothing in core is terminated by NUL: evidence may hold NUL bytes. A `struct bytes` is
 * passed by value and borrows; the comment of whoever hands it out names the owner. */
#ifndef CORE_BASE_BYTES_H
#define CORE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

struct bytes {
    const char *ptr;
    size_t len;
};

/* A view of a C string; the string stays the caller's. */
static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

static inline struct bytes bytes_make(const void *ptr, size_t len)
{
    return (struct bytes){ptr, len};
}

/* Whether `len` bytes agree. Texts of logs are short: words in line cost less than a call. */
static inline bool bytes_agree(const char *a, const char *b, size_t len)
{
    uint64_t x, y;

    if (len < 8 || len > 64)
        return len == 0 || memcmp(a, b, len) == 0;
    for (size_t i = 0; i + 8 < len; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y)
            return false;
    }
    memcpy(&x, a + len - 8, 8);
    memcpy(&y, b + len - 8, 8);
    return x == y;
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && bytes_agree(a.ptr, b.ptr, a.len);
}

static inline bool bytes_are(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

/* The part [from, to); bounds are cut to the view's length. */
struct bytes bytes_slice(struct bytes b, size_t from, size_t to);

/* Byte order, a shorter prefix first. */
int bytes_compare(struct bytes a, struct bytes b);

/* ASCII case ignored; other bytes by value. */
bool bytes_equal_nocase(struct bytes a, struct bytes b);
bool bytes_starts(struct bytes text, const char *prefix);

/* Every byte is one of `set`, and there is at least one. */
bool bytes_made_of(struct bytes text, const char *set);
bool bytes_ends(struct bytes text, const char *suffix);

/* Offset of the first `part` in `text`, or SIZE_MAX. */
size_t bytes_find(struct bytes text, struct bytes part);

/* The whole view as a decimal number. False (and `out` untouched) when it is none or does
 * not fit. */
bool bytes_to_u64(struct bytes text, uint64_t *out);

/* An owned, growing run of bytes. Zero-initialised is empty and valid.
 * `ptr` may be NULL while `len` is 0. */
struct buffer {
    char *ptr;
    size_t len, cap;
};

void buffer_deinit(struct buffer *b);
void buffer_clear(struct buffer *b);

/* Makes room for `more` bytes behind `len` and returns their start; `len` stays. */
char *buffer_room(struct buffer *b, size_t more);
void buffer_add(struct buffer *b, struct bytes text);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_text(struct buffer *b, const char *text);
void buffer_printf(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* A view of the content, valid until the buffer changes. */
static inline struct bytes buffer_bytes(const struct buffer *b)
{
    return (struct bytes){b->ptr, b->len};
}

/* The content with a NUL behind it (not counted in `len`), for calls to the system. */
const char *buffer_cstr(struct buffer *b);

#endif
