/* One picture of every view at 80x24, as golden texts. What views hold is judged elsewhere:
 * these show at a glance what a change does to them. */
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

#include "core/base/bytes.h"

/* Keys typed one settling after the other, then the picture. */
struct picture {
    const char *name;
    const char *keys[6];
};

static const struct picture views[] = {
    {"view-pivot-two-80x24",    {"pe", "Pi"}                        },
    {"view-event-80x24",        {"fip:203.0.113.7 error:*\r", "\r"} },
    {"view-raw-80x24",          {"fip:203.0.113.7 error:*\r", "\rR"}},
    {"view-findings-80x24",     {"T"}                               },
    {"view-finding-80x24",      {"T", "\r"}                         },
    {"view-attempts-80x24",     {"S", "G"}                          },
    {"view-limits-80x24",       {"T", "e"}                          },
    {"view-evidence-80x24",     {"T", "v"}                          },
    {"view-problems-80x24",     {"D"}                               },
    {"view-files-80x24",        {"F"}                               },
    {"view-verify-80x24",       {"V"}                               },
    {"view-coverage-80x24",     {"K"}                               },
    {"view-help-80x24",         {"?"}                               },
    {"view-filters-80x24",      {"ferror:*\r", "=", "x"}            },
    {"view-columns-80x24",      {"|"}                               },
    {"view-completion-80x24",   {"ferror=", "\t", "\t"}             },
    {"view-palette-80x24",      {":so\t", "\t"}                     },
    {"view-bursts-by-ip-80x24", {"b", "Pi"}                         },
    {"view-learned-80x24",      {"ps", "\r\r", "G\x15\x15"}         },
};

/* The same for the views of triage in a wide window. */
static const struct picture wide_views[] = {
    {"view-findings-140x40",      {"T"}        },
    {"view-finding-140x40",       {"T", "\r"}  },
    {"view-bursts-140x40",        {"b"}        },
    {"view-bursts-by-sub-140x40", {"b", "Ps"}  },
    {"view-card-140x40",          {"ps", "d\r"}},
    {"view-attempts-140x40",      {"S", "G"}   },
    {"view-coverage-140x40",      {"K"}        },
};

static void take_pictures(unsigned rows, unsigned cols, const struct picture *pictures,
                          size_t count)
{
    struct terminal *t = terminal_demo(rows, cols, NULL);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < ARRAY_LEN(pictures[i].keys) && pictures[i].keys[k]; k++)
            terminal_type(t, pictures[i].keys[k]);
        terminal_expect(t, pictures[i].name);
        /* Out of any prompt or overlay, home, filters off. */
        terminal_type(t, "\033");
        terminal_type(t, "\033");
        terminal_type(t, "1cg");
    }
    terminal_free(t);
}

static void narrow(void **state)
{
    (void)state;
    take_pictures(24, 80, views, ARRAY_LEN(views));
}

static void wide(void **state)
{
    (void)state;
    take_pictures(40, 140, wide_views, ARRAY_LEN(wide_views));
}

static void ascii(void **state)
{
    static const char *const options[] = {"--ascii", NULL};
    struct terminal *t = terminal_demo(24, 80, options);

    (void)state;
    terminal_type(t, "pe");
    terminal_type(t, "\r");
    terminal_expect(t, "view-ascii-80x24");
    terminal_free(t);
}

/* Local times say which zone they are of. */
static void names_the_zone(void **state)
{
    static const char *const arguments[] = {"--demo", "--local", NULL};
    static const char *const environment[] = {"TZ=XST-05:30", NULL};
    struct terminal *t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 100, .arguments = arguments, .environment = environment});

    (void)state;
    terminal_type(t, "");
    assert_non_null(strstr(terminal_row(t, 0), "+05:30"));
    terminal_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrow),
        cmocka_unit_test(wide),
        cmocka_unit_test(ascii),
        cmocka_unit_test(names_the_zone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
