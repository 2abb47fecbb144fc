/* Signatures: only the one algorithm counts, whatever they are dressed up as. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <openssl/rsa.h>

#include "core/proving/key.h"

#include "corpus.h"
#include "trail.h"

static struct buffer unhex(const cJSON *text)
{
    struct buffer out = {0};

    assert_true(cJSON_IsString(text));
    assert_true(hex_decode(bytes_of(text->valuestring), &out));
    return out;
}

/* Both encodings of each key are asked. An "acceptable" signature lacks the NULL of its
 * algorithm: nobody needs to accept it, and it is not. */
static void the_wycheproof_vectors(void **state)
{
    struct buffer text = {0};
    const cJSON *group, *test;
    unsigned count = 0, valid = 0;
    cJSON *json;

    (void)state;
    if (!corpus_read("corpora/wycheproof/rsa_signature_2048_sha256_test.json", &text))
        skip();
    json = cJSON_ParseWithLength(text.ptr, text.len);
    assert_non_null(json);
    cJSON_ArrayForEach(group, cJSON_GetObjectItem(json, "testGroups"))
    {
        struct buffer pkcs1 = unhex(cJSON_GetObjectItem(group, "publicKeyAsn"));
        struct buffer spki = unhex(cJSON_GetObjectItem(group, "publicKeyDer"));

        cJSON_ArrayForEach(test, cJSON_GetObjectItem(group, "tests"))
        {
            struct buffer message = unhex(cJSON_GetObjectItem(test, "msg"));
            struct buffer signature = unhex(cJSON_GetObjectItem(test, "sig"));
            const char *result = cJSON_GetObjectItem(test, "result")->valuestring;
            enum key_verdict wanted = strcmp(result, "valid") == 0 ? KEY_GOOD : KEY_WRONG;

            assert_int_equal(key_check(buffer_bytes(&pkcs1), buffer_bytes(&message),
                                       buffer_bytes(&signature)),
                             wanted);
            assert_int_equal(key_check(buffer_bytes(&spki), buffer_bytes(&message),
                                       buffer_bytes(&signature)),
                             wanted);
            valid += wanted == KEY_GOOD;
            count++;
            buffer_deinit(&message);
            buffer_deinit(&signature);
        }
        buffer_deinit(&pkcs1);
        buffer_deinit(&spki);
    }
    assert_int_equal(count, 259);
    assert_int_equal(valid, 9);
    cJSON_Delete(json);
    buffer_deinit(&text);
}

static void weak_and_broken_keys(void **state)
{
    EVP_PKEY *weak = EVP_RSA_gen(1024);
    unsigned char *der = NULL;
    int len = i2d_PublicKey(weak, &der);

    (void)state;
    assert_true(len > 0);
    assert_int_equal(key_check(bytes_make(der, (size_t)len), bytes_of("x"), bytes_of("y")),
                     KEY_UNUSABLE);
    assert_int_equal(key_check(bytes_make(der, 20), bytes_of("x"), bytes_of("y")),
                     KEY_UNUSABLE);
    assert_int_equal(key_check(bytes_of(""), bytes_of("x"), bytes_of("y")), KEY_UNUSABLE);
    OPENSSL_free(der);
    EVP_PKEY_free(weak);
}

static void lists_of_keys(void **state)
{
    static const struct {
        const char *text;
        bool fine;
    } lists[] = {
        {"{\"PublicKeyList\": []}",                                                        true                                 },
        {"\xEF\xBB\xBF{\"PublicKeyList\": [{\"Fingerprint\":\"a\",\"Value\":\"AA==\"}]}",  true                                 },
        {"{\"PublicKeyList\": "
         "[{\"Fingerprint\":\"a\",\"Value\":\"AA==\",\"ValidityStartTime\":\"soon\"}]}",                                                                                 false                                         },
        {"{\"PublicKeyList\": "
         "[{\"Fingerprint\":\"a\",\"Value\":\"AA==\",\"ValidityEndTime\":[]}]}",                                                                                false                                                                            },
        {"{\"PublicKeyList\": "
         "[{\"Fingerprint\":\"a\",\"Value\":\"AA==\",\"ValidityEndTime\":1798761600.0}]}",true},
        {"{\"PublicKeyList\": [{\"Fingerprint\":\"a\"}]}", false                                      },
        {"{\"PublicKeyList\": {}}",                                 false                                                                },
        {"{\"Keys\": []}",                                                        false                                                       },
        {"{\"PublicKeyList\": [], \"PublicKeyList\": []}",                                                                 false                                         },
        {"{\"PublicKeyList\": []} trailing",                                 false},
        {"[]",                                               false                                              },
        {"",                                                                             false                                                              },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct key_ring *ring = key_ring_new();
        struct buffer why = {0};
        enum err code =
            key_ring_add_list(ring, bytes_of(lists[i].text), bytes_of("x"), true, &why);

        assert_int_equal(code == ERR_OK, lists[i].fine);
        assert_int_equal(why.len > 0, !lists[i].fine);
        buffer_deinit(&why);
        key_ring_free(ring);
    }
}

/* A key that lies among the evidence cannot take the place of the user's, and two that
 * contradict each other are not chosen from. */
static void whose_key_counts(void **state)
{
    static const char *const found_a = "{\"PublicKeyList\":[{\"Fingerprint\":\"F\","
                                       "\"Value\":\"AAAA\"}]}";
    static const char *const found_b = "{\"PublicKeyList\":[{\"Fingerprint\":\"F\","
                                       "\"Value\":\"BBBB\"}]}";
    struct key_ring *ring = key_ring_new();
    struct buffer why = {0};
    bool given;

    (void)state;
    assert_int_equal(key_ring_check(ring, bytes_of("F"), bytes_of(""), bytes_of("")),
                     KEY_ABSENT);
    assert_int_equal(key_ring_add_list(ring, bytes_of(found_a), bytes_of("a"), false, &why),
                     ERR_OK);
    assert_true(bytes_are(key_ring_source(ring, bytes_of("f"), &given), "a"));
    assert_false(given);
    assert_int_equal(key_ring_add_list(ring, bytes_of(found_b), bytes_of("b"), false, &why),
                     ERR_OK);
    assert_int_equal(key_ring_source(ring, bytes_of("F"), &given).len, 0);
    assert_int_equal(key_ring_check(ring, bytes_of("F"), bytes_of(""), bytes_of("")),
                     KEY_UNUSABLE);
    assert_int_equal(key_ring_add_list(ring, bytes_of(found_b), bytes_of("mine"), true, &why),
                     ERR_OK);
    assert_true(bytes_are(key_ring_source(ring, bytes_of("F"), &given), "mine"));
    assert_true(given);
    assert_int_equal(key_ring_count(ring), 3);
    key_ring_free(ring);
    buffer_deinit(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wycheproof_vectors),
        cmocka_unit_test(weak_and_broken_keys),
        cmocka_unit_test(lists_of_keys),
        cmocka_unit_test(whose_key_counts),
    };

    return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
