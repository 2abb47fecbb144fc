/* A shared screen: with persons hidden, no view shows an address, a name or a mailbox of the
 * demo, whole or cut. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "core/base/mem.h"

#include "tests/screens/folder.h"

enum { NAMES_MAX = 1000, NAME_MIN = 6 };

/* What must not be seen. */
static struct {
    char *texts[NAMES_MAX];
    size_t count;
} names;

static void add_name(const char *text, size_t len)
{
    /* What a record hides itself is nobody's name. */
    if (len >= NAME_MIN && strncmp(text, "HIDDEN_", 7) != 0 && names.count < NAMES_MAX)
        names.texts[names.count++] = mem_text(text, len);
}

/* Every value of a field in the demo, as the program itself lists them; of a mailbox also the
 * part before the @, which a cut one would show. */
static void add_field(const char *field)
{
    char command[512], line[1024];
    FILE *out;
    size_t before = names.count;

    (void)snprintf(command, sizeof command,
                   "%s --demo --mask=none --format=csv -q 'stats count(*) by %s' 2>/dev/null",
                   COGTRAIL_PROGRAM, field);
    out = popen(command, "r");
    assert_non_null(out);
    assert_non_null(fgets(line, sizeof line, out)); /* the heading */
    while (fgets(line, sizeof line, out)) {
        size_t len = strcspn(line, ","), at = strcspn(line, "@");

        add_name(line, len);
        if (at < len)
            add_name(line, at);
    }
    assert_true(pclose(out) == 0 || names.count > before);
    assert_true(names.count > before + 10);
}

static int gather(void **state)
{
    (void)state;
    add_field("user");
    add_field("ip");
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < names.count; i++)
        mem_free(names.texts[i]);
    return 0;
}

static bool is_part(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* 203.0.113.7 does not stand in 203.0.113.70. */
static const char *find_name(const char *screen, const char *name)
{
    for (const char *at = strstr(screen, name); at; at = strstr(at + 1, name)) {
        if ((at == screen || !is_part(at[-1])) && !is_part(at[strlen(name)]))
            return at;
    }
    return NULL;
}

static void expect_nobody(struct terminal *t, const char *keys)
{
    struct buffer screen = {0};

    terminal_text(t, &screen);
    for (size_t i = 0; i < names.count; i++) {
        if (find_name(buffer_cstr(&screen), names.texts[i]))
            fail_msg("after %s the screen shows %s:\n%s", keys, names.texts[i],
                     buffer_cstr(&screen));
    }
    buffer_deinit(&screen);
}

/* Views, and what opens from them; keys typed one settling after the other, each looked at. */
static const char *const walks[][8] = {
    {"v",     "\r",          "R", "\033"},
    {"G", "\r",              "G", "J"},
    {"foutcome=failure\r",   "\r","\x04", "\x04", "\x04"},
    {"pi",       "\r", "\r"},
    {"pu", "Pi",         "\r"},
    {"ps",       "d\r",                 "\x04", "\x04", "G"},
    {"pi",   "d\r",                "\x04", "\x04", "G"},
    {"pu",   "d\r",    "\x04", "G"},
    {"pg"   },
    {"i"},
    {"b",    "Pi",      "\r"},
    {"b", "Pu"          },
    {"b",    "Ps",          "\r", "\r"},
    {"T",    "\r",           "\x04", "\x04", "\x04"},
    {"T",    "j\r",          "\x04", "\x04", "\x04"},
    {"T",     "jjj\r",                 "\x04", "\x04", "\x04"},
    {"T",       "G\r",               "\x04", "\x04"},
    {"T",       "v",           "\r"},
    {"T",   "e"                 },
    {"S",     "G",        "\r", "\r"},
    {"a", "\r",   "\r"},
    {"K",     "\x04",           "\x04", "G"},
    {"F"},
    {"D",     "\r"       },
    {"V"},
    {"r"    },
    {"fuser=*novak*\r", "x"         },
    {"fstats count(*) by user, ip\r","\r"       },
    {"ffields @message\r",     "\r"      },
    {"@",     "\r"       },
};

static void shows_nobody(unsigned rows, unsigned cols)
{
    static const char *const options[] = {"--mask=persons", NULL};
    struct terminal *t = terminal_demo(rows, cols, options);

    expect_nobody(t, "the start");
    for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
        for (size_t k = 0; k < ARRAY_LEN(walks[i]) && walks[i][k]; k++) {
            terminal_type(t, walks[i][k]);
            expect_nobody(t, walks[i][k]);
        }
        /* Out of any prompt or overlay, home, filters off. */
        terminal_type(t, "\033");
        terminal_type(t, "\033");
        terminal_type(t, "1cg");
        expect_nobody(t, "1cg");
    }
    terminal_free(t);
}

static void narrow(void **state)
{
    (void)state;
    shows_nobody(24, 80);
}

static void wide(void **state)
{
    (void)state;
    shows_nobody(40, 160);
}

/* A user name that has not the form of a mailbox is known by its field alone. */
static void plain_user_name(void **state)
{
    static const char record[] = "{\"version\":\"1\",\"eventId\":\"a0000000-0000-4000-8000-"
                                 "000000000001\",\"eventTimestamp\":"
                                 "\"1740826800000\",\"eventSource\":\"USER_AUTH_EVENTS\","
                                 "\"logLevel\":\"INFO\",\"message\":{"
                                 "\"eventType\":\"SignIn\",\"userName\":\"annabellee\","
                                 "\"userSub\":\"11111111-1111-4111-8111-"
                                 "111111111111\",\"ipAddress\":\"203.0.113.77\"}}\n";
    static const char *const keys[] = {"v",  "\r",  "q", "pu", "d\r", "q", "1",
                                       "ps", "d\r", "q", "1",  "S",   "1", "bPu"};
    struct buffer screen = {0}, folder = {0};
    const char *arguments[] = {"--mask=persons", NULL, NULL};
    struct terminal *t;

    (void)state;
    folder_make(&folder);
    folder_write(&folder, "activity.log", bytes_of(record));
    arguments[1] = buffer_cstr(&folder);
    t = terminal_new(&(struct terminal_start){.rows = 30, .cols = 140, .arguments = arguments});
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        terminal_type(t, keys[i]);
        buffer_clear(&screen);
        terminal_text(t, &screen);
        if (strstr(buffer_cstr(&screen), "annabel"))
            fail_msg("after %s:\n%s", keys[i], buffer_cstr(&screen));
    }
    buffer_deinit(&screen);
    terminal_free(t);
    folder_remove(&folder);
}

/* The names are there to be found when nothing hides them. */
static void names_show_when_wanted(void **state)
{
    struct terminal *t = terminal_demo(24, 80, NULL);
    struct buffer screen = {0};
    bool any = false;

    (void)state;
    terminal_type(t, "pu");
    terminal_text(t, &screen);
    for (size_t i = 0; i < names.count; i++)
        any |= find_name(buffer_cstr(&screen), names.texts[i]) != NULL;
    assert_true(any);
    buffer_deinit(&screen);
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_show_when_wanted),
        cmocka_unit_test(narrow),
        cmocka_unit_test(wide),
        cmocka_unit_test(plain_user_name),
    };

    return cmocka_run_group_tests(tests, gather, drop);
}
