/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <string.h>

#include "core/base/err.h"

#include "core/keeping/mask.h"

/* Pseudonyms of a known key, so that expected texts can be written down: the six digits are
 * wiped to `x` before the comparison. */
static void wipe(struct buffer *b)
{
    static const char *const words[] = {"[token ", "[phone ", "[mail ", "[user ", "[ip "};

    for (size_t i = 0; i < b->len; i++) {
        for (size_t k = 0; k < ARRAY_LEN(words); k++) {
            size_t len = strlen(words[k]);

            if (i + len + 6 < b->len && memcmp(b->ptr + i, words[k], len) == 0 &&
                b->ptr[i + len + 6] == ']')
                memset(b->ptr + i + len, 'x', 6);
        }
    }
}

static size_t mask(enum mask_level level, const char *name, const char *text,
                   struct buffer *out)
{
    struct mask m = {
        .level = level, .key = {1, 2, 3}
    };
    /* Copied to its exact length, so that a read behind it is seen. */
    size_t len = strlen(text), n;
    char *copy = test_malloc(len ? len : 1);

    memcpy(copy, text, len);
    n = mask_add(&m, bytes_of(name), bytes_make(copy, len), out);
    test_free(copy);
    return n;
}

static void expect(enum mask_level level, const char *name, const char *text,
                   const char *wanted, size_t n_hidden)
{
    struct buffer out = {0};
    size_t n = mask(level, name, text, &out);

    wipe(&out);
    if (!bytes_are(buffer_bytes(&out), wanted) || n != n_hidden)
        fail_msg("%s: %.*s (%zu) instead of %s (%zu)", text, (int)out.len, out.ptr, n, wanted,
                 n_hidden);
    buffer_deinit(&out);
}

static void secret(const char *text, const char *wanted, size_t n)
{
    expect(MASK_SECRETS, "", text, wanted, n);
    expect(MASK_NONE, "", text, text, 0);
}

static void person(const char *text, const char *wanted, size_t n)
{
    expect(MASK_SECRETS, "", text, text, 0);
    expect(MASK_PERSONS, "", text, wanted, n);
}

static void hides_tokens_by_form(void **state)
{
    (void)state;
    secret("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[token xxxxxx]", 1);
    secret("at eyJhbGciOiJub25lIn0.eyJhIjoxfQ. end", "at [token xxxxxx] end", 1);
    secret("eyJhbGciOiJSU0EifQ.a.b.c.d!", "[token xxxxxx]!", 1);
    secret("eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIn0", 0);
    secret("Authorization: Bearer abc.def", "Authorization: Bearer [token xxxxxx]", 1);
}

static void hides_values_by_name(void **state)
{
    (void)state;
    secret("{\"password\":\"hunter2\",\"a\":1}", "{\"password\":\"[secret]\",\"a\":1}", 1);
    secret("{\"clientSecret\" : \"q\\\"x\"}", "{\"clientSecret\" : \"[secret]\"}", 1);
    secret("{\"client_secret\":[\"a\",\"b\"],\"z\":[1]}",
           "{\"client_secret\":[\"[secret]\",\"[secret]\"],\"z\":[1]}", 2);
    secret("{\\\"refreshToken\\\":\\\"abc\\\"}",
           "{\\\"refreshToken\\\":\\\"[token xxxxxx]\\\"}", 1);
    secret("https://x/cb?state=1&client_secret=s3&y=2",
           "https://x/cb?state=1&client_secret=[secret]&y=2", 1);
    secret("{\"accessToken\":\"HIDDEN_DUE_TO_SECURITY_REASONS\",\"idToken\":null}",
           "{\"accessToken\":\"HIDDEN_DUE_TO_SECURITY_REASONS\",\"idToken\":null}", 0);
    secret("{\"ANSWER\":\"1\",\"SMS_MFA_CODE\":123456}",
           "{\"ANSWER\":\"1\",\"SMS_MFA_CODE\":[secret]}", 1);
    secret("eventName = \"Token_POST\" and token_use = 'id'",
           "eventName = \"Token_POST\" and token_use = 'id'", 0);
}

static void hides_telephone_numbers(void **state)
{
    (void)state;
    secret("call +4915112345678 now", "call [phone xxxxxx] now", 1);
    secret("09/Oct/2025:07:34:30 +0000", "09/Oct/2025:07:34:30 +0000", 0);
    secret("2025-10-09T07:34:30.123456+00:00", "2025-10-09T07:34:30.123456+00:00", 0);
    expect(MASK_SECRETS, "phone_number", "015112345678", "[phone xxxxxx]", 1);
}

static void hides_claims_that_are_not_harmless(void **state)
{
    (void)state;
    secret("{\"claims\":{\"sub\":\"s\",\"plan\":\"gold\",\"exp\":\"17\",\"roles\":[\"a\"]},"
           "\"plan\":\"x\"}",
           "{\"claims\":{\"sub\":\"s\",\"plan\":\"[claim]\",\"exp\":\"17\",\"roles\":[\"[claim]"
           "\"]},"
           "\"plan\":\"x\"}",
           2);
    secret("\"custom:diagnosis\":\"flu\",\"custom:tenant_id\":\"t1\"",
           "\"custom:diagnosis\":\"[claim]\",\"custom:tenant_id\":\"t1\"", 1);
    expect(MASK_SECRETS, "requestContext.authorizer.claims.plan", "gold", "[claim]", 1);
    expect(MASK_SECRETS, "requestContext.authorizer.claims.sub", "s", "s", 0);
    expect(MASK_SECRETS, "authorizer.claims.`custom:plan`", "gold", "[claim]", 1);
}

static void hides_persons_on_request(void **state)
{
    (void)state;
    person("from 203.0.113.7 to 10.0.0.1", "from [ip xxxxxx] to [ip xxxxxx]", 2);
    person("ip=203.0.113.0/24", "ip=[ip xxxxxx]/24", 1);
    person("2001:db8::1 and ::1", "[ip xxxxxx] and [ip xxxxxx]", 2);
    person("09:10:00 1.2.3 v1.2.3.4.5x", "09:10:00 1.2.3 v1.2.3.4.5x", 0);
    person("mail to ann.b+c@example.co.uk.", "mail to [mail xxxxxx].", 1);
    person("{\"userName\":\"ann\",\"userSub\":\"s\"}",
           "{\"userName\":\"[user xxxxxx]\",\"userSub\":\"s\"}", 1);
    person("user = ann", "user = [user xxxxxx]", 1);
    person("as the user \"ann of b\" (sub s), \"x\"",
           "as the user \"[user xxxxxx]\" (sub s), \"x\"", 1);
    person("the user \"a\\\"n\" called", "the user \"[user xxxxxx]\" called", 1);
    expect(MASK_PERSONS, "user", "ann", "[user xxxxxx]", 1);
    expect(MASK_PERSONS, "user", "8d116ece-0000-4000-8000-000000000001",
           "8d116ece-0000-4000-8000-000000000001", 0);
}

static void hides_who_took_a_role(void **state)
{
    (void)state;
    person("arn:aws:sts::111122223333:assumed-role/Ops/j.ortega",
           "arn:aws:sts::111122223333:assumed-role/Ops/[user xxxxxx]", 1);
    person("Caller arn:aws:iam::111122223333:user/ops/eu/ann is not authorized",
           "Caller arn:aws:iam::111122223333:user/ops/eu/[user xxxxxx] is not authorized", 1);
    person("by arn:aws:sts::111122223333:federated-user/ann.",
           "by arn:aws:sts::111122223333:federated-user/[user xxxxxx].", 1);
    person("{\"principalId\":\"AROAEXAMPLEEXAMPLE123:ann\"}",
           "{\"principalId\":\"AROAEXAMPLEEXAMPLE123:[user xxxxxx]\"}", 1);
    person("{\"roleSessionName\":\"ann\"}", "{\"roleSessionName\":\"[user xxxxxx]\"}", 1);
    person("arn:aws:sts::111122223333:assumed-role/Ops/a@b.example",
           "arn:aws:sts::111122223333:assumed-role/Ops/[mail xxxxxx]", 1);
    person("arn:aws:iam::111122223333:role/Ops, a/user/b, assumed-role/x/y",
           "arn:aws:iam::111122223333:role/Ops, a/user/b, assumed-role/x/y", 0);
    expect(MASK_SECRETS, "", "arn:aws:iam::111122223333:user/ann",
           "arn:aws:iam::111122223333:user/ann", 0);
}

static void pseudonyms_follow_value_and_key(void **state)
{
    struct mask one = {.level = MASK_PERSONS, .key = {1}}, other = {.level = MASK_PERSONS};
    struct buffer a = {0}, b = {0}, c = {0}, d = {0};

    (void)state;
    mask_add(&one, bytes_of("ip"), bytes_of("203.0.113.7"), &a);
    mask_add(&one, bytes_of(""), bytes_of("203.0.113.7"), &b);
    mask_add(&one, bytes_of("ip"), bytes_of("203.0.113.8"), &c);
    mask_add(&other, bytes_of("ip"), bytes_of("203.0.113.7"), &d);
    assert_true(bytes_equal(buffer_bytes(&a), buffer_bytes(&b)));
    assert_false(bytes_equal(buffer_bytes(&a), buffer_bytes(&c)));
    assert_false(bytes_equal(buffer_bytes(&a), buffer_bytes(&d)));
    buffer_deinit(&a);
    buffer_deinit(&b);
    buffer_deinit(&c);
    buffer_deinit(&d);
}

/* Pieces that matter to the scanner, in every order: nothing is read behind the text, JSON
 * stays JSON. */
static void json_stays_json(void **state)
{
    static const char *const values[] = {
        "\"x\"", "[\"a\",{\"b\":\"c\"}]", "{}",   "{\"k\":[]}",        "[]",
        "12",    "\"\\\"q\\\\\"",         "null", "\"+4915112345678\""};
    static const char *const keys[] = {"claims", "password", "token", "sub", "email", "z"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys) * ARRAY_LEN(keys); i++) {
        for (size_t k = 0; k < ARRAY_LEN(values) * ARRAY_LEN(values); k++) {
            struct buffer text = {0}, out = {0};
            cJSON *json;

            buffer_printf(&text, "{\"%s\":{\"%s\":%s,\"%s\":%s},\"claims\":%s}",
                          keys[i % ARRAY_LEN(keys)], keys[i / ARRAY_LEN(keys)],
                          values[k % ARRAY_LEN(values)], keys[k % ARRAY_LEN(keys)],
                          values[k / ARRAY_LEN(values)], values[k % ARRAY_LEN(values)]);
            mask(MASK_PERSONS, "", buffer_cstr(&text), &out);
            json = cJSON_ParseWithLength(out.ptr, out.len);
            /* A bare number that is hidden is the one thing that cannot stay a number. */
            if (!json && !strstr(buffer_cstr(&text), "12"))
                fail_msg("%s became %.*s", buffer_cstr(&text), (int)out.len, out.ptr);
            cJSON_Delete(json);
            buffer_deinit(&text);
            buffer_deinit(&out);
        }
    }
}

static void survives_any_cut(void **state)
{
    const char *const text =
        "{\"claims\":{\"a\":[\"b\",{\"c\":\"eyJhbGciOi.eyJ.x\"}]},\\\"token"
        "\\\":\\\"\\\\\\\"x\",\"password\":['a','b'],\"email\":\"a@b.c\"";
    size_t len = strlen(text);

    (void)state;
    for (size_t from = 0; from < len; from++) {
        for (size_t to = from; to <= len; to++) {
            struct buffer out = {0};
            char piece[256];

            memcpy(piece, text + from, to - from);
            piece[to - from] = 0;
            mask(MASK_PERSONS, "", piece, &out);
            buffer_deinit(&out);
        }
    }
}

static void hides_once(void **state)
{
    const char *const texts[] = {"user = ann", "password=x ip=1.2.3.4", "{\"token\":\"t\"}",
                                 "custom:a=b mail=a@b.cd"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct buffer once = {0}, twice = {0};

        assert_true(mask(MASK_PERSONS, "", texts[i], &once) > 0);
        if (mask(MASK_PERSONS, "", buffer_cstr(&once), &twice) != 0 ||
            !bytes_equal(buffer_bytes(&once), buffer_bytes(&twice)))
            fail_msg("%s became %s", buffer_cstr(&once), buffer_cstr(&twice));
        buffer_deinit(&once);
        buffer_deinit(&twice);
    }
}

static void levels_have_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MASK_LEVELS; i++) {
        enum mask_level found;

        assert_true(mask_level_find(bytes_of(mask_level_name((enum mask_level)i)), &found));
        assert_int_equal(found, i);
        assert_true(strlen(mask_level_meaning(found)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hides_tokens_by_form),
        cmocka_unit_test(hides_values_by_name),
        cmocka_unit_test(hides_telephone_numbers),
        cmocka_unit_test(hides_claims_that_are_not_harmless),
        cmocka_unit_test(hides_persons_on_request),
        cmocka_unit_test(hides_who_took_a_role),
        cmocka_unit_test(pseudonyms_follow_value_and_key),
        cmocka_unit_test(json_stays_json),
        cmocka_unit_test(survives_any_cut),
        cmocka_unit_test(hides_once),
        cmocka_unit_test(levels_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
