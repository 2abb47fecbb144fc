/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "core/keeping/writer.h"

#include "tests/unit/corpus.h"

static const struct bytes NAMES[] = {
    {"name",  4},
    {"count", 5},
    {"list",  4}
};

static struct writer_cell cell(enum writer_type type, const char *text)
{
    return (struct writer_cell){type, bytes_of(text)};
}

/* What a writer makes of `n_rows` rows of three cells; the caller frees it. */
static char *written(enum writer_format format, const struct writer_cell (*rows)[3],
                     size_t n_rows, bool ascii)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct writer *w = writer_new(out, format, NAMES, 3, ascii, 0);

    for (size_t i = 0; i < n_rows; i++)
        writer_row(w, rows[i]);
    assert_int_equal(writer_finish(w), ERR_OK);
    fclose(out);
    return text;
}

static void expect(enum writer_format format, const struct writer_cell (*rows)[3],
                   size_t n_rows, const char *wanted)
{
    char *got = written(format, rows, n_rows, false);

    assert_string_equal(got, wanted);
    free(got);
}

static void finds_formats(void **state)
{
    enum writer_format format = WRITER_TEXT;

    (void)state;
    assert_true(writer_format_find(bytes_of("jsonl"), &format));
    assert_int_equal(format, WRITER_JSONL);
    assert_true(writer_format_find(bytes_of("csv"), &format));
    assert_int_equal(format, WRITER_CSV);
    assert_false(writer_format_find(bytes_of("xml"), &format));
}

static void writes_no_rows(void **state)
{
    (void)state;
    expect(WRITER_TEXT, NULL, 0, "name  count  list\n");
    expect(WRITER_CSV, NULL, 0, "name,count,list\r\n");
    expect(WRITER_JSON, NULL, 0, "[]\n");
    expect(WRITER_JSONL, NULL, 0, "");
}

static void writes_each_format(void **state)
{
    const struct writer_cell rows[][3] = {
        {cell(WRITER_STRING,  "\xc3\xa4lter"), cell(WRITER_NUMBER,  "1200"),
         cell(WRITER_RAW,                                                                         "[1,\r\n \"a\"]")},
        {cell(WRITER_STRING,  "a,\"b\"\n"),    cell(WRITER_NUMBER,  "-7"),   cell(WRITER_MISSING, "")              },
        {cell(WRITER_MISSING, ""),             cell(WRITER_MISSING, ""),     cell(WRITER_RAW,     "{}")            },
    };

    (void)state;
    expect(WRITER_TEXT, rows, 3,
           "name     count  list\n"
           "\xc3\xa4lter     1200  [1,\\r\\n \"a\"]\n"
           "a,\"b\"\\n     -7\n"
           "                {}\n");
    expect(WRITER_CSV, rows, 3,
           "name,count,list\r\n"
           "\xc3\xa4lter,1200,\"[1,\r\n \"\"a\"\"]\"\r\n"
           "\"a,\"\"b\"\"\n\",-7,\r\n"
           ",,{}\r\n");
    expect(WRITER_JSON, rows, 3,
           "[\n{\"name\":\"\xc3\xa4lter\",\"count\":1200,\"list\":[1,   \"a\"]},\n"
           "{\"name\":\"a,\\\"b\\\"\\n\",\"count\":-7},\n"
           "{\"list\":{}}\n]\n");
    expect(WRITER_JSONL, rows, 3,
           "{\"name\":\"\xc3\xa4lter\",\"count\":1200,\"list\":[1,   \"a\"]}\n"
           "{\"name\":\"a,\\\"b\\\"\\n\",\"count\":-7}\n"
           "{\"list\":{}}\n");
}

static void keeps_formulas_from_running(void **state)
{
    static const struct {
        const char *text, *csv;
    } rows[] = {
        {"=1+1",              "\"'=1+1\""                 },
        {"+1",                "\"'+1\""                   },
        {"-1",                "\"'-1\""                   },
        {"@SUM(A1)",          "\"'@SUM(A1)\""             },
        {"\t=1",              "\"'\t=1\""                 },
        {"\r=1",              "\"'\r=1\""                 },
        {"\n=1",              "\"'\n=1\""                 },
        {" =1",               "\"' =1\""                  },
        {"\xef\xbc\x9d"
         "1",        "\"'\xef\xbc\x9d"
         "1\""                      },
        {"\xef\xbc\x8b"
         "1",        "\"'\xef\xbc\x8b"
         "1\""                      },
        {"\xef\xbc\x8d"
         "1",        "\"'\xef\xbc\x8d"
         "1\""                      },
        {"\xef\xbc\xa0"
         "1",        "\"'\xef\xbc\xa0"
         "1\""                      },
        {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
        {"a=1",               "a=1"                       },
        {"'=1",               "'=1"                       },
        {"a;=1",              "\"a;=1\""                  },
        {"blank ",            "\"blank \""                },
        {"",                  "\"\""                      },
        {"\xe2\x80\x8b=1",    "\"'\xe2\x80\x8b=1\""       },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct writer_cell row[][3] = {
            {cell(WRITER_STRING, rows[i].text), cell(WRITER_NUMBER, "-2.5e+3"),
             cell(WRITER_NUMBER, "-2+cmd")}
        };
        struct buffer wanted = {0};

        buffer_printf(&wanted, "name,count,list\r\n%s,-2.5e+3,\"'-2+cmd\"\r\n", rows[i].csv);
        expect(WRITER_CSV, row, 1, buffer_cstr(&wanted));
        buffer_deinit(&wanted);
    }
}

static void takes_only_numbers_for_numbers(void **state)
{
    static const char *const good[] = {"0", "-0", "12", "1.5", "1e9", "-1.25E-3"};
    static const char *const bad[] = {"",   "-",   "01", "1.",  ".5",
                                      "1e", "1e+", "+1", "NaN", "1 "};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good) + ARRAY_LEN(bad); i++) {
        bool number = i < ARRAY_LEN(good);
        const char *text = number ? good[i] : bad[i - ARRAY_LEN(good)];
        const struct writer_cell row[][3] = {
            {cell(WRITER_NUMBER, text), cell(WRITER_MISSING, ""), cell(WRITER_MISSING, "")}
        };
        struct buffer wanted = {0};

        buffer_printf(&wanted, number ? "{\"name\":%s}\n" : "{\"name\":\"%s\"}\n", text);
        expect(WRITER_JSONL, row, 1, buffer_cstr(&wanted));
        buffer_deinit(&wanted);
    }
}

static void escapes_json_strings(void **state)
{
    struct buffer out = {0};

    (void)state;
    writer_add_json(&out, bytes_make("a\"\\\b\f\n\r\t\0\x1f\x7f/", 12));
    assert_true(
        bytes_are(buffer_bytes(&out), "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f/\""));
    buffer_clear(&out);
    writer_add_json(
        &out, bytes_of("\xff\xed\xa0\x80 \xe2\x80\xae \xf3\xa0\x81\x81 \xc2\x9b \xe4\xb8\x80"));
    assert_true(bytes_are(buffer_bytes(&out),
                          "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \\u202e "
                          "\\udb40\\udc41 \\u009b \xe4\xb8\x80\""));
    buffer_clear(&out);
    writer_add_json(&out, bytes_make(NULL, 0));
    assert_true(bytes_are(buffer_bytes(&out), "\"\""));
    buffer_deinit(&out);
}

/* Whatever goes in comes out of another JSON reader as it was. */
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
        struct buffer out = {0};
        cJSON *back;

        writer_add_json(&out, bytes_of(item->valuestring));
        back = cJSON_ParseWithLength(out.ptr, out.len);
        assert_string_equal(cJSON_GetStringValue(back), item->valuestring);
        cJSON_Delete(back);
        buffer_deinit(&out);
        checked++;
    }
    assert_true(checked > 500);
    cJSON_Delete(list);
    buffer_deinit(&file);
}

static void draws_text_safely(void **state)
{
    const struct writer_cell rows[][3] = {
        {cell(WRITER_STRING, "\x1b[31m\xc3\xa4"), cell(WRITER_STRING, "x"),
         cell(WRITER_MISSING, "")}
    };
    char *got;

    (void)state;
    got = written(WRITER_TEXT, rows, 1, true);
    assert_string_equal(got, "name              count  list\n\\u001b[31m\\u00e4  x\n");
    free(got);
    got = written(WRITER_TEXT, rows, 1, false);
    assert_string_equal(got, "name         count  list\n\\u001b[31m\xc3\xa4  x\n");
    free(got);
}

/* Text that is held back comes out whole, in order, also past the rows that set the widths. */
static void releases_text_in_order(void **state)
{
    char *text = NULL;
    size_t len = 0, lines = 0;
    FILE *out = open_memstream(&text, &len);
    struct writer *w = writer_new(out, WRITER_TEXT, NAMES, 1, false, 0);
    struct bytes rest, line;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        char number[16];
        int digits = snprintf(number, sizeof number, "%u", i);
        struct writer_cell row = {WRITER_STRING, bytes_make(number, (size_t)digits)};

        writer_row(w, &row);
    }
    assert_int_equal(writer_finish(w), ERR_OK);
    fclose(out);
    rest = bytes_make(text, len);
    assert_true(corpus_line(&rest, &line));
    while (corpus_line(&rest, &line)) {
        uint64_t value = 0;

        assert_true(bytes_to_u64(line, &value));
        assert_int_equal(value, lines++);
    }
    assert_int_equal(lines, 3000);
    free(text);
}

/* What would wrap again and again is a block; short rows of a wide terminal stay a table. */
static void writes_blocks_on_narrow_terminals(void **state)
{
    static const struct {
        unsigned terminal_cols;
        const char *wanted;
    } cases[] = {
        {0,  "name                                      count  list\n"
            "0123456789012345678901234567890123456789      1\n"  },
        {25, "name              count  list\n"
             "0123456789012345678901234567890123456789      1\n"},
        {24, "name   0123456789012345678901234567890123456789\n"
             "count  1\n\n"                                     },
    };
    const struct writer_cell row[3] = {
        cell(WRITER_STRING, "0123456789012345678901234567890123456789"),
        cell(WRITER_NUMBER, "1"),
        {WRITER_MISSING, {0}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        struct writer *w =
            writer_new(out, WRITER_TEXT, NAMES, 3, false, cases[i].terminal_cols);

        writer_row(w, row);
        assert_int_equal(writer_finish(w), ERR_OK);
        fclose(out);
        assert_string_equal(text, cases[i].wanted);
        free(text);
    }
}

/* A spreadsheet's file keeps every byte; a screen must not be driven by them. */
static void escapes_csv_for_a_terminal_only(void **state)
{
    static const char evil[] = "a\033[31m\a\xc2\x9b,\xe2\x80\xae";
    struct writer_cell row = {WRITER_STRING, bytes_of(evil)};
    static const char *const wanted[] = {
        "name\r\n\"a\033[31m\a\xc2\x9b,\xe2\x80\xae\"\r\n",
        "name\r\n\"a\\u001b[31m\\u0007\\u009b,\\u202e\"\r\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        struct writer *w = writer_new(out, WRITER_CSV, NAMES, 1, false, i == 1 ? 80 : 0);

        writer_row(w, &row);
        assert_int_equal(writer_finish(w), ERR_OK);
        fclose(out);
        assert_string_equal(text, wanted[i]);
        free(text);
    }
}

static void hides_what_the_mask_says(void **state)
{
    static const struct bytes columns[] = {
        {"user",     4},
        {"password", 8},
        {"@message", 8}
    };
    static const enum writer_format formats[] = {WRITER_TEXT, WRITER_CSV, WRITER_JSON,
                                                 WRITER_JSONL};
    static const struct mask secrets = {.level = MASK_SECRETS}, none = {.level = MASK_NONE};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats) * 2; i++) {
        const struct mask *mask = i < ARRAY_LEN(formats) ? &secrets : &none;
        const struct writer_cell row[3] = {cell(WRITER_STRING, "ann"),
                                           cell(WRITER_NUMBER, "1234567"),
                                           cell(WRITER_STRING, "token=t0ps3cret ok")};
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        struct writer *w =
            writer_new(out, formats[i % ARRAY_LEN(formats)], columns, 3, false, 0);

        writer_mask(w, mask);
        writer_row(w, row);
        assert_int_equal(writer_hidden(w), mask == &secrets ? 2 : 0);
        assert_int_equal(writer_finish(w), ERR_OK);
        fclose(out);
        assert_true(strstr(text, "ann") && strstr(text, " ok"));
        assert_int_equal(strstr(text, "1234567") != NULL, mask == &none);
        assert_int_equal(strstr(text, "t0ps3cret") != NULL, mask == &none);
        free(text);
    }
}

static void reports_a_full_disk(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    struct writer *w;

    (void)state;
    if (!full)
        skip();
    w = writer_new(full, WRITER_CSV, NAMES, 3, false, 0);
    assert_int_equal(writer_finish(w), ERR_IO);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_formats),
        cmocka_unit_test(writes_no_rows),
        cmocka_unit_test(writes_each_format),
        cmocka_unit_test(keeps_formulas_from_running),
        cmocka_unit_test(takes_only_numbers_for_numbers),
        cmocka_unit_test(escapes_json_strings),
        cmocka_unit_test(survives_naughty_strings),
        cmocka_unit_test(draws_text_safely),
        cmocka_unit_test(releases_text_in_order),
        cmocka_unit_test(writes_blocks_on_narrow_terminals),
        cmocka_unit_test(escapes_csv_for_a_terminal_only),
        cmocka_unit_test(hides_what_the_mask_says),
        cmocka_unit_test(reports_a_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
