/* Digests as texts: what is read from them, and what is refused. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/base/instant.h"

#include "core/proving/digest.h"
#include "core/proving/place.h"

#include "corpus.h"

#define GUIDE "data/14_awsdocs_cloudtrail_guide_2023/cloudtrail-log-file-validation-"

static struct digest *parse(struct bytes text)
{
    struct buffer why = {0};
    struct digest *d = NULL;

    assert_int_equal(digest_parse(text, &d, &why), ERR_OK);
    assert_int_equal(why.len, 0);
    buffer_deinit(&why);
    return d;
}

static void the_digests_of_the_guide(void **state)
{
    struct buffer text = {0}, chain = {0};
    struct digest *d;

    (void)state;
    if (!corpus_read(GUIDE "digest-file-structure_02.json", &text))
        skip();
    d = parse(buffer_bytes(&text));
    assert_true(bytes_are(d->account, "111122223333"));
    assert_true(bytes_are(d->region, "us-east-2"));
    assert_true(bytes_are(d->trail, "your-trail-name"));
    assert_true(d->sha256_rsa);
    assert_false(d->starting);
    assert_false(d->backfill);
    assert_int_equal(d->end_us - d->start_us, INSTANT_HOUR);
    assert_int_equal(d->n_logs, 1);
    assert_true(bytes_ends(d->logs[0].object, "_9nYN7gp2eWAJHIfT.json.gz"));
    assert_int_equal(d->previous_signature.len, 512);
    digest_add_chain(d, &chain);
    assert_true(bytes_are(buffer_bytes(&chain), "111122223333 us-east-2 your-trail-name"));
    digest_free(d);
    buffer_clear(&text);
    assert_true(corpus_read(GUIDE "digest-file-structure_03.json", &text));
    d = parse(buffer_bytes(&text));
    assert_int_equal(d->n_logs, 0);
    digest_free(d);
    buffer_deinit(&text);
    buffer_deinit(&chain);
}

/* A whole digest, of which each test changes a stretch. */
static const char WHOLE[] =
    "{\"awsAccountId\":\"1\",\"digestStartTime\":\"2026-01-01T00:00:00Z\","
    "\"digestEndTime\":\"2026-01-01T01:00:00Z\",\"digestS3Bucket\":\"b\","
    "\"digestS3Object\":\"k/1_CloudTrail-Digest_eu-west-1_a_b_eu-west-2_20260101T010000Z"
    "_backfill.json.gz\",\"digestPublicKeyFingerprint\":\"f\","
    "\"digestSignatureAlgorithm\":\"SHA256withRSA\",\"previousDigestS3Bucket\":null,"
    "\"previousDigestS3Object\":null,\"previousDigestHashValue\":null,"
    "\"previousDigestHashAlgorithm\":null,\"previousDigestSignature\":null,"
    "\"logFiles\":[]}";

static void the_signed_text(void **state)
{
    struct digest *d = parse(bytes_of(WHOLE));
    struct sha sum = sha_of(bytes_of(WHOLE));
    struct buffer text = {0}, wanted = {0};

    (void)state;
    digest_add_signed_text(d, &sum, &text);
    buffer_add_text(&wanted, "2026-01-01T01:00:00Z\nb/k/1_CloudTrail-Digest_eu-west-1_a_b_"
                             "eu-west-2_20260101T010000Z_backfill.json.gz\n");
    sha_add_hex(&wanted, &sum);
    buffer_add_text(&wanted, "\nnull");
    assert_true(bytes_equal(buffer_bytes(&text), buffer_bytes(&wanted)));
    assert_true(d->starting);
    assert_true(d->backfill);
    assert_true(bytes_are(d->trail, "a_b"));
    digest_free(d);
    buffer_deinit(&text);
    buffer_deinit(&wanted);
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"\"awsAccountId\":\"1\",",           ""                                   },
        {"\"2026-01-01T00:00:00Z\"",          "\"yesterday\""                      },
        {"2026-01-01T01:00:00Z",              "2025-01-01T01:00:00Z"               },
        {"\"previousDigestS3Bucket\":null",   "\"previousDigestS3Bucket\":\"b\""   },
        {"\"previousDigestSignature\":null,", ""                                   },
        {"\"logFiles\":[]",                   "\"logFiles\":null"                  },
        {"\"logFiles\":[]",                   "\"logFiles\":[],\"logFiles\":[]"    },
        {"\"logFiles\":[]",                   "\"logFiles\":[{\"s3Bucket\":\"b\"}]"},
        {"\"logFiles\":[]}",                  "\"logFiles\":[]}{}"                 },
        {"\"digestS3Bucket\":\"b\"",          "\"digestS3Bucket\":\"\xff\""        },
        {"\"logFiles\":[]",
         "\"logFiles\":[{\"s3Bucket\":\"b\",\"s3Object\":\"o\",\"hashValue\":\"00\","
         "\"hashAlgorithm\":\"SHA-256\"}]"                                         },
        {"\"logFiles\":[]",
         "\"logFiles\":[{\"s3Bucket\":\"b\",\"s3Object\":\"o\",\"hashValue\":"
         "\"d41d8cd98f00b204e9800998ecf8427e\",\"hashAlgorithm\":\"MD5\"}]"        },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct bytes whole = bytes_of(WHOLE);
        size_t at = bytes_find(whole, bytes_of(changes[i].from));
        struct buffer text = {0}, why = {0};
        struct digest *d = NULL;

        assert_true(at != SIZE_MAX);
        buffer_add(&text, bytes_slice(whole, 0, at));
        buffer_add_text(&text, changes[i].to);
        buffer_add(&text, bytes_slice(whole, at + strlen(changes[i].from), whole.len));
        assert_int_equal(digest_parse(buffer_bytes(&text), &d, &why), ERR_SYNTAX);
        assert_null(d);
        assert_true(why.len > 0);
        buffer_deinit(&text);
        buffer_deinit(&why);
    }
}

static void metadata(void **state)
{
    struct digest_seal seal;

    (void)state;
    assert_true(
        digest_seal_read(bytes_of("{\"ContentLength\":12,\"Metadata\":{\"signature\":\"00fF\","
                                  "\"signature-algorithm\":\"SHA256withRSA\",\"more\":\"x\"}}"),
                         &seal));
    assert_true(seal.sha256_rsa);
    assert_int_equal(seal.object_bytes, 12);
    assert_int_equal(seal.signature.len, 2);
    assert_int_equal((unsigned char)seal.signature.ptr[1], 0xFF);
    digest_seal_deinit(&seal);
    assert_false(digest_seal_read(bytes_of("{\"Metadata\":{}}"), &seal));
    assert_false(digest_seal_read(bytes_of("{\"ContentLength\":12}"), &seal));
    assert_false(digest_seal_read(bytes_of("{\"Metadata\":{\"signature\":\"0\","
                                           "\"signature-algorithm\":\"SHA256withRSA\"}}"),
                                  &seal));
}

static void places(void **state)
{
    static const struct {
        const char *path, *key;
        enum place place;
    } rows[] = {
        {"dump/AWSLogs/1/CloudTrail/r/2026/11/18/n.json.gz",
         "p/AWSLogs/1/CloudTrail/r/2026/11/18/n.json.gz",                                      PLACE_KEY       },
        {"dump/AWSLogs/1/CloudTrail/r/2026/11/18/n.json",
         "AWSLogs/1/CloudTrail/r/2026/11/18/n.json.gz",                                        PLACE_KEY       },
        {"dump/AWSLogs/1/CloudTrail/r/2026/11/19/n.json.gz",
         "AWSLogs/1/CloudTrail/r/2026/11/18/n.json.gz",                                        PLACE_MOVED     },
        {"dump/n.json.gz",                                   "AWSLogs/1/2026/11/18/n.json.gz", PLACE_NAME      },
        {"dump/AWSLogs/1/m.json.gz",                         "AWSLogs/1/n.json.gz",            PLACE_OTHER_NAME},
        {"x/y/n.gz",                                         "y/n.gz",                         PLACE_KEY       },
        {"n.gz",                                             "n.gz",                           PLACE_KEY       },
        {"xAWSLogs/1/n.gz",                                  "AWSLogs/1/n.gz",                 PLACE_NAME      },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(place_of(bytes_of(rows[i].path), bytes_of(rows[i].key)),
                         rows[i].place);
}

/* FIPS 180-4: the sums of "abc" and of nothing. */
static void known_sums(void **state)
{
    struct sha sum = sha_of(bytes_of("abc")), same;
    struct buffer hex = {0};

    (void)state;
    sha_add_hex(&hex, &sum);
    assert_true(bytes_are(buffer_bytes(&hex),
                          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert_true(sha_from_hex(buffer_bytes(&hex), &same));
    assert_true(sha_equal(&sum, &same));
    hex.ptr[0] = 'g';
    assert_false(sha_from_hex(buffer_bytes(&hex), &same));
    buffer_clear(&hex);
    sum = sha_of(bytes_of(""));
    sha_add_hex(&hex, &sum);
    assert_true(bytes_starts(buffer_bytes(&hex), "e3b0c44298fc1c14"));
    assert_false(sha_from_hex(bytes_of("e3b0"), &same));
    buffer_deinit(&hex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digests_of_the_guide),
        cmocka_unit_test(the_signed_text),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(metadata),
        cmocka_unit_test(places),
        cmocka_unit_test(known_sums),
    };

    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
