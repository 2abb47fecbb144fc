/* Points in time: microseconds since 1970-01-01T00:00:00Z, signed 64 bit, no leap seconds.
 *
 * Nothing here asks the machine for its clock or zone; local time is passed in as an offset.
 * Threads: any. */
#ifndef CORE_BASE_INSTANT_H
#define CORE_BASE_INSTANT_H

#include "core/base/bytes.h"

#define INSTANT_NONE INT64_MIN
#define INSTANT_SECOND INT64_C(1000000)
#define INSTANT_MINUTE (60 * INSTANT_SECOND)
#define INSTANT_HOUR (60 * INSTANT_MINUTE)
#define INSTANT_DAY (24 * INSTANT_HOUR)

/* The forms met in evidence, whole text, years 0001 to 9999:
 *   2026-01-01T00:00:00Z, with fraction of 1 to 9 digits, lower-case t and z, a blank instead
 *   of T, an offset +09:00 or +0900 instead of Z, or neither (then UTC);
 *   Wed Jul 17 17:25:55 UTC 2024 (java.util.Date; zone UTC, GMT or Z only);
 *   09/Oct/2025:07:34:30 +0000 (API Gateway $context.requestTime).
 * A leap second (:60) reads as the first instant of the next minute.
 * False when it is none of these or no such day. */
bool instant_parse(struct bytes text, int64_t *out_us);

/* Epoch number in text, unit guessed from its size (seconds, ms, µs or ns; between the years
 * 1973 and 2286 they do not overlap). `unit` gets "s", "ms", "us" or "ns". A fraction is
 * allowed for seconds. */
bool instant_from_epoch(struct bytes text, int64_t *out_us, const char **unit);

/* A civil date, UTC. Days outside the month are refused. */
bool instant_from_civil(int year, int month, int day, int64_t *out_us);

enum instant_style {
    INSTANT_ISO,      /* 2026-11-18T09:10:00Z; a fraction only when not 0, of 3 or 6 digits;
                       * with an offset 2026-11-18T18:10:00+09:00 */
    INSTANT_TABLE,    /* 2026-11-18 09:10:00 */
    INSTANT_SHORT,    /* 11-18 09:10:00 */
    INSTANT_CLOCK,    /* 09:10:00 */
    INSTANT_MINUTES,  /* 09:10 */
    INSTANT_DATE,     /* 2026-11-18 */
    INSTANT_INSIGHTS, /* 2026-11-18 09:10:00.000 (what CloudWatch Logs Insights shows) */
};

/* Appends the text; `offset_us` is added first (local time). INSTANT_NONE gives "-". */
void instant_add(struct buffer *out, int64_t at_us, enum instant_style style,
                 int64_t offset_us);

/* "42s", "17m", "2h 05m", "3d 04h"; a negative span counts as 0. */
void instant_add_span(struct buffer *out, int64_t span_us);

/* The largest multiple of `width_us` (above 0; since the epoch) that is not after `at_us`,
 * which is an instant of the years 1 to 9999. */
int64_t instant_floor(int64_t at_us, int64_t width_us);

/* "5m", "300s", "1h", "2d": number above 0 and unit s, m, h, d or w. */
bool instant_parse_span(struct bytes text, int64_t *out_us);

/* The same way back, in the largest unit up to days that says it exactly; whole seconds. */
void instant_add_width(struct buffer *out, int64_t span_us);

#endif
