/* Every example of the manual's table of formats is what the table says. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/base/hash.h"

#include "core/reading/shape.h"

#include "settle.h"

static void examples_are_read(void **state)
{
    const struct shape *shape;
    unsigned left_out = 0;

    (void)state;
    for (size_t i = 0; (shape = shape_get(i)); i++) {
        struct session *s = session_new();
        const struct file *f;

        archive_add_memory(session_archive(s), bytes_of(shape->name), bytes_of(shape->example));
        session_start(s);
        session_wait(s);
        f = archive_file(session_archive(s), 0);
        if (f->events != shape->events)
            fail_msg("%s: %u events", shape->name, (unsigned)f->events);
        if (shape->names) {
            assert_int_equal(left_out, 0);
            assert_int_equal(f->status, FILE_READ);
            assert_non_null(store_listed(session_store(s)));
        } else if (shape->events == 0) {
            left_out++;
            assert_true(f->n_problems > 0 && f->problems[0].detail.len > 0);
            assert_true(bytes_find(f->problems[0].detail, bytes_of("unknown")) == SIZE_MAX);
        } else {
            assert_int_equal(left_out, 0); /* these stand last */
            assert_int_equal(f->status, FILE_READ);
            assert_int_equal(f->formats, UINT32_C(1) << shape->format);
        }
        session_free(s);
    }
    assert_true(left_out > 0);
}

/* No format without an example. */
static void every_format_has_a_row(void **state)
{
    (void)state;
    for (enum format f = 0; f < FORMAT_COUNT; f++) {
        const struct shape *shape;
        bool found = false;

        for (size_t i = 0; (shape = shape_get(i)); i++)
            found |= shape->events > 0 && shape->format == f;
        if (!found)
            fail_msg("%s has none", format_name(f));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_read),
        cmocka_unit_test(every_format_has_a_row),
    };

    hash_seed();
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
