// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include "core/query/query.h"

/* 2026-11-18 12:30:00 and the last event of the archive at 09:52:20 of that day. */
enum { NOW_SECONDS = 1795005000 };

static struct query_options options(void)
{
    return (struct query_options){.now_us = NOW_SECONDS * INSTANT_SECOND,
                                  .last_event_us = (NOW_SECONDS - 9460) * INSTANT_SECOND};
}

struct pair {
    const char *text, *means;
};

static void check_pairs(const struct pair *pairs, size_t count)
{
    struct query_options o = options();

    for (size_t i = 0; i < count; i++) {
        struct query *q = NULL, *again = NULL;
        struct query_error error;
        struct bytes text;

        if (query_parse(bytes_of(pairs[i].text), &o, &q, &error) != ERR_OK)
            fail_msg("%s: %.*s", pairs[i].text, (int)error.message.len, error.message.ptr);
        text = query_text(q);
        if (!bytes_are(text, pairs[i].means))
            fail_msg("%s:\n  gives    %.*s\n  expected %s", pairs[i].text, (int)text.len,
                     text.ptr, pairs[i].means);
        /* What was written can be read, and is the same text again. */
        if (query_parse(text, &o, &again, &error) != ERR_OK)
            fail_msg("%s: not read again: %.*s", pairs[i].means, (int)error.message.len,
                     error.message.ptr);
        assert_true(bytes_equal(query_text(again), query_text(q)));
        query_free(q);
        query_free(again);
    }
}

static void test_quick_terms_become_query_text(void **state)
{
    static const struct pair pairs[] = {
        {"",                                        ""                                                                },
        {"  # nothing\n",                           ""                                                                },
        {"python",                                  "filter @message like /(?is)python/"                              },
        {"\"two words\"",                           "filter @message like /(?is)two words/"                           },
        {"\"stats\"",                               "filter @message like /(?is)stats/"                               },
        {"a/b.c",                                   "filter @message like /(?is)a\\/b\\.c/"                           },
        {"NotAuth*",                                "filter @message like /(?is)NotAuth.*/"                           },
        {"/Not[/]Auth/i",                           "filter @message like /(?i)Not[\\/]Auth/"                         },
        {"ip:203.0.113.7",                          "filter ip = \"203.0.113.7\""                                     },
        {"203.0.113.7",                             "filter ip = \"203.0.113.7\""                                     },
        {"ip:203.0.113.0/24",                       "filter isIpInSubnet(ip, \"203.0.113.0/24\")"                     },
        {"ip:2001:db8::1",                          "filter isIpInSubnet(ip, \"2001:db8::1\")"                        },
        {"2001:db8::/32",                           "filter isIpInSubnet(ip, \"2001:db8::/32\")"                      },
        {"fe80::1",                                 "filter isIpInSubnet(ip, \"fe80::1\")"                            },
        {"err:NotAuth*",                            "filter error like /(?is)\\ANotAuth.*\\z/"                        },
        {"error=NotAuth*",                          "filter error like /(?is)\\ANotAuth.*\\z/"                        },
        {"err:\"a*b\"",                             "filter error like /(?is)\\Aa\\*b\\z/"                            },
        {"ev:InitiateAuth,SignUp",                  "filter operation like /(?is)\\AInitiateAuth\\z/ or "
                                   "operation like /(?is)\\ASignUp\\z/"             },
        {"status:>400",                             "filter status > 400"                                             },
        {"status >= 500",                           "filter status >= 500"                                            },
        {"status:404",                              "filter status = \"404\""                                         },
        {"error:/Not.*/",                           "filter error like /Not.*/"                                       },
        {"agent~python",                            "filter agent like /(?is)python/"                                 },
        {"agent~/py(thon)?/",                       "filter agent like /py(thon)?/"                                   },
        {"sub:",                                    "filter ispresent(sub)"                                           },
        {"-sub:",                                   "filter not ispresent(sub)"                                       },
        {"-ip:10.0.0.0/8",                          "filter not ispresent(ip) or not isIpInSubnet(ip, \"10.0.0.0/8\")"},
        {"not ip:10.0.0.1",                         "filter not ispresent(ip) or ip != \"10.0.0.1\""                  },
        {"-python",                                 "filter @message not like /(?is)python/"                          },
        {"ip!=10.0.0.1",                            "filter not ispresent(ip) or ip != \"10.0.0.1\""                  },
        {"a b",                                     "filter @message like /(?is)a/ and @message like /(?is)b/"        },
        {"a and b or c",                            "filter @message like /(?is)a/ and @message like /(?is)b/ or "
                         "@message like /(?is)c/"                                             },
        {"a (b or c)",                              "filter @message like /(?is)a/ and (@message like /(?is)b/ or "
                       "@message like /(?is)c/)"                                                },
        {"-(a b)",                                  "filter @message not like /(?is)a/ or @message not like /(?is)b/" },
        {"error = \"NotAuthorizedException\"",      "filter error = \"NotAuthorizedException\""                       },
        {"not error = \"X\"",                       "filter not ispresent(error) or error != \"X\""                   },
        {"not ispresent(sub)",                      "filter not ispresent(sub)"                                       },
        {"ispresent(sub) -ip:10.0.0.1",
         "filter ispresent(sub) and (not ispresent(ip) or ip != \"10.0.0.1\")"                                        },
        {"error = \"X\" -ip:10.0.0.1 agent~python",
         "filter error = \"X\" and (not ispresent(ip) or ip != \"10.0.0.1\") and "
         "agent like /(?is)python/"                                                                                   },
        {"error in [\"a\", \"b\"] not sub:",
         "filter error in [\"a\", \"b\"] and not ispresent(sub)"                                                      },
        {"error like /x/ y",                        "filter error like /x/ and @message like /(?is)y/"                },
        {"last:2h",                                 "filter @timestamp >= \"2026-11-18T07:52:20Z\""                   },
        {"10:00..10:15",                            "filter @timestamp >= \"2026-11-18T10:00:00Z\" and "
                         "@timestamp <= \"2026-11-18T10:15:00Z\""                             },
        {"23:50..00:10",                            "filter @timestamp >= \"2026-11-18T23:50:00Z\" and "
                         "@timestamp <= \"2026-11-19T00:10:00Z\""                             },
        {"2026-11-17..2026-11-18",                  "filter @timestamp >= \"2026-11-17T00:00:00Z\" and "
                                   "@timestamp <= \"2026-11-18T23:59:59.999999Z\""  },
        {"2026-11-17T10:00..10:15",                 "filter @timestamp >= \"2026-11-17T10:00:00Z\" and "
                                    "@timestamp <= \"2026-11-17T10:15:00Z\""       },
        {"..09:30",                                 "filter @timestamp <= \"2026-11-18T09:30:00Z\""                   },
        {"time>09:10",                              "filter @timestamp > \"2026-11-18T09:10:00Z\""                    },
        {"time:2026-11-17",                         "filter @timestamp >= \"2026-11-17T00:00:00Z\" and "
                            "@timestamp < \"2026-11-18T00:00:00Z\""                        },
        {"203.0.113.7, error",                      "filter @message like /(?is)203\\.0\\.113\\.7,/ and "
                               "@message like /(?is)error/"                             },
        {"error=NotAuth* time>09:10 agent~python",
         "filter error like /(?is)\\ANotAuth.*\\z/ and @timestamp > \"2026-11-18T09:10:00Z\" "
         "and "
         "agent like /(?is)python/"                                                                                   },
        {"err:NotAuthorized -ip:10.0.0.0/8 | stats count(*) as n by sourceIPAddress | sort n "
         "desc",                           "filter error like /(?is)\\ANotAuthorized\\z/ and (not ispresent(ip) or not "
         "isIpInSubnet(ip, \"10.0.0.0/8\")) | stats count(*) as n by sourceIPAddress | sort n "
         "desc"                                                                              },
        {"https://example.com",                     "filter @message like /(?is)https:\\/\\/example\\.com/"           },
        {"arn:aws:iam::1:x",                        "filter @message like /(?is)arn:aws:iam::1:x/"                    },
        {"filter:",                                 "filter @message like /(?is)filter:/"                             },
    };

    (void)state;
    /* A command word with a colon would be a field; there is none of that name. */
    check_pairs(pairs, ARRAY_LEN(pairs) - 1);
}

static void test_queries_are_read(void **state)
{
    static const struct pair pairs[] = {
        {"filter eventName='InitiateAuth'| filter ispresent(errorCode)| limit 50",
         "filter eventName = \"InitiateAuth\" | filter ispresent(errorCode) | limit 50"                                            },
        {"FILTER eventName IN [\"a\",'b'] | STATS COUNT(*) AS n BY eventName | SORT n DESC",
         "filter eventName in [\"a\", \"b\"] | stats COUNT(*) as n by eventName | sort n desc"                                     },
        {"| fields ip as `a b`, error",                                                      "fields ip as `a b`, error"           },
        {"filter `not` = 1 and `5m`.x = 2",                                                  "filter `not` = 1 and `5m.x` = 2"     },
        {"filter a < 1 or b = 2 and not c like /x\\/y/",
         "filter a < 1 or b = 2 and c not like /x\\/y/"                                                                            },
        {"filter not (a = 1 or b = 2)",                                                      "filter not (a = 1 or b = 2)"         },
        {"filter (a or b) and c",                                                            "filter (a or b) and c"               },
        {"filter sum-1*2^3 > -x/2",                                                          "filter sum - 1 * 2 ^ 3 > -x / 2"     },
        {"filter a-(b-c)-d = 0",                                                             "filter a - (b - c) - d = 0"          },
        {"filter a[0].b = 1",                                                                "filter a.0.b = 1"                    },
        {"filter `foo-bar` = 1 and a.`b.c` = 2",                                             "filter `foo-bar` = 1 and a.`b.c` = 2"},
        {"filter x = \"a\\\"b\\\\c\\n\\x00\\xff\\q\"",
         "filter x = \"a\\\"b\\\\c\\n\\x00\\xff\\\\q\""                                                                            },
        {"# c\nfilter x = 1 # d\n| limit 1",                                                 "filter x = 1 | limit 1"              },
        {"filter x = 1\nlimit 2",                                                            "filter x = 1 | limit 2"              },
        {"stats count(*) by bin (1min)",                                                     "stats count(*) by bin(1min)"         },
        {"stats max(x) as a, min(x) as b, a - b as d by ip",
         "stats max(x) as a, min(x) as b, a - b as d by ip"                                                                        },
        {"SOURCE \"g\" START=1 END=2 | fields ip",                                           "fields ip"                           },
        {"SOURCE logGroups(namePrefix: [\"a\"]) | fields ip",                                "fields ip"                           },
        {"parse @message \"[*] *\" as a, b | filter a = \"x\"",
         "parse @message \"[*] *\" as a, b | filter a = \"x\""                                                                     },
        {"parse x /u=(?<u>\\w+)/ | stats count(*) by u",
         "parse x /u=(?<u>\\w+)/ | stats count(*) by u"                                                                            },
        {"filter x not like \"a\" and y not in [1, 2]",
         "filter x not like \"a\" and y not in [1, 2]"                                                                             },
        {"filter x =~ /a/ and y !~ /b/",                                                     "filter x like /a/ and y not like /b/"},
        {"filter errorCode exists and eventSource == \"x\"",
         "filter ispresent(errorCode) and eventSource = \"x\""                                                                     },
        {"stats count(*) as n by ip | filter n > 1 and count(*) > 2",
         "stats count(*) as n by ip | filter n > 1 and count(*) > 2"                                                               },
        {"stats count(*) by ip | sort count(*) desc | limit 1",
         "stats count(*) by ip | sort count(*) desc | limit 1"                                                                     },
        {"fields strlen(x) as l | stats sum(l) as s by bin(10m) as @t | stats max(s) by "
         "dateceil(@t, 1h)",                                                        "fields strlen(x) as l | stats sum(l) as s by bin(10m) as @t | stats max(s) by "
         "dateceil(@t, 1h)"                                                                   },
    };

    (void)state;
    check_pairs(pairs, ARRAY_LEN(pairs));
}

struct refusal {
    const char *text;
    size_t line, column;
    const char *says;
};

static void test_refusals_say_where_and_why(void **state)
{
    static const struct refusal refusals[] = {
        {"filter eventName = \"x",                                    1, 20, "unterminated string"        },
        {"filter eventName",                                          1, 8,  NULL                         },
        {"fields @timestamp @message",                                1, 19, "expected |"                 },
        {"fields ip | count()",                                       1, 13, "unknown command"            },
        {"fields ip |\n  nonsense x",                                 2, 3,  "unknown command"            },
        {"filter error = `AccessDenied` or error = x",                1, 42, "quotes"                     },
        {"filter error = AccessDenied",                               1, 16, "quotes"                     },
        {"errro:x",                                                   1, 1,  "did you mean error"         },
        {"filter pct(status, 50) > 1",                                1, 8,  "only in stats"              },
        {"filter md5(ip) = 1",                                        1, 8,  "is not supported"           },
        {"filter ip = <the address>",                                 1, 13, "waits for a value"          },
        {"filter ip = {{address}}",                                   1, 13, "waits for a value"          },
        {"pattern @message",                                          1, 1,  "is not supported"           },
        {"filter ip like /a(b/",                                      1, 20, "regular expression"         },
        {"filter isIpInSubnet(ip, \"10.0.0.0/99\")",                  1, 25, "subnet"                     },
        {"filter ip = /x/",                                           1, 13, NULL                         },
        {"stats count(*) by bin(5)",                                  1, 23, "period"                     },
        {"stats count(*) by bin(5x)",                                 1, 23, "no period"                  },
        {"stats ip by error",                                         1, 7,  "neither grouped"            },
        {"stats pct(status, 101)",                                    1, 19, "from 0 to 100"              },
        {"stats pct(status, -5)",                                     1, 19, "from 0 to 100"              },
        {"stats sum(count(*))",                                       1, 11, "inside another count"       },
        {"stats count(*) by ip | filter ip = \"x\" or error = \"y\"", 1, 31, "both a column"              },
        {"stats count(*) by ip | stats max(agent)",                   1, 34, "no column"                  },
        {"fields ip | dedup ip | sort ip",                            1, 24, "only limit may follow dedup"},
        {"fields ip | limit many",                                    1, 19, "whole number"               },
        {"select ip from x | limit 1",                                1, 1,  "no SQL"                     },
        {"SELECT count(*) FROM events",                               1, 1,  "no SQL"                     },
        {"filter ip = 203.0.113.5",                                   1, 13, "\"203.0.113.5\""            },
        {"filter ip in [\"10.0.0.1\", 203.0.113.0/24]",               1, 27, "text needs quotes"          },
        {"filter ip = 2001:db8::1",                                   1, 13, "\"2001:db8::1\""            },
        {"filter ip = “10.0.0.1”",                                1, 13, "plain quotes"               },
        {"filter ip = \"10.0.0.1\" && stage = \"mfa\"",               1, 24, "&& is written and"          },
        {"filter ip = \"x\" || ip = \"y\"",                           1, 17, "|| is written or"           },
        {"limit -1",                                                  1, 7,  "whole number"               },
        {"stats",                                                     1, 6,  "the query ends here"        },
        {"filter !(ip = \"x\")",                                      1, 8,  "not"                        },
        {"fields ,ip",                                                1, 8,  "found ,"                    },
        {"filter [*]",                                                1, 9,  NULL                         },
        {"stats count(*) by ip | select x",                           1, 24, "no SQL"                     },
        {"filter substr(ip) = 1",                                     1, 8,  "arguments"                  },
        {"filter ip in \"x\"",                                        1, 14, "a list"                     },
        {"(a b",                                                      1, 1,  "closing )"                  },
        {"a ) b",                                                     1, 3,  "without its ("              },
        {"last:soon",                                                 1, 6,  "last:2h"                    },
        {"ip:203.0.113.0/33",                                         1, 4,  "no address or network"      },
        {"ip:2001:db8::/129",                                         1, 4,  "no address or network"      },
        {"ip:10.0.0.1,999.1.1.1",                                     1, 13, "no address or network"      },
        {"ip=203.0.113.0/",                                           1, 4,  "no address or network"      },
        {"error:x 25:99..26:00",                                      1, 9,  "no range of times"          },
        {"status:>abc",                                               1, 9,  "status is a number"         },
        {"-",                                                         1, 1,  "nothing behind the -"       },
        {"ip:10.0.0.1 -",                                             1, 13, "nothing behind the -"       },
        {"time>soon",                                                 1, 6,  "no time"                    },
        {"parse x \"*a*\" as b",                                      0, 0,  NULL                         },
        {"filter é = 1 and ]",                                       1, 18, NULL                         },
    };
    struct query_options o = options();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct query *q = NULL;
        struct query_error e;

        if (r->line == 0)
            continue;
        if (query_parse(bytes_of(r->text), &o, &q, &e) == ERR_OK) {
            query_free(q);
            if (r->says)
                fail_msg("accepted: %s", r->text);
            continue;
        }
        if (e.line != r->line || e.column != r->column ||
            (r->says && bytes_find(buffer_bytes(&e.message), bytes_of(r->says)) == SIZE_MAX))
            fail_msg("%s: %zu:%zu: %.*s", r->text, e.line, e.column, (int)e.message.len,
                     e.message.ptr);
        query_error_deinit(&e);
    }
}

static void test_hostile_nesting_is_refused(void **state)
{
    static const struct {
        const char *head, *repeat, *tail;
    } shapes[] = {
        {"filter ",      "(",    "1"},
        {"filter ",      "not ", "1"},
        {"filter x = ",  "-",    "1"},
        {"filter 1",     "+1",   "" },
        {"filter 2",     "^2",   "" },
        {"filter x in ", "[",    "" },
        {"filter ",      "abs(", "1"},
        {"",             "(",    "a"},
        {"",             "-",    "a"},
        {"filter x = 1", " = 1", "" },
    };
    struct query_options o = options();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        struct buffer text = {0};
        struct query *q = NULL;
        struct query_error e;

        buffer_add_text(&text, shapes[i].head);
        for (int j = 0; j < 20000; j++)
            buffer_add_text(&text, shapes[i].repeat);
        buffer_add_text(&text, shapes[i].tail);
        if (query_parse(buffer_bytes(&text), &o, &q, &e) == ERR_OK)
            query_free(q);
        else
            query_error_deinit(&e);
        buffer_deinit(&text);
    }
}

static void test_names_that_double_are_refused(void **state)
{
    struct query_options o = options();
    struct buffer text = {0};
    struct query *q = NULL;
    struct query_error e;

    (void)state;
    buffer_add_text(&text, "fields 1 as a0");
    for (int i = 1; i < 60; i++)
        buffer_printf(&text, ", a%d + a%d as a%d", i - 1, i - 1, i);
    assert_int_equal(query_parse(buffer_bytes(&text), &o, &q, &e), ERR_QUERY);
    query_error_deinit(&e);
    buffer_deinit(&text);
}

static void test_terms_written_are_read_as_the_same(void **state)
{
    static const struct {
        enum value_state state;
        const char *text;
        size_t len;
        bool negated;
        const char *means;
    } terms[] = {
        {VALUE_TEXT,     "NotAuthorizedException",   22, false, "error = \"NotAuthorizedException\""},
        {VALUE_TEXT,     "a\"b\\c\n\x1b[31m\xff\0z", 14, false,
         "error = \"a\\\"b\\\\c\\n\\x1b[31m\\xff\\x00z\""                                           },
        {VALUE_TEXT,     "it's | # /x/",             12, true,
         "not ispresent(error) or error != \"it's | # /x/\""                                        },
        {VALUE_EMPTY,    "",                         0,  false, "error = \"\""                      },
        {VALUE_ABSENT,   "",                         0,  false, "isabsent(error)"                   },
        {VALUE_ABSENT,   "",                         0,  true,  "not isabsent(error)"               },
        {VALUE_NULL,     "",                         0,  false, "isnull(error)"                     },
        {VALUE_REDACTED, "",                         0,  true,  "not isredacted(error)"             },
    };
    struct query_options o = options();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
        struct buffer text = {0}, wanted = {0};
        struct query *q = NULL;
        struct query_error e;

        query_write_term(&text, FIELD_ERROR, terms[i].state,
                         bytes_make(terms[i].text, terms[i].len), terms[i].negated);
        assert_int_equal(query_parse(buffer_bytes(&text), &o, &q, &e), ERR_OK);
        buffer_printf(&wanted, "filter %s", terms[i].means);
        if (!bytes_equal(query_text(q), buffer_bytes(&wanted)))
            fail_msg("%.*s", (int)query_text(q).len, query_text(q).ptr);
        assert_true(query_is_filter(q));
        query_free(q);
        buffer_deinit(&text);
        buffer_deinit(&wanted);
    }
}

static void test_time_range_is_known(void **state)
{
    struct query_options o = options();
    struct query *q = NULL;
    struct query_error e;
    int64_t from, to, day;

    (void)state;
    assert_true(instant_from_civil(2026, 11, 18, &day));
    assert_int_equal(query_parse(bytes_of("ip: 10:00..10:15"), &o, &q, &e), ERR_OK);
    query_time_range(q, &from, &to);
    assert_int_equal(from, day + 10 * INSTANT_HOUR);
    assert_int_equal(to, day + 10 * INSTANT_HOUR + 15 * INSTANT_MINUTE);
    query_free(q);
    assert_int_equal(query_parse(bytes_of("10:00..10:15 or ip:"), &o, &q, &e), ERR_OK);
    query_time_range(q, &from, &to);
    assert_true(from == INSTANT_NONE && to == INSTANT_NONE);
    query_free(q);
    assert_int_equal(
        query_parse(bytes_of("filter @timestamp > \"2026-11-18T00:00:00Z\" | limit 5"), &o, &q,
                    &e),
        ERR_OK);
    query_time_range(q, &from, &to);
    assert_int_equal(from, day + 1);
    assert_true(to == INSTANT_NONE);
    assert_false(query_is_filter(q));
    query_free(q);
}

static void expect_notice(const char *text, const char *part)
{
    struct query_options o = options();
    struct query *q = NULL;
    struct query_error e;
    bool found = false;

    assert_int_equal(query_parse(bytes_of(text), &o, &q, &e), ERR_OK);
    for (size_t i = 0; i < query_notice_count(q); i++)
        found = found || bytes_find(query_notice(q, i), bytes_of(part)) != SIZE_MAX;
    if (!found)
        fail_msg("%s: no notice says %s", text, part);
    query_free(q);
}

static void test_notices(void **state)
{
    (void)state;
    expect_notice("filter errro = \"x\"", "did you mean error");
    expect_notice("filter event-name = \"x\"", "backticks");
    expect_notice("filter a == 1", "==");
    expect_notice("SOURCE \"g\" START=1740823200000 END=1740826800000 | fields ip",
                  "filter @timestamp >= \"2025-03-01T10:00:00Z\"");
    expect_notice("-- old comment\nfilter a = 1", "--");
    expect_notice("stats count(*) by bin(300s)", "cut to");
    expect_notice("SOURCE \"x\" | fields ip", "SOURCE ignored");
    expect_notice("filter a exists", "exists");
    expect_notice("stats count(*) by ip | sort other desc", "no effect");
    expect_notice("stats count(*) by bin(5m) | sort @timestamp desc",
                  "sort @timestamp after stats");
    expect_notice("filter operation like \"Init%\"", "% in like");
    expect_notice("filter @timestamp > 1795009800", "milliseconds");
    expect_notice("filter now() - 3600 < @timestamp", "milliseconds");
    expect_notice("filter @message like \"Jürgen\"", "beyond ASCII");
    expect_notice("jürgen", "beyond ASCII");
    expect_notice("filter @timestamp > \"2026-11-1\"", "is no time");
    expect_notice("filter \"yesterday\" < @timestamp", "is no time");
    expect_notice("stats max(@timestamp) as t by ip | filter t > \"Nov 1\"", "is no time");
    expect_notice("stats count(*) by bin(1h) as t | filter t > \"2026/11/01\"", "is no time");
    expect_notice("filter @ingestionTime > \"soon\"", "is no time");
    expect_notice("filter @timestamp in [\"2026-11-18\", \"today\"]", "\"today\" is no time");
    expect_notice("stats count(*) by ip | filter error = \"x\"", "before stats");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quick_terms_become_query_text),
        cmocka_unit_test(test_queries_are_read),
        cmocka_unit_test(test_refusals_say_where_and_why),
        cmocka_unit_test(test_hostile_nesting_is_refused),
        cmocka_unit_test(test_names_that_double_are_refused),
        cmocka_unit_test(test_terms_written_are_read_as_the_same),
        cmocka_unit_test(test_time_range_is_known),
        cmocka_unit_test(test_notices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
