#include "tests/data/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEEP_BLOCK_BYTES = 1 << 16 };

struct keep_block {
    struct keep_block *next;
    size_t used, cap;
    char text[];
};

void *must_grow(void *old, size_t bytes)
{
    void *grown = realloc(old, bytes);
    if (!grown) {
        fputs("cogtrail-generate: out of memory\n", stderr);
        exit(4);
    }
    return grown;
}

void text_deinit(struct text *t)
{
    free(t->ptr);
    *t = (struct text){0};
}

static char *text_room(struct text *t, size_t more)
{
    if (t->cap - t->len < more) {
        while (t->cap - t->len < more)
            t->cap = t->cap ? t->cap * 2 : 4096;
        t->ptr = must_grow(t->ptr, t->cap);
    }
    return t->ptr + t->len;
}

void text_add_bytes(struct text *t, const void *part, size_t len)
{
    memcpy(text_room(t, len), part, len);
    t->len += len;
}

void text_add(struct text *t, const char *part)
{
    text_add_bytes(t, part, strlen(part));
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t need = (size_t)vsnprintf(NULL, 0, format, args);
    vsnprintf(text_room(t, need + 1), need + 1, format, again);
    t->len += need;
    va_end(again);
    va_end(args);
}

void text_add_quoted(struct text *t, const char *part)
{
    text_add(t, "\"");
    for (const char *c = part; *c; c++) {
        if (*c == '"' || *c == '\\')
            text_printf(t, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            text_printf(t, "\\u%04x", (unsigned)*c);
        else
            text_add_bytes(t, c, 1);
    }
    text_add(t, "\"");
}

static char *keep_room(struct keep *k, size_t bytes)
{
    if (!k->blocks || k->blocks->cap - k->blocks->used < bytes) {
        size_t cap = bytes > KEEP_BLOCK_BYTES ? bytes : KEEP_BLOCK_BYTES;
        struct keep_block *block = must_grow(NULL, sizeof(*block) + cap);
        *block = (struct keep_block){.next = k->blocks, .cap = cap};
        k->blocks = block;
    }
    char *room = k->blocks->text + k->blocks->used;
    k->blocks->used += bytes;
    return room;
}

const char *keep_printf(struct keep *k, const char *format, ...)
{
    va_list args;
    char small[512];
    va_start(args, format);
    size_t need = (size_t)vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    char *kept = keep_room(k, need + 1);
    if (need < sizeof(small)) {
        memcpy(kept, small, need + 1);
        return kept;
    }
    va_start(args, format);
    vsnprintf(kept, need + 1, format, args);
    va_end(args);
    return kept;
}

static size_t print_time(char *out, size_t cap, enum time_shape shape, const struct tm *t)
{
    switch (shape) {
    case TIME_ISO:
        return strftime(out, cap, "%Y-%m-%dT%H:%M:%SZ", t);
    case TIME_HOUR:
        return strftime(out, cap, "%Y-%m-%dT%H", t);
    case TIME_FOLDER:
        return strftime(out, cap, "%Y/%m/%d", t);
    case TIME_STAMP:
        return strftime(out, cap, "%Y%m%dT%H%MZ", t);
    case TIME_CLF:
        return strftime(out, cap, "%d/%b/%Y:%H:%M:%S +0000", t);
    case TIME_LOCALE:
        break;
    }
    return strftime(out, cap, "%b %d, %Y %I:%M:%S %p", t);
}

const char *keep_time(struct keep *k, enum time_shape shape, int64_t time_s)
{
    time_t seconds = (time_t)time_s;
    struct tm parts;
    char out[64];
    gmtime_r(&seconds, &parts);
    size_t len = print_time(out, sizeof(out), shape, &parts);
    return keep_printf(k, "%.*s", (int)len, out);
}

void keep_drop(struct keep *k)
{
    while (k->blocks) {
        struct keep_block *next = k->blocks->next;
        free(k->blocks);
        k->blocks = next;
    }
}
