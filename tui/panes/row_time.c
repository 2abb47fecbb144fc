#include "tui/panes/row_time.h"

#include "core/base/instant.h"

int64_t row_time(const struct row_times *t, size_t at)
{
    return store_time(t->store, t->rows[at]);
}

size_t row_time_gap(const struct row_times *t, size_t at, bool forward)
{
    size_t start = at;

    while (forward ? at + 1 < t->count : at > 0) {
        int64_t before = row_time(t, at);
        int64_t after;

        at = forward ? at + 1 : at - 1;
        after = row_time(t, at);
        if (before == INSTANT_NONE || after == INSTANT_NONE ||
            (after > before ? after - before : before - after) > INSTANT_MINUTE)
            return at;
    }
    return start;
}

static int64_t bin_at(const struct row_times *t, size_t at, int64_t width_us)
{
    int64_t at_us = row_time(t, at);

    return at_us == INSTANT_NONE ? INSTANT_NONE : instant_floor(at_us, width_us);
}

size_t row_time_bin(const struct row_times *t, size_t at, int64_t width_us, bool forward)
{
    int64_t bin;

    if (at >= t->count)
        return at;
    bin = bin_at(t, at, width_us);
    if (forward) {
        while (at + 1 < t->count && bin_at(t, at, width_us) == bin)
            at++;
        return at;
    }
    while (at > 0 && bin_at(t, at, width_us) == bin)
        at--;
    bin = bin_at(t, at, width_us);
    while (at > 0 && bin_at(t, at - 1, width_us) == bin)
        at--;
    return at;
}
