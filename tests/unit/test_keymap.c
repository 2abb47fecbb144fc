/* Keys, commands and keymaps: what is shipped holds together. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/field.h"

#include "keymaps/builtin.h"
#include "keymaps/keyfile.h"
#include "keymaps/keymap.h"
#include "keymaps/manual.h"

static struct key key_of(const char *text)
{
    struct key key = {0};

    if (!key_parse(bytes_of(text), &key))
        fail_msg("no key: %s", text);
    return key;
}

static struct keymap *shipped(const char *name)
{
    struct buffer message = {0};
    struct keymap *map = NULL;

    if (keymap_load_builtin(bytes_of(name), &map, &message) != ERR_OK)
        fail_msg("%s: %s", name, buffer_cstr(&message));
    buffer_deinit(&message);
    return map;
}

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

/* Types the keys (with blanks between them); the last result. */
static enum keymap_match type(struct keymap_matcher *m, enum context context, const char *keys,
                              const struct binding **row)
{
    struct bytes rest = bytes_of(keys);
    enum keymap_match match = KEYMAP_NONE;

    while (rest.len) {
        struct bytes one = bytes_slice(rest, 0, bytes_find(rest, bytes_of(" ")));
        struct key key;

        assert_true(key_parse(one, &key));
        match = keymap_feed(m, context, key, row);
        rest = bytes_slice(rest, one.len + 1, rest.len);
    }
    return match;
}

static void runs(const struct keymap *map, enum context context, const char *keys,
                 enum command_id command, const char *argument)
{
    struct keymap_matcher *m = keymap_matcher_new(map);
    const struct binding *row = NULL;

    if (type(m, context, keys, &row) != KEYMAP_COMMAND)
        fail_msg("'%s' runs nothing in %s", keys, context_name(context));
    assert_int_equal(row->command, command);
    assert_true(bytes_are(row->argument, argument));
    keymap_matcher_free(m);
}

static void test_key_text_and_back(void **state)
{
    static const char *const same[] = {
        "j",       "G",          "~",         "-",         "é",          "日",
        "Ctrl-D",  "Alt-x",      "Alt-X",     "PgDn",      "F1",         "F12",
        "Space",   "Hash",       "Esc",       "Tab",       "Enter",      "Left",
        "Alt--",   "Ctrl-Left",  "Alt-Left",  "Ctrl-_",    "Ctrl-Alt-Q", "Ctrl-H",
        "Ctrl-\\", "Ctrl-Space", "Shift-Tab", "Backspace", "Ins",        "Del",
    };
    static const struct {
        const char *text, *canonical;
    } other[] = {
        {"Ctrl-d",     "Ctrl-D"    },
        {"Ctrl-I",     "Tab"       },
        {"Ctrl-m",     "Enter"     },
        {"Ctrl-[",     "Esc"       },
        {"#",          "Hash"      },
        {"Ctrl-J",     "Enter"     },
        {"Alt-Ctrl-q", "Ctrl-Alt-Q"},
        {"Ctrl-@",     "Ctrl-Space"},
    };
    static const char *const wrong[] = {
        "",           "gg",      "ctrl-d", "Ctrl-",  "Ctrl-5", "Ctrl-Ctrl-D",
        "F13",        "F0",      "Escape", "\x01",   "\xff",   "\xc2\x9b",
        "Ctrl-Enter", "Shift-a", " ",      "Ctrl-é", "\u202e", "Ctrl--",
    };
    struct buffer text = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        buffer_clear(&text);
        key_write(&text, key_of(same[i]));
        assert_string_equal(buffer_cstr(&text), same[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        buffer_clear(&text);
        key_write(&text, key_of(other[i].text));
        assert_string_equal(buffer_cstr(&text), other[i].canonical);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct key key;

        if (key_parse(bytes_of(wrong[i]), &key))
            fail_msg("taken for a key: '%s'", wrong[i]);
    }
    buffer_deinit(&text);
}

static void test_every_typed_key_has_a_text(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (unsigned alt = 0; alt < 2; alt++) {
        for (uint32_t code = 0; code < 0x250; code++) {
            struct key key = key_typed(code, alt != 0), again;

            if ((code >= 0x80 && code < 0xa0) || code == 0xad)
                continue; /* never typed: C1 and the soft hyphen */
            buffer_clear(&text);
            key_write(&text, key);
            if (!key_parse(buffer_bytes(&text), &again) || key_compare(key, again) != 0) {
                /* A blank that is not the space bar's has a text all the same. */
                assert_int_equal(code, 0xa0);
            }
        }
    }
    buffer_deinit(&text);
}

static void test_command_names(void **state)
{
    (void)state;
    for (unsigned c = 0; c < COMMAND_COUNT; c++) {
        const struct command *command = command_get((enum command_id)c);
        enum command_id found;
        struct key key;

        assert_true(command_find(bytes_of(command->name), &found));
        assert_int_equal(found, c); /* no name twice */
        assert_false(key_parse(bytes_of(command->name), &key));
        assert_true(strlen(command->name) > 2);
        assert_true(strspn(command->name, "abcdefghijklmnopqrstuvwxyz-") ==
                    strlen(command->name));
        assert_true(strlen(command->help) > 5 && strlen(command->help) <= 72);
        assert_true(command->help[strlen(command->help) - 1] != '.');
        assert_true(command->contexts != 0);
        /* Rows of one group stand together. */
        for (unsigned d = c + 2; d < COMMAND_COUNT; d++) {
            if (strcmp(command_get((enum command_id)d)->group, command->group) == 0)
                assert_string_equal(command_get((enum command_id)(d - 1))->group,
                                    command->group);
        }
    }
}

static void test_command_lines(void **state)
{
    static const struct {
        const char *line, *argument, *why;
        enum command_id id;
    } cases[] = {
        {"pivot ip",                 "ip",            NULL,                           COMMAND_PIVOT     },
        {"  pivot   error_message ", "error_message", NULL,                           COMMAND_PIVOT     },
        {"pivot",                    "",              NULL,                           COMMAND_PIVOT     },
        {"copy",                     NULL,            "'copy' needs a field",         0                 },
        {"copy nonsense",            NULL,            "unknown field 'nonsense'",     0                 },
        {"breadcrumb 3",             "3",             NULL,                           COMMAND_BREADCRUMB},
        {"breadcrumb 0",             NULL,            "number from 1 to 9",           0                 },
        {"breadcrumb",               NULL,            "number from 1 to 9",           0                 },
        {"undo it",                  NULL,            "takes no argument",            0                 },
        {"palette pivot ip",         "pivot ip",      NULL,                           COMMAND_PALETTE   },
        {"frobnicate",               NULL,            "unknown command 'frobnicate'", 0                 },
        {"\x1b[2J",                  NULL,            "'\\u001b[2J'",                 0                 },
        {"   ",                      NULL,            "no command",                   0                 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer why = {0};
        struct bytes argument;
        enum command_id id;
        enum err err = command_parse(bytes_of(cases[i].line), &id, &argument, &why);

        if (cases[i].why) {
            assert_int_equal(err, ERR_USAGE);
            assert_non_null(strstr(buffer_cstr(&why), cases[i].why));
        } else {
            assert_int_equal(err, ERR_OK);
            assert_int_equal(id, cases[i].id);
            assert_true(bytes_are(argument, cases[i].argument));
        }
        buffer_deinit(&why);
    }
}

static void test_completion(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_true(command_complete(bytes_of("piv"), CONTEXT_PIVOT, 1, &out));
    assert_string_equal(buffer_cstr(&out), "pivot-add");
    assert_false(command_complete(bytes_of("piv"), CONTEXT_EVENTS, 1, &out));
    assert_false(command_complete(bytes_of("piv"), CONTEXT_PIVOT, 2, &out));
    buffer_clear(&out);
    assert_true(command_complete(bytes_of("pivot error"), CONTEXT_EVENTS, 1, &out));
    assert_string_equal(buffer_cstr(&out), "pivot error_message");
    assert_false(command_complete(bytes_of("undo "), CONTEXT_EVENTS, 0, &out));
    /* Whatever completes also runs. */
    for (size_t i = 0;; i++) {
        struct buffer why = {0};
        struct bytes argument;
        enum command_id id;

        buffer_clear(&out);
        if (!command_complete(bytes_of("card "), CONTEXT_EVENTS, i, &out)) {
            assert_int_equal(i, FIELD_COUNT);
            break;
        }
        assert_int_equal(command_parse(buffer_bytes(&out), &id, &argument, &why), ERR_OK);
        buffer_deinit(&why);
    }
    buffer_deinit(&out);
}

static bool has_key(const struct keymap *map, enum context context, enum command_id command)
{
    for (size_t i = 0; i < keymap_count(map, context); i++) {
        if (keymap_get(map, context, i)->command == command)
            return true;
    }
    return false;
}

static void test_shipped_maps(void **state)
{
    (void)state;
    assert_int_equal(builtin_count(), 6);
    for (size_t i = 0; i < builtin_count(); i++) {
        struct keymap *map = shipped(builtin_name(i));

        for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
            enum context context = (enum context)c;

            if (!has_key(map, context, COMMAND_HELP))
                fail_msg("%s: no help in %s", builtin_name(i), context_name(context));
            if (!has_key(map, context, COMMAND_BACK) &&
                !has_key(map, context, COMMAND_ESCAPE) &&
                !has_key(map, context, COMMAND_PROMPT_CANCEL))
                fail_msg("%s: no way out of %s", builtin_name(i), context_name(context));
            if (context_is_in(context, CONTEXT_ANY))
                assert_true(has_key(map, context, COMMAND_PALETTE));
            else if (context_is_in(context, CONTEXT_PROMPT))
                assert_true(has_key(map, context, COMMAND_PROMPT_ACCEPT));
        }
        keymap_free(map);
    }
}

/* A command without a key must be one that the palette offers in a view. */
static void test_every_command_is_reachable(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_count(); i++) {
        struct keymap *map = shipped(builtin_name(i));

        for (unsigned c = 0; c < COMMAND_COUNT; c++) {
            enum command_id command = (enum command_id)c;
            bool reachable = command_works_below(command, CONTEXT_ANY);

            for (unsigned x = 0; x < CONTEXT_COUNT && !reachable; x++)
                reachable = has_key(map, (enum context)x, command);
            /* plain has few keys for a line; the others have all. */
            if (!reachable && strcmp(builtin_name(i), "plain") != 0)
                fail_msg("%s: no way to %s", builtin_name(i), command_get(command)->name);
        }
        keymap_free(map);
    }
}

static void test_tasks_of_the_day(void **state)
{
    struct keymap *map = shipped("default");

    (void)state;
    runs(map, CONTEXT_EVENTS, "p e", COMMAND_PIVOT, "error");
    runs(map, CONTEXT_PIVOT, "p i", COMMAND_PIVOT, "ip");
    runs(map, CONTEXT_EVENTS, "o i", COMMAND_OTHERS, "ip");
    runs(map, CONTEXT_EVENTS, "d s", COMMAND_CARD, "sub");
    runs(map, CONTEXT_EVENTS, "Enter", COMMAND_OPEN, "");
    runs(map, CONTEXT_TREE, "y", COMMAND_COPY_VALUE, "");
    runs(map, CONTEXT_TREE, "=", COMMAND_KEEP, "");
    runs(map, CONTEXT_EVENTS, "y i", COMMAND_COPY, "ip");
    runs(map, CONTEXT_PIVOT, "P c", COMMAND_PIVOT_ADD, "client");
    runs(map, CONTEXT_CARD, "3", COMMAND_BREADCRUMB, "3");
    runs(map, CONTEXT_PALETTE, "Up", COMMAND_ROW_PREVIOUS, "");
    runs(map, CONTEXT_PALETTE, "Enter", COMMAND_PROMPT_ACCEPT, "");
    runs(map, CONTEXT_FILTERS, "j", COMMAND_ROW_NEXT, "");
    keymap_free(map);
    map = shipped("plain");
    runs(map, CONTEXT_EVENTS, "p", COMMAND_PALETTE, "pivot");
    for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
        for (size_t i = 0; i < keymap_count(map, (enum context)c); i++)
            assert_int_equal(keymap_get(map, (enum context)c, i)->n_keys, 1);
    }
    keymap_free(map);
}

/* default.keys spells out the letters that fields.def owns. */
static void test_letters_are_those_of_the_fields(void **state)
{
    static const struct {
        const char *first;
        enum context context;
        enum command_id command;
    } chords[] = {
        {"p", CONTEXT_EVENTS, COMMAND_PIVOT    },
        {"P", CONTEXT_PIVOT,  COMMAND_PIVOT_ADD},
        {"o", CONTEXT_EVENTS, COMMAND_OTHERS   },
        {"d", CONTEXT_EVENTS, COMMAND_CARD     },
        {"y", CONTEXT_EVENTS, COMMAND_COPY     },
    };
    struct keymap *map = shipped("default");
    struct keymap_matcher *m = keymap_matcher_new(map);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(chords); i++) {
        const struct binding *any = NULL;
        size_t letters = 0;

        for (unsigned f = 0; f < FIELD_COUNT; f++) {
            const struct field *field = field_get((enum field_id)f);
            const struct binding *row = NULL;

            if (!field->pivot_key)
                continue;
            letters++;
            assert_int_equal(type(m, chords[i].context, chords[i].first, &row), KEYMAP_PENDING);
            assert_int_equal(keymap_feed(m, chords[i].context,
                                         key_typed((unsigned char)field->pivot_key, false),
                                         &row),
                             KEYMAP_COMMAND);
            assert_int_equal(row->command, chords[i].command);
            assert_true(bytes_are(row->argument, field->name));
        }
        /* And nothing but them and Enter. */
        assert_int_equal(type(m, chords[i].context, chords[i].first, &any), KEYMAP_PENDING);
        assert_non_null(keymap_pending(m, letters));
        assert_null(keymap_pending(m, letters + 1));
        keymap_matcher_reset(m);
    }
    keymap_matcher_free(m);
    keymap_free(map);
}

static void test_matcher(void **state)
{
    struct keymap *map = loaded("bind any a b c undo\nbind any a d redo\nbind any e help\n");
    struct keymap_matcher *m = keymap_matcher_new(map);
    const struct binding *row = NULL;
    size_t n_keys;

    (void)state;
    assert_int_equal(type(m, CONTEXT_EVENTS, "a", &row), KEYMAP_PENDING);
    assert_int_equal(keymap_pending(m, 0)->command, COMMAND_UNDO);
    assert_int_equal(keymap_pending(m, 1)->command, COMMAND_REDO);
    assert_null(keymap_pending(m, 2));
    assert_int_equal(type(m, CONTEXT_EVENTS, "b", &row), KEYMAP_PENDING);
    assert_null(keymap_pending(m, 1));
    assert_int_equal(type(m, CONTEXT_EVENTS, "c", &row), KEYMAP_COMMAND);
    assert_int_equal(row->command, COMMAND_UNDO);
    /* A wrong key ends the sequence and is told with it; the next begins anew. */
    assert_int_equal(type(m, CONTEXT_EVENTS, "a x", &row), KEYMAP_NONE);
    assert_int_equal(key_compare(keymap_matcher_keys(m, &n_keys)[1], key_of("x")), 0);
    assert_int_equal(n_keys, 2);
    assert_int_equal(type(m, CONTEXT_EVENTS, "e", &row), KEYMAP_COMMAND);
    /* Esc gives a sequence up. */
    assert_int_equal(type(m, CONTEXT_EVENTS, "a Esc", &row), KEYMAP_NONE);
    assert_null(keymap_pending(m, 0));
    assert_int_equal(type(m, CONTEXT_EVENTS, "d", &row), KEYMAP_NONE);
    /* Another context begins anew. */
    assert_int_equal(type(m, CONTEXT_EVENTS, "a", &row), KEYMAP_PENDING);
    assert_int_equal(type(m, CONTEXT_TREE, "e", &row), KEYMAP_COMMAND);
    keymap_matcher_free(m);
    keymap_free(map);
}

static void test_inheritance(void **state)
{
    struct keymap *map = loaded("bind any a undo\nbind table a redo\nbind any b help\n"
                                "unbind events b\nbind any s sort\nbind any c d quit\n"
                                "unbind pivot c\nbind pivot c keep\n");
    struct keymap_matcher *m = keymap_matcher_new(map);
    const struct binding *row = NULL;

    (void)state;
    runs(map, CONTEXT_TREE, "a", COMMAND_UNDO, "");
    runs(map, CONTEXT_EVENTS, "a", COMMAND_REDO, "");
    runs(map, CONTEXT_PIVOT, "b", COMMAND_HELP, "");
    assert_int_equal(type(m, CONTEXT_EVENTS, "b", &row), KEYMAP_NONE);
    /* Bound everywhere, of use in tables alone. */
    runs(map, CONTEXT_CARD, "s", COMMAND_SORT, "");
    assert_int_equal(type(m, CONTEXT_TREE, "s", &row), KEYMAP_NONE);
    /* An unbind hides the sequences that begin so. */
    runs(map, CONTEXT_PIVOT, "c", COMMAND_KEEP, "");
    runs(map, CONTEXT_EVENTS, "c d", COMMAND_QUIT, "");
    keymap_matcher_free(m);
    keymap_free(map);
}

static void test_user_file_changes_a_shipped_map(void **state)
{
    struct keymap *map = loaded("include default\r\n"
                                "  # comment\n"
                                "\n"
                                "bind any p i pivot client   # anew\n"
                                "unbind any g\n"
                                "bind any g g row-first\n"
                                "bind any Hash help\n"
                                "bind tree x palette pivot   ip");

    (void)state;
    runs(map, CONTEXT_EVENTS, "p i", COMMAND_PIVOT, "client");
    runs(map, CONTEXT_EVENTS, "g g", COMMAND_ROW_FIRST, "");
    runs(map, CONTEXT_EVENTS, "#", COMMAND_HELP, "");
    runs(map, CONTEXT_TREE, "x", COMMAND_PALETTE, "pivot   ip");
    runs(map, CONTEXT_EVENTS, "x", COMMAND_FILTER_LIST, "");
    keymap_free(map);
}

static const struct keymap_help *help_of(const struct keymap_help *lines, size_t count,
                                         enum command_id command, bool letters)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i].command == command && lines[i].letters == letters)
            return &lines[i];
    }
    return NULL;
}

static void test_help(void **state)
{
    struct keymap *map = shipped("default");
    struct buffer out = {0};
    struct keymap_help *lines;
    size_t count = keymap_help(map, CONTEXT_EVENTS, &lines);
    const struct keymap_help *line = help_of(lines, count, COMMAND_PIVOT, true);
    struct key keys[2] = {key_of("p"), key_of("i")}, free_key = key_of("Ctrl-T");

    (void)state;
    assert_non_null(line);
    assert_true(bytes_are(buffer_bytes(&line->keys), "p + letter"));
    line = help_of(lines, count, COMMAND_BREADCRUMB, false);
    assert_true(bytes_are(buffer_bytes(&line->keys), "1  2  3  4  5  6  7  8  9"));
    line = help_of(lines, count, COMMAND_ROW_NEXT, false);
    assert_true(bytes_are(buffer_bytes(&line->keys), "j  Down"));
    assert_null(help_of(lines, count, COMMAND_FOLD, false));
    for (size_t i = 1; i < count; i++)
        assert_true(lines[i - 1].command <= lines[i].command);
    keymap_help_free(lines, count);

    assert_true(keymap_find(map, CONTEXT_EVENTS, COMMAND_PIVOT, bytes_of("ip"), &out));
    assert_string_equal(buffer_cstr(&out), "p i");
    buffer_clear(&out);
    assert_false(keymap_find(map, CONTEXT_EVENTS, COMMAND_FOLD, bytes_of(""), &out));
    keymap_describe(map, CONTEXT_EVENTS, keys, 2, &out);
    assert_string_equal(buffer_cstr(&out), "p i: pivot ip - count the values of a field");
    buffer_clear(&out);
    keymap_describe(map, CONTEXT_EVENTS, keys, 1, &out);
    assert_true(bytes_starts(buffer_bytes(&out), "p: begins p a, p b"));
    buffer_clear(&out);
    keymap_describe(map, CONTEXT_EVENTS, &free_key, 1, &out);
    assert_string_equal(buffer_cstr(&out), "Ctrl-T: not bound here");
    buffer_deinit(&out);
    keymap_free(map);
}

static void test_manual_parts(void **state)
{
    struct keymap *map = shipped("default");
    struct buffer out = {0};

    (void)state;
    manual_write_commands(&out);
    for (unsigned c = 0; c < COMMAND_COUNT; c++) {
        struct buffer item = {0};

        buffer_add_text(&item, ".It Ic ");
        manual_write_text(&item, bytes_of(command_get((enum command_id)c)->name), true);
        assert_true(bytes_find(buffer_bytes(&out), buffer_bytes(&item)) != SIZE_MAX);
        buffer_deinit(&item);
    }
    buffer_clear(&out);
    manual_write_text(&out, bytes_of("|"), true);
    buffer_add_char(&out, ' ');
    manual_write_text(&out, bytes_of(".a\\b-\""), true);
    assert_string_equal(buffer_cstr(&out), "\\&| \\&.a\\eb\\-\\(dq");
    buffer_clear(&out);
    manual_list_keys(&out, map);
    assert_true(bytes_find(buffer_bytes(&out), bytes_of("events\tp i\tpivot ip\n")) !=
                SIZE_MAX);
    buffer_deinit(&out);
    keymap_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_text_and_back),
        cmocka_unit_test(test_every_typed_key_has_a_text),
        cmocka_unit_test(test_command_names),
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_completion),
        cmocka_unit_test(test_shipped_maps),
        cmocka_unit_test(test_every_command_is_reachable),
        cmocka_unit_test(test_tasks_of_the_day),
        cmocka_unit_test(test_letters_are_those_of_the_fields),
        cmocka_unit_test(test_matcher),
        cmocka_unit_test(test_inheritance),
        cmocka_unit_test(test_user_file_changes_a_shipped_map),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_manual_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
