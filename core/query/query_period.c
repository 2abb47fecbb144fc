#include "core/query/query_period.h"

#include <time.h>

static const struct unit {
    const char *names[5];
    int64_t width_us;
    unsigned months;
    uint64_t cap; /* 0: none */
} units[] = {
    {{"ms", "msec", "msecs", "millisecond", "milliseconds"}, INSTANT_SECOND / 1000, 0,  1000},
    {{"s", "sec", "secs", "second", "seconds"},              INSTANT_SECOND,        0,  60  },
    {{"m", "min", "mins", "minute", "minutes"},              INSTANT_MINUTE,        0,  60  },
    {{"h", "hr", "hrs", "hour", "hours"},                    INSTANT_HOUR,          0,  24  },
    {{"d", "day", "days", NULL, NULL},                       INSTANT_DAY,           0,  0   },
    {{"w", "week", "weeks", NULL, NULL},                     7 * INSTANT_DAY,       0,  0   },
    {{"mo", "mon", "mons", "month", "months"},               0,                     1,  0   },
    {{"q", "qtr", "qtrs", "quarter", "quarters"},            0,                     3,  0   },
    {{"y", "yr", "yrs", "year", "years"},                    0,                     12, 0   },
};

enum { MOST_UNITS = 100000 };

static bool is_unit(const struct unit *u, struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(u->names) && u->names[i]; i++) {
        if (bytes_equal_nocase(name, bytes_of(u->names[i])))
            return true;
    }
    return false;
}

bool period_parse(struct bytes text, struct period *out)
{
    size_t digits = 0;
    uint64_t count;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!bytes_to_u64(bytes_slice(text, 0, digits), &count) || count == 0 || count > MOST_UNITS)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!is_unit(&units[i], bytes_slice(text, digits, text.len)))
            continue;
        *out = (struct period){.capped = units[i].cap && count > units[i].cap};
        if (out->capped)
            count = units[i].cap;
        out->width_us = units[i].width_us * (int64_t)count;
        out->months = units[i].months * (unsigned)count;
        return true;
    }
    return false;
}

/* Months since year 0 to the instant at which the month begins. */
static int64_t month_start(int64_t month)
{
    int64_t us = INSTANT_NONE;

    if (month < 12 || month >= 12 * INT64_C(10000) ||
        !instant_from_civil((int)(month / 12), (int)(month % 12) + 1, 1, &us))
        return INSTANT_NONE;
    return us;
}

int64_t period_floor(struct period p, int64_t at_us)
{
    time_t seconds;
    struct tm civil;
    int64_t month;

    /* The epoch is a Thursday, weeks begin on Monday: three days earlier. */
    if (p.width_us && p.width_us % (7 * INSTANT_DAY) == 0)
        return instant_floor(at_us + 3 * INSTANT_DAY, p.width_us) - 3 * INSTANT_DAY;
    if (p.width_us)
        return instant_floor(at_us, p.width_us);
    seconds = (time_t)(instant_floor(at_us, INSTANT_SECOND) / INSTANT_SECOND);
    if (p.months == 0 || !gmtime_r(&seconds, &civil))
        return INSTANT_NONE;
    month = (civil.tm_year + INT64_C(1900)) * 12 + civil.tm_mon;
    return month_start(month - month % p.months);
}

int64_t period_ceil(struct period p, int64_t at_us)
{
    int64_t start = period_floor(p, at_us), next;

    if (start == at_us || start == INSTANT_NONE)
        return start;
    if (p.width_us)
        return start + p.width_us;
    /* A span this long from the start of a period always ends in the next one. */
    next = period_floor(p, start + (int64_t)p.months * 31 * INSTANT_DAY);
    return next;
}
