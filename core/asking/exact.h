/* Sums to twice the precision of a double, so that the order in which numbers come does not
 * show: workers add them up chunk by chunk, in another order on every run.
 * Source: T. J. Dekker, A floating-point technique for extending the available precision, 1971;
 * D. E. Knuth, The Art of Computer Programming 2, 4.2.2. */
#ifndef CORE_ASKING_EXACT_H
#define CORE_ASKING_EXACT_H

#include <math.h>

/* Worth high + low; low is less than half of high's last bit. */
struct exact {
    double high, low;
};

static inline void exact_add(struct exact *s, double x)
{
    double sum = s->high + x, part = sum - s->high;
    double lost = (s->high - (sum - part)) + (x - part) + s->low;

    s->high = sum + lost;
    s->low = lost - (s->high - sum);
}

static inline void exact_add_square(struct exact *s, double x)
{
    double square = x * x;

    exact_add(s, square);
    exact_add(s, fma(x, x, -square));
}

static inline void exact_merge(struct exact *into, struct exact from)
{
    exact_add(into, from.high);
    exact_add(into, from.low);
}

/* The variance of `count` numbers (at least 1) from their sum and the sum of their squares. */
static inline double exact_variance(struct exact sum, struct exact squares, double count)
{
    double mean = sum.high / count, square = mean * mean, product = mean * sum.high;
    struct exact rest = squares;

    /* squares - 2 mean sum + count mean², each product with what it lost by rounding. */
    exact_add(&rest, -2 * product);
    exact_add(&rest, -2 * fma(mean, sum.high, -product));
    exact_add(&rest, -2 * mean * sum.low);
    exact_add(&rest, count * square);
    exact_add(&rest, fma(count, square, -(count * square)));
    exact_add(&rest, count * fma(mean, mean, -square));
    return rest.high > 0 ? rest.high / count : 0;
}

#endif
