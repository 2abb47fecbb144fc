/* The line under edit: the text stays valid UTF-8 without controls, whatever goes in. */

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

#include "tui/edit.h"

static void expect_line(const struct edit *e, const char *text, size_t caret)
{
    if (!bytes_are(edit_text(e), text))
        fail_msg("'%.*s' instead of '%s'", (int)e->text.len, e->text.ptr, text);
    assert_int_equal(e->caret, caret);
}

static void test_drops_controls(void **state)
{
    struct edit e = {0};

    (void)state;
    edit_insert(&e, bytes_of("a\nb\tc\r\033[31md\x07\xc2\x9b\xe2\x80\xae\xff!"));
    expect_line(&e, "a b c [31md!", 12);
    edit_insert(&e, bytes_make("\0x", 2));
    expect_line(&e, "a b c [31md!x", 13);
    edit_deinit(&e);
}

static void test_moves_by_characters(void **state)
{
    struct edit e = {0};

    (void)state;
    edit_set(&e, bytes_of("aé日😀"));
    expect_line(&e, "aé日😀", 10);
    edit_move(&e, EDIT_LEFT);
    expect_line(&e, "aé日😀", 6);
    edit_delete(&e, EDIT_LEFT);
    expect_line(&e, "aé😀", 3);
    edit_delete(&e, EDIT_RIGHT);
    expect_line(&e, "aé", 3);
    edit_delete(&e, EDIT_RIGHT);
    edit_move(&e, EDIT_RIGHT);
    expect_line(&e, "aé", 3);
    edit_move(&e, EDIT_HOME);
    edit_move(&e, EDIT_LEFT);
    edit_delete(&e, EDIT_LEFT);
    expect_line(&e, "aé", 0);
    edit_deinit(&e);
}

/* A mark belongs to the character before it: both go together. */
static void test_marks_stay_on_their_character(void **state)
{
    struct edit e = {0};

    (void)state;
    edit_set(&e, bytes_of("xe\xcc\x81"));
    edit_move(&e, EDIT_LEFT);
    expect_line(&e, "xe\xcc\x81", 1);
    edit_move(&e, EDIT_RIGHT);
    expect_line(&e, "xe\xcc\x81", 4);
    edit_delete(&e, EDIT_LEFT);
    expect_line(&e, "x", 1);
    edit_deinit(&e);
}

static void test_moves_by_words(void **state)
{
    struct edit e = {0};

    (void)state;
    edit_set(&e, bytes_of("error:NotAuth* ip = 203.0.113.7"));
    edit_move(&e, EDIT_WORD_LEFT);
    assert_int_equal(e.caret, 20);
    edit_move(&e, EDIT_WORD_LEFT);
    assert_int_equal(e.caret, 15);
    edit_delete(&e, EDIT_WORD_LEFT);
    expect_line(&e, "error:ip = 203.0.113.7", 6);
    edit_move(&e, EDIT_WORD_RIGHT);
    assert_int_equal(e.caret, 8);
    edit_replace(&e, 6, bytes_of("client"));
    expect_line(&e, "error:client = 203.0.113.7", 12);
    edit_delete(&e, EDIT_HOME);
    expect_line(&e, " = 203.0.113.7", 0);
    edit_delete(&e, EDIT_END);
    expect_line(&e, "", 0);
    edit_move(&e, EDIT_WORD_LEFT);
    edit_move(&e, EDIT_WORD_RIGHT);
    expect_line(&e, "", 0);
    edit_deinit(&e);
}

static void test_length_is_bounded(void **state)
{
    struct edit e = {0};
    char many[4000];

    (void)state;
    memset(many, 'x', sizeof many);
    assert_true(edit_insert(&e, bytes_make(many, sizeof many)));
    assert_true(edit_insert(&e, bytes_make(many, sizeof many)));
    assert_false(edit_insert(&e, bytes_make(many, sizeof many)));
    assert_int_equal(e.text.len, 2 * sizeof many);
    edit_deinit(&e);
}

static void test_history(void **state)
{
    struct edit_history h = {0};
    struct edit e = {0};

    (void)state;
    edit_history_step(&h, &e, -1);
    expect_line(&e, "", 0);
    edit_history_add(&h, bytes_of("one"));
    edit_history_add(&h, bytes_of("two"));
    edit_history_add(&h, bytes_of("two"));
    edit_history_add(&h, bytes_of(""));
    edit_set(&e, bytes_of("unsent"));
    edit_history_step(&h, &e, -1);
    expect_line(&e, "two", 3);
    edit_history_step(&h, &e, -1);
    edit_history_step(&h, &e, -1);
    expect_line(&e, "one", 3);
    edit_history_step(&h, &e, 1);
    edit_history_step(&h, &e, 1);
    edit_history_step(&h, &e, 1);
    expect_line(&e, "unsent", 6);
    edit_deinit(&e);
    edit_history_deinit(&h);
}

static void test_history_is_bounded(void **state)
{
    struct edit_history h = {0};
    struct buffer line = {0};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        buffer_clear(&line);
        buffer_printf(&line, "line %d", i);
        edit_history_add(&h, buffer_bytes(&line));
    }
    assert_true(h.count <= 500);
    assert_true(bytes_are(buffer_bytes(&h.lines[h.count - 1]), "line 1999"));
    buffer_deinit(&line);
    edit_history_deinit(&h);
}

/* Any motions and deletions on any text leave the caret on a character's start. */
static void test_caret_stands_between_characters(void **state)
{
    static const char *const pieces[] = {"a",         "é",    "日", "😀", " ",
                                         "e\xcc\x81", "\xff", "\n", "=="};
    struct edit e = {0};
    uint32_t seed = 7;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint32_t code;

        seed = seed * 1664525 + 1013904223;
        if (seed >> 30 < 2)
            edit_insert(&e, bytes_of(pieces[(seed >> 20) % ARRAY_LEN(pieces)]));
        else if (seed >> 30 == 2)
            edit_move(&e, (enum edit_motion)((seed >> 20) % 6));
        else
            edit_delete(&e, (enum edit_motion)((seed >> 20) % 6));
        assert_true(e.caret <= e.text.len);
        for (size_t at = 0; at < e.text.len;) {
            at += utf8_decode(bytes_slice(edit_text(&e), at, e.text.len), &code);
            assert_int_not_equal(code, UTF8_INVALID);
        }
        if (e.caret < e.text.len)
            assert_int_not_equal((unsigned char)e.text.ptr[e.caret] & 0xc0, 0x80);
    }
    edit_deinit(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drops_controls),
        cmocka_unit_test(test_moves_by_characters),
        cmocka_unit_test(test_marks_stay_on_their_character),
        cmocka_unit_test(test_moves_by_words),
        cmocka_unit_test(test_length_is_bounded),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_history_is_bounded),
        cmocka_unit_test(test_caret_stands_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
