/* Key files: what a user's file is told that is wrong with it, and where. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "keymaps/keyfile.h"
#include "keymaps/keymap.h"

static struct keymap *loaded(const char *text)
{
    struct keyfile_source source = keyfile_builtin();
    struct buffer message = {0};
    struct keymap *map = NULL;

    if (keymap_load(bytes_of("mine"), bytes_of(text), &source, &map, &message) != ERR_OK)
        fail_msg("%s", buffer_cstr(&message));
    buffer_deinit(&message);
    return map;
}

/* The message must begin with `place` and contain `part`. */
static void refused(const char *text, const char *place, const char *part)
{
    struct keyfile_source source = keyfile_builtin();
    struct buffer message = {0};
    struct keymap *map = NULL;

    assert_int_equal(keymap_load(bytes_of("mine"), bytes_of(text), &source, &map, &message),
                     ERR_KEYMAP);
    assert_null(map);
    if (!bytes_starts(buffer_bytes(&message), place) ||
        bytes_find(buffer_bytes(&message), bytes_of(part)) == SIZE_MAX)
        fail_msg("'%s' gives: %s", text, buffer_cstr(&message));
    buffer_deinit(&message);
}

static void test_refusals_name_file_and_line(void **state)
{
    (void)state;
    refused("\n\nbind any x frobnicate\n", "mine:3: ", "unknown command 'frobnicate'");
    refused("bind nowhere x undo", "mine:1: ", "unknown context 'nowhere'");
    refused("# c\nbind any gg undo", "mine:2: ", "bad key 'gg'");
    refused("bind any Ctrl-5 undo", "mine:1: ", "bad key 'Ctrl-5'");
    refused("bind any g Ctlr-X undo", "mine:1: ", "bad key 'Ctlr-X'");
    refused("bind any x", "mine:1: ", "no command");
    refused("bind any", "mine:1: ", "a key is missing");
    refused("bind", "mine:1: ", "a context is missing");
    refused("bind table x copy", "mine:1: ", "'copy' needs a field");
    refused("bind any x breadcrumb", "mine:1: ", "'breadcrumb' needs a number");
    refused("bind any x pivot ipp", "mine:1: ", "unknown field 'ipp'");
    refused("bind any x undo now", "mine:1: ", "takes no argument");
    refused("bind tree x time-zoom", "mine:1: ", "time-zoom does nothing in this context");
    refused("bind prompt x undo", "mine:1: ", "are text in the context 'prompt'");
    refused("bind palette Space undo", "mine:1: ", "are text in the context 'palette'");
    refused("bind any a b c d e undo", "mine:1: ", "more than 4 keys");
    refused("bind any a Esc undo", "mine:1: ", "cannot go on with 'Esc'");
    refused("bind any Ctrl-X Ctrl-G undo", "mine:1: ", "cannot go on with 'Ctrl-G'");
    refused("bind any x undo\nbind any x redo", "mine:2: ", "in line 1");
    refused("unbind any x", "mine:1: ", "not bound in the context 'any'");
    refused("bind any x undo\nunbind any x undo", "mine:2: ", "unexpected 'undo'");
    refused("map x undo", "mine:1: ", "unknown word 'map'");
    refused("include nothing", "mine:1: ", "unknown keymap 'nothing'");
    refused("include mine", "mine:1: ", "include loop");
    refused("include", "mine:1: ", "a name is missing");
    refused("include default twice", "mine:1: ", "unexpected 'twice'");
    refused("bind any \xff undo", "mine:1: ", "not UTF-8");
    refused("bind any x \x1b]0;t\x07", "mine:1: ", "\\u001b]0;t\\u0007");
}

static void test_refuses_keys_that_begin_alike(void **state)
{
    (void)state;
    refused("bind any g undo\nbind any g g redo", "mine:2: ", "'g g' and 'g' (undo, mine:1)");
    refused("bind any g g redo\nbind any g undo", "mine:2: ", "begin alike");
    /* Only the context below has both. */
    refused("bind any g g redo\n\nbind tree g fold", "mine:3: ", "in the context 'tree'");
    refused("include default\nbind any p undo", "mine:2: ", "(pivot, default:");
    /* Where one has no meaning there is no conflict. */
    keymap_free(loaded("bind tree g fold\nbind table g g sort"));
    keymap_free(loaded("bind any z time-zoom\nbind tree z c fold"));
}

static bool find_loop(void *context, struct bytes name, struct bytes *text)
{
    (void)context;
    if (bytes_are(name, "a"))
        *text = bytes_of("\ninclude b");
    else if (bytes_are(name, "b"))
        *text = bytes_of("include a");
    else
        return false;
    return true;
}

static bool find_deeper(void *context, struct bytes name, struct bytes *text)
{
    static char lines[16][16];
    unsigned *depth = context;

    (void)name;
    (void)snprintf(lines[*depth], sizeof lines[0], "include x%u", *depth);
    *text = bytes_of(lines[*depth]);
    ++*depth;
    return true;
}

static void test_includes_end(void **state)
{
    unsigned depth = 0;
    struct keyfile_source loop = {find_loop, NULL}, deeper = {find_deeper, &depth};
    struct buffer message = {0};
    struct keymap *map = NULL;

    (void)state;
    assert_int_equal(
        keymap_load(bytes_of("mine"), bytes_of("include a"), &loop, &map, &message),
        ERR_KEYMAP);
    assert_string_equal(buffer_cstr(&message), "b:1: include loop: 'a' is being read already");
    buffer_clear(&message);
    assert_int_equal(
        keymap_load(bytes_of("mine"), bytes_of("include x"), &deeper, &map, &message),
        ERR_KEYMAP);
    assert_non_null(strstr(buffer_cstr(&message), "includes too deep"));
    buffer_deinit(&message);
}

static void test_size_is_bounded(void **state)
{
    struct keyfile_source source = keyfile_builtin();
    struct buffer text = {0}, message = {0};
    struct keymap *map = NULL;

    (void)state;
    memset(buffer_room(&text, KEYFILE_MAX_BYTES + 1), '\n', KEYFILE_MAX_BYTES + 1);
    text.len = KEYFILE_MAX_BYTES + 1;
    assert_int_equal(
        keymap_load(bytes_of("mine"), buffer_bytes(&text), &source, &map, &message),
        ERR_KEYMAP);
    assert_non_null(strstr(buffer_cstr(&message), "too large"));
    text.len--;
    assert_int_equal(
        keymap_load(bytes_of("mine"), buffer_bytes(&text), &source, &map, &message), ERR_OK);
    keymap_free(map);
    buffer_clear(&text);
    buffer_clear(&message);
    for (unsigned i = 0; i <= KEYMAP_MAX_ROWS; i++)
        buffer_printf(&text, "bind any %c %c %c undo\n", 'A' + (int)(i % 26),
                      'A' + (int)(i / 26 % 26), 'A' + (int)(i / 676));
    assert_int_equal(
        keymap_load(bytes_of("mine"), buffer_bytes(&text), &source, &map, &message),
        ERR_KEYMAP);
    assert_string_equal(buffer_cstr(&message), "mine:4097: too many bindings");
    buffer_deinit(&text);
    buffer_deinit(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals_name_file_and_line),
        cmocka_unit_test(test_refuses_keys_that_begin_alike),
        cmocka_unit_test(test_includes_end),
        cmocka_unit_test(test_size_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
