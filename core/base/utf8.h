/* UTF-8 and cell widths, independent of the C library's locale and tables, so that a screen
 * looks the same on every machine. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/bytes.h"

#define UTF8_INVALID UINT32_C(0xFFFFFFFF)

/* Decodes the first code point of `text` (which must not be empty). Returns the bytes used,
 * at least 1; a byte that starts no valid sequence gives UTF8_INVALID and 1. Surrogates,
 * over-long forms and values over U+10FFFF are invalid. Source: RFC 3629. */
size_t utf8_decode(struct bytes text, uint32_t *code);

/* Writes `code` (a valid scalar value) and returns the bytes written, 1 to 4. */
size_t utf8_encode(uint32_t code, char out[4]);

bool utf8_valid(struct bytes text);

/* Columns a terminal gives the code point: 0 (combining), 1 or 2; -1 for what must never
 * reach a terminal as it is: controls (C0, DEL, C1), format characters (bidi, zero-width, BOM,
 * soft hyphen, tags, variation selectors, Hangul fillers), surrogates, private use,
 * unassigned, line and paragraph separators, and characters on whose width terminals disagree.
 */
int utf8_width(uint32_t code);

/* Columns of text that went through safe_add(). */
unsigned utf8_columns(struct bytes safe);

#endif
