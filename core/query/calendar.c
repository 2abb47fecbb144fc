#include "core/query/calendar.h"

#include <stdio.h>
#include <time.h>

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};

static bool digit_at(struct bytes text, size_t at, int *out)
{
    if (at >= text.len || text.ptr[at] < '0' || text.ptr[at] > '9')
        return false;
    *out = text.ptr[at] - '0';
    return true;
}

/* Takes `least` to `most` digits off the text. */
static bool take_number(struct bytes *text, size_t least, size_t most, int64_t *out)
{
    size_t n = 0;
    int digit;

    *out = 0;
    while (n < most && digit_at(*text, n, &digit)) {
        *out = *out * 10 + digit;
        n++;
    }
    *text = bytes_slice(*text, n, text->len);
    return n >= least;
}

/* +hh, +hhmm or +hh:mm. */
static bool take_offset(struct bytes *text, int64_t *shift_us)
{
    bool minus = bytes_starts(*text, "-");
    int64_t hours, minutes = 0;
    int digit;

    if (!minus && !bytes_starts(*text, "+"))
        return false;
    *text = bytes_slice(*text, 1, text->len);
    if (!take_number(text, 2, 2, &hours))
        return false;
    if (bytes_starts(*text, ":") || digit_at(*text, 0, &digit)) {
        *text = bytes_slice(*text, bytes_starts(*text, ":"), text->len);
        if (!take_number(text, 2, 2, &minutes))
            return false;
    }
    *shift_us = (hours * INSTANT_HOUR + minutes * INSTANT_MINUTE) * (minus ? -1 : 1);
    return hours < 24 && minutes < 60;
}

static bool take_word(struct bytes *text, const char *word)
{
    size_t len = strlen(word);

    if (!bytes_equal_nocase(bytes_slice(*text, 0, len), bytes_of(word)))
        return false;
    *text = bytes_slice(*text, len, text->len);
    return true;
}

static bool take_zone(struct bytes *text, int64_t *shift_us)
{
    *shift_us = 0;
    return take_word(text, "UTC") || take_word(text, "GMT") || take_word(text, "Z") ||
           take_offset(text, shift_us);
}

bool calendar_zone(struct bytes text, int64_t *shift_us)
{
    return take_zone(&text, shift_us) && text.len == 0;
}

bool calendar_format_is_good(struct bytes format, size_t *bad)
{
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] != '%')
            continue;
        *bad = i++;
        if (i >= format.len || !format.ptr[i] ||
            !strchr("aAbBhdeFHILfjmMnpsStTRDuwyYzZ%", format.ptr[i]))
            return false;
    }
    return true;
}

struct moment {
    struct tm civil;
    int64_t at_us, shift_us;
};

static void write_zone(struct buffer *out, int64_t shift_us, bool name)
{
    int64_t minutes = (shift_us < 0 ? -shift_us : shift_us) / INSTANT_MINUTE;

    if (name && shift_us == 0)
        buffer_add_text(out, "UTC");
    else
        buffer_printf(out, "%c%02d%s%02d", shift_us < 0 ? '-' : '+', (int)(minutes / 60),
                      name ? ":" : "", (int)(minutes % 60));
}

static void write_number(struct buffer *out, char c, const struct moment *m)
{
    const struct tm *t = &m->civil;
    int64_t fraction = m->at_us - instant_floor(m->at_us, INSTANT_SECOND);
    const struct {
        char c;
        int digits; /* padded with zeros to so many */
        long long value;
    } numbers[] = {
        {'d', 2, t->tm_mday                },
        {'H', 2, t->tm_hour                },
        {'I', 2, (t->tm_hour + 11) % 12 + 1},
        {'j', 3, t->tm_yday + 1            },
        {'m', 2, t->tm_mon + 1             },
        {'M', 2, t->tm_min                 },
        {'S', 2, t->tm_sec                 },
        {'L', 3, fraction / 1000           },
        {'f', 6, fraction                  },
        {'s', 1, instant_floor(m->at_us,     INSTANT_SECOND) / INSTANT_SECOND},
        {'u',   1,  t->tm_wday ? t->tm_wday : 7                        },
        {'w',   1,  t->tm_wday},
        {'y',   2,  t->tm_year % 100                        },
        {'Y',   4,  t->tm_year + 1900LL},
    };

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (numbers[i].c == c)
            buffer_printf(out, "%0*lld", numbers[i].digits, numbers[i].value);
    }
    if (c == 'e')
        buffer_printf(out, "%2d", t->tm_mday);
}

static void write_all(struct buffer *out, const char *directives, const struct moment *m)
{
    for (; *directives; directives++) {
        if (strchr("-:/", *directives))
            buffer_add_char(out, *directives);
        else
            write_number(out, *directives, m);
    }
}

static void write_directive(struct buffer *out, char c, const struct moment *m)
{
    switch (c) {
    case 'a':
        buffer_add(out, bytes_make(days[m->civil.tm_wday], 3));
        break;
    case 'A':
        buffer_add_text(out, days[m->civil.tm_wday]);
        break;
    case 'b':
    case 'h':
        buffer_add(out, bytes_make(months[m->civil.tm_mon], 3));
        break;
    case 'B':
        buffer_add_text(out, months[m->civil.tm_mon]);
        break;
    case 'F':
        write_all(out, "Y-m-d", m);
        break;
    case 'T':
        write_all(out, "H:M:S", m);
        break;
    case 'R':
        write_all(out, "H:M", m);
        break;
    case 'D':
        write_all(out, "m/d/y", m);
        break;
    case 'p':
        buffer_add_text(out, m->civil.tm_hour < 12 ? "AM" : "PM");
        break;
    case 'z':
    case 'Z':
        write_zone(out, m->shift_us, c == 'Z');
        break;
    case 'n':
    case 't':
    case '%':
        buffer_add_char(out, c == 'n' ? '\n' : c == 't' ? '\t' : '%');
        break;
    default:
        write_number(out, c, m);
        break;
    }
}

void calendar_write(struct buffer *out, int64_t at_us, struct bytes format, int64_t shift_us)
{
    struct moment m = {.at_us = at_us, .shift_us = shift_us};
    time_t seconds = (time_t)(instant_floor(at_us + shift_us, INSTANT_SECOND) / INSTANT_SECOND);

    if (!gmtime_r(&seconds, &m.civil))
        return;
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] == '%' && i + 1 < format.len)
            write_directive(out, format.ptr[++i], &m);
        else
            buffer_add_char(out, format.ptr[i]);
    }
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One part of a pattern: a run of one letter, or a literal. */
struct part {
    char letter; /* 0: `literal` */
    size_t count;
    struct bytes literal;
};

/* False when a quote is not closed. */
static bool take_part(struct bytes *pattern, struct part *out)
{
    char c = pattern->ptr[0];
    size_t end = 1;

    *out = (struct part){0};
    if (c == '\'') {
        while (end < pattern->len && pattern->ptr[end] != '\'')
            end++;
        if (end >= pattern->len)
            return false;
        /* Two quotes side by side are one quote; inside, the second opens what follows. */
        if (end > 1 && end + 1 < pattern->len && pattern->ptr[end + 1] == '\'')
            out->literal = bytes_slice(*pattern, 1, end + 1);
        else
            out->literal = end == 1 ? bytes_of("'") : bytes_slice(*pattern, 1, end);
        end++;
    } else if (is_letter(c)) {
        while (end < pattern->len && pattern->ptr[end] == c)
            end++;
        out->letter = c;
        out->count = end;
    } else {
        out->literal = bytes_slice(*pattern, 0, 1);
    }
    *pattern = bytes_slice(*pattern, end, pattern->len);
    return true;
}

static bool part_is_good(const struct part *p)
{
    static const struct {
        char letter;
        size_t most;
    } known[] = {
        {'y', 4},
        {'u', 4},
        {'M', 4},
        {'d', 2},
        {'H', 2},
        {'h', 2},
        {'m', 2},
        {'s', 2},
        {'S', 9},
        {'a', 1},
        {'E', 4},
        {'X', 3},
        {'x', 3},
        {'Z', 3},
        {'z', 3},
        {'V', 2},
        {'O', 1},
    };

    if (!p->letter)
        return p->literal.len != 1 || !strchr("[]{}#", p->literal.ptr[0]);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (known[i].letter == p->letter)
            return p->count <= known[i].most;
    }
    return false;
}

bool calendar_pattern_is_good(struct bytes pattern, size_t *bad)
{
    struct bytes rest = pattern;
    struct part part;

    while (rest.len) {
        *bad = pattern.len - rest.len;
        if (!take_part(&rest, &part) || !part_is_good(&part))
            return false;
    }
    return true;
}

/* What a text said. */
struct reading {
    int64_t year, month, day, hour, minute, second, fraction_us, shift_us;
    int half; /* 0 AM, 1 PM, -1 not said */
};

static bool take_name(struct bytes *text, const char *const *names, size_t count, bool whole,
                      int64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        char word[16];

        (void)snprintf(word, sizeof word, "%.*s", whole ? 15 : 3, names[i]);
        if (take_word(text, word)) {
            *out = (int64_t)i + 1;
            return true;
        }
    }
    return false;
}

static bool take_year(struct bytes *text, size_t count, int64_t *out)
{
    if (count != 2)
        return take_number(text, count == 1 ? 1 : 4, 4, out);
    if (!take_number(text, 2, 2, out))
        return false;
    *out += 2000;
    return true;
}

static bool take_fraction(struct bytes *text, size_t count, int64_t *out_us)
{
    if (!take_number(text, count, count, out_us))
        return false;
    for (; count < 6; count++)
        *out_us *= 10;
    for (; count > 6; count--)
        *out_us /= 10;
    return true;
}

static bool take_half(struct bytes *text, int *out)
{
    if (take_word(text, "AM"))
        *out = 0;
    else if (take_word(text, "PM"))
        *out = 1;
    else
        return false;
    return true;
}

static bool read_part(struct bytes *text, const struct part *p, struct reading *r)
{
    int64_t ignored;

    switch (p->letter) {
    case 'y':
    case 'u':
        return take_year(text, p->count, &r->year);
    case 'M':
        if (p->count > 2)
            return take_name(text, months, ARRAY_LEN(months), p->count == 4, &r->month);
        return take_number(text, p->count, 2, &r->month);
    case 'E':
        return take_name(text, days, ARRAY_LEN(days), p->count == 4, &ignored);
    case 'd':
        return take_number(text, p->count, 2, &r->day);
    case 'H':
    case 'h':
        return take_number(text, p->count, 2, &r->hour);
    case 'm':
        return take_number(text, p->count, 2, &r->minute);
    case 's':
        return take_number(text, p->count, 2, &r->second);
    case 'S':
        return take_fraction(text, p->count, &r->fraction_us);
    case 'a':
        return take_half(text, &r->half);
    case '\0':
        if (text->len < p->literal.len ||
            !bytes_equal(bytes_slice(*text, 0, p->literal.len), p->literal))
            return false;
        *text = bytes_slice(*text, p->literal.len, text->len);
        return true;
    default:
        return take_zone(text, &r->shift_us);
    }
}

bool calendar_parse(struct bytes text, struct bytes pattern, int64_t shift_us, int64_t *out_us)
{
    struct reading r = {.year = 1970, .month = 1, .day = 1, .shift_us = shift_us, .half = -1};
    struct part part;
    int64_t day_us;

    while (pattern.len) {
        if (!take_part(&pattern, &part) || !read_part(&text, &part, &r))
            return false;
    }
    if (r.half >= 0) {
        if (r.hour < 1 || r.hour > 12)
            return false;
        r.hour = r.hour % 12 + 12 * r.half;
    }
    if (text.len || r.hour > 23 || r.minute > 59 || r.second > 59 ||
        !instant_from_civil((int)r.year, (int)r.month, (int)r.day, &day_us))
        return false;
    *out_us = day_us + r.hour * INSTANT_HOUR + r.minute * INSTANT_MINUTE +
              r.second * INSTANT_SECOND + r.fraction_us - r.shift_us;
    return true;
}
