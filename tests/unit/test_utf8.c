/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/base/utf8.h"

#include "tests/unit/corpus.h"

static void decodes_what_it_encodes(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char text[4];
        uint32_t back = 0;
        size_t len;

        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        len = utf8_encode(code, text);
        assert_int_equal(utf8_decode(bytes_make(text, len), &back), len);
        assert_int_equal(back, code);
        /* Cut short it is invalid, byte by byte. */
        if (len > 1) {
            assert_int_equal(utf8_decode(bytes_make(text, len - 1), &back), 1);
            assert_int_equal(back, UTF8_INVALID);
        }
    }
}

/* The edges of the table in RFC 3629, section 4. */
static void refuses_what_is_no_scalar_value(void **state)
{
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2\x7f",
        "\xc2\xc0",
        "\xe0\x9f\xbf",
        "\xe0\xa0\x7f",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80\x7f",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
    };
    static const char *const good[] = {
        "\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
        "\xed\x9f\xbf",     "\xee\x80\x80",     "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa4 and on, on",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        uint32_t code = 0;

        assert_int_equal(utf8_decode(bytes_of(bad[i]), &code), 1);
        assert_int_equal(code, UTF8_INVALID);
        assert_false(utf8_valid(bytes_of(bad[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(utf8_valid(bytes_of(good[i])));
    assert_true(utf8_valid(bytes_make(NULL, 0)));
    assert_true(utf8_valid(bytes_make("\0\0", 2)));
    assert_false(utf8_valid(bytes_of("0123456789abcdef\xff")));
}

static unsigned hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a' + 10);
}

/* The bytes of "E2 80 90" or "e28090" up to a colon. */
static void read_hex(struct bytes text, struct buffer *out)
{
    unsigned value = 0, digits = 0;

    for (size_t i = 0; i < text.len && text.ptr[i] != ':'; i++) {
        if (text.ptr[i] == ' ')
            continue;
        value = value << 4 | hex_value(text.ptr[i]);
        if (++digits % 2 == 0) {
            buffer_add_char(out, (char)value);
            value = 0;
        }
    }
}

static void agrees_with_the_vectors(void **state)
{
    struct buffer file = {0};
    struct bytes rest, line;
    size_t checked = 0;

    (void)state;
    if (!corpus_read("corpora/utf8tests/utf8tests.txt", &file))
        skip();
    rest = buffer_bytes(&file);
    while (corpus_line(&rest, &line)) {
        static const char *const kinds[] = {":valid hex:", ":invalid hex:"};

        for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
            size_t at = bytes_find(line, bytes_of(kinds[kind]));
            struct buffer raw = {0};

            if (at == SIZE_MAX || line.ptr[0] == '#')
                continue;
            read_hex(bytes_slice(line, at + strlen(kinds[kind]), line.len), &raw);
            assert_int_equal(utf8_valid(buffer_bytes(&raw)), kind == 0);
            buffer_deinit(&raw);
            checked++;
        }
    }
    assert_true(checked > 200);
    buffer_deinit(&file);
}

static void knows_widths(void **state)
{
    static const struct {
        uint32_t code;
        int width;
    } rows[] = {
        {0x00,         -1},
        {0x1b,         -1},
        {0x1f,         -1},
        {' ',          1 },
        {'~',          1 },
        {0x7f,         -1},
        {0x80,         -1},
        {0x9b,         -1},
        {0x9f,         -1},
        {0xa0,         1 },
        {0xad,         -1},
        {0xe9,         1 },
        {0x300,        0 },
        {0x34f,        -1},
        {0x36f,        0 },
        {0x378,        -1},
        {0x489,        0 },
        {0x5d0,        1 },
        {0x600,        -1},
        {0x61c,        -1},
        {0x903,        1 },
        {0x1100,       2 },
        {0x115f,       -1},
        {0x1160,       -1},
        {0x11a8,       -1},
        {0x180e,       -1},
        {0x200b,       -1},
        {0x200d,       -1},
        {0x200e,       -1},
        {0x2026,       1 },
        {0x2028,       -1},
        {0x2029,       -1},
        {0x202e,       -1},
        {0x2066,       -1},
        {0x20ac,       1 },
        {0x20dd,       0 },
        {0x2588,       1 },
        {0x231a,       2 },
        {0x2764,       1 },
        {0x3000,       2 },
        {0x3042,       2 },
        {0x3164,       -1},
        {0x4e00,       2 },
        {0xac00,       2 },
        {0xd800,       -1},
        {0xdfff,       -1},
        {0xe000,       -1},
        {0xfe0f,       -1},
        {0xfeff,       -1},
        {0xff1d,       2 },
        {0xff71,       1 },
        {0xffa0,       -1},
        {0xfffd,       1 },
        {0xfffe,       -1},
        {0x1f1e6,      -1},
        {0x1f3fb,      -1},
        {0x1f600,      2 },
        {0x20000,      2 },
        {0xe0001,      -1},
        {0xe0041,      -1},
        {0xe0100,      -1},
        {0xf0000,      -1},
        {0x10ffff,     -1},
        {0x110000,     -1},
        {UTF8_INVALID, -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (utf8_width(rows[i].code) != rows[i].width)
            fail_msg("U+%04X: %d", (unsigned)rows[i].code, utf8_width(rows[i].code));
    }
    assert_int_equal(utf8_columns(bytes_of("a\xc3\xa4\xcc\x88\xe4\xb8\x80")), 4);
    assert_int_equal(utf8_columns(bytes_of("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_it_encodes),
        cmocka_unit_test(refuses_what_is_no_scalar_value),
        cmocka_unit_test(agrees_with_the_vectors),
        cmocka_unit_test(knows_widths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
