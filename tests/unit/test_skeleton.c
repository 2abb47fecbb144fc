/* Rows put into the holes of a JSON object. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/cursor.h"
#include "core/reading/skeleton.h"

static void objects(void **state)
{
    /* Paths; a value for each, `-` for none and `=` before JSON; the object. */
    static const struct {
        const char *paths[5], *values[5], *wanted;
    } rows[] = {
        {{"a", "b"},          {"1", "=2"},     "{\"a\":\"1\",\"b\":2}"                        },
        {{"a.b", "c", "a.d"}, {"1", "2", "3"}, "{\"a\":{\"b\":\"1\",\"d\":\"3\"},\"c\":\"2\"}"},
        {{"a.b", "c", "a.d"}, {"-", "2", "-"}, "{\"c\":\"2\"}"                                },
        {{"a.b"},             {"-"},           "{}"                                           },
        {{"a.0", "a.1"},      {"x", "y"},      "{\"a\":[\"x\",\"y\"]}"                        },
        {{"a.0", "a.1"},      {"-", "y"},      "{\"a\":[null,\"y\"]}"                         },
        {{"a.1", "a.0"},      {"x", "y"},      "{\"a\":{\"1\":\"x\",\"0\":\"y\"}}"            },
        {{"0", "1"},          {"x", "y"},      "{\"0\":\"x\",\"1\":\"y\"}"                    },
        {{"a", "a", "a"},     {"1", "2", "3"}, "{\"a\":\"1\",\"a (2)\":\"2\",\"a (3)\":\"3\"}"},
        {{"a", "a.b"},        {"1", "2"},      "{\"a\":\"1\",\"a.b\":\"2\"}"                  },
        {{"a.b", "a"},        {"1", "2"},      "{\"a\":{\"b\":\"1\"},\"a (2)\":\"2\"}"        },
        {{"`a.b`.c"},         {"1"},           "{\"a.b\":{\"c\":\"1\"}}"                      },
        {{"", "b"},           {"1", "2"},      "{\"\":\"1\",\"b\":\"2\"}"                     },
        {{"a..b"},            {"1"},           "{\"a\":{\"\":{\"b\":\"1\"}}}"                 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena memory = {0};
        struct skeleton s = {0};
        struct filling fillings[5] = {0};
        struct buffer out = {0};
        struct cursor c;

        for (size_t j = 0; j < 5 && rows[i].paths[j]; j++) {
            const char *value = rows[i].values[j];

            assert_true(skeleton_add(&s, &memory, bytes_of(rows[i].paths[j])));
            if (value[0] == '=')
                fillings[j] = (struct filling){FILLING_SOURCE, bytes_of(value + 1)};
            else if (value[0] != '-')
                fillings[j] = (struct filling){FILLING_TEXT, bytes_of(value)};
        }
        skeleton_write(&s, fillings, &out);
        assert_string_equal(buffer_cstr(&out), rows[i].wanted);
        cursor_init(&c, buffer_bytes(&out), true);
        assert_true(cursor_skip(&c, NULL) && cursor_at_end(&c));
        buffer_deinit(&out);
        arena_deinit(&memory);
    }
}

/* Whatever the bytes, the string decodes to them. */
static void texts(void **state)
{
    struct buffer in = {0}, json = {0}, back = {0};
    struct cursor_text text;
    struct cursor c;

    (void)state;
    for (unsigned i = 0; i < 256; i++)
        buffer_add_char(&in, (char)i);
    skeleton_text(&json, buffer_bytes(&in));
    cursor_init(&c, buffer_bytes(&json), true);
    c.lenient_utf8 = true;
    assert_true(cursor_string(&c, &text) && cursor_at_end(&c));
    cursor_decode(text, &back);
    assert_int_equal(back.len, 256);
    assert_memory_equal(back.ptr, in.ptr, 256);
    buffer_deinit(&in);
    buffer_deinit(&json);
    buffer_deinit(&back);
}

static void limits(void **state)
{
    struct arena memory = {0};
    struct skeleton s = {0};
    struct buffer path = {0};

    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        buffer_add_text(&path, "a.");
    assert_true(skeleton_add(&s, &memory, buffer_bytes(&path)));
    for (unsigned i = 1; i < SKELETON_MAX_HOLES; i++) {
        buffer_clear(&path);
        buffer_printf(&path, "k%u", i);
        assert_true(skeleton_add(&s, &memory, buffer_bytes(&path)));
    }
    assert_false(skeleton_add(&s, &memory, bytes_of("more")));
    buffer_deinit(&path);
    arena_deinit(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects),
        cmocka_unit_test(texts),
        cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests_name("skeleton", tests, NULL, NULL);
}
