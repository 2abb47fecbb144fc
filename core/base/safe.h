/* The one sanitiser between evidence and any output.
 *
 * A log line must never drive a terminal: controls, escape sequences, bidi and zero-width
 * characters, tags, stray combining marks and broken UTF-8 become visible escapes. Everything
 * that comes from evidence, file names and messages about them included, passes here before
 * it is drawn, printed or put on a title line. (Data formats that keep exact bytes, JSON and
 * CSV to a file or pipe, do their own quoting in writer.c.)
 * Threads: any. */
#ifndef CORE_BASE_SAFE_H
#define CORE_BASE_SAFE_H

#include "core/base/bytes.h"

enum { SAFE_ALL_COLUMNS = 0x7fffffff };

/* Appends `text` in a form that is safe to draw, at most `max_cols` columns wide; text that
 * does not fit ends in a mark (U+2026, with `ascii` a `~`) within the width. Escapes:
 * \n \r \t by name, other code points \u001b or \U000e0041, bytes that are not UTF-8 \xff.
 * A backslash of the text stays single: the exact value is in the raw view. At most 4
 * combining marks stand on one character; further ones are escaped. With `ascii` every code
 * point from U+0080 is escaped.
 * Returns the columns added. */
unsigned safe_add(struct buffer *out, struct bytes text, unsigned max_cols, bool ascii);

/* How many characters of `text` safe_add() would show as escapes. */
size_t safe_hidden(struct bytes text);

#endif
