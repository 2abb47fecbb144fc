/* The canvas: nothing is drawn outside, wide characters stay whole, evidence is made safe. */

#include "core/base/utf8.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "tui/cell.h"

static void expect_row(const struct canvas *c, unsigned row, const char *wanted)
{
    struct buffer seen = {0};

    canvas_row_text(c, row, &seen);
    assert_string_equal(buffer_cstr(&seen), wanted);
    buffer_deinit(&seen);
}

/* Every cell has the columns it says, and each row adds up to the width. */
static void expect_sound(const struct canvas *c)
{
    for (unsigned row = 0; row < c->rows; row++) {
        unsigned cols = 0;

        for (unsigned col = 0; col < c->cols; col++) {
            const struct canvas_cell *at = &c->cells[(size_t)row * c->cols + col];

            cols += at->columns;
            assert_int_equal(utf8_columns(bytes_make(at->text, at->len)), at->columns);
            if (at->columns == 2)
                assert_int_equal(at[1].columns, 0);
        }
        assert_int_equal(cols, c->cols);
    }
}

static void test_evidence_is_made_safe(void **state)
{
    struct canvas c = {0};

    (void)state;
    canvas_reset(&c, 3, 40);
    assert_int_equal(canvas_put(&c, 0, 0, 40, STYLE_PLAIN, bytes_of("a\033[31mb\r\nc")), 17);
    expect_row(&c, 0, "a\\u001b[31mb\\r\\nc");
    canvas_put(&c, 1, 0, 5, STYLE_PLAIN, bytes_of("abcdefgh"));
    expect_row(&c, 1, "abcd…");
    c.ascii = true;
    canvas_put(&c, 2, 0, 40, STYLE_PLAIN, bytes_of("日"));
    expect_row(&c, 2, "\\u65e5");
    canvas_text(&c, 2, 0, 40, STYLE_PLAIN, bytes_of("InitiateAuth …日e\xcc\x81"));
    expect_row(&c, 2, "InitiateAuth ~?e");
    expect_sound(&c);
    canvas_deinit(&c);
}

/* Own words that are not safe after all become blanks. */
static void test_text_is_no_way_around(void **state)
{
    struct canvas c = {0};

    (void)state;
    canvas_reset(&c, 1, 20);
    canvas_text(&c, 0, 0, 20, STYLE_PLAIN, bytes_of("a\033[31mb\xe2\x80\xae-\xff-\nf"));
    expect_row(&c, 0, "a [31mb - - f");
    canvas_printf(&c, 0, 0, 20, STYLE_PLAIN, "%s", "\x07\x7f!");
    expect_row(&c, 0, "  !31mb - - f");
    expect_sound(&c);
    canvas_deinit(&c);
}

static void test_wide_characters_stay_whole(void **state)
{
    struct canvas c = {0};

    (void)state;
    canvas_reset(&c, 4, 6);
    assert_int_equal(canvas_put(&c, 0, 0, 6, STYLE_PLAIN, bytes_of("日本語")), 6);
    canvas_text(&c, 0, 1, 1, STYLE_PLAIN, bytes_of("x"));
    expect_row(&c, 0, " x本語");
    canvas_text(&c, 0, 2, 1, STYLE_PLAIN, bytes_of("y"));
    expect_row(&c, 0, " xy 語");
    canvas_text(&c, 1, 5, 6, STYLE_PLAIN, bytes_of("日"));
    expect_row(&c, 1, "");
    canvas_put(&c, 2, 0, 3, STYLE_PLAIN, bytes_of("日本語"));
    canvas_blank(&c, 2, 1, 1, STYLE_PLAIN);
    canvas_text(&c, 3, 0, 6, STYLE_PLAIN, bytes_of("日日日"));
    canvas_text(&c, 3, 1, 4, STYLE_PLAIN, bytes_of("本本"));
    expect_row(&c, 3, " 本本");
    expect_sound(&c);
    canvas_deinit(&c);
}

static void test_marks_join_their_character(void **state)
{
    struct canvas c = {0};

    (void)state;
    canvas_reset(&c, 2, 10);
    assert_int_equal(canvas_put(&c, 0, 0, 10, STYLE_PLAIN, bytes_of("e\xcc\x81x")), 2);
    expect_row(&c, 0, "e\xcc\x81x");
    canvas_text(
        &c, 1, 0, 10, STYLE_PLAIN,
        bytes_of("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
                 "\xcc\x81\xcc\x81\xcc\x81x"));
    expect_sound(&c);
    canvas_deinit(&c);
}

static void test_nothing_outside(void **state)
{
    struct canvas c = {0};
    const struct bytes text = bytes_of("text");

    (void)state;
    canvas_reset(&c, 2, 5);
    assert_int_equal(canvas_put(&c, 2, 0, 5, STYLE_PLAIN, text), 0);
    assert_int_equal(canvas_put(&c, 0, 5, 5, STYLE_PLAIN, text), 0);
    assert_int_equal(canvas_text(&c, 9, 9, 99, STYLE_PLAIN, text), 0);
    assert_int_equal(canvas_text(&c, 0, 4, 99, STYLE_PLAIN, text), 1);
    assert_int_equal(canvas_text(&c, 1, 0, 0, STYLE_PLAIN, text), 0);
    canvas_style(&c, 9, 0, 5, STYLE_BAD);
    canvas_style(&c, 1, 3, 4000000000u, STYLE_BAD);
    canvas_blank(&c, 1, 3, 4000000000u, STYLE_BAD);
    canvas_right(&c, 1, 3, STYLE_PLAIN, bytes_of("long text"));
    canvas_right(&c, 1, 4000000000u, STYLE_PLAIN, bytes_of("x"));
    expect_row(&c, 1, "");
    expect_sound(&c);
    canvas_reset(&c, 0, 0);
    assert_int_equal(canvas_put(&c, 0, 0, 5, STYLE_PLAIN, text), 0);
    canvas_reset(&c, 4000000000u, 4000000000u);
    assert_true(c.rows <= 1000 && c.cols <= 2000);
    canvas_deinit(&c);
}

static void test_signs_have_an_ascii_form(void **state)
{
    (void)state;
    for (int g = 0; g < GLYPH_COUNT; g++) {
        struct bytes text = glyph_text((enum glyph)g, true);

        assert_true(text.len > 0);
        for (size_t i = 0; i < text.len; i++)
            assert_in_range((unsigned char)text.ptr[i], 0x20, 0x7e);
        assert_int_equal(utf8_columns(glyph_text((enum glyph)g, false)), 1);
    }
    for (unsigned level = 0; level < 20; level++) {
        assert_int_equal(glyph_bar(level, true, true).len, 1);
        assert_int_equal(utf8_columns(glyph_bar(level, true, false)), 1);
    }
    assert_false(bytes_are(glyph_bar(0, true, false), " "));
    assert_true(bytes_are(glyph_bar(0, false, false), " "));
}

static void test_colors(void **state)
{
    (void)state;
    assert_true(color_wanted(COLOR_WHEN_AUTO, NULL));
    assert_true(color_wanted(COLOR_WHEN_AUTO, ""));
    assert_false(color_wanted(COLOR_WHEN_AUTO, "1"));
    assert_true(color_wanted(COLOR_WHEN_ALWAYS, "1"));
    assert_false(color_wanted(COLOR_WHEN_NEVER, NULL));
    for (int tint = 0; tint < TINT_COUNT; tint++) {
        int of_8 = color_index((enum tint)tint, 8), of_256 = color_index((enum tint)tint, 256);

        /* Neither black nor white, and no blue: unreadable on one ground or the other. */
        assert_true(of_8 < 8 && of_8 != 0 && of_8 != 7 && of_8 != 4);
        assert_true(of_256 < 256 && of_256 != 0 && of_256 != 15);
        assert_int_equal(color_index((enum tint)tint, 0), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evidence_is_made_safe),
        cmocka_unit_test(test_text_is_no_way_around),
        cmocka_unit_test(test_wide_characters_stay_whole),
        cmocka_unit_test(test_marks_join_their_character),
        cmocka_unit_test(test_nothing_outside),
        cmocka_unit_test(test_signs_have_an_ascii_form),
        cmocka_unit_test(test_colors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
