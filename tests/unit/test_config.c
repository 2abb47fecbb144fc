/* The user's configuration: what it adds, and what it is told that is wrong with it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/config.h"
#include "core/reading/event.h"

static struct config *read_config(const char *text)
{
    struct buffer message = {0};
    struct config *c = NULL;

    if (config_read(bytes_of("mine"), bytes_of(text), &c, &message) != ERR_OK)
        fail_msg("%s", buffer_cstr(&message));
    buffer_deinit(&message);
    return c;
}

/* The message must begin with `place` and contain `part`. */
static void refused(const char *text, const char *place, const char *part)
{
    struct buffer message = {0};
    struct config *c = NULL;

    assert_int_equal(config_read(bytes_of("mine"), bytes_of(text), &c, &message), ERR_CONFIG);
    assert_null(c);
    if (!bytes_starts(buffer_bytes(&message), place) ||
        bytes_find(buffer_bytes(&message), bytes_of(part)) == SIZE_MAX)
        fail_msg("'%s' gives: %s", text, buffer_cstr(&message));
    buffer_deinit(&message);
}

static void refusals_name_file_and_line(void **state)
{
    (void)state;
    refused("", "mine:1: ", "not JSON");
    refused("{\n\"paths\":\n}", "mine:3: ", "not JSON");
    refused("{\"paths\":{}}\n\nx", "mine:1: ", "more text");
    refused("[]", "mine:1: ", "one JSON object");
    refused("{\n \"path\": {}}", "mine:2: ", "'path' is no section");
    refused("{\"paths\": []}", "mine:1: ", "needs an object");
    refused("{\"paths\": {\n\n\"ipp\": []}}", "mine:3: ", "'ipp' is no field");
    refused("{\"paths\":\n{\"outcome\": [\"a\"]}}", "mine:2: ", "is concluded");
    refused("{\"paths\": {\"file\": [\"a\"]}}", "mine:1: ", "is concluded");
    refused("{\"paths\": {\"ip\": \"a\"}}", "mine:1: ", "needs a list");
    refused("{\"paths\": {\"ip\": [1]}}", "mine:1: ", "needs paths as texts");
    refused("{\"paths\": {\"ip\": [\"\"]}}", "mine:1: ", "a step is empty");
    refused("{\"paths\": {\"ip\": [\n\"a..b\"]}}", "mine:2: ", "a step is empty");
    refused("{\"paths\": {\"ip\": [\"a.\"]}}", "mine:1: ", "a step is empty");
    refused("{\"paths\": {\"ip\": [\"a\\tb\"]}}", "mine:1: ", "is no path");
    refused("{\"paths\": {\"ip\": [\"1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.g.h\"]}}",
            "mine:1: ", "more than 16 steps");
    refused("{\"paths\": {\"ip\": [\"a\"], \"user\": [\"b\", \"a\"]}}",
            "mine:1: ", "stands twice");
    /* What is printed about it cannot drive a terminal. */
    refused("{\"paths\": {\"\\u001b[2J\": []}}", "mine:1: '\\u001b[2J'", "is no field");
}

static void limits(void **state)
{
    struct buffer text = {0}, message = {0};
    struct config *c = NULL;

    (void)state;
    buffer_add_text(&text, "{\"paths\":{\"ip\":[\"a0\"");
    for (unsigned i = 1; i <= CONFIG_MAX_PATHS; i++)
        buffer_printf(&text, ",\"a%u\"", i);
    buffer_add_text(&text, "]}}");
    refused(buffer_cstr(&text), "mine:1: 'a64'", "one path too many");
    while (text.len <= CONFIG_MAX_BYTES)
        buffer_add_char(&text, ' ');
    assert_int_equal(config_read(bytes_of("mine"), buffer_bytes(&text), &c, &message),
                     ERR_CONFIG);
    assert_true(bytes_are(buffer_bytes(&message), "mine:1: larger than 256 KiB"));
    buffer_deinit(&text);
    buffer_deinit(&message);
}

static void rows_stand_behind_the_table(void **state)
{
    struct config *c = read_config("{\"paths\":{\"ip\":[\"my.address\",\"a.`b.c`.0\"],"
                                   "\"time\":[\"when\"]}}");

    (void)state;
    assert_int_equal(config_path_count(NULL), path_count());
    assert_ptr_equal(config_path(NULL, 0), path_get(0));
    assert_int_equal(config_path_count(c), path_count() + 3);
    assert_ptr_equal(config_path(c, 1), path_get(1));
    assert_string_equal(config_path(c, path_count())->path, "my.address");
    assert_int_equal(config_path(c, path_count() + 2)->field, FIELD_TIME);
    assert_true(config_adds_to(c, FIELD_IP));
    assert_false(config_adds_to(c, FIELD_SUB));
    assert_false(config_adds_to(NULL, FIELD_IP));
    config_free(c);
    config_free(read_config("{}"));
}

static void expect(const struct config *c, const char *record, enum field_id field,
                   const char *text, const char *path)
{
    struct event_reader *reader = event_reader_new(c);
    struct event event;
    struct cursor cursor;

    cursor_init(&cursor, bytes_of(record), true);
    assert_int_equal(event_read(reader, &cursor, &event, NULL), EVENT_READ);
    if (!bytes_are(event.values[field].text, text))
        fail_msg("%.*s instead of %s", (int)event.values[field].text.len,
                 event.values[field].text.ptr, text);
    assert_string_equal(config_path(c, event.values[field].path)->path, path);
    event_reader_free(reader);
}

#define CALL "{\"eventVersion\":\"1\",\"eventSource\":\"a.com\",\"eventName\":\"A\""

static void a_path_of_the_user_gives_a_field(void **state)
{
    struct config *c =
        read_config("{\"paths\":{\"ip\":[\"my.address\",\"a.`b.c`.1\",\"peers\"],"
                    "\"time\":[\"when\"]}}");

    (void)state;
    expect(c, CALL ",\"my\":{\"address\":\"192.0.2.1\"}}", FIELD_IP, "192.0.2.1", "my.address");
    expect(c, CALL ",\"a\":{\"b.c\":[0,\"192.0.2.2\"]}}", FIELD_IP, "192.0.2.2", "a.`b.c`.1");
    expect(c, CALL ",\"peers\":[\"192.0.2.3\",2]}", FIELD_IP, "192.0.2.3", "peers");
    /* The table's own places come first. */
    expect(c, CALL ",\"my\":{\"address\":\"192.0.2.1\"},\"sourceIPAddress\":\"192.0.2.9\"}",
           FIELD_IP, "192.0.2.9", "sourceIPAddress");
    config_free(c);
}

static void a_path_may_be_for_some_formats(void **state)
{
    struct config *c = read_config(
        "{\"paths\":{\"user\":[\"login\",{\"path\":\"name\",\"formats\":[\"app-log\","
        "\"cloudtrail\"]},{\"path\":\"who\",\"formats\":[\"api-access\"]},"
        "{\"path\":\"anyone\"}]}}");
    struct event_reader *reader = event_reader_new(c);
    struct event event;
    struct cursor cursor;

    (void)state;
    expect(c, CALL ",\"name\":\"a\",\"who\":\"b\"}", FIELD_USER, "a", "name");
    expect(c, CALL ",\"who\":\"b\",\"anyone\":\"c\"}", FIELD_USER, "c", "anyone");
    expect(c,
           "{\"requestId\":\"r\",\"status\":\"200\",\"routeKey\":\"GET /\",\"name\":\"a\","
           "\"who\":\"b\"}",
           FIELD_USER, "b", "who");
    expect(c, "{\"name\":\"a\"}", FIELD_USER, "a", "name");
    /* A path for another format makes no entry of a log readable. */
    cursor_init(&cursor, bytes_of("{\"who\":\"b\"}"), true);
    assert_int_equal(event_read(reader, &cursor, &event, NULL), EVENT_FOREIGN);
    event_reader_free(reader);
    config_free(c);
    refused("{\"paths\": {\"ip\": [{\"path\":\"a\",\"formats\":[\"syslog\"]}]}}",
            "mine:1: 'syslog'", "is no format");
    refused("{\"paths\": {\"ip\": [{\"path\":\"a\",\"formats\":[]}]}}", "mine:1: 'formats'",
            "needs a list of formats");
    refused("{\"paths\": {\"ip\": [{\"formats\":[\"app-log\"]}]}}", "mine:1: 'ip'",
            "without \"path\"");
    refused("{\"paths\": {\"ip\": [{\"path\":\"a\",\"format\":[]}]}}", "mine:1: 'format'",
            "is no key of a path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_name_file_and_line),
        cmocka_unit_test(limits),
        cmocka_unit_test(rows_stand_behind_the_table),
        cmocka_unit_test(a_path_of_the_user_gives_a_field),
        cmocka_unit_test(a_path_may_be_for_some_formats),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
