#include "core/evidence/facts.h"

#include "core/base/instant.h"

enum { ACCOUNT_DIGITS = 12 };

static const char DIGEST_NAME[] = "_CloudTrail-Digest_";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number in `digits` characters from `at`; -1 when they are not all digits. */
static int number_at(struct bytes text, size_t at, size_t digits)
{
    int value = 0;

    if (at + digits > text.len)
        return -1;
    for (size_t i = at; i < at + digits; i++) {
        if (!is_digit(text.ptr[i]))
            return -1;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

/* The step of a path that ends before `end`; `*start` is where it begins. */
static struct bytes step_before(struct bytes path, size_t end, size_t *start)
{
    size_t from = end;

    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    *start = from;
    return bytes_slice(path, from, end);
}

/* A folder of a date: its digits and nothing else, or behind a name as in month=11. */
static int step_number(struct bytes step, size_t digits)
{
    for (size_t i = step.len; i > 0; i--)
        if (step.ptr[i - 1] == '=') {
            step = bytes_slice(step, i, step.len);
            break;
        }
    return step.len == digits ? number_at(step, 0, digits) : -1;
}

/* The last YYYY/MM/DD among the folders of `path`. */
static bool folder_day(struct bytes path, int64_t *day_us)
{
    size_t end, start;

    (void)step_before(path, path.len, &end);
    while (end > 0) {
        size_t day_end = end - 1, month_start, year_start;
        int day = step_number(step_before(path, day_end, &start), 2);

        if (day > 0 && start > 0) {
            int month = step_number(step_before(path, start - 1, &month_start), 2);
            int year = -1;

            if (month > 0 && month_start > 0)
                year = step_number(step_before(path, month_start - 1, &year_start), 4);
            if (year > 0 && instant_from_civil(year, month, day, day_us))
                return true;
        }
        end = start;
    }
    return false;
}

/* 20261118T0950Z and 20261118T095000Z. */
static bool compact_stamp(struct bytes name, size_t at, int64_t *out_us)
{
    int year = number_at(name, at, 4), month = number_at(name, at + 4, 2);
    int day = number_at(name, at + 6, 2), hour = number_at(name, at + 9, 2);
    int minute = number_at(name, at + 11, 2), second = number_at(name, at + 13, 2);
    size_t end = at + (second < 0 ? 13 : 15);

    if (year < 0 || end >= name.len || name.ptr[at + 8] != 'T' || name.ptr[end] != 'Z' ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second > 59 ||
        !instant_from_civil(year, month, day, out_us))
        return false;
    *out_us += hour * INSTANT_HOUR + minute * INSTANT_MINUTE;
    *out_us += second > 0 ? second * INSTANT_SECOND : 0;
    return true;
}

/* 2026-11-18, and 2026-11-18-09-50-00 as Firehose writes it; `*timed` says which. */
static bool dashed_stamp(struct bytes name, size_t at, int64_t *out_us, bool *timed)
{
    int year = number_at(name, at, 4), month = number_at(name, at + 5, 2);
    int day = number_at(name, at + 8, 2), hour = number_at(name, at + 11, 2);
    int minute = number_at(name, at + 14, 2), second = number_at(name, at + 17, 2);

    if (year < 0 || month < 0 || day < 0 || name.ptr[at + 4] != '-' ||
        name.ptr[at + 7] != '-' || !instant_from_civil(year, month, day, out_us))
        return false;
    *timed = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
             second < 60 && name.ptr[at + 10] == '-' && name.ptr[at + 13] == '-' &&
             name.ptr[at + 16] == '-';
    if (*timed)
        *out_us += hour * INSTANT_HOUR + minute * INSTANT_MINUTE + second * INSTANT_SECOND;
    return true;
}

static void name_stamp(struct bytes name, struct file_facts *facts)
{
    for (size_t at = 0; at < name.len; at++) {
        int64_t when = 0;
        bool timed = true;

        if (!is_digit(name.ptr[at]) || (at > 0 && is_digit(name.ptr[at - 1])))
            continue;
        if (!compact_stamp(name, at, &when) && !dashed_stamp(name, at, &when, &timed))
            continue;
        if (timed)
            facts->delivered_us = when;
        if (facts->day_us == INSTANT_NONE)
            facts->day_us = instant_floor(when, INSTANT_DAY);
        return;
    }
}

static bool is_account(struct bytes step)
{
    return step.len == ACCOUNT_DIGITS && number_at(bytes_slice(step, 0, 6), 0, 6) >= 0 &&
           number_at(bytes_slice(step, 6, 12), 0, 6) >= 0;
}

/* Two letters, and then words between dashes: eu-central-1, us-gov-west-1. */
static bool is_region(struct bytes step)
{
    size_t dashes = 0;

    for (size_t i = 0; i < step.len; i++) {
        char c = step.ptr[i];

        if (c == '-')
            dashes++;
        else if (!is_digit(c) && (c < 'a' || c > 'z'))
            return false;
    }
    return step.len >= 9 && step.len <= 24 && dashes >= 2 && is_digit(step.ptr[step.len - 1]);
}

/* The piece of `text` from `*at` up to `separator`; moves `*at` behind it. */
static struct bytes next_piece(struct bytes text, size_t *at, char separator)
{
    size_t from = *at, to = from;

    while (to < text.len && text.ptr[to] != separator)
        to++;
    *at = to < text.len ? to + 1 : to;
    return bytes_slice(text, from, to);
}

/* ACCOUNT, CloudTrail…, REGION behind one another, as folders or as parts of the name. */
static void owner_facts(struct bytes text, char separator, struct file_facts *facts)
{
    struct bytes before[2] = {{0}};

    for (size_t at = 0; at < text.len;) {
        struct bytes piece = next_piece(text, &at, separator);

        if (is_account(before[0]) && bytes_starts(before[1], "CloudTrail") &&
            is_region(piece)) {
            facts->account = before[0];
            facts->region = piece;
        }
        before[0] = before[1];
        before[1] = piece;
    }
}

/* ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_STAMP.json.gz, for a digest that was made
 * later STAMP_backfill; the name of a trail may hold underscores, the other parts cannot.
 * Source: CloudTrail user guide, "CloudTrail digest file structure". */
static void digest_facts(struct bytes name, struct file_facts *facts)
{
    size_t from = bytes_find(name, bytes_of(DIGEST_NAME)), end = name.len, parts;

    if (from == SIZE_MAX)
        return;
    facts->is_digest = true;
    facts->is_backfill = bytes_ends(name, "_backfill.json.gz");
    from += strlen(DIGEST_NAME);
    (void)next_piece(name, &from, '_');
    parts = facts->is_backfill ? 3 : 2;
    while (end > from && parts > 0)
        parts -= name.ptr[--end] == '_';
    if (parts == 0)
        facts->trail = bytes_slice(name, from, end);
}

struct file_facts file_facts_of(struct bytes path)
{
    struct file_facts facts = {.delivered_us = INSTANT_NONE, .day_us = INSTANT_NONE};
    size_t name_start;
    struct bytes name = step_before(path, path.len, &name_start);

    owner_facts(path, '/', &facts);
    if (facts.account.len == 0)
        owner_facts(name, '_', &facts);
    if (!folder_day(path, &facts.day_us))
        facts.day_us = INSTANT_NONE;
    name_stamp(name, &facts);
    digest_facts(name, &facts);
    return facts;
}

int64_t folder_latest_day(struct bytes path)
{
    struct buffer whole = {0};
    size_t start = 0;
    int64_t day_us = INSTANT_NONE;
    struct bytes last;
    int month, year;

    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    /* As the folder of a file, so that its own name counts. */
    buffer_add(&whole, path);
    buffer_add_char(&whole, '/');
    if (!folder_day(buffer_bytes(&whole), &day_us))
        day_us = INSTANT_NONE;
    buffer_deinit(&whole);
    if (day_us != INSTANT_NONE)
        return day_us;

    last = step_before(path, path.len, &start);
    year = step_number(last, 4);
    if (year > 0 && instant_from_civil(year, 12, 31, &day_us))
        return day_us;
    month = step_number(last, 2);
    year = start > 0 ? step_number(step_before(path, start - 1, &start), 4) : -1;
    for (int day = 31; year > 0 && month > 0 && day >= 28; day--)
        if (instant_from_civil(year, month, day, &day_us))
            return day_us;
    return INT64_MAX;
}
