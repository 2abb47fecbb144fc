/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>

#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "tests/unit/corpus.h"

static void expect(struct bytes text, unsigned max_cols, bool ascii, const char *wanted,
                   unsigned cols)
{
    struct buffer out = {0};
    unsigned got;

    buffer_add_text(&out, "<");
    got = safe_add(&out, text, max_cols, ascii);
    if (!bytes_are(bytes_slice(buffer_bytes(&out), 1, out.len), wanted) || got != cols)
        fail_msg("%.*s (%u columns) instead of %s (%u)", (int)out.len - 1, out.ptr + 1, got,
                 wanted, cols);
    buffer_deinit(&out);
}

static void all(const char *text, const char *wanted)
{
    expect(bytes_of(text), SAFE_ALL_COLUMNS, false, wanted, utf8_columns(bytes_of(wanted)));
}

static void shows_escapes(void **state)
{
    (void)state;
    all("", "");
    all("plain", "plain");
    all("a\nb\rc\td", "a\\nb\\rc\\td");
    all("\x1b[31m", "\\u001b[31m");
    all("\x7f", "\\u007f");
    all("\xc2\x9b"
        "31m",
        "\\u009b31m");
    all("user\xe2\x80\xaeignals", "user\\u202eignals");
    all("\xf3\xa0\x81\x81", "\\U000e0041");
    all("\xff\xc0\x80", "\\xff\\xc0\\x80");
    all("cut \xe4\xb8", "cut \\xe4\\xb8");
    all("\xed\xa0\x80", "\\xed\\xa0\\x80");
    all("back\\slash", "back\\slash");
    all("\xe4\xb8\x80\xc3\xa4", "\xe4\xb8\x80\xc3\xa4");
    expect(bytes_make("a\0b", 3), 99, false, "a\\u0000b", 8);
    expect(bytes_make(NULL, 0), 0, false, "", 0);
}

static void keeps_marks_on_their_characters(void **state)
{
    (void)state;
    all("e\xcc\x81", "e\xcc\x81");
    all("\xcc\x81", "\\u0301");
    all("\n\xcc\x81", "\\n\\u0301");
    all("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x82x\xcc\x81",
        "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\\u0301\\u0302x\xcc\x81");
}

static void escapes_all_but_ascii_on_request(void **state)
{
    (void)state;
    expect(bytes_of("\xc3\xa4\xe4\xb8\x80\xf0\x9f\x98\x80 e\xcc\x81"), 99, true,
           "\\u00e4\\u4e00\\U0001f600 e\\u0301", 30);
    expect(bytes_of("abcdef"), 4, true, "abc~", 4);
}

static void cuts_within_the_width(void **state)
{
    (void)state;
    expect(bytes_of("abcdef"), 6, false, "abcdef", 6);
    expect(bytes_of("abcdef"), 5, false, "abcd\xe2\x80\xa6", 5);
    expect(bytes_of("abcdef"), 1, false, "\xe2\x80\xa6", 1);
    expect(bytes_of("abcdef"), 0, false, "", 0);
    expect(bytes_of("a"), 1, false, "a", 1);
    /* A wide character and an escape stay whole or go. */
    expect(bytes_of("a\xe4\xb8\x80\xe4\xb8\x80"), 5, false, "a\xe4\xb8\x80\xe4\xb8\x80", 5);
    expect(bytes_of("a\xe4\xb8\x80\xe4\xb8\x80"), 4, false, "a\xe4\xb8\x80\xe2\x80\xa6", 4);
    expect(bytes_of("a\xe4\xb8\x80\xe4\xb8\x80"), 3, false, "a\xe2\x80\xa6", 2);
    expect(bytes_of("ab\nc"), 4, false, "ab\xe2\x80\xa6", 3);
    expect(bytes_of("ab\n"), 4, false, "ab\\n", 4);
    expect(bytes_of("ab\n\x1b"), 9, false, "ab\\n\xe2\x80\xa6", 5);
    /* Marks at the edge belong to the character before them. */
    expect(bytes_of("abe\xcc\x81"), 3, false, "abe\xcc\x81", 3);
    expect(bytes_of("abe\xcc\x81x"), 3, false, "ab\xe2\x80\xa6", 3);
    expect(bytes_of("abe\xcc\x81xy"), 4, false, "abe\xcc\x81\xe2\x80\xa6", 4);
}

static void counts_what_it_escapes(void **state)
{
    (void)state;
    assert_int_equal(safe_hidden(bytes_of("plain \xc3\xa4 e\xcc\x81 \\n")), 0);
    assert_int_equal(safe_hidden(bytes_of("\x1b[0m\xe2\x80\xae\xff\n")), 4);
    assert_int_equal(safe_hidden(bytes_make(NULL, 0)), 0);
}

/* What must hold for any input at all, at many widths. */
static void check_hostile(struct bytes text)
{
    static const unsigned widths[] = {0, 1, 2, 3, 5, 8, 13, 21, 34, 80, SAFE_ALL_COLUMNS};

    for (size_t i = 0; i < 2 * ARRAY_LEN(widths); i++) {
        unsigned max = widths[i / 2];
        bool ascii = i % 2;
        struct buffer out = {0};
        unsigned cols = safe_add(&out, text, max, ascii), sum = 0;
        struct bytes shown = buffer_bytes(&out);

        assert_true(utf8_valid(shown));
        assert_true(cols <= max);
        for (size_t at = 0; at < shown.len;) {
            uint32_t code;

            at += utf8_decode(bytes_slice(shown, at, shown.len), &code);
            assert_true(code >= 0x20 && code != 0x7f && utf8_width(code) >= 0);
            assert_false(ascii && code >= 0x80);
            sum += (unsigned)utf8_width(code);
        }
        assert_int_equal(sum, cols);
        assert_int_equal(utf8_columns(shown), cols);
        if (!ascii && max == SAFE_ALL_COLUMNS)
            assert_int_equal(safe_hidden(text) == 0, bytes_equal(shown, text));
        buffer_deinit(&out);
    }
}

static unsigned read_hex4(const char *p)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return value;
}

/* A JSON string without its quotes, as a careless reader would decode it: NUL stays, and a
 * lone surrogate becomes its three bytes, which are not UTF-8. cJSON does neither. */
static void decode_string(struct bytes text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        uint32_t code;
        const char *named;
        char bytes[4];

        if (text.ptr[i] != '\\') {
            buffer_add_char(out, text.ptr[i]);
            continue;
        }
        i++;
        named = strchr(from, text.ptr[i]);
        if (text.ptr[i] != 'u') {
            buffer_add_char(out, named ? to[named - from] : text.ptr[i]);
            continue;
        }
        code = read_hex4(text.ptr + i + 1);
        i += 4;
        if (code >> 10 == 0x36 && i + 6 < text.len && text.ptr[i + 1] == '\\' &&
            read_hex4(text.ptr + i + 3) >> 10 == 0x37) {
            code = 0x10000 + ((code & 0x3ff) << 10) + (read_hex4(text.ptr + i + 3) & 0x3ff);
            i += 6;
        }
        buffer_add(out, bytes_make(bytes, utf8_encode(code, bytes)));
    }
}

static void survives_terminal_strings(void **state)
{
    struct buffer file = {0};
    struct bytes rest, line;
    size_t checked = 0;

    (void)state;
    if (!corpus_read("corpora/own/terminal.json", &file))
        skip();
    rest = buffer_bytes(&file);
    while (corpus_line(&rest, &line)) {
        struct buffer text = {0};

        if (!bytes_starts(line, "\"s\": \"") || !bytes_ends(line, "\""))
            continue;
        decode_string(bytes_slice(line, 6, line.len - 1), &text);
        check_hostile(buffer_bytes(&text));
        buffer_deinit(&text);
        checked++;
    }
    assert_int_equal(checked, 230);
    buffer_deinit(&file);
}

static void survives_naughty_strings(void **state)
{
    struct buffer file = {0};
    cJSON *list;
    const cJSON *item;
    size_t checked = 0;

    (void)state;
    if (!corpus_read("corpora/blns/blns.json", &file))
        skip();
    list = cJSON_ParseWithLength(file.ptr, file.len);
    cJSON_ArrayForEach(item, list)
    {
        check_hostile(bytes_of(cJSON_GetStringValue(item)));
        checked++;
    }
    assert_true(checked > 500);
    cJSON_Delete(list);
    buffer_deinit(&file);
}

static void survives_stress_files(void **state)
{
    static const char *const paths[] = {"corpora/kuhn-utf8/regress/UTF-8-test.txt",
                                        "corpora/utf8tests/utf8tests.bin"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct buffer file = {0};
        struct bytes rest, line;

        if (!corpus_read(paths[i], &file))
            skip();
        rest = buffer_bytes(&file);
        check_hostile(rest);
        while (corpus_line(&rest, &line))
            check_hostile(line);
        buffer_deinit(&file);
    }
}

static void survives_every_code_point(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];

        buffer_add(&text, bytes_make(bytes, utf8_encode(code, bytes)));
        if (code % 97 == 0) {
            check_hostile(buffer_bytes(&text));
            buffer_clear(&text);
        }
    }
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_escapes),
        cmocka_unit_test(keeps_marks_on_their_characters),
        cmocka_unit_test(escapes_all_but_ascii_on_request),
        cmocka_unit_test(cuts_within_the_width),
        cmocka_unit_test(counts_what_it_escapes),
        cmocka_unit_test(survives_terminal_strings),
        cmocka_unit_test(survives_naughty_strings),
        cmocka_unit_test(survives_stress_files),
        cmocka_unit_test(survives_every_code_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
