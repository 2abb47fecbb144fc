/* Lists of users: names by sub, what they lead to, and that none of it is an event. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/base/hash.h"

#include "core/concluding/link.h"
#include "core/reading/userlist.h"

#include "settle.h"

#define SUB_A "aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb"
#define SUB_B "bbbbbbbb-1111-4222-8333-bbbbbbbbbbbb"
#define SUB_C "cccccccc-1111-4222-8333-bbbbbbbbbbbb"
#define PAIR(name, value) "{\"Name\":\"" name "\",\"Value\":\"" value "\"}"
#define ALICE                                                                                  \
    "{\"Username\":\"alice\",\"Attributes\":[" PAIR("sub", SUB_A) "," PAIR(                    \
        "email", "alice@example.com") "],\"Enabled\":true,\"UserStatus\":\"CONFIRMED\"}"
#define BOB                                                                                    \
    "{\"Attributes\":[" PAIR("email", "bob@example.com") "," PAIR(                             \
        "sub", SUB_B) "],"                                                                     \
                      "\"Username\":\"" SUB_B                                                  \
                      "\",\"MFAOptions\":[{\"DeliveryMedium\":\"SMS\"}]}"

static const char *const CALLS =
    "{\"Records\":[{\"eventTime\":\"2026-03-01T10:00:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"GetUser\",\"eventID\":"
    "\"00000000-0000-4000-8000-000000000001\",\"additionalEventData\":{\"sub\":\"" SUB_A "\"}},"
    "{\"eventTime\":\"2026-03-01T10:00:01Z\",\"eventSource\":\"cognito-idp.amazonaws.com\","
    "\"eventName\":\"AdminGetUser\",\"eventID\":\"00000000-0000-4000-8000-000000000002\","
    "\"requestParameters\":{\"username\":\"bob@example.com\"}}]}";

static struct session *load(const char *const *texts, size_t count)
{
    static const char *const names[] = {"a", "b", "c"};
    struct session *s = session_new();

    for (size_t i = 0; i < count; i++)
        archive_add_memory(session_archive(s), bytes_of(names[i]), bytes_of(texts[i]));
    session_start(s);
    session_wait(s);
    return s;
}

static const atomic_bool NEVER;
static const struct crew ALONE = {NULL, &NEVER};

/* Where a text of one field leads to; empty for nowhere. */
static struct bytes lead(struct session *s, enum link_kind kind, enum field_id from,
                         enum field_id to, const char *text)
{
    struct dictionary *const *d = store_dictionaries(session_store(s));
    struct links *l = links_new(session_index(s), &ALONE);
    uint32_t id = link_get(l, kind, dictionary_find(d[from], bytes_of(text)));

    links_free(l);
    return dictionary_text(d[to], id);
}

static struct bytes name_of(struct session *s, const char *sub)
{
    return lead(s, LINK_SUB_USER, FIELD_SUB, FIELD_USER, sub);
}

static struct bytes sub_of(struct session *s, const char *user)
{
    return lead(s, LINK_USER_SUB, FIELD_USER, FIELD_SUB, user);
}

static void names_lead_to_subs(void **state)
{
    static const char *const outputs[] = {
        "{\"Users\":[" ALICE "," BOB "]}",
        "{\n  \"Users\": [\n " ALICE " ,\n " BOB " ] }\n",
        "[" ALICE "," BOB "]",
        ALICE "\n" BOB "\n",
        ALICE BOB,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
        const char *const texts[] = {CALLS, outputs[i]};
        struct session *s = load(texts, 2);
        const struct file *f = archive_file(session_archive(s), 1);

        assert_int_equal(session_index(s)->n_rows, 2);
        assert_int_equal(f->status, FILE_READ);
        assert_int_equal(f->events, 0);
        assert_int_equal(f->rejected, 0);
        assert_int_equal(f->bytes, f->wrapper_bytes);
        assert_int_equal(f->n_problems, 1);
        assert_int_equal(f->problems[0].code, ERR_LEARNED);
        assert_true(bytes_starts(f->problems[0].detail, "2 users of a pool, no events: their"));
        assert_false(session_is_partial(s));
        assert_true(bytes_are(name_of(s, SUB_A), "alice"));
        /* The user name is the sub itself: the address is what to show. */
        assert_true(bytes_are(name_of(s, SUB_B), "bob@example.com"));
        assert_true(bytes_are(sub_of(s, "alice"), SUB_A));
        assert_true(bytes_are(sub_of(s, "alice@example.com"), SUB_A));
        assert_true(bytes_are(sub_of(s, "bob@example.com"), SUB_B));
        session_free(s);
    }
}

static void the_list_settles_which_name_is_shown(void **state)
{
    static const char *const texts[] = {
        "{\"request_id\":\"r1\",\"sub\":\"" SUB_A "\",\"username\":\"alice@example.com\"}\n"
        "{\"request_id\":\"r2\",\"sub\":\"" SUB_A "\",\"username\":\"Alice A.\"}\n",
        "{\"Users\":[" ALICE "]}",
    };
    struct session *s = load(texts, 1);

    (void)state;
    assert_int_equal(name_of(s, SUB_A).len, 0); /* two names, none of them better */
    session_free(s);
    s = load(texts, 2);
    assert_true(bytes_are(name_of(s, SUB_A), "alice"));
    assert_true(bytes_are(sub_of(s, "Alice A."), SUB_A));
    session_free(s);
}

/* Two users with one address, or one name in two pools: it leads to nobody. */
static void a_name_of_two_users_leads_to_none(void **state)
{
    static const char *const texts[] = {
        CALLS,
        "{\"Users\":[{\"Username\":\"one\",\"Attributes\":[" PAIR("sub", SUB_A) "," PAIR(
            "email", "shared@example.com") "]},{\"Username\":\"two\",\"Attributes\":"
                                           "[" PAIR("sub", SUB_C) "," PAIR("email",
                                                                           "shared@example."
                                                                           "com") "]}]}",
        "{\"Username\":\"one\",\"UserAttributes\":[" PAIR("sub", SUB_B) "]}",
    };
    struct session *s = load(texts, 3);

    (void)state;
    assert_int_equal(sub_of(s, "shared@example.com").len, 0);
    assert_int_equal(sub_of(s, "one").len, 0);
    assert_true(bytes_are(sub_of(s, "two"), SUB_C));
    assert_true(bytes_are(name_of(s, SUB_A), "one"));
    assert_true(bytes_are(name_of(s, SUB_B), "one"));
    session_free(s);
}

static void one_page_and_users_without_a_sub_are_told(void **state)
{
    static const char *const texts[] = {
        "{\"Users\":[" ALICE ",{\"Username\":\"carl\",\"Attributes\":[]}],"
        "\"PaginationToken\":\"CAIS\"}",
    };
    struct session *s = load(texts, 1);
    const struct file *f = archive_file(session_archive(s), 0);

    (void)state;
    assert_int_equal(f->status, FILE_READ);
    assert_int_equal(f->n_problems, 2);
    assert_int_equal(f->problems[0].code, ERR_PAGE);
    assert_int_equal(f->problems[1].code, ERR_LEARNED);
    assert_true(
        bytes_ends(f->problems[1].detail, "known by the sub of 1, 1 have no sub or name"));
    session_free(s);
}

/* The text of a log may say anything: it teaches nothing. Nor does IAM's list. */
static void other_lists_and_texts_teach_nothing(void **state)
{
    static const char *const texts[] = {
        CALLS,
        "{\"events\":[{\"timestamp\":1740999999000,\"ingestionTime\":1,\"message\":"
        "\"{\\\"Username\\\":\\\"mallory\\\",\\\"UserAttributes\\\":[{\\\"Name\\\":\\\"sub\\\","
        "\\\"Value\\\":\\\"" SUB_A "\\\"}]}\"}]}",
        "{\"Users\":[{\"Path\":\"/\",\"UserName\":\"bob\",\"UserId\":\"AIDA\",\"Arn\":\"a\"}]}",
    };
    struct session *s = load(texts, 3);

    (void)state;
    assert_null(store_listed(session_store(s)));
    assert_int_equal(name_of(s, SUB_A).len, 0);
    assert_int_equal(archive_file(session_archive(s), 2)->status, FILE_SKIPPED);
    session_free(s);
}

static void users_are_read_with_care(void **state)
{
    static const char *const none[] = {
        "{\"Username\":\"a\"}",
        "{\"UserAttributes\":[]}",
        "{\"Username\":\"a\",\"Attributes\":{}}",
        "{\"Username\":\"a\",\"Attributes\":[{\"Value\":\"x\"}]}",
        "{\"Username\":\"a\",\"Attributes\":[1]}",
        "[]",
    };
    struct arena memory = {0};
    struct listed_user user;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_false(userlist_read(bytes_of(none[i]), &memory, &user));
    assert_true(userlist_read(
        bytes_of("{\"Username\":\"HIDDEN_DUE_TO_SECURITY_REASONS\",\"Attributes\":[" PAIR(
            "sub", "s") "," PAIR("phone_number",
                                 "+1") "," PAIR("email",
                                                "") "," PAIR("preferred_username",
                                                             "\\u00e9") "," PAIR("custom:email",
                                                                                 "no") "]}"),
        &memory, &user));
    assert_true(bytes_are(user.sub, "s"));
    assert_int_equal(user.n_names, 2);
    assert_true(bytes_are(user.names[0], "\xc3\xa9"));
    assert_true(bytes_are(user.names[1], "+1"));
    arena_deinit(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_to_subs),
        cmocka_unit_test(the_list_settles_which_name_is_shown),
        cmocka_unit_test(a_name_of_two_users_leads_to_none),
        cmocka_unit_test(one_page_and_users_without_a_sub_are_told),
        cmocka_unit_test(other_lists_and_texts_teach_nothing),
        cmocka_unit_test(users_are_read_with_care),
    };

    hash_seed();
    return cmocka_run_group_tests_name("userlist", tests, NULL, NULL);
}
