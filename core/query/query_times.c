/* Times in quick terms: 09:10..09:15, time>09:10, last:2h. */
#include "core/query/query_quick.h"

static struct expr *time_node(struct terms *t, enum expr_op op, int64_t at_us, size_t from)
{
    struct expr *time = expr_new(t->query, EXPR_TIME, from, 1);

    time->time_us = at_us;
    return expr_with(t->query, EXPR_COMPARE, op, quick_name(t, bytes_of("@timestamp"), from),
                     time);
}

/* What times without a date and spans count from: the newest event, else now. Where the caller
 * knows neither, there are no events that a wrong day could hide. */
static int64_t reference(const struct terms *t)
{
    const struct query_options *options = &t->query->options;

    if (options->last_event_us != INSTANT_NONE)
        return options->last_event_us;
    return options->now_us != INSTANT_NONE ? options->now_us : 0;
}

static int64_t reference_day(const struct terms *t)
{
    return instant_floor(reference(t), INSTANT_DAY);
}

static bool two_digits(struct bytes text, size_t at, int *out)
{
    if (at + 2 > text.len || (unsigned)(text.ptr[at] - '0') > 9 ||
        (unsigned)(text.ptr[at + 1] - '0') > 9)
        return false;
    *out = (text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0');
    return true;
}

/* HH:MM[:SS[.fraction]]; false when it is none. */
static bool parse_clock(struct bytes text, int64_t *out_us)
{
    int hour, minute, second = 0;
    int64_t fraction = 0, scale = INSTANT_SECOND;

    if (!two_digits(text, 0, &hour) || text.len < 5 || text.ptr[2] != ':' ||
        !two_digits(text, 3, &minute) || hour > 24 || minute > 59)
        return false;
    if (text.len > 5) {
        if (text.ptr[5] != ':' || !two_digits(text, 6, &second) || second > 59)
            return false;
        if (text.len > 8 && (text.ptr[8] != '.' || text.len == 9 || text.len > 15))
            return false;
        for (size_t i = 9; i < text.len; i++) {
            if ((unsigned)(text.ptr[i] - '0') > 9)
                return false;
            scale /= 10;
            fraction += (text.ptr[i] - '0') * scale;
        }
    }
    *out_us =
        hour * INSTANT_HOUR + minute * INSTANT_MINUTE + second * INSTANT_SECOND + fraction;
    return *out_us <= INSTANT_DAY;
}

/* 09:10, 09:10:30, 2026-11-18, 2026-11-18T09:10 and so on, with optional seconds, fraction and
 * zone. A time without a date is of the day of `day_us`. `*width_us` gets the span the text
 * names: a day for a date, else 0. */
static bool parse_time(struct bytes text, int64_t day_us, int64_t *out_us, int64_t *width_us)
{
    int64_t clock_us;
    int century, year, month, day;

    *width_us = 0;
    if (text.len > 2 && text.ptr[2] == ':') {
        if (!parse_clock(text, &clock_us))
            return false;
        *out_us = day_us + clock_us;
        return true;
    }
    if (text.len < 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !two_digits(text, 0, &century) || !two_digits(text, 2, &year) ||
        !two_digits(text, 5, &month) || !two_digits(text, 8, &day))
        return false;
    if (text.len == 10) {
        *width_us = INSTANT_DAY;
        return instant_from_civil(century * 100 + year, month, day, out_us);
    }
    if (text.len == 16) {
        if ((text.ptr[10] != 'T' && text.ptr[10] != ' ') ||
            !parse_clock(bytes_slice(text, 11, 16), &clock_us) ||
            !instant_from_civil(century * 100 + year, month, day, out_us))
            return false;
        *out_us += clock_us;
        return true;
    }
    return instant_parse(text, out_us);
}

static struct expr *both(struct terms *t, struct expr *a, struct expr *b)
{
    if (!a || !b)
        return a ? a : b;
    return expr_with(t->query, EXPR_AND, OP_EQ, a, b);
}

bool times_range(struct terms *t, struct bytes text, size_t from, struct expr **out)
{
    size_t dots = bytes_find(text, bytes_of(".."));
    struct bytes first, last;
    int64_t from_us = INSTANT_NONE, to_us = INSTANT_NONE, width, day = reference_day(t);
    bool open_end;

    if (dots == SIZE_MAX || text.len <= 2)
        return false;
    first = bytes_slice(text, 0, dots);
    last = bytes_slice(text, dots + 2, text.len);
    open_end = bytes_starts(last, "<");
    last = bytes_slice(last, open_end, last.len);
    if (open_end && last.len == 0)
        return false;
    if (first.len && !parse_time(first, day, &from_us, &width))
        return false;
    /* The end takes the day of a start that names one. */
    if (first.len)
        day = instant_floor(from_us, INSTANT_DAY);
    if (last.len) {
        if (!parse_time(last, day, &to_us, &width))
            return false;
        if (first.len && to_us < from_us && last.len < 10)
            to_us += INSTANT_DAY;
        if (width && !open_end)
            to_us += width - 1;
    }
    if (first.len < 10 && last.len < 10) {
        struct buffer note = {0};

        instant_add(&note, day, INSTANT_DATE, 0);
        query_notice_add(t->query, "a time without a date was read as of %.*s, UTC",
                         (int)note.len, note.ptr);
        buffer_deinit(&note);
    }
    *out = both(t, from_us == INSTANT_NONE ? NULL : time_node(t, OP_GE, from_us, from),
                to_us == INSTANT_NONE ? NULL
                                      : time_node(t, open_end ? OP_LT : OP_LE, to_us, from));
    return true;
}

static enum err bad_time(struct terms *t, struct bytes text, size_t from)
{
    return query_fail(t->query, t->error, from, text.len,
                      "no time: %.*s (write 09:10, 2026-11-18 or 2026-11-18T09:10)",
                      (int)(text.len < 40 ? text.len : 40), text.ptr);
}

enum err times_compare(struct terms *t, enum expr_op op, struct bytes text, size_t from,
                       struct expr **out)
{
    int64_t at, width;

    if (op == OP_EQ && times_range(t, text, from, out))
        return ERR_OK;
    if (!parse_time(text, reference_day(t), &at, &width))
        return bad_time(t, text, from);
    if (width && (op == OP_GT || op == OP_LE))
        at += width - 1;
    *out = time_node(t, op == OP_EQ && width ? OP_GE : op, at, from);
    if (op == OP_EQ && width)
        *out = both(t, *out, time_node(t, OP_LT, at + width, from));
    return ERR_OK;
}

enum err times_last(struct terms *t, struct bytes text, size_t from, struct expr **out)
{
    int64_t span;

    if (!instant_parse_span(text, &span))
        return query_fail(t->query, t->error, from, text.len,
                          "no span of time: write last:2h, last:30m, last:7d");
    *out = time_node(t, OP_GE, reference(t) - span, from);
    return ERR_OK;
}

/* `±`, `+-`, `+` or `-` at `at`; returns its length, 0 for none. */
static size_t read_sign(struct bytes text, size_t at, bool *before, bool *behind)
{
    struct bytes rest = bytes_slice(text, at, text.len);
    bool both = bytes_starts(rest, "\xc2\xb1") || bytes_starts(rest, "+-");

    *before = both || bytes_starts(rest, "-");
    *behind = both || bytes_starts(rest, "+");
    return both ? 2 : *before || *behind ? 1 : 0;
}

enum err times_window(struct terms *t, struct expr **out, bool *found)
{
    const struct query_options *options = &t->query->options;
    struct bytes text = t->lexer.text;
    size_t from = t->lexer.at, at = from, end;
    bool named = bytes_starts(bytes_slice(text, at, text.len), "@sel"), before, behind;
    int64_t span_us = 0;
    size_t sign;

    *found = false;
    at += named ? 4 : 0;
    if (named && at < text.len && lexer_is_name_char(text.ptr[at]) &&
        (unsigned char)text.ptr[at] != 0xc2)
        return ERR_OK;
    while (named && at < text.len && text.ptr[at] == ' ')
        at++;
    sign = read_sign(text, at, &before, &behind);
    at += sign;
    for (end = at; end < text.len && !strchr(" \t\r\n)|", text.ptr[end]);)
        end++;
    if (sign == 0 || !instant_parse_span(bytes_slice(text, at, end), &span_us)) {
        if (!named)
            return ERR_OK;
        return query_fail(t->query, t->error, from, end > from ? end - from : 1,
                          "expected a span behind @sel: @sel \xc2\xb1"
                          "5m, @sel +5m or @sel -5m");
    }
    if (!options->has_selected)
        return query_fail(t->query, t->error, from, end - from,
                          "%.*s counts from the selected event, and none is selected here",
                          (int)(end - from < 40 ? end - from : 40), text.ptr + from);
    *found = true;
    t->lexer.at = end;
    t->query->is_relative = true;
    *out = both(t, time_node(t, OP_GE, options->selected_us - (before ? span_us : 0), from),
                time_node(t, OP_LE, options->selected_us + (behind ? span_us : 0), from));
    return ERR_OK;
}
