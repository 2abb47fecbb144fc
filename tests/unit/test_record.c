// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "core/reading/record.h"

static void expect_text(const struct record *r, size_t node, const char *path,
                        const char *value)
{
    struct buffer out = {0};

    record_path(r, node, &out);
    assert_true(bytes_are(buffer_bytes(&out), path));
    buffer_clear(&out);
    record_value(r, node, &out);
    assert_true(bytes_are(buffer_bytes(&out), value));
    buffer_deinit(&out);
}

static void lists_nodes_in_the_order_of_the_text(void **state)
{
    static const struct {
        enum cursor_kind kind;
        uint32_t depth, children;
        const char *path, *value;
    } wanted[] = {
        {CURSOR_OBJECT, 0, 3, "a",              "{ \"b\" : [1,\"x\"], \"c.d\":null,\"\":{}}"},
        {CURSOR_ARRAY,  1, 2, "a.b",            "[1,\"x\"]"                                 },
        {CURSOR_NUMBER, 2, 0, "a.b.0",          "1"                                         },
        {CURSOR_STRING, 2, 0, "a.b.1",          "x"                                         },
        {CURSOR_NULL,   1, 0, "a.`c.d`",        "null"                                      },
        {CURSOR_OBJECT, 1, 0, "a.``",           "{}"                                        },
        {CURSOR_STRING, 0, 0, "`key \xC3\xA9`", "tab\tand \"quotes\""                       },
        {CURSOR_TRUE,   0, 0, "t",              "true"                                      },
        {CURSOR_NUMBER, 0, 0, "@n",             "-1.50e+3"                                  },
    };
    struct bytes text =
        bytes_of("{\"a\":{ \"b\" : [1,\"x\"], \"c.d\":null,\"\":{}},"
                 "\"key \\u00e9\":\"tab\\tand \\\"quotes\\\"\",\"t\": true, \"@n\":-1.50e+3}");
    struct record r;

    (void)state;
    assert_int_equal(record_parse(text, &r), ERR_OK);
    assert_int_equal(r.count, ARRAY_LEN(wanted));
    assert_false(r.cut);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_int_equal(r.nodes[i].kind, wanted[i].kind);
        assert_int_equal(r.nodes[i].depth, wanted[i].depth);
        assert_int_equal(r.nodes[i].n_children, wanted[i].children);
        expect_text(&r, i, wanted[i].path, wanted[i].value);
    }
    assert_int_equal(r.nodes[0].parent, RECORD_NO_PARENT);
    assert_int_equal(r.nodes[3].parent, 1);
    assert_int_equal(r.nodes[3].position, 1);
    assert_true(r.nodes[3].in_array);
    record_deinit(&r);
}

static void reads_what_is_no_object(void **state)
{
    static const char *const texts[] = {"7", "\"x\"", "null", "[5]", " [ ] ", "{}"};
    static const size_t counts[] = {1, 1, 1, 1, 0, 0};
    struct record r;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(record_parse(bytes_of(texts[i]), &r), ERR_OK);
        assert_int_equal(r.count, counts[i]);
        record_deinit(&r);
    }
}

static void keeps_what_stands_before_a_fault(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        {"",                   0},
        {"{",                  0},
        {"{\"a\":1,\"b\":2",   2},
        {"{\"a\":1,\"b\":}",   1},
        {"{\"a\":[1,2,}",      3},
        {"{\"a\":1}{\"b\":2}", 1},
        {"{\"a\":1} x",        1},
        {"1 2",                1},
        {"nul",                1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct record r;

        assert_int_equal(record_parse(bytes_of(rows[i].text), &r), ERR_SYNTAX);
        assert_int_equal(r.count, rows[i].count);
        record_deinit(&r);
    }
}

static void bounds_depth(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (unsigned depth = CURSOR_MAX_DEPTH - 1; depth <= CURSOR_MAX_DEPTH + 2; depth++) {
        struct buffer path = {0};
        struct record r;

        buffer_clear(&text);
        for (unsigned i = 0; i < depth; i++)
            buffer_add_char(&text, '[');
        for (unsigned i = 0; i < depth; i++)
            buffer_add_char(&text, ']');
        assert_int_equal(record_parse(buffer_bytes(&text), &r),
                         depth <= CURSOR_MAX_DEPTH ? ERR_OK : ERR_SYNTAX);
        record_path(&r, r.count - 1, &path);
        assert_int_equal(path.len, 2 * r.count - 1);
        buffer_deinit(&path);
        record_deinit(&r);
    }
    buffer_deinit(&text);
}

/* Beyond the limit nodes are left out, yet the text is checked and containers are whole. */
static void bounds_the_number_of_nodes(void **state)
{
    struct buffer text = {0};
    struct record r;

    (void)state;
    buffer_add_text(&text, "{\"list\":[0");
    for (unsigned i = 0; i < RECORD_MAX_NODES; i++)
        buffer_add_text(&text, ",0");
    buffer_add_text(&text, "],\"after\":1}");
    assert_int_equal(record_parse(buffer_bytes(&text), &r), ERR_OK);
    assert_true(r.cut);
    assert_int_equal(r.count, RECORD_MAX_NODES);
    assert_int_equal(r.nodes[0].raw.raw.len, 2 * (RECORD_MAX_NODES + 1) + 1);
    record_deinit(&r);
    buffer_add_char(&text, ',');
    assert_int_equal(record_parse(buffer_bytes(&text), &r), ERR_SYNTAX);
    record_deinit(&r);
    buffer_deinit(&text);
}

static void names_kinds(void **state)
{
    (void)state;
    assert_string_equal(record_kind_name(CURSOR_OBJECT), "object");
    assert_string_equal(record_kind_name(CURSOR_NULL), "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_nodes_in_the_order_of_the_text),
        cmocka_unit_test(reads_what_is_no_object),
        cmocka_unit_test(keeps_what_stands_before_a_fault),
        cmocka_unit_test(bounds_depth),
        cmocka_unit_test(bounds_the_number_of_nodes),
        cmocka_unit_test(names_kinds),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
