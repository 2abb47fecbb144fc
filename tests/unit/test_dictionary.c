/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/pool.h"

#include "core/index/dictionary.h"

static uint32_t add(struct dictionary *d, struct bytes text)
{
    uint64_t hash = hash_bytes(text);
    uint32_t id = 0;

    dictionary_add(d, &text, &hash, 1, &id);
    return id;
}

static struct bytes numbered(char *out, size_t cap, unsigned number)
{
    int len = snprintf(out, cap, "text number %u", number);

    return bytes_make(out, (size_t)len);
}

static void starts_with_the_states(void **state)
{
    struct dictionary *d = dictionary_new(FIELD_IP);

    (void)state;
    assert_int_equal(dictionary_count(d), DICTIONARY_FIRST_TEXT);
    for (uint32_t id = 0; id < DICTIONARY_FIRST_TEXT; id++)
        assert_int_equal(dictionary_text(d, id).len, 0);
    assert_int_equal(dictionary_find(d, bytes_of("1.2.3.4")), VALUE_ABSENT);
    dictionary_free(d);
}

static void vocabularies_come_first(void **state)
{
    static const struct {
        enum field_id field;
        unsigned count;
    } choices[] = {
        {FIELD_FORMAT,  FORMAT_COUNT },
        {FIELD_STAGE,   STAGE_COUNT  },
        {FIELD_OUTCOME, OUTCOME_COUNT},
        {FIELD_REASON,  REASON_COUNT }
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        struct dictionary *d = dictionary_new(choices[i].field);

        assert_int_equal(dictionary_count(d), DICTIONARY_FIRST_TEXT + choices[i].count);
        for (uint32_t word = 0; word < choices[i].count; word++) {
            struct bytes text = bytes_of(field_choice(choices[i].field, word));

            assert_true(bytes_equal(dictionary_text(d, DICTIONARY_FIRST_TEXT + word), text));
            assert_int_equal(dictionary_find(d, text), DICTIONARY_FIRST_TEXT + word);
        }
        dictionary_free(d);
    }
}

static void numbers_without_gaps(void **state)
{
    struct dictionary *d = dictionary_new(FIELD_USER);
    char text[40];

    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(add(d, numbered(text, sizeof text, i)), DICTIONARY_FIRST_TEXT + i);
    for (unsigned i = 0; i < 100000; i++) {
        struct bytes want = numbered(text, sizeof text, i);

        assert_int_equal(add(d, want), DICTIONARY_FIRST_TEXT + i);
        assert_int_equal(dictionary_find(d, want), DICTIONARY_FIRST_TEXT + i);
        assert_true(bytes_equal(dictionary_text(d, DICTIONARY_FIRST_TEXT + i), want));
    }
    assert_int_equal(dictionary_count(d), DICTIONARY_FIRST_TEXT + 100000);
    assert_int_equal(dictionary_find(d, bytes_of("text number 100000")), 0);
    /* 17 bytes of text each at the end. */
    assert_in_range(dictionary_bytes(d), 100000 * 17, 100000 * 31);
    dictionary_free(d);
}

static void one_batch_holds_the_same_text_twice(void **state)
{
    struct dictionary *d = dictionary_new(FIELD_USER);
    struct bytes texts[] = {bytes_of("a"), bytes_of("b"), bytes_of("a"), bytes_of("")};
    uint64_t hashes[ARRAY_LEN(texts)];
    uint32_t ids[ARRAY_LEN(texts)];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        hashes[i] = hash_bytes(texts[i]);
    dictionary_add(d, texts, hashes, ARRAY_LEN(texts), ids);
    assert_int_equal(ids[0], ids[2]);
    assert_int_not_equal(ids[0], ids[1]);
    assert_int_equal(dictionary_count(d), DICTIONARY_FIRST_TEXT + 3);
    assert_int_equal(dictionary_text(d, ids[3]).len, 0);
    dictionary_free(d);
}

/* Around the length prefix and the blocks: each text must come back whole. */
static void keeps_texts_of_any_length(void **state)
{
    static const size_t lengths[] = {0,     1,     2,      126,     127,   128,   129,   16383,
                                     16384, 65533, 65532,  65534,   65535, 65536, 65537, 131070,
                                     40000, 40001, 300000, 1 << 20, 3,     65531};
    struct dictionary *d = dictionary_new(FIELD_AGENT);
    uint32_t ids[ARRAY_LEN(lengths)];
    char *text = malloc(1 << 20);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        memset(text, 'a' + (int)i, lengths[i]);
        ids[i] = add(d, bytes_make(text, lengths[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        memset(text, 'a' + (int)i, lengths[i]);
        assert_true(bytes_equal(dictionary_text(d, ids[i]), bytes_make(text, lengths[i])));
        assert_int_equal(add(d, bytes_make(text, lengths[i])), ids[i]);
    }
    free(text);
    dictionary_free(d);
}

static void keeps_bytes_of_any_value(void **state)
{
    struct dictionary *d = dictionary_new(FIELD_AGENT);
    uint32_t short_id = add(d, bytes_make("a", 1)), nul_id = add(d, bytes_make("a\0", 2));

    (void)state;
    assert_int_not_equal(short_id, nul_id);
    assert_int_equal(dictionary_text(d, nul_id).len, 2);
    assert_int_equal(add(d, bytes_make("a\0\0", 3)), nul_id + 1);
    dictionary_free(d);
}

enum { SHARED_TEXTS = 20000, BATCH = 100, ROUNDS = 3 };

struct shared {
    struct job job;
    struct dictionary *d;
    _Atomic unsigned batch;
    _Atomic uint32_t newest; /* handed from worker to worker */
    _Atomic unsigned wrong;
};

static void check(struct shared *s, uint32_t id, struct bytes want)
{
    struct bytes text = dictionary_text(s->d, id);

    if (want.len ? !bytes_equal(text, want) : !bytes_starts(text, "text number "))
        atomic_fetch_add(&s->wrong, 1);
}

/* Every text is added once in each round, each round in another order, by whichever worker
 * comes first. What one of them found the others read without a lock. */
static void work(struct job *job, unsigned worker)
{
    struct shared *s = (struct shared *)job;
    char store[BATCH][40];
    struct bytes texts[BATCH];
    uint64_t hashes[BATCH];
    uint32_t ids[BATCH];
    unsigned batch;

    (void)worker;
    while ((batch = atomic_fetch_add(&s->batch, 1)) < ROUNDS * SHARED_TEXTS / BATCH) {
        uint32_t newest = atomic_load(&s->newest);

        if (newest)
            check(s, newest, (struct bytes){0});
        for (unsigned i = 0; i < BATCH; i++) {
            unsigned order = 1 + 2 * (batch * BATCH / SHARED_TEXTS);

            texts[i] =
                numbered(store[i], sizeof store[i], (batch * BATCH + i) * order % SHARED_TEXTS);
            hashes[i] = hash_bytes(texts[i]);
        }
        dictionary_add(s->d, texts, hashes, BATCH, ids);
        atomic_store(&s->newest, ids[BATCH - 1]);
        for (unsigned i = 0; i < BATCH; i++)
            check(s, ids[i], texts[i]);
    }
}

static void workers_share_one(void **state)
{
    struct pool *p = pool_new(4);
    struct shared s = {.job = {.run = work}};
    char text[40];

    (void)state;
    s.d = dictionary_new(FIELD_USER);
    pool_start(p, &s.job);
    pool_wait(p, &s.job);
    assert_int_equal(s.wrong, 0);

    assert_int_equal(dictionary_count(s.d), DICTIONARY_FIRST_TEXT + SHARED_TEXTS);
    for (unsigned i = 0; i < SHARED_TEXTS; i++)
        assert_true(dictionary_find(s.d, numbered(text, sizeof text, i)) != 0);
    dictionary_free(s.d);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_with_the_states),
        cmocka_unit_test(vocabularies_come_first),
        cmocka_unit_test(numbers_without_gaps),
        cmocka_unit_test(one_batch_holds_the_same_text_twice),
        cmocka_unit_test(keeps_texts_of_any_length),
        cmocka_unit_test(keeps_bytes_of_any_value),
        cmocka_unit_test(workers_share_one),
    };

    hash_seed();
    return cmocka_run_group_tests_name("dictionary", tests, NULL, NULL);
}
