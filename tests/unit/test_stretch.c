/* Tables and log lines: what is found in them, what is said of broken rows, and that the raw
 * row read again says the same. Everywhere the bytes must add up. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "core/base/hash.h"

#include "core/reading/stretch.h"

#include "settle.h"

#define HISTORY                                                                                \
    "User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP "        \
    "address,User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,"        \
    "Recipient Account Id,Event category\n"

#define RECORD(id)                                                                             \
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"       \
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"eventID\":\"" id "\"}"

/* The same in a cell in quotes. */
#define QUOTED(id)                                                                             \
    "{\"\"eventVersion\"\":\"\"1.08\"\",\"\"eventTime\"\":\"\"2026-01-02T03:04:05Z\"\","       \
    "\"\"eventSource\"\":\"\"cognito-idp.amazonaws.com\"\",\"\"eventName\"\":"                 \
    "\"\"InitiateAuth\"\",\"\"eventID\"\":\"\"" id "\"\"}"

/* Reads the text to its end; every sum must hold. */
static struct session *read_text(struct bytes text)
{
    struct session *s = session_new();
    struct ledger_totals t;

    archive_add_memory(session_archive(s), bytes_of("text"), text);
    session_start(s);
    session_wait(s);
    session_totals(s, &t);
    assert_int_equal(t.bytes, text.len);
    assert_int_equal(t.bytes, t.record_bytes + t.wrapper_bytes + t.problem_bytes);
    assert_int_equal(t.events, session_index(s)->n_rows);
    return s;
}

static const struct file *file_of(struct session *s)
{
    return archive_file(session_archive(s), 0);
}

/* The values of the fields in all rows, in the order of the text: "a|b;c|d". */
static void list_values(struct session *s, const enum field_id *fields, size_t n,
                        struct buffer *out)
{
    const struct store *store = session_store(s);

    for (row_id row = 0; row < session_index(s)->n_rows; row++) {
        if (row)
            buffer_add_char(out, ';');
        for (size_t i = 0; i < n; i++) {
            char scratch[UNIQUE_TEXT_BYTES];
            enum value_state state;

            if (i)
                buffer_add_char(out, '|');
            buffer_add(out, store_text(store, row, fields[i], scratch, &state));
        }
    }
}

/* Each row read again gives a record with the values that are in the index. */
static void check_records(struct session *s)
{
    struct event_reader *reader = event_reader_new(NULL);
    const struct store *store = session_store(s);
    struct buffer text = {0}, raw = {0};

    for (row_id row = 0; row < session_index(s)->n_rows; row++) {
        struct event event;
        struct cursor c;

        buffer_clear(&text);
        buffer_clear(&raw);
        assert_int_equal(session_record(s, row, &text), ERR_OK);
        assert_int_equal(session_raw(s, row, &raw), ERR_OK);
        assert_int_equal(raw.len, store_place(store, row).length_bytes);
        cursor_init(&c, buffer_bytes(&text), true);
        c.lenient_utf8 = true;
        assert_int_equal(event_read(reader, &c, &event, NULL), EVENT_READ);
        assert_int_equal(event.time_us, store_time(store, row));
        for (int f = 0; f < FIELD_COUNT; f++) {
            enum field_kind kind = field_get((enum field_id)f)->kind;
            char scratch[UNIQUE_TEXT_BYTES];
            enum value_state state;
            struct bytes value;

            if (kind == FIELD_INSTANT || kind == FIELD_POSITION)
                continue;
            value = store_text(store, row, (enum field_id)f, scratch, &state);
            assert_int_equal(state, event.values[f].state);
            if (state == VALUE_TEXT)
                assert_true(bytes_equal(value, event.values[f].text));
        }
    }
    buffer_deinit(&text);
    buffer_deinit(&raw);
    event_reader_free(reader);
}

static void expect(const char *text, const enum field_id *fields, size_t n, const char *wanted)
{
    struct session *s = read_text(bytes_of(text));
    struct buffer got = {0};

    list_values(s, fields, n, &got);
    assert_string_equal(buffer_cstr(&got), wanted);
    check_records(s);
    buffer_deinit(&got);
    session_free(s);
}

static void history(void **state)
{
    static const enum field_id fields[] = {FIELD_OPERATION, FIELD_ACTOR, FIELD_IP,
                                           FIELD_ACCOUNT,   FIELD_ERROR, FIELD_EVENT_ID};
    struct session *s;

    (void)state;
    expect("\xEF\xBB\xBF" HISTORY
           "ann,,2026-01-02T03:04:05Z,iam.amazonaws.com,CreateUser,us-east-1,AWS Internal,"
           "\"[x, y]\",,\"[{\"\"resourceType\"\":\"\"A\"\"}]\",r1,e1,false,AwsApiCall,"
           "012345678901,Management\n"
           "bob,AKIA,2026-01-02T03:04:06Z,iam.amazonaws.com,DeleteUser,us-east-1,192.0.2.1,x,"
           "AccessDenied,[],,e2,false,AwsApiCall,111122223333,Management\n",
           fields, ARRAY_LEN(fields),
           "CreateUser|ann|AWS Internal|012345678901||e1;"
           "DeleteUser|bob|192.0.2.1|111122223333|AccessDenied|e2");
    /* As a spreadsheet leaves it: semicolons, capitals, digits and zeros lost. */
    expect("User name;AWS access key;Event time;Event source;Event name;AWS region;Source IP "
           "address;User agent;Error code;Resources;Request ID;Event ID;Read-only;Event type;"
           "Recipient Account Id;Event category\r\n"
           "ann;;2026-01-02T03:04:05Z;iam.amazonaws.com;CreateUser;us-east-1;192.0.2.1;x;;[];r;"
           "e1;FALSE;AwsApiCall;5.28758E+11;Management\r\n"
           "ann;;2026-01-02T03:04:05Z;iam.amazonaws.com;CreateUser;us-east-1;192.0.2.1;x;;[];r;"
           "e2;FALSE;AwsApiCall;12345678901;Management\r\n",
           fields, ARRAY_LEN(fields),
           "CreateUser|ann|192.0.2.1|||e1;CreateUser|ann|192.0.2.1|012345678901||e2");
    s = read_text(bytes_of(HISTORY ",,2026-01-02T03:04:05Z,a,b,,,,,,,,,,5.2E+11,\n"));
    assert_int_equal(file_of(s)->n_problems, 2);
    assert_int_equal(file_of(s)->problems[0].code, ERR_LACKS);
    assert_int_equal(file_of(s)->problems[1].code, ERR_MENDED);
    assert_int_equal(file_of(s)->status, FILE_READ);
    assert_false(session_is_partial(s));
    session_free(s);
}

static void log_lines(void **state)
{
    static const enum field_id fields[] = {FIELD_FORMAT, FIELD_EVENT_ID};

    (void)state;
    expect("2021-07-30T16:35:01.000Z " RECORD("a") "\n2021-07-30T16:35:02.000Z two\nlines\n\n"
                                                   "2021-07-30T16:35:03.123Z " RECORD("b"),
           fields, 2, "cloudtrail|a;app-log|;cloudtrail|b");
    expect("1705574400000 " RECORD("a") "\r\n1705574400001 START\n", fields, 2,
           "cloudtrail|a;app-log|");
    expect("1705574400000 one\n1705574400001 two\n", fields, 2, "app-log|;app-log|");
    expect(
        "timestamp,message\n1692711291543,\"" QUOTED("a") "\"\n1692711291544,\"two\nlines\"\n",
        fields, 2, "cloudtrail|a;app-log|");
    expect("1705574400000 one\n", fields, 2, "");
    expect("2021-99-30T16:35:01.000Z one\n", fields, 2, "");
}

static void access_logs(void **state)
{
    static const enum field_id fields[] = {FIELD_FORMAT,  FIELD_OPERATION, FIELD_STATUS,
                                           FIELD_OUTCOME, FIELD_REASON,    FIELD_EVENT_ID,
                                           FIELD_SUB,     FIELD_USER};
    static const char own[] = "<$context.authorizer.claims.sub|$context.requestTimeEpoch|"
                              "$context.httpMethod|$context.resourcePath|$context.status|"
                              "$context.requestId>";

    (void)state;
    expect(
        "{\"requestId\":\"a\",\"httpMethod\":\"GET\",\"resourcePath\":\"/p\",\"status\":"
        "\"200\",\"sub\":\"s1\",\"username\":\"-\"}\n"
        "{\"requestId\":\"b\",\"routeKey\":\"GET /q\",\"status\":\"403\",\"error\":\"a \"b\" "
        "c\"}\n"
        "{\"requestId\":\"c\",\"routeKey\":\"$connect\",\"status\":\"429\"}\n"
        "192.0.2.1 - - [09/Oct/2025:07:34:30 +0000] \"GET /x HTTP/1.1\" 502 1 d ext\n",
        fields, ARRAY_LEN(fields),
        "api-access|GET /p|200|success|none|a|s1|;"
        "api-access|GET /q|403|failure|permission|b||;"
        "api-access|$connect|429|throttled|request-rate|c||;"
        "api-access|GET /x|502|fault|service|d||");
    {
        struct config *config = config_new();
        struct session *s = session_new();
        struct buffer got = {0};
        const char *why;

        assert_true(config_add_format(config, bytes_of(own), &why));
        session_configure(s, config);
        archive_add_memory(
            session_archive(s), bytes_of("own"),
            bytes_of("<s1|1760000000000|GET|/p|401|a>\n<s2|-|GET|/|x|b>\n" RECORD(
                "c") "\n2025-10-09T07:34:30.000Z <s3|1760000000000|PUT|/|200|d>\n"));
        session_start(s);
        session_wait(s);
        list_values(s, fields, ARRAY_LEN(fields), &got);
        assert_string_equal(buffer_cstr(&got),
                            "api-access|GET /p|401|failure|not-authorized|a|s1|;"
                            "cloudtrail|InitiateAuth||unknown|none|c||;"
                            "api-access|PUT /|200|success|none|d|s3|");
        assert_int_equal(file_of(s)->rejected, 1);
        check_records(s);
        buffer_deinit(&got);
        session_free(s);
        config_free(config);
    }
}

static void times_of_lines(void **state)
{
    struct session *s =
        read_text(bytes_of("2021-07-30T16:35:01.789Z text\n1705574400000 more\n"));
    struct buffer out = {0};

    (void)state;
    assert_int_equal(session_index(s)->n_rows, 1);
    instant_add(&out, store_time(session_store(s), 0), INSTANT_ISO, 0);
    assert_string_equal(buffer_cstr(&out), "2021-07-30T16:35:01.789Z");
    buffer_deinit(&out);
    session_free(s);
}

/* Several kinds in one text. */
static void mixed(void **state)
{
    static const enum field_id fields[] = {FIELD_EVENT_ID};
    static const char row[] = ",,2026-01-02T03:04:05Z,iam.amazonaws.com,b,,,,,,,h1,,,,\n";
    struct buffer text = {0};

    (void)state;
    buffer_add_text(&text, "{\"Records\":[" RECORD("a") "]}\n2021-07-30T16:35:01.000Z " RECORD(
                               "b") "\n" RECORD("c") "\n" RECORD("x") "\n" HISTORY);
    buffer_add_text(&text, row);
    buffer_add_text(&text, HISTORY);
    buffer_add_text(&text, row);
    buffer_add_text(&text, "[" RECORD("d") "]\ntimestamp,message\n1692711291543,\"" QUOTED(
                               "e") "\"\n2021-07-30T16:35:01.000Z " RECORD("f") "\n");
    expect(buffer_cstr(&text), fields, 1, "a;b;c;x;h1;h1;d;e;f");
    buffer_deinit(&text);
}

/* A broken row costs itself, and is named. */
/* Files put one behind the other, whatever comes first. */
static void joined(void **state)
{
    static const enum field_id id[] = {FIELD_EVENT_ID};
    static const char iso[] = "2026-01-02T03:04:05.000Z ", epoch[] = "1767322800000 ";
    const struct {
        const char *first, *second;
    } pairs[] = {
        {iso,   epoch                              },
        {epoch, iso                                },
        {iso,   "timestamp,message\n1767322800000,"},
        {epoch, "timestamp,message\n1767322800000,"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        for (int blank = 0; blank < 2; blank++) {
            bool table = pairs[i].second[0] == 't';
            struct buffer text = {0};

            buffer_printf(&text, "%s%s\n%s%s\n%s", pairs[i].first, RECORD("r1"), pairs[i].first,
                          RECORD("r2"), blank ? "\n" : "");
            buffer_printf(&text, "%s%s\n", pairs[i].second,
                          table ? "\"" QUOTED("r3") "\"" : RECORD("r3"));
            if (!table)
                buffer_printf(&text, "%s%s\n", pairs[i].second, RECORD("r4"));
            expect(buffer_cstr(&text), id, 1, table ? "r1;r2;r3" : "r1;r2;r3;r4");
            buffer_deinit(&text);
        }
    /* A text ends where lines with records of the other time begin; its own lines do not. */
    expect(
        "2026-01-02T03:04:05.000Z error:\n1767322800000 ms\n  at main\n1767322800000 " RECORD(
            "r1") "\n",
        id, 1, ";r1");
}

static void broken_rows(void **state)
{
    static const struct {
        const char *text, *words;
        uint64_t events, rejected;
    } rows[] = {
        {"timestamp,message\n1692711291543,a\n1692711291543,a,b\n1692711291544,c\n",
         "a row with more cells than the heading",  2, 1},
        {"timestamp,message\n1692711291543,a\n1692711291543\n1692711291544,c\n",
         "a row with fewer cells than the heading", 2, 1},
        {"timestamp,message\n1692711291543,a\nnever,b\n1692711291544,c\n",
         "a row without a time",                    2, 1},
        {"timestamp,message\n1692711291543,\"a\n1692711291544,b\n1692711291545,c\n",
         "a quote that is never closed",            2, 1},
        {"timestamp,message\n1692711291543,{a\n{\"eventVersion\"\n1692711291544,c\n",
         "a row with fewer cells than the heading", 2, 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct session *s = read_text(bytes_of(rows[i].text));
        const struct file *f = file_of(s);

        assert_int_equal(f->events, rows[i].events);
        assert_int_equal(f->rejected, rows[i].rejected);
        assert_int_equal(f->n_problems, 1);
        assert_int_equal(f->problems[0].code, ERR_ROW);
        assert_true(bytes_starts(f->problems[0].detail, rows[i].words));
        check_records(s);
        session_free(s);
    }
}

/* Bytes that are no text, rows and lines without measure: bounded, and all accounted for. */
static void hostile(void **state)
{
    enum { BIG = 5 * 1024 * 1024 };
    static const char *const heads[] = {
        "timestamp,message\n1692711291543,\"",
        "timestamp,message\n1692711291543,",
        "2021-07-30T16:35:01.000Z ",
        "timestamp,message\n\"",
    };
    static const char no_text[] = "timestamp,message\n1692711291543,\"a\0\xff\x01\"\n\0,\0\n";
    struct buffer text = {0};
    struct session *s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        for (int lines = 0; lines < 4; lines++) {
            buffer_clear(&text);
            buffer_add_text(&text, heads[i]);
            memset(buffer_room(&text, BIG), 'x', BIG);
            text.len += BIG;
            /* One line, many, many with braces, many with blank lines between. */
            for (size_t at = 100; lines && at + 1 < text.len; at += 100) {
                text.ptr[at] = '\n';
                text.ptr[at + 1] = "x{\n"[lines - 1];
            }
            buffer_add_text(&text, "\n" RECORD("a") "\n");
            s = read_text(buffer_bytes(&text));
            assert_true(file_of(s)->rejected > 0);
            session_free(s);
        }
    }
    buffer_clear(&text);
    buffer_add(&text, bytes_make(no_text, sizeof no_text - 1));
    s = read_text(buffer_bytes(&text));
    assert_int_equal(file_of(s)->events, 1);
    check_records(s);
    session_free(s);
    buffer_deinit(&text);
}

/* Random cuts and bytes: the sums hold whatever is in the text. */
static void random_damage(void **state)
{
    static const char whole[] = "timestamp,message\n1692711291543,\"" QUOTED(
        "a") "\"\n1692711291544,\"x,\n\"\"y\"\"\"\n"
             "2021-07-30T16:35:01.000Z " RECORD("b") "\nmore\n" RECORD(
                 "c") "\n" HISTORY "ann,,2026-01-02T03:04:05Z,iam.amazonaws.com,CreateUser,us-"
                      "east-1,AWS Internal,"
                      "\"[x, y]\",,[],r1,e1,false,AwsApiCall,012345678901,Management\n";
    static const char bytes[] = "\",\n{}[];\t\0 \r\\\x80"
                                "1Z";
    char text[sizeof whole];
    unsigned seed = 1;

    (void)state;
    for (int i = 0; i < 400; i++) {
        struct session *s;

        memcpy(text, whole, sizeof whole);
        for (int j = 0; j < 1 + i % 8; j++) {
            seed = seed * 1103515245u + 12345u;
            text[(seed >> 8) % (sizeof whole - 1)] = bytes[(seed >> 4) % (sizeof bytes - 1)];
        }
        s = read_text(bytes_make(text, sizeof whole - 1 - (size_t)(i % 40)));
        check_records(s);
        session_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history),     cmocka_unit_test(log_lines),
        cmocka_unit_test(access_logs), cmocka_unit_test(times_of_lines),
        cmocka_unit_test(mixed),       cmocka_unit_test(broken_rows),
        cmocka_unit_test(hostile),     cmocka_unit_test(random_damage),
        cmocka_unit_test(joined),
    };

    hash_seed();
    return cmocka_run_group_tests_name("stretch", tests, NULL, NULL);
}
