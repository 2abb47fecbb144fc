/* Evidence that was written to harm whoever looks at it: no byte of it reaches the terminal as
 * anything but text, and no row is shifted by it. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "core/base/mem.h"
#include "core/base/utf8.h"

#include "tests/screens/folder.h"
#include "tests/unit/corpus.h"

enum { MAX_STRINGS = 1000 };

/* What stands for each class of harm where the corpora are not at hand. */
static const char *const own_strings[] = {
    "\033[31mred\033[0m",
    "\033]0;title\007",
    "\033]52;c;cm0gLXJm\007",
    "\033P1$r0m\033\\",
    "\033[2J\033[H",
    "\xc2\x9b"
    "31mC1",
    "\xc2\x9d"
    "0;x\xc2\x9c",
    "user=mallory\rstatus=OK",
    "root\b\b\b\bbob",
    "line\nbreak\ttab\vvt\fff",
    "bidi \xe2\x80\xae"
    "gnp.exe",
    "\xe2\x81\xa6isolate\xe2\x81\xa9",
    "zero\xe2\x80\x8bwidth\xe2\x80\x8d",
    "tag\xf3\xa0\x81\x81",
    "z\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88"
    "algo",
    "family \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
    "heart \xe2\x9d\xa4\xef\xb8\x8f",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x83\x86\xe3\x82\xad\xe3\x82\xb9\xe3\x83\x88",
    "\x0e\x0f\x05\x07\x7f",
    "\xe1\x85\x9f\xe3\x85\xa4 filler",
    "private \xee\x80\x80\xf4\x8f\xbf\xbd",
    "\xef\xbb\xbf"
    "bom",
    "%s%n%x",
};

struct strings {
    struct buffer items[MAX_STRINGS];
    size_t count;
};

static void add_string(struct strings *s, struct bytes text)
{
    if (s->count < MAX_STRINGS)
        buffer_add(&s->items[s->count++], text);
}

static unsigned hex_digits(struct bytes text)
{
    unsigned value = 0;

    for (size_t i = 0; i < text.len && i < 4; i++) {
        char c = text.ptr[i];

        value = value * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value;
}

/* The text of the JSON string that begins behind the quote at `*at`, as it is written there:
 * escapes of single characters and \u are undone, lone surrogates become U+FFFD. */
static void read_string(struct bytes json, size_t *at, struct buffer *out)
{
    uint32_t high = 0;
    char sign[4];

    for (; *at < json.len && json.ptr[*at] != '"'; ++*at) {
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char *known;
        uint32_t code;

        if (json.ptr[*at] != '\\') {
            buffer_add_char(out, json.ptr[*at]);
            continue;
        }
        ++*at;
        known = strchr(from, json.ptr[*at]);
        if (json.ptr[*at] != 'u') {
            buffer_add_char(out, known ? to[known - from] : json.ptr[*at]);
            continue;
        }
        code = hex_digits(bytes_slice(json, *at + 1, *at + 5));
        *at += 4;
        if (code >= 0xd800 && code < 0xdc00) {
            high = code;
            continue;
        }
        if (high && code >= 0xdc00 && code < 0xe000)
            code = 0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00);
        high = 0;
        buffer_add(out, bytes_make(sign, utf8_encode(code, sign)));
    }
    ++*at;
}

/* All strings that follow `key` (a name and a colon, or nothing for the items of a list). */
static void take_strings(struct strings *s, struct bytes json, const char *key)
{
    size_t at = 0;

    while (at < json.len) {
        struct buffer text = {0};
        size_t from;

        if (json.ptr[at++] != '"')
            continue;
        from = at;
        read_string(json, &at, &text);
        if (!*key) {
            add_string(s, buffer_bytes(&text));
        } else if (bytes_are(bytes_slice(json, from, at - 1), key)) {
            while (at < json.len && json.ptr[at] != '"')
                at++;
            at++;
            buffer_clear(&text);
            read_string(json, &at, &text);
            add_string(s, buffer_bytes(&text));
        }
        buffer_deinit(&text);
    }
}

static void collect(struct strings *s)
{
    struct buffer json = {0};

    for (size_t i = 0; i < ARRAY_LEN(own_strings); i++)
        add_string(s, bytes_of(own_strings[i]));
    if (corpus_read("corpora/own/terminal.json", &json))
        take_strings(s, buffer_bytes(&json), "s");
    buffer_clear(&json);
    if (corpus_read("corpora/blns/blns.json", &json))
        take_strings(s, buffer_bytes(&json), "");
    buffer_deinit(&json);
}

static void add_member(struct buffer *out, const char *name, struct bytes text)
{
    buffer_printf(out, ",\"%s\":", name);
    json_add_text(out, text);
}

/* One record that carries the text wherever a record can. */
static void add_record(struct buffer *out, size_t number, struct bytes text)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-18T%02zu:%02zu:%02zuZ\","
                  "\"eventSource\":\"cognito-idp.amazonaws.com\",\"awsRegion\":\"eu-west-1\","
                  "\"eventID\":\"00000000-0000-4000-8000-%012zu\",\"eventType\":\"AwsApiCall\","
                  "\"recipientAccountId\":\"123456789012\"",
                  9 + number / 3600, number / 60 % 60, number % 60, number);
    add_member(out, "eventName", text);
    add_member(out, "sourceIPAddress", text);
    add_member(out, "userAgent", text);
    add_member(out, "errorCode", text);
    add_member(out, "errorMessage", text);
    buffer_add_text(out, ",\"userIdentity\":{\"type\":\"IAMUser\"");
    add_member(out, "userName", text);
    buffer_add_text(out, "},\"requestParameters\":{\"clientId\":");
    json_add_text(out, text);
    buffer_add_char(out, ',');
    json_add_text(out, text);
    buffer_add_char(out, ':');
    json_add_text(out, text);
    buffer_add_text(out, "},\"additionalEventData\":{\"sub\":");
    json_add_text(out, text);
    buffer_add_text(out, "}}");
}

static struct strings *strings;
static struct buffer folder;

static int make_archive(void **state)
{
    struct buffer json = {0};
    size_t names = 0;

    (void)state;
    strings = mem_alloc(sizeof *strings);
    collect(strings);
    folder_make(&folder);
    buffer_add_text(&json, "{\"Records\":[");
    for (size_t i = 0; i < strings->count; i++) {
        if (i)
            buffer_add_char(&json, ',');
        add_record(&json, i, buffer_bytes(&strings->items[i]));
    }
    buffer_add_text(&json, "]}");
    folder_write(&folder, "all.json", buffer_bytes(&json));
    /* The same strings as names of files that are no logs, each a row among the problems. */
    for (size_t i = 0; i < strings->count && names < 60; i++) {
        struct buffer *name = &strings->items[i];
        bool usable = name->len > 0 && name->len < 120;
        struct buffer content = {0};

        for (size_t k = 0; k < name->len; k++)
            usable &= name->ptr[k] != '/' && name->ptr[k] != '\0';
        if (usable && strcmp(buffer_cstr(name), ".") != 0 && strcmp(name->ptr, "..") != 0) {
            buffer_add_text(&content, "{\"Records\":[{\"eventTime\":");
            json_add_text(&content, buffer_bytes(name));
            folder_write(&folder, buffer_cstr(name), buffer_bytes(&content));
            names++;
        }
        buffer_deinit(&content);
    }
    buffer_deinit(&json);
    return 0;
}

static int remove_archive(void **state)
{
    (void)state;
    for (size_t i = 0; i < strings->count; i++)
        buffer_deinit(&strings->items[i]);
    mem_free(strings);
    folder_remove(&folder);
    return 0;
}

static struct terminal *start(unsigned rows, unsigned cols, bool ascii)
{
    const char *arguments[] = {buffer_cstr(&folder), ascii ? "--ascii" : NULL, NULL};
    struct terminal *t = terminal_new(
        &(struct terminal_start){.rows = rows, .cols = cols, .arguments = arguments});
    struct buffer count = {0};

    terminal_type(t, "");
    buffer_printf(&count, "at least %zu events", strings->count);
    assert_true(terminal_shows(t, buffer_cstr(&count)));
    buffer_deinit(&count);
    return t;
}

static void expect_ascii(struct terminal *t, const char *keys)
{
    struct bytes raw = terminal_raw(t);

    for (size_t i = 0; i < raw.len; i++) {
        if ((unsigned char)raw.ptr[i] >= 0x80)
            fail_msg("byte %02x after %s", (unsigned char)raw.ptr[i], keys);
    }
}

/* Types, and judges what came. */
static void step(struct terminal *t, const char *keys, bool ascii)
{
    terminal_forget(t);
    terminal_type(t, keys);
    terminal_expect_clean(t);
    if (ascii)
        expect_ascii(t, keys);
}

/* Every view over the archive; pages until the list's end in the long ones. */
static void walk(struct terminal *t, bool ascii)
{
    static const char *const tours[] = {
        "pa",
        "G",
        "g",
        "\r",
        "q",
        "pi",
        "Pa",
        "\006",
        "1", /* pivots */
        "di",
        "\006",
        "\006",
        "j",
        "1",
        "da",
        "1",
        "du",
        "1", /* cards */
        "|",
        "\006",
        "j ",
        "j ",
        "j ",
        "\033",
        ".",
        ".",
        ".",
        ",", /* columns */
        "yi",
        "ya",
        "Y",
        "ye", /* copies say so */
        "/\033[200~31m\033[201~\r",
        "n",
        "N",
        "/nowhere\r",
        "fagent:\t",
        "\t",
        "\t",
        "\t",
        "\t",
        "\033", /* completions */
        "fuser:\t",
        "\t",
        "\t",
        "\033",
        "fip:\t",
        "\t",
        "\t",
        "\033",
        "=",
        "x",
        "e",
        "\033",
        "\033",
        "u",
        "-",
        "u",
        "oa",
        "1",
        "u",
        "f\"\033[200~\033]0;x\007\xe2\x80\xae\033[201~\r",
        "\033",
        "u", /* refused filters */
        ":\033[200~sort \033[31m\033[201~\r",
        "\033",
        "D",
        "G",
        "g",
        "j",
        "j",
        "\r",
        "j",
        "y",
        "Y",
        "1",
        "F",
        "\006",
        "\006",
        "\r",
        "1",
        "?",
        "\006",
        "\033",
        "m",
        "j",
        "m",
        "'",
        "z",
        "Z",
        "t",
        "t",
        "v",
        "jjj",
    };

    step(t, "g", ascii);
    for (int i = 0; i < 60; i++)
        step(t, "\006", ascii);
    step(t, "g", ascii);
    for (size_t i = 0; i < ARRAY_LEN(tours); i++)
        step(t, tours[i], ascii);
    /* Each event: tree, raw text. */
    step(t, "1g\r", ascii);
    for (size_t i = 0; i < strings->count; i += i < 260 ? 1 : 7) {
        step(t, "J", ascii);
        if (i % 4 == 0) {
            step(t, "G", ascii);
            step(t, "y", ascii);
            step(t, "R", ascii);
            step(t, "R", ascii);
        }
    }
}

static void all_views_80x24(void **state)
{
    struct terminal *t = start(24, 80, false);

    (void)state;
    walk(t, false);
    terminal_free(t);
}

static void all_views_140x40(void **state)
{
    struct terminal *t = start(40, 140, false);

    (void)state;
    walk(t, false);
    terminal_free(t);
}

static void all_views_ascii(void **state)
{
    struct terminal *t = start(24, 80, true);

    (void)state;
    walk(t, true);
    terminal_free(t);
}

/* The columns of the list stand where their headings stand, in every row. */
static void rows_do_not_shift(void **state)
{
    struct terminal *t = start(24, 80, false);
    unsigned heading = 0;

    (void)state;
    while (heading < 24 && !strstr(terminal_row(t, heading), "TIME"))
        heading++;
    assert_in_range(heading, 1, 22);
    terminal_type(t, "g");
    for (int page = 0; page < 60; page++) {
        for (unsigned row = heading + 1; row < 22; row++) {
            /* "11-18 09:00:00" from column 4, blanks around every column. */
            const char *text = terminal_row(t, row);

            if (!*text)
                continue;
            if (!terminal_blank(t, row, 3) || !terminal_blank(t, row, 18) ||
                !terminal_blank(t, row, 34) || !terminal_blank(t, row, 50) ||
                !terminal_blank(t, row, 64) || !terminal_blank(t, row, 73))
                fail_msg("a column of row %u is not in its place:\n%s", row, text);
        }
        terminal_type(t, "\006");
    }
    terminal_free(t);
}

/* The row that shows both, or NULL. */
static const char *row_with(struct terminal *t, unsigned rows, const char *key,
                            const char *text)
{
    for (unsigned row = 0; row < rows; row++) {
        const char *shown = terminal_row(t, row);

        if (strstr(shown, key) && strstr(shown, text))
            return shown;
    }
    return NULL;
}

/* Of keys that stand twice the last one counts, and the screen must not name another. */
static void keys_that_stand_twice(void **state)
{
    static const char record[] =
        "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:00:00Z\","
        "\"eventSource\":\"x.amazonaws.com\",\"awsRegion\":\"eu-west-1\","
        "\"eventName\":\"FirstName\",\"userIdentity\":{\"arn\":\"arn:first\"},"
        "\"eventName\":\"SecondName\",\"userIdentity\":{\"arn\":\"arn:second\"}}";
    static const struct {
        const char *key, *value, *tag;
    } wanted[] = {
        {"eventName ", "FirstName",  "(overruled)"},
        {"arn ",       "arn:first",  "(overruled)"},
        {"eventName ", "SecondName", "operation"  },
        {"arn ",       "arn:second", "actor"      },
    };
    struct buffer own = {0};
    struct terminal *t;

    (void)state;
    folder_make(&own);
    folder_write(&own, "twice.json", bytes_of(record));
    t = terminal_new(&(struct terminal_start){
        .rows = 40, .cols = 100, .arguments = (const char *[]){buffer_cstr(&own), NULL}
    });
    terminal_type(t, "\r");
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const char *row = row_with(t, 20, wanted[i].key, wanted[i].value);

        if (!row || !strstr(row, wanted[i].tag))
            fail_msg("%s: %s", wanted[i].value, row ? row : "not shown");
        assert_true((strstr(row, "(overruled)") != NULL) == (i < 2));
    }
    terminal_free(t);
    folder_remove(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_views_80x24),       cmocka_unit_test(all_views_140x40),
        cmocka_unit_test(all_views_ascii),       cmocka_unit_test(rows_do_not_shift),
        cmocka_unit_test(keys_that_stand_twice),
    };

    return cmocka_run_group_tests(tests, make_archive, remove_archive);
}
