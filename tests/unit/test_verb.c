/* Every command does something wherever it is said to work. */

#include "tui/verbs/verb.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

static void test_every_command_has_a_verb(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!verb_get((enum command_id)i))
            fail_msg("no verb for %s", command_get((enum command_id)i)->name);
    }
    assert_null(verb_get(COMMAND_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_command_has_a_verb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
