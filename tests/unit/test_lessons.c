/* Learned names: from which records, with contradictions kept, and never from too little. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/concluding/lessons.h"

#include "world.h"

#define SUB1 "11111111-1111-4111-8111-111111111111"
#define SUB2 "22222222-2222-4222-8222-222222222222"
#define SUB3 "33333333-3333-4333-8333-333333333333"
#define IDENTITY "us-west-2:99999999-9999-4999-8999-999999999999"

/* An activity record: it names both sub and user. */
#define ACTIVITY(id, at, sub, user)                                                            \
    "{\"version\":\"1\",\"eventId\":\"" id "\",\"eventTimestamp\":\"" at                       \
    "\",\"eventSource\":\"USER_AUTH_EVENTS\",\"logLevel\":\"INFO\",\"message\":{\"eventType\"" \
    ":\"SignIn\",\"userName\":\"" user "\",\"userSub\":\"" sub "\"},\"logSourceId\":{"         \
    "\"userPoolId\":\"us-west-2_pool1\"}}\n"

static const char activity[] =
    ACTIVITY("a0000000-0000-4000-8000-000000000001", "1740826800000", SUB1, "ann") ACTIVITY(
        "a0000000-0000-4000-8000-000000000002", "1740823200000", SUB1,
        "ann") ACTIVITY("a0000000-0000-4000-8000-000000000002", "1740823200000", SUB1, "ann")
        ACTIVITY("a0000000-0000-4000-8000-000000000003", "1740826900000", SUB2, "bob")
            ACTIVITY("a0000000-0000-4000-8000-000000000004", "1740826800000", SUB2, "robert")
                ACTIVITY("a0000000-0000-4000-8000-000000000005", "1740826800000", SUB3, SUB3);

struct learnt {
    struct world *world;
    struct lessons *lessons;
    struct lesson found[LESSONS_MAX];
    size_t count;
};

static void learn(struct learnt *t, const char *name, const char *text)
{
    atomic_bool never = false;

    t->world = world_new(name, bytes_of(text));
    t->lessons = lessons_new(t->world->index, &never);
    assert_non_null(t->lessons);
}

static void forget(struct learnt *t)
{
    lessons_release(t->lessons);
    world_free(t->world);
}

static void about(struct learnt *t, enum field_id field, const char *text)
{
    struct bytes known[FIELD_COUNT] = {0};

    known[field] = bytes_of(text);
    t->count = lessons_about(t->lessons, known, t->found);
}

static bool has(const struct learnt *t, enum field_id field, const char *text, size_t rivals)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->found[i].field == field && bytes_are(t->found[i].text, text))
            return t->found[i].rivals == rivals;
    return false;
}

static void test_name_of_sub(void **state)
{
    struct learnt t = {0};
    struct lesson lesson;

    (void)state;
    learn(&t, "activity.log", activity);
    assert_int_equal(t.world->index->n_rows, 6);
    about(&t, FIELD_SUB, SUB1);
    assert_int_equal(t.count, 1);
    assert_true(has(&t, FIELD_USER, "ann", 0));
    /* The earliest record that says so. */
    assert_int_equal(store_time(t.world->store, t.found[0].row) / 1000000, 1740823200);
    assert_true(lessons_user(t.lessons, FIELD_SUB, bytes_of(SUB1), &lesson));
    assert_true(bytes_are(lesson.text, "ann"));
    about(&t, FIELD_USER, "ann");
    assert_true(has(&t, FIELD_SUB, SUB1, 0));
    about(&t, FIELD_SUB, "44444444-4444-4444-8444-444444444444");
    assert_int_equal(t.count, 0);
    forget(&t);
}

/* Both names are kept, the earlier one first, and each says that it has a rival. */
static void test_two_names(void **state)
{
    struct learnt t = {0};
    struct lesson lesson;

    (void)state;
    learn(&t, "activity.log", activity);
    about(&t, FIELD_SUB, SUB2);
    assert_int_equal(t.count, 2);
    assert_true(has(&t, FIELD_USER, "bob", 1));
    assert_true(has(&t, FIELD_USER, "robert", 1));
    assert_true(bytes_are(t.found[0].text, "robert"));
    assert_true(lessons_user(t.lessons, FIELD_SUB, bytes_of(SUB2), &lesson));
    assert_int_equal(lesson.rivals, 1);
    forget(&t);
}

/* A pool whose user names are the subs teaches no name. */
static void test_name_that_is_the_sub(void **state)
{
    struct learnt t = {0};

    (void)state;
    learn(&t, "activity.log", activity);
    about(&t, FIELD_SUB, SUB3);
    assert_int_equal(t.count, 0);
    forget(&t);
}

/* What is learned teaches in turn, but not beyond what is uncertain. */
static void test_chain(void **state)
{
    struct learnt t = {0};
    static const char text[] = ACTIVITY(
        "a0000000-0000-4000-8000-000000000001", "1740826800000", SUB1,
        "ann") "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:00:00Z\","
               "\"eventSource\":"
               "\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"eventID\":"
               "\"b0000000-0000-4000-8000-000000000001\",\"userIdentity\":{\"type\":"
               "\"AssumedRole\","
               "\"accessKeyId\":\"ASIAEXAMPLE\",\"sessionContext\":{\"webIdFederationData\":{"
               "\"federatedProvider\":\"cognito-identity.amazonaws.com\",\"attributes\":{"
               "\"cognito-identity.amazonaws.com:sub\":\"" IDENTITY
               "\",\"cognito-identity.amazonaws"
               ".com:amr\":\"[\\\"authenticated\\\",\\\"cognito-idp.us-west-2.amazonaws.com/"
               "us-west-2_pool1:CognitoSignIn:" SUB1 "\\\"]\"}}}}}\n";

    (void)state;
    learn(&t, "mixed.log", text);
    about(&t, FIELD_ACCESS_KEY, "ASIAEXAMPLE");
    assert_true(has(&t, FIELD_USER, "ann", 0));
    assert_true(has(&t, FIELD_SUB, SUB1, 0));
    assert_true(has(&t, FIELD_IDENTITY, IDENTITY, 0));
    forget(&t);
}

/* A pool's own list of its users settles who is who: records that have an alias of a user
 * contradict nothing, those that have another name do. */
static void test_list_of_users(void **state)
{
    static const char *const names[] = {"users.json", "activity.log"};
    static const char users[] =
        "{\"Users\":[{\"Username\":\"robert\",\"Attributes\":[{\"Name\":\"sub\",\"Value\":"
        "\"" SUB2 "\"},{\"Name\":\"email\",\"Value\":\"bob\"}],\"Enabled\":true,\"UserStatus\":"
        "\"CONFIRMED\"},{\"Username\":\"anna\",\"Attributes\":[{\"Name\":\"sub\",\"Value\":"
        "\"" SUB1 "\"}],\"Enabled\":true,\"UserStatus\":\"CONFIRMED\"}]}";
    const struct bytes contents[] = {bytes_of(users), bytes_of(activity)};
    atomic_bool never = false;
    struct learnt t = {0};
    struct lesson lesson;

    (void)state;
    t.world = world_of(names, contents, 2);
    t.lessons = lessons_new(t.world->index, &never);
    about(&t, FIELD_SUB, SUB2);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.found[0].rivals, 0);
    assert_int_not_equal(t.found[0].file, LESSON_OF_RECORD);
    about(&t, FIELD_USER, t.found[0].text.len == 3 ? "robert" : "bob");
    assert_true(has(&t, FIELD_SUB, SUB2, 0));
    about(&t, FIELD_SUB, SUB1);
    assert_int_equal(t.count, 2);
    assert_true(has(&t, FIELD_USER, "anna", 1));
    assert_true(has(&t, FIELD_USER, "ann", 1));
    assert_true(lessons_user(t.lessons, FIELD_SUB, bytes_of(SUB1), &lesson));
    assert_true(bytes_are(lesson.text, "anna")); /* the list comes first */
    forget(&t);
}

static void test_cancelled(void **state)
{
    struct world *w = world_new("activity.log", bytes_of(activity));
    atomic_bool cancelled = true;

    (void)state;
    assert_null(lessons_new(w->index, &cancelled));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_of_sub),          cmocka_unit_test(test_two_names),
        cmocka_unit_test(test_name_that_is_the_sub), cmocka_unit_test(test_chain),
        cmocka_unit_test(test_list_of_users),        cmocka_unit_test(test_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
