/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/field.h"

static void names_and_keys_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct field *f = field_get((enum field_id)i);
        enum field_id found;

        assert_true(field_find(bytes_of(f->name), &found));
        assert_int_equal(found, i);
        assert_true(f->columns >= 4 && strlen(f->title) > 0 && strlen(f->meaning) > 0);
        if (f->pivot_key) {
            assert_true(f->pivot_key >= 'a' && f->pivot_key <= 'z');
            assert_true(field_find_key(f->pivot_key, &found));
            assert_int_equal(found, i);
        }
    }
}

static void unknown_names_are_not_found(void **state)
{
    enum field_id id = FIELD_COUNT;

    (void)state;
    assert_false(field_find(bytes_of("Sub"), &id));
    assert_false(field_find(bytes_of(""), &id));
    assert_false(field_find_key('\0', &id));
    assert_false(field_find_key('S', &id));
    assert_int_equal(id, FIELD_COUNT);
}

static void steps_of_a_path(void **state)
{
    struct bytes path = bytes_of("a.`b.c:d`.0.e"), step;
    const char *want[] = {"a", "b.c:d", "0", "e"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_true(path_step(&path, &step));
        assert_true(bytes_are(step, want[i]));
    }
    assert_false(path_step(&path, &step));
    path = bytes_of("`x`");
    assert_true(path_step(&path, &step));
    assert_true(bytes_are(step, "x"));
    assert_false(path_step(&path, &step));
}

/* Rows of TIME, texts and ids only (OUTCOME and REASON hold what is concluded from); every
 * format is a known one; the same place twice only by another way. */
static void paths_fit_their_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < path_count(); i++) {
        const struct path_row *row = path_get(i);
        enum field_kind kind = field_get(row->field)->kind;
        bool timely = row->via == VIA_TIME || row->via == VIA_EPOCH;
        struct bytes path = bytes_of(row->path), step;

        assert_int_not_equal(kind, FIELD_POSITION);
        assert_true((kind == FIELD_CHOICE) ==
                    (row->field == FIELD_OUTCOME || row->field == FIELD_REASON));
        assert_true(timely == (kind == FIELD_INSTANT));
        assert_true(row->formats != 0 && (row->formats >> FORMAT_COUNT) == 0);
        assert_true(strlen(row->source) > 0);
        while (path_step(&path, &step))
            assert_true(step.len > 0);
        for (size_t j = 0; j < i; j++)
            assert_false(path_get(j)->field == row->field && path_get(j)->via == row->via &&
                         bytes_are(bytes_of(row->path), path_get(j)->path));
    }
}

/* TIMEZONE waits for the auth-event format; FORMAT and STAGE are concluded. */
static void every_field_has_a_path(void **state)
{
    (void)state;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        bool found = f == FIELD_TIMEZONE || f == FIELD_FORMAT || f == FIELD_STAGE ||
                     field_get((enum field_id)f)->kind == FIELD_POSITION;

        for (size_t i = 0; i < path_count(); i++)
            found |= path_get(i)->field == f;
        if (!found)
            fail_msg("no path for %s", field_get((enum field_id)f)->name);
    }
}

static void vocabularies(void **state)
{
    unsigned n = 0;

    (void)state;
    while (field_choice(FIELD_OUTCOME, n))
        n++;
    assert_int_equal(n, OUTCOME_COUNT);
    assert_string_equal(field_choice(FIELD_FORMAT, FORMAT_USER_ACTIVITY), "user-activity");
    assert_string_equal(field_choice(FIELD_STAGE, STAGE_M2M), stage_name(STAGE_M2M));
    assert_string_equal(field_choice(FIELD_REASON, REASON_OTHER), "other");
    assert_null(field_choice(FIELD_REASON, REASON_COUNT));
    assert_null(field_choice(FIELD_STAGE, STAGE_COUNT));
    assert_null(field_choice(FIELD_IP, 0));
    assert_int_equal(format_letter(FORMAT_CLOUDTRAIL), 'C');
    for (unsigned i = 0; i < REASON_COUNT; i++) {
        assert_true(strlen(field_choice_meaning(FIELD_REASON, i)) > 0);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(reason_name((enum reason)i), reason_name((enum reason)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_keys_are_unique),
        cmocka_unit_test(unknown_names_are_not_found),
        cmocka_unit_test(steps_of_a_path),
        cmocka_unit_test(paths_fit_their_fields),
        cmocka_unit_test(every_field_has_a_path),
        cmocka_unit_test(vocabularies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
