/* What comes in by the keyboard: prompts, pastes, replies, garbage, keymaps. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>
// clang-format on

#include "tests/screens/folder.h"

static const char *const demo[] = {"--demo", NULL};

static void paste_in_prompts_only(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);

    (void)state;
    /* Off while no prompt is open. */
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033[?2004h")), SIZE_MAX);
    terminal_forget(t);
    terminal_type(t, "f");
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("\033[?2004h")), SIZE_MAX);
    terminal_type(t, "\033[200~ip:1.2.3.4\nQ\rQ\033[31m\003\032\007Q\033[201~");
    assert_true(terminal_shows(t, "ip:1.2.3.4 Q Q[31mQ"));
    terminal_expect_clean(t);
    terminal_forget(t);
    terminal_type(t, "\033");
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("\033[?2004l")), SIZE_MAX);
    /* A paste where none was asked for does nothing. */
    terminal_type(t, "\033[200~QQ\rQ\033[201~");
    assert_true(terminal_shows(t, "Filters: none"));
    terminal_free(t);
}

static void paste_too_long(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer paste = {0};

    (void)state;
    terminal_type(t, "f");
    buffer_add_text(&paste, "\033[200~");
    for (int i = 0; i < 100000; i++)
        buffer_add_char(&paste, 'Q');
    buffer_add_text(&paste, "\033[201~");
    terminal_send_bytes(t, buffer_bytes(&paste));
    terminal_type(t, "");
    assert_true(terminal_shows(t, "too long"));
    terminal_type(t, "\033");
    assert_true(terminal_shows(t, "Filters: none"));
    buffer_deinit(&paste);
    terminal_free(t);
}

/* The screen is as it was; fails naming the first row that is not, and what was typed. */
static void expect_screen(struct terminal *t, struct bytes wanted, const char *typed)
{
    for (unsigned row = 0; wanted.len; row++) {
        size_t end = bytes_find(wanted, bytes_of("\n"));
        struct bytes line = bytes_slice(wanted, 0, end);

        if (!bytes_are(line, terminal_row(t, row)))
            fail_msg("after \"%s\" the row\n'%.*s' is\n'%s'", typed, (int)line.len, line.ptr,
                     terminal_row(t, row));
        wanted = bytes_slice(wanted, end + 1, wanted.len);
    }
}

/* Terminals answer what some other program asked; none of it is a key. */
static void replies_are_not_keys(void **state)
{
    static const char *const replies[] = {
        "\033[24;80R",
        "\033[?1;2c",
        "\033[>41;354;0c",
        "\033[0n",
        "\033[8;24;80t",
        "\033]11;rgb:ffff/ffff/ffff\033\\",
        "\033]52;c;UVFRUVFR\007",
        "\033]0;QQQ\033\\",
        "\033P>|xterm(370)QQ\033\\",
        "\033_Gi=31;OKQ\033\\",
        "\033[I\033[O",
        "\033[M !!\033[<0;3;3M\033[<0;3;3m",
        "\033[?2026;2$y",
        "\033[27;5;113~",
        "\033[113;5u",
    };
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer before = {0};

    (void)state;
    terminal_type(t, "jjj");
    terminal_text(t, &before);
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        terminal_type(t, replies[i]);
        expect_screen(t, buffer_bytes(&before), replies[i]);
    }
    buffer_deinit(&before);
    terminal_free(t);
}

static void escape_ends_prompts(void **state)
{
    static const char *const prompts[] = {"f", "/", ":", "fab", "fer\t", ":so\t\t", "x", "?"};
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer before = {0};

    (void)state;
    terminal_type(t, "jk"); /* the words of welcome go with the first key */
    terminal_text(t, &before);
    for (size_t i = 0; i < ARRAY_LEN(prompts); i++) {
        terminal_type(t, prompts[i]);
        terminal_type(t, "\033");
        /* Help is a view of its own, which back leaves. */
        if (prompts[i][0] == '?')
            terminal_type(t, "1");
        expect_screen(t, buffer_bytes(&before), prompts[i]);
    }
    buffer_deinit(&before);
    terminal_free(t);
}

enum { GARBAGE_KEYS = 20000, GARBAGE_BLOCK = 500 };

/* The keys that quit, stop the program or start a settling mark are left out; the rest is any
 * byte, plain letters and whole sequences more often. */
static void add_garbage(struct buffer *out, uint32_t *seed)
{
    static const char *const pieces[] = {
        "\033[A",     "\033[B", "\033[5~",   "\033[6~",   "\r",    "\t",    "\033", "pi",
        "pa",         "Ps",     "oi",        "ds",        "f",     "/",     ":",    "x",
        "u",          "|",      "\033[200~", "\033[201~", "\033]", "\033P", "é",    "日",
        "ferror:*\r", "R",      "D",         "F",         "?",     "="};
    unsigned char byte;

    *seed = *seed * 1664525 + 1013904223;
    byte = (unsigned char)(*seed >> 24);
    if (*seed >> 22 & 1) {
        buffer_add_text(out, pieces[(*seed >> 8) % ARRAY_LEN(pieces)]);
        return;
    }
    if (!(*seed >> 21 & 1))
        byte = (unsigned char)(' ' + byte % 95);
    if (byte != 'Q' && byte != 'q' && byte != 'h' && byte != 0x1a && byte != 0x1e &&
        byte != 0x7f)
        buffer_add_char(out, (char)byte);
}

static void garbage(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer keys = {0};
    uint32_t seed = 20261118;

    (void)state;
    for (size_t sent = 0; sent < GARBAGE_KEYS;) {
        buffer_clear(&keys);
        while (keys.len < GARBAGE_BLOCK)
            add_garbage(&keys, &seed);
        sent += keys.len;
        if (sent % 3 == 0)
            terminal_resize(t, 10 + seed % 60, 40 + (seed >> 8) % 150);
        terminal_send_bytes(t, buffer_bytes(&keys));
        terminal_send(t, "\033[201~\033\\");
        if (!terminal_settle(t)) {
            int status = terminal_wait(t);

            /* Back at the first view, asked twice: the one way to quit that is left. */
            if (status == 0 || status == 1) {
                terminal_free(t);
                t = terminal_demo(24, 80, NULL);
                continue;
            }
            fail_msg("ended with %d after %zu bytes of garbage", status, sent);
        }
        terminal_forget(t);
    }
    terminal_resize(t, 24, 80);
    /* Lists and help may lie over one another; each Esc closes one. */
    for (int i = 0; i < 64; i++)
        terminal_type(t, "\033");
    terminal_type(t, "1");
    if (!terminal_shows(t, "events")) {
        buffer_clear(&keys);
        terminal_text(t, &keys);
        fail_msg("the first view shows\n%s", buffer_cstr(&keys));
    }
    buffer_deinit(&keys);
    terminal_free(t);
}

static void shipped_keymaps(void **state)
{
    static const char *const names[] = {"default", "vim", "less", "emacs", "mc", "plain"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *options[] = {"--keymap", names[i], NULL};
        struct terminal *t = terminal_demo(24, 80, options);
        struct buffer help = {0};

        terminal_type(t, "?");
        buffer_printf(&help, "%s", names[i]);
        if (!terminal_shows(t, "elp"))
            fail_msg("no help with the keys of %s", names[i]);
        terminal_type(t, "\033");
        assert_true(terminal_shows(t, "events"));
        buffer_deinit(&help);
        terminal_free(t);
    }
}

static void own_keymap(void **state)
{
    struct buffer folder = {0}, setting = {0};
    const char *environment[2] = {NULL};
    struct terminal *t;

    (void)state;
    folder_make(&folder);
    buffer_printf(&setting, "XDG_CONFIG_HOME=%s", buffer_cstr(&folder));
    environment[0] = buffer_cstr(&setting);
    folder_write(&folder, "cogtrail/keymap",
                 bytes_of("include default\nunbind any F\nbind any F quit-now\n"));
    t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = demo, .environment = environment});
    terminal_type(t, "");
    terminal_send(t, "F");
    assert_int_equal(terminal_wait(t), 1);
    terminal_free(t);

    folder_write(&folder, "cogtrail/keymap",
                 bytes_of("include default\n\nbind any j no\033[31m-such\n"));
    t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = demo, .environment = environment});
    assert_int_equal(terminal_wait(t), 2);
    assert_true(bytes_starts(terminal_raw(t), "cogtrail: "));
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("cogtrail/keymap:3: ")),
                         SIZE_MAX);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);

    /* Nothing bound: who started it could not leave. */
    folder_write(&folder, "cogtrail/keymap", bytes_of(""));
    t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = demo, .environment = environment});
    assert_int_equal(terminal_wait(t), 2);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("no way out")), SIZE_MAX);
    terminal_free(t);
    buffer_deinit(&setting);
    folder_remove(&folder);
}

/* Refused in words, without waiting for what never comes. */
static void no_keymap(const char *path, const char *words)
{
    struct buffer option = {0};
    const char *arguments[] = {"--demo", NULL, NULL};
    struct terminal *t;

    buffer_printf(&option, "--keymap=%s", path);
    arguments[1] = buffer_cstr(&option);
    t = terminal_new(&(struct terminal_start){.rows = 24, .cols = 200, .arguments = arguments});
    assert_int_equal(terminal_wait(t), 2);
    assert_true(bytes_starts(terminal_raw(t), "cogtrail: keymap /"));
    if (bytes_find(terminal_raw(t), bytes_of(words)) == SIZE_MAX)
        fail_msg("%.*s", (int)terminal_raw(t).len, terminal_raw(t).ptr);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);
    buffer_deinit(&option);
}

static void keymaps_that_are_none(void **state)
{
    struct buffer folder = {0}, path = {0}, large = {0};

    (void)state;
    folder_make(&folder);
    no_keymap("/x\033[31m", "/x\\u001b[31m: No such file");
    no_keymap("/dev/zero", "is not a plain file");
    no_keymap(buffer_cstr(&folder), "is a folder");
    buffer_printf(&path, "%s/fifo", buffer_cstr(&folder));
    assert_int_equal(mkfifo(buffer_cstr(&path), 0600), 0);
    no_keymap(buffer_cstr(&path), "is not a plain file");
    memset(buffer_room(&large, 300 << 10), '\n', 300 << 10);
    large.len = 300 << 10;
    folder_write(&folder, "large", buffer_bytes(&large));
    buffer_clear(&path);
    buffer_printf(&path, "%s/large", buffer_cstr(&folder));
    no_keymap(buffer_cstr(&path), "is too large");
    buffer_deinit(&large);
    buffer_deinit(&path);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paste_in_prompts_only),
        cmocka_unit_test(paste_too_long),
        cmocka_unit_test(replies_are_not_keys),
        cmocka_unit_test(escape_ends_prompts),
        cmocka_unit_test(garbage),
        cmocka_unit_test(shipped_keymaps),
        cmocka_unit_test(own_keymap),
        cmocka_unit_test(keymaps_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
