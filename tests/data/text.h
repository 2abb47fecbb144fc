/* Growing text, and texts that stay where they are.
 * The generators end the program when memory runs out: they run on a developer's machine and
 * hold what their caller asked for. */
#ifndef TESTS_DATA_TEXT_H
#define TESTS_DATA_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty and valid. */
struct text {
    char *ptr;
    size_t len, cap;
};

void text_deinit(struct text *t);
void text_add(struct text *t, const char *part);
void text_add_bytes(struct text *t, const void *part, size_t len);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `part` as a JSON string with its quotes. Bytes above 0x7f pass as they are. */
void text_add_quoted(struct text *t, const char *part);

/* Texts that keep their address until all are dropped. */
struct keep {
    struct keep_block *blocks;
};

const char *keep_printf(struct keep *k, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void keep_drop(struct keep *k);

/* malloc and realloc that do not return without memory. */
void *must_grow(void *old, size_t bytes);

enum time_shape {
    TIME_ISO,    /* 2026-11-18T09:12:44Z */
    TIME_HOUR,   /* 2026-11-18T09 */
    TIME_FOLDER, /* 2026/11/18 */
    TIME_STAMP,  /* 20261118T0912Z */
    TIME_CLF,    /* 18/Nov/2026:09:12:44 +0000 */
    TIME_LOCALE, /* Nov 18, 2026 09:12:44 AM */
};

/* A time in UTC, kept. */
const char *keep_time(struct keep *k, enum time_shape shape, int64_t time_s);

#endif
