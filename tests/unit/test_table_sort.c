// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/asking/table_sort.h"

enum { ROWS = 3000, TEXT_BYTES = 48 };

static char texts[ROWS][TEXT_BYTES];

static uint64_t draw_number(uint64_t *r)
{
    *r += UINT64_C(0x9e3779b97f4a7c15);
    return hash_u64(*r) >> 16;
}

/* Few different signs, so that runs of digits and of others meet in every way. */
static struct bytes draw_text(uint64_t *r, char *out)
{
    static const char signs[] = "0019ab.:\xfd\xfe\xff\x01 ";
    size_t length = draw_number(r) % TEXT_BYTES, common = draw_number(r) % 3 * 15;

    if (length < common)
        common = length;
    for (size_t i = 0; i < length; i++)
        out[i] = i < common ? "198.18.55.x1000000000000000000000000"[i % 36]
                            : signs[draw_number(r) % (sizeof signs - 1)];
    return bytes_make(out, length);
}

static struct datum draw(uint64_t *r, char *text)
{
    switch (draw_number(r) % 8) {
    case 0:
        return (struct datum){.kind = DATUM_MISSING};
    case 1:
        return datum_of_time((int64_t)(draw_number(r) % 50) * 1000 + 7000000000123000);
    case 2:
        return datum_of_number((double)(draw_number(r) % 50) + 1e6 + 0.5);
    default:
        return datum_of_text(draw_text(r, text));
    }
}

static const struct datum *sorted;

static int by_value(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    int order = datum_compare(sorted[a], sorted[b]);

    return order ? order : (a > b) - (a < b);
}

static int by_value_down(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    int order = -datum_compare(sorted[a], sorted[b]);

    return order ? order : (a > b) - (a < b);
}

static void orders_like_plain_comparing(void **state)
{
    uint64_t r = 5;
    struct datum *values = mem_array(ROWS, sizeof *values);

    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        struct sort_column column = {0};
        uint64_t order[ROWS], wanted[ROWS];
        size_t count = round == 0 ? 0 : 1 + draw_number(&r) % ROWS;

        for (size_t i = 0; i < count; i++) {
            values[i] = i && draw_number(&r) % 3 == 0 ? values[draw_number(&r) % i]
                                                      : draw(&r, texts[i]);
            sort_column_add(&column, values[i]);
            order[i] = wanted[i] = i;
        }
        sorted = values;
        qsort(wanted, count, sizeof *wanted, round % 2 ? by_value_down : by_value);
        sort_column_apply(&column, round % 2, order, count, NULL);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(order[i], wanted[i]);
        sort_column_deinit(&column);
    }
    mem_free(values);
}

/* The second key decides only where the first one does not. */
static void keeps_the_order_of_equal_values(void **state)
{
    struct sort_column first = {0}, second = {0};
    uint64_t order[] = {0, 1, 2, 3};
    static const char *const names[] = {"b", "a", "b", "a"};
    static const double numbers[] = {2, 10, 1, 9};
    static const uint64_t wanted[] = {3, 1, 2, 0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sort_column_add(&first, datum_of_text(bytes_of(names[i])));
        sort_column_add(&second, datum_of_number(numbers[i]));
    }
    sort_column_apply(&second, false, order, 4, NULL);
    sort_column_apply(&first, false, order, 4, NULL);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(order[i], wanted[i]);
    sort_column_deinit(&first);
    sort_column_deinit(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_like_plain_comparing),
        cmocka_unit_test(keeps_the_order_of_equal_values),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
