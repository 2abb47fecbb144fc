/* Lists of indicators: what a line matches, in queries and line by line. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/hash.h"

#include "core/asking/hits.h"
#include "core/owning/session.h"

#include "tests/data/demo.h"
#include "tests/unit/settle.h"

static const char text[] = "\xef\xbb\xbf# what the report says\r\n"
                           "203.0.113.7   # the worst\r\n"
                           "\r\n"
                           "203.0.113.0/28\n"
                           "  198.51.100[.]52\n"
                           "2001:DB8:6d:62bc::/64\n"
                           "::ffff:10.0.0.1\n"
                           "Evil/1.0 # a browser\n"
                           "evil/1.0 # again\n"
                           "10.9.0.0/16\n"
                           "10.9.77.1/16\n"
                           "nothing#here";

static struct indicators *parse(const char *what)
{
    struct indicators *list = NULL;
    struct buffer message = {0};

    if (indicators_parse(bytes_of("list"), bytes_of(what), &list, &message) != ERR_OK)
        fail_msg("%.*s", (int)message.len, message.ptr);
    return list;
}

/* Which lines of the file the value matches, as a bit each. */
static unsigned lines_of(const struct indicators *list, const char *value)
{
    uint32_t found[INDICATORS_MAX_MATCHES];
    size_t count = indicators_match(list, bytes_of(value), found);
    unsigned lines = 0;

    for (size_t i = 0; i < count; i++)
        lines |= 1u << indicators_get(list, found[i])->line;
    assert_int_equal(count > 0, indicators_have(list, bytes_of(value)));
    return lines;
}

static void matches_lines(void **state)
{
    struct indicators *list = parse(text);

    (void)state;
    assert_int_equal(indicators_count(list), 8);
    assert_int_equal(indicators_repeats(list), 2); /* lines 9 and 11 */
    assert_int_equal(indicators_networks(list), 6);
    assert_int_equal(lines_of(list, "203.0.113.7"), 1u << 2 | 1u << 4);
    assert_int_equal(lines_of(list, "203.0.113.15"), 1u << 4);
    assert_int_equal(lines_of(list, "203.0.113.16"), 0);
    assert_int_equal(lines_of(list, "198.51.100.52"), 1u << 5);
    assert_int_equal(lines_of(list, "2001:db8:6d:62bc:0:0:0:4d"), 1u << 6);
    assert_int_equal(lines_of(list, "2001:db8:6d:62bd::4d"), 0);
    assert_int_equal(lines_of(list, "10.0.0.1"), 1u << 7); /* an IPv4 address in IPv6 */
    assert_int_equal(lines_of(list, "EVIL/1.0"), 1u << 8);
    assert_int_equal(lines_of(list, "evil/1.0 # a browser"), 0);
    assert_int_equal(lines_of(list, "evil/1.0"), 1u << 8);
    assert_int_equal(lines_of(list, "10.9.255.255"), 1u << 10);
    assert_int_equal(lines_of(list, "nothing#here"), 1u << 12);
    assert_int_equal(lines_of(list, ""), 0);
    indicators_release(list);
}

static void everything_is_a_network_too(void **state)
{
    struct indicators *list = parse("0.0.0.0/0\n::/0\n255.255.255.255\n");

    (void)state;
    assert_int_equal(lines_of(list, "1.2.3.4"), 1u << 1);
    assert_int_equal(lines_of(list, "255.255.255.255"), 1u << 1 | 1u << 3);
    assert_int_equal(lines_of(list, "2001:db8::1"), 1u << 2);
    indicators_release(list);
}

static void refuses_what_is_none(void **state)
{
    struct buffer message = {0}, longest = {0};
    struct indicators *list;

    (void)state;
    assert_int_equal(indicators_parse(bytes_of("x"), bytes_of("# only\n\n"), &list, &message),
                     ERR_EMPTY);
    for (int i = 0; i <= INDICATORS_MAX_LINE_BYTES; i++)
        buffer_add_char(&longest, 'a');
    assert_int_equal(indicators_parse(bytes_of("x"), buffer_bytes(&longest), &list, &message),
                     ERR_TOO_LARGE);
    assert_int_equal(indicators_read("/nowhere/at/all", &list, &message), ERR_IO);
    assert_int_equal(indicators_read("/", &list, &message), ERR_IO);
    assert_int_equal(indicators_read("/dev/zero", &list, &message), ERR_IO);
    buffer_deinit(&message);
    buffer_deinit(&longest);
}

static void writes_networks(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"203.0.113.77/24",      "203.0.113.0/24"  },
        {"203.0.113.77",         "203.0.113.77"    },
        {"203.0.113.77/32",      "203.0.113.77"    },
        {"203.0.113.77/25",      "203.0.113.0/25"  },
        {"203.0.113.200/25",     "203.0.113.128/25"},
        {"1.2.3.4/0",            "0.0.0.0/0"       },
        {"2001:db8:1:2::9/48",   "2001:db8:1::/48" },
        {"2001:db8:0:0:0:0:0:9", "2001:db8::9"     },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out = {0};
        struct subnet s;

        assert_true(subnet_parse(bytes_of(cases[i].from), &s));
        subnet_write(&out, &s);
        assert_string_equal(buffer_cstr(&out), cases[i].to);
        buffer_deinit(&out);
    }
}

/* With the demo */

static int open_demo(void **state)
{
    struct session *s;

    hash_seed(); /* before anything is hashed */
    s = session_new();
    for (size_t i = 0; i < demo_file_count; i++)
        archive_add_memory(session_archive(s), bytes_of(demo_files[i].name),
                           bytes_make(demo_files[i].data, demo_files[i].len));
    session_start(s);
    session_wait(s);
    *state = s;
    return 0;
}

static int close_demo(void **state)
{
    session_free(*state);
    return 0;
}

static void keep_count(void *context, struct selection *selection)
{
    *(uint64_t *)context = selection->n_rows;
    selection_release(selection);
}

static uint64_t count_of(struct session *s, struct query_options options, const char *what)
{
    struct filters *none = filters_new(), *made;
    struct query_error error = {0};
    uint64_t count = UINT64_MAX;

    if (filters_add(none, bytes_of(what), &options, &made, &error) != ERR_OK)
        fail_msg("%s: %.*s", what, (int)error.message.len, error.message.ptr);
    (void)session_select(s, made, keep_count, &count);
    (void)settle(s);
    filters_release(made);
    filters_release(none);
    return count;
}

static void keep_grouping(void *context, struct grouping *grouping)
{
    *(struct grouping **)context = grouping;
}

/* Each line has the events that its own condition selects. */
static void counts_hits_per_line(void **state)
{
    struct session *s = *state;
    struct query_options options = session_query_options(s);
    struct indicators *list = parse("203.0.113.7\n203.0.113.0/28\n2001:db8::/32\n"
                                    "192.0.2.99\nno address\n");
    struct selection *all = settle_select_all(s);
    const enum field_id field = FIELD_IP;
    struct grouping *grouping = NULL;
    struct hit hits[5];

    (void)session_group(s, all, &field, 1, FIELD_COUNT, keep_grouping, &grouping);
    (void)settle(s);
    assert_int_equal(hits_count(list, grouping, hits), 3);
    assert_true(hits[0].events > 100);
    assert_int_equal(hits[0].events, count_of(s, options, "ip=203.0.113.7"));
    assert_int_equal(hits[1].events, count_of(s, options, "ip=203.0.113.0/28"));
    assert_int_equal(hits[2].events, count_of(s, options, "ip=2001:db8::/32"));
    assert_int_equal(hits[1].failed,
                     count_of(s, options,
                              "filter isIpInSubnet(ip, \"203.0.113.0/28\") and outcome in "
                              "[\"failure\", \"throttled\", \"blocked\", \"fault\"]"));
    assert_int_equal(hits[0].values, 1);
    assert_true(hits[1].values > 1 && hits[1].first_us <= hits[0].first_us);
    for (size_t i = 3; i < 5; i++) {
        assert_int_equal(hits[i].events, 0);
        assert_int_equal(hits[i].first_us, INSTANT_NONE);
    }
    grouping_free(grouping);
    selection_release(all);
    indicators_release(list);
}

static void write_list(char path[32], const char *what)
{
    int fd;

    (void)snprintf(path, 32, "/tmp/indicators.XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, what, strlen(what)), (ssize_t)strlen(what));
    (void)close(fd);
}

static void filters_by_a_file(void **state)
{
    struct session *s = *state;
    struct query_options options = session_query_options(s);
    uint64_t all = count_of(s, options, "filter @timestamp > 0 or not ispresent(@timestamp)");
    uint64_t with_ip = count_of(s, options, "ip:"), in, out;
    struct query_error error = {0};
    struct indicators *list;
    struct buffer term = {0};
    enum field_id field;
    struct query *q;
    char path[32];

    write_list(path, "203.0.113.7\n2001:db8::/32\n");
    buffer_printf(&term, "ip in @%s", path);
    in = count_of(s, options, buffer_cstr(&term));
    assert_int_equal(in, count_of(s, options, "ip=203.0.113.7,2001:db8::/32"));
    buffer_clear(&term);
    buffer_printf(&term, "filter ip not in @\"%s\"", path);
    out = count_of(s, options, buffer_cstr(&term));
    assert_int_equal(in + out, with_ip);
    buffer_clear(&term);
    buffer_printf(&term, "-ip in @%s", path);
    assert_int_equal(count_of(s, options, buffer_cstr(&term)) + in, all);
    /* A native name that has the same values. */
    buffer_clear(&term);
    buffer_printf(&term, "(sourceIPAddress in @%s)", path);
    assert_true(count_of(s, options, buffer_cstr(&term)) > 0);
    /* What a query says of its list, and what it is written as. */
    buffer_clear(&term);
    buffer_printf(&term, "ip in @%s | stats count(*) by ip", path);
    assert_int_equal(query_parse(buffer_bytes(&term), &options, &q, &error), ERR_OK);
    assert_true(query_indicators(q, &field, &list));
    assert_int_equal(field, FIELD_IP);
    assert_int_equal(indicators_count(list), 2);
    assert_int_equal(query_notice_count(q), 1);
    buffer_clear(&term);
    buffer_add(&term, query_text(q));
    query_free(q);
    assert_int_equal(query_parse(buffer_bytes(&term), &options, &q, &error), ERR_OK);
    assert_true(bytes_equal(query_text(q), buffer_bytes(&term)));
    query_free(q);
    /* Only who may read files does. */
    options.reads_lists = false;
    assert_int_equal(query_parse(buffer_bytes(&term), &options, &q, &error), ERR_QUERY);
    query_error_deinit(&error);
    (void)unlink(path);
    buffer_deinit(&term);
}

/* Around the selected event. */
static void windows_count_from_the_selected(void **state)
{
    static const struct {
        const char *window, *same;
    } cases[] = {
        {"@sel \xc2\xb1"
         "5m",          "2026-11-18T09:10:00..2026-11-18T09:20:00"                },
        {"\xc2\xb1"
         "5m",          "2026-11-18T09:10:00..2026-11-18T09:20:00"                },
        {"+-5m outcome=failure", "2026-11-18T09:10:00..2026-11-18T09:20:00 outcome=failure"},
        {"+90s",                 "2026-11-18T09:15:00..2026-11-18T09:16:30"                },
        {"-1h",                  "2026-11-18T08:15:00..2026-11-18T09:15:00"                },
        {"@sel-1h",              "2026-11-18T08:15:00..2026-11-18T09:15:00"                },
    };
    struct session *s = *state;
    struct query_options options = session_query_options(s);
    struct query_error error = {0};
    struct query *q;

    assert_true(instant_parse(bytes_of("2026-11-18T09:15:00Z"), &options.selected_us));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct filters *none = filters_new(), *made;
        uint64_t count;

        options.has_selected = true;
        count = count_of(s, options, cases[i].window);
        assert_int_equal(count, count_of(s, options, cases[i].same));
        assert_true(count > 0);
        /* The filter keeps the time, not "the selected one". */
        assert_int_equal(filters_add(none, bytes_of(cases[i].window), &options, &made, &error),
                         ERR_OK);
        assert_true(bytes_find(filters_text(made, 0), bytes_of("2026-11-18T09:")) != SIZE_MAX);
        filters_release(made);
        filters_release(none);
        options.has_selected = false;
        assert_int_equal(query_parse(bytes_of(cases[i].window), &options, &q, &error),
                         ERR_QUERY);
        query_error_deinit(&error);
    }
    /* These are something else. */
    assert_int_equal(query_parse(bytes_of("-5mm -x +word"), &options, &q, &error), ERR_OK);
    query_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_lines),
        cmocka_unit_test(everything_is_a_network_too),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(writes_networks),
        cmocka_unit_test(counts_hits_per_line),
        cmocka_unit_test(filters_by_a_file),
        cmocka_unit_test(windows_count_from_the_selected),
    };

    return cmocka_run_group_tests(tests, open_demo, close_demo);
}
