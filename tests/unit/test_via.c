/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/via.h"

#define SUB "11111111-2222-3333-4444-555555555555"
#define POOL "cognito-idp.us-east-1.amazonaws.com/us-east-1_Ex"
#define AMR "[\"authenticated\",\"" POOL "\",\"" POOL ":CognitoSignIn:" SUB "\"]"

static struct via_text text(const char *from)
{
    return (struct via_text){.bytes = bytes_of(from), .state = VALUE_TEXT};
}

/* NULL: no value. */
static void expect(struct via_text got, const char *want)
{
    if (!want) {
        assert_int_equal(got.state, VALUE_ABSENT);
        return;
    }
    assert_int_equal(got.state, VALUE_TEXT);
    if (!bytes_are(got.bytes, want))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)got.bytes.len, got.bytes.ptr, want);
}

static void forms_that_are_asked_for(void **state)
{
    (void)state;
    expect(via_take(VIA_UUID, text(SUB), false), SUB);
    expect(via_take(VIA_UUID, text("11111111-2222-3333-4444-55555555555G"), false), NULL);
    expect(via_take(VIA_UUID, text("11111111x2222-3333-4444-555555555555"), false), NULL);
    expect(via_take(VIA_UUID, text("alice"), false), NULL);
    expect(via_take(VIA_IDENTITY, text("us-east-1:" SUB), false), "us-east-1:" SUB);
    expect(via_take(VIA_IDENTITY, text("us-east-1:x"), false), NULL);
    expect(via_take(VIA_IDENTITY, text("alice"), false), NULL);
    expect(via_take(VIA_REGION, text("eu-west-1_AbC"), false), "eu-west-1");
    expect(via_take(VIA_REGION, text("String"), false), NULL);
    expect(via_take(VIA_REGION, text("_x"), false), NULL);
    expect(via_take(VIA_JSON, text("[1]"), true), "[1]");
    expect(via_take(VIA_JSON, text("1"), false), NULL);
    expect(via_take(VIA_TIME, text("{}"), true), NULL);
}

static void parts_of_an_amr_text(void **state)
{
    (void)state;
    expect(via_take(VIA_AMR_SUB, text(AMR), false), SUB);
    expect(via_take(VIA_AMR_POOL, text(AMR), false), "us-east-1_Ex");
    expect(via_take(VIA_AMR_SUB, text("[\"unauthenticated\"]"), false), NULL);
    expect(via_take(VIA_AMR_POOL, text("[\"graph.facebook.com\"]"), false), NULL);
    expect(via_take(VIA_AMR_POOL, text("cognito-idp."), false), NULL);
    expect(via_take(VIA_AMR_SUB, text("x:CognitoSignIn:"), false), NULL);
    expect(via_take(VIA_AMR_SUB, text("x:CognitoSignIn:" SUB), false), SUB);
}

static void pools_in_login_keys(void **state)
{
    (void)state;
    expect(via_login_pool(text(POOL)), "us-east-1_Ex");
    expect(via_login_pool(text("graph.facebook.com")), NULL);
    expect(via_login_pool(text("cognito-idp.x")), NULL);
}

static void states_pass_through(void **state)
{
    struct via_text mask = {.bytes = bytes_of("m"), .state = VALUE_REDACTED};
    struct via_text null = {.state = VALUE_NULL}, empty = {.state = VALUE_EMPTY};

    (void)state;
    assert_int_equal(via_take(VIA_DIRECT, null, false).state, VALUE_NULL);
    assert_int_equal(via_take(VIA_PRESENT, null, false).state, VALUE_NULL);
    assert_int_equal(via_take(VIA_PRESENT, empty, true).state, VALUE_EMPTY);
    assert_int_equal(via_take(VIA_PRESENT, mask, false).state, VALUE_TEXT);
    assert_int_equal(via_take(VIA_UUID, mask, false).state, VALUE_ABSENT);
    assert_int_equal(via_take(VIA_AMR_SUB, mask, false).state, VALUE_REDACTED);
    assert_true(via_is_mask(bytes_of("HIDDEN_DUE_TO_SECURITY_REASONS")));
    assert_true(via_is_mask(bytes_of("HIDDEN_FOR_SECURITY_REASONS")));
    assert_false(via_is_mask(bytes_of("HIDDEN")));
    assert_true(via_is_empty(bytes_of("{ \n}")));
    assert_false(via_is_empty(bytes_of("[0]")));
}

static void one_spelling(void **state)
{
    static const struct {
        enum field_id field;
        const char *seen, *want; /* NULL: counts as empty */
    } cases[] = {
        {FIELD_STATUS,      "200",             "200"             },
        {FIELD_STATUS,      "200.0",           "200"             },
        {FIELD_STATUS,      "302.00",          "302"             },
        {FIELD_STATUS,      "200.5",           "200.5"           },
        {FIELD_STATUS,      ".0",              ".0"              },
        {FIELD_CITY,        "null",            NULL              },
        {FIELD_DEVICE,      "Other, Other",    NULL              },
        {FIELD_CITY,        "Lima",            "Lima"            },
        {FIELD_USER,        "null",            "null"            },
        {FIELD_RISK,        "High",            "high"            },
        {FIELD_RISK,        "NoRisk",          "none"            },
        {FIELD_RISK,        "odd",             "odd"             },
        {FIELD_DECISION,    "PASS",            "pass"            },
        {FIELD_DECISION,    "NoRisk",          "pass"            },
        {FIELD_DECISION,    "Block",           "block"           },
        {FIELD_DECISION,    "AccountTakeover", "account-takeover"},
        {FIELD_COMPROMISED, "true",            "yes"             },
        {FIELD_COMPROMISED, "false",           "no"              },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct value v = {.text = bytes_of(cases[i].seen), .state = VALUE_TEXT};

        via_fix(cases[i].field, &v);
        assert_int_equal(v.state, cases[i].want ? VALUE_TEXT : VALUE_EMPTY);
        if (cases[i].want)
            assert_true(bytes_are(v.text, cases[i].want));
    }
}

static void times(void **state)
{
    int64_t at_us = 0;

    (void)state;
    assert_true(via_time(VIA_TIME, bytes_of("2026-01-02T03:04:05Z"), &at_us));
    assert_true(at_us == INT64_C(1767323045000000));
    assert_true(via_time(VIA_EPOCH, bytes_of("1687297330677"), &at_us));
    assert_true(at_us == INT64_C(1687297330677000));
    assert_true(via_time(VIA_TIME, bytes_of("1687297330677"), &at_us));
    assert_false(via_time(VIA_EPOCH, bytes_of("2026-01-02T03:04:05Z"), &at_us));
    assert_false(via_time(VIA_TIME, bytes_of("soon"), &at_us));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_that_are_asked_for),
        cmocka_unit_test(parts_of_an_amr_text),
        cmocka_unit_test(pools_in_login_keys),
        cmocka_unit_test(states_pass_through),
        cmocka_unit_test(one_spelling),
        cmocka_unit_test(times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
