/* Bytes to keys: what people type, what terminals answer, what is pasted. */

#include "core/base/bytes.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "tui/input.h"

/* The names of the keys that come out of `text`, with blanks between; a pause stands at the
 * end and wherever `text` has a byte 0xff. A paste is written as <text>. */
static void read_keys(struct bytes text, struct buffer *out)
{
    struct input in = {0};
    struct key key;

    for (size_t i = 0; i <= text.len; i++) {
        unsigned char byte = i < text.len ? (unsigned char)text.ptr[i] : 0xff;
        enum input_event event =
            byte == 0xff ? input_pause(&in, &key) : input_byte(&in, byte, &key);

        if (event != INPUT_NOTHING && out->len)
            buffer_add_char(out, ' ');
        if (event == INPUT_KEY || event == INPUT_KEY_AGAIN)
            key_write(out, key);
        if (event == INPUT_PASTE)
            buffer_printf(out, "<%.*s>", (int)in.pasted.len, in.pasted.ptr);
        i -= event == INPUT_KEY_AGAIN;
    }
    input_deinit(&in);
}

static void expect_keys(const char *typed, const char *wanted)
{
    struct buffer seen = {0};

    read_keys(bytes_of(typed), &seen);
    assert_string_equal(buffer_cstr(&seen), wanted);
    buffer_deinit(&seen);
}

static void test_characters(void **state)
{
    (void)state;
    expect_keys("aZ \x03\x7f\r\t", "a Z Space Ctrl-C Backspace Enter Tab");
    expect_keys("\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80", "é 日 😀");
}

static void test_broken_utf8_takes_no_key_with_it(void **state)
{
    (void)state;
    expect_keys("\xc3q\xe6\x97q\x80q\xf8q\xed\xa0\x80q", "q q q q q");
    expect_keys("\xc3\xff\xa9q", "q"); /* a pause within the character */
}

static void test_escape_and_alt(void **state)
{
    (void)state;
    expect_keys("\033\xffj", "Esc j");
    expect_keys("\033j", "Alt-j");
    expect_keys("\033\033\033", "Esc Esc Esc");
    expect_keys("\033\r\033\x03", "Esc Enter Esc Ctrl-C");
    expect_keys("\033\xc3\xa9", "Alt-é");
    expect_keys("\033\x7f", "Alt-Backspace");
}

static void test_keys_of_nearly_all_terminals(void **state)
{
    (void)state;
    expect_keys("\033[A\033OB\033[H\033OF\033[5~\033[6~\033[3~",
                "Up Down Home End PgUp PgDn Del");
    expect_keys("\033[1;5C\033[1;5D\033[1;3C\033[1;2D",
                "Ctrl-Right Ctrl-Left Alt-Right Shift-Left");
    expect_keys("\033OP\033[15~\033[24~\033[Z", "F1 F5 F12 Shift-Tab");
}

static void test_replies_are_not_keys(void **state)
{
    (void)state;
    expect_keys("\033[12;40Rq", "q");       /* where the cursor is */
    expect_keys("\033[?64;1;2;6;9cq", "q"); /* what the terminal is */
    expect_keys("\033[>41;354;0cq\033[0nq", "q q");
    expect_keys("\033[8;24;80tq", "q");            /* how large it is */
    expect_keys("\033]52;c;cXFxcQ==\033\\q", "q"); /* the clipboard */
    expect_keys("\033]11;rgb:0000/0000/0000\007q", "q");
    expect_keys("\033]0;title \\ with q\033\\j", "j");
    expect_keys("\033P1+r544e=787465726d\033\\q", "q");
    expect_keys("\033_Gi=1;OK\033\\q", "q");
    expect_keys("\033[Iq\033[Oq", "q q"); /* the window got or lost the focus */
    expect_keys("\033[M !!q", "q");       /* mouse */
    expect_keys("\033[<0;10;10Mq", "q");
    expect_keys("\033[[Aq", "q"); /* F1 of the Linux console */
    expect_keys("\033[27;5;9~q\033[9999999999999999999~q", "q q");
}

static void test_sequence_in_pieces(void **state)
{
    struct input in = {0};
    struct key key;

    (void)state;
    assert_int_equal(input_byte(&in, 0x1b, &key), INPUT_NOTHING);
    assert_int_equal(input_byte(&in, '[', &key), INPUT_NOTHING);
    assert_int_equal(in.state, INPUT_CSI);
    assert_int_equal(input_pause(&in, &key), INPUT_NOTHING); /* dropped, no Alt-[ */
    assert_int_equal(in.state, INPUT_PLAIN);
    assert_int_equal(input_byte(&in, 0x1b, &key), INPUT_NOTHING);
    assert_int_equal(input_byte(&in, 'O', &key), INPUT_NOTHING);
    /* A control breaks off a sequence and counts. */
    assert_int_equal(input_byte(&in, 0x03, &key), INPUT_KEY);
    assert_int_equal(key_compare(key, key_typed(3, false)), 0);
    input_deinit(&in);
}

static void test_paste(void **state)
{
    (void)state;
    expect_keys("\033[200~a\nq\033[31m\003\033[201~q", "<a\nq\033[31m\003> q");
    expect_keys("\033[200~\033[201~q", "<> q");
    expect_keys("\033[200~x\033[20\033[201~q", "<x\033[20> q");
    expect_keys("\033[200~x\xffy\033[201~", "<xy>"); /* a pause ends no paste */
    expect_keys("\033[201~q", "q");
}

static void test_paste_is_bounded(void **state)
{
    struct input in = {0};
    struct key key;
    const char *begin = "\033[200~", *end = "\033[201~";

    (void)state;
    for (size_t i = 0; begin[i]; i++)
        assert_int_equal(input_byte(&in, (unsigned char)begin[i], &key), INPUT_NOTHING);
    for (size_t i = 0; i < 3 * (size_t)INPUT_PASTE_MAX_BYTES; i++)
        assert_int_equal(input_byte(&in, 'q', &key), INPUT_NOTHING);
    assert_int_equal(in.pasted.len, INPUT_PASTE_MAX_BYTES);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(input_byte(&in, (unsigned char)end[i], &key), INPUT_NOTHING);
    assert_int_equal(input_byte(&in, '~', &key), INPUT_PASTE);
    assert_int_equal(in.pasted.len, INPUT_PASTE_MAX_BYTES);
    assert_int_equal(input_byte(&in, 'q', &key), INPUT_KEY);
    input_deinit(&in);
}

static void test_lost_end_of_paste(void **state)
{
    struct input in = {0};
    struct key key;
    const char *begin = "\033[200~x";

    (void)state;
    for (size_t i = 0; begin[i]; i++)
        assert_int_equal(input_byte(&in, (unsigned char)begin[i], &key), INPUT_NOTHING);
    assert_int_equal(input_pause(&in, &key), INPUT_NOTHING);
    assert_int_equal(input_paste_end(&in), INPUT_PASTE);
    assert_int_equal(input_paste_end(&in), INPUT_NOTHING);
    assert_int_equal(input_byte(&in, 'q', &key), INPUT_KEY);
    input_deinit(&in);
}

/* Whatever comes, the parser ends in a state from which Esc, after a pause, is Esc. */
static void test_garbage(void **state)
{
    struct input in = {0};
    struct key key;
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        enum input_event event;

        seed = seed * 1664525 + 1013904223;
        event = input_byte(&in, (unsigned char)(seed >> 24), &key);
        if (event == INPUT_KEY_AGAIN)
            assert_int_not_equal(input_byte(&in, (unsigned char)(seed >> 24), &key),
                                 INPUT_KEY_AGAIN);
        if (i % 1000 == 999) {
            (void)input_pause(&in, &key);
            (void)input_paste_end(&in);
            assert_int_equal(input_byte(&in, 0x1b, &key), INPUT_NOTHING);
            assert_int_equal(input_pause(&in, &key), INPUT_KEY);
            assert_int_equal(key.name, KEY_NAME_ESC);
        }
    }
    input_deinit(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_broken_utf8_takes_no_key_with_it),
        cmocka_unit_test(test_escape_and_alt),
        cmocka_unit_test(test_keys_of_nearly_all_terminals),
        cmocka_unit_test(test_replies_are_not_keys),
        cmocka_unit_test(test_sequence_in_pieces),
        cmocka_unit_test(test_paste),
        cmocka_unit_test(test_paste_is_bounded),
        cmocka_unit_test(test_lost_end_of_paste),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
