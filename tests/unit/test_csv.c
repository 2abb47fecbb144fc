/* Rows and cells of tables in text. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/csv.h"

static void rows_end(void **state)
{
    static const struct {
        const char *text;
        bool final;
        enum csv_end end;
        size_t length;
    } wanted[] = {
        {"a,b\nc",          false, CSV_ROW,    4},
        {"a,b\r\nc",        false, CSV_ROW,    5},
        {"a,b",             false, CSV_MORE,   0},
        {"a,b",             true,  CSV_ROW,    3},
        {"\"a\nb\",c\nd",   false, CSV_ROW,    8},
        {"\"a\"\"\nb\"\nc", false, CSV_ROW,    8},
        {"\"a\n",           false, CSV_MORE,   0},
        {"\"a\n",           true,  CSV_UNDONE, 0},
        {"a\"b\nc\"\n",     false, CSV_ROW,    4},
        {"\"a\"b\n\"c",     true,  CSV_ROW,    5},
        {"\"a\"",           false, CSV_MORE,   0},
        {"\n",              false, CSV_ROW,    1},
        {"",                true,  CSV_ROW,    0},
        {"\"\"\"",          true,  CSV_UNDONE, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        size_t length = 0;

        assert_int_equal(csv_row(bytes_of(wanted[i].text), wanted[i].final, ',', &length),
                         wanted[i].end);
        if (wanted[i].end == CSV_ROW)
            assert_int_equal(length, wanted[i].length);
    }
}

static void cells(void **state)
{
    static const struct {
        const char *row, *cells; /* decoded, each in brackets; * for one in quotes */
        char separator;
    } wanted[] = {
        {"a,b,c\r\n",            "[a][b][c]",        ',' },
        {"a,,\n",                "[a][][]",          ',' },
        {"",                     "[]",               ',' },
        {"\"\",x",               "*[][x]",           ',' },
        {"\"a,\"\"b\"\"\nc\",d", "*[a,\"b\"\nc][d]", ',' },
        {"a\"b,\"c\"d,e",        "[a\"b]*[cd][e]",   ',' },
        {"\"a\"\"\",b",          "*[a\"][b]",        ',' },
        {"a;b,c;\"d;e\"",        "[a][b,c]*[d;e]",   ';' },
        {"a\tb",                 "[a][b]",           '\t'},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        struct bytes rest = csv_trim(bytes_of(wanted[i].row));
        struct buffer got = {0};
        struct csv_cell cell;

        while (csv_next(&rest, wanted[i].separator, &cell)) {
            buffer_add_text(&got, cell.quoted ? "*[" : "[");
            csv_decode(&cell, &got);
            buffer_add_char(&got, ']');
        }
        assert_string_equal(buffer_cstr(&got), wanted[i].cells);
        buffer_deinit(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_end),
        cmocka_unit_test(cells),
    };

    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
