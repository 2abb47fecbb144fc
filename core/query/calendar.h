/* Times written and read by a pattern, for formatDate() and parseDate(). */
#ifndef CORE_QUERY_CALENDAR_H
#define CORE_QUERY_CALENDAR_H

#include "core/base/instant.h"

/* UTC, GMT, Z, or an offset such as +02:00; named zones are not known. */
bool calendar_zone(struct bytes text, int64_t *shift_us);

/* True when every directive of the format is known: those of strftime(3) that need no locale
 * (a A b B d e F H I L f j m M n p s S t T R D u w y Y z Z %). L and f are milliseconds and
 * microseconds. Otherwise `*bad` is where the first unknown one stands. */
bool calendar_format_is_good(struct bytes format, size_t *bad);

/* Appends the time; `format` is good. */
void calendar_write(struct buffer *out, int64_t at_us, struct bytes format, int64_t shift_us);

/* True when every letter of the pattern is known: y u M d H h m s S a E X x Z z V O of Java's
 * DateTimeFormatter, literals in '...'. */
bool calendar_pattern_is_good(struct bytes pattern, size_t *bad);

/* Reads the whole text by a good pattern; a zone in the text goes before `shift_us`. What the
 * pattern does not name is the first of its kind, of 1970. */
bool calendar_parse(struct bytes text, struct bytes pattern, int64_t shift_us, int64_t *out_us);

#endif
