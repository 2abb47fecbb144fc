/* Runs of bytes in JSON text, found 16 or 8 at a time.
 *
 * SSE2 belongs to every x86-64; elsewhere, and with SPAN_PORTABLE, words of 64 bits do the
 * same. Nothing is read outside [at, end). Here because these must be inlined to be fast. */
#ifndef CORE_BASE_SPAN_H
#define CORE_BASE_SPAN_H

#include "core/base/bytes.h"

#if defined(__SSE2__) && !defined(SPAN_PORTABLE)
#define SPAN_SSE2
#include <emmintrin.h>
#endif

static inline bool span_is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* Bytes that a plain stretch of a string cannot hold: quote, backslash, controls, and what is
 * not ASCII. */
static inline bool span_is_special(char byte)
{
    return (unsigned char)byte < 0x20 || (unsigned char)byte >= 0x80 || byte == '"' ||
           byte == '\\';
}

/* 0x80 in every byte that span_is_special(), or that stands above one (a borrow): only the
 * lowest bit may be relied on. */
static inline uint64_t span_special_word(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t low = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                   ((backslash - ones) & ~backslash);

    return (low | word) & tops;
}

/* Eight bytes, the first one lowest. */
static inline uint64_t span_load_word(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        word = __builtin_bswap64(word);
    return word;
}

static inline void span_store_word(void *to, uint64_t word)
{
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        word = __builtin_bswap64(word);
    memcpy(to, &word, sizeof(word));
}

#ifdef SPAN_SSE2
static inline __m128i span_load_16(const char *at)
{
    return _mm_loadu_si128((const __m128i_u *)(const void *)at);
}

/* The top bit of each byte says span_is_special(). */
static inline __m128i span_special_16(__m128i text)
{
    const __m128i control = _mm_set1_epi8(0x1F);
    __m128i special = _mm_cmpeq_epi8(_mm_min_epu8(text, control), text);

    special = _mm_or_si128(special, _mm_cmpeq_epi8(text, _mm_set1_epi8('"')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(text, _mm_set1_epi8('\\')));
    return _mm_or_si128(special, text);
}

static inline unsigned span_mask_16(__m128i tops)
{
    return (unsigned)_mm_movemask_epi8(tops);
}
#endif

/* The first byte of [at, end) that span_is_special(), or `end`. */
static inline const char *span_plain(const char *at, const char *end)
{
#ifdef SPAN_SSE2
    /* One block a turn: two thirds of the strings of CloudTrail end within 16 bytes. Turns of
     * 32 measured the same, of 64 a third slower. */
    while (end - at >= 16) {
        unsigned mask = span_mask_16(span_special_16(span_load_16(at)));

        if (mask)
            return at + __builtin_ctz(mask);
        at += 16;
    }
#endif
    while (end - at >= 8) {
        uint64_t mask = span_special_word(span_load_word(at));

        if (mask)
            return at + __builtin_ctzll(mask) / 8;
        at += 8;
    }
    while (at < end && !span_is_special(*at))
        at++;
    return at;
}

/* Longer runs, as pretty-printed text has them. */
__attribute__((noinline, unused)) static const char *span_space(const char *at, const char *end)
{
#ifdef SPAN_SSE2
    while (end - at >= 16) {
        __m128i text = span_load_16(at);
        __m128i space = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8(' ')),
                                     _mm_cmpeq_epi8(text, _mm_set1_epi8('\n')));
        unsigned mask;

        space = _mm_or_si128(space, _mm_cmpeq_epi8(text, _mm_set1_epi8('\r')));
        space = _mm_or_si128(space, _mm_cmpeq_epi8(text, _mm_set1_epi8('\t')));
        mask = ~span_mask_16(space) & 0xFFFF;
        if (mask)
            return at + __builtin_ctz(mask);
        at += 16;
    }
#else
    while (end - at >= 8 && span_load_word(at) == 0x2020202020202020)
        at += 8;
#endif
    while (at < end && span_is_space(*at))
        at++;
    return at;
}

#endif
