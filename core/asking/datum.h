/* A value while a query runs: its kind, and how it reads as a number and sorts. */
#ifndef CORE_ASKING_DATUM_H
#define CORE_ASKING_DATUM_H

#include "core/reading/event.h"

enum datum_kind {
    DATUM_MISSING,
    DATUM_UNDECIDED,
    DATUM_TEXT,
    DATUM_NUMBER,
    DATUM_TIME,
    DATUM_BOOL
};

struct datum {
    enum datum_kind kind;
    enum value_state state; /* of a field: tells null, redacted and absent apart */
    bool iso;               /* a time that shows as 2026-11-18T09:10:00Z */
    struct bytes text;      /* borrowed from the row or from the eval's own memory; of a number,
                             * how it is written where a double cannot hold it */
    double number;
    int64_t time_us;
};

/* A number that is not finite is missing. */
struct datum datum_of_number(double number);
struct datum datum_of_text(struct bytes text);

/* A number as written, borrowed: long whole numbers keep all their digits in comparisons. */
struct datum datum_of_literal(double number, struct bytes text);
struct datum datum_of_bool(bool yes);

/* The value that a state of a column without text stands for. */
struct datum datum_of_state(enum value_state state);

/* INSTANT_NONE is missing. */
struct datum datum_of_time(int64_t time_us);

/* The value as a number: numbers, booleans, times (ms) and texts that are numbers. */
bool datum_number(struct datum d, double *out);

/* The whole text as a number. */
bool datum_text_number(struct bytes text, double *out);

/* Two numbers, x and y, that a and b read as: below, at or above 0 as x is below, at or above y.
 * Whole numbers beyond 2^53, which many doubles stand for at once, are compared by their
 * digits. */
int datum_compare_numbers(struct datum a, double x, struct datum b, double y);

/* Sort order of results: missing, then texts, then numbers and times; texts by natural order
 * (runs of digits by length, then value; the rest by code point).
 * Source: CloudWatch Logs user guide, "sort" (2026). */
int datum_compare(struct datum a, struct datum b);

#endif
