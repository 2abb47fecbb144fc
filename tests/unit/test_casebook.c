/* Case files: what is kept comes back, what is none is refused, and nothing is half written. */
// clang-format off
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
// clang-format on

#include "core/base/userfile.h"

#include "core/keeping/casebook.h"

struct place {
    char folder[64];
    struct buffer path;
};

static int setup(void **state)
{
    static struct place p;

    p = (struct place){0};
    strcpy(p.folder, "/tmp/cogtrail-case-XXXXXX");
    assert_non_null(mkdtemp(p.folder));
    buffer_printf(&p.path, "%s/case.json", p.folder);
    *state = &p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;

    (void)unlink(buffer_cstr(&p->path));
    assert_int_equal(rmdir(p->folder), 0); /* no temporary file is left */
    buffer_deinit(&p->path);
    return 0;
}

static void write_text(struct place *p, const char *text)
{
    assert_null(userfile_write(buffer_cstr(&p->path), bytes_of(text), true));
}

static void what_is_kept_comes_back(void **state)
{
    struct place *p = *state;
    struct casebook *c = casebook_new();
    struct buffer message = {0};
    struct stat status;

    assert_int_equal(casebook_state(c, bytes_of("a1")), CASEBOOK_NEW);
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    casebook_set_state(c, bytes_of("a1"), CASEBOOK_BENIGN);
    casebook_set_note(c, bytes_of("a1"), bytes_make("scan\xff by \xc3\xa9quipe\0", 16));
    casebook_set_state(c, bytes_of("b2"), CASEBOOK_CONFIRMED);
    assert_true(casebook_save(c, &message));
    assert_int_equal(stat(buffer_cstr(&p->path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    casebook_free(c);
    c = casebook_new();
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    assert_int_equal(casebook_state(c, bytes_of("a1")), CASEBOOK_BENIGN);
    assert_true(bytes_are(casebook_note(c, bytes_of("a1")), "scan by \xc3\xa9quipe"));
    assert_int_equal(casebook_state(c, bytes_of("b2")), CASEBOOK_CONFIRMED);
    assert_int_equal(casebook_note(c, bytes_of("b2")).len, 0);
    casebook_free(c);
    buffer_deinit(&message);
}

static void pseudonyms_stay_those_of_the_case(void **state)
{
    struct place *p = *state;
    unsigned char first[MASK_KEY_BYTES] = {1, 2, 0xfe}, later[MASK_KEY_BYTES] = {9};
    struct buffer message = {0};
    struct casebook *c = casebook_new();

    assert_false(casebook_pseudonyms(c, first)); /* nowhere to keep it */
    casebook_free(c);
    c = casebook_new();
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    assert_true(casebook_pseudonyms(c, first));
    assert_true(casebook_save(c, &message));
    casebook_free(c);
    c = casebook_new();
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    assert_false(casebook_pseudonyms(c, later));
    assert_memory_equal(first, later, sizeof first);
    casebook_free(c);
    buffer_deinit(&message);
}

static void values_have_tags_and_notes(void **state)
{
    struct place *p = *state;
    struct casebook *c = casebook_new();
    struct buffer message = {0}, tags = {0};
    struct bytes ip = bytes_of("ip"), address = bytes_of("203.0.113.7");

    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    assert_true(casebook_turn_tag(c, ip, address, bytes_of("scanner")));
    assert_true(casebook_turn_tag(c, ip, address, bytes_of("partner")));
    assert_true(casebook_turn_tag(c, ip, address, bytes_of("known")));
    assert_false(casebook_turn_tag(c, ip, address, bytes_of("partner"))); /* away again */
    casebook_set_value_note(c, ip, address, bytes_of("asked the owner"));
    assert_true(casebook_save(c, &message));
    casebook_free(c);
    c = casebook_new();
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    casebook_tags(c, ip, address, &tags);
    assert_true(bytes_are(buffer_bytes(&tags), "scanner, known"));
    assert_true(bytes_are(casebook_value_note(c, ip, address), "asked the owner"));
    /* The same text of another field is another value. */
    assert_int_equal(casebook_value_note(c, bytes_of("user"), address).len, 0);
    /* What JSON could not tell apart is refused. */
    assert_false(casebook_can_keep(bytes_make("a\0b", 3)));
    assert_false(casebook_can_keep(bytes_make("\xff", 1)));
    assert_false(casebook_turn_tag(c, ip, bytes_make("\xff", 1), bytes_of("x")));
    casebook_free(c);
    buffer_deinit(&tags);
    buffer_deinit(&message);
}

static void words_to_hide_are_kept(void **state)
{
    struct place *p = *state;
    struct casebook *c = casebook_new();
    struct mask mask = {.level = MASK_PERSONS};
    struct buffer message = {0}, text = {0};

    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    assert_true(casebook_turn_hidden(c, bytes_of("Acme")));
    assert_true(casebook_turn_hidden(c, bytes_of("blue-heron")));
    assert_false(casebook_turn_hidden(c, bytes_of("x"))); /* would hide everything */
    assert_false(casebook_turn_hidden(c, bytes_of("blue-heron")));
    assert_true(casebook_save(c, &message));
    casebook_free(c);
    c = casebook_new();
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    mask.words = casebook_hidden(c);
    assert_int_equal(mask.words->count, 1);
    assert_int_equal(mask_add(&mask, bytes_of(""), bytes_of("sso.ACME.org, xacmex"), &text), 2);
    assert_int_equal(bytes_find(buffer_bytes(&text), bytes_of("ACME")), SIZE_MAX);
    assert_int_equal(bytes_find(buffer_bytes(&text), bytes_of("acme")), SIZE_MAX);
    assert_true(bytes_starts(buffer_bytes(&text), "sso.[word "));
    /* Where persons are shown it shows. */
    mask.level = MASK_SECRETS;
    buffer_clear(&text);
    assert_int_equal(mask_add(&mask, bytes_of(""), bytes_of("acme"), &text), 0);
    assert_true(bytes_are(buffer_bytes(&text), "acme"));
    casebook_free(c);
    buffer_deinit(&text);
    buffer_deinit(&message);
}

/* A later program may keep more: it must not be lost. */
static void what_is_not_known_stays(void **state)
{
    struct place *p = *state;
    struct casebook *c = casebook_new();
    struct buffer message = {0}, text = {0};

    write_text(p,
               "{\"version\": 1, \"marks\": [7], \"findings\": {\"a1\": {\"who\": \"me\"}}}");
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    casebook_set_state(c, bytes_of("a1"), CASEBOOK_CONFIRMED);
    assert_true(casebook_save(c, &message));
    assert_null(userfile_read(AT_FDCWD, buffer_cstr(&p->path), 10000, &text));
    assert_true(bytes_find(buffer_bytes(&text), bytes_of("\"marks\"")) != SIZE_MAX);
    assert_true(bytes_find(buffer_bytes(&text), bytes_of("\"who\"")) != SIZE_MAX);
    casebook_free(c);
    buffer_deinit(&text);
    buffer_deinit(&message);
}

static void what_is_no_case_file_is_left_alone(void **state)
{
    static const char *const texts[] = {"x", "[]", "{}", "{\"version\": \"1\"}",
                                        "{\"version\": 1, \"findings\": []}"};
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct casebook *c = casebook_new();
        struct buffer message = {0}, text = {0};

        write_text(p, texts[i]);
        assert_false(casebook_open(c, buffer_cstr(&p->path), &message));
        assert_true(message.len > 0);
        casebook_set_state(c, bytes_of("a1"), CASEBOOK_BENIGN);
        assert_true(casebook_save(c, &message)); /* in memory only */
        assert_null(userfile_read(AT_FDCWD, buffer_cstr(&p->path), 10000, &text));
        assert_true(bytes_are(buffer_bytes(&text), texts[i]));
        casebook_free(c);
        buffer_deinit(&text);
        buffer_deinit(&message);
    }
}

static void a_newer_file_is_only_read(void **state)
{
    struct place *p = *state;
    struct casebook *c = casebook_new();
    struct buffer message = {0};

    write_text(p, "{\"version\": 2, \"findings\": {\"a1\": {\"state\": \"benign\"}}}");
    assert_true(casebook_open(c, buffer_cstr(&p->path), &message));
    assert_int_equal(casebook_state(c, bytes_of("a1")), CASEBOOK_BENIGN);
    assert_false(casebook_save(c, &message));
    assert_true(message.len > 0);
    casebook_free(c);
    buffer_deinit(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(pseudonyms_stay_those_of_the_case, setup, teardown),
        cmocka_unit_test_setup_teardown(words_to_hide_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(values_have_tags_and_notes, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_known_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_case_file_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_file_is_only_read, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
